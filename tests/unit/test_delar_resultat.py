"""Deficits over years: the oldest is made good first, within three years; a surplus before a deficit helps nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.egenskaper import exempel
from tests.unit.delar_sql import kor, lager, seed

pytestmark = pytest.mark.slow


def underskott(resultat: dict[int, str]) -> list[dict[str, Any]]:
    """int_analys__underskott of one municipality's results in kr per year."""
    frame = pl.DataFrame(
        [("0001", ar, Decimal(kr)) for ar, kr in resultat.items()],
        schema={"kommun_kod": pl.String, "ar": pl.Int32, "resultat_kr": pl.Decimal(18, 2)},
        orient="row",
    )
    connection = lager({"intermediate.int_analys__resultat": frame})
    kor(connection, ["intermediate.int_analys__underskott"])
    return connection.sql("select * from intermediate.int_analys__underskott order by ar").pl().to_dicts()


def test_huddinge_2015_to_2017() -> None:
    """Huddinge 2019, mått: nämndens totala resultat -12,8, -19,1 and -30,9 mnkr: 62,8 to make good, the first by 2018."""
    sista = underskott({2015: "-12800000", 2016: "-19100000", 2017: "-30900000"})[-1]
    assert (sista["underskott_kr"], sista["uppkom_ar"], sista["aterstalls_senast_ar"]) == (
        Decimal(62_800_000),
        2015,
        2018,
    )
    assert sista["for_sent_kr"] == 0


def test_too_late_is_said_in_the_third_year_and_on() -> None:
    """10 of 2015 less 4 of surplus: 6 stand at the end of 2018, and still in 2019."""
    rader = {rad["ar"]: rad for rad in underskott({2015: "-10", 2016: "4", 2017: "0", 2018: "0", 2019: "0"})}
    assert [float(rader[ar]["for_sent_kr"]) for ar in rader] == [0, 0, 0, 6, 6]


def test_an_earlier_surplus_makes_no_later_deficit_good() -> None:
    """+100 and then -10: 10 to make good, though the sum is +90."""
    sista = underskott({2020: "100", 2021: "-10"})[-1]
    assert (float(sista["ackumulerat_kr"]), float(sista["underskott_kr"])) == (90, 10)


def test_an_unknown_year_starts_anew() -> None:
    """Nothing is added over a year nobody knows."""
    sista = underskott({2018: "-5", 2020: "-7"})[-1]
    assert (sista["fran_ar"], float(sista["underskott_kr"])) == (2020, 7)


@given(st.lists(st.decimals(-1000, 1000, places=2).map(str), min_size=1, max_size=9))
@settings(max_examples=exempel(40))
def test_as_a_ledger_of_deficits_would_have_it(resultat: list[str]) -> None:
    """Against deficits kept one by one and paid oldest first."""
    skulder: dict[int, Decimal] = {}
    vantat = []
    for ar, text in enumerate(resultat, start=2010):
        kvar = Decimal(text)
        if kvar < 0:
            skulder[ar] = -kvar
        for uppkom in sorted(skulder):
            betalt = min(max(kvar, Decimal(0)), skulder[uppkom])
            skulder[uppkom] -= betalt
            kvar -= betalt
        skulder = {uppkom: kr for uppkom, kr in skulder.items() if kr}
        vantat.append(
            (ar, sum(skulder.values()), min(skulder, default=None), sum(kr for uppkom, kr in skulder.items() if uppkom <= ar - 3))
        )  # fmt: skip
    found = underskott(dict(enumerate(resultat, start=2010)))
    assert [(rad["ar"], rad["underskott_kr"], rad["uppkom_ar"], rad["for_sent_kr"]) for rad in found] == vantat


def test_every_source_meets_in_one_row_per_year() -> None:
    """Kolada's deviation (percent and million kronor) only for those who deliver; printed investments; a delivered
    result in mnkr beside a ledger year whose budget is known."""
    belopp = {
        "manad": None,
        "belopp_kr": Decimal(-100),
        "version": "budget",
        "tabell": "huvudbok",
        "kontogrupp": "netto",
    }
    manader = [
        {**belopp, "kommun_kod": "0001", "ar": 2024, "manad": manad, "version": "utfall", "belopp_kr": Decimal(-10)}
        for manad in range(1, 13)
    ]
    ekonomi = [*manader, {**belopp, "kommun_kod": "0001", "ar": 2024}]
    ekonomi.append(
        {**belopp, "kommun_kod": "0001", "ar": 2023, "tabell": "Plan 2023: Investeringar", "belopp_kr": Decimal(-7)}
    )
    matt = {
        "kommun_kod": "0001", "period_slut": date(2023, 12, 31), "matt": "Nämndens totala resultat ", "enhet": "mnkr",
        "version": "utfall", "periodtyp": "ar", "organisation": "Totalt", "kon": "T", "varde": -1.5,
    }  # fmt: skip
    kolada = [
        {"objekt_kod": kommun, "ar": 2023, "kolada_id": kpi, "kon": "T", "varde": varde}
        for kommun in ("0001", "0002")
        for kpi, varde in (("N30001", 4.5), ("N30026", 12.25))
    ]
    connection = lager(
        {
            "intermediate.int_ekonomi__manad": pl.DataFrame(
                ekonomi, schema_overrides={"manad": pl.Int32, "ar": pl.Int32}
            ),
            "intermediate.int_matt__verksamhetsmatt": pl.DataFrame([matt]),
            "intermediate.int_prognos__val": pl.DataFrame(
                schema={
                    "kommun_kod": pl.String,
                    "ar": pl.Int32,
                    "manad": pl.Int32,
                    "tabell": pl.String,
                    "vald": pl.Boolean,
                    "prognos_kr": pl.Float64,
                }
            ),
            "intermediate.int_kolada__varden": pl.DataFrame(kolada),
            "staging.stg_register__kommuner": pl.DataFrame({"kommun_kod": ["0001"], "kommun": ["Provby"]}),
            "staging.stg_register__leveranser": pl.DataFrame({"kommun_kod": ["0001"]}),
            "seeds.resultatmatt": seed("analys/resultatmatt.csv"),
        }
    )
    kor(
        connection,
        ["intermediate.int_analys__resultat", "intermediate.int_analys__underskott", "marts.resultat_over_tid"],
    )
    rows = connection.sql(
        "select ar, kalla, resultat_kr, ackumulerat_underskott_kr, investering_budget_kr, nettokostnadsavvikelse_procent,"
        " nettokostnadsavvikelse_kr from marts.resultat_over_tid order by ar"
    ).fetchall()
    tva_ar = [
        (2023, "levererat_matt", -1_500_000, 1_500_000, -7, 4.5, 12_250_000),
        (2024, "huvudbok", -20, 1_500_020, None, None, None),
    ]
    assert rows == tva_ar
