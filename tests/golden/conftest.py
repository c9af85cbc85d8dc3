"""`pytest tests/golden --golden-update` accepts the marts as they come out now: read the difference before committing it."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """The one option of this folder."""
    parser.addoption("--golden-update", action="store_true", help="write the golden tables anew instead of comparing")


@pytest.fixture(scope="session")
def uppdatera(request: pytest.FixtureRequest) -> bool:
    """Whether the golden tables are to be written."""
    return bool(request.config.getoption("--golden-update", default=False))
