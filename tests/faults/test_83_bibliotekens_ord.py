"""Fault 83, the nets: a library's own message, which may hold a value, reaches neither screen, log, nor Dagster's events."""

from __future__ import annotations

import logging
import subprocess
import sys
from datetime import date
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from dagster._core.events import StepSuccessData

from pipelines.cli.kor import handelsetext
from pipelines.errors import TertialError, UtanVarden
from pipelines.sekretess import egenskanning
from pipelines.sekretess.scanner import hitta
from pipelines.settings import Arbetsyta
from tests.unit.identiteter import nummer

KANARIE = nummer(date(2011, 7, 23), 456)
HEMLIGT = "Mariannelund Storgatan"  # a value the scanner cannot know: only not printing it helps
OKANT = f"""
from pipelines.cli.skarm import skydda_utskrift
skydda_utskrift()
import dagster as dg
import duckdb
def las():
    duckdb.sql("select '{HEMLIGT} {KANARIE}'::integer").fetchall()
"""


@pytest.mark.parametrize(
    "anrop", ["las()", "import threading; t = threading.Thread(target=las); t.start(); t.join()"], ids=["huvud", "trad"]
)
def test_an_uncaught_error_says_what_kind_and_never_what_value(anrop: str) -> None:
    done = subprocess.run([sys.executable, "-c", OKANT + anrop], capture_output=True, text=True, check=False)
    assert "ConversionException" in done.stderr
    assert KANARIE not in done.stderr + done.stdout and HEMLIGT not in done.stderr + done.stdout


def test_a_log_record_is_masked_whoever_makes_the_logger_and_the_handler() -> None:
    program = (
        "from pipelines.cli.skarm import skydda_utskrift; skydda_utskrift()\nimport logging, sys\n"
        "logg = logging.getLogger('ny.sen'); logg.propagate = False; logg.addHandler(logging.StreamHandler(sys.stdout))\n"
        f"logg.error('klient %s-%s', '{KANARIE[:8]}', '{KANARIE[8:]}')\n"
        f"try: int('x{KANARIE}')\nexcept ValueError: logg.exception('fel')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "klient •••" in done.stdout and "Traceback" in done.stdout
    assert KANARIE[8:] not in done.stdout + done.stderr


def test_a_block_lets_our_own_errors_through_and_replaces_the_rest() -> None:
    with pytest.raises(TertialError, match="vårt eget"), UtanVarden():
        raise TertialError("vårt eget")
    with pytest.raises(TertialError, match=r"duckdb\.ConversionException") as caught, UtanVarden():
        duckdb.sql(f"select '{HEMLIGT}'::integer").fetchall()
    assert HEMLIGT not in str(caught.value) and caught.value.__suppress_context__
    with pytest.raises(KeyboardInterrupt), UtanVarden():
        raise KeyboardInterrupt


def test_dagsters_events_hold_no_librarys_message() -> None:
    import dagster as dg

    @dg.asset
    def faller() -> None:
        with UtanVarden():
            duckdb.sql(f"select '{HEMLIGT} {KANARIE}'::integer").fetchall()

    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    result = dg.materialize([faller], raise_on_error=False, instance=dg.DagsterInstance.ephemeral())
    said = "\n".join(f"{event.message} {event.event_specific_data}" for event in result.all_events)
    assert not result.success and "ConversionException" in said
    assert HEMLIGT not in said and KANARIE not in said


def test_the_runs_own_scan_finds_what_a_run_left_and_only_that(tmp_path: Path) -> None:
    yta = Arbetsyta(rot=tmp_path, raw=tmp_path / "raw", marts=tmp_path / "marts")
    for folder in egenskanning.mappar(yta, tmp_path / "target"):
        folder.mkdir(parents=True)
    (yta.fel / "ren.csv").write_text("rad;fel\n1;•••\n", encoding="utf-8")
    assert egenskanning.skanna(yta, tmp_path / "target", 0) == (1, [])
    (yta.fel / "lacka.csv").write_text(f"rad;fel\n1;{KANARIE}\n", encoding="utf-8")
    (tmp_path / "target" / "run_results.json").write_text(f'{{"message": "{KANARIE[2:]}"}}', encoding="utf-8")
    (yta.raw).mkdir()
    (yta.raw / "leverans.csv").write_text(KANARIE, encoding="utf-8")
    files, hits = egenskanning.skanna(yta, tmp_path / "target", 0)
    assert (files, sorted(one.fil for one in hits)) == (3, ["lacka.csv", "run_results.json"])
    later = (yta.fel / "lacka.csv").stat().st_mtime + 1
    assert egenskanning.skanna(yta, tmp_path / "target", later) == (0, [])
    assert len(egenskanning.skanna_texter(["rent", f"klient {KANARIE}"])) == 1
    assert egenskanning.skanna_texter([KANARIE[:6], KANARIE[6:]]) == [], "two texts are not one number"


def test_dagsters_stop_watch_is_no_personnummer_but_the_rest_of_its_event_is_looked_through() -> None:
    """`duration_ms` has twelve decimals: one in a hundred read as a personnummer and failed a sound run."""

    @dg.op
    def steg() -> None:
        return None

    @dg.job
    def jobb() -> None:
        steg()

    done = jobb.execute_in_process(instance=dg.DagsterInstance.ephemeral()).all_events
    (ended,) = (one for one in done if one.is_step_success)
    stopped = ended._replace(event_specific_data=StepSuccessData(duration_ms=float(f"38.{KANARIE}")))
    assert hitta(str(stopped.event_specific_data)), "else this proves nothing"
    assert egenskanning.skanna_texter([handelsetext(stopped)]) == []
    assert len(egenskanning.skanna_texter([handelsetext(stopped._replace(message=f"klient {KANARIE}"))])) == 1
