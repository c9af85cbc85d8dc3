"""What every test may lean on: where the shared real files lie, and a home that is thrown away."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole runs first: a file stays on one worker, and a long one begun last would keep one core waiting."""
    rooms = {"wiring": 0, "golden": 1, "faults": 2, "contracts": 3}
    items.sort(key=lambda item: rooms.get(item.path.parent.name, 4))
