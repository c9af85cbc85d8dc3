"""Good deliveries, built in code, for tests that then spoil them one fault at a time."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import xlsxwriter

from pipelines.contracts import load_contract
from pipelines.errors import DeliveryRefused
from pipelines.reading.leverans import read_delivery
from pipelines.reading.utfall import LastLeverans
from pipelines.sekretess.nyckel import Nyckel
from pipelines.sekretess.pseudonym import Pseudonymiserare
from tests.unit.identiteter import nummer

P = Pseudonymiserare(Nyckel(bytes(range(32)), bytes(range(32, 64))))
IDAG = date(2026, 1, 15)
PLACERING = ("Placering_id", "person", "kon", "fodelsedatum", "start", "slut", "form", "lagrum", "regi", "i_kommunen", "enhet", "dygnskostnad_kr")  # fmt: skip


def fodd(index: int) -> date:
    """A birth date of child number `index`."""
    return date(2009, 1, 1) + timedelta(days=37 * index)


def placeringar(antal: int = 300) -> list[list[str]]:
    """Header and rows of a good register of placements."""
    rows = [list(PLACERING)]
    for index in range(antal):
        born = fodd(index % 80)
        serial = 100 + index % 80 * 2
        start = date(2023, 1, 1) + timedelta(days=300 * (index // 80) + index % 80)
        slut = start + timedelta(days=100)
        rows.append([
            f"P-{index:05d}", nummer(born, serial), "K", born.isoformat(), start.isoformat(), slut.isoformat(),
            "familjehem", "sol", "extern", "ja", "Barnenheten Östra", f"{1200 + index},50",
        ])  # fmt: skip
    return rows


def ekonomi(antal: int = 12) -> list[list[str]]:
    """Header and rows of a good ledger extract without persons."""
    rows = [["ar", "manad", "konto", "ansvar", "belopp_kr"]]
    rows += [["2025", str(1 + index % 12), "4510", f"0{index % 9}10", f"{1000 + index},25"] for index in range(antal)]
    return rows


def csv(rows: Sequence[Sequence[str]], separator: str = ";", slut: str = "\n", kod: str = "utf-8") -> bytes:
    """Rows as delimited text."""
    return "".join(separator.join(row) + slut for row in rows).encode(kod)


def las(data: bytes, kalla: str = "placeringar", fil: str = "leverans.csv", **mer: Any) -> LastLeverans:
    """Read as the delivery room would."""
    stated: dict[str, Any] = {
        "pseudonymiserare": P,
        "idag": IDAG,
        "kommun_kod": "9998",
        "kommuner": {"9998": "9998", "Exempelby": "9998", "0184": "0184", "Solna": "0184"},
    }
    return read_delivery(data, load_contract(kalla), fil=fil, **(stated | mer))


def avslag(data: bytes, kalla: str = "placeringar", **mer: Any) -> dict[str, str]:
    """Rule id -> printed message of a delivery that must be refused."""
    try:
        found = las(data, kalla, **mer)
    except DeliveryRefused as refused:
        return {one.regel: one.text() for one in refused.fel}
    raise AssertionError(f"was accepted: {found.godkanda} rows, {[one.text() for one in found.fel]}")


def radfel(data: bytes, kalla: str = "placeringar", **mer: Any) -> dict[str, list[int | None]]:
    """Rule id -> rows refused in a delivery whose other rows are loaded."""
    found = las(data, kalla, **mer)
    assert found.lasta == found.godkanda + found.avvisade
    answer: dict[str, list[int | None]] = {}
    for one in found.fel:
        answer.setdefault(one.regel, []).append(one.rad)
    return answer


def bok(
    rows: Sequence[Sequence[Any]], gor: Callable[[Any, Any], None] | None = None, blad: str = "Data", **val: Any
) -> bytes:
    """A workbook with the rows as text cells; `gor(workbook, worksheet)` adds what a test needs."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, **val}) as book:
        sheet = book.add_worksheet(blad)
        for index, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(index, column, cell)
                elif cell is not None:
                    sheet.write(index, column, cell)
        if gor is not None:
            gor(book, sheet)
    return target.getvalue()
