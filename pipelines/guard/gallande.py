"""The rows in force as views in a DuckDB connection: what the checks before the build look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from pipelines.delivery.ledger import in_force
from pipelines.delivery.manifest import Manifest


def omfattningar(manifests: list[Manifest]) -> list[tuple[str, str, str]]:
    """What is in force, as (table, delivery, scope)."""
    return [(one.tabell, one.leverans_id, one.omfattning) for one in in_force(manifests) if one.gallande]


def gallande(connection: duckdb.DuckDBPyConnection, lake: Path, scopes: Sequence[tuple[str, str, str]]) -> None:
    """A view per lake table with the rows in force (`omfattningar`), under the table's own name."""
    connection.execute("create table _gallande (tabell text, leverans_id text, omfattning text)")
    if scopes:
        connection.executemany("insert into _gallande values (?, ?, ?)", scopes)
    for folder in _tables(lake):
        files = str(folder / "*.parquet").replace("'", "''")
        connection.execute(
            f'create view "{folder.name}" as select rader.* '
            f"from read_parquet('{files}', union_by_name = true) as rader "
            f"semi join (select leverans_id, omfattning from _gallande where tabell = '{folder.name}') as galler "
            "using (leverans_id, omfattning)"
        )


def _tables(lake: Path) -> Iterator[Path]:
    yield from (path for path in sorted(lake.iterdir()) if path.is_dir() and not path.name.startswith("_"))
