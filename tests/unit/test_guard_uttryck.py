"""The arithmetic of identities: SQL finds, Decimal judges, and rounding never hides one printed unit more."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipelines.guard.tal import visad
from pipelines.guard.uttryck import UttrycksFel, half_unit, tolka

NAMES = ["a", "b", "c"]
FIGURES = st.fixed_dictionaries(
    {name: st.decimals(-(10**7), 10**7, places=2, allow_nan=False, allow_infinity=False) for name in NAMES}
)


def _expressions() -> st.SearchStrategy[str]:
    leaves = st.sampled_from([*NAMES, "12", "0.5", "1000"])
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner),
            st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, inner),
            st.builds("(-{})".format, inner),
        ),
        max_leaves=6,
    )


CONNECTION = duckdb.connect()


@given(_expressions(), FIGURES)
def test_sql_and_decimal_agree(text: str, figures: dict[str, Decimal]) -> None:
    expression = tolka(text)
    row = (
        CONNECTION.sql(
            "select cast(? as decimal(18, 2)) as a, cast(? as decimal(18, 2)) as b, cast(? as decimal(18, 2)) as c",
            params=[figures[name] for name in NAMES],
        )
        .project(expression.sql())
        .fetchone()
    )
    exact = expression.varde(figures)
    assert row is not None
    if exact is None or row[0] is None:
        # a divisor that is a rounding error in doubles may be exactly 0 in one of the two
        assume(exact is None and row[0] is None)
        return
    scale = max(abs(float(value)) for value in figures.values()) + 1
    assert float(exact) == pytest.approx(row[0], rel=1e-6, abs=1e-6 * scale**2)


@given(FIGURES, st.integers(-50, 50), st.integers(-50, 50), st.integers(-50, 50))
def test_true_figures_within_rounding_are_always_explained(
    figures: dict[str, Decimal], one: int, two: int, three: int
) -> None:
    half = {name: Decimal("0.5") for name in NAMES}
    hidden = {name: figures[name] + Decimal(step) / 100 for name, step in zip(NAMES, (one, two, three), strict=True)}
    for text in ("a * b - c", "a + b - c", "min(a, b) * c", "(a + 2 * b) * c"):
        low, high = tolka(text).spann(figures, half)
        value = tolka(text).varde(hidden)
        assert value is not None
        assert low <= value <= high


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=6), st.integers(1, 1000))
def test_one_unit_beyond_rounding_is_never_hidden(parts: list[int], extra: int) -> None:
    names = [f"d{index}" for index in range(len(parts))]
    expression = tolka(f"total - ({' + '.join(names)})")
    figures = {name: Decimal(part) for name, part in zip(names, parts, strict=True)}
    explained = (len(parts) + 1) / 2
    off = int(explained) + extra
    figures["total"] = Decimal(sum(parts) + off)
    half = {name: Decimal("0.5") for name in figures}
    low, _ = expression.spann(figures, half)
    assert low == Decimal(off) - Decimal(len(parts) + 1) / 2
    assert (low > 0) == (off > explained)


def test_a_divisor_that_may_be_zero_explains_everything() -> None:
    low, high = tolka("a / b").spann({"a": Decimal(5), "b": Decimal("0.4")}, {"a": Decimal(0), "b": Decimal("0.5")})
    assert (low, high) == (Decimal("-Infinity"), Decimal("Infinity"))
    assert tolka("a / b").varde({"a": Decimal(5), "b": Decimal(0)}) is None


@pytest.mark.parametrize(
    ("figure", "half"), [("844", "0.5"), ("25.8", "0.05"), ("5.98", "0.005"), ("9700", "0.5"), ("0", "0.5")]
)
def test_half_unit_follows_the_printed_decimals(figure: str, half: str) -> None:
    assert half_unit(Decimal(figure)) == Decimal(half)


@pytest.mark.parametrize("text", ["a ** 2", "open('x')", "a.b", "a if b else c", "[a]", "a +", "True", "'x'", "abs(a)"])
def test_anything_but_arithmetic_is_refused(text: str) -> None:
    with pytest.raises(UttrycksFel):
        tolka(text)


def test_names_are_the_figures_and_not_the_functions() -> None:
    assert tolka("min(a, 12 * b) / c").namn == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("203182000", "203 182 000"),
        ("-0.50", "−0,5"),
        ("1501.9667", "1 501,9667"),
        ("0.00001", "0"),
        ("-0.00001", "0"),
        ("100", "100"),
    ],
)
def test_figures_are_shown_in_swedish(value: str, text: str) -> None:
    assert visad(Decimal(value)).replace("\u00a0", " ") == text
