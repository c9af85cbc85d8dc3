"""Text -> numbers: the strict, vectorised parser of one column.

The style (decimal comma or point, thousands) is decided by the whole column's distinct texts, because a single
"1.234" can be read in two ways. What cannot be decided is refused, never guessed. Nothing here knows a contract.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

TALCELL = "\u2060"  # stands after a number with decimals that a workbook holds as a number: no style has to be found
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
KOMMAGRUPPER = r"^-?[1-9][0-9]{0,2}(?:(?:,[0-9]{3})+\.[0-9]{1,20}|(?:,[0-9]{3}){2,})$"
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


def tolka_tal(text: pl.Series) -> Talkolumn:
    """Distinct stripped texts -> numbers.

    Accepted: minus in front, behind, as −, or brackets; thousands as space, nbsp, narrow or thin space, apostrophe, or
    point in groups of three; decimals after comma or point. Not accepted: exponents, other digits than 0-9, units.
    Numbers marked as a workbook's own (`TALCELL`) are what they say, and say nothing of how the others are written.
    """
    own = text.str.ends_with(TALCELL)
    if own.any():
        rest = tolka_tal(pl.select(pl.when(~own).then(pl.lit(text))).to_series())
        exact = text.str.strip_suffix(TALCELL).cast(SKALA, strict=False)
        return replace(rest, varden=pl.select(pl.when(own).then(exact).otherwise(rest.varden)).to_series())
    if text.str.contains(_PLAIN).all():
        return Talkolumn(text.str.replace(",", ".", literal=True).cast(SKALA, strict=False))
    canon = _without_blanks(_sign(text))
    count = {name: int(canon.str.contains(name).sum() or 0) for name in _SHAPES}
    grouped = count[PUNKTGRUPPER] + count[PUNKTGRUPPER_KOMMA]
    ambiguous = count[PUNKT_TVETYDIG]
    point = count[PUNKT] - ambiguous + count[KOMMAGRUPPER]
    comma = count[KOMMA] + count[PUNKTGRUPPER_KOMMA]
    if count[KOMMAGRUPPER] and count[KOMMA] == count[KOMMA_TRE] and not grouped:
        comma = 0  # 1,234.50 beside 1,234: English thousands throughout
    if (comma and point) or (grouped and point):
        return Talkolumn(_as_number(canon, decimal=","), blandad=True)
    if point:
        return Talkolumn(_as_number(canon, decimal="."))
    if ambiguous and not grouped:
        return Talkolumn(_as_number(canon, decimal=","), tvetydig=True)
    return Talkolumn(_as_number(canon, decimal=","))


_SHAPES = (KOMMA, PUNKT, PUNKT_TVETYDIG, PUNKTGRUPPER, PUNKTGRUPPER_KOMMA, KOMMAGRUPPER, KOMMA_TRE)


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
