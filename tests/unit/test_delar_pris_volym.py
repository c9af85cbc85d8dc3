"""Price and volume: the effects are the formulas of domain.md section 2 and sum to the change, always, to the öre."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.egenskaper import exempel
from tests.unit.delar_sql import kor, lager

pytestmark = pytest.mark.slow

SCHEMA = {
    "kommun_kod": pl.String, "kostnadsslag": pl.String, "kalla": pl.String, "del": pl.String, "ar": pl.Int32,
    "manad": pl.Int32, "version": pl.String, "volymenhet": pl.String, "volym": pl.Float64,
    "kostnad_kr": pl.Decimal(18, 2), "n": pl.Int64,
}  # fmt: skip
KOMMUNER = pl.DataFrame({"kommun_kod": ["0000"], "kommun": ["Provby"]})
EFFEKTER = ("volymeffekt_kr", "mixeffekt_kr", "priseffekt_kr", "ofordelat_kr")
Del = tuple[float, str]


def rad(del_: str, version: str, ar: int, volym: float, kostnad: str, **annat: Any) -> dict[str, Any]:
    """One row of int_analys__underlag."""
    return {
        "kommun_kod": "0000", "kostnadsslag": "vård", "kalla": "tryckta_matt", "del": del_, "ar": ar, "manad": 12,
        "version": version, "volymenhet": "dygn", "volym": volym, "kostnad_kr": Decimal(kostnad), "n": 30, **annat,
    }  # fmt: skip


def pris_volym(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The mart's rows."""
    connection = lager(
        {
            "intermediate.int_analys__underlag": pl.DataFrame(rows, schema=SCHEMA, orient="row"),
            "staging.stg_register__kommuner": KOMMUNER,
        }
    )
    kor(connection, ["intermediate.int_analys__effekter", "marts.pris_volym"])
    return connection.sql("select * from marts.pris_volym order by del").pl().to_dicts()


def effekter(row: dict[str, Any]) -> tuple[float, ...]:
    """volym, mix, pris, ofördelat."""
    return tuple(float(row[name]) for name in EFFEKTER)


def test_one_volume_is_the_textbook() -> None:
    """100 days at 1 000 kr were budgeted, 120 at 900 came: volume +20 000, price -12 000."""
    [row] = pris_volym([rad("hvb", "budget", 2025, 100, "100000"), rad("hvb", "utfall", 2025, 120, "108000")])
    assert effekter(row) == (20_000, 0, -12_000, 0)
    assert (row["bas_pris_kr"], row["pris_kr"], row["jamforelse"]) == (1000, 900, "budget")


def test_days_that_move_to_a_dearer_form_are_mix() -> None:
    """Same days, same prices, half of them moved from 700 to 3 700 kr: all of it is mix."""
    rows = [
        rad("familjehem", "utfall", 2024, 100, "70000"), rad("hvb", "utfall", 2024, 100, "370000"),
        rad("familjehem", "utfall", 2025, 50, "35000"), rad("hvb", "utfall", 2025, 150, "555000"),
    ]  # fmt: skip
    totalt = next(row for row in pris_volym(rows) if row["del"] == "totalt")
    assert effekter(totalt) == (0, 150_000, 0, 0)


def test_cost_without_volume_is_said_not_hidden() -> None:
    """An invoice for a form without days has no price; a form that is new is volume at its own price."""
    rows = [
        rad("gammal", "utfall", 2024, 10, "1000"), rad("gammal", "utfall", 2025, 0, "77.50"),
        rad("ny", "utfall", 2025, 10, "2000"),
    ]  # fmt: skip
    efter_del = {row["del"]: effekter(row) for row in pris_volym(rows)}
    assert efter_del["gammal"] == (0, -1000, 0, 77.5)
    assert efter_del["ny"] == (0, 2000, 0, 0)
    assert efter_del["totalt"] == (0, 1000, 0, 77.5)


def test_karlskrona_2012_against_2011_by_hand() -> None:
    """Karlskrona 2013, verksamhetsmått: vårddygn and kostnad per vårddygn, utfall 2011 and prognos 2012."""
    tryckt = {  # form: (dygn 2011, kr 2011, dygn 2012, kr 2012)
        "familjehem": (14152, 672, 15700, 705), "externt": (3840, 3824, 8600, 3472), "internt": (2460, 2652, 1700, 4087),
    }  # fmt: skip
    rows = []
    for form, (dygn0, pris0, dygn1, pris1) in tryckt.items():
        rows.append(rad(form, "utfall", 2011, dygn0, str(dygn0 * pris0)))
        rows.append(rad(form, "prognos", 2012, dygn1, str(dygn1 * pris1)))
    efter_del = {row["del"]: row for row in pris_volym(rows)}
    for form, (dygn0, pris0, dygn1, pris1) in tryckt.items():
        volym, mix, pris, rest = effekter(efter_del[form])
        assert round(volym + mix, 2) == (dygn1 - dygn0) * pris0
        assert (pris, rest) == ((pris1 - pris0) * dygn1, 0)
    totalt = efter_del["totalt"]
    assert float(totalt["forandring_kr"]) == 17_157_376
    assert effekter(totalt)[2] == -69_600
    ren_volym = (26000 - 20452) / 20452 * 30_718_224
    assert effekter(totalt)[0] == pytest.approx(ren_volym, abs=0.02), "each part's share is rounded by itself"


kronor = st.decimals(0, 10**9, places=2).map(str)
delar = st.dictionaries(
    st.sampled_from("abcdef"),
    st.tuples(st.integers(0, 50_000), kronor, st.integers(0, 50_000), kronor),
    min_size=1,
)


@given(delar, st.sampled_from(["budget", "foregaende_ar"]))
@settings(max_examples=exempel(60))
def test_effects_sum_exactly(fall: dict[str, tuple[int, str, int, str]], jamforelse: str) -> None:
    """Whatever the figures (no days, no cost, new or ended forms), nothing is lost and nothing is added."""
    bas = ("budget", 2025) if jamforelse == "budget" else ("utfall", 2024)
    rows = []
    for form, (v0, k0, v1, k1) in fall.items():
        rows += [rad(form, *bas, v0, k0), rad(form, "utfall", 2025, v1, k1)]
    out = pris_volym(rows)
    totalt = [row for row in out if row["del"] == "totalt"]
    assert len(totalt) == 1
    for row in out:
        assert sum((row[name] for name in EFFEKTER), Decimal(0)) == row["forandring_kr"]
        assert row["forandring_kr"] == row["kostnad_kr"] - row["bas_kostnad_kr"]
    assert totalt[0]["forandring_kr"] == sum(Decimal(k1) - Decimal(k0) for _, k0, _, k1 in fall.values())
    parts = [row for row in out if row["del"] != "totalt"]
    for name in EFFEKTER if parts else ():
        assert sum(row[name] for row in parts) == totalt[0][name]
    for form, (v0, k0, v1, k1) in fall.items():
        if v0 and v1 and parts:
            row = next(one for one in parts if one["del"] == form)
            exakt = Decimal(k0) * (v1 - v0) / v0
            assert abs(row["volymeffekt_kr"] + row["mixeffekt_kr"] - exakt) <= Decimal("0.01")
            assert abs(row["priseffekt_kr"] - (Decimal(k1) - Decimal(k0) / v0 * v1)) <= Decimal("0.01")
