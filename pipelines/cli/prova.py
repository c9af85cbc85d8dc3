"""`tertial check`: what a file is, what is in it and what is wrong with it, without loading anything."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table

from pipelines import settings
from pipelines.cli.skarm import ut
from pipelines.contracts.model import Contract, load_contract, sources
from pipelines.errors import DeliveryRefused, Fel
from pipelines.katalog.kommuner import kommuner, uppslag
from pipelines.reading.leverans import read_delivery, recognise_source
from pipelines.reading.utfall import LastLeverans
from pipelines.sekretess.nyckel import Nyckel
from pipelines.sekretess.pseudonym import Pseudonymiserare
from pipelines.sekretess.scanner import maskera
from pipelines.sources.ekonomi.lasare import SieLasare


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
                ut.print(f"[bold]{maskera(path.name)}[/]\n  [red]Känns inte igen[/] som någon källa ({known}).")
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
        except DeliveryRefused as refusal:
            ut.print(f"[bold]{maskera(path.name)}[/]\n  [bold red]Avvisas[/]")
            _findings(refusal.fel)
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
    ut.print(f"[bold]{maskera(path.name)}[/]")
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 2))
    table.add_column(style="dim")
    table.add_column()
    table.add_row("Källa", f"{contract.kalla} ({contract.titel})")
    table.add_row("Layout", read.layout)
    table.add_row(
        "Format",
        " · ".join(part for part in (read.format, read.teckenkod, read.separator and repr(read.separator)) if part),
    )
    table.add_row("Kommun", read.kommun_kod or "framgår inte av filen eller mappen")
    table.add_row("Period", f"{read.period_fran} – {read.period_till}" if read.period_fran else "–")
    table.add_row("Rader", f"{read.lasta} lästa, {read.godkanda} godkända, {read.avvisade} avvisade")
    for one in read.tabeller.values():
        for column, value in one.summor.items():
            table.add_row(f"Summa {column}", f"{value:,}".replace(",", " ").replace(".", ","))
    for total in read.kontrollsummor:
        verdict = "stämmer" if total.stammer else f"[bold red]skiljer {total.differens}[/]"
        table.add_row(
            f"Kontroll {total.text}", f"{total.kolumn}: tryckt {total.tryckt}, beräknat {total.beraknad}: {verdict}"
        )
    for check in sie.kontroller:
        table.add_row(f"SIE {check.namn}", f"{check.status}: {check.detail}")
    ut.print(table)
    for note in (*read.noter, *sie.noter):
        ut.print(f"  Obs: {note}", markup=False)
    _findings(read.fel)
    _findings(read.flaggor)


def _findings(fel: tuple[Fel, ...]) -> None:
    for one in fel:
        more = f" (+{one.antal - 1} till)" if one.antal > 1 else ""
        ut.print(f"  {one.text()}{more}", markup=False)
