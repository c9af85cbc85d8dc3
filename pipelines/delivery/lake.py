"""The lake: accepted rows as immutable Parquet, one file per delivery and table. What is in force stands in `ledger`."""

from __future__ import annotations

from hashlib import file_digest
from pathlib import Path

import polars as pl

from pipelines import durable, settings
from pipelines.contracts.lake import lake_schema
from pipelines.contracts.model import Tabell
from pipelines.sekretess import radfil

SCHEMA_FILE = radfil.SCHEMAFIL


def write_rows(lake: Path, tabell: Tabell, leverans_id: str, rows: pl.DataFrame) -> tuple[str, str]:
    """Write a delivery's accepted rows of one table; (file name, sha256). `rows` has exactly the lake schema."""
    wanted = lake_schema(tabell)
    if dict(rows.schema) != wanted:
        differing = sorted(set(wanted.items()) ^ set(rows.schema.items()), key=str)
        raise TypeError(f"{tabell.namn}: rows do not have the lake schema: {differing}")
    folder = durable.restricted_dir(lake / tabell.namn)
    path = folder / f"{leverans_id}.parquet"
    _write(path, rows)
    with path.open("rb") as handle:
        return path.name, file_digest(handle, "sha256").hexdigest()


def ensure_schema(lake: Path, tabell: Tabell) -> None:
    """Make sure the table can be read when nothing has been delivered: a file with its columns and no rows."""
    folder = durable.restricted_dir(lake / tabell.namn)
    path = folder / SCHEMA_FILE
    wanted = lake_schema(tabell)
    if path.is_file() and dict(radfil.skanna(path).collect_schema()) == wanted:
        return
    _write(path, pl.DataFrame(schema=wanted))


def _write(path: Path, rows: pl.DataFrame) -> None:
    key = radfil.zonens_nyckel() if settings.kryptera() else None
    durable.write_with(path, lambda temporary: radfil.skriv(temporary, rows, key))


def scope_key(tabell: Tabell) -> pl.Expr:
    """What a row replaces, as text: the table's `ersatter` columns joined by |; a register without a year is `hela`."""
    if not tabell.ersatter:
        columns = {one.lake_namn for one in tabell.kolumner if one.i_lake}
        year = pl.col("ar").cast(pl.String) if "ar" in columns else pl.lit(None, dtype=pl.String)
        return pl.coalesce(year, pl.lit("hela")).alias("omfattning")
    parts = []
    for name in tabell.ersatter:
        column = next(one for one in tabell.kolumner if one.lake_namn == name)
        text = pl.col(name).dt.strftime("%Y-%m") if column.typ == "manad" else pl.col(name).cast(pl.String)
        parts.append(text.fill_null(""))
    return pl.concat_str(parts, separator="|").alias("omfattning")
