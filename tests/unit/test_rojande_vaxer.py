"""What an amount grows by between two occasions is an amount too, of those who got it."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.sekretess.rojande.beskrivning import tabell_fran_mart
from pipelines.sekretess.rojande.historik import Publicerad
from pipelines.sekretess.rojande.skydd import Skyddad, skydda
from pipelines.sekretess.rojande.tabell import Tabell
from tests.egenskaper import exempel

BESKRIVNING = yaml.safe_load(
    """
    mart: nyckeltal
    matt: id
    dimensioner:
      form: {kolumner: [form], total: totalt}
      period: {start: fran, slut: till}
    matten:
      vardygn: {slag: belopp, n: n, per_manad: 31}
      kostnad: {slag: belopp, n: n, grund: vardygn}
      avslutade: {slag: antal}
      vardtid: {slag: medel, taljare: taljare, namnare: namnare, namnare_matt: avslutade}
      timmar: {slag: belopp, n: n, rattas_fritt: true}
    """
)
APRIL, AUGUSTI, DECEMBER = date(2024, 4, 30), date(2024, 8, 31), date(2024, 12, 31)
SJU = 7 * 4 * 31  # days that only seven or more can have had in four months


def _tabell(*rader: tuple[str, date, float, int]) -> Tabell:
    def rad(matt: str, till: date, varde: float, n: int) -> dict[str, Any]:
        delar = {"taljare": varde, "namnare": n, "varde": varde / n} if matt == "vardtid" else {"varde": varde}
        return {"id": matt, "form": "totalt", "fran": date(2024, 1, 1), "till": till, "n": n, **delar}

    typer = {"varde": pl.Float64, "taljare": pl.Float64, "namnare": pl.Float64}
    return tabell_fran_mart(pl.DataFrame([rad(*one) for one in rader], schema_overrides=typer), BESKRIVNING).tabell


def _visade(skyddad: Skyddad, matt: str) -> int:
    return sum(lage == "visa" for nyckel, lage in skyddad.status.items() if nyckel.startswith(f"{matt}|"))


@pytest.mark.parametrize(
    ("vaxer", "visade"),
    [(0, 2), (1, 1), (SJU - 125, 1), (SJU - 123, 2), (SJU, 2), (-40, 1)],
    ids=["nothing", "a day", "six persons' at most", "seven at least", "seven whole", "taken back"],
)
def test_days_that_fewer_than_seven_can_have_had_are_not_to_be_computed(vaxer: int, visade: int) -> None:
    skyddad = skydda(_tabell(("vardygn", APRIL, 2000, 20), ("vardygn", AUGUSTI, 2000 + vaxer, 21)))
    assert _visade(skyddad, "vardygn") == visade
    assert skyddad.granskning.godkand


@pytest.mark.parametrize(("dygn", "visade"), [(124, 1), (SJU, 2)])
def test_a_cost_grows_by_those_whose_days_it_pays(dygn: int, visade: int) -> None:
    skyddad = skydda(
        _tabell(
            ("vardygn", APRIL, 2000, 20), ("vardygn", AUGUSTI, 2000 + dygn, 21),
            ("kostnad", APRIL, 3_000_000, 20), ("kostnad", AUGUSTI, 9_000_000, 21),
        )
    )  # fmt: skip
    assert _visade(skyddad, "kostnad") == visade


def test_a_cost_without_its_days_is_taken_to_be_one_persons() -> None:
    assert _visade(skydda(_tabell(("kostnad", APRIL, 100, 20), ("kostnad", AUGUSTI, 900, 30))), "kostnad") == 1


def test_the_sum_behind_a_mean_grows_by_those_it_is_the_mean_of() -> None:
    """Twenty had ended by April, 23 by August: the three's days together are as much theirs as their number."""
    tre = skydda(_tabell(*_avslutade((APRIL, 20, 4000), (AUGUSTI, 23, 4700))))
    assert (_visade(tre, "avslutade"), _visade(tre, "vardtid#taljare")) == (1, 1)
    tio = skydda(_tabell(*_avslutade((APRIL, 20, 4000), (AUGUSTI, 30, 4700))))
    assert (_visade(tio, "avslutade"), _visade(tio, "vardtid#taljare")) == (2, 2)


def _avslutade(*perioder: tuple[date, int, float]) -> list[tuple[str, date, float, int]]:
    antal: list[tuple[str, date, float, int]] = [("avslutade", till, n, n) for till, n, _ in perioder]
    return antal + [("vardtid", till, dygn, n) for till, n, dygn in perioder]


def test_the_hours_of_a_whole_staff_are_nobodys() -> None:
    assert _visade(skydda(_tabell(("timmar", APRIL, 2000, 20), ("timmar", AUGUSTI, 2010, 20))), "timmar") == 2


