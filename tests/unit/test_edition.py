"""An edition of the marts is all there or not there, and its files say what they are."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.errors import TertialError
from pipelines.publication.edition import DATABASE, Mart, publish, verify


def _mart(value: int) -> Mart:
    return Mart("verksamhetsmatt", pl.DataFrame({"varde": [value]}), "Mått", {"varde": "Värdet, 'citerat'"})


def _publish(folder: Path, value: int) -> Path:
    return publish([_mart(value)], folder, {"leveranser": []}, inspect=lambda _: None)


def _seen(folder: Path) -> int:
    with duckdb.connect(str(folder / DATABASE), read_only=True) as connection:
        row = connection.execute("select varde from verksamhetsmatt").fetchone()
    assert row is not None
    assert pl.read_parquet(folder / "verksamhetsmatt.parquet")["varde"][0] == row[0]
    return int(row[0])


def test_a_new_edition_replaces_the_old_one_under_the_same_paths(tmp_path: Path) -> None:
    _publish(tmp_path, 1)
    assert _seen(tmp_path) == 1
    edition = _publish(tmp_path, 2)
    assert _seen(tmp_path) == 2
    assert verify(edition) == []


def test_published_files_cannot_be_written_and_carry_their_descriptions(tmp_path: Path) -> None:
    _publish(tmp_path, 1)
    assert (tmp_path / DATABASE).stat().st_mode & 0o777 == 0o444
    with duckdb.connect(str(tmp_path / DATABASE), read_only=True) as connection:
        comments = connection.execute("select comment from duckdb_columns() where column_name = 'varde'").fetchall()
    assert comments == [("Värdet, 'citerat'",)]


def test_a_failed_inspection_leaves_the_old_edition(tmp_path: Path) -> None:
    _publish(tmp_path, 1)

    def refuse(_: Path) -> None:
        raise TertialError("nej")

    with pytest.raises(TertialError):
        publish([_mart(2)], tmp_path, {}, inspect=refuse)
    assert _seen(tmp_path) == 1
    assert not [path for path in (tmp_path / "utgavor").iterdir() if path.name.startswith(".")]


def test_a_changed_file_is_found(tmp_path: Path) -> None:
    edition = _publish(tmp_path, 1)
    path = edition / "verksamhetsmatt.parquet"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b"x")
    assert verify(edition) == ["verksamhetsmatt.parquet är ändrad sedan den publicerades"]


@pytest.mark.parametrize("stage", ["publicering_skriven", "publicering_stangd"])
def test_killed_while_publishing_the_old_edition_stands_and_the_next_run_wins(tmp_path: Path, stage: str) -> None:
    _publish(tmp_path, 1)
    program = (
        "import sys; from pathlib import Path; import polars as pl;"
        "from pipelines.publication.edition import Mart, publish;"
        "publish([Mart('verksamhetsmatt', pl.DataFrame({'varde': [2]}))], Path(sys.argv[1]), {}, lambda _: None)"
    )
    killed = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], env={**os.environ, "TERTIAL_KRASCH": stage}, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert _seen(tmp_path) == 1
    _publish(tmp_path, 3)
    assert _seen(tmp_path) == 3
    assert not [path for path in (tmp_path / "utgavor").iterdir() if path.name.startswith(".")]
