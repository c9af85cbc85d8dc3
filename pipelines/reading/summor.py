"""Total rows inside a table: found, taken out of the rows, and checked against the rows they stand under.

A printed total is never a row. Whether a difference matters is for the guard; here it is computed exactly.
"""

from __future__ import annotations

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
        count = tabell.kolumn(column).typ == "heltal" if column in {k.namn for k in tabell.kolumner} else False
        for index in totals:
            printed = exact[index]
            if printed is None:
                continue
            above = details.slice(0, index).drop_nulls()
            computed, rows = _closest(above, details, index, totals, printed)
            decimals = 0 if count else int(texts.str.extract(r"[.,]([0-9]+)[^0-9]*$", 1).str.len_chars().max() or 0)  # type: ignore[arg-type]
            exact_kind = count or decimals >= 2 or above.len() == 0
            tolerance = Decimal(0) if exact_kind else Decimal(5).scaleb(-decimals - 1) * (rows + 1)
            label = next((frame[name][index] for name in ordning if frame[name][index]), "")
            found.append(
                Kontrollsumma(
                    tabell.namn, header, int(frame["rad"][index]), label, _plain(printed), _plain(computed), tolerance
                )
            )
    wrong = [one for one in found if not one.stammer]
    for one in wrong:
        skal = _AVVIKER._replace(
            fel=f"Den tryckta summan {one.tryckt} avviker från radernas summa {one.beraknad} med {one.differens}."
        )
        samling.rows(skal, pl.Series("rad", [one.rad]), kolumn=one.kolumn)
    return found


def _closest(
    above: pl.Series, details: pl.Series, index: int, totals: list[int], printed: Decimal
) -> tuple[Decimal, int]:
    """(sum, rows) of the run of rows ending just above that equals `printed`, else of the block since the last total."""
    values = above.tail(500).to_list()
    running, best = Decimal(0), None
    for taken, value in enumerate(reversed(values), start=1):
        running += value
        if running == printed and taken > 1:
            best = (running, taken)
    if best is not None:
        return best
    everything = Decimal(above.sum() or 0), above.len()
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
