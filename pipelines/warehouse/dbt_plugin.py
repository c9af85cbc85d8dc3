"""dbt-duckdb's hook for an encrypted warehouse (profiles.yml, target krypterad). Imported by dbt only: it is heavy."""

from __future__ import annotations

from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin

from pipelines.warehouse import kryptering


class Plugin(BasePlugin):
    """Attaches the encrypted file before dbt looks for it; the profile's own attach then finds it there."""

    def configure_connection(self, conn: Any) -> None:
        """`conn` is dbt's DuckDB connection."""
        kryptering.for_dbt(conn)
