"""Which rows of an edition belong to a municipality's report of an occasion: its own, no outcome after the last day.

Budget, forecast and plan of the whole year stay. Nothing is computed here: rows are kept or left out.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipelines.frysning.tillfalle import Tillfalle

NATIONELL = "0000"  # deliveries that belong to no municipality (Kolada)
KVALITET = {"datakvalitet", "leveranser", "sdc_audit"}
"""Tables about the edition itself: kept whole for the municipality, never compared."""


def rader(mart: str, frame: pl.DataFrame, tillfalle: Tillfalle) -> pl.DataFrame:
    """The rows of one mart that the publication holds, in the mart's own order."""
    if "kommun_kod" in frame.columns:
        mine = pl.col("kommun_kod") == tillfalle.kommun_kod
        if mart in KVALITET:
            mine = mine | pl.col("kommun_kod").is_null() | (pl.col("kommun_kod") == NATIONELL)
        frame = frame.filter(mine)
    return frame.filter(_i_tid(frame, tillfalle))


def _i_tid(frame: pl.DataFrame, tillfalle: Tillfalle) -> pl.Expr:
    columns = set(frame.columns)
    outcome = pl.col("version") == "utfall" if "version" in columns else pl.lit(True)
    if "tillfalle_slut" in columns:
        late = pl.col("tillfalle_slut") > tillfalle.slut
    elif "period_slut" in columns:
        late = outcome & (pl.col("period_slut") > tillfalle.slut)
    elif {"ar", "manad"} <= columns:
        month = pl.coalesce(pl.col("manad"), pl.lit(12))
        late = outcome & (pl.col("ar") * 12 + month > tillfalle.ar * 12 + tillfalle.slut.month)
    elif "ar" in columns:
        late = pl.col("ar") > tillfalle.ar
    else:
        return pl.lit(True)
    return ~late.fill_null(False)


def alla(utgava: Path) -> dict[str, pl.DataFrame]:
    """Every table of an edition's folder."""
    return {path.stem: pl.read_parquet(path) for path in sorted(utgava.glob("*.parquet"))}


def marter(utgava: Path, tillfalle: Tillfalle) -> dict[str, pl.DataFrame]:
    """Every table of an edition's folder, as the publication holds it."""
    return {name: rader(name, frame, tillfalle) for name, frame in alla(utgava).items()}
