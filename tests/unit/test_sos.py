"""Socialstyrelsen's layout of ekonomiskt bistånd becomes our own columns by stated rules."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.contracts import load_contract
from pipelines.sources.forsorjningsstod.sos import FALT, till_kontrakt


def rows(*cases: dict[str, str | None]) -> pl.DataFrame:
    base: dict[str, str | None] = dict.fromkeys(FALT) | {
        "Ar": "2016", "Manad": "3", "Kommun": "9998", "Barn15": "0", "Sbel": "9135", "Personnr1": "19800101TF01", "Kon1": "M",
    }  # fmt: skip
    filled = [base | case for case in cases]
    return pl.DataFrame(
        {name: [one[name] for one in filled] for name in FALT}, schema=dict.fromkeys(FALT, pl.String)
    ).with_row_index("rad", 1)


@pytest.mark.parametrize(
    ("case", "typ", "vuxna", "barn"),
    [
        ({"Kon1": "M"}, "3", "1", "0"),
        ({"Kon1": "M", "Barn15": "2"}, "4", "1", "2"),
        ({"Kon1": "K"}, "5", "1", "0"),
        ({"Kon1": "K", "Barn15": "1"}, "6", "1", "1"),
        ({"Personnr2": "19810101TF02", "Kon2": "K"}, "7", "2", "0"),
        ({"Personnr2": "19810101TF02", "Kon2": "K", "Barn15": "3"}, "8", "2", "3"),
        ({"Kon1": None}, "9", "1", "0"),  # sex not stated: cannot be told
        ({"Kon1": "7"}, "9", "1", "0"),  # not a sex: the reader refuses the cell, the type is not guessed
        ({"Kon1": "K", "Personnr3": "20000101TF03"}, "6", "1", "1"),  # a child of 16 at home, not in Barn15
        ({"Barn15": None}, "3", "1", "0"),
        ({"Barn15": "två"}, "9", "1", "två"),  # kept as written for the reader to refuse
        ({"Personnr1": "20000101TF01"}, "1", "0", "1"),  # 16 years: children only
        ({"Personnr1": "20060101TF01", "Barn15": "2"}, "1", "0", "2"),  # 10 years: stands among Barn15 already
        ({"Personnr1": "19980101TF01"}, "3", "1", "0"),  # turns 18 during the year: an adult
        ({"Personnr1": "20000101TF01", "Personnr2": "19810101TF02"}, "7", "2", "0"),
    ],
)
def test_household_type_and_members_follow_from_the_composition(
    case: dict[str, str | None], typ: str, vuxna: str, barn: str
) -> None:
    out = till_kontrakt(rows(case))
    assert out.select("hushallstyp", "vuxna", "barn").row(0) == (typ, vuxna, barn)


def test_month_household_and_birth_dates() -> None:
    out = till_kontrakt(rows({"Personnr1": "198001610000", "Personnr2": "19811231TF02"}))
    assert out["manad"].to_list() == ["2016-03"]
    assert out["hushall"].to_list() == out["sokande"].to_list() == ["198001610000"]
    assert out["sokande_fodelsedatum"].to_list() == ["1980-01-01"]  # samordningsnummer: day less 60
    assert out["medsokande_fodelsedatum"].to_list() == ["1981-12-31"]


def test_a_missing_month_stays_missing() -> None:
    assert till_kontrakt(rows({"Manad": " "}))["manad"].to_list() == [None]


def test_positions_after_the_eighteenth_may_be_absent() -> None:
    assert till_kontrakt(rows({}).drop("Personnr3"))["hushallstyp"].to_list() == ["3"]


@given(
    st.lists(
        st.dictionaries(st.sampled_from(FALT), st.one_of(st.none(), st.text("0129 -TFå\t", max_size=13))),
        min_size=1,
        max_size=8,
    )
)
def test_any_text_gives_one_row_per_row_in_order(cases: list[dict[str, str | None]]) -> None:
    out = till_kontrakt(rows(*cases))
    assert out["rad"].to_list() == list(range(1, len(cases) + 1))
    assert out["vuxna"].is_in(["0", "1", "2"]).all()


def test_the_rule_and_the_contract_name_the_same_fields_and_columns() -> None:
    tabell = load_contract("forsorjningsstod").tabell("forsorjningsstod")
    (layout,) = tabell.positioner
    assert layout.regel == f"{till_kontrakt.__module__}:{till_kontrakt.__name__}"
    assert tuple(one.namn for one in layout.falt if one.las) == FALT
    assert layout.falt[10].varden == {"1": "M", "2": "K"}
    out = till_kontrakt(rows({})).columns
    assert set(out) - {"rad"} <= {one.namn for one in tabell.kolumner}
    assert {one.namn for one in tabell.kolumner if one.obligatorisk} <= set(out)
