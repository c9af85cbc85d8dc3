"""Faults 79-82: nothing exact follows from the editions, however many there are; a pattern that leaks stops."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
import sekretess
from sekretess import arenden, figur, ge_ut, kanda, mart, nyckeltal, skydda

from pipelines.errors import TertialError
from pipelines.publication import sekretessregler
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
