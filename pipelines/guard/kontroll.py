"""The outcome of one check, whatever made it: a row rule, an expectation, an identity, a dbt test, an auditor.

The mart `datakvalitet` is nothing but these. How a check is computed stands in its own module.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pipelines.errors import Niva

Utfall = Literal["godkand", "avviker", "ej_provad"]
MAX_EXEMPEL = 10


@dataclass(frozen=True, slots=True)
class Kontroll:
    """One check that ran.

    regel_id    stable id of the rule
    tabell      lake table, mart or model it was run on
    niva        kritisk stops the publication when the check deviates; varning and information do not
    utfall      godkand, avviker, or ej_provad (with the reason in `forklaring`)
    antal_fel   rows or cells that deviate
    exempel     up to ten offending places in words, never a personal value
    forklaring  what the rule says and what was found, in Swedish
    atgard      what to do, and the command that shows the rest
    cell        the one figure it speaks of, with printed and computed value and their difference (identities)
    accepterad  a known deviation, accepted with a reason until a review date
    """

    regel_id: str
    tabell: str
    niva: Niva
    utfall: Utfall
    forklaring: str
    antal_fel: int = 0
    exempel: str = ""
    atgard: str = ""
    kommun_kod: str | None = None
    leverans_id: str | None = None
    cell: str | None = None
    tryckt_varde: Decimal | None = None
    beraknat_varde: Decimal | None = None
    differens: Decimal | None = None
    accepterad: str | None = None
    granskas: date | None = None

    @property
    def stoppar(self) -> bool:
        """True when nothing may be published because of this."""
        return self.utfall == "avviker" and self.niva == "kritisk" and self.accepterad is None

    def accepted(self, skal: str, granskas: date) -> Kontroll:
        """The same deviation, accepted with a reason until a review date."""
        return replace(self, accepterad=skal, granskas=granskas)

    def as_dict(self) -> dict[str, Any]:
        """All fields, for the mart."""
        return asdict(self)


def stopping(checks: Iterable[Kontroll]) -> list[Kontroll]:
    """Those that stop the publication."""
    return [one for one in checks if one.stoppar]