def test_across_publications() -> None:
    """April was published in May and stands; what came by August is one child's, so August is held back."""
    maj = skydda(_tabell(("vardygn", APRIL, 2000, 20)))
    september = skydda(_tabell(("vardygn", AUGUSTI, 2062, 20)), [maj.publicerad()])
    assert set(september.status.values()) == {"dold"}
    assert september.granskning.godkand
    bokslut = skydda(_tabell(("vardygn", DECEMBER, 2062 + SJU, 29)), [maj.publicerad(), september.publicerad()])
    assert set(bokslut.status.values()) == {"visa"}


def test_what_both_were_shown_before_is_public_and_stops_nothing() -> None:
    """A ledger from before this rule: both figures are out, and the next edition still comes."""
    tabell = _tabell(("vardygn", APRIL, 2000, 20), ("vardygn", AUGUSTI, 2062, 20))
    igen = skydda(tabell, [Publicerad(tabell, frozenset())])
    assert set(igen.status.values()) == {"visa"}
    assert igen.granskning.godkand


def test_what_is_known_of_growth_is_kept_in_the_ledger() -> None:
    tabell = _tabell(("vardygn", APRIL, 2000, 20), ("kostnad", APRIL, 100, 20))
    assert Tabell.fran_dict(tabell.som_dict()) == tabell
    gammal = tabell.som_dict()
    gammal["serier"] = [serie[:3] for serie in gammal["serier"]]
    assert [serie.per_manad for serie in Tabell.fran_dict(gammal).serier] == [None, None]


@settings(max_examples=exempel(60))
@given(st.lists(st.integers(-100, 1500), min_size=2, max_size=2), st.booleans())
def test_no_two_shown_figures_differ_by_what_fewer_than_seven_can_have_had(vaxer: list[int], i_delar: bool) -> None:
    """Published together or one after the other."""
    tal = {APRIL: 4000, AUGUSTI: 4000 + vaxer[0], DECEMBER: 4000 + sum(vaxer)}
    visade: dict[date, int] = {}
    forr: list[Publicerad] = []
    for perioder in [[APRIL], [AUGUSTI], [DECEMBER]] if i_delar else [list(tal)]:
        skyddad = skydda(_tabell(*(("vardygn", till, tal[till], 40) for till in perioder)), forr)
        forr.append(skyddad.publicerad())
        for till in perioder:
            if any(lage == "visa" and f"..{till:%Y-%m}" in nyckel for nyckel, lage in skyddad.status.items()):
                visade[till] = tal[till]
    for fore, efter in [(a, b) for a in visade for b in visade if a < b]:
        assert visade[efter] == visade[fore] or _minst(tal, fore, efter) >= 7


def _minst(tal: dict[date, int], fore: date, efter: date) -> int:
    """The fewest persons that can have had the days between two dates, as whoever sees every figure counts them."""
    dagar = [one for one in tal if fore <= one <= efter]
    return max(-(-abs(tal[b] - tal[a]) // (31 * (b.month - a.month))) for a in dagar for b in dagar if a < b)


@pytest.mark.parametrize(("form", "manader", "visade"), [("par", 32, 1), ("par", 7 * 8, 2), ("totalt", 32, 2)])
def test_who_moves_brings_along_the_months_of_the_year(form: str, manader: int, visade: int) -> None:
    """Four couples who had been single until April bring eight months each by August."""
    ord_ = BESKRIVNING | {"matten": {"manader": {"slag": "belopp", "n": "n", "per_manad": 1, "flyttar": ["form"]}}}
    januari = date(2024, 1, 1)
    rader = [
        {"id": "manader", "form": form, "fran": januari, "till": till, "n": 40, "varde": varde}
        for till, varde in ((APRIL, 100), (AUGUSTI, 100 + manader))
    ]
    assert _visade(skydda(tabell_fran_mart(pl.DataFrame(rader), ord_).tabell), "manader") == visade


def test_the_sum_behind_a_mean_that_is_corrected_is_somebodys() -> None:
    """4 883 days became 4 791 and fourteen had ended, then as now: somebody's placement ended 92 days earlier."""
    forst = skydda(_tabell(*_avslutade((AUGUSTI, 14, 4883))))
    igen = skydda(_tabell(*_avslutade((AUGUSTI, 14, 4791))), [forst.publicerad()])
    assert _visade(forst, "vardtid#taljare") == 1
    assert (_visade(igen, "avslutade"), _visade(igen, "vardtid#taljare"), _visade(igen, "vardtid")) == (1, 0, 0)
    alla = skydda(_tabell(*_avslutade((AUGUSTI, 14, 9000))), [forst.publicerad()])
    assert _visade(alla, "vardtid#taljare") == 1


def test_a_correction_that_was_shown_before_is_public_and_stops_nothing() -> None:
    """A ledger from before this rule: both versions are out, and the next edition still comes."""
    tabeller = [_tabell(*_avslutade((AUGUSTI, 14, dygn))) for dygn in (4883, 4791)]
    igen = skydda(tabeller[1], [Publicerad(one, frozenset()) for one in tabeller])
    assert _visade(igen, "vardtid#taljare") == 1
    assert igen.granskning.godkand
