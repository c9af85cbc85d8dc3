"""SIE 4 as specified and as real programs write it: every trap, in files typed here."""

from __future__ import annotations

import zlib
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import DeliveryRefused, TertialError
from pipelines.sekretess.personnummer import luhn_stammer
from pipelines.sources.ekonomi.sie_ledger import ENDAST_VERIFIKATIONER, SieResultat, read_sie
from pipelines.sources.ekonomi.sie_rader import SCHEMA
from pipelines.sources.ekonomi.sie_tokens import Post, decode, fields, object_list, records
from tests.egenskaper import exempel

HUVUD = """#FLAGGA 0
#PROGRAM "Provsystem" 1.0
#FORMAT PC8
#GEN 20250901
#SIETYP {typ}
#ORGNR 212000-0001
#FNAMN "Exempelby kommun"
#RAR 0 20250101 20251231
#RAR -1 20240101 20241231
#KONTO 1930 "Bank"
#KONTO 3110 "Avgifter"
#KONTO 4510 "Försörjningsstöd"
#KONTO 5010 "Löner"
"""


def las(text: str, fil: str = "prov.se", kodning: str = "cp437", dim: dict[int, str] | None = None) -> SieResultat:
    return read_sie(text.encode(kodning), fil, dim)


def belopp(resultat: SieResultat, **villkor: object) -> Decimal:
    rader = resultat.rader
    for kolumn, varde in villkor.items():
        rader = rader.filter(pl.col(kolumn).is_null() if varde is None else pl.col(kolumn) == varde)
    return sum(rader["belopp_kr"].to_list(), Decimal(0))


def regler(text: str | bytes, fil: str = "prov.se") -> set[str]:
    with pytest.raises(DeliveryRefused) as fangad:
        read_sie(text if isinstance(text, bytes) else text.encode("cp437"), fil)
    return {ett.regel for ett in fangad.value.fel}


def status(resultat: SieResultat, namn: str) -> str:
    (en,) = [ett for ett in resultat.kontroller if ett.namn.startswith(namn)]
    return en.status


TYP4 = HUVUD.format(typ=4) + (
    "#IB 0 1930 1000.00\n#UB 0 1930 640.00\n#RES 0 3110 -40.00\n#RES 0 4510 400.00\n"
    '#VER A 1 20250115 "Utbetalning"\n{\n'
    '#TRANS 4510 {1 "310" 6 "7"} 300.00 20250115 "text"\n#TRANS 1930 {} -300.00\n}\n'
    '#VER A 2 20250220 ""\n{\n#TRANS 4510 {1 310} 100 20250301\n#TRANS 1930 {} -100\n}\n'
    '#VER A 3 20250220 ""\n{\n#TRANS 3110 {} -40.00\n#TRANS 1930 {} 40.00\n}\n'
)


# --- the frame ------------------------------------------------------------------------------------------------------


def test_rows_have_exactly_the_ledger_columns() -> None:
    resultat = las(TYP4)
    assert dict(resultat.rader.schema) == dict(SCHEMA)
    assert resultat.rader.rows(named=True)[0] == {
        "rad": 20,
        "ar": 2025,
        "manad": 1,
        "version": "utfall",
        "konto": "4510",
        "konto_namn": "Försörjningsstöd",
        "ansvar": "310",
        "projekt": "7",
        "verksamhet": None,
        "aktivitet": None,
        "objekt": None,
        "fri": None,
        "motpart": None,
        "belopp_kr": Decimal("300.00"),
        "rakenskapsar_start": resultat.rakenskapsar[-1].start,
        "rakenskapsar_slut": resultat.rakenskapsar[-1].slut,
    }


def test_head_and_checks() -> None:
    resultat = las(TYP4)
    assert (resultat.typ, resultat.kodning, resultat.foretag, resultat.orgnr) == (
        "4E",
        "cp437",
        "Exempelby kommun",
        "212000-0001",
    )
    assert status(resultat, "Verifikationer mot #RES") == "godkand"
    assert status(resultat, "Balanskonton") == "godkand"
    assert status(resultat, "#UB minus #IB") == "godkand"
    assert status(resultat, "Kontrollsumma") == "ej_provad"


