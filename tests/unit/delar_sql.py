"""The room's SQL models run for themselves: dbt compiles them (once per version of the project), DuckDB runs them on
tables made in a test. No lake, no build.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import duckdb
import polars as pl

from pipelines.settings import DBT_DIR
from pipelines.warehouse.dbt import project_fingerprint


@cache
def kompilerat() -> dict[str, str]:
    """Model name -> the SQL that dbt runs."""
    root = Path(tempfile.gettempdir()) / f"tertial-sql-{os.getuid()}"
    root.mkdir(mode=0o700, exist_ok=True)
    with (root / "las").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = root / project_fingerprint()[:16]
        if not (folder / "klar").is_file():
            for old in root.iterdir():
                if old.is_dir():
                    shutil.rmtree(old, ignore_errors=True)
            _compile(folder)
            (folder / "klar").touch()
        return {path.stem: path.read_text(encoding="utf-8") for path in (folder / "compiled").rglob("models/**/*.sql")}


def _compile(folder: Path) -> None:
    folder.mkdir()
    place = ["--project-dir", str(DBT_DIR), "--profiles-dir", str(DBT_DIR), "--target-path", str(folder)]
    done = subprocess.run(
        [str(Path(sys.executable).with_name("dbt")), "compile", "--quiet", "--log-path", str(folder / "logs"), *place],
        env={**os.environ, "TERTIAL_LAKE": str(folder), "TERTIAL_LAGER": str(folder / "lager.duckdb")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise AssertionError(f"dbt compile failed:\n{done.stdout[-3000:]}{done.stderr[-2000:]}")


def lager(tabeller: Mapping[str, pl.DataFrame]) -> duckdb.DuckDBPyConnection:
    """An empty warehouse with these tables, named as in the warehouse: "intermediate.int_prognos__serier"."""
    connection = duckdb.connect()
    connection.execute("attach ':memory:' as lager; use lager")
    for schema in ("staging", "intermediate", "nyckeltal", "marts", "seeds"):
        connection.execute(f"create schema if not exists {schema}")
    for name, frame in tabeller.items():
        lagg_in(connection, name, frame)
    return connection


def lagg_in(connection: duckdb.DuckDBPyConnection, namn: str, frame: pl.DataFrame) -> None:
    """Put one table there (replacing it)."""
    connection.from_arrow(frame.to_arrow()).create(f"lager.{namn}")


def kor(connection: duckdb.DuckDBPyConnection, modeller: Sequence[str]) -> None:
    """Run the models in this order into the schemas they have ("intermediate.int_prognos__val")."""
    for namn in modeller:
        connection.execute(f"create or replace table lager.{namn} as {kompilerat()[namn.partition('.')[2]]}")


def seed(sokvag: str, **typer: pl.DataType) -> pl.DataFrame:
    """A committed seed as text columns, but for the types given."""
    frame = pl.read_csv(DBT_DIR / "seeds" / sokvag, infer_schema=False)
    return frame.with_columns(pl.col(name).cast(typ) for name, typ in typer.items())
