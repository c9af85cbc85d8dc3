"""The publication that a report is made of: its tables with numbered rows, and cells that remember their rows.

Every figure in a report is made by `Underlag.summa` or `Underlag.antal`; `Underlag.prova` computes it again from the
frozen files, so a report that differs from them cannot be written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

import polars as pl

from pipelines.errors import TertialError
from pipelines.frysning.publikation import Publikation
from pipelines.frysning.tillfalle import Tillfalle
from pipelines.rapport import tal
from pipelines.rapport.delar import Cell, Rapport, Ton, Ur

RAD = "_rad"
TOM = Cell("")


@dataclass
class Underlag:
    """One verified publication, opened for reading."""

    publikation: Publikation
    _tabeller: dict[str, pl.DataFrame] = field(default_factory=dict)

    @cached_property
    def tillfalle(self) -> Tillfalle:
        """The occasion."""
        return self.publikation.tillfalle

    def har(self, mart: str) -> bool:
        """Whether the publication has that table, with rows."""
        return self.publikation.har(mart) and self.mart(mart).height > 0

    def mart(self, namn: str) -> pl.DataFrame:
        """A table with its row numbers in `_rad`."""
        if namn not in self._tabeller:
            self._tabeller[namn] = self.publikation.mart(namn).with_row_index(RAD)
        return self._tabeller[namn]

    @cached_property
    def katalog(self) -> Mapping[str, Mapping[str, object]]:
        """The catalogue as it was when the publication was frozen: nyckeltal_id -> its entry."""
        if not self.publikation.har("katalog"):
            return {}
        return {row["nyckeltal_id"]: row for row in self.publikation.mart("katalog").iter_rows(named=True)}

    def decimaler(self, matt_id: str | None, enhet: str | None) -> int | None:
        """How many decimals a figure is printed with; None: as delivered."""
        entry = self.katalog.get(matt_id or "")
        if entry is None:
            return None
        stated = entry["decimaler"]
        return int(str(stated)) if stated is not None else tal.DECIMALER.get(enhet or "")

    def summa(
        self,
        mart: str,
        rader: pl.DataFrame,
        kolumn: str,
        *,
        faktor: float = 1.0,
        decimaler: int | None = None,
        ton: Ton = "",
    ) -> Cell:
        """The sum of a column over some rows of a table: `--` when a hidden one is among them, `-` when there is none."""
        ur = Ur(mart, tuple(rader[RAD].to_list()), kolumn, "summa", faktor, decimaler)
        return Cell(_text(rader, ur), ton, ur)

    def antal(self, mart: str, rader: pl.DataFrame, kolumn: str | None = None, *, ton: Ton = "") -> Cell:
        """How many rows, or how many different values of a column."""
        ur = Ur(mart, tuple(rader[RAD].to_list()), kolumn, "antal", 1.0, 0)
        return Cell(_text(rader, ur), ton, ur)

    def prova(self, rapport: Rapport) -> int:
        """Compute every figure of the report again from the files; how many. TertialError when one differs."""
        proved = 0
        for cell in rapport.celler():
            if cell.ur is None:
                continue
            rows = self.publikation.mart(cell.ur.mart)[list(cell.ur.rader)]
            if _text(rows, cell.ur) != cell.text:
                raise TertialError(
                    f"Rapportens tal {cell.text} är inte publikationens ({cell.ur.mart}.{cell.ur.kolumn}).",
                    "Rapporten skrevs inte. Meddela utvecklarna.",
                )
            proved += 1
        return proved


def _text(rows: pl.DataFrame, ur: Ur) -> str:
    if ur.hur == "antal":
        return tal.tal(rows.height if ur.kolumn is None else rows[ur.kolumn].n_unique(), 0)
    if _dold(rows, str(ur.kolumn)):
        return tal.DOLD
    values = rows[str(ur.kolumn)].drop_nulls()
    if values.is_empty():
        return tal.SAKNAS
    if values.dtype.is_decimal():
        return tal.tal(sum(values.to_list(), Decimal(0)) * Decimal(str(ur.faktor)), ur.decimaler)
    total = float(values.sum())
    return tal.tal(total * ur.faktor if ur.faktor != 1.0 else total, ur.decimaler)


def _dold(rows: pl.DataFrame, kolumn: str) -> bool:
    """Whether a hidden figure is among the rows (a row's status column says so for what it hides)."""
    for name in ("status", "utfall_status"):
        if name in rows.columns:
            return bool(((pl.Series(rows[name]) == "undertryckt") & rows[kolumn].is_null()).any())
    return False