def test_the_row_date_decides_the_month_not_the_voucher_date() -> None:
    assert belopp(las(TYP4), konto="4510", manad=3) == Decimal("100.00")
    assert belopp(las(TYP4), konto="4510", manad=2) == 0


def test_balance_accounts_are_checked_but_never_rows() -> None:
    assert set(las(TYP4).rader["konto"]) == {"4510", "3110"}


# --- bytes and fields -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kodning", ["cp437", "latin-1", "utf-8", "utf-8-sig"])
def test_encodings(kodning: str) -> None:
    resultat = las(TYP4, kodning=kodning)
    assert resultat.kodning == kodning.removesuffix("-sig")
    assert "Försörjningsstöd" in resultat.rader["konto_namn"].to_list()


def test_a_file_of_two_encodings_is_read_by_the_commoner_one_and_says_where() -> None:
    data = (HUVUD.format(typ=1) + "#RES 0 4510 1.00\n").encode("cp437") + '#OBJEKT 6 "Å1" ""\n'.encode("latin-1")
    resultat = read_sie(data, "blandad.se")
    assert resultat.kodning == "cp437"
    assert any("blandar teckenkodningar" in not_ and "rad 15" in not_ for not_ in resultat.noter)


def test_mojibake_is_refused() -> None:
    assert regler(TYP4.encode().decode("latin-1").encode()) == {"SIE-009"}


@pytest.mark.parametrize("radslut", ["\n", "\r\n", "\r"])
def test_line_ends(radslut: str) -> None:
    assert las(TYP4.replace("\n", radslut)).rader.equals(las(TYP4).rader)


def test_fields_quotes_braces_and_tabs() -> None:
    post = Post(1, "X", 'ett\t"två ord"  "inre \\"citat\\"" "" {} { } {1 "a}b" 6\t7} "C:\\katalog\\"')
    falt = fields(post, "f")
    assert falt == ["ett", "två ord", 'inre "citat"', "", "{}", "{ }", '{1 "a}b" 6\t7}', "C:\\katalog\\"]
    assert [object_list(ett) for ett in falt[4:7]] == [[], [], ["1", "a}b", "6", "7"]]


def test_what_follows_the_needed_fields_is_not_even_split() -> None:
    assert fields(Post(1, "TRANS", '4510 {} 1.00 "" "aldrig avslutad'), "f", 3) == ["4510", "{}", "1.00"]
    with pytest.raises(DeliveryRefused, match="SIE-005"):
        fields(Post(1, "TRANS", '4510 {} 1.00 "" "aldrig avslutad'), "f")


def test_unknown_tags_and_extra_fields_are_passed_over() -> None:
    extra = TYP4.replace("#RES 0 3110 -40.00", "#NYTAGG hej\n#RES 0 3110 -40.00 12.5 nytt").replace(
        "#FLAGGA 0", "#FLAGGA 1"
    )
    assert belopp(las(extra)) == belopp(las(TYP4))


@pytest.mark.parametrize(
    ("data", "regel"),
    [
        (b"", "SIE-001"),
        (b"\r\n \n", "SIE-001"),
        (b"\x1a", "SIE-001"),
        (TYP4.encode("utf-16"), "SIE-002"),
        (b"<!DOCTYPE html>\n<html><body>404 Not Found</body></html>\n", "SIE-003"),
        (b"<html><head><title>404</title></head></html>\n", "SIE-003"),
        (b"#SIETYP 4\n#FLAGGA 0\n", "SIE-003"),
        (b'#FLAGGA 0\n#PROSA "a\nb"\n', "SIE-004"),
        (b'#FLAGGA 0\n#RES 0 "4510\n', "SIE-005"),
        (b"#FLAGGA 0\n#SIETYP 7\n", "SIE-011"),
        (b"#FLAGGA 0\n#VALUTA EUR\n", "SIE-014"),
        (b"#FLAGGA 0\n#RAR 0 20250101 20251231\n#RAR -1 20240601 20250531\n", "SIE-015"),
        (b"#FLAGGA 0\n#RAR 0 20251231 20250101\n", "SIE-010"),
        (b"#FLAGGA 0\n#RAR 0 20250101 20251231\n#KONTO 5010 L\n", "SIE-027"),
    ],
)
def test_what_is_no_readable_sie_file(data: bytes, regel: str) -> None:
    assert regler(data) == {regel}


