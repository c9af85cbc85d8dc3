"""Great Expectations in a process of its own: its answers, its death, its silence about values."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines import granskning_child
from pipelines.errors import TertialError
from pipelines.guard.process import Granskprocess
from pipelines.guard.rules import load_expectations
from pipelines.settings import PROJECT_DIR


@pytest.fixture(scope="module")
def process() -> Iterator[Granskprocess]:
    one = Granskprocess()
    one.starta()
    yield one
    one.stang()


@pytest.fixture
def lager(tmp_path: Path) -> Path:
    """A warehouse file with an empty schema: every rule deviates, since no mart exists."""
    path = tmp_path / "lager.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
    return path


def test_every_rule_of_the_layer_is_answered_in_order_and_told_as_it_is_done(
    process: Granskprocess, lager: Path
) -> None:
    told: list[str] = []
    process.fraga("marts", lager.parent, fil=lager)
    checks = list(process.svar(told.append))
    rules = [rule.id for listed in load_expectations("marts").values() for rule in listed]
    assert [one.regel_id for one in checks] == rules == told
    assert {one.utfall for one in checks} == {"avviker"}
    process.fraga("marts", lager.parent, fil=lager)  # the same process answers again
    assert list(process.svar(told.append)) == checks


def test_a_file_that_cannot_be_opened_is_an_error_in_our_words(process: Granskprocess, tmp_path: Path) -> None:
    process.fraga("marts", tmp_path, fil=tmp_path / "finns_inte.duckdb")
    with pytest.raises(TertialError, match="finns inte"):
        list(process.svar(lambda _: None))


def test_a_library_s_message_never_leaves_the_child(tmp_path: Path) -> None:
    """DuckDB names the file and what stood in it; only the kind of error and our own place in the code come out."""
    (tmp_path / "hemlig_19121212").mkdir()
    answers = io.StringIO()
    question = json.dumps({"lager": "raw", "sjo": str(tmp_path), "gallande": [["bara ett"]]})
    granskning_child.svara(io.StringIO(question + "\n"), answers)
    (said,) = (json.loads(line) for line in answers.getvalue().splitlines())
    assert ("Oväntat fel" in said["fel"] and "granskning_child.py" in said["fel"]) or "gallande.py" in said["fel"]
    assert "hemlig" not in answers.getvalue() and "bara ett" not in answers.getvalue()


def test_a_killed_child_is_told_and_the_next_question_starts_another(lager: Path) -> None:
    process = Granskprocess()
    barn = process.starta()
    barn.send_signal(signal.SIGKILL)
    barn.wait()
    process.fraga("marts", lager.parent, fil=lager)
    with pytest.raises(TertialError, match="dess process dog"):
        list(process.svar(lambda _: None))
    assert process.starta() is not barn
    process.stang()


def test_the_child_ends_with_its_parent() -> None:
    """A run that is killed leaves no process behind: the child's input ends."""
    parent = subprocess.Popen(
        [
            sys.executable, "-c",
            "from pipelines.guard.process import Granskprocess; import time; p = Granskprocess();"
            "print(p.starta().pid, flush=True); time.sleep(60)",
        ],
        stdout=subprocess.PIPE, text=True, cwd=PROJECT_DIR,
    )  # fmt: skip
    assert parent.stdout is not None
    child = os.pidfd_open(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    try:
        import select

        assert select.select([child], [], [], 60)[0], "the child is still there"
    finally:
        os.close(child)
        parent.stdout.close()
