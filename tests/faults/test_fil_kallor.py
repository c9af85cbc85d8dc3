"""What exports of the smaller sources hold that would be read as something else: each was read without a word once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pipelines.reading import leverans
from tests.faults.leveranser import avslag, bok, csv, ekonomi, las, placeringar, radfel
from tests.unit.identiteter import nummer

PERSONAL = ["Period", "Enhet", "Kön", "Sjuktimmar", "Ordinarie arbetstid"]
BEFOLKNING = ["Kommun", "År", "Ålder", "Kön", "Antal"]
STOD = ["Hushålls-id", "Period", "Antal vuxna", "Antal barn", "Hushållstyp", "Belopp", "Sökande", "Enhet"]
SVAR = ["Enkät", "År", "Målgrupp", "Respondent", "Fråga", "Svar", "Enhet"]
INSATS = ["Insatsnr", "Personnr", "Målgrupp", "Insats", "Startdag", "Slutdag", "Regi", "Enhet", "År"]


def personal(enhet: str, sjuk: str = "80,5", tid: str = "1500") -> list[str]:
    return ["2025-03", enhet, "K", sjuk, tid]


def person(index: int) -> str:
    return nummer(date(1985, 5, 1 + index % 28), 101 + 2 * index)


def stod(index: int) -> list[str]:
    return [f"H{index}", "2025-03", "1", "0", "3", "8000,50", person(index), "EB"]


def insats(index: int, start: str = "2025-02-14", ar: str = "2025") -> list[str]:
    return [f"I{index}", person(index), "Barn och unga", "Kontaktperson", start, "", "Egen", "Öppenvård", ar]


def svar(index: int, respondent: str, fritt: str = "Mycket lätt") -> list[str]:
    return [
        "brukarundersokning_ifo",
        "2025",
        "ekonomiskt_bistand",
        respondent,
        "fa_kontakt",
        fritt,
        f"Enhet {index % 3}",
    ]


def sos(index: int, **andra: str) -> list[str]:
    """A row of Socialstyrelsen's layout."""
    row = {
        "ar": "2025",
        "manad": "03",
        "kommun": "9998",
        "distrikt": "",
        "barn": "0",
        "belopp": "8000",
        "person": person(index),
    }
    row |= {
        "status": "1",
        "f": "",
        "u": "",
        "kon": "1",
        "alder": "40",
        "person2": "",
        "s2": "",
        "f2": "",
        "u2": "",
        "kon2": "",
        "a2": "",
    }
    return list((row | {"person3": ""} | andra).values())


def fsos(*rows: list[str]) -> bytes:
    return csv(rows, "\t")


def rader(data: bytes, kalla: str, tabell: str) -> Any:
    return las(data, kalla).tabeller[tabell].rader


# Names


@pytest.mark.parametrize(
    "skriven", ["Enhet\u00a0Norr", "Enhet  Norr", "Enhet\u200b Norr", "En\u00adhet Norr", "\u200eEnhet Norr\u2060"]
)
def test_what_is_not_seen_in_a_name_makes_no_second_unit(skriven: str) -> None:
    lake = rader(
        csv([PERSONAL, personal("Enhet Norr"), ["2025-04", skriven, *personal("")[2:]]]), "personal", "personal_manad"
    )
    assert lake["enhet"].unique().to_list() == ["Enhet Norr"]


def test_what_is_not_seen_in_a_code_does_not_refuse_it() -> None:
    rows = placeringar(3)
    rows[1][6], rows[2][6] = "Familje\u00adhem", "\u200bFamiljehem"
    assert rader(csv(rows), "placeringar", "placeringar")["form"].unique().to_list() == ["familjehem"]


def test_a_name_with_letters_of_two_alphabets_is_loaded_and_told() -> None:
    found = las(csv([PERSONAL, personal("Barn\u0435nheten")]), "personal")
    assert found.godkanda == 1 and {one.regel for one in found.flaggor} == {"VAR-105"}


