"""What stands around the table and contradicts how it would be read (docs/adr/0053): titles, notes and names that say what no
column does, a second header among the data, merged cells.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from pipelines.contracts.stavning import normal
from pipelines.errors import Fel
from pipelines.reading.fynd import avslag
from pipelines.reading.grid import Blad
from pipelines.reading.rubrikrad import PYNT, Kandidat

_SAGT_UTANFOR = ("version", "enhet", "kon", "periodtyp")
_TUSENTAL = re.compile(r"(?<![a-z0-9])(?:tkr|mnkr|mkr|ksek|tusen(?:tal)? kronor|miljoner kronor)(?![a-z0-9])")
_ACKUMULERAT = re.compile(r"(?<![a-z0-9])(?:ack|ackumulera[a-z]*|hittills i ar)(?![a-z0-9])")


def sagt_utanfor(best: Kandidat, blad: Blad, fil: str) -> list[Fel]:
    """What stands only outside the table and contradicts the contract's default: "Budget 2025, tkr" above amounts would
    be read as outcome in kronor, a sheet "Kvinnor" as everybody. In amounts a word among others tells, else the whole text."""
    tabell = best.tabell
    body = blad.celler.slice(best.rad + 1)
    notes = zip(blad.rader.slice(best.rad + 1).tail(10), body.tail(10).rows(), strict=True)
    said: list[tuple[str, int | None, str]] = [("Filens namn", None, fil.rpartition(".")[0] or fil)]
    said += [("Bladets namn", None, blad.namn or "")]
    said += [("Texten ovanför rubriken", row, cell) for row, cells in blad.overst(best.rad) for cell in cells if cell]
    lone = [(row, filled) for row, cells in notes if len(filled := [one for one in cells if one and one.strip()]) == 1]
    said += [("Texten under tabellen", row, filled[0]) for row, filled in lone]
    used = {*(one[0] for one in best.kolumner.values()), *(one.index for one in best.breda)}
    headers = blad.overst(best.rad + 1)[best.rad][1]
    said += [(f"Talformatet i kolumnen ”{headers[i]}”", None, text) for i, text in blad.enheter.items() if i in used]
    given = set(best.kolumner).union(*({*one.monster.fasta, *one.grupper} for one in best.breda))
    fel = _never_read(best, said, fil)
    for column in tabell.kolumner:
        if column.namn not in _SAGT_UTANFOR or column.standard is None or column.namn in given:
            continue
        codes = column.koder()
        words = "|".join(sorted((re.escape(one) for one in codes if one), key=len, reverse=True))
        amounts = column.namn in ("version", "enhet") and any(one.typ == "belopp" for one in tabell.kolumner)
        pattern = re.compile(rf"(?<![a-z0-9])(?:{words})(?![a-z0-9])" if amounts else rf"^(?:{words})$")
        for where, row, text in said:
            found = {codes[one] for one in pattern.findall(normal(text))}
            if found and column.standard not in found:
                fel.append(avslag(
                    "FIL-105", fil, f"{where} säger {column.rubrik.lower()} {' och '.join(sorted(found))}, men ingen kolumn"
                    f" gör det: raderna skulle läsas som {column.standard}.",
                    f"Lägg till kolumnen {column.rubrik} med värdet på varje rad, eller skriv det i rubriken.",
                    rad=row, kolumn=column.rubrik,
                ))  # fmt: skip
                break
    return fel


def _never_read(best: Kandidat, said: Sequence[tuple[str, int | None, str]], fil: str) -> list[Fel]:
    """What the table has no column for, so that no cell of it could say it: amounts in thousands, sums since January."""
    kinds = {one.namn: one.typ for one in best.tabell.kolumner}
    unasked = []
    if "belopp" in kinds.values() and kinds.get("enhet") != "kod":  # a register's Enhet is an office
        unasked.append((_TUSENTAL, "tusental kronor", "kronor", "Lämna beloppen i kronor."))
    if "manad" in kinds and "periodtyp" not in kinds and not any(one.monster.ackumulerad for one in best.breda):
        unasked.append(
            (_ACKUMULERAT, "ackumulerat", "månadens egna", "Lämna månadernas egna tal, inte summan sedan januari.")
        )
    fel = []
    for pattern, meaning, read, remedy in unasked:
        for where, row, text in said:
            plain = normal(text)
            # a file of all months so far is called accumulated too
            both = pattern is _ACKUMULERAT and ("manad" in plain or where == "Filens namn")
            if pattern.search(plain) and not both:
                fel.append(avslag(
                    "FIL-105", fil, f"{where} säger {meaning}, men talen skulle läsas som {read}.",
                    f"{remedy} Är de redan det: ta bort ordet.", rad=row,
                ))  # fmt: skip
                break
    return fel


def rubrik_igen(best: Kandidat, blad: Blad, fil: str) -> list[Fel]:
    """A header row among the data: what follows is another table, perhaps with its columns in another order."""
    _, cells = blad.overst(best.rad + 1)[best.rad]
    columns = sorted({*(one[0] for one in best.kolumner.values()), *(one.index for one in best.breda)})
    words = {normal(cell.strip(PYNT)) for cell in cells if cell.strip(PYNT)} | set(best.tabell.rubriker())
    body = blad.celler.slice(best.rad + 1)
    first = body[body.columns[columns[0]]]
    texts = {text for column in best.tabell.kolumner for text in column.rubriker}.union(filter(None, cells))
    written = {one for text in texts for one in (text, text.lower(), text.upper(), f"\ufeff{text}")}
    fel = []
    for index in first.is_in(list(written)).arg_true().head(1_000).to_list() if len(columns) > 1 else []:
        row = [body[body.columns[column]][index] or "" for column in columns]
        if 2 * sum(normal(cell.strip(f"{PYNT}\ufeff")) in words for cell in row) > len(columns):
            fel.append(avslag(
                "FIL-106", fil, "En rubrikrad står bland raderna: två tabeller eller filer har satts ihop.",
                "Leverera en tabell per fil. Upprepar exporten rubriken på varje sida: ta bort upprepningarna.",
                rad=int(blad.rader[best.rad + 1 + index]),
            ))  # fmt: skip
    return fel[:1]


def sammanslaget(blad: Blad, rad: int, row: int) -> int | None:
    """The first row with merged cells: the header, a second header row above, or data (not a lone title or note)."""
    inside = [one for one in blad.sammanslagna if one >= row]
    if inside:
        filled = pl.sum_horizontal((pl.all().str.strip_chars().fill_null("") != "").cast(pl.Int32))
        table = blad.rader.filter(blad.celler.select(filled).to_series() > 1)
        inside = [one for one in inside if one <= table[-1]]
    if inside or rad == 0 or row - 1 not in blad.sammanslagna:
        return inside[0] if inside else None
    return row - 1 if sum(1 for cell in blad.overst(rad)[rad - 1][1] if cell) > 1 else None