def test_missing_sietyp_means_type_1() -> None:
    text = (HUVUD.format(typ=4) + "#RES 0 4510 12.50\n").replace("#SIETYP 4\n", "")
    resultat = las(text)
    assert resultat.typ == "1"
    assert resultat.rader.select("ar", "manad", "belopp_kr").rows() == [(2025, None, Decimal("12.50"))]


@pytest.mark.parametrize(
    ("kronor", "orsak"),
    [
        ("+100.00", "plustecken"),
        ("1 000.00", "blanktecken"),
        ("-12 050", "blanktecken"),
        ('"1 000.00"', "tusental"),
        ("100,00", "kommatecken"),
        ("1,000.00", "kommatecken"),
        ("100.125", "två decimaler"),
        ("1e3", "inget tal"),
        ("", "saknas"),
        (".50", "inget tal"),
    ],
)
def test_amounts_that_are_refused(kronor: str, orsak: str) -> None:
    text = HUVUD.format(typ=1) + f"#RES 0 4510 {kronor}\n"
    with pytest.raises(DeliveryRefused, match=orsak):
        las(text)


def test_a_quantity_after_the_amount_is_no_part_of_it() -> None:
    assert belopp(las(HUVUD.format(typ=1) + "#RES 0 4510 100 5\n")) == 100
    assert belopp(las(HUVUD.format(typ=1) + "#RES 0 4510 1250.00 100.00\n")) == 1250


def test_leading_zeros_of_an_account_are_kept() -> None:
    text = (
        HUVUD.format(typ=1) + '#KONTO 30110 "a"\n#KONTO 03011 "b"\n#KONTO 3011 "c"\n#RES 0 3011 -1\n#RES 0 30110 -2\n'
    )
    assert sorted(las(text).rader["konto"]) == ["3011", "30110"]


# --- control sum ------------------------------------------------------------------------------------------------------


def med_ksumma(text: str) -> str:
    """By the specification's words, not by the reader: tag and fields as CP437 bytes, no separators, quotes, braces."""
    forsta, _, resten = text.partition("\n")
    rena = ""
    for rad in resten.splitlines():
        inne = False
        for tecken in rad:
            if tecken == '"':
                inne = not inne
            elif inne or tecken not in " \t{}":
                rena += tecken
    return f"{forsta}\n#KSUMMA\n{resten}#KSUMMA {zlib.crc32(rena.encode('cp437'))}\n"


def test_right_control_sum() -> None:
    assert status(las(med_ksumma(TYP4)), "Kontrollsumma") == "godkand"


def test_wrong_control_sum() -> None:
    assert regler(med_ksumma(TYP4).replace("300.00", "301.00")) == {"SIE-007"}


def test_control_sum_opened_but_never_closed() -> None:
    assert regler(med_ksumma(TYP4).rsplit("#KSUMMA", 1)[0]) == {"SIE-006"}


# --- vouchers ---------------------------------------------------------------------------------------------------------


def test_only_trans_counts_not_struck_or_added_rows() -> None:
    struken = TYP4.replace(
        "#TRANS 1930 {} -300.00\n",
        "#BTRANS 4510 {} 999.00\n#RTRANS 1930 {} -300.00\n#TRANS 1930 {} -300.00\n",
    )
    assert belopp(las(struken)) == belopp(las(TYP4)) == Decimal("360.00")


def test_unbalanced_voucher() -> None:
    assert regler(TYP4.replace("-300.00\n", "-299.99\n")) == {"SIE-013"}


