"""From tidy rows to a Tabell: cells by key, and the relations that the dimensions imply.

Each row is one printed figure at one point of the dimensions, totals included as members of their dimension.
A row that is not there is missing, never zero. Links between measures belong to `beskrivning`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from pipelines.errors import TertialError
from pipelines.sekretess.rojande import perioder
from pipelines.sekretess.rojande.serier import lanka
from pipelines.sekretess.rojande.tabell import Cell, Kvot, Relation, Serie, Slag, Tabell, summa

Punkt = tuple[str, ...]

_DAG = re.compile(r"\d{4}-\d{2}-\d{2}")  # a figure at a point in time (a stock) lies on a day, not in a period


@dataclass(frozen=True, slots=True)
class Dimension:
    """One axis of the table.

    kolumn  column of the frame; None when the table lacks the axis and lies at member `fast` (linked margins)
    summor  total -> one or more ways it is made up: {"totalt": (("kvinna", "man"),)}
    period  the members are periods: identities follow from the calendar and `summor` is not used
    """

    kolumn: str | None
    summor: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    period: bool = False
    fast: str = ""

    def hojd(self, medlem: str) -> int:
        """Importance of a member: how many levels it stands above the leaves; for periods a year above its parts."""
        if self.period:
            if _DAG.fullmatch(medlem):
                return 0
            return int(perioder.tolka(medlem).manader >= 12)
        return (
            1 + max((self.hojd(b) for satt in self.summor[medlem] for b in satt), default=-1)
            if medlem in self.summor
            else 0
        )


def nyckel(matt: str, punkt: Iterable[str]) -> str:
    """The identity of a figure: measure and members, joined by `|`."""
    return "|".join(led.replace("|", "¦") for led in (matt, *punkt))


def bygg(
    frame: pl.DataFrame,
    dimensioner: Mapping[str, Dimension],
    matt: str = "antal",
    *,
    varde: str = "varde",
    slag: Slag = "antal",
    n: str | None = None,
    storsta: str | None = None,
    enkat: bool = False,
    netto: Collection[str] = (),
    fristaende: Collection[str] = (),
    tryckt: bool = True,
    undre: int | None = 0,
    rattas_fritt: bool = False,
    per_manad: int | None = None,
    grund: str | None = None,
    flyttar: Collection[str] = (),
) -> Tabell:
    """One measure as a Tabell.

    frame         one row per figure; `varde` (whole numbers, null = missing), `n` and `storsta` name columns
    netto         dimensions over which the measure counts distinct persons: inequalities, but a sum where it is one
    fristaende    dimensions over which nothing follows at all (stocks over time)
    tryckt        False: the figures are carried for their ratios only and are never printed themselves
    per_manad, grund  who is behind what an amount grows by (`tabell.Serie`)
    flyttar       dimensions in which one belongs to the part where one was last, with all that one had before
    The same figure on two rows (month and cumulative January) is one cell.
    Raises TertialError for a figure with two values, an amount without its n, a value that is not whole, and sums that do not hold.
    """
    celler: dict[Punkt, Cell] = {}
    axlar = list(dimensioner.values())
    for rad in frame.iter_rows(named=True):
        punkt = tuple(str(rad[axel.kolumn]) if axel.kolumn else axel.fast for axel in axlar)
        tal = rad[varde]
        if tal is not None and tal != int(tal):
            raise TertialError(f"{nyckel(matt, punkt)} är inte ett heltal.", "Ange belopp i hela kronor eller tkr.")
        if n and tal is not None and rad[n] is None:
            raise TertialError(
                f"{nyckel(matt, punkt)} har ett värde men inget antal bakom det.", f"Fyll kolumnen {n} i marten."
            )
        cell = Cell(
            nyckel(matt, punkt),
            None if tal is None else int(tal),
            slag=slag,
            status="saknas" if tal is None else "publicerbar" if tryckt else "ej_tryckt",
            vikt=sum(axel.hojd(medlem) for axel, medlem in zip(axlar, punkt, strict=True)),
            n=int(rad[n]) if n and rad[n] is not None else None,
            storsta=None if storsta is None or rad[storsta] is None else round(rad[storsta]),
            enkat=enkat,
            undre=undre,
            rattas_fritt=rattas_fritt,
        )
        if celler.setdefault(punkt, cell).varde != cell.varde:
            raise TertialError(f"{cell.nyckel} förekommer på två rader med olika värden.", "Rätta martens nyckel.")
    bygge = _Bygge(slag, {p: c for p, c in celler.items() if c.varde is not None}, per_manad, grund)
    bygge.flyttar = [(index, axel.summor) for index, (namn, axel) in enumerate(dimensioner.items()) if namn in flyttar]
    for index, (namn, axel) in enumerate(dimensioner.items()):
        if namn not in fristaende:
            bygge.axel(index, axel, additiv=namn not in netto)
    return Tabell((*celler.values(), *bygge.rester.values()), tuple(bygge.relationer), serier=tuple(bygge.serier))


class _Bygge:
    """The relations of one measure and the never printed remainders they need."""

    def __init__(self, slag: Slag, celler: dict[Punkt, Cell], per_manad: int | None, grund: str | None) -> None:
        self.slag, self.celler, self.per_manad, self.grund = slag, celler, per_manad, grund
        self.flyttar: list[tuple[int, Collection[str]]] = []
        self.rester: dict[str, Cell] = {}
        self.relationer: list[Relation] = []
        self.serier: list[Serie] = []

    def axel(self, index: int, axel: Dimension, additiv: bool) -> None:
        for medlemmar in self._serier(index):
            if axel.period:
                self._serie(index, medlemmar, additiv)
                continue
            for total in sorted(set(axel.summor) & set(medlemmar)):
                for satt in axel.summor[total]:
                    finns = [medlemmar[del_] for del_ in satt if del_ in medlemmar]
                    if finns:
                        self._summa(medlemmar[total], finns, additiv, f"rest {satt[0]}…")

    def _serier(self, index: int) -> Iterator[dict[str, Cell]]:
        grupper: dict[Punkt, dict[str, Cell]] = {}
        for punkt, cell in self.celler.items():
            grupper.setdefault(punkt[:index] + punkt[index + 1 :], {})[punkt[index]] = cell
        yield from grupper.values()

    def _serie(self, index: int, medlemmar: dict[str, Cell], additiv: bool) -> None:
        i_tid = sorted(medlemmar, key=perioder.tolka)
        ledd = next(iter(medlemmar.values())).nyckel.split("|")
        ledd[index + 1] = "*"
        nycklar = tuple((namn, medlemmar[namn].nyckel) for namn in i_tid)
        flyttar = any(ledd[plats + 1] not in helheter for plats, helheter in self.flyttar)
        serie = Serie("|".join(ledd), nycklar, not additiv, self.per_manad, self.grund, flyttar)
        self.serier.append(serie)
        rester, relationer = lanka(serie, {cell.nyckel: cell for cell in medlemmar.values()})
        self.rester.update({rest.nyckel: rest for rest in rester})
        self.relationer += relationer

    def _rest(self, namn: str, varde: int) -> str:
        if varde < 0 and self.slag == "antal":
            raise TertialError(
                f"{namn}: delarna är fler än summan.", "Rätta underlaget eller beskriv måttet som netto."
            )
        self.rester[namn] = Cell(namn, varde, self.slag, "ej_tryckt", undre=0 if self.slag == "antal" else None)
        return namn

    def _summa(self, total: Cell, delar: list[Cell], additiv: bool, rest: str) -> None:
        """A part without a row is taken to be nobody; in a net measure where the sum holds nobody is counted twice."""
        nycklar = [cell.nyckel for cell in delar]
        skillnad = (total.varde or 0) - sum(cell.varde or 0 for cell in delar)
        if not additiv and skillnad:
            self.relationer += [Relation(((total.nyckel, 1), (one, -1)), ">=") for one in nycklar]
            if skillnad < 0:
                self.relationer.append(Relation((*((one, 1) for one in nycklar), (total.nyckel, -1)), ">="))
            return
        if skillnad:  # rows that are missing, or a category that has no row: computable all the same
            nycklar.append(self._rest(f"{total.nyckel}~{rest}", skillnad))
        self.relationer.append(summa(total.nyckel, nycklar))


def forena(tabeller: Iterable[Tabell]) -> Tabell:
    """Linked tables as one set: a figure with the same key is one cell and must have one value.

    A cell printed in one table and only carried in another counts as printed.
    """
    celler: dict[str, Cell] = {}
    relationer: dict[Relation, None] = {}
    kvoter: dict[str, Kvot] = {}
    serier: dict[str, Serie] = {}
    for tabell in tabeller:
        for cell in tabell.celler:
            tidigare = celler.setdefault(cell.nyckel, cell)
            if tidigare.varde != cell.varde:
                raise TertialError(f"{cell.nyckel} har olika värden i två tabeller som hör ihop.", "Rätta underlaget.")
            if cell.status == "publicerbar" and tidigare.status == "ej_tryckt":
                celler[cell.nyckel] = cell
            elif cell.tidigare is not None and tidigare.tidigare is None:
                celler[cell.nyckel] = replace(tidigare, tidigare=cell.tidigare)
        relationer.update(dict.fromkeys(tabell.relationer))
        kvoter.update({kvot.nyckel: kvot for kvot in tabell.kvoter})
        for serie in tabell.serier:
            forr = serier.get(serie.nyckel, serie)
            serier[serie.nyckel] = replace(
                serie,
                per_manad=serie.per_manad or forr.per_manad,
                grund=serie.grund or forr.grund,
                flyttar=serie.flyttar or forr.flyttar,
            )
    return Tabell(tuple(celler.values()), tuple(relationer), tuple(kvoter.values()), tuple(serier.values()))
