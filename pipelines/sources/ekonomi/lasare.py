"""SIE files as rows of the contract `ekonomi`: the bridge between the SIE reader and the reading room.

How SIE is read stands in `sie_ledger`; this module only renames nothing and keeps what the file said about itself.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pipelines.contracts.begrepp import Contract
from pipelines.sources.ekonomi.sie_ledger import read_sie
from pipelines.sources.ekonomi.sie_utfall import SieKontroll


class SieLasare:
    """A `Formatlasare` for one file; afterwards it knows the file's own checks and notes."""

    def __init__(self, dimensioner: Mapping[int, str]) -> None:
        self._dimensioner = dimensioner
        self.kontroller: tuple[SieKontroll, ...] = ()
        self.noter: tuple[str, ...] = ()

    def __call__(self, data: bytes, fil: str, contract: Contract) -> pl.DataFrame:
        """The file's own fiscal year as a text frame with the contract's column names and `rad`."""
        result = read_sie(data, fil, self._dimensioner)
        self.kontroller = tuple(result.kontroller)
        self.noter = tuple(result.noter)
        rows = result.eget_ar()
        wanted = [one.namn for one in contract.tabeller[0].kolumner]
        present = [name for name in wanted if name in rows.columns]
        return rows.select(pl.col("rad"), *(pl.col(name).cast(pl.String) for name in present))

    def som_lasare(self) -> dict[str, SieLasare]:
        """The formats it reads, for `read_delivery`."""
        return {"sie": self, "sie5": self}
