"""Strict reading of a person's identity number: personnummer, samordningsnummer, reservnummer -> one canonical form.

What does not belong here: searching for numbers in running text (`scanner`), pseudonyms (`pseudonym`). Nothing here
raises or returns a text that holds the number except the field `kanonisk`, which no repr shows.

Rules: Folkbokföringslagen 18 and 18 a §§ (Skatteverket, SKV 704 and 707): YYMMDD-NNNC, day + 60 for a
samordningsnummer, individual number 001-999, Luhn check digit, `+` instead of `-` from the year the person turns 100.

`idag` is the day the delivery was *extracted*, never the day it is read: a 10-digit number carries no century, so an
old delivery read again next year must give the same person (and the same pseudonym) as it did the first time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, Literal, get_args

if TYPE_CHECKING:
    import polars as pl

Slag = Literal["personnummer", "samordningsnummer", "reservnummer"]
Kon = Literal["kvinna", "man"]
Felkod = Literal[
    "saknas",  # empty cell
    "tecken",  # digits that are not ASCII, or other characters outside printable ASCII
    "flyttal",  # a spreadsheet made a number of it: 200101011234.0, 2,00E+11
    "format",  # neither 10 nor 12 digits with an optional - or + before the last four, nor an accepted reservnummer
    "sekel",  # + on a person younger than 100 that year, or a birth year before FORSTA_AR
    "datum",  # no such day
    "framtid",  # born after `idag`
    "lopnummer",  # individual number 000 is never given
    "kontrollsiffra",
]

_Svar = tuple[str | None, Slag | None, date | None, Kon | None, Felkod | None]
"""kanonisk, slag, fodelsedatum, kon, felkod: a plain row, for a column has hundreds of thousands of them."""

FORSTA_AR: Final = 1840
"""Earliest birth year: nobody who lived when the numbers were introduced (1947) was older than this."""

RESERVMONSTER: Final[tuple[str, ...]] = (r"(?P<fodd>\d{8})-?(?P<lopnummer>[A-Z]{2}\d{2})",)
"""Accepted reservnummer unless the contract says otherwise: birth date, two letters, two digits (the TF numbers of
municipal case systems). There is no national standard, so a contract lists its own system's patterns. Full match on
upper-case ASCII; the optional group `fodd` (YYYYMMDD) must be a real day; `-` and `+` are dropped from the canonical
form. A pattern never gets to see a text that could be a mistyped personnummer (all digits, century 18-20)."""

_SIFFROR: Final = re.compile(r"([0-9]{2})?([0-9]{2})([0-9]{2})([0-9]{2})([-+]?)([0-9]{3})([0-9])")
_FLYTTAL: Final = re.compile(r"[-+]?[0-9]+(?:[.,][0-9]+)?[eE][-+]?[0-9]+|[0-9]{9,12}[.,][0-9]*")
_PAR: Final = {f"{a}{b}": (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)[a] + b for a in range(10) for b in range(10)}


@dataclass(frozen=True, slots=True, repr=False)
class Personnummer:
    """A number that holds.

    kanonisk      12 ASCII characters, YYYYMMDDNNNC (reservnummer: as its pattern says, upper case, no separator). Secret.
    fodelsedatum  None when a reservnummer carries none
    kon           from the ninth digit; None for a reservnummer
    """

    kanonisk: str
    slag: Slag
    fodelsedatum: date | None
    kon: Kon | None

    def __repr__(self) -> str:
        return f"Personnummer({self.slag}, •••)"


@dataclass(frozen=True, slots=True)
class Avslag:
    """A number that does not hold, and why. Never the value."""

    felkod: Felkod


def luhn_stammer(siffror: str) -> bool:
    """Whether the last of these ASCII digits (an even number of them) is the Luhn check digit of the others."""
    return sum([_PAR[siffror[plats : plats + 2]] for plats in range(0, len(siffror), 2)]) % 10 == 0


def tolka(text: str | None, idag: date, reservmonster: Sequence[str] = RESERVMONSTER) -> Personnummer | Avslag:
    """One cell, as text. Blanks around it are ignored, nothing else is repaired."""
    kanonisk, slag, fodelsedatum, kon, felkod = _tolkare(idag, reservmonster)(text)
    if kanonisk is None or slag is None:
        return Avslag(felkod or "format")
    return Personnummer(kanonisk, slag, fodelsedatum, kon)


def tolka_kolumn(varden: pl.Series, idag: date, reservmonster: Sequence[str] = RESERVMONSTER) -> pl.DataFrame:
    """A column of text, row for row; the work is done once per distinct value.

    Returns kanonisk (String, secret), slag (String), fodelsedatum (Date), kon (String), felkod (String; null = holds),
    same length and order as `varden`. Raises TypeError unless the column is text: a number column has already lost
    leading zeros or gained decimals.
    """
    import polars as pl  # here: the command line's log filter needs this module, not polars

    if varden.dtype != pl.String:
        raise TypeError(f"personnummer must be read as text, not {varden.dtype}")
    tolkare = _tolkare(idag, reservmonster)
    unika = varden.unique()
    schema = {"kanonisk": pl.String, "slag": pl.String, "fodelsedatum": pl.Date, "kon": pl.String, "felkod": pl.String}
    kolumner = zip(*[tolkare(text) for text in unika], strict=True) if len(unika) else ((),) * len(schema)
    uppslag = pl.DataFrame(
        [
            unika.alias("_varde"),
            *(pl.Series(namn, ett, dtype=typ) for (namn, typ), ett in zip(schema.items(), kolumner, strict=True)),
        ]
    )
    return (
        varden.alias("_varde")
        .to_frame()
        .join(uppslag, on="_varde", how="left", nulls_equal=True, maintain_order="left")
        .drop("_varde")
    )


def _tolkare(idag: date, reservmonster: Sequence[str]) -> Callable[[str | None], _Svar]:
    monster = [re.compile(ett, re.ASCII) for ett in reservmonster]
    avslag: dict[Felkod, _Svar] = {kod: (None, None, None, None, kod) for kod in get_args(Felkod)}

    def tolka_en(text: str | None) -> _Svar:
        text = "" if text is None else text.strip()
        if not text:
            return avslag["saknas"]
        if not (text.isascii() and text.isprintable()):
            return avslag["tecken"]
        traff = _SIFFROR.fullmatch(text)
        if traff is None or (traff[1] is not None and traff[1] not in ("18", "19", "20")):
            svar = _reservnummer(text, monster, idag)
            return avslag[svar] if isinstance(svar, str) else svar
        sekel, ar2, manad, dag_text, tecken, lopnummer, kontroll = traff.groups()
        samordning = dag_text > "60"
        dag = int(dag_text) - 60 if samordning else int(dag_text)
        fodd: date | Felkod
        if sekel is None:
            fodd = _senaste(int(ar2), int(manad), dag, tecken, idag)
        elif tecken == "+" and idag.year - int(sekel + ar2) < 100:
            fodd = "sekel"
        else:
            fodd = _dag(int(sekel + ar2), int(manad), dag, idag)
        if isinstance(fodd, str):
            return avslag[fodd]
        if lopnummer == "000":
            return avslag["lopnummer"]
        if not luhn_stammer(f"{ar2}{manad}{dag_text}{lopnummer}{kontroll}"):
            return avslag["kontrollsiffra"]
        return (
            f"{fodd.year}{manad}{dag_text}{lopnummer}{kontroll}",
            "samordningsnummer" if samordning else "personnummer",
            fodd,
            "man" if lopnummer[2] in "13579" else "kvinna",
            None,
        )

    return tolka_en


def _dag(ar: int, manad: int, dag: int, idag: date) -> date | Felkod:
    if ar < FORSTA_AR:
        return "sekel"
    try:
        fodd = date(ar, manad, dag)
    except ValueError:
        return "datum"
    return fodd if fodd <= idag else "framtid"


def _senaste(ar2: int, manad: int, dag: int, tecken: str, idag: date) -> date | Felkod:
    """The century of a 10-digit number: the latest that is not in the future; with `+` the latest >= 100 years ago."""
    grans = idag.year - 100 if tecken == "+" else idag.year
    forsta = grans - (grans - ar2) % 100
    svar = _dag(forsta, manad, dag, idag)
    # a day later this year has not been yet: the number belongs to the century before
    return _dag(forsta - 100, manad, dag, idag) if svar == "framtid" else svar


def _reservnummer(text: str, monster: Sequence[re.Pattern[str]], idag: date) -> _Svar | Felkod:
    if _FLYTTAL.fullmatch(text):
        return "flyttal"
    siffror = text.replace("-", "").replace("+", "")
    if siffror.isdigit() and (len(siffror) != 12 or siffror[:2] in ("18", "19", "20")):
        return "format"
    text = text.upper()
    for ett in monster:
        if traff := ett.fullmatch(text):
            fodd: date | None = None
            if "fodd" in ett.groupindex and (ymd := traff["fodd"]):
                dag = _dag(int(ymd[:4]), int(ymd[4:6]), int(ymd[6:8]), idag)
                if isinstance(dag, str):
                    return dag
                fodd = dag
            return text.replace("-", "").replace("+", ""), "reservnummer", fodd, None, None
    return "format"
