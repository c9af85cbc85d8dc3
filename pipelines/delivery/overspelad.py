"""Files put in raw/ anew whose content another delivery has replaced: known already, so read as nothing, and told."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipelines import durable
from pipelines.delivery.found import Funnen
from pipelines.delivery.ledger import in_force
from pipelines.delivery.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Overspelad:
    """`fil` holds the bytes of `kand`; `galler` has replaced it and stays in force."""

    fil: str
    kand: Manifest
    galler: Manifest


def overspelade(
    kanda: Iterable[tuple[Funnen, Manifest]], manifests: Sequence[Manifest], sedan: datetime
) -> Iterator[Overspelad]:
    """Files put in raw/ after the delivery that replaced their content had come: whoever did it expects them to count."""
    by_id = {one.leverans_id: one for one in manifests}
    scopes = in_force(manifests)
    counts = {(one.kommun_kod, one.tabell, one.omfattning): one.leverans_id for one in scopes if one.gallande}
    for found, one in kanda:
        mine = [scope for scope in scopes if scope.leverans_id == one.leverans_id]
        later = {counts.get((scope.kommun_kod, scope.tabell, scope.omfattning)) for scope in mine} - {None}
        if not later or one.leverans_id in later:
            continue
        newest = max((by_id[name] for name in later if name is not None), key=lambda other: other.mottagen)
        if _dit(found.path) > max(newest.mottagen, sedan).timestamp():
            yield Overspelad(found.namn, one, newest)


def har_legat(lake: Path) -> datetime:
    """Since when the workspace stands where it stands: in a copied or restored one every file has just got its place.

    A file knows by its inode whether it is itself or a copy.
    """
    marker = lake / "_plats"
    try:
        told = json.loads(marker.read_bytes())
        if told["inode"] == f"{marker.stat().st_ino:x}":
            return datetime.fromisoformat(told["sedan"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        pass
    now = datetime.now(UTC)

    def write(path: Path) -> None:
        path.touch()
        path.write_text(json.dumps({"inode": f"{path.stat().st_ino:x}", "sedan": now.isoformat()}), encoding="ascii")

    durable.write_with(marker, write)
    return now


def _dit(path: Path) -> float:
    """When a file got its place (Unix time); -inf when it has been taken away meanwhile."""
    try:
        return path.lstat().st_ctime
    except FileNotFoundError:
        return float("-inf")
