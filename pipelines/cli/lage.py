"""`tertial status` and `tertial fel`: what has come, what is missing, what was refused, and why."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from pipelines import settings
from pipelines.cli.skarm import ut
from pipelines.contracts.model import load_contract, sources
from pipelines.delivery.found import Funnen, find
from pipelines.delivery.ledger import HELA, Ledger, by_version, in_force
from pipelines.delivery.manifest import Manifest
from pipelines.errors import MASK
from pipelines.katalog.kommuner import Kommun, kommuner
from pipelines.publication.verifiera import verify
from pipelines.settings import Arbetsyta

if TYPE_CHECKING:
    from pipelines.delivery.overspelad import Overspelad
    from pipelines.guard.kontroll import Kontroll

MANADER = ("jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
RIKET = "0000"  # national deliveries
VISADE = 10


def status(raw: Path | None) -> int:
    """Per municipality and source: what is in force, what is missing, what was refused. 1 when the marts are damaged."""
    yta = settings.arbetsyta(raw)
    known = kommuner(settings.konfig().egna_kommuner)
    manifests = Ledger(yta.lake).manifests()
    if not manifests:
        ut.print(
            f"Inga leveranser är lästa i {yta.rot}. Lägg filer i {yta.raw}/<källa>/ och kör: tertial run", markup=False
        )
    for kommun_kod in sorted({one.kommun_kod for one in manifests if one.kommun_kod}):
        mine = [one for one in manifests if one.kommun_kod == kommun_kod]
        ut.print(_kommun(kommun_kod, known, mine))
        absent = [
            kalla
            for kalla in sources()
            if kalla not in {one.kalla for one in mine} and not load_contract(kalla).nationell
        ]
        if absent and kommun_kod != RIKET:
            ut.print(f"[dim]Inget levererat: {', '.join(absent)}[/]\n")
    visa_avvisade(kvarliggande(manifests, yta.raw))
    found, _ = find(yta.raw, sources(), set(known))
    waiting = _olasta(found, manifests)
    if waiting:
        ut.print(f"[bold]Ännu inte lästa ({len(waiting)})[/]  → tertial run")
        _lista(waiting)
    visa_okanda(yta.raw)
    return _marter(yta)


def _marter(yta: Arbetsyta) -> int:
    """Say which edition the marts are, and whether every byte of it is as published (fault 74)."""
    current = yta.marts / "aktuell"
    if not os.path.lexists(current):
        ut.print(f"Inga marter är publicerade i {yta.marts}.", markup=False)
        return 0
    wrong = verify(current.resolve())
    if not wrong:
        ut.print(f"Marterna är hela: utgåva {current.resolve().name} i {yta.marts}", markup=False)
        return 0
    ut.print("[bold red]Marterna är skadade[/] och får inte användas:")
    _lista(wrong)
    ut.print("  → Kör tertial run: den skriver en ny utgåva. Händer det igen: kontrollera disken.")
    return 1


def kvarliggande(manifests: Sequence[Manifest], raw: Path) -> list[Manifest]:
    """Refused deliveries that still lie in raw/ and whose latest version is the refused one, oldest first."""
    latest = {one.fil: one for one in manifests}
    return [
        one
        for one in latest.values()
        if one.status == "avvisad" and (MASK in one.fil or "\ufffd" in one.fil or os.path.lexists(raw / one.fil))
    ]


def visa_avvisade(refused: Sequence[Manifest]) -> None:
    """Each refused file with its first reason and what to do."""
    if not refused:
        return
    ut.print(f"[bold yellow]Avvisade filer ({len(refused)})[/]")
    for one in refused[:VISADE]:
        first = one.fel[0] if one.fel else {"regel": "", "fel": "", "atgard": ""}
        more = f" (och {len(one.fel) - 1} fel till)" if len(one.fel) > 1 else ""
        ut.print(f"  {one.fil}\n    [{first['regel']}] {first['fel']}{more}\n    → {first['atgard']}", markup=False)
    if len(refused) > VISADE:
        ut.print(f"  … och {len(refused) - VISADE} till: tertial fel")


def visa_overspelade(igen: Sequence[Overspelad]) -> None:
    """Files delivered again whose content a later delivery has replaced: they are not read, so what to do."""
    if not igen:
        return
    ut.print(f"[bold yellow]Levererade på nytt men gäller inte ({len(igen)})[/]")
    for one in igen[:VISADE]:
        ut.print(
            f"  {one.fil}\n    Samma innehåll som {one.kand.fil}, läst {one.kand.mottagen:%Y-%m-%d}. Därefter kom"
            f" {one.galler.fil}, som gäller.\n    → Ska det här innehållet gälla: spara filen på nytt så att den ändras"
            " (i en CSV-fil: en tom rad sist) och kör igen. Ska det inte gälla: ta bort filen.",
            markup=False,
        )
    if len(igen) > VISADE:
        ut.print(f"  … och {len(igen) - VISADE} till")


def visa_overtackta(nya: Sequence[Manifest], manifests: Sequence[Manifest], kontroller: Sequence[Kontroll]) -> None:
    """New files of which nothing counts, their extract being older, and new files that hold less than what they replaced."""
    live = {one.leverans_id for one in in_force(manifests) if one.gallande}
    older = [one for one in nya if one.status == "godkand" and one.leverans_id not in live]
    if older:
        ut.print(f"[bold yellow]Lästa men gäller inte ({len(older)})[/]")
        for one in older[:VISADE]:
            ut.print(f"  {one.fil}\n    {_overtackt(one, manifests)}", markup=False)
    fresh = {one.leverans_id for one in nya}
    for check in kontroller:
        if check.regel_id == "LEV-047" and check.leverans_id in fresh:
            ut.print("[bold yellow]Mindre än förut[/]")
            ut.print(f"  {check.forklaring} ({check.exempel})\n    → {check.atgard}", markup=False)


def _overtackt(one: Manifest, manifests: Sequence[Manifest]) -> str:
    """Which later extract rules, and what there is to do: nothing, when the file's own name says that it is older."""
    mine = {(one.kommun_kod, table, scope) for table, post in one.tabeller.items() for scope in post.omfattningar}
    mine |= {(kommun, table, HELA) for kommun, table, _ in mine}
    rule = {
        scope.leverans_id
        for scope in in_force(manifests)
        if scope.gallande and (scope.kommun_kod, scope.tabell, scope.omfattning) in mine
    }
    later = by_version(other for other in manifests if other.leverans_id in rule)
    named = (
        f"{later[-1].fil}, uttagen {later[-1].uttagen or later[-1].mottagen.date()}," if later else "Ett senare uttag"
    )
    if one.uttagen:
        return (
            f"Uttagen {one.uttagen} enligt namnet; {named} gäller.\n    → Inget behöver göras. Är dagen i namnet fel: rätta"
            " den, spara filen på nytt så att den ändras och kör igen."
        )
    return (
        f"{named} gäller.\n    → Ska filen gälla: skriv dagen då den togs ut (ÅÅÅÅ-MM-DD) i filens namn, spara den på nytt"
        " så att den ändras och kör igen."
    )


