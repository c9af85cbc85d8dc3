"""Fault 60 in two processes: the second reader gives what the first would, and its death loses and records nothing."""

from __future__ import annotations

import io
import pickle
import shutil
from pathlib import Path

import pytest

from pipelines import settings
from pipelines.delivery import intake, lasbarn, lasprocess
from pipelines.delivery.manifest import Manifest
from pipelines.errors import TertialError
from tests.faults.arbetsplats import Zon, gor

PNR = "200403161234"


@pytest.fixture
def zon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Zon:
    return gor(tmp_path / "en", monkeypatch)


def samma_filer(zon: Zon, rot: Path, antal: int) -> Zon:
    """A workspace of its own with the same key and the first so many of the same files, nothing read."""
    ny = Zon(settings.arbetsyta(rot / "data" / "raw"), zon.nyckel)
    mapp = ny.yta.raw / "placeringar" / "9998_exempelby"
    mapp.mkdir(parents=True)
    for fil in sorted((zon.yta.raw / "placeringar" / "9998_exempelby").iterdir())[:antal]:
        shutil.copy(fil, mapp)
    return ny


def test_the_second_reader_gives_what_the_first_would(
    zon: Zon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    svar: list[Manifest | None] = []
    egen = lasprocess.Lasprocess.las

    def las(self: lasprocess.Lasprocess, *fraga: object) -> Manifest | None:
        svar.append(egen(self, *fraga))  # type: ignore[arg-type]
        return svar[-1]

    monkeypatch.setattr(lasprocess.Lasprocess, "las", las)
    monkeypatch.setattr(lasprocess, "STOR", 1)
    tva = samma_filer(zon, tmp_path / "tva", 2)
    tva.las()
    assert any(one is not None for one in svar), "the child was never asked"
    assert tva.rader().equals(zon.rader())
    assert {one.leverans_id: one.tabeller for one in tva.manifests()} == {
        one.leverans_id: one.tabeller for one in zon.manifests()
    }


def test_a_small_file_starts_no_process(zon: Zon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "pipelines.delivery.lasprocess.subprocess.Popen", lambda *_, **__: pytest.fail("a process was started")
    )
    samma_filer(zon, tmp_path / "tva", 2).las()


@pytest.mark.parametrize("steg", ["fil_last", "lake_skriven"])
def test_its_death_stops_the_run_and_the_next_one_reads_again(
    zon: Zon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steg: str
) -> None:
    monkeypatch.setattr(lasprocess, "STOR", 1)
    tva = samma_filer(zon, tmp_path / "tva", 1)
    monkeypatch.setenv("TERTIAL_KRASCH", steg)
    with pytest.raises(TertialError, match="dess process dog"):
        tva.las()
    assert tva.manifests() == []
    monkeypatch.delenv("TERTIAL_KRASCH")
    assert [one.status for one in tva.las().lasta] == ["godkand"]
    assert [*tva.yta.rot.rglob("*.tmp")] == []


def test_an_error_that_is_not_ours_keeps_its_words(zon: Zon, monkeypatch: pytest.MonkeyPatch) -> None:
    def faller(*_: object) -> Manifest:
        raise RuntimeError(f"could not read {PNR}")

    monkeypatch.setattr(intake.Lasare, "read", faller)
    uppdrag = lasprocess.Uppdrag(zon.yta, "placeringar", settings.konfig(), {}, med_nyckel=True, idag=settings.idag())
    fragor, svar = io.BytesIO(pickle.dumps(uppdrag) + pickle.dumps((None, None))), io.BytesIO()
    lasbarn.svara(fragor, svar)
    sagt, atgard = pickle.loads(svar.getvalue())  # noqa: S301  our own
    assert "RuntimeError" in sagt
    assert PNR not in sagt + atgard


def test_a_parent_killed_while_it_asks_leaves_no_child_and_no_traceback(zon: Zon) -> None:
    uppdrag = lasprocess.Uppdrag(zon.yta, "placeringar", settings.konfig(), {}, med_nyckel=True, idag=settings.idag())
    halv = pickle.dumps(("en fil", b"x" * 5000))[:3000]
    svar = io.BytesIO()
    lasbarn.svara(io.BytesIO(pickle.dumps(uppdrag) + halv), svar)
    assert svar.getvalue() == b""
