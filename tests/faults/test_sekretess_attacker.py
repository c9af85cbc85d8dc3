"""Faults 79-82: nothing exact follows from the editions, however many there are; a pattern that leaks stops."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sekretess
from sekretess import arenden, figur, ge_ut, kanda, mart, nyckeltal, skydda

from pipelines.errors import TertialError
from pipelines.publication import analysmarter, driftmarter, sammanfattning, sekretessregler
from pipelines.publication.edition import Mart


@pytest.mark.parametrize("fro", range(4))
def test_three_editions_of_a_year_give_no_hidden_figure_away(tmp_path: Path, fro: int) -> None:
    fall = arenden(fro, 12)
    utgavor = []
    for manader in (4, 8, 12):
        kant = {punkt: antal for punkt, antal in fall.items() if punkt[3] <= manader}
        utgavor.append(ge_ut(tmp_path, Mart("nyckeltal", nyckeltal(kant, manader))))
    angripare = kanda(utgavor, 12)
    assert angripare.dolda, "the town is too large to test anything"
    exakta = [namn for namn, vektor in angripare.dolda.items() if angripare.bredd(vektor) < 1]
    assert exakta == []


def test_without_history_the_third_edition_does_give_them_away(tmp_path: Path) -> None:
    """The attack has teeth: editions decided one by one leak what the ledger prevents."""
    fall = arenden(1, 12)
    lackor = 0
    for fro in range(6):
        fall = arenden(fro, 12)
        utgavor = []
        for manader in (4, 8, 12):
            kant = {punkt: antal for punkt, antal in fall.items() if punkt[3] <= manader}
            utgavor.append(ge_ut(tmp_path / f"{fro}-{manader}", Mart("nyckeltal", nyckeltal(kant, manader))))
        angripare = kanda(utgavor, 12)
        lackor += sum(angripare.bredd(vektor) < 1 for vektor in angripare.dolda.values())
    assert lackor > 0


@pytest.mark.parametrize("fler", [1, 3, 6])
def test_two_editions_that_differ_by_a_few_persons_do_not_show_it(tmp_path: Path, fler: int) -> None:
    fall = arenden(3, 8, medel=2.0)
    forsta = ge_ut(tmp_path, Mart("nyckeltal", nyckeltal(fall, 8)))
    sent = ("Unga", "K", "vuxna_missbruk", 2)
    andra = ge_ut(tmp_path, Mart("nyckeltal", nyckeltal(fall | {sent: fall[sent] + fler}, 8)))
    nyckel = ["organisation", "kon", "indelning_varde", "period_start", "period_slut", "periodtyp"]
    bada = forsta.nyckeltal().join(andra.nyckeltal(), on=nyckel, suffix="_nu").drop_nulls(["varde", "varde_nu"])
    assert bada.height > 5
    assert bada.filter((pl.col("varde_nu") - pl.col("varde")).abs().is_between(1, 6)).height == 0


def test_a_figure_hidden_once_stays_hidden_when_it_has_grown(tmp_path: Path) -> None:
    liten = nyckeltal(arenden(0, 4), 4)
    forsta = ge_ut(tmp_path, Mart("nyckeltal", liten)).nyckeltal()
    storre = liten.with_columns(pl.col("varde") * 10, pl.col("taljare") * 10, pl.col("n") * 10)
    andra = ge_ut(tmp_path, Mart("nyckeltal", storre)).nyckeltal()
    nyckel = ["organisation", "kon", "indelning_varde", "period_start", "period_slut", "periodtyp"]
    dolda = forsta.filter(pl.col("status") == "undertryckt").join(andra, on=nyckel, suffix="_nu")
    assert dolda.height
    assert dolda["varde_nu"].is_null().all()


def test_what_is_hidden_looks_the_same_whatever_the_reason(tmp_path: Path) -> None:
    publicerat = ge_ut(tmp_path, Mart("nyckeltal", nyckeltal(arenden(2, 4), 4))).nyckeltal()
    dolda = publicerat.filter(pl.col("status") == "undertryckt")
    assert set(dolda["visas"]) == {"--"}
    assert (
        dolda.select(pl.any_horizontal(pl.col("taljare", "namnare", "varde", "n").is_not_null()).any()).item() is False
    )
    assert "skal" not in publicerat.columns


def test_one_secondary_cell_shown_stops(tmp_path: Path) -> None:
    """Fault 80: whatever goes wrong on the way to the file, a hidden figure in it stops the edition."""
    sann = nyckeltal(arenden(2, 4), 4)
    skydd = skydda(tmp_path, Mart("nyckeltal", sann))
    safe = skydd.marter[0].rader
    nyckel = ["organisation", "kon", "indelning_varde", "period_start", "period_slut", "periodtyp"]
    rad = safe.filter(pl.col("status") == "undertryckt").join(sann, on=nyckel, suffix="_sann")
    sekundar = rad.filter(pl.col("varde_sann") > 6).head(1)
    assert sekundar.height == 1
    lackt = safe.join(sekundar.select(*nyckel, "varde_sann"), on=nyckel, how="left", maintain_order="left")
    lackt = lackt.with_columns(varde=pl.coalesce("varde", "varde_sann")).drop("varde_sann")
    skydd.marter[0] = replace(skydd.marter[0], rader=lackt)
    with pytest.raises(TertialError, match="visar ett tal som skulle döljas"):
        sekretess.publish(skydd.marter, tmp_path / "marts", {}, inspect=skydd.granska)
    assert not (tmp_path / "marts" / "aktuell").exists()


def test_a_small_count_in_the_file_stops(tmp_path: Path) -> None:
    """Fault 81."""
    skydd = skydda(tmp_path, Mart("nyckeltal", nyckeltal(arenden(2, 4), 4)))
    safe = skydd.marter[0].rader
    forsta = pl.int_range(pl.len()) == safe["varde"].is_not_null().arg_max()
    skydd.marter[0] = replace(
        skydd.marter[0], rader=safe.with_columns(varde=pl.when(forsta).then(3.0).otherwise("varde"))
    )
    with pytest.raises(TertialError, match="mellan 1 och 6"):
        sekretess.publish(skydd.marter, tmp_path / "marts", {}, inspect=skydd.granska)


@pytest.mark.parametrize(("taljare", "namnare"), [(3, 22), (19, 22), (10, 19)])
def test_a_ratio_that_is_a_count_is_hidden_with_its_parts(tmp_path: Path, taljare: int, namnare: int) -> None:
    """Fault 82: 14 % of 22 is a count, and so is 86 %."""
    rad = figur(
        "utr_fb_inom_14_dagar",
        100 * taljare / namnare,
        (1, 4),
        "ack",
        taljare=float(taljare),
        namnare=float(namnare),
        n=namnare,
    )
    publicerat = ge_ut(tmp_path, Mart("nyckeltal", mart([rad]))).nyckeltal()
    assert publicerat.select("taljare", "namnare", "varde", "n").row(0) == (None, None, None, None)
    assert publicerat["visas"].to_list() == ["--"]


def test_zero_and_missing_stay_what_they_are(tmp_path: Path) -> None:
    rader = [figur("utr_forsenade", 0.0, (1, 4), "ack"), figur("utr_mediantid", None, (1, 4), "ack", status="saknas")]
    publicerat = ge_ut(tmp_path, Mart("nyckeltal", mart(rader))).nyckeltal()
    assert dict(publicerat.select("nyckeltal_id", "visas").iter_rows()) == {"utr_forsenade": "0", "utr_mediantid": "-"}


def test_months_are_published_for_the_whole_committee_only(tmp_path: Path) -> None:
    publicerat = ge_ut(tmp_path, Mart("nyckeltal", nyckeltal(arenden(2, 8, medel=4), 8))).nyckeltal()
    manader = publicerat.filter(pl.col("periodtyp") == "manad")
    assert set(manader["organisation"]) == {"Totalt"}
    assert set(manader["kon"]) == {"T"}
    ack = publicerat.filter(pl.col("periodtyp") == "ack")
    assert set(ack["period_slut"].dt.month()) == {4, 8}


def test_an_unchanged_rerun_publishes_the_same_bytes_and_adds_nothing_to_the_ledger(tmp_path: Path) -> None:
    rader = nyckeltal(arenden(5, 8), 8)
    filer = [ge_ut(tmp_path, Mart("nyckeltal", rader)).mapp / "nyckeltal.parquet" for _ in range(3)]
    assert len({fil.read_bytes() for fil in filer}) == 1
    assert len(list((tmp_path / "lake/_sekretess/utgavor").glob("*.json"))) == 1
    assert len(list((tmp_path / "lake/_sekretess/beslut").rglob("*.json.gz"))) == 1


def test_a_crash_before_the_ledger_is_written_changes_nothing(tmp_path: Path) -> None:
    rader = nyckeltal(arenden(5, 8), 8)
    skydda(tmp_path / "a", Mart("nyckeltal", rader))  # decided, then killed
    avbruten = ge_ut(tmp_path / "a", Mart("nyckeltal", rader))
    hel = ge_ut(tmp_path / "b", Mart("nyckeltal", rader))
    assert avbruten.nyckeltal().equals(hel.nyckeltal())


def test_the_ledger_is_the_owners_alone(tmp_path: Path) -> None:
    ge_ut(tmp_path, Mart("nyckeltal", nyckeltal(arenden(5, 4), 4)))
    for vag in (tmp_path / "lake/_sekretess").rglob("*"):
        assert vag.stat().st_mode & 0o077 == 0, vag


def test_a_damaged_ledger_stops(tmp_path: Path) -> None:
    rader = nyckeltal(arenden(5, 4), 4)
    ge_ut(tmp_path, Mart("nyckeltal", rader))
    beslut = next((tmp_path / "lake/_sekretess/beslut").rglob("*.json.gz"))
    beslut.write_bytes(beslut.read_bytes()[:-20])
    with pytest.raises(TertialError, match="Sekretessliggaren är skadad"):
        skydda(tmp_path, Mart("nyckeltal", rader))


def test_a_solver_out_of_time_stops_and_the_last_edition_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 77."""
    forsta = ge_ut(tmp_path, Mart("nyckeltal", nyckeltal(arenden(5, 4), 4)))
    regler = replace(sekretessregler.las(), tidsgrans_s=0.0)
    monkeypatch.setattr(sekretessregler, "las", lambda: regler)
    with pytest.raises(TertialError, match="blev inte klar"):
        ge_ut(tmp_path, Mart("nyckeltal", nyckeltal(arenden(6, 8), 8)))
    assert (tmp_path / "marts/aktuell").resolve() == forsta.mapp


