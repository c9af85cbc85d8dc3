"""A published mart described as data: which relations an attacker would see in it, and where to print what."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
import yaml

from pipelines.errors import TertialError
from pipelines.sekretess.rojande.beskrivning import tabell_fran_mart
from pipelines.sekretess.rojande.bygge import Dimension, bygg, forena
from pipelines.sekretess.rojande.perioder import delningar, okningar, tolka
from pipelines.sekretess.rojande.primar import Regler
from pipelines.sekretess.rojande.skydd import skydda
from pipelines.sekretess.rojande.tabell import Relation, summa

BESKRIVNING = yaml.safe_load(
    """
    mart: verksamhetsmatt
    matt: nyckeltal_id
    dimensioner:
      organisation: {kolumner: [organisation], total: Totalt}
      kon:          {kolumner: [kon], total: T}
      form:         {kolumner: [indelning, indelning_varde], total: totalt}
      period:       {start: period_start, slut: period_slut}
    matten:
      inkomna:    {slag: antal}
      inledda:    {slag: antal, samma: [taljare]}
      ej_inledda: {slag: antal}
      andel:      {slag: andel, taljare: taljare, namnare: namnare, decimaler: 1, taljare_matt: inledda, namnare_matt: inkomna}
      oppna:      {slag: antal, fristaende: [period]}
      avslutade:  {slag: antal}
      vardygn:    {slag: belopp, n: n, tryckta: [n], netto_n: [form, period]}
      median:     {slag: fri, n: n, belopp_decimaler: 1}
    identiteter:
      - {summa: inkomna, delar: [inledda, ej_inledda]}
      - {bestand: oppna, in: inledda, ut: avslutade}
    """
)


_ARET = "Totalt|T|totalt|2024-01..2024-12"


def _rad(matt: str, varde: float | None, org: str = "Totalt", kon: str = "T", **mer: Any) -> dict[str, Any]:
    grund = {
        "nyckeltal_id": matt,
        "organisation": org,
        "kon": kon,
        "indelning": "totalt",
        "indelning_varde": "totalt",
        "period_start": date(2024, 1, 1),
        "period_slut": date(2024, 4, 30),
        "taljare": varde,
        "namnare": None,
        "n": None,
        "varde": varde,
    }
    return grund | mer


def _mart(*rader: dict[str, Any]) -> pl.DataFrame:
    tal = {"taljare": pl.Float64, "namnare": pl.Float64, "n": pl.Int64, "varde": pl.Float64}
    return pl.DataFrame(list(rader), schema_overrides=tal)


def test_identity_between_measures_protects_the_third() -> None:
    mart = tabell_fran_mart(
        _mart(_rad("inkomna", 40), _rad("inledda", 36), _rad("ej_inledda", 4)),
        BESKRIVNING,
    )
    visning = mart.visning(skydda(mart.tabell, regler=mart.regler))
    dolda = visning.filter(pl.col("visning") == "dold")
    assert dolda["rad"].unique().sort().to_list() == [1, 2]
    # the same figure is printed twice on the row of inledda: both places are hidden
    assert dolda.filter(pl.col("rad") == 1)["kolumn"].sort().to_list() == ["taljare", "varde"]


def test_share_is_linked_to_the_measures_behind_it() -> None:
    mart = tabell_fran_mart(
        _mart(
            _rad("inkomna", 40),
            _rad("inledda", 36),
            _rad("andel", 90.0, taljare=36, namnare=40),
        ),
        BESKRIVNING,
    )
    visning = mart.visning(skydda(mart.tabell, regler=mart.regler))
    # 4 were not opened: the share, and inkomna or inledda (printed on two rows), must go
    per_nyckel = dict(visning.select("nyckel", "visning").iter_rows())
    period = "Totalt|T|totalt|2024-01..2024-04"
    assert per_nyckel[f"andel|{period}"] == "dold"
    assert "dold" in (per_nyckel[f"inkomna|{period}"], per_nyckel[f"inledda|{period}"])
    assert visning.group_by("nyckel").agg(pl.col("visning").n_unique() == 1)["visning"].all()


@pytest.mark.parametrize("alltid_lika", [True, False])
def test_a_figure_that_always_is_another_is_hidden_with_it(alltid_lika: bool) -> None:
    """3 were open in December: 48 ended, none is open, and inkomna says of inledda that they were 45."""
    ar = {"period_start": date(2024, 1, 1), "period_slut": date(2024, 12, 31)}
    rader = [
        _rad("inkomna", 20), _rad("inledda", 20 if alltid_lika else 11),
        _rad("inkomna", 45, **ar), _rad("inledda", 45, **ar), _rad("avslutade", 48, **ar),
        _rad("oppna", 3, period_start=date(2023, 12, 31), period_slut=date(2023, 12, 31)),
        _rad("oppna", 0, period_start=date(2024, 12, 31), period_slut=date(2024, 12, 31)),
    ]  # fmt: skip
    flode = BESKRIVNING["identiteter"][1]
    mart = tabell_fran_mart(_mart(*rader), BESKRIVNING | {"identiteter": [flode, {"lika": ["inkomna", "inledda"]}]})
    status = skydda(mart.tabell, regler=mart.regler).status
    visade = {matt for matt in ("inkomna", "avslutade") if status[f"{matt}|{_ARET}"] == "visa"}
    assert (visade == {"inkomna", "avslutade"}) is not alltid_lika
    assert status["oppna|Totalt|T|totalt|2023-12-31"] == "dold"


def test_figures_that_once_differ_are_two_figures() -> None:
    ar = {"period_start": date(2024, 1, 1), "period_slut": date(2024, 12, 31)}
    rader = [_rad("inkomna", 20), _rad("inledda", 20), _rad("inkomna", 60, **ar), _rad("inledda", 50, **ar)]
    mart = tabell_fran_mart(_mart(*rader), BESKRIVNING | {"identiteter": [{"lika": ["inkomna", "inledda"]}]})
    assert not [one for one in mart.tabell.relationer if len({nyckel[:7] for nyckel, _ in one.termer}) > 1]


@pytest.mark.parametrize(("kvar", "visade"), [(40, 2), (35, 2), (39, 1)], ids=["all", "seven left", "three left"])
def test_those_of_a_period_who_are_gone_at_its_end_are_a_count(kvar: int, visade: int) -> None:
    """42 persons in a month and 39 at its end: three have left, though that is printed nowhere."""
    alla = 42 if kvar != 40 else 40
    dag = {"period_start": date(2024, 4, 30), "period_slut": date(2024, 4, 30)}
    mart = tabell_fran_mart(
        _mart(_rad("inkomna", alla), _rad("oppna", kvar, **dag)),
        BESKRIVNING | {"identiteter": [{"bestand": "oppna", "personer": "inkomna"}]},
    )
    skyddad = skydda(mart.tabell, regler=mart.regler)
    assert list(skyddad.status.values()).count("visa") == visade
    assert skyddad.granskning.godkand


def test_those_of_a_period_who_were_not_there_before_it_are_a_count() -> None:
    dag = {"period_start": date(2023, 12, 31), "period_slut": date(2023, 12, 31)}
    mart = tabell_fran_mart(
        _mart(_rad("inkomna", 42), _rad("oppna", 40, **dag)),
        BESKRIVNING | {"identiteter": [{"bestand": "oppna", "personer": "inkomna"}]},
    )
    assert "dold" in skydda(mart.tabell, regler=mart.regler).status.values()


def test_a_measure_that_is_at_most_another_bounds_it() -> None:
    """Who has a measure has one at least. Where the figures say otherwise nobody knows it, and nothing follows."""
    mart = tabell_fran_mart(
        _mart(
            *(
                _rad(*rad)
                for rad in (
                    ("inkomna", 40, "Syd"),
                    ("inledda", 5, "Syd"),
                    ("inkomna", 6, "Norr"),
                    ("inledda", 9, "Norr"),
                )
            )
        ),
        BESKRIVNING | {"identiteter": [{"hogst": ["inledda", "inkomna"]}]},
    )
    punkt = "Syd|T|totalt|2024-01..2024-04"
    (av_matt,) = [one for one in mart.tabell.relationer if {n.split("|")[0] for n, _ in one.termer} > {"inledda"}]
    assert av_matt == Relation(((f"inkomna|{punkt}", 1), (f"inledda|{punkt}", -1)), ">=")


def test_stock_and_flow() -> None:
    def dag(d: date) -> dict[str, date]:
        return {"period_start": d, "period_slut": d}

    mart = tabell_fran_mart(
        _mart(
            _rad("oppna", 50, **dag(date(2024, 1, 1))),
            _rad("oppna", 47, **dag(date(2024, 4, 30))),
            _rad("inledda", 20),
            _rad("avslutade", 23),
        ),
        BESKRIVNING,
    )
    flode = [relation for relation in mart.tabell.relationer if len(relation.termer) == 4]
    assert len(flode) == 1
    assert {(n.split("|")[0], k) for n, k in flode[0].termer} == {
        ("oppna", 1),
        ("oppna", -1),
        ("inledda", -1),
        ("avslutade", 1),
    }


def test_two_marts_that_print_the_same_figure_are_one_linked_set() -> None:
    """The total stands in one mart and its kön in another: M = 4 must not follow from the two together."""
    ord_ = {"mart": "a", "matt": "nyckeltal_id", "matten": {"*": {"slag": "antal"}}}
    kon = {"kolumner": ["kon"], "total": "T"}
    period = {"start": "period_start", "slut": "period_slut"}
    forsta = tabell_fran_mart(
        _mart(_rad("inkomna", 40)), ord_ | {"dimensioner": {"kon": {"fast": "T"}, "period": period}}
    )
    andra = tabell_fran_mart(
        _mart(_rad("inkomna", 40), _rad("inkomna", 36, kon="K"), _rad("inkomna", 4, kon="M")),
        ord_ | {"dimensioner": {"kon": kon, "period": period}},
    )
    skyddad = skydda(forena([forsta.tabell, andra.tabell]))
    en, tva = (mart.visning(skyddad)["visning"].to_list() for mart in (forsta, andra))
    assert tva[0] == en[0]
    assert tva[2] == "dold"
    assert tva.count("dold") == 2


def test_missing_part_is_not_zero_and_its_remainder_is_protected() -> None:
    """Totalt 30 with K 26 and no row for M: 4 men can be computed, so K or Totalt goes; null prints as missing."""
    mart = tabell_fran_mart(
        _mart(_rad("inkomna", 30), _rad("inkomna", 26, kon="K"), _rad("inkomna", None, org="Enhet 1")), BESKRIVNING
    )
    assert [c.varde for c in mart.tabell.celler if c.status == "ej_tryckt"] == [4]
    visning = mart.visning(skydda(mart.tabell, regler=mart.regler))["visning"].to_list()
    assert sorted(visning) == ["dold", "saknas", "visa"]


def test_amount_of_few_persons_and_median() -> None:
    mart = tabell_fran_mart(
        _mart(
            _rad("vardygn", 900, n=40),
            _rad("vardygn", 100, org="Enhet 1", n=5),
            _rad("vardygn", 800, org="Enhet 2", n=35),
            _rad("median", 12.5, n=6),
            _rad("median", 12.5, org="Enhet 2", n=7),
        ),
        BESKRIVNING,
    )
    visning = mart.visning(skydda(mart.tabell, regler=mart.regler))
    varde = visning.filter(pl.col("kolumn") == "varde").sort("rad")["visning"].to_list()
    assert varde[1] == "dold"
    assert varde[3:] == ["dold", "visa"]
    assert varde[:3].count("dold") >= 2
    n = visning.filter(pl.col("kolumn") == "n").sort("rad")["visning"].to_list()
    assert n[1] == "dold"
    assert n.count("dold") == 2


@pytest.mark.parametrize(("svar", "positiva", "visning"), [(40, 38, "visa"), (12, 3, "visa"), (9, 8, "dold")])
def test_survey_rule_asks_only_how_many_answered(svar: int, positiva: int, visning: str) -> None:
    ord_ = {"slag": "andel", "taljare": "taljare", "namnare": "namnare", "enkat": True}
    mart = tabell_fran_mart(
        _mart(_rad("nojda", round(100 * positiva / svar), taljare=positiva, namnare=svar)),
        BESKRIVNING | {"matten": {"nojda": ord_}},
    )
    assert set(mart.visning(skydda(mart.tabell, regler=mart.regler))["visning"]) == {visning}


def test_mean_over_few_hides_mean_sum_and_count() -> None:
    ord_ = {"slag": "medel", "taljare": "taljare", "namnare": "namnare", "decimaler": 1, "taljare_decimaler": 2}
    mart = tabell_fran_mart(
        _mart(
            _rad("kr", 100.0, taljare=4000.55, namnare=40),
            _rad("kr", 100.1, org="Enhet 1", taljare=600.35, namnare=6),
            _rad("kr", 100.0, org="Enhet 2", taljare=3400.20, namnare=34),
        ),
        BESKRIVNING | {"matten": {"kr": ord_}},
    )
    visning = mart.visning(skydda(mart.tabell, regler=mart.regler))
    assert visning.filter(pl.col("rad") == 1)["visning"].to_list() == ["dold"] * 3
    # nothing left lets Enhet 1 be subtracted: of each column at least two of three rows are hidden
    dolda = visning.filter(pl.col("visning") == "dold").group_by("kolumn").len()
    assert all(antal >= 2 for antal in dolda["len"])


def test_an_amount_must_say_how_many_are_behind_it() -> None:
    with pytest.raises(TertialError, match="inget antal bakom"):
        tabell_fran_mart(_mart(_rad("vardygn", 900)), BESKRIVNING)


@pytest.mark.parametrize(
    ("andring", "ord_"),
    [
        ({"matten": {"inkomna": {"slag": "antal", "nettto": []}}}, "nettto"),
        ({"matten": {}}, "inte beskrivet"),
        ({"matten": {"inkomna": {"slag": "summa"}}}, "summa"),
        ({"matt": "saknas"}, "saknar kolumnen"),
        ({"regler": {"troskl": 5}}, "troskl"),
        ({"regler": {"minst_heltal": 1}}, "svagare"),
    ],
)
def test_a_faulty_description_is_refused(andring: dict[str, Any], ord_: str) -> None:
    with pytest.raises(TertialError, match=ord_):
        tabell_fran_mart(_mart(_rad("inkomna", 30)), BESKRIVNING | andring)


def test_contradicting_rows_and_impossible_sum_are_refused() -> None:
    assert len(tabell_fran_mart(_mart(_rad("inkomna", 30), _rad("inkomna", 30)), BESKRIVNING).tabell.celler) == 1
    with pytest.raises(TertialError, match="två rader"):
        tabell_fran_mart(_mart(_rad("inkomna", 30), _rad("inkomna", 31)), BESKRIVNING)
    with pytest.raises(TertialError, match="fler än summan"):
        tabell_fran_mart(_mart(_rad("inkomna", 30), _rad("inkomna", 31, kon="K")), BESKRIVNING)


def test_net_counts_give_inequalities_not_sums() -> None:
    """One person in two forms is one person: the total may be less than its parts and is at least each."""
    frame = pl.DataFrame({"form": ["totalt", "hvb", "sis"], "varde": [18, 12, 9]})
    tabell = bygg(frame, {"form": Dimension("form", {"totalt": (("hvb", "sis"),)})}, netto={"form"})
    assert set(tabell.relationer) == {
        Relation((("antal|totalt", 1), ("antal|hvb", -1)), ">="),
        Relation((("antal|totalt", 1), ("antal|sis", -1)), ">="),
        Relation((("antal|hvb", 1), ("antal|sis", 1), ("antal|totalt", -1)), ">="),
    }


@pytest.mark.parametrize(
    ("namn", "fran", "manader"),
    [
        ("2024", 24288, 12),
        ("2024-03", 24290, 1),
        ("202403", 24290, 1),
        ("2024-Q2", 24291, 3),
        ("2024-T3", 24296, 4),
        ("ack-2024-08", 24288, 8),
        ("r12-2024-03", 24279, 12),
        ("2023-12..2024-01", 24287, 2),
    ],
)
def test_period_labels(namn: str, fran: int, manader: int) -> None:
    period = tolka(namn)
    assert (period.fran, period.manader) == (fran, manader)


def test_overlapping_periods_span_every_identity() -> None:
    perioder = [tolka(p) for p in ("ack-2024-04", "ack-2024-08", "2024", "2024-Q4", "2024-T2")]
    assert [(p.fran - 24288, p.till - 24288) for p in okningar(perioder)] == [(4, 12), (8, 9), (8, 12)]
    funna = {hel.namn: [del_.namn for del_ in delar] for hel, delar in delningar(perioder)}
    assert funna == {"ack-2024-08": ["ack-2024-04", "2024-T2"]}
    with_gap = delningar([*perioder, *okningar(perioder)])
    assert [(hel.fran - 24288, hel.till - 24288, len(delar)) for hel, delar in with_gap] == [
        (8, 12, 2),
        (0, 8, 2),
        (4, 12, 2),
        (0, 12, 2),
    ]


def test_month_hidden_inside_two_cumulative_figures() -> None:
    """ack May and ack June are large, June is 3: June must not be ack June - ack May."""
    frame = pl.DataFrame({"period": ["ack-2024-05", "ack-2024-06"], "varde": [50, 53]})
    tabell = bygg(frame, {"period": Dimension("period", period=True)})
    assert [c.varde for c in tabell.celler if c.status == "ej_tryckt"] == [3]
    assert tabell.relationer[0] == summa("antal|ack-2024-06", ["antal|ack-2024-05", tabell.celler[2].nyckel])
    assert len(skydda(tabell, regler=Regler()).dolda) == 1


@pytest.mark.parametrize("netto", [(), ("period",)], ids=["cases", "persons"])
def test_two_figures_that_begin_together_are_subtracted_whatever_is_hidden_between_them(netto: tuple[str, ...]) -> None:
    """18 households by April, 23 by December: five are new, and August hidden between them hides none of them."""
    frame = pl.DataFrame({"period": ["ack-2024-04", "ack-2024-08", "2024"], "varde": [18, 20, 23]})
    skyddad = skydda(bygg(frame, {"period": Dimension("period", period=True)}, netto=netto))
    assert len(skyddad.dolda) == 2
    assert skyddad.granskning.godkand


def test_persons_who_add_up_are_linked_though_the_measure_is_net() -> None:
    """Placed on a day by lagrum: nobody has two, so 53 - 40 - 12 gives the hidden one away unless a second goes too."""
    tabell = bygg(
        pl.DataFrame([("totalt", 53), ("sol", 40), ("lvu", 12), ("lvm", 1)], schema=["lagrum", "varde"], orient="row"),
        {"lagrum": Dimension("lagrum", {"totalt": (("sol", "lvu", "lvm"),)})},
        netto=["lagrum"],
    )
    assert skydda(tabell).dolda == {"antal|lvm", "antal|lvu"}


def test_a_part_without_a_row_is_nobody() -> None:
    """39 hidden, 28 by sol and 11 by lvu beside it: that nobody was placed by lvm that day is not hard to guess."""
    tabell = bygg(
        pl.DataFrame([("totalt", 39), ("sol", 28), ("lvu", 11)], schema=["lagrum", "varde"], orient="row"),
        {"lagrum": Dimension("lagrum", {"totalt": (("sol", "lvu", "lvm"),)})},
        netto=["lagrum"],
    )
    assert tabell.relationer == (summa("antal|totalt", ["antal|sol", "antal|lvu"]),)


def test_persons_counted_twice_are_linked_by_inequalities_only() -> None:
    tabell = bygg(
        pl.DataFrame([("totalt", 50), ("sol", 40), ("lvu", 12), ("lvm", 1)], schema=["lagrum", "varde"], orient="row"),
        {"lagrum": Dimension("lagrum", {"totalt": (("sol", "lvu", "lvm"),)})},
        netto=["lagrum"],
    )
    assert {relation.tecken for relation in tabell.relationer} == {">="}
