"""`tertial check`: what a file is, what is in it and what is wrong with it, without loading anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from pipelines import settings
from pipelines.cli.skarm import ut
from pipelines.contracts.model import Contract, load_contract, sources
from pipelines.delivery.avvisning import prova_period
from pipelines.delivery.found import named_month
from pipelines.errors import DeliveryRefused, Fel
from pipelines.katalog.kommuner import kommuner, uppslag
from pipelines.reading.leverans import read_delivery, recognise_source
from pipelines.reading.source_file import visningsnamn
from pipelines.reading.utfall import LastLeverans
from pipelines.sekretess.nyckel import Nyckel
from pipelines.sekretess.pseudonym import Pseudonymiserare
from pipelines.sekretess.scanner import maskera
from pipelines.sources.ekonomi.lasare import SieLasare

_STATUS = {"godkand": "godkänd", "avviker": "avviker", "ej_provad": "ej prövad"}


def prova(files: list[Path]) -> int:
    """Check every file; 1 when any of them has an error."""
    konfig = settings.konfig()
    spellings = uppslag(kommuner(konfig.egna_kommuner))
    # nothing is kept, so a key made for the moment serves as well as the real one (which may lie elsewhere)
    passing = Pseudonymiserare(Nyckel.slumpad())
    wrong = False
    for path in files:
        try:
            contract = _contract(path)
            if contract is None:
                known = ", ".join(sources())
                _rubrik(path)
                ut.print(f"  [bold red]Känns inte igen[/] som någon källa ({known}).")
                ut.print("  → Jämför rubrikerna med mallen: tertial template KÄLLA")
                wrong = True
                continue
            sie = SieLasare(konfig.sie_dimensioner(konfig.kommun_kod or ""))
            read = read_delivery(
                path,
                contract,
                pseudonymiserare=passing,
                idag=settings.idag(),
                kommun_kod=_folder(path, contract, set(spellings.values())),
                kommuner=spellings,
                formatlasare=sie.som_lasare(),
            )
            prova_period(maskera(visningsnamn(path.name)), named_month(path.stem), read)
        except DeliveryRefused as refusal:
            _rubrik(path)
            _findings(refusal.fel)
            ut.print("  [bold red]Hela filen avvisas.[/]")
            wrong = True
            continue
        _show(path, contract, read, sie)
        wrong = wrong or bool(read.fel)
    return int(wrong)


def _contract(path: Path) -> Contract | None:
    """The source by its folder below raw/, else by what its headers fit best."""
    for parent in path.resolve().parents:
        if parent.name in sources() and parent.parent.name == "raw":
            return load_contract(parent.name)
    found = recognise_source(path, [load_contract(name) for name in sources()])
    return None if found is None else found[0]


def _folder(path: Path, contract: Contract, koder: set[str]) -> str | None:
    """The municipality that the folder says, as in data/raw/<källa>/<kod>_namn/."""
    for parent in path.resolve().parents:
        if parent.name == contract.kalla:
            break
        if parent.name[:4] in koder:
            return parent.name[:4]
    return None


def _show(path: Path, contract: Contract, read: LastLeverans, sie: SieLasare) -> None:
    _rubrik(path)
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 2))
    table.add_column(style="dim", max_width=34)
    table.add_column(ratio=1)
    for label, text in _facts(contract, read, sie):
        table.add_row(label, text)
    ut.print(table)
    for note in (*read.noter, *sie.noter):
        ut.print(f"  Obs: {note}", markup=False)
    _findings(read.fel)
    _findings(read.flaggor)
    if read.fel:
        ut.print(f"  [yellow]Filen läses, men {read.avvisade} av {read.lasta} rader avvisas.[/]")
    else:
        ut.print("  [green]Godkänd.[/]" + (" Anmärkningarna ovan avvisar inget." if read.flaggor else ""))


def _facts(contract: Contract, read: LastLeverans, sie: SieLasare) -> Iterator[tuple[str, str]]:
    yield "Källa", f"{contract.kalla} ({contract.titel})"
    yield "Layout", escape(read.layout)
    yield (
        "Format",
        " · ".join(part for part in (read.format, read.teckenkod, read.separator and repr(read.separator)) if part),
    )
    yield "Kommun", read.kommun_kod or "framgår inte av filen eller mappen"
    yield "Period", f"{read.period_fran} – {read.period_till}" if read.period_fran else "–"
    yield "Rader", f"{read.lasta} lästa, {read.godkanda} godkända, {read.avvisade} avvisade"
    for one in read.tabeller.values():
        for column, value in one.summor.items():
            yield f"Summa {column}", f"{value:,}".replace(",", " ").replace(".", ",")
    for total in read.kontrollsummor:
        verdict = "stämmer" if total.stammer else f"[bold red]skiljer {total.differens}[/]"
        yield (
            f"Kontroll {escape(total.text)}",
            f"{total.kolumn}: tryckt {total.tryckt}, beräknat {total.beraknad}: {verdict}",
        )
    for check in sie.kontroller:
        yield f"SIE {check.namn}", escape(f"{_STATUS[check.status]}: {check.detail}")


def _rubrik(path: Path) -> None:
    ut.print(f"[bold]{escape(maskera(visningsnamn(path.name)))}[/]")


def _findings(found: tuple[Fel, ...]) -> None:
    """Each kind of error once, with what to do, and under it every place: row, column, value (masked when personal)."""
    kinds: dict[tuple[str, str, str], list[Fel]] = {}
    for one in found:
        kinds.setdefault((one.regel, one.fel, one.atgard), []).append(one)
    for (rule, what, remedy), places in kinds.items():
        ut.print(f"  [{rule}] {what}\n    → {remedy}", markup=False)
        for one in places:
            place = ", ".join(
                part
                for part in (
                    f"rad {one.rad}" if one.rad is not None else "",
                    f"kolumn {one.kolumn}" if one.kolumn else "",
                    f"värde «{one.varde}»" if one.varde else "",
                )
                if part
            )
            more = f" och {one.antal - 1} till" if one.antal > 1 and place else ""
            if place:
                ut.print(f"      {place}{more}", markup=False)