@pytest.mark.parametrize(
    "text",
    [
        TYP4.rsplit("}", 1)[0],
        TYP4.replace("{\n#TRANS 3110", "#TRANS 3110"),
        TYP4 + "#TRANS 4510 {} 1.00\n",
        TYP4 + "}\n",
        TYP4.replace("}\n#VER A 2", "#VER A 2"),
    ],
)
def test_broken_voucher_frames(text: str) -> None:
    assert "SIE-012" in regler(text)


def test_voucher_outside_every_fiscal_year() -> None:
    text = TYP4 + "#VER A 4 20260101\n{\n#TRANS 4510 {} 1\n#TRANS 1930 {} -1\n}\n"
    assert regler(text) == {"SIE-024"}


def test_unknown_account_in_a_file_with_balances() -> None:
    assert regler(TYP4.replace('#KONTO 5010 "Löner"\n', "") + "#PSALDO 0 202501 5010 {} 1.00\n") == {"SIE-025"}


def test_vouchers_only_need_no_chart_of_accounts_and_are_marked_incomplete() -> None:
    text = "#FLAGGA 0\n#SIETYP 4\n#VER A 1 20250131\n{\n#TRANS 5010 {} 10.00\n#TRANS 1930 {} -10.00\n}\n"
    resultat = las(text, "lon.si")
    assert resultat.typ == "4I"
    assert resultat.rader.select("ar", "manad", "konto", "konto_namn", "rakenskapsar_slut").rows() == [
        (2025, 1, "5010", None, None)
    ]
    assert any(ENDAST_VERIFIKATIONER in ett.detail for ett in resultat.kontroller)


def test_vouchers_that_do_not_reach_res_give_way_to_the_balances() -> None:
    saknar_en = TYP4.replace('#VER A 3 20250220 ""\n{\n#TRANS 3110 {} -40.00\n#TRANS 1930 {} 40.00\n}\n', "")
    resultat = las(saknar_en)
    assert status(resultat, "Verifikationer mot #RES") == "avviker"
    assert resultat.utfall[0].kalla == "arssaldon"
    assert belopp(resultat) == Decimal("360.00")
    assert resultat.rader["manad"].null_count() == resultat.rader.height
    med_period = (
        saknar_en + "#PSALDO 0 202501 4510 {} 300\n#PSALDO 0 202503 4510 {} 100\n#PSALDO 0 202502 3110 {} -40\n"
    )
    resultat = las(med_period)
    assert resultat.utfall[0].kalla == "periodsaldon"
    assert belopp(resultat, manad=2) == Decimal("-40.00")


# --- years ------------------------------------------------------------------------------------------------------------


def test_broken_fiscal_year() -> None:
    text = HUVUD.format(typ=2).replace(
        "#RAR 0 20250101 20251231\n#RAR -1 20240101 20241231", "#RAR 0 20240701 20250630"
    )
    text += "#RES 0 5010 30\n#PSALDO 0 202412 5010 {} 10\n#PSALDO 0 202501 5010 {} 20\n"
    resultat = las(text)
    assert resultat.rader.select("ar", "manad", "belopp_kr").rows() == [(2024, 12, 10), (2025, 1, 20)]
    assert {str(dag) for dag in resultat.rader["rakenskapsar_slut"]} == {"2025-06-30"}


def test_budget_repeated_under_the_wrong_year_is_counted_once() -> None:
    rader = "".join(f"#PBUDGET 0 2025{m:02} 5010 {{}} 100.00\n" for m in range(1, 13))
    text = HUVUD.format(typ=2) + "#RES 0 5010 0\n" + rader + rader.replace("#PBUDGET 0", "#PBUDGET -1")
    resultat = las(text)
    assert belopp(resultat, version="budget", ar=2025) == Decimal("1200.00")
    assert belopp(resultat, version="budget", ar=2024) == 0
    assert any("12 rader i #PBUDGET var exakta dubbletter" in not_ for not_ in resultat.noter)


def test_budget_only_under_the_wrong_year_goes_where_its_period_is() -> None:
    text = HUVUD.format(typ=2) + "#RES 0 5010 0\n#PBUDGET -1 202501 5010 {} 100.00\n"
    resultat = las(text)
    assert resultat.rader.filter(pl.col("version") == "budget")["ar"].to_list() == [2025]
    assert resultat.eget_ar().filter(pl.col("version") == "budget").height == 1


