"""The fetch from Kolada as an asset with a schedule of its own: the main job never needs the network."""

from __future__ import annotations

from datetime import UTC, datetime

import dagster as dg

from pipelines import settings
from pipelines.assets.leveranser import OWNER
from pipelines.korning import Korning

HAMTNING = dg.AssetKey(["raw", "kolada"])


@dg.asset(
    key=HAMTNING,
    group_name="leveranser",
    owners=[OWNER],
    description="Koladas värden, katalog, kommuner och grupper som daterade leveranser i data/raw/kolada. Behöver nät: utan nät "
    "misslyckas bara denna hämtning; jobbet manadsladdning kör allt det andra.",
    tags={"zon": "begransad", "kalla": "kolada"},
    kinds={"json"},
)
def koladahamtning(korning_resurs: dg.ResourceParam[Korning]) -> dg.MaterializeResult[None]:
    """Fetch the catalogue's KPIs for the whole country; nothing changes when anything is not whole."""
    from pipelines.kolada.hamta import fraga, hamta

    done = hamta(korning_resurs.yta, fraga([], [], [], [], settings.idag()), nu=datetime.now(UTC))
    return dg.MaterializeResult(
        metadata={
            "nya_leveranser": len(done.skrivna),
            "oforandrade": len(done.oforandrade),
            "varden": done.varden,
            "fragor": done.fragor,
            "saknas": ", ".join(f"{what}: {len(ids)}" for what, ids in done.saknas.items()) or "inget",
        }
    )


hamta_kolada = dg.define_asset_job(
    "hamta_kolada",
    selection=dg.AssetSelection.assets(HAMTNING),
    description="Hämta Kolada till data/raw; sensorn ny_leverans startar sedan huvudjobbet.",
)

koladaschema = dg.ScheduleDefinition(
    name="koladaschema",
    job=hamta_kolada,
    cron_schedule="0 4 12 * *",  # before the month's own run; Kolada publishes throughout the year
    execution_timezone="Europe/Stockholm",
)
