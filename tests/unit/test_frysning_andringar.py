"""What counts as a change, and what is said to be its reason."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import TertialError
from pipelines.frysning import andringar, tillfalle, urval
from pipelines.frysning.jamforda import JAMFORDA
from pipelines.frysning.orsak import LEVERERADE, LEVERERAT, Lage, Orsakare
from pipelines.katalog.kommuner import kommuner
from pipelines.settings import Konfig

JULI = (date(2025, 7, 1), date(2025, 7, 31))
TABELLER = {"nyckeltal_eb_hushall": {"forsorjningsstod"}, "budgetuppfoljning": {"ekonomi"}}


def _lage(force: dict[tuple[str, str], str], modeller: str = "m1") -> Lage:
    return Lage(force, {one: f"{one}.csv" for one in force.values()}, modeller)


def _orsak(
    then: dict[tuple[str, str], str], now: dict[tuple[str, str], str], modeller: str = "m1"
) -> tuple[str, tuple[str, ...]]:
    found = Orsakare(_lage(then), _lage(now, modeller), TABELLER).leverans("nyckeltal_eb_hushall", *JULI, None)
    return found.slag, found.nya


def test_a_replaced_scope_is_a_corrected_delivery() -> None:
    assert _orsak({("forsorjningsstod", "2025-07"): "a"}, {("forsorjningsstod", "2025-07"): "b"}) == (
        "rattad_leverans",
        ("b",),
    )


def test_a_new_scope_is_a_late_delivery() -> None:
    assert _orsak({}, {("forsorjningsstod", "2025-07"): "b"}) == ("sen_leverans", ("b",))


def test_a_register_that_is_replaced_whole_concerns_every_period() -> None:
    assert _orsak({("forsorjningsstod", "hela"): "a"}, {("forsorjningsstod", "hela"): "b"})[0] == "rattad_leverans"


def test_a_delivery_of_another_table_or_of_a_later_month_is_not_the_reason() -> None:
    then = {("ekonomi", "2025|utfall"): "a", ("forsorjningsstod", "2025-08"): "c"}
    now = {("ekonomi", "2025|utfall"): "b", ("forsorjningsstod", "2025-08"): "d"}
    assert _orsak(then, now) == ("okand", ())
    assert _orsak(then, now, "m2") == ("berakning", ())


def test_of_several_changed_months_the_periods_own_is_the_reason_else_an_earlier_one() -> None:
    both = {("forsorjningsstod", "2025-07"): "b", ("forsorjningsstod", "2024-11"): "c"}
    assert _orsak({}, both) == ("sen_leverans", ("b",))
    assert _orsak({}, {("forsorjningsstod", "2024-11"): "c"}) == ("sen_leverans", ("c",))


def test_the_rows_own_delivery_narrows_it_down() -> None:
    now = {("forsorjningsstod", "2025-07"): "b", ("forsorjningsstod", "2025-06"): "c"}
    why = Orsakare(_lage({}), _lage(now), TABELLER)
    assert why.leverans("nyckeltal_eb_hushall", date(2025, 6, 1), date(2025, 7, 31), "c").nya == ("c",)


def _figures(values: list[float | None], status: list[str]) -> pl.DataFrame:
    count = len(values)
    return pl.DataFrame(
        {
            "nyckeltal_id": ["eb_hushall"] * count,
            "titel": ["Hushåll"] * count,
            "organisation": [f"Enhet {number}" for number in range(count)],
            "kon": ["T"] * count,
            "alder": ["totalt"] * count,
            "indelning": ["totalt"] * count,
            "indelning_varde": ["totalt"] * count,
            "period_start": [JULI[0]] * count,
            "period_slut": [JULI[1]] * count,
            "periodtyp": ["manad"] * count,
            "varde": pl.Series(values, dtype=pl.Float64),
            "status": status,
            "ursprung": ["egen_berakning"] * count,
            "leverans_id": pl.Series([None] * count, dtype=pl.String),
        }
    )


VARDEN = st.lists(st.one_of(st.none(), st.integers(0, 10**9).map(float)), min_size=1, max_size=8)


@given(VARDEN, st.data())
def test_every_difference_is_listed_once_and_nothing_else(values: list[float | None], data: st.DataObject) -> None:
    other = data.draw(
        st.lists(st.one_of(st.none(), st.integers(0, 10**9).map(float)), min_size=len(values), max_size=len(values))
    )

    def status(one: list[float | None]) -> list[str]:
        return ["undertryckt" if value is None else "ok" for value in one]

    rows = list(
        andringar._skillnader(JAMFORDA["nyckeltal"], _figures(values, status(values)), _figures(other, status(other)))
    )
    expected = {
        f"Enhet {number}": (old, new) for number, (old, new) in enumerate(zip(values, other, strict=True)) if old != new
    }
    assert {row["organisation"]: (row["gammalt_varde"], row["nytt_varde"]) for row in rows} == expected
    for row in rows:
        shown = None not in (row["gammalt_varde"], row["nytt_varde"])
        assert row["differens"] == (row["nytt_varde"] - row["gammalt_varde"] if shown else None)


def test_the_last_bit_of_a_sum_is_no_change() -> None:
    old, new = _figures([0.1 + 0.2], ["ok"]), _figures([0.3], ["ok"])
    assert list(andringar._skillnader(JAMFORDA["nyckeltal"], old, new)) == []


def test_a_figure_that_is_hidden_now_is_told_without_its_value() -> None:
    (row,) = andringar._skillnader(JAMFORDA["nyckeltal"], _figures([9.0], ["ok"]), _figures([None], ["undertryckt"]))
    assert (row["nytt_varde"], row["differens"], row["ny_status"]) == (None, None, "undertryckt")
    why = Orsakare(_lage({}), _lage({}), {})
    assert andringar._orsak(row, why, "nyckeltal", ny_metod=False).slag == "undertryckning"
    assert andringar._orsak({**row, "ny_status": "ok"}, why, "nyckeltal", ny_metod=True).slag == "definition"


def test_a_figure_left_out_though_nothing_it_is_made_of_differs_is_disclosure_control() -> None:
    """A pattern that is given up takes its rows away; a figure that stays and differs is still unexplained."""
    row = {
        "gammal_status": "ok",
        "ny_status": "utgått",
        "period_start": date(2025, 1, 1),
        "period_slut": date(2025, 8, 31),
        "_leverans": None,
    }
    same = Orsakare(_lage({}), _lage({}), {"nyckeltal": ["placeringar"]})
    assert andringar._orsak(row, same, "nyckeltal", ny_metod=False).slag == "undertryckning"
    assert (
        andringar._orsak(
            row | {"gammal_status": "fanns inte", "ny_status": "ok"}, same, "nyckeltal", ny_metod=False
        ).slag
        == "undertryckning"
    )
    assert andringar._orsak(row | {"ny_status": "ok"}, same, "nyckeltal", ny_metod=False).slag == "okand"
    rebuilt = Orsakare(_lage({}), _lage({}, "m2"), {"nyckeltal": ["placeringar"]})
    assert andringar._orsak(row, rebuilt, "nyckeltal", ny_metod=False).slag == "berakning"


def _goal(utfall: float | None, bedomning: str, leverans: str, period: str | None = "ack") -> pl.DataFrame:
    return pl.DataFrame(
        {
            "mal_id": ["1"], "effektmal": ["E"], "ar": [2025], "tillfalle": ["delar2"], "matt_nyckel": ["eb_hushall"],
            "tillfalle_slut": [date(2025, 8, 31)], "periodtyp": pl.Series([period], dtype=pl.String), "utfall": pl.Series([utfall], dtype=pl.Float64),
            "bedomning_matt": [bedomning], "leverans_id": [leverans],
        }
    )  # fmt: skip


def test_a_goals_figure_is_changed_by_what_it_is_made_of_and_its_rating_by_the_register() -> None:
    """A new register of goals and a corrected month at once: each change has its own delivery."""
    scopes = {("mal", "2025"): "m1", ("forsorjningsstod", "2025-07"): "f1"}
    why = Orsakare(
        _lage(scopes),
        _lage({("mal", "2025"): "m2", ("forsorjningsstod", "2025-07"): "f2"}),
        {**TABELLER, "effektmal_uppfoljning": frozenset({"mal", "forsorjningsstod"})},
    )
    how = JAMFORDA["effektmal_uppfoljning"]
    for now, model, delivery in (
        (_goal(8.0, "helt uppfyllt", "m2"), "nyckeltal_eb_hushall", "f2"),
        (_goal(9.0, "ej uppfyllt", "m2"), "effektmal_uppfoljning", "m2"),
    ):
        (row,) = andringar._skillnader(how, _goal(9.0, "helt uppfyllt", "m1"), now)
        assert row["_figur"] == ("eb_hushall" if delivery == "f2" else "1")
        assert andringar._orsak(row, why, model, ny_metod=False).nya == (delivery,)


def test_a_delivered_figure_is_put_on_its_own_delivery_though_we_count_one_by_the_same_name() -> None:
    """Both the register that our model counts from and the municipality's own table have changed."""
    then = {("forsorjningsstod", "2025-07"): "f1", ("matt", "Plan"): "p1"}
    why = Orsakare(
        _lage(then),
        _lage({("forsorjningsstod", "2025-07"): "f2", ("matt", "Plan"): "p2", ("matt", "Ny"): "n"}),
        {**TABELLER, "verksamhetsmatt": frozenset({"forsorjningsstod", "matt"}), LEVERERAT: LEVERERADE},
    )
    row = {"gammal_status": "ok", "ny_status": "ok", "period_start": JULI[0], "period_slut": JULI[1], "_leverans": "p2"}
    found = andringar._orsak(row, why, "verksamhetsmatt", ny_metod=False, levererad=True)
    assert (found.slag, found.nya, found.ersatta) == ("rattad_leverans", ("p2",), ("p1",))
    gone = row | {"ny_status": "utgått", "_leverans": "p1"}
    assert andringar._orsak(gone, why, "verksamhetsmatt", ny_metod=False, levererad=True).ersatta == ("p1",)
    new = row | {"gammal_status": "fanns inte", "_leverans": "n"}
    found = andringar._orsak(new, why, "verksamhetsmatt", ny_metod=False, levererad=True)
    assert (found.slag, found.nya) == ("sen_leverans", ("n",))


