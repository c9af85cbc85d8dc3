"""The warehouse file encrypted at rest (TERTIAL_KRYPTERA=ja), and the one way to open it, encrypted or not.

The file's key is derived from the pseudonym key and lives in this process only: dbt's profile names no key, `dbt_plugin`
attaches the file on dbt's own connection, and dbt writes neither into its artefacts (docs/adr/0023). A change of
key removes the file, so it never outlives its key.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines import settings
from pipelines.errors import TertialError
from pipelines.sekretess import radfil
from pipelines.sekretess.radfil import citerat, motornyckel, zonens_nyckel

ALIAS = "lager"
SJO = "sjo"  # schema of the engine's own memory with a view per lake table (sources.yml)


def oppna(path: Path, lake: Path) -> duckdb.DuckDBPyConnection:
    """A connection that reads the warehouse file; TertialError when it is not there or cannot be opened with the key.

    lake  what the warehouse's staging views show
    """
    if not path.is_file():
        raise TertialError(f"Lagret {path} finns inte.", "Kör `tertial run`, så byggs det.")
    try:
        if not settings.kryptera():
            return duckdb.connect(str(path), read_only=True)
        connection = duckdb.connect(config={"temp_directory": f"{path}.tmp", "temp_file_encryption": True})
        _fast(connection, path, read_only=True)
        _visa_sjon(connection, lake)
        connection.execute(f"use {ALIAS}")
    except duckdb.Error:
        raise TertialError(
            f"Lagret {path} kan inte öppnas: det är krypterat med en annan inställning eller nyckel, eller skadat.",
            "Kör `tertial run`, så byggs det om med den nyckel och den kryptering som gäller nu.",
        ) from None
    return connection


def for_dbt(connection: duckdb.DuckDBPyConnection) -> None:
    """Attach the file that dbt is to write, and show it the lake, on dbt's own connection; called by `dbt_plugin`."""
    try:
        _fast(connection, settings.lager_for_dbt(), read_only=False)
        _visa_sjon(connection, settings.lake_for_dbt())
    except duckdb.Error:
        raise TertialError(
            "Det krypterade lagret kunde inte öppnas för skrivning, eller radfilerna inte för läsning.",
            "Kontrollera nyckeln och disken; kör igen.",
        ) from None


def _fast(connection: duckdb.DuckDBPyConnection, path: Path, *, read_only: bool) -> None:
    radfil.ladda(connection)
    mode = "read_only, " if read_only else ""
    # ATTACH takes no parameters; the key is base64 of our own making and holds no quote
    connection.execute(f"attach '{citerat(path)}' as {ALIAS} ({mode}encryption_key '{_nyckel()}')")


def _visa_sjon(connection: duckdb.DuckDBPyConnection, lake: Path) -> None:
    """A view per lake table in the engine's own memory, where the staging views look: the file itself names no key."""
    connection.execute(f"create schema if not exists memory.{SJO}")
    for folder in radfil.mappar(lake):
        rows = radfil.tabell_sql(connection, folder)
        connection.execute(f'create or replace view memory.{SJO}."{folder.name}" as from {rows}')


def _nyckel() -> str:
    return motornyckel(zonens_nyckel(), "lager")
