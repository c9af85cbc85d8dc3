"""Every rule of the guard proves itself: the rows it says pass do pass, the rows it says fail do fail.

Expectations run through the real Granskare (and Great Expectations), identities and plausibility through DuckDB, on
tables with the types of the lake's contracts and of the marts' dbt contracts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import yaml

from pipelines.contracts.model import load_contract, sources
from pipelines.delivery import lake
from pipelines.guard import accepterade, identiteter, rimlighet
from pipelines.guard.gx import Granskare
from pipelines.guard.kontroll import Kontroll
from pipelines.guard.rules import Forvantan, load_expectations
from pipelines.publication import driftmarter, sekretessregler
from pipelines.settings import DBT_DIR, EXPECTATIONS_DIR

LAGER = ("raw", "marts")
FORVANTNINGAR = [(layer, rule) for layer in LAGER for listed in load_expectations(layer).values() for rule in listed]
IDENTITETER = identiteter.load()
RIMLIGHET = rimlighet.load()
TABELLER = {table.namn: table for source in sources() for table in load_contract(source).tabeller}
MARTER = {path.stem for path in (DBT_DIR / "models" / "marts").rglob("*.sql")}
# the models inside the warehouse that identities and plausibility lean on (their columns as dbt builds them)
INRE = {
    "staging.stg_ekonomi__ekonomi": {
        **dict.fromkeys(
            [
                "kommun_kod",
                "leverans_id",
                "version",
                "budgetversion",
                "prognosomgang",
                "konto",
                "post",
                "ansvar",
                "ansvar_namn",
                "verksamhet",
                "verksamhet_namn",
                "motpart",
                "radtyp",
                "tabell",
            ],
            "varchar",
        ),
        **dict.fromkeys(["ar", "manad"], "integer"),
        "belopp_redovisning_kr": "decimal(18, 2)",
    },
    "intermediate.int_ekonomi__rader": {
        **dict.fromkeys(
            ["kommun_kod", "version", "tabell", "kontogrupp", "placeringsform", "motpartstyp", "slag"], "varchar"
        ),
        **dict.fromkeys(["ar", "manad"], "integer"),
        "belopp_kr": "decimal(18, 2)",
    },
    "staging.stg_register__katalog": {"nyckeltal_id": "varchar", "faktor": "double"},
}


@cache
def _mart_typer() -> Mapping[str, Mapping[str, str]]:
    typer: dict[str, dict[str, str]] = {}
    for path in (DBT_DIR / "models" / "marts").rglob("*.yml"):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
            columns = {column["name"]: str(column.get("data_type", "varchar")) for column in model["columns"]}
            typer[model["name"]] = columns
    return typer


@pytest.fixture(scope="module")
def lake_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake's zero-row schema files, as a run writes them."""
    folder = tmp_path_factory.mktemp("lake")
    for table in TABELLER.values():
        lake.ensure_schema(folder, table)
    return folder


@pytest.fixture(scope="module")
def granskare() -> Iterator[Granskare]:
    """One Great Expectations context for all proofs."""
    with duckdb.connect() as connection:
        yield Granskare(connection)


def _typer(name: str, lake_dir: Path) -> Mapping[str, str]:
    if name in INRE:
        return INRE[name]
    if name.startswith("marts."):
        return _mart_typer()[name.removeprefix("marts.")]
    rows = duckdb.execute("describe select * from read_parquet(?)", [str(lake_dir / name / "_schema.parquet")])
    return {column: kind for column, kind, *_ in rows.fetchall()}


def _skapa(
    connection: duckdb.DuckDBPyConnection, name: str, rows: list[Mapping[str, Any]], typer: Mapping[str, str]
) -> None:
    unknown = {column for row in rows for column in row} - set(typer) - {"antal_rader", "steg"}
    if name in INRE or not name.startswith("marts."):
        assert not unknown, f"prov names columns that {name} does not have: {sorted(unknown)}"
    if "." in name:
        connection.execute(f"create schema if not exists {name.split('.')[0]}")
    columns = ", ".join(f'"{column}" {kind}' for column, kind in typer.items())
    connection.execute(f"create or replace table {name} ({columns})")
    for row in (repeated for one in rows for repeated in _upprepad(one, typer)):
        known = {column: value for column, value in row.items() if column in typer}
        names = ", ".join(f'"{column}"' for column in known)
        marks = ", ".join("?" for _ in known)
        connection.execute(f"insert into {name} ({names}) values ({marks})", list(known.values()))  # noqa: S608


