"""The command line speaks Swedish, whatever is asked of it, and starts without what it does not need."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from pipelines.cli import kommandorad
from pipelines.cli.app import app
from pipelines.cli.svenska import mening

ENGELSKA = re.compile(
    r"\b(usage|options?|arguments?|commands?|show this|exit|missing|invalid|no such|did you mean|possible|error|input"
    r" should|required|default|bool|list\[|path|str|int)\b",
    re.IGNORECASE,
)
SVENSKA = re.compile(r"(?i)\bargument(et)?\b")


def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["tertial", *arguments])
    with pytest.raises(SystemExit) as left:
        kommandorad.starta(app)
    output = capsys.readouterr()
    return int(left.value.code or 0), output.out + output.err


COMMANDS = ["run", "check", "status", "fel", "generate", "template", "skanna", "gallra", "nyckel", "nyckel byt", "logg"]


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_swedish(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    code, text = said(capsys, monkeypatch, *command.split(), "--help")
    assert code == 0
    assert "Användning: tertial" in text and "Visa den här texten." in text
    assert ENGELSKA.findall(SVENSKA.sub("", text)) == []


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["generat"], "Kommandot generat finns inte. Menade du generate?"),
        (["zzz"], "Kommandot zzz finns inte."),
        (["run", "--onyl", "x"], "Valet --onyl finns inte. Menade du --only?"),
        (["run", "extra"], "Oväntat argument: extra"),
        (["run", "--raw"], "Valet --raw ska följas av ett värde."),
        (["run", "--demo=3"], "Valet --demo tar inget värde."),
        (["check"], "Argumentet FIL saknas."),
        (["generate"], "Valet --kommun saknas."),
        (
            ["generate", "--kommun", "X", "--invanare", "abc", "--manader", "1", "--fro", "1"],
            "Värdet för --invanare ska vara ett heltal.",
        ),
        (
            ["generate", "--kommun", "X", "--invanare", "3", "--manader", "1", "--fro", "1"],
            "Värdet för --invanare ska vara minst 500.",
        ),
        (
            ["generate", "--kommun", "X", "--invanare", "500", "--manader", "999", "--fro", "1"],
            "Värdet för --manader ska vara högst 240.",
        ),
    ],
)
def test_a_wrongly_written_command_is_told_in_swedish_with_code_2(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], wanted: str
) -> None:
    code, text = said(capsys, monkeypatch, *arguments)
    assert code == 2
    assert wanted in text
    assert ENGELSKA.findall(SVENSKA.sub("", text)) == []


def test_a_message_nobody_translated_is_shown_as_it_is() -> None:
    assert mening("Something\n new") == "Something new"


@pytest.mark.parametrize("module", ["polars", "duckdb", "dagster", "great_expectations", "dbt", "pandas", "scipy"])
def test_the_command_line_starts_without_heavy_libraries(module: str) -> None:
    program = f"import pipelines.cli.app, sys; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
