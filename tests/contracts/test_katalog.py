"""The catalogue of nyckeltal: complete against what Kolada counts from our own rows, with the breaks, and no definition twice."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from pipelines.cli.dokument import skapade
from pipelines.contracts.model import load_contract, sources
from pipelines.katalog import dokument, metrik, union
from pipelines.katalog.nyckeltal import KATALOG_DIR, Nyckeltal, frame, katalog
from pipelines.publication import sekretessregler
from pipelines.settings import PROJECT_DIR

# Kolada's KPIs with a counterpart in our own rows; * = by sex (RKA's catalogue, March 2026)
MOTSVARIGHETER = re.findall(
    r"[NU]\d{5}\*?",
    """
    N31910 N31848 N31807 N31825* U31804* U31803 N31814* N31816* U31801 U31809 N31849 N31001 N30101 N30005 N33812* N33813*
    N33816* N33817* N33818* N33878* N33802 U33401* U35400* U31402* U31403* U31462* U00915 U00958 U30200* U30201* U30202*
    U30203* U31500* U31501* U31502* U31503* U31504* U31505* U31506* U33575* U33576* U33577* U33578* U33579* U33580*
    U33581* U33589* U33590* U33591* U33592* U33593* U33594* U33595* U35538* U35539* U35540* U35541* U35542* U35543*
    U35544* U30447 U30448 U30449 U30450 U30451 U30452 U30453 N30001 N30026
    """,
)
LOKALA = {
    "ej_ateraktualiserade_0_12", "ej_ateraktualiserade_13_20", "ej_ateraktualiserade_missbruk_21", "opp_medelstodtid",
    "plac_andel_hemmaplan", "opp_andel_oppenvard", "utr_fb_inom_14_dagar", "utr_inom_4_manader", "pers_sjukfranvaro",
    "pers_sjukfranvaro_korttid", "pers_sjukfranvaro_langtid_59", "hme_total", "hme_motivation", "hme_ledarskap",
    "hme_styrning",
}  # fmt: skip
# Kolada id -> first year counted the new way
BROTT = {
    "N30001": 2019, "N30026": 2019, "N31814": 2017, "N31816": 2017, "U31402": 2018, "N33812": 2014, "N33813": 2014,
    "N33816": 2014, "N33817": 2014, "N33818": 2014, "N33802": 2018, "U33575": 2020, "U33581": 2020,
}  # fmt: skip
BY_KOLADA = {one.kolada_id: one for one in katalog() if one.kolada_id}


@pytest.mark.parametrize("kpi", MOTSVARIGHETER)
def test_every_kolada_counterpart_has_an_entry_divided_by_sex_as_kolada_does(kpi: str) -> None:
    entry = BY_KOLADA[kpi.rstrip("*")]
    assert entry.kon or not kpi.endswith("*")


def test_no_two_entries_claim_the_same_kpi() -> None:
    claimed = [one.kolada_id for one in katalog() if one.kolada_id]
    assert len(claimed) == len(set(claimed)) >= 45


def test_local_figures_are_there_and_claim_no_kpi_that_is_gone() -> None:
    by_id = {one.id: one for one in katalog()}
    assert by_id.keys() >= LOKALA
    assert [name for name in LOKALA if by_id[name].kolada_id and not name.startswith("hme_")] == []


@pytest.mark.parametrize(("kpi", "ar"), BROTT.items())
def test_breaks_are_carried_with_year_and_reason(kpi: str, ar: int) -> None:
    broken = {one["ar"]: one["orsak"] for one in BY_KOLADA[kpi].brott}
    assert broken[ar].strip()
    row = frame().filter(frame()["kolada_id"] == kpi)
    assert row["brott_senast"][0] == ar and str(ar) in row["brott_ar"][0].split(";")


@pytest.mark.parametrize("entry", katalog(), ids=lambda one: one.id)
def test_every_entry_is_whole(entry: Nyckeltal) -> None:
    assert re.fullmatch(r"[a-z0-9_]+", entry.id)
    for text in (entry.titel, entry.formel, entry.taljare, entry.agare, entry.kalla, entry.metodversion):
        assert text.strip()
    assert entry.omrade in dokument.OMRADEN and entry.enhet in dokument.ENHET
    assert set(entry.periodtyper) <= dokument.PERIODTYP.keys() and entry.periodtyper
    assert entry.enhet != "procent" or entry.faktor == 100
    # ratios and means are divided last, so they name what they are divided by; counts, amounts and medians do not
    assert (entry.namnare is not None) == (entry.varde in ("andel", "kvot", "medel"))
    if entry.kolada_id:
        assert re.fullmatch(r"[NU]\d{5}", entry.kolada_id)
        assert entry.kolada_periodtyp in entry.periodtyper, "Kolada's cell must be one that is counted"
    if entry.matdag:
        assert "tidpunkt" in entry.periodtyper and re.fullmatch(r"\d\d-\d\d", entry.matdag)
    for broken in entry.brott:
        assert set(broken) == {"ar", "orsak"} and 1990 < broken["ar"] < 2100


def test_a_figure_without_a_model_says_that_it_is_delivered() -> None:
    without = [one for one in katalog() if one.modell is None]
    assert {one.kolada_id for one in without} == {"U00915", "U00958", "N30001", "N30026"}
    assert all("levererad som mått" in one.kalla for one in without)


def test_sources_named_in_the_catalogue_exist() -> None:
    known = set(sources())
    for one in katalog():
        assert set(re.findall(r"\(källan (\w+)\)", one.kalla)) <= known, one.id


def test_units_of_figures_can_be_delivered_as_matt() -> None:
    (table,) = [one for one in load_contract("matt").tabeller if one.namn == "matt"]
    allowed = set(table.kolumn("enhet").varden)
    assert {one.enhet for one in katalog() if one.modell is None} <= allowed


@pytest.mark.parametrize("path", sorted(skapade()), ids=lambda path: path.name)
def test_nothing_made_from_data_is_stale(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == skapade()[path](), "run: tertial dokument"


def test_the_page_lists_every_figure_with_formula_and_kolada_link() -> None:
    page = dokument.MAL.read_text(encoding="utf-8")
    for one in katalog():
        section = page.split(f'<a id="{one.id}"></a>')[1].split("\n### ")[0]
        assert one.formel in section and one.agare in section
        if one.kolada_id:
            assert f"https://www.kolada.se/verktyg/fri-sokning/?kpis={one.kolada_id}" in section
        assert all(choice in section for choice in one.val)
        assert all(str(broken["orsak"]) in section for broken in one.brott)


def test_metrics_are_one_per_counted_figure_and_ratios_are_divided_last() -> None:
    document = yaml.safe_load(metrik.metrik_yaml(katalog()))
    metrics = {one["name"]: one for one in document["metrics"]}
    for one in katalog():
        if one.modell is None:
            assert one.id not in metrics
        elif one.namnare and one.varde != "median":
            assert metrics[one.id]["type"] == "ratio"
            top, bottom = (metrics[one.id]["type_params"][part] for part in ("numerator", "denominator"))
            assert top["name"] == f"summa_taljare_x{int(one.faktor)}" and one.id in top["filter"]
            assert bottom["name"] == "summa_namnare" and one.id in bottom["filter"]
        else:
            assert metrics[one.id]["type"] == "simple" and one.id in metrics[one.id]["filter"]


def test_adding_a_nyckeltal_is_one_entry_and_one_model() -> None:
    """The checklist in CONTRIBUTING: with a new entry and its model the union, the metrics and the page follow by themselves."""
    new = replace(katalog()[0], id="prov_nytt", titel="Nytt", modell="nyckeltal_prov_nytt", kolada_id=None)
    entries = [*katalog(), new]
    assert "ref('nyckeltal_prov_nytt')" in union.union_sql(entries)
    assert any(one["name"] == "prov_nytt" for one in yaml.safe_load(metrik.metrik_yaml(entries))["metrics"])
    assert '<a id="prov_nytt"></a>Nytt' in dokument.dokument(entries)
    checklist = (
        (PROJECT_DIR / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Add a nyckeltal")[1].split("\n## ")[0]
    )
    for place in (
        "dbt_project/katalog/",
        "macros/nyckeltal.sql",
        "expectations/sekretess/nyckeltal.yml",
        "make docs",
        "metodversion",
    ):
        assert place in checklist


def test_every_counted_figure_has_its_disclosure_kind() -> None:
    sekretessregler.las().prova([], [one.id for one in katalog() if one.modell])


def test_entries_stand_in_files_of_their_area() -> None:
    for path in KATALOG_DIR.glob("*.yml"):
        listed = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert {one["omrade"] for one in listed} == {path.stem}
