"""The occasions of a municipality's calendar: which one is meant, which day it ends, whether it is over.

The calendar itself is data (`deploy/tertial.toml`). What is published at an occasion stands in `frysning`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipelines.errors import TertialError
from pipelines.katalog.kommuner import Kommun, uppslag
from pipelines.settings import Konfig

RUBRIK = {"delar1": "Delårsrapport 1", "delar2": "Delårsrapport 2", "bokslut": "Bokslut"}


@dataclass(frozen=True, slots=True)
class Tillfalle:
    """One occasion of one municipality in one year; `slut` is the last day that it covers."""

    kommun_kod: str
    kommun: str
    namn: str
    ar: int
    slut: date

    @property
    def mapp(self) -> Path:
        """Folder of its revisions, below `publikationer/`."""
        return Path(self.kommun_kod) / f"{self.ar}-{self.namn}"

    @property
    def rubrik(self) -> str:
        """Its name in a report, e.g. "Delårsrapport 2 2025"."""
        return f"{RUBRIK.get(self.namn, self.namn.capitalize())} {self.ar}"


def kommun(text: str, kommuner: Mapping[str, Kommun]) -> Kommun:
    """The municipality that a code or a name means; TertialError when there is none."""
    code = uppslag(dict(kommuner)).get(text.strip().lower())
    if code is None:
        raise TertialError(
            f"Kommunen {text!r} är okänd.", "Ange kommunens namn eller fyrsiffriga kod, t.ex. --kommun Solna."
        )
    return kommuner[code]


def valj(konfig: Konfig, en: Kommun, namn: str, ar: int | None, idag: date) -> Tillfalle:
    """The occasion asked for: in the stated year, else the latest one that is over.

    TertialError when the calendar has no such occasion, or when its period is not over yet.
    """
    calendar = {key: _slut(key, day) for key, day in konfig.tillfallen(en.kommun_kod).items()}
    if namn not in calendar:
        listed = ", ".join(f"{key} (till {day:%d} {MANAD[day.month - 1]})" for key, day in calendar.items())
        raise TertialError(
            f"Tillfället {namn!r} finns inte i kalendern för {en.kommun}.",
            f"Välj bland: {listed or 'inga'}. Kalendern står i deploy/tertial.toml, [tillfallen].",
        )
    day = calendar[namn]
    year = ar if ar is not None else idag.year - (day.replace(year=idag.year) > idag)
    slut = day.replace(year=year)
    if slut > idag:
        raise TertialError(
            f"Perioden för {namn} {year} är inte slut förrän {slut:%Y-%m-%d}.",
            "Vänta till dess, eller ange ett annat år med --ar.",
        )
    return Tillfalle(en.kommun_kod, en.kommun, namn, year, slut)


MANAD = ("januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december")  # fmt: skip


def _slut(namn: str, text: str) -> date:
    """MM-DD of some common year (29 February is not a day that every year has)."""
    try:
        return date.fromisoformat(f"2001-{text}")
    except ValueError:
        raise TertialError(
            f"Inställningen tillfallen: {namn} = {text!r} är inte en dag.", "Skriv MM-DD i deploy/tertial.toml."
        ) from None
