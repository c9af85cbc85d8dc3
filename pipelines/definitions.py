"""Assembly only: what `dagster dev` shows and what `tertial run` executes are these definitions."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from pipelines import settings
from pipelines.sekretess.scanner import installera_loggfilter

settings.telemetri_av()
os.umask(0o077)  # as the command line does
installera_loggfilter("dagster", "dbt", "great_expectations", "py.warnings")

import dagster as dg  # noqa: E402  telemetry is switched off before the library is imported

from pipelines.assets import kolada, kontroller, lager, leveranser, publicering, tidplan  # noqa: E402
from pipelines.korning import Korning  # noqa: E402
from pipelines.warehouse import dbt  # noqa: E402


def build_definitions(resource_overrides: Mapping[str, Any] | None = None) -> dg.Definitions:
    """Every asset, check, job, schedule and sensor; a test or the command line brings its own `Korning`."""
    resources: dict[str, Any] = {**(resource_overrides or {})}
    if "korning_resurs" not in resources:
        resources["korning_resurs"] = Korning(yta=settings.arbetsyta(), konfig=settings.konfig())
    manifest = dbt.parse(resources["korning_resurs"].yta)
    return dg.Definitions(
        assets=[
            *leveranser.assets(),
            lager.register_asset(),
            lager.dbt_assets(manifest),
            publicering.publicering(manifest),
            kolada.koladahamtning,
        ],
        asset_checks=[kontroller.granska_leveranser(), kontroller.granska_marts()],
        jobs=[tidplan.manadsladdning, kolada.hamta_kolada],
        schedules=[tidplan.manadsschema, kolada.koladaschema],
        sensors=[tidplan.ny_leverans],
        resources=resources,
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What Dagster loads (lazily: importing this module builds nothing)."""
    return build_definitions()
