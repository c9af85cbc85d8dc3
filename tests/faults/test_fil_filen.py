"""Faults 1-17 of the catalogue: what happens to a file that is not what it should be."""

from __future__ import annotations

import os
import threading
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.contracts import load_contract
from pipelines.errors import DeliveryRefused
from pipelines.reading import source_file
from pipelines.reading.leverans import recognise_source
from pipelines.reading.source_file import bilda_leverans_id, las_fil
from pipelines.sekretess import scanner
from tests.faults.leveranser import avslag, csv, ekonomi, las, placeringar

GOD = placeringar()


def test_the_good_file_is_good() -> None:
    found = las(csv(GOD))
    assert (found.lasta, found.godkanda, found.avvisade, found.fel) == (300, 300, 0, ())
    assert found.separator == ";" and found.teckenkod == "utf-8" and found.kommun_kod == "9998"


@pytest.mark.parametrize("bort", [1, 2, 5, 9, 20])
def test_01_cut_inside_a_row_or_number_is_refused(bort: int) -> None:
    assert "FIL-001" in avslag(csv(GOD)[:-bort])


def test_01_cut_inside_quotes_is_refused() -> None:
    data = csv(GOD).replace("Barnenheten Östra".encode(), '"Barnenheten Östra"'.encode())
    assert "FIL-001" in avslag(data[: data.rindex(b'"')])


def test_02_cut_at_a_rows_end_is_refused_when_a_count_is_known() -> None:
    last = ["Antal rader: 300"] + [""] * 11
    assert las(csv([*GOD, last])).godkanda == 300
    assert "FIL-002" in avslag(csv([*GOD[:-40], last]))


def test_02_cut_at_a_rows_end_is_refused_when_a_total_is_known() -> None:
    total = sum(1200 + index for index in range(300)) + 150
    last = ["Summa"] + [""] * 10 + [f"{total},00"]
    assert las(csv([*GOD, last])).godkanda == 300
    assert "FIL-002" in avslag(csv([*GOD[:-1], last]))


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf", b"  \r\n", b"\xff\xfe"])
def test_03_empty_is_refused(data: bytes) -> None:
    assert "FIL-003" in avslag(data)


def test_04_header_only_is_refused() -> None:
    assert "FIL-004" in avslag(csv(GOD[:1]))


@pytest.mark.parametrize("kod", ["cp1252", "latin-1", "cp437", "utf-8", "utf-8-sig", "utf-16"])
def test_05_06_every_encoding_gives_the_same_rows(kod: str) -> None:
    assert las(csv(GOD, kod=kod)).tabeller["placeringar"].rader["enhet"].unique().to_list() == ["Barnenheten Östra"]


def test_05_mixed_encodings_are_refused() -> None:
    assert "FIL-005" in avslag(csv(GOD[:200]) + csv(GOD[200:], kod="cp1252"))


def test_06_utf16_cut_in_half_a_character_is_refused() -> None:
    assert "FIL-006" in avslag(csv(GOD, kod="utf-16")[:-1])


@pytest.mark.parametrize(("skriven", "last"), [("utf-8", "cp1252"), ("utf-8", "cp437"), ("cp437", "cp1252")])
def test_07_mojibake_is_refused(skriven: str, last: str) -> None:
    data = csv([[cell.replace("Östra", "Väst") for cell in row] for row in GOD], kod=skriven)
    assert "FIL-007" in avslag(data.decode(last).encode("utf-8"))


def test_08_nul_bytes_are_refused() -> None:
    data = csv(GOD)
    assert "FIL-008" in avslag(data[:500] + b"\x00" + data[500:])


def test_09_carriage_returns_only_are_read_as_lines() -> None:
    assert las(csv(GOD, slut="\r")).godkanda == 300


def test_09_a_carriage_return_among_quoted_cells_is_refused_and_one_inside_them_is_text() -> None:
    data = csv([[*row[:10], f'"{row[10]}"', row[11]] for row in GOD])
    assert "FIL-009" in avslag(data.replace(b"\n", b"\r", 1))
    assert las(data.replace(b" \xc3\x96stra", b"\r\xc3\x96stra")).godkanda == 300


