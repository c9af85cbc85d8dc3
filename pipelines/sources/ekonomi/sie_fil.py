"""What a SIE file says, typed, whichever format it came in (SIE 4 text or SIE 5 XML).

No reading and no reckoning here. Free texts, signatures, addresses and the codes of personal dimensions have no
place in these types: what has no field cannot leak.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from pipelines.errors import DeliveryRefused, Fel

ANSVAR, PROJEKT, ANSTALLD, KUND, LEVERANTOR = 1, 6, 7, 8, 9
PERSONLIGA = frozenset({ANSTALLD, KUND, LEVERANTOR})
"""Dimensions that name a person (a sole trader's supplier number is a personnummer): no code gets past `Objektlistor`."""
PERSONLIGA_NOT = "Uppgifter om anställd, kund eller leverantör (dimension 7, 8 och 9) lästes inte in."

RESULTATKLASSER = frozenset("345678")
"""Kommun-Bas account classes of income and cost; 1 and 2 are the balance sheet."""

Objekt = tuple[tuple[int, str], ...]
"""(dimension, code) pairs, sorted by dimension."""
Periodslag = Literal["PSALDO", "PBUDGET"]
Saldoslag = Literal["IB", "UB", "RES"]


class Rakenskapsar(NamedTuple):
    """A fiscal year: the file's own number (0 = the current one, -1 = the one before) and its first and last day."""

    arsnr: int
    start: date
    slut: date

    def har_datum(self, datum: date) -> bool:
        return self.start <= datum <= self.slut

    def har_period(self, period: int) -> bool:
        """`period` is YYYYMM."""
        return self.start.year * 100 + self.start.month <= period <= self.slut.year * 100 + self.slut.month

    def text(self) -> str:
        return f"{self.start.isoformat()}–{self.slut.isoformat()}"


class Saldo(NamedTuple):
    """A whole-year figure of an account, kr in ledger sign (debit +)."""

    rad: int
    slag: Saldoslag
    arsnr: int
    konto: str
    belopp: Decimal


class Periodpost(NamedTuple):
    """The change in one period (YYYYMM; None = the whole fiscal year) of an account and its objects, kr, debit +."""

    rad: int
    slag: Periodslag
    arsnr: int
    period: int | None
    konto: str
    objekt: Objekt
    belopp: Decimal


class Transaktion(NamedTuple):
    """One counted voucher row, kr, debit +."""

    rad: int
    datum: date
    konto: str
    objekt: Objekt
    belopp: Decimal


@dataclass(slots=True)
class SieFil:
    """A whole file. `foretag` and `orgnr` are None when they belong, or may belong, to a person."""

    fil: str
    sietyp: str
    kodning: str
    program: str | None = None
    foretag: str | None = None
    orgnr: str | None = None
    omfattning: date | None = None
    kontrollsumma: bool = False
    oavslutad: str | None = None
    """Tag of the last record when it carries an amount and its line has no end."""
    verifikationer: int = 0
    rakenskapsar: list[Rakenskapsar] = field(default_factory=list)
    konton: dict[str, str | None] = field(default_factory=dict)
    saldon: list[Saldo] = field(default_factory=list)
    periodposter: list[Periodpost] = field(default_factory=list)
    transaktioner: list[Transaktion] = field(default_factory=list)
    noter: list[str] = field(default_factory=list)


class Fynd:
    """Findings of one file: the first few of each rule are listed, the rest counted; any finding refuses the file."""

    LISTADE = 10

    def __init__(self, fil: str) -> None:
        self.fil = fil
        self._listade: dict[str, list[Fel]] = {}
        self._antal: dict[str, int] = {}

    def add(self, regel: str, rad: int | None, kolumn: str | None, fel: str, atgard: str) -> None:
        """Note one finding. Neither text may hold the content of a field."""
        self._antal[regel] = self._antal.get(regel, 0) + 1
        listade = self._listade.setdefault(regel, [])
        if len(listade) < self.LISTADE:
            listade.append(
                Fel(
                    regel=regel,
                    niva="kritisk",
                    utgang="avvisa_leverans",
                    fil=self.fil,
                    fel=fel,
                    atgard=atgard,
                    rad=rad,
                    kolumn=kolumn,
                )
            )

    def refuse(self) -> None:
        """Raise `DeliveryRefused` if anything was found; the last listed finding of a rule stands for the unlisted."""
        alla: list[Fel] = []
        for regel, listade in self._listade.items():
            olistade = self._antal[regel] - len(listade)
            alla.extend([*listade[:-1], replace(listade[-1], antal=1 + olistade)])
        if alla:
            raise DeliveryRefused(alla)


class Objektlistor:
    """Object lists as `Objekt`; the codes of personal dimensions become a running number known only in memory.

    The number keeps two employees apart while duplicates are looked for; it never reaches a row or a message.
    """

    def __init__(self) -> None:
        self._nummer: dict[tuple[int, str], str] = {}

    @property
    def personliga(self) -> bool:
        """Whether any code of a personal dimension was met."""
        return bool(self._nummer)

    def objekt(self, delar: list[str]) -> Objekt | None:
        """[dimension, code, dimension, code ...] to pairs; None if it is no such list."""
        if len(delar) % 2:
            return None
        par: dict[int, str] = {}
        for dim, kod in zip(delar[::2], delar[1::2], strict=True):
            if not (dim.isascii() and dim.isdigit() and len(dim) <= 4):
                return None
            nr = int(dim)
            if nr in par:
                return None
            par[nr] = self._dold(nr, kod) if nr in PERSONLIGA else kod
        return tuple(sorted(par.items()))

    def _dold(self, nr: int, kod: str) -> str:
        return self._nummer.setdefault((nr, kod), str(len(self._nummer) + 1))
