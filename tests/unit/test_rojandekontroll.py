"""The descriptions cover everything, repeated figures get one verdict, amounts are merged, the last look looks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import yaml

from pipelines.errors import TertialError
from pipelines.katalog.nyckeltal import katalog
from pipelines.publication import (
    belopp,
    familjer,
    foljare,
    rojandekontroll,
    sammanfattning,
    sekretessregler,
    slutgranskning,
)
from pipelines.publication.edition import DATABASE, Mart, publish
from pipelines.publication.sekretessregler import Familj
from pipelines.publication.underlag import Underlag
from pipelines.sekretess.rojande.skydd import skydda as rojande_skydda
from pipelines.settings import DBT_DIR

REGLER = sekretessregler.las()


def test_every_figure_of_the_catalogue_is_described() -> None:
    egna = [one.id for one in katalog() if one.modell]
    REGLER.prova([], egna)
    assert len(egna) > 80


def test_every_mart_is_described() -> None:
    REGLER.prova([fil.stem for fil in (DBT_DIR / "models/marts").rglob("*.sql")], [])


@pytest.mark.parametrize(
    ("andring", "fel"),
    [
        ({"familjer": {"a": {"matten": {"x": {"foljer": [{"nyckeltal_id": "y"}]}}}}}, "inte är ett eget tal"),
        ({"familjer": {"a": {"urval": [{"namn": "b", "kon": ["T"]}]}}}, "felskrivet urval"),
        ({"familjer": {"a": {"utvagar": ["saknas"]}}}, "är inget urval"),
        ({"familjer": {"a": {"regel": 1}}}, "okända ord"),
    ],
)
def test_a_description_that_does_not_hold_together_is_refused(tmp_path: Path, andring: dict, fel: str) -> None:  # type: ignore[type-arg]
    familj = {"matten": {}, "dimensioner": {}, "urval": [{"namn": "b", "periodtyp": ["ar"]}]}
    familj |= andring["familjer"]["a"]
    dokument = {"mart": "nyckeltal", "tidsgrans_s": 1, "familjer": {"a": familj}, "avgors_pa_annat_satt": []}
    (tmp_path / "nyckeltal.yml").write_text(yaml.safe_dump(dokument))
    (tmp_path / "offentliga.yml").write_text(yaml.safe_dump({"offentliga": [], "utan_beskrivning": []}))
    with pytest.raises(TertialError, match=fel):
        sekretessregler.las(tmp_path)


def _levererat(**rad: object) -> pl.DataFrame:
    grund = {
        "kommun_kod": "9998",
        "tabell": "Verksamhetsmått 2024",
        "matt_id": "m",
        "enhet": "antal",
        "organisation": "Totalt",
        "kon": "T",
        "period_start": "2024-01-01",
        "period_slut": "2024-12-31",
        "version": "utfall",
        "taljare": None,
        "namnare": None,
        "varde": 4.0,
        "status": "ok",
    }
    frame = pl.DataFrame([grund | rad], schema_overrides=dict.fromkeys(("taljare", "namnare", "varde"), pl.Float64))
    return frame.with_columns(pl.col("period_start", "period_slut").str.to_date())


def _visning(*rader: pl.DataFrame) -> list[str]:
    ord_ = REGLER.marter["verksamhetsmatt"]["inlamnade"]
    return foljare.inlamnade(pl.concat(rader), ord_, REGLER)["_visning"].to_list()


@pytest.mark.parametrize(
    ("rad", "visning"),
    [
        ({}, "dold"),
        ({"varde": 7.0}, "visa"),
        ({"varde": 0.0}, "visa"),
        ({"varde": None, "status": "saknas"}, "saknas"),
        ({"varde": None, "status": "undertryckt"}, "dold"),
        ({"version": "budget"}, "visa"),
        ({"kommun_kod": "1080", "tabell": "Karlskrona 2013: verksamhetsmått"}, "visa"),
        ({"kommun_kod": "9998", "tabell": "Karlskrona 2013: verksamhetsmått"}, "dold"),
        ({"enhet": "procent", "varde": 40.0}, "dold"),
        ({"enhet": "procent", "varde": 40.0, "taljare": 40.0, "namnare": 100.0}, "visa"),
        ({"enhet": "procent", "varde": 97.0, "taljare": 97.0, "namnare": 100.0}, "dold"),
        ({"enhet": "procent", "varde": 50.0, "taljare": 9.0, "namnare": 18.0}, "dold"),
    ],
)
def test_a_delivered_figure(rad: dict[str, object], visning: str) -> None:
    assert _visning(_levererat(**rad)) == [visning]


def test_a_small_part_takes_the_other_parts_with_it_but_not_the_whole() -> None:
    hel, kvinnor, man = (_levererat(kon=kon, varde=varde) for kon, varde in (("T", 30.0), ("K", 27.0), ("M", 3.0)))
    assert _visning(hel, kvinnor, man) == ["visa", "dold", "dold"]


def _mal(i_ar: str, i_fjol: str, **rad: Any) -> dict[str, Any]:
    """A goal of 2024 whose outcome, and that of 2023, the figures' decisions show or hide."""
    grund = {
        "kommun_kod": "9998",
        "ar": 2024,
        "tillfalle": "bokslut",
        "mal_id": "1",
        "matt_id": "x",
        "periodtyp": "ar",
        "taljare": 4.0,
        "namnare": None,
        "utfall": 4.0,
        "utfall_foregaende": 9.0,
        "utfall_status": "ok",
        "malvarde": 3.0,
        "jamforelse": None,
        "bedomning_matt": "ej uppfyllt",
        "bedomning": "ej uppfyllt",
        "antal_bedomda": 1,
        "avviker_fran_namnden": False,
        "skal": "Utfallet 4 är högre än målvärdet 3.",
        "skal_utan_tal": "Utfallet är högre än målvärdet.",
    }
    mart = pl.DataFrame([grund | rad | {"period_slut": "2024-12-31"}])
    kanda = pl.DataFrame(
        {"kommun_kod": ["9998"] * 2, "matt_id": ["x"] * 2, "periodtyp": ["ar"] * 2, "visning": [i_ar, i_fjol]}
    ).with_columns(period_slut=pl.Series(["2024-12-31", "2023-12-31"]).str.to_date())
    mart = mart.with_columns(pl.col("period_slut").str.to_date())
    return foljare.mal(mart, kanda, REGLER.marter["effektmal_uppfoljning"]["mal"]).row(0, named=True)