def test_a_goals_delivered_figure_is_no_disclosure_control() -> None:
    """The goal's measure is one that we count from a register, but here the municipality has delivered the figure."""
    why = Orsakare(_lage({}), _lage({("matt", "Volymer"): "v"}), {**TABELLER, LEVERERAT: LEVERERADE})
    (row,) = andringar._skillnader(
        JAMFORDA["effektmal_uppfoljning"], _goal(None, "kan ej utvärderas", "m", None), _goal(8.0, "helt uppfyllt", "m")
    )
    assert (row["gammal_status"], row["ny_status"]) == ("kan ej utvärderas", "helt uppfyllt")
    found = andringar._orsak(row, why, "nyckeltal_eb_hushall", ny_metod=False, levererad=True)
    assert (found.slag, found.nya) == ("sen_leverans", ("v",))
    assert andringar._orsak(row, why, "nyckeltal_eb_hushall", ny_metod=False).slag == "okand"


def test_a_row_that_is_new_or_gone_is_a_change() -> None:
    one, two = _figures([1.0], ["ok"]), _figures([1.0, 2.0], ["ok", "ok"])
    assert [row["gammal_status"] for row in andringar._skillnader(JAMFORDA["nyckeltal"], one, two)] == ["fanns inte"]
    assert [row["ny_status"] for row in andringar._skillnader(JAMFORDA["nyckeltal"], two, one)] == ["utgått"]