def test_10_a_title_that_looks_like_yaml_is_a_title() -> None:
    assert las(b"Urval: 2025\n" + csv(GOD)).godkanda == 300


def test_10_an_unknown_separator_is_refused() -> None:
    assert "FIL-010" in avslag(csv(GOD, separator="~"))


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_10_known_separators_are_found(separator: str) -> None:
    assert las(csv(GOD, separator=separator)).separator == separator


def test_11_ragged_rows_are_refused_with_their_numbers() -> None:
    rows = [list(row) for row in GOD]
    rows[7].append("extra")
    rows[9].pop()
    with pytest.raises(DeliveryRefused) as caught:
        las(csv(rows))
    assert [(one.regel, one.rad) for one in caught.value.fel] == [("FIL-011", 8), ("FIL-011", 10)]


def test_12_duplicate_header_is_refused() -> None:
    rows = [[*row, row[4]] for row in GOD]
    assert "FIL-012" in avslag(csv(rows))


def test_12_renamed_header_is_refused_with_the_difference_and_the_likely_column() -> None:
    rows = [list(row) for row in GOD]
    rows[0][4] = "startt"
    messages = avslag(csv(rows))
    assert "startt" in messages["FIL-013"] and "”startt”" in messages["FIL-012"]


def test_13_an_extra_column_is_refused_and_a_new_order_is_not() -> None:
    assert "FIL-013" in avslag(csv([[*row, "x"] if index else [*row, "Huvudsak"] for index, row in enumerate(GOD)]))
    assert las(csv([row[::-1] for row in GOD])).godkanda == 300


def test_13_a_blank_extra_column_and_title_rows_are_no_fault() -> None:
    rows = [[*row, ""] for row in GOD]
    found = las(b"Uttag ur verksamhetssystemet\n\n" + csv(rows))
    assert found.godkanda == 300 and int(found.tabeller["placeringar"].rader["rad"][0]) == 4


def test_14_a_quoted_newline_is_part_of_its_cell() -> None:
    rows = [list(row) for row in GOD]
    rows[3][10] = '"Barnenheten\nÖstra"'
    found = las(csv(rows)).tabeller["placeringar"].rader
    assert found["enhet"][2] == "Barnenheten\nÖstra"
    assert found["rad"][2:4].to_list() == [4, 6]  # as a text editor numbers the lines


def test_15_a_file_over_the_size_limit_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "stor.csv"
    path.write_bytes(csv(GOD))
    with pytest.raises(DeliveryRefused, match="FIL-015"):
        las_fil(path, max_bytes=1000)


@pytest.mark.slow
def test_15_ten_times_the_size_is_read() -> None:
    assert las(csv(ekonomi(30_000)), "ekonomi").godkanda == 30_000


def test_16_a_growing_file_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "vaxer.csv"
    path.write_bytes(b"")
    parts = [csv(GOD)[index : index + 4000] for index in range(0, len(csv(GOD)), 4000)]

    def grow() -> None:
        for part in parts:
            with path.open("ab") as file:
                file.write(part)
            time.sleep(0.02)

    thread = threading.Thread(target=grow)
    thread.start()
    while path.stat().st_size == 0:
        time.sleep(0.001)
    found = las_fil(path)
    thread.join()
    assert found.data == csv(GOD)


def test_16_a_file_that_never_rests_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "vaxer.csv"
    path.write_bytes(csv(GOD))
    monkeypatch.setattr(source_file.time, "sleep", lambda _: path.write_bytes(path.read_bytes() + b"x"))
    with pytest.raises(DeliveryRefused, match="FIL-016"):
        las_fil(path, max_vantan=0.2)


