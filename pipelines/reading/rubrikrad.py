"""Which row is the header of which table, and which contract column each of its cells names.

Headers are compared by the contract's own spelling rule (`contracts.stavning.normal`). What is wrong with the best
row is told by `layout`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from pipelines.contracts.begrepp import BredLayout, Contract, Kolumn, Tabell
from pipelines.contracts.stavning import normal
from pipelines.reading.delimited import MAX_TITELRADER
from pipelines.reading.grid import Blad

AVKAPAD = 11  # some systems cut every header at this length
PYNT = " *:\t\n\r"
_ENHET = re.compile(r" ?\((kr|tkr|mnkr|mkr)\)$")  # "Belopp (tkr)"


@dataclass(frozen=True, slots=True)
class BredTraff:
    """A wide column: grid index, its pattern, and what the header said (contract column -> text)."""

    index: int
    monster: BredLayout
    grupper: dict[str, str]


@dataclass(slots=True)
class Kandidat:
    """One row looked at as the header of one table."""

    tabell: Tabell
    rad: int
    kolumner: dict[str, list[int]] = field(default_factory=dict)
    breda: list[BredTraff] = field(default_factory=list)
    ignorerade: list[int] = field(default_factory=list)
    okanda: list[int] = field(default_factory=list)

    @property
    def saknade(self) -> list[Kolumn]:
        """Required columns that neither the header nor anything else gives."""
        given = {namn for one in self.kolumner for namn in (one, *self.tabell.kolumn(one).ger)}
        for one in self.breda:
            if not one.monster.ackumulerad:  # compared, never loaded: it gives nothing
                given |= {one.monster.varde_kolumn, *one.monster.fasta, *one.grupper}
        return [
            k
            for k in self.tabell.kolumner
            if k.obligatorisk and k.namn not in given and k.standard is None and not harledd(self.tabell, k, given)
        ]

    @property
    def poang(self) -> tuple[bool, int, int, int]:
        """Better is larger: complete, many columns, few unknown, early."""
        hits = len(self.kolumner) + len(self.breda)
        return (not self.saknade, hits - len(self.okanda), hits, -self.rad)


def personprefix(namn: str) -> str:
    """Prefix of the columns that belong to the person column `namn`: person -> "", sokande -> "sokande_"."""
    return "" if namn == "person" else f"{namn}_"


def harledd(tabell: Tabell, kolumn: Kolumn, given: set[str]) -> bool:
    """Whether a missing kon or birth date can be taken from a person number that is there."""
    if not (kolumn.typ == "fodelsedatum" or kolumn.namn.endswith("kon")):
        return False
    return any(
        one.typ == "person"
        and one.namn in given
        and kolumn.namn in (f"{personprefix(one.namn)}kon", f"{personprefix(one.namn)}fodelsedatum")
        for one in tabell.kolumner
    )


def bast(blad: Blad, contract: Contract) -> Kandidat | None:
    """The best header candidate of all tables and top rows; None when no row has two known headers (or all of them)."""
    known = {tabell.namn: tabell.rubriker() for tabell in contract.tabeller}
    found: list[Kandidat] = []
    for index, (_, cells) in enumerate(blad.overst(MAX_TITELRADER + 1)):
        filled = sum(1 for cell in cells if cell)
        if not filled:
            continue
        for tabell in contract.tabeller:
            one = _match(tabell, known[tabell.namn], index, cells)
            hits = len(one.kolumner) + len(one.breda)
            if hits >= 2 and hits * 2 >= filled - len(one.ignorerade):
                found.append(one)
        if any(not one.saknade and not one.okanda for one in found):
            break
    return max(found, key=lambda one: one.poang, default=None)


@cache
def _patterns(tabell_id: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(one) for one in tabell_id)


def _match(tabell: Tabell, known: dict[str, Kolumn], rad: int, cells: Sequence[str]) -> Kandidat:
    cut = max((len(cell) for cell in cells), default=0) == AVKAPAD
    one = Kandidat(tabell, rad)
    for index, cell in enumerate(cells):
        text = normal(cell.strip(PYNT))
        if not text:
            continue
        if text not in known and "-\n" in cell:  # broken over two lines of the cell
            text = normal(cell.strip(PYNT).replace("-\n", ""))
        if text not in known:
            text = _ENHET.sub(r" \1", text)
        column = known.get(text) or (_by_prefix(text, known) if cut and len(cell) == AVKAPAD else None)
        if column is not None:
            one.kolumner.setdefault(column.namn, []).append(index)
        elif (wide := _wide(tabell, index, text)) is not None:
            one.breda.append(wide)
        elif any(pattern.fullmatch(text) for pattern in _patterns(tabell.ignorera)):
            one.ignorerade.append(index)
        else:
            one.okanda.append(index)
    return one


def _by_prefix(text: str, known: dict[str, Kolumn]) -> Kolumn | None:
    """The one column whose header begins with the cut text."""
    hits = {column.namn: column for spelling, column in known.items() if spelling.startswith(text)}
    return next(iter(hits.values())) if len(hits) == 1 else None


def _wide(tabell: Tabell, index: int, text: str) -> BredTraff | None:
    for one in tabell.bred:
        if match := _patterns((one.monster,))[0].fullmatch(text):
            groups = {
                name: one.oversatt.get(name, {}).get(value, value)
                for name, value in match.groupdict().items()
                if value is not None
            }
            if len(groups.get("ar", "")) == 2:  # jan-25, as a spreadsheet writes a month; in cells too (`tider`)
                groups["ar"] = f"20{groups['ar']}"
            return BredTraff(index, one, groups)
    return None
