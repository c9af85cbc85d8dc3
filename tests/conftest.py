"""What every test may lean on: where the shared real files lie, and a home that is thrown away."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# a busy machine is no fault of the code: no property fails for the time it took
settings.register_profile("tertial", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tertial")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real files beside the project (never copied into it)."""
    named = os.environ.get("TERTIAL_SHARED")
    if not named:
        pytest.skip("TERTIAL_SHARED is not set: the real files beside the project are not on this machine")
    folder = Path(named)
    if not (folder / "data").is_dir():
        pytest.skip(f"TERTIAL_SHARED={named} holds no data/ folder")
    return folder


TURORDNING = ("wiring/test_main_job", "unit/test_rojande_attack", "golden/", "wiring/test_definitions", "faults/test_88", "wiring/", "faults/", "contracts/", "unit/")  # fmt: skip
"""Files stay on one worker and begin in this order: whole runs first, so that no core waits for a long file begun last."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files in their order of start."""
    here = Path(__file__).parent

    def turn(item: pytest.Item) -> int:
        name = item.path.relative_to(here).as_posix()
        return next((number for number, start in enumerate(TURORDNING) if name.startswith(start)), len(TURORDNING))

    items.sort(key=turn)
