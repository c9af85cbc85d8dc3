"""The contract of one source as typed objects, read from its Open Data Contract Standard v3 file.

One file `pipelines/sources/<source>/contract.yaml` per source; each `schema` object in it is one table (one
layout) and becomes one lake table. Everything that ODCS has a word for stands in ODCS' own word; what it lacks
stands in `customProperties`. The objects themselves stand in `contracts.begrepp` (and are importable from here);
this module only loads a contract, or refuses one that does not hold together. How a cell is parsed stands in
`reading`, how a template looks in `contracts.template`.

ODCS field                                   here
schema[].name                                Tabell.namn (lake table)
schema[].dataGranularityDescription          Tabell.korn
schema[].customProperties ersatter           Tabell.ersatter: lake columns that make the scope key
schema[].customProperties period_kolumn      Tabell.period_kolumn: lake column that tells the delivery's period
schema[].customProperties bred               Tabell.bred: wide layouts, see BredLayout
schema[].customProperties positioner         Tabell.positioner: layouts without a header, see PositionLayout
schema[].customProperties ignorera           Tabell.ignorera: known headers that are dropped with a note (regular expressions)
schema[].customProperties summarader         Tabell.summarader: how a printed total row is recognised
properties[].name, businessName              Kolumn.namn (file and contract name), rubrik (Swedish header)
properties[].synonyms [{synonym, source}]    Kolumn.synonymer: headers other systems use for the same column
properties[].enum [{value, label}]           Kolumn.varden, etiketter: the closed list of typ kod; further spellings in
  its customProperties skrivsatt             the list `skrivsatt` ("" in it: an empty cell means this code)
properties[].classification                  Kolumn.klass (direkt, indirekt, kanslig, ingen)
properties[].examples[0]                     Kolumn.exempel
properties[].logicalTypeOptions              minimum, maximum, pattern
properties[].required / primaryKey           Kolumn.obligatorisk / nyckel
properties[].customProperties typ            Kolumn.typ (our type, see TYPER)
properties[].customProperties andamal ...    Kolumn.andamal, rattslig_grund, gallring (register of processing)
properties[].customProperties enhet          Kolumn.enhet (unit); also decimaler, i_lake, standard, ger, talmonster
customProperties tokens                      Contract.tokens: {"--": "undertryckt", "-": "saknas", ...}
customProperties tokens_per_kalla            Contract.tokens_per_kalla: other token maps, chosen by the row's column kalla
customProperties granser                     Contract.max_andel_fel, max_antal_fel (default 0.5 % and 20 rows)
schema[].customProperties provas_av          Tabell.provas_av: the source's own check of typed rows (a survey's questionnaire)
customProperties nationell, lasare           Contract.nationell, lasare (Kolada: one delivery for the whole country, own reader)

Headers and code values are compared through `contracts.stavning.normal`, here and in the reader.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from pipelines.contracts.begrepp import (
    KLASSER,
    PSEUDONYM_TYPER,
    TYPER,
    BredLayout,
    Contract,
    Falt,
    Klass,
    Kolumn,
    PositionLayout,
    Tabell,
    Typ,
)
from pipelines.contracts.stavning import normal

__all__ = [
    "KLASSER", "PSEUDONYM_TYPER", "SOURCES_DIR", "TYPER", "BredLayout", "Contract", "ContractError", "Falt", "Klass",
    "Kolumn", "PositionLayout", "Tabell", "Typ", "load_contract", "parse_contract", "sources",
]  # fmt: skip

SOURCES_DIR = Path(__file__).parents[1] / "sources"


class ContractError(ValueError):
    """A contract file that does not hold together (a developer's error, in English)."""


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
    return parse_contract(kalla, yaml.load(raw, Loader=yaml.CSafeLoader), sha256(raw).hexdigest())


def parse_contract(kalla: str, document: Mapping[str, Any], fingeravtryck: str) -> Contract:
    """A parsed ODCS document -> Contract (pure; raises ContractError)."""
    custom = _custom(kalla, document, _CONTRACT_WORDS)
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
        tokens=_tokens(kalla, custom.get("tokens", {})),
        tokens_per_kalla={name: _tokens(kalla, one) for name, one in custom.get("tokens_per_kalla", {}).items()},
        max_andel_fel=float(granser.get("max_andel_fel", 0.005)),
        max_antal_fel=int(granser.get("max_antal_fel", 20)),
        personkalla=any(k.typ in PSEUDONYM_TYPER for t in tabeller for k in t.kolumner),
        fingeravtryck=fingeravtryck,
        nationell=bool(custom.get("nationell", False)),
        lasare=custom.get("lasare"),
    )


