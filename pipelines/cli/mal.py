"""`tertial lint mal`: which goals are fit to be followed, and what the others lack."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from rich.table import Table

from pipelines import settings
from pipelines.cli.skarm import ut
from pipelines.delar.mallint import KRITERIER, Malprov, Utfall, prova, underlag
from pipelines.errors import TertialError
from pipelines.katalog.kommuner import kommuner, uppslag
from pipelines.katalog.nyckeltal import katalog
from pipelines.warehouse import kryptering

# word and symbol beside the colour: the answer must not hang on colour alone
VISAS: dict[Utfall, str] = {
    "ja": "[green]✓ ja[/]",
    "nej": "[bold red]✗ nej[/]",
    "varning": "[yellow]! varning[/]",
    "kan inte prövas": "[dim]? kan inte prövas[/]",
}


def lint(raw: Path | None, kommun: str | None, ar: int | None) -> int:
    """Print every goal's answers; 1 when any goal lacks something, 0 when warnings at most."""
    konfig = settings.konfig()
    known = kommuner(konfig.egna_kommuner)
    chosen = None
    if kommun is not None:
        chosen = uppslag(known).get(kommun.strip().lower(), kommun if kommun in known else None)
        if chosen is None:
            raise TertialError(f"Kommunen {kommun} finns inte.", "Ange kommunkod med fyra siffror eller namn.")
    yta = settings.arbetsyta(raw)
    with kryptering.oppna(yta.lager, yta.lake) as connection:
        grund = underlag(connection, chosen, ar)
    if not grund.rader:
        ut.print("Inga mål är levererade för det urvalet. Lägg målregistret i raw/mal/ och kör: tertial run")
        return 0
    prov = prova(
        grund.rader,
        katalog={one.id for one in katalog()},
        kanda=grund.kanda,
        serier=grund.serier,
        kalender={kod: tuple(konfig.tillfallen(kod)) for kod in {rad.kommun_kod for rad in grund.rader}},
    )
    for (kod, year), delar in groupby(prov, key=lambda one: (one.kommun_kod, one.ar)):
        _visa(f"{known[kod].kommun if kod in known else kod} {year}", list(delar))
    lacking = sum(1 for one in prov if one.brister)
    ut.print(f"\n{len(prov)} mål prövade, {lacking} har brister.")
    return int(lacking > 0)


def _visa(rubrik: str, prov: Sequence[Malprov]) -> None:
    table = Table(title=rubrik, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    table.add_column("Mål", no_wrap=True)
    for kriterium in KRITERIER:
        table.add_column(kriterium.capitalize(), no_wrap=True)
    for one in prov:
        table.add_row(one.mal_id, *(VISAS[one.utfall(kriterium)] for kriterium in KRITERIER))
    ut.print(table)
    for one in prov:
        notes = [answer for answer in one.svar if answer.utfall in {"nej", "varning"}]
        if notes:
            ut.print(f"  {one.mal_id}  {one.effektmal}", markup=False)
            for answer in notes:
                ut.print(f"      {answer.kriterium}: {answer.text}", markup=False)