def test_conflicting_duplicate_is_refused() -> None:
    text = HUVUD.format(typ=2) + "#PBUDGET 0 202501 5010 {} 100.00\n#PBUDGET -1 202501 5010 {} 101.00\n"
    assert regler(text) == {"SIE-021"}
    assert regler(HUVUD.format(typ=1) + "#RES 0 5010 1\n#RES 0 5010 2\n") == {"SIE-021"}


def test_period_outside_every_fiscal_year() -> None:
    assert regler(HUVUD.format(typ=2) + "#PSALDO 0 202601 5010 {} 1.00\n") == {"SIE-020"}


def test_res_of_a_year_the_file_does_not_state() -> None:
    assert regler(HUVUD.format(typ=1) + "#RES -2 5010 1.00\n") == {"SIE-024"}


def test_comparison_year_can_be_left_out() -> None:
    resultat = las(HUVUD.format(typ=1) + "#RES 0 5010 1.00\n#RES -1 5010 2.00\n")
    assert sorted(resultat.rader["ar"]) == [2024, 2025]
    assert resultat.eget_ar()["ar"].to_list() == [2025]


# --- {} beside object rows --------------------------------------------------------------------------------------------

OBJEKT = (
    '#PSALDO 0 202501 5010 {{}} {tom}\n#PSALDO 0 202501 5010 {{1 "A"}} 60.00\n#PSALDO 0 202501 5010 {{1 "B"}} 30.00\n'
    '#PSALDO 0 202501 5010 {{6 "P"}} 25.00\n'
)


def test_empty_braces_as_the_total() -> None:
    resultat = las(HUVUD.format(typ=3) + "#RES 0 5010 100\n" + OBJEKT.format(tom="100.00"))
    assert resultat.rader.select("ansvar", "projekt", "belopp_kr").sort("ansvar").rows() == [
        (None, None, Decimal("10.00")),
        ("A", None, Decimal("60.00")),
        ("B", None, Decimal("30.00")),
    ]
    (lage,) = [ett for ett in resultat.kontroller if ett.namn.startswith("Betydelsen av {}")]
    assert lage.status == "godkand" and "total" in lage.detail
    assert any("1 objektrader delar samma kronor" in not_ for not_ in resultat.noter)


def test_empty_braces_as_the_rest() -> None:
    resultat = las(HUVUD.format(typ=3) + "#RES 0 5010 125\n" + OBJEKT.format(tom="10.00"))
    assert belopp(resultat) == Decimal("125.00")
    assert belopp(resultat, ansvar=None, projekt="P") == Decimal("25.00")
    assert belopp(resultat, ansvar=None, projekt=None) == Decimal("10.00")


def test_braces_that_fit_neither_way_are_refused() -> None:
    assert regler(HUVUD.format(typ=3) + "#RES 0 5010 77\n" + OBJEKT.format(tom="10.00")) == {"SIE-022"}


def test_braces_that_nothing_can_decide_are_refused() -> None:
    assert regler(HUVUD.format(typ=3) + OBJEKT.format(tom="100.00")) == {"SIE-022"}


def test_period_balances_that_do_not_reconcile_are_recorded_and_the_year_is_taken() -> None:
    resultat = las(HUVUD.format(typ=2) + "#RES 0 5010 100\n#PSALDO 0 202501 5010 {} 90\n")
    (en,) = [ett for ett in resultat.kontroller if ett.namn.startswith("Periodsaldon mot #RES")]
    assert (en.status, en.differens) == ("avviker", Decimal(10))
    assert resultat.rader.select("manad", "belopp_kr").rows() == [(None, Decimal("100.00"))]


def budget(rader: str, utfall: str = "#RES 0 5010 0\n") -> pl.DataFrame:
    return las(HUVUD.format(typ=3) + utfall + rader).rader.filter(pl.col("version") == "budget")


