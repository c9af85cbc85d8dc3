"""Inhabitants per year, age and kön on 31 December; the years that have passed when the last month ends.

Who has a case does not belong here.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.synth.ram import Flyttal, Heltal, Ram, arstal

HOGSTA_ALDER = 105
TILLVAXT = 0.006  # a year


def befolkning(ram: Ram) -> pl.DataFrame:
    """Columns ar, alder (0-105), kon (K|M), antal; the last year's antal sum to exactly ram.invanare."""
    alder = np.arange(HOGSTA_ALDER + 1)
    sista = arstal(ram.sista) if ram.slut.month == 12 else arstal(ram.sista) - 1
    delar = []
    for ar in range(min(arstal(ram.forsta) - 1, sista), sista + 1):
        totalt = round(ram.invanare / (1 + TILLVAXT) ** (sista - ar))
        vikt = _pyramid(alder, vag=ar - sista)
        kvinnor = 0.495 + 0.10 * np.clip((alder - 70) / 35, 0, 1)
        antal = fordela(totalt, np.concatenate([vikt * kvinnor, vikt * (1 - kvinnor)]))
        delar.append(
            pl.DataFrame(
                {
                    "ar": np.full(2 * len(alder), ar),
                    "alder": np.tile(alder, 2),
                    "kon": ["K"] * len(alder) + ["M"] * len(alder),
                    "antal": antal,
                }
            )
        )
    return pl.concat(delar)


def _pyramid(alder: Heltal, vag: int) -> Flyttal:
    """Relative size of each age: flat to 55, falling after, with two large cohorts that age with the years."""
    grund = np.where(alder < 55, 1.0, np.exp(-((np.maximum(alder - 55, 0) / 24.0) ** 2.2)))
    storkull = 0.15 * np.exp(-(((alder - 33 - vag) / 6) ** 2)) + 0.10 * np.exp(-(((alder - 58 - vag) / 5) ** 2))
    form: Flyttal = grund + storkull
    return form


def fordela(totalt: int, vikt: Flyttal) -> Heltal:
    """Whole numbers in proportion to `vikt` that sum to `totalt` (largest remainder)."""
    exakt = vikt / vikt.sum() * totalt
    antal: Heltal = np.floor(exakt).astype(np.int64)
    rest = int(totalt - antal.sum())
    antal[np.argsort(-(exakt - antal), kind="stable")[:rest]] += 1
    return antal
