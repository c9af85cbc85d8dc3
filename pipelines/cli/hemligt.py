"""`tertial nyckel`, `tertial logg`, `tertial skanna`: what guards the persons in the rows."""

from __future__ import annotations

from pathlib import Path

from pipelines import settings
from pipelines.cli.skarm import fel, ut
from pipelines.errors import TertialError


def skapa() -> None:
    """Make the key where there is none."""
    from pipelines.sekretess.nyckel import skapa_nyckel

    path = settings.nyckelfil()
    if path.exists():
        raise TertialError(f"Det finns redan en nyckel: {path}.", "Ska den bytas, kör «tertial nyckel byt».")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = skapa_nyckel(path)
    ut.print(f"Nyckeln finns i {path} (fingeravtryck {key.fingeravtryck}).")
    ut.print("Säkerhetskopiera den skild från data: utan den kan inga nya leveranser kopplas till kända personer.")


def verifiera_logg(raw: Path | None) -> int:
    """Check the chain of the access log; 0 when it is whole."""
    from pipelines.sekretess import logg

    path = settings.arbetsyta(raw).logg / "atkomst.jsonl"
    if not path.is_file():
        ut.print(f"Ingen logg ännu ({path}).")
        return 0
    result = logg.verifiera(path)
    if result.hel:
        ut.print(f"Loggen är hel: {result.rader} rader.")
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
    for hit in hits:
        fel.print(f"[bold red]Träff[/] {hit}")
    ut.print(f"{len(hits)} träffar.")
    return 1 if hits else 0
