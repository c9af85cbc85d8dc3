"""The ledger: one manifest file per delivery in `lake/_leveranser/`, and what follows from them.

What is in force (gällande) is computed, never stored: per municipality, table and scope the latest delivery, and
nothing older than the latest delivery of a full register (`hela`). Any earlier state is the same computation over
the manifests that had been received by then.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from fcntl import LOCK_EX, LOCK_NB, flock
from os import getpid
from pathlib import Path

from pipelines import durable
from pipelines.contracts.model import load_contract
from pipelines.delivery.manifest import Manifest, TabellPost, from_dict
from pipelines.errors import TertialError

HELA = "hela"
_HELD: set[Path] = set()


@dataclass(frozen=True, slots=True)
class Omfattning:
    """One scope of one delivery, and whether it is what the marts see."""

    kommun_kod: str
    tabell: str
    omfattning: str
    leverans_id: str
    ordning: int
    gallande: bool


class Ledger:
    """All manifests of one workspace, in order of arrival."""

    def __init__(self, lake: Path) -> None:
        self.folder = lake / "_leveranser"

    def manifests(self, per: datetime | None = None) -> list[Manifest]:
        """Every delivery, oldest first; only those received by `per` when given."""
        found = [self._load(path) for path in sorted(self.folder.glob("*.json"))] if self.folder.is_dir() else []
        known = [one for one in found if per is None or one.mottagen <= per]
        return sorted(known, key=lambda one: one.ordning)

    def write(self, manifest: Manifest) -> None:
        """Record a delivery; everything it names must already be safe on disk."""
        durable.restricted_dir(self.folder)
        durable.write_json(self.folder / f"{manifest.leverans_id}.json", manifest.as_dict())

    def _load(self, path: Path) -> Manifest:
        try:
            return from_dict(json.loads(path.read_bytes()))
        except (ValueError, KeyError, TypeError):
            raise TertialError(
                f"Liggarposten {path.name} går inte att läsa.",
                "Återställ den från säkerhetskopian, eller ta bort den så läses filen om.",
            ) from None


def by_version(manifests: Iterable[Manifest]) -> list[Manifest]:
    """Oldest version first: by the day of the extract (stated in the file's name, else the day it came), then by arrival.

    An older extract that arrives after a newer one therefore becomes history only (fault 48). A date after the day it
    came is no extract date (`prognos_2026-12-31.xlsx`): such a file would otherwise stay the latest until that day.
    """

    def version(one: Manifest) -> tuple[str, str, int]:
        came = one.mottagen.date().isoformat()
        return min(one.uttagen or came, came), one.uttagen or came, one.ordning

    return sorted(manifests, key=version)


def in_force(manifests: Iterable[Manifest]) -> list[Omfattning]:
    """Every scope of every accepted delivery, with `gallande` true for the one that counts.

    The order of `manifests` does not matter. `ordning` in the answer is the rank among versions, 0 = oldest.
    """
    accepted = by_version(one for one in manifests if one.status == "godkand" and one.kommun_kod is not None)
    latest: dict[tuple[str, str, str], int] = {}
    latest_full: dict[tuple[str, str], int] = {}
    for rank, manifest in enumerate(accepted):
        for table, post in manifest.tabeller.items():
            for scope in post.omfattningar:
                latest[manifest.kommun_kod or "", table, scope] = rank
                if scope == HELA:
                    latest_full[manifest.kommun_kod or "", table] = rank
    return [
        Omfattning(
            kommun_kod=manifest.kommun_kod or "",
            tabell=table,
            omfattning=scope,
            leverans_id=manifest.leverans_id,
            ordning=rank,
            gallande=rank == latest[manifest.kommun_kod or "", table, scope]
            and rank >= latest_full.get((manifest.kommun_kod or "", table), -1),
        )
        for rank, manifest in enumerate(accepted)
        for table, post in sorted(manifest.tabeller.items())
        for scope in sorted(post.omfattningar)
    ]


@dataclass(frozen=True, slots=True)
class Krympt:
    """A delivery in force that holds less of a scope than the one it replaced: months that are gone, or `andel` of its
    rows. Never how many: of persons that is no figure to publish."""

    galler: Manifest
    ersatt: Manifest
    tabell: str
    omfattning: str
    manader: tuple[int, ...]
    andel: str = ""


MINST_RADER = 10  # [C] below this half of the rows is a row or two
MINST_PERSONRADER = 40  # [C] and of persons, few enough to be found out
HALFTEN, TIONDEL = "mer än hälften", "mer än en tiondel"


def krympta(manifests: Iterable[Manifest]) -> list[Krympt]:
    """What a replacing delivery left out, as far as the manifests tell. A full register only grows, but for retention:
    there a tenth is much; a year or a month may be corrected."""
    accepted = {one.leverans_id: one for one in by_version(one for one in manifests if one.status == "godkand")}
    versions = list(accepted.values())
    found = []
    for scope in in_force(versions):
        if not scope.gallande:
            continue
        new = accepted[scope.leverans_id]
        before = [
            one
            for one in versions[: scope.ordning]
            if one.kommun_kod == scope.kommun_kod and scope.omfattning in _omfattningar(one, scope.tabell)
        ]
        if not before:
            continue
        old = before[-1]
        gone, part = _saknas(old, new, scope)
        if gone or part:
            found.append(Krympt(new, old, scope.tabell, scope.omfattning, gone, part))
    return found


def _omfattningar(manifest: Manifest, tabell: str) -> tuple[str, ...]:
    return manifest.tabeller[tabell].omfattningar if tabell in manifest.tabeller else ()


def _saknas(old: Manifest, new: Manifest, scope: Omfattning) -> tuple[tuple[int, ...], str]:
    """(months that are gone, how much of the rows is), by months where both deliveries tell them."""
    had, has = (one.tabeller[scope.tabell].manader.get(scope.omfattning, {}) for one in (old, new))
    if had and has:
        gone = () if "" in has else tuple(sorted(int(one) for one in set(had) - set(has) - {""}))
        left = sum(number for month, number in had.items() if month in has)
        few = left >= MINST_RADER and 2 * sum(has[month] for month in had if month in has) < left
        return gone, HALFTEN if few else ""
    rows, kept = (_rader(one.tabeller[scope.tabell], scope.omfattning) for one in (old, new))
    if rows is None or kept is None:
        return (), ""
    if rows < (MINST_PERSONRADER if load_contract(new.kalla).personkalla else MINST_RADER):
        return (), ""
    if 2 * kept < rows:
        return (), HALFTEN
    return (), TIONDEL if scope.omfattning == HELA and 10 * kept < 9 * rows else ""


def _rader(post: TabellPost, omfattning: str) -> int | None:
    """Accepted rows of a scope; None in a manifest that does not tell (from before they were kept)."""
    return post.antal.get(
        omfattning, post.godkanda if post.omfattningar == (omfattning,) and not post.manader else None
    )


@contextmanager
def exclusive(rot: Path) -> Iterator[str | None]:
    """Only one run at a time in a workspace: the second fails at once and names the first one's process.

    Yields who held it last without letting go (killed, or the machine went down), else None. A process that holds it
    may take it again (a whole run around its steps).
    """
    path = (durable.restricted_dir(rot / "lake") / "_las").resolve()  # a shadow of the workspace shares its lock
    if path in _HELD:
        yield None
        return
    path.touch(mode=durable.RESTRICTED_FILE)
    with path.open("a+", encoding="utf-8") as handle:
        try:
            flock(handle, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            holder = handle.read().strip() or "okänd process"
            raise TertialError(
                f"En annan körning ({holder}) arbetar i {rot}.",
                "Vänta tills den är klar och kör igen. Har den fastnat: avsluta processen; nästa körning tar vid.",
            ) from None
        handle.seek(0)
        left = handle.read().strip() or None
        handle.truncate(0)
        handle.write(f"process {getpid()}, började {datetime.now().astimezone():%Y-%m-%d %H:%M}")
        handle.flush()
        _HELD.add(path)
        try:
            yield left
        finally:
            _HELD.discard(path)
            handle.truncate(0)