@pytest.mark.parametrize(
    ("namn", "frame"),
    [
        ("nytt_mart", pl.DataFrame({"antal": [3]})),
        ("nyckeltal", mart([figur("helt_nytt_tal", 3.0, (1, 4), "ack")])),
    ],
)
def test_what_nothing_describes_is_not_published(tmp_path: Path, namn: str, frame: pl.DataFrame) -> None:
    with pytest.raises(TertialError, match="saknar sekretessbeskrivning"):
        skydda(tmp_path, Mart(namn, frame))


def _bestand(manad: int, antal: int) -> dict[str, object]:
    slut = date(2024, manad, monthrange(2024, manad)[1])
    return figur("utr_pagaende", float(antal), (1, manad), "ack", period_slut=slut)


def test_a_stock_between_two_occasions_does_not_follow_from_what_came_and_went(tmp_path: Path) -> None:
    """7 + (399 - 271) - (407 - 275) = 3, though no figure says how many came between the occasions."""
    rader = [_bestand(8, 7), _bestand(12, 3)]
    for matt, fore, efter in (("utr_inledda", 271, 399), ("utr_avslutade", 275, 407)):
        rader += [figur(matt, float(fore), (1, 8), "ack"), figur(matt, float(efter), (1, 12), "ack")]
    publicerat = ge_ut(tmp_path, Mart("nyckeltal", mart(rader))).nyckeltal()
    dolda = publicerat.filter(pl.col("status") == "undertryckt")
    assert "utr_pagaende" in dolda["nyckeltal_id"].to_list()
    assert dolda.height >= 2


