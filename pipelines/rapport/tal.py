"""Figures in Swedish print: decimal comma, narrow no-break space between thousands, a real minus; dates and periods."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from pipelines.frysning.tillfalle import MANAD

TUSENTAL = "\u202f"
MINUS = "\u2212"
DOLD = "--"
SAKNAS = "-"
DECIMALER = {"antal": 0, "dygn": 0, "kr": 0, "tkr": 0, "mnkr": 1, "procent": 1, "manader": 1, "dagar": 1}
ENHET = {
    "antal": "antal",
    "procent": "%",
    "manader": "månader",
    "arsplatser": "årsplatser",
    "arsarbetare": "årsarbetare",
    "dagar_per_anstalld": "dagar per anställd",
    "per_1000": "per 1 000",
    "ar": "år",
    "index": "index",
}


def tal(varde: float | Decimal, decimaler: int | None = None) -> str:
    """A number as printed; without stated decimals as it was delivered, two at most."""
    exact = varde if isinstance(varde, Decimal) else Decimal(repr(float(varde)))
    if decimaler is None:
        rounded = exact.quantize(Decimal("0.01"), ROUND_HALF_UP).normalize()
        decimaler = max(0, -int(rounded.as_tuple().exponent))
    rounded = exact.quantize(Decimal(1).scaleb(-decimaler), ROUND_HALF_UP)
    text = f"{abs(rounded):,.{decimaler}f}".replace(",", TUSENTAL).replace(".", ",")
    return f"{MINUS}{text}" if rounded < 0 else text


def ordning(text: str) -> str:
    """A key that sorts as a Swedish reader expects: å, ä, ö last and in that order, small and capital alike."""
    return text.casefold().translate(str.maketrans("åäö", "{|}"))


def enhet(text: str | None) -> str:
    """A unit in words."""
    return ENHET.get(text or "", (text or "").replace("_", " "))


def dag(en: date) -> str:
    """31 augusti 2025."""
    return f"{en.day} {MANAD[en.month - 1]} {en.year}"


def period(start: date | None, slut: date) -> str:
    """juli 2025; januari–augusti 2025; 2025; september 2024–augusti 2025."""
    if start is None or (start.year, start.month) == (slut.year, slut.month):
        return f"{MANAD[slut.month - 1]} {slut.year}"
    if start.year == slut.year:
        return (
            str(slut.year)
            if (start.month, slut.month) == (1, 12)
            else (f"{MANAD[start.month - 1]}–{MANAD[slut.month - 1]} {slut.year}")
        )
    return f"{MANAD[start.month - 1]} {start.year}–{MANAD[slut.month - 1]} {slut.year}"


def till_och_med(slut: date) -> str:
    """januari–augusti 2025; a whole year is its number."""
    if slut.month == 12:
        return str(slut.year)
    return f"januari–{MANAD[slut.month - 1]} {slut.year}" if slut.month > 1 else f"januari {slut.year}"
