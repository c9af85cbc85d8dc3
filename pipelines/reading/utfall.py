"""What comes out of the reading room: read tables, control totals, and the collector of findings on the way.

Types and counting only; who fills them stands in `rows` and `leverans`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from math import ceil

import polars as pl

from pipelines.contracts.begrepp import Contract, Tabell
from pipelines.errors import DeliveryRefused, Fel, Niva
from pipelines.reading.fynd import MAX_PER_REGEL, avslag
from pipelines.reading.values import Skal
from pipelines.sekretess.scanner import maskera

MINST_EN_RAD = 1  # [C] in a small file 0.5 % is no row at all; one bad row must not stop the other thirty


@dataclass(frozen=True, slots=True)
class Kontrollsumma:
    """A total printed in the file against the sum of the rows it stands under (file unit and sign)."""

    tabell: str
    kolumn: str
    rad: int
    text: str
    tryckt: Decimal
    beraknad: Decimal
    tolerans: Decimal

    @property
    def differens(self) -> Decimal:
        """Printed minus computed."""
        return self.tryckt - self.beraknad

    @property
    def stammer(self) -> bool:
        """Equal but for rounding of the printed figures."""
        return abs(self.differens) <= self.tolerans


@dataclass(frozen=True, slots=True)
class LastTabell:
    """One lake table of one delivery.

    rader: exactly `contracts.lake.lake_schema(tabell)`. lasta: rows found in the file (after melting a wide one).
    """

    tabell: Tabell
    layout: str
    rader: pl.DataFrame
    lasta: int
    avvisade: int
    fel: tuple[Fel, ...] = ()
    kontrollsummor: tuple[Kontrollsumma, ...] = ()
    noter: tuple[str, ...] = ()
    summor: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def godkanda(self) -> int:
        """Accepted rows."""
        return self.rader.height


@dataclass(frozen=True, slots=True)
class LastLeverans:
    """One delivery, read. period_*: first and last day its rows speak of (None when no table tells)."""

    kalla: str
    fil: str
    sha256: str
    storlek: int
    leverans_id: str
    kommun_kod: str | None
    format: str
    teckenkod: str | None
    separator: str | None
    tabeller: Mapping[str, LastTabell]
    period_fran: date | None
    period_till: date | None
    noter: tuple[str, ...] = ()

    @property
    def layout(self) -> str:
        """Layouts of all tables."""
        return ", ".join(one.layout for one in self.tabeller.values())

    @property
    def lasta(self) -> int:
        """Rows found."""
        return sum(one.lasta for one in self.tabeller.values())

    @property
    def godkanda(self) -> int:
        """Rows accepted."""
        return sum(one.godkanda for one in self.tabeller.values())

    @property
    def avvisade(self) -> int:
        """Rows refused."""
        return sum(one.avvisade for one in self.tabeller.values())

    @property
    def fel(self) -> tuple[Fel, ...]:
        """Reasons of refused rows."""
        return tuple(one for table in self.tabeller.values() for one in table.fel if one.utgang == "avvisa_rad")

    @property
    def flaggor(self) -> tuple[Fel, ...]:
        """Findings that refuse nothing."""
        return tuple(one for table in self.tabeller.values() for one in table.fel if one.utgang == "flagga")

    @property
    def kontrollsummor(self) -> tuple[Kontrollsumma, ...]:
        """Control totals of all tables."""
        return tuple(one for table in self.tabeller.values() for one in table.kontrollsummor)


class Insamling:
    """Findings of one table on the way: which rows are refused, which reasons refuse everything."""

    def __init__(self, fil: str) -> None:
        self.fil = fil
        self.fel: list[Fel] = []
        self._rader: list[pl.Series] = []

    def delivery(self, skal: Skal, *, kolumn: str | None = None, rader: pl.Series | None = None) -> None:
        """A reason that refuses the delivery, with the first rows where it was met."""
        if rader is None or rader.len() == 0:
            self.fel.append(avslag(skal.regel, self.fil, skal.fel, skal.atgard, kolumn=kolumn))
            return
        shown = rader.head(5).to_list()
        for position, row in enumerate(shown):
            count = rader.len() - len(shown) + 1 if position == len(shown) - 1 else 1
            self.fel.append(avslag(skal.regel, self.fil, skal.fel, skal.atgard, kolumn=kolumn, rad=row, antal=count))

    def rows(self, skal: Skal, rader: pl.Series, *, kolumn: str | None, varden: pl.Series | None = None) -> None:
        """A finding per row (refused or flagged); `varden` already masked when personal. Later ones are counted."""
        if rader.len() == 0:
            return
        if skal.utgang == "avvisa_leverans":
            self.delivery(skal, kolumn=kolumn, rader=rader)
            return
        if skal.utgang == "avvisa_rad":
            self._rader.append(rader.cast(pl.Int64))
        level: Niva = "kritisk" if skal.utgang == "avvisa_rad" else "varning"
        # A wide row is several long rows: one finding for the file's row is enough.
        first = rader.is_first_distinct()
        rader = rader.filter(first)
        varden = None if varden is None else varden.filter(first)
        shown = rader.head(MAX_PER_REGEL).to_list()
        values = [None] * len(shown) if varden is None else varden.head(len(shown)).to_list()
        for position, (row, value) in enumerate(zip(shown, values, strict=True)):
            count = rader.len() - len(shown) + 1 if position == len(shown) - 1 else 1
            self.fel.append(
                Fel(
                    skal.regel,
                    level,
                    skal.utgang,
                    self.fil,
                    skal.fel,
                    skal.atgard,
                    rad=row,
                    kolumn=kolumn,
                    varde=_printable(value),
                    antal=count,
                )
            )

    @property
    def refused_rows(self) -> pl.Series:
        """Distinct row numbers that are refused."""
        if not self._rader:
            return pl.Series("rad", [], dtype=pl.Int64)
        return pl.concat(self._rader).unique()

    def raise_if_refused(self) -> None:
        """Raise when any reason refuses the delivery (row reasons come along: one round of corrections)."""
        if any(one.utgang == "avvisa_leverans" for one in self.fel):
            raise DeliveryRefused([one for one in self.fel if one.utgang != "flagga"])

    def raise_if_too_many(self, lasta: int, contract: Contract) -> None:
        """Raise FIL-100 when more rows are refused than the contract tolerates."""
        bad = self.refused_rows.len()
        allowed = tillatna_fel(lasta, contract)
        if bad > allowed:
            andel = f"{100 * contract.max_andel_fel:.1f}".replace(".", ",")
            head = avslag(
                "FIL-100", self.fil, f"{bad} av {lasta} rader har fel; gränsen är {allowed} (högst {andel} % och {contract.max_antal_fel} rader).",
                "Rätta raderna nedan i källsystemet och leverera filen på nytt.", antal=bad,
            )  # fmt: skip
            raise DeliveryRefused([head, *(one for one in self.fel if one.utgang != "flagga")])


def _printable(value: str | None) -> str | None:
    """A value as a message may show it: identity numbers masked wherever they stand, long texts cut."""
    return None if value is None else maskera(value)[:60]


def tillatna_fel(lasta: int, contract: Contract) -> int:
    """How many refused rows a delivery of `lasta` rows may have: the share rounded up, at least one, at most the cap,
    and never all of them: nothing read is no delivery, and would replace what is there."""
    return min(contract.max_antal_fel, max(MINST_EN_RAD, ceil(lasta * contract.max_andel_fel)), max(lasta - 1, 0))
