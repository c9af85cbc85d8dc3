"""Known deviations that somebody has accepted, with a reason and a review date: `expectations/accepterade.yml`.

An accepted deviation is still shown, with its reason; it no longer stops anything. When the review date has passed
it counts again as if it had never been accepted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from pipelines import settings
from pipelines.errors import RuleError
from pipelines.guard.kontroll import Kontroll
from pipelines.settings import EXPECTATIONS_DIR


@dataclass(frozen=True, slots=True)
class Accepterad:
    """One accepted deviation: the rule, where (None = everywhere), why, until when, by whom."""

    regel_id: str
    skal: str
    granskas: date
    beslutad_av: str
    kommun_kod: str | None = None
    leverans_id: str | None = None
    cell: str | None = None

    def galler(self, check: Kontroll) -> bool:
        """Whether it speaks of `check`; in `cell` a star stands for any text."""
        return self.regel_id == check.regel_id and all(
            mine is None or (theirs is not None and fnmatchcase(theirs, mine))
            for mine, theirs in (
                (self.kommun_kod, check.kommun_kod),
                (self.leverans_id, check.leverans_id),
                (self.cell, check.cell),
            )
        )


def load(path: Path = EXPECTATIONS_DIR / "accepterade.yml") -> list[Accepterad]:
    """Every accepted deviation; TypeError or RuleError when a reason, date or name is missing."""
    if not path.is_file():
        return []
    found = [Accepterad(**entry) for entry in yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader) or []]
    for one in found:
        if not one.skal.strip() or not isinstance(one.granskas, date):
            raise RuleError(f"{path.name}: {one.regel_id} needs a reason (skal) and a review date (granskas)")
    return found


def tillampa(
    checks: Iterable[Kontroll], accepted: Iterable[Accepterad] | None = None, idag: date | None = None
) -> list[Kontroll]:
    """The same checks, with those that are accepted and not yet due for review marked so."""
    today = idag or settings.idag()
    known = [one for one in (load() if accepted is None else accepted) if one.granskas >= today]
    marked = []
    for check in checks:
        match = next((one for one in known if check.utfall == "avviker" and one.galler(check)), None)
        marked.append(check if match is None else check.accepted(match.skal, match.granskas))
    return marked
