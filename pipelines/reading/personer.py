"""Identity numbers and case ids -> pseudonyms, and what a number says about kön and birth date.

Everything personal ends here: the frame that goes on holds pseudonyms only. Messages name row, column and reason,
never a value. How a number is checked stands in `sekretess.personnummer`.
"""

from __future__ import annotations

from datetime import date
from typing import get_args

import polars as pl

from pipelines.contracts.begrepp import PSEUDONYM_TYPER, Kolumn, Tabell
from pipelines.errors import MASK
from pipelines.reading.rubrikrad import personprefix
from pipelines.reading.utfall import Insamling
from pipelines.reading.values import SKAL, Skal
from pipelines.sekretess.personnummer import tolka_kolumn
from pipelines.sekretess.pseudonym import Doman, Pseudonymiserare
from pipelines.sekretess.scanner import hitta

_DOMANER: dict[str, Doman] = {one: one for one in get_args(Doman)}
_KON = {"kvinna": "K", "man": "M"}
_RATTA = "Rätta numret i källsystemet."
NUMMERFEL: dict[str, Skal] = {
    "tecken": Skal("VAR-037", "avvisa_rad", "Identitetsnumret innehåller andra tecken än siffror.", _RATTA),
    "flyttal": Skal(
        "XLS-022", "avvisa_leverans", "Identitetsnumret är lagrat som tal: inledande nollor och sista siffror kan vara borta.",
        "Formatera kolumnen som text i källan innan den fylls, och exportera om.",
    ),
    "format": Skal("VAR-037", "avvisa_rad", "Identitetsnumret har fel antal siffror.", "Skriv ÅÅÅÅMMDDNNNN eller ÅÅMMDD-NNNN."),
    "sekel": Skal("VAR-037", "avvisa_rad", "Identitetsnumrets århundrade stämmer inte.", _RATTA),
    "datum": Skal("VAR-037", "avvisa_rad", "Identitetsnumret har ett datum som inte finns.", _RATTA),
    "framtid": Skal("VAR-037", "avvisa_rad", "Identitetsnumret har ett födelsedatum efter leveransdagen.", _RATTA),
    "lopnummer": Skal("VAR-037", "avvisa_rad", "Identitetsnumrets löpnummer är 000.", _RATTA),
    "kontrollsiffra": Skal("VAR-037", "avvisa_rad", "Identitetsnumrets kontrollsiffra stämmer inte.", _RATTA),
}  # fmt: skip
_KON_STRIDER = Skal(
    "VAR-040",
    "flagga",
    "Angivet kön stämmer inte med identitetsnumret.",
    "Kontrollera i källsystemet; det angivna värdet används.",
)
_FODD_STRIDER = Skal(
    "VAR-036",
    "flagga",
    "Angivet födelsedatum stämmer inte med identitetsnumret.",
    "Kontrollera i källsystemet; det angivna värdet används.",
)
OVANTAT = Skal(
    "VAR-042", "avvisa_leverans", "Här står ett personnummer, men kolumnen får inte innehålla personuppgifter av det slaget.",
    "Ta bort numret ur exporten och leverera på nytt; radera den gamla filen.",
)  # fmt: skip


def pseudonymisera(frame: pl.DataFrame, tabell: Tabell, nyckel: Pseudonymiserare, idag: date, samling: Insamling,
                   rubriker: dict[str, str]) -> pl.DataFrame:  # fmt: skip
    """`frame` (contract names, ids still text, the rest typed, `rad`) with pseudonyms under lake names instead of ids.

    Fills a missing kön and birth date from the number, flags contradictions, refuses rows whose number does not hold.
    `idag` is the day the delivery was received: it decides the century of a 10-digit number.
    """
    for kolumn in tabell.kolumner:
        if kolumn.typ not in PSEUDONYM_TYPER or kolumn.namn not in frame.columns:
            continue
        header = rubriker.get(kolumn.namn, kolumn.rubrik)
        text = frame[kolumn.namn]
        frame = frame.drop(kolumn.namn)
        if kolumn.typ == "person":
            read = tolka_kolumn(text, idag)
            _report(read["felkod"], frame["rad"], kolumn, header, samling)
            ids = nyckel.kolumn(read["kanonisk"], "person")
            frame = _from_number(frame, kolumn, read, samling, rubriker)
        else:
            ids = nyckel.kolumn(_same_person(text, idag), _DOMANER[kolumn.typ])
        frame = frame.with_columns(ids.alias(kolumn.lake_namn))
    return frame


def _report(felkod: pl.Series, rad: pl.Series, kolumn: Kolumn, header: str, samling: Insamling) -> None:
    for code, skal in NUMMERFEL.items():
        rows = rad.filter((felkod == code).fill_null(False))
        samling.rows(skal, rows, kolumn=header, varden=pl.Series([MASK] * rows.len(), dtype=pl.String))
    if kolumn.obligatorisk:
        samling.rows(SKAL["saknas"], rad.filter((felkod == "saknas").fill_null(False)), kolumn=header)


def _from_number(
    frame: pl.DataFrame, kolumn: Kolumn, read: pl.DataFrame, samling: Insamling, rubriker: dict[str, str]
) -> pl.DataFrame:
    prefix = personprefix(kolumn.namn)
    for name, from_number, skal in (
        (f"{prefix}kon", read["kon"].replace_strict(_KON, default=None, return_dtype=pl.String), _KON_STRIDER),
        (f"{prefix}fodelsedatum", read["fodelsedatum"], _FODD_STRIDER),
    ):
        if name not in frame.columns:
            frame = frame.with_columns(from_number.alias(name))
            continue
        stated = frame[name]
        known = stated != "O" if name.endswith("kon") else stated.is_not_null()
        differs = (known & (stated != from_number)).fill_null(False)
        samling.rows(skal, frame["rad"].filter(differs), kolumn=rubriker.get(name, name), varden=None)
        frame = frame.with_columns(stated.fill_null(from_number).alias(name))
    return frame


def _same_person(text: pl.Series, idag: date) -> pl.Series:
    """Ids as written; one that is an identity number in its canonical form, so that both written forms are one id."""
    looks = text.str.contains(r"^(?:[0-9]{2})?[0-9]{6}[-+]?[0-9]{4}$")
    if not looks.any():
        return text
    canonical = tolka_kolumn(pl.select(pl.when(looks).then(text)).to_series(), idag)["kanonisk"]
    return canonical.fill_null(text)


def har_personnummer(text: pl.Series, idag: date) -> pl.Series:
    """Boolean per cell: an identity number stands in it, in any written form."""
    cells = text.filter(text.str.len_bytes() >= 10).unique()
    suspects = cells.filter(cells.str.count_matches(r"\p{N}") >= 10).to_list()
    found = pl.Series([one for one in suspects if hitta(one, idag=idag)], dtype=pl.String)
    return text.is_in(found.implode()).fill_null(False)