def visa_okanda(raw: Path) -> None:
    """Names directly in raw/ that are no source: nobody reads what lies there."""
    _, unknown = find(raw, (), ())
    unknown = [name for name in unknown if name not in sources() or not (raw / name).is_dir()]
    if unknown:
        ut.print(f"[bold yellow]Läses inte[/]: {escape(', '.join(unknown[:VISADE]))} i {escape(str(raw))}")
        ut.print(f"  → En fil ska ligga i sin källas mapp: {', '.join(sources())}.")


def _olasta(found: Iterable[Funnen], manifests: Sequence[Manifest]) -> list[str]:
    """Files whose bytes the ledger has not seen (a copy under another name is no new delivery)."""
    known = {one.fil: one for one in manifests}
    seen = {one.sha256 for one in manifests}
    waiting = []
    for one in found:
        if one.path.is_symlink() or not one.path.is_file():
            continue
        last, info = known.get(one.namn), one.path.stat()
        # untouched since it was read: its bytes need not be read again
        if last and last.storlek == info.st_size and info.st_mtime < last.mottagen.timestamp():
            continue
        with one.path.open("rb") as handle:
            if file_digest(handle, "sha256").hexdigest() not in seen:
                waiting.append(one.namn)
    return waiting


def _lista(lines: Sequence[str]) -> None:
    for line in lines[:VISADE]:
        ut.print(f"  {line}", markup=False)
    if len(lines) > VISADE:
        ut.print(f"  … och {len(lines) - VISADE} till")


