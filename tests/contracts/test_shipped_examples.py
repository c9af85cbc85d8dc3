"""The shipped examples hold every figure of the published tables, in the right unit and sign, and nothing else."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from pipelines.contracts.model import load_contract
from pipelines.contracts.stavning import normal
from pipelines.reading.leverans import read_delivery

RAW = Path(__file__).parents[2] / "data" / "raw"
DAG = date(2026, 1, 1)
MNKR, TKR = Decimal(1_000_000), Decimal(1_000)
FILER = sorted(path for path in RAW.glob("*/*/*.csv") if "9998" not in path.parent.name)


def read(path: Path) -> pl.DataFrame:
    """Accepted rows of one shipped file; nothing in it may be refused."""
    delivery = read_delivery(
        path, load_contract(path.parts[-3]), pseudonymiserare=None, idag=DAG, kommun_kod=path.parent.name[:4]
    )
    (table,) = delivery.tabeller.values()
    assert table.avvisade == 0, [one.text() for one in table.fel]
    return table.rader


def published(shared: Path, name: str) -> list[dict[str, str]]:
    """Rows of one published table."""
    with (shared / "data" / "published" / name).open(encoding="utf-8") as source:
        return list(csv.DictReader(source, delimiter=";"))


def number(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


@pytest.mark.parametrize("path", FILER, ids=lambda path: path.stem)
def test_every_shipped_file_is_read_whole(path: Path) -> None:
    assert read(path).height > 0


def test_the_examples_are_small_and_all_municipalities_are_there() -> None:
    assert sum(path.stat().st_size for path in FILER) < 5_000_000
    assert {path.parent.name for path in FILER} == {"0184_solna", "1080_karlskrona", "0126_huddinge"}


# ---- ekonomi: published column -> (version, year); every amount in kronor, ledger sign -----------------------------
PLAN = {
    "utfall_2011": ("utfall", 2011), "prognos_2012": ("prognos", 2012), "budget_2013": ("budget", 2013),
    "plan_2014": ("plan", 2014), "plan_2015": ("plan", 2015),
}  # fmt: skip
SOLNA_2020 = {
    "budget_2020_mnkr": ("budget", 2020), "budget_2019_mnkr": ("budget", 2019), "forandring_mnkr": ("forandring", 2020),
}  # fmt: skip
SOLNA_ENHET = {
    "budget_2010_tkr": ("budget", 2010), "budget_2011_tkr": ("budget", 2011),
    "lone_och_prisupprakning_tkr": ("forandring_pris", 2011),
    "verksamhetsforandring_tkr": ("forandring_verksamhet", 2011),
}  # fmt: skip
SOLNA_RAM = {
    "budget_2010": ("budget", 2010), "forandring_2010_till_2011": ("forandring", 2011), "budget_2011": ("budget", 2011),
    "budget_2012": ("budget", 2012), "budget_2013": ("budget", 2013),
}  # fmt: skip
HUDDINGE = {
    "bokslut_2017_mnkr": ("utfall", 2017), "budget_2018_mnkr": ("budget", 2018), "budget_2019_mnkr": ("budget", 2019),
}  # fmt: skip
EKONOMI = {
    "solna_2011_budget_enhet.csv": (["solna_2011_budget_per_enhet"], SOLNA_ENHET),
    "solna_2011_ram.csv": (["solna_2011_ram"], SOLNA_RAM),
    "solna_2020_driftbudget.csv": (
        ["solna_2020_driftbudget_namnd", "solna_2020_driftbudget_per_verksamhet", "solna_2020_investeringsbudget"],
        SOLNA_2020,
    ),
    "karlskrona_2013_resultatbudget.csv": (
        ["karlskrona_2013_resultatbudget", "karlskrona_2013_budgetram", "karlskrona_2013_investeringar"],
        PLAN,
    ),
    "huddinge_2019_driftbudget.csv": (["huddinge_2019_driftbudget"], HUDDINGE),
}


def _unit(row: dict[str, str], column: str) -> Decimal:
    enhet = row.get("enhet", "")
    return TKR if enhet == "tkr" or column.endswith("_tkr") else MNKR


def _report_sign(name: str, row: dict[str, str]) -> bool:
    """Tables that print revenue + and costs - (the frames and the investments of Karlskrona print costs +)."""
    return name == "solna_2020_driftbudget.csv" or (name.startswith("karlskrona") and row["enhet"] == "mnkr")


@pytest.mark.real
@pytest.mark.parametrize("name", EKONOMI)
def test_every_printed_amount_is_in_the_ledger_table(shared: Path, name: str) -> None:
    files, columns = EKONOMI[name]
    rows = pl.concat([read(next(path for path in FILER if path.stem == stem)) for stem in files])
    spellings = load_contract("ekonomi").tabell("ekonomi").kolumn("post").koder()
    found = Counter(
        (label, row["version"], row["ar"], row["belopp_kr"])
        for row in rows.iter_rows(named=True)
        for label in {row["ansvar_namn"] or row["verksamhet_namn"] or row["konto_namn"] or row["post"]}
    )
    expected: Counter[tuple[str, str, int, Decimal]] = Counter()
    for row in published(shared, name):
        first = row.get("post") or row.get("enhet") or row.get("verksamhetsomrade") or ""
        label = spellings.get(normal(first), first) if "post" in row else first
        for column, (version, year) in columns.items():
            if row[column]:
                sign = -1 if _report_sign(name, row) else 1
                unit = TKR if name == "solna_2011_budget_enhet.csv" else _unit(row, column)
                expected[label, version, year, sign * number(row[column]) * unit] += 1
    assert found == expected


# ---- matt and personal ---------------------------------------------------------------------------------------------
def _figures(rows: pl.DataFrame) -> Counter[tuple[object, ...]]:
    return Counter(
        (row["matt"], row["kon"], row["ar"], row["version"], Decimal(row["varde"]))
        for row in rows.iter_rows(named=True)
    )


@pytest.mark.real
@pytest.mark.parametrize("name", ["karlskrona_2013_verksamhetsmatt", "karlskrona_2013_personal"])
def test_every_measure_of_karlskrona_is_there(shared: Path, name: str) -> None:
    expected = Counter(
        (row["matt"], "T", year, version, number(row[column]))
        for row in published(shared, f"{name}.csv")
        for column, (version, year) in PLAN.items()
    )
    assert _figures(read(next(path for path in FILER if path.stem == name))) == expected


@pytest.mark.real
def test_every_measure_of_huddinge_is_there_for_both_sexes(shared: Path) -> None:
    def figures() -> Iterator[tuple[object, ...]]:
        for row in published(shared, "huddinge_2019_matt.csv"):
            for column, kon in (("totalt", "T"), ("kvinnor", "K"), ("man", "M")):
                if row[column]:
                    yield row["matt"], kon, int(row["ar"]), "utfall", number(row[column])
            if row["etappmal_2019"]:
                yield row["matt"], "T", 2019, "etappmal", number(row["etappmal_2019"])

    rows = read(next(path for path in FILER if path.stem == "huddinge_2019_matt"))
    assert set(_figures(rows)) == set(figures())
    assert max(_figures(rows).values()) == 1  # the target printed on three rows is one target


@pytest.mark.real
def test_every_arsplacering_of_huddinge_is_there(shared: Path) -> None:
    rows = read(next(path for path in FILER if path.stem == "huddinge_2019_arsplaceringar"))
    found = Counter(
        (row["malgrupp"], row["matt"].removeprefix("Årsplaceringar, "), row["ar"], row["manad"], Decimal(row["varde"]))
        for row in rows.iter_rows(named=True)
    )
    assert found == Counter(
        (row["malgrupp"], row["placeringsform"], year, 8, number(row[f"augusti_{year}"]))
        for row in published(shared, "huddinge_2019_arsplaceringar.csv")
        for year in (2018, 2017, 2016)
    )


# ---- goals and internal control ------------------------------------------------------------------------------------
@pytest.mark.real
def test_the_eleven_goals_of_solna_keep_direction_and_comparison(shared: Path) -> None:
    rows = read(next(path for path in FILER if path.stem == "solna_2011_effektmal"))
    goals = {row["mal_id"]: row for row in rows.iter_rows(named=True)}
    contract = load_contract("mal").tabell("mal")
    riktning, jamforelse = contract.kolumn("riktning").koder(), contract.kolumn("jamforelse").koder()
    source = published(shared, "solna_2011_effektmal.csv")
    assert set(goals) == {row["nr"] for row in source}
    for row in source:
        goal = goals[row["nr"]]
        assert (goal["inriktningsmal"], goal["effektmal"]) == (row["inriktningsmal"], row["effektmal"])
        assert goal["riktning"] == riktning[normal(row["riktning"])]
        assert (goal["jamforelse"] or "") == (jamforelse[normal(row["jamforelse"])] if row["jamforelse"] else "")
        assert normal(goal["matmetod"] or "").startswith(normal(row["matmetod"]))
        printed = [
            one
            for one, text in (("delar1", "rapport 1"), ("delar2", "rapport 2"), ("bokslut", "Bokslut"))
            if text in row["redovisning"]
        ]
        assert (goal["tillfallen"] or "") == ";".join(printed)


@pytest.mark.real
def test_the_goals_of_karlskrona_are_there(shared: Path) -> None:
    rows = read(next(path for path in FILER if path.stem == "karlskrona_2013_mal"))
    assert rows.select("malomrade", "effektmal", "ansvarig").rows() == [
        (row["niva"], row["mal"], row["ansvarig"]) for row in published(shared, "karlskrona_2013_mal.csv")
    ]


@pytest.mark.real
@pytest.mark.parametrize("name", ["solna_2020_internkontroll", "karlskrona_2013_internkontroll"])
def test_every_control_is_there(shared: Path, name: str) -> None:
    rows = read(next(path for path in FILER if path.stem == name))
    source = published(shared, f"{name}.csv")
    columns = list(source[0])
    assert [[str(value) for value in row] for row in rows.select(columns).rows()] == [
        [row[c] for c in columns] for row in source
    ]


@pytest.mark.parametrize(
    ("stem", "clock"),
    [("Förhandsbedömningar gällande barn", "forhandsbedomning_14_dagar"), ("Utredningstider", "utredning_4_manader")],
)
def test_the_two_legal_clocks_of_solna_are_marked(stem: str, clock: str) -> None:
    rows = read(next(path for path in FILER if path.stem == "solna_2020_internkontroll"))
    (row,) = rows.filter(pl.col("kontroll_id") == clock).iter_rows(named=True)
    assert row["process"].startswith(stem)


def test_printed_errors_stay_as_printed() -> None:
    """Solna 2011: the printed total is 203 182 tkr, the units sum to 204 798."""
    rows = read(next(path for path in FILER if path.stem == "solna_2011_budget_per_enhet"))
    year = rows.filter((pl.col("ar") == 2011) & (pl.col("version") == "budget"))
    total = year.filter(pl.col("radtyp") == "summa")["belopp_kr"].sum()
    parts = year.filter(pl.col("radtyp") == "rad")["belopp_kr"].sum()
    assert (total, parts) == (Decimal(203_182_000), Decimal(204_798_000))