@pytest.mark.parametrize("streck", ["-", "–", "—", "--", ".."])
def test_a_dash_is_nobodys_name(streck: str) -> None:
    assert radfel(csv([PERSONAL, personal("A"), personal(streck)]), "personal") == {"VAR-101": [3]}
    rows = [
        ["ar", "manad", "konto", "ansvar", "belopp_kr"],
        ["2025", "1", "4510", streck, "5"],
        ["2025", "1", "4510", "0010", "5"],
    ]
    assert rader(csv(rows), "ekonomi", "ekonomi")["ansvar"].to_list() == [None, "0010"]


def test_answers_without_a_respondent_are_not_one_respondents() -> None:
    lake = rader(csv([SVAR, svar(0, "-"), svar(1, "-"), svar(2, "R1")]), "enkater", "enkatsvar")
    assert lake["respondent_id"].null_count() == 2


@pytest.mark.parametrize(("fraga", "fritt"), [("fa_kontakt", "Ring mig"), ("vad_kan_bli_battre", "Mycket lätt")])
def test_what_the_questionnaire_does_not_know_may_be_free_text_and_is_not_loaded(fraga: str, fritt: str) -> None:
    strange = svar(1, "R1", fritt)
    strange[4] = fraga
    found = las(csv([SVAR, svar(0, "R0"), strange]), "enkater")
    assert found.flaggor and found.tabeller["enkatsvar"].rader["svar"].to_list() == ["Mycket lätt", "(okänt)"]


# Whose, and of when


def test_52_socialstyrelsens_layout_says_its_municipality_too() -> None:
    assert "FIL-052" in avslag(fsos(sos(0, kommun="0184"), sos(1, kommun="0184")), "forsorjningsstod")
    assert "FIL-052" in avslag(fsos(sos(0), sos(1, kommun="0184")), "forsorjningsstod")
    assert las(fsos(sos(0), sos(1)), "forsorjningsstod", kommun_kod=None).kommun_kod == "9998"


def test_52_a_row_without_municipality_beside_rows_with_one_is_not_taken_for_ours() -> None:
    rows = [BEFOLKNING, ["Exempelby", "2024", "0", "K", "12"], ["", "2024", "1", "K", "13"]]
    assert radfel(csv(rows), "befolkning") == {"VAR-101": [3]}
    empty = [BEFOLKNING, ["", "2024", "0", "K", "12"], ["", "2024", "1", "K", "13"]]
    assert las(csv(empty), "befolkning").godkanda == 2  # the template's column left empty


def test_a_row_without_year_in_a_years_register_does_not_replace_the_whole_register() -> None:
    rows = [INSATS, insats(0), insats(1, ar=""), insats(2)]
    assert radfel(csv(rows), "insatser") == {"VAR-101": [3]}
    assert las(csv([INSATS, insats(0, ar=""), insats(1, ar="")]), "insatser").godkanda == 2


@pytest.mark.parametrize(("titel", "kalla", "tabell"), [
    ("Belopp i tkr", "forsorjningsstod", [STOD, stod(0), stod(1)]),
    ("Ackumulerat januari–mars", "forsorjningsstod", [STOD, stod(0), stod(1)]),
    ("Sjukfrånvaro ackumulerat t.o.m. mars", "personal", [PERSONAL, personal("A"), personal("B")]),
])  # fmt: skip
def test_a_title_says_what_no_column_of_the_table_can(titel: str, kalla: str, tabell: list[list[str]]) -> None:
    assert "FIL-105" in avslag(csv([[titel] + [""] * (len(tabell[0]) - 1), *tabell]), kalla)
    assert las(csv(tabell), kalla).godkanda == 2


