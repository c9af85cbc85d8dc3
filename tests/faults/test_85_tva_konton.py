"""Fault 85 and the zones: what another account on the same machine can read; where a key may lie; the access log's anchors."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import polars as pl
import pytest

from pipelines import settings
from pipelines.errors import TertialError
from pipelines.publication.edition import Mart, publish
from pipelines.sekretess import atkomst
from pipelines.settings import PROJECT_DIR
from tests.faults import arbetsplats
from tests.faults.arbetsplats import Zon

NOBODY = 65534


@pytest.fixture
def zon(monkeypatch: pytest.MonkeyPatch) -> Iterator[Zon]:
    """A zone installed as docs/drift.md says, in a folder others may pass through, with one edition published."""
    root = Path(tempfile.mkdtemp(prefix="tertial_zon_"))
    root.chmod(0o711)
    (root / "data").mkdir()
    (root / "data").chmod(0o711)
    (root / "data" / "raw").mkdir(mode=0o700)
    zone = arbetsplats.gor(root, monkeypatch)
    anchor = atkomst.spar(zone.yta, "publicering börjar", marter=1)
    mart = Mart("matt", pl.DataFrame({"antal": [7]}))
    publish([mart], zone.yta.marts, {"logg": asdict(anchor)}, inspect=lambda _: None)
    yield zone
    shutil.rmtree(root)


def kan_lasa(path: Path) -> bool:
    """Whether another account can list or read it."""
    command = ["ls", str(path)] if path.is_dir() else ["cat", str(path)]
    return (
        subprocess.run(command, user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True, check=False).returncode
        == 0
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can try as another account")
def test_85_another_account_reads_what_is_published_and_nothing_else(zon: Zon) -> None:
    zon.leverera("trasig_uttag_2026-01-12.csv", [arbetsplats.rad("P-9", "ny", "2026-02-30", "")])  # makes an error list
    restricted = [zon.yta.raw, zon.yta.lake, zon.yta.lager.parent, zon.yta.fel, zon.yta.logg, zon.nyckel.parent]
    for folder in restricted:
        files = [folder, *folder.rglob("*")]
        assert len(files) > 1, folder
        for path in files:
            assert not kan_lasa(path), path
    for name in ("matt.parquet", "tertial.duckdb", "manifest.json"):
        assert kan_lasa(zon.yta.marts / name), name


def test_every_file_of_the_zone_is_its_owners_alone_whatever_the_umask(zon: Zon) -> None:
    for folder in (zon.yta.lake, zon.yta.fel, zon.yta.logg):
        for path in [folder, *folder.rglob("*")]:
            wanted = 0o700 if path.is_dir() else 0o600
            if path.name != "_las":  # holds a process number
                assert path.stat().st_mode & 0o777 == wanted, path
    assert (zon.yta.lake / "_las").stat().st_mode & 0o077 == 0
    assert zon.nyckel.stat().st_mode & 0o777 == 0o400


def test_a_key_that_others_may_read_stops_the_reading(zon: Zon) -> None:
    zon.nyckel.chmod(0o444)
    with pytest.raises(TertialError, match="kan läsas eller ändras av andra"):
        zon.leverera("register_uttag_2026-01-12.csv", [arbetsplats.rad("P-9", "ny", "2026-01-05", "")])
    assert len(zon.manifests()) == 2


@pytest.mark.parametrize("inne_i", ["projektet", "arbetsmappen"])
def test_a_key_is_never_made_inside_the_repository_or_the_workspace(tmp_path: Path, inne_i: str) -> None:
    inside = PROJECT_DIR if inne_i == "projektet" else tmp_path
    key = inside / "undermapp" / "min.nyckel"
    own = {name: value for name, value in os.environ.items() if not name.startswith("TERTIAL_")}
    program = [sys.executable, "-c", "from pipelines.cli.app import main; main()", "nyckel", "skapa"]
    done = subprocess.run(
        program,
        env={**own, "TERTIAL_NYCKEL": str(key), "TERTIAL_DATA": str(tmp_path)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Nyckeln får inte ligga i" in done.stderr.decode()
    assert not key.parent.exists()


def test_the_log_is_checked_against_what_editions_say(zon: Zon) -> None:
    atkomst.spar(zon.yta, "publicerat", utgava="x")
    assert atkomst.verifiera(zon.yta).hel
    assert len(atkomst.ankare(zon.yta)) == 1
    # whoever may write both log and head removes the publication from them; the edition remembers
    log = zon.yta.atkomstlogg
    log.unlink()
    log.with_name(f"{log.name}.huvud").unlink()
    atkomst.spar(zon.yta, "något annat")
    broken = atkomst.verifiera(zon.yta)
    assert [one.varfor for one in broken.brott] == ["rad nummer 1 är en annan än den som fanns"]


def test_a_changed_line_is_found_by_the_command(zon: Zon, capsys: pytest.CaptureFixture[str]) -> None:
    from pipelines.cli import hemligt

    assert hemligt.verifiera_logg(zon.yta.raw) == 0
    log = zon.yta.atkomstlogg
    log.write_bytes(log.read_bytes().replace(b'"vem":"', b'"vem":"x', 1))
    assert hemligt.verifiera_logg(zon.yta.raw) == 1
    assert "rad 1" in capsys.readouterr().err


def test_key_change_and_retention_are_in_the_log_without_a_person(zon: Zon, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines.cli import hemligt

    pseudonyms = {*zon.rader()["person_id"], *zon.rader()["placering_id"]}
    hemligt.byt(zon.yta.raw)
    hemligt.gallra("2020-01-01", True, zon.yta.raw)
    hemligt.gallra("2020-01-01", False, zon.yta.raw)
    text = zon.yta.atkomstlogg.read_text()
    said = [json.loads(line)["vad"] for line in text.splitlines()]
    assert said == ["publicering börjar", "nyckelbyte börjar", "nyckel bytt", "gallring börjar", "gallring klar"]
    assert not [one for one in pseudonyms | {*zon.rader()["person_id"]} if one in text]
    assert atkomst.verifiera(zon.yta).hel
    assert settings.arbetsyta(zon.yta.raw).atkomstlogg.stat().st_mode & 0o777 == 0o600
