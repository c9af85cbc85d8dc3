"""What a month's forecasts cost: the four forecast models on a ledger of many series, medians of five.

`python -m tests.bench.bench_prognos [series] [years]`. Prints seconds per model and in all, and peak memory.
"""

from __future__ import annotations

import random
import resource
import statistics
import sys
import time

import polars as pl

from tests.unit.delar_sql import kompilerat, kor, lager, seed
from tests.unit.test_delar_prognos import MODELLER, SCHEMA, TILLFALLEN, rader


def ledger(serier: int, ar: int) -> pl.DataFrame:
    """`serier` series of `ar` whole years with season, drift and noise; a budget and two rounds for each year."""
    dice = random.Random(1)
    rows: list[dict[str, object]] = []
    for number in range(serier):
        level, drift = dice.uniform(1e4, 5e6), dice.uniform(0.97, 1.05)
        for year in range(2026 - ar, 2026):
            base = level * drift ** (year - 2020)
            utfall = {(year, manad): round(base * dice.gauss(1, 0.08), 2) for manad in range(1, 13)}
            rows += rader(utfall, serie_id=f"s{number}")
            rows += rader({(year, 0): round(12 * base, 2)}, "budget", serie_id=f"s{number}")
            for omgang in ("T1", "T2"):
                rows += rader(
                    {(year, 0): round(12 * base * dice.gauss(1, 0.03), 2)}, "prognos", f"s{number}", f"{year}-{omgang}"
                )
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def main() -> None:
    """Measure and print."""
    serier, ar = (int(sys.argv[1]) if len(sys.argv) > 1 else 400), (int(sys.argv[2]) if len(sys.argv) > 2 else 5)
    kompilerat()
    frame = ledger(serier, ar)
    taken: dict[str, list[float]] = {namn: [] for namn in MODELLER}
    for _ in range(5):
        connection = lager(
            {
                "intermediate.int_prognos__serier": frame,
                "intermediate.int_mal__tillfallen": TILLFALLEN,
                "seeds.prognosomgangar": seed("prognos/prognosomgangar.csv", manad=pl.Int32()),
            }
        )
        for namn in MODELLER:
            start = time.perf_counter()
            kor(connection, [namn])
            taken[namn].append(time.perf_counter() - start)
        connection.close()
    for namn, seconds in taken.items():
        print(f"{namn:40} {statistics.median(seconds):7.3f} s")
    total = statistics.median(sum(one) for one in zip(*taken.values(), strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{serier} series x {ar} years: {total:.3f} s, {serier * ar * 12 / total:,.0f} series-months/s, peak {peak:.0f} MB"
    )


if __name__ == "__main__":
    main()
