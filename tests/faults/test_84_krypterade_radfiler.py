"""The lake at rest: unreadable without the key, switched on and off by the setting, followed by all that rewrites rows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines import korning
from pipelines.delivery import gallring, lake, nyckelbyte, underhall
from pipelines.delivery.ledger import in_force
from pipelines.errors import TertialError
from pipelines.guard.gallande import gallande, omfattningar
from pipelines.sekretess import radfil
from pipelines.sekretess.gallring import finns_i_bytes
from pipelines.sekretess.nyckel import skapa_nyckel
from pipelines.warehouse import kryptering
from tests.faults import arbetsplats
from tests.faults.arbetsplats import Zon

STEG = ("kryptering_borjad", "kryptering_fil", "kryptering_liggare")
PROGRAM = """
import sys
from pathlib import Path
from pipelines import korning, settings
korning.las_leveranser(korning.Korning(yta=settings.arbetsyta(Path(sys.argv[1])), konfig=settings.konfig()), "placeringar")
"""


@pytest.fixture
def zon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Zon:
    return arbetsplats.gor(tmp_path, monkeypatch)


@pytest.fixture
def krypterad(zon: Zon, monkeypatch: pytest.MonkeyPatch) -> Zon:
    monkeypatch.setenv("TERTIAL_KRYPTERA", "ja")
    zon.las()
    return zon


def rader(zon: Zon) -> pl.DataFrame:
    """Every stored placement through the door, in the order of `Zon.rader`."""
    files = (zon.yta.lake / "placeringar").glob("*.parquet")
    return pl.concat([radfil.las(path) for path in files]).sort("leverans_id", "rad")


def hel(zon: Zon, *, kryptering: bool) -> None:
    """Every file is of one kind, the ledger speaks of the files as they are, and nothing is left over."""
    assert radfil.lage(zon.yta.lake) is kryptering
    for manifest in zon.manifests():
        for name, post in manifest.tabeller.items():
            assert post.sha256 == underhall.sha256_av(zon.yta.lake / name / post.parquet)
    assert underhall.pagaende(zon.yta.lake) is None
    assert not [path for path in zon.yta.lake.rglob("*") if path.suffix in {".tmp", ".gallring", ".nyckelbyte"}]


def test_switched_on_every_row_file_is_unreadable_without_the_key_and_off_again_every_byte_is_as_it_was(
    zon: Zon, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, plain = zon.rader(), zon.tillstand()
    persons = {one for name in ("person_id", "placering_id") for one in before[name]}
    assert sum(finns_i_bytes(path, persons) for path in radfil.alla(zon.yta.lake)) > 0
    monkeypatch.setenv("TERTIAL_KRYPTERA", "ja")
    run = zon.las()
    assert run.omskrivet is not None and "3 radfiler" in run.omskrivet
    hel(zon, kryptering=True)
    assert rader(zon).equals(before)
    for path in radfil.alla(zon.yta.lake):
        assert finns_i_bytes(path, persons) == 0 and b"placering" not in path.read_bytes()
        assert path.stat().st_mode & 0o777 == 0o600
        with pytest.raises(duckdb.Error, match="encrypted"):
            duckdb.sql(f"from read_parquet('{path}')").fetchall()
    assert zon.las().omskrivet is None
    monkeypatch.delenv("TERTIAL_KRYPTERA")
    assert zon.las().omskrivet is not None
    hel(zon, kryptering=False)
    assert zon.tillstand() == plain


def test_what_comes_afterwards_is_encrypted_too_and_the_checks_and_dbt_see_it(
    krypterad: Zon, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Also a file from before a column was added: it has null there, as a plain one has."""
    krypterad.leverera("register_uttag_2026-01-10.csv", [arbetsplats.rad("P-6", "ny", "2026-01-05", "")])
    hel(krypterad, kryptering=True)
    old = radfil.alla(krypterad.yta.lake)[-1]
    radfil.skriv(old, radfil.las(old).drop("regi"), radfil.zonens_nyckel())
    wanted = pl.concat([radfil.las(path) for path in radfil.alla(krypterad.yta.lake)], how="diagonal")
    monkeypatch.setenv("TERTIAL_LAKE", str(krypterad.yta.lake))
    monkeypatch.setenv("TERTIAL_LAGER", str(tmp_path / "lager.duckdb"))
    manifests = krypterad.manifests()
    with duckdb.connect() as guard, duckdb.connect() as dbt:
        gallande(guard, krypterad.yta.lake, omfattningar(manifests))
        kryptering.for_dbt(dbt)
        seen = dbt.sql('from memory.sjo."placeringar"').pl()
        assert seen.sort("leverans_id", "rad").equals(wanted.select(seen.columns).sort("leverans_id", "rad"))
        (counted,) = guard.sql("select count(*) from placeringar").fetchone() or (0,)
        assert counted == wanted.filter(pl.col("leverans_id").is_in([o.leverans_id for o in in_force(manifests) if o.gallande])).height  # fmt: skip
        assert 0 < counted < wanted.height


