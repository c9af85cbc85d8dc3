"""dbt's models as Dagster assets, straight from dbt's manifest: one build, every model an asset with its lineage.

Not dagster-dbt: importing it costs more than the whole rest of the definitions (docs/adr/0002).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from pipelines import korning
from pipelines.assets.leveranser import OWNER, lake_key
from pipelines.errors import UtanVarden
from pipelines.korning import Korning

_COMMENT = re.compile(r"\s*(?:(?:--[^\n]*\n)+|/\*.*?\*/|\{#.*?#\})", re.DOTALL)
REGISTER = dg.AssetKey(["register", "leveranser"])


def model_key(node: Mapping[str, Any]) -> dg.AssetKey:
    """A model's asset key: its schema and its name."""
    return dg.AssetKey([str(node["schema"]), str(node["name"])])


def specs(manifest: Mapping[str, Any]) -> list[dg.AssetSpec]:
    """One spec per model and seed in dbt's manifest."""
    nodes = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] in {"model", "seed"}}
    found = []
    for node in nodes.values():
        deps = set()
        for parent in node.get("depends_on", {}).get("nodes", []):
            if parent in nodes:
                deps.add(model_key(nodes[parent]))
            elif parent in manifest["sources"]:
                source = manifest["sources"][parent]
                deps.add(lake_key(source["name"]) if source["source_name"] == "lake" else REGISTER)
        found.append(
            dg.AssetSpec(
                key=model_key(node),
                deps=sorted(deps, key=str),
                description=_description(node),
                group_name=_group(node),
                owners=[OWNER],
                tags={"zon": "begransad"},
                kinds={"dbt", "duckdb"},
            )
        )
    return found


def _description(node: Mapping[str, Any]) -> str:
    """What the model says of itself: its description, else the comment its SQL begins with, else its place."""
    if node.get("description"):
        return str(node["description"])
    comment = _COMMENT.match(str(node.get("raw_code", "")))
    if comment is not None:
        lines = (line.strip(" \t-*/{}#") for line in comment[0].splitlines())
        return " ".join(line for line in lines if line)
    if node["resource_type"] == "seed":
        return f"Tabellen {node['name']}, som förvaltningen själv ändrar (dbt_project/seeds)."
    return f"{node['name'].split('__')[-1]}: det som gäller, kolumn för kolumn ({_group(node)})."


def _group(node: Mapping[str, Any]) -> str:
    return "dbt_seeds" if node["resource_type"] == "seed" else f"dbt_{node['fqn'][1]}"


def register_asset() -> dg.AssetsDefinition:
    """The register files: which delivery counts for which scope."""

    @dg.asset(
        key=REGISTER,
        deps=[lake_key(name) for name in _tables()],
        group_name="leveranser",
        owners=[OWNER],
        description="Liggaren: vilken leverans som gäller för vilken kommun, tabell och omfattning; katalog och kommuner.",
        tags={"zon": "begransad"},
    )
    def leveransregister(korning_resurs: dg.ResourceParam[Korning]) -> None:
        with UtanVarden():
            korning.skriv_register(korning_resurs)

    return leveransregister


def _tables() -> list[str]:
    from pipelines.assets.leveranser import tables

    return tables()


def dbt_assets(manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    """All models of the project as one step: exactly one dbt invocation per run."""
    found = specs(manifest)
    names = {spec.key.path[-1]: spec.key for spec in found}

    @dg.multi_asset(name="bygg_lagret", specs=found, can_subset=False)
    def _build(korning_resurs: dg.ResourceParam[Korning]) -> Iterator[Any]:
        with UtanVarden():
            result = korning.bygg_lager(korning_resurs)
        if result.fel:
            raise dg.Failure(
                description=f"dbt: {len(result.fel)} noder föll: {', '.join(one.namn for one in result.fel[:10])}",
                allow_retries=False,
            )
        # dbt ends a node after everything it is made of: the order Dagster wants
        for node in result.noder:
            if node.typ in {"model", "seed"}:
                yield dg.MaterializeResult(asset_key=names[node.namn], metadata={"sekunder": round(node.sekunder, 3)})

    return _build
