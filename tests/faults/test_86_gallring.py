"""Fault 86 and retention over the zone: every version of a closed case goes, the ledger follows, the bytes prove it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.delivery import gallring, underhall
from pipelines.errors import TertialError
from pipelines.guard.leverans import delivery_checks
from pipelines.sekretess.gallring import finns_i_bytes
from tests.faults import arbetsplats
from tests.faults.arbetsplats import Zon

FORE, IDAG = date(2020, 1, 1), date(2026, 1, 15)
STEG = ("gallring_planerad", "gallring_fil", "gallring_liggare", "gallring_protokoll")
PROGRAM = """
import sys
from datetime import date
from pathlib import Path
from pipelines import settings
from pipelines.delivery import gallring
gallring.gallra(settings.arbetsyta(Path(sys.argv[1])), date(2020, 1, 1), settings.idag())
"""


@pytest.fixture
def zon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Zon:
    return arbetsplats.gor(tmp_path, monkeypatch)


def hel(zon: Zon) -> None:
    """The ledger and the files speak of one another, and nothing is left over."""
    for manifest in zon.manifests():
        for name, post in manifest.tabeller.items():
            path = zon.yta.lake / name / post.parquet
            assert post.sha256 == underhall.sha256_av(path)
            assert post.godkanda == pl.read_parquet(path).height
            assert post.rader == post.godkanda + post.avvisade + post.gallrade
    assert underhall.pagaende(zon.yta.lake) is None
    assert not [path for path in zon.yta.lake.rglob("*") if path.suffix in {".gallring", ".tmp"}]
    assert not zon.yta.lager.exists(), "the warehouse holds the removed rows"


def test_86_closed_cases_go_in_every_version_and_the_bytes_prove_it(zon: Zon) -> None:
    before = zon.rader()
    done = gallring.gallra(zon.yta, FORE, IDAG)
    after = zon.rader()
    # row 1 of the old file is the open version of a case that the new file closed: it goes with it
    assert sorted(after["start"].to_list()) == [date(2017, 1, 1)] * 2 + [date(2024, 1, 1), date(2025, 1, 1)]
    assert after.filter(pl.col("start") < FORE)["gallring_undantag"].to_list() == [True, True]
    gone = set(before["placering_id"]) - set(after["placering_id"])
    assert len(gone) == 2
    for path in zon.yta.rot.rglob("*"):
        if path.is_file():
            assert finns_i_bytes(path, gone) == 0, path
    assert (done.antal("gallras"), done.antal("kvar_undantagen"), done.antal("kvar_nyare")) == (3, 2, 1)
    assert done.antal("kvar_ej_avslutad") == 1
    hel(zon)


def test_the_protocol_counts_and_holds_no_person(zon: Zon) -> None:
    before = zon.rader()
    done = gallring.gallra(zon.yta, FORE, IDAG)
    assert done.protokoll is not None
    document, text = json.loads(done.protokoll.read_bytes()), done.protokoll.with_suffix(".txt").read_text()
    assert sum(one["rader_gallras"] for one in document["poster"]) == 3
    assert "placeringar: 3 rader gallrade; kvar: 2 undantagna" in text
    assert set(document["original_kvar"]) == {one.fil for one in zon.manifests()}
    for one in document["poster"]:
        assert (
            one["sha256_innan"] != one["sha256_efter"] == underhall.sha256_av(zon.yta.lake / one["tabell"] / one["fil"])
        )
    for pseudonym in {*before["person_id"], *before["placering_id"]}:
        assert pseudonym not in text and pseudonym not in json.dumps(document)
    for path in (done.protokoll, done.protokoll.with_suffix(".txt")):
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_dry_run_says_the_same_and_changes_nothing(zon: Zon) -> None:
    before = zon.tillstand()
    planned = gallring.torr(zon.yta, FORE, IDAG)
    assert zon.tillstand() == before
    done = gallring.gallra(zon.yta, FORE, IDAG)
    for planned_one, done_one in zip(planned.poster, done.poster, strict=True):
        assert {**planned_one, "sha256_efter": None} == {**done_one, "sha256_efter": None}


def test_twice_is_once(zon: Zon) -> None:
    gallring.gallra(zon.yta, FORE, IDAG)
    before = zon.tillstand()
    again = gallring.gallra(zon.yta, FORE, IDAG)
    assert (again.protokoll, again.antal("gallras"), zon.tillstand()) == (None, 0, before)


def test_a_weeded_delivery_is_known_and_not_read_again(zon: Zon) -> None:
    gallring.gallra(zon.yta, FORE, IDAG)
    assert zon.las().lasta == []


def test_the_checks_say_that_older_figures_are_no_longer_whole(zon: Zon) -> None:
    assert not [one for one in delivery_checks(zon.manifests()) if one.regel_id == "GAL-001"]
    gallring.gallra(zon.yta, FORE, IDAG)
    said = [one for one in delivery_checks(zon.manifests()) if one.regel_id == "GAL-001"]
    assert [(one.tabell, one.antal_fel, one.stoppar) for one in said] == [("placeringar", n, False) for n in (2, 1)]


def test_a_date_inside_the_period_is_refused_and_nothing_is_touched(zon: Zon) -> None:
    before = zon.tillstand()
    with pytest.raises(TertialError, match="2021-01-01"):
        gallring.gallra(zon.yta, date(2021, 1, 2), IDAG)
    assert zon.tillstand() == before


def test_every_table_with_persons_has_a_rule(zon: Zon) -> None:
    assert gallring.regler().keys() == {one.namn for one in underhall.tabeller()}


@pytest.mark.slow
@pytest.mark.parametrize("steg", STEG)
def test_killed_anywhere_the_rerun_ends_as_an_uninterrupted_one(
    zon: Zon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steg: str
) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(zon.yta.raw)], env={**os.environ, "TERTIAL_KRASCH": steg}, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    with pytest.raises(TertialError, match="tertial gallra --fore 2020-01-01"):
        zon.las()
    with pytest.raises(TertialError, match="tertial gallra --fore 2020-01-01"):
        gallring.gallra(zon.yta, date(2019, 1, 1), IDAG)
    done = gallring.gallra(zon.yta, FORE, IDAG)
    assert (done.antal("gallras"), zon.rader().height) == (3, 4)
    assert sum(post.gallrade for one in zon.manifests() for post in one.tabeller.values()) == 3
    assert [len(one.noter) - len({*one.noter}) for one in zon.manifests()] == [0, 0]
    hel(zon)