_CONTRACT_WORDS = frozenset({
    "agare", "takt", "tokens", "tokens_per_kalla", "granser", "andamal", "rattslig_grund", "gallring", "nationell",
    "lasare",
})  # fmt: skip
_TABLE_WORDS = frozenset({
    "ersatter", "period_kolumn", "bred", "positioner", "ignorera", "summarader", "summa_kolumn", "extra_kolumner",
    "tom_tillaten", "unik", "provas_av",
})  # fmt: skip
_COLUMN_WORDS = frozenset(
    {"typ", "andamal", "rattslig_grund", "gallring", "enhet", "decimaler", "i_lake", "standard", "ger", "talmonster"}
)
_TOKEN_STATUS = frozenset({"saknas", "undertryckt"})


def _custom(where: str, node: Mapping[str, Any], words: frozenset[str]) -> dict[str, Any]:
    custom = {one["property"]: one["value"] for one in node.get("customProperties") or []}
    if unknown := sorted(custom.keys() - words):
        raise ContractError(f"{where}: customProperties nobody reads: {unknown}")
    return custom


def _tokens(where: str, node: Mapping[Any, Any]) -> dict[str, str]:
    tokens = {str(key): str(value) for key, value in node.items()}
    if wrong := sorted(set(tokens.values()) - _TOKEN_STATUS):
        raise ContractError(f"{where}: a token means one of {sorted(_TOKEN_STATUS)}, not {wrong}")
    return tokens


def _strings(node: Mapping[Any, Any]) -> dict[str, str]:
    return {str(key): str(value) for key, value in node.items()}


def _tabell(kalla: str, node: Mapping[str, Any]) -> Tabell:
    where = f"{kalla}.{node['name']}"
    custom = _custom(where, node, _TABLE_WORDS)
    tabell = Tabell(
        namn=str(node["name"]),
        kalla=kalla,
        beskrivning=str(node.get("description", "")),
        korn=str(node.get("dataGranularityDescription", "")),
        kolumner=tuple(_kolumn(where, one) for one in node["properties"]),
        ersatter=tuple(custom.get("ersatter", ())),
        period_kolumn=custom.get("period_kolumn"),
        bred=tuple(_bred(one) for one in custom.get("bred", ())),
        positioner=tuple(_positioner(one) for one in custom.get("positioner", ())),
        ignorera=tuple(custom.get("ignorera", ())),
        summarader=tuple(custom.get("summarader", ())),
        summa_kolumn=custom.get("summa_kolumn"),
        extra_kolumner=custom.get("extra_kolumner", "avvisa"),
        tom_tillaten=bool(custom.get("tom_tillaten", False)),
        unik=bool(custom.get("unik", True)),
        provas_av=custom.get("provas_av"),
    )
    _hold_together(where, tabell)
    return tabell


def _bred(node: Mapping[str, Any]) -> BredLayout:
    return BredLayout(
        monster=str(node["monster"]),
        varde_kolumn=str(node["varde_kolumn"]),
        oversatt={column: _strings(words) for column, words in node.get("oversatt", {}).items()},
        fasta=_strings(node.get("fasta", {})),
        ackumulerad=bool(node.get("ackumulerad", False)),
    )


def _positioner(node: Mapping[str, Any]) -> PositionLayout:
    return PositionLayout(
        namn=str(node["namn"]),
        beskrivning=str(node["beskrivning"]),
        minst=int(node["minst"]),
        hogst=int(node["hogst"]),
        falt=tuple(
            Falt(
                str(f["namn"]),
                str(f["beskrivning"]),
                f.get("monster"),
                _strings(f.get("varden", {})),
                bool(f.get("las", True)),
            )
            for f in node["falt"]
        ),
        regel=str(node["regel"]),
    )


