"""Trend is a test that a change is more than noise, and rank counts from the good end, through the real SQL."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.egenskaper import exempel
from tests.unit.delar_mal import KEDJA, bedom, varde

pytestmark = pytest.mark.slow


def trend(
    riktning: str, varden: list[dict[str, Any]], matt_id: str = "a", tillfalle: str = "bokslut"
) -> tuple[str, str | None]:
    """(trend, method) of one goal."""
    connection = bedom(
        [{"mal_id": "1", "matt_id": matt_id, "riktning": riktning, "tillfallen": tillfalle}],
        varden,
        [*KEDJA[:5], "trend"],
    )
    rows = connection.sql("select trend, trend_metod from intermediate.int_mal__trend").fetchall()
    return rows[0] if rows else ("kan ej bedömas", None)


def andel(ar: int, x: float, av: float, **annat: Any) -> dict[str, Any]:
    """A yearly share, x of av (n: units behind it)."""
    return varde("a", date(ar, 12, 31), 100 * x / av, taljare=x, namnare=av, **annat)


def newcombe(x1: int, n1: int, x2: int, n2: int) -> tuple[float, float]:
    """Newcombe's interval (method 10 of his 1998 paper) written independently, from scipy's Wilson limits."""
    from scipy.stats import binomtest

    (l1, u1), (l2, u2) = (
        (ci.low, ci.high) for ci in (binomtest(x, n).proportion_ci(method="wilson") for x, n in ((x1, n1), (x2, n2)))
    )
    d, p1, p2 = x1 / n1 - x2 / n2, x1 / n1, x2 / n2
    return d - ((p1 - l1) ** 2 + (u2 - p2) ** 2) ** 0.5, d + ((u1 - p1) ** 2 + (p2 - l2) ** 2) ** 0.5


def test_newcombes_own_example() -> None:
    """The oracle itself: 56/70 against 48/80 is 0.0524 to 0.3339 in Newcombe (1998), Table II."""
    lag, hog = newcombe(56, 70, 48, 80)
    assert (round(lag, 4), round(hog, 4)) == (0.0524, 0.3339)


@given(st.integers(1, 400), st.integers(1, 400), st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=exempel(20))
def test_a_share_has_changed_when_the_interval_leaves_zero_out(n0: int, n1: int, p0: float, p1: float) -> None:
    """The SQL decides as the independent interval does, and in the goal's direction."""
    x0, x1 = round(p0 * n0), round(p1 * n1)
    lag, hog = newcombe(x1, n1, x0, n0)
    vantat = "förbättring" if lag > 1e-9 else "försämring" if hog < -1e-9 else "ingen säker förändring"
    if abs(lag) < 1e-9 or abs(hog) < 1e-9:
        return
    varden = [andel(2024, x0, n0), andel(2025, x1, n1)]
    assert trend("minst", varden) == (vantat, "andelar")
    spegel = {"förbättring": "försämring", "försämring": "förbättring"}
    assert trend("hogst", varden)[0] == spegel.get(vantat, vantat)


def test_days_of_few_persons_are_not_many_trials() -> None:
    """40 against 60 per cent of 3 000 care days is proof for days and none for the 12 persons behind them."""
    assert trend("okning", [andel(2024, 1200, 3000), andel(2025, 1800, 3000)])[0] == "förbättring"
    varden = [andel(2024, 1200, 3000, n=12), andel(2025, 1800, 3000, n=12)]
    assert trend("okning", varden)[0] == "ingen säker förändring"


def manader(fran: tuple[int, int], serie: list[float]) -> list[dict[str, Any]]:
    """Monthly figures of b, and the year's running figure that the goal is judged by."""
    ut = []
    for nr, tal_ in enumerate(serie):
        ar, manad = fran[0] + (fran[1] - 1 + nr) // 12, (fran[1] - 1 + nr) % 12 + 1
        slut = date(ar + manad // 12, manad % 12 + 1, 1).toordinal() - 1
        ut.append(varde("b", date.fromordinal(slut), tal_, "manad"))
    return [*ut, varde("b", date(2025, 12, 31), sum(serie), "ar")]


LUGN = [100.0, 102.0] * 6  # mean 101, moving range 2: limits 101 ± 5.32


@pytest.mark.parametrize(
    ("i_ar", "vantat"),
    [
        ([100.0, 102.0] * 6, "ingen säker förändring"),
        ([100.0, 102.0] * 5 + [100.0, 106.0], "ingen säker förändring"),
        ([100.0, 102.0] * 5 + [100.0, 106.4], "försämring"),
        ([100.0, 95.6] + [100.0, 102.0] * 5, "förbättring"),
        ([95.0, 107.0] + [100.0, 102.0] * 5, "ingen säker förändring"),
        ([100.0, 102.0] * 2 + [100.9] * 8, "förbättring"),
        ([100.0, 102.0] * 2 + [102.0] + [100.9] * 7, "ingen säker förändring"),
        ([100.0] * 11, "kan ej bedömas"),
    ],
)
def test_xmr_limits(i_ar: list[float], vantat: str) -> None:
    """Inside the limits is noise; outside is a change; eight on one side is one; December missing tells nothing."""
    assert trend("minskning", manader((2024, 1), LUGN + i_ar), "b")[0] == vantat


def test_eleven_months_are_no_baseline() -> None:
    """Twelve points before the year are needed."""
    assert trend("minskning", manader((2024, 2), LUGN[1:] + [150.0] * 12), "b") == ("kan ej bedömas", None)


def test_the_catalogue_says_what_is_good_where_the_goal_does_not() -> None:
    """bevara and intervall have no good direction of their own; the catalogue's entry a is better high."""
    assert trend("bevara", [andel(2024, 100, 1000), andel(2025, 300, 1000)])[0] == "förbättring"


def test_rank_counts_from_the_good_end() -> None:
    """Own 5 beside 5 and 9: second from the top, first from the bottom; equals share a place."""
    varden = [varde("b", date(2024, 12, 31), 5.0), varde("b", date(2024, 12, 31), 5.0, kommun="0002")]
    varden.append(varde("b", date(2024, 12, 31), 9.0, kommun="0003"))
    grupp = [
        {
            "kommun_kod": "0001",
            "matt_id": "b",
            "ar": 2024,
            "grupp": "G",
            "grupp_median": 7.0,
            "n": 2,
            "grupp_typ": "lager",
        }
    ]
    connection = bedom([{"mal_id": "1", "matt_id": "b"}], varden, ["varden", "rang"], grupp)
    [rad] = connection.sql("select rang_fran_hogst, rang_fran_lagst, antal from intermediate.int_mal__rang").fetchall()
    assert rad == (2, 1, 3)