def test_a_goal_whose_figure_is_hidden_tells_nothing_of_it() -> None:
    svar = _mal("dold", "visa")
    assert (svar["utfall"], svar["taljare"], svar["utfall_status"]) == (None, None, "undertryckt")
    assert svar["utfall_foregaende"] == 9.0
    assert svar["bedomning"] == svar["bedomning_matt"] == "kan ej utvärderas"
    assert svar["skal"] == svar["skal_utan_tal"] == "Utfallet visas inte av sekretesskäl."


def test_a_goal_rated_against_a_hidden_figure_of_last_year_says_that_it_is_last_years() -> None:
    svar = _mal("visa", "dold", malvarde=None, jamforelse="foregaende", skal="4 är lägre än 9.")
    assert (svar["utfall"], svar["utfall_foregaende"]) == (4.0, None)
    assert svar["bedomning"] == svar["bedomning_matt"] == "kan ej utvärderas"
    assert svar["skal"] == svar["skal_utan_tal"]
    assert svar["skal"].startswith("Föregående års utfall visas inte av sekretesskäl.")


def _bokfort(*rader: tuple[str, str, str, int, float]) -> pl.DataFrame:
    """(organisation, verksamhet, kontogrupp, manad, belopp) as budgetuppfoljning."""
    namn = ("organisation", "verksamhet", "kontogrupp", "manad", "belopp_kr")
    fasta = {"kommun_kod": "9998", "kommun": "Exempelby", "ar": 2024, "tabell": "huvudbok", "version": "utfall"}
    text = ("ansvar", "prognosomgang", "helarsprognos_omgang", "budgetperiodisering", "leverans_id")
    frame = pl.DataFrame([dict(zip(namn, rad, strict=True)) | fasta for rad in rader]).with_columns(
        pl.lit(None, pl.String).alias(kolumn) for kolumn in text
    )
    belopp_ = [k for k in belopp._SUMMOR if k != "belopp_kr"]
    return frame.with_columns(
        pl.col("belopp_kr").cast(pl.Decimal(18, 2)),
        *(pl.lit(None, pl.Decimal(18, 2)).alias(k) for k in belopp_),
        verksamhet_namn=pl.col("verksamhet"),
    )


