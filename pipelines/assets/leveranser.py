"""One asset per lake table: a source's deliveries, read when they are new."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg

from pipelines import korning
from pipelines.contracts.model import Contract, load_contract, sources
from pipelines.errors import UtanVarden
from pipelines.korning import Korning

OWNER = "team:socialforvaltningen"


def lake_key(table: str) -> dg.AssetKey:
    """The asset key of a lake table: the same two levels as dbt's source('lake', ...)."""
    return dg.AssetKey(["lake", table])


def _asset(contract: Contract) -> dg.AssetsDefinition:
    specs = [
        dg.AssetSpec(
            key=lake_key(table.namn),
            description=f"{contract.titel}: {table.beskrivning}",
            group_name="leveranser",
            owners=[OWNER],
            tags={"zon": "begransad", "kalla": contract.kalla},
            metadata={"korn": table.korn, "kontrakt": contract.version, "takt": contract.takt},
            kinds={"parquet", "polars"},
        )
        for table in contract.tabeller
    ]

    @dg.multi_asset(name=f"las_{contract.kalla}", specs=specs, can_subset=False)
    def _read(korning_resurs: dg.ResourceParam[Korning]) -> Iterator[dg.MaterializeResult[None]]:
        with UtanVarden():
            new = korning.las_leveranser(korning_resurs, contract.kalla)
        for table in contract.tabeller:
            posts = [one.tabeller[table.namn] for one in new if table.namn in one.tabeller]
            yield dg.MaterializeResult(
                asset_key=lake_key(table.namn),
                metadata={
                    "nya_leveranser": len([one for one in new if one.status == "godkand"]),
                    "avvisade_leveranser": len([one for one in new if one.status == "avvisad"]),
                    "godkanda_rader": sum(one.godkanda for one in posts),
                    "avvisade_rader": sum(one.avvisade for one in posts),
                },
            )

    return _read


def assets() -> list[dg.AssetsDefinition]:
    """One definition per source that has a contract."""
    return [_asset(load_contract(name)) for name in sources()]


def tables() -> list[str]:
    """Every lake table, in the order of the sources."""
    return [table.namn for name in sources() for table in load_contract(name).tabeller]
