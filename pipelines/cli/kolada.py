"""`tertial hamta kolada`: fetch from Kolada into data/raw, and say what came, what was as before, what did not come."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from pipelines import settings
from pipelines.cli.skarm import Stapel, ut
from pipelines.errors import TertialError

_ORD = {
    "nyckeltal": "Finns inte längre i Kolada",
    "kommuner": "Okända kommuner",
    "grupper": "Inga grupper börjar så",
    "utan_varden": "Utan värden de åren",
    "kommuner_utan_varden": "Kommuner utan värden",
    "ar_utan_varden": "År utan värden",
}


def hamta(raw: Path | None, kommuner: list[str], ar: list[str], grupper: list[str], kpier: list[str]) -> None:
    """Fetch; everything that was asked for has come or is named."""
    from pipelines.katalog.kommuner import kommuner as alla
    from pipelines.katalog.kommuner import uppslag
    from pipelines.kolada.hamta import fraga
    from pipelines.kolada.hamta import hamta as kor

    yta = settings.arbetsyta(raw)
    known = uppslag(alla({}))
    if unknown := [one for one in kommuner if one.strip().lower() not in known]:
        raise TertialError(f"Okänd kommun: {', '.join(unknown)}.", "Skriv kommunens namn eller fyrsiffriga kod.")
    codes = [known[one.strip().lower()] for one in kommuner]
    fragan = fraga(codes, _ar(ar), grupper, kpier, settings.idag())
    stapel = Stapel()
    with stapel.visas():
        done = kor(yta, fragan, nu=datetime.now(UTC), sidan_klar=stapel.del_klar, steg=stapel.steg)
    ut.print(f"{done.varden:,} värden, {done.fragor} frågor till Kolada.".replace(",", " "))
    for path in done.skrivna:
        ut.print(f"  Ny: {path}")
    if done.oforandrade:
        ut.print(f"  Oförändrade sedan förra hämtningen: {len(done.oforandrade)}")
    for what, missing in done.saknas.items():
        ut.print(f"  [yellow]{_ORD[what]}:[/] {', '.join(missing[:20])}{' …' if len(missing) > 20 else ''}")
    ut.print("Läs in: tertial run --only kolada" if done.skrivna else "Inget nytt att läsa in.")


def _ar(texts: list[str]) -> list[int]:
    """Years and spans of years ("2018-2024")."""
    years: list[int] = []
    for text in texts:
        found = re.fullmatch(r"((?:19|20)\d\d)(?:-((?:19|20)\d\d))?", text.strip())
        if found is None or (found[2] and found[2] < found[1]):
            raise TertialError(f"{text} är inget år.", "Skriv --ar 2024 eller --ar 2018-2024.")
        years += range(int(found[1]), int(found[2] or found[1]) + 1)
    return years
