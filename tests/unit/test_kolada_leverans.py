"""Kolada's deliveries in the ledger: for the whole country, known again, replaced per selection, KPI and year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.contracts.model import load_contract
from pipelines.delivery import intake
from pipelines.delivery.ledger import Ledger, in_force
from pipelines.delivery.manifest import Manifest
from pipelines.katalog.kommuner import kommuner
from pipelines.settings import Arbetsyta, Konfig
from pipelines.sources.kolada import dokument
from pipelines.sources.kolada.syntetisk import MEDLEMMAR, Varde, syntetisk_leverans

IDAG = date(2026, 11, 22)
EGNA = {"9998": {"namn": "Exempelby", "lan_kod": "99", "lan": "Exempellän"}}


@pytest.fixture
def yta(tmp_path: Path) -> Arbetsyta:
    (tmp_path / "raw" / "kolada").mkdir(parents=True)
    return Arbetsyta(rot=tmp_path, raw=tmp_path / "raw", marts=tmp_path / "marts")


def las(yta: Arbetsyta) -> list[Manifest]:
    return intake.read_new(
        yta,
        load_contract("kolada"),
        konfig=Konfig({"kommun": {"kod": "0184"}, "egna_kommuner": EGNA}),
        kommuner=kommuner(EGNA),
        nyckel=None,
        idag=IDAG,
        done=lambda _: None,
    ).nya


def lagg(yta: Arbetsyta, namn: str, rader: Sequence[tuple[str, str, int, float]], urval: str = "alla") -> None:
    rows: list[dict[str, Any]] = [
        {"kpi": kpi, "municipality": kod, "period": ar, "values": [{"gender": "T", "count": 1, "status": "", "value": value, "isdeleted": False}]}
        for kpi, kod, ar, value in rader
    ]  # fmt: skip
    head = {"slag": "varden", "hamtad": "2026-11-22", "urval": urval, "ursprung": "kolada", "kalltext": "test"}
    (yta.raw / "kolada" / namn).write_bytes(dokument.skriv(head, rows))


def galler(yta: Arbetsyta) -> dict[tuple[str, int, str], float]:
    """(KPI, year, municipality) -> value of the rows in force."""
    live = {(one.leverans_id, one.omfattning) for one in in_force(Ledger(yta.lake).manifests()) if one.gallande}
    rows = pl.read_parquet(yta.lake / "kolada_varden" / "*.parquet")
    return {
        (row["nyckeltal"], row["ar"], row["objekt_kod"]): float(row["varde"])
        for row in rows.iter_rows(named=True)
        if (row["leverans_id"], row["omfattning"]) in live
    }


def test_a_national_delivery_needs_no_municipality_and_takes_no_setting(yta: Arbetsyta) -> None:
    lagg(yta, "a_uttag_2026-11-01.json", [("N31001", "0126", 2024, 1.0)])
    (manifest,) = las(yta)
    assert (manifest.status, manifest.kommun_kod, manifest.uttagen) == ("godkand", "0000", "2026-11-01")
    assert manifest.tabeller["kolada_varden"].omfattningar == ("alla|N31001|2024",)


def test_the_same_file_again_is_nothing_new(yta: Arbetsyta) -> None:
    lagg(yta, "a_uttag_2026-11-01.json", [("N31001", "0126", 2024, 1.0)])
    assert len(las(yta)) == 1 and las(yta) == []


def test_a_later_fetch_replaces_the_kpis_year_and_nothing_else(yta: Arbetsyta) -> None:
    lagg(
        yta,
        "a_uttag_2026-10-01.json",
        [("N31001", "0126", 2023, 1.0), ("N31001", "0126", 2024, 2.0), ("N31008", "0126", 2024, 3.0)],
    )
    lagg(yta, "b_uttag_2026-10-01.json", [("N31001", "0184", 2024, 9.0)], urval="litet")
    las(yta)
    lagg(yta, "c_uttag_2026-11-01.json", [("N31001", "0126", 2024, 4.0)])
    las(yta)
    assert galler(yta) == {
        ("N31001", 2023, "0126"): 1.0, ("N31001", 2024, "0126"): 4.0, ("N31008", 2024, "0126"): 3.0, ("N31001", 2024, "0184"): 9.0,
    }  # fmt: skip


def test_an_older_fetch_that_arrives_late_is_history_only(yta: Arbetsyta) -> None:
    lagg(yta, "b_uttag_2026-11-01.json", [("N31001", "0126", 2024, 4.0)])
    las(yta)
    lagg(yta, "a_uttag_2026-10-01.json", [("N31001", "0126", 2024, 1.0)])
    las(yta)
    assert galler(yta) == {("N31001", 2024, "0126"): 4.0}


def test_a_cut_file_leaves_the_good_one_in_force(yta: Arbetsyta) -> None:
    lagg(yta, "a_uttag_2026-10-01.json", [("N31001", "0126", 2024, 1.0)])
    las(yta)
    lagg(yta, "b_uttag_2026-11-01.json", [("N31001", "0126", 2024, 4.0)])
    path = yta.raw / "kolada" / "b_uttag_2026-11-01.json"
    path.write_bytes(path.read_bytes()[:-20])
    (refused,) = las(yta)
    assert refused.status == "avvisad" and refused.fel[0]["regel"] == "FIL-001"
    assert galler(yta) == {("N31001", 2024, "0126"): 1.0}


def test_the_shipped_files_are_accepted_together(yta: Arbetsyta) -> None:
    shipped = Path(__file__).parents[2] / "data" / "raw" / "kolada"
    for path in shipped.glob("*.json"):
        (yta.raw / "kolada" / path.name).write_bytes(path.read_bytes())
    read = las(yta)
    assert len(read) == len(list(shipped.glob("*.json"))) >= 6
    assert {one.status for one in read} == {"godkand"} and all(one.fel == () for one in read)
    assert (
        galler(yta)["N31001", 2011, "0184"] == pytest.approx(634.14, abs=0.5) or galler(yta)["N31001", 2011, "0184"] > 0
    )


# --- the made-up municipality --------------------------------------------------------------------------------------


def test_synthetic_figures_are_marked_and_have_a_group_of_seven_real_ones(yta: Arbetsyta) -> None:
    values = [Varde("N31825", 2024, kon, value) for kon, value in (("K", 3.0), ("T", 3.5), ("M", 4.0))]
    paths = syntetisk_leverans(yta.raw / "kolada" / "9998_exempelby", [*values, Varde("N31001", 2024, "T", None)], IDAG)
    read = las(yta)
    assert len(read) == len(paths) == 2 and {one.status for one in read} == {"godkand"}
    rows = pl.read_parquet(yta.lake / "kolada_varden" / "*.parquet").sort("nyckeltal", "kon")
    assert set(rows["ursprung"]) == {"syntetisk"} and set(rows["objekt_kod"]) == {"9998"}
    assert rows.filter(pl.col("nyckeltal") == "N31001").select("varde", "status").row(0) == (None, "saknas")
    groups = pl.read_parquet(yta.lake / "kolada_grupper" / "*.parquet")
    assert groups.height == 7 and set(groups["fokus_kod"]) == {"9998"} and set(groups["argang"]) == {2024}
    assert set(groups["medlem_kod"]) == set(MEDLEMMAR)


@pytest.mark.parametrize(
    ("varde", "medlemmar"),
    [
        (Varde("N00000", 2024, "T", 1.0), MEDLEMMAR),
        (Varde("N31001", 2024, "K", 1.0), MEDLEMMAR),
        (Varde("N31001", 2024, "T", 1.0, "0123"), MEDLEMMAR),  # a real municipality gets no made-up value
        (Varde("N31001", 2024, "T", 1.0, "9991"), MEDLEMMAR),  # not in the group
        (Varde("N31001", 2024, "T", 1.0), {"0126": "Huddinge"}),
        (Varde("N31001", 2024, "T", 1.0), {**dict(list(MEDLEMMAR.items())[:6]), "9998": "Exempelby"}),
    ],
)
def test_synthetic_figures_that_kolada_could_not_have_are_refused(
    tmp_path: Path, varde: Varde, medlemmar: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match=r"catalogue|seven|made-up"):
        syntetisk_leverans(tmp_path, [varde], IDAG, medlemmar=medlemmar)
    assert list(tmp_path.glob("*.json")) == []
