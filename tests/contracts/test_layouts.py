"""The layouts that contracts declare, read through the real reader: wide tables, positions without a header, tokens."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from pipelines.contracts import load_contract
from pipelines.errors import DeliveryRefused
from pipelines.reading.leverans import read_delivery
from pipelines.reading.utfall import LastLeverans, LastTabell
from pipelines.sekretess.nyckel import Nyckel
from pipelines.sekretess.pseudonym import Pseudonymiserare
from tests.unit.identiteter import nummer

P = Pseudonymiserare(Nyckel(bytes(range(32)), bytes(range(32, 64))))


def delivery(kalla: str, text: str) -> LastLeverans:
    return read_delivery(
        text.encode(), load_contract(kalla), pseudonymiserare=P, idag=date(2026, 1, 2), fil="fil.csv",
        kommun_kod="9998", kommuner={"9998": "9998", "Exempelby": "9998"}, regler={},
    )  # fmt: skip


def read(kalla: str, text: str, tabell: str | None = None) -> LastTabell:
    return delivery(kalla, text).tabeller[tabell or kalla]


def test_socialstyrelsens_file_by_position() -> None:
    """Tab-separated, no header, columns 1-18 and further members after them."""
    man, woman, alone = nummer(date(1980, 5, 5), 101), nummer(date(1982, 6, 7), 102), nummer(date(1990, 1, 2), 104)
    rows = [
        ["2016", "03", "9998", "", "2", "12500", man, "1", "0", "0", "1", "35", woman, "2", "1", "1", "2", "33"],
        ["2016", "03", "9998", "", "0", "4100", alone, "1", "0", "0", "2", "26", "", "", "", "", "", ""],
    ]
    found = read("forsorjningsstod", "\n".join("\t".join(one) for one in rows) + "\n")
    lake = found.rader
    assert "sos_ekbistand" in found.layout and found.avvisade == 0 and found.fel == ()
    assert lake["manad"].to_list() == [date(2016, 3, 1)] * 2
    assert lake["hushallstyp"].to_list() == ["8", "5"]
    assert lake["sokande_kon"].to_list() == ["M", "K"] and lake["medsokande_kon"].to_list() == ["K", None]
    assert lake.select("vuxna", "barn").rows() == [(2, 2), (1, 0)]
    assert lake["belopp_kr"].to_list() == [Decimal("12500.00"), Decimal("4100.00")]
    assert lake["gallring_undantag"].to_list() == [True, False]  # born on the 5th
    assert lake["medsokande_id"][0] == P.person(woman)
    assert not any(one in str(lake.rows()) for one in (man, woman, alone))


def test_versions_and_years_in_the_header() -> None:
    found = read("matt", (
        "tabell;omrade;matt;enhet;kalla;utfall_2011;prognos_2012;budget_2013;plan_2014\n"
        "VM 2013;Barn;Totalt antal vårddygn;dygn;Procapita;20452;26 000;21000;\n"
        "VM 2013;Barn;Kostnad per vårddygn;kr;Procapita;2383;-;--;2 300,5\n"
    ))  # fmt: skip
    told = found.rader.select("matt", "version", "ar", "varde", "status", "kon", "periodtyp").rows()
    vard, kost, rest = "Totalt antal vårddygn", "Kostnad per vårddygn", ("T", "ar")
    assert told == [
        (vard, "utfall", 2011, Decimal("20452.0000"), "ok", *rest),
        (vard, "prognos", 2012, Decimal("26000.0000"), "ok", *rest),
        (vard, "budget", 2013, Decimal("21000.0000"), "ok", *rest),  # the empty cell for 2014 is no row
        (kost, "utfall", 2011, Decimal("2383.0000"), "ok", *rest),
        (kost, "prognos", 2012, None, "saknas", *rest),
        (kost, "budget", 2013, None, "undertryckt", *rest),
        (kost, "plan", 2014, Decimal("2300.5000"), "ok", *rest),
    ]


def test_sexes_and_target_in_the_header() -> None:
    found = read("matt", (
        "tabell;omrade;matt;enhet;ar;totalt;kvinnor;män;etappmål 2019;kalla\n"
        "Mått 2019;Personal;Sjukfrånvaro;procent;2018;5,3;5,4;4,8;5,0;LIS\n"
    ))  # fmt: skip
    assert found.rader.select("kon", "version", "ar", "varde").rows() == [
        ("T", "utfall", 2018, Decimal("5.3000")),
        ("K", "utfall", 2018, Decimal("5.4000")),
        ("M", "utfall", 2018, Decimal("4.8000")),
        ("T", "etappmal", 2019, Decimal("5.0000")),
    ]


def test_month_and_year_in_the_header() -> None:
    found = read(
        "matt",
        "tabell;matt;enhet;periodtyp;kalla;augusti_2018;augusti_2017\nÅP;Årsplaceringar;årsplatser;ack;Procapita;13,9;16,2\n",
    )
    assert found.rader.select("ar", "manad", "varde").rows() == [
        (2018, 8, Decimal("13.9000")),
        (2017, 8, Decimal("16.2000")),
    ]


def test_a_year_beside_its_months_is_another_period_of_the_same_figure() -> None:
    found = read("matt", "tabell;matt;enhet;kalla;2025;jan 2025;feb 2025\nT;Beslut;antal;X;20;9;11\n")
    assert found.rader.select("manad", "periodtyp", "varde").rows() == [
        (None, "ar", 20),
        (1, "manad", 9),
        (2, "manad", 11),
    ]


def test_the_token_map_is_the_publishers() -> None:
    text = "tabell;matt;enhet;ar;varde;kalla\nT;A;antal;2025;--;{kalla}\nT;B;antal;2025;0;{kalla}\n"
    assert read("matt", text.format(kalla="LIS")).rader["status"].to_list() == ["undertryckt", "ok"]
    assert read("matt", text.format(kalla="Socialstyrelsen")).rader["status"].to_list() == ["saknas", "ok"]
    assert read("matt", text.format(kalla="LIS")).rader["varde"].to_list() == [None, Decimal("0.0000")]
    with pytest.raises(DeliveryRefused, match="VAR-041"):  # Kolada prints .. and never --
        read("matt", text.format(kalla="Kolada"))


ENKAT = "enkat;ar;malgrupp;fraga_id;svar;kön\n"


def test_a_survey_without_a_questionnaire_is_refused_with_the_known_ones() -> None:
    with pytest.raises(DeliveryRefused, match="ENK-101") as caught:
        read("enkater", ENKAT + "trivsel;2025;oppenvard;bemotande;ja;K\n", "enkatsvar")
    assert "brukare_lokal" in caught.value.fel[0].fel and "formular" in caught.value.fel[0].atgard
    with pytest.raises(DeliveryRefused, match="ENK-101"):
        read("enkater", "enkat;ar;malgrupp;fraga_id;kön;andel\ntrivsel;2025;oppenvard;f1;T;80\n", "enkatandelar")


def test_what_the_questionnaire_does_not_know_is_flagged_row_by_row() -> None:
    known = ["oppenvard;bemotande;Instämmer helt", "oppenvard;bemotande;tar_avstand"]
    other = ["hvb;bemotande;vet_inte", "oppenvard;alder;vet_inte", "oppenvard;bemotande;kanske"]
    text = ENKAT + "".join(f"brukare_lokal;2025;{one};K\n" for one in (*known, *other))
    found = read("enkater", text, "enkatsvar")
    assert [(one.regel, one.rad, one.kolumn) for one in found.fel] == [
        ("ENK-102", 4, "malgrupp"), ("ENK-102", 5, "fraga_id"), ("ENK-103", 6, "svar"),
    ]  # fmt: skip
    assert found.avvisade == 0
    assert all(one.fel.endswith("raden räknas inte.") for one in found.fel)
    share = read(
        "enkater", "enkat;ar;malgrupp;fraga_id;kön;andel\nbrukare_lokal;2025;oppenvard;alder;T;80\n", "enkatandelar"
    )
    (told,) = share.fel
    assert told.regel == "ENK-102" and told.fel.endswith("visas som den är levererad, under frågans id.")


RAINDANCE = "BFAR;PERIOD;KONTO_ID;KST_ID;UTFALL_PER;UTFALL_ACK;BUDGET_PER;UTFALL_FGPER\n"


def test_raindance_loads_the_month_and_compares_the_accumulated() -> None:
    found = read(
        "ekonomi",
        RAINDANCE
        + "2025-01-01;202501;4510;31101;100,00;100,00;90,00;7\n2025-01-01;202502;4510;31101;50,00;150,00;90,00;7\n",
    )
    assert found.fel == ()
    assert found.rader.group_by("version", maintain_order=True).agg(pl.col("belopp_kr").sum()).rows() == [
        ("utfall", Decimal("150.00")), ("budget", Decimal("180.00")),
    ]  # fmt: skip
    assert found.rader.select("ar", "manad").unique(maintain_order=True).rows() == [(2025, 1), (2025, 2)]
    assert found.rader["ansvar"].unique().to_list() == ["31101"]


def test_raindance_says_where_the_accumulated_differs() -> None:
    found = read(
        "ekonomi",
        RAINDANCE
        + "2025-01-01;202501;4510;31101;100,00;100,00;90,00;7\n2025-01-01;202502;4510;31101;50,00;149,00;90,00;7\n",
    )
    assert [(one.regel, one.rad, one.kolumn, one.utgang) for one in found.fel] == [
        ("FIL-101", 3, "UTFALL_ACK", "flagga")
    ]


def test_only_accumulated_amounts_are_refused() -> None:
    with pytest.raises(DeliveryRefused):
        read("ekonomi", "PERIOD;KONTO_ID;KST_ID;UTFALL_ACK\n202501;4510;31101;100,00\n202502;4510;31101;150,00\n")


MANADER = ("jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec")


def bred(version: str, manader: tuple[str, ...], *rader: list[str], enhet: str = "") -> LastTabell:
    rubriker = [f"{version} {one} 2025{enhet}" for one in manader] + [f"{version} 2025{enhet}"]
    rows = [["Konto", "Ansvar", *rubriker], *([f"4510{n}", "311", *rad] for n, rad in enumerate(rader))]
    return read("ekonomi", "\n".join(";".join(one) for one in rows) + "\n")


def helar_och_manader(found: LastTabell) -> tuple[list[Decimal], Decimal]:
    """(amounts without a month, sum of those with one)."""
    whole = found.rader.filter(pl.col("manad").is_null())["belopp_kr"].to_list()
    return whole, Decimal(found.rader.filter(pl.col("manad").is_not_null())["belopp_kr"].sum())


def test_a_yearly_outcome_beside_its_months_is_their_total_and_never_added() -> None:
    found = bred("Utfall", MANADER[:3], ["10", "10", "10", "30"], ["10", "10", "10", "35"])
    assert helar_och_manader(found) == ([], 60)
    assert [(one.regel, one.rad, one.utgang, one.varde) for one in found.fel] == [
        ("FIL-102", 3, "flagga", "35 mot 30 kr")
    ]
    assert found.noter == ("2 helårsbelopp står bredvid sina månader och räknas inte en gång till.",)


@pytest.mark.parametrize(
    "header",
    [
        "Utfall januari 2025",
        "Utfall jan-25",
        "jan-25",
        "Jan 2025",
        "2025-01",
        "202501",
        "Utfall 202501",
        "Utfall jan",
        "jan",
    ],
)
def test_every_way_of_writing_a_month_above_a_column(header: str) -> None:
    year = {"Utfall jan", "jan"} & {header}
    found = read("ekonomi", f"{'År;' * len(year)}Konto;Ansvar;{header}\n{'2025;' * len(year)}4510;311;10\n")
    assert found.rader.select("ar", "manad", "version", "belopp_kr").rows() == [(2025, 1, "utfall", Decimal(10))]


def test_a_unit_in_parentheses_is_the_unit() -> None:
    for header in ("Belopp (tkr)", "Utfall jan 2025 (tkr)", "Utfall 2025(tkr)"):
        found = read("ekonomi", f"År;Konto;Ansvar;{header}\n2025;4510;311;10\n")
        assert found.rader["belopp_kr"].to_list() == [10_000], header


def test_a_yearly_outcome_without_months_is_the_year() -> None:
    assert helar_och_manader(bred("Utfall", MANADER[:2], ["10", "10", "20"], ["", "", "7"])) == ([7], 20)


def test_a_yearly_budget_rules_over_its_months() -> None:
    """Twelve months that come to it: said twice. Fewer months: what they leave is the year's, without a month."""
    assert helar_och_manader(bred("Budget", MANADER, ["10"] * 12 + ["120"])) == ([], 120)
    part = bred("Budget", MANADER[:8], ["10"] * 8 + ["120"])
    assert helar_och_manader(part) == ([40], 80) and part.fel == ()
    wrong = bred("Budget", MANADER, ["10"] * 12 + ["150"])
    assert helar_och_manader(wrong) == ([30], 120)
    assert [(one.regel, one.varde) for one in wrong.fel] == [("FIL-103", "150 mot 120 kr")]