def _hold_together(where: str, tabell: Tabell) -> None:
    names = {one.namn for one in tabell.kolumner}
    lake = {one.lake_namn for one in tabell.kolumner if one.i_lake}
    if len(names) != len(tabell.kolumner):
        raise ContractError(f"{where}: a column name stands twice")
    if missing := [one for one in tabell.ersatter if one not in lake]:
        raise ContractError(f"{where}: ersatter names columns outside the lake: {missing}")
    if tabell.period_kolumn is not None and tabell.period_kolumn not in lake:
        raise ContractError(f"{where}: period_kolumn {tabell.period_kolumn!r} is outside the lake")
    if missing := sorted({given for one in tabell.kolumner for given in one.ger} - names):
        raise ContractError(f"{where}: ger names unknown columns: {missing}")
    owner: dict[str, str] = {}
    for one in tabell.kolumner:
        for spelling in map(normal, one.rubriker):
            if owner.setdefault(spelling, one.namn) != one.namn:
                raise ContractError(
                    f"{where}: the header {spelling!r} belongs to both {owner[spelling]} and {one.namn}"
                )
    for bred in tabell.bred:
        named = {*re.compile(bred.monster).groupindex, *bred.oversatt, *bred.fasta, bred.varde_kolumn}
        if missing := sorted(named - names):
            raise ContractError(f"{where}: bred {bred.monster!r} names unknown columns: {missing}")
    for layout in tabell.positioner:
        if not layout.minst <= len(layout.falt) <= layout.hogst:
            raise ContractError(f"{where}: {layout.namn} declares {len(layout.falt)} fields, minst/hogst say otherwise")
    for pattern in (
        *tabell.ignorera,
        *tabell.summarader,
        *(f.monster for p in tabell.positioner for f in p.falt if f.monster),
    ):
        re.compile(pattern)


def _kolumn(where: str, node: Mapping[str, Any]) -> Kolumn:
    namn = str(node["name"])
    where = f"{where}.{namn}"
    custom = _custom(where, node, _COLUMN_WORDS)
    options = node.get("logicalTypeOptions") or {}
    typ = custom.get("typ")
    klass = node.get("classification")
    if typ not in TYPER:
        raise ContractError(f"{where}: typ {typ!r} is not one of {TYPER}")
    if klass not in KLASSER:
        raise ContractError(
            f"{where}: classification {klass!r} is not one of {KLASSER}; a column without it is not loaded"
        )
    if typ in (*PSEUDONYM_TYPER, "fodelsedatum", "fritext") and klass == "ingen":
        raise ContractError(f"{where}: typ {typ} is personal data, classification ingen cannot be right")
    stated = {name: str(custom.get(name, "")).strip() for name in ("andamal", "rattslig_grund", "gallring")}
    if empty := [name for name, value in stated.items() if not value]:
        raise ContractError(f"{where}: {', '.join(empty)} must be stated; a column without them is not loaded")
    synonyms = {str(one["synonym"]): str(one.get("source", "")) for one in node.get("synonyms") or ()}
    return Kolumn(
        namn=namn,
        rubrik=str(node.get("businessName", namn)),
        typ=typ,
        beskrivning=str(node.get("description", "")),
        obligatorisk=bool(node.get("required", False)),
        nyckel=bool(node.get("primaryKey", False)),
        klass=klass,
        synonymer=tuple(synonyms),
        varden=_varden(where, typ, node.get("enum") or ()),
        etiketter={str(one["value"]): str(one["label"]) for one in node.get("enum") or ()},
        minimum=options.get("minimum"),
        maximum=options.get("maximum"),
        decimaler=int(custom.get("decimaler", 4)),
        enhet=custom.get("enhet"),
        exempel=str(node["examples"][0]) if node.get("examples") else None,
        i_lake=bool(custom.get("i_lake", typ != "fritext")),
        standard=custom.get("standard"),
        ger=tuple(custom.get("ger", ())),
        talmonster=custom.get("talmonster"),
        monster=options.get("pattern"),
        synonym_system=synonyms,
        **stated,
    )


def _varden(where: str, typ: Typ, nodes: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    if (typ == "kod") != bool(nodes):
        raise ContractError(f"{where}: typ kod needs an enum, and no other type has one")
    varden: dict[str, tuple[str, ...]] = {}
    owner: dict[str, str] = {}
    for one in nodes:
        code = str(one["value"])
        if code in varden:
            raise ContractError(f"{where}: the code {code!r} stands twice")
        spellings = _custom(f"{where}.{code}", one, frozenset({"skrivsatt"})).get("skrivsatt", ())
        varden[code] = (str(one["label"]), *map(str, spellings))
        for spelling in map(normal, (code, *varden[code])):
            if owner.setdefault(spelling, code) != code:
                raise ContractError(f"{where}: {spelling!r} is a spelling of both {owner[spelling]} and {code}")
    return varden
