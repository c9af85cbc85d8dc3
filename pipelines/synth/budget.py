"""Budget and prognos that a committee could have decided: from last year's outcome, rounded to thousands of kronor.

Each year has ONE representation of its budget, as in real exports: the first whole year only whole-year rows, later
years twelve periods (and, the last year, one tilläggsbudget as a whole-year row). Prognosis rounds are whole-year rows.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.synth.ram import Ram, arstal

NYCKEL = ["konto", "ansvar", "verksamhet", "motpart"]
TKR = 1_000_00  # öre


def arsbudget(huvudbok: pl.DataFrame, ar: int) -> pl.DataFrame:
    """NYCKEL + belopp (öre, whole tkr) for the year: the months before it that are known, as a year, plus 2.4 %; the
    first year, which has none, from its own months. Aid is budgeted too low and placements too, as it is in life."""
    fore = huvudbok.filter(pl.col("manad").dt.year() == ar - 1)
    underlag = fore if fore.height else huvudbok.filter(pl.col("manad").dt.year() == ar)
    manader = underlag["manad"].n_unique()
    optimism = (
        pl.when(pl.col("konto").str.starts_with("451"))
        .then(0.95)
        .when(pl.col("konto").str.starts_with("464"))
        .then(0.93)
        .otherwise(1.0)
    )
    helar = pl.col("belopp").sum() * 12.0 / manader * 1.024
    budget = underlag.group_by(NYCKEL).agg(belopp=helar).with_columns(pl.col("belopp") * optimism)
    # internal purchase and internal revenue carry the same figure, with opposite signs
    return (
        budget.with_columns(belopp=((pl.col("belopp") / TKR).round(0) * TKR).cast(pl.Int64))
        .filter(pl.col("belopp") != 0)
        .sort(NYCKEL, nulls_last=True)
    )


def periodiserad(budget: pl.DataFrame, ar: int) -> pl.DataFrame:
    """NYCKEL + manad + belopp: twelfths in whole kronor, December carries the rest, so that the year is exact."""
    tolftedel = pl.col("belopp") // 1_200 * 100
    return pl.concat(
        [
            budget.with_columns(
                manad=pl.date(ar, manad, 1),
                belopp=tolftedel if manad < 12 else pl.col("belopp") - 11 * tolftedel,
            )
            for manad in range(1, 13)
        ]
    )


def prognosomgangar(ram: Ram, ar: int) -> tuple[tuple[str, int], ...]:
    """(round, last month known) that have been held: T1 after April, T2 after August."""
    sista = arstal(ram.sista)
    return tuple(
        (f"{ar}-{namn}", manad)
        for namn, manad in (("T1", 4), ("T2", 8))
        if ar > arstal(ram.forsta) and (ar < sista or ram.slut.month >= manad)
    )


def prognos(ram: Ram, huvudbok: pl.DataFrame, budget: pl.DataFrame, ar: int, efter_manad: int) -> pl.DataFrame:
    """NYCKEL + belopp (öre, whole tkr) for the year: half what the months so far point to, half the budget's rest."""
    rng = ram.strom(f"prognos {ar} {efter_manad}")
    hittills = (
        huvudbok.filter((pl.col("manad").dt.year() == ar) & (pl.col("manad").dt.month() <= efter_manad))
        .group_by(NYCKEL)
        .agg(utfall=pl.col("belopp").sum())
    )
    rest = 12 - efter_manad
    ihop = (
        budget.join(hittills, on=NYCKEL, how="full", coalesce=True, nulls_equal=True)
        .with_columns(pl.col("belopp", "utfall").fill_null(0))
        .sort(NYCKEL, nulls_last=True)
    )
    takt = pl.col("utfall") / efter_manad
    plan = pl.col("belopp") / 12
    brus = pl.Series(rng.normal(1.0, 0.015, size=ihop.height))
    helar = pl.col("utfall") + rest * (0.5 * takt + 0.5 * plan) * brus
    return ihop.select(*NYCKEL, belopp=((helar / TKR).round(0) * TKR).cast(pl.Int64)).filter(pl.col("belopp") != 0)


def tillagg(budget: pl.DataFrame) -> pl.DataFrame:
    """NYCKEL + belopp: one decision in the spring that gives ekonomiskt bistånd 3 % more."""
    return budget.filter(pl.col("konto") == "4511").with_columns(
        belopp=((pl.col("belopp") * 0.03 / TKR).round(0) * TKR).cast(pl.Int64)
    )


def delposter(rng: np.random.Generator, rader: pl.DataFrame, antal: int) -> pl.DataFrame:
    """Splits every row into `antal` postings that sum to it exactly (the last takes the rest)."""
    if antal == 1:
        return rader
    belopp = rader["belopp"].to_numpy()
    andel = rng.dirichlet(np.full(antal, 4.0), size=len(belopp))[:, :-1]
    delar = np.trunc(belopp[:, None] * andel / 100).astype(np.int64) * 100
    alla = np.column_stack([delar, belopp - delar.sum(axis=1)])
    rad = np.repeat(np.arange(len(belopp)), antal)
    return rader[rad].with_columns(belopp=pl.Series(alla.ravel())).filter(pl.col("belopp") != 0)
