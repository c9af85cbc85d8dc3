"""Where a figure comes from: model -> lake tables (dbt's lineage) -> deliveries in force -> rows. Counts only, never a row.

What is counted: rows of deliveries in force (per municipality and table), and those of them whose own period lies in
the figure's. A case that two deliveries in force state is counted in both; the model takes the latest.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.contracts.model import load_contract
from pipelines.delivery.ledger import in_force
from pipelines.delivery.manifest import Manifest
from pipelines.sekretess import radfil

NATIONELL = "0000"  # whose deliveries hold the whole country's figures
RAMAR = frozenset({"int_kalender__perioder"})  # which periods can be counted at all: a frame, no part of the figure
Villkor = Callable[[date, date], pl.Expr]


def _manad(fran: date, till: date) -> pl.Expr:
    return pl.col("manad").is_between(fran, till)


def _pagar(start: str, slut: str) -> Villkor:
    return lambda fran, till: (pl.col(start) <= till) & (pl.col(slut).is_null() | (pl.col(slut) >= fran))


def _ar(fran: date, till: date) -> pl.Expr:
    return pl.col("ar").is_between(fran.year, till.year)


def _bokforing(fran: date, till: date) -> pl.Expr:
    month = pl.col("ar") * 12 + pl.col("manad").fill_null(till.month)
    return month.is_between(fran.year * 12 + fran.month, till.year * 12 + till.month)


# lake table -> (whether a row is of the period, the same in words); other tables have a year, or no period
PERIODVILLKOR: Mapping[str, tuple[Villkor, str]] = {
    "forsorjningsstod": (_manad, "månaden ligger i perioden"),
    "personal_manad": (_manad, "månaden ligger i perioden"),
    "placeringar": (_pagar("start", "slut"), "placeringen pågår någon dag i perioden"),
    "insatser": (_pagar("start", "slut"), "insatsen pågår någon dag i perioden"),
    "utredningar": (_pagar("inkom", "avslutad"), "ärendet är öppet någon dag i perioden"),
    "ekonomi": (_bokforing, "månaden ligger i perioden (rader för hela år räknas med)"),
    **dict.fromkeys(
        ("enkatsvar", "enkatandelar", "matt", "personal_matt", "befolkning", "kolada_varden"),
        (_ar, "året är periodens"),
    ),
}


@dataclass(frozen=True, slots=True)
class Kalla:
    """One delivery behind a figure. `i_perioden` is None where the table's rows have no period of their own.

    personlig  its rows are about persons: a small number of them in a short period is not shown
    """

    tabell: str
    leverans_id: str
    fil: str
    mottagen: str
    rader: int
    i_perioden: int | None
    villkor: str | None
    personlig: bool


@dataclass(frozen=True, slots=True)
class Slakt:
    """What lies upstream of a model: lake tables, models, and the dbt tests that guard them."""

    tabeller: frozenset[str]
    modeller: frozenset[str]
    tester: frozenset[str]


def slakt(manifest: Mapping[str, Any], modeller: Collection[str]) -> Slakt:
    """dbt's manifest, names of models -> everything upstream, the models themselves included."""
    nodes = {**manifest["nodes"], **manifest["sources"]}
    waiting = [one for one, node in nodes.items() if node["resource_type"] == "model" and node["name"] in modeller]
    seen: set[str] = set()
    while waiting:
        one = waiting.pop()
        if one not in seen and one in nodes and nodes[one]["name"] not in RAMAR:
            seen.add(one)
            waiting += nodes[one].get("depends_on", {}).get("nodes", [])
    tables = {nodes[one]["name"] for one in seen if one.startswith("source.") and nodes[one]["source_name"] == "lake"}
    models = {nodes[one]["name"] for one in seen if one.startswith("model.")}
    tests = {
        node["name"]
        for node in nodes.values()
        if node["resource_type"] == "test" and seen & set(node.get("depends_on", {}).get("nodes", []))
    }
    tests |= {one["name"] for one in manifest.get("unit_tests", {}).values() if one["model"] in models}
    return Slakt(frozenset(tables), frozenset(models), frozenset(tests))


def enkat_bakom(manifest: Mapping[str, Any], modell: str) -> str | None:
    """The one survey whose rows a model reads, as the model says (`config.meta.enkat`); None: it is about no survey."""
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and node["name"] == modell:
            stated: str | None = node["config"].get("meta", {}).get("enkat")
            return stated
    return None


def kallor(
    lake: Path,
    manifests: Iterable[Manifest],
    tabeller: Iterable[str],
    kommun_kod: str,
    period: tuple[date, date],
    urval: Mapping[str, Mapping[str, str]],
) -> list[Kalla]:
    """Deliveries in force of the tables for the municipality (or the country, 0000), with row counts.

    urval  table -> column -> value: narrows a table of figures to the one that is explained
    """
    known = {one.leverans_id: one for one in manifests}
    scopes = pl.DataFrame(
        [
            {"tabell": one.tabell, "leverans_id": one.leverans_id, "omfattning": one.omfattning}
            for one in in_force(known.values())
            if one.gallande and one.kommun_kod in (kommun_kod, NATIONELL)
        ],
        schema={"tabell": pl.String(), "leverans_id": pl.String(), "omfattning": pl.String()},
    )
    found: list[Kalla] = []
    for tabell in sorted(tabeller):
        mine = scopes.filter(pl.col("tabell") == tabell)
        if mine.height:
            found += _tabell(lake / tabell, known, mine, kommun_kod, period, urval.get(tabell, {}))
    return found


def _tabell(
    folder: Path,
    known: Mapping[str, Manifest],
    galler: pl.DataFrame,
    kommun_kod: str,
    period: tuple[date, date],
    urval: Mapping[str, str],
) -> Iterable[Kalla]:
    condition, words = PERIODVILLKOR.get(folder.name, (None, None))
    inside = pl.lit(None, dtype=pl.Int64) if condition is None else condition(*period).sum()
    rows = (
        pl.concat([radfil.skanna(path) for path in sorted(folder.glob("*.parquet"))], how="diagonal_relaxed")
        .filter(pl.col("kommun_kod").is_in([kommun_kod, NATIONELL]), *(pl.col(k) == v for k, v in urval.items()))
        .join(galler.lazy().select("leverans_id", "omfattning"), on=["leverans_id", "omfattning"], how="semi")
        .group_by("leverans_id")
        .agg(antal=pl.len(), inne=inside)
        .sort("leverans_id")
        .collect()
    )
    for row in rows.iter_rows(named=True):
        one = known[row["leverans_id"]]
        yield Kalla(
            tabell=folder.name,
            leverans_id=one.leverans_id,
            fil=one.fil,
            mottagen=f"{one.mottagen:%Y-%m-%d}",
            rader=row["antal"],
            i_perioden=row["inne"],
            villkor=words,
            personlig=load_contract(one.kalla).personkalla,
        )