@pytest.mark.parametrize(
    ("data", "ord"),
    [
        (b"<html><body><table><tr><td>1</td></tr></table>", "HTML"),
        (b"\xef\xbb\xbf<!DOCTYPE html><html>", "HTML"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"#SIETYP 4\r\n#KONTO 4510\r\n", "#FLAGGA"),
        (b"\x1f\x8b\x08\x00....", "arkiv"),
        (b"PK\x03\x04" + b"\x00" * 40, "zip"),
        (b"PK\x03\x04[Content_Types].xml" + b"\x00" * 40, "skadad"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "lösenordsskyddad"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "Office"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le") + b"\x00" * 600, "skadad"),
    ],
)
def test_17_what_is_no_delivery_is_refused_with_its_true_reason(data: bytes, ord: str) -> None:
    assert ord in avslag(data)["FIL-017"]


def test_52_another_municipality_is_refused() -> None:
    rows = [["kommun", *GOD[0]], *(["Solna", *row] for row in GOD[1:])]
    assert "FIL-052" in avslag(csv(rows))
    assert las(csv(rows), kommun_kod=None).kommun_kod == "0184"
    rows[5][0] = "Exempelby"
    assert "flera kommuner" in avslag(csv(rows))["FIL-052"]


def test_53_a_symlink_is_not_followed_and_nothing_outside_the_folder_is_read(tmp_path: Path) -> None:
    root = tmp_path / "raw"
    root.mkdir()
    outside = tmp_path / "hemlig.csv"
    outside.write_bytes(csv(GOD))
    (root / "link.csv").symlink_to(outside)
    (root / "mapp").symlink_to(tmp_path)
    for path in (root / "link.csv", root / ".." / "hemlig.csv", root / "mapp" / "hemlig.csv"):
        with pytest.raises(DeliveryRefused, match="FIL-053"):
            las_fil(path, rot=root)
    os.mkfifo(root / "ror.csv")
    (root / "mapp.csv").mkdir()
    for name in ("ror.csv", "mapp.csv"):
        with pytest.raises(DeliveryRefused, match="FIL-053"):
            las_fil(root / name, rot=root)


def test_84_no_key_refuses_person_sources_and_no_others() -> None:
    assert "SEK-084" in avslag(csv(GOD), pseudonymiserare=None)
    assert las(csv(ekonomi()), "ekonomi", pseudonymiserare=None).godkanda == 12


def test_84_a_survey_with_respondents_needs_the_key_one_without_does_not() -> None:
    rows = [
        ["enkat", "ar", "malgrupp", "fraga_id", "svar", "kon"],
        ["hme", "2025", "medarbetare", "lar_nytt", "4", "K"],
    ]
    assert las(csv(rows), "enkater", pseudonymiserare=None).godkanda == 1
    with_ids = [[*row, "respondent" if not index else "R-1"] for index, row in enumerate(rows)]
    assert "SEK-084" in avslag(csv(with_ids), "enkater", pseudonymiserare=None)


def test_a_file_is_recognised_outside_its_folder() -> None:
    contracts = [load_contract(name) for name in ("ekonomi", "utredningar", "placeringar", "insatser")]
    found = recognise_source(csv(GOD), contracts, fil="x.csv")
    assert found is not None and found[0].kalla == "placeringar"
    assert recognise_source(b"a;b\n1;2\n", contracts, fil="x.csv") is None


@given(
    st.text("0123456789abcdef", min_size=64, max_size=64)
    | st.from_regex(r"19[5-9][0-9]0[1-9]1[0-9][0-9]{4}[0-9a-f]{52}", fullmatch=True)
)
def test_a_deliverys_name_is_the_start_of_its_hash_and_never_a_personnummer(digest: str) -> None:
    name = bilda_leverans_id("placeringar", "9998", digest)
    start = digest.index(name.removeprefix("placeringar-9998-"))
    assert len(name) == len("placeringar-9998-") + 12
    assert not scanner.hitta(name, idag=date.max)
    for skipped in range(start):
        assert scanner.hitta(f"placeringar-9998-{digest[skipped : skipped + 12]}", idag=date.max)
