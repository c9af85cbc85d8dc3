"""The ledger of the municipality, month by month, in ledger sign (cost +, revenue -) and whole öre.

It is derived from the cases, so that they fit together exactly:
* konto 451x = every household payment of the month,
* konto 464x, 4691, 5034 + 5521 = days x dygnskostnad of the placements, per form, regi and verksamhet,
* konto 3691 (interna intäkter) = -4691 (interna köp), motpart to motpart,
* konto 5011 = årsarbetare x månadslön of the unit.
How budget and prognos follow from it stands in `budget`; file layouts stand in `leveranser`.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.synth.insatser import PRIS_EXTERN
from pipelines.synth.organisation import ENHETER, FORMER, HVB, STODBOENDE
from pipelines.synth.placeringar import dygn_per_manad
from pipelines.synth.ram import Heltal, Ram

LONEOKNING = 0.032  # a year, from April
PO = 0.4225  # arbetsgivaravgifter as share of salary
SCHABLON = 1_350_00  # öre a day and unaccompanied placement from the state
ANDEL_ARVODE = 62  # per cent of a familjehem's dygnskostnad
FASTIGHET = "1910"  # motpart of the internal rent
KOLUMNER = ("manad", "konto", "ansvar", "verksamhet", "motpart", "belopp")


def huvudbok(
    ram: Ram, hushallsmanader: pl.DataFrame, placeringar: pl.DataFrame, insatser: pl.DataFrame, personal: pl.DataFrame
) -> pl.DataFrame:
    """Columns manad (Date), konto, ansvar, verksamhet, motpart (null = extern), belopp (öre, ledger sign); one row
    per combination, sorted."""
    delar = [
        _bistand(hushallsmanader),
        _placeringskostnad(ram, placeringar),
        _oppenvard(ram, insatser),
        _loner(ram, personal),
        _ovrigt(ram, personal),
    ]
    rader = pl.concat([_form(one) for one in delar]).filter(pl.col("belopp") != 0)
    nyckel = list(KOLUMNER[:-1])
    return rader.group_by(nyckel).agg(pl.col("belopp").sum()).sort(nyckel, nulls_last=True)


def _form(frame: pl.DataFrame) -> pl.DataFrame:
    """KOLUMNER, amounts as 64 bits also where nothing happened."""
    return frame.select(*KOLUMNER[:-1], pl.col("belopp").cast(pl.Int64))


def _rad(konto: str, ansvar: str, verksamhet: str, motpart: str | None = None) -> dict[str, pl.Expr]:
    return {
        "konto": pl.lit(konto),
        "ansvar": pl.lit(ansvar),
        "verksamhet": pl.lit(verksamhet),
        "motpart": pl.lit(motpart, dtype=pl.String),
    }


def _bistand(hushallsmanader: pl.DataFrame) -> pl.DataFrame:
    """Aid for the month; a small fixed share of the households gets it as övrigt bistånd. 2 % comes back."""
    ovrigt = pl.col("hushall") % 17 == 0
    utbetalt = (
        hushallsmanader.group_by("manad", pl.when(ovrigt).then(pl.lit("4515")).otherwise(pl.lit("4511")).alias("konto"))
        .agg(pl.col("belopp").sum())
        .with_columns(ansvar=pl.lit("4200"), verksamhet=pl.lit("5750"), motpart=pl.lit(None, dtype=pl.String))
    )
    ater = (
        hushallsmanader.group_by("manad")
        .agg(belopp=-(pl.col("belopp").sum() // 5_000 * 100))
        .with_columns(**_rad("3120", "4200", "5750"))
    )
    return pl.concat([_form(utbetalt), _form(ater)])


def _placeringskostnad(ram: Ram, placeringar: pl.DataFrame) -> pl.DataFrame:
    serier = pl.DataFrame(
        {
            "serie": list(range(len(FORMER))),
            "konto": [form.konto[0] for form in FORMER],
            "konto2": [form.konto[1] if len(form.konto) == 2 else None for form in FORMER],
            "verksamhet": [form.verksamhet for form in FORMER],
            "ansvar": [form.ansvar for form in FORMER],
        },
        schema_overrides={"konto2": pl.String},
    )
    dygn = dygn_per_manad(ram, placeringar)
    per_serie = (
        dygn.group_by("manad", "serie", "enhet")
        .agg(kostnad=(pl.col("dygn") * pl.col("dygnskostnad")).sum() * 100)
        .join(serier, on="serie", how="left")
    )
    utforare = {HVB.namn: HVB.ansvar, STODBOENDE.namn: STODBOENDE.ansvar}
    intern = pl.col("konto") == "4691"
    motpart = pl.when(intern).then(pl.col("enhet").replace_strict(utforare, default=None, return_dtype=pl.String))
    delad = pl.col("konto2").is_not_null()
    arvode = pl.when(delad).then(pl.col("kostnad") * ANDEL_ARVODE // 100).otherwise(pl.col("kostnad"))
    kostnad = per_serie.with_columns(motpart=motpart, belopp=arvode)
    omkostnad = kostnad.filter(delad).with_columns(konto=pl.col("konto2"), belopp=pl.col("kostnad") - pl.col("belopp"))
    intakt = kostnad.filter(intern).with_columns(
        konto=pl.lit("3691"), ansvar=pl.col("motpart"), motpart=pl.col("ansvar"), belopp=-pl.col("belopp")
    )
    statsbidrag = (
        dygn.filter("ensamkommande").group_by("manad").agg(belopp=-pl.col("dygn").sum() * SCHABLON)
    ).with_columns(**_rad("3512", "4320", "5543"))
    return pl.concat([_form(one) for one in (kostnad, omkostnad, intakt, statsbidrag)])


def _oppenvard(ram: Ram, insatser: pl.DataFrame) -> pl.DataFrame:
    """Bought open care: days x one price."""
    extern = insatser.filter(pl.col("regi") == "extern").rename({"insats": "placering"})
    barn = pl.col("malgrupp") == "barn_unga"
    return (
        dygn_per_manad(ram, extern)
        .filter(pl.col("manad").is_not_null())
        .group_by(
            "manad",
            pl.when(barn).then(pl.lit("4340")).otherwise(pl.lit("4400")).alias("ansvar"),
            pl.when(barn).then(pl.lit("5680")).otherwise(pl.lit("5590")).alias("verksamhet"),
        )
        .agg(belopp=pl.col("dygn").sum() * PRIS_EXTERN * 100)
        .with_columns(konto=pl.lit("4650"), motpart=pl.lit(None, dtype=pl.String))
    )


def _loner(ram: Ram, personal: pl.DataFrame) -> pl.DataFrame:
    """Salary = årsarbetare x månadslön, raised every April; PO on it; sjuklön 80 % of short sick hours' pay."""
    enheter = pl.DataFrame(
        {
            "ansvar": [enhet.ansvar for enhet in ENHETER],
            "verksamhet": [enhet.verksamhet for enhet in ENHETER],
            "lon": [enhet.manadslon for enhet in ENHETER],
        }
    )
    forsta_ar = ram.ar[0]
    okningar = pl.col("manad").dt.year() - forsta_ar + (pl.col("manad").dt.month() >= 4).cast(pl.Int64) - 1
    lon = (pl.col("lon") * (1 + LONEOKNING) ** okningar.cast(pl.Float64)).round(0)
    grund = (
        personal.join(enheter, on="ansvar", how="left")
        .with_columns(lon=lon)
        .with_columns(
            manadslon=(pl.col("arsarbetare") * pl.col("lon") * 100).round(0).cast(pl.Int64),
            sjuklon=(pl.col("sjuk_timmar_1_14") * pl.col("lon") / 165 * 80).round(0).cast(pl.Int64),
        )
        .group_by("manad", "ansvar", "verksamhet")
        .agg(pl.col("manadslon", "sjuklon").sum())
        .with_columns(po=((pl.col("manadslon") + pl.col("sjuklon")) * PO).round(0).cast(pl.Int64))
    )
    return pl.concat(
        [
            grund.with_columns(
                konto=pl.lit(konto), belopp=pl.col(kolumn), motpart=pl.lit(None, dtype=pl.String)
            ).select(KOLUMNER)
            for konto, kolumn in (("5011", "manadslon"), ("5080", "sjuklon"), ("5611", "po"))
        ]
    )


