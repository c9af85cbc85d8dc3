"""Numbers, dates and months: every written form comes back as the value it was written from, and nothing is guessed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.contracts import load_contract
from pipelines.reading.tal import TALCELL, tolka_tal
from pipelines.reading.tider import FORSTA_AR, SISTA_AR, manadsnummer, tolka_ar, tolka_datum, tolka_manad
from pipelines.reading.values import Kalla, rensad, tolka_kolumn

BELOPP = st.decimals(min_value=-(10**12), max_value=10**12, places=2, allow_nan=False, allow_infinity=False)
DAGAR = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31))


def svensk(number: Decimal, blank: str, minus: str) -> str:
    whole, _, decimals = f"{abs(number):.2f}".partition(".")
    groups = f"{int(whole):,}".replace(",", blank)
    text = f"{groups},{decimals}"
    return (
        {"fore": f"-{text}", "bak": f"{text}-", "unicode": f"\u2212{text}", "parentes": f"({text})"}[minus]
        if number < 0
        else text
    )


@given(
    numbers=st.lists(BELOPP, min_size=1, max_size=20),
    blank=st.sampled_from(["", " ", "\u00a0", "\u202f", "\u2009", "."]),
    minus=st.sampled_from(["fore", "bak", "unicode", "parentes"]),
)
def test_every_swedish_way_of_writing_amounts(numbers: list[Decimal], blank: str, minus: str) -> None:
    found = tolka_tal(pl.Series([svensk(one, blank, minus) for one in numbers]))
    assert found.varden.to_list() == numbers and not found.blandad and not found.tvetydig


@given(numbers=st.lists(BELOPP, min_size=1, max_size=20))
def test_decimal_point_without_grouping(numbers: list[Decimal]) -> None:
    assert tolka_tal(pl.Series([f"{one:.2f}" for one in numbers])).varden.to_list() == numbers


@given(text=st.text(max_size=12))
def test_no_text_makes_the_parser_fall_or_read_what_is_not_digits(text: str) -> None:
    found = tolka_tal(pl.Series([text]))
    if found.varden[0] is not None:
        assert {one for one in text if one.isdigit()} <= set("0123456789") and any(one in "0123456789" for one in text)


@pytest.mark.parametrize("text", ["", "-", "--", "1,2,3", "1.2.3", "1 23", "12 34,5", "1e5", "0x10", "\u0663", "1_000", "5%", "kr 5", "+-5", "(5", "5)", "(-5)", "-5-", "1,", ",5"])  # fmt: skip
def test_what_is_no_number(text: str) -> None:
    assert tolka_tal(pl.Series([text])).varden[0] is None


def test_point_and_three_digits_is_decided_by_the_column_or_not_at_all() -> None:
    assert tolka_tal(pl.Series(["1.234"])).tvetydig
    assert tolka_tal(pl.Series(["1.234", "1.5"])).varden.to_list() == [Decimal("1.234"), Decimal("1.5")]
    assert tolka_tal(pl.Series(["1.234", "1.234.567"])).varden.to_list() == [Decimal(1234), Decimal(1234567)]


def test_a_workbooks_own_number_can_be_read_in_one_way_and_says_nothing_of_one_typed_as_text() -> None:
    own = f"120000.5{TALCELL}"
    text = pl.Series([own, "-1 200,50", "7", f"1.234{TALCELL}"])
    assert tolka_tal(text).varden.to_list() == [Decimal("120000.5"), Decimal("-1200.5"), Decimal(7), Decimal("1.234")]
    assert tolka_tal(pl.Series(["120000.5", "-1 200,50"])).blandad, "in a text file nobody knows"
    assert tolka_tal(pl.Series([own, "1.234"])).tvetydig, "1234 typed, or 1,234"


def test_english_thousands_of_millions_tell_what_a_single_comma_is() -> None:
    assert tolka_tal(pl.Series(["1,234,567", "1,234"])).varden.to_list() == [Decimal(1234567), Decimal(1234)]


@given(
    day=DAGAR,
    form=st.sampled_from(["%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%Y.%m.%d", "%Y-%m-%d 00:00:00", "%Y-%m-%dT13:45"]),
)
def test_year_first_dates(day: date, form: str) -> None:
    text = day.strftime(form)
    assert tolka_datum(pl.Series([text]))[0].to_list() == [day]


@given(day=DAGAR, separator=st.sampled_from(["/", ".", "-"]))
def test_day_first_dates_are_read_only_when_they_cannot_be_month_first(day: date, separator: str) -> None:
    text = f"{day.day}{separator}{day.month}{separator}{day.year}"
    values, reasons = tolka_datum(pl.Series([text]))
    if day.day > 12 or day.day == day.month:
        assert values.to_list() == [day]
    else:
        assert values.to_list() == [None] and reasons == {text: "tvetydigt"}


@given(day=st.dates(min_value=date(1904, 1, 2), max_value=date(2100, 12, 31)), bas=st.booleans())
@example(day=date(1909, 4, 1), bas=True)
@example(day=date(1905, 3, 15), bas=False)
def test_serial_days_of_both_systems(day: date, bas: bool) -> None:
    serial = (day - (date(1904, 1, 1) if bas else date(1899, 12, 30))).days
    a_year = FORSTA_AR <= serial <= SISTA_AR  # 1917 in a column of days is a year, not a day of 1905 or 1909
    values, reasons = tolka_datum(pl.Series([str(serial)]), serietal=True, bas_1904=bas)
    assert values.to_list() == [None if a_year else day]
    assert reasons == ({str(serial): "format"} if a_year else {})
    assert tolka_datum(pl.Series(["45717"]))[0].to_list() == [None]


@given(day=DAGAR)
def test_a_day_that_is_not_in_the_calendar_is_never_read(day: date) -> None:
    after = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    text = f"{day.year}-{day.month:02d}-{after.day + 1:02d}"
    assert tolka_datum(pl.Series([text]))[1] == {text: "omojligt"}


@given(year=st.integers(1900, 2100), month=st.integers(1, 12))
def test_every_way_of_writing_a_month(year: int, month: int) -> None:
    names = [
        "januari",
        "februari",
        "mars",
        "april",
        "maj",
        "juni",
        "juli",
        "augusti",
        "september",
        "oktober",
        "november",
        "december",
    ]
    name = names[month - 1]
    forms = [
        f"{year}-{month:02d}",
        f"{year}{month:02d}",
        f"{month:02d}/{year}",
        f"{name} {year}",
        f"{name.upper()} {year}",
        f"{name[:3]} {year}",
        f"{year}-{month:02d}-01",
    ]
    if year >= 2000 and year < 2100:
        forms.append(f"{name[:3]}-{year % 100:02d}")
    assert tolka_manad(pl.Series(forms)).to_list() == [date(year, month, 1)] * len(forms)


@pytest.mark.parametrize("text", ["2025-13", "202500", "2025", "ju 2025", "03", "3/4/2025", "mars", "13/2025"])
def test_what_is_no_month(text: str) -> None:
    assert tolka_manad(pl.Series([text])).to_list() == [None]


def test_ju_is_two_months_and_jun_is_one() -> None:
    assert (manadsnummer("ju"), manadsnummer("jun"), manadsnummer("Sept."), manadsnummer("may")) == (None, 6, 9, 5)


def test_years() -> None:
    assert tolka_ar(pl.Series(["2025", "25", "2025-01-01 00:00:00", "2025-03-01", "20250", "1066"])).to_list() == [
        2025,
        None,
        2025,
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ja", True),
        ("JA", True),
        ("1", True),
        ("x", True),
        ("nej", False),
        ("0", False),
        ("N", False),
        ("kanske", None),
    ],
)
def test_yes_and_no(text: str, value: bool | None) -> None:
    column = load_contract("placeringar").tabell("placeringar").kolumn("i_kommunen")
    found = tolka_kolumn(pl.Series([text]), column, Kalla())
    assert found.varden.to_list() == [value] and (found.felkod is not None) == (value is None)


@given(codes=st.lists(st.sampled_from(["hvb", " HVB ", "Familjehem", "SiS", "stödboende"]), min_size=1))
def test_codes_by_every_spelling_of_the_contract(codes: list[str]) -> None:
    column = load_contract("placeringar").tabell("placeringar").kolumn("form")
    found = tolka_kolumn(rensad(pl.Series(codes)), column, Kalla())
    assert found.felkod is None and set(found.varden.to_list()) <= set(column.varden)


def test_what_a_database_writes_for_nothing_is_nothing_and_a_word_is_a_word() -> None:
    cells = pl.Series("enhet", ["NULL", "null", " (null) ", "", "Nullan", None, "0"])
    assert rensad(cells).to_list() == [None, None, None, None, "Nullan", None, "0"]


@given(cells=st.lists(st.sampled_from([None, "5", "7", "x", "3,5", "900000"]), min_size=1, max_size=30))
def test_a_column_is_its_cells_one_by_one(cells: list[str | None]) -> None:
    """Working on distinct texts changes nothing: each cell is read as if it stood alone."""
    column = load_contract("forsorjningsstod").tabell("forsorjningsstod").kolumn("belopp_kr")
    whole = tolka_kolumn(pl.Series("b", cells, dtype=pl.String), column, Kalla())
    alone = [tolka_kolumn(pl.Series("b", [one], dtype=pl.String), column, Kalla()) for one in cells]
    assert whole.varden.to_list() == [one.varden[0] for one in alone]
    reasons = [None] * len(cells) if whole.felkod is None else whole.felkod.to_list()
    assert reasons == [None if one.felkod is None else one.felkod[0] for one in alone]
