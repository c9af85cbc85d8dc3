"""Goal judgement through the real SQL: every goal gets a rating and a reason whatever its data, and trend is a test."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import combinations_with_replacement, product
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.delar_sql import kor, lager

pytestmark = pytest.mark.slow

KEDJA = [
    "tillfallen",
    "matt",
    "varden",
    "indikatorer",
    "utfall",
    "provningar",
    "provade",
    "delbedomning",
    "bedomning",
]
RIKTNINGAR = [
    "minst",
    "hogst",
    "mer_an",
    "mindre_an",
    "lika",
    "intervall",
    "okning",
    "minskning",
    "lag_niva",
    "hog_niva",
    "alla",
    "ingen",
    "bevara",
]
BETYG = {"helt uppfyllt", "delvis uppfyllt", "ej uppfyllt", "kan ej utvärderas"}
MAL = {
    "kommun_kod": pl.String, "leverans_id": pl.String, "rad": pl.Int64, "ar": pl.Int32, "mal_id": pl.String,
    "malomrade": pl.String, "inriktningsmal": pl.String, "effektmal": pl.String, "matt_id": pl.String,
    "matt": pl.String, "riktning": pl.String, "malvarde": pl.Float64, "malvarde_ovre": pl.Float64,
    "tolerans": pl.Float64, "jamforelse": pl.String, "matmetod": pl.String, "tillfallen": pl.String,
    "enheter": pl.String, "kalla": pl.String, "ansvarig": pl.String, "regel": pl.String, "vikt": pl.Float64,
    "tillfalle": pl.String, "namndens_bedomning": pl.String, "motivering": pl.String,
}  # fmt: skip
VARDEN = {
    "kommun_kod": pl.String, "nyckeltal_id": pl.String, "organisation": pl.String, "kon": pl.String,
    "alder": pl.String, "indelning": pl.String, "indelning_varde": pl.String, "period_start": pl.Date,
    "period_slut": pl.Date, "periodtyp": pl.String, "taljare": pl.Float64, "namnare": pl.Float64,
    "varde": pl.Float64, "n": pl.Int64, "status": pl.String, "leverans_id": pl.String,
}  # fmt: skip
DELIVERED = {
    "kommun_kod": pl.String, "matt_id": pl.String, "matt": pl.String, "enhet": pl.String, "organisation": pl.String,
    "kon": pl.String, "version": pl.String, "period_slut": pl.Date, "periodtyp": pl.String, "taljare": pl.Float64,
    "namnare": pl.Float64, "varde": pl.Float64, "status": pl.String,
}  # fmt: skip
GRUPP = {
    "kommun_kod": pl.String,
    "matt_id": pl.String,
    "ar": pl.Int32,
    "grupp": pl.String,
    "grupp_median": pl.Float64,
    "n": pl.Int64,
    "grupp_typ": pl.String,
}
UTFALL = {
    "kommun_kod": pl.String, "nyckeltal_id": pl.String, "kon": pl.String, "ar": pl.Int32, "grupp": pl.String,
    "grupp_namn": pl.String, "rang_fran_hogst": pl.Int64, "rang_fran_lagst": pl.Int64, "antal_rangordnade": pl.Int64,
}  # fmt: skip
TILLFALLE = {"kommun_kod": "0001", "ar": 2025, "tillfalle": "bokslut"}
KATALOG = pl.DataFrame(
    {
        "nyckeltal_id": ["a", "b"], "titel": ["A", "B"], "enhet": ["procent", "antal"], "riktning": ["hog_bra", "lag_bra"],
        "vardetyp": ["andel", "antal"],
    }
)  # fmt: skip


def varde(
    matt_id: str, slut: date, varde: float | None, typ: str = "ar", kommun: str = "0001", **annat: Any
) -> dict[str, Any]:
    """One figure of the whole municipality."""
    return {
        "kommun_kod": kommun, "nyckeltal_id": matt_id, "organisation": "Totalt", "kon": "T", "alder": "totalt",
        "indelning": "totalt", "indelning_varde": "totalt", "period_start": date(slut.year, 1, 1), "period_slut": slut,
        "periodtyp": typ, "varde": varde, "status": "ok", **annat,
    }  # fmt: skip


def bedom(mal: list[dict[str, Any]], varden: list[dict[str, Any]], modeller: list[str], grupp: Any = ()) -> Any:
    """A warehouse where the goal models have been run."""
    grund = {"kommun_kod": "0001", "ar": 2025, "effektmal": "E", "regel": "alla", "tillfallen": "bokslut"}
    rader = [{**grund, "rad": nr, **rad} for nr, rad in enumerate(mal, start=2)]
    connection = lager(
        {
            "staging.stg_mal__mal": pl.DataFrame(rader, schema=MAL, orient="row"),
            "staging.stg_register__katalog": KATALOG,
            "intermediate.int_nyckeltal__alla": pl.DataFrame(varden, schema=VARDEN, orient="row"),
            "intermediate.int_matt__verksamhetsmatt": pl.DataFrame(schema=DELIVERED),
            "intermediate.int_mal__jamforelsevarden": pl.DataFrame(grupp, schema=GRUPP, orient="row"),
            "intermediate.int_jamforelse__utfall": pl.DataFrame(schema=UTFALL),
            "seeds.jamforelsekommuner": pl.DataFrame(
                {"kommun_kod": ["0001"] * 2, "jamforelsekommun_kod": ["0002", "0003"], "grupp": ["G"] * 2}
            ),
        }
    )
    kor(connection, [f"intermediate.int_mal__{namn}" for namn in modeller])
    return connection


tal = st.none() | st.sampled_from([0.0, 4.9, 5.0, 95.0, 100.0]) | st.floats(-1e6, 1e6).map(lambda x: round(x, 2))
mal = st.fixed_dictionaries(
    {
        "mal_id": st.integers(1, 12).map(str),
        "matt_id": st.sampled_from([None, "a", "b", "okant"]),
        "matt": st.sampled_from([None, "A", "finns inte"]),
        "riktning": st.none() | st.sampled_from(RIKTNINGAR),
        "malvarde": tal, "malvarde_ovre": tal, "tolerans": st.none() | st.floats(0, 100),
        "jamforelse": st.sampled_from([None, "foregaende_ar", "jamforbara", "foregaende_ar+jamforbara", "foregaende_ar/jamforbara"]),
        "regel": st.sampled_from(["alla", "majoritet", "viktad"]),
        "vikt": st.none() | st.floats(0, 10),
        "tillfallen": st.sampled_from([None, "delar1;delar2;bokslut", "bokslut", "delar2; bokslut"]),
        "tillfalle": st.sampled_from([None, "delar1", "delar2", "bokslut"]),
        "namndens_bedomning": st.none() | st.sampled_from(sorted(BETYG)),
    }
)  # fmt: skip
siffror = st.builds(
    varde,
    st.sampled_from(["a", "b"]),
    st.sampled_from([date(2023, 12, 31), date(2024, 8, 31), date(2024, 12, 31), date(2025, 4, 30), date(2025, 8, 31), date(2025, 12, 31)]),
    tal,
    st.sampled_from(["ar", "ack", "manad", "r12", "tidpunkt", "halvar"]),
    st.sampled_from(["0001", "0002", "0003"]),
    taljare=tal, namnare=tal, status=st.sampled_from(["ok", "preliminar", "saknas", "undertryckt"]),
)  # fmt: skip


grupper = st.fixed_dictionaries(
    {"kommun_kod": st.just("0001"), "matt_id": st.sampled_from(["a", "b"]), "ar": st.sampled_from([2024, 2025]),
     "grupp": st.just("G"), "grupp_median": tal, "n": st.integers(1, 9)}
)  # fmt: skip


def betyg_av(krav: str, utfall: float, under: float, over: float | None, marginal: float, marginal_over: float) -> int:
    """A requirement's mark, as distance to what is wanted: 2 none, 1 within the tolerance, 0 beyond it."""
    ovre = under if over is None else over
    brist = {
        "minst": under - utfall, "over": under - utfall, "hogst": utfall - under, "under": utfall - under,
        "lika": abs(utfall - under), "nara": abs(utfall - under) - marginal,
        "intervall": max(under - utfall, utfall - ovre),
    }[krav]  # fmt: skip
    if brist < 0 or (brist == 0 and krav not in ("over", "under")):
        return 2
    tillatet = marginal_over if krav == "intervall" and utfall > ovre else marginal
    return 1 if brist <= tillatet else 0