def _bakom(*rader: tuple[str, int, int, float]) -> Underlag:
    namn = ("verksamhet", "manad", "n", "storsta_kr")
    frame = pl.DataFrame(
        [dict(zip(namn, rad, strict=True)) | {"kommun_kod": "9998", "ar": 2024} for rad in rader]
    ).with_columns(pl.col("ar", "manad").cast(pl.Int64))
    return Underlag(pl.DataFrame(), frame, frame.select("kommun_kod", "verksamhet").unique())


def _skydda(rader: pl.DataFrame, underlag: Underlag) -> dict[tuple[str, str, str], float]:
    svar, _ = belopp.skydda(rader, underlag, REGLER.marter["budgetuppfoljning"]["belopp"])
    return {
        (rad["organisation"], rad["verksamhet"], rad["kontogrupp"]): float(rad["belopp_kr"])
        for rad in svar.iter_rows(named=True)
    }


KOP = "kop_av_huvudverksamhet"


def test_the_cost_of_one_placement_is_merged_with_another_verksamhet() -> None:
    svar = _skydda(
        _bokfort(
            ("Vuxen", "LVM", KOP, 1, -90000), ("Vuxen", "HVB", KOP, 1, -900000), ("Barn", "HVB barn", KOP, 1, -5e6)
        ),
        _bakom(("LVM", 1, 1, 90000.0), ("HVB", 1, 9, 120000.0), ("HVB barn", 1, 40, 150000.0)),
    )
    assert svar == {("Vuxen", "sammanslaget", KOP): -990000.0, ("Barn", "HVB barn", KOP): -5000000.0}


def test_one_household_that_makes_most_of_the_amount_is_merged_too() -> None:
    svar = _skydda(
        _bokfort(("Vuxen", "A", KOP, 1, -100000), ("Vuxen", "B", KOP, 1, -900000)),
        _bakom(("A", 1, 8, 60000.0), ("B", 1, 20, 90000.0)),
    )
    assert set(svar) == {("Vuxen", "sammanslaget", KOP)}


def test_a_unit_with_nothing_to_merge_with_is_merged_over_the_committee() -> None:
    svar = _skydda(
        _bokfort(("Liten", "LVM", KOP, 1, -90000), ("Stor", "HVB", KOP, 1, -900000), ("Stor", "X", "intakter", 1, 5)),
        _bakom(("LVM", 1, 1, 90000.0), ("HVB", 1, 30, 100000.0)),
    )
    # only the small one can be merged: its own sum is still one person's, so it goes with other costs of the committee
    assert ("Liten", "LVM", KOP) not in svar
    assert sum(svar.values()) == -989995.0


