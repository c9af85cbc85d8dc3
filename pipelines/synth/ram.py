"""The frame of a generated municipality: name, size, months, seed, and the random streams drawn from the seed.

Dates are numpy datetime64 (days "D", months "M") everywhere in this room; amounts are integers in öre.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.errors import TertialError

Heltal = npt.NDArray[np.int64]
Flyttal = npt.NDArray[np.float64]
Sant = npt.NDArray[np.bool_]
Datum = npt.NDArray[np.datetime64]
Rng = np.random.Generator

EXEMPELBY = "Exempelby"
EXEMPELBY_KOD = "9998"
SISTA_MANAD = date(2025, 8, 1)
INGET_DATUM = np.datetime64("NaT", "D")


@dataclass(frozen=True, slots=True)
class Ram:
    """What is to be generated: `manader` whole months that end with `slut`, for `invanare` inhabitants."""

    kommun: str
    kommun_kod: str
    invanare: int
    manader: int
    fro: int
    slut: date

    def __post_init__(self) -> None:
        if not 1_000 <= self.invanare <= 20_000_000:
            raise TertialError("Antal invånare ska vara mellan 1 000 och 20 000 000.", "Ange till exempel 80000.")
        if not 1 <= self.manader <= 240:
            raise TertialError("Antal månader ska vara mellan 1 och 240.", "Ange till exempel 36.")
        if not (self.kommun_kod.isascii() and self.kommun_kod.isdigit() and len(self.kommun_kod) == 4):
            raise TertialError("Kommunkoden ska ha fyra siffror.", "Ange till exempel 9998.")
        if self.fro < 0:
            raise TertialError("Fröet ska vara ett heltal som inte är negativt.", "Ange till exempel 1.")

    @property
    def sista(self) -> np.datetime64:
        """Last month, datetime64[M]."""
        return np.datetime64(self.slut, "M")

    @property
    def forsta(self) -> np.datetime64:
        """First month, datetime64[M]."""
        return self.sista - np.timedelta64(self.manader - 1, "M")

    @property
    def forsta_dag(self) -> np.datetime64:
        """First day of the first month."""
        dag: np.datetime64 = self.forsta.astype("datetime64[D]")
        return dag

    @property
    def sista_dag(self) -> np.datetime64:
        """Last day of the last month; nothing is known after it."""
        dag: np.datetime64 = manadsslut(self.sista)
        return dag

    @property
    def forsta_datum(self) -> date:
        """First day as a date."""
        antal = self.slut.year * 12 + self.slut.month - self.manader
        return date(antal // 12, antal % 12 + 1, 1)

    @property
    def sista_datum(self) -> date:
        """Last day as a date."""
        return date(self.slut.year + self.slut.month // 12, self.slut.month % 12 + 1, 1) - timedelta(days=1)

    @property
    def skala(self) -> float:
        """Size against the reference municipality of 80 000 inhabitants that every rate is stated for."""
        return self.invanare / 80_000

    @property
    def manadslista(self) -> Datum:
        """All months, datetime64[M], shape (manader,)."""
        return np.arange(self.forsta, self.sista + np.timedelta64(1, "M"), dtype="datetime64[M]")

    @property
    def ar(self) -> tuple[int, ...]:
        """Every calendar year that the months touch."""
        return tuple(range(arstal(self.forsta), arstal(self.sista) + 1))

    def strom(self, namn: str) -> Rng:
        """An independent random stream per purpose: adding one never changes what another draws."""
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence([self.fro, crc32(namn.encode())])))


def arstal(manad: np.datetime64) -> int:
    """Calendar year of a date or month."""
    return int(manad.astype("datetime64[Y]").astype(np.int64)) + 1970


def manadsslut(manad: Any) -> Any:
    """Last day of the month(s)."""
    return (manad.astype("datetime64[M]") + np.timedelta64(1, "M")).astype("datetime64[D]") - np.timedelta64(1, "D")


def dagar(antal: Any) -> Any:
    """Whole days as timedelta64[D]; the fraction is cut."""
    return np.asarray(antal).astype(np.int64).astype("timedelta64[D]")


def plus_manader(dag: Datum, manader: int) -> Datum:
    """Same day `manader` later, clamped to that month's end (domain.md section 4)."""
    manad = dag.astype("datetime64[M]")
    mal = manad + np.timedelta64(manader, "M")
    onskad = mal.astype("datetime64[D]") + (dag - manad.astype("datetime64[D]"))
    slut: Datum = np.minimum(onskad, manadsslut(mal))
    return slut


def utan_framtid(dag: Datum, sista: np.datetime64) -> Datum:
    """What is not known yet on `sista` becomes NaT."""
    return np.where(dag > sista, INGET_DATUM, dag).astype("datetime64[D]")


def dagkolumn(dag: Datum) -> pl.Series:
    """Dates or months as a polars Date column; NaT becomes null."""
    return pl.Series(dag.astype("datetime64[D]").astype("datetime64[ms]")).cast(pl.Date)
