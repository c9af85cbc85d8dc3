"""What is known of Kolada's KPIs when a delivery is read: the catalogue entries, titles, ended years, preliminary periods.

The reference is the shipped catalogue delivery in data/raw/kolada/ (one copy: it is read as a delivery too); a fetched
document brings newer entries in its head. Nothing is fetched here.
"""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.contracts.stavning import normal
from pipelines.settings import PROJECT_DIR
from pipelines.sources.kolada import dokument

REFERENS = PROJECT_DIR / "data" / "raw" / "kolada" / "kolada_katalog_referens_uttag_2026-03-23.json"
TITLAR = Path(__file__).with_name("titlar.csv")
_AVSLUTAD = re.compile(r"\(\s*-\s*((?:19|20)\d\d)\s*\)\s*\.?\s*$")
_FORSTAVELSE = re.compile(r"^[nu]\.\s+")
SCHEMA = {"kpi": pl.String, "delas": pl.Boolean, "avslutad": pl.Int32, "nasta": pl.Int32, "preliminart": pl.Int32}


@cache
def referens() -> Mapping[str, Mapping[str, Any]]:
    """KPI id -> v3 entry, from the shipped catalogue."""
    data = REFERENS.read_bytes()
    _, lines = dokument.las(data, REFERENS.name)
    entries = [json.loads(line) for line in lines.splitlines()]
    return {one["id"]: one for one in entries}


def avslutad(titel: str) -> int | None:
    """The last year of an ended KPI, which Kolada tells in its title only: "..., andel (%) (- 2024)" -> 2024."""
    found = _AVSLUTAD.search(titel)
    return int(found[1]) if found else None


def preliminar_period(post: Mapping[str, Any], dag: date) -> str | None:
    """The period that on `dag` is published preliminarily and not finally; None when there is none."""
    first, final = post.get("prel_publication_date"), post.get("publication_date")
    if not first or not final or not post.get("publ_period"):
        return None
    return str(post["publ_period"]) if str(first)[:10] <= dag.isoformat() < str(final)[:10] else None


def ram(poster: Mapping[str, Mapping[str, Any]], preliminart: Mapping[str, str]) -> pl.DataFrame:
    """One row per KPI: id, divided by gender, ended year, next period, preliminary period."""
    return pl.DataFrame(
        [
            (kpi, bool(one.get("is_divided_by_gender")), avslutad(str(one.get("title", ""))), _ar(one.get("publ_period")), _ar(preliminart.get(kpi)))
            for kpi, one in poster.items()
        ],
        schema=SCHEMA,
        orient="row",
    )  # fmt: skip


def _ar(text: object) -> int | None:
    return int(str(text)) if re.fullmatch(r"(19|20)\d\d", str(text)) else None


def titelnyckel(titel: str) -> str:
    """How titles are compared: without "U. " before, "(- 2024)" after, case and blanks."""
    return normal(_FORSTAVELSE.sub("", _AVSLUTAD.sub("", titel).strip().lower()))


@cache
def titlar() -> Mapping[str, str]:
    """Compared title -> KPI id: every title of the reference, and older titles that Kolada has changed (titlar.csv)."""
    found = {titelnyckel(str(one["title"])): kpi for kpi, one in referens().items()}
    with TITLAR.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader((line for line in handle if not line.startswith("#")), delimiter=";"):
            found[titelnyckel(row["titel"])] = row["nyckeltal"]
    return found


def slug(text: str) -> str:
    """A stable ascii id of a printed text."""
    ascii_only = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", ascii_only).strip("_")
