"""What a controller and a committee member read: sentences, notes, order, what is left out and where it comes from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.rapport import andringar, ekonomi, kallforteckning, kontroll, kvalitet, mal, matt, tal
from pipelines.rapport.delar import Cell, Kolumn, Lista, Tabell, Text
from pipelines.rapport.underlag import Underlag
from tests.unit.test_rapport_innehall import MAL, _budget, _mal, _publikation

MATTET: dict[str, Any] = {
    "kommun_kod": "9998", "matt_id": "a", "matt": "Hushåll", "omrade": "ekonomiskt_bistand", "enhet": "antal",
    "organisation": "Totalt", "kon": "T", "alder": "totalt", "indelning": "totalt", "indelning_varde": "totalt",
    "period_slut": date(2025, 8, 31), "periodtyp": "ack", "version": "utfall", "varde": 5.0, "status": "ok",
    "kalla": "Registret", "tabell": None,
}  # fmt: skip
ENKATEN: dict[str, Any] = {
    "kommun_kod": "9998", "enkat": "e", "titel": "Brukarundersökning", "fraga_id": "f1", "fraga": "Är du nöjd?",
    "malgrupp": "totalt", "organisation": "Totalt", "kon": "T", "ar": 2024, "n_svarande": 40, "n_svar": 38, "andel": 70.0,
    "ki_lag": 55.0, "ki_hog": 82.0, "svarsfrekvens": 37.6, "status": "ok", "leverans_id": "enkater-9998-1",
}  # fmt: skip


def _ur(folder: Path, tables: dict[str, pl.DataFrame], slut: str = "2025-08-31") -> Underlag:
    ur = Underlag(_publikation(folder / "r1", tables))
    ur.tillfalle = replace(ur.tillfalle, slut=date.fromisoformat(slut), ar=int(slut[:4]))
    return ur


def _matten(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([{**MATTET, **row} for row in rows], schema_overrides={"tabell": pl.String})


def _tabeller(section: Any) -> dict[str, Tabell]:
    return {one.rubrik: one for one in section.block if isinstance(one, Tabell)}


def _forsta(section: Any) -> str:
    return next(one.text for one in section.block if isinstance(one, Text))


@pytest.mark.parametrize(
    ("ratings", "said"),
    [
        (["helt uppfyllt", "ej uppfyllt", "ej uppfyllt"], "är 1 helt uppfyllt, 0 delvis uppfyllda och 2 ej uppfyllda; 0 går"),
        (["kan ej utvärderas", "kan ej utvärderas"], "Nämnden följer 2 effektmål vid tillfället. Inget av dem går att utvärdera."),
        (["kan ej utvärderas"], "Det går inte att utvärdera."),
    ],
)  # fmt: skip
def test_the_goals_are_summed_up_in_a_sentence(tmp_path: Path, ratings: list[str], said: str) -> None:
    rows = [_mal(number, bedomning=one) for number, one in enumerate(ratings, 1)]
    section = mal.avsnitt(_ur(tmp_path, {mal.MART: pl.DataFrame(rows, infer_schema_length=None)}))
    assert said in _forsta(section)


def test_what_is_merged_stands_last_and_is_explained(tmp_path: Path) -> None:
    frame = _budget().with_columns(
        pl.when(pl.col("ansvar") == "1").then(pl.lit("sammanslaget")).otherwise("verksamhet").alias("verksamhet")
    )
    section = ekonomi.avsnitt(_ur(tmp_path, {ekonomi.MART: frame}))
    table = _tabeller(section)["Budgetuppföljning per verksamhet, januari–augusti 2025"]
    assert [row[0].text for row in table.rader] == ["Verksamhet 2", "Verksamhet 1", "Summa netto"]
    assert "står bara i de sammanslagna raderna" in table.fot and "  " not in table.fot
    assert [one.rubrik for one in table.kolumner][-1] == "Förvaltningens helårsprognos"


def test_a_whole_year_has_one_budget_and_the_last_forecast(tmp_path: Path) -> None:
    frame = _budget().with_columns(pl.lit(12).alias("manad"))
    section = ekonomi.avsnitt(_ur(tmp_path, {ekonomi.MART: frame}, "2025-12-31"))
    table = _tabeller(section)["Budgetuppföljning per slag, 2025"]
    assert [one.rubrik for one in table.kolumner] == [
        "Slag",
        "Budget",
        "Utfall",
        "Avvikelse",
        "Förvaltningens sista prognos",
    ]


def test_preliminary_figures_are_said_to_be_so_once_if_all_are(tmp_path: Path) -> None:
    both = _matten({"status": "preliminar"}, {"matt_id": "b", "matt": "Barn", "status": "preliminar"})
    table = _tabeller(matt.avsnitt(_ur(tmp_path / "alla", {matt.MART: both})))[
        "Ekonomiskt bistånd, januari–augusti 2025"
    ]
    assert [row[0].text for row in table.rader] == ["Barn", "Hushåll"]
    assert table.fot == "Utfallen gäller samma månader båda åren. Årets utfall är preliminära."
    one = _matten({"status": "preliminar"}, {"matt_id": "b", "matt": "Barn"})
    table = _tabeller(matt.avsnitt(_ur(tmp_path / "en", {matt.MART: one})))["Ekonomiskt bistånd, januari–augusti 2025"]
    assert [row[0].text for row in table.rader] == ["Barn", "Hushåll (preliminärt)"]


def test_what_the_surveys_show_is_not_shown_twice(tmp_path: Path) -> None:
    rows = _matten({}, {"matt_id": "u", "matt": "Nöjda", "omrade": "enkater", "enhet": "procent"},
                   {"matt_id": "i", "matt": "HME", "omrade": "enkater", "enhet": "index"})  # fmt: skip
    tables = {matt.MART: rows, kontroll.ENKAT: pl.DataFrame([ENKATEN])}
    shown = [row[0].text for one in _tabeller(matt.avsnitt(_ur(tmp_path, tables))).values() for row in one.rader]
    assert sorted(shown) == ["HME", "Hushåll"]


def test_a_survey_has_its_response_rate_and_the_time_before(tmp_path: Path) -> None:
    rows = [ENKATEN, {**ENKATEN, "ar": 2023, "andel": 65.0}, {**ENKATEN, "fraga_id": "f2", "fraga": "Ny fråga?"}]
    tables = _tabeller(kontroll.enkater(_ur(tmp_path, {kontroll.ENKAT: pl.DataFrame(rows)})))
    assert [cell.text for cell in tables["Vilka som har svarat"].rader[0]] == [
        "Brukarundersökning", "alla", "2024", "40", "38",
    ]  # fmt: skip
    table = tables["Brukarundersökning: alla, 2024"]
    assert [one.rubrik for one in table.kolumner][:3] == ["Fråga", "Totalt 2023", "Totalt 2024"]
    assert [[cell.text for cell in row[:3]] for row in table.rader] == [
        ["Är du nöjd?", "65", "70"],
        ["Ny fråga?", "-", "70"],
    ]
    assert "tagit ställning" in table.fot


def test_what_is_not_in_the_report_is_said_with_the_reason(tmp_path: Path) -> None:
    """Goals of another year are not this report's, and are not counted as missing here."""
    ur = _ur(tmp_path, {mal.MART: pl.DataFrame(MAL, infer_schema_length=None)}, "2024-08-31")
    section = kvalitet.utelamnat(ur, [])
    (listed,) = (one.punkter for one in section.block if isinstance(one, Lista))
    assert listed[0] == "Effektmål: inga mål är levererade för delårsrapport 2 2024."
    assert [one.split(":")[0] for one in listed] == [
        "Effektmål", "Ekonomi", "Helårsprognos", "Pris- och volymanalys", "Verksamhetsmått", "Undersökningar", "Intern kontroll",
    ]  # fmt: skip
    assert not _tabeller(section)