def _upprepad(row: Mapping[str, Any], typer: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    """`antal_rader: n` stands for n rows with ids of their own; `steg: {start: 1}` moves a day or a number per row."""
    plain = {column: value for column, value in row.items() if column not in {"antal_rader", "steg"}}
    ids = {"placering_id", "insats_id", "arende_id", "hushall_id", "person_id"} & set(typer) - set(plain)
    for index in range(row.get("antal_rader", 1)):
        moved = {
            column: plain[column] + (timedelta(index * step) if isinstance(plain[column], date) else index * step)
            for column, step in row.get("steg", {}).items()
        }
        yield {**plain, **moved, **{name: f"{name}{id(row)}{index}" for name in ids}}


def _rader(post: Any) -> list[Mapping[str, Any]]:
    return post if isinstance(post, list) else [post]


@pytest.mark.slow
@pytest.mark.parametrize(("layer", "rule"), FORVANTNINGAR, ids=[rule.id for _, rule in FORVANTNINGAR])
def test_expectation_passes_and_fails_its_own_rows(
    layer: str, rule: Forvantan, granskare: Granskare, lake_dir: Path
) -> None:
    name = rule.tabell if layer == "raw" else f"marts.{rule.tabell}"
    typer = _typer(name, lake_dir)
    named = {
        column for post in (*rule.prov["giltiga"], *rule.prov["ogiltiga"]) for row in _rader(post) for column in row
    }
    assert named <= set(typer), f"{rule.id}: prov names columns that {name} does not have: {sorted(named - set(typer))}"
    for expected, posts in (("godkand", rule.prov["giltiga"]), ("avviker", rule.prov["ogiltiga"])):
        for post in posts:
            _skapa(granskare._connection, name, _rader(post), typer)
            (check,) = granskare.granska(rule.tabell, name, [rule])
            assert check.utfall == expected, f"{rule.id}: {post} gave {check.utfall}"
            assert (check.antal_fel > 0) == (expected == "avviker")
    granskare._connection.execute(f"drop table {name}")


def _varld(tables: Mapping[str, list[Mapping[str, Any]]], sql: str, lake_dir: Path) -> duckdb.DuckDBPyConnection:
    """A connection with the tables of one proof; those the SQL names but the proof does not are empty."""
    connection = duckdb.connect()
    used = set(re.findall(r"\b(?:from|join)\s+([a-z_]+(?:\.[a-z_]+)?)", sql))
    for name in sorted(used | set(tables)):
        if name in INRE or name.removeprefix("marts.") in MARTER or name in TABELLER:
            _skapa(connection, name, tables.get(name, []), _typer(name, lake_dir))
    return connection


@pytest.mark.parametrize("one", IDENTITETER, ids=[one.id for one in IDENTITETER])
def test_identity_passes_and_fails_its_own_rows(one: identiteter.Identitet, lake_dir: Path) -> None:
    assert one.prov.get("giltiga"), f"{one.id} has no rows that pass"
    assert one.prov.get("ogiltiga"), f"{one.id} has no rows that fail"
    for expected, worlds in (("godkand", one.prov["giltiga"]), ("avviker", one.prov["ogiltiga"])):
        for tables in worlds:
            with _varld(tables, f"from {one.kalla}", lake_dir) as connection:
                summary, *cells = identiteter.prova(connection, [one])
                assert summary.utfall == expected, f"{one.id}: {summary.forklaring}"
                assert bool(cells) == (expected == "avviker")


@pytest.mark.parametrize("rule", RIMLIGHET, ids=[rule.id for rule in RIMLIGHET])
def test_plausibility_passes_and_fails_its_own_rows(rule: rimlighet.Rimlighet, lake_dir: Path) -> None:
    assert rule.prov.get("giltiga"), f"{rule.id} has no rows that pass"
    assert rule.prov.get("ogiltiga"), f"{rule.id} has no rows that fail"
    for expected, worlds in (("godkand", rule.prov["giltiga"]), ("avviker", rule.prov["ogiltiga"])):
        for tables in worlds:
            with _varld(tables, rule.sql, lake_dir) as connection:
                checks = rimlighet.prova(connection, rule.skede, [rule])
                assert {check.utfall for check in checks} == {expected}, f"{rule.id}: {tables}"


def test_every_lake_table_and_every_mart_has_expectations() -> None:
    levererade = {name for name, table in TABELLER.items() if table.kalla != "kolada"}
    assert levererade <= set(load_expectations("raw")) <= set(TABELLER)
    assert set(load_expectations("marts")) == MARTER


def test_rule_ids_are_unique_over_all_files() -> None:
    ids = [rule.id for _, rule in FORVANTNINGAR] + [one.id for one in IDENTITETER] + [rule.id for rule in RIMLIGHET]
    assert len(ids) == len(set(ids))


def test_texts_are_whole_sentences_and_name_a_known_command() -> None:
    known = {"run", "check", "status", "fel", "generate", "template", "skanna", "gallra"}
    for one in [*(rule for _, rule in FORVANTNINGAR), *IDENTITETER, *RIMLIGHET]:
        assert one.text.endswith("."), one.id
        assert one.atgard.endswith("."), one.id
        for command in re.findall(r"tertial (\w+)", one.atgard):
            assert command in known, f"{one.id} names tertial {command}"


def test_code_sets_are_those_of_the_contract() -> None:
    for layer, rule in FORVANTNINGAR:
        column = {one.lake_namn: one for one in TABELLER[rule.tabell].kolumner} if layer == "raw" else {}
        if (
            rule.type == "expect_column_values_to_be_in_set"
            and (found := column.get(rule.kwargs["column"]))
            and found.varden
        ):
            assert rule.kwargs["value_set"] == list(found.varden), rule.id


def test_every_pseudonym_column_is_guarded() -> None:
    guarded = {
        (rule.tabell, rule.kwargs["column"])
        for layer, rule in FORVANTNINGAR
        if layer == "raw" and rule.kwargs.get("regex") == "^[a-z2-7]{26}$" and rule.niva == "kritisk"
    }
    personal = {
        (table.namn, column.lake_namn)
        for table in TABELLER.values()
        for column in table.kolumner
        if column.i_lake and column.typ in {"person", "hushall", "arende", "respondent"}
    }
    assert guarded == personal


def test_no_rule_is_past_its_review_date_when_shipped() -> None:
    for one in [*(rule for _, rule in FORVANTNINGAR), *IDENTITETER, *RIMLIGHET]:
        if one.niva == "varning":
            assert isinstance(one.granskas, date), one.id


def test_accepted_deviations_name_rules_that_exist() -> None:
    ids = {rule.id for _, rule in FORVANTNINGAR} | {one.id for one in IDENTITETER} | {rule.id for rule in RIMLIGHET}
    for one in accepterade.load():
        assert one.regel_id in ids
        assert one.skal.endswith(".")
        assert one.beslutad_av


def test_rule_files_hold_no_unknown_folder() -> None:
    assert {path.name for path in EXPECTATIONS_DIR.iterdir() if path.is_dir()} <= {
        "rad", "raw", "marts", "identiteter", "rimlighet", "sekretess",
    }  # fmt: skip


@pytest.mark.parametrize("tabell", ["placeringar", "utredningar", "insatser"])
def test_the_year_that_somebodys_case_began_is_not_published_with_the_check_of_the_extract(tabell: str) -> None:
    """The first start in a register is one person's: what stands after the place's colon stays in the restricted zone."""
    (regel,) = [one for one in rimlighet.load() if one.tabell == tabell and "årskolumn" in one.text]
    forsta = "select '9998' as kommun_kod, 'x' as leverans_id, 'hela' as omfattning, "
    start, slut = ("inkom", "avslutad") if tabell == "utredningar" else ("start", "slut")
    with duckdb.connect() as connection:
        connection.execute(
            f"create table {tabell} as {forsta} date '2012-03-01' as {start}, date '2024-06-01' as {slut}"
        )
        (kontroll,) = rimlighet.prova(connection, "raw", [regel])
    assert "2012" in kontroll.exempel
    ord_ = sekretessregler.las().marter["datakvalitet"]["drift"]
    mart = pl.DataFrame([kontroll.as_dict()], schema_overrides={"exempel": pl.String}, infer_schema_length=None)
    visad = driftmarter.kontroller(mart, ord_).row(0, named=True)
    assert "2012" not in f"{visad['exempel']} {visad['cell']} {visad['forklaring']}"


def test_a_place_that_a_rule_forgot_to_part_from_its_figures_is_not_published() -> None:
    kontroll = Kontroll(
        "RIM-PLA-999", "placeringar", "varning", "avviker", "Text.", antal_fel=9, exempel="börjar 2012; Norra"
    )
    mart = pl.DataFrame([kontroll.as_dict()], infer_schema_length=None)
    visad = driftmarter.kontroller(mart, sekretessregler.las().marter["datakvalitet"]["drift"]).row(0, named=True)
    assert visad["exempel"] == "Norra"
