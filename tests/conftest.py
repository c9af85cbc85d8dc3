"""What every test may lean on: where the shared real files lie, and a home that is thrown away."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests import egenskaper
from tests.korklar import Arbetsplats, bygg

settings.register_profile("tertial", egenskaper.profil())
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


@pytest.fixture(scope="session")
def korklar(tmp_path_factory: pytest.TempPathFactory) -> Arbetsplats:
    """A workspace where the main job has run once, made by the first worker that asks: read it, or take a `kopia` to change."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    root, done = shared / "korklar", shared / "korklar.klar"
    with (shared / "korklar.las").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            assert not root.exists(), "the main job failed in the other worker: see its error"
            bygg(root)
            done.touch()
    return Arbetsplats(root)


TURORDNING = (
    "wiring/test_main_job", "unit/test_rojande_attack", "wiring/test_publicera", "wiring/test_forklaring", "faults/test_83_kanariefagel",
    "wiring/test_sekretess", "wiring/test_definitions", "faults/test_88", "faults/test_fil_kanarie", "contracts/test_expectations",
    "golden/", "wiring/", "contracts/", "faults/", "unit/",
)  # fmt: skip
"""Files stay on one worker and begin in this order, the longest first, so that no core waits for a long file begun last: first
the one that makes `korklar`, beside it one that does without. A file of one test takes the next with it to its worker."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files in their order of start."""
    here = Path(__file__).parent

    def turn(item: pytest.Item) -> int:
        name = item.path.relative_to(here).as_posix()
        return next((number for number, start in enumerate(TURORDNING) if name.startswith(start)), len(TURORDNING))

    items.sort(key=turn)