def _ovrigt(ram: Ram, personal: pl.DataFrame) -> pl.DataFrame:
    """Rent, materials, licences, consultants, depreciation: steady with noise, per unit."""
    rng = ram.strom("ovriga kostnader")
    delar = []
    for enhet in ENHETER:
        ars = (
            personal.filter(pl.col("ansvar") == enhet.ansvar)
            .group_by("manad")
            .agg(pl.col("arsarbetare").sum())
            .sort("manad")
        )
        antal = ars["arsarbetare"].to_numpy()
        hyra = np.full(len(antal), round(float(antal.mean()) * 3_900) * 100)
        brus = rng.gamma(6, 1 / 6, size=(3, len(antal)))
        poster: list[tuple[str, str | None, Heltal]] = [
            ("6015", FASTIGHET, hyra),
            ("6410", None, np.round(antal * 210_00 * brus[0]).astype(np.int64)),
            ("6850", None, np.round(antal * 640_00 * brus[1]).astype(np.int64)),
            ("7410", None, np.where(brus[2] > 1.25, np.round(antal * 2_600_00 * brus[2]), 0).astype(np.int64)),
            ("7910", None, np.full(len(antal), round(float(antal.mean()) * 130) * 100)),
        ]
        delar += [
            pl.DataFrame({"manad": ars["manad"], "belopp": belopp}).with_columns(
                **_rad(konto, enhet.ansvar, enhet.verksamhet, motpart)
            )
            for konto, motpart, belopp in poster
        ]
    return pl.concat([_form(one) for one in delar])
