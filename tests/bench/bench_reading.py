"""How long one large delivery takes: `pytest tests/bench/bench_reading.py -m bench --benchmark-only`.

1 000 000 household-months with 14 columns (about 100 MB), text to accepted typed rows with pseudonyms and all row
rules; and a workbook of 20 000 rows through the child process. Nothing is asserted about time.
"""

from __future__ import annotations

import random
import resource
from datetime import date, timedelta
from typing import Any

import pytest

from pipelines.contracts import load_contract
from tests.faults.leveranser import bok, csv, las, placeringar
from tests.unit.identiteter import nummer

pytestmark = pytest.mark.bench


def hushallsmanader(antal: int) -> bytes:
    """A good file of the source forsorjningsstod: one household per twelve rows."""
    slump = random.Random(1)
    names = [
        k.namn
        for k in load_contract("forsorjningsstod").tabeller[0].kolumner
        if k.namn not in ("kommun", "ansokan", "beslut", "anteckning")
    ]
    lines = [";".join(names)]
    for household in range(antal // 12 + 1):
        born, serial = date(1950, 1, 1) + timedelta(days=slump.randrange(18_000)), slump.randrange(1, 999)
        kon = "M" if serial % 2 else "K"
        for month in range(1, 13):
            belopp = f"{slump.randrange(1_000, 20_000)},{slump.randrange(100):02d}"
            typ = "3" if kon == "M" else "5"
            person = f"{nummer(born, serial)};{kon};{born}"
            lines.append(
                f"H{household};2025-{month:02d};1;0;{typ};{belopp};;{person};;;;Enhet {household % 5} Socialkontoret Norra distriktet"
            )
    return ("\n".join(lines[: antal + 1]) + "\n").encode()


def test_bench_a_million_household_months(benchmark: Any) -> None:
    data = hushallsmanader(1_000_000)
    found = benchmark.pedantic(lambda: las(data, "forsorjningsstod"), rounds=5)
    assert found.godkanda == 1_000_000
    benchmark.extra_info |= {
        "mb": len(data) // 10**6,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_bench_twenty_thousand_placements(benchmark: Any, form: str) -> None:
    rows = placeringar(240)
    many = [rows[0], *([f"{r[0]}-{copy}", *r[1:]] for copy in range(84) for r in rows[1:])]
    data = csv(many) if form == "csv" else bok(many)
    found = benchmark.pedantic(lambda: las(data), rounds=5)
    assert found.godkanda == len(many) - 1