def test_months_rounded_to_thousands_need_not_come_to_the_year_exactly() -> None:
    found = bred("Budget", MANADER, ["10"] * 12 + ["123"], enhet=" tkr")
    assert helar_och_manader(found) == ([], 120_000) and found.fel == ()


def test_a_whole_year_in_a_long_file_is_the_total_of_its_months_too() -> None:
    """Period 00 of an outcome is a total, of a balance account its opening balance, of a budget perhaps an addition."""
    rows = ["Period;Konto;Ansvar;Version;Belopp"]
    rows += [f"20250{m};{konto};311;{version};10" for konto, version in (("4510", "utfall"), ("4510", "budget"),
             ("4520", "budget"), ("1510", "utfall")) for m in (1, 2)]  # fmt: skip
    rows += [
        "202500;4510;311;utfall;20",
        "202500;4510;311;budget;20",
        "202500;4520;311;budget;5",
        "202500;1510;311;utfall;9",
    ]
    found = read("ekonomi", "\n".join(rows) + "\n")
    whole = found.rader.filter(pl.col("manad").is_null()).select("konto", "version", "belopp_kr").rows()
    assert whole == [("4520", "budget", 5), ("1510", "utfall", 9)]
    assert [(one.regel, one.rad, one.varde) for one in found.fel] == [("FIL-104", 12, "5 mot 20 kr")]