KONFIG = Konfig({"tillfallen": {"standard": {"delar2": "08-31", "bokslut": "12-31"}}})
SOLNA = kommuner({})["0184"]


@pytest.mark.parametrize(
    ("namn", "idag", "ar"),
    [("delar2", date(2025, 8, 30), 2024), ("delar2", date(2025, 8, 31), 2025), ("bokslut", date(2025, 9, 1), 2024)],
)
def test_without_a_year_the_latest_occasion_that_is_over_is_meant(namn: str, idag: date, ar: int) -> None:
    assert tillfalle.valj(KONFIG, SOLNA, namn, None, idag).ar == ar


def test_an_occasion_outside_the_calendar_or_not_over_is_refused_with_what_there_is() -> None:
    with pytest.raises(TertialError, match="finns inte i kalendern för Solna") as refused:
        tillfalle.valj(KONFIG, SOLNA, "delar7", None, date(2025, 9, 1))
    assert "delar2 (till 31 augusti)" in refused.value.atgard
    with pytest.raises(TertialError, match="inte slut förrän 2025-12-31"):
        tillfalle.valj(KONFIG, SOLNA, "bokslut", 2025, date(2025, 9, 1))
    with pytest.raises(TertialError, match="är okänd"):
        tillfalle.kommun("Grönköping", kommuner({}))
    broken = Konfig({"tillfallen": {"standard": {"delar2": "31 augusti"}}})
    with pytest.raises(TertialError, match="är inte en dag"):
        tillfalle.valj(broken, SOLNA, "delar2", None, date(2025, 9, 1))


def test_plans_stay_and_later_outcomes_do_not() -> None:
    occasion = tillfalle.Tillfalle("0184", "Solna", "delar2", 2025, date(2025, 8, 31))
    frame = pl.DataFrame(
        {
            "kommun_kod": ["0184", "0184", "0184", "0184", "0126"],
            "ar": [2025, 2025, 2025, 2024, 2025],
            "manad": [8, 9, None, None, 8],
            "version": ["utfall", "utfall", "budget", "utfall", "utfall"],
        }
    )
    kept = urval.rader("budgetuppfoljning", frame, occasion)
    assert kept.select("ar", "manad", "version").rows() == [
        (2025, 8, "utfall"),
        (2025, None, "budget"),
        (2024, None, "utfall"),
    ]


def test_deliveries_of_the_whole_country_belong_to_everybody() -> None:
    occasion = tillfalle.Tillfalle("0184", "Solna", "delar2", 2025, date(2025, 8, 31))
    frame = pl.DataFrame(
        {"kommun_kod": ["0184", "0000", None, "0126"], "mottagen": [datetime(2025, 1, 1, tzinfo=UTC)] * 4}
    )
    assert urval.rader("leveranser", frame, occasion)["kommun_kod"].to_list() == ["0184", "0000", None]
