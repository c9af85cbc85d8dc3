"""No mart carries a column of a person: neither by its name (from the contracts) nor by what stands in it.

What a count may disclose is another question and belongs to `sekretess`.
"""

from __future__ import annotations

from functools import cache

import duckdb

from pipelines.contracts.begrepp import PSEUDONYM_TYPER
from pipelines.contracts.model import load_contract, sources
from pipelines.guard.gx import quoted
from pipelines.guard.kontroll import Kontroll

PSEUDONYM = "^[a-z2-7]{26}$"
SIFFRA = "[2-7]"  # 99.5 % of all pseudonyms hold a digit; a Swedish word of 26 letters does not
REGEL = "PUB-PERSON"


@cache
def personkolumner() -> frozenset[str]:
    """Every name under which a person, household, case, respondent or birth date may stand."""
    return frozenset(
        name
        for source in sources()
        for table in load_contract(source).tabeller
        for column in table.kolumner
        if column.typ in PSEUDONYM_TYPER or column.typ in {"fodelsedatum", "fritext"}
        for name in (column.namn, column.lake_namn)
    )


def prova(connection: duckdb.DuckDBPyConnection, schema: str = "marts") -> list[Kontroll]:
    """One Kontroll per table of `schema`, kritisk."""
    columns = connection.execute(
        "select table_name, column_name, data_type from information_schema.columns "
        "where table_schema = ? order by table_name, ordinal_position",
        [schema],
    ).fetchall()
    checks = []
    for table in dict.fromkeys(name for name, *_ in columns):
        own = [(column, kind) for name, column, kind in columns if name == table]
        named = [column for column, _ in own if column in personkolumner()]
        shaped = _shaped(connection, f"{quoted(schema)}.{quoted(table)}", [c for c, kind in own if kind == "VARCHAR"])
        found = sorted({*named, *shaped})
        checks.append(
            Kontroll(
                regel_id=REGEL,
                tabell=table,
                niva="kritisk",
                utfall="avviker" if found else "godkand",
                antal_fel=len(found),
                exempel="; ".join(f"kolumnen {column}" for column in found),
                forklaring="Ingen kolumn i en mart bär en person, ett hushåll, ett ärende eller en pseudonym.",
                atgard="Publiceringen stoppas. Ta bort kolumnen ur modellen; tertial skanna letar i alla filer."
                if found
                else "",
            )
        )
    return checks


def _shaped(connection: duckdb.DuckDBPyConnection, relation: str, columns: list[str]) -> list[str]:
    """The text columns that hold something of a pseudonym's shape."""
    if not columns:
        return []
    tests = ", ".join(
        f"coalesce(bool_or(regexp_matches({quoted(one)}, '{PSEUDONYM}') and regexp_matches({quoted(one)}, '{SIFFRA}')), false)"
        for one in columns
    )
    row = connection.execute(f"select {tests} from {relation}").fetchone() or ()
    return [column for column, hit in zip(columns, row, strict=True) if hit]
