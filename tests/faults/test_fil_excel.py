"""Faults 18-25 of the catalogue: workbooks. Bombs are built here, never stored."""

from __future__ import annotations

import io
import resource
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.faults.leveranser import avslag, bok, csv, ekonomi, las, placeringar, radfel

GOD = placeringar(40)
EKO = ekonomi(5)


def ombyggd(data: bytes, andra: Callable[[str, bytes], bytes | None], mer: dict[str, bytes] | None = None) -> bytes:
    """The same workbook with parts changed, left out (None) or added."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = andra(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
        for name, content in (mer or {}).items():
            new.writestr(name, content)
    return target.getvalue()


def i_bladet(fran: bytes, till: bytes) -> Callable[[str, bytes], bytes]:
    def andra(name: str, content: bytes) -> bytes:
        return content.replace(fran, till, 1) if name == "xl/worksheets/sheet1.xml" else content

    return andra


def test_a_workbook_of_text_equals_the_same_csv() -> None:
    one, other = las(bok(GOD)), las(csv(GOD))
    left, right = (x.tabeller["placeringar"].rader.drop("leverans_id") for x in (one, other))
    assert left.equals(right) and one.format == "xlsx"


def test_numbers_and_dates_stored_as_such_equal_text() -> None:
    rows: list[list[Any]] = [list(row) for row in GOD]
    for row in rows[1:]:
        row[11] = float(row[11].replace(",", "."))
        row[3], row[4], row[5] = (datetime.fromisoformat(row[i]) for i in (3, 4, 5))
    data = bok(rows, default_date_format="yyyy-mm-dd")
    assert (
        las(data)
        .tabeller["placeringar"]
        .rader.drop("leverans_id")
        .equals(las(csv(GOD)).tabeller["placeringar"].rader.drop("leverans_id"))
    )


def test_18_merged_header_cells_are_refused() -> None:
    assert "XLS-018" in avslag(bok(GOD, lambda _, sheet: sheet.merge_range(0, 0, 0, 1, "Placering_id")))


def test_18_a_second_header_row_above_is_refused_a_title_is_not() -> None:
    def tva(_: Any, sheet: Any) -> None:
        sheet.merge_range(0, 0, 0, 3, "Person")
        sheet.merge_range(0, 4, 0, 5, "Tid")

    assert "XLS-018" in avslag(bok([[""] * 12, *GOD], tva))
    title = bok([[""] * 12, *GOD], lambda _, sheet: sheet.merge_range(0, 0, 0, 11, "Placeringar 2025"))
    assert las(title).godkanda == 40


def test_19_total_row_is_dropped_and_checked_against_the_sum() -> None:
    rows = [*EKO, ["Summa", "", "", "", "5 011,25"]]
    found = las(bok(rows), "ekonomi")
    lake = found.tabeller["ekonomi"].rader
    assert found.kontrollsummor[0].differens == 0 and found.flaggor == () and found.fel == ()
    assert lake.height == len(EKO) - 1 and lake["belopp_kr"].sum() == Decimal("5011.25")


def test_19_subtotals_without_a_year_are_no_rows_and_no_errors_and_a_file_of_totals_only_is_empty() -> None:
    rows = [*EKO[:3], ["Summa ansvar 0010", "", "", "", "2001,50"], *EKO[3:], ["Totalt", "", "", "", "5011,25"]]
    found = las(bok(rows), "ekonomi")
    assert found.godkanda == len(EKO) - 1 and found.fel == () and all(one.stammer for one in found.kontrollsummor)
    assert "FIL-004" in avslag(bok([EKO[0], ["Summa", "", "", "", "0"]]), "ekonomi")


def test_19_a_total_that_says_its_year_is_kept_as_printed() -> None:
    rows = [["år", "verksamhet", "belopp"], ["2011", "570", "-5"], ["2011", "571", "9"], ["2011", "Summa", "4"]]
    lake = las(bok(rows), "ekonomi").tabeller["ekonomi"].rader
    assert lake["radtyp"].to_list() == ["rad", "rad", "summa"]


def test_19_an_unexpected_sheet_is_refused_and_the_templates_own_are_not() -> None:
    def extra(namn: str) -> Callable[[Any, Any], None]:
        return lambda book, _: book.add_worksheet(namn).write_row(0, 0, ["något", "annat"])

    assert any("Blad2" in text for text in avslag(bok(GOD, extra("Blad2"))).values())
    for namn in ("Anvisning", "Exempel", "Listor"):
        assert las(bok(GOD, extra(namn))).godkanda == 40


def test_19_a_sheet_of_one_column_is_told_as_a_sheet_not_as_a_wrong_separator() -> None:
    message = avslag(bok(GOD, lambda book, _: book.add_worksheet("Lookup").write(0, 0, "x")))
    assert set(message) == {"FIL-012"} and "ta bort det" in message["FIL-012"]


def test_months_in_the_header_as_date_cells_are_read() -> None:
    def months(book: Any, sheet: Any) -> None:
        for month in (1, 2):
            sheet.write_datetime(0, month, date(2025, month, 1), book.add_format({"num_format": "mmm-yy"}))

    lake = las(bok([["Konto", None, None], ["4510", 5, 6]], months), "ekonomi").tabeller["ekonomi"].rader
    assert lake["manad"].to_list() == [1, 2] and lake["ar"].to_list() == [2025, 2025]


def test_19_a_second_sheet_of_the_same_table_is_refused() -> None:
    def again(book: Any, _: Any) -> None:
        sheet = book.add_worksheet("Kopia")
        for index, row in enumerate(GOD):
            sheet.write_row(index, 0, row)

    assert "XLS-019" in avslag(bok(GOD, again))


@pytest.mark.parametrize("fel", ["#REF!", "#DIV/0!", "#N/A", "#VALUE!"])
def test_20_an_error_cell_is_refused(fel: str) -> None:
    assert "XLS-020" in avslag(bok(EKO, lambda _, sheet: sheet.write_formula(2, 4, "=A1", None, fel)), "ekonomi")


def test_20_a_formula_without_a_value_is_refused_and_one_with_a_value_is_read() -> None:
    with_value = bok(EKO, lambda _, sheet: sheet.write_formula(2, 4, "=1+1", None, 2))
    assert las(with_value, "ekonomi").godkanda == 5
    without = ombyggd(with_value, i_bladet(b"<f>1+1</f><v>2</v>", b"<f>1+1</f><v></v>"))
    assert "XLS-020" in avslag(without, "ekonomi")


@pytest.mark.parametrize("bas", [False, True])
def test_21_serial_dates_and_the_1904_system(bas: bool) -> None:
    rows: list[list[Any]] = [list(row) for row in GOD]
    base = date(1904, 1, 1) if bas else date(1899, 12, 30)
    rows[1][4] = (date.fromisoformat(rows[1][4]) - base).days  # a bare number
    rows[2][4] = datetime.fromisoformat(rows[2][4])  # a formatted date
    data = bok(rows, default_date_format="yyyy-mm-dd", date_1904=bas)
    assert las(data).tabeller["placeringar"].rader["start"].to_list() == [date.fromisoformat(row[4]) for row in GOD[1:]]


def test_21_a_serial_number_in_a_text_file_is_no_date() -> None:
    rows = [list(row) for row in placeringar(300)]
    rows[4][4] = "45717"
    assert radfel(csv(rows)) == {"VAR-028": [5]}


def test_22_personnummer_as_a_number_is_refused() -> None:
    rows: list[list[Any]] = [list(row) for row in GOD]
    rows[3][1] = float(rows[3][1])
    assert "XLS-022" in avslag(bok(rows))


@pytest.mark.parametrize("text", ["2.01001E+11", "2,01E+11"])
def test_22_personnummer_that_became_a_number_in_text_is_refused(text: str) -> None:
    rows = [list(row) for row in GOD]
    rows[3][1] = text
    assert "XLS-022" in avslag(csv(rows))


def test_23_a_zip_bomb_is_refused_before_parsing() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    data = ombyggd(bok(GOD), lambda _, content: content, {"xl/worksheets/sheet9.xml": b" " * (200 << 20)})
    assert len(data) < 2 << 20
    assert "XLS-023" in avslag(data)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime == before  # no child was ever started


def test_24_a_dimension_bomb_is_refused_and_the_parent_lives() -> None:
    far = ombyggd(
        bok(GOD), i_bladet(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')
    )
    assert "XLS-024" in avslag(far)
    lie = ombyggd(bok(GOD), i_bladet(b'<dimension ref="A1:L41"/>', b'<dimension ref="A1:XFD1048576"/>'))
    assert las(lie).godkanda == 40


def test_25_macros_external_links_and_doctype_are_refused() -> None:
    def same(_: str, content: bytes) -> bytes:
        return content

    assert "XLS-025" in avslag(ombyggd(bok(GOD), same, {"xl/vbaProject.bin": b"x"}))
    assert "XLS-025" in avslag(ombyggd(bok(GOD), same, {"xl/externalLinks/externalLink1.xml": b"<x/>"}))
    head = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    laughs = head + b'<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]>'
    for part in ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml"):
        hostile = ombyggd(
            bok(GOD), lambda name, content, part=part: content.replace(head, laughs) if name == part else content
        )
        assert "XLS-025" in avslag(hostile), part


def test_53_paths_that_leave_the_archive_are_refused() -> None:
    assert "FIL-053" in avslag(ombyggd(bok(GOD), lambda _, content: content, {"../../etc/x": b"x"}))


@pytest.mark.parametrize("andel", [0.1, 0.5, 0.9])
def test_17_a_cut_workbook_is_refused(andel: float) -> None:
    data = bok(GOD)
    assert "FIL-017" in avslag(data[: int(len(data) * andel)])


def test_17_broken_xml_is_refused() -> None:
    assert "FIL-017" in avslag(ombyggd(bok(GOD), i_bladet(b"</sheetData>", b"")))


def test_a_percent_format_is_refused_because_a_hundredth_would_be_read() -> None:
    rows = [["tabell", "matt", "enhet", "ar", "varde", "kalla"], ["t", "nöjda", "procent", "2025", "", "enkät"]]

    def percent(book: Any, sheet: Any) -> None:
        sheet.write_number(1, 4, 0.88, book.add_format({"num_format": "0 %"}))

    assert "XLS-026" in avslag(bok(rows, percent), "matt")


@pytest.mark.parametrize(
    ("till_vanster", "rubrik"), [(0, ["ar", "varde"]), (2, ["ar", "varde"]), (0, ["2024", "2025"])]
)
def test_a_percent_format_is_seen_wherever_the_column_stands(till_vanster: int, rubrik: list[str]) -> None:
    """In a table that does not begin in column A, and in any of several columns of years."""
    empty: list[Any] = [None] * till_vanster
    rows = [[*empty, "tabell", "matt", "enhet", "kalla", *rubrik], [*empty, "t", "nöjda", "procent", "enkät", "2025"]]

    def percent(book: Any, sheet: Any) -> None:
        sheet.write_number(1, till_vanster + 5, 0.88, book.add_format({"num_format": "0 %"}))

    assert "XLS-026" in avslag(bok(rows, percent), "matt")


def test_a_code_that_became_a_date_is_refused_and_a_period_may_be_one() -> None:
    def datum(column: int) -> bytes:
        rows: list[list[Any]] = [["period", "konto", "ansvar", "belopp_kr"], ["202501", "4510", "5-1", "7"]]
        rows[1][column] = date(2025, 1, 5)
        return bok(rows, default_date_format="d-mmm")

    assert "XLS-022" in avslag(datum(2), "ekonomi")
    assert las(datum(0), "ekonomi").tabeller["ekonomi"].rader["manad"].to_list() == [1]


def test_hidden_rows_are_read_and_told() -> None:
    found = las(bok(EKO, lambda _, sheet: sheet.set_row(2, None, None, {"hidden": True})), "ekonomi")
    assert found.godkanda == 5 and any("Dolda rader i bladet" in note and ": 1." in note for note in found.noter)


@pytest.mark.parametrize("rubrik", [["manad", "belopp_kr"], ["jan", "feb"]])
def test_26_numbers_of_the_workbook_do_not_decide_how_a_number_typed_as_text_is_read(rubrik: list[str]) -> None:
    rows: list[list[Any]] = [["ar", "konto", *rubrik], ["2025", "4510", "1", 1234.5], ["2025", "4510", "1", "1.234"]]
    assert "VAR-026" in avslag(bok(rows), "ekonomi")
    rows[2][3] = "1.234,50"
    assert las(bok(rows), "ekonomi").tabeller["ekonomi"].rader["belopp_kr"].max() == Decimal("1234.50")


def test_binary_noise_of_a_computed_number_is_not_a_decimal() -> None:
    rows: list[list[Any]] = [EKO[0], *([*row[:4], 0.25] for row in EKO[1:])]
    data = ombyggd(bok(rows), i_bladet(b"<v>0.25</v>", b"<v>1004.2500000000001</v>"))
    assert las(data, "ekonomi").tabeller["ekonomi"].rader["belopp_kr"][0] == Decimal("1004.25")


def test_personnummer_in_a_sheet_name_is_refused_without_being_named() -> None:
    found = avslag(bok(GOD, blad=GOD[1][1]))
    assert "VAR-042" in found and GOD[1][1] not in " ".join(found.values())
