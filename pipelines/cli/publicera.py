"""`tertial publicera`: freeze what was reported at an occasion, revise it, or prove that it can be rebuilt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.markup import escape

from pipelines import settings
from pipelines.cli.skarm import Stapel, fel, ut
from pipelines.errors import TertialError
from pipelines.frysning import frys, publikation
from pipelines.frysning import tillfalle as kalender
from pipelines.katalog.kommuner import kommuner

VISADE = 10


def publicera(raw: Path | None, namn: str, kommun: str, ar: int | None, skal: str | None) -> None:
    """Freeze and say where it lies and what has changed."""
    settings.telemetri_av()
    yta, konfig = settings.arbetsyta(raw), settings.konfig()
    known = kommuner(konfig.egna_kommuner)
    tillfalle = kalender.valj(konfig, kalender.kommun(kommun, known), namn, ar, settings.idag())
    stapel = Stapel()
    stapel.steg(f"Fryser {tillfalle.rubrik}, {tillfalle.kommun}")
    with stapel.visas():
        done = frys.publicera(yta, tillfalle, skal, set(known))
    changes = done.mart(frys.ANDRINGAR)
    ut.print(f"[bold]{escape(tillfalle.rubrik)}, {escape(tillfalle.kommun)}, revision {done.revision}[/] är fryst.")
    ut.print(f"  {done.mapp}  ({len(done.manifest['filer'])} filer, {len(done.manifest['leveranser'])} leveranser)")
    if done.manifest["jamfort_med"]:
        ut.print(
            f"  {changes.height} tal har ändrats sedan {done.manifest['jamfort_med']}: {done.mapp / 'andringar.csv'}"
        )
        for row in changes.head(VISADE).iter_rows(named=True):
            ut.print(f"    {_rad(row)}", markup=False)
    ut.print(f"Nästa steg: tertial rapport {namn} --kommun {kommun} --ar {tillfalle.ar}", markup=False)


def _rad(row: dict[str, Any]) -> str:
    from pipelines.rapport import andringar, tal

    before = row["gammal_status"] if row["gammalt_varde"] is None else tal.tal(row["gammalt_varde"])
    after = row["ny_status"] if row["nytt_varde"] is None else tal.tal(row["nytt_varde"])
    place = f"{andringar.andrat(row)}, {tal.period(row['period_start'], row['period_slut'])}"
    why = ", ".join(one for one in (andringar.ORSAK[row["orsak"]], row["filer"]) if one)
    return f"{place}: {before} → {after} ({why})"


def aterskapa(raw: Path | None, mapp: Path) -> int:
    """Rebuild a publication from its manifest; 0 when every table has the very same bytes."""
    from pipelines.publication import aterskapa as ombygge

    settings.telemetri_av()
    yta, konfig = settings.arbetsyta(raw), settings.konfig()
    stapel = Stapel()
    with stapel.visas():
        done = ombygge.aterskapa(publikation.las(mapp.resolve()), yta, konfig, stapel)
    ut.print(f"{len(done.lika)} tabeller är byte för byte desamma: {', '.join(done.lika)}")
    if not done.olika:
        return 0
    for name, difference in done.olika.items():
        fel.print(f"[bold red]Skiljer:[/] {name}: {difference}")
    if done.kod:
        fel.print("  Koden är en annan än då:")
        for one in done.kod:
            fel.print(f"    {one}", markup=False)
        fel.print("  → Bygg om med samma version av koden för att få samma filer.")
    return 1


def kontrollera_val(namn: str | None, kommun: str | None, mapp: Path | None) -> None:
    """The command's two uses do not mix: TertialError when arguments are missing or too many."""
    if mapp is None and (namn is None or kommun is None):
        raise TertialError("Ange tillfälle och kommun.", "Skriv t.ex.: tertial publicera delar2 --kommun Exempelby")
    if mapp is not None and (namn is not None or kommun is not None):
        raise TertialError("--aterskapa tar bara en publikations mapp.", "Ta bort tillfälle och kommun.")
