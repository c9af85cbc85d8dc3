"""Faults 26-43 of the catalogue: values. A bad row is refused, the others are loaded, nothing is guessed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from pipelines.errors import DeliveryRefused
from tests.faults.leveranser import P, avslag, bok, csv, ekonomi, fodd, las, placeringar, radfel
from tests.unit.identiteter import nummer

GOD = placeringar()


def med(rad: int, **celler: str) -> bytes:
    """The good register with some cells of one row (line number in the file) replaced."""
    rows = [list(row) for row in GOD]
    for name, value in celler.items():
        rows[rad - 1][[h.lower() for h in GOD[0]].index(name)] = value
    return csv(rows)


def eko(*belopp: str, kolumn: int = 4) -> bytes:
    rows = ekonomi(len(belopp))
    for row, text in zip(rows[1:], belopp, strict=True):
        row[kolumn] = text
    return csv(rows)


def belopp(data: bytes) -> list[Decimal]:
    return las(data, "ekonomi").tabeller["ekonomi"].rader["belopp_kr"].to_list()


def test_26_decimal_comma_and_point_in_one_column_are_refused() -> None:
    assert "VAR-026" in avslag(eko("1,50", "2.50"), "ekonomi")


def test_26_a_number_that_can_be_read_in_two_ways_is_refused() -> None:
    assert "VAR-026" in avslag(eko("1.234", "5"), "ekonomi")
    assert belopp(eko("1.234,00", "5")) == [Decimal("1234.00"), Decimal("5.00")]


def test_26_an_amount_that_english_thousands_would_make_a_thousand_times_larger_is_refused() -> None:
    assert "VAR-026" in avslag(eko("1,234", "-12,500", "5"), "ekonomi")
    assert belopp(eko("1,234", "12,50")) == [Decimal("1.23"), Decimal("12.50")]
    thousands = [["ar", "konto", "belopp tkr"], ["2025", "4510", "1,234"]]
    assert belopp(csv(thousands)) == [Decimal("1234.00")]


def test_27_every_thousands_and_minus_style() -> None:
    data = eko("1\u00a0234,50", "1\u202f234,50", "1 234,50", "\u22121 234,50", "1234,50-", "(1 234,50)", "-1234,5")
    assert belopp(data) == [Decimal("1234.50")] * 3 + [Decimal("-1234.50")] * 4


@pytest.mark.parametrize("text", ["1,2,3", "12,50,00", "abc", "1 23,5", "1e5", "\uff11\uff12", "12 kr", "1,5-2"])
def test_27_an_amount_that_is_none_refuses_its_row(text: str) -> None:
    rows = ekonomi(300)
    rows[6][4] = text
    assert radfel(csv(rows), "ekonomi") == {"VAR-103": [7]}


@pytest.mark.parametrize(
    "text", ["2020-02-30", "2025-13-01", "20250230", "1025-01-01", "igår", "2025-1-1", "9999-12-31"]
)
def test_28_an_impossible_date_refuses_its_row(text: str) -> None:
    assert radfel(med(9, start=text)) == {"VAR-028": [9]}


@pytest.mark.parametrize("text", ["03/04/2025", "3.4.2025", "12/31/2024"])
def test_29_an_ambiguous_date_refuses_its_row(text: str) -> None:
    assert radfel(med(9, start=text)) == {"VAR-029": [9]}


@pytest.mark.parametrize(
    ("text", "dag"),
    [("20230215", 15), ("2023-02-15 00:00:00", 15), ("2023/02/15", 15), ("15.02.2023", 15), ("15/2/2023", 15)],
)
def test_29_an_unambiguous_date_is_read(text: str, dag: int) -> None:
    found = las(med(9, start=text)).tabeller["placeringar"].rader
    assert found.filter(found["rad"] == 9)["start"].to_list() == [date(2023, 2, dag)]


def test_30_a_future_event_refuses_its_row() -> None:
    assert radfel(med(9, start="2026-01-16", slut="")) == {"PLA-006": [9]}
    assert radfel(med(9, slut="2026-01-16")) == {"PLA-007": [9]}


def test_31_end_before_start_refuses_its_row() -> None:
    assert radfel(med(9, slut="2022-12-31")) == {"PLA-001": [9]}


def test_32_zero_length_is_loaded_and_flagged() -> None:
    found = las(med(9, slut=GOD[8][4]))
    assert found.godkanda == 300 and [(one.regel, one.rad) for one in found.flaggor] == [("PLA-004", 9)]


def test_a_refused_row_is_not_flagged_too() -> None:
    rows = [list(row) for row in GOD[:3]] + [list(GOD[1])]
    rows[3][0], rows[3][5] = "P-99999", "2022-12-01"  # ends before it starts, and overlaps the first
    assert radfel(csv(rows)) == {"PLA-001": [4]}
    assert not {one.rad for one in las(csv(rows)).flaggor} & {4}


def test_33_overlapping_placements_are_loaded_and_flagged() -> None:
    found = las(med(9, slut="2023-12-31"))
    flags = [(one.regel, one.rad) for one in found.flaggor]
    assert found.godkanda == 300 and flags == [("PLA-005", 89)]


def test_34_duplicate_id_refuses_the_rows() -> None:
    assert radfel(csv([*GOD, GOD[8]])) == {"VAR-034": [302]}  # an exact repetition: the first one stands
    assert radfel(med(9, placering_id="P-00001")) == {"VAR-034": [3, 9]}  # two stories of one placement: neither


def test_35_a_placement_over_18_years_refuses_its_row() -> None:
    assert radfel(med(9, fodelsedatum="1990-01-01", start="1999-01-01", slut="2025-01-01")) == {"PLA-003": [9]}


def test_36_birth_after_start_refuses_its_row() -> None:
    late = date(2024, 5, 5)
    data = med(9, person=nummer(late, 204), fodelsedatum=late.isoformat(), start="2024-01-01", slut="2024-06-01")
    assert radfel(data) == {"PLA-002": [9]}


@pytest.mark.parametrize("fel", ["kontroll", "datum", "kort", "lopnummer", "framtid", "bokstav", "helbredd"])
def test_37_a_number_that_does_not_hold_refuses_its_row(fel: str) -> None:
    good = GOD[8][1]
    bad = {
        "kontroll": good[:-1] + str((int(good[-1]) + 1) % 10),
        "datum": good[:4] + "1331" + good[8:],
        "kort": good[:-1],
        "lopnummer": good[:8] + "0000",
        "framtid": "2099" + good[4:],
        "bokstav": good[:-1] + "X",
        "helbredd": good.translate({48 + i: 0xFF10 + i for i in range(10)}),
    }[fel]
    data = med(9, person=bad)
    assert radfel(data) == {"VAR-037": [9]}
    assert bad not in " ".join(one.text() for one in las(data).fel)


@pytest.mark.parametrize("form", ["{0}-{1}", "{2}{1}", "{2}-{1}", " {0}{1} "])
def test_38_every_written_form_of_one_person_is_one_pseudonym(form: str) -> None:
    good = GOD[8][1]
    written = form.format(good[:8], good[8:], good[2:8])
    lake = las(med(9, person=written)).tabeller["placeringar"].rader
    assert lake["person_id"].to_list() == las(csv(GOD)).tabeller["placeringar"].rader["person_id"].to_list()
    assert lake["person_id"][7] == P.person(good)


def test_39_an_unknown_code_refuses_its_row() -> None:
    found = las(med(9, form="fosterhem 2"))
    assert [(one.regel, one.rad) for one in found.fel] == [("VAR-039", 9)] and "familjehem" in found.fel[0].atgard


def test_39_leading_zeros_are_kept_and_a_lost_one_in_a_municipality_is_refused() -> None:
    assert las(csv(ekonomi()), "ekonomi").tabeller["ekonomi"].rader["ansvar"].to_list() == [
        row[3] for row in ekonomi()[1:]
    ]
    rows = [["kommun", *row] if not index else ["184", *row] for index, row in enumerate(ekonomi())]
    assert "FIL-052" in avslag(csv(rows), "ekonomi")


def test_40_unknown_sex_is_a_category_of_its_own() -> None:
    born = fodd(7)
    reserve = f"{born:%Y%m%d}TF12"
    lake = las(med(9, person=reserve, kon="", fodelsedatum=born.isoformat())).tabeller["placeringar"].rader
    assert lake["kon"][7] == "O"


def test_40_missing_sex_and_birth_date_are_taken_from_the_number() -> None:
    lake = las(med(9, kon="", fodelsedatum="")).tabeller["placeringar"].rader
    assert (lake["kon"][7], lake["fodelsear"][7]) == ("K", fodd(7).year)
    without = [[cell for column, cell in enumerate(row) if column not in (2, 3)] for row in GOD]
    assert las(csv(without)).tabeller["placeringar"].rader["kon"].to_list() == ["K"] * 300


def test_40_a_contradiction_between_number_and_statement_is_flagged() -> None:
    assert [one.regel for one in las(med(9, kon="M")).flaggor] == ["VAR-040"]
    assert "VAR-036" in [one.regel for one in las(med(9, fodelsedatum="2009-12-30")).flaggor]


@pytest.mark.parametrize("text", ["<5", "--", "3,7", "..", "12,000"])
def test_41_a_count_that_is_no_count_is_refused(text: str) -> None:
    rows = [["ar", "alder", "kon", "antal"], *(["2024", str(age), "K", "100"] for age in range(50))]
    rows[7][3] = text
    assert "VAR-041" in avslag(csv(rows), "befolkning")


def test_41_a_token_of_the_contract_is_a_status_and_never_a_zero() -> None:
    rows = [
        ["tabell", "matt", "enhet", "2023", "2024", "2025", "kalla"],
        ["t", "a", "antal", "--", "-", "0", "egen"],
        ["t", "b", "antal", "7", "8", "9", "egen"],
    ]
    lake = las(csv(rows), "matt").tabeller["matt"].rader.sort("matt", "ar")
    assert lake["varde"].to_list()[:3] == [None, None, Decimal(0)]
    assert lake["status"].to_list()[:3] == ["undertryckt", "saknas", "ok"]


def test_42_personnummer_in_an_unexpected_column_refuses_the_file_without_naming_it() -> None:
    number = nummer(date(1985, 3, 4), 123)
    for column in ("enhet", "form", "dygnskostnad_kr", "start", "placering_id"):
        text = f"se {number[:8]}-{number[8:]}" if column == "enhet" else number
        data = med(9, **{column: text})
        if column == "placering_id":  # a case id becomes a pseudonym: nothing of it is kept
            assert number not in str(las(data).tabeller["placeringar"].rader.to_dicts())
            continue
        found = avslag(data)
        assert "VAR-042" in found and number not in " ".join(found.values())


def test_42_a_free_text_column_is_never_loaded() -> None:
    number = nummer(date(1985, 3, 4), 123)
    rows = [[*GOD[0], "Anteckning", "Namn"], *([*row, f"ringde {number}", "Anna Andersson"] for row in GOD[1:])]
    found = las(csv(rows))
    assert found.godkanda == 300 and len(found.noter) == 2
    everything = str(found.tabeller["placeringar"].rader.to_dicts()) + " ".join(found.noter)
    assert (
        number not in everything
        and "Andersson" not in everything
        and "anteckning" not in found.tabeller["placeringar"].rader.columns
    )


def test_42_personnummer_in_a_header_a_title_or_a_file_name_is_refused_without_being_named() -> None:
    number = nummer(date(1985, 3, 4), 123)
    header = csv([[*GOD[0], number], *([*row, "1"] for row in GOD[1:])])
    title = f"Utdrag {number}\n".encode() + csv(GOD)
    for found in (avslag(header), avslag(title), avslag(csv(GOD), fil=f"{number}.csv")):
        assert "VAR-042" in found and number not in " ".join(found.values())


@pytest.mark.parametrize("text", ["'; DROP TABLE rader; --", "=HYPERLINK(1)", "{{ 7*7 }}", "<script>"])
def test_43_sql_formulas_and_templates_in_cells_are_text(text: str) -> None:
    rows = [list(row) for row in GOD]
    rows[8][10] = f'"{text}"'
    assert las(csv(rows)).tabeller["placeringar"].rader["enhet"][7] == text


def test_43_sql_in_a_header_is_an_unknown_column() -> None:
    rows = [[*row, "x"] if index else [*row, "x') DROP TABLE rader --"] for index, row in enumerate(ekonomi())]
    assert "FIL-013" in avslag(csv(rows), "ekonomi")


def test_bad_rows_within_the_limit_are_refused_and_the_rest_is_loaded() -> None:
    rows = [list(row) for row in GOD]
    rows[4][4], rows[5][4] = "2020-02-30", "x"
    found = las(csv(rows))
    assert (found.lasta, found.godkanda, found.avvisade) == (300, 298, 2)
    assert (
        found.tabeller["placeringar"].rader.filter(found.tabeller["placeringar"].rader["rad"].is_in([5, 6])).height == 0
    )


def test_one_bad_row_in_a_small_file_does_not_stop_the_others_but_two_do() -> None:
    rows = [list(row) for row in placeringar(30)]
    rows[4][4] = "2020-02-30"
    assert las(csv(rows)).avvisade == 1
    rows[5][4] = "2020-02-30"
    assert {"FIL-100", "VAR-028"} == set(avslag(csv(rows)))


def test_too_many_bad_rows_are_refused_with_a_list_and_a_count() -> None:
    rows = [list(row) for row in GOD]
    for row in rows[1:101]:
        row[4] = "2020-02-30"
    with pytest.raises(DeliveryRefused) as caught:
        las(csv(rows))
    dates = [one for one in caught.value.fel if one.regel == "VAR-028"]
    assert sum(one.antal for one in dates) == 100 and len(dates) == 25


def test_code_and_name_in_one_cell_are_two_columns() -> None:
    rows = ekonomi(3)
    for row in rows[1:]:
        row[2] = "60150 Lokalhyror parkering"
    lake = las(csv(rows), "ekonomi").tabeller["ekonomi"].rader
    assert lake["konto"].to_list() == ["60150"] * 3 and lake["konto_namn"].to_list() == ["Lokalhyror parkering"] * 3


def test_period_is_year_and_month_and_00_is_the_whole_year() -> None:
    rows = [
        ["period", "konto", "version", "belopp_kr"],
        ["202503", "4510", "utfall", "1"],
        ["2025-04", "4510", "utfall", "2"],
        ["202500", "4510", "budget", "3"],
    ]
    lake = las(csv(rows), "ekonomi").tabeller["ekonomi"].rader
    assert lake["ar"].to_list() == [2025] * 3 and lake["manad"].to_list() == [3, 4, None]


@pytest.mark.parametrize(
    ("ar", "manad", "period"), [("2024", "3", "202503"), ("2025", "4", "202503"), ("", "", "202513")]
)
def test_a_period_that_is_none_or_contradicts_its_row_refuses_it(ar: str, manad: str, period: str) -> None:
    head = ["ar", "manad", "period", "konto", "belopp_kr"]
    good = ["2025", "03", "202503", "4510", "1"]
    assert radfel(csv([head, good, [ar, manad, period, "4510", "2"]]), "ekonomi") == {"VAR-028": [3]}


def test_a_month_said_by_its_name_is_its_number() -> None:
    rows = [["ar", "Månad", "konto", "belopp"], ["2025", "jan", "4510", "1"], ["2025", "Februari", "4510", "2"]]
    assert las(csv(rows), "ekonomi").tabeller["ekonomi"].rader["manad"].to_list() == [1, 2]


def test_the_period_of_months_is_those_months_and_of_a_row_without_month_the_year() -> None:
    rows = ekonomi(2)
    assert (las(csv(rows), "ekonomi").period_fran, las(csv(rows), "ekonomi").period_till) == (
        date(2025, 1, 1),
        date(2025, 2, 28),
    )
    rows[2][1] = ""
    assert las(csv(rows), "ekonomi").period_till == date(2025, 12, 31)


def test_two_headers_of_the_same_month_are_refused() -> None:
    rows = [["konto", "Jan 2025", "Januari 2025", "Feb 2025"], ["4510", "5", "6", "7"]]
    message = avslag(csv(rows), "ekonomi")["FIL-012"]
    assert "”Jan 2025” och ”Januari 2025”" in message


def test_unit_and_sign_of_the_file_become_kronor_in_ledger_sign() -> None:
    rows = [
        ["ar", "post", "enhet", "tecken", "belopp_kr"],
        ["2013", "netto", "mnkr", "rapport", "-184,2"],
        ["2013", "intakter", "tkr", "redovisning", "-5"],
    ]
    assert belopp(csv(rows)) == [Decimal("184200000.00"), Decimal("-5000.00")]


def test_legitimate_duplicate_rows_survive_in_the_ledger() -> None:
    rows = ekonomi(2)
    assert las(csv([*rows, rows[1]]), "ekonomi").godkanda == 3


def test_a_header_cut_at_eleven_characters_is_found() -> None:
    rows = [[cell[:11] for cell in GOD[0]], *GOD[1:]]
    assert rows[0][0] == "Placering_i" and las(csv(rows)).godkanda == 300


EKO = ekonomi(3)


@pytest.mark.parametrize(
    ("data", "fil"),
    [
        (b"Budgetram;;;;\nBelopp i tkr;;;;\n" + csv(EKO), "ramar.csv"),
        (csv(EKO) + b"Tusen kronor;;;;\n", "ramar.csv"),
        (b"Belopp i 1000-tals kronor;;;;\n" + csv(EKO), "ramar.csv"),
        (b"MSEK;;;;\n" + csv(EKO), "ramar.csv"),
        (b"Budget 2025;;;;\n" + csv(EKO), "ramar.csv"),
        (csv(EKO), "Budget_2025.csv"),
    ],
)
def test_a_unit_or_version_that_stands_outside_the_table_only_is_refused(data: bytes, fil: str) -> None:
    assert "FIL-105" in avslag(data, "ekonomi", fil=fil)


@pytest.mark.parametrize("titel", ["Kvinnor", "Prognos", "Ackumulerat"])
def test_a_title_or_sheet_that_is_one_of_a_columns_codes_is_refused_when_no_column_says_it(titel: str) -> None:
    rows = [["tabell", "matt", "enhet", "ar", "varde", "kalla"], ["t", "placerade", "antal", "2025", "7", "k"]]
    assert "rad 1" in avslag(f"{titel};;;;;\n".encode() + csv(rows), "matt")["FIL-105"]
    assert "FIL-105" in avslag(bok(rows, blad=titel), "matt")
    assert las(f"{titel} i korthet;;;;;\n".encode() + csv(rows), "matt").godkanda == 1


@pytest.mark.parametrize("titel", ["Budgetuppföljning 2025", "Utfall mot budget", "Belopp i kr", "Bokslut"])
def test_a_title_that_says_what_is_read_anyway_or_two_things_stops_nothing(titel: str) -> None:
    assert las(f"{titel};;;;\n".encode() + csv(EKO), "ekonomi").godkanda == 3


def test_a_version_that_a_column_says_is_the_columns() -> None:
    rows = [[*row, "budget" if index else "version"] for index, row in enumerate(EKO)]
    found = las(b"Budget 2025;;;;;\n" + csv(rows), "ekonomi", fil="budget.csv")
    assert found.tabeller["ekonomi"].rader["version"].unique().to_list() == ["budget"]


def test_a_second_table_below_the_first_is_refused_because_its_columns_may_stand_otherwise() -> None:
    below = [["ar", "manad", "ansvar", "konto", "belopp_kr"], ["2025", "1", "4510", "5010", "100"]]
    message = avslag(csv([*EKO, *below]), "ekonomi")
    assert "rad 5" in message["FIL-106"]


@pytest.mark.parametrize("ord", ["4510 Summa", "4510 Totalt", "Totalsumma", "Delsumma 4510"])
def test_a_subtotal_is_no_amount_whichever_side_its_word_stands(ord: str) -> None:
    rows = [
        ["ar", "konto", "jan", "feb"],
        ["2025", "4510", "100", "50"],
        ["2025", "4510", "10", "5"],
        ["2025", ord, "110", "55"],
    ]
    found = las(csv(rows), "ekonomi").tabeller["ekonomi"]
    assert found.rader["radtyp"].to_list() == ["rad"] * 4 + ["summa"] * 2
    assert found.summor["belopp_kr"] == 165 and found.fel == ()


def test_a_word_in_an_accounts_place_refuses_its_row() -> None:
    rows = [["ar", "konto", "jan"], ["2025", "4510", "100"], ["2025", "Resultat", "100"]]
    assert radfel(csv(rows), "ekonomi") == {"VAR-039": [3]}


def test_an_account_group_that_is_the_sum_of_its_accounts_is_refused() -> None:
    head = ["ar", "konto", "jan", "feb"]
    rows = [
        ["2025", "4510", "100", "50"],
        ["2025", "4520", "1", "2"],
        ["2025", "45", "101", "52"],
        ["2025", "4", "101", "52"],
    ]
    assert "rad 5" in avslag(csv([head, *rows]), "ekonomi")["FIL-107"]
    rows[2][3] = rows[3][3] = "53"  # budgeted by group, and more than what is below: not its sum
    assert las(csv([head, *rows]), "ekonomi").godkanda == 8


def test_an_account_that_a_pivot_table_leaves_out_refuses_its_row() -> None:
    rows = [list(row) for row in EKO]
    rows[2][2] = ""
    assert radfel(csv(rows), "ekonomi") == {"EKO-006": [3]}


@pytest.mark.parametrize("skriven", ['="{0}"', '"=""{0}"""', "'{0}"])
def test_digits_that_a_spreadsheet_is_told_to_take_as_text_are_the_digits(skriven: str) -> None:
    rows = [list(row) for row in EKO]
    for row in rows[1:]:
        row[3] = skriven.format(row[3])
    lake = las(csv(rows), "ekonomi").tabeller["ekonomi"].rader
    assert lake["ansvar"].to_list() == [row[3] for row in EKO[1:]]


