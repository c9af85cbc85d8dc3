"""Fault 84 and a change of key: the wrong key is refused, every stored pseudonym is carried over, a kill loses nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from pipelines.delivery import nyckelbyte, underhall
from pipelines.errors import TertialError
from pipelines.sekretess.nyckel import las_nyckel
from tests.faults import arbetsplats
from tests.faults.arbetsplats import Zon

STEG = (
    "byt_borjat", "byt_journal", "byt_nyckel_staged", "byt_tabell_staged", "byt_beslut", "byt_tabell_bytt",
    "byt_gammal_undan", "byt_nyckel_bytt", "byt_gammal_forstord", "byt_fingeravtryck", "byt_tabeller_klara",
    "byt_liggare", "byt_lager_bort",
)  # fmt: skip
PROGRAM = """
import sys
from pathlib import Path
from pipelines import settings
from pipelines.delivery import nyckelbyte
nyckelbyte.byt(settings.arbetsyta(Path(sys.argv[1])), settings.nyckelfil())
"""


@pytest.fixture
def zon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Zon:
    return arbetsplats.gor(tmp_path, monkeypatch)


def kopplingar(ram: pl.DataFrame) -> list[list[int]]:
    """Which rows are the same person: what must be equal before and after, whatever the pseudonyms are."""
    rows = ram.with_row_index("nr").group_by("person_id", maintain_order=True).agg("nr")["nr"].to_list()
    return sorted(rows)


def hel(zon: Zon) -> None:
    """The ledger, the key and the files speak of one another, and nothing is left over."""
    fingerprint = las_nyckel(zon.nyckel).fingeravtryck
    for manifest in zon.manifests():
        assert manifest.nyckel_fingeravtryck == fingerprint
        for name, post in manifest.tabeller.items():
            assert post.sha256 == underhall.sha256_av(zon.yta.lake / name / post.parquet)
    assert underhall.pagaende(zon.yta.lake) is None
    assert [path.name for path in zon.nyckel.parent.iterdir()] == ["nyckel"]
    assert not [path for path in zon.yta.lake.rglob("*") if path.suffix in {".nyckelbyte", ".tmp"}]
    assert not zon.yta.lager.exists(), "the warehouse holds the old pseudonyms"


def test_every_pseudonym_is_new_persons_stay_linked_and_the_rest_of_each_row_is_the_same(zon: Zon) -> None:
    before, old = zon.rader(), las_nyckel(zon.nyckel)
    done = nyckelbyte.byt(zon.yta, zon.nyckel)
    after = zon.rader()
    assert (done.fran, done.till, done.filer, done.leveranser) == (
        old.fingeravtryck, las_nyckel(zon.nyckel).fingeravtryck, 2, 2,
    )  # fmt: skip
    for column in ("person_id", "placering_id"):
        assert not set(before[column]) & set(after[column])
    assert kopplingar(after) == kopplingar(before)
    assert after.drop("person_id", "placering_id").equals(before.drop("person_id", "placering_id"))
    hel(zon)


def test_a_delivery_after_the_change_links_to_persons_before_it(zon: Zon) -> None:
    nyckelbyte.byt(zon.yta, zon.nyckel)
    known = set(zon.rader().filter(pl.col("fodelsear") == 2010)["person_id"])
    zon.leverera("register_uttag_2026-01-10.csv", [arbetsplats.rad("P-6", "ny", "2026-01-05", "")])
    (row,) = zon.rader().filter(pl.col("leverans_id") == zon.manifests()[-1].leverans_id).to_dicts()
    assert known == {row["person_id"]}


def test_what_is_known_stays_known(zon: Zon) -> None:
    nyckelbyte.byt(zon.yta, zon.nyckel)
    assert (zon.las().lasta, len(zon.manifests())) == ([], 2)


def test_84_the_old_key_is_refused_afterwards(zon: Zon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "kopia"
    old.write_bytes(zon.nyckel.read_bytes())
    old.chmod(0o400)
    nyckelbyte.byt(zon.yta, zon.nyckel)
    before = zon.tillstand()
    monkeypatch.setenv("TERTIAL_NYCKEL", str(old))
    with pytest.raises(TertialError, match="Fel nyckel"):
        zon.las()
    with pytest.raises(TertialError, match="inte den som lagret är gjort med"):
        nyckelbyte.byt(zon.yta, old)
    assert zon.tillstand() == before


def test_a_zone_without_pseudonyms_has_no_key_to_change(tmp_path: Path) -> None:
    from pipelines import settings

    with pytest.raises(TertialError, match="ingen nyckel att byta"):
        nyckelbyte.byt(settings.arbetsyta(tmp_path / "raw"), tmp_path / "nyckel")


@pytest.mark.slow
@pytest.mark.parametrize("steg", STEG)
def test_killed_anywhere_the_rerun_ends_the_change_that_was_begun(zon: Zon, steg: str) -> None:
    before = zon.rader()
    killed = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(zon.yta.raw)], env={**os.environ, "TERTIAL_KRASCH": steg}, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    with pytest.raises(TertialError, match="avbr"):
        zon.las()
    committed = las_nyckel(zon.nyckel).fingeravtryck if STEG.index(steg) > STEG.index("byt_gammal_undan") else None
    done = nyckelbyte.byt(zon.yta, zon.nyckel)
    assert committed in (None, done.till), "a second change was begun instead of ending the first"
    assert kopplingar(zon.rader()) == kopplingar(before)
    hel(zon)
