"""Granskare sees fewer rows than the table has; its verdict and its count are those of plain Great Expectations."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.errors import RuleError
from pipelines.guard.gx import AGGREGATE_TYPES, TABLE_TYPES, UNIQUE_TYPES, Granskare
from pipelines.guard.rules import Forvantan, load_expectations
from tests.egenskaper import exempel

PROVADE: dict[str, dict[str, Any]] = {
    "expect_column_values_to_match_regex": {"column": "kod", "regex": "^[0-9]{4}$"},
    "expect_column_values_to_be_in_set": {"column": "kod", "value_set": ["0184", "1080"]},
    "expect_column_values_to_not_be_in_set": {"column": "kod", "value_set": ["okand"]},
    "expect_column_values_to_be_null": {"column": "belopp"},
    "expect_column_values_to_not_be_null": {"column": "belopp"},
    "expect_column_values_to_be_between": {"column": "belopp", "min_value": 0, "max_value": 100},
    "expect_column_value_lengths_to_be_between": {"column": "kod", "min_value": 4, "max_value": 4},
    "expect_compound_columns_to_be_unique": {"column_list": ["kod", "antal"]},
    "expect_column_mean_to_be_between": {"column": "belopp", "min_value": 10, "max_value": 60},
    "expect_column_pair_values_a_to_be_greater_than_b": {
        "column_A": "slut", "column_B": "start", "or_equal": True, "ignore_row_if": "either_value_is_missing",
    },
}  # fmt: skip
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["0184", "1080", "184", "okand", "", None]),
        st.sampled_from([0, 1, 2, None]),
        st.sampled_from(
            [Decimal("0.00"), Decimal("100.00"), Decimal("100.01"), Decimal("-0.01"), Decimal("55.5"), None]
        ),
        st.sampled_from([date(2024, 1, 1), date(2024, 2, 29), None]),
        st.sampled_from([date(2024, 1, 1), date(2024, 2, 28), date(2024, 12, 31), None]),
    ),
    min_size=1,
    max_size=12,
)


@pytest.fixture(scope="module")
def granskare() -> Iterator[Granskare]:
    """A context over an empty database."""
    with duckdb.connect() as connection:
        yield Granskare(connection)


def _regel(type_: str, kwargs: dict[str, Any], **extra: Any) -> Forvantan:
    return Forvantan("T-1", "t", type_, kwargs, "kritisk", "Text.", "Gör så.", **extra)


def _tabell(connection: duckdb.DuckDBPyConnection, rows: list[tuple[Any, ...]]) -> None:
    connection.execute(
        "create or replace table t "
        "(kod varchar, antal bigint, belopp decimal(18, 2), start date, slut date, leverans_id varchar, rad bigint)"
    )
    connection.executemany(
        "insert into t values (?, ?, ?, ?, ?, 'lev', ?)", [(*row, index) for index, row in enumerate(rows, start=2)]
    )


def _plain(granskare: Granskare, rule: Forvantan) -> tuple[bool, int]:
    """Great Expectations itself, on every row of the table."""
    import great_expectations.expectations as gxe

    frame = granskare._connection.execute("select * exclude (leverans_id, rad) from t").df()
    for name in frame.columns:
        if frame[name].dtype == object:
            frame[name] = frame[name].where(frame[name].notna(), None)
    expectation = getattr(gxe, "".join(part.capitalize() for part in rule.type.split("_")))(**rule.kwargs)
    result = granskare._asset.get_batch({"dataframe": frame}).validate(expectation, result_format="COMPLETE")
    return bool(result.success), int(result.result.get("unexpected_count") or 0)


@pytest.mark.slow
@pytest.mark.parametrize("type_", PROVADE)
@settings(max_examples=exempel(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_verdict_and_count_equal_plain_great_expectations(
    type_: str, rows: list[tuple[Any, ...]], granskare: Granskare
) -> None:
    _tabell(granskare._connection, rows)
    rule = _regel(type_, PROVADE[type_])
    success, unexpected = _plain(granskare, rule)
    (check,) = granskare.granska("t", "t", [rule])
    assert (check.utfall == "godkand") == success
    if not success and type_ not in AGGREGATE_TYPES:
        assert check.antal_fel == unexpected


def test_every_type_in_the_rule_files_is_compared_here() -> None:
    used = {rule.type for layer in ("raw", "marts") for listed in load_expectations(layer).values() for rule in listed}
    assert used <= set(PROVADE)
    assert not used & TABLE_TYPES
    assert UNIQUE_TYPES & used


def test_offenders_are_named_by_delivery_and_row_never_by_value(granskare: Granskare) -> None:
    _tabell(granskare._connection, [("0184", 1, None, None, None), ("HEMLIG", 1, None, None, None)] * 2)
    (check,) = granskare.granska(
        "t", "t", [_regel("expect_column_values_to_match_regex", PROVADE["expect_column_values_to_match_regex"])]
    )
    assert check.antal_fel == 2
    assert check.exempel == "lev rad 3; lev rad 5"
    assert "HEMLIG" not in str(check.as_dict())
    assert "tertial fel T-1" in check.atgard


def test_condition_and_years_limit_the_rows(granskare: Granskare) -> None:
    _tabell(
        granskare._connection,
        [("184", 1, Decimal(5), date(2014, 1, 1), None), ("1080", 2, None, date(2024, 1, 1), None)],
    )
    regex = PROVADE["expect_column_values_to_match_regex"]
    outcome = {
        "alla": _regel("expect_column_values_to_match_regex", regex),
        "villkor": _regel("expect_column_values_to_match_regex", regex, villkor="antal = 2"),
        "ar": _regel("expect_column_values_to_match_regex", regex, galler_ar={"fran": 2016}, ar_kolumn="year(start)"),
        "till": _regel("expect_column_values_to_match_regex", regex, galler_ar={"till": 2015}, ar_kolumn="year(start)"),
    }
    verdicts = {name: next(granskare.granska("t", "t", [rule])).utfall for name, rule in outcome.items()}
    assert verdicts == {"alla": "avviker", "villkor": "godkand", "ar": "godkand", "till": "avviker"}


def test_a_missing_column_deviates_and_says_which(granskare: Granskare) -> None:
    _tabell(granskare._connection, [("0184", 1, None, None, None)])
    (check,) = granskare.granska("t", "t", [_regel("expect_column_values_to_not_be_null", {"column": "saknas"})])
    assert check.utfall == "avviker"
    assert "saknas" in check.forklaring


def test_a_missing_table_deviates_for_every_rule(granskare: Granskare) -> None:
    rule = _regel("expect_column_values_to_not_be_null", {"column": "kod"})
    (check,) = granskare.granska("borta", "marts.borta", [rule])
    assert (check.utfall, check.niva) == ("avviker", "kritisk")
    assert "finns inte" in check.forklaring


def test_an_unknown_type_stops_with_the_rules_name(granskare: Granskare) -> None:
    _tabell(granskare._connection, [("0184", 1, None, None, None)])
    with pytest.raises(RuleError, match="T-1"):
        list(granskare.granska("t", "t", [_regel("expect_the_unexpected", {"column": "kod"})]))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("granskas: 2027-01-01", "review date"),
        ("prov: {giltiga: [{a: 1}], ogiltiga: [{a: 2}]}", "rows that pass"),
        ("kwargs: {column: a}", "mostly"),
        ("ar_kolumn: ar", "galler_ar"),
    ],
)
def test_a_rule_file_that_does_not_hold_together_is_refused(change: str, reason: str, tmp_path: Path) -> None:
    lines = {
        "id": "id: X-1", "type": "type: expect_column_values_to_be_null", "kwargs": "kwargs: {column: a}",
        "niva": "niva: varning", "granskas": "granskas: 2027-01-01", "text": "text: T.", "atgard": "atgard: A.",
        "prov": "prov: {giltiga: [{a: 1}], ogiltiga: [{a: 2}]}",
    }  # fmt: skip
    if reason == "mostly":
        lines["kwargs"] = "kwargs: {column: a, mostly: 0.9}"
    elif reason == "galler_ar":
        lines["ar"] = change
    else:
        del lines[change.split(":")[0]]
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "t.yml").write_text("- " + "\n  ".join(lines.values()) + "\n", encoding="utf-8")
    with pytest.raises(RuleError, match=reason):
        load_expectations("raw", tmp_path)
