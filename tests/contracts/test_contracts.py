"""Every contract is valid Open Data Contract Standard, states its processing, and says what the design page says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import polars as pl
import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard

from pipelines.contracts import ContractError, Tabell, load_contract, parse_contract, sources
from pipelines.contracts.lake import lake_schema
from pipelines.contracts.model import SOURCES_DIR

DESIGN = Path(__file__).parents[2] / "docs" / "design.md"
SOURCES = (
    "befolkning", "ekonomi", "enkater", "forsorjningsstod", "insatser", "internkontroll", "kolada", "mal", "matt", "personal",
    "placeringar", "utredningar",
)  # fmt: skip
TABELLER = [(kalla, tabell) for kalla in sources() for tabell in load_contract(kalla).tabeller]
IDS = [tabell.namn for _, tabell in TABELLER]
every_table = pytest.mark.parametrize("tabell", [tabell for _, tabell in TABELLER], ids=IDS)


def document(kalla: str) -> dict[str, Any]:
    loaded = yaml.safe_load((SOURCES_DIR / kalla / "contract.yaml").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def test_every_source_of_the_project_has_a_contract() -> None:
    assert set(SOURCES) <= set(sources())


@pytest.mark.parametrize("kalla", sources())
def test_contract_is_valid_odcs(kalla: str) -> None:
    raw = document(kalla)
    OpenDataContractStandard(**raw)
    schema = json.loads((files("open_data_contract_standard") / "schema.json").read_text(encoding="utf-8"))
    checker = jsonschema.validators.validator_for(schema)(schema)
    assert [f"{list(one.absolute_path)}: {one.message}" for one in checker.iter_errors(raw)] == []
    assert raw["id"] == f"tertial-{kalla}"


@every_table
def test_every_column_states_purpose_ground_class_and_retention(tabell: Tabell) -> None:
    for one in tabell.kolumner:
        assert all((one.andamal, one.rattslig_grund, one.gallring, one.klass)), one.namn
        assert len(one.beskrivning) >= 2 and one.beskrivning[0].isupper(), one.namn
        if one.personlig and one.typ != "fritext":
            assert "rtikel 6.1 e" in one.rattslig_grund, f"{one.namn}: personal data without a ground in the regulation"
        if one.klass == "kanslig" and one.typ != "fritext":
            assert "9.2" in one.rattslig_grund, f"{one.namn}: sensitive data without an article 9 exemption"


@every_table
def test_examples_are_values_of_their_own_column(tabell: Tabell) -> None:
    for one in tabell.kolumner:
        if one.typ == "fritext":
            continue
        assert one.exempel, f"{one.namn} has no example"
        if one.typ == "kod":
            assert one.exempel in one.varden, one.namn
        if one.monster:
            assert re.fullmatch(one.monster, one.exempel), one.namn
        if one.minimum is not None:
            assert float(one.exempel.replace(",", ".")) >= one.minimum, one.namn


@every_table
def test_defaults_are_codes_of_their_column(tabell: Tabell) -> None:
    for one in tabell.kolumner:
        if one.standard is not None and one.typ == "kod":
            assert one.standard in one.varden, one.namn


@every_table
def test_nothing_that_names_a_person_reaches_the_lake_as_text(tabell: Tabell) -> None:
    schema = lake_schema(tabell)
    for one in tabell.kolumner:
        if one.klass == "direkt":
            assert one.typ in ("person", "hushall") and one.lake_namn.endswith("_id")
        if one.typ == "fritext":
            assert one.lake_namn not in schema
        if one.typ == "fodelsedatum":
            assert one.namn not in schema and schema[one.lake_namn] == pl.Int32()


# --- drift against the design page ---------------------------------------------------------------------------------


def designed() -> dict[str, tuple[list[str], set[str], tuple[str, ...]]]:
    """Table -> (lake columns in order, those that may be null, ersatter), read from docs/design.md."""
    text = DESIGN.read_text(encoding="utf-8")
    section = text.split("## Lake tables")[1].split("\n## ")[0]
    found = {}
    for name, body in re.findall(r"^\*\*([a-z_]+)\*\*(?: \(source [a-z]+\))?: (.*)$", section, flags=re.MULTILINE):
        words = {one.split("(")[0].strip(" ?"): "?" in re.sub(r"\([^()]*\)", "", one) for one in top_level(body)}
        replaces = re.search(r"ersatter: ([a-z_, ]+)\.", body)
        found[name] = (
            list(words),
            {one for one, optional in words.items() if optional},
            tuple(part.strip() for part in replaces[1].split(",")) if replaces else (),
        )
    return found


def top_level(body: str) -> Iterator[str]:
    """The column list: split at commas outside brackets, ended by the first full stop outside brackets."""
    depth, word = 0, ""
    for letter in body:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0 and letter in ",.":
            yield word
            word = ""
            if letter == ".":
                return
        else:
            word += letter
    yield word


def test_design_page_and_contracts_have_the_same_tables() -> None:
    assert sorted(designed()) == sorted(IDS)


@every_table
def test_design_page_and_contract_have_the_same_columns(tabell: Tabell) -> None:
    columns, nullable, ersatter = designed()[tabell.namn]
    mine = [one for one in tabell.kolumner if one.i_lake]
    assert [one.lake_namn for one in mine] == columns
    assert {one.lake_namn for one in mine if not one.obligatorisk} == nullable
    assert tabell.ersatter == ersatter


@every_table
def test_lake_schema_ends_with_what_every_row_carries(tabell: Tabell) -> None:
    schema = lake_schema(tabell)
    carried = ["kommun_kod", "leverans_id", "rad", "omfattning"]
    if any(one.typ == "fodelsedatum" for one in tabell.kolumner):
        carried.insert(0, "gallring_undantag")
    assert list(schema)[-len(carried) :] == carried
    assert schema["rad"] == pl.Int64()


def test_lake_types() -> None:
    stod = lake_schema(load_contract("forsorjningsstod").tabell("forsorjningsstod"))
    assert (stod["manad"], stod["belopp_kr"], stod["vuxna"]) == (pl.Date(), pl.Decimal(18, 2), pl.Int64())
    assert (stod["hushall_id"], stod["sokande_fodelsear"], stod["gallring_undantag"]) == (
        pl.String(),
        pl.Int32(),
        pl.Boolean(),
    )
    matt = lake_schema(load_contract("matt").tabell("matt"))
    assert (matt["varde"], matt["ar"], matt["manad"]) == (pl.Decimal(18, 4), pl.Int32(), pl.Int64())


# --- contracts that do not hold together are refused ---------------------------------------------------------------


def column(raw: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in raw["schema"][0]["properties"] if one["name"] == name)
    return found


def drop_custom(name: str) -> Callable[[dict[str, Any]], None]:
    def change(raw: dict[str, Any]) -> None:
        node = column(raw, "form")
        node["customProperties"] = [one for one in node["customProperties"] if one["property"] != name]

    return change


def set_custom(node: dict[str, Any], name: str, value: object) -> None:
    node["customProperties"] = [
        *(one for one in node["customProperties"] if one["property"] != name),
        {"property": name, "value": value},
    ]


MUTATIONS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "no class": (lambda raw: column(raw, "form").pop("classification"), "a column without it is not loaded"),
    "no purpose": (drop_custom("andamal"), "andamal must be stated"),
    "no ground": (drop_custom("rattslig_grund"), "rattslig_grund must be stated"),
    "no retention": (drop_custom("gallring"), "gallring must be stated"),
    "blank purpose": (lambda raw: set_custom(column(raw, "form"), "andamal", "  "), "andamal must be stated"),
    "unknown class": (lambda raw: column(raw, "form").update(classification="hemlig"), "not one of"),
    "person as harmless": (lambda raw: column(raw, "person").update(classification="ingen"), "personal data"),
    "no type": (drop_custom("typ"), "typ None"),
    "unknown word": (lambda raw: set_custom(column(raw, "form"), "synonymer", ["x"]), "nobody reads"),
    "unknown table word": (lambda raw: set_custom(raw["schema"][0], "ersater", ["ar"]), "nobody reads"),
    "code without list": (lambda raw: column(raw, "form").pop("enum"), "needs an enum"),
    "list without code": (
        lambda raw: column(raw, "enhet").update(enum=[{"value": "a", "label": "A"}]),
        "no other type",
    ),
    "code twice": (lambda raw: column(raw, "form")["enum"].append({"value": "hvb", "label": "x"}), "stands twice"),
    "spelling of two codes": (
        lambda raw: column(raw, "form")["enum"].append({"value": "lager", "label": "JOURHEM"}),
        "spelling of both",
    ),
    "header of two columns": (
        lambda raw: column(raw, "form").update(synonyms=[{"synonym": "Lagrum"}]),
        "belongs to both",
    ),
    "column twice": (lambda raw: raw["schema"][0]["properties"].append(column(raw, "enhet")), "stands twice"),
    "scope outside the lake": (lambda raw: set_custom(raw["schema"][0], "ersatter", ["person"]), "outside the lake"),
    "period outside the lake": (lambda raw: set_custom(raw["schema"][0], "period_kolumn", "inkom"), "outside the lake"),
    "wide to nowhere": (
        lambda raw: set_custom(raw["schema"][0], "bred", [{"monster": r"(?P<manad>\d+)", "varde_kolumn": "start"}]),
        "unknown columns",
    ),
    "gives nothing known": (lambda raw: set_custom(column(raw, "person"), "ger", ["namn"]), "unknown columns"),
    "token without meaning": (lambda raw: set_custom(raw, "tokens", {"-": "noll"}), "a token means"),
    "no table": (lambda raw: raw.update(schema=[]), "at least one"),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_contract_that_does_not_hold_together_is_refused(name: str) -> None:
    change, message = MUTATIONS[name]
    raw = deepcopy(document("placeringar"))
    parse_contract("placeringar", raw, "")
    change(raw)
    with pytest.raises(ContractError, match=re.escape(message)):
        parse_contract("placeringar", raw, "")


def test_unknown_source() -> None:
    with pytest.raises(ContractError, match="no contract for source"):
        load_contract("finns_inte")
