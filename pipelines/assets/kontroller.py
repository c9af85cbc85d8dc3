"""The checks as Dagster asset checks: deliveries before the build, marts before the publication. Both block."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from pipelines.assets.leveranser import lake_key
from pipelines.errors import UtanVarden
from pipelines.guard.kontroll import Kontroll
from pipelines.guard.rules import Forvantan, load_expectations
from pipelines.korning import Korning

SEVERITY = {
    "kritisk": dg.AssetCheckSeverity.ERROR,
    "varning": dg.AssetCheckSeverity.WARN,
    "information": dg.AssetCheckSeverity.WARN,
}


def _specs(rules: Mapping[str, Sequence[Forvantan]], key: Callable[[str], dg.AssetKey]) -> list[dg.AssetCheckSpec]:
    return [
        dg.AssetCheckSpec(
            name=_name(rule.id),
            asset=key(table),
            description=f"[{rule.niva}] {rule.text}",
            blocking=rule.niva == "kritisk",
        )
        for table, listed in rules.items()
        for rule in listed
    ]


def _name(rule_id: str) -> str:
    return rule_id.replace("-", "_").replace(".", "_")


def _results(checks: Sequence[Kontroll], key: Callable[[str], dg.AssetKey], known: set[str]) -> Iterator[Any]:
    for one in checks:
        if one.regel_id not in known:
            continue
        yield dg.AssetCheckResult(
            asset_key=key(one.tabell),
            check_name=_name(one.regel_id),
            passed=one.utfall != "avviker" or one.accepterad is not None,
            severity=SEVERITY[one.niva],
            description=one.forklaring,
            metadata={"antal_fel": one.antal_fel, "exempel": one.exempel, "atgard": one.atgard},
        )


def granska_leveranser() -> dg.AssetChecksDefinition:
    """Great Expectations on every lake table; a critical deviation keeps dbt from starting."""
    rules = load_expectations("raw")

    @dg.multi_asset_check(name="granska_leveranser", specs=_specs(rules, lake_key))
    def _check(korning_resurs: dg.ResourceParam[Korning]) -> Iterator[Any]:
        from pipelines import granskning

        with UtanVarden():
            checks = granskning.granska_leveranser(korning_resurs)
        yield from _results(checks, lake_key, {rule.id for listed in rules.values() for rule in listed})

    return _check


def mart_key(name: str) -> dg.AssetKey:
    """The asset key of a mart."""
    return dg.AssetKey(["marts", name])


def granska_marts() -> dg.AssetChecksDefinition:
    """Great Expectations on every mart; a critical deviation keeps the previous publication."""
    rules = load_expectations("marts")

    @dg.multi_asset_check(name="granska_marts", specs=_specs(rules, mart_key))
    def _check(korning_resurs: dg.ResourceParam[Korning]) -> Iterator[Any]:
        from pipelines import granskning

        with UtanVarden():
            checks = granskning.granska_marts(korning_resurs)
        yield from _results(checks, mart_key, {rule.id for listed in rules.values() for rule in listed})

    return _check
