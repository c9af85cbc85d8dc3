"""The key file: who may have read it, whether it is the right one, and changing it under kill -9."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import TertialError
from pipelines.sekretess.nyckel import (
    JOURNAL,
    Nyckel,
    kontrollera_fingeravtryck,
    las_fingeravtryck,
    las_nyckel,
    skapa_nyckel,
    skriv_fingeravtryck,
    skriv_nyckel,
)
from pipelines.sekretess.nyckelbyte import Tabellfil, byt_nyckel
from pipelines.sekretess.pseudonym import Pseudonymiserare
from tests.unit.identiteter import nummer

PERSONER = pl.Series("person", [nummer(date(1990, 1, 1) + timedelta(days=dag)) for dag in range(50)])


def test_a_new_key_is_private_random_and_read_back(tmp_path: Path) -> None:
    fil = tmp_path / "min.nyckel"
    nyckel = skapa_nyckel(fil)
    assert stat.S_IMODE(fil.stat().st_mode) == 0o400
    assert fil.stat().st_nlink == 1
    assert las_nyckel(fil) == nyckel != skapa_nyckel(tmp_path / "annan.nyckel")
    assert [namn.name for namn in sorted(tmp_path.iterdir())] == ["annan.nyckel", "min.nyckel"]


def test_an_existing_key_is_never_written_over(tmp_path: Path) -> None:
    fil = tmp_path / "min.nyckel"
    nyckel = skapa_nyckel(fil)
    with pytest.raises(TertialError, match="skrivs aldrig över"):
        skapa_nyckel(fil)
    assert las_nyckel(fil) == nyckel
    lank = tmp_path / "lank.nyckel"
    lank.symlink_to(tmp_path / "mal")
    with pytest.raises(TertialError, match="skrivs aldrig över"):
        skapa_nyckel(lank)
    assert not (tmp_path / "mal").exists()


def test_what_a_killed_creation_leaves_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / ".min.nyckel.tmp").write_bytes(b"tertial-ny")
    skapa_nyckel(tmp_path / "min.nyckel")
    assert [fil.name for fil in tmp_path.iterdir()] == ["min.nyckel"]


@pytest.mark.parametrize("rattighet", [0o404, 0o440, 0o420, 0o644, 0o602, 0o410])
def test_a_key_that_others_could_read_or_write_is_refused(tmp_path: Path, rattighet: int) -> None:
    fil = tmp_path / "min.nyckel"
    skapa_nyckel(fil)
    fil.chmod(rattighet)
    with pytest.raises(TertialError, match="kan läsas eller ändras av andra"):
        las_nyckel(fil)


def test_missing_symlink_folder_pipe_and_damaged_keys_are_refused(tmp_path: Path) -> None:
    fil = tmp_path / "min.nyckel"
    with pytest.raises(TertialError, match="finns inte"):
        las_nyckel(fil)
    skapa_nyckel(fil)
    (tmp_path / "lank").symlink_to(fil)
    with pytest.raises(TertialError, match="symbolisk länk"):
        las_nyckel(tmp_path / "lank")
    with pytest.raises(TertialError, match="ingen vanlig fil"):
        las_nyckel(tmp_path)
    os.mkfifo(tmp_path / "ror", 0o400)
    with pytest.raises(TertialError, match="ingen vanlig fil"):
        las_nyckel(tmp_path / "ror")
    hel = fil.read_bytes()
    for skadad in (b"", hel[:-1], hel + b"\n", hel.upper(), b"x" * len(hel), os.urandom(32)):
        trasig = tmp_path / "trasig"
        trasig.unlink(missing_ok=True)
        trasig.write_bytes(skadad)
        trasig.chmod(0o400)
        with pytest.raises(TertialError, match="skadad") as fel:
            las_nyckel(trasig)
        assert hel[17:81].decode() not in str(fel.value)


def test_another_owner_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fil = tmp_path / "min.nyckel"
    nyckel = skapa_nyckel(fil)
    egen = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: egen + 1)
    with pytest.raises(TertialError, match="annat konto"):
        las_nyckel(fil)
    if egen == 0:  # a systemd credential belongs to root
        assert las_nyckel(fil, uppgiftskatalog=tmp_path) == nyckel


def test_a_systemd_credential_may_show_its_access_list_as_group_read(tmp_path: Path) -> None:
    fil = tmp_path / "tertial.nyckel"
    nyckel = skapa_nyckel(fil)
    fil.chmod(0o440)
    assert las_nyckel(fil, uppgiftskatalog=tmp_path) == nyckel
    with pytest.raises(TertialError, match="andra"):
        las_nyckel(fil, uppgiftskatalog=tmp_path / "annan")
    fil.chmod(0o444)
    with pytest.raises(TertialError, match="andra"):
        las_nyckel(fil, uppgiftskatalog=tmp_path)


def test_the_fingerprint_refuses_a_wrong_key(tmp_path: Path) -> None:
    fil, nyckel = tmp_path / "fingeravtryck.json", Nyckel.slumpad()
    with pytest.raises(TertialError, match="kan inte kontrolleras"):
        kontrollera_fingeravtryck(nyckel, fil, tomt=False)
    kontrollera_fingeravtryck(nyckel, fil, tomt=True)
    kontrollera_fingeravtryck(nyckel, fil, tomt=False)
    for fel_nyckel in (Nyckel.slumpad(), nyckel.nasta_omgang()):
        for tomt in (True, False):
            with pytest.raises(TertialError, match="Fel nyckel"):
                kontrollera_fingeravtryck(fel_nyckel, fil, tomt=tomt)
    fil.write_text("{}")
    with pytest.raises(TertialError, match="skadad"):
        kontrollera_fingeravtryck(nyckel, fil, tomt=False)


def _lager(mapp: Path) -> list[Tabellfil]:
    """A key, its fingerprint and two tables made with it."""
    p = Pseudonymiserare(skapa_nyckel(mapp / "min.nyckel"))
    skriv_fingeravtryck(las_nyckel(mapp / "min.nyckel"), mapp / "fingeravtryck.json")
    person = p.kolumn(PERSONER, "person")
    arende = p.kolumn(pl.Series([f"A{i}" for i in range(50)]), "arende")
    pl.DataFrame({"person": person, "arende": arende, "dygn": range(50)}).write_parquet(
        mapp / "a.parquet", metadata={"kalla": "test"}
    )
    halften = person.to_frame().with_columns(pl.when(pl.int_range(50) < 40).then("person").alias("person"))
    halften.write_parquet(mapp / "b.parquet", row_group_size=7)
    return tabeller(mapp)


def tabeller(mapp: Path) -> list[Tabellfil]:
    return [
        Tabellfil(mapp / "a.parquet", {"person": "person", "arende": "arende"}),
        Tabellfil(mapp / "b.parquet", {"person": "person"}),
    ]


def _ar_helt(mapp: Path) -> str:
    """Key, fingerprint and every table agree; nothing is left over. Returns the fingerprint."""
    nyckel = las_nyckel(mapp / "min.nyckel")
    kontrollera_fingeravtryck(nyckel, mapp / "fingeravtryck.json", tomt=False)
    p = Pseudonymiserare(nyckel)
    a, b = pl.read_parquet(mapp / "a.parquet"), pl.read_parquet(mapp / "b.parquet")
    assert a["person"].to_list() == p.kolumn(PERSONER, "person").to_list()
    assert a["arende"].to_list() == p.kolumn(pl.Series([f"A{i}" for i in range(50)]), "arende").to_list()
    assert pl.read_parquet_metadata(mapp / "a.parquet")["kalla"] == "test"
    assert a["dygn"].to_list() == list(range(50))
    assert b["person"].to_list() == [*a["person"].head(40), *[None] * 10]
    assert sorted(fil.name for fil in mapp.iterdir()) == ["a.parquet", "b.parquet", "fingeravtryck.json", "min.nyckel"]
    return nyckel.fingeravtryck


def test_changing_the_key_keeps_every_person_linked(tmp_path: Path) -> None:
    lager = _lager(tmp_path)
    fore, gamla = _ar_helt(tmp_path), set(pl.read_parquet(tmp_path / "a.parquet")["person"])
    efter = byt_nyckel(tmp_path / "min.nyckel", tmp_path / "fingeravtryck.json", lager)
    assert _ar_helt(tmp_path) == efter != fore
    assert not gamla & set(pl.read_parquet(tmp_path / "a.parquet")["person"])
    assert stat.S_IMODE((tmp_path / "min.nyckel").stat().st_mode) == 0o400


def test_the_old_key_is_overwritten_not_only_unlinked(tmp_path: Path) -> None:
    lager = _lager(tmp_path)
    with (tmp_path / "min.nyckel").open("rb", buffering=0) as gammal:
        assert gammal.read(7) == b"tertial"
        byt_nyckel(tmp_path / "min.nyckel", tmp_path / "fingeravtryck.json", lager)
        gammal.seek(0)
        assert set(gammal.read()) == {0}


def test_a_wrong_key_or_a_foreign_value_changes_nothing(tmp_path: Path) -> None:
    lager = _lager(tmp_path)
    fore = _ar_helt(tmp_path)
    skriv_nyckel(Nyckel.slumpad(), tmp_path.parent / f"{tmp_path.name}.nyckel")
    with pytest.raises(TertialError, match="inte den som lagret"):
        byt_nyckel(tmp_path.parent / f"{tmp_path.name}.nyckel", tmp_path / "fingeravtryck.json", lager)
    hemlig = PERSONER[0]
    pl.DataFrame({"person": [hemlig]}).write_parquet(tmp_path.parent / f"{tmp_path.name}.parquet")
    framling = Tabellfil(tmp_path.parent / f"{tmp_path.name}.parquet", {"person": "person"})
    with pytest.raises(TertialError, match="inte är en pseudonym") as fel:
        byt_nyckel(tmp_path / "min.nyckel", tmp_path / "fingeravtryck.json", [*lager, framling])
    assert hemlig not in str(fel.value)
    assert fel.value.__cause__ is None
    with pytest.raises(TertialError, match="finns inte"):
        borta = Tabellfil(tmp_path / "borta.parquet", {})
        byt_nyckel(tmp_path / "min.nyckel", tmp_path / "fingeravtryck.json", [*lager, borta])
    assert _ar_helt(tmp_path) == fore


STEG = [
    "journal", "nyckel_staged", "tabell_staged:2", "tabell_staged", "beslut", "tabell_bytt", "tabell_bytt:2",
    "gammal_undan", "nyckel_bytt", "gammal_forstord", "fingeravtryck",
]  # fmt: skip
EFTER_BESLUT = set(STEG[4:])
DODAS = """
import os, signal, sys
from pathlib import Path
from pipelines.sekretess.nyckelbyte import byt_nyckel
from tests.unit.test_nyckel import tabeller
mapp, (namn, _, gang), sedda = Path(sys.argv[1]), sys.argv[2].partition(":"), []
def steg(har):
    sedda.append(har)
    if sedda.count(namn) == int(gang or 1):
        os.kill(os.getpid(), signal.SIGKILL)