def test_budget_where_braces_are_the_total() -> None:
    rader = budget("#PBUDGET 0 202501 5010 {} 90\n#PBUDGET 0 202501 5010 {1 A} 60\n#PBUDGET 0 202501 5010 {1 B} 30\n")
    assert sorted(rader.select("ansvar", "belopp_kr").rows()) == [("A", 60), ("B", 30)]


def test_budget_by_object_for_some_accounts_and_by_account_for_others() -> None:
    """Edison writes the budget so although its #PSALDO {} are totals (measured)."""
    utfall = "#RES 0 5010 5\n#PSALDO 0 202501 5010 {} 5\n#PSALDO 0 202501 5010 {1 A} 3\n"
    rader = budget("#PBUDGET 0 202501 4510 {} 90\n#PBUDGET 0 202501 5010 {1 A} 60\n", utfall)
    assert sum(rader["belopp_kr"]) == 150
    assert sorted(rader["konto"]) == ["4510", "5010"]


def test_budget_that_cannot_be_decided_is_refused() -> None:
    text = HUVUD.format(typ=3) + "#PBUDGET 0 202501 5010 {} 90\n#PBUDGET 0 202501 5010 {1 A} 60\n"
    assert regler(text) == {"SIE-023"}


# --- dimensions -------------------------------------------------------------------------------------------------------


def test_free_dimensions_by_the_municipalitys_map() -> None:
    text = TYP4.replace('{1 "310" 6 "7"}', '{1 "310" 20 "569" 21 "100"}')
    resultat = las(text, dim={20: "verksamhet"})
    assert belopp(resultat, verksamhet="569") == Decimal("300.00")
    assert any("Dimension 21 har ingen kolumn" in not_ for not_ in resultat.noter)


def test_rows_are_summed_over_dimensions_without_a_column() -> None:
    text = HUVUD.format(typ=4) + "#RES 0 5010 30\n#VER A 1 20250101\n{\n"
    text += "#TRANS 5010 {1 A 20 x} 10\n#TRANS 5010 {1 A 20 y} 20\n#TRANS 1930 {} -30\n}\n"
    assert las(text).rader.select("ansvar", "belopp_kr").rows() == [("A", Decimal("30.00"))]
    assert las(text, dim={20: "fri"}).rader.height == 2


@pytest.mark.parametrize(
    "karta", [{7: "fri"}, {8: "motpart"}, {9: "motpart"}, {1: "objekt"}, {20: "namn"}, {20: "fri", 21: "fri"}]
)
def test_impossible_map(karta: dict[int, str]) -> None:
    with pytest.raises(TertialError):
        las(TYP4, dim=karta)


@pytest.mark.parametrize("lista", ["{1}", "{x A}", "{1 A 1 B}", "1"])
def test_object_lists_that_are_none(lista: str) -> None:
    assert regler(TYP4.replace("{1 310}", lista)) == {"SIE-010"}


# --- a file cut in two ------------------------------------------------------------------------------------------------


def test_a_number_cut_in_half_at_the_end() -> None:
    hel = HUVUD.format(typ=1) + "#IB 0 1930 0\n#UB 0 1930 -1250.00\n#RES 0 4510 1250.00"
    assert belopp(las(hel)) == Decimal("1250.00")
    assert regler(hel[:-4]) == {"SIE-008"}
    assert regler(HUVUD.format(typ=2) + "#RES 0 4510 0\n#PBUDGET 0 202501 4510 {} 12") == {"SIE-008"}


# --- personal data ----------------------------------------------------------------------------------------------------


def kanarie() -> str:
    """A personnummer of nobody, built here: a day in 1890, serial 987."""
    bas = "900228987"
    return "18" + next(bas + str(siffra) for siffra in range(10) if luhn_stammer(bas + str(siffra)))


KANARIE = kanarie()
KORT = KANARIE[2:8] + "-" + KANARIE[8:]


def allt(resultat: SieResultat) -> str:
    return repr(resultat) + resultat.rader.write_csv()


