"""What stands in the way of a publication: a critical check, deliveries that the edition does not know, a broken edition.

Only reads. Everything found is listed at once; the caller stops.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from pipelines.delivery.found import find
from pipelines.delivery.ledger import Ledger
from pipelines.errors import TertialError
from pipelines.frysning.publikation import MANIFEST, digest
from pipelines.settings import Arbetsyta

VISADE = 10


def utgava(yta: Arbetsyta) -> tuple[Path, Mapping[str, Any]]:
    """The current edition's folder and manifest, every hash checked; TertialError when there is none."""
    link = yta.marts / "aktuell"
    if not link.is_symlink() or not (link / MANIFEST).is_file():
        raise TertialError(f"Det finns ingen utgåva i {yta.marts} än.", "Kör först: tertial run")
    folder = link.resolve()
    manifest: Mapping[str, Any] = json.loads((folder / MANIFEST).read_bytes())
    broken = [
        name
        for name, fact in manifest["filer"].items()
        if not (folder / name).is_file() or digest(folder / name) != fact["sha256"]
    ]
    if broken:
        raise TertialError(
            f"Utgåvan {folder.name} stämmer inte med sitt manifest: {', '.join(broken)}.",
            "Kör `tertial run`, så skrivs en ny utgåva ur samma leveranser.",
        )
    return folder, manifest


def kontrollera(yta: Arbetsyta, manifest: Mapping[str, Any], kallor: Collection[str], koder: Collection[str]) -> None:
    """TertialError with every reason why this edition must not be frozen now."""
    reasons = [*_kritiska(yta), *_olasta(yta, manifest, kallor, koder)]
    if reasons:
        listed = "\n  ".join(reasons[:VISADE])
        more = f"\n  … och {len(reasons) - VISADE} till" if len(reasons) > VISADE else ""
        raise TertialError(
            f"Publiceringen hindras av {len(reasons)} saker:\n  {listed}{more}",
            "Rätta det, kör `tertial run` och publicera sedan.",
        )


def _kritiska(yta: Arbetsyta) -> Iterator[str]:
    """Critical checks of the latest run that deviate (the edition may be an older run's, and good)."""
    for path in sorted((yta.lake / "_kontroller").glob("*.json")):
        for one in json.loads(path.read_bytes()):
            if one["utfall"] == "avviker" and one["niva"] == "kritisk" and one["accepterad"] is None:
                yield f"[{one['regel_id']}] {one['tabell']}: {one['forklaring']} ({one['antal_fel']} fel) {one['exempel']}".rstrip()


def _olasta(
    yta: Arbetsyta, manifest: Mapping[str, Any], kallor: Collection[str], koder: Collection[str]
) -> Iterator[str]:
    ledger = Ledger(yta.lake).manifests()
    known = {one["leverans_id"] for one in manifest["leveranser"]}
    for one in ledger:
        if one.leverans_id not in known:
            yield f"Leveransen {one.fil} är läst men finns inte i utgåvan {manifest['utgava']}."
    read = {one.sha256 for one in ledger}
    for found in find(yta.raw, kallor, koder)[0]:
        if not found.path.is_symlink() and digest(found.path) not in read:
            yield f"Filen {found.namn} ligger i raw men är inte läst."
