"""A small restricted zone made by the real reader, for tests of what is done to the zone as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines import korning, settings
from pipelines.delivery.ledger import Ledger
from pipelines.delivery.manifest import Manifest
from pipelines.sekretess.nyckel import skapa_nyckel
from pipelines.settings import Arbetsyta
from tests.faults.leveranser import csv
from tests.unit.identiteter import nummer

RUBRIKER = ("Placering_id", "person", "kon", "fodelsedatum", "start", "slut", "form", "lagrum", "regi", "i_kommunen", "enhet")  # fmt: skip
FODDA = {"undantagen": date(2004, 3, 15), "vanlig": date(2004, 3, 16), "annan": date(2005, 7, 7), "ny": date(2010, 1, 2)}  # fmt: skip


def rad(nr: str, vem: str, start: str, slut: str) -> list[str]:
    """One placement of a named child."""
    born = FODDA[vem]
    serial = 100 + 2 * list(FODDA).index(vem)
    return [nr, nummer(born, serial), "K", born.isoformat(), start, slut, "familjehem", "sol", "extern", "ja", "Norra"]


@dataclass(frozen=True)
class Zon:
    """A workspace, its key file, and what lies in it."""

    yta: Arbetsyta
    nyckel: Path

    def leverera(self, namn: str, rader: Sequence[Sequence[str]]) -> None:
        """Put one register of placements in raw/ and read it."""
        folder = self.yta.raw / "placeringar" / "9998_exempelby"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / namn).write_bytes(csv([RUBRIKER, *rader]))
        self.las()

    def las(self) -> korning.Korning:
        """Read what is new."""
        one = korning.Korning(yta=self.yta, konfig=settings.konfig())
        korning.las_leveranser(one, "placeringar")
        return one

    def manifests(self) -> list[Manifest]:
        """The ledger."""
        return Ledger(self.yta.lake).manifests()

    def rader(self) -> pl.DataFrame:
        """Every stored placement, in a fixed order."""
        return pl.read_parquet(self.yta.lake / "placeringar" / "*.parquet").sort("leverans_id", "rad")

    def tillstand(self) -> dict[str, bytes]:
        """Every file of the zone but the log and the lock, byte for byte."""
        return {
            str(path.relative_to(self.yta.rot)): path.read_bytes()
            for path in sorted(self.yta.rot.rglob("*"))
            if path.is_file() and path.name != "_las" and self.yta.logg not in path.parents
        }


def gor(rot: Path, monkeypatch: pytest.MonkeyPatch) -> Zon:
    """Two registers: in the older one a case is open that the newer one has closed."""
    zone = Zon(settings.arbetsyta(rot / "data" / "raw"), rot / "hemligt" / "nyckel")
    zone.nyckel.parent.mkdir(mode=0o700, parents=True)
    skapa_nyckel(zone.nyckel)
    monkeypatch.setenv("TERTIAL_NYCKEL", str(zone.nyckel))
    monkeypatch.setenv("TERTIAL_IDAG", "2026-01-15")
    zone.leverera(
        "register_uttag_2018-01-31.csv",
        [
            rad("P-1", "vanlig", "2017-01-01", ""),
            rad("P-2", "undantagen", "2017-01-01", "2017-12-31"),
            rad("P-3", "annan", "2016-05-01", "2016-09-30"),
        ],
    )
    zone.leverera(
        "register_uttag_2025-12-31.csv",
        [
            rad("P-1", "vanlig", "2017-01-01", "2018-06-30"),
            rad("P-2", "undantagen", "2017-01-01", "2017-12-31"),
            rad("P-4", "vanlig", "2024-01-01", "2024-06-30"),
            rad("P-5", "ny", "2025-01-01", ""),
        ],
    )
    zone.yta.lager.parent.mkdir(mode=0o700, exist_ok=True)
    zone.yta.lager.write_bytes(b"rows as they were")
    return zone
