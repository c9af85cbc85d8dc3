"""What a check says, what an accepted deviation does, what identities and plausibility make of odd data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.errors import RuleError
from pipelines.guard import accepterade, dokument, identiteter, personuppgifter, rimlighet
from pipelines.guard.accepterade import Accepterad
from pipelines.guard.identiteter import Identitet
from pipelines.guard.kontroll import Kontroll, stopping
from pipelines.guard.rimlighet import Rimlighet

IDN = Identitet(
    id="IDN-T-1", niva="kritisk", tabell="t", grupp=("kommun_kod", "ar"), text="A är b.", atgard="Rätta.",
    delar={"a": "namn = 'a'", "b": "namn = 'b'"}, vanster="a", hoger="b",
    cell="A", berakning="talet b",
)  # fmt: skip


@pytest.fixture
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty table of figures."""
    with duckdb.connect() as connection:
        connection.execute("create table t (kommun_kod varchar, ar integer, namn varchar, varde double)")
        yield connection


def _fyll(db: duckdb.DuckDBPyConnection, *rows: tuple[str, int, str, float | None]) -> None:
    db.executemany("insert into t values (?, ?, ?, ?)", [list(row) for row in rows])


def test_an_identity_without_figures_says_that_it_was_not_tested(db: duckdb.DuckDBPyConnection) -> None:
    _fyll(db, ("1", 2024, "a", 5), ("1", 2024, "b", None))
    (check,) = identiteter.prova(db, [IDN])
    assert (check.utfall, check.antal_fel) == ("ej_provad", 0)
    assert "inga siffror" in check.forklaring


def test_a_broken_cell_shows_printed_computed_and_difference(db: duckdb.DuckDBPyConnection) -> None:
    _fyll(db, ("1080", 2024, "a", 12345.5), ("1080", 2024, "b", 12000))
    summary, cell = identiteter.prova(db, [IDN])
    assert (cell.tryckt_varde, cell.beraknat_varde, cell.differens) == (
        Decimal("12345.5"),
        Decimal(12000),
        Decimal("345.5"),
    )
    assert (
        cell.forklaring.replace("\u00a0", " ")
        == "A är b. Tryckt är 12 345,5, men det ska vara talet b, alltså 12 000: skillnad 345,5."
    )
    assert (cell.cell, cell.kommun_kod) == ("A (2024)", "1080")
    assert summary.niva == "information"
    assert stopping([summary, cell]) == [cell]


def test_a_figure_that_stands_twice_with_two_values_is_not_guessed(db: duckdb.DuckDBPyConnection) -> None:
    _fyll(db, ("1", 2024, "a", 5), ("1", 2024, "a", 7), ("1", 2024, "b", 7))
    (check,) = identiteter.prova(db, [IDN])
    assert check.utfall == "avviker"
    assert "flera gånger" in check.forklaring


def test_the_same_figure_twice_with_one_value_is_one_figure(db: duckdb.DuckDBPyConnection) -> None:
    _fyll(db, ("1", 2024, "a", 5), ("1", 2024, "a", 5), ("1", 2024, "b", 5))
    assert [check.utfall for check in identiteter.prova(db, [IDN])] == ["godkand"]


def test_the_unit_is_read_from_the_whole_printed_table(db: duckdb.DuckDBPyConnection) -> None:
    rule = replace(
        IDN, grupp=("kommun_kod", "ar"), delar=None, total="namn = 'summa'", summa="namn <> 'summa'",
        vanster="total", hoger="summa", enhet_inom=("kommun_kod",),
    )  # fmt: skip
    # thousands: 1 + 2 + 4 is 7, printed 9 may be rounding of four figures; 10 may not
    _fyll(db, ("1", 2024, "a", 1000), ("1", 2024, "b", 2000), ("1", 2024, "c", 4000), ("1", 2024, "summa", 9000))
    assert [check.utfall for check in identiteter.prova(db, [rule])] == ["godkand"]
    db.execute("update t set varde = 10000 where namn = 'summa'")
    assert [check.utfall for check in identiteter.prova(db, [rule])] == ["avviker", "avviker"]
    # a figure in single kronor shows that the table is printed in kronor
    _fyll(db, ("1", 2023, "a", 17))
    db.execute("update t set varde = 7003 where namn = 'summa'")
    assert [check.utfall for check in identiteter.prova(db, [rule])] == ["avviker", "avviker"]


@pytest.mark.parametrize(
    ("tolerans", "utfall"), [(10, "godkand"), (9, "avviker"), ("10 %", "godkand"), ("9 %", "avviker")]
)
def test_a_stated_tolerance_holds_to_the_unit(
    db: duckdb.DuckDBPyConnection, tolerans: str | float, utfall: str
) -> None:
    _fyll(db, ("1", 2024, "a", 110), ("1", 2024, "b", 100))
    assert identiteter.prova(db, [replace(IDN, tolerans=tolerans)])[0].utfall == utfall


