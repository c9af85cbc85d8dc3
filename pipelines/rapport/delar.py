"""What a report consists of: sections of texts, tables and diagrams, with the source of every figure.

Both the Word file and the PDF are made from these and nothing else. No figure is computed here and no layout chosen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import ceil
from typing import Any, Literal

Ton = Literal["", "bra", "mellan", "dalig", "gra", "fet"]
AVSNITT = (
    "mal", "ekonomi", "prognos", "matt", "enkater", "internkontroll", "andringar", "datakvalitet", "utelamnat", "kallor",
)  # fmt: skip
"""The sections by id, in their order; an occasion may lack some."""


@dataclass(frozen=True, slots=True)
class Ur:
    """Where a printed figure comes from: rows of one table in the publication (0-based) and what was done with them.

    hur  summa: the sum of the column times `faktor`; antal: the number of rows (of distinct values if kolumn is given)
    """

    mart: str
    rader: tuple[int, ...]
    kolumn: str | None
    hur: Literal["summa", "antal"] = "summa"
    faktor: float = 1.0
    decimaler: int | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text, its tone (colour, always together with a word) and the figure's source, if it is a figure."""

    text: str
    ton: Ton = ""
    ur: Ur | None = None


@dataclass(frozen=True, slots=True)
class Kolumn:
    """One column: heading, relative width, and whether it holds figures (aligned to the right)."""

    rubrik: str
    bredd: float = 1.0
    tal: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; `cells` are the figures that its text holds."""

    text: str
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Lista:
    """A bulleted list."""

    punkter: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tabell:
    """A table with its caption; `fot` is a note under it."""

    rubrik: str
    kolumner: tuple[Kolumn, ...]
    rader: tuple[tuple[Cell, ...], ...]
    fot: str = ""

    @property
    def hel(self) -> bool:
        """Whether it is short enough to stand on one page whole; longer ones are broken between rows."""
        total = sum(one.bredd for one in self.kolumner)
        wide = [max(1, int(TECKEN_PER_RAD * one.bredd / total)) for one in self.kolumner]
        lines = (max(ceil(len(cell.text) / width) for cell, width in zip(row, wide, strict=True)) for row in self.rader)
        return sum(max(1, one) for one in lines) <= HEL

    def utan_tomma(self) -> Tabell:
        """The same table without the columns of figures that hold none."""
        kept = [
            number
            for number, column in enumerate(self.kolumner)
            if not column.tal or any(row[number].text not in {"", "-"} for row in self.rader)
        ]
        rows = tuple(tuple(row[number] for number in kept) for row in self.rader)
        return replace(self, kolumner=tuple(self.kolumner[number] for number in kept), rader=rows)


@dataclass(frozen=True, slots=True)
class Diagram:
    """A chart as a Vega-Lite specification with its caption and its text for those who do not see it."""

    rubrik: str
    alt: str
    spec: dict[str, Any]


HEL = 9
"""Printed lines of a table that is kept in one piece."""
TECKEN_PER_RAD = 150
"""About how many characters a table holds across the page."""

Block = Text | Lista | Tabell | Diagram


@dataclass(frozen=True, slots=True)
class Avsnitt:
    """A section. `id` is what a municipality's own template can place by name."""

    id: str
    rubrik: str
    block: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Rapport:
    """The whole report. `tid` is when its publication was frozen: the same publication gives the same bytes."""

    titel: str
    undertitel: str
    kommun: str
    period: str
    tid: datetime
    fakta: tuple[tuple[str, str], ...]
    avsnitt: tuple[Avsnitt, ...] = field(default_factory=tuple)

    def celler(self) -> Iterator[Cell]:
        """Every cell of every table, and every figure in a text."""
        for section in self.avsnitt:
            for block in section.block:
                if isinstance(block, Tabell):
                    for row in block.rader:
                        yield from row
                elif isinstance(block, Text):
                    yield from block.cells