@pytest.mark.parametrize(("text", "regel"), [("1,2E+15", "XLS-022"), ("2.01E+11", "XLS-022"), ("#SAKNAS!", "XLS-020"), ("#N/A", "XLS-020"), ("#####", "XLS-020")])  # fmt: skip
def test_a_code_or_id_that_a_spreadsheet_has_replaced_is_refused(text: str, regel: str) -> None:
    assert regel in avslag(eko("5", text, kolumn=3), "ekonomi")
    assert regel in avslag(med(9, placering_id=text))


def test_a_year_in_a_date_column_of_a_workbook_is_no_day_of_1905() -> None:
    head = ["manad", "enhet", "kon", "sjuk_timmar", "ordinarie_timmar"]
    for cell in (2025, 2025.1):
        assert radfel(bok([head, ["2025-01", "A", "M", "1", "10"], [cell, "A", "K", "1", "10"]]), "personal") == {
            "VAR-028": [3]
        }


def test_52_the_region_of_a_population_table_is_its_municipality() -> None:
    rows = [["region", "ålder", "kön", "2024"], ["0184 Solna", "0 år", "kvinnor", "100"]]
    assert "FIL-052" in avslag(csv(rows), "befolkning")
    assert las(csv(rows), "befolkning", kommun_kod="0184").kommun_kod == "0184"
    rows[1][0] = "0180 Stockholm"
    assert "rad 2" in avslag(csv(rows), "befolkning")["FIL-052"]
