"""The exact Parquet schema of a lake table, made from its contract.

The zero-row `_schema.parquet`, the reader and the tests all take it from here. How a cell becomes a value stands
in `reading`; where files lie stands in `delivery`.
"""

from __future__ import annotations

import polars as pl

from pipelines.contracts.model import PSEUDONYM_TYPER, Kolumn, Tabell

_TYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "kod": pl.String(),
    "fritext": pl.String(),
    "heltal": pl.Int64(),
    "belopp": pl.Decimal(18, 2),
    "datum": pl.Date(),
    "manad": pl.Date(),
    "ar": pl.Int32(),
    "ja_nej": pl.Boolean(),
    "fodelsedatum": pl.Int32(),  # the year only
    **dict.fromkeys(PSEUDONYM_TYPER, pl.String()),
}


def lake_type(kolumn: Kolumn) -> pl.DataType:
    """The Polars type of one column in the lake (`decimal` has the contract's number of decimals)."""
    if kolumn.typ == "decimal":
        return pl.Decimal(18, kolumn.decimaler)
    return _TYPES[kolumn.typ]


def lake_schema(tabell: Tabell) -> dict[str, pl.DataType]:
    """Lake column -> type: the contract's columns in order, then what every accepted row carries.

    A table with a birth date gets `gallring_undantag` (true when any of the row's persons is born on day 5, 15
    or 25); then `kommun_kod`, `leverans_id`, `rad` (1-based row in the file) and `omfattning` (scope key).
    """
    schema = {one.lake_namn: lake_type(one) for one in tabell.kolumner if one.i_lake}
    if any(one.typ == "fodelsedatum" for one in tabell.kolumner):
        schema["gallring_undantag"] = pl.Boolean()
    schema |= {"kommun_kod": pl.String(), "leverans_id": pl.String(), "rad": pl.Int64(), "omfattning": pl.String()}
    return schema