@pytest.mark.parametrize("form", [KANARIE, KORT, KORT.replace("-", "")])
@pytest.mark.parametrize(
    ("fore", "efter"),
    [
        ('{1 "310" 6 "7"}', '{1 "310" 7 "%s"}'),
        ('{1 "310" 6 "7"}', '{8 "%s" 1 "310"}'),
        ('{1 "310" 6 "7"}', '{9 "%s" 1 "310"}'),
        ('{1 "310" 6 "7"}', '{1 "310" 20 "%s"}'),
        ('"text"', '"Bistånd %s" 1 "%s"'),
        ('"Utbetalning"', '"%s" 20250101 "%s"'),
        ("212000-0001", '"%s"'),
        ('"Exempelby kommun"', '"Firma %s"'),
        ("#GEN 20250901", "#GEN 20250901 %s"),
        ("#RAR 0", '#OBJEKT 7 "%s" "%s"\n#%s x\n#RAR 0'),
        ('"Bank"', '"Konto %s"'),
        ('"Löner"', '"%s"'),
        ('"Provsystem"', '"%s"'),
    ],
)
def test_canary_in_what_is_read(form: str, fore: str, efter: str) -> None:
    assert fore in TYP4
    resultat = las(TYP4.replace(fore, efter.replace("%s", form)))
    for ett in (KANARIE, KANARIE[2:], KORT):
        assert ett not in allt(resultat)


@pytest.mark.parametrize("form", [KANARIE, KORT, KORT.replace("-", "")])
@pytest.mark.parametrize(
    ("fore", "efter"),
    [
        ('{1 "310" 6 "7"}', '{1 "%s"}'),
        ('{1 "310" 6 "7"}', '{1 "310" 6 "%s"}'),
        ('{1 "310" 6 "7"}', '{%s "310"}'),
        ('{1 "310" 6 "7"}', '{7 "%s'),
        ("#TRANS 3110", "#TRANS %s"),
        ("#KONTO 5010", "#KONTO %s"),
        ("-40.00\n#TRANS", "%s\n#TRANS"),
        ("#RES 0 4510 400.00", "#RES %s 4510 400.00"),
        ("#RES 0 4510 400.00", "#RES 0 4510 +%s"),
        ("#SIETYP 4", "#SIETYP %s"),
        ("#VER A 1 20250115", "#VER A 1 %s"),
        ("#VER A 1", "%s\n#VER A 1"),
        ("#FLAGGA 0", "#%s 0"),
        ("#RAR 0 20250101", "#RAR 0 %s"),
        ("#RAR -1", '#VALUTA "%s"\n#RAR -1'),
        ("#RES 0 3110", "#PSALDO 0 %s 4510 {} 1\n#RES 0 3110"),
    ],
)
def test_canary_in_what_is_refused(form: str, fore: str, efter: str) -> None:
    assert fore in TYP4
    with pytest.raises(DeliveryRefused) as fangad:
        las(TYP4.replace(fore, efter.replace("%s", form)))
    undantag = fangad.value
    visat = repr(undantag) + str(undantag) + repr(undantag.fel) + repr(undantag.__cause__)
    for ett in (KANARIE, KANARIE[2:], KORT):
        assert ett not in visat
    assert undantag.__context__ is None or undantag.__suppress_context__


def test_a_sole_traders_number_and_name_are_dropped() -> None:
    resultat = las(TYP4.replace("212000-0001", KORT).replace("Exempelby kommun", "Anna Exempel Konsult"))
    assert (resultat.orgnr, resultat.foretag) == (None, None)
    resultat = las(TYP4.replace("#RAR 0", "#FTYP E\n#RAR 0").replace("Exempelby kommun", "Anna Exempel Konsult"))
    assert resultat.foretag is None


# --- algebra ----------------------------------------------------------------------------------------------------------

KONTON = st.sampled_from(["3110", "4510", "5010", "6010", "7010"])
RADER = st.lists(
    st.tuples(
        st.integers(1, 12),
        KONTON,
        st.sampled_from(["", "310", "320", "AÅ 1"]),
        st.sampled_from(["", "P1", "9 9"]),
        st.integers(-10_000_000, 10_000_000),
    ),
    min_size=1,
    max_size=25,
)


