"""The persons of the municipality: birth date, kön and a personnummer nobody has.

Numbers take the birth-number series 980-999, which Skatteverket uses for test persons, first as personnummer, then
as samordningsnummer (day + 60); see docs/adr/0061. Which case a person has does not belong here.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.synth.ram import Datum, Heltal, Rng, Sant

SERIER_PER_DAG = 10  # 980, 982 ... 998 for women, 981 ... 999 for men
VIKTER = np.array([2, 1, 2, 1, 2, 1, 2, 1, 2])


class Personregister:
    """Collects persons from every module and numbers all of them once, so that no number is used twice."""

    def __init__(self) -> None:
        self._fodd: list[Datum] = []
        self._kvinna: list[Sant] = []
        self._antal = 0

    def ny(self, fodd: Datum, kvinna: Sant) -> Heltal:
        """Adds persons; returns their indices, shape (n,)."""
        self._fodd.append(fodd.astype("datetime64[D]"))
        self._kvinna.append(kvinna)
        forsta, self._antal = self._antal, self._antal + len(fodd)
        return np.arange(forsta, self._antal, dtype=np.int64)

    def tabell(self) -> pl.DataFrame:
        """Columns person (index), nummer (12 digits as int64), fodd (date), kon (K|M); the birth date may have moved
        a few days from the wished one where a day's series were full."""
        fodd = np.concatenate(self._fodd)
        kvinna = np.concatenate(self._kvinna)
        fodd, nummer = tilldela(fodd, kvinna)
        return pl.DataFrame(
            {
                "person": np.arange(self._antal),
                "nummer": nummer,
                "fodd": pl.Series(fodd.astype("datetime64[ms]")).cast(pl.Date),
                "kon": pl.Series(kvinna).replace_strict({True: "K", False: "M"}, return_dtype=pl.String),
            }
        )


def tilldela(fodd: Datum, kvinna: Sant) -> tuple[Datum, Heltal]:
    """(birth dates, sex) -> (birth dates, 12-digit numbers), all different, all with a right check digit.

    Twenty numbers exist per day and sex (ten personnummer, ten samordningsnummer); who finds the day full gets the
    next one.
    """
    onskad = fodd.astype("datetime64[D]").astype(np.int64)
    dag, ordning = np.empty_like(onskad), np.empty_like(onskad)
    for kon in (False, True):
        index = np.flatnonzero(kvinna == kon)
        if len(index):
            index = index[np.argsort(-onskad[index], kind="stable")]
            dag[index], ordning[index] = _platser(onskad[index])
    samordning = ordning >= SERIER_PER_DAG
    lopnummer = 980 + 2 * (ordning % SERIER_PER_DAG) + ~kvinna
    datum = dag.astype("datetime64[D]")
    ar = datum.astype("datetime64[Y]").astype(np.int64) + 1970
    manad = datum.astype("datetime64[M]").astype(np.int64) % 12 + 1
    i_manad = (datum - datum.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1
    utan_kontroll = ((ar * 100 + manad) * 100 + i_manad + 60 * samordning) * 1000 + lopnummer
    return datum, utan_kontroll * 10 + kontrollsiffra(utan_kontroll)


def kontrollsiffra(nummer: Heltal) -> Heltal:
    """Luhn check digit of the last nine digits (ÅÅMMDDNNN)."""
    siffror = nummer[:, None] // 10 ** np.arange(8, -1, -1) % 10 * VIKTER
    return np.asarray(-(siffror // 10 + siffror % 10).sum(axis=1) % 10)


def fodda(rng: Rng, alder_lag: Heltal | int, alder_hog: Heltal | int, pa_dagen: Datum) -> Datum:
    """Birth dates that make the persons `alder_lag`..`alder_hog` full years old on `pa_dagen`."""
    antal = len(pa_dagen)
    alder = rng.integers(alder_lag, np.asarray(alder_hog) + 1, size=antal)
    fodd: Datum = pa_dagen - (alder * 365.2425 + rng.integers(1, 365, size=antal)).astype("timedelta64[D]")
    return fodd


def _platser(dag: Heltal) -> tuple[Heltal, Heltal]:
    """Wished days, latest first -> (day, rank on the day) with room for everyone; who does not fit moves back."""
    tagna: list[int] = []
    vantar = 0
    for nya in np.bincount(dag[0] - dag).tolist():
        vantar += nya
        tagna.append(min(vantar, 2 * SERIER_PER_DAG))
        vantar -= tagna[-1]
    while vantar:
        tagna.append(min(vantar, 2 * SERIER_PER_DAG))
        vantar -= tagna[-1]
    platser = np.array(tagna)
    fick = dag[0] - np.repeat(np.arange(len(platser)), platser)
    return fick, np.arange(len(dag)) - np.repeat(np.cumsum(platser) - platser, platser)
