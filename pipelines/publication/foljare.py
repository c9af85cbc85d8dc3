"""Marts that repeat figures decided elsewhere: the same row, the same verdict; and figures that came as figures.

Pure. A repeated figure that no decision covers is not published. Delivered figures of tables that are public
already pass; the others follow the simple rule of this module, since nothing is known of how they add up.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from pipelines.publication.familjer import NYCKEL
from pipelines.publication.sekretessregler import Sekretess

DOLD = "undertryckt"


def blanka(
    rader: pl.DataFrame, kolumner: Collection[str], dold: pl.Expr, status: str | None = "status"
) -> pl.DataFrame:
    """The rows with `kolumner` emptied where `dold`, and the status column saying so."""
    nytt = {
        kolumn: pl.when(dold).then(None).otherwise(pl.col(kolumn)) for kolumn in kolumner if kolumn in rader.columns
    }
    if status and status in rader.columns:
        nytt[status] = pl.when(dold).then(pl.lit(DOLD)).otherwise(pl.col(status))
    return rader.with_columns(**nytt)


def besluten(rader: pl.DataFrame, beslut: pl.DataFrame, nyckel: Mapping[str, Any]) -> pl.DataFrame:
    """`rader` of published figures with `_visning`; rows without a decision are left out.

    nyckel  NYCKEL column -> column of the mart, or {fast: value}; those not named have their own name
    """
    kolumner = []
    for namn in NYCKEL:
        kalla = nyckel.get(namn, namn)
        kolumner.append((pl.lit(kalla["fast"]) if isinstance(kalla, Mapping) else pl.col(kalla)).alias(f"_{namn}"))
    hoger = beslut.rename({**{namn: f"_{namn}" for namn in NYCKEL}, "visning": "_visning"})
    return rader.with_columns(kolumner).join(
        hoger, on=[f"_{namn}" for namn in NYCKEL], how="inner", maintain_order="left"
    )


def inlamnade(rader: pl.DataFrame, ord_: Mapping[str, Any], regler: Sekretess) -> pl.DataFrame:
    """Delivered figures with `_visning`.

    A count of 1-6 is hidden, and with it every breakdown of the same measure and year except the one total: what the
    parts add up to is not known. A share without its nämnare is hidden or shown as the description says.
    """
    tabell = pl.col(ord_["tabell"])
    offentlig = pl.lit(value=False)
    for one in regler.offentliga:
        offentlig = offentlig | ((pl.col("kommun_kod") == one["kommun_kod"]) & tabell.str.starts_with(one["borjar"]))
    avser = pl.lit(value=True)
    for kolumn, varden in ord_["avser"].items():
        avser = avser & pl.col(kolumn).is_in(varden)
    finns = [k for k in ("taljare", "namnare") if k in rader.columns]
    antal = pl.col("enhet").is_in(ord_["antal"])
    liten = antal & pl.col("varde").is_between(1, 6)
    for kolumn in finns:
        liten = liten | pl.col(kolumn).is_between(1, 6)
    andel = pl.col("enhet").is_in(ord_["andel_enhet"])
    if "namnare" in finns:
        rest = (pl.col("namnare") - pl.col("taljare")).is_between(1, 6)
        liten = liten | (andel & (pl.col("namnare").is_between(1, 19) | rest))
        if ord_["andel_utan_namnare"] == "dolj":
            liten = liten | (andel & pl.col("namnare").is_null())
    grupp = ["kommun_kod", ord_["matt"], pl.col("period_slut").dt.year().alias("_ar")]
    langst = pl.col("period_slut").sub(pl.col("period_start")).max().over(grupp)
    hel = (
        (pl.col("organisation") == "Totalt")
        & (pl.col("kon") == "T")
        & (pl.col("period_slut").sub(pl.col("period_start")) == langst)
    )
    galler = avser & offentlig.fill_null(value=False).not_()
    dold = galler & (liten | (liten.any().over(grupp) & hel.not_()))
    return rader.with_columns(
        _visning=pl.when(pl.col("varde").is_null() & (pl.col("status") != DOLD))
        .then(pl.lit("saknas"))
        .when(dold.fill_null(value=False) | (pl.col("status") == DOLD))
        .then(pl.lit("dold"))
        .otherwise(pl.lit("visa"))
    )


def mal(rader: pl.DataFrame, kanda: pl.DataFrame, ord_: Mapping[str, Any]) -> pl.DataFrame:
    """effektmal_uppfoljning with hidden figures, their sentence and what the rating would say of them left out.

    kanda  kommun_kod, matt_id, periodtyp, period_slut, visning: every decided figure of a whole municipality
    """
    forr = pl.col("period_slut").dt.offset_by("-1y").dt.month_end()
    punkt = ["kommun_kod", "matt_id", "periodtyp"]
    rader = (
        rader.with_row_index("_nr")
        .with_columns(_forr=forr)
        .join(kanda, on=[*punkt, "period_slut"], how="left")
        .join(kanda.rename({"visning": "_forr_visning", "period_slut": "_forr"}), on=[*punkt, "_forr"], how="left")
        .unique("_nr", keep="first")
        .sort("_nr")
    )
    har = pl.col("utfall").is_not_null()
    dold = har & (pl.col("visning").fill_null("dold") == "dold")
    dold_forr = pl.col("utfall_foregaende").is_not_null() & (pl.col("_forr_visning").fill_null("dold") == "dold")
    # a rating against last year's hidden figure tells of it just as well
    rors = dold | (
        dold_forr & pl.col("jamforelse").fill_null("").str.contains("foregaende")
        | dold_forr & pl.col("malvarde").is_null()
    )
    malet = rors.any().over("kommun_kod", "ar", "tillfalle", "mal_id")
    ovrig = "kan ej utvärderas"
    # settled before anything is emptied
    rader = rader.with_columns(_dold=dold, _dold_forr=dold_forr, _rors=rors, _malet=malet)
    dold, dold_forr, rors, malet = (pl.col(namn) for namn in ("_dold", "_dold_forr", "_rors", "_malet"))
    rader = blanka(rader, ord_["dolj"], dold, "utfall_status")
    rader = blanka(rader, ord_["dolj_foregaende"], dold_forr, None)
    ord_dolt = (
        pl.when(dold)
        .then(pl.lit("Utfallet visas inte av sekretesskäl."))
        .otherwise(pl.lit("Föregående års utfall visas inte av sekretesskäl. Därför bedöms inte årets mot det."))
    )
    rader = rader.with_columns(
        skal=pl.when(rors).then(ord_dolt).when(dold_forr).then("skal_utan_tal").otherwise("skal"),
        skal_utan_tal=pl.when(rors).then(ord_dolt).otherwise("skal_utan_tal"),
        bedomning_matt=pl.when(rors).then(pl.lit(ovrig)).otherwise("bedomning_matt"),
        bedomning=pl.when(malet).then(pl.lit(ovrig)).otherwise("bedomning"),
        antal_bedomda=pl.when(malet).then(None).otherwise("antal_bedomda"),
        **{
            kolumn: pl.when(rors).then(pl.lit(tom, dtype=rader.schema[kolumn])).otherwise(kolumn)
            for kolumn, tom in ord_["dolj_med_utfallet"].items()
            if kolumn in rader.columns
        },
        avviker_fran_namnden=pl.when(malet).then(None).otherwise("avviker_fran_namnden"),
    )
    return rader.drop("_nr", "_forr", "visning", "_forr_visning", "_dold", "_dold_forr", "_rors", "_malet")


def internkontroll(
    rader: pl.DataFrame, beslut: pl.DataFrame, egna: pl.DataFrame, ord_: Mapping[str, Any], regler: Sekretess
) -> pl.DataFrame:
    """The legal clocks only where they repeat a shown figure of the same year; own controls by the rule 1-6."""
    shown = (
        beslut.filter(pl.col("visning") == "visa", pl.col("nyckeltal_id").is_in(list(ord_["klockor"].values())))
        .filter(pl.col("organisation") == "Totalt", pl.col("kon") == "T", pl.col("alder") == "totalt")
        .join(egna.select(*NYCKEL, "taljare", "namnare"), on=NYCKEL, how="inner")
        .select(
            "kommun_kod",
            pl.col("period_slut").dt.year().cast(pl.Int32).alias("ar"),
            pl.col("nyckeltal_id").replace({v: k for k, v in ord_["klockor"].items()}).alias("kontroll_id"),
            pl.col("namnare").cast(pl.Int64).alias("provade"),
            (pl.col("namnare") - pl.col("taljare")).cast(pl.Int64).alias("avvikelser"),
        )
        .unique()
        .with_columns(_visad=pl.lit(value=True))
    )
    punkt = ["kommun_kod", "ar", "kontroll_id", "provade", "avvikelser"]
    rader = rader.join(shown, on=punkt, how="left", maintain_order="left")
    klocka = pl.col("kontroll_id").is_in(list(ord_["klockor"])).fill_null(value=False) & (
        pl.col("kalla") == "Tertial: alla ärenden"
    ).fill_null(value=False)
    offentlig = pl.lit(value=False)
    for one in regler.offentliga:
        offentlig = offentlig | (
            (pl.col("kommun_kod") == one["kommun_kod"]) & pl.col("kalla").fill_null("").str.starts_with(one["borjar"])
        )
    sma = pl.any_horizontal(pl.col(kolumn).is_between(1, 6).fill_null(value=False) for kolumn in ord_["dolj"])
    rest = (pl.col("provade") - pl.col("avvikelser")).is_between(1, 6).fill_null(value=False)
    dold = pl.when(klocka).then(pl.col("_visad").is_null()).otherwise((sma | rest) & offentlig.not_())
    return blanka(
        rader, ord_["dolj"], dold & pl.col("provade").is_not_null() | dold & pl.col("avvikelser").is_not_null(), None
    ).drop("_visad")


def jamforelse(rader: pl.DataFrame, visade: pl.DataFrame, ord_: Mapping[str, Any]) -> pl.DataFrame:
    """kolada_jamforelse without own figures that are not shown, and without what is made of them.

    visade  kommun_kod, nyckeltal_id, kon, ar: cells where our own figure is shown
    """
    svar = rader.join(
        visade.with_columns(_visad=pl.lit(value=True)),
        on=["kommun_kod", "nyckeltal_id", "kon", "ar"],
        how="left",
        maintain_order="left",
    )
    eget = pl.col("varde_egen").is_not_null() & (pl.col("ursprung_egen") == ord_["eget"])
    svar = svar.with_columns(_dold=(eget & pl.col("_visad").is_null()).fill_null(value=False))
    dold = pl.col("_dold")
    egen_serie = dold & (pl.col("ursprung_rang") == ord_["eget"])
    svar = blanka(svar, ord_["dolj"], dold, None)
    svar = blanka(svar, ord_["dolj_egen_serie"], egen_serie, None)
    return svar.with_columns(
        forklaring=pl.when(dold).then(pl.lit("Eget värde visas inte av sekretesskäl")).otherwise("forklaring")
    ).drop("_visad", "_dold")
