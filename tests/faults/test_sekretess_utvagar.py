"""What a small town gives up so that the rest can be shown, and that what is left out is left out and said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sekretess import arenden, figur, ge_ut, mart, nyckeltal, skydda, tomt_underlag

from pipelines.publication import sekretessregler
from pipelines.publication.edition import Mart
from pipelines.publication.underlag import Underlag


def _granskning(skydd: Any, familj: str) -> dict[str, Any]:
    return skydd.audit.filter(pl.col("familj") == familj).row(0, named=True)  # type: ignore[no-any-return]


def _foljda(**kon: tuple[int, int]) -> Mart:
    """utr_ateraktualisering of one half-year: (came back, followed) per kön."""
    return Mart(
        "nyckeltal",
        mart(
            figur(
                "utr_ateraktualisering",
                100.0 * ater / foljda,
                (1, 6),
                "halvar",
                kon=ett,
                alder="0-12",
                taljare=float(ater),
                namnare=float(foljda),
                n=foljda,
            )
            for ett, (ater, foljda) in kon.items()
        ),
    )


def test_a_breakdown_that_hides_the_rest_is_left_out_and_said(tmp_path: Path) -> None:
    skydd = skydda(tmp_path, _foljda(T=(12, 60), K=(2, 30), M=(10, 30)))
    assert skydd.marter[0].rader["kon"].to_list() == ["T"]
    assert _granskning(skydd, "ateraktualisering")["slopade_urval"] == "kon"
    assert _granskning(skydd, "ateraktualisering")["utelamnade_rader"] == 2
    assert skydd.rad.endswith("; 2 rader utelämnade för att personerna är för få: ateraktualisering (kon)")


def test_a_breakdown_whose_hidden_figures_are_all_small_is_kept(tmp_path: Path) -> None:
    """As much is hidden as above, but leaving the breakdown out would not show one figure more."""
    skydd = skydda(tmp_path, _foljda(T=(9, 60), K=(4, 30), M=(5, 30)))
    assert dict(skydd.marter[0].rader.select("kon", "status").iter_rows()) == {
        "T": "ok",
        "K": "undertryckt",
        "M": "undertryckt",
    }
    assert _granskning(skydd, "ateraktualisering")["slopade_urval"] is None
    assert "utelämnade" not in skydd.rad


def test_where_every_step_is_hopeless_the_one_that_shows_most_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rader = Mart("nyckeltal", nyckeltal(arenden(2, 8, medel=0.35), 8))
    svar = skydda(tmp_path / "valt", rader)
    regler = sekretessregler.las()
    familj = next(one for one in regler.familjer if one.namn == "utredningar")
    visade = {}
    for antal in range(len(familj.utvagar) + 1):
        kvar = tuple(one for one in familj.urval if one["namn"] not in familj.utvagar[:antal])
        monkeypatch.setattr(
            sekretessregler,
            "las",
            lambda kvar=kvar: replace(regler, familjer=(replace(familj, urval=kvar, utvagar=()),)),
        )
        steg = _granskning(skydda(tmp_path / str(antal), rader), "utredningar")
        assert steg["bevarad_andel_celler"] < 0.75, "the town is too large to test anything"
        visade[antal] = round(steg["celler"] * steg["bevarad_andel_celler"])
    valt = _granskning(svar, "utredningar")
    assert round(valt["celler"] * valt["bevarad_andel_celler"]) == max(visade.values())


def test_a_family_that_earlier_editions_make_impossible_is_left_out_whole(tmp_path: Path) -> None:
    """The women turn out to be men: their hidden count would now be the total less a shown zero."""
    fall = dict.fromkeys(arenden(0, 4), 0)
    kvinnor, man = ("Barn", "K", "barn_unga", 2), ("Barn", "M", "barn_unga", 2)
    forsta = ge_ut(tmp_path, Mart("nyckeltal", nyckeltal(fall | {kvinnor: 4, man: 46}, 4)))
    assert forsta.nyckeltal().filter(pl.col("status") == "undertryckt").height
    andra = ge_ut(tmp_path, Mart("nyckeltal", nyckeltal(fall | {man: 50}, 4)))
    assert andra.nyckeltal().height == 0
    granskning = _granskning(andra.skydd, "utredningar")
    assert granskning["rader"] == 0
    assert granskning["utelamnade_rader"] > forsta.nyckeltal().height / 2
    assert "utredningar (manad, kon, enhet_kon, alder, slag)" in andra.skydd.rad


def _enkat(**antal: int) -> tuple[Mart, Underlag]:
    """One question of one survey: how many answered, per kön (T, K, M: all units) or unit (anything else)."""
    raknade = pl.DataFrame(
        [
            {
                "kommun_kod": "9998",
                "enkat": "hme",
                "malgrupp": "medarbetare",
                "fraga_id": "f1",
                "organisation": "Totalt" if namn in "TKM" else namn,
                "kon": namn if namn in "TKM" else "T",
                "ar": 2024,
                "n_svar": svar,
                "n_positiva": svar // 2,
            }
            for namn, svar in antal.items()
        ],
        schema_overrides={"ar": pl.Int32()},
    )
    rader = raknade.with_columns(
        n_svarande=pl.col("n_svar"),
        andel=pl.lit(50.0),
        status=pl.when(pl.col("n_svar").is_between(1, 9)).then(pl.lit("undertryckt")).otherwise(pl.lit("ok")),
    )
    return Mart("enkatresultat", rader), replace(tomt_underlag(), enkater=raknade)


def test_a_survey_gives_up_its_units_when_one_of_them_hides_another(tmp_path: Path) -> None:
    marten, underlag = _enkat(T=40, K=24, M=16, Stor=33, Liten=7)
    skydd = skydda(tmp_path, marten, underlag=underlag)
    assert skydd.marter[0].rader.select("organisation", "kon", "n_svar").rows() == [
        ("Totalt", "T", 40),
        ("Totalt", "K", 24),
        ("Totalt", "M", 16),
    ]
    assert _granskning(skydd, "enkat_hme")["slopade_urval"] == "enhet"


def test_a_survey_prints_nothing_of_what_earlier_editions_make_impossible(tmp_path: Path) -> None:
    """Eight women and eight men were hidden; now the women are nought, and the men would be what is left."""
    marten, underlag = _enkat(T=16, K=8, M=8)
    assert ge_ut(tmp_path, marten, underlag=underlag).skydd.marter[0].rader["n_svar"].to_list() == [16, None, None]
    marten, underlag = _enkat(T=16, K=0, M=16)
    skydd = skydda(tmp_path, marten, underlag=underlag)
    assert skydd.marter[0].rader.select("kon", "n_svar").rows() == [("T", 16)]
    assert _granskning(skydd, "enkat_hme")["slopade_urval"] == "enhet, kon"


def test_what_another_family_hides_is_counted(tmp_path: Path) -> None:
    """40 in open care, 30 placed, 67 in all: three are in both, so the share goes though both counts are shown."""
    rader = [
        figur("opp_andel_oppenvard", 59.7, (1, 4), "ack", taljare=40.0, namnare=67.0, n=67),
        figur("opp_personer", 40.0, (1, 4), "ack"),
        figur("plac_personer", 30.0, (1, 4), "ack"),
    ]
    skydd = skydda(tmp_path, Mart("nyckeltal", mart(rader)))
    dolda = skydd.marter[0].rader.filter(pl.col("status") == "undertryckt")["nyckeltal_id"].to_list()
    assert dolda == ["opp_andel_oppenvard"]
    oppen = _granskning(skydd, "oppenvard")
    assert (oppen["dolda_rader"], oppen["dolda_av_annan_familj"]) == (1, 1)
    assert _granskning(skydd, "placerade")["dolda_rader"] == 0


def test_sick_leave_without_its_parts_is_published(tmp_path: Path) -> None:
    """A file without the optional sjuk_timmar_1_14: the short-term share is missing, the whole stands, its hours with it."""
    rader = Mart(
        "nyckeltal",
        mart(
            figur("pers_sjukfranvaro", 100.0 * hours / 4000, (month, month), "manad", taljare=float(hours), namnare=4000.0, n=30)
            if hours is not None
            else figur("pers_sjukfranvaro_korttid", None, (month, month), "manad", taljare=None, namnare=None, n=30, status="saknas")
            for month, hours in ((1, 240), (1, None), (2, 260), (2, None))
        ),
    )  # fmt: skip
    shown = skydda(tmp_path, rader).marter[0].rader
    assert dict(shown.select("nyckeltal_id", "status").unique().iter_rows()) == {
        "pers_sjukfranvaro": "ok",
        "pers_sjukfranvaro_korttid": "saknas",
    }
