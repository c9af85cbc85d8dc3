"""budgetuppfoljning: no amount of the ledger that is the care or aid of one or a few persons stands by itself.

By merging, not by hiding: what is merged everywhere cannot be computed from totals. The verdict looks at every month,
and what an earlier edition merged stays merged: A + B then and B by itself now would give A. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from pipelines.errors import TertialError
from pipelines.publication.underlag import Underlag

KEY = ["kommun_kod", "tabell", "ansvar", "organisation", "verksamhet"]
_SUMMOR = [
    "belopp_kr",
    "budget_ack_kr",
    "utfall_ack_kr",
    "avvikelse_ack_kr",
    "budget_ack_linjar_kr",
    "avvikelse_ack_linjar_kr",
    "helarsbudget_kr",
    "ursprunglig_budget_kr",
    "helarsprognos_kr",
]


def skydda(
    rader: pl.DataFrame, underlag: Underlag, ord_: Mapping[str, Any], tidigare: pl.DataFrame | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows with unsafe verksamheter merged, and what was merged (KEY + steg), as `tidigare` is of earlier editions.

    Step 1 merges within the organisation, step 2 over the whole committee, step 3 with its other costs.
    """
    kansliga = rader.filter(
        pl.col("kontogrupp").is_in(ord_["kansliga_kontogrupper"]) & (pl.col("version") == "utfall")
    ).join(underlag.personverksamheter, on=["kommun_kod", "verksamhet"], how="semi")
    manader = (
        kansliga.group_by([*KEY, "ar", "manad"])
        .agg(belopp=pl.col("belopp_kr").cast(pl.Float64).sum().abs())
        .filter(pl.col("belopp") > 0)
        .join(underlag.bakom, on=["kommun_kod", "verksamhet", "ar", "manad"], how="left")
        .with_columns(pl.col("n").fill_null(0), pl.col("storsta_kr").cast(pl.Float64).fill_null(float("inf")))
    )
    delad = pl.struct("organisation", "ansvar").n_unique().over("kommun_kod", "verksamhet") > 1
    manader = manader.with_columns(
        # a verksamhet that several units share: how many of its persons are a unit's is told by its share of the money
        n=pl.when(delad).then(pl.min_horizontal("n", (pl.col("belopp") / pl.col("storsta_kr")).floor())).otherwise("n")
    )
    tom = kansliga.select(KEY).clear().with_columns(steg=pl.lit(None, pl.Int64()))
    forr = tom if tidigare is None else tidigare.select(tom.columns)
    osakra = manader.group_by(KEY).agg(osaker=_osaker(ord_).any()).filter("osaker").select(KEY)
    osakra = pl.concat([osakra, forr.select(KEY)], how="vertical_relaxed").unique(maintain_order=True)
    rapport = []
    for kommun in osakra["kommun_kod"].unique().sort():
        egna = osakra.filter(pl.col("kommun_kod") == kommun)
        alla = manader.filter(pl.col("kommun_kod") == kommun)
        hopslagna, steg = _vidga(egna, alla, ord_)
        steg = max([steg, *forr.filter(pl.col("kommun_kod") == kommun)["steg"]])
        rader = _sla_ihop(rader, hopslagna, steg, ord_)
        rapport.append(hopslagna.with_columns(steg=pl.lit(steg, pl.Int64())))
    return rader, pl.concat([tom, *rapport])


def _osaker(ord_: Mapping[str, Any]) -> pl.Expr:
    dominans = 100 * pl.col("storsta_kr") > ord_["dominans_procent"] * pl.col("belopp")
    for_fa: pl.Expr = pl.col("n") < ord_["minst_personer"]
    osaker: pl.Expr = for_fa | dominans
    return osaker


