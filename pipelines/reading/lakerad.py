"""The last step: typed, pseudonymised rows -> exactly the lake's schema.

Birth dates become years here, and nowhere later; which rows are accepted is decided before (`rows`).
"""

from __future__ import annotations

import polars as pl

from pipelines.contracts.begrepp import Tabell
from pipelines.contracts.lake import lake_schema

GALLRING_DAGAR = (5, 15, 25)  # birth days that are exempted from retention


def till_lake(frame: pl.DataFrame, tabell: Tabell, kommun_kod: str | None, leverans_id: str) -> pl.DataFrame:
    """The lake's exact schema: birth dates to years, defaults of absent columns to null, scope and delivery columns."""
    born = [k for k in tabell.kolumner if k.typ == "fodelsedatum"]
    present = [pl.col(k.namn).dt.day().is_in(GALLRING_DAGAR) for k in born if k.namn in frame.columns]
    if born:
        exempt = pl.any_horizontal(present).fill_null(False) if present else pl.lit(False)
        frame = frame.with_columns(exempt.alias("gallring_undantag"))
        frame = frame.with_columns(
            pl.col(k.namn).dt.year().cast(pl.Int32).alias(k.lake_namn) for k in born if k.namn in frame.columns
        )
    scope = [
        pl.col(name).cast(pl.String)
        if name != "manad" or frame.schema[name] != pl.Date
        else pl.col(name).dt.strftime("%Y-%m")
        for name in tabell.ersatter
        if name in frame.columns
    ]
    whole = pl.concat_str(scope, separator="|", ignore_nulls=True) if scope else pl.lit("")
    frame = frame.with_columns(
        pl.lit(kommun_kod, dtype=pl.String).alias("kommun_kod"),
        pl.lit(leverans_id, dtype=pl.String).alias("leverans_id"),
        pl.when(whole == "").then(pl.lit("hela")).otherwise(whole).alias("omfattning"),
    )
    return frame.select(
        (pl.col(name).cast(dtype) if name in frame.columns else pl.lit(None, dtype=dtype)).alias(name)
        for name, dtype in lake_schema(tabell).items()
    )
