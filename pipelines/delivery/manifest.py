"""The manifest of one delivery: what came, how it was read, what became of it.

A manifest is the ledger's only record. It is written after everything it speaks of, so a delivery exists exactly
when its manifest does. No personal value ever stands in one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

Status = Literal["godkand", "avvisad"]


@dataclass(frozen=True, slots=True)
class TabellPost:
    """What one delivery gave to one lake table."""

    parquet: str  # file name inside lake/<tabell>/
    sha256: str
    rader: int
    godkanda: int
    avvisade: int
    omfattningar: tuple[str, ...]
    summor: Mapping[str, str] = field(default_factory=dict)  # column -> exact sum as text, as delivered
    manader: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # scope -> month ("": none) -> accepted rows
    antal: Mapping[str, int] = field(default_factory=dict)  # scope -> accepted rows, where no months tell
    gallrade: int = 0  # accepted rows that retention has removed since: rader = godkanda + avvisade + gallrade


@dataclass(frozen=True, slots=True)
class Manifest:
    """One delivery. Times are UTC; `ordning` grows by one per delivery and decides what replaces what."""

    leverans_id: str
    kalla: str
    kommun_kod: str | None
    fil: str  # path below raw/
    sha256: str
    storlek: int
    mottagen: datetime
    ordning: int
    status: Status
    format: str | None
    layout: str | None
    kodning: str | None
    period_fran: str | None
    period_till: str | None
    uttagen: str | None  # the date the file name states
    kontrakt_version: str
    kontrakt_fingeravtryck: str
    nyckel_fingeravtryck: str | None
    tabeller: Mapping[str, TabellPost] = field(default_factory=dict)
    fel: tuple[Mapping[str, Any], ...] = ()
    noter: tuple[str, ...] = ()
    kontroller: tuple[Mapping[str, Any], ...] = ()  # control totals: what the source printed against what we summed

    @property
    def rader(self) -> int:
        """Rows read, in all tables."""
        return sum(one.rader for one in self.tabeller.values())

    @property
    def godkanda(self) -> int:
        """Rows accepted, in all tables."""
        return sum(one.godkanda for one in self.tabeller.values())

    @property
    def avvisade(self) -> int:
        """Rows refused, in all tables."""
        return sum(one.avvisade for one in self.tabeller.values())

    def as_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {**asdict(self), "mottagen": self.mottagen.isoformat()}


def from_dict(document: Mapping[str, Any]) -> Manifest:
    """JSON form -> Manifest (KeyError/TypeError when a field is missing or unknown)."""
    tables = {
        name: TabellPost(**{**post, "omfattningar": tuple(post["omfattningar"])})
        for name, post in document["tabeller"].items()
    }
    return Manifest(
        **{
            **document,
            "mottagen": datetime.fromisoformat(document["mottagen"]),
            "tabeller": tables,
            "fel": tuple(document["fel"]),
            "noter": tuple(document["noter"]),
            "kontroller": tuple(document["kontroller"]),
        }
    )
