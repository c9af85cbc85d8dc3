"""`tertial run`: the main job through Dagster's in-process execution, and what the controller sees of it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from pipelines import settings
from pipelines.cli.lage import kvarliggande, visa_avvisade, visa_okanda, visa_overspelade, visa_overtackta
from pipelines.cli.skarm import Stapel, fel, ut
from pipelines.delivery.ledger import exclusive
from pipelines.errors import TertialError
from pipelines.frysning.skugga import skugga
from pipelines.korning import Korning, kallor
from pipelines.sekretess import egenskanning
from pipelines.sekretess.atkomst import spar

if TYPE_CHECKING:
    import dagster as dg

# Dagster's own stop-watch: one in a hundred of its twelve decimals reads as a personnummer
_STOPPUR = re.compile(r"duration_ms=[0-9.]+")
MARTS_PER = "marts_per"  # an as-of run's marts, beside those of today


def kor(raw: Path | None, out: Path | None, only: str | None, per: str | None, demo: bool) -> int:
    """Run; the exit code. Raises TertialError for what stops it before it begins."""
    start = perf_counter()
    settings.telemetri_av()
    settings.glesare_skrapsamling()
    yta = settings.arbetsyta(raw, out)
    if raw is not None and not yta.raw.is_dir():
        raise TertialError(f"Mappen {raw} finns inte.", "Ange mappen med leveranser i --raw.")
    kallor(only)
    stapel = Stapel()
    day = _day(per)
    if day is not None and out is None:
        yta = replace(yta, marts=yta.rot / MARTS_PER / day.isoformat())
    korning = Korning(yta=yta, konfig=settings.konfig(), bara=only, per=day, framsteg=stapel)
    with stapel.visas():
        with exclusive(yta.rot) as avbruten, _arbetsplats(korning):
            if avbruten is not None:
                spar(yta, "körning misslyckad", vem=avbruten)
                fel.print(f"Ett tidigare arbete ({avbruten}) blev aldrig klart och är märkt som misslyckat i loggen.")
            if demo:
                from pipelines.cli import gor

                gor.demo(yta, stapel)
            spar(yta, "körning börjar", bara=only, per=per, demo=demo)
            outcome = "avbruten"
            try:
                problem = _execute(korning)
                outcome = "stoppad" if problem else "publicerad"
                if not any(one.regel_id == "SKA-001" for one in korning.kontroller):  # stopped before its turn
                    _skanna(korning)
            finally:
                spar(yta, "körning slut", utfall=outcome, nya=len(korning.lasta))
        leaks = egenskanning.skanna_texter(korning.handelser)
    _summary(korning, problem, perf_counter() - start)
    for leak in leaks:
        fel.print(f"[bold red]Personnummer[/] i Dagsters {leak.fil}, tecken {leak.position}: meddela utvecklarna.")
    return 0 if problem is None and not leaks else 1


@contextmanager
def _arbetsplats(korning: Korning) -> Iterator[None]:
    """An as-of run works in a shadow: today's register, warehouse and marts stay as they are."""
    if korning.per is None:
        yield
        return
    yta = korning.yta
    with skugga(yta, yta.marts) as mirror:
        if not korning.manifests():
            raise TertialError(
                f"Inga leveranser var mottagna {korning.per}.",
                "Ange ett senare datum; `tertial status` visar vad som finns.",
            )
        korning.yta = mirror
        yield
        korning.yta = yta


def _skanna(korning: Korning) -> None:
    from pipelines import granskning

    granskning.skanna_korningen(korning)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise TertialError(f"{text} är inte ett datum.", "Skriv --per ÅÅÅÅ-MM-DD.") from None


def _execute(korning: Korning) -> str | None:
    """Run the job on the same assets that `dagster dev` shows; None, or why nothing was published."""
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    korning.granskprocess.starta()
    from pipelines.assets.instans import instans
    from pipelines.definitions import build_definitions

    korning.framsteg.steg("Förbereder")
    definitions = build_definitions({"korning_resurs": korning})
    job = definitions.resolve_job_def("manadsladdning")
    korning.framsteg.steg("Läser leveranser")
    with instans() as instance:
        quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
        result = job.execute_in_process(instance=instance, raise_on_error=False, run_config=quiet)
        korning.handelser = [handelsetext(event) for event in result.all_events]
    return None if result.success else _reason(result)


