"""Faults 59-66: a reader killed at any stage. The rerun ends where an uninterrupted run would, never with two copies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from pipelines.delivery.ledger import Ledger

STAGES = ("fil_last", "lake_skriven", "fellista_skriven", "liggare_skriven")
PROGRAM = """
import sys
from pathlib import Path
from pipelines import korning, settings
one = korning.Korning(yta=settings.arbetsyta(Path(sys.argv[1])), konfig=settings.konfig())
korning.las_leveranser(one, "befolkning")
"""


def read(raw: Path, **env: str) -> int:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("TERTIAL_")}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, str(raw)], env={**inherited, "TERTIAL_IDAG": "2025-10-01", **env}, check=False
    ).returncode


def deliver(raw: Path, year: int, inhabitants: int) -> None:
    folder = raw / "befolkning" / "0184_solna"
    folder.mkdir(parents=True, exist_ok=True)
    rows = [f"{year};{age};{sex};{inhabitants}" for age in (0, 17, 18, 65) for sex in "KM"]
    (folder / f"befolkning_{year}_{inhabitants}.csv").write_text(
        "\n".join(["ar;alder;kon;antal", *rows]) + "\n", encoding="utf-8"
    )


def state(raw: Path) -> tuple[list[tuple[str, str, str]], list[tuple[object, ...]]]:
    lake = raw.parent / "lake"
    ledger = [(one.leverans_id, one.status, one.sha256) for one in Ledger(lake).manifests()]
    rows = pl.read_parquet(lake / "befolkning" / "*.parquet").sort("ar", "alder", "kon", "antal").rows()
    return sorted(ledger), rows


@pytest.mark.parametrize("stage", STAGES)
def test_the_rerun_equals_an_uninterrupted_run(tmp_path: Path, stage: str) -> None:
    undisturbed, killed = tmp_path / "hel" / "raw", tmp_path / "dodad" / "raw"
    for raw in (undisturbed, killed):
        for year in (2023, 2024):
            deliver(raw, year, 100)
    assert read(undisturbed) == 0
    assert read(killed, TERTIAL_KRASCH=stage) == -signal.SIGKILL
    assert read(killed) == 0
    assert state(killed) == state(undisturbed)
    assert [*killed.parent.rglob("*.tmp")] == []
