"""Goal judgement through the real SQL: every goal gets a rating and a reason whatever its data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import combinations_with_replacement, product
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.egenskaper import exempel
from tests.unit.delar_mal import KEDJA, bedom, varde
from tests.unit.delar_sql import kor, lager

pytestmark = pytest.mark.slow

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
TILLFALLE = {"kommun_kod": "0001", "ar": 2025, "tillfalle": "bokslut"}

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
@settings(max_examples=exempel(12))
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
