"""Seams: digits that only meet because two cells lie side by side in a database file's heap of strings.

DuckDB stores a column's texts end to end, the last one first, each once or every time. `18` + `392313` + `3117` then
reads as a number that stands in no cell. A hit in the file's raw bytes that is nothing but such neighbours is no hit;
one that the live cells do not explain (a deleted row's remains) still is. The cells themselves are scanned apart.
"""

from __future__ import annotations

import polars as pl


def hopar(ram: pl.DataFrame) -> list[bytes]:
    """Each text column's cells end to end as a heap may hold them: in row order and backwards, all and each once."""
    joined = []
    for serie in ram.select(pl.selectors.string()):
        cells = serie.drop_nulls()
        for kept in (cells, cells.unique(maintain_order=True)):
            joined += ["".join(kept.to_list()).encode(), "".join(kept.reverse().to_list()).encode()]
    return joined
