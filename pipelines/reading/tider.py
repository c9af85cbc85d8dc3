"""Text -> dates, months and years: strict, never guessing the order of day and month.

Every function takes distinct, stripped texts and gives one typed series of the same length, null where the text is
not what it should be, and (dates) a reason code. Whether a date makes sense in its row stands in the row rules.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

import polars as pl

FORSTA_AR, SISTA_AR = 1900, 2100
FORSTA_PERIOD = 1990  # no contract has a figure of an earlier month
_MANADER = (
    "januari",
    "februari",
    "mars",
    "april",
    "maj",
    "juni",
    "juli",
    "augusti",
    "september",
    "oktober",
    "november",
    "december",
)
_ENGELSKA = {
    "may": 5,
    "oct": 10,
    "march": 3,
    "january": 1,
    "february": 2,
    "june": 6,
    "july": 7,
    "august": 8,
    "october": 10,
}
_KLOCKA = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_YMD = re.compile(rf"(\d{{4}})([-/.])(\d{{2}})\2(\d{{2}}){_KLOCKA}", re.ASCII)
_KOMPAKT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_DMY = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}){_KLOCKA}", re.ASCII)
_SERIE = re.compile(r"(\d{1,6})(?:\.\d+)?", re.ASCII)
_AR_MANAD = re.compile(r"(\d{4})[-/. ]?(\d{2})", re.ASCII)
_MANAD_AR = re.compile(r"(\d{1,2})[-/.](\d{4})", re.ASCII)
_NAMN_AR = re.compile(r"([a-zåäöÅÄÖ]{3,9})\.?[- ]?(\d{4}|\d{2})", re.ASCII | re.IGNORECASE)


def tolka_datum(text: pl.Series, *, serietal: bool = False, bas_1904: bool = False) -> tuple[pl.Series, dict[str, str]]:
    """(Date, {text: reason}) with reason omojligt | utanfor | tvetydigt | format.

    Accepted: ISO (with - / . between), YYYYMMDD, a time of day after it; day/month/year only when the day is above 12
    or equals the month; Excel's serial days when `serietal` (from `bas_1904` when the workbook says so).
    """
    if text.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$").all():
        quick = text.str.to_date("%Y-%m-%d", strict=False)
        if quick.null_count() == 0 and quick.is_between(date(FORSTA_AR, 1, 1), date(SISTA_AR, 12, 31)).all():
            return quick, {}
    values: list[date | None] = []
    reasons: dict[str, str] = {}
    for one in text.to_list():
        found = _datum(one, serietal, bas_1904)
        if isinstance(found, str):
            reasons[one] = found
            values.append(None)
        else:
            values.append(found)
    return pl.Series(text.name, values, dtype=pl.Date), reasons


def kan_vara_omkastade(text: pl.Series, datum: pl.Series) -> bool:
    """Whether a spreadsheet that takes 7/1/2025 for the first of July has been at the column: 13/1/2025 it left as text,
    and every date that it could read has a day that may as well be a month."""
    as_text = text.str.contains(r"^[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4}").fill_null(False)
    if not as_text.any() or as_text.all():
        return False
    read = datum.filter(~as_text).drop_nulls()
    return read.len() > 0 and bool((read.dt.day() <= 12).all())


def _datum(text: str, serietal: bool, bas_1904: bool) -> date | str:
    if match := _YMD.fullmatch(text):
        return _dag(int(match[1]), int(match[3]), int(match[4]))
    if match := _KOMPAKT.fullmatch(text):
        return _dag(int(match[1]), int(match[2]), int(match[3]))
    if match := _DMY.fullmatch(text):
        day, month, year = int(match[1]), int(match[3]), int(match[4])
        if month > 12 or (day != month and day <= 12):
            return "tvetydigt"
        return _dag(year, month, day)
    if serietal and (match := _SERIE.fullmatch(text)):
        return _serie(int(match[1]), bas_1904)
    return "format"


def _dag(year: int, month: int, day: int) -> date | str:
    try:
        found = date(year, month, day)
    except ValueError:
        return "omojligt"
    return found if FORSTA_AR <= year <= SISTA_AR else "utanfor"


def _serie(days: int, bas_1904: bool) -> date | str:
    """Excel's day number. Day 60 of the 1900 system is 29 February 1900, which never was. A number that is a year is no
    day of 1905: only the year was given, or a month as 2025.1."""
    if FORSTA_AR <= days <= SISTA_AR:
        return "format"
    if bas_1904:
        found = date(1904, 1, 1) + timedelta(days=days)
    elif days > 60:
        found = date(1899, 12, 30) + timedelta(days=days)
    else:
        return "omojligt"
    return found if found.year <= SISTA_AR else "utanfor"


def tolka_manad(text: pl.Series, *, serietal: bool = False, bas_1904: bool = False) -> pl.Series:
    """First of the month (Date), null when it is no month: YYYY-MM, YYYYMM, MM/YYYY, "mars 2025", "mar-25", or a date."""
    if text.str.contains(r"^[0-9]{4}-(?:0[1-9]|1[0-2])$").all():
        return (text + "-01").str.to_date("%Y-%m-%d", strict=False)
    return pl.Series(text.name, [_manad(one, serietal, bas_1904) for one in text.to_list()], dtype=pl.Date)


def _manad(text: str, serietal: bool, bas_1904: bool) -> date | None:
    if match := _AR_MANAD.fullmatch(text):
        return _forsta(int(match[1]), int(match[2]))
    if match := _MANAD_AR.fullmatch(text):
        return _forsta(int(match[2]), int(match[1]))
    if match := _NAMN_AR.fullmatch(text):
        month = manadsnummer(match[1])
        return None if month is None else _forsta(int(match[2]) + (2000 if len(match[2]) == 2 else 0), month)
    if _DMY.fullmatch(text):
        return None  # the order of day and month would decide the month
    found = _datum(text, serietal, bas_1904)
    if not isinstance(found, date) or (found.year < FORSTA_PERIOD and _SERIE.fullmatch(text)):
        return None  # 2503 in a workbook is March 2025 to whoever wrote it, and no day of 1906
    return found.replace(day=1)


def manadsnummer(text: str) -> int | None:
    """1-12 of a Swedish or English month's name or its abbreviation (3 letters or more), else None."""
    word = text.casefold().rstrip(".")
    if word in _ENGELSKA:
        return _ENGELSKA[word]
    hits = [number for number, name in enumerate(_MANADER, start=1) if len(word) >= 3 and name.startswith(word)]
    return hits[0] if len(hits) == 1 else None


def _forsta(year: int, month: int) -> date | None:
    return date(year, month, 1) if FORSTA_AR <= year <= SISTA_AR and 1 <= month <= 12 else None


def tolka_ar(text: pl.Series) -> pl.Series:
    """Year (Int32): four digits, or the first day of a year as a workbook writes it; null otherwise."""
    found = text.str.extract(r"^([0-9]{4})(?:-01-01(?: 00:00:00)?|\.0)?$", 1).cast(pl.Int32, strict=False)
    return pl.select(pl.when(found.is_between(FORSTA_AR, SISTA_AR)).then(found)).to_series()