def test_a_balance_is_not_the_months_amount() -> None:
    """Saldo is what an account has come to: summed over months it would be several times the year."""
    with pytest.raises(DeliveryRefused, match="Belopp"):
        read("ekonomi", "Period;Konto;Ansvar;Version;Saldo\n202501;4510;311;utfall;10\n202502;4510;311;utfall;20\n")


def test_a_printed_budget_table_with_units_in_the_header() -> None:
    """Thousands of kronor, change columns without a year (the file's own year holds), and a total row that is kept apart."""
    found = read("ekonomi", (
        "tabell;ar;Organisation;budget_2010_tkr;budget_2011_tkr;Löne- och prisuppräkning tkr\n"
        "Budget per enhet;2011;Barnenheten;29430;31933;343\n"
        "Budget per enhet;2011;TOTAL BUDGET;29430;31933;343\n"
    ))  # fmt: skip
    rows = found.rader.select("ansvar_namn", "version", "ar", "belopp_kr", "radtyp").rows()
    assert rows == [
        ("Barnenheten", "budget", 2010, Decimal("29430000.00"), "rad"),
        ("Barnenheten", "budget", 2011, Decimal("31933000.00"), "rad"),
        ("Barnenheten", "forandring_pris", 2011, Decimal("343000.00"), "rad"),
        ("TOTAL BUDGET", "budget", 2010, Decimal("29430000.00"), "summa"),
        ("TOTAL BUDGET", "budget", 2011, Decimal("31933000.00"), "summa"),
        ("TOTAL BUDGET", "forandring_pris", 2011, Decimal("343000.00"), "summa"),
    ]


