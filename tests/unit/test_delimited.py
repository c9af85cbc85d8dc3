"""Delimited text: what any CSV writer wrote is read back cell for cell; what is no table is refused."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.errors import DeliveryRefused
from pipelines.reading.delimited import las_text

CELL = st.text(alphabet='abcåäö0123456789 ;,|"\n\t.-', max_size=12).map(lambda text: text.strip("\t "))
TABELL = st.integers(2, 6).flatmap(
    lambda bredd: st.lists(st.lists(CELL, min_size=bredd, max_size=bredd), min_size=1, max_size=15)
)


@given(rows=TABELL, slut=st.sampled_from(["\n", "\r\n"]))
def test_what_a_csv_writer_wrote_comes_back(rows: list[list[str]], slut: str) -> None:
    header = [f"kolumn{index}" for index in range(len(rows[0]))]
    body = [["x", *row[1:]] for row in rows]  # a row of blanks only is no row
    target = io.StringIO()
    csv.writer(target, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator=slut).writerows([header, *body])
    grid, separator = las_text(target.getvalue().encode(), "f")
    found = [["" if cell is None else cell for cell in row] for row in grid.celler.rows()]
    assert separator == ";" and found == [header, *body]


@given(rows=TABELL)
@example(rows=[["", "", "", "|", "|"], ["", "", "", "", "|"], ["", "", "", "|", "|"]])
@example(rows=[["", "||", "||", "\n"]])
def test_row_numbers_are_those_of_a_text_editor(rows: list[list[str]]) -> None:
    body = [["x", *row[1:]] for row in rows]
    target = io.StringIO()
    csv.writer(target, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(body)
    grid, _ = las_text(target.getvalue().encode(), "f")
    expected, line = [], 1
    for row in body:
        expected.append(line)
        line += 1 + sum(cell.count("\n") for cell in row)
    assert grid.rader.to_list() == expected


def test_cells_of_many_lines_hide_no_separator() -> None:
    """The looked-at lines end inside a cell."""
    text = "a;b\n" + "".join(f'{nr};"rad ett, {nr}\nrad två\nrad tre"\n' for nr in range(200))
    grid, separator = las_text(text.encode(), "f")
    assert separator == ";" and grid.celler.height == 201


def test_blank_lines_are_no_rows_but_count_as_lines() -> None:
    grid, _ = las_text(b"a;b\n\n1;2\n;\n3;4\n\n", "f")
    assert grid.celler.rows() == [("a", "b"), ("1", "2"), ("3", "4")] and grid.rader.to_list() == [1, 3, 5]


def test_a_stray_quote_is_a_character_when_the_columns_still_agree() -> None:
    grid, _ = las_text('a;b\n5" rör;2\n6" rör;3\n'.encode(), "f")
    assert grid.celler.rows() == [("a", "b"), ('5" rör', "2"), ('6" rör', "3")]


def test_excels_separator_line_is_obeyed() -> None:
    grid, separator = las_text(b"sep=|\na|b\n1|2\n", "f")
    assert separator == "|" and grid.rader.to_list() == [2, 3]


@pytest.mark.parametrize(("data", "regel"), [(b"a;b\n1;2;3\n1;2\n", "FIL-011"), (b"a;b\n1;2", "FIL-001"), (b'a;b\n1;"2\n', "FIL-001"), (b"a;b\n1\r;2\n3;4\n", "FIL-009")])  # fmt: skip
def test_what_is_no_table_is_refused(data: bytes, regel: str) -> None:
    with pytest.raises(DeliveryRefused, match=regel):
        las_text(data, "f")
