"""The last step of a run: decide what may leave the restricted zone and make it the current edition.

Stops (and leaves the previous edition) when a critical check deviates, when disclosure control does not pass, or
when the scanner finds a personal identity number in any byte of the edition.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipelines import korning as steg
from pipelines.delivery import register
from pipelines.delivery.manifest import Manifest
from pipelines.errors import TertialError
from pipelines.frysning import andringar
from pipelines.frysning.skugga import antal_sekretessutgavor
from pipelines.guard import kontroll
from pipelines.korning import Korning
from pipelines.publication import driftmarter, rojandekontroll, sammanfattning, sekretessregler
from pipelines.publication.edition import Mart, publish
from pipelines.publication.rojandekontroll import Skydd
from pipelines.publication.underlag import Underlag
from pipelines.sekretess import filgranskning
from pipelines.sekretess.atkomst import spar
from pipelines.settings import krasch
from pipelines.warehouse import dbt, kryptering


def publicera(korning: Korning) -> dict[str, Any]:
    """Publish the marts of the new warehouse; facts for the log and the summary."""
    stops = steg.stoppande(korning)
    if stops:
        listed = "; ".join(f"{one.regel_id} ({one.tabell}: {one.antal_fel})" for one in stops[:10])
        raise TertialError(
            f"{len(stops)} kritiska kontroller avviker: {listed}.",
            "Marterna är orörda. Rätta leveranserna och kör igen; `tertial status` visar var.",
        )
    manifests = korning.manifests()
    korning.framsteg.steg("Publicerar")
    control = skyddade(korning)
    safe = list(control.marter)
    regler = sekretessregler.las()
    checks = driftmarter.kontroller(steg.all_checks(korning), regler.marter["datakvalitet"]["drift"], regler.offentliga)
    safe.append(Mart("datakvalitet", checks, "Varje kontroll som kördes, med utfall.", kontroll.KOLUMNER))
    safe.append(
        Mart(
            "leveranser",
            driftmarter.leveranser(register.leveranser(manifests), regler.marter["leveranser"]["drift"]),
            "Liggaren: varje leverans och vad som blev av den.",
            register.KOLUMNER,
        )
    )
    safe.append(
        Mart(
            "sdc_audit",
            sammanfattning.publicerbar(control.audit),
            "Röjandekontrollens granskning: bara antal.",
            sammanfattning.KOLUMNER,
        )
    )
    safe.append(_andringar(korning, safe, manifests))
    anchor = spar(korning.yta, "publicering börjar", marter=len(safe))
    facts: dict[str, Any] = {
        "logg": asdict(anchor),
        "leveranser": [
            {"leverans_id": one.leverans_id, "sha256": one.sha256, "fil": one.fil, "status": one.status}
            for one in manifests
        ],
        "tertial": version("tertial"),
        "modeller": dbt.project_fingerprint(),
        "marter": {mart.namn: mart.rader.height for mart in safe},
    }

    def inspect(folder: Path) -> None:
        _inspect(folder)
        control.granska(folder, safe[len(control.marter) :])
        control.bokfor()
        facts["sekretessutgavor"] = antal_sekretessutgavor(korning.yta)  # to decide again what was decided now
        krasch("publicering_bokford")

    korning.utgava = publish(safe, korning.yta.marts, facts, inspect=inspect)
    korning.rojandekontroll = control.rad
    spar(korning.yta, "publicerat", utgava=korning.utgava.name)
    dbt.install(korning.yta)
    return {
        "marter": len(safe),
        "rader": sum(mart.rader.height for mart in safe),
        "utgava": korning.utgava.name,
        "rojandekontroll": control.rad,
    }


def _andringar(korning: Korning, safe: Sequence[Mart], manifests: Sequence[Manifest]) -> Mart:
    """What differs from each municipality's last frozen publication, said with disclosure-safe figures only."""
    rows = andringar.sedan_senast(
        korning.yta,
        {mart.namn: mart.rader for mart in safe},
        manifests,
        dbt.parse(korning.yta),
        dbt.project_fingerprint(),
    )
    return Mart("andringar", rows, andringar.BESKRIVNING, andringar.KOLUMNER)


def skyddade(korning: Korning) -> Skydd:
    """Every mart of the new warehouse, in a fixed order of rows, as disclosure control lets it out."""
    described = _descriptions(korning)
    connection = kryptering.oppna(dbt.new_lager(korning.yta), korning.yta.lake)
    try:
        marts = list(_marter(connection, described))
        background = Underlag.las(connection)
    finally:
        connection.close()
    return rojandekontroll.skydda(marts, korning.yta, korning.konfig, background)


def _marter(
    connection: duckdb.DuckDBPyConnection, described: Mapping[str, tuple[str, Mapping[str, str]]]
) -> Iterator[Mart]:
    names = connection.execute(
        "select table_name from information_schema.tables where table_schema = 'marts' order by table_name"
    ).fetchall()
    for (name,) in names:
        rows: pl.DataFrame = connection.execute(f'select * from marts."{name}" order by all').pl()
        about, columns = described.get(name, ("", {}))
        yield Mart(name, rows, about, columns)


def _descriptions(korning: Korning) -> dict[str, tuple[str, Mapping[str, str]]]:
    manifest = dbt.parse(korning.yta)
    return {
        node["name"]: (
            node.get("description", ""),
            {name: column.get("description", "") for name, column in node.get("columns", {}).items()},
        )
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }


def _inspect(folder: Path) -> None:
    hits = filgranskning.skanna_trad([folder])
    if hits:
        places = "; ".join(f"{hit.fil} {hit.plats}" for hit in hits[:5])
        raise TertialError(
            f"Skannern fann {len(hits)} personnummerliknande uppgifter i det som skulle publiceras: {places}.",
            "Inget är publicerat. Rätta källan till uppgiften och kör igen.",
        )
