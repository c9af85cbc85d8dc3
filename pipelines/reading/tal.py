"""Text -> numbers: the strict, vectorised parser of one column.

The style (decimal comma or point, thousands) is decided by the whole column's distinct texts, because a single
"1.234" can be read in two ways. What cannot be decided is refused, never guessed. Nothing here knows a contract.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

SKALA = pl.Decimal(38, 15)  # up to 18 digits before and 15 after the decimal mark, exact

_MINUS = "[−–‒‐﹣－]"  # written minus signs other than the ASCII one
_BLANK = " \u00a0\u202f\u2009\u2007'"
_GROUPED = "|".join(rf"[0-9]{{1,3}}(?:{blank}[0-9]{{3}})+" for blank in _BLANK)
_PLAIN = r"^-?[0-9]{1,18}(?:,[0-9]{1,20})?$"

KOMMA = r"^-?[0-9]{1,18},[0-9]{1,20}$"
PUNKT = r"^-?[0-9]{1,18}\.[0-9]{1,20}$"
PUNKT_TVETYDIG = r"^-?[1-9][0-9]{0,2}\.[0-9]{3}$"
PUNKTGRUPPER = r"^-?[1-9][0-9]{0,2}(?:\.[0-9]{3}){2,}$"
PUNKTGRUPPER_KOMMA = r"^-?[1-9][0-9]{0,2}(?:\.[0-9]{3})+,[0-9]{1,20}$"
KOMMAGRUPPER_PUNKT = r"^-?[1-9][0-9]{0,2}(?:,[0-9]{3})+\.[0-9]{1,20}$"
KOMMA_TRE = r"^-?[1-9][0-9]{0,2},[0-9]{3}$"
EJ_TAL = r"^[<>≤≥~≈]|^[-–—.:*xX…]+$"  # "<5", "--", "..": a token that the contract does not know


@dataclass(frozen=True, slots=True)
class Talkolumn:
    """What a column's distinct texts say.

    varden   Decimal(38, 15), null where the text is no number
    blandad  decimal comma and decimal point stand in the same column
    tvetydig texts such as 1.234 that could be 1234 or 1,234 (nothing else in the column decides)
    """

    varden: pl.Series
    blandad: bool = False
    tvetydig: bool = False


def tolka_tal(text: pl.Series, *, punkt_ar_decimal: bool = False, nagra_tal: bool = False) -> Talkolumn:
    """Distinct stripped texts -> numbers. punkt_ar_decimal: the cells are numbers of a workbook, written by its reader.
    nagra_tal: some of them are, and others are text.

    Accepted: minus in front, behind, as −, or brackets; thousands as space, nbsp, narrow or thin space, apostrophe, or
    point in groups of three; decimals after comma or point. Not accepted: exponents, other digits than 0-9, units.
    """
    if text.str.contains(_PLAIN).all():
        return Talkolumn(text.str.replace(",", ".", literal=True).cast(SKALA, strict=False))
    canon = _without_blanks(_sign(text))
    count = {name: int(canon.str.contains(name).sum() or 0) for name in _SHAPES}
    if punkt_ar_decimal and not (
        count[KOMMA] or count[PUNKTGRUPPER] or count[PUNKTGRUPPER_KOMMA] or count[KOMMAGRUPPER_PUNKT]
    ):
        return Talkolumn(_as_number(canon, decimal="."))
    grouped = count[PUNKTGRUPPER] + count[PUNKTGRUPPER_KOMMA]
    ambiguous = count[PUNKT_TVETYDIG]
    point = count[PUNKT] - ambiguous + count[KOMMAGRUPPER_PUNKT]
    comma = count[KOMMA] + count[PUNKTGRUPPER_KOMMA]
    if count[KOMMAGRUPPER_PUNKT] and count[KOMMA] == count[KOMMA_TRE] and not grouped:
        comma = 0  # 1,234.50 beside 1,234: English thousands throughout
    if nagra_tal and comma and not (grouped or ambiguous or count[KOMMAGRUPPER_PUNKT]):
        # a number of the workbook beside one typed as text: 120000.5 and 1 200,50 can each be read in one way only
        return Talkolumn(_as_number(canon.str.replace(".", ",", literal=True), decimal=","))
    if (comma and point) or (grouped and point):
        return Talkolumn(_as_number(canon, decimal=","), blandad=True)
    if point:
        return Talkolumn(_as_number(canon, decimal="."))
    if ambiguous and not grouped:
        return Talkolumn(_as_number(canon, decimal=","), tvetydig=True)
    return Talkolumn(_as_number(canon, decimal=","))


_SHAPES = (KOMMA, PUNKT, PUNKT_TVETYDIG, PUNKTGRUPPER, PUNKTGRUPPER_KOMMA, KOMMAGRUPPER_PUNKT, KOMMA_TRE)


def kan_vara_tusental(text: pl.Series) -> bool:
    """Every number with a comma looks like 1,234: in amounts of kronor and öre it may be English thousands."""
    canon = _without_blanks(_sign(text.drop_nulls().unique()))
    grouped = int(canon.str.contains(KOMMA_TRE).sum() or 0)
    return grouped > 0 and grouped == int(canon.str.contains(",", literal=True).sum() or 0)


def _sign(text: pl.Series) -> pl.Series:
    """One ASCII minus in front, whatever way it was written."""
    return (
        text.str.replace_all(_MINUS, "-")
        .str.replace(r"^\(\s*([0-9].*?)\s*\)$", "-${1}")
        .str.replace(r"^([0-9].*?)\s*-$", "-${1}")
        .str.replace(r"^-\s+", "-")
        .str.replace(r"^\+([0-9])", "${1}")
    )


def _without_blanks(text: pl.Series) -> pl.Series:
    """Thousands blanks away, only where they stand in groups of three of one and the same kind."""
    shape = rf"^-?(?:{_GROUPED})(?:[.,][0-9]+)?$"
    return pl.select(
        pl.when(pl.lit(text).str.contains(shape))
        .then(pl.lit(text).str.replace_all(f"[{_BLANK}]", ""))
        .otherwise(pl.lit(text))
    ).to_series()


def _as_number(canon: pl.Series, *, decimal: str) -> pl.Series:
    """Decimal(38, 15) by one style; null where the text does not have that style's shape."""
    if decimal == ",":
        shape = r"^-?(?:[0-9]{1,18}|[1-9][0-9]{0,2}(?:\.[0-9]{3})+)(?:,[0-9]{1,20})?$"
        drop = "."
    else:
        shape = r"^-?(?:[0-9]{1,18}|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.[0-9]{1,20})?$"
        drop = ","
    plain = canon.str.replace_all(drop, "", literal=True).str.replace(",", ".", literal=True)
    fits = canon.str.contains(shape)
    return pl.select(pl.when(fits).then(pl.lit(plain).cast(SKALA, strict=False))).to_series()