@pytest.mark.parametrize(
    ("matt", "n", "belopp", "visas"),
    [
        ("eb_belopp", 101, 1_008_123.0, False),  # one household more: the difference is what it got
        ("eb_belopp", 100, 994_740.0, False),  # a month of one household less
        ("eb_belopp", 110, 1_081_000.0, True),
        ("eb_belopp", 100, 1_090_000.0, True),
        ("plac_vardygn", 101, 1_000_039.0, False),  # one child's days
        ("plac_kostnad", 101, 1_058_500.0, False),
    ],
)
def test_a_corrected_amount_is_not_one_persons(tmp_path: Path, matt: str, n: int, belopp: float, visas: bool) -> None:
    forr = ge_ut(tmp_path, Mart("nyckeltal", mart([figur(matt, 1_000_000.0, (1, 4), "ack", n=100)])))
    nu = ge_ut(tmp_path, Mart("nyckeltal", mart([figur(matt, belopp, (1, 4), "ack", n=n)])))
    assert forr.nyckeltal()["varde"].to_list() == [1_000_000.0]
    assert nu.nyckeltal()["varde"].drop_nulls().to_list() == ([belopp] if visas else [])


def test_the_hours_of_a_whole_staff_are_corrected_in_print(tmp_path: Path) -> None:
    utgavor = []
    for timmar in (8_000.0, 8_012.5):
        kvot = {"taljare": timmar, "namnare": 160_000.0, "n": 100}
        rad = figur("pers_sjukfranvaro", 100 * timmar / 160_000, (1, 12), "ar", **kvot)
        utgavor.append(ge_ut(tmp_path, Mart("nyckeltal", mart([rad]))))
    assert [one.nyckeltal()["taljare"][0] for one in utgavor] == [8_000.0, 8_012.5]


