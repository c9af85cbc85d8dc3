"""Why a delivery is refused for its place among the others: folder, municipality, period, rival. The file's own faults are `reading`'s."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pipelines.delivery.found import Funnen
from pipelines.delivery.manifest import Manifest
from pipelines.errors import DeliveryRefused, Fel
from pipelines.reading.leverans import RIKET
from pipelines.reading.utfall import LastLeverans


def _fel(regel: str, namn: str, fel: str, atgard: str) -> Fel:
    return Fel(regel, "kritisk", "avvisa_leverans", Path(namn).name, fel, atgard)


def redan(refused: Manifest, known: Mapping[str, Manifest]) -> bool:
    """The ledger has this very refusal."""
    before = known.get(refused.leverans_id)
    return before is not None and before.status == "avvisad" and [*before.fel] == [*refused.fel]


def for_annan(manifest: Manifest, found: Funnen) -> bool:
    """Accepted for another municipality than the one whose folder the file lies in (national files belong to all)."""
    if manifest.status != "godkand" or found.kommun_kod is None:
        return False
    return manifest.kommun_kod not in (found.kommun_kod, RIKET)


def last_for_annan(found: Funnen, known: Manifest) -> Fel:
    """Fault 52: the same bytes are accepted for another municipality."""
    return _fel(
        "FIL-052",
        found.namn,
        f"Samma fil är redan läst för kommun {known.kommun_kod} ({known.fil}).",
        f"Ta bort den här. Var det {known.kommun_kod} som var fel: leverera en rättad fil där, och be den som sköter"
        f" Tertial flytta undan liggarposten {known.leverans_id}.json innan den läses för {found.kommun_kod}.",
    )


def fel_mapp(found: Funnen) -> Fel:
    """Fault 52: a folder whose name does not say which municipality."""
    return _fel(
        "FIL-052",
        found.namn,
        f"Mappens namn säger inte vilken kommun filen gäller: {found.mappfel}.",
        f"Döp om mappen under data/raw/{found.kalla}/ till kommunens kod och namn, till exempel 0184_solna.",
    )


def utan_kommun(found: Funnen) -> Fel:
    """Nothing says which municipality."""
    return _fel(
        "FIL-054",
        found.namn,
        "Det framgår inte vilken kommun filen gäller.",
        f"Lägg den i data/raw/{found.kalla}/<kommunkod>_namn/, lägg till kolumnen kommun, eller ange kommun i inställningarna.",
    )


def prova_period(namn: str, manad: str | None, read: LastLeverans) -> None:
    """Fault 51: a month in the file's name that the file's own rows do not cover."""
    if manad is None or read.period_fran is None or read.period_till is None:
        return
    if not f"{read.period_fran:%Y-%m}" <= manad <= f"{read.period_till:%Y-%m}":
        raise DeliveryRefused(
            _fel(
                "FIL-051",
                namn,
                f"Filnamnet säger {manad} men raderna gäller {read.period_fran:%Y-%m} till {read.period_till:%Y-%m}.",
                "Kontrollera att rätt fil levererats, eller döp om den.",
            )
        )


def vid_motsagelse(manifest: Manifest, new: Sequence[Manifest]) -> Manifest:
    """Fault 50: two different new files for the same scope, unless both names state a day and the days differ."""
    mine = _scopes(manifest)
    rivals = [
        other.fil
        for other in new
        if other is not manifest
        and other.status == manifest.status == "godkand"
        and (other.uttagen == manifest.uttagen or None in (other.uttagen, manifest.uttagen))
        and mine & _scopes(other)
    ]
    if not rivals:
        return manifest
    shared: dict[str, int] = defaultdict(int)
    for other in new:
        for _, _, scope in mine & _scopes(other):
            shared[scope] += 1
    both = ", ".join(sorted(scope for scope, count in shared.items() if count > 1)[:5])
    fel = _fel(
        "FIL-050",
        manifest.fil,
        f"Filen och {', '.join(rivals[:3])} kom samtidigt och gäller samma period ({both}); ingen säger vilken som är senast.",
        "Ta bort den felaktiga, eller skriv uttagsdatum (ÅÅÅÅ-MM-DD) i filnamnen.",
    )
    return replace(manifest, status="avvisad", tabeller={}, fel=(fel.as_dict(),))


def _scopes(manifest: Manifest) -> set[tuple[str | None, str, str]]:
    return {
        (manifest.kommun_kod, table, scope) for table, post in manifest.tabeller.items() for scope in post.omfattningar
    }
