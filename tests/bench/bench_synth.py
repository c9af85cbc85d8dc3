"""How long the synthetic municipality takes: `pytest tests/bench/bench_synth.py -m bench --benchmark-only`.

Target (issue 2, on 2 cores): 1 000 000 household-months in under 10 s, drawn and written. Nothing is asserted about
time: read the table; `extra_info` has rows and peak memory.
"""

from __future__ import annotations

import resource
from datetime import date
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest

from pipelines.synth import generera
from pipelines.synth.hushall import hushall
from pipelines.synth.personer import Personregister
from pipelines.synth.ram import Ram

pytestmark = pytest.mark.bench

MILJON = 2_150_000  # inhabitants that give 1 000 000 household-months in 36 months


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def test_bench_draw_a_million_household_months(benchmark: Any) -> None:
    ram = Ram("Exempelby", "9998", MILJON, 36, 1, date(2025, 8, 1))
    drawn = benchmark.pedantic(lambda: hushall(ram, Personregister()), rounds=5)
    assert drawn.rader.height >= 1_000_000
    benchmark.extra_info |= {"rows": drawn.rader.height, "peak_mb": _peak_mb()}


@pytest.mark.parametrize(
    ("invanare", "more"),
    [(80_000, {}), (MILJON, {}), (MILJON, {"poster": 140, "placeringstathet": 10.0})],
    ids=["demo", "million", "million, 200 000 placements, 500 000 ledger rows"],
)
def test_bench_generate(benchmark: Any, tmp_path: Path, invanare: int, more: dict[str, Any]) -> None:
    def fresh() -> None:
        rmtree(tmp_path)
        tmp_path.mkdir()

    made = benchmark.pedantic(lambda: generera(invanare=invanare, ut=tmp_path, **more), setup=fresh, rounds=5)
    assert made.filer
    benchmark.extra_info |= {**made.antal, "peak_mb": _peak_mb()}
