"""Total rows inside a table: found, taken out of the rows, and checked against the rows they stand under.

A printed total is never a row. Whether a difference matters is for the guard; here it is computed exactly.
"""

from __future__ import annotations

import re
from decimal import Decimal

import polars as pl

from pipelines.contracts.begrepp import Tabell
from pipelines.reading.tal import tolka_tal
from pipelines.reading.utfall import Insamling, Kontrollsumma
from pipelines.reading.values import Skal

_AVVIKER = Skal(
    "XLS-019", "flagga", "Den tryckta summan stämmer inte med raderna ovanför.",
    "Kontrollera summan i källan; raderna läses in, summan används bara för kontroll.",
)  # fmt: skip
_FATTAS = Skal(
    "FIL-002", "avvisa_leverans", "Filens egen kontrollsumma stämmer inte med raderna: den kan vara avklippt.",
    "Exportera om filen. Är summan fel i källan: ta bort summaraden och leverera på nytt.",
)  # fmt: skip
_ANTAL = re.compile(r"antal\s+(rader|poster|ärenden|placeringar|hushåll)\D*([0-9][0-9 \u00a0]*)", re.IGNORECASE)
AVRUNDADE_RADER = 20  # rounding of printed tables is allowed for this many rows at most; long files have exact totals
_BLANK = r"[\s_\u00a0\u202f\u2007]+"


def ar_summarad(frame: pl.DataFrame, tabell: Tabell, ordning: list[str]) -> pl.Series:
    """Boolean per row: the first filled cell (in file order) matches one of the contract's `summarader`."""
    if not tabell.summarader or not ordning:
        return pl.Series([False], dtype=pl.Boolean).new_from_index(0, frame.height)
    pattern = "^(?:" + "|".join(f"(?:{one})" for one in tabell.summarader) + ")$"
    first = frame.select(pl.coalesce(ordning)).to_series().str.to_lowercase()
    plain = (
        first.str.replace_many(["å", "ä", "ö", "é"], ["a", "a", "o", "e"])
        .str.replace_all(_BLANK, " ")
        .str.strip_chars(" :")
    )
    return plain.str.contains(pattern).fill_null(False)


def kontrollsummor(frame: pl.DataFrame, summarad: pl.Series, tabell: Tabell, talkolumner: dict[str, str],
                   ordning: list[str], samling: Insamling) -> list[Kontrollsumma]:  # fmt: skip
    """Every number of every total row against the rows above it; a difference beyond rounding is flagged.

    frame: text cells and `rad`, in file order. talkolumner: frame column -> header as written. A total may stand for
    all rows above, for those since the total before it, or for the last few (subtotals of a printed table).
    """
    if not summarad.any():
        return []
    found: list[Kontrollsumma] = []
    totals = [index for index, hit in enumerate(summarad.to_list()) if hit]
    for column, header in talkolumner.items():
        texts = frame[column]
        exact = tolka_tal(texts.fill_null("")).varden
        details = pl.select(pl.when(~summarad).then(exact)).to_series()
        unit = _half_unit(exact, column, tabell)
        for index in totals:
            printed = exact[index]
            if printed is None:
                continue
            computed, rows = _closest(details, index, totals, printed, unit)
            tolerance = unit * (min(rows, AVRUNDADE_RADER) + 1)
            label = next((frame[name][index] for name in ordning if frame[name][index]), "")
            found.append(
                Kontrollsumma(
                    tabell.namn, header, int(frame["rad"][index]), label, _plain(printed), _plain(computed), tolerance
                )
            )
    for one in found:
        if not one.stammer:
            skal = _AVVIKER if tabell.summa_kolumn else _FATTAS
            text = f"Den tryckta summan {one.tryckt} avviker från radernas summa {one.beraknad} med {one.differens}."
            text = text.rstrip(".").replace(".", ",") + "."
            samling.rows(skal._replace(fel=text), pl.Series("rad", [one.rad]), kolumn=one.kolumn)
    _check_count(frame, summarad, ordning, samling)
    return found


def _check_count(frame: pl.DataFrame, summarad: pl.Series, ordning: list[str], samling: Insamling) -> None:
    """ "Antal rader: 123" at the end of an export: the file is cut when the rows are others than that many."""
    rows = int((~summarad).sum())
    for cells in frame.filter(summarad).select("rad", *ordning).iter_rows():
        text = " ".join(one for one in cells[1:] if one)
        match = _ANTAL.match(text)
        if match is not None and int(re.sub(r"\D", "", match[2])) != rows:
            fel = f"Filen anger {match[2].strip()} {match[1].lower()} men har {rows}: den är avklippt eller ändrad."
            samling.rows(_FATTAS._replace(fel=fel), pl.Series("rad", [cells[0]]), kolumn=None)


def _half_unit(exact: pl.Series, column: str, tabell: Tabell) -> Decimal:
    """Half of the last printed decimal of amounts in whole units or tenths; 0 for counts and for figures with öre."""
    if any(k.namn == column and k.typ == "heltal" for k in tabell.kolumner):
        return Decimal(0)
    for decimals in (0, 1):
        if (exact == exact.round(decimals)).all():
            return Decimal(5).scaleb(-decimals - 1)
    return Decimal(0)


def _closest(details: pl.Series, index: int, totals: list[int], printed: Decimal, unit: Decimal) -> tuple[Decimal, int]:
    """(sum, rows) of the run of rows ending just above that comes to `printed` but for rounding, the nearest and
    longest one; else of the block since the last total, or of all rows above when that is nearer."""
    above = details.slice(0, index).drop_nulls()
    running = Decimal(0)
    best: tuple[Decimal, int] | None = None
    for taken, value in enumerate(reversed(above.tail(500).to_list()), start=1):
        running += value
        off = abs(running - printed)
        within = off <= unit * (min(taken, AVRUNDADE_RADER) + 1)
        if taken > 1 and within and (best is None or off <= abs(best[0] - printed)):
            best = (running, taken)
    everything = Decimal(above.sum() or 0), above.len()
    if best is not None and abs(best[0] - printed) <= abs(everything[0] - printed):
        return best
    before = max((one for one in totals if one < index), default=-1)
    block = details.slice(before + 1, index - before - 1).drop_nulls()
    nearer = Decimal(block.sum() or 0), block.len()
    if block.len() and abs(nearer[0] - printed) <= abs(everything[0] - printed):
        return nearer
    return everything


def _plain(number: Decimal) -> Decimal:
    """Without the fifteen decimals of the parser's scale."""
    whole = number.normalize()
    return whole.quantize(Decimal(1)) if whole == whole.to_integral() else whole
