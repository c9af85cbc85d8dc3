"""Tabell: the linked set of figures that is published together, as cells and the relations between them.

The only thing suppressor and auditor share. It holds facts (values, relations, what was shown before),
never a decision: rules live in `primar`, patterns in `undertryck`, attacks in `granskare`. How a tidy
frame becomes a Tabell belongs to `bygge` and `beskrivning`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any, Literal

from pipelines.errors import TertialError

Slag = Literal["antal", "belopp"]
Status = Literal["publicerbar", "saknas", "ej_tryckt"]
Tidigare = Literal["visad", "dold"]
Tecken = Literal["=", ">="]


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of the linked set.

    nyckel    identity; the same figure in two tables has the same key and is one cell
    varde     whole number (persons, cases, days; amounts in whole kronor or tkr), None only when missing
    slag      antal (a count: zero is shown, so a hidden one is at least 1) or belopp (an amount)
    status    publicerbar: has a place in print; saknas: no figure, printed `-`; ej_tryckt: never printed but
              computable from print if we are careless (increments, revisions, the numerator behind a share)
    vikt      publish first: a larger class is offered to the public before a smaller one
    n         contributors behind an amount (persons, households, providers); counts are their own n
    storsta   largest single contribution to an amount, same unit as varde
    enkat     the count is the number who answered a survey: the survey rule applies instead of the threshold
    tidigare  visad / dold in an earlier publication; None: never published before
    undre     smallest value anybody may assume without seeing the table (None: may be negative)
    rattas_fritt  a correction of the amount is nobody's amount (the hours of a whole staff)
    """

    nyckel: str
    varde: int | None
    slag: Slag = "antal"
    status: Status = "publicerbar"
    vikt: int = 0
    n: int | None = None
    storsta: int | None = None
    enkat: bool = False
    tidigare: Tidigare | None = None
    undre: int | None = 0
    rattas_fritt: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """Sum of coefficient x cell is zero (`=`) or not negative (`>=`).

    By convention the first term of an equality is the total that the others make up.
    Inequalities carry net counts: persons in a year are at least those of any month.
    """

    termer: tuple[tuple[str, int], ...]
    tecken: Tecken = "="


@dataclass(frozen=True, slots=True)
class Kvot:
    """A printed ratio: `skala` x taljare / (`delare` x namnare) rounded to `decimaler` (share: skala 100; mean: skala 1).

    namnare is a cell key or a constant (mean over 12 months). komplement is the cell namnare - taljare of a
    share, None for means and unit costs. `delare` is 100 when the täljare is carried in öre. `medel` tells the primary rule which of the two kinds it is.
    """

    nyckel: str
    taljare: str
    namnare: str | int
    komplement: str | None = None
    decimaler: int = 0
    skala: int = 100
    delare: int = 1
    medel: bool = False
    tidigare: Tidigare | None = None


@dataclass(frozen=True, slots=True)
class Serie:
    """One figure followed over periods: (period label, cell key) in time order; netto when it counts persons once.

    Kept so that publications can be linked that hold different periods of the same series. What an amount grows by
    between two periods is an amount too, of those who got it: per_manad is the most that one of them can add in a
    month, grund the measure whose growth at the same point tells how many they are. Neither: nobody's (hours of a staff).
    flyttar: they may come from another part of the table, with all that they had before.
    """

    nyckel: str
    medlemmar: tuple[tuple[str, str], ...]
    netto: bool = False
    per_manad: int | None = None
    grund: str | None = None
    flyttar: bool = False

    @property
    def vaxer_med_personer(self) -> bool:
        """Whether what it grows by is somebody's amount."""
        return not self.netto and (self.per_manad is not None or self.grund is not None)


def summa(total: str, delar: Iterable[str]) -> Relation:
    """The relation total = sum of the parts."""
    return Relation(((total, 1), *((del_, -1) for del_ in delar)))


