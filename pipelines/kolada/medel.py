"""Kolada's own means from the single municipalities' values: unweighted, over the members that have a value.

What is ours about it: the means Kolada printed are reproduced to the last digit, and where members are missing each one is
named with the reason. No file is read here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

# Municipalities formed after 1998, with their first year (SCB's register of municipal changes).
BILDAD: Mapping[str, int] = {"0140": 1999, "0330": 2003}  # Nykvarn (out of Södertälje), Knivsta (out of Uppsala)


@dataclass(frozen=True, slots=True)
class Medel:
    """An unweighted mean. varde None when no member has a value; saknade: member code -> why it is not in it."""

    varde: Decimal | None
    n: int
    saknade: Mapping[str, str]

    @property
    def helt(self) -> bool:
        """Whether every member is in it."""
        return not self.saknade

    def tryckt(self, enhet_kr: bool) -> Decimal | None:
        """The mean as Kolada printed it: amounts in kronor rounded at six decimals, everything else cut at eight."""
        if self.varde is None:
            return None
        step, rule = (Decimal("1e-6"), ROUND_HALF_UP) if enhet_kr else (Decimal("1e-8"), ROUND_DOWN)
        return self.varde.quantize(step, rule)


def ovagt_medel(varden: Mapping[str, Decimal | None], medlemmar: Iterable[str], ar: int) -> Medel:
    """The unweighted mean of the members' values in `ar`. A missing value is not 0: the member is left out and named."""
    members = sorted(set(medlemmar))
    present = [value for kod in members if (value := varden.get(kod)) is not None]
    missing = {kod: _varfor(kod, ar, kod in varden) for kod in members if varden.get(kod) is None}
    mean = sum(present, Decimal(0)) / len(present) if present else None
    return Medel(mean, len(present), missing)


def _varfor(kod: str, ar: int, rad_finns: bool) -> str:
    if ar < BILDAD.get(kod, 0):
        return f"kommunen bildades {BILDAD[kod]}"
    return "Kolada har inget värde" if rad_finns else "Kolada har ingen rad"
