"""One family of figures of one municipality: which rows are published, and the linked set they make up.

Pure. Whether a cell may be shown is decided by `pipelines.sekretess.rojande`; this module says what hangs together
and carries the verdict back to the rows. Keys of rows are those of the nyckeltal models.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import reduce
from operator import and_, or_
from typing import Any

import polars as pl

from pipelines.errors import TertialError
from pipelines.publication.sekretessregler import Familj
from pipelines.sekretess.rojande.beskrivning import MartTabell, tabell_fran_mart

MEDLEM = ["organisation", "kon", "alder", "indelning", "indelning_varde"]
NYCKEL = ["kommun_kod", "nyckeltal_id", *MEDLEM, "period_start", "period_slut", "periodtyp"]
#: what is printed of a figure; n stands behind it and is printed only where it is one of the others
TAL = ["taljare", "namnare", "varde", "n"]

_EGNA_ORD = {"foljer", "bestand", "taljare_faktor", "andel", "kraver"}


def urval(rader: pl.DataFrame, familj: Familj, tillfallen: Collection[str], slopade: Collection[str]) -> pl.DataFrame:
    """The rows of the family that are published; `tillfallen` are last days as MM-DD, `slopade` patterns given up."""
    vid_tillfalle = pl.col("period_slut").dt.strftime("%m-%d").is_in(list(tillfallen))
    monster = [
        reduce(and_, _villkor(one), pl.col("nyckeltal_id").is_in(list(one.get("matt", familj.matten))))
        for one in familj.urval
        if one["namn"] not in slopade
    ]
    fast_kalender = pl.col("periodtyp").is_in(["ack", "r12"]).not_() | vid_tillfalle
    return rader.filter(reduce(or_, monster, pl.lit(value=False)) & fast_kalender).sort(NYCKEL)


def _villkor(monster: Mapping[str, Any]) -> Iterable[pl.Expr]:
    for kolumn in ("periodtyp", "organisation", "kon", "alder", "indelning"):
        if (ord_ := monster.get(kolumn)) is not None:
            yield pl.col(kolumn).is_in(ord_ if isinstance(ord_, list) else [ord_])


def tabell(familj: Familj, rader: pl.DataFrame) -> tuple[MartTabell, pl.Series]:
    """The linked set of the published rows, and which row (index in `rader`) each row of its description is."""
    rader = _forsta(rader, familj).with_columns(pl.col("n").fill_null(0)).filter(pl.col("_id") == pl.col("_forsta"))
    delar, matten = [], {}
    for matt, ord_ in familj.matten.items():
        egna = rader.filter(pl.col("nyckeltal_id") == matt)
        if "foljer" in ord_ or not egna.height:
            continue
        if ord_.get("bestand"):
            egna = egna.with_columns(period_start="period_slut")
        if faktor := ord_.get("taljare_faktor"):
            egna = egna.with_columns((pl.col("taljare") * faktor).round(0))
        rena = {namn: varde for namn, varde in ord_.items() if namn not in _EGNA_ORD}
        if ord_["slag"] == "belopp_kvot":
            for kolumn in ("taljare", "namnare"):
                namn = rena[f"{kolumn}_matt"]
                if namn not in familj.matten:
                    matten[namn] = {o: v for o, v in rena.items() if o not in ("taljare_matt", "namnare_matt")}
                    matten[namn]["slag"] = "belopp"
                finns = egna.filter(pl.col("varde").is_not_null())  # a ratio that is missing says nothing of its parts
                delar.append(finns.with_columns(pl.col(kolumn).alias("varde"), pl.lit(namn).alias("nyckeltal_id")))
        else:
            matten[matt] = rena
            delar.append(egna)
    underlag = pl.concat(delar) if delar else rader.clear()
    beskrivning = {
        "mart": familj.namn,
        "matt": "nyckeltal_id",
        "regler": familj.regler,
        "dimensioner": familj.dimensioner,
        "matten": matten,
        "identiteter": familj.identiteter,
    }
    return tabell_fran_mart(underlag, beskrivning), underlag["_id"]


def _forsta(rader: pl.DataFrame, familj: Familj) -> pl.DataFrame:
    """`rader` with `_id` and the first row that is the same figure (December's cumulative is the year's, a stock is a day's)."""
    bestand = [matt for matt, ord_ in familj.matten.items() if ord_.get("bestand")]
    egen_start = pl.when(pl.col("nyckeltal_id").is_in(bestand)).then("period_slut").otherwise("period_start")
    punkt = ["nyckeltal_id", *MEDLEM, "_start", "period_slut"]
    rader = rader.with_row_index("_id").with_columns(_start=egen_start)
    svar = rader.with_columns(_forsta=pl.col("_id").first().over(punkt))
    olika = svar.filter(pl.any_horizontal(pl.col(tal).n_unique().over(punkt) > 1 for tal in TAL))
    if olika.height:
        raise TertialError(
            f"{olika['nyckeltal_id'][0]} har olika tal för samma period ({olika['period_slut'][0]}).",
            "Felet ligger i modellerna: månad, ackumulerat och år ska stämma överens.",
        )
    return svar


def visning(familj: Familj, rader: pl.DataFrame, dolda: Collection[int]) -> pl.DataFrame:
    """NYCKEL + `visning` (visa, dold, saknas) for every published row; `dolda` are hidden rows among the own figures."""
    egna = _forsta(rader, familj).with_columns(_dold=pl.col("_forsta").is_in(list(dolda)))
    svar = []
    for matt, ord_ in familj.matten.items():
        mina = egna.filter(pl.col("nyckeltal_id") == matt)
        if "foljer" in ord_:
            mina = _foljer(mina, egna, ord_)
        svar.append(mina)
    return (
        pl.concat(svar)
        .with_columns(
            visning=pl.when(pl.col("varde").is_null())
            .then(pl.lit("saknas"))
            .when(pl.col("_dold"))
            .then(pl.lit("dold"))
            .otherwise(pl.lit("visa"))
        )
        .select(*NYCKEL, "visning")
        .sort(NYCKEL)
    )


def _foljer(mina: pl.DataFrame, alla: pl.DataFrame, ord_: Mapping[str, Any]) -> pl.DataFrame:
    """A known function of other figures is shown when all of them are shown; one that is not there counts as hidden."""
    punkt = [*MEDLEM, "period_start", "period_slut", "periodtyp"]
    dold = pl.lit(value=False)
    for nr, mal in enumerate(ord_["foljer"]):
        avvikande = {kolumn: varde for kolumn, varde in mal.items() if kolumn != "nyckeltal_id"}
        villkor = [pl.col(kolumn) == varde for kolumn, varde in mal.items()]
        traff = alla.filter(*villkor).select(
            *[kolumn for kolumn in punkt if kolumn not in avvikande], pl.col("_dold").alias(f"_dold_{nr}")
        )
        mina = mina.join(traff, on=[kolumn for kolumn in punkt if kolumn not in avvikande], how="left")
        dold = dold | pl.col(f"_dold_{nr}").fill_null(value=True)
    if ord_.get("andel"):
        rest = pl.col("namnare") - pl.col("taljare")
        dold = dold | (pl.col("namnare") < 20) | pl.col("taljare").is_between(1, 6) | rest.is_between(1, 6)
    return mina.with_columns(_dold=dold).select(alla.columns)


def kravda(familjer: Iterable[Familj], beslut: pl.DataFrame, egna: pl.DataFrame) -> pl.DataFrame:
    """`beslut` with shares hidden whose nämnare holds the persons of another family's figure (`kraver`) that is not shown.

    nämnare = täljare + that figure, less those who are in both: shown only beside it, and not when few are in both.
    """
    punkt = [kolumn for kolumn in NYCKEL if kolumn != "nyckeltal_id"]
    for matt, annat in ((m, o["kraver"]) for familj in familjer for m, o in familj.matten.items() if "kraver" in o):
        andra = egna.filter(pl.col("nyckeltal_id") == annat).select(*punkt, pl.col("taljare").alias("_andra"))
        visade = beslut.filter(pl.col("nyckeltal_id") == annat, pl.col("visning") != "dold").select(punkt)
        mina = egna.filter(pl.col("nyckeltal_id") == matt).join(andra, on=punkt, how="inner")
        bada = pl.col("taljare") + pl.col("_andra") - pl.col("namnare")
        dolda = pl.concat([mina.join(visade, on=punkt, how="anti"), mina.filter(bada.is_between(1, 6))])
        traff = dolda.select(NYCKEL).unique().with_columns(_dold=pl.lit(value=True))
        beslut = (
            beslut.join(traff, on=NYCKEL, how="left", maintain_order="left")
            .with_columns(
                visning=pl.when(pl.col("_dold") & (pl.col("visning") == "visa"))
                .then(pl.lit("dold"))
                .otherwise("visning")
            )
            .drop("_dold")
        )
    return beslut