def _kommun(kommun_kod: str, known: Mapping[str, Kommun], manifests: Sequence[Manifest]) -> Table:
    name = known[kommun_kod].kommun if kommun_kod in known else "Hela riket" if kommun_kod == RIKET else "okänd"
    table = Table(
        title=f"{name} ({kommun_kod})", title_justify="left", title_style="bold", box=None, padding=(0, 1, 0, 0)
    )
    table.add_column("Källa", no_wrap=True)
    table.add_column("Gäller", no_wrap=True)
    table.add_column("Saknas", style="red", min_width=8)
    table.add_column("Filer", justify="right", no_wrap=True)
    table.add_column("Avvisat", style="yellow", min_width=8)
    table.add_column("Senast", no_wrap=True)
    source = {one.leverans_id: one.kalla for one in manifests}
    scopes: dict[str, set[str]] = defaultdict(set)
    live = set()
    for scope in in_force(manifests):
        if scope.gallande:
            scopes[source[scope.leverans_id]].add(scope.omfattning)
            live.add(scope.leverans_id)
    for kalla in sources():
        mine = [one for one in manifests if one.kalla == kalla]
        if not mine:
            continue
        table.add_row(
            kalla,
            _galler(sorted(scopes[kalla]), [one for one in mine if one.leverans_id in live]),
            ", ".join(_gaps(_months(scopes[kalla]))),
            str(len(mine)),
            _avvisat(sum(one.status == "avvisad" for one in mine), sum(one.avvisade for one in mine)),
            max(f"{one.mottagen:%Y-%m-%d}" for one in mine),
        )
    return table


def _months(scopes: Iterable[str]) -> list[str]:
    return sorted(scope for scope in scopes if len(scope) == 7 and scope[4] == "-")


def _galler(covered: Sequence[str], mine: Sequence[Manifest]) -> str:
    """The months, years or tables in force, in words."""
    months = _months(covered)
    if months:
        return f"{months[0]} – {months[-1]}, {len(months)} mån"
    years = sorted({int(part) for scope in covered for part in scope.split("|") if part.isdigit() and len(part) == 4})
    if years:
        last = max((one.period_till for one in mine if one.status == "godkand" and one.period_till), default="")
        until = f" (till {_manad(last[:7])})" if last[:4] == str(years[-1]) and last[5:7] != "12" else ""
        return _spann(years) + until
    if covered == ["hela"]:
        return "hela registret"
    return f"{len(covered)} tabeller" if len(covered) > 1 else "1 tabell" if covered else ""


def _spann(years: Sequence[int]) -> str:
    """Years in words, three or more in a row as a span: 2010–2013, 2019, 2020."""
    runs: list[list[int]] = []
    for year in years:
        if runs and runs[-1][-1] == year - 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)


def _avvisat(files: int, rows: int) -> str:
    counts = ((files, "fil", "filer"), (rows, "rad", "rader"))
    return ", ".join(f"{count} {one if count == 1 else many}" for count, one, many in counts if count)


def _manad(text: str) -> str:
    return f"{MANADER[int(text[5:7]) - 1]} {text[:4]}"


def _gaps(months: Sequence[str]) -> list[str]:
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
    named: set[str] = set()
    for manifest in Ledger(yta.lake).manifests():
        named |= {one["regel"] for one in manifest.fel}
        listed = [one for one in manifest.fel if regel is None or one["regel"] == regel.upper()]
        if not listed:
            continue
        verdict = "avvisad" if manifest.status == "avvisad" else "läst"
        ut.print(
            f"[bold]{escape(manifest.fil)}[/]  ({verdict}; hela listan: {escape(str(yta.fel / manifest.leverans_id))}.csv)"
        )
        for one in listed:
            place = ", ".join(
                str(part) for part in (f"rad {one['rad']}" if one["rad"] else "", one["kolumn"] or "") if part
            )
            value = f" «{one['varde']}»" if one["varde"] else ""
            more = f" (+{one['antal'] - 1} till)" if one["antal"] > 1 else ""
            where = f"{place}{value}: " if place or value else ""
            ut.print(f"  [{one['regel']}] {where}{one['fel']}{more}\n      → {one['atgard']}", markup=False)
            shown += one["antal"]
    if regel is not None and not shown and named:
        ut.print(f"Inga anmärkningar med regeln {escape(regel)}. Regler med anmärkningar: {', '.join(sorted(named))}.")
    else:
        ut.print(f"{shown} anmärkningar." if shown else "Inga anmärkningar.")