def test_every_part_has_its_source(tmp_path: Path) -> None:
    personal = pl.DataFrame([{**MATTET, "matt_id": "s", "matt": "Åtgärd", "periodtyp": "r12", "kalla": "Lönesystemet"}])
    ledger = pl.DataFrame({"leverans_id": ["ekonomi-9998-1", "enkater-9998-1", "internkontroll-9998-1"], "fil": ["ekonomi/9998/bok.csv", "enkater/9998/svar.csv", "internkontroll/9998/plan.csv"]})  # fmt: skip
    plan = dict.fromkeys(("kategori", "riskindex", "risk", "kontrollansvar", "frekvens", "metod", "utfall", "provade", "avvikelser", "atgard", "kalla"))  # fmt: skip
    plan |= {
        "ar": 2025,
        "process": "Jourhem",
        "kontrollmoment": "Godkännande finns",
        "leverans_id": "internkontroll-9998-1",
    }
    tables = {
        matt.MART: _matten({}, {"matt_id": "b", "matt": "Ändring"}),
        matt.PERSONAL: personal,
        ekonomi.MART: _budget().with_columns(pl.lit("ekonomi-9998-1").alias("leverans_id")),
        kontroll.ENKAT: pl.DataFrame([ENKATEN]),
        kontroll.INTERNKONTROLL: pl.DataFrame([plan]),
        kvalitet.LEVERANSER: ledger,
    }
    ur = _ur(tmp_path, tables)
    sections = [matt.avsnitt(ur), ekonomi.avsnitt(ur), kontroll.enkater(ur), kontroll.internkontroll(ur)]
    listed = _tabeller(kallforteckning.avsnitt(ur, [one for one in sections if one is not None]))
    assert [row[0].text for row in listed["Källa per mått"].rader] == ["Hushåll", "Åtgärd", "Ändring"]
    assert listed["Källa per mått"].rader[1][3].text == "Lönesystemet"
    assert [[cell.text for cell in row] for row in listed["Levererade filer bakom tabellerna"].rader] == [
        ["Huvudboken", "bok.csv"],
        ["Undersökningar", "svar.csv"],
        ["Intern kontroll", "plan.csv"],
    ]


