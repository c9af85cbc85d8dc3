"""The synthetic municipality: same seed same bytes, cases and ledger agree to the öre, dirt is where it says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.contracts.model import load_contract
from pipelines.errors import TertialError
from pipelines.katalog.kommuner import kommuner, uppslag
from pipelines.reading.leverans import read_delivery
from pipelines.reading.tal import tolka_tal
from pipelines.sekretess.nyckel import Nyckel
from pipelines.sekretess.pseudonym import Pseudonymiserare
from pipelines.settings import konfig
from pipelines.sources.ekonomi.sie_ledger import read_sie
from pipelines.synth import Generering, generera
from pipelines.synth.budget import arsbudget, delposter, periodiserad
from pipelines.synth.dialekt import MINUS, NBSP, Dialekt, belopp_text
from pipelines.synth.kommun import Kommundata, skapa
from pipelines.synth.leveranser import FEL_KONTROLLSIFFRA
from pipelines.synth.personer import kontrollsiffra, tilldela
from pipelines.synth.placeringar import dygn_per_manad
from pipelines.synth.population import befolkning, fordela
from pipelines.synth.ram import Ram, plus_manader
from pipelines.synth.smuts import Felrad, lagg_till
from tests.egenskaper import exempel

LITEN = {"invanare": 20_000, "manader": 20, "fro": 7}


def ram(**annat: int) -> Ram:
    return Ram("Exempelby", "9998", **({"invanare": 30_000, "manader": 24, "fro": 3} | annat), slut=date(2025, 8, 1))


@pytest.fixture(scope="module")
def data() -> Kommundata:
    return skapa(ram())


@pytest.fixture(scope="module")
def levererat(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Generering]:
    ut = tmp_path_factory.mktemp("raw")
    return ut, generera(ut=ut, **LITEN)


def digests(ut: Path) -> dict[str, str]:
    return {
        str(path.relative_to(ut)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(ut.rglob("*"))
        if path.is_file()
    }


def konton(data: Kommundata, *prefix: str) -> pl.DataFrame:
    return data.huvudbok.filter(pl.any_horizontal(pl.col("konto").str.starts_with(one) for one in prefix))


# ---- determinism -----------------------------------------------------------------------------------------------------
def test_same_seed_gives_the_same_bytes_in_every_file(levererat: tuple[Path, Generering], tmp_path: Path) -> None:
    ut, forsta = levererat
    andra = generera(ut=tmp_path, **LITEN)
    assert digests(tmp_path) == digests(ut)
    assert andra.antal == forsta.antal
    assert andra.smuts == forsta.smuts


def test_another_seed_gives_another_municipality(levererat: tuple[Path, Generering], tmp_path: Path) -> None:
    ut, _ = levererat
    generera(ut=tmp_path, **(LITEN | {"fro": 8}))
    gamla, nya = digests(ut), digests(tmp_path)
    assert any("kolada_varden" in namn and gamla[namn] != nya[namn] for namn in gamla.keys() & nya.keys())
    lika = {namn.split("/")[0] for namn in gamla.keys() & nya.keys() if gamla[namn] == nya[namn]}
    assert {namn for namn in lika if namn != "kolada"} <= {
        "befolkning",
        "mal",
        "internkontroll",
        "matt",
    }  # decided texts and the age pyramid are no chance


def test_every_file_lies_in_the_folder_of_its_source_and_municipality(levererat: tuple[Path, Generering]) -> None:
    ut, gjort = levererat
    assert {path.relative_to(ut).parts[0] for path in gjort.filer} == {
        "befolkning", "ekonomi", "enkater", "forsorjningsstod", "insatser", "internkontroll", "kolada", "mal", "matt",
        "personal", "placeringar", "utredningar",
    }  # fmt: skip
    assert {path.relative_to(ut).parts[1] for path in gjort.filer} == {"9998_exempelby"}
    assert set(gjort.filer) == {path for path in ut.rglob("*") if path.is_file()}


# ---- cases and ledger agree exactly ---------------------------------------------------------------------------------
def test_household_payments_are_konto_451_month_by_month(data: Kommundata) -> None:
    betalt = data.hushall.rader.group_by("manad").agg(pl.col("belopp").sum()).sort("manad")
    bokfort = konton(data, "451").group_by("manad").agg(pl.col("belopp").sum()).sort("manad")
    assert betalt.equals(bokfort)
    assert bokfort.height == 24


def test_placement_costs_are_days_times_price_per_month_and_verksamhet(data: Kommundata) -> None:
    fran = dygn_per_manad(ram(), data.placeringar)
    kostnad = fran.group_by("manad").agg(((pl.col("dygn") * pl.col("dygnskostnad")).sum() * 100).alias("belopp"))
    bokfort = konton(data, "464", "4691", "5034", "5521").group_by("manad").agg(pl.col("belopp").sum())
    assert bokfort.sort("manad").equals(kostnad.sort("manad"))


def test_days_of_a_placement_over_the_months_are_its_days_in_the_window(data: Kommundata) -> None:
    fonster = ram()
    alla = dygn_per_manad(fonster, data.placeringar).group_by("placering").agg(pl.col("dygn").sum())
    rakt = data.placeringar.select(
        "placering",
        rakt=(
            pl.min_horizontal(pl.col("slut").fill_null(fonster.sista_datum), pl.lit(fonster.sista_datum))
            - pl.max_horizontal("start", pl.lit(fonster.forsta_datum))
        ).dt.total_days() + 1,
    )  # fmt: skip
    assert alla.join(rakt, on="placering", how="full").filter(pl.col("dygn") != pl.col("rakt")).height == 0
    assert alla.height == rakt.height


def test_internal_revenue_is_internal_purchase_with_motpart_swapped(data: Kommundata) -> None:
    kop = konton(data, "4691").select("manad", "ansvar", "motpart", "belopp")
    intakt = konton(data, "3691").select("manad", ansvar="motpart", motpart="ansvar", belopp=-pl.col("belopp"))
    nyckel = ["manad", "ansvar", "motpart"]
    assert (
        kop.group_by(nyckel)
        .agg(pl.col("belopp").sum())
        .sort(nyckel)
        .equals(intakt.group_by(nyckel).agg(pl.col("belopp").sum()).sort(nyckel))
    )
    assert kop.height > 0


def test_only_revenue_is_negative(data: Kommundata) -> None:
    assert data.huvudbok.filter((pl.col("belopp") < 0) != pl.col("konto").str.starts_with("3")).height == 0


def test_periodised_budget_is_the_yearly_budget(data: Kommundata) -> None:
    ar = arsbudget(data.huvudbok, 2025)
    assert periodiserad(ar, 2025)["belopp"].sum() == ar["belopp"].sum()
    assert (ar["belopp"] % 100_000 == 0).all()  # whole thousands of kronor


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=20), st.integers(1, 9))
def test_postings_sum_to_what_was_split(belopp: list[int], antal: int) -> None:
    rader = pl.DataFrame({"nr": range(len(belopp)), "belopp": belopp}, schema_overrides={"belopp": pl.Int64})
    delat = delposter(np.random.default_rng(1), rader, antal).group_by("nr").agg(pl.col("belopp").sum())
    assert dict(delat.iter_rows()) == {nr: ore for nr, ore in enumerate(belopp) if ore} | dict.fromkeys(
        [nr for nr, ore in enumerate(belopp) if not ore and nr in delat["nr"].to_list()], 0
    )


# ---- the persons and their cases -------------------------------------------------------------------------------------
def test_every_number_is_unique_valid_and_from_the_test_series(data: Kommundata) -> None:
    nummer = data.personer["nummer"].to_numpy()
    assert len(np.unique(nummer)) == len(nummer)
    assert (kontrollsiffra(nummer // 10) == nummer % 10).all()
    lopnummer = nummer // 10 % 1000
    assert lopnummer.min() >= 980
    assert ((lopnummer % 2 == 0) == (data.personer["kon"] == "K").to_numpy()).all()
    dag = nummer // 10_000 % 100
    samordning = dag > 60
    fodd = (nummer // 1_000_000 * 100 + dag - 60 * samordning).astype(str)
    assert fodd.tolist() == data.personer["fodd"].dt.strftime("%Y%m%d").to_list()


@settings(max_examples=exempel(20))
@given(st.integers(1, 90))
def test_a_full_day_spills_into_samordningsnummer_and_then_the_day_before(antal: int) -> None:
    fodd, nummer = tilldela(np.full(antal, np.datetime64("1980-03-05")), np.ones(antal, dtype=np.bool_))
    assert len(set(nummer.tolist())) == antal
    assert (fodd == np.datetime64("1980-03-05")).sum() == min(antal, 20)


@given(st.integers(0, 10**9 - 1))
def test_the_check_digit_completes_the_luhn_sum(nio: int) -> None:
    alla = f"{nio:09}{kontrollsiffra(np.array([nio])).item()}"
    summa = sum(sum(map(int, str(int(siffra) * (2 - plats % 2)))) for plats, siffra in enumerate(alla))
    assert summa % 10 == 0


def test_the_bad_number_of_the_dirt_is_bad() -> None:
    siffror = int(FEL_KONTROLLSIFFRA.replace("-", ""))
    assert kontrollsiffra(np.array([siffror // 10])).item() != siffror % 10


def test_a_household_has_one_row_a_month(data: Kommundata) -> None:
    rader = data.hushall.rader
    assert rader.select("hushall", "manad").is_duplicated().sum() == 0
    par = rader["hushallstyp"].is_in(["7", "8"])
    assert ((rader["vuxna"] == 2) == par).all()
    assert ((rader["barn"] > 0) == rader["hushallstyp"].is_in(["4", "6", "8"])).all()
    assert (rader["medsokande"].is_not_null() == par).all()
    assert rader["belopp"].min() > 0


def test_households_a_month_and_duration_are_like_a_real_municipality() -> None:
    """80 000 inhabitants: 900-1 200 households a month, mean biståndstid 4.5-7 months, långvarigt 20-45 %."""
    rader = skapa(ram(invanare=80_000, manader=36)).hushall.rader
    per_manad = rader.group_by("manad").len()["len"]
    assert 900 <= per_manad.min() <= per_manad.max() <= 1_200
    manader = rader.filter(pl.col("manad").dt.year() == 2024).group_by("hushall").len()["len"]
    assert 4.5 <= manader.mean() <= 7
    assert 0.20 <= (manader >= 10).mean() <= 0.45


def test_dates_of_a_case_come_in_order_and_never_from_the_future(data: Kommundata) -> None:
    arenden = data.utredningar
    kedja = ["inkom", "forhandsbedomning_klar", "inledd", "avslutad"]
    for fore, efter in (
        ("inkom", "forhandsbedomning_klar"),
        ("forhandsbedomning_klar", "inledd"),
        ("inledd", "avslutad"),
    ):
        assert arenden.filter(pl.col(fore) > pl.col(efter)).height == 0
    assert max(arenden[kolumn].max() for kolumn in kedja) <= ram().sista_datum
    assert (arenden["utfall"].is_not_null() == arenden["avslutad"].is_not_null()).all()


def test_both_clocks_are_broken_now_and_then_and_cases_come_back(data: Kommundata) -> None:
    barn = data.utredningar.filter((pl.col("slag") == "barn_unga") & pl.col("forhandsbedomning_klar").is_not_null())
    sen = ((barn["forhandsbedomning_klar"] - barn["inkom"]).dt.total_days() > 14).mean()
    assert 0.02 < sen < 0.15
    klara = barn.filter(pl.col("avslutad").is_not_null())
    grans = plus_manader(klara["inledd"].to_numpy().astype("datetime64[D]"), 4)
    assert 0.05 < (klara["avslutad"].to_numpy().astype("datetime64[D]") > grans).mean() < 0.30
    assert 0.05 < 1 - barn["person"].n_unique() / barn.height < 0.5


def test_nobody_is_placed_twice_at_once_and_some_go_on_the_same_day(data: Kommundata) -> None:
    nasta = (
        data.placeringar.sort("person", "start")
        .with_columns(nasta=pl.col("start").shift(-1).over("person"))
        .filter(pl.col("nasta").is_not_null())
    )
    assert nasta.filter(pl.col("slut").is_null() | (pl.col("nasta") < pl.col("slut"))).height == 0
    assert nasta.filter(pl.col("nasta") == pl.col("slut")).height > 0


def test_population_sums_to_the_inhabitants() -> None:
    folk = befolkning(ram())
    assert folk.filter(pl.col("ar") == 2024)["antal"].sum() == 30_000
    assert folk["antal"].min() >= 0


@given(st.integers(0, 10_000), st.lists(st.floats(0.01, 100), min_size=1, max_size=50))
def test_largest_remainder_loses_nobody(totalt: int, vikter: list[float]) -> None:
    antal = fordela(totalt, np.array(vikter))
    assert antal.sum() == totalt
    assert (np.abs(antal - np.array(vikter) / sum(vikter) * totalt) < 1).all()


# ---- what is delivered is what the reader accepts --------------------------------------------------------------------
def las(path: Path, kalla: str) -> tuple[pl.DataFrame, set[tuple[int, str]]]:
    """(accepted rows, {(row, rule) refused})."""
    leverans = read_delivery(
        path, load_contract(kalla), pseudonymiserare=Pseudonymiserare(Nyckel(b"a" * 32, b"b" * 32)),
        idag=date(2026, 1, 1), kommun_kod="9998", kommuner=uppslag(kommuner(konfig().egna_kommuner)),
    )  # fmt: skip
    (tabell,) = leverans.tabeller.values()
    return tabell.rader, {(one.rad or 0, one.regel) for one in tabell.fel if one.utgang == "avvisa_rad"}


@pytest.mark.slow
def test_every_delivery_is_accepted_and_refused_rows_are_the_listed_dirt(levererat: tuple[Path, Generering]) -> None:
    ut, gjort = levererat
    rader: dict[str, int] = {}
    for path in gjort.filer:
        kalla = path.relative_to(ut).parts[0]
        if path.suffix == ".se":
            continue
        accepterat, avvisat = las(path, kalla)
        vantat = {
            (one.rad, one.fel) for one in gjort.smuts
            if one.fil == str(path.relative_to(ut)) and one.utgang == "avvisa_rad"
        }  # fmt: skip
        assert {rad for rad, _ in avvisat} == {rad for rad, _ in vantat}, path.name
        # rules of a value carry the catalogue's number; rules of a row (PLA, INS ...) have numbers of their own
        assert {(rad, int(regel[4:])) for rad, regel in avvisat if regel.startswith("VAR-")} <= vantat, path.name
        if "_rattelse_" not in path.name:
            rader[kalla] = rader.get(kalla, 0) + accepterat.height
    assert rader["befolkning"] == gjort.antal["befolkning"]
    assert rader["personal"] == gjort.antal["personal_manad"]
    assert rader["enkater"] == gjort.antal["enkatsvar"]


@pytest.mark.slow
def test_the_delivered_months_hold_every_household_month_to_the_ore(levererat: tuple[Path, Generering]) -> None:
    _, gjort = levererat
    ramen = Ram("Exempelby", "9998", **LITEN, slut=date(2025, 8, 1))
    sanning = skapa(ramen).hushall.rader.group_by("manad").agg(pl.len(), ore=pl.col("belopp").sum())
    filer = sorted((path for path in gjort.filer if "forsorjningsstod" in path.name), key=lambda path: path.stem[-10:])
    levererade: dict[date, tuple[int, Decimal]] = {}
    for path in filer:  # a later extract replaces the month
        rader, _ = las(path, "forsorjningsstod")
        for manad, antal, summa in rader.group_by("manad").agg(pl.len(), s=pl.col("belopp_kr").sum()).iter_rows():
            levererade[manad] = (antal, summa)
    assert levererade == {manad: (antal, Decimal(ore) / 100) for manad, antal, ore in sanning.iter_rows()}


def test_the_sie_file_carries_the_years_ledger(levererat: tuple[Path, Generering]) -> None:
    _, gjort = levererat
    (path,) = (one for one in gjort.filer if one.suffix == ".se")
    ramen = Ram("Exempelby", "9998", **LITEN, slut=date(2025, 8, 1))
    bok = skapa(ramen).huvudbok.filter(pl.col("manad").dt.year() == ramen.ar[0])
    last = read_sie(path.read_bytes(), path.name, {20: "verksamhet", 21: "motpart"}).rader.filter(
        pl.col("version") == "utfall"
    )
    nyckel = ["manad", "konto", "ansvar", "verksamhet", "motpart"]
    fran_fil = last.group_by(nyckel).agg(pl.col("belopp_kr").sum()).sort(nyckel)
    sant = (
        bok.with_columns(manad=pl.col("manad").dt.month().cast(pl.Int32), belopp_kr=pl.col("belopp"))
        .group_by(nyckel).agg(pl.col("belopp_kr").sum()).sort(nyckel)
    )  # fmt: skip
    assert fran_fil.select(nyckel).equals(sant.select(nyckel))
    assert [int(kr * 100) for kr in fran_fil["belopp_kr"]] == sant["belopp_kr"].to_list()


@pytest.mark.slow
def test_without_dirt_there_is_none(tmp_path: Path) -> None:
    gjort = generera(ut=tmp_path, invanare=20_000, manader=9, fro=1, smuts=False)
    assert gjort.smuts == ()
    for path in gjort.filer:
        if path.parent.parent.name in {"placeringar", "insatser"}:
            assert las(path, path.parent.parent.name)[1] == set()


def test_a_tiny_municipality_in_its_first_month_works(tmp_path: Path) -> None:
    gjort = generera(ut=tmp_path, invanare=1_000, manader=1, fro=1, slut=date(2024, 12, 1))
    assert all(path.stat().st_size > 0 for path in gjort.filer)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_large_mode_writes_plain_csv_only(tmp_path: Path) -> None:
    gjort = generera(ut=tmp_path, invanare=20_000, manader=9, fro=1, storskalig=True)
    assert {path.suffix for path in gjort.filer} == {".csv"}
    assert gjort.smuts == ()


# ---- the writing -----------------------------------------------------------------------------------------------------
@given(st.integers(-(10**13), 10**13), st.sampled_from(["", " ", NBSP, "\u202f", "."]), st.sampled_from(["-", MINUS]))
def test_amounts_are_written_exactly_in_every_form(ore: int, tusental: str, minus: str) -> None:
    dialekt = Dialekt(tusental=tusental, minus=minus)
    text = pl.DataFrame({"x": [ore]}, schema={"x": pl.Int64}).select(belopp_text(pl.col("x"), dialekt)).item()
    assert tolka_tal(pl.Series([text])).varden.to_list() == [Decimal(ore) / 100]


def test_dirt_never_exceeds_the_contracts_limit_and_never_takes_a_good_row() -> None:
    text = pl.DataFrame({"id": [str(nr) for nr in range(450)], "kod": ["a"] * 450})
    fel = [Felrad(39, "okänd kod", (("kod", "?"),))] * 5
    smutsig, fynd = lagg_till(text, "f.csv", 2, fel)
    assert len(fynd) == 2  # 0.5 % of 450
    assert smutsig.filter(pl.col("kod") == "a").equals(text)
    assert [smutsig.item(one.rad - 2, 1) for one in fynd] == ["?", "?"]


@pytest.mark.parametrize(
    "fel",
    [{"invanare": 10}, {"manader": 0}, {"fro": -1}, {"kommun_kod": "998"}],
    ids=["invanare", "manader", "fro", "kod"],
)
def test_arguments_out_of_range_are_refused_in_swedish(fel: dict[str, int | str], tmp_path: Path) -> None:
    with pytest.raises(TertialError, match=r"(mellan|siffror|negativt)"):
        generera(ut=tmp_path, **({"invanare": 20_000, "manader": 3} | fel))
    assert list(tmp_path.iterdir()) == []


def test_progress_ends_at_the_last_step(tmp_path: Path) -> None:
    steg: list[tuple[int, int]] = []
    generera(ut=tmp_path, invanare=5_000, manader=3, framsteg=lambda _, klara, alla: steg.append((klara, alla)))
    assert steg[-1][0] == steg[-1][1]
    assert [klara for klara, _ in steg] == sorted(klara for klara, _ in steg)
