"""The contract of one source as typed objects, read from its Open Data Contract Standard v3 file.

One file `pipelines/sources/<source>/contract.yaml` per source; each `schema` object in it is one table (one
layout) and becomes one lake table. Everything that ODCS has a word for stands in ODCS' own word; what it lacks
stands in `customProperties`. This module only loads and refuses a contract that does not hold together; how a
cell is parsed stands in `reading`, how a template looks in `contracts.template`.

ODCS field                                  here
schema[].name                               Tabell.namn (lake table)
schema[].customProperties ersatter          Tabell.ersatter: lake columns that make the scope key
schema[].customProperties uppehall          Tabell.leverans_period: column that tells the delivery's period
schema[].customProperties bred              Tabell.bred: wide layouts (header patterns -> long columns)
schema[].customProperties summarader        Tabell.summarader: how a printed total row is recognised
properties[].name, businessName             Kolumn.namn (file and contract name), rubrik (Swedish header)
properties[].customProperties typ           Kolumn.typ (our type, see TYPER)
properties[].customProperties synonymer     Kolumn.synonymer: headers other systems use for the same column
properties[].customProperties varden        Kolumn.varden: {code: [spellings]} for typ kod
properties[].customProperties klass ...     Kolumn.klass, andamal, rattslig_grund, gallring (register of processing)
properties[].logicalTypeOptions             minimum, maximum
properties[].required / primaryKey          Kolumn.obligatorisk / nyckel
properties[].unit -> customProperties enhet Kolumn.enhet
customProperties tokens                     Contract.tokens: {"--": "undertryckt", "-": "saknas", ...}
customProperties granser                    Contract.max_andel_fel, max_antal_fel (default 0.5 % and 20 rows)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

Typ = Literal[
    "text", "kod", "heltal", "decimal", "belopp", "datum", "manad", "ar", "ja_nej",
    "person", "hushall", "arende", "respondent", "fodelsedatum", "fritext",
]  # fmt: skip
Klass = Literal["direkt", "indirekt", "kanslig", "ingen"]
TYPER: tuple[str, ...] = get_args(Typ)
KLASSER: tuple[str, ...] = get_args(Klass)
PSEUDONYM_TYPER = frozenset({"person", "hushall", "arende", "respondent"})

SOURCES_DIR = Path(__file__).parents[1] / "sources"


class ContractError(ValueError):
    """A contract file that does not hold together (a developer's error, in English)."""


@dataclass(frozen=True, slots=True)
class Kolumn:
    """One column of a delivery."""

    namn: str
    rubrik: str
    typ: Typ
    beskrivning: str
    obligatorisk: bool
    nyckel: bool
    klass: Klass
    andamal: str
    rattslig_grund: str
    gallring: str
    synonymer: tuple[str, ...] = ()
    varden: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    minimum: float | None = None
    maximum: float | None = None
    decimaler: int = 4
    enhet: str | None = None
    exempel: str | None = None
    i_lake: bool = True  # False: resolved or checked by the reader, then gone (kommun, tecken, fritext ...)
    standard: str | None = None  # value when the column is absent from the file

    @property
    def personlig(self) -> bool:
        """True when its values may never be printed."""
        return self.klass != "ingen"

    @property
    def lake_namn(self) -> str:
        """The column's name in the lake."""
        if self.typ in PSEUDONYM_TYPER:
            return self.namn if self.namn.endswith("_id") else f"{self.namn}_id"
        if self.typ == "fodelsedatum":
            return self.namn.replace("fodelsedatum", "fodelsear")
        return self.namn


@dataclass(frozen=True, slots=True)
class BredLayout:
    """A wide layout: headers that match `monster` are melted to rows.

    `monster` is a regular expression with named groups; each group name is a contract column and gets the
    group's text (mapped through `oversatt` when listed there); the cell goes to `varde_kolumn`.
    """

    monster: str
    varde_kolumn: str
    oversatt: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tabell:
    """One layout of a source: one lake table."""

    namn: str
    kalla: str
    beskrivning: str
    korn: str
    kolumner: tuple[Kolumn, ...]
    ersatter: tuple[str, ...]
    period_kolumn: str | None
    bred: tuple[BredLayout, ...] = ()
    summarader: tuple[str, ...] = ()  # regular expressions on the first filled text cell
    summa_kolumn: str | None = None  # column that carries radtyp=summa instead of dropping total rows
    extra_kolumner: Literal["avvisa", "tillat"] = "avvisa"
    tom_tillaten: bool = False
    unik: bool = True  # the key columns identify a row (False: legitimate exact duplicates)

    @property
    def nyckel(self) -> tuple[str, ...]:
        """Lake names of the key columns."""
        return tuple(one.lake_namn for one in self.kolumner if one.nyckel)

    def kolumn(self, namn: str) -> Kolumn:
        """The column of that contract name; KeyError when there is none."""
        for one in self.kolumner:
            if one.namn == namn:
                return one
        raise KeyError(f"{self.namn} has no column {namn}")


@dataclass(frozen=True, slots=True)
class Contract:
    """The contract of one source."""

    kalla: str
    version: str
    titel: str
    beskrivning: str
    agare: str
    takt: str
    tabeller: tuple[Tabell, ...]
    tokens: Mapping[str, str]
    max_andel_fel: float
    max_antal_fel: int
    personkalla: bool
    fingeravtryck: str  # sha256 of the file: a refused delivery is read again when its contract has changed

    def tabell(self, namn: str) -> Tabell:
        """The table of that name; KeyError when there is none."""
        for one in self.tabeller:
            if one.namn == namn:
                return one
        raise KeyError(f"{self.kalla} has no table {namn}")


def sources() -> tuple[str, ...]:
    """Every source that has a contract, sorted."""
    return tuple(sorted(path.parent.name for path in SOURCES_DIR.glob("*/contract.yaml")))


@cache
def load_contract(kalla: str) -> Contract:
    """The contract of `kalla`; ContractError when the file is missing or does not hold together."""
    path = SOURCES_DIR / kalla / "contract.yaml"
    if not path.is_file():
        raise ContractError(f"no contract for source {kalla!r}: {path} is missing")
    raw = path.read_bytes()
    return parse_contract(kalla, yaml.load(raw, Loader=_LOADER), sha256(raw).hexdigest())


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse_contract(kalla: str, document: Mapping[str, Any], fingeravtryck: str) -> Contract:
    """A parsed ODCS document -> Contract (pure; raises ContractError)."""
    custom = _custom(document)
    granser = custom.get("granser", {})
    tabeller = tuple(_tabell(kalla, one) for one in document.get("schema", []))
    if not tabeller:
        raise ContractError(f"{kalla}: a contract needs at least one schema object")
    return Contract(
        kalla=kalla,
        version=str(document["version"]),
        titel=str(document["name"]),
        beskrivning=str(document.get("description", {}).get("purpose", "")),
        agare=str(custom.get("agare", "")),
        takt=str(custom.get("takt", "")),
        tabeller=tabeller,
        tokens={str(key): str(value) for key, value in custom.get("tokens", {}).items()},
        max_andel_fel=float(granser.get("max_andel_fel", 0.005)),
        max_antal_fel=int(granser.get("max_antal_fel", 20)),
        personkalla=any(k.typ in PSEUDONYM_TYPER for t in tabeller for k in t.kolumner),
        fingeravtryck=fingeravtryck,
    )


def _custom(node: Mapping[str, Any]) -> dict[str, Any]:
    return {one["property"]: one["value"] for one in node.get("customProperties") or []}


def _tabell(kalla: str, node: Mapping[str, Any]) -> Tabell:
    custom = _custom(node)
    kolumner = tuple(_kolumn(f"{kalla}.{node['name']}", one) for one in node["properties"])
    tabell = Tabell(
        namn=str(node["name"]),
        kalla=kalla,
        beskrivning=str(node.get("description", "")),
        korn=str(node.get("dataGranularityDescription", "")),
        kolumner=kolumner,
        ersatter=tuple(custom.get("ersatter", ())),
        period_kolumn=custom.get("period_kolumn"),
        bred=tuple(
            BredLayout(str(one["monster"]), str(one["varde_kolumn"]), one.get("oversatt", {}))
            for one in custom.get("bred", ())
        ),
        summarader=tuple(custom.get("summarader", ())),
        summa_kolumn=custom.get("summa_kolumn"),
        extra_kolumner=custom.get("extra_kolumner", "avvisa"),
        tom_tillaten=bool(custom.get("tom_tillaten", False)),
        unik=bool(custom.get("unik", True)),
    )
    names = [one.namn for one in kolumner]
    if len(set(names)) != len(names):
        raise ContractError(f"{kalla}.{tabell.namn}: a column name stands twice")
    lake = {one.lake_namn for one in kolumner if one.i_lake}
    missing = [one for one in tabell.ersatter if one not in lake]
    if missing:
        raise ContractError(f"{kalla}.{tabell.namn}: ersatter names columns outside the lake: {missing}")
    return tabell


def _kolumn(where: str, node: Mapping[str, Any]) -> Kolumn:
    custom = _custom(node)
    options = node.get("logicalTypeOptions") or {}
    namn = str(node["name"])
    typ = custom.get("typ")
    klass = custom.get("klass")
    if typ not in TYPER:
        raise ContractError(f"{where}.{namn}: typ {typ!r} is not one of {TYPER}")
    if klass not in KLASSER:
        raise ContractError(f"{where}.{namn}: klass {klass!r} is not one of {KLASSER}; a column without it is not loaded")
    stated = {name: str(custom.get(name, "")).strip() for name in ("andamal", "rattslig_grund", "gallring")}
    empty = [name for name, value in stated.items() if not value]
    if empty:
        raise ContractError(f"{where}.{namn}: {', '.join(empty)} must be stated; a column without them is not loaded")
    varden = {str(code): tuple(str(one) for one in spellings or ()) for code, spellings in custom.get("varden", {}).items()}
    if typ == "kod" and not varden:
        raise ContractError(f"{where}.{namn}: typ kod needs varden")
    return Kolumn(
        namn=namn,
        rubrik=str(node.get("businessName", namn)),
        typ=typ,
        beskrivning=str(node.get("description", "")),
        obligatorisk=bool(node.get("required", False)),
        nyckel=bool(node.get("primaryKey", False)),
        klass=klass,
        synonymer=tuple(str(one) for one in custom.get("synonymer", ())),
        varden=varden,
        minimum=options.get("minimum"),
        maximum=options.get("maximum"),
        decimaler=int(custom.get("decimaler", 4)),
        enhet=custom.get("enhet"),
        exempel=custom.get("exempel"),
        i_lake=bool(custom.get("i_lake", typ != "fritext")),
        standard=custom.get("standard"),
        **stated,
    )
