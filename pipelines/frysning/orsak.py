"""Why a figure has changed: which deliveries counted for it then and now, or what else is different.

Compares what was in force (gällande) per table and scope. Which figures have changed stands in `andringar`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pipelines.delivery.ledger import in_force
from pipelines.delivery.manifest import Manifest
from pipelines.frysning.urval import NATIONELL

TEXT = {
    "rattad_leverans": "Leveransen är rättad: en nyare ersätter den som gällde.",
    "sen_leverans": "Leveransen kom efter publiceringen.",
    "definition": "Nyckeltalets räknesätt har fått en ny version.",
    "undertryckning": "Talet är dolt eller utelämnat i den ena (få personer bakom det, eller så röjer det ett annat tal).",
    "berakning": "Leveranserna är desamma; beräkningen i lagret har ändrats.",
    "okand": "Varken leveranser, beräkning eller definition skiljer sig. Meddela utvecklarna.",
}
LEVERERAT = "levererade tal"
"""Stands as a model for the figures that a municipality counts itself: they share ids with ours but not our models."""
LEVERERADE = frozenset({"matt", "personal_matt", "enkatandelar"})
_SCOPE = re.compile(r"^(\d{4})(?:-(\d{2}))?(?=\||$)")
TILLBAKA_AR = 3
"""A figure may look back as far as the longest window in the models (27 of 36 months)."""


@dataclass(frozen=True, slots=True)
class Lage:
    """What a set of figures was made of: deliveries in force, files, and the models' fingerprint.

    gallande  (table, scope) -> leverans_id, the municipality's own and the national ones
    filer     leverans_id -> file name as delivered
    """

    gallande: Mapping[tuple[str, str], str]
    filer: Mapping[str, str]
    modeller: str

    @classmethod
    def fran_liggaren(cls, manifests: Iterable[Manifest], kommun_kod: str, modeller: str) -> Lage:
        """As the ledger says it is."""
        mine = [one for one in manifests if one.kommun_kod in {kommun_kod, NATIONELL}]
        force = {(one.tabell, one.omfattning): one.leverans_id for one in in_force(mine) if one.gallande}
        return cls(force, {one.leverans_id: one.fil for one in mine}, modeller)

    @classmethod
    def fran_manifest(cls, manifest: Mapping[str, Any]) -> Lage:
        """As a publication's manifest says it was."""
        return cls(
            {(tabell, omfattning): leverans for tabell, omfattning, leverans in manifest["gallande"]},
            {one["leverans_id"]: one["fil"] for one in manifest["leveranser"]},
            manifest["kod"]["modeller"],
        )

    def som_lista(self) -> list[tuple[str, str, str]]:
        """The scopes for a manifest: [table, scope, leverans_id], sorted."""
        return sorted((*key, leverans) for key, leverans in self.gallande.items())


@dataclass(frozen=True, slots=True)
class Orsak:
    """The reason and the deliveries behind it (ids; the new ones, and those they replaced)."""

    slag: str
    nya: tuple[str, ...] = ()
    ersatta: tuple[str, ...] = ()

    @property
    def av_leverans(self) -> bool:
        """Whether deliveries are the reason."""
        return bool(self.nya or self.ersatta)


@dataclass(frozen=True, slots=True)
class Orsakare:
    """Answers for every figure of one comparison. `tabeller` is model or mart -> lake tables that feed it."""

    da: Lage
    nu: Lage
    tabeller: Mapping[str, Collection[str]]
    _minne: dict[tuple[str, date, date, str | None], Orsak] = field(default_factory=dict)

    def leverans(self, modell: str, start: date, slut: date, leverans_id: str | None) -> Orsak:
        """Which deliveries changed a figure of this model and period; `leverans_id` when the row names its own."""
        key = (modell, start, slut, leverans_id)
        if key not in self._minne:
            self._minne[key] = self._leverans(*key)
        return self._minne[key]

    def _leverans(self, modell: str, start: date, slut: date, leverans_id: str | None) -> Orsak:
        tables = self.tabeller.get(modell, ())
        changed = [
            key
            for key in {**self.da.gallande, **self.nu.gallande}
            if key[0] in tables and self.da.gallande.get(key) != self.nu.gallande.get(key)
        ]
        for narrowed in (
            [
                key
                for key in changed
                if leverans_id is not None and leverans_id in {self.nu.gallande.get(key), self.da.gallande.get(key)}
            ],
            [key for key in changed if _inom(key[1], start, slut)],
            [key for key in changed if _inom(key[1], date(start.year - TILLBAKA_AR, 1, 1), slut)],
        ):
            if narrowed:
                return self._av(narrowed)
        return Orsak("berakning" if self.da.modeller != self.nu.modeller else "okand")

    def _av(self, keys: list[tuple[str, str]]) -> Orsak:
        new = {self.nu.gallande[key] for key in keys if key in self.nu.gallande}
        old = {self.da.gallande[key] for key in keys if key in self.da.gallande}
        return Orsak("rattad_leverans" if old else "sen_leverans", tuple(sorted(new)), tuple(sorted(old)))


def _inom(omfattning: str, start: date, slut: date) -> bool:
    """Whether a scope (2025-03, 2025|utfall, hela, a table's name) can concern the period."""
    found = _SCOPE.match(omfattning)
    if found is None:
        return True
    year, month = int(found[1]), found[2]
    first, last = (int(month), int(month)) if month else (1, 12)
    return (year, first) <= (slut.year, slut.month) and (year, last) >= (start.year, start.month)
