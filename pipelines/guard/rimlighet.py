"""Plausibility as data: `expectations/rimlighet/*.yml`, each rule one query whose rows are the odd places.

Against last month, last year and the file's own past: jumps, sudden zeros, volume, and the traces a change of case
system leaves (start dates piled on one day, all cases ending on one day, identical durations).

- id: RIM-PLA-001
  skede: raw                       # raw: lake tables under their own names; marts: the new warehouse
  niva: varning
  tabell: placeringar
  text: ...                        # names case and field
  atgard: ...
  sql: >-                          # columns kommun_kod, leverans_id, plats (words, no personal value), varde, vantat
    select ...
  prov: {tabeller: {placeringar: {ren: [...rows], avvikande: [...rows]}}}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import duckdb
import yaml

from pipelines.errors import Niva, RuleError
from pipelines.guard.kontroll import MAX_EXEMPEL, Kontroll
from pipelines.settings import EXPECTATIONS_DIR

Skede = Literal["raw", "marts"]
COLUMNS = ("kommun_kod", "leverans_id", "plats", "varde", "vantat")


@dataclass(frozen=True, slots=True)
class Rimlighet:
    """One plausibility rule."""

    id: str
    skede: Skede
    niva: Niva
    tabell: str
    text: str
    atgard: str
    sql: str
    granskas: date | None = None
    galler_ar: Mapping[str, int] = field(default_factory=dict)
    prov: Mapping[str, Any] = field(default_factory=dict)


def load(folder: Path = EXPECTATIONS_DIR / "rimlighet") -> list[Rimlighet]:
    """Every rule; RuleError when an id stands twice or a varning has no review date."""
    found: list[Rimlighet] = []
    for path in sorted(folder.glob("*.yml")):
        for entry in yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader) or []:
            one = Rimlighet(**entry)
            if any(one.id == other.id for other in found):
                raise RuleError(f"{path.name}: {one.id} stands twice")
            if one.niva == "varning" and one.granskas is None:
                raise RuleError(f"{path.name}: {one.id} is a varning without a review date (granskas)")
            found.append(one)
    return found


def prova(
    connection: duckdb.DuckDBPyConnection, skede: Skede, rules: Sequence[Rimlighet] | None = None
) -> list[Kontroll]:
    """Run the rules of a stage; one Kontroll per rule and municipality that has something to look at."""
    checks: list[Kontroll] = []
    for rule in load() if rules is None else rules:
        if rule.skede == skede:
            checks += _prova(connection, rule)
    return checks


def _prova(connection: duckdb.DuckDBPyConnection, rule: Rimlighet) -> list[Kontroll]:
    cursor = connection.execute(rule.sql)
    names = tuple(column[0] for column in cursor.description or ())
    if names != COLUMNS:
        raise RuleError(f"{rule.id}: the query gives {names}, not {COLUMNS}")
    per_kommun: dict[str | None, list[tuple[Any, ...]]] = {}
    for row in cursor.fetchall():
        per_kommun.setdefault(row[0], []).append(row)
    if not per_kommun:
        return [Kontroll(rule.id, rule.tabell, rule.niva, "godkand", rule.text)]
    return [_finding(rule, kommun, rows) for kommun, rows in sorted(per_kommun.items(), key=lambda item: str(item[0]))]


def _finding(rule: Rimlighet, kommun: str | None, rows: list[tuple[Any, ...]]) -> Kontroll:
    deliveries = {row[1] for row in rows}
    _, delivery, place, value, expected = rows[0]
    one = len(rows) == 1
    return Kontroll(
        regel_id=rule.id,
        tabell=rule.tabell,
        niva=rule.niva,
        utfall="avviker",
        antal_fel=len(rows),
        exempel="; ".join(str(row[2]) for row in rows[:MAX_EXEMPEL]),
        forklaring=rule.text,
        atgard=rule.atgard,
        kommun_kod=kommun,
        leverans_id=delivery if len(deliveries) == 1 else None,
        cell=str(place) if one else None,
        tryckt_varde=_number(value) if one else None,
        beraknat_varde=_number(expected) if one else None,
        differens=_difference(value, expected) if one else None,
    )


def _number(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(round(float(str(value)), 4)))


def _difference(value: object, expected: object) -> Decimal | None:
    left, right = _number(value), _number(expected)
    return None if left is None or right is None else left - right