def handelsetext(event: dg.DagsterEvent) -> str:
    """All that Dagster was told in one event, for the run's own scan."""
    return _STOPPUR.sub("", f"{event.message} {event.event_specific_data}")


def _our_errors(kind: type[TertialError]) -> set[str]:
    return {kind.__name__}.union(*(_our_errors(one) for one in kind.__subclasses__()))


def _reason(result: dg.ExecuteInProcessResult) -> str:
    """The first failure's own words: ours when it is ours, else the step and the kind of error."""
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            while error is not None and error.cause is not None:
                error = error.cause
            if error is None:
                continue
            text = error.message.strip()
            if error.cls_name in {*_our_errors(TertialError), "Failure", "DagsterAssetCheckFailedError"}:
                return text.split(":", 1)[-1].strip() if text.startswith(("pipelines.", "dagster.")) else text
            return f"Steget {event.step_key} föll med {error.cls_name}."
    return "Körningen avbröts."


def _summary(korning: Korning, problem: str | None, seconds: float) -> None:
    stops = [one for one in korning.kontroller if one.stoppar]
    deviating = [one for one in korning.kontroller if one.utfall == "avviker"]
    refused = [one for one in korning.lasta if one.status == "avvisad"]
    lying = kvarliggande(korning.manifests(), korning.yta.raw)
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="dim")
    table.add_column(justify="right")
    accepted = sum(one.godkanda for one in korning.lasta)
    rejected = sum(one.avvisade for one in korning.lasta)
    table.add_row("Leveranser lästa", f"{len(korning.lasta)} nya, {korning.kanda} kända")
    older = len({one.leverans_id for one in lying} - {one.leverans_id for one in refused})
    table.add_row("Leveranser avvisade", f"{len(refused)}, {older} sedan tidigare" if older else str(len(refused)))
    table.add_row("Rader godkända", _number(accepted))
    table.add_row("Rader avvisade", _number(rejected))
    table.add_row("Kontroller godkända", str(sum(one.utfall == "godkand" for one in korning.kontroller)))
    table.add_row("Kontroller som avviker", f"{len(deviating)} (varav {len(stops)} stoppar)")
    scanned = [one for one in korning.kontroller if one.regel_id == "SKA-001"]
    table.add_row("Personnummer funna", str(scanned[0].antal_fel) if scanned else "ej skannat")
    table.add_row("Marter skrivna", str(_marts(korning.utgava)) if korning.utgava else "0 (orörda)")
    table.add_row("Sekunder", f"{seconds:.1f}".replace(".", ","))
    ut.print(table)
    if korning.omskrivet:
        ut.print(korning.omskrivet, markup=False)
    visa_avvisade(lying)
    visa_overspelade(korning.overspelade)
    visa_overtackta(korning.lasta, korning.manifests(), korning.kontroller)
    visa_okanda(korning.yta.raw)
    for check in stops[:10]:
        text = f"{check.regel_id}, {check.tabell}: {check.forklaring} {check.exempel}".rstrip()
        fel.print(f"[bold red]Stoppar:[/] {escape(text)}")
        fel.print(f"  → {check.atgard}", markup=False)
    if problem is not None:
        fel.print(f"[bold red]Inget publicerat.[/] {escape(problem)}")
        fel.print(
            f"  → Förra utgåvan i {korning.yta.marts} är orörd. Se felen: tertial fel · tertial status", markup=False
        )
        return
    if korning.rojandekontroll:
        ut.print(korning.rojandekontroll, markup=False)
    ut.print(f"Öppna: [bold]{escape(str(korning.yta.marts / 'tertial.duckdb'))}[/]  (börja med tabellen datakvalitet)")


def _marts(edition: Path) -> int:
    return len(list(edition.glob("*.parquet")))


def _number(value: int) -> str:
    return f"{value:,}".replace(",", " ")
