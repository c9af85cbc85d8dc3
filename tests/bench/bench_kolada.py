"""The whole country from stored JSON to the model that the mart reads: 290 municipalities x 362 KPIs x 15 years x 3 kön.

Run alone: `python tests/bench/bench_kolada.py [FOLDER]`, which makes the deliveries in FOLDER when they are not there, then
times reading (JSON -> lake) and building (lake -> int_kolada__varden) in a process of its own, and a refresh in which one
KPI changed. Targets (issue 3): < 30 s on 2 cores, < 3 GiB. Nothing is asserted about time: read the lines.
"""

from __future__ import annotations

import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines import durable, korning, settings
from pipelines.contracts.model import load_contract, sources
from pipelines.delivery import lake
from pipelines.katalog.kommuner import kommuner
from pipelines.sources.kolada import dokument
from pipelines.warehouse import dbt

pytestmark = pytest.mark.bench

AR = range(2010, 2025)
OMRADEN = {f"N{nr}": 30 for nr in range(20, 31)} | {"U20": 32}  # 362 KPIs in Kolada's size of areas


def leveranser(raw: Path) -> int:
    """Write the country's deliveries; the number of values."""
    folder = raw / "kolada"
    folder.mkdir(parents=True, exist_ok=True)
    values = 0
    for area, count in OMRADEN.items():
        kpier = [f"{area}{nr:03d}" for nr in range(count)]
        entries = {kpi: {"title": f"Tal {kpi}", "is_divided_by_gender": True} for kpi in kpier}
        head = {
            "slag": "varden", "hamtad": "2026-11-01T06:00:00+00:00", "urval": "alla", "ursprung": "kolada", "kalltext": "bench",
            "nyckeltal": entries, "preliminart": {}, "ar": list(AR),
        }  # fmt: skip
        rows = list(_rader(kpier))
        values += 3 * len(rows)
        (folder / f"kolada_varden_{area}_alla_uttag_2026-11-01.json").write_bytes(dokument.skriv(head, rows))
    return values


def _rader(kpier: list[str]) -> Iterator[dict[str, Any]]:
    slump = random.Random(kpier[0])
    for kpi in kpier:
        for kod in kommuner({}):
            for year in AR:
                yield {
                    "kpi": kpi, "municipality": kod, "period": year,
                    "values": [
                        {"gender": kon, "count": 1, "status": "", "value": round(slump.random() * 5000, 6), "isdeleted": False}
                        for kon in "TKM"
                    ],
                }  # fmt: skip


def kor(rot: Path) -> dict[str, float]:
    """Read what is new and build; seconds of each, and peak memory of this process in MiB."""
    settings.telemetri_av()
    yta = settings.arbetsyta(rot / "raw")
    run = korning.Korning(yta=yta, konfig=settings.konfig())
    for kalla in sources():
        for table in load_contract(kalla).tabeller:
            lake.ensure_schema(yta.lake, table)
    cpu = time.process_time()
    start = time.perf_counter()
    new = korning.las_leveranser(run, "kolada")
    read = time.perf_counter()
    korning.skriv_register(run)
    dbt.parse(yta)
    prepared = time.perf_counter()
    target = dbt.new_lager(yta)
    durable.restricted_dir(target.parent)
    with dbt._environment(yta, target):
        nodes = dbt._invoke(["run", "--select", "+int_kolada__varden"])
    assert all(one.status == "success" for one in nodes), [one.message for one in nodes]
    return {
        "leveranser": len(new),
        "rader": sum(one.godkanda for one in new),
        "avvisade": sum(one.avvisade for one in new),
        "las_s": read - start,
        "bygg_s": time.perf_counter() - prepared,
        "modeller_s": sum(one.execution_time for one in nodes),
        "cpu_s": time.process_time() - cpu,
        "MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def andra_ett_nyckeltal(rot: Path) -> None:
    """A refresh a month later: one KPI area comes again with one value changed."""
    path = next((rot / "raw" / "kolada").glob("kolada_varden_U20_*2026-11-01.json"))
    later = path.with_name(path.name.replace("2026-11-01", "2026-12-01"))
    first, _, rest = path.read_bytes().partition(b"\n")
    later.write_bytes(
        first.replace(b"2026-11-01", b"2026-12-01") + b"\n" + rest.replace(b'"count": 1', b'"count": 2', 1)
    )


def main() -> None:
    """Make, read, refresh; each run in a process of its own."""
    if len(sys.argv) > 2:
        sys.stdout.write(json.dumps(kor(Path(sys.argv[2]))) + "\n")
        return
    rot = Path(sys.argv[1]) if len(sys.argv) == 2 else Path(tempfile.mkdtemp(prefix="bench_kolada_"))
    if not (rot / "raw" / "kolada").is_dir():
        print(f"{leveranser(rot / 'raw')} values written")
    shutil.rmtree(rot / "lake", ignore_errors=True)
    for later in (rot / "raw" / "kolada").glob("*2026-12-01.json"):
        later.unlink()
    for name in ("everything new", "nothing new", "one area changed"):
        if name == "one area changed":
            andra_ett_nyckeltal(rot)
        done = subprocess.run([sys.executable, __file__, "--kor", str(rot)], check=True, capture_output=True, text=True)
        print(name, done.stdout.strip().splitlines()[-1])


def bench_national_volume(tmp_path: Path) -> None:
    """Under `make bench`: the same, printed."""
    sys.argv = [__file__, str(tmp_path)]
    main()


if __name__ == "__main__":
    main()
