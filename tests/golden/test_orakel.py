"""Every count of persons, days and cases in every cell, against a count by hand of the same rows.

The oracle is slow and obvious: it walks rows and days in Python and knows nothing of spells, cumulative sums or
grouping. It reads the small lake of `lake_fixture`; the warehouse is built by dbt for real.
"""

from __future__ import annotations

import os
import subprocess
import sys
from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.settings import DBT_DIR
from tests.golden.lake_fixture import SISTA, Row, bygg

pytestmark = pytest.mark.slow

Cell = dict[str, Any]
COLUMNS = [
    "kommun_kod",
    "kon",
    "organisation",
    "alder",
    "indelning",
    "indelning_varde",
    "period_start",
    "period_slut",
    "taljare",
    "namnare",
]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bygg(tmp_path_factory.mktemp("orakel") / "lake")


@pytest.fixture(scope="module")
def cells(lake: Path) -> Callable[[str], list[Cell]]:
    lager, target = lake.parent / "lager.duckdb", lake.parent / "target"
    environment = {
        **os.environ,
        "TERTIAL_LAKE": str(lake),
        "TERTIAL_LAGER": str(lager),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    dbt = Path(sys.executable).with_name("dbt")
    places = ["--project-dir", DBT_DIR, "--profiles-dir", DBT_DIR, "--target-path", target, "--log-path", target]
    selected = ["--select", "+int_nyckeltal__alla", "stg_register__katalog", "--exclude-resource-type", "unit_test"]
    done = subprocess.run(
        [dbt, "build", *selected, *places], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]
    connection = duckdb.connect(str(lager), read_only=True)
    sql = f"select {', '.join(COLUMNS)} from intermediate.int_nyckeltal__alla where nyckeltal_id = ?"  # noqa: S608

    def of(nyckeltal_id: str) -> list[Cell]:
        found = [dict(zip(COLUMNS, row, strict=True)) for row in connection.execute(sql, [nyckeltal_id]).fetchall()]
        assert len(found) > 8, f"{nyckeltal_id}: too few cells to say anything"
        return found

    return of


def _rows(lake: Path, tabell: str) -> list[Row]:
    return pl.read_parquet(f"{lake}/{tabell}/*.parquet").to_dicts()


def _in_band(age: int, band: str) -> bool:
    if band == "totalt":
        return True
    low, high = band.split("-")
    return int(low) <= age <= (int(high) if high else 999)


def _of_cell(rows: Iterable[Row], cell: Cell) -> list[Row]:
    """The rows that belong to the cell's municipality, kön, age, unit and dimension."""
    return [
        row
        for row in rows
        if row["kommun_kod"] == cell["kommun_kod"]
        and cell["kon"] in ("T", row["kon"])
        and cell["organisation"] in ("Totalt", row["enhet"])
        and (cell["indelning"] == "totalt" or row[cell["indelning"]] == cell["indelning_varde"])
        and _in_band(cell["period_slut"].year - row["fodelsear"], cell["alder"])
    ]


def _meets(row: Row, cell: Cell) -> bool:
    return row["start"] <= cell["period_slut"] and (row["slut"] is None or row["slut"] >= cell["period_start"])


def _days(row: Row, cell: Cell) -> set[tuple[str, date]]:
    first, last = max(row["start"], cell["period_start"]), min(row["slut"] or SISTA, cell["period_slut"])
    return {(row["person_id"], first + timedelta(days=n)) for n in range((last - first).days + 1)}


def _with_place(rows: list[Row]) -> list[Row]:
    names = {True: "i_kommunen", False: "utanfor_kommunen", None: "okand"}
    return [{**row, "plats": names[row["i_kommunen"]]} for row in rows]


def test_placements(lake: Path, cells: Callable[[str], list[Cell]]) -> None:
    rows = _with_place(_rows(lake, "placeringar"))
    counts: dict[str, Callable[[list[Row], Cell], int]] = {
        "plac_personer": lambda found, _: len({row["person_id"] for row in found}),
        "plac_vardygn": lambda found, cell: len(set().union(*(_days(row, cell) for row in found))),
        "plac_pagaende": lambda found, cell: len(
            {row["person_id"] for row in found if row["slut"] is None or row["slut"] > cell["period_slut"]}
        ),
    }
    for nyckeltal_id, count in counts.items():
        for cell in cells(nyckeltal_id):
            found = [row for row in _of_cell(rows, cell) if _meets(row, cell)]
            assert cell["taljare"] == count(found, cell), (nyckeltal_id, cell)


def test_open_care(lake: Path, cells: Callable[[str], list[Cell]]) -> None:
    rows = _rows(lake, "insatser")
    for cell in cells("opp_personer"):
        assert cell["taljare"] == len({row["person_id"] for row in _of_cell(rows, cell) if _meets(row, cell)}), cell
    for cell in cells("opp_insatser"):
        assert cell["taljare"] == sum(_meets(row, cell) for row in _of_cell(rows, cell)), cell


def test_cases(lake: Path, cells: Callable[[str], list[Cell]]) -> None:
    rows = _rows(lake, "utredningar")

    def within(day: date | None, cell: Cell) -> bool:
        return day is not None and cell["period_start"] <= day <= cell["period_slut"]

    counts: dict[str, Callable[[Row, Cell], bool]] = {
        "utr_inkomna": lambda row, cell: within(row["inkom"], cell),
        "utr_inledda": lambda row, cell: within(row["inledd"], cell),
        "utr_avslutade": lambda row, cell: row["inledd"] is not None and within(row["avslutad"], cell),
        "utr_pagaende": lambda row, cell: (
            row["inledd"] is not None
            and row["inledd"] <= cell["period_slut"]
            and (row["avslutad"] is None or row["avslutad"] > cell["period_slut"])
        ),
    }
    for nyckeltal_id, counted in counts.items():
        for cell in cells(nyckeltal_id):
            assert cell["taljare"] == sum(counted(row, cell) for row in _of_cell(rows, cell)), (nyckeltal_id, cell)


def test_households_and_adults(lake: Path, cells: Callable[[str], list[Cell]]) -> None:
    rows = _rows(lake, "forsorjningsstod")

    def of_period(cell: Cell) -> list[Row]:
        first, last = cell["period_start"], cell["period_slut"]
        return [row for row in rows if row["kommun_kod"] == cell["kommun_kod"] and first <= row["manad"] <= last]

    def whole(nyckeltal_id: str) -> list[Cell]:
        return [one for one in cells(nyckeltal_id) if (one["organisation"], one["indelning"]) == ("Totalt", "totalt")]

    for cell in whole("eb_hushall"):
        assert cell["taljare"] == len({row["hushall_id"] for row in of_period(cell)}), cell
    for cell in whole("eb_bistandsmanader"):
        assert cell["taljare"] == len(of_period(cell)), cell
    for cell in whole("eb_belopp"):
        assert cell["taljare"] == float(sum(row["belopp_kr"] for row in of_period(cell))), cell
    for cell in whole("eb_vuxna"):
        ages = {
            row[f"{who}_id"]: (row[f"{who}_kon"], cell["period_slut"].year - row[f"{who}_fodelsear"])
            for row in of_period(cell)
            for who in ("sokande", "medsokande")
            if row[f"{who}_id"] is not None
        }
        adults = [kon for kon, age in ages.values() if age >= 18 and _in_band(age, cell["alder"])]
        assert cell["taljare"] == sum(cell["kon"] in ("T", kon) for kon in adults), cell


def _sums(cell: Cell) -> tuple[float | None, float | None]:
    return cell["taljare"], cell["namnare"]


def _months_later(day: date, months: int) -> date:
    """The same day that many months later, or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def test_ended_placements_and_prices(lake: Path, cells: Callable[[str], list[Cell]]) -> None:
    rows = _with_place(_rows(lake, "placeringar"))
    for cell in cells("plac_medelvardtid"):
        ended = [
            row
            for row in _of_cell(rows, cell)
            if row["slut"] and cell["period_start"] <= row["slut"] <= cell["period_slut"]
        ]
        assert _sums(cell) == (sum((row["slut"] - row["start"]).days + 1 for row in ended), len(ended)), cell
    for cell in cells("plac_kostnad_per_vardygn"):
        priced = [row for row in _of_cell(rows, cell) if _meets(row, cell) and row["dygnskostnad_kr"] is not None]
        days = [(row["dygnskostnad_kr"], len(_days(row, cell))) for row in priced]
        assert _sums(cell) == (float(sum(price * n for price, n in days)), sum(n for _, n in days)), cell


def test_the_two_clocks(lake: Path, cells: Callable[[str], list[Cell]]) -> None:
    rows = [row for row in _rows(lake, "utredningar") if row["slag"] == "barn_unga"]

    def already_open(case: Row) -> bool:
        return any(
            other["person_id"] == case["person_id"]
            and other["inledd"] is not None
            and other["inledd"] < case["inkom"] <= (other["avslutad"] or SISTA)
            for other in rows
        )

    assessed = [
        {**row, "klar": row["forhandsbedomning_klar"] or row["inledd"] or row["avslutad"]}
        for row in rows
        if row["inkomstsatt"] != "ansokan" and not already_open(row)
    ]
    for cell in cells("utr_fb_inom_14_dagar"):
        done = [
            row
            for row in _of_cell(assessed, cell)
            if row["klar"] and cell["period_start"] <= row["klar"] <= cell["period_slut"]
        ]
        assert _sums(cell) == (sum(row["klar"] <= row["inkom"] + timedelta(days=14) for row in done), len(done)), cell
    opened = [{**row, "frist": _months_later(row["inledd"], 4)} for row in rows if row["inledd"]]
    for cell in cells("utr_inom_4_manader"):
        closed = [
            row
            for row in _of_cell(opened, cell)
            if row["avslutad"] and cell["period_start"] <= row["avslutad"] <= cell["period_slut"]
        ]
        assert _sums(cell) == (sum(row["avslutad"] <= row["frist"] for row in closed), len(closed)), cell
    for cell in cells("utr_forsenade"):
        late = [
            row
            for row in _of_cell(opened, cell)
            if max(row["frist"], row["forlangd_till"] or row["frist"]) <= cell["period_slut"]
            and row["inledd"] <= cell["period_slut"]
            and (row["avslutad"] is None or row["avslutad"] > cell["period_slut"])
        ]
        assert cell["taljare"] == len(late), cell


def test_long_aid_and_aid_that_does_not_come_back(lake: Path, cells: Callable[[str], list[Cell]]) -> None:
    adults: dict[tuple[str, str, str, int], set[int]] = {}
    for row in _rows(lake, "forsorjningsstod"):
        for who in ("sokande", "medsokande"):
            if row[f"{who}_id"] is not None:
                person = (row["kommun_kod"], row[f"{who}_id"], row[f"{who}_kon"], row[f"{who}_fodelsear"])
                adults.setdefault(person, set()).add(row["manad"].year * 12 + row["manad"].month)

    def of(cell: Cell, year: int) -> list[set[int]]:
        return [
            months
            for (kommun_kod, _, kon, fodelsear), months in adults.items()
            if kommun_kod == cell["kommun_kod"] and cell["kon"] in ("T", kon) and year - fodelsear >= 18
        ]

    def chained(months: set[int]) -> int:
        """Most months in a chain whose breaks are two months at most."""
        best = length = 0
        for month in sorted(months):
            length = length + 1 if months & {month - 1, month - 2, month - 3} else 1
            best = max(best, length)
        return best

    for nyckeltal_id, first, counted in (
        ("eb_langvarigt_andel", 11, lambda months: len(months) >= 10),
        ("eb_mycket_langvarigt_andel", 35, lambda months: chained(months) >= 27),
    ):
        for cell in (one for one in cells(nyckeltal_id) if one["indelning"] == "totalt"):
            last = cell["period_slut"].year * 12 + cell["period_slut"].month
            year, window = set(range(last - 11, last + 1)), set(range(last - first, last + 1))
            with_aid = [months for months in of(cell, cell["period_slut"].year) if months & year]
            assert _sums(cell) == (sum(counted(months & window) for months in with_aid), len(with_aid)), cell
    for cell in cells("eb_ej_ateraktualiserade"):
        january = (cell["period_slut"].year - 1) * 12 + 1
        ended = []
        for months in of(cell, cell["period_slut"].year - 1):
            ends = [m for m in range(january, january + 6) if m in months and not months & {m + 1, m + 2}]
            ended += [not months & set(range(ends[-1] + 1, ends[-1] + 13))] if ends else []
        assert _sums(cell) == (sum(ended), len(ended)), cell