@pytest.mark.parametrize("pa", [True, False])
def test_what_the_checks_put_down_is_encrypted_when_the_lake_is(
    zon: Zon, pa: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Off, the same rows are found in the same place: the search can fail."""
    monkeypatch.setenv("TERTIAL_KRYPTERA", "ja" if pa else "nej")
    zon.las()
    with duckdb.connect(config={"threads": 1}) as guard:
        gallande(guard, zon.yta.lake, omfattningar(zon.manifests()))
        guard.execute("set memory_limit = '20MB'; set preserve_insertion_order = false")
        guard.execute(
            "create temp table stor as select person_id || md5(n::text) || md5((7 * n)::text) as vem"
            " from (from placeringar limit 1), range(500000) as many (n)"
        )
        spill = b"".join(path.read_bytes() for path in zon.yta.lake.glob("_temp-*/*"))
        (person,) = guard.execute("select person_id from placeringar limit 1").fetchone() or ("",)
    assert len(spill) > 1_000_000
    assert (person.encode() in spill) is not pa


def test_what_a_killed_run_put_down_is_removed_by_the_next_and_a_living_process_keeps_its_own(zon: Zon) -> None:
    with subprocess.Popen(["sleep", "60"]) as living:
        dead = subprocess.Popen(["true"])
        dead.wait()
        folders = [zon.yta.lake / f"_temp-{pid}-140" for pid in (dead.pid, os.getpid(), living.pid)]
        for folder in folders:
            folder.mkdir()
            (folder / "duckdb_temp_storage_DEFAULT-0.tmp").write_bytes(b"rows")
        zon.las()
        assert [folder.exists() for folder in folders] == [False, False, True]
        living.kill()
    zon.las()
    assert not folders[-1].exists()


def test_a_change_of_key_rewrites_every_encrypted_file(krypterad: Zon, tmp_path: Path) -> None:
    before, old = rader(krypterad), radfil.zonens_nyckel()
    done = nyckelbyte.byt(krypterad.yta, krypterad.nyckel)
    after = rader(krypterad)
    assert (done.filer, done.leveranser) == (3, 2)
    assert after.drop("person_id", "placering_id").equals(before.drop("person_id", "placering_id"))
    assert not set(before["person_id"]) & set(after["person_id"])
    hel(krypterad, kryptering=True)
    for path in radfil.alla(krypterad.yta.lake):
        with pytest.raises(TertialError, match="annan nyckel"):
            radfil.las(path, old)


def test_retention_removes_the_same_rows(krypterad: Zon) -> None:
    done = gallring.gallra(krypterad.yta, date(2020, 1, 1), date(2026, 1, 15))
    assert (done.antal("gallras"), rader(krypterad).height) == (3, 4)
    hel(krypterad, kryptering=True)


def test_another_key_is_refused_before_anything_is_written(
    krypterad: Zon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also by a source without persons: a lake encrypted with two keys would be half lost."""
    before = krypterad.tillstand()
    skapa_nyckel(tmp_path / "annan")
    monkeypatch.setenv("TERTIAL_NYCKEL", str(tmp_path / "annan"))
    other = korning.Korning(yta=krypterad.yta, konfig=korning.settings.konfig())
    with pytest.raises(TertialError, match="Fel nyckel"):
        korning.las_leveranser(other, "befolkning")
    with pytest.raises(TertialError, match="annan nyckel"):
        radfil.las(radfil.alla(krypterad.yta.lake)[0])
    monkeypatch.delenv("TERTIAL_KRYPTERA")
    with pytest.raises(TertialError, match="annan nyckel"):
        krypterad.las()
    assert {name: data for name, data in krypterad.tillstand().items() if underhall.JOURNAL not in name} == before


def test_the_first_encryption_remembers_the_key_where_there_is_no_person_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone = Zon(korning.settings.arbetsyta(tmp_path / "raw"), tmp_path / "nyckel")
    monkeypatch.setenv("TERTIAL_KRYPTERA", "ja")
    for name in ("nyckel", "annan"):
        skapa_nyckel(tmp_path / name)
        monkeypatch.setenv("TERTIAL_NYCKEL", str(tmp_path / name))
        run = korning.Korning(yta=zone.yta, konfig=korning.settings.konfig())
        if name == "nyckel":
            korning.las_leveranser(run, "befolkning")
            continue
        with pytest.raises(TertialError, match="Fel nyckel"):
            korning.las_leveranser(run, "befolkning")
    assert lake.SCHEMA_FILE in {path.name for path in radfil.alla(zone.yta.lake)}


@pytest.mark.slow
@pytest.mark.parametrize("steg", STEG)
def test_killed_anywhere_the_next_run_ends_as_an_undisturbed_one(
    zon: Zon, steg: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = zon.rader()
    monkeypatch.setenv("TERTIAL_KRYPTERA", "ja")
    killed = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(zon.yta.raw)], env={**os.environ, "TERTIAL_KRASCH": steg}, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    with pytest.raises(TertialError, match="tertial run"):
        nyckelbyte.byt(zon.yta, zon.nyckel)
    zon.las()
    hel(zon, kryptering=True)
    assert rader(zon).equals(before)
