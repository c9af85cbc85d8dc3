"""The publication as an asset: disclosure control, an edition of the marts, all or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg

from pipelines.assets.lager import model_key
from pipelines.assets.leveranser import OWNER
from pipelines.delivery.ledger import exclusive
from pipelines.errors import UtanVarden
from pipelines.korning import Korning


def publicering(manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    """Depends on every mart, so a blocking check on any of them stops it."""
    marts = [
        model_key(node)
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["fqn"][1] == "marts"
    ]

    @dg.asset(
        key=["publicering", "marts"],
        deps=marts,
        group_name="publicering",
        owners=[OWNER],
        description="data/marts/: Parquet per mart och tertial.duckdb, sekretessprövade, utbytta i ett steg.",
        tags={"zon": "publicerbar"},
        kinds={"duckdb", "parquet"},
    )
    def marter(korning_resurs: dg.ResourceParam[Korning]) -> dg.MaterializeResult[None]:
        from pipelines import granskning
        from pipelines.publication import publicera

        with UtanVarden(), exclusive(korning_resurs.yta.rot):
            granskning.skanna_korningen(korning_resurs)
            facts = publicera.publicera(korning_resurs)
        return dg.MaterializeResult(
            metadata={key: value for key, value in facts.items() if isinstance(value, int | str)}
        )

    return marter