@pytest.mark.parametrize(
    "change",
    [
        {"delar": None},
        {"total": "namn = 'a'", "summa": "namn = 'b'"},
        {"hoger": "b + c"},
        {"enhet_inom": ("tabell",)},
        {"niva": "varning"},
        {"cell": ""},
        {"berakning": ""},
    ],
)
def test_an_identity_that_does_not_hold_together_is_refused(change: dict[str, object], tmp_path: Path) -> None:
    import yaml

    one = replace(IDN, **change)
    named = {
        name: getattr(one, name)
        for name in ("id", "niva", "tabell", "text", "atgard", "vanster", "hoger", "cell", "berakning")
    }
    optional = {name: getattr(one, name) for name in ("delar", "total", "summa") if getattr(one, name) is not None}
    entry = {**named, **optional, "grupp": list(one.grupp), "enhet_inom": list(one.enhet_inom)}
    (tmp_path / "x.yml").write_text(yaml.safe_dump([entry]), encoding="utf-8")
    with pytest.raises(RuleError):
        identiteter.load(tmp_path)


AVVIKER = Kontroll(
    "R-1", "t", "kritisk", "avviker", "Text.", kommun_kod="0184", cell="Årets budget (Solna 2020: nämnd)"
)


@pytest.mark.parametrize(
    ("accepted", "stops"),
    [
        (Accepterad("R-1", "Skäl.", date(2027, 1, 1), "Controller"), False),
        (Accepterad("R-1", "Skäl.", date(2027, 1, 1), "Controller", cell="Årets budget (Solna 2020*"), False),
        (Accepterad("R-1", "Skäl.", date(2027, 1, 1), "Controller", kommun_kod="1080"), True),
        (Accepterad("R-1", "Skäl.", date(2026, 1, 1), "Controller"), True),
        (Accepterad("R-2", "Skäl.", date(2027, 1, 1), "Controller"), True),
        (Accepterad("R-1", "Skäl.", date(2027, 1, 1), "Controller", leverans_id="x"), True),
    ],
)
def test_an_accepted_deviation_is_shown_and_stops_nothing_until_its_date(accepted: Accepterad, stops: bool) -> None:
    (check,) = accepterade.tillampa([AVVIKER], [accepted], date(2026, 6, 1))
    assert check.utfall == "avviker"
    assert bool(stopping([check])) == stops
    assert (check.accepterad is None) == stops


def test_an_acceptance_without_a_reason_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text("- {regel_id: R, skal: ' ', granskas: 2027-01-01, beslutad_av: X}\n", encoding="utf-8")
    with pytest.raises(RuleError, match="reason"):
        accepterade.load(path)


def test_plausibility_tells_each_municipality_its_own_places(db: duckdb.DuckDBPyConnection) -> None:
    _fyll(db, ("1", 2023, "a", 5), ("1", 2024, "a", 6), ("2", 2024, "a", 7))
    sql = "select kommun_kod, 'lev' || ar as leverans_id, 'år ' || ar as plats, varde, 4 as vantat from t order by all"
    one, two = rimlighet.prova(db, "raw", [Rimlighet("R", "raw", "information", "t", "Text.", "Gör.", sql)])
    assert (one.kommun_kod, one.antal_fel, one.exempel, one.leverans_id) == ("1", 2, "år 2023; år 2024", None)
    assert (two.cell, two.tryckt_varde, two.differens, two.leverans_id) == ("år 2024", 7, 3, "lev2024")


def test_plausibility_with_other_columns_is_refused(db: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(RuleError, match="the query gives"):
        rimlighet.prova(db, "raw", [Rimlighet("R", "raw", "information", "t", "T.", "A.", "select 1 as kommun_kod")])


@pytest.mark.parametrize(
    ("column", "value", "found"),
    [
        ("person_id", "x", True),
        ("sokande", "x", True),
        ("fodelsear", "1980", True),
        ("ansvar", "a2" * 13, True),
        ("ansvar", "a" * 26, False),
        ("ansvar", "a2" * 12, False),
        ("kommun", "Solna", False),
    ],
)
def test_a_mart_with_a_persons_column_is_critical(column: str, value: str, found: bool) -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute(f'create table marts.m ("{column}" varchar)')
        connection.execute("insert into marts.m values (?), (null)", [value])
        (check,) = personuppgifter.prova(connection)
    assert (check.utfall, check.niva) == ("avviker" if found else "godkand", "kritisk")
    assert value not in check.exempel or value == "x"


def test_the_page_of_all_rules_is_up_to_date() -> None:
    assert dokument.MAL.read_text(encoding="utf-8") == dokument.dokument(), "run python -m pipelines.guard.dokument"
