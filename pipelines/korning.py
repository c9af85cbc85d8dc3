"""The main job as plain steps, in order: read, write register, guard raw, build, guard marts, publish.

Dagster's assets call these; nothing here knows Dagster. State between steps lies on disk (manifests, register,
warehouse, check results), so a step can be run again by itself and a crash loses nothing.
"""

from __future__ import annotations

import json
import time as clock
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from pipelines import durable, settings
from pipelines.contracts.model import Contract, load_contract, sources
from pipelines.delivery import intake, lake, omkryptering, register, underhall
from pipelines.delivery.ledger import Ledger, exclusive
from pipelines.delivery.manifest import Manifest
from pipelines.delivery.overspelad import Overspelad
from pipelines.errors import TertialError, disken_full, full_disk
from pipelines.guard.kontroll import Kontroll, stopping
from pipelines.guard.process import Granskprocess
from pipelines.katalog import kommuner as kommunregister
from pipelines.sekretess.atkomst import spar
from pipelines.sekretess.nyckel import Nyckel, kontrollera_fingeravtryck, las_nyckel
from pipelines.settings import Arbetsyta, Konfig
from pipelines.warehouse import dbt, harkomst


class Framsteg(Protocol):
    """Who is told how far the run has come (a progress bar, a log, nobody)."""

    def steg(self, namn: str, antal: int | None = None) -> None:
        """A new step begins; `antal` parts are expected when known."""

    def del_klar(self, text: str) -> None:
        """One part of the step is done."""


class Tyst:
    """Tells nobody."""

    def steg(self, namn: str, antal: int | None = None) -> None:
        """Nothing."""

    def del_klar(self, text: str) -> None:
        """Nothing."""


@dataclass
class Korning:
    """One run in one workspace: what it was asked, and what came out."""

    yta: Arbetsyta
    konfig: Konfig
    bara: str | None = None  # --only: read deliveries of this source only
    per: date | None = None  # --per: as known at the end of this day
    bara_leveranser: frozenset[str] | None = None  # a rebuild: exactly these deliveries
    framsteg: Framsteg = field(default_factory=Tyst)
    granskprocess: Granskprocess = field(default_factory=Granskprocess)
    lasta: list[Manifest] = field(default_factory=list)
    kanda: int = 0
    overspelade: list[Overspelad] = field(default_factory=list)
    kontroller: list[Kontroll] = field(default_factory=list)
    utgava: Path | None = None
    rojandekontroll: str | None = None  # what disclosure control hid and how narrow the narrowest interval is
    startad: float = field(default_factory=clock.time)  # Unix time
    omskrivet: str | None = None  # that the row files were encrypted or written plain, when they were
    handelser: list[str] = field(default_factory=list)  # what Dagster was told, for the run's own scan

    @property
    def per_tid(self) -> datetime | None:
        """The last moment of the as-of day, in the calendar that `settings.idag` reads."""
        return None if self.per is None else datetime.combine(self.per, time.max).astimezone()

    def kommuner(self) -> dict[str, kommunregister.Kommun]:
        """Every municipality this workspace knows."""
        return kommunregister.kommuner(self.konfig.egna_kommuner)

    def manifests(self) -> list[Manifest]:
        """Every delivery that counts for this run."""
        known = Ledger(self.yta.lake).manifests(self.per_tid)
        return [one for one in known if self.bara_leveranser is None or one.leverans_id in self.bara_leveranser]


def las_leveranser(korning: Korning, kalla: str) -> list[Manifest]:
    """Read what is new from one source into the lake; the new manifests (accepted and refused)."""
    contract = load_contract(kalla)
    with exclusive(korning.yta.rot):
        if korning.per is None:
            underhall.vagra_avbrutet(korning.yta.lake, utom=omkryptering.VAD)
            _stall_in_kryptering(korning)
            underhall.sopa_spill(korning.yta.lake)
        for table in contract.tabeller:
            lake.ensure_schema(korning.yta.lake, table)
        if (korning.bara is not None and korning.bara != kalla) or korning.per is not None:
            return []
        outcome = intake.read_new(
            korning.yta,
            contract,
            konfig=korning.konfig,
            kommuner=korning.kommuner(),
            nyckel=_nyckel(korning, contract),
            idag=settings.idag(),
            done=korning.framsteg.del_klar,
        )
    korning.lasta += outcome.nya
    korning.kanda += outcome.kanda
    korning.overspelade += outcome.overspelade
    return outcome.nya


def _stall_in_kryptering(korning: Korning) -> None:
    """Encrypt the row files or write them plain, when the setting was changed; said on the screen and in the access log."""
    vad = "krypterade" if settings.kryptera() else "skrivna i klartext"
    number = omkryptering.stall_in(
        korning.yta.lake,
        borjar=lambda number: korning.framsteg.steg(f"Skriver om radfilerna ({vad})", number),
        klar=lambda: korning.framsteg.del_klar(""),
    )
    if number:
        spar(korning.yta, f"radfilerna {vad}", filer=number)
        korning.omskrivet = f"TERTIAL_KRYPTERA är ändrad: {number} radfiler är omskrivna och {vad}."


