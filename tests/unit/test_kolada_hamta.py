"""A whole fetch: all or nothing, nothing when nothing changed, and what did not come back is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from kolada_server import KOMMUNER, Kolada, kor

from pipelines.errors import TertialError
from pipelines.kolada.hamta import Fraga, Hamtning, fraga, hamta
from pipelines.kolada.klient import Granser
from pipelines.settings import Arbetsyta

NU = datetime(2026, 11, 22, 10, tzinfo=UTC)
SNABB = Granser(takt=10_000, forsok=3, forsta_paus=0.001, paus=0.01, svarstid=0.5)
KPIER = ("N30101", "N31001", "N31807", "U31462")
ALLA = Fraga(KPIER, (2022, 2023, 2024))


@pytest.fixture
def kolada() -> Kolada:
    return Kolada(sida=50)


@pytest.fixture
def bas(kolada: Kolada) -> Iterator[str]:
    with kor(kolada) as address:
        yield address


@pytest.fixture
def yta(tmp_path: Path) -> Arbetsyta:
    return Arbetsyta(rot=tmp_path, raw=tmp_path / "raw", marts=tmp_path / "marts")


def kor_hamta(yta: Arbetsyta, bas: str, fragan: Fraga = ALLA, nu: datetime = NU) -> Hamtning:
    return hamta(yta, fragan, nu=nu, bas=bas, granser=SNABB)


def filer(yta: Arbetsyta) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((yta.raw / "kolada").glob("*"))}


def test_a_fetch_becomes_dated_deliveries(yta: Arbetsyta, bas: str) -> None:
    found = kor_hamta(yta, bas)
    assert sorted(filer(yta)) == [
        "kolada_grupper_alla_uttag_2026-11-22.json",
        "kolada_katalog_alla_uttag_2026-11-22.json",
        "kolada_kommuner_alla_uttag_2026-11-22.json",
        "kolada_varden_N30_alla_uttag_2026-11-22.json",
        "kolada_varden_N31_alla_uttag_2026-11-22.json",
        "kolada_varden_U31_alla_uttag_2026-11-22.json",
    ]
    assert found.saknas == {} and found.oforandrade == []
    document = json.loads(filer(yta)["kolada_varden_N31_alla_uttag_2026-11-22.json"])
    assert document["hamtad"] == "2026-11-22T10:00:00+00:00"
    assert len(document["values"]) == document["antal"] == 2 * len(KOMMUNER) * 3
    assert document["preliminart"] == {"N31001": "2025", "N31807": "2025"}
    assert not list((yta.lake / "_hamtning").glob("*/*.json")), "no page is left behind"


def test_the_order_of_genders_does_not_matter(yta: Arbetsyta, bas: str, kolada: Kolada) -> None:
    kor_hamta(yta, bas)
    before = filer(yta)
    kolada.fro = 2
    again = kor_hamta(yta, bas, nu=NU + timedelta(days=30))
    assert again.skrivna == [] and len(again.oforandrade) == 6
    assert filer(yta) == before


def test_a_refresh_touches_only_what_changed(yta: Arbetsyta, bas: str, kolada: Kolada) -> None:
    kor_hamta(yta, bas)
    before = filer(yta)
    kolada.andrade["N30101", "0184", 2024] = 4711.0
    again = kor_hamta(yta, bas, nu=NU + timedelta(days=30))
    assert [path.name for path in again.skrivna] == ["kolada_varden_N30_alla_uttag_2026-12-22.json"]
    assert {name: filer(yta)[name] for name in before} == before, "earlier snapshots stay"


def test_a_year_that_becomes_final_is_a_change(yta: Arbetsyta, bas: str) -> None:
    kor_hamta(yta, bas)
    later = kor_hamta(yta, bas, nu=datetime(2027, 1, 2, tzinfo=UTC))
    assert {path.name[:17] for path in later.skrivna} == {"kolada_varden_N30", "kolada_varden_N31", "kolada_varden_U31"}


def test_a_vanished_kpi_is_named_and_the_rest_comes(yta: Arbetsyta, bas: str, kolada: Kolada) -> None:
    del kolada.kpier["N31807"]
    found = kor_hamta(yta, bas)
    assert found.saknas == {"nyckeltal": ["N31807"]}
    assert "kolada_varden_N31_alla_uttag_2026-11-22.json" in filer(yta)


def test_a_question_about_fewer_takes_nothing_away(yta: Arbetsyta, bas: str, kolada: Kolada) -> None:
    """It was refused as a catalogue that had shrunk."""
    kor_hamta(yta, bas)
    kolada.andrade["N31001", "0184", 2024] = 4711.0
    later = kor_hamta(yta, bas, Fraga(("N31001",), (2024,)), nu=NU + timedelta(days=30))
    assert [path.name for path in later.skrivna] == ["kolada_varden_N31_alla_uttag_2026-12-22.json"]
    assert "kolada_katalog_alla" in later.oforandrade, "the snapshot still holds all four"
    assert later.saknas == {}


def test_a_second_question_on_one_day_leaves_the_first_ones_answer(yta: Arbetsyta, bas: str) -> None:
    kor_hamta(yta, bas)
    before = filer(yta)
    later = kor_hamta(yta, bas, Fraga(("N31001",), (2019,)), nu=NU + timedelta(hours=1))
    assert [path.name for path in later.skrivna] == ["kolada_varden_N31_alla_uttag_2026-11-22_02.json"]
    assert {name: filer(yta)[name] for name in before} == before


def test_a_kpi_without_values_is_named(
    yta: Arbetsyta, bas: str, kolada: Kolada, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = kolada.rader
    monkeypatch.setattr(kolada, "rader", lambda kpis, *rest: full([one for one in kpis if one != "N30101"], *rest))
    assert kor_hamta(yta, bas).saknas == {"utan_varden": ["N30101"]}


def test_chosen_municipalities_bring_their_comparison_group_and_riket(yta: Arbetsyta, bas: str, kolada: Kolada) -> None:
    chosen = Fraga(KPIER, (2024,), ("0184", "9999"))
    found = kor_hamta(yta, bas, chosen)
    assert found.saknas == {"kommuner": ["9999"]}
    (values,) = [data for name, data in filer(yta).items() if name.startswith("kolada_varden_N30")]
    codes = {one["municipality"] for one in json.loads(values)["values"]}
    assert codes == {"0000", "0184", "0123", "0163", "0780", "0880", "2380", "2482", "2580"}
    (groups,) = [data for name, data in filer(yta).items() if name.startswith("kolada_grupper")]
    assert [one["title"] for one in json.loads(groups)["values"]] == ["Liknande kommuner IFO, Solna, 2024"]


@pytest.mark.parametrize("storning", ["500", "avklippt", "html", "frammande_next"])
@pytest.mark.parametrize("efter", [0, 1, 2, 4])
def test_a_failing_fetch_changes_nothing(yta: Arbetsyta, bas: str, kolada: Kolada, storning: str, efter: int) -> None:
    kor_hamta(yta, bas)
    before = filer(yta)
    kolada.andrade = {("N31001", "0184", 2024): 1.0, ("N30101", "0184", 2024): 1.0}
    kolada.fragor.clear()
    kolada.efter, kolada.standiga = efter, storning
    with pytest.raises(TertialError):
        kor_hamta(yta, bas, nu=NU + timedelta(days=30))
    assert filer(yta) == before
    kolada.standiga = None
    again = kor_hamta(yta, bas, nu=NU + timedelta(days=30, hours=1))
    assert len(again.skrivna) == 2, "and the rerun brings what was new"


def test_a_silently_partial_answer_is_not_believed(
    yta: Arbetsyta, bas: str, kolada: Kolada, monkeypatch: pytest.MonkeyPatch
) -> None:
    kor_hamta(yta, bas)
    before = filer(yta)
    full = kolada.rader
    monkeypatch.setattr(kolada, "rader", lambda *args: full(*args)[:5])
    with pytest.raises(TertialError, match="inte helt"):
        kor_hamta(yta, bas, nu=NU + timedelta(days=30))
    assert filer(yta) == before
    kolada.andrade["N30101", "0184", 2024] = 4711.0
    monkeypatch.undo()
    again = kor_hamta(yta, bas, nu=NU + timedelta(days=30, hours=1))
    assert len(again.skrivna) == 1, "the pages that were not believed are not used again"


def test_an_empty_answer_is_not_believed(
    yta: Arbetsyta, bas: str, kolada: Kolada, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kolada, "rader", lambda *_: [])
    with pytest.raises(TertialError, match="inga värden"):
        kor_hamta(yta, bas)
    assert filer(yta) == {}


def test_other_kpis_than_the_asked_ones_are_not_believed(
    yta: Arbetsyta, bas: str, kolada: Kolada, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = kolada.rader
    monkeypatch.setattr(kolada, "rader", lambda _, *rest: full(list(KPIER), *rest))
    with pytest.raises(TertialError, match="andra nyckeltal"):
        kor_hamta(yta, bas)
    assert filer(yta) == {}


def test_defaults_of_a_question() -> None:
    asked = fraga([], [], [], [], date(2026, 11, 22))
    assert asked.ar == tuple(range(2016, 2027)) and len(asked.nyckeltal) >= 94 and asked.urval == "alla"
    chosen = Fraga(KPIER, (2024,), ("0184",)).urval
    assert chosen != "alla" and chosen.isalpha() and Fraga(KPIER, (2023,), ("0184",)).urval == chosen