def test_a_short_table_is_kept_whole_and_a_long_one_is_not() -> None:
    columns = (Kolumn("a", 1.0), Kolumn("b", 1.0))
    assert Tabell("t", columns, tuple((Cell("x"), Cell("y")) for _ in range(9))).hel
    assert not Tabell("t", columns, tuple((Cell("x"), Cell("y")) for _ in range(10))).hel
    assert not Tabell("t", columns, tuple((Cell("x" * 200), Cell("y")) for _ in range(4))).hel


def test_a_changed_goal_is_named_by_its_number_and_its_measure() -> None:
    row = {
        "mart": "effektmal_uppfoljning",
        "matt_id": "2011-1",
        "matt": "Få hushåll",
        "indelning": "2011, bokslut, eb_hushall",
    }
    assert andringar.andrat(row) == "2011-1 Få hushåll (Hushåll med ekonomiskt bistånd)"
    assert andringar.andrat({**row, "indelning": "2011, bokslut, m2"}) == "2011-1 Få hushåll (m2)"


@pytest.mark.parametrize(
    ("start", "slut", "text"),
    [
        ("2025-07-01", "2025-07-31", "juli 2025"),
        ("2025-01-01", "2025-08-31", "januari–augusti 2025"),
        ("2025-01-01", "2025-12-31", "2025"),
        ("2024-09-01", "2025-08-31", "september 2024–augusti 2025"),
    ],
)
def test_a_period_in_words(start: str, slut: str, text: str) -> None:
    assert tal.period(date.fromisoformat(start), date.fromisoformat(slut)) == text


def test_swedish_order() -> None:
    assert sorted(["Öppenvård", "Ärende", "varav", "Zon", "Åtgärd"], key=tal.ordning) == [
        "varav", "Zon", "Åtgärd", "Ärende", "Öppenvård",
    ]  # fmt: skip


def test_a_list_of_changes_longer_than_what_is_shown_is_told_in_short_first(tmp_path: Path) -> None:
    """Else a committee reads forty rows of one figure and never hears of the others."""

    def andrad(number: int, **values: Any) -> dict[str, Any]:
        row = {
            "kommun_kod": "9998", "mart": "nyckeltal", "matt_id": "a", "matt": "Hushåll", "organisation": f"Enhet {number:02d}",
            "kon": "T", "indelning": "totalt", "period_start": date(2025, 1, 1), "period_slut": date(2025, 8, 31),
            "gammalt_varde": None, "nytt_varde": 12.0, "differens": None, "gammal_status": "fanns inte", "ny_status": "ok",
            "orsak": "sen_leverans", "filer": None,
        }  # fmt: skip
        return {**row, **values}

    changed = {"gammalt_varde": 10.0, "differens": 2.0, "gammal_status": "ok", "orsak": "rattad_leverans"}
    hidden = {
        "gammalt_varde": 9.0,
        "nytt_varde": None,
        "gammal_status": "ok",
        "ny_status": "undertryckt",
        "orsak": "undertryckning",
    }
    rows = [andrad(number) for number in range(41)]
    rows += [andrad(50, matt="Personer", **changed), andrad(51, matt="Personer", **changed), andrad(52, **hidden)]
    ur = _ur(tmp_path, {andringar.ANDRINGAR: pl.DataFrame(rows, infer_schema_length=None)})
    ur.publikation.manifest.update(jamfort_med="2025-delar1 r1", skal=None)
    section = andringar.avsnitt(ur)
    short, listed = _tabeller(section).values()
    assert [[cell.text for cell in row] for row in short.rader] == [
        ["Nyckeltal: Hushåll", "0", "41", "1", "dolt, sen leverans"],
        ["Nyckeltal: Personer", "2", "0", "0", "rättad leverans"],
    ]
    assert [row[0].text for row in listed.rader[:2]] == [
        "Nyckeltal: Personer, Enhet 50",
        "Nyckeltal: Personer, Enhet 51",
    ]
    assert len(listed.rader) == kvalitet.VISADE
