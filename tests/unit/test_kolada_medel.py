"""Kolada's own unweighted means come out of the single municipalities' values, to the last printed digit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.contracts.model import load_contract
from pipelines.katalog.kommuner import kommuner, uppslag
from pipelines.kolada.medel import ovagt_medel
from pipelines.reading.leverans import read_delivery

KOMMUNER = kommuner({})
STHLM = {kod for kod, one in KOMMUNER.items() if one.lan_kod == "01"}


def test_a_missing_value_is_left_out_and_named_never_nought() -> None:
    values = {"0184": Decimal(10), "0126": None, "0140": None, "1080": Decimal(20)}
    mean = ovagt_medel(values, ["0184", "0126", "0140", "1080", "0330", "0163"], 1998)
    assert (mean.varde, mean.n, mean.helt) == (Decimal(15), 2, False)
    assert mean.saknade == {
        "0126": "Kolada har inget värde",
        "0140": "kommunen bildades 1999",
        "0163": "Kolada har ingen rad",
        "0330": "kommunen bildades 2003",
    }


def test_nobody_has_a_value() -> None:
    mean = ovagt_medel({}, ["0184"], 2020)
    assert mean.varde is None and mean.n == 0 and mean.tryckt(True) is None


@pytest.mark.parametrize(
    ("values", "kr", "tryckt"),
    [((1, 1, 2), True, "1.333333"), ((2, 2, 1), True, "1.666667"), ((2, 2, 1), False, "1.66666666")],
)
def test_amounts_are_rounded_and_shares_are_cut(values: tuple[int, ...], kr: bool, tryckt: str) -> None:
    rows = {f"{n:04d}": Decimal(one) for n, one in enumerate(values)}
    assert ovagt_medel(rows, rows, 2020).tryckt(kr) == Decimal(tryckt)


@given(st.lists(st.decimals(-1000, 1000, places=4), min_size=1, max_size=30), st.randoms())
def test_the_mean_is_within_its_members_and_knows_no_order(values: list[Decimal], slump: object) -> None:
    rows = {f"{n:04d}": one for n, one in enumerate(values)}
    mean = ovagt_medel(rows, rows, 2020).varde
    assert mean is not None and min(values) - Decimal("1e-20") <= mean <= max(values) + Decimal("1e-20")
    assert ovagt_medel(dict(reversed(rows.items())), sorted(rows, reverse=True), 2020).varde == mean


# --- the real exports ----------------------------------------------------------------------------------------------


def rader(shared: Path, monster: str) -> pl.DataFrame:
    (path,) = (shared / "data" / "real" / "kolada").glob(monster)
    read = read_delivery(
        path, load_contract("kolada"), pseudonymiserare=None, idag=date(2026, 11, 22), kommuner=uppslag(KOMMUNER)
    )
    (table,) = read.tabeller.values()
    assert table.avvisade == 0
    return table.rader


def ar_for_ar(rows: pl.DataFrame, medel: str, medlemmar: set[str]) -> Iterator[tuple[str, int, Decimal, object]]:
    """(title, year, mean as Kolada printed it, our Medel) for every printed mean."""
    for (title, year), part in rows.group_by("titel", "ar", maintain_order=True):
        printed = part.filter(pl.col("objekt_kod") == medel)["varde"].to_list()
        values = dict(part.filter(pl.col("objekt_typ") == "kommun").select("objekt_kod", "varde").iter_rows())
        if printed:
            yield str(title), int(str(year)), printed[0], ovagt_medel(values, medlemmar, int(str(year)))


@pytest.mark.real
def test_all_municipalities_mean_reproduces(shared: Path) -> None:
    rows = rader(shared, "bist*hypergene*.xls")
    found = {year: (printed, mean) for _, year, printed, mean in ar_for_ar(rows, "medel_alla_kommuner", set(KOMMUNER))}
    assert sorted(found) == [2009, 2010]
    for printed, mean in found.values():
        assert mean.tryckt(False) == printed
    assert found[2009][1].helt and found[2009][1].n == 290
    # 2010 Kolada had no row for the three largest cities; its mean is that of the other 287
    assert found[2010][1].saknade == dict.fromkeys(("0180", "1280", "1480"), "Kolada har ingen rad")


@pytest.mark.real
def test_stockholm_county_mean_reproduces_every_year_of_every_kpi(shared: Path) -> None:
    rows = rader(shared, "stockholms_lan*.csv")
    checked, whole, reasons = 0, 0, set()
    for title, year, printed, mean in ar_for_ar(rows, "medel_stockholms_lan", STHLM):
        assert mean.tryckt(", kr/inv" in title) == printed, (title, year)
        checked += 1
        whole += mean.helt
        if "kr/inv" in title:
            assert mean.helt or mean.saknade == {"0140": "kommunen bildades 1999"}, year
        reasons |= set(mean.saknade.values())
    assert checked == 51 and whole > 0
    assert reasons == {"kommunen bildades 1999", "Kolada har ingen rad"}