def _vidga(osakra: pl.DataFrame, manader: pl.DataFrame, ord_: Mapping[str, Any]) -> tuple[pl.DataFrame, int]:
    """What must be merged for every merged sum to be safe, and the step it took."""
    hopslagna = osakra
    while True:
        enhet = ["kommun_kod", "tabell", "ansvar", "organisation"]
        summor = _summor(manader.join(hopslagna, on=KEY, how="semi", nulls_equal=True), enhet)
        daliga = summor.filter(_osaker(ord_)).select(enhet).unique()
        if not daliga.height:
            return hopslagna, 1
        fler = (
            manader.join(daliga, on=enhet, how="semi", nulls_equal=True)
            .join(hopslagna, on=KEY, how="anti", nulls_equal=True)
            .group_by(KEY)
            .agg(pl.col("n").min())
            .sort("n", *KEY)
            .unique(enhet, keep="first", maintain_order=True)
            .select(KEY)
        )
        if not fler.height:
            break
        hopslagna = pl.concat([hopslagna, fler])
    summor = _summor(manader.join(hopslagna, on=KEY, how="semi", nulls_equal=True), ["kommun_kod", "tabell"])
    return hopslagna, 3 if summor.filter(_osaker(ord_)).height else 2


def _summor(manader: pl.DataFrame, enhet: list[str]) -> pl.DataFrame:
    return manader.group_by([*enhet, "ar", "manad"]).agg(
        pl.col("n").sum(), pl.col("belopp").sum(), pl.col("storsta_kr").max()
    )


def _sla_ihop(rader: pl.DataFrame, hopslagna: pl.DataFrame, steg: int, ord_: Mapping[str, Any]) -> pl.DataFrame:
    """Every version of the merged verksamheter on common rows; months without a row of their own count as nothing."""
    kansliga = pl.col("kontogrupp").is_in(ord_["kansliga_kontogrupper"])
    traff = rader.join(hopslagna, on=KEY, how="semi", nulls_equal=True).filter(kansliga)
    ovriga = pl.concat(
        [
            rader.join(hopslagna, on=KEY, how="anti", nulls_equal=True),
            rader.join(hopslagna, on=KEY, how="semi", nulls_equal=True).filter(kansliga.not_()),
        ]
    )
    nytt: dict[str, pl.Expr] = {namn: pl.lit(text) for namn, text in ord_["sammanslagen"].items()}
    if steg >= 2:
        nytt |= {"ansvar": pl.lit(None, pl.String), "organisation": pl.lit("Totalt")}
    if steg >= 3:
        kommuner = hopslagna["kommun_kod"].unique().to_list()
        traff = pl.concat(
            [traff, ovriga.filter(pl.col("kommun_kod").is_in(kommuner) & (pl.col("kontogrupp") == "ovriga_kostnader"))]
        )
        ovriga = ovriga.filter(
            (pl.col("kommun_kod").is_in(kommuner) & (pl.col("kontogrupp") == "ovriga_kostnader")).not_()
        )
        nytt["kontogrupp"] = pl.lit("ovriga_kostnader")
    nyckel = ["kommun_kod", "kommun", "ar", "manad", "tabell", "ansvar", "organisation", "verksamhet"]
    nyckel += ["verksamhet_namn", "kontogrupp", "version", "prognosomgang"]
    fasta = [kolumn for kolumn in rader.columns if kolumn not in nyckel and kolumn not in _SUMMOR]
    summa = [pl.when(pl.col(k).count() > 0).then(pl.col(k).sum()).cast(rader.schema[k]).alias(k) for k in _SUMMOR]
    lika = [pl.when(pl.col(k).n_unique() == 1).then(pl.col(k).first()).alias(k) for k in fasta]
    sammanslaget = traff.with_columns(**nytt).group_by(nyckel).agg(*summa, *lika).select(rader.columns)
    svar = pl.concat([ovriga, sammanslaget])
    fore, efter = (frame["belopp_kr"].sum() for frame in (rader, svar))
    if fore != efter:
        raise TertialError(
            "Sammanslagningen av verksamheter ändrar summan i budgetuppföljningen.", "Felet ligger i koden."
        )
    return svar.sort(nyckel, nulls_last=True)
