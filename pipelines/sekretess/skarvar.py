"""Seams: digits in a database file's heap of strings that are no number where they stand.

DuckDB stores a column's texts end to end, in an order and with a deduplication of its own. `18` + `392313` + `3117`
then reads as a number that stands in no cell. A hit in the file's raw bytes that is nothing but the end of one live
cell, whole live cells and the beginning of another, all of one column, is no hit; nor is one inside a live cell (ten
digits in a row of a checksum: 0.2 % of them read as a number), for the cells themselves are scanned apart, in
full. One that the live cells cannot explain (the remains of a deleted row) still is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import polars as pl

LANGST: Final = 24  # no written form of a number is longer
_LANG_RAD: Final = re.compile(rb"[0-9]{6}[-+ .]?[0-9]{4}")


@dataclass(slots=True)
class Kolumnceller:
    """The texts of one column: whole ones that fit inside a hit, how cells begin and end, and those a hit fits inside."""

    hela: set[bytes] = field(default_factory=set)
    borjan: set[bytes] = field(default_factory=set)
    slut: set[bytes] = field(default_factory=set)
    rymliga: set[bytes] = field(default_factory=set)

    def lagg_till(self, celler: Iterable[str]) -> None:
        """Add the column's distinct texts."""
        for cell in celler:
            text = cell.encode()
            if len(text) <= LANGST:
                self.hela.add(text)
            if _LANG_RAD.search(text):
                self.rymliga.add(text)
            for langd in range(1, min(len(text), LANGST) + 1):
                self.borjan.add(text[:langd])
                self.slut.add(text[-langd:])

    def forklarar(self, funnet: bytes) -> bool:
        """Whether `funnet` is part of a cell of this column, or cells of it side by side."""
        if any(funnet in text for text in self.rymliga):
            return True
        nadda = {langd for langd in range(1, len(funnet)) if funnet[:langd] in self.slut}
        for plats in range(1, len(funnet)):
            if plats in nadda:
                if funnet[plats:] in self.borjan:
                    return True
                nadda |= {slut for slut in range(plats + 1, len(funnet)) if funnet[plats:slut] in self.hela}
        return False


class Skarvar:
    """The text columns of one database, collected while its cells are scanned."""

    def __init__(self) -> None:
        self._kolumner: dict[tuple[str, str], Kolumnceller] = {}

    def lagg_till(self, tabell: str, ram: pl.DataFrame) -> None:
        """Add one batch of a table's rows."""
        for serie in ram.select(pl.selectors.string()):
            celler = self._kolumner.setdefault((tabell, serie.name), Kolumnceller())
            celler.lagg_till(serie.drop_nulls().unique().to_list())

    def forklarar(self, funnet: bytes) -> bool:
        """Whether any one column explains what was found."""
        return any(celler.forklarar(funnet) for celler in self._kolumner.values())
