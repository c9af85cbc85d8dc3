"""The snippets of docs/analytiker.md that can run here do run, and close what the page says they close."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.publication.edition import Mart, publish
from pipelines.settings import PROJECT_DIR

SIDAN = (PROJECT_DIR / "docs/analytiker.md").read_text(encoding="utf-8")


def _kod(sprak: str) -> str:
    return re.findall(rf"```{sprak}\n(.*?)```", SIDAN, re.DOTALL)[0]


@pytest.fixture
def plats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    fasta = {"kommun": ["Exempelby"], "nyckeltal_id": ["eb_hushall"], "visas": ["--"], "periodtyp": ["ack"]}
    frame = pl.DataFrame(fasta | {"organisation": ["Totalt"], "period_slut": ["2024-12-31"]})
    publish([Mart("nyckeltal", frame)], tmp_path / "data/marts", {}, inspect=lambda _: None)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_python_snippet(plats: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rum: dict[str, object] = {}
    exec(compile(_kod("python"), "docs/analytiker.md", "exec"), rum)  # noqa: S102 - the page's own code
    assert "Exempelby" in capsys.readouterr().out
    connection = rum["con"]
    assert isinstance(connection, duckdb.DuckDBPyConnection)
    with pytest.raises(duckdb.Error):
        connection.execute("select * from read_text('/etc/hostname')").fetchall()


def test_the_terminal_snippet(plats: Path) -> None:
    """The real program, as a reader would type it, and then what a pasted line could try."""
    flykter = [
        ".shell touch ute", ".output ute", ".read /etc/hostname", ".open ute", "select * from read_text('/etc/hostname');",
        "copy nyckeltal to 'ute';", "attach 'ute';", "set enable_external_access = true;", "create table x as select 1;",
    ]  # fmt: skip
    program, *flaggor = _kod("sh").split()
    command = [str(Path(sys.executable).with_name(program)), *flaggor, "-csv", "-no-init"]
    done = subprocess.run(command, input=_kod("sql"), capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["kommun,period_slut,visas", "Exempelby,2024-12-31,--"]
    for flykt in flykter:
        done = subprocess.run(command, input=f".safe_mode\n{flykt}\n", capture_output=True, text=True, check=False)
        assert done.stderr and not done.stdout, flykt
    assert not (plats / "ute").exists()


@pytest.mark.parametrize("ord_", ["enable_external_access", "lock_configuration"])
def test_every_client_is_told_to_lock(ord_: str) -> None:
    for avsnitt in re.split(r"\n## ", SIDAN)[1:]:
        assert ord_ in avsnitt or "strängen ovan" in avsnitt, avsnitt.splitlines()[0]