def kr(oren: int) -> str:
    return str(Decimal(oren) / 100)


@settings(max_examples=exempel(60))
@given(RADER, st.sampled_from(["cp437", "utf-8", "latin-1"]), st.sampled_from(["\n", "\r\n"]))
def test_a_written_ledger_is_read_back_the_same(
    rader: list[tuple[int, str, str, str, int]], kodning: str, radslut: str
) -> None:
    facit: dict[tuple[int, str, str | None, str | None], Decimal] = defaultdict(Decimal)
    res: dict[str, int] = defaultdict(int)
    delar = [HUVUD.format(typ=4), '#KONTO 6010 "Hyra"\n#KONTO 7010 "Övrigt"\n']
    verifikat: list[str] = []
    for nr, (manad, konto, ansvar, projekt, oren) in enumerate(rader):
        facit[manad, konto, ansvar or None, projekt or None] += Decimal(oren) / 100
        res[konto] += oren
        lista = (f'1 "{ansvar}" ' if ansvar else "") + (f'6 "{projekt}"' if projekt else "")
        verifikat.append(f'#VER A {nr} 2025{manad:02}15 "text åäö"\n{{\n')
        verifikat.append(f"\t#TRANS {konto} {{{lista}}} {kr(oren)}\n\t#TRANS 1930 {{}} {kr(-oren)}\n}}\n")
    delar += [f"#RES 0 {konto} {kr(oren)}\n" for konto, oren in res.items()]
    resultat = las("".join(delar + verifikat).replace("\n", radslut), kodning=kodning)
    assert status(resultat, "Verifikationer mot #RES") == "godkand"
    last = {
        (rad["manad"], rad["konto"], rad["ansvar"], rad["projekt"]): rad["belopp_kr"]
        for rad in resultat.rader.iter_rows(named=True)
    }
    assert last == dict(facit)


@settings(max_examples=exempel(60))
@given(
    st.dictionaries(
        st.tuples(st.integers(1, 12), KONTON, st.sampled_from(["A", "B"])),
        st.integers(-100_000, 100_000).filter(bool),
        min_size=1,
        max_size=12,
    ),
    st.booleans(),
)
def test_both_meanings_of_empty_braces_give_the_accounts_total(
    delar: dict[tuple[int, str, str], int], total: bool
) -> None:
    """The same object rows beside a `{}` row that is the total, or one that is a rest of 7 kr: never a krona twice."""
    summor: dict[tuple[int, str], int] = defaultdict(int)
    for (manad, konto, _), oren in delar.items():
        summor[manad, konto] += oren
    rest = 700
    res: dict[str, int] = defaultdict(int)
    text = HUVUD.format(typ=3) + '#KONTO 6010 ""\n#KONTO 7010 ""\n'
    for (manad, konto), oren in summor.items():
        tom = oren + rest if total else rest
        res[konto] += oren + rest
        text += f"#PSALDO 0 2025{manad:02} {konto} {{}} {kr(tom)}\n"
    text += "".join(f'#PSALDO 0 2025{m:02} {k} {{1 "{a}"}} {kr(oren)}\n' for (m, k, a), oren in delar.items())
    text += "".join(f"#RES 0 {konto} {kr(oren)}\n" for konto, oren in res.items())
    resultat = las(text)
    assert belopp(resultat) == Decimal(sum(res.values())) / 100
    assert belopp(resultat, ansvar=None) == Decimal(rest * len(summor)) / 100


@settings(max_examples=exempel(200))
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(skrap: bytes) -> None:
    for data in (skrap, b"#FLAGGA 0\n" + skrap, b"<Sie>" + skrap):
        try:
            read_sie(data, "skrap.se")
        except DeliveryRefused as vagrat:
            assert vagrat.fel


def test_line_numbers_are_those_of_a_text_editor(tmp_path: Path) -> None:
    poster = list(records(decode(b"#FLAGGA 0\r\n\r\n#SIETYP 4\r\n", "f").text, "f"))
    assert [(post.rad, post.tagg) for post in poster] == [(1, "FLAGGA"), (3, "SIETYP")]
