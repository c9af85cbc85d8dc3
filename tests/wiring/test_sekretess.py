"""The restricted zone's whole life through the real command: run encrypted, change the key, run, weed, run, verify the log."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipelines.sekretess import filgranskning, radfil
from pipelines.warehouse.kryptering import oppna
from tests.korklar import Arbetsplats

pytestmark = pytest.mark.slow
UTAN_NAT = Path(__file__).parent / "utan_nat"
STAGING = "select count(*), count(distinct person_id) from staging.stg_placeringar__placeringar"
# what speaks of the run itself, not of the municipality
OM_KORNINGEN = {"datakvalitet", "leveranser", "sdc_audit", "andringar"}


class Plats:
    """A workspace, its key, and the command on it."""

    def __init__(self, root: Path) -> None:
        self.root, self.data, self.key = root, root / "data", root / "hemligt" / "nyckel"
        self.key.parent.mkdir()
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("TERTIAL_")} | {
            "PYTHONPATH": str(UTAN_NAT),
            "TERTIAL_DATA": str(self.data),
            "TERTIAL_NYCKEL": str(self.key),
            "TERTIAL_DBT_TARGET": str(root / "target"),
            "TERTIAL_IDAG": "2025-09-15",
            "TERTIAL_KRYPTERA": "ja",
            "COLUMNS": "160",
        }

    def tertial(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        program = [sys.executable, "-c", "from pipelines.cli.app import main; main()", *arguments]
        return subprocess.run(program, env=self.env | env, capture_output=True, text=True, check=False, timeout=600)

    def utan_fel(self, *arguments: str) -> str:
        done = self.tertial(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def marter(self) -> dict[str, pl.DataFrame]:
        """Every mart of figures, in a fixed order of rows."""
        found = {path.stem: pl.read_parquet(path) for path in sorted((self.data / "marts").glob("*.parquet"))}
        return {name: rows for name, rows in found.items() if name not in OM_KORNINGEN}


def test_the_zone_from_first_run_to_retention(
    korklar: Arbetsplats, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plats = Plats(tmp_path)
    korklar.kopia(tmp_path).key.rename(plats.key)
    assert "Personnummer funna" in (korklar.root / "sagt.txt").read_text(encoding="utf-8")
    before = plats.marter()
    assert len(before) > 5 and before["nyckeltal"].height > 100
    warehouse = plats.data / "lager" / "lager.duckdb"
    with oppna(korklar.data / "lager" / "lager.duckdb", korklar.data / "lake") as connection:
        placed = connection.sql(STAGING).fetchone()
    assert placed is not None and placed[0] > 0

    # the key is changed and everything encrypted: every figure is the same, and the old key is refused
    old = tmp_path / "gammal"
    old.write_bytes(plats.key.read_bytes())
    old.chmod(0o400)
    assert "förstörd" in plats.utan_fel("nyckel", "byt")
    assert not warehouse.exists()
    refused = plats.tertial("run", TERTIAL_NYCKEL=str(old))
    assert refused.returncode == 1 and "Fel nyckel" in refused.stderr
    said = plats.utan_fel("run")
    assert "0 nya" in said and "omskrivna och krypterade" in said
    for name in ("TERTIAL_NYCKEL", "TERTIAL_KRYPTERA"):
        monkeypatch.setenv(name, plats.env[name])
    assert radfil.lage(plats.data / "lake")
    assert b"familjehem" not in warehouse.read_bytes()
    with oppna(warehouse, plats.data / "lake") as connection:
        assert connection.sql("select count(*) > 100 from marts.nyckeltal").fetchone() == (True,)
        assert connection.sql(STAGING).fetchone() == placed
    assert "mål prövade" in plats.tertial("lint", "mal").stdout
    after = plats.marter()
    assert after.keys() == before.keys()
    for name, rows in before.items():
        assert_frame_equal(after[name], rows, check_exact=False, rel_tol=1e-12)

    # retention through the command; what it removes is tested in tests/faults/test_86_gallring.py
    done = plats.tertial("gallra", "--fore", "2021-01-01")
    assert done.returncode == 1 and "2020-01-01" in done.stderr, "a day inside the period is refused"
    assert "Inget är gallrat" in plats.utan_fel("gallra", "--fore", "2020-01-01", "--torr")
    plats.utan_fel("gallra", "--fore", "2020-01-01")

    assert "Loggen är hel" in plats.utan_fel("logg", "verifiera")
    for folder in (plats.root / "target", plats.data / "marts" / "utgavor", plats.data / "logg", plats.data / "fel"):
        assert filgranskning.skanna_trad([folder]) == []
    log = plats.data / "logg" / "atkomst.jsonl"
    log.write_bytes(log.read_bytes().replace(b'"publicerad"', b'"stoppad"', 1))
    assert plats.tertial("logg", "verifiera").returncode == 1
