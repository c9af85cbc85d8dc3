"""The two borders a run guards: deliveries before the build, marts before the publication.

Gathers what every kind of check says into one list of `Kontroll`. What a check is stands in `guard`; the rules
themselves are data in `expectations/`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from pipelines.delivery.ledger import in_force
from pipelines.delivery.manifest import Manifest
from pipelines.guard import accepterade, identiteter, rimlighet
from pipelines.guard.gx import Granskare
from pipelines.guard.kontroll import Kontroll
from pipelines.guard.leverans import delivery_checks
from pipelines.guard.rules import load_expectations
from pipelines.korning import Korning, remember
from pipelines.warehouse import dbt


def granska_leveranser(korning: Korning) -> list[Kontroll]:
    """Everything that can be said of the deliveries in force: refused, flagged, totals, expectations, plausibility."""
    rules = load_expectations("raw")
    korning.framsteg.steg("Granskar leveranser", sum(map(len, rules.values())))
    manifests = korning.manifests()
    connection = duckdb.connect()
    try:
        gallande(connection, korning.yta.lake, manifests)
        checks = list(delivery_checks(manifests))
        guard = Granskare(connection)
        for table, listed in rules.items():
            checks += guard.granska(table, table, listed, korning.framsteg.del_klar)
        checks += rimlighet.prova(connection, "raw")
    finally:
        connection.close()
    return _finish(korning, "leveranser", checks)


def granska_marts(korning: Korning) -> list[Kontroll]:
    """Expectations on every mart, and the identities between rows and tables."""
    rules = load_expectations("marts")
    korning.framsteg.steg("Granskar marter", sum(map(len, rules.values())))
    connection = duckdb.connect(str(dbt.new_lager(korning.yta)), read_only=True)
    try:
        checks: list[Kontroll] = []
        guard = Granskare(connection)
        for table, listed in rules.items():
            checks += guard.granska(table, f"marts.{table}", listed, korning.framsteg.del_klar)
        checks += identiteter.prova(connection)
        checks += rimlighet.prova(connection, "marts")
    finally:
        connection.close()
    return _finish(korning, "marts", checks)


def gallande(connection: duckdb.DuckDBPyConnection, lake: Path, manifests: list[Manifest]) -> None:
    """A view per lake table with the rows in force, under the table's own name."""
    scopes = [one for one in in_force(manifests) if one.gallande]
    connection.execute("create table _gallande (tabell text, leverans_id text, omfattning text)")
    if scopes:
        connection.executemany(
            "insert into _gallande values (?, ?, ?)", [(one.tabell, one.leverans_id, one.omfattning) for one in scopes]
        )
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


def _finish(korning: Korning, steg: str, checks: list[Kontroll]) -> list[Kontroll]:
    checks = accepterade.tillampa(checks)
    remember(korning, steg, checks)
    return checks
