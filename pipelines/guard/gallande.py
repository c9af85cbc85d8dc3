"""The rows in force as views in a DuckDB connection: what the checks before the build look at."""

from __future__ import annotations

from collections.abc import Sequence
from os import getpid
from pathlib import Path

import duckdb

from pipelines import settings
from pipelines.delivery.ledger import in_force
from pipelines.delivery.manifest import Manifest
from pipelines.delivery.underhall import SPILL
from pipelines.sekretess import radfil


def omfattningar(manifests: list[Manifest]) -> list[tuple[str, str, str]]:
    """What is in force, as (table, delivery, scope)."""
    return [(one.tabell, one.leverans_id, one.omfattning) for one in in_force(manifests) if one.gallande]


def gallande(connection: duckdb.DuckDBPyConnection, lake: Path, scopes: Sequence[tuple[str, str, str]]) -> None:
    """A view per lake table with the rows in force (`omfattningar`), under the table's own name."""
    # What does not fit in memory may be put down inside the restricted zone only, never in the working directory;
    # two engines must not share a folder for it.
    spill = lake / f"{SPILL}{getpid()}-{id(connection)}"
    connection.execute(f"set temp_directory = '{radfil.citerat(spill)}'")
    if settings.kryptera():
        radfil.ladda(connection)
        connection.execute("set temp_file_encryption = true")
    connection.execute("create table _gallande (tabell text, leverans_id text, omfattning text)")
    tables, deliveries, parts = (list(column) for column in zip(*scopes, strict=True)) if scopes else ([], [], [])
    connection.execute("insert into _gallande select unnest(?), unnest(?), unnest(?)", [tables, deliveries, parts])
    for folder in radfil.mappar(lake):
        connection.execute(
            f'create view "{folder.name}" as select rader.* '
            f"from {radfil.tabell_sql(connection, folder)} as rader "
            f"semi join (select leverans_id, omfattning from _gallande where tabell = '{folder.name}') as galler "
            "using (leverans_id, omfattning)"
        )
