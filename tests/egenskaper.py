"""How many examples a property is tried on, and whether they are the same every time.

`make check` draws the same examples every time, so that what it says depends on the change and not on luck. `make egenskaper`
draws new ones, EGENSKAPER times as many: what it finds is kept as an explicit @example beside the property.
"""

from __future__ import annotations

import os
from typing import Final

from hypothesis import HealthCheck, settings

GANGER: Final = int(os.environ.get("EGENSKAPER", "0"))
"""0: the same examples every time. N: new ones, N times as many."""


def profil() -> settings:
    """A busy machine is no fault of the code: no property fails for the time it took."""
    return settings(
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        derandomize=not GANGER,
        max_examples=exempel(100),
        print_blob=True,
    )


def exempel(antal: int) -> int:
    """`max_examples` of a property whose examples cost more than others'."""
    return antal * max(GANGER, 1)
