"""`tertial status` and `tertial fel`: what has come, what is missing, what was refused, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from rich.table import Table

from pipelines import settings
from pipelines.cli.skarm import ut
from pipelines.contracts.model import load_contract, sources
from pipelines.delivery.found import find
from pipelines.delivery.ledger import Ledger, in_force
from pipelines.delivery.manifest import Manifest
from pipelines.katalog.kommuner import Kommun, kommuner

MANADER = ("jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec")


def status(raw: Path | None) -> None:
    """Per municipality and source: which months or years are in force, which are missing, what was refused."""
    yta = settings.arbetsyta(raw)
    known = kommuner(settings.konfig().egna_kommuner)
    manifests = Ledger(yta.lake).manifests()
    if not manifests:
        ut.print(f"Inga leveranser är lästa i {yta.rot}. Lägg filer i {yta.raw}/<källa>/ och kör: tertial run")
        return
    for kommun_kod in sorted({one.kommun_kod for one in manifests if one.kommun_kod}):
        ut.print(_kommun(kommun_kod, known, [one for one in manifests if one.kommun_kod == kommun_kod]))
    refused = [one for one in manifests if one.status == "avvisad"]
    if refused:
        ut.print(f"\n[bold]Avvisade leveranser ({len(refused)})[/]")
        for one in refused:
            ut.print(
                f"  {one.fil}: {one.fel[0]['fel'] if one.fel else ''}\n    → {one.fel[0]['atgard'] if one.fel else ''}"
            )
    found, unknown = find(yta.raw, sources(), set(known))
    waiting = {one.namn for one in found} - {one.fil for one in manifests}
    if waiting:
        ut.print(f"\n[bold]Ännu inte lästa ({len(waiting)})[/]: {', '.join(sorted(waiting)[:10])}  → tertial run")
    if unknown:
        ut.print(
            f"\n[bold]Okända namn i {yta.raw}[/]: {', '.join(unknown)}. Mapparna ska heta som källorna: {', '.join(sources())}"
        )


def _kommun(kommun_kod: str, known: dict[str, Kommun], manifests: list[Manifest]) -> Table:
    national = "Hela landet" if kommun_kod == "0000" else "okänd"
    name = known[kommun_kod].kommun if kommun_kod in known else national
    table = Table(title=f"{name} ({kommun_kod})", title_justify="left", header_style="bold")
    for header in ("Källa", "Gäller", "Saknas", "Leveranser", "Avvisade filer", "Avvisade rader", "Senast"):
        table.add_column(header, justify="right" if "vis" in header or header == "Leveranser" else "left")
    scopes = defaultdict(set)
    for one in in_force(manifests):
        if one.gallande:
            scopes[one.tabell].add(one.omfattning)
    for kalla in sources():
        mine = [one for one in manifests if one.kalla == kalla]
        tables = load_contract(kalla).tabeller
        covered = sorted({scope for entry in tables for scope in scopes.get(entry.namn, ())})
        months = [scope for scope in covered if _is_month(scope)]
        table.add_row(
            kalla,
            _spans(covered, months),
            ", ".join(_gaps(months)) or "–",
            str(len(mine)) if mine else "[dim]ingen[/]",
            str(sum(one.status == "avvisad" for one in mine) or ""),
            str(sum(one.avvisade for one in mine) or ""),
            max((f"{one.mottagen:%Y-%m-%d}" for one in mine), default=""),
        )
    return table


def _is_month(scope: str) -> bool:
    return len(scope) == 7 and scope[4] == "-"


def _spans(covered: list[str], months: list[str]) -> str:
    if months:
        return f"{months[0]} – {months[-1]} ({len(months)} månader)"
    years = sorted({part for scope in covered for part in scope.split("|") if part.isdigit() and len(part) == 4})
    return ", ".join(years) if years else ", ".join(covered[:3])


def _gaps(months: Iterable[str]) -> list[str]:
    """Months missing between the first and the last that were delivered."""
    days = [date(int(text[:4]), int(text[5:]), 1) for text in months]
    if not days:
        return []
    present = {(day.year, day.month) for day in days}
    first, last = min(present), max(present)
    gaps = []
    year, month = first
    while (year, month) <= last:
        if (year, month) not in present:
            gaps.append(f"{MANADER[month - 1]} {year}")
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return gaps


def fel(regel: str | None, raw: Path | None) -> None:
    """Every finding of every delivery, oldest first."""
    yta = settings.arbetsyta(raw)
    shown = 0
    for manifest in Ledger(yta.lake).manifests():
        listed = [one for one in manifest.fel if regel is None or one["regel"] == regel]
        if not listed:
            continue
        ut.print(f"[bold]{manifest.fil}[/]  ({manifest.leverans_id}, {manifest.status})")
        for one in listed:
            place = ", ".join(
                str(part) for part in (f"rad {one['rad']}" if one["rad"] else "", one["kolumn"] or "") if part
            )
            value = f" «{one['varde']}»" if one["varde"] else ""
            more = f" (+{one['antal'] - 1} till)" if one["antal"] > 1 else ""
            ut.print(f"  [{one['regel']}] {place}{value}: {one['fel']}{more}\n      → {one['atgard']}", markup=False)
            shown += one["antal"]
    ut.print(f"{shown} anmärkningar." if shown else "Inga anmärkningar.")