def test_what_an_earlier_edition_merged_stays_merged() -> None:
    """A + B then, A + D and B by itself now: A would be the difference."""
    forst = [("Vuxen", "A", KOP, 1, -90000.0), ("Vuxen", "B", KOP, 1, -800000.0), ("Vuxen", "D", KOP, 1, -900000.0)]
    sedan = [("Vuxen", verksamhet, KOP, 2, belopp_kr) for _, verksamhet, _, _, belopp_kr in forst]
    bakom = [("A", 1, 1, 90000.0), ("B", 1, 8, 110000.0), ("D", 1, 9, 110000.0)]
    ord_ = REGLER.marter["budgetuppfoljning"]["belopp"]
    _, hopslagna = belopp.skydda(_bokfort(*forst), _bakom(*bakom), ord_)
    assert set(hopslagna["verksamhet"]) == {"A", "B"}
    rader, underlag = (
        _bokfort(*forst, *sedan),
        _bakom(*bakom, ("A", 2, 1, 90000.0), ("B", 2, 8, 110000.0), ("D", 2, 7, 130000.0)),
    )
    ensamma = set(belopp.skydda(rader, underlag, ord_)[0]["verksamhet"])
    assert ensamma == {"sammanslaget", "B"}  # without the ledger
    svar, nu = belopp.skydda(rader, underlag, ord_, hopslagna)
    assert "B" not in set(svar["verksamhet"])
    assert {"A", "B"} <= set(nu["verksamhet"])


def test_staff_and_income_are_left_alone() -> None:
    rader = _bokfort(("Vuxen", "LVM", "personalkostnader", 1, -90000))
    assert set(_skydda(rader, _bakom(("LVM", 1, 1, 90000.0)))) == {("Vuxen", "LVM", "personalkostnader")}


def test_figures_as_printed() -> None:
    assert sammanfattning.tryckt(0.0, 0) == "0"
    assert sammanfattning.tryckt(12.25, 1) == "12,3"
    assert sammanfattning.tryckt(-1234.5, 0) == "−1\u202f235"
    assert sammanfattning.tryckt(12.5, None) == "12,5"


def test_the_line_for_the_run_holds_counts_only() -> None:
    assert sammanfattning.rad(sammanfattning.audit([])) == "Röjandekontroll: 0 celler granskade, inga dolda"


@pytest.mark.parametrize(
    ("frame", "fel"),
    [
        (pl.DataFrame({"person_id": ["a"]}), "person_id"),
        (pl.DataFrame({"fodelsear": [1980]}), "fodelsear"),
        (pl.DataFrame({"kalla": ["abcdefghijklmnopqrstuvwx23"]}), "pseudonym"),
    ],
)
def test_a_column_of_a_person_stops(tmp_path: Path, frame: pl.DataFrame, fel: str) -> None:
    marter = [Mart("m", frame)]
    with pytest.raises(TertialError, match=fel):
        publish(marter, tmp_path, {}, inspect=lambda mapp: slutgranskning.granska(mapp, marter, []))


