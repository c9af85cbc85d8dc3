"""Dagster's instance for one run in this process (`tertial run`): nothing of it is kept, so nothing is stored.

What the run did is our own ledger's to tell, and its events are in the result. `dagster dev`, the schedule and the
sensor use the installation's instance (deploy/), which keeps its history. Which assets there are stands elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.instance import InstanceType
from dagster._core.launcher.sync_in_memory_run_launcher import SyncInMemoryRunLauncher
from dagster._core.run_coordinator import DefaultRunCoordinator
from dagster._core.storage.event_log import InMemoryEventLogStorage
from dagster._core.storage.noop_compute_log_manager import NoOpComputeLogManager
from dagster._core.storage.root import TemporaryLocalArtifactStorage
from dagster._core.storage.runs import InMemoryRunStorage

if TYPE_CHECKING:
    from dagster._core.storage.event_log.base import AssetRecord


class Minneslos(InMemoryEventLogStorage):
    """An event log that keeps no event: in memory each of some thousand costs three statements in SQLite."""

    def store_event(self, event: dg.EventLogEntry) -> None:
        """Nothing: whoever executes gets every event in the result."""

    def get_asset_records(self, asset_keys: Sequence[dg.AssetKey] | None = None) -> Sequence[AssetRecord]:  # noqa: ARG002
        """None, as in every new log: asked for each input's data version, which nobody reads."""
        return []

    @property
    def asset_records_have_last_observation(self) -> bool:
        """True: no observation is asked for beside the records."""
        return True


def instans() -> dg.DagsterInstance:
    """`DagsterInstance.ephemeral()` with a log that keeps nothing."""
    return dg.DagsterInstance(
        instance_type=InstanceType.EPHEMERAL,
        local_artifact_storage=TemporaryLocalArtifactStorage(),  # type: ignore[no-untyped-call]
        run_storage=InMemoryRunStorage(),
        event_storage=Minneslos(),
        compute_log_manager=NoOpComputeLogManager(),
        run_coordinator=DefaultRunCoordinator(),
        run_launcher=SyncInMemoryRunLauncher(),
    )
