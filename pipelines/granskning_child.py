"""The child of `guard.process`: one question per line in, one line per checked rule out, then {"klart": true}.

Nothing but answers leaves on standard output, and no library's message at all: it may hold a value.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import duckdb

from pipelines import settings
from pipelines.errors import TertialError, ovantat
from pipelines.guard.gallande import gallande
from pipelines.guard.gx import Granskare, forbered
from pipelines.guard.kontroll import Kontroll
from pipelines.guard.rules import load_expectations
from pipelines.sekretess.scanner import installera_loggfilter
from pipelines.warehouse import kryptering


def granska(uppdrag: dict[str, Any]) -> Iterator[Kontroll]:
    """Every expectation of the layer asked about."""
    lager, lake = uppdrag["lager"], Path(uppdrag["sjo"])
    connection = _raw(lake, uppdrag["gallande"]) if lager == "raw" else kryptering.oppna(Path(uppdrag["fil"]), lake)
    try:
        guard = Granskare(connection)
        for table, rules in load_expectations(lager).items():
            yield from guard.granska(table, table if lager == "raw" else f"{lager}.{table}", rules)
    finally:
        connection.close()


def _raw(lake: Path, scopes: list[tuple[str, str, str]]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    gallande(connection, lake, scopes)
    return connection


def svara(fragor: TextIO, svar: TextIO) -> None:
    """Until there are no more questions."""

    def say(document: dict[str, Any]) -> None:
        svar.write(json.dumps(document, default=str) + "\n")
        svar.flush()

    for line in fragor:
        try:
            for check in granska(json.loads(line)):
                say(check.as_dict())
            say({"klart": True})
        except Exception as error:  # noqa: BLE001  told on, without the library's own words
            told = error if isinstance(error, TertialError) else ovantat(error)
            say({"fel": told.message, "atgard": told.atgard})


def main() -> None:
    """Warm up, then answer."""
    os.umask(0o077)
    settings.telemetri_av()
    settings.glesare_skrapsamling()
    installera_loggfilter("great_expectations", "py.warnings")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no answer
    sys.modules["sqlalchemy"] = None  # type: ignore[assignment]  # an extra of the library's, a tenth of its import
    forbered()
    try:
        svara(sys.stdin, answers)
    except BrokenPipeError:  # nobody listens any more
        os._exit(0)


if __name__ == "__main__":
    main()