def test_a_file_that_is_not_what_was_decided_stops(tmp_path: Path) -> None:
    beslutat = Mart("m", pl.DataFrame({"varde": [10.0, None]}))
    skrivet = replace(beslutat, rader=pl.DataFrame({"varde": [10.0, 3.0]}))
    with pytest.raises(TertialError, match="inte det som beslutades"):
        publish([skrivet], tmp_path, {}, inspect=lambda mapp: slutgranskning.granska(mapp, [beslutat], []))


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_text('/etc/passwd')",
        "select * from read_csv('/etc/passwd')",
        "select * from '/etc/passwd'",
        "copy m to '{mapp}/ut.csv'",
        "attach '{mapp}/ny.duckdb' as ny",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "create table ny as select 1",
        "delete from m",
        "export database '{mapp}/ut'",
    ],
)
def test_the_handed_out_database_lets_nobody_out(tmp_path: Path, sql: str) -> None:
    """Fault 87: with the settings of docs/analytiker.md."""
    mapp = publish([Mart("m", pl.DataFrame({"varde": [1.5]}))], tmp_path, {}, inspect=lambda _: None)
    connection = duckdb.connect(
        str(mapp / DATABASE), read_only=True, config={"enable_external_access": "false", "lock_configuration": "true"}
    )
    try:
        assert connection.execute("select varde from m").fetchone() == (1.5,)
        with pytest.raises(duckdb.Error):
            connection.execute(sql.format(mapp=tmp_path)).fetchall()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("placerade", "visning", "i_bada", "vantat"),
    [(18.0, "dold", 0, "dold"), (18.0, "visa", 0, "visa"), (18.0, "visa", 3, "dold"), (18.0, "visa", 9, "visa")],
)
def test_a_share_of_two_families_persons_needs_both_shown(
    placerade: float, visning: str, i_bada: int, vantat: str
) -> None:
    """Open care 40 of 58 says that 18 are placed, who were hidden in their own family."""
    punkt = dict.fromkeys(familjer.NYCKEL, "x")
    egna = pl.DataFrame(
        [
            punkt | {"nyckeltal_id": "andel", "taljare": 40.0, "namnare": 40.0 + placerade - i_bada},
            punkt | {"nyckeltal_id": "placerade", "taljare": placerade, "namnare": None},
        ]
    )
    beslut = egna.select(familjer.NYCKEL).with_columns(visning=pl.Series(["visa", visning]))
    familj = Familj("oppenvard", {"andel": {"slag": "andel", "kraver": "placerade"}}, {}, ())
    svar = familjer.kravda([familj], beslut, egna)
    assert svar.filter(pl.col("nyckeltal_id") == "andel")["visning"].to_list() == [vantat]


def test_a_cost_of_seven_placements_is_hidden_when_five_persons_had_them() -> None:
    """A town of 1 000 printed 1 100 100 kronor of five children, who had been placed eight times."""
    punkt = dict.fromkeys(familjer.MEDLEM, "totalt") | {"organisation": "Totalt", "kon": "T", "kommun_kod": "9998"}
    punkt |= {"period_start": date(2025, 1, 1), "period_slut": date(2025, 8, 31), "periodtyp": "ack", "namnare": None}
    dygn = {"nyckeltal_id": "plac_vardygn", "taljare": 700.0, "varde": 700.0, "n": 5}
    kostnad = {"nyckeltal_id": "plac_kostnad", "taljare": 1_100_100.0, "varde": 1_100_100.0, "n": 8}
    rader = pl.DataFrame([punkt | dygn, punkt | kostnad], schema_overrides={"namnare": pl.Float64})
    familj = next(one for one in REGLER.familjer if one.namn == "vardygn")
    tabell = familjer.tabell(familj, rader)[0].tabell
    assert {cell.nyckel.partition("|")[0]: cell.n for cell in tabell.celler} == {"plac_vardygn": 5, "plac_kostnad": 5}


def test_the_days_that_have_a_price_are_figures_of_their_own() -> None:
    """A town of 25 000 hid the days of six children, and printed the priced days of every other form and of all."""
    punkt = {"organisation": "Totalt", "kon": "T", "kommun_kod": "9998", "alder": "totalt", "namnare": None}
    punkt |= {"period_start": date(2024, 1, 1), "period_slut": date(2024, 12, 31), "periodtyp": "ar"}
    rader = []
    # days count a person once a day, and five days were in two forms: the whole is less than its parts
    for form, dygn, personer in (
        ("totalt", 11_995, 60),
        ("hvb", 6000, 30),
        ("jourhem", 4530, 24),
        ("natverkshem", 1470, 6),
    ):
        form_ = {"indelning": "totalt" if form == "totalt" else "form", "indelning_varde": form, "n": personer}
        kr = 900.0 * (dygn + 5 * (form == "totalt"))
        rader += [
            punkt | form_ | {"nyckeltal_id": "plac_vardygn", "taljare": float(dygn), "varde": float(dygn)},
            punkt | form_ | {"nyckeltal_id": "plac_kostnad", "taljare": kr, "varde": kr},
            punkt
            | form_
            | {"nyckeltal_id": "plac_kostnad_per_vardygn", "taljare": kr, "namnare": kr / 900, "varde": 900.0},
        ]
    mart = pl.DataFrame(rader, schema_overrides={"namnare": pl.Float64})
    familj = next(one for one in REGLER.familjer if one.namn == "vardygn")
    tabell, rad = familjer.tabell(familj, mart)
    dolda = tabell.visning(rojande_skydda(tabell.tabell, regler=tabell.regler)).filter(pl.col("visning") == "dold")
    svar = mart[rad.gather(dolda["rad"].unique().sort()).unique().to_list()]
    former = svar.group_by("nyckeltal_id").agg("indelning_varde")
    assert all("natverkshem" in one and len(one) > 1 for one in former["indelning_varde"]), "one alone is the rest"
    assert former.height == 3


