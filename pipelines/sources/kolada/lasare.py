"""The reader of the source kolada: stored fetches and v3 answers (JSON), and Kolada's own exports (XLS, XLSX, CSV).

Decides only what a file is and what it is judged against; the tables are made in `varden` and `register`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import polars as pl

from pipelines.contracts.model import Contract
from pipelines.errors import DeliveryRefused
from pipelines.reading.recognise import Format
from pipelines.reading.rows import Mottagning
from pipelines.reading.utfall import LastTabell
from pipelines.sources.kolada import dokument, export, nyckeltal, register, varden

REGIONER = Path(__file__).with_name("regioner.csv")
RIKET = "0000"


def las(
    data: bytes, form: Format, contract: Contract, mottagning: Mottagning, kommuner: Mapping[str, str]
) -> dict[str, LastTabell]:
    """One file -> its lake table. `kommuner`: every accepted spelling of a municipality -> code."""
    if form != "json":
        return {"kolada_varden": _export(data, form, contract, mottagning, kommuner)}
    huvud, lines = dokument.las(data, mottagning.fil)
    if huvud.slag == "varden":
        known = {**nyckeltal.referens(), **huvud.nyckeltal}
        frame = nyckeltal.ram(known, huvud.preliminart)
        table = varden.ur_json(lines, huvud, varden.Kanda(frame, _objekt(kommuner, {})), contract, mottagning)
    else:
        everyone = {**kommuner, **{name: code for code, name in regioner().items()}}
        table = register.las(lines, huvud, contract, mottagning, everyone)
    return {table.tabell.namn: table}


def kanner_igen(data: bytes, form: Format, fil: str) -> bool:
    """Whether a file outside data/raw is Kolada's."""
    if form == "json":
        return dokument.ar_dokument(data)
    if form not in ("xls", "xlsx", "text"):
        return False
    try:
        export.blad(data, form, fil)
    except DeliveryRefused:
        return False
    return True


def _export(
    data: bytes, form: Format, contract: Contract, mottagning: Mottagning, kommuner: Mapping[str, str]
) -> LastTabell:
    everyone = {**kommuner, **{name: code for code, name in regioner().items()}}
    oppen = form == "text" and not data.endswith((b"\n", b"\n\x00"))
    read = export.las(export.blad(data, form, mottagning.fil), mottagning.fil, everyone, oppen=oppen)
    reference = {**nyckeltal.referens(), **{one: {"title": title} for one, title in read.slugtitlar.items()}}
    frame = nyckeltal.ram(reference, {}).with_columns(delas=True)  # an export has no entry that says so
    huvud = dokument.Huvud("varden", None, "export", "kolada", f"Koladas export {mottagning.fil}")
    kanda = varden.Kanda(frame, _objekt(kommuner, read.medel))
    table = varden.ur_ram(read.rader, huvud, kanda, contract, mottagning, ())
    return replace(table, fel=(*table.fel, *read.fel))


def _objekt(kommuner: Mapping[str, str], medel: Mapping[str, str]) -> pl.DataFrame:
    """objekt_kod, typ of every object a row may have (ids of groups are told by their form)."""
    kinds = dict.fromkeys(regioner(), "region") | {RIKET: "riket"} | dict.fromkeys(kommuner.values(), "kommun")
    kinds |= dict.fromkeys(medel, "grupp")
    return pl.DataFrame({"objekt_kod": list(kinds), "typ": list(kinds.values())})


@cache
def regioner() -> Mapping[str, str]:
    """Code -> name of the regions and riket."""
    with REGIONER.open(encoding="utf-8", newline="") as handle:
        rows = csv.DictReader((line for line in handle if not line.startswith("#")), delimiter=";")
        return {row["kod"]: row["namn"] for row in rows}
