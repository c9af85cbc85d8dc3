"""The warehouse file encrypted at rest (TERTIAL_KRYPTERA=ja), and the one way to open it, encrypted or not.

The file's key is derived from the pseudonym key and lives in this process only: dbt's profile names no key, `dbt_plugin`
attaches the file on dbt's own connection, and dbt writes neither into its artefacts (docs/adr/0023). A change of
key removes the file, so it never outlives its key.
"""

from __future__ import annotations

import hashlib
import platform
from base64 import b64encode
from importlib.util import find_spec
from pathlib import Path

import duckdb

from pipelines import settings
from pipelines.errors import TertialError
from pipelines.sekretess.nyckel import las_nyckel

ALIAS = "lager"


def oppna(path: Path) -> duckdb.DuckDBPyConnection:
    """A connection that reads the warehouse file; TertialError when it is not there or cannot be opened with the key."""
    if not path.is_file():
        raise TertialError(f"Lagret {path} finns inte.", "Kör `tertial run`, så byggs det.")
    try:
        if not settings.kryptera():
            return duckdb.connect(str(path), read_only=True)
        connection = duckdb.connect(config={"temp_directory": f"{path}.tmp", "temp_file_encryption": True})
        _fast(connection, path, read_only=True)
        connection.execute(f"use {ALIAS}")
    except duckdb.Error:
        raise TertialError(
            f"Lagret {path} kan inte öppnas: det är krypterat med en annan inställning eller nyckel, eller skadat.",
            "Kör `tertial run`, så byggs det om med den nyckel och den kryptering som gäller nu.",
        ) from None
    return connection


def for_dbt(connection: duckdb.DuckDBPyConnection) -> None:
    """Attach the file that dbt is to write on dbt's own connection; called by `dbt_plugin`."""
    try:
        _fast(connection, settings.lager_for_dbt(), read_only=False)
    except duckdb.Error:
        raise TertialError(
            "Det krypterade lagret kunde inte öppnas för skrivning.", "Kontrollera nyckeln och disken; kör igen."
        ) from None


def _fast(connection: duckdb.DuckDBPyConnection, path: Path, *, read_only: bool) -> None:
    connection.execute(f"load '{_citerat(_httpfs())}'")  # for its OpenSSL: the engine's own crypto only reads
    mode = "read_only, " if read_only else ""
    # ATTACH takes no parameters; the key is base64 of our own making and holds no quote
    connection.execute(f"attach '{_citerat(path)}' as {ALIAS} ({mode}encryption_key '{_nyckel()}')")


def _nyckel() -> str:
    stam, omgang = las_nyckel(settings.nyckelfil(), settings.uppgiftskatalog()).harled("lager")
    return b64encode(hashlib.sha256(stam + omgang).digest()).decode()


def _httpfs() -> Path:
    found = find_spec("duckdb_extension_httpfs")
    if found is None or found.origin is None:
        raise TertialError(
            "Paketet duckdb-extension-httpfs saknas.", "Kör `make setup`, eller ta bort TERTIAL_KRYPTERA."
        )
    files = sorted(Path(found.origin).parent.glob(f"extensions/v{duckdb.__version__}/**/httpfs.duckdb_extension"))
    if not files:
        raise TertialError(
            f"Paketet duckdb-extension-httpfs har inget för DuckDB {duckdb.__version__} på {platform.machine()}.",
            "Kör `make setup`.",
        )
    return files[0]


def _citerat(path: Path) -> str:
    return str(path).replace("'", "''")
