"""The client against a server that behaves like v3: everything asked for comes back, or it says what did not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from kolada_server import KOMMUNER, Kolada, kor

from pipelines.errors import TertialError
from pipelines.kolada.jobb import Jobb
from pipelines.kolada.klient import Granser, Klient, Minne

SNABB = Granser(takt=10_000, forsta_paus=0.001, paus=0.01, svarstid=0.5)


@pytest.fixture
def kolada() -> Kolada:
    return Kolada()


@pytest.fixture
def bas(kolada: Kolada) -> Iterator[str]:
    with kor(kolada) as address:
        yield address


def alla(bas: str, *led: str | list[str], granser: Granser = SNABB) -> list[dict[str, object]]:
    with Klient(bas, granser) as klient:
        return list(klient.poster(*led))


@pytest.mark.parametrize("sida", [1, 3, 4, 5, 100], ids=lambda n: f"{n} per page")
def test_every_page_is_read(kolada: Kolada, bas: str, sida: int) -> None:
    kolada.sida = sida
    assert [one["id"] for one in alla(bas, "kpi")] == list(kolada.kpier)
    assert len(kolada.fragor) == -(-len(kolada.kpier) // sida)


def test_an_empty_answer_is_no_entries(bas: str) -> None:
    assert alla(bas, "data", "kpi", ["N99999"], "year", ["2024"]) == []


def test_the_question_is_asked_in_path_form(kolada: Kolada, bas: str) -> None:
    rows = alla(bas, "data", "kpi", ["N31001"], "municipality", ["0184"], "year", ["2023", "2024"])
    assert [(one["municipality"], one["period"]) for one in rows] == [("0184", 2023), ("0184", 2024)]
    assert kolada.fragor == ["/v3/data/kpi/N31001/municipality/0184/year/2023,2024?per_page=5000"]


def test_query_form_would_have_been_empty_without_an_error(bas: str) -> None:
    assert alla(bas, "data", "?kpi=N31001&year=2024") == []


def test_at_most_25_ids_per_segment(kolada: Kolada, bas: str) -> None:
    years = [str(1990 + n) for n in range(26)]
    rows = alla(bas, "data", "kpi", ["N31001"], "year", years)
    assert len(rows) == len(KOMMUNER) * 26
    assert {path.split("?")[0].count(",") for path in kolada.fragor} == {24, 0}


@pytest.mark.parametrize("hogst", [12, 6, 1])
def test_a_refused_part_is_halved_until_it_is_taken(kolada: Kolada, bas: str, hogst: int) -> None:
    kolada.max_id = hogst
    years = [str(2000 + n) for n in range(24)]
    rows = alla(bas, "data", "kpi", ["N31001"], "year", years)
    assert sorted({int(str(one["period"])) for one in rows}) == list(range(2000, 2024))
    assert len(rows) == len(KOMMUNER) * 24, "no row twice"


def test_a_single_id_that_is_refused_is_named(kolada: Kolada, bas: str) -> None:
    kolada.max_id = 0
    with pytest.raises(TertialError, match="avvisar frågan kpi/N31001"):
        alla(bas, "kpi", ["N31001"])


@pytest.mark.parametrize(
    "storning", ["429", "429:0", "500", "aterstalld", "avklippt", "avklippt_utan_langd", "droppar", "fel_antal"]
)
def test_passing_troubles_are_waited_out(kolada: Kolada, bas: str, storning: str) -> None:
    expected = alla(bas, "municipality")
    kolada.storningar = [storning, storning]
    assert alla(bas, "municipality") == expected


@pytest.mark.parametrize("storning", ["429", "500", "aterstalld", "avklippt", "droppar"])
def test_lasting_troubles_end(kolada: Kolada, bas: str, storning: str) -> None:
    kolada.standiga = storning
    with pytest.raises(TertialError, match="svarar inte som väntat"):
        alla(bas, "municipality", granser=Granser(takt=10_000, forsok=3, forsta_paus=0.001, svarstid=0.2))
    assert len(kolada.fragor) == 3


def test_one_question_with_its_pauses_has_an_end(kolada: Kolada, bas: str) -> None:
    kolada.standiga = "429:50"
    clock = [0.0]

    def vanta(seconds: float) -> None:
        clock[0] += seconds

    granser = Granser(takt=10_000, forsok=1000, per_fraga=120, paus=60)
    with Klient(bas, granser, Minne(), vanta=vanta, klocka=lambda: clock[0]) as klient, pytest.raises(TertialError):
        list(klient.poster("municipality"))
    assert 120 <= clock[0] <= 180 and len(kolada.fragor) <= 4


def pauser(bas: str, kolada: Kolada, storning: str, granser: Granser) -> list[float]:
    kolada.storningar = [storning]
    slept: list[float] = []
    clock = [0.0]
    with Klient(bas, granser, vanta=slept.append, klocka=lambda: clock[0]) as klient:
        clock[0] = 1e6  # the limiter has nothing to wait for
        list(klient.poster("kpi", ["N31001"]))
    return [one for one in slept if one > 0.01]


def test_retry_after_in_seconds_is_honoured(kolada: Kolada, bas: str) -> None:
    assert pauser(bas, kolada, "429:7", Granser(takt=10_000)) == [7.0]


def test_retry_after_as_a_date_is_honoured(kolada: Kolada, bas: str) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    (paus,) = pauser(bas, kolada, f"429:{later}", Granser(takt=10_000))
    assert 25 <= paus <= 30


def test_retry_after_is_bounded(kolada: Kolada, bas: str) -> None:
    assert pauser(bas, kolada, "429:86400", Granser(takt=10_000, paus=90)) == [90.0]


def test_without_retry_after_the_pause_doubles(kolada: Kolada, bas: str) -> None:
    kolada.storningar = ["429", "500", "429"]
    slept: list[float] = []
    with Klient(bas, Granser(takt=1e9, forsta_paus=1.0), vanta=slept.append) as klient:
        list(klient.poster("kpi", ["N31001"]))
    assert [one for one in slept if one > 0.5] == [1.0, 2.0, 4.0]


def test_five_requests_a_second(kolada: Kolada, bas: str) -> None:
    clock = [100.0]
    kolada.sida = 1

    def vanta(seconds: float) -> None:
        clock[0] += seconds

    with Klient(bas, Granser(), vanta=vanta, klocka=lambda: clock[0]) as klient:
        list(klient.poster("municipality"))
    assert clock[0] - 100.0 == pytest.approx((len(KOMMUNER) - 1) / 5)


@pytest.mark.parametrize(
    ("storning", "ord"), [("html", "inte JSON"), ("302", "omdirigerar"), ("frammande_next", "annan adress")]
)
def test_what_is_not_kolada_is_refused_at_once(kolada: Kolada, bas: str, storning: str, ord: str) -> None:
    kolada.storningar = [storning]
    with pytest.raises(TertialError, match=ord):
        alla(bas, "kpi")
    assert len(kolada.fragor) == 1


@pytest.mark.parametrize(
    "nasta",
    [
        "http://127.0.0.1:1/v3/kpi", "https://{host}/v3/kpi", "http://{host}/v2/kpi", "http://a@{host}/v3/kpi",
        "http://{host}/v3/../admin", "file:///etc/passwd", "//evil.example/v3/kpi",
    ],
)  # fmt: skip
def test_next_url_never_leaves_the_base_address(bas: str, nasta: str) -> None:
    with Klient(bas, SNABB) as klient, pytest.raises(TertialError, match="följs inte"):
        klient._foljande(nasta.format(host=bas.split("/")[2]), "kpi")


def test_a_too_large_answer_is_refused(bas: str) -> None:
    with pytest.raises(TertialError, match="större än"):
        alla(bas, "municipality", granser=Granser(takt=10_000, max_bytes=100))


def test_v2_is_gone(bas: str) -> None:
    with pytest.raises(TertialError, match="nedlagda"):
        alla(bas.replace("/v3", "/v2"), "kpi")


@pytest.mark.parametrize("adress", ["ftp://api.kolada.se/v3", "api.kolada.se", "http://api.kolada.se/v3", "https://"])
def test_the_base_address_is_a_safe_one(adress: str) -> None:
    with pytest.raises(TertialError, match="TERTIAL_KOLADA_URL"):
        Klient(adress)


def test_a_page_is_fetched_once(tmp_path: Path, kolada: Kolada, bas: str) -> None:
    kolada.sida, nu = 2, datetime(2026, 11, 22, 10, tzinfo=UTC)
    job = Jobb(tmp_path, {"a": 1}, nu)
    with Klient(bas, SNABB, job) as klient:
        first = list(klient.poster("municipality"))
    asked = len(kolada.fragor)
    again = Jobb(tmp_path, {"a": 1}, nu + timedelta(hours=3))
    with Klient(bas, SNABB, again) as klient:
        assert list(klient.poster("municipality")) == first
    assert len(kolada.fragor) == asked and again.start == nu


@pytest.mark.parametrize("senare", [timedelta(hours=25), timedelta(hours=-1)])
def test_pages_of_another_day_are_not_used(tmp_path: Path, kolada: Kolada, bas: str, senare: timedelta) -> None:
    nu = datetime(2026, 11, 22, 10, tzinfo=UTC)
    with Klient(bas, SNABB, Jobb(tmp_path, {}, nu)) as klient:
        list(klient.poster("kpi"))
    asked = len(kolada.fragor)
    with Klient(bas, SNABB, Jobb(tmp_path, {}, nu + senare)) as klient:
        list(klient.poster("kpi"))
    assert len(kolada.fragor) == 2 * asked
