"""Survey results as linked sets: questions by unit, kön and målgrupp, with the true numbers who answered.

The mart itself has emptied groups under the questionnaire's limit; whether they can be computed from what is left
is decided here, on the counted answers of the warehouse. Pure: the warehouse is read by `underlag`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import reduce
from operator import and_, or_
from typing import Any

import polars as pl

from pipelines.sekretess.rojande.beskrivning import MartTabell, tabell_fran_mart

NYCKEL = ("malgrupp", "fraga_id", "organisation", "kon", "ar")


def urval(mart: pl.DataFrame, ord_: Mapping[str, Any], slopade: Collection[str] = ()) -> pl.DataFrame:
    """The rows that are published: those that fit one of the patterns; `slopade` are patterns given up."""
    monster = [
        reduce(and_, (pl.col(kolumn) == varde for kolumn, varde in one.items() if kolumn != "namn"))
        for one in ord_["urval"]
        if one["namn"] not in slopade
    ]
    return mart.filter(reduce(or_, monster, pl.lit(value=False)))


def rader(mart: pl.DataFrame, raknade: pl.DataFrame) -> pl.DataFrame:
    """One municipality's rows of one survey: the mart's, with the counted answers where there are any."""
    sanna = raknade.select(*NYCKEL, "n_svar", "n_positiva")
    svar = mart.select(*NYCKEL, "n_svar", "n_positiva", "status").join(
        sanna, on=list(NYCKEL), how="left", suffix="_sann"
    )
    return svar.select(
        *NYCKEL,
        pl.coalesce("n_svar_sann", "n_svar").cast(pl.Int64).alias("n_svar"),
        pl.coalesce("n_positiva_sann", "n_positiva").cast(pl.Int64).alias("n_positiva"),
        "status",
    ).sort(NYCKEL)


def tabell(rader: pl.DataFrame, ord_: Mapping[str, Any]) -> tuple[MartTabell, pl.Series]:
    """The linked set, and which row each of its rows is."""
    numrerade = (
        rader.with_row_index("_id")
        .filter(pl.col("n_svar").is_not_null())
        .with_columns(
            matt=pl.concat_str(["fraga_id", pl.col("ar").cast(pl.String)], separator=" "),
            andel=100.0 * pl.col("n_positiva") / pl.col("n_svar"),
        )
    )
    utan_positiva = numrerade.filter(pl.col("n_positiva").is_null())["matt"].unique().to_list()
    matten = {
        matt: ord_["matten"]["index" if matt in utan_positiva else "andel"]
        for matt in numrerade["matt"].unique().sort()
    }
    beskrivning = {
        "mart": "enkatresultat",
        "matt": "matt",
        "regler": ord_.get("regler", {}),
        "dimensioner": ord_["dimensioner"],
        "matten": matten,
    }
    return tabell_fran_mart(numrerade, beskrivning), numrerade["_id"]
