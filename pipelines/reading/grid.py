"""A text grid: what every format becomes before anybody asks what it means.

One `Blad` is one rectangle of text cells with the row numbers a person sees. No types, no contract here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl


def kolumnnamn(index: int) -> str:
    """The grid's own name of column `index` (0-based); headers are data until the layout is known."""
    return f"k{index}"


@dataclass(frozen=True, slots=True)
class Blad:
    """One sheet, or one delimited file, as text.

    celler        Utf8 columns k0..kn; an empty cell is "" or null
    rader         Int64, same height: 1-based row as counted in a text editor or in Excel
    namn          sheet name; None for a delimited file
    kalkylblad    True when the cells come from a workbook (serial dates are possible)
    tal_kolumner  columns (0-based) that hold a number stored as a number, with the rows where (a few)
    text_kolumner the rows of the text cells of those columns (the header is often one)
    procent_kolumner columns with numbers shown as per cent, with the last row where
    enheter       columns with numbers that only their format shows as thousands: tkr, mkr
    bas_1904      the workbook counts days from 1904
    sammanslagna  rows with merged cells
    dolda         how many rows with cells are hidden, by a filter or by hand
    dolt          whether the sheet itself is hidden
    """

    celler: pl.DataFrame
    rader: pl.Series
    namn: str | None = None
    kalkylblad: bool = False
    tal_kolumner: dict[int, tuple[int, ...]] = field(default_factory=dict)
    text_kolumner: dict[int, tuple[int, ...]] = field(default_factory=dict)
    procent_kolumner: dict[int, int] = field(default_factory=dict)
    enheter: dict[int, str] = field(default_factory=dict)
    bas_1904: bool = False
    sammanslagna: tuple[int, ...] = ()
    dolda: int = 0
    dolt: bool = False

    @property
    def benamning(self) -> str:
        """The sheet in a sentence; a hidden one nobody would find else."""
        return f"”{self.namn}” (dolt)" if self.dolt else f"”{self.namn}”"

    @property
    def bredd(self) -> int:
        """Number of columns."""
        return self.celler.width

    def overst(self, antal: int) -> list[tuple[int, list[str]]]:
        """The first `antal` rows as (row number, stripped cells)."""
        top = self.celler.head(antal)
        return [
            (row, ["" if cell is None else cell.strip() for cell in cells])
            for row, cells in zip(self.rader.head(antal).to_list(), top.iter_rows(), strict=True)
        ]