def test_a_percentage_between_one_and_six_is_no_count_of_persons() -> None:
    """A municipality of a million has 5,3 per cent of its persons in open care; its last look refused to publish that."""
    antal = rojandekontroll.personantal(REGLER, "antal")
    delar = rojandekontroll.personantal(REGLER, "antal", "andel")
    assert "plac_personer" in antal
    assert "opp_andel_oppenvard" not in antal, "its value is a percentage"
    assert "opp_andel_oppenvard" in delar, "its counted part is persons"


def _beslut(*rader: tuple[str, str, str, str]) -> pl.DataFrame:
    kolumner = ["kommun_kod", "nyckeltal_id", "alder", "visning"]
    return pl.DataFrame(rader, schema=kolumner, orient="row").with_columns(
        indelning=pl.lit("totalt"), indelning_varde=pl.lit("totalt")
    )


def test_a_plan_of_a_hidden_outcome_is_another_figure() -> None:
    """A town of 1 000: its vårddygn are hidden, and the budget it printed for them stopped the publication."""
    dolda = rojandekontroll.dolda_har(
        _beslut(("9998", "plac_vardygn", "totalt", "dold"), ("9998", "plac_personer", "totalt", "visa")),
        ["kommun_kod", "matt_id", "alder", "indelning", "indelning_varde", "version", "varde"],
    )
    assert dolda.select("matt_id", "version").rows() == [("plac_vardygn", "utfall")]


def test_where_a_mart_has_no_ages_only_the_whole_is_meant() -> None:
    dolda = rojandekontroll.dolda_har(
        _beslut(("9998", "a", "0-12", "dold"), ("9998", "b", "totalt", "dold")), ["kommun_kod", "matt_id", "varde"]
    )
    assert dolda.rows() == [("9998", "b")]


def test_a_delivered_outcome_follows_the_own_figure_that_is_hidden() -> None:
    inlamnade = pl.DataFrame(
        [("a", "utfall", "visa"), ("a", "budget", "visa"), ("b", "utfall", "visa"), ("a", "utfall", "saknas")],
        schema=["matt_id", "version", "_visning"],
        orient="row",
    )
    dolda = pl.DataFrame({"matt_id": ["a"], "version": ["utfall"]})
    assert rojandekontroll.folj_egna(inlamnade, dolda)["_visning"].to_list() == ["dold", "visa", "visa", "saknas"]


def test_sick_leave_of_ten_employees_or_fewer_is_not_published_and_long_sick_leave_of_everybody_only() -> None:
    """SFS 2002:1065, 4 kap. 1 a § (now lag 2018:597): not of a group of at most ten."""
    (personal,) = [familj for familj in REGLER.familjer if familj.namn == "personal"]
    assert personal.regler["medel_minst"] == 11
    langa = [one for one in personal.urval if any("langtid" in matt for matt in one.get("matt", personal.matten))]
    assert [(one["organisation"], one["kon"], one["periodtyp"]) for one in langa] == [("Totalt", ["T"], ["r12", "ar"])]
