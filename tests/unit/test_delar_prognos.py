"""The forecast: every method is arithmetic on what was known, nothing looks ahead, and on real series the rule holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.egenskaper import exempel
from tests.unit.delar_sql import kor, lager, seed

pytestmark = pytest.mark.slow

Serie = Mapping[tuple[int, int], float]
SCHEMA = {
    "serie_id": pl.String,
    **dict.fromkeys(
        ("kommun_kod", "tabell", "ansvar", "organisation", "verksamhet", "verksamhet_namn", "kontogrupp"), pl.String
    ),
    "ar": pl.Int32,
    "manad": pl.Int32,
    "version": pl.String,
    "prognosomgang": pl.String,
    "ordning": pl.Int64,
    "belopp_kr": pl.Decimal(18, 2),
}
TILLFALLEN = pl.DataFrame({"tillfalle": ["delar1", "delar2", "bokslut"], "slutmanad": [4, 8, 12]})
MODELLER = [f"intermediate.int_prognos__{namn}" for namn in ("omgangar", "manader", "metoder", "val")]


def rader(
    serie: Serie, version: str = "utfall", serie_id: str = "s", omgang: str | None = None
) -> list[dict[str, object]]:
    """A series as rows of int_prognos__serier; month 0 means the whole year."""
    return [
        {
            "serie_id": serie_id, "kommun_kod": "0000", "tabell": "huvudbok", "ansvar": "", "organisation": "Totalt",
            "verksamhet": serie_id, "verksamhet_namn": serie_id, "kontogrupp": "kostnader", "ar": ar,
            "manad": manad or None, "version": version, "prognosomgang": omgang, "ordning": 1, "belopp_kr": belopp,
        }
        for (ar, manad), belopp in serie.items()
    ]  # fmt: skip


def prognoser(rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """What int_prognos__val says of those rows."""
    connection = lager(
        {
            "intermediate.int_prognos__serier": pl.DataFrame(rows, schema=SCHEMA, orient="row"),
            "intermediate.int_mal__tillfallen": TILLFALLEN,
            "seeds.prognosomgangar": seed("prognos/prognosomgangar.csv", manad=pl.Int32()),
        }
    )
    kor(connection, MODELLER)
    return connection.sql("select * from intermediate.int_prognos__val").pl()


def metoder(frame: pl.DataFrame, ar: int, manad: int) -> dict[str, float]:
    """Method -> forecast at one month."""
    chosen = frame.filter((pl.col("ar") == ar) & (pl.col("manad") == manad))
    return {metod: float(kr) for metod, kr in chosen.select("metod", "prognos_kr").iter_rows()}


def test_every_method_by_hand() -> None:
    """2024 was 10 a month and 20 in December; 2025 is 11 a month to April, with a budget and a round of its own."""
    serie = {(2024, manad): 20.0 if manad == 12 else 10.0 for manad in range(1, 13)}
    serie |= {(2025, manad): 11.0 for manad in range(1, 5)}
    rows = rader(serie)
    rows += rader({(2025, manad): 12.0 for manad in range(1, 13)}, "budget")
    rows += rader({(2025, 0): 145.0}, "prognos", omgang="2025-T1")
    frame = prognoser(rows)
    assert metoder(frame, 2025, 4) == {
        "linjar": 132.0,
        "fjolarets_rest": 44.0 + 90.0,
        "fjolarets_rest_uppraknad": 44.0 + 99.0,
        "sasong": 44.0 + 44.0 * 90 / 40,
        "budgetens_rest": 44.0 + 8 * 12.0,
        "egen": 145.0,
    }
    assert "egen" not in metoder(frame, 2025, 3), "the round of delår 1 was not known in March"


def test_a_yearly_budget_gives_its_twelfths() -> None:
    """Without months the rest of the budget is its linear part."""
    frame = prognoser([*rader({(2025, 1): 7.0, (2025, 2): 9.0, (2025, 3): 8.0}), *rader({(2025, 0): 120.0}, "budget")])
    assert metoder(frame, 2025, 3)["budgetens_rest"] == 24.0 + 90.0


def test_a_hole_in_the_year_is_no_zero() -> None:
    """An undelivered month stops every sum over it; a delivered month without rows is 0."""
    frame = prognoser(rader({(2025, 1): 5.0, (2025, 3): 5.0}))
    assert frame.filter(pl.col("manad") == 3).is_empty()
    other = rader({(2025, manad): 1.0 for manad in range(1, 4)}, serie_id="annan")
    frame = prognoser([*rader({(2025, 1): 6.0, (2025, 3): 6.0}), *other])
    assert float(frame.filter((pl.col("manad") == 3) & (pl.col("serie_id") == "s"))["prognos_kr"][0]) == 48.0


def test_a_year_that_lacks_a_month_is_no_test() -> None:
    """2023 without December judges nothing: the forecasts of 2024 and 2025 have 0 and 1 tests."""
    serie = {(ar, manad): 10.0 + ar % 3 + manad for ar in (2023, 2024, 2025) for manad in range(1, 13)}
    del serie[2023, 12]
    frame = prognoser(rader(serie)).filter((pl.col("metod") == "linjar") & (pl.col("manad") == 6)).sort("ar")
    assert frame["antal_test"].to_list() == [0, 0, 1]


@pytest.mark.parametrize(
    ("omgang", "manad"),
    [("2025-T1", 4), ("Delår 2", 8), ("delar1", 4), ("Tertial 2", 8), ("mars", 3), ("2025-10", 10), ("Bokslut", 12)],
)
def test_a_round_names_its_month(omgang: str, manad: int) -> None:
    """Rounds are written in many ways; the round counts from its month on."""
    rows = [*rader({(2025, nr): 1.0 for nr in range(1, 13)}), *rader({(2025, 0): 99.0}, "prognos", omgang=omgang)]
    frame = prognoser(rows).filter(pl.col("metod") == "egen")
    assert frame["manad"].min() == manad


def test_a_round_before_any_outcome_is_never_a_method() -> None:
    """The first outcome is May: a round of March stands on nothing and is not used even later."""
    rows = [*rader({(2025, 5): 1.0}), *rader({(2025, 0): 99.0}, "prognos", omgang="mars")]
    assert prognoser(rows).filter(pl.col("metod") == "egen").is_empty()


belopp = st.integers(-10_000_00, 10_000_00).map(lambda ore: ore / 100)


@given(st.lists(belopp, min_size=25, max_size=48), st.integers(13, 24))
@settings(max_examples=exempel(25))
def test_nothing_looks_ahead(varden: list[float], kant: int) -> None:
    """Every forecast and every choice up to a month is the same when all later months are cut away."""
    serie = {(2021 + nr // 12, nr % 12 + 1): kr for nr, kr in enumerate(varden)}
    kapad = dict(list(serie.items())[:kant])
    kolumner = ["ar", "manad", "metod", "prognos_kr", "vald", "antal_test"]
    sista = max(kapad)
    hela = prognoser(rader(serie)).filter(pl.col("ar") * 100 + pl.col("manad") <= sista[0] * 100 + sista[1])
    del_ = prognoser(rader(kapad))
    assert hela.select(kolumner).sort(kolumner).equals(del_.select(kolumner).sort(kolumner))


@given(st.lists(belopp, min_size=12, max_size=48))
@settings(max_examples=exempel(25))
def test_exactly_one_is_chosen_and_december_is_the_outcome(varden: list[float]) -> None:
    """Whatever the series, each month has one chosen forecast, and twelve months need none."""
    serie = {(2021 + nr // 12, nr % 12 + 1): kr for nr, kr in enumerate(varden)}
    frame = prognoser(rader(serie))
    assert frame.group_by("ar", "manad").agg(pl.col("vald").sum())["vald"].to_list() == [1] * len(varden)
    december = frame.filter((pl.col("manad") == 12) & pl.col("vald"))
    assert december["prognos_kr"].to_list() == december["ack_kr"].to_list()


# domain.md section 2: mean absolute error in percent after 3, 4 and 8 months, Dalarnas län 2018-2024.
PUBLICERAT = {
    "linjar": {3: 3.3, 4: 3.3, 8: 1.8},
    "fjolarets_rest": {3: 4.2, 4: 3.6, 8: 1.7},
    "fjolarets_rest_uppraknad": {3: 5.1, 4: 3.3, 8: 1.3},
}


def _vintages(shared: Path) -> dict[str, dict[tuple[int, int], float]]:
    frame = pl.read_csv(
        shared / "data/real/stats/ekbistand_manad_dalarna_vintages_2014_2024.csv", infer_schema=False
    ).filter(pl.col("utbetalt_tkr") != "--")
    return {
        str(dag): {(int(ar), int(manad)): float(tkr) for ar, manad, tkr in delar.select("ar", "manad", "utbetalt_tkr").iter_rows()}
        for (dag,), delar in frame.group_by("vintage_date")
    }  # fmt: skip


@pytest.mark.real
def test_dalarna_as_each_vintage_knew_it(shared: Path) -> None:
    """At 3, 4 and 8 months the chosen rule misses no more than the best published figure, on what was known then."""
    vintages = _vintages(shared)
    facit = vintages[max(vintages)]
    ar = range(2018, 2025)
    helar = {year: sum(facit[year, manad] for manad in range(1, 13)) for year in ar}
    for manad, _ in PUBLICERAT["linjar"].items():
        fel: dict[str, list[float]] = {}
        for year in ar:
            knew = vintages[min(dag for dag, serie in vintages.items() if (year, manad) in serie)]
            frame = prognoser(rader({key: kr for key, kr in knew.items() if key <= (year, manad)}))
            for metod, kr in metoder(frame, year, manad).items():
                fel.setdefault(metod, []).append(100 * abs(kr / helar[year] - 1))
            vald = frame.filter((pl.col("ar") == year) & (pl.col("manad") == manad) & pl.col("vald"))
            fel.setdefault("vald", []).append(100 * abs(float(vald["prognos_kr"][0]) / helar[year] - 1))
        medel = {metod: sum(delar) / len(delar) for metod, delar in fel.items()}
        for metod, siffror in PUBLICERAT.items():
            assert round(medel[metod], 1) == siffror[manad], f"{metod} at {manad} months is another method"
            assert medel["vald"] <= medel[metod], f"at {manad} months {metod} alone would have been better"


@pytest.mark.real
def test_the_seasonal_method_is_a_median_of_factors(shared: Path) -> None:
    """Independent arithmetic of the seasonal forecast on the real series (2023, April)."""
    serie = _vintages(shared)["2025-01-31"]
    kvoter = [
        sum(serie[ar, manad] for manad in range(5, 13)) / sum(serie[ar, manad] for manad in range(1, 5))
        for ar in (2018, 2019, 2020, 2021, 2022)
    ]
    hittills = sum(serie[2023, manad] for manad in range(1, 5))
    frame = prognoser(rader(serie))
    assert metoder(frame, 2023, 4)["sasong"] == pytest.approx(hittills * (1 + median(kvoter)), abs=0.01)
