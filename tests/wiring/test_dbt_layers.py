"""The dbt project's layers and its portable SQL, read from the files: no dbt, no database.

Exceptions are listed here with a reason; everything else is refused.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from pipelines.katalog.nyckeltal import katalog
from pipelines.katalog.union import UNION_SQL, union_sql
from pipelines.settings import DBT_DIR

MODELS = sorted((DBT_DIR / "models").rglob("*.sql"))
MACROS = sorted((DBT_DIR / "macros").glob("*.sql"))

# construct -> what to write instead (docs: one line each in the project's SQL rules)
FORBIDDEN = {
    r"\bqualify\b": "row_number() in a CTE",
    r"\bdistinct\s+on\b": "row_number() in a CTE",
    r"::": "cast(... as {{ typ_...() }})",
    r"\bgroup\s+by\s+all\b": "the columns by name",
    r"\border\s+by\s+all\b": "the columns by name",
    r"\bunion\s+all\s+by\s+name\b|\bunion\s+by\s+name\b": "union all with written columns",
    r"\b(arg_max|arg_min|max_by|min_by|any_value)\s*\(": "row_number() with a full tie-break",
    r"(?<!\{ )\bmedian\s*\(": "{{ median(...) }}",
    r"\b(quantile_cont|quantile_disc|approx_\w+)\s*\(": "{{ median(...) }}",
    r"\b(unnest|generate_series|range|list_\w+|struct_pack)\s*\(": "the calendar seed",
    r"\bread_(parquet|csv\w*|json\w*)\s*\(": "source() with external_location",
    r"\bdate_trunc\s*\(": "{{ month_start(...) }}",
    r"\b(strftime|to_char|strptime|dayname|monthname)\s*\(": "the calendar seed",
    r"\bdate(diff|_diff|_add|_sub)\s*\(": "{{ days_between(...) }}, {{ add_days(...) }}",
    r"\bas\s+(varchar|double|string)\s*\)": "{{ typ_text() }}, {{ typ_double() }}",
    r"\b(exclude|replace)\s*\([^)]*\)\s+from\b|\*\s*(exclude|replace)\b": "the columns by name",
    r"\bpivot\b|\bunpivot\b|\basof\b": "sum(case ...), union all, a range join",
    r"\btry_cast\s*\((?!')": "{{ try_cast(...) }}",
}

MODEL_NAME = {
    "staging": re.compile(r"^stg_[a-z]+__[a-z0-9_]+$"),
    "intermediate": re.compile(r"^int_[a-z_]+?__[a-z0-9_]+$"),
    "nyckeltal": re.compile(r"^nyckeltal_[a-z0-9_]+$"),
    "marts": re.compile(r"^(?!stg_|int_|nyckeltal_)[a-z0-9_]+$"),
}


def _layer(path: Path) -> str:
    return path.relative_to(DBT_DIR / "models").parts[0]


def _sql(path: Path) -> str:
    """The file without comments (what a comment mentions is not written in SQL)."""
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"--[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL)


def _refs(path: Path) -> set[str]:
    return set(re.findall(r"ref\(\s*'([a-z0-9_]+)'\s*\)", _sql(path)))


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_is_named_after_its_layer(path: Path) -> None:
    assert MODEL_NAME[_layer(path)].match(path.stem)


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_reads_only_what_its_layer_may(path: Path) -> None:
    sources = re.findall(r"source\(\s*'([a-z]+)'\s*,\s*'([a-z_]+)'\s*\)", _sql(path))
    layer = _layer(path)
    if layer == "staging":
        own = len(sources) + len(re.findall(r"\bgallande_rader\(", _sql(path)))
        assert own == 1, "a staging model is one to one with a source table"
        assert not _refs(path), "a staging model reads its source only"
        return
    assert not sources, f"{layer} reads staging, not sources"
    assert not any(name in _mart_names() for name in _refs(path)), "nothing is built on a mart"
    if layer == "marts":
        case_tables = [name for name in _refs(path) if name.startswith("stg_") and _personal(name)]
        assert not case_tables, f"a mart never reads rows about a person: {case_tables}"


def _mart_names() -> set[str]:
    return {path.stem for path in MODELS if _layer(path) == "marts"}


def _personal(model: str) -> bool:
    """Does the staging model carry a pseudonym?"""
    path = next(one for one in MODELS if one.stem == model)
    return bool(re.search(r"\b(person|hushall|sokande|medsokande|arende|respondent)_id\b", _sql(path)))


@pytest.mark.parametrize("path", [*MODELS, *MACROS], ids=lambda path: path.stem)
def test_no_construct_that_only_one_engine_knows(path: Path) -> None:
    text = _sql(path)
    if path in MACROS:
        # an engine's own spelling stands in a dispatched macro <engine>__name, or in its default
        pattern = r"\{%-?\s*macro\s+(?:[a-z]+__\w+).*?endmacro\s*-?%\}"
        text = re.sub(pattern, "", text, flags=re.DOTALL)
    assert _forbidden(text) == {}


def _forbidden(text: str) -> dict[str, str]:
    """What is written -> what to write instead; macro calls are the right way and are not looked into."""
    text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text, flags=re.DOTALL).lower()
    return {match.group(0): instead for rule, instead in FORBIDDEN.items() for match in re.finditer(rule, text)}


@pytest.mark.parametrize(
    "text",
    [
        "select a from b qualify row_number() over () = 1",
        "select distinct on (a) b from c",
        "select a::int from b",
        "select a, count(*) from b group by all",
        "select arg_max(a, b) from c",
        "select median(a) from b",
        "select quantile_cont(a, 0.5) from b",
        "select unnest(a) from b",
        "select * from read_parquet('a')",
        "select date_trunc('month', a) from b",
        "select strftime(a, '%Y') from b",
        "select date_diff('day', a, b) from c",
        "select cast(a as varchar) from b",
        "select * exclude (a) from b",
        "select try_cast(a as date) from b",
    ],
)
def test_the_checker_finds_what_it_is_for(text: str) -> None:
    assert _forbidden(text)


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_names_are_plain_ascii(path: Path) -> None:
    without_jinja = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", _sql(path), flags=re.DOTALL)
    without_strings = re.sub(r"'[^']*'", "", without_jinja)
    assert without_strings.isascii()


def test_model_names_are_unique() -> None:
    seeds = [path.stem for path in (DBT_DIR / "seeds").rglob("*.csv")]
    counted = Counter([path.stem for path in MODELS] + seeds)
    assert [name for name, count in counted.items() if count > 1] == []


def _described() -> dict[str, dict[str, str]]:
    """Model -> column -> description, from every properties file."""
    described: dict[str, dict[str, str]] = {}
    for path in (DBT_DIR / "models").rglob("*.yml"):
        document = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader) or {}
        for model in document.get("models") or []:
            columns = {one["name"]: str(one.get("description") or "") for one in model.get("columns") or []}
            described[model["name"]] = columns
    return described


@pytest.mark.parametrize("mart", sorted(_mart_names()))
def test_every_mart_column_is_described_and_none_is_personal(mart: str) -> None:
    columns = _described().get(mart, {})
    assert columns, "a mart has its columns, types and descriptions in a yml file beside it"
    assert [name for name, text in columns.items() if not text.strip()] == []
    personal = re.compile(r"^(person|hushall|sokande|medsokande|arende|respondent|placering|insats)(_id|_nr)$")
    assert [name for name in columns if personal.match(name)] == []


def _nyckeltal_models() -> dict[str, Path]:
    return {path.stem: path for path in MODELS if _layer(path) == "nyckeltal"}


def test_the_union_is_what_the_catalogue_makes() -> None:
    assert UNION_SQL.read_text(encoding="utf-8") == union_sql(katalog()), "run make docs"


def test_every_nyckeltal_model_is_named_by_the_catalogue_and_the_other_way_round() -> None:
    assert {one.modell for one in katalog() if one.modell} == set(_nyckeltal_models())


def test_every_model_of_a_figure_has_a_unit_test() -> None:
    tested = set()
    for path in (DBT_DIR / "models").rglob("*.yml"):
        document = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader) or {}
        tested |= {one["model"] for one in document.get("unit_tests") or []}
    assert sorted(_nyckeltal_models().keys() - tested) == []