def test_29_dates_that_a_spreadsheet_may_have_turned_around_are_refused() -> None:
    rows: list[list[Any]] = [list(row) for row in [INSATS, insats(0), insats(1), insats(2, "13/1/2025")]]
    for row, day in zip(rows[1:3], (date(2025, 7, 1), date(2025, 3, 2)), strict=True):
        row[4] = day
    assert "VAR-029" in avslag(bok(rows, default_date_format="yyyy-mm-dd"), "insatser")
    rows[1][4] = date(2025, 7, 21)  # no month: nobody turned this one
    assert las(bok(rows, default_date_format="yyyy-mm-dd"), "insatser").godkanda == 3


def test_hours_shown_as_a_clock_are_told_as_that() -> None:
    rows: list[list[Any]] = [PERSONAL, list(personal("A")), list(personal("B"))]

    def clock(book: Any, sheet: Any) -> None:
        sheet.write_number(1, 3, 33.5, book.add_format({"num_format": "[h]:mm"}))

    found = las(bok(rows, clock), "personal")
    assert [one.regel for one in found.fel] == ["VAR-103"] and "klockslag" in found.fel[0].fel


# Twice


@pytest.mark.parametrize("kalla", ["ekonomi", "enkater"])
def test_a_table_pasted_twice_is_refused_and_a_single_repeated_row_is_not(kalla: str) -> None:
    table = ekonomi(6) if kalla == "ekonomi" else [SVAR, *(svar(i, f"R{i}") for i in range(6))]
    assert "FIL-108" in avslag(csv([*table, *table[1:]]), kalla)
    assert "FIL-108" in avslag(csv([table[0], *(row for row in table[1:] for _ in range(2))]), kalla)  # and sorted
    assert las(csv([*table, table[1]]), kalla).godkanda == 7


def test_a_unit_that_is_the_sum_of_all_others_is_a_total_under_another_name() -> None:
    rows = [PERSONAL, personal("A"), personal("B", "10", "700"), personal("Socialförvaltningen", "90,5", "2200")]
    assert "PER-008" in avslag(csv(rows), "personal")
    assert las(csv([*rows[:3], personal("C", "90,4", "2200")]), "personal").godkanda == 3


# Socialstyrelsen's layout, and files of which nothing is left


def test_a_number_of_zeros_in_socialstyrelsens_layout_is_nobody() -> None:
    lake = rader(
        fsos(sos(0, person2="0" * 12, person3="0" * 12), sos(1, person3=person(9))),
        "forsorjningsstod",
        "forsorjningsstod",
    )
    assert (
        lake["vuxna"].to_list() == [1, 1]
        and lake["barn"].to_list() == [0, 1]
        and lake["medsokande_id"].null_count() == 2
    )


def test_a_first_row_that_almost_fits_socialstyrelsens_layout_is_told_by_its_field() -> None:
    message = avslag(fsos(sos(0, belopp="8000,50"), sos(1)), "forsorjningsstod")
    assert set(message) == {"FIL-012"} and "Sbel" in message["FIL-012"]
    dashed = person(0)[:8] + "-" + person(0)[8:]
    message = avslag(fsos(sos(0, person=dashed), sos(1)), "forsorjningsstod")
    assert "Personnr1" in message["FIL-012"] and dashed not in message["FIL-012"]


def test_a_delivery_of_which_no_row_is_left_is_refused() -> None:
    """An accepted one would replace the whole register by nothing."""
    assert "FIL-100" in avslag(csv([INSATS, insats(0, start="2025-02-30")]), "insatser")


def test_goals_in_yaml_may_begin_with_a_comment_and_an_anchor_is_told() -> None:
    plain = "- ar: 2025\n  mal_id: 1\n  effektmal: Färre hushåll\n"
    assert las(f"# Mål 2025\n\n# version 2\n{plain}".encode(), "mal", fil="mal.yaml").format == "yaml"
    assert (
        "alias"
        in avslag(f"- &a\n{plain[2:].replace('ar', '  ar', 1)}- *a\n".encode(), "mal", fil="mal.yaml")["FIL-017"]
    )


def test_goals_in_yaml_may_have_swedish_field_names() -> None:
    text = '- År: 2025\n  "Mål-id": 1\n  Effektmål: Färre hushåll\n'
    assert rader(text.encode(), "mal", "mal")["effektmal"].to_list() == ["Färre hushåll"]


