"""The ledger's deliveries: one per year that repeats from January, in a different form each year.

First year SIE 4; then a flat file in Raindance's writing, a workbook in Unit4's, and last the contract's own layout
with thousands spaces and a typographic minus.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.synth.budget import arsbudget, delposter, periodiserad, prognos, prognosomgangar, tillagg
from pipelines.synth.dialekt import MINUS, NBSP, Dialekt
from pipelines.synth.leveranser import Mapp
from pipelines.synth.organisation import ANSVAR, KONTO, VERKSAMHET
from pipelines.synth.ram import arstal
from pipelines.synth.sie import skriv_sie

RAINDANCE = Dialekt(system="Raindance", kodning="cp1252", tusental=NBSP, kodtext=True)
UNIT4 = Dialekt(system="Unit4/Agresso")
EGEN = Dialekt(tusental="\u202f", minus=MINUS)


def ekonomi(mapp: Mapp, huvudbok: pl.DataFrame, poster: int) -> None:
    """Writes the files of every year; `poster`: postings that each sum is split into."""
    ram = mapp.ram
    for nummer, ar in enumerate(ram.ar):
        arets = huvudbok.filter(pl.col("manad").dt.year() == ar)
        budget = arsbudget(huvudbok, ar)
        sista = ar == ram.ar[-1]
        uttag = mapp.uttag(date(ar + 1, 2, 10))
        bokfort = delposter(ram.strom(f"delposter {ar}"), arets, poster)
        if nummer == 0 and not sista and not mapp.endast_csv:
            perioder = periodiserad(budget, ar).filter(pl.col("manad") >= ram.forsta_datum)
            skriv_sie(mapp.plats("ekonomi", f"ekonomi_{ar}_uttag_{uttag}.se"), ram, ar, bokfort, perioder)
            continue
        tabell = _lang(mapp, huvudbok, bokfort, budget, ar)
        namn = f"ekonomi_{ar}_uttag_{uttag}"
        if sista:
            mapp.skriv("ekonomi", "ekonomi", namn, tabell, EGEN, blanka="ansvar_namn")
        elif nummer % 2:
            rak = tabell.with_columns(
                period=pl.format("{}{}", "ar", pl.col("manad").fill_null(0).cast(pl.String).str.zfill(2))
            ).drop("manad")
            mapp.skriv("ekonomi", "ekonomi", namn, rak, RAINDANCE, blanka="verksamhet_namn")
        else:
            titel = (f"{ram.kommun} kommun", f"Socialnämnden {ar}", "")
            mapp.skriv("ekonomi", "ekonomi", namn, tabell, UNIT4, titel=titel, xlsx=True)


def _lang(mapp: Mapp, huvudbok: pl.DataFrame, bokfort: pl.DataFrame, budget: pl.DataFrame, ar: int) -> pl.DataFrame:
    """Outcome, budget and prognosis rows of one year with contract column names; the first whole year's budget as
    year rows, later ones periodised; the last year has a tilläggsbudget."""
    ram = mapp.ram
    forsta_hela = ar == arstal(ram.forsta) + 1
    delar = [bokfort.with_columns(version=pl.lit("utfall"))]
    budgetrader = budget if forsta_hela else periodiserad(budget, ar)
    delar.append(budgetrader.with_columns(version=pl.lit("budget"), budgetversion=pl.lit("ursprunglig")))
    if ar == ram.ar[-1]:
        delar.append(tillagg(budget).with_columns(version=pl.lit("budget"), budgetversion=pl.lit("tillaggsbudget")))
    delar += [
        prognos(ram, huvudbok, budget, ar, manad).with_columns(version=pl.lit("prognos"), prognosomgang=pl.lit(omgang))
        for omgang, manad in prognosomgangar(ram, ar)
    ]
    alla = pl.concat(delar, how="diagonal")
    saknas = [
        pl.lit(None, dtype=pl.String).alias(namn)
        for namn in ("budgetversion", "prognosomgang")
        if namn not in alla.columns
    ]
    return alla.with_columns(*saknas).select(
        ar=pl.lit(ar),
        manad=pl.col("manad").dt.month().cast(pl.Int64),
        version="version",
        budgetversion="budgetversion",
        prognosomgang="prognosomgang",
        konto="konto",
        konto_namn=pl.col("konto").replace_strict(KONTO, return_dtype=pl.String),
        ansvar="ansvar",
        ansvar_namn=pl.col("ansvar").replace_strict(ANSVAR, return_dtype=pl.String),
        verksamhet="verksamhet",
        verksamhet_namn=pl.col("verksamhet").replace_strict(VERKSAMHET, return_dtype=pl.String),
        motpart="motpart",
        belopp_kr="belopp",
    )
