"""Survey answers: one row per respondent and question, drawn from a latent satisfaction per respondent.

Questions, answers and målgrupper come from the questionnaires (`sources.enkater.formular`); shares do not belong here.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.sources.enkater.formular import formular
from pipelines.synth.organisation import ENHETER
from pipelines.synth.ram import Flyttal, Ram, arstal

IFO = "brukarundersokning_ifo"
HME = "hme"
MANAD = {IFO: 10, HME: 10}  # the month in which the answers are in
# malgrupp -> (invited for 80 000 inhabitants, share that answers, mean satisfaction, share of women)
GRUPPER: dict[str, dict[str, tuple[int, float, float, float]]] = {
    IFO: {
        "ekonomiskt_bistand": (520, 0.34, 0.55, 0.49),
        "ungdom_13": (70, 0.42, 0.70, 0.52),
        "vardnadshavare": (160, 0.38, 0.62, 0.66),
        "missbruk": (75, 0.45, 0.85, 0.31),
    },
    HME: {"medarbetare": (191, 0.78, 0.75, 0.81)},
}


def omgangar(ram: Ram) -> list[tuple[str, int]]:
    """(questionnaire, year) of every survey whose answers came in before the last month ended."""
    return [
        (enkat, ar)
        for enkat, manad in MANAD.items()
        for ar in ram.ar
        if ram.forsta <= np.datetime64(f"{ar}-{manad:02}", "M") <= ram.sista
    ]


def enkatsvar(ram: Ram, enkat: str, ar: int) -> pl.DataFrame:
    """One row per answer: enkat, ar, malgrupp, respondent (text), fraga_id, svar (code), kon, enhet (HME only, else
    null), utskickade (invited in the målgrupp)."""
    fragor = formular().filter(pl.col("enkat") == enkat)
    rng = ram.strom(f"enkat {enkat} {ar}")
    delar = []
    for malgrupp, (utskick, svarar, niva, kvinnor) in GRUPPER[enkat].items():
        utskickade = max(15, round(utskick * ram.skala))
        antal = max(3, int(rng.binomial(utskickade, svarar)))
        kvinna = rng.random(antal) < kvinnor
        enhet = rng.choice(len(ENHETER), size=antal, p=_vikter())
        nojd = rng.normal(niva + 0.03 * (ar - arstal(ram.forsta)), 0.75, size=antal)
        for fraga in fragor.filter(pl.col("malgrupp") == malgrupp).partition_by("fraga_id", maintain_order=True):
            svar = _svar(rng, fraga, nojd)
            besvarad = rng.random(antal) < 0.975
            delar.append(
                pl.DataFrame(
                    {
                        "respondent": [f"{malgrupp[:2].upper()}{ar}-{nummer:05}" for nummer in range(1, antal + 1)],
                        "svar": svar,
                        "kon": np.where(kvinna, "K", "M"),
                        "enhet": [ENHETER[i].namn if enkat == HME else None for i in enhet],
                    },
                    schema_overrides={"enhet": pl.String},
                )
                .with_columns(
                    enkat=pl.lit(enkat), ar=pl.lit(ar), malgrupp=pl.lit(malgrupp),
                    fraga_id=pl.lit(fraga["fraga_id"][0]), utskickade=pl.lit(utskickade),
                )
                .filter(pl.Series(besvarad))
            )  # fmt: skip
    return pl.concat(delar).sort("malgrupp", "respondent", "fraga_id", maintain_order=True)


def _vikter() -> Flyttal:
    vikt = np.array([enhet.arsarbetare for enhet in ENHETER], dtype=np.float64)
    andel: Flyttal = vikt / vikt.sum()
    return andel


def _svar(rng: np.random.Generator, fraga: pl.DataFrame, nojd: Flyttal) -> list[str]:
    """The better half of the scale for the satisfied; the answers outside the denominator for a few."""
    inne = fraga.filter("i_namnaren")
    utanfor = fraga.filter(~pl.col("i_namnaren"))["svar"].to_list()
    # from best to worst: a scale with values says so itself, the others by which answers are positive
    skala = inne.sort("varde", "positiv", descending=True, nulls_last=True, maintain_order=True)["svar"].to_list()
    lage = nojd + rng.normal(0, 0.8, size=len(nojd))
    granser = np.linspace(1.15, -1.15, len(skala) + 1)[1:-1] if len(skala) > 2 else np.array([0.25])
    val = (lage[:, None] < granser).sum(axis=1)
    svar = [skala[i] for i in val]
    if utanfor:
        vet_inte = rng.random(len(svar)) < 0.06
        svar = [utanfor[-1] if v else s for v, s in zip(vet_inte, svar, strict=True)]
    return svar