def test_what_is_told_of_deliveries_and_checks_is_no_figure_of_persons() -> None:
    """A month's file has a row per household: 361 rows are the 361 that a held-back correction hides."""
    regler = sekretessregler.las()
    leveranser = pl.DataFrame({
        "kalla": ["forsorjningsstod", "ekonomi", "en_ny_kalla"],
        **{kolumn: [361, 5_000, 4] for kolumn in ("storlek", "rader", "godkanda_rader", "avvisade_rader", "antal_fel")},
        "summor": ["forsorjningsstod.vuxna = 399", "ekonomi.belopp_kr = 1", "x.antal = 4"],
    })  # fmt: skip
    visade = driftmarter.leveranser(leveranser, regler.marter["leveranser"]["drift"])
    for kolumn in ("storlek", "rader", "godkanda_rader", "summor", "antal_fel"):
        assert visade[kolumn].is_null().to_list() == [True, False, True]
    assert visade["avvisade_rader"].null_count() == 0


@pytest.mark.parametrize(("tabell", "antal", "visas"), [("placeringar", 1, False), ("placeringar", 6, False), ("placeringar", 7, True), ("placeringar", 0, True), ("matt", 1, True)])  # fmt: skip
def test_a_few_flagged_rows_of_persons_are_a_few_persons(tabell: str, antal: int, visas: bool) -> None:
    """PLA-011 of one LVM placement says that one person's has lasted too long."""
    regler = sekretessregler.las()
    kontroll = {
        "regel_id": "PLA-011",
        "tabell": tabell,
        "antal_fel": antal,
        "exempel": "rad 299, Laglig grund; rad 322, Laglig grund",
    }
    frame = pl.DataFrame(
        [
            kontroll
            | {"forklaring": "Text.", "cell": None, "tryckt_varde": None, "beraknat_varde": None, "differens": None}
        ]
    )
    visad = driftmarter.kontroller(frame, regler.marter["datakvalitet"]["drift"], regler.offentliga).row(0, named=True)
    assert (visad["antal_fel"], visad["exempel"]) == ((antal, kontroll["exempel"]) if visas else (None, ""))


@pytest.mark.parametrize(
    ("kontroll", "exempel", "forklaring"),
    [
        (
            {"regel_id": "RIM-BUD-001", "tabell": "budgetuppfoljning", "exempel": "SiS-vård januari–april 2025: -227 tkr mot -1697 tkr"},
            "SiS-vård januari–april 2025", "Text.",
        ),
        ({"regel_id": "RIM-FOR-001", "tabell": "forsorjningsstod", "exempel": "2025-03: 5 hushåll mot väntat 40"}, "2025-03", "Text."),
        ({"regel_id": "RIM-PLA-003", "tabell": "placeringar", "exempel": "3 av 30 avslutade placeringar har exakt 31 dagar"}, "", "Text."),
        (
            {"regel_id": "IDN-EB-012", "tabell": "verksamhetsmatt", "exempel": "utfall, 2025: 1 420 mot 1 419",
             "forklaring": "Text. Tryckt är 1 420, men det ska vara 1 419: skillnad 1."},
            "utfall, 2025", "Text.",
        ),
        ({"regel_id": "LEV-000", "tabell": "forsorjningsstod", "exempel": "", "forklaring": "x.csv: 361 rader lästa utan anmärkning."}, "", "x.csv: rader lästa utan anmärkning."),
        ({"regel_id": "LEV-000", "tabell": "ekonomi (bred)", "exempel": "", "forklaring": "5 000 rader lästa."}, "", "5 000 rader lästa."),
        ({"regel_id": "PLA-005", "tabell": "placeringar", "exempel": "rad 50, Från och med"}, "", "Text."),
        ({"regel_id": "MATT-001", "tabell": "matt", "exempel": "rad 50, Värde"}, "rad 50, Värde", "Text."),
    ],
)  # fmt: skip
def test_a_check_names_the_place_and_not_the_figure(kontroll: dict[str, Any], exempel: str, forklaring: str) -> None:
    regler = sekretessregler.las()
    rad = {"forklaring": "Text.", "antal_fel": 1, "cell": None, "tryckt_varde": 1420.0} | kontroll
    rad |= {"beraknat_varde": 1419.0, "differens": 1.0}
    frame = pl.DataFrame([rad], schema_overrides={"cell": pl.String})
    visad = driftmarter.kontroller(frame, regler.marter["datakvalitet"]["drift"], regler.offentliga).row(0, named=True)
    assert (visad["exempel"], visad["forklaring"]) == (exempel, forklaring)
    assert (visad["tryckt_varde"] is None) == (kontroll["tabell"] != "ekonomi (bred)")


