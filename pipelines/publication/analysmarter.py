"""Marts that analyse amounts: they must not take apart what was merged or hidden where the amounts came from. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from pipelines.publication.belopp import KEY


def prognos(rader: pl.DataFrame, hopslagna: pl.DataFrame, ord_: Mapping[str, Any]) -> pl.DataFrame:
    """helarsprognos without series and sums of verksamheter that budgetuppfoljning does not show by themselves.

    hopslagna  KEY + steg, from `belopp.skydda`
    """
    kansliga = pl.col("kontogrupp").is_in(ord_["kansliga_kontogrupper"])
    serier = rader.filter(pl.col("niva") == "serie")
    kvar = pl.concat(
        [
            serier.filter(kansliga.not_()),
            serier.filter(kansliga).join(hopslagna, on=KEY, how="anti", nulls_equal=True),
        ]
    )
    verksamheter = rader.filter(pl.col("niva") == "verksamhet").join(
        hopslagna, on=["kommun_kod", "verksamhet"], how="anti"
    )
    over_enheter = hopslagna.filter(pl.col("steg") >= 2).select("kommun_kod").unique()
    enheter = rader.filter(pl.col("niva") == "organisation").join(over_enheter, on="kommun_kod", how="anti")
    ovriga = rader.filter(pl.col("niva").is_in(["serie", "verksamhet", "organisation"]).not_())
    return pl.concat([kvar, verksamheter, enheter, ovriga]).sort(rader.columns, nulls_last=True)


def pris_volym(rader: pl.DataFrame, beslut: pl.DataFrame, ord_: Mapping[str, Any]) -> pl.DataFrame:
    """pris_volym without parts behind which there are too few, and always at least two parts fewer when there is one."""
    fa = (pl.col("n").fill_null(0) < ord_["minst_personer"]) | (
        # a budget has no persons of its own
        (pl.col("jamforelse") != "budget") & (pl.col("bas_n").fill_null(0) < ord_["minst_personer"])
    )
    visade = _visade(beslut, ord_["foljer"])
    punkt = ["kommun_kod", "kostnadsslag", "del", "manad"]
    svar = (
        rader.with_row_index("_nr")
        .join(visade, on=[*punkt, "ar"], how="left", maintain_order="left")
        .join(
            visade.rename({"ar": "bas_ar", "_visad": "_bas_visad"}),
            on=[*punkt, "bas_ar"],
            how="left",
            maintain_order="left",
        )
    )
    ar_del = pl.col("del") != "totalt"
    # a budget is nobody's: only what it is compared with is a figure of ours
    okand = pl.col("_visad").is_null() | (pl.col("_bas_visad").is_null() & (pl.col("jamforelse") != "budget"))
    egen = pl.col("kalla") != ord_["offentlig_kalla"]
    svar = svar.with_columns(_dold=(fa | okand) & egen)
    delar = svar.filter(ar_del)
    ensam = pl.col("_dold").sum().over(ord_["grupp"]) == 1
    minsta = pl.when(pl.col("_dold").not_()).then(pl.col("n")).rank("ordinal").over(ord_["grupp"]) == 1
    dolda = delar.filter(pl.col("_dold") | (ensam & minsta))["_nr"].implode()
    # a whole that is hidden takes its parts with it
    helt = svar.filter(ar_del.not_() & pl.col("_dold")).select(ord_["grupp"]).unique()
    kvar = svar.filter(pl.col("_nr").is_in(dolda).not_()).join(helt, on=ord_["grupp"], how="anti")
    # how many are behind a part is a figure of its own, decided among the nyckeltal
    return kvar.with_columns(pl.when(egen.not_()).then(pl.col(namn)).alias(namn) for namn in ord_["dolj"]).select(
        rader.columns
    )


def _visade(beslut: pl.DataFrame, foljer: Mapping[str, Mapping[str, Any]]) -> pl.DataFrame:
    """kommun_kod, kostnadsslag, del, ar, manad where every figure that the row repeats is shown among the nyckeltal."""
    punkt = ["kommun_kod", "kostnadsslag", "del", "ar", "manad"]
    delar = [
        beslut.filter(
            pl.col("visning") == "visa",
            pl.col("nyckeltal_id").is_in(ord_["nyckeltal"]),
            pl.col("indelning").is_in([ord_["indelning"], "totalt"]),
            pl.col("organisation") == "Totalt",
            pl.col("alder") == "totalt",
            pl.col("kon") == "T",
            pl.col("periodtyp") == "ack",
        )
        .select(
            "kommun_kod",
            "nyckeltal_id",
            kostnadsslag=pl.lit(slag),
            **{"del": "indelning_varde"},
            ar=pl.col("period_slut").dt.year().cast(pl.Int32),
            manad=pl.col("period_slut").dt.month().cast(pl.Int32),
        )
        .group_by(punkt)
        .agg(alla=pl.col("nyckeltal_id").n_unique() == len(ord_["nyckeltal"]))
        .filter("alla")
        .select(*punkt, _visad=pl.lit(value=True))
        for slag, ord_ in foljer.items()
    ]
    return pl.concat(delar)