def test_population_as_scb_writes_it() -> None:
    found = read(
        "befolkning",
        "region;ålder;kön;Folkmängd 2023;Folkmängd 2024\n9998 Exempelby;0 år;kvinnor;400;390\n9998 Exempelby;105+ år;män;1;2\n",
    )
    assert found.rader.select("ar", "alder", "kon", "antal").rows() == [
        (2023, 0, "K", 400), (2024, 0, "K", 390), (2023, 105, "M", 1), (2024, 105, "M", 2),
    ]  # fmt: skip


def test_a_row_type_stated_in_the_file_rules() -> None:
    found = read("ekonomi", "tabell;ar;post;radtyp;belopp\nRam;2013;Nettokostnad;rad;5\nRam;2013;Nettokostnader;;7\n")
    assert found.rader["radtyp"].to_list() == ["rad", "summa"]


def test_a_target_printed_on_the_row_of_each_year_is_one_target() -> None:
    text = "tabell;matt;enhet;ar;totalt;etappmål 2019;kalla\nM;Resultat;mnkr;2016;-19,1;{first};Agresso\nM;Resultat;mnkr;2017;-30,9;0;Agresso\n"
    told = read("matt", text.format(first="0")).rader.select("version", "ar", "varde").rows()
    assert told == [
        ("utfall", 2016, Decimal("-19.1000")),
        ("etappmal", 2019, Decimal("0.0000")),
        ("utfall", 2017, Decimal("-30.9000")),
    ]
    with pytest.raises(DeliveryRefused, match="VAR-034"):  # two different targets for one year contradict each other
        read("matt", text.format(first="1"))


@pytest.mark.parametrize(
    ("rader", "slut"),
    [
        (["2025;1;utfall;10", "2025;2;utfall;20", "2025;1;budget;15", "2025;12;budget;15"], date(2025, 2, 28)),
        (["2025;1;utfall;10", "2025;;budget;120"], date(2025, 1, 31)),
        (["2025;;utfall;120"], date(2025, 12, 31)),
        (["2025;1;budget;10", "2025;6;budget;10"], date(2025, 6, 30)),
    ],
)
def test_the_period_of_a_ledger_is_the_months_of_its_outcome(rader: list[str], slut: date) -> None:
    """A budget reaches over the whole year; how far the outcome has come is what status and the file's name speak of."""
    found = delivery("ekonomi", "År;Månad;Version;Belopp\n" + "\n".join(rader) + "\n")
    assert (found.period_fran, found.period_till) == (date(2025, 1, 1), slut)
