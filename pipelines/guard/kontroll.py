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
KOLUMNER = {
    "regel_id": "Regelns id; reglerna står i docs/kontroller.md.",
    "tabell": "Tabellen, marten eller modellen som prövades.",
    "niva": "kritisk (stoppar publiceringen när den avviker), varning eller information.",
    "utfall": "godkand, avviker eller ej_provad (varför står i forklaring).",
    "antal_fel": "Rader eller celler som avviker; tomt när det är få rader om personer (tertial fel säger vilka).",
    "exempel": "Upp till tio ställen i ord, aldrig en personuppgift.",
    "forklaring": "Vad regeln säger och vad som fanns.",
    "leverans_id": "Leveransen som regeln prövades på, när det är en.",
    "atgard": "Vad man gör åt det.",
    "kommun_kod": "Kommunens fyrsiffriga kod, när avvikelsen gäller en.",
    "cell": "Cellen som avviker: tabell, version, år och rad.",
    "tryckt_varde": "Värdet som det levererades.",
    "beraknat_varde": "Värdet som sambandet ger.",
    "differens": "Tryckt minus beräknat.",
    "accepterad": "Skälet till att en känd avvikelse godtas.",
    "granskas": "Dagen då avvikelsen eller regeln ska omprövas.",
}


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