def betyg_av_delar(regel: str, delar: Sequence[tuple[float | None, int | None]]) -> set[str]:
    """The ratings that (weight, mark) can come to, whatever the unknown marks turn out to be."""
    ord_ = ["ej uppfyllt", "delvis uppfyllt", "helt uppfyllt"]
    vikter = [(1.0 if vikt is None else vikt) if regel == "viktad" else 1.0 for vikt, _ in delar]
    funna = set()
    for utfall in product(*([0, 1, 2] if ett is None else [ett] for _, ett in delar)):
        helt = sum(vikt for vikt, ett in zip(vikter, utfall, strict=True) if ett == 2)
        delvis = sum(vikt for vikt, ett in zip(vikter, utfall, strict=True) if ett >= 1)
        alla = all(ett == 2 for ett in utfall) if regel == "alla" else helt > sum(vikter) / 2
        funna.add(ord_[2 if alla else 1 if delvis >= sum(vikter) / 2 else 0])
    return funna


@given(st.lists(mal, min_size=8, max_size=30), st.lists(siffror, max_size=24), st.lists(grupper, max_size=4))
@settings(max_examples=12, deadline=None)
def test_rating_is_a_total_function(
    malen: list[dict[str, Any]], varden: list[dict[str, Any]], grupp: list[dict[str, Any]]
) -> None:
    """Each listed goal has exactly one of four ratings at each occasion, each mått a reason, and the worst rating of
    nothing known is never a guess: without a figure it cannot be evaluated."""
    connection = bedom(malen, varden, KEDJA, grupp)
    delar = connection.sql("select * from intermediate.int_mal__delbedomning").pl()
    betyg = connection.sql("select * from intermediate.int_mal__bedomning").pl()
    assert set(betyg["bedomning"]) <= BETYG
    assert betyg.select("ar", "tillfalle", "mal_id").is_unique().all()
    assert {rad["mal_id"] for rad in malen} == set(betyg["mal_id"])
    assert delar["skal"].null_count() == 0 and delar["skal_utan_tal"].null_count() == 0
    assert (
        delar.filter(pl.col("utfall").is_null())["betyg"].null_count()
        == delar.filter(pl.col("utfall").is_null()).height
    )
    okanda = delar.group_by("ar", "tillfalle", "mal_id").agg(pl.col("betyg").count().alias("kanda"))
    blinda = betyg.join(okanda.filter(pl.col("kanda") == 0), on=["ar", "tillfalle", "mal_id"])
    assert set(blinda["bedomning"]) <= {"kan ej utvärderas"}


