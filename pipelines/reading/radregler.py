"""Row rules: `expectations/rad/<tabell>.yml`, loaded, checked and evaluated by DuckDB in one query per table.

A rule is a SQL expression that must hold for a row (null holds). What is wrong with single cells stands in `values`;
what holds between tables stands in the guard. The rules see contract-typed columns before birth dates are reduced:
contract names, pseudonyms under their lake names, and `mottagen` (date: the day the delivery came).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import yaml

from pipelines.contracts.begrepp import PSEUDONYM_TYPER, Tabell
from pipelines.contracts.lake import lake_type
from pipelines.errors import Niva, RuleError, Utgang
from pipelines.settings import EXPECTATIONS_DIR

RAD_DIR = EXPECTATIONS_DIR / "rad"
_OUTCOMES = ("avvisa_rad", "avvisa_leverans", "flagga")
_FIELDS = {"id", "niva", "utgang", "villkor", "falt", "text", "atgard", "galler_ar", "prov"}
_WORD = re.compile(r"[a-z_0-9]+")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Radregel:
    """One rule. villkor: SQL that must hold. galler: (column that tells the year, from, to), None = always."""

    id: str
    niva: Niva
    utgang: Utgang
    villkor: str
    falt: tuple[str, ...]
    text: str
    atgard: str
    galler: tuple[str, int | None, int | None] | None = None
    giltiga: tuple[Mapping[str, Any], ...] = field(default=(), compare=False)
    ogiltiga: tuple[Mapping[str, Any], ...] = field(default=(), compare=False)


@cache
def ladda(tabell: str, mapp: Path = RAD_DIR) -> tuple[Radregel, ...]:
    """The rules of a table in file order; () when it has no file. RuleError when a rule is incomplete."""
    path = mapp / f"{tabell}.yml"
    if not path.is_file():
        return ()
    document = yaml.load(path.read_bytes(), Loader=_LOADER)  # noqa: S506 - both are safe loaders
    rules = tuple(_regel(f"{path.name}[{index}]", one) for index, one in enumerate(document or ()))
    ids = [one.id for one in rules]
    if len(set(ids)) != len(ids):
        raise RuleError(f"{path.name}: a rule id stands twice")
    return rules


def _regel(where: str, node: Mapping[str, Any]) -> Radregel:
    unknown, missing = set(node) - _FIELDS, _FIELDS - {"galler_ar"} - set(node)
    if unknown or missing:
        raise RuleError(f"{where}: unknown {sorted(unknown)}, missing {sorted(missing)}")
    prov = node["prov"]
    if not prov.get("giltiga") or not prov.get("ogiltiga"):
        raise RuleError(f"{where}: a rule needs rows that pass and rows that fail")
    if node["utgang"] not in _OUTCOMES or node["niva"] not in ("kritisk", "varning", "information"):
        raise RuleError(f"{where}: niva or utgang is not a known word")
    years = node.get("galler_ar")
    return Radregel(
        id=str(node["id"]),
        niva=node["niva"],
        utgang=node["utgang"],
        villkor=str(node["villkor"]),
        falt=tuple(node["falt"]),
        text=str(node["text"]),
        atgard=str(node["atgard"]),
        galler=(str(years["kolumn"]), years.get("fran"), years.get("till")) if years else None,
        giltiga=tuple(prov["giltiga"]),
        ogiltiga=tuple(prov["ogiltiga"]),
    )


def regelschema(tabell: Tabell) -> dict[str, pl.DataType]:
    """Columns a rule may name, with their types."""
    schema: dict[str, pl.DataType] = {}
    for one in tabell.kolumner:
        if one.typ == "fritext":
            continue
        if one.typ in PSEUDONYM_TYPER:
            schema[one.lake_namn] = pl.String()
        else:
            schema[one.namn] = pl.Date() if one.typ == "fodelsedatum" else lake_type(one)
    return schema | {"mottagen": pl.Date(), "rad": pl.Int64()}


def prova(frame: pl.DataFrame, regler: Sequence[Radregel], tabell: Tabell, mottagen: date) -> dict[str, pl.Series]:
    """Rule id -> `rad` of the rows that break it (rules that nothing breaks are left out).

    frame: columns of `regelschema` as far as the delivery has them; the others are null.
    """
    if not regler or frame.height == 0:
        return {}
    broken = ", ".join(f"NOT coalesce({_condition(one)}, true) AS r{index}" for index, one in enumerate(regler))
    any_of = " OR ".join(f"r{index}" for index in range(len(regler)))
    named = set(_WORD.findall(broken)) | {"rad"}
    full = frame.with_columns(pl.lit(mottagen, dtype=pl.Date).alias("mottagen")).select(
        (pl.col(name).cast(dtype) if name in frame.columns or name == "mottagen" else pl.lit(None, dtype=dtype)).alias(
            name
        )
        for name, dtype in regelschema(tabell).items()
        if name in named
    )
    with _i_minnet(full) as rader, _motor().cursor() as engine:
        sql = f"SELECT * FROM (SELECT rad, {broken} FROM read_parquet('{rader}')) WHERE {any_of} ORDER BY rad"  # noqa: S608 - rules are our files
        found = pl.DataFrame(engine.execute(sql).fetchnumpy())
    hits = {one.id: found.filter(pl.col(f"r{index}"))["rad"] for index, one in enumerate(regler)}
    return {name: rows for name, rows in hits.items() if rows.len()}


@contextmanager
def _i_minnet(frame: pl.DataFrame) -> Iterator[str]:
    """A path where the engine finds the rows, in memory that no folder knows.

    Handed over as an Arrow object, the first delivery would make DuckDB import PyArrow's datasets and pandas with
    them: more than the rest of `tertial check` costs.
    """
    handle = os.memfd_create("rader", os.MFD_CLOEXEC)
    with os.fdopen(handle, "wb") as file:
        frame.write_parquet(file, compression="uncompressed", statistics=False)
        file.flush()
        yield f"/proc/self/fd/{handle}"


@cache
def _motor() -> duckdb.DuckDBPyConnection:
    """One in-memory engine per process, shut off from files and extensions: rules see rows and nothing else."""
    engine = duckdb.connect()
    engine.execute(
        "SET allowed_directories = ['/proc/self/fd/']; SET temp_directory = ''; SET autoinstall_known_extensions = false; "
        "SET autoload_known_extensions = false; SET enable_external_access = false; SET lock_configuration = true"
    )
    return engine


def _condition(regel: Radregel) -> str:
    """The rule's own expression, true outside the years it applies to. Rules are files of the project, not input."""
    if regel.galler is None:
        return f"({regel.villkor})"
    column, first, last = regel.galler
    year = f"year({column})" if column not in ("ar",) else column
    outside = [f"{year} < {int(first)}"] if first is not None else []
    outside += [f"{year} > {int(last)}"] if last is not None else []
    return f"(({' OR '.join(outside)}) OR ({regel.villkor}))"
