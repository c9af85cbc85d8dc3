"""Which municipalities there are, and how a delivery may write their names."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LISTA = Path(__file__).with_name("kommuner.csv")


@dataclass(frozen=True, slots=True)
class Kommun:
    """One municipality: four-digit code, name, county code and county."""

    kommun_kod: str
    kommun: str
    lan_kod: str
    lan: str


def kommuner(egna: Mapping[str, Mapping[str, str]]) -> dict[str, Kommun]:
    """Code -> municipality: the 290 of the national list plus the municipality's own settings (`egna_kommuner`)."""
    with LISTA.open(encoding="utf-8", newline="") as handle:
        rows = csv.DictReader((line for line in handle if not line.startswith("#")), delimiter=";")
        found = {row["kommun_kod"]: Kommun(**row) for row in rows}
    for code, entry in egna.items():
        found[code] = Kommun(code, entry["namn"], entry.get("lan_kod", ""), entry.get("lan", ""))
    return found


def uppslag(found: Mapping[str, Kommun]) -> dict[str, str]:
    """Every accepted way to write a municipality (lower case) -> its code: 0184, 184, solna, solna kommun, solna stad."""
    spellings: dict[str, str] = {}
    for code, kommun in found.items():
        name = kommun.kommun.lower()
        genitive = name if name.endswith("s") else f"{name}s"
        for text in (
            code,
            code.lstrip("0"),
            name,
            f"{name} kommun",
            f"{genitive} kommun",
            f"{name} stad",
            f"{genitive} stad",
        ):
            spellings[text] = code
    return spellings
