"""The real published tables (beside the project) fit the contracts as they are printed, plus the columns that a
delivery must state: which table it is, whose figures, which sign."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipelines.contracts import load_contract
from pipelines.reading.leverans import read_delivery
from pipelines.reading.utfall import LastTabell

pytestmark = pytest.mark.real

CASES = {  # file -> source, columns added ({n}: the row's number), headers renamed, rows read, totals found among them
    "huddinge_2019_driftbudget.csv": ("ekonomi", {"tabell": "Driftbudget"}, {}, 19, 1),
    "solna_2011_budget_enhet.csv": ("ekonomi", {"tabell": "Budget", "ar": "2011"}, {"enhet;": "organisation;"}, 28, 4),
    "solna_2011_ram.csv": ("ekonomi", {"tabell": "Ram"}, {}, 5, 0),
    "solna_2020_driftbudget.csv": ("ekonomi", {"ar": "2020", "tecken": "rapport"}, {"post": "verksamhetsområde"}, 27, 6),
    "karlskrona_2013_resultatbudget.csv": ("ekonomi", {"tabell": "Resultat", "tecken": "rapport"}, {"post": "verksamhetsområde"}, 44, 13),
    "karlskrona_2013_verksamhetsmatt.csv": ("matt", {"tabell": "VM", "kalla": "dokument"}, {}, 150, 0),
    "huddinge_2019_matt.csv": ("matt", {"tabell": "Mått"}, {}, 48, 0),
    "huddinge_2019_arsplaceringar.csv": ("matt", {"tabell": "ÅP", "enhet": "årsplatser", "kalla": "dokument", "periodtyp": "ack"}, {"placeringsform": "mått"}, 15, 0),
    "karlskrona_2013_personal.csv": ("personal", {"tabell": "Personal", "kalla": "dokument"}, {}, 50, 0),
    "solna_2011_effektmal.csv": ("mal", {"ar": "2011"}, {}, 11, 0),
    "karlskrona_2013_mal.csv": ("mal", {"ar": "2013", "nr": "{n}"}, {}, 10, 0),
    "solna_2020_internkontroll.csv": ("internkontroll", {"ar": "2020", "kalla": "plan"}, {}, 14, 0),
    "karlskrona_2013_internkontroll.csv": ("internkontroll", {"ar": "2013", "kalla": "plan"}, {}, 3, 0),
}  # fmt: skip


def delivered(path: Path, added: dict[str, str], renamed: dict[str, str]) -> bytes:
    header, *rows = path.read_text(encoding="utf-8-sig").splitlines()
    for old, new in renamed.items():
        header = header.replace(old, new)
    lines = [
        ";".join([header, *added]),
        *(";".join([row, *(one.format(n=n) for one in added.values())]) for n, row in enumerate(rows, 1)),
    ]
    return "\n".join([*lines, ""]).encode()


def read(shared: Path, name: str) -> LastTabell:
    kalla, added, renamed, _, _ = CASES[name]
    done = read_delivery(
        delivered(shared / "data" / "published" / name, added, renamed), load_contract(kalla),
        pseudonymiserare=None, idag=date(2026, 1, 2), fil=name, kommun_kod="9998", regler={},
    )  # fmt: skip
    (table,) = done.tabeller.values()
    return table


@pytest.mark.parametrize("name", CASES)
def test_every_published_table_is_read_whole(name: str, shared: Path) -> None:
    table = read(shared, name)
    _, _, _, rows, totals = CASES[name]
    assert (table.rader.height, table.avvisade) == (rows, 0)
    if "radtyp" in table.rader.columns:
        assert table.rader.filter(table.rader["radtyp"] == "summa").height == totals


def test_every_published_table_is_covered(shared: Path) -> None:
    assert {one.name for one in (shared / "data" / "published").glob("*.csv")} == set(CASES)


def test_the_printed_total_of_solna_2011_is_found_wrong_by_its_rows(shared: Path) -> None:
    """domain.md section 9: 203 182 is printed, the units sum to 204 798 (thousands of kronor)."""
    (wrong,) = [
        one
        for one in read(shared, "solna_2011_budget_enhet.csv").kontrollsummor
        if abs(one.tryckt - one.beraknad) > one.tolerans
    ]
    assert (wrong.kolumn, int(wrong.tryckt), int(wrong.beraknad)) == ("budget_2011_tkr", 203182, 204798)