def test_a_requirement_is_met_in_part_within_its_tolerance_and_in_full_within_itself() -> None:
    """Every operator on, inside and outside each border, against the mark as a distance to what is wanted."""
    tal_ = [None, 0.0, 1.0, 2.0, 4.0, 5.0, 6.0, 8.0, 9.0, 12.0]
    enkla = product(
        ["minst", "hogst", "over", "under", "lika", "nara"], tal_, tal_, [None], [0.0, 1.0, 2.0, 4.0], [0.0]
    )
    intervall = product(["intervall"], tal_, tal_, tal_, [0.0, 1.0, 2.0], [0.0, 1.0, 3.0])
    kolumner = {"krav": pl.String} | dict.fromkeys(
        ("utfall", "referens", "referens_ovre", "marginal", "marginal_ovre"), pl.Float64
    )
    hela = (one for one in intervall if one[2] is None or one[3] is None or one[2] <= one[3])
    frame = pl.DataFrame([*enkla, *hela], schema=kolumner, orient="row").with_columns(
        pl.int_range(pl.len()).cast(pl.String).alias("mal_id"),
        *(pl.lit(one).alias(name) for name, one in {**TILLFALLE, "matt_nyckel": "a", "slag": "malvarde", "enhet_text": ""}.items()),
        pl.lit("ar").alias("periodtyp"), pl.lit(None, pl.Int32).alias("jamforelse_ar"), pl.lit(None, pl.Float64).alias("grupp_median"),
    )  # fmt: skip
    connection = lager({"intermediate.int_mal__provningar": frame})
    kor(connection, ["intermediate.int_mal__provade"])
    satta = dict(connection.sql("select mal_id, betyg from intermediate.int_mal__provade").fetchall())
    assert len(satta) == frame.height
    for mal_id, *rad in frame.select("mal_id", *kolumner).iter_rows():
        krav, utfall, under, over, marginal, marginal_over = rad
        okant = utfall is None or under is None or (krav == "intervall" and over is None)
        assert satta[mal_id] == (None if okant else betyg_av(krav, utfall, under, over, marginal, marginal_over)), rad


def test_a_goal_is_rated_when_every_outcome_of_what_is_unknown_gives_the_same() -> None:
    """Every rule with one to three indicators of every mark and weight: the unknown are tried with every mark, where the
    SQL tries the best and the worst."""
    delmatt = list(product([None, 0.0, 1.0, 3.0], [None, 0, 1, 2]))
    malen = [
        (regel, delar) for regel in ("alla", "majoritet", "viktad") for antal in (1, 2, 3) for delar in combinations_with_replacement(delmatt, antal)
    ]  # fmt: skip
    rader = [(str(nr), regel, vikt, ett) for nr, (regel, delar) in enumerate(malen) for vikt, ett in delar]
    kolumner = {"mal_id": pl.String, "regel": pl.String, "vikt": pl.Float64, "betyg": pl.Int64}
    frame = pl.DataFrame(rader, schema=kolumner, orient="row").with_columns(
        pl.lit(one).alias(name) for name, one in {**TILLFALLE, "namndens_bedomning": "", "motivering": ""}.items()
    )
    connection = lager({"intermediate.int_mal__delbedomning": frame})
    kor(connection, ["intermediate.int_mal__bedomning"])
    satta = dict(connection.sql("select mal_id, bedomning from intermediate.int_mal__bedomning").fetchall())
    for nr, (regel, delar) in enumerate(malen):
        mojliga = betyg_av_delar(regel, delar)
        entydigt = len(mojliga) == 1 and any(ett is not None for _, ett in delar)
        assert satta[str(nr)] == (mojliga.pop() if entydigt else "kan ej utvärderas"), (regel, delar)


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
@settings(max_examples=20, deadline=None)
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