# Numbers and sheets of a workbook


@pytest.mark.parametrize("skriven", [2503, 325, 1125])  # March 2025 with its zero lost or not, November 2025
def test_a_month_of_four_digits_in_a_workbook_is_no_month_of_1906(skriven: int) -> None:
    rows: list[list[Any]] = [PERSONAL, personal("A"), [skriven, *personal("B")[1:]]]
    assert radfel(bok(rows), "personal") == {"VAR-028": [3]}


def test_18_a_merged_note_below_the_table_is_no_merged_cell_of_it_and_one_inside_is_told_by_its_row() -> None:
    rows: list[list[Any]] = [PERSONAL, personal("A"), personal("B")]
    note = bok(rows, lambda _, sheet: sheet.merge_range(4, 0, 4, 4, "Preliminära tal"))
    assert las(note, "personal").godkanda == 2
    inside = avslag(bok(rows, lambda _, sheet: sheet.merge_range(1, 0, 2, 0, "2025-03")), "personal")
    assert "rad 2" in inside["XLS-018"]


def test_26_hours_that_english_thousands_would_make_a_thousand_times_larger_are_refused() -> None:
    assert "VAR-026" in avslag(
        csv([PERSONAL, personal("A", "1,234", "15,200"), personal("B", "1,100", "16,300")]), "personal"
    )


@pytest.mark.parametrize(
    ("talformat", "kronor"), [('#,##0 "tkr"', False), ('#,##0," tkr"', True), ('#,##0 "kr"', True)]
)
def test_a_unit_that_only_the_number_format_shows_is_refused(talformat: str, kronor: bool) -> None:
    """1234 shown as 1234 tkr is read as 1234 kr; 1234000 shown as 1234 tkr is in kronor already."""
    rows: list[list[Any]] = [list(row) for row in ekonomi(2)]
    for row in rows[1:]:
        row[4] = None

    def shown(book: Any, sheet: Any) -> None:
        for row in (1, 2):
            sheet.write_number(row, 4, 1234, book.add_format({"num_format": talformat}))

    assert (
        ("FIL-105" in avslag(bok(rows, shown), "ekonomi"))
        if not kronor
        else las(bok(rows, shown), "ekonomi").godkanda == 2
    )
    if not kronor:
        rows = [[*row, unit] for row, unit in zip(rows, ("enhet", "tkr", "tkr"), strict=True)]
        assert rader(bok(rows, shown), "ekonomi", "ekonomi")["belopp_kr"].sum() == 2 * 1234_000


def test_a_hidden_sheet_is_told_as_hidden() -> None:
    def hide(book: Any, _: Any) -> None:
        sheet = book.add_worksheet("Uppslag")
        sheet.write_row(0, 0, ["något", "annat"])
        sheet.hide()

    assert "”Uppslag” (dolt)" in avslag(bok([PERSONAL, personal("A")], hide), "personal")["FIL-012"]


def test_a_header_broken_over_two_lines_of_its_cell_is_one_word() -> None:
    header = ["Period", "Enhet", "Kön", "Sjuk-\ntimmar", "Ordinarie\narbetstid"]
    assert las(bok([header, personal("A")]), "personal").godkanda == 1


def test_a_month_13_is_a_refused_row_and_no_whole_year_beside_the_months() -> None:
    rows = [["ar", "manad", "konto", "belopp_kr"], ["2025", "12", "4510", "5"], ["2025", "13", "4510", "6"]]
    assert radfel(csv(rows), "ekonomi") == {"VAR-102": [3]}


def test_the_old_workbook_format_is_read_with_a_word_of_what_is_not_seen_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    book = bok([PERSONAL, personal("A")])
    assert las(book, "personal").noter == ()
    monkeypatch.setattr(leverans, "kann_igen", lambda *_: "xls")
    assert any("spara den hellre som .xlsx" in note for note in las(book, "personal").noter)
