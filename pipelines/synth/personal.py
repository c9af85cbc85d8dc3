"""Staff per month, unit and kön: hours, sick hours, årsarbetare, turnover. Salaries in the ledger follow from it."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.synth.organisation import ENHETER
from pipelines.synth.ram import Ram, dagkolumn

TIMMAR = 165.0  # scheduled hours per årsarbetare and month
VINTER = np.array([1.25, 1.30, 1.15, 1.0, 0.92, 0.80, 0.62, 0.78, 1.0, 1.08, 1.12, 1.20])
ANDEL_KVINNOR = 0.81
SISTA_ANMALT = 0.76  # of the last month's sick leave has been reported when the file is made
OMSATTNING = 0.013  # leaves in a month


def personal(ram: Ram) -> pl.DataFrame:
    """Columns manad, ansvar, enhet, kon, arsarbetare (float, one decimal), anstallda, chefer, ordinarie_timmar,
    sjuk_timmar, sjuk_timmar_1_14, sjuk_timmar_60, sjuk_timmar_180 (one decimal, each part <= the whole), borjat,
    slutat. anstallda = last month's + borjat - slutat."""
    rng = ram.strom("personal")
    manader = ram.manadslista
    vinter = VINTER[manader.astype(np.int64) % 12]
    delar = []
    for enhet in ENHETER:
        totalt = max(2, round(enhet.arsarbetare * ram.skala * 1.08))
        for kon, andel in (("K", ANDEL_KVINNOR), ("M", 1 - ANDEL_KVINNOR)):
            start = max(1, round(totalt * andel))
            slutat = rng.binomial(start, OMSATTNING, size=len(manader))
            borjat = np.zeros(len(manader), dtype=np.int64)
            anstallda = np.zeros(len(manader), dtype=np.int64)
            nu = start
            for i in range(len(manader)):  # vacancies are filled after a while, so this month needs the last
                borjat[i] = rng.binomial(max(start - nu, 0), 0.45)
                slutat[i] = min(slutat[i], nu - 1)
                nu = nu + borjat[i] - slutat[i]
                anstallda[i] = nu
            arsarbetare = np.round(anstallda * rng.uniform(0.90, 0.96, size=len(manader)), 1)
            timmar = np.round(arsarbetare * TIMMAR, 1)
            niva = enhet.sjuk * (1.12 if kon == "K" else 0.72)
            anmalt = np.where(manader == ram.sista, SISTA_ANMALT, 1.0)
            sjuk = timmar * niva * vinter * anmalt * rng.gamma(30, 1 / 30, size=len(manader))
            sjuk = np.round(np.minimum(sjuk, timmar), 1)
            kort = np.round(sjuk * np.clip(0.52 * vinter * rng.normal(1, 0.08, size=len(manader)), 0.2, 0.85), 1)
            lang = np.round((sjuk - kort) * rng.uniform(0.45, 0.75, size=len(manader)), 1)
            mycket = np.round(lang * rng.uniform(0.3, 0.7, size=len(manader)), 1)
            delar.append(
                pl.DataFrame(
                    {
                        "manad": dagkolumn(manader),
                        "ansvar": [enhet.ansvar] * len(manader),
                        "enhet": [enhet.namn] * len(manader),
                        "kon": [kon] * len(manader),
                        "arsarbetare": arsarbetare,
                        "anstallda": anstallda,
                        "chefer": np.full(len(manader), 1 if kon == "K" else 0),
                        "ordinarie_timmar": timmar,
                        "sjuk_timmar": sjuk,
                        "sjuk_timmar_1_14": kort,
                        "sjuk_timmar_60": lang,
                        "sjuk_timmar_180": mycket,
                        "borjat": borjat,
                        "slutat": slutat,
                    }
                )
            )
    return pl.concat(delar).sort("manad", "ansvar", "kon", maintain_order=True)
