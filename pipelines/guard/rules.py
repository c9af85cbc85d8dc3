"""Expectations as data: loads `expectations/<layer>/<table>.yml`. Says nothing of how a rule is run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from pipelines.errors import Niva, RuleError
from pipelines.settings import EXPECTATIONS_DIR


@dataclass(frozen=True, slots=True)
class Forvantan:
    """One Great Expectations rule in its own serialised words, with what a controller reads."""

    id: str
    tabell: str
    type: str
    kwargs: Mapping[str, Any]
    niva: Niva
    text: str
    atgard: str
    galler_ar: Mapping[str, int] = field(default_factory=dict)
    ar_kolumn: str | None = None  # the year of a row: a column, or SQL such as year(manad)
    villkor: str | None = None  # SQL condition: the rule speaks only of these rows
    granskas: date | None = None  # a varning has a review date
    prov: Mapping[str, Any] = field(default_factory=dict)


def load_expectations(layer: str, folder: Path = EXPECTATIONS_DIR) -> dict[str, list[Forvantan]]:
    """Every rule of a layer (`raw` or `marts`) by table, in file order."""
    rules: dict[str, list[Forvantan]] = {}
    seen: set[str] = set()
    for path in sorted((folder / layer).glob("*.yml")):
        document = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader) or []
        table = path.stem
        for entry in document:
            rule = Forvantan(tabell=table, **entry)
            if rule.id in seen:
                raise RuleError(f"{path.name}: rule id {rule.id} stands twice")
            if not rule.text or not rule.atgard:
                raise RuleError(f"{path.name}: rule {rule.id} lacks text or atgard")
            if rule.niva == "varning" and rule.granskas is None:
                raise RuleError(f"{path.name}: rule {rule.id} is a varning without a review date (granskas)")
            if not rule.prov.get("giltiga") or not rule.prov.get("ogiltiga"):
                raise RuleError(f"{path.name}: rule {rule.id} needs rows that pass and rows that fail (prov)")
            if "mostly" in rule.kwargs:
                raise RuleError(f"{path.name}: rule {rule.id} uses mostly, which has no meaning on distinct rows")
            if bool(rule.galler_ar) != bool(rule.ar_kolumn):
                raise RuleError(f"{path.name}: rule {rule.id} needs both galler_ar and ar_kolumn, or neither")
            seen.add(rule.id)
            rules.setdefault(table, []).append(rule)
    return rules
