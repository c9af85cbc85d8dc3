"""The forms of single SIE fields: account, amount, date, period, organisation number. No value leaves in a message."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

_KONTO = re.compile(r"\d{1,9}", re.ASCII)
_BELOPP = re.compile(r"-?\d{1,14}(?:\.\d{1,2})?", re.ASCII)


def konto(text: str) -> str | None:
    """An account code of 1-9 digits, kept as text (leading zeros count); ten digits could be a personnummer."""
    return text if _KONTO.fullmatch(text) else None


def belopp(text: str) -> Decimal | str:
    """Kronor as Decimal, or in Swedish why it is none (the reason never repeats the value)."""
    if _BELOPP.fullmatch(text):
        return Decimal(text)
    if not text:
        return "beloppet saknas"
    if text.startswith("+"):
        return "beloppet har plustecken"
    if "," in text:
        return "beloppet har kommatecken; SIE skriver decimalpunkt och inga tusentalsavgränsare"
    if re.fullmatch(r"-?\d+\.\d{3,}", text, re.ASCII):
        return "beloppet har fler än två decimaler"
    if re.fullmatch(r"-?[\d \u00a0\u202f']+(?:\.\d+)?", text):
        return "beloppet har tusentalsavgränsare eller är för stort"
    return "beloppet är inget tal"


def datum(text: str) -> date | None:
    """YYYYMMDD as a date of the calendar, else None."""
    if not re.fullmatch(r"\d{8}", text, re.ASCII):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def period(text: str) -> int | None:
    """YYYYMM as a number, else None."""
    giltig = re.fullmatch(r"\d{4}(?:0[1-9]|1[0-2])", text, re.ASCII)
    return int(text) if giltig else None


def organisationsnummer(text: str) -> str | None:
    """NNNNNN-NNNN when it is a legal person's number; None for everything else.

    A sole trader's number is a personnummer. What tells them apart is the third digit: at least 2 in an organisation
    number, 0 or 1 (a month) in a personnummer or samordningsnummer. Source: Bolagsverket/Skatteverket, SKV 709.
    """
    siffror = re.sub(r"[^0-9]", "", text)
    if len(siffror) == 12 and siffror.startswith("16"):
        siffror = siffror[2:]
    if len(siffror) != 10 or not re.fullmatch(r"[0-9 +-]+", text) or siffror[2] in "01":
        return None
    return f"{siffror[:6]}-{siffror[6:]}"
