"""The catalogue of nyckeltal: `dbt_project/katalog/*.yml`, one entry per figure, the only place that defines it.

Everything else that speaks of a nyckeltal (register.katalog for dbt, the union model, metrics, docs, explain) is
made from these entries. What a figure's SQL does stands in the model that the entry names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import polars as pl
import yaml

from pipelines.settings import DBT_DIR

KATALOG_DIR = DBT_DIR / "katalog"

Varde = Literal["antal", "andel", "kvot", "medel", "median", "belopp"]
Riktning = Literal["hog_bra", "lag_bra", "ingen"]
Korn = Literal["kommun", "organisation"]
Periodregel = Literal["manad", "kalenderar", "forsta_halvaret", "tidpunkt", "r12"]


class KatalogFel(ValueError):
    """A catalogue that does not hold together (a developer's error, in English)."""


@dataclass(frozen=True, slots=True)
class Nyckeltal:
    """One figure.

    formel, taljare, namnare  in words; namnare None for a count or an amount
    faktor                    what the ratio is multiplied by for `varde` (100 for a share in per cent)
    periodtyper               which period types the model emits
    modell                    the model under models/nyckeltal; None for a figure that is only delivered or fetched
    matdag                    MM-DD of a figure that holds on one day of the year
    kolada_id                 Kolada's KPI counted in the same way, or None; kolada_avvikelse says what differs
    kolada_alder, kolada_indelning  which slice of ours is Kolada's, where one model gives several
    brott                     breaks in the series: {ar, orsak}; ar is the first year counted the new way
    val                       our own choices [C], in words
    metodversion              raised when the way of counting changes: figures of two versions are not one series
    """

    id: str
    titel: str
    omrade: str
    formel: str
    taljare: str
    namnare: str | None
    enhet: str
    varde: Varde
    riktning: Riktning
    korn: Korn
    kon: bool
    periodregel: Periodregel
    periodtyper: tuple[str, ...]
    modell: str | None
    agare: str
    kalla: str
    faktor: float = 1.0
    decimaler: int = 1
    delas_med: str | None = None
    kolada_id: str | None = None
    kolada_alder: str = "totalt"
    kolada_indelning: str = "totalt"
    kolada_indelning_varde: str = "totalt"
    kolada_periodtyp: str | None = None
    kolada_avvikelse: str | None = None
    matdag: str | None = None
    brott: tuple[Mapping[str, Any], ...] = ()
    forbehall: str | None = None
    lagrum: str | None = None
    metodversion: str = "1"
    val: tuple[str, ...] = ()


_LISTOR = {"periodtyper", "brott", "val"}
_VAL = {"varde": Varde, "riktning": Riktning, "korn": Korn, "periodregel": Periodregel}


@cache
def katalog(folder: Path = KATALOG_DIR) -> tuple[Nyckeltal, ...]:
    """Every entry, sorted by id; KatalogFel names file and entry when something is wrong."""
    found: dict[str, Nyckeltal] = {}
    for path in sorted(folder.glob("*.yml")):
        for entry in yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader) or []:
            one = _entry(path.name, entry)
            if one.id in found:
                raise KatalogFel(f"{path.name}: id {one.id} stands twice")
            found[one.id] = one
    return tuple(found[name] for name in sorted(found))


def _entry(file: str, entry: Mapping[str, Any]) -> Nyckeltal:
    where = f"{file}: {entry.get('id', '(no id)')}"
    known = {one.name for one in fields(Nyckeltal)}
    unknown = sorted(set(entry) - known)
    if unknown:
        raise KatalogFel(f"{where}: unknown fields {unknown}")
    for name, choices in _VAL.items():
        if entry.get(name) not in get_args(choices):
            raise KatalogFel(f"{where}: {name} {entry.get(name)!r} is not one of {get_args(choices)}")
    values: dict[str, Any] = {key: tuple(_listed(value)) if key in _LISTOR else value for key, value in entry.items()}
    try:
        return Nyckeltal(**values)
    except TypeError as error:
        raise KatalogFel(f"{where}: {error}") from None


def _listed(value: object) -> Sequence[Any]:
    if value is None:
        return ()
    return value if isinstance(value, list) else [value]


def nyckeltal(nyckeltal_id: str) -> Nyckeltal:
    """The entry of that id; KeyError when there is none."""
    for one in katalog():
        if one.id == nyckeltal_id:
            return one
    raise KeyError(nyckeltal_id)


SCHEMA = {
    "nyckeltal_id": pl.String(),
    "titel": pl.String(),
    "omrade": pl.String(),
    "formel": pl.String(),
    "taljare": pl.String(),
    "namnare": pl.String(),
    "enhet": pl.String(),
    "varde": pl.String(),
    "faktor": pl.Float64(),
    "decimaler": pl.Int32(),
    "riktning": pl.String(),
    "korn": pl.String(),
    "kon": pl.Boolean(),
    "periodregel": pl.String(),
    "periodtyper": pl.String(),
    "delas_med": pl.String(),
    "kolada_id": pl.String(),
    "kolada_alder": pl.String(),
    "kolada_indelning": pl.String(),
    "kolada_indelning_varde": pl.String(),
    "kolada_periodtyp": pl.String(),
    "kolada_avvikelse": pl.String(),
    "matdag": pl.String(),
    "brott_ar": pl.String(),
    "brott_senast": pl.Int32(),
    "brott": pl.String(),
    "agare": pl.String(),
    "kalla": pl.String(),
    "forbehall": pl.String(),
    "lagrum": pl.String(),
    "metodversion": pl.String(),
    "modell": pl.String(),
}

_EGNA = {one.name for one in fields(Nyckeltal)} & set(SCHEMA) - {"periodtyper", "brott"}


def frame() -> pl.DataFrame:
    """register.katalog: one row per nyckeltal (lists as ;-separated text)."""
    rows = [
        {
            **{name: getattr(one, name) for name in SCHEMA if name in _EGNA},
            "nyckeltal_id": one.id,
            "faktor": float(one.faktor),
            "periodtyper": ";".join(one.periodtyper),
            "brott_ar": ";".join(str(brott["ar"]) for brott in one.brott),
            "brott_senast": max((int(brott["ar"]) for brott in one.brott), default=None),
            "brott": "; ".join(f"{brott['ar']}: {brott['orsak']}" for brott in one.brott) or None,
        }
        for one in katalog()
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")
