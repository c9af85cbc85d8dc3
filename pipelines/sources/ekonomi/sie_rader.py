"""Ledger rows of a SIE file, summed over period, account and the dimensions that have a column.

Which records count is decided elsewhere (`sie_utfall`, `sie_perioder`); here they only get their columns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from pipelines.errors import TertialError
from pipelines.sekretess.scanner import hitta
from pipelines.sources.ekonomi.sie_fil import (
    ANSVAR,
    PERSONLIGA,
    PROJEKT,
    RESULTATKLASSER,
    Fynd,
    Objekt,
    Rakenskapsar,
    SieFil,
)
from pipelines.sources.ekonomi.sie_perioder import Kontorad

FRIA_DIMENSIONER = ("verksamhet", "aktivitet", "objekt", "fri", "motpart")

SCHEMA: Mapping[str, pl.DataType] = {
    "rad": pl.Int64(),
    "ar": pl.Int32(),
    "manad": pl.Int32(),
    "version": pl.String(),
    "konto": pl.String(),
    "konto_namn": pl.String(),
    "ansvar": pl.String(),
    "projekt": pl.String(),
    **{dim: pl.String() for dim in FRIA_DIMENSIONER},
    "belopp_kr": pl.Decimal(18, 2),
    "rakenskapsar_start": pl.Date(),
    "rakenskapsar_slut": pl.Date(),
}
"""Columns of `sie_ledger.SieResultat.rader`. `rad` is the first source line of what was summed; `manad` null = the whole fiscal
year, whose `ar` is the calendar year it ends in; the fiscal year is null when the file states none."""


def karta(dimensioner: Mapping[int, str]) -> dict[int, str]:
    """The whole map of dimensions with a column, or a stop that says what is wrong with the setting."""
    fasta = {ANSVAR: "ansvar", PROJEKT: "projekt"}
    for nr, kolumn in dimensioner.items():
        if nr in fasta or nr in PERSONLIGA or nr < 1:
            raise TertialError(
                f"Dimension {nr} kan inte styras till en kolumn.",
                "Dimension 1 och 6 är alltid ansvar och projekt, och 7-9 är personuppgifter; ange kommunens fria dimensioner.",
            )
        if kolumn not in FRIA_DIMENSIONER:
            raise TertialError(
                f"Dimension {nr} är satt till en kolumn som inte finns.",
                f"Välj någon av {', '.join(FRIA_DIMENSIONER)}.",
            )
    dubbla = [kolumn for kolumn, antal in Counter(dimensioner.values()).items() if antal > 1]
    if dubbla:
        raise TertialError(
            f"Flera dimensioner är satta till {', '.join(dubbla)}.", "Ge varje dimension en egen kolumn."
        )
    return {**fasta, **dimensioner}


_Nyckel = tuple[str, Rakenskapsar | None, int | None, str, tuple[str | None, ...]]


@dataclass(slots=True)
class _Summa:
    rad: int
    belopp: Decimal


class Rader:
    """Ledger rows, summed over period, account and the dimensions that have a column."""

    def __init__(self, karta: Mapping[int, str], fil: SieFil) -> None:
        self._fil = fil
        self.lasta = frozenset(karta)
        self._platser = {nr: [*karta.values()].index(kolumn) for nr, kolumn in karta.items()}
        self._kolumner = list(karta.values())
        self._summor: dict[_Nyckel, _Summa] = {}
        self._koder: dict[Objekt, tuple[str | None, ...]] = {}
        self._utan_kolumn: set[int] = set()
        self._andra_klasser: Counter[str] = Counter()

    def lagg(self, version: str, ar: Rakenskapsar | None, rader: Iterable[Kontorad]) -> None:
        """Add disjoint pieces; accounts outside classes 3-8 are counted, not kept."""
        for rad, period, konto, objekt, belopp in rader:
            if konto[0] not in RESULTATKLASSER:
                self._andra_klasser[konto[0]] += 1
                continue
            koder = self._koder.get(objekt)
            if koder is None:
                koder = self._koder[objekt] = self._koder_av(objekt)
            nyckel = (version, ar, period, konto, koder)
            summa = self._summor.get(nyckel)
            if summa is None:
                self._summor[nyckel] = _Summa(rad, belopp)
            else:
                summa.belopp += belopp

    def prova_koder(self, fynd: Fynd) -> None:
        """Finding SIE-026: a code of ansvar, projekt ... that is a personnummer."""
        koder_i_bruk = {kod for koder in self._koder.values() for kod in koder if kod is not None}
        personliga = {kod for kod in koder_i_bruk if hitta(kod)}
        if not personliga:
            return
        for (_, _, _, _, koder), summa in self._summor.items():
            for kolumn, kod in zip(self._kolumner, koder, strict=True):
                if kod in personliga:
                    fynd.add(
                        "SIE-026",
                        summa.rad,
                        kolumn,
                        "En kod liknar ett personnummer och läses inte in.",
                        "Byt koden i ekonomisystemet mot en som inte pekar ut en person och exportera filen igen.",
                    )

    def noter_om_utelamnat(self, fil: SieFil) -> None:
        if self._utan_kolumn:
            nummer = ", ".join(map(str, sorted(self._utan_kolumn)))
            fil.noter.append(
                f"Dimension {nummer} har ingen kolumn i kommunens inställning; raderna är summerade över den."
            )
        klasser = {klass: antal for klass, antal in self._andra_klasser.items() if klass not in "12"}
        if klasser:
            vilka = ", ".join(f"{antal} rader i kontoklass {klass}" for klass, antal in sorted(klasser.items()))
            fil.noter.append(f"Utanför resultatkontona (klass 3-8) och därför inte med: {vilka}.")

    def frame(self) -> pl.DataFrame:
        """All rows as `SCHEMA`, in file order."""
        poster = sorted(self._summor.items(), key=lambda post: post[1].rad)
        nycklar = [nyckel for nyckel, _ in poster]
        kolumner: dict[str, list[object]] = {
            "rad": [summa.rad for _, summa in poster],
            "ar": [period // 100 if period else ar.slut.year if ar else None for _, ar, period, _, _ in nycklar],
            "manad": [period % 100 if period else None for _, _, period, _, _ in nycklar],
            "version": [version for version, *_ in nycklar],
            "konto": [konto for _, _, _, konto, _ in nycklar],
            "konto_namn": [self._fil.konton.get(konto) for _, _, _, konto, _ in nycklar],
            "belopp_kr": [summa.belopp for _, summa in poster],
            "rakenskapsar_start": [ar.start if ar else None for _, ar, *_ in nycklar],
            "rakenskapsar_slut": [ar.slut if ar else None for _, ar, *_ in nycklar],
        }
        for plats, kolumn in enumerate(self._kolumner):
            kolumner[kolumn] = [koder[plats] for *_, koder in nycklar]
        tomma: list[object] = [None] * len(poster)
        return pl.DataFrame([pl.Series(namn, kolumner.get(namn, tomma), dtype=typ) for namn, typ in SCHEMA.items()])

    def _koder_av(self, objekt: Objekt) -> tuple[str | None, ...]:
        koder: list[str | None] = [None] * len(self._kolumner)
        for nr, kod in objekt:
            if nr in self._platser:
                koder[self._platser[nr]] = kod.strip() or None
            elif nr not in PERSONLIGA:
                self._utan_kolumn.add(nr)
        return tuple(koder)