byt_nyckel(mapp / "min.nyckel", mapp / "fingeravtryck.json", tabeller(mapp), steg=steg)
"""


@pytest.mark.slow
@pytest.mark.parametrize("steg", STEG)
def test_killed_at_any_stage_a_rerun_ends_as_an_uninterrupted_change(tmp_path: Path, steg: str) -> None:
    lager = _lager(tmp_path)
    fore = _ar_helt(tmp_path)
    dod = subprocess.run([sys.executable, "-c", DODAS, str(tmp_path), steg], check=False, capture_output=True)
    assert dod.returncode == -signal.SIGKILL, dod.stderr.decode()
    assert (tmp_path / JOURNAL).exists()
    vantar = next(tmp_path.glob("min.nyckel*"))  # whichever key file there is: nothing may run meanwhile
    with pytest.raises(TertialError, match="avbrutits"):
        kontrollera_fingeravtryck(las_nyckel(vantar), tmp_path / "fingeravtryck.json", tomt=False)
    staged = las_nyckel(tmp_path / "min.nyckel.ny").fingeravtryck if (tmp_path / "min.nyckel.ny").exists() else None
    efter = byt_nyckel(tmp_path / "min.nyckel", tmp_path / "fingeravtryck.json", lager)
    assert _ar_helt(tmp_path) == efter != fore
    assert las_fingeravtryck(tmp_path / "fingeravtryck.json") == efter
    if staged:  # after the commit point the staged key goes on, before it a new one is made
        assert (efter == staged) == (steg in EFTER_BESLUT)
