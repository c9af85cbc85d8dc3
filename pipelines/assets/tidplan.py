"""When the main job runs by itself: every month, and when something new lies in data/raw."""

from __future__ import annotations

from hashlib import sha256

import dagster as dg

from pipelines.assets.kolada import HAMTNING
from pipelines.contracts.model import sources
from pipelines.delivery.found import find
from pipelines.korning import Korning

manadsladdning = dg.define_asset_job(
    "manadsladdning",
    selection=dg.AssetSelection.all() - dg.AssetSelection.assets(HAMTNING),  # the main job needs no network
    description="Läs nya leveranser, granska, bygg lagret, granska marterna och publicera.",
)

manadsschema = dg.ScheduleDefinition(
    name="manadsschema",
    job=manadsladdning,
    cron_schedule="0 6 16 * *",  # the day after Socialstyrelsen's 15th, when the month's files have been made
    execution_timezone="Europe/Stockholm",
)


@dg.sensor(
    name="ny_leverans",
    job=manadsladdning,
    minimum_interval_seconds=60,
    description="Startar en körning när en fil har kommit, ändrats eller försvunnit i data/raw.",
)
def ny_leverans(korning_resurs: dg.ResourceParam[Korning]) -> dg.RunRequest | dg.SkipReason:
    """One run per state of the folder: names, sizes and times decide the run key."""
    found, _ = find(korning_resurs.yta.raw, sources(), set(korning_resurs.kommuner()))
    if not found:
        return dg.SkipReason("Inga leveranser i data/raw.")
    state = sha256()
    for one in found:
        info = one.path.lstat()
        state.update(f"{one.namn}|{info.st_size}|{info.st_mtime_ns}\n".encode())
    return dg.RunRequest(run_key=state.hexdigest())
