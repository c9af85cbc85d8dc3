"""From deliveries to a frozen report and back, by the commands a controller uses, on a small generated municipality."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from pipelines.sekretess.nyckel import skapa_nyckel
from pipelines.synth import generera
from tests.modeller import modellerna_ar_provade

pytestmark = pytest.mark.slow
UTAN_NAT = Path(__file__).parent / "utan_nat"
JULI = "forsorjningsstod_2025-07_uttag_2025-08-12.csv"
RATTAD = "forsorjningsstod_2025-07_rattelse_uttag_2025-09-20.csv"


class Arbetsplats:
    """A workspace, the command line on it, and a calendar to move through."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.data = root / "data"
        self.key = root / "nyckel"
        self.idag = "2025-09-15"

    def tertial(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("TERTIAL_")}
        return subprocess.run(
            [
                sys.executable,
                "-c",
                "from pipelines.cli.app import main; main()",
                *arguments,
                "--raw",
                str(self.data / "raw"),
            ],
            env={
                **inherited,
                "PYTHONPATH": str(UTAN_NAT),
                "TERTIAL_NYCKEL": str(self.key),
                "TERTIAL_DBT_TARGET": str(self.root / "target"),
                "TERTIAL_IDAG": self.idag,
                "COLUMNS": "160",
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )

    def ok(self, *arguments: str) -> str:
        done = self.tertial(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def refused(self, *arguments: str) -> str:
        done = self.tertial(*arguments)
        assert done.returncode == 1, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return re.sub(r"\s+", " ", done.stderr)

    @property
    def r1(self) -> Path:
        return self.data / "publikationer" / "9998" / "2025-delar2" / "r1"

    def hashes(self, marts: Path) -> dict[str, str]:
        """sha256 of every table of figures in an edition."""
        files = json.loads((marts / "manifest.json").read_bytes())["filer"]
        outside = {"datakvalitet", "sdc_audit", "andringar", "leveranser"}
        return {
            name: fact["sha256"]
            for name, fact in files.items()
            if name.endswith(".parquet") and Path(name).stem not in outside
        }


@pytest.fixture(scope="module")
def plats(tmp_path_factory: pytest.TempPathFactory) -> Arbetsplats:
    """15 September: loaded and published. 25 September: July's aid is corrected and loaded."""
    place = Arbetsplats(tmp_path_factory.mktemp("publicering"))
    generera("Exempelby", 6_000, 18, 7, place.data / "raw")
    skapa_nyckel(place.key)
    modellerna_ar_provade(place.data / "raw")
    place.ok("run")
    place.forsta = place.hashes(place.data / "marts")  # type: ignore[attr-defined]
    place.ok("publicera", "delar2", "--kommun", "Exempelby")
    folder = place.data / "raw" / "forsorjningsstod" / "9998_exempelby"
    lines = (folder / JULI).read_text("utf-8-sig").splitlines()
    # every fifth household was paid a thousand kronor more
    raised = [
        re.sub(r";(\d+)\s(\d{3}),(\d\d);", lambda found: f";{int(found[1]) + 1} {found[2]},{found[3]};", line, count=1)
        if number % 5 == 0
        else line
        for number, line in enumerate(lines)
    ]
    assert raised != lines
    (folder / RATTAD).write_text("\r\n".join(raised) + "\r\n", "utf-8-sig")
    place.idag = "2025-09-25"
    assert "är inte läst" in place.refused("publicera", "delar2", "--kommun", "9998", "--revidera", "juli rättad")
    place.ok("run")
    return place


def test_the_marts_say_what_has_changed_since_the_publication_and_which_delivery_did_it(plats: Arbetsplats) -> None:
    changed = pl.read_parquet(plats.data / "marts" / "andringar.parquet")
    paid = changed.filter(
        pl.col("matt_id") == "eb_belopp", pl.col("periodtyp") == "manad", pl.col("organisation") == "Totalt"
    )
    assert paid["period_slut"].dt.month().unique().to_list() == [7]
    assert changed["sedan"].unique().to_list() == ["2025-delar2 r1"]
    assert paid["orsak"].unique().to_list() == ["rattad_leverans"]
    assert all(RATTAD in files for files in paid["filer"])
    assert changed.filter(pl.col("period_slut") < pl.date(2025, 7, 1), pl.col("mart") == "nyckeltal").is_empty()


def test_as_of_gives_the_marts_of_that_day_and_leaves_todays_alone(plats: Arbetsplats) -> None:
    today = plats.hashes(plats.data / "marts")
    register = {path.name: path.read_bytes() for path in (plats.data / "lake" / "_register").iterdir()}
    lager = (plats.data / "lager" / "lager.duckdb").stat()
    plats.ok("run", "--per", "2025-09-20")
    then = plats.hashes(plats.data / "marts_per" / "2025-09-20")
    assert then == plats.forsta != today  # type: ignore[attr-defined]
    assert plats.hashes(plats.data / "marts") == today
    assert {path.name: path.read_bytes() for path in (plats.data / "lake" / "_register").iterdir()} == register
    after = (plats.data / "lager" / "lager.duckdb").stat()
    assert (after.st_mtime_ns, after.st_ino) == (lager.st_mtime_ns, lager.st_ino)
    assert not (plats.data / "skugga").exists()
    assert "Inga leveranser var mottagna" in plats.refused("run", "--per", "2025-09-01")


def test_a_publication_is_rebuilt_from_its_deliveries_byte_for_byte(plats: Arbetsplats) -> None:
    said = plats.ok("publicera", "--aterskapa", str(plats.r1))
    for mart in ("nyckeltal", "verksamhetsmatt", "budgetuppfoljning", "effektmal_uppfoljning", "leveranser"):
        assert mart in said


def test_a_revision_keeps_the_first_and_lists_the_changes(plats: Arbetsplats) -> None:
    before = {path.name: path.read_bytes() for path in plats.r1.iterdir()}
    said = plats.ok("publicera", "delar2", "--kommun", "Exempelby", "--revidera", "juli rättad")
    assert "revision 2" in said and RATTAD in said
    assert {path.name: path.read_bytes() for path in plats.r1.iterdir()} == before
    second = pl.read_parquet(plats.r1.with_name("r2") / "andringar.parquet")
    assert second.height and set(second["orsak"]) <= {"rattad_leverans", "undertryckning"}
    assert "redan publicerad" in plats.refused("publicera", "delar2", "--kommun", "Exempelby")


def test_the_report_comes_from_the_latest_revision(plats: Arbetsplats, tmp_path: Path) -> None:
    if not plats.r1.with_name("r2").exists():
        plats.ok("publicera", "delar2", "--kommun", "Exempelby", "--revidera", "juli rättad")
    said = plats.ok("rapport", "delar2", "--kommun", "Exempelby", "--ut", str(tmp_path))
    assert "alla prövade mot publikationen 2025-delar2 r2" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["9998_2025-delar2_r2.docx", "9998_2025-delar2_r2.pdf"]


def test_what_cannot_be_done_is_said_with_the_next_step(plats: Arbetsplats) -> None:
    assert "finns inte i kalendern" in plats.refused("publicera", "delar9", "--kommun", "Exempelby")
    assert "är okänd" in plats.refused("publicera", "delar2", "--kommun", "Grönköping")
    assert "inte slut förrän" in plats.refused("publicera", "bokslut", "--kommun", "Exempelby", "--ar", "2025")
    assert "är inte publicerad" in plats.refused("rapport", "delar1", "--kommun", "Exempelby")
    assert "Ange tillfälle och kommun" in plats.refused("publicera")
