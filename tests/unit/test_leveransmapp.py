"""The folder of deliveries is the municipality's own: Tertial says that others can enter it, and never changes it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines import durable, granskning, settings
from pipelines.korning import Korning


@pytest.fixture
def oppet() -> Iterator[Path]:
    """A place that every account can reach (pytest's own folders are closed)."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize(("rot", "raw", "oppen"), [(0o755, 0o755, True), (0o755, 0o701, True), (0o711, 0o770, False), (0o700, 0o755, False)])  # fmt: skip
def test_a_folder_that_every_account_can_enter_is_told(oppet: Path, rot: int, raw: int, oppen: bool) -> None:
    yta = settings.arbetsyta(oppet / "data" / "raw")
    yta.raw.mkdir(parents=True)
    yta.raw.chmod(raw)
    yta.rot.chmod(rot)
    assert durable.open_to_all(yta.raw) == oppen
    check = granskning._leveransmapp(Korning(yta=yta, konfig=settings.konfig()))
    assert (check.utfall, check.niva) == ("avviker" if oppen else "godkand", "varning")
    assert ("chmod" in check.atgard) == oppen
    assert yta.raw.stat().st_mode & 0o777 == raw
