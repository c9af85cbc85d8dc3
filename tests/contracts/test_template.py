"""The template a controller fills in: all columns, a note on each, closed lists, and it reads back without an error."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from xml.etree.ElementTree import Element
from zipfile import ZIP_DEFLATED, ZipFile

import fastexcel
import polars as pl
import pytest
from defusedxml.ElementTree import fromstring

from pipelines.contracts import ContractError, Kolumn, Tabell, load_contract, sources
from pipelines.contracts.lake import lake_schema
from pipelines.contracts.stavning import normal
from pipelines.contracts.template import ANVISNING, EXEMPEL, LISTOR, mallkolumner, skriv_mall, talformat, val
from pipelines.errors import TertialError
from pipelines.katalog.nyckeltal import katalog
from pipelines.reading.leverans import read_delivery
from pipelines.sekretess.nyckel import Nyckel
from pipelines.sekretess.pseudonym import Pseudonymiserare
from tests.unit.identiteter import nummer

# a source with a reader of its own is fetched, never filled in by hand
TABELLER = [t for kalla in sources() if load_contract(kalla).lasare is None for t in load_contract(kalla).tabeller]
every_table = pytest.mark.parametrize("tabell", TABELLER, ids=lambda one: one.namn)
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
DAYS = ("datum", "fodelsedatum")
FORMULAR = ("enkat", "malgrupp", "fraga_id")  # a questionnaire says which there are


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("mallar")
    return {one.namn: skriv_mall(one.kalla, one.namn, folder / f"{one.namn}.xlsx") for one in TABELLER}


def sheet(path: Path, name: str) -> pl.DataFrame:
    return fastexcel.read_excel(path).load_sheet(name, header_row=None, dtypes="string").to_polars()


def part(path: Path, name: str) -> Element:
    with ZipFile(path) as book:
        return fromstring(book.read(name))


def fill(path: Path, columns: tuple[Kolumn, ...], rows: list[list[str]], into: Path) -> Path:
    """`path` with `rows` typed into its first sheet as Excel would store them: days as serial numbers, numbers as numbers."""
    style = {
        index - 1: one.get("style", "0")
        for one in part(path, "xl/worksheets/sheet1.xml").iter(f"{MAIN}col")
        for index in range(int(one.get("min", 0)), int(one.get("max", 0)) + 1)
    }
    written = []
    for at, row in enumerate(rows, start=2):
        cells = []
        for index, (one, text) in enumerate(zip(columns, row, strict=True)):
            place = f'r="{column_name(index)}{at}" s="{style[index]}"'
            if one.typ in DAYS:
                cells.append(f"<c {place}><v>{(date.fromisoformat(text) - date(1899, 12, 30)).days}</v></c>")
            elif one.typ in ("heltal", "decimal", "belopp", "ar"):
                cells.append(f"<c {place}><v>{text.replace(',', '.')}</v></c>")
            else:
                escaped = text.replace("&", "&amp;").replace("<", "&lt;")
                cells.append(f'<c {place} t="inlineStr"><is><t>{escaped}</t></is></c>')
        written.append(f'<row r="{at}">{"".join(cells)}</row>')
    with ZipFile(path) as old, ZipFile(into, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = content.replace(b"</sheetData>", "".join(written).encode() + b"</sheetData>")
            new.writestr(name, content)
    return into


def column_name(index: int) -> str:
    return chr(65 + index) if index < 26 else f"A{chr(65 + index - 26)}"


def choices(one: Kolumn, row: int) -> str:
    """A cell of row `row`: the list's choices in turn, a person of its own, a key of its own, else the contract's example."""
    offered = val(one)
    if offered:
        return offered[row % len(offered)]
    born = date(1985, 1, 1) + timedelta(days=row)
    if one.typ == "person":  # kön in turn as in the contracts' lists (K, M, okänt): an even serial is a woman
        return nummer(born, 101 if row % 3 == 1 else 100)
    if one.typ == "fodelsedatum":
        return born.isoformat()
    if one.nyckel and one.typ in ("text", "arende", "hushall") and one.namn not in FORMULAR:
        return f"{one.exempel}-{row}"
    return str(row) if one.namn == "alder" else one.exempel or ""


@every_table
def test_sheets_headers_and_hidden_lists(tabell: Tabell, templates: dict[str, Path]) -> None:
    path = templates[tabell.namn]
    assert fastexcel.read_excel(path).sheet_names == [tabell.namn, EXEMPEL, ANVISNING, LISTOR]
    hidden = {
        one.get("name") for one in part(path, "xl/workbook.xml").iter(f"{MAIN}sheet") if one.get("state") == "hidden"
    }
    assert hidden == {LISTOR}
    headers = [one.rubrik for one in mallkolumner(tabell)]
    for name in (tabell.namn, EXEMPEL):
        assert list(sheet(path, name).row(0)) == headers
    assert [tabell.rubriker()[normal(one)] for one in headers] == list(mallkolumner(tabell))
    assert not any(one.typ == "fritext" for one in mallkolumner(tabell))
    assert sheet(path, tabell.namn).height == 1  # nothing but headers


@every_table
def test_every_header_has_a_note_and_stays_in_view(tabell: Tabell, templates: dict[str, Path]) -> None:
    notes = {
        one.get("ref"): "".join(one.itertext())
        for one in part(templates[tabell.namn], "xl/comments1.xml").iter(f"{MAIN}comment")
    }
    assert list(notes) == [f"{column_name(index)}1" for index in range(len(mallkolumner(tabell)))]
    for one, note in zip(mallkolumner(tabell), notes.values(), strict=True):
        assert one.beskrivning in note
    pane = next(part(templates[tabell.namn], "xl/worksheets/sheet1.xml").iter(f"{MAIN}pane"))
    assert (pane.get("state"), pane.get("ySplit")) == ("frozen", "1")


@every_table
def test_every_closed_list_is_offered_in_full(tabell: Tabell, templates: dict[str, Path]) -> None:
    path = templates[tabell.namn]
    offered = {
        one.get("sqref"): one.findtext(f"{MAIN}formula1") or ""
        for one in part(path, "xl/worksheets/sheet1.xml").iter(f"{MAIN}dataValidation")
        if one.get("type") == "list"
    }
    lists = sheet(path, LISTOR) if offered else pl.DataFrame()
    for index, one in enumerate(mallkolumner(tabell)):
        letter = column_name(index)
        if not val(one):
            assert f"{letter}2:{letter}20001" not in offered
            continue
        place = re.fullmatch(rf"{LISTOR}!\$([A-Z]+)\$2:\$\1\$(\d+)", offered.pop(f"{letter}2:{letter}20001"))
        assert place is not None
        cells = lists.to_series(ord(place[1]) - 65).to_list()[1 : int(place[2])]
        assert tuple(cells) == val(one)
    assert offered == {}


@every_table
def test_excel_may_not_eat_zeros_identity_numbers_or_months(tabell: Tabell, templates: dict[str, Path]) -> None:
    for one in tabell.kolumner:
        if one.typ in ("person", "hushall", "arende", "respondent", "text", "manad"):
            assert talformat(one) == "@", one.namn
        if one.typ in DAYS:
            assert talformat(one) == "yyyy-mm-dd", one.namn


@every_table
def test_a_filled_template_reads_back_without_an_error(
    tabell: Tabell, templates: dict[str, Path], tmp_path: Path
) -> None:
    """As many rows as the longest list, so that every choice of every list is read at least once."""
    columns = mallkolumner(tabell)
    lists = [len(val(one)) for one in columns]
    rows = [[choices(one, row) for one in columns] for row in range(max(2, *lists))]
    filled = fill(templates[tabell.namn], columns, rows, tmp_path / "ifylld.xlsx")
    read = read_delivery(
        filled, load_contract(tabell.kalla), pseudonymiserare=Pseudonymiserare(Nyckel(bytes(range(32)), bytes(range(32, 64)))),
        idag=date(2026, 1, 2), kommun_kod="9998", kommuner={"9998": "9998"}, regler={},
    )  # fmt: skip
    assert list(read.tabeller) == [tabell.namn]
    found = read.tabeller[tabell.namn]
    # ENK-102 flags a målgrupp of the list that the example's questionnaire does not ask: no template's fault
    assert [one.text() for one in found.fel if one.regel != "ENK-102"] == []
    assert (found.lasta, found.avvisade) == (len(rows), 0)
    lake = found.rader
    assert dict(lake.schema) == lake_schema(tabell)
    for one in columns:
        if not one.i_lake:
            continue
        cells = lake[one.lake_namn]
        assert cells.null_count() == 0, one.namn
        if one.typ == "kod":
            assert set(cells) == set(one.varden), one.namn
        if one.typ == "datum":
            assert set(cells) == {date.fromisoformat(one.exempel or "")}, one.namn
        if one.typ in ("person", "arende"):
            assert cells.n_unique() == len(rows), one.namn


@every_table
def test_the_guide_lists_every_column(tabell: Tabell, templates: dict[str, Path]) -> None:
    guide = sheet(templates[tabell.namn], ANVISNING)
    listed = guide.to_series(0).to_list()
    start = listed.index("Kolumn")
    assert listed[start + 1 :] == [one.rubrik for one in mallkolumner(tabell)]


def test_the_same_contract_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (skriv_mall("placeringar", None, tmp_path / name).read_bytes() for name in ("a.xlsx", "b.xlsx"))
    assert first == second


def test_unknown_source_and_table(tmp_path: Path) -> None:
    with pytest.raises(ContractError):
        skriv_mall("finns_inte", None, tmp_path / "x.xlsx")
    with pytest.raises(TertialError, match="enkatsvar, enkatandelar"):
        skriv_mall("enkater", "finns_inte", tmp_path / "x.xlsx")
    assert list(tmp_path.iterdir()) == []


@every_table
def test_an_example_of_a_measure_is_in_the_catalogue(tabell: Tabell) -> None:
    """What the template shows is copied: an id that nothing counts would be met with silence."""
    examples = {one.exempel for one in tabell.kolumner if one.namn == "matt_id"}
    assert examples <= {one.id for one in katalog()}