@pytest.mark.parametrize("plats", ["Huddinge 2019: mått, 2018", "Verksamhetsmått 2024, budget, 2024"])
def test_an_error_in_a_public_table_or_a_budget_is_told_in_figures(plats: str) -> None:
    regler = sekretessregler.las()
    text = f"{plats}: 16 543 mot 16 579,8"
    rad = {
        "regel_id": "IDN-PLA-006",
        "tabell": "verksamhetsmatt",
        "exempel": text,
        "forklaring": "Tryckt är 16 543.",
        "antal_fel": 1,
    }
    rad |= {"cell": plats, "tryckt_varde": 16543.0, "beraknat_varde": 16579.8, "differens": -36.8}
    frame = pl.DataFrame([rad])
    assert driftmarter.kontroller(frame, regler.marter["datakvalitet"]["drift"], regler.offentliga).equals(frame)


def test_the_audit_does_not_say_how_many_hidden_are_small(tmp_path: Path) -> None:
    """12 = `--` + `--` where every hidden cell is 1-6 is 6 + 6."""
    skydd = skydda(tmp_path, Mart("nyckeltal", nyckeltal(arenden(2, 4), 4)))
    publicerat = sammanfattning.publicerbar(skydd.audit)
    assert publicerat["dolda"].sum() > 0
    assert not {"dolda_primara", "dolda_sekundara", "dolda_vid_reparation", "bevarad_andel_varde"} & {
        *publicerat.columns
    }


def _effekter(beslut: Mapping[str, str]) -> pl.DataFrame:
    """pris_volym of April beside April last year, with the named figures' verdicts (the others are shown)."""
    rader = [
        {
            "kommun_kod": "9998", "kostnadsslag": "ekonomiskt_bistand", "kalla": "lager", "ar": 2025, "manad": 4, "version": "utfall",
            "jamforelse": "foregaende_ar", "bas_ar": 2024, "bas_version": "utfall", "del": del_, "volym": 1420.0, "n": 466, "bas_n": 465,
        }
        for del_ in ("totalt", "3", "5", "6")
    ]  # fmt: skip
    visning = [
        {
            "kommun_kod": "9998", "nyckeltal_id": matt, "organisation": "Totalt", "kon": "T", "alder": "totalt",
            "indelning": "totalt" if del_ == "totalt" else "hushallstyp", "indelning_varde": del_, "periodtyp": "ack",
            "period_slut": date(ar, 4, 30), "visning": beslut.get(f"{matt} {del_} {ar}", "visa"),
        }
        for matt in ("eb_bistandsmanader", "eb_belopp") for del_ in ("totalt", "3", "5", "6") for ar in (2024, 2025)
    ]  # fmt: skip
    ord_ = sekretessregler.las().marter["pris_volym"]["delar"]
    schema = {"ar": pl.Int32, "bas_ar": pl.Int32, "manad": pl.Int32}
    return analysmarter.pris_volym(pl.DataFrame(rader, schema_overrides=schema), pl.DataFrame(visning), ord_)


@pytest.mark.parametrize(
    ("dolt", "kvar"),
    [
        (None, {"totalt", "3", "5", "6"}),
        ("eb_bistandsmanader totalt 2025", set()),
        ("eb_belopp totalt 2024", set()),
        ("eb_belopp 3 2025", {"totalt", "6"}),
    ],
)
def test_effects_of_price_and_volume_repeat_no_hidden_figure(dolt: str | None, kvar: set[str]) -> None:
    """The volume of the whole is the figure that a correction holds back, and n is the number of households."""
    visade = _effekter({dolt: "dold"} if dolt else {})
    assert set(visade["del"]) == kvar or (len(visade) == len(kvar) and "totalt" in set(visade["del"]))
    assert visade["n"].null_count() == visade["bas_n"].null_count() == visade.height
