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
from hypothesis import example, given
from hypothesis import strategies as st
from open_data_contract_standard.model import OpenDataContractStandard

from pipelines.contracts import ContractError, Tabell, load_contract, parse_contract, sources
from pipelines.contracts.lake import lake_schema
from pipelines.contracts.model import SOURCES_DIR
from pipelines.contracts.stavning import normal

DESIGN = Path(__file__).parents[2] / "docs" / "design.md"
SOURCES = (
    "befolkning", "ekonomi", "enkater", "forsorjningsstod", "insatser", "internkontroll", "mal", "matt", "personal",
    "placeringar", "utredningar",
)  # fmt: skip
TABELLER = [(kalla, tabell) for kalla in SOURCES for tabell in load_contract(kalla).tabeller]
IDS = [tabell.namn for _, tabell in TABELLER]
every_table = pytest.mark.parametrize("tabell", [tabell for _, tabell in TABELLER], ids=IDS)


def document(kalla: str) -> dict[str, Any]:
    loaded = yaml.safe_load((SOURCES_DIR / kalla / "contract.yaml").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def test_every_source_of_the_project_has_a_contract() -> None:
    assert sources() == SOURCES


@pytest.mark.parametrize("kalla", SOURCES)
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


# --- spellings -----------------------------------------------------------------------------------------------------


@given(st.text())
@example("ẞ")
@example("A\u030a")
def test_normal_is_idempotent(text: str) -> None:
    assert normal(normal(text)) == normal(text)


@pytest.mark.parametrize(
    ("kalla", "tabell", "kolumn", "text", "kod"),
    [
        ("placeringar", "placeringar", "kon", "Kvinna", "K"),
        ("placeringar", "placeringar", "kon", "1", "M"),  # Socialstyrelsen and SCB: 1 man, 2 woman
        ("placeringar", "placeringar", "kon", "2", "K"),
        ("placeringar", "placeringar", "kon", "", "O"),  # not stated is a category, not an error
        ("placeringar", "placeringar", "form", "Hem för vård eller boende (HVB)", "hvb"),
        ("placeringar", "placeringar", "form", "NÄTVERKSHEM", "natverkshem"),
        ("placeringar", "placeringar", "lagrum", "3 § LVU", "lvu"),
        ("forsorjningsstod", "forsorjningsstod", "hushallstyp", "Ensamstående kvinna med barn", "6"),
        (
            "forsorjningsstod",
            "forsorjningsstod",
            "forsorjningshinder",
            "Sjukskriven m läkarintyg, väntar på sjukpenning",
            "sjukskriven_lakarintyg",
        ),
        ("matt", "matt", "kon", "", "T"),
        ("matt", "matt", "enhet", "%", "procent"),
        ("mal", "mal", "riktning", "låg nivå", "lag_niva"),
        ("mal", "mal", "jamforelse", "föregående år och/eller jämförbara kommuner", "foregaende_ar/jamforbara"),
    ],
)
def test_spellings_of_codes(kalla: str, tabell: str, kolumn: str, text: str, kod: str) -> None:
    assert load_contract(kalla).tabell(tabell).kolumn(kolumn).koder()[normal(text)] == kod


@every_table
def test_headers_of_other_systems_lead_to_one_column(tabell: Tabell) -> None:
    known = tabell.rubriker()
    for one in tabell.kolumner:
        for spelling in one.rubriker:
            assert known[normal(spelling)] is one


def melted(kalla: str, tabell: str, header: str) -> tuple[str, dict[str, str], bool] | None:
    """What a header says when it is read as a wide column: (value column, columns told, accumulated)."""
    for one in load_contract(kalla).tabell(tabell).bred:
        if match := re.fullmatch(one.monster, normal(header)):
            told = {
                name: one.oversatt.get(name, {}).get(text, text) for name, text in match.groupdict().items() if text
            }
            return one.varde_kolumn, {**one.fasta, **told}, one.ackumulerad
    return None


@pytest.mark.parametrize(
    ("kalla", "tabell", "header", "told"),
    [
        ("ekonomi", "ekonomi", "BUDGET 2025", {"version": "budget", "ar": "2025"}),
        ("ekonomi", "ekonomi", "Utfall 2025-03", {"version": "utfall", "ar": "2025", "manad": "03"}),
        ("ekonomi", "ekonomi", "utfall mars 2025", {"version": "utfall", "ar": "2025", "manad": "3"}),
        ("ekonomi", "ekonomi", "bokslut_2017_mnkr", {"version": "utfall", "ar": "2017", "enhet": "mnkr"}),
        ("ekonomi", "ekonomi", "budget_2011_tkr", {"version": "budget", "ar": "2011", "enhet": "tkr"}),
        ("ekonomi", "ekonomi", "lone_och_prisupprakning_tkr", {"version": "forandring_pris", "enhet": "tkr"}),
        ("ekonomi", "ekonomi", "Verksamhetsförändring tkr", {"version": "forandring_verksamhet", "enhet": "tkr"}),
        ("ekonomi", "ekonomi", "forandring_2010_till_2011", {"version": "forandring", "ar": "2011"}),
        ("ekonomi", "ekonomi", "förändring mkr", {"version": "forandring", "enhet": "mnkr"}),
        ("ekonomi", "ekonomi", "UTFALL_PER", {"version": "utfall"}),
        ("ekonomi", "ekonomi", "PRG_PER", {"version": "prognos"}),
        ("ekonomi", "ekonomi", "Utfall", {"version": "utfall"}),
        ("ekonomi", "ekonomi", "Maj", {"manad": "5"}),
        ("ekonomi", "ekonomi", "202503", {"ar": "2025", "manad": "03"}),
        ("matt", "matt", "utfall_2011", {"version": "utfall", "ar": "2011"}),
        ("matt", "matt", "prognos_2012", {"version": "prognos", "ar": "2012"}),
        ("matt", "matt", "etappmål 2019", {"version": "etappmal", "ar": "2019"}),
        ("matt", "matt", "Män", {"kon": "M"}),
        ("matt", "matt", "kvinnor", {"kon": "K"}),
        ("matt", "matt", "augusti_2018", {"manad": "8", "ar": "2018"}),
        ("personal", "personal_matt", "plan_2015", {"version": "plan", "ar": "2015"}),
        ("befolkning", "befolkning", "Folkmängd 2024", {"ar": "2024"}),
    ],
)
def test_wide_headers(kalla: str, tabell: str, header: str, told: dict[str, str]) -> None:
    found = melted(kalla, tabell, header)
    assert found is not None
    assert found[1:] == (told, False)


def test_raindance_accumulated_columns_are_compared_and_the_rest_left_alone() -> None:
    """Column names of a Raindance data warehouse: _PER is loaded, _ACK compared, the others not read."""
    tabell = load_contract("ekonomi").tabell("ekonomi")
    assert melted("ekonomi", "ekonomi", "UTFALL_ACK") == ("belopp_kr", {"version": "utfall"}, True)
    others = "UTFALL_IB UTFALL_AR UTFALL_ARSACK UTFALL_FGPER UTFALL_FGACK UTFALL_FGAR BUDGET_AR BUDGET_FGAR PRG_FGPER LFRAM_PER LFRAM_AR BFAR FRI2_ID AVTBES_ID"
    for header in others.split():
        text = normal(header)
        assert any(re.fullmatch(pattern, text) for pattern in tabell.ignorera), header
        assert text not in tabell.rubriker() and melted("ekonomi", "ekonomi", header) is None
    keys = {
        "KONTO_ID": "konto",
        "KST_ID": "ansvar",
        "VERK_ID": "verksamhet",
        "PROJ_ID": "projekt",
        "MOTP_ID": "motpart",
        "FRI1_ID": "fri",
        "PERIOD": "period",
    }
    assert {header: tabell.rubriker()[normal(header)].namn for header in keys} == keys


@every_table
def test_a_known_header_is_never_also_a_wide_or_an_ignored_one(tabell: Tabell) -> None:
    """The order in which a reader asks must not decide what a header means."""
    for spelling, one in tabell.rubriker().items():
        hits = [
            pattern
            for pattern in (*tabell.ignorera, *(wide.monster for wide in tabell.bred))
            if re.fullmatch(pattern, spelling)
        ]
        assert hits == [], f"{one.namn}: {spelling}"


def test_tokens_are_the_publishers_own() -> None:
    contract = load_contract("matt")
    assert dict(contract.tokens_for("LIS")) == {"--": "undertryckt", "-": "saknas", "–": "saknas"}
    assert contract.tokens_for("Kolada/Procapita")[".."] == "undertryckt"
    assert contract.tokens_for("Kolada/Procapita")["-"] == "saknas"
    assert contract.tokens_for("Socialstyrelsen")["--"] == "saknas"  # there: not yet published, missing or suppressed
    assert contract.tokens_for(None) == contract.tokens
    assert all("0" not in load_contract(one).tokens for one in SOURCES)  # zero is zero


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