@dataclass(frozen=True)
class Tabell:
    """Cells, relations and ratios; refuses values that contradict the relations (`TertialError`)."""

    celler: tuple[Cell, ...]
    relationer: tuple[Relation, ...] = ()
    kvoter: tuple[Kvot, ...] = ()
    serier: tuple[Serie, ...] = ()
    register: Mapping[str, Cell] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        register = {cell.nyckel: cell for cell in self.celler}
        object.__setattr__(self, "register", register)
        if len(register) != len(self.celler):
            raise TertialError("Tabellen har två celler med samma nyckel.", "Rätta tabellbeskrivningen.")
        for cell in self.celler:
            if (cell.varde is None) != (cell.status == "saknas"):
                raise TertialError(f"Cellen {cell.nyckel} saknar värde utan att vara märkt som saknad, eller tvärtom.")
            if cell.slag == "antal" and cell.status == "publicerbar" and (cell.varde or 0) < 0:
                raise TertialError(f"Cellen {cell.nyckel} är ett antal men negativ.", "Rätta underlaget.")
        for relation in self.relationer:
            self._prova(relation)
        for kvot in self.kvoter:
            if kvot.nyckel in register:
                raise TertialError(f"Kvoten {kvot.nyckel} har samma nyckel som en cell.")
            for lank in (kvot.taljare, kvot.namnare, kvot.komplement):
                if isinstance(lank, str) and lank not in register:
                    raise TertialError(f"Kvoten {kvot.nyckel} hänvisar till en cell som inte finns: {lank}.")

    def _prova(self, relation: Relation) -> None:
        rest = 0
        for nyckel, koefficient in relation.termer:
            cell = self.register.get(nyckel)
            if cell is None or cell.varde is None:
                raise TertialError(f"En relation hänvisar till {nyckel}, som inte finns eller saknar värde.")
            rest += koefficient * cell.varde
        if rest != 0 and (relation.tecken == "=" or rest < 0):
            nycklar = ", ".join(nyckel for nyckel, _ in relation.termer[:6])
            raise TertialError(
                f"Värdena motsäger en relation mellan {nycklar}.",
                "Rätta underlaget eller beskriv måttet som netto.",
            )

    def varde(self, nyckel: str) -> int:
        """The true value of a cell that has one."""
        varde = self.register[nyckel].varde
        if varde is None:
            raise KeyError(nyckel)
        return varde

    def namnarens_varde(self, kvot: Kvot) -> int:
        """The true nämnare, cell or constant."""
        return kvot.namnare if isinstance(kvot.namnare, int) else self.varde(kvot.namnare)

    def tryckt(self, kvot: Kvot) -> Fraction:
        """The ratio exactly as it must be printed: rounded half up. The nämnare must not be zero."""
        namnare, steg = kvot.delare * self.namnarens_varde(kvot), 10**kvot.decimaler
        return Fraction((2 * kvot.skala * self.varde(kvot.taljare) * steg + namnare) // (2 * namnare), steg)

    def som_dict(self) -> dict[str, Any]:
        """Everything as plain data for the restricted publication ledger (holds hidden values: never publish)."""
        return {
            "celler": [asdict(cell) for cell in self.celler],
            "relationer": [[relation.tecken, [list(term) for term in relation.termer]] for relation in self.relationer],
            "kvoter": [asdict(kvot) for kvot in self.kvoter],
            "serier": [
                [
                    serie.nyckel,
                    serie.netto,
                    [list(par) for par in serie.medlemmar],
                    serie.per_manad,
                    serie.grund,
                    serie.flyttar,
                ]
                for serie in self.serier
            ],
        }

    @classmethod
    def fran_dict(cls, data: Mapping[str, Any]) -> Tabell:
        """The inverse of `som_dict`."""
        return cls(
            celler=tuple(Cell(**cell) for cell in data["celler"]),
            relationer=tuple(
                Relation(tuple((nyckel, koefficient) for nyckel, koefficient in termer), tecken)
                for tecken, termer in data["relationer"]
            ),
            kvoter=tuple(Kvot(**kvot) for kvot in data["kvoter"]),
            serier=tuple(
                Serie(nyckel, tuple((period, cell) for period, cell in medlemmar), netto, *vaxt)
                for nyckel, netto, medlemmar, *vaxt in data["serier"]
            ),
        )
