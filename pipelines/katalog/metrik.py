"""The semantic layer's metrics, made from the catalogue: dbt_semantik/models/metrik.yml, one metric per counted nyckeltal.

A ratio is a ratio metric: summed täljare (times the catalogue's factor) over summed nämnare, divided last. A count or an
amount is its summed täljare. A median cannot be summed: the metric is the cell's value, and only meaningful there.
What a figure is stands in the catalogue; what the model sums stands in dbt_semantik/models/nyckeltal.sql.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml

from pipelines.katalog.nyckeltal import Nyckeltal, katalog
from pipelines.settings import PROJECT_DIR

MAL = PROJECT_DIR / "dbt_semantik" / "models" / "metrik.yml"
DIMENSIONER = (
    "kommun_kod", "nyckeltal_id", "organisation", "kon", "alder", "indelning", "indelning_varde", "periodtyp", "status",
)  # fmt: skip
_HEAD = "# Made from dbt_project/katalog by `tertial dokument`; a test refuses a stale file.\n"


def metrik_yaml(entries: Iterable[Nyckeltal]) -> str:
    """The whole file: semantic model, shared sums, one metric per entry that has a model."""
    counted = [one for one in entries if one.modell]
    factors = sorted({_faktor(one) for one in counted if one.namnare and one.varde != "median"})
    document = {
        "version": 2,
        "models": [_tidsryggrad()],
        "semantic_models": [_modell(factors)],
        "metrics": [*(_summa(one) for one in _summor(factors)), *(_metrik(one) for one in counted)],
    }
    return _HEAD + yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=120)


def sidan() -> str:
    """The file of the catalogue as it stands."""
    return metrik_yaml(katalog())


def _tidsryggrad() -> dict[str, Any]:
    return {
        "name": "tidsryggrad",
        "time_spine": {"standard_granularity_column": "dag"},
        "columns": [{"name": "dag", "granularity": "day"}],
    }


def _modell(factors: Iterable[int]) -> dict[str, Any]:
    sums = [{"name": f"taljare_x{factor}", "agg": "sum", "expr": f"{factor} * taljare"} for factor in factors]
    return {
        "name": "nyckeltal",
        "model": "ref('nyckeltal')",
        "defaults": {"agg_time_dimension": "period_slut"},
        "entities": [{"name": "cell", "type": "primary"}],
        "dimensions": [
            {"name": "period_slut", "type": "time", "type_params": {"time_granularity": "day"}},
            *({"name": name, "type": "categorical"} for name in DIMENSIONER),
        ],
        "measures": [
            *sums,
            {"name": "taljare", "agg": "sum"},
            {"name": "namnare", "agg": "sum"},
            {"name": "varde", "agg": "max"},
        ],
    }


def _summor(factors: Iterable[int]) -> list[str]:
    return [*(f"taljare_x{factor}" for factor in factors), "namnare"]


def _summa(name: str) -> dict[str, Any]:
    return {
        "name": f"summa_{name}", "label": f"summa_{name}", "description": "Part of the ratios; means nothing alone.",
        "type": "simple", "type_params": {"measure": name},
    }  # fmt: skip


def _faktor(one: Nyckeltal) -> int:
    return int(one.faktor)


def _metrik(one: Nyckeltal) -> dict[str, Any]:
    only = "{{ Dimension('cell__nyckeltal_id') }} = '" + one.id + "'"
    head = {"name": one.id, "label": one.titel, "description": one.formel}
    if one.varde == "median":
        return {**head, "type": "simple", "type_params": {"measure": "varde"}, "filter": only}
    if one.namnare is None:
        return {**head, "type": "simple", "type_params": {"measure": "taljare"}, "filter": only}
    parts = {"numerator": f"summa_taljare_x{_faktor(one)}", "denominator": "summa_namnare"}
    return {
        **head,
        "type": "ratio",
        "type_params": {part: {"name": name, "filter": only} for part, name in parts.items()},
    }