def _nyckel(korning: Korning, contract: Contract) -> Nyckel | None:
    """The key for a person source; None when there is no key (person sources are then refused, the rest is read)."""
    if not contract.personkalla:
        return None
    path = settings.nyckelfil()
    if not path.exists():
        return None
    key = las_nyckel(path, settings.uppgiftskatalog())
    empty = not any(one.nyckel_fingeravtryck for one in Ledger(korning.yta.lake).manifests())
    kontrollera_fingeravtryck(key, korning.yta.lake / underhall.FINGERAVTRYCK, tomt=empty)
    return key


def skriv_register(korning: Korning) -> None:
    """Write the files that tell dbt what is in force."""
    from pipelines.katalog import nyckeltal
    from pipelines.sources.enkater import formular

    with exclusive(korning.yta.rot):
        register.write(
            korning.yta.lake,
            korning.manifests(),
            korning.kommuner(),
            {"katalog": nyckeltal.frame(), "formular": formular.formular()},
        )


def bygg_lager(korning: Korning) -> dbt.DbtResultat:
    """The one dbt build, into a warehouse file of its own."""
    with_unit_tests = dbt.unit_tests_needed(korning.yta)
    korning.framsteg.steg("Bygger lagret")
    with exclusive(korning.yta.rot):
        result = dbt.build(
            korning.yta,
            unit_tests=with_unit_tests,
            dokument=not harkomst.bevisad(korning.yta),
            done=lambda name, _: korning.framsteg.del_klar(name),
        )
    if any(disken_full(one.meddelande) for one in result.fel):
        raise full_disk()
    checks = list(_dbt_checks(result))
    remember(korning, "lager", checks)
    if with_unit_tests and not result.fel:
        dbt.remember_unit_tests(korning.yta)
    return result


def _dbt_checks(result: dbt.DbtResultat) -> Iterable[Kontroll]:
    for node in sorted(result.noder, key=lambda one: one.unique_id):  # they end in any order
        if node.typ in {"test", "unit_test"} or node.status in {"error", "fail"}:
            failed = node.status in {"error", "fail", "runtime error"}
            warned = node.status == "warn"
            test = node.typ in {"test", "unit_test"}
            yield Kontroll(
                regel_id=f"DBT-{node.namn}"[:120],
                tabell=node.namn,
                niva="varning" if warned else "kritisk",
                utfall="avviker" if failed or warned else "ej_provad" if node.status == "skipped" else "godkand",
                antal_fel=node.antal_fel or int(failed),
                forklaring="Ett test inne i lagret." if test else "Modellen gick inte att bygga.",
                atgard="Felet ligger i modellerna: kör `make check` och meddela utvecklarna." if failed else "",
            )


def remember(korning: Korning, steg: str, checks: list[Kontroll]) -> None:
    """Keep a step's checks for the publication (on disk: the steps may run in processes of their own)."""
    korning.kontroller += checks
    folder = durable.restricted_dir(korning.yta.lake / "_kontroller")
    durable.write_bytes(folder / f"{steg}.json", json.dumps([one.as_dict() for one in checks], default=str).encode())


def all_checks(korning: Korning) -> pl.DataFrame:
    """Every check of the latest steps, as rows of the mart datakvalitet."""
    folder = korning.yta.lake / "_kontroller"
    rows: list[Mapping[str, Any]] = []
    for path in sorted(folder.glob("*.json")):
        rows += json.loads(path.read_bytes())
    return pl.DataFrame(rows, schema=KONTROLL_SCHEMA, orient="row").with_columns(
        *(pl.col(name).cast(pl.Decimal(18, 4)) for name in ("tryckt_varde", "beraknat_varde", "differens")),
        pl.col("granskas").str.to_date(),
    )


KONTROLL_SCHEMA = {
    "regel_id": pl.String(),
    "tabell": pl.String(),
    "niva": pl.String(),
    "utfall": pl.String(),
    "antal_fel": pl.Int64(),
    "exempel": pl.String(),
    "forklaring": pl.String(),
    "leverans_id": pl.String(),
    "atgard": pl.String(),
    "kommun_kod": pl.String(),
    "cell": pl.String(),
    "tryckt_varde": pl.String(),
    "beraknat_varde": pl.String(),
    "differens": pl.String(),
    "accepterad": pl.String(),
    "granskas": pl.String(),
}


def stoppande(korning: Korning) -> list[Kontroll]:
    """Checks of this run that stop the publication."""
    return stopping(korning.kontroller)


def kallor(bara: str | None) -> tuple[str, ...]:
    """Every source; TertialError when `bara` names none of them."""
    known = sources()
    if bara is not None and bara not in known:
        raise TertialError(f"Källan {bara} finns inte.", f"Välj bland: {', '.join(known)}.")
    return known
