"""`tertial nyckel`, `tertial gallra`, `tertial logg`, `tertial skanna`: what guards the persons in the rows."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from pipelines import settings
from pipelines.cli.skarm import fel, ut
from pipelines.errors import TertialError
from pipelines.sekretess.atkomst import spar

if TYPE_CHECKING:
    from pipelines.delivery.gallring import Gallring


def skapa() -> None:
    """Make the key where there is none, outside the repository and the workspace."""
    from pipelines.sekretess.nyckel import skapa_nyckel

    path = settings.nyckelfil()
    if path.exists():
        raise TertialError(f"Det finns redan en nyckel: {path}.", "Ska den bytas, kör «tertial nyckel byt».")
    yta = settings.arbetsyta()
    inside = next((one for one in (settings.PROJECT_DIR, yta.rot) if path.resolve().is_relative_to(one)), None)
    if inside is not None:
        raise TertialError(
            f"Nyckeln får inte ligga i {inside}: där följer den med i kopior av koden eller av data.",
            "Peka ut en fil någon annanstans med TERTIAL_NYCKEL, helst på en egen krypterad disk.",
        )
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = skapa_nyckel(path)
    spar(yta, "nyckel skapad", fingeravtryck=key.fingeravtryck)
    ut.print(f"Nyckeln finns i {path} (fingeravtryck {key.fingeravtryck}).")
    ut.print("Säkerhetskopiera den skild från data: utan den kan inga nya leveranser kopplas till kända personer.")


def byt(raw: Path | None) -> None:
    """Change the key and every stored pseudonym."""
    from pipelines.delivery import nyckelbyte

    yta = settings.arbetsyta(raw)
    spar(yta, "nyckelbyte börjar")
    done = nyckelbyte.byt(yta, settings.nyckelfil())
    spar(yta, "nyckel bytt", fran=done.fran, till=done.till, filer=done.filer, leveranser=done.leveranser)
    ut.print(f"Nyckeln är bytt: {done.fran} → {done.till}. {done.filer} filer omskrivna, den gamla nyckeln förstörd.")
    ut.print("Säkerhetskopiera den nya nyckeln skild från data och förstör kopior av den gamla.")
    ut.print("Lagret är borttaget och byggs om. Nästa steg: tertial run")


def gallra(fore: str, torr: bool, raw: Path | None) -> None:
    """Remove the rows of cases closed before a day, or show what would go."""
    from pipelines.delivery import gallring

    try:
        day = date.fromisoformat(fore)
    except ValueError:
        raise TertialError("--fore är inget datum.", "Skriv ÅÅÅÅ-MM-DD, t.ex. --fore 2020-01-01.") from None
    yta = settings.arbetsyta(raw)
    if torr:
        planned = gallring.torr(yta, day, settings.idag())
        _visa_gallring(planned)
        ut.print("Inget är gallrat. Kör utan --torr för att gallra.")
        return
    spar(yta, "gallring börjar", fore=day.isoformat())
    done = gallring.gallra(yta, day, settings.idag())
    name = None if done.protokoll is None else done.protokoll.name
    spar(yta, "gallring klar", fore=day.isoformat(), rader=done.antal("gallras"), protokoll=name)
    _visa_gallring(done)
    if done.protokoll is None:
        ut.print("Det fanns inget att gallra.")
        return
    ut.print(f"Protokoll: {done.protokoll.with_suffix('.txt')}")
    ut.print("Lagret är borttaget och byggs om. Nästa steg: tertial run")


def _visa_gallring(done: Gallring) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    columns = {
        "gallras": "Gallras",
        "kvar_undantagen": "Undantagna",
        "kvar_nyare": "Nyare",
        "kvar_ej_avslutad": "Ej avslutade",
        "kvar_okant_undantag": "Okänt undantag",
    }
    table.add_column("Tabell")
    for heading in columns.values():
        table.add_column(heading, justify="right")
    for name in dict.fromkeys(one["tabell"] for one in done.poster):
        table.add_row(name, *(str(done.antal(word, name)) for word in columns))
    ut.print(table)
    for name in done.original[:10]:
        ut.print(
            f"Originalfilen ligger kvar: {name}. Ta bort den ur data/raw när den inte längre behövs.", markup=False
        )


def verifiera_logg(raw: Path | None) -> int:
    """Check the chain of the access log against its head and every publication's anchor; 0 when it is whole."""
    from pipelines.sekretess import atkomst

    yta = settings.arbetsyta(raw)
    anchors = atkomst.ankare(yta)
    if not yta.atkomstlogg.is_file() and not anchors:
        ut.print(f"Ingen logg ännu ({yta.atkomstlogg}).")
        return 0
    result = atkomst.verifiera(yta)
    if result.hel:
        ut.print(f"Loggen är hel: {result.rader} rader, {len(anchors)} ankare i utgåvor och publikationer stämmer.")
        return 0
    for breach in result.brott:
        where = "slutet" if breach.rad is None else f"rad {breach.rad}"
        fel.print(f"[bold red]Brott[/] {where}: {breach.varfor}")
    return 1


def skanna(paths: list[Path]) -> int:
    """Scan files and folders; 0 when nothing was found."""
    from pipelines.sekretess import filgranskning

    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise TertialError(f"Finns inte: {', '.join(missing)}.", "Ange filer eller mappar som finns.")
    hits = filgranskning.skanna_trad(paths)
    spar(settings.arbetsyta(), "skannat", var=", ".join(map(str, paths)), traffar=len(hits))
    for hit in hits:
        fel.print(f"[bold red]Träff[/] {hit.fil}, {hit.plats}, tecken {hit.position}: {hit.slag}")
    ut.print(f"{len(hits)} träffar.")
    return 1 if hits else 0
