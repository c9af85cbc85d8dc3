"""Open-care measures: what follows on a case with the outcome insats when nobody is placed, and older ones."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.synth.organisation import OPPENVARD, VUXEN
from pipelines.synth.personer import Personregister, fodda
from pipelines.synth.ram import Ram, dagar, dagkolumn, plus_manader

EXTERN = "Öppenvård Resursteamet"
PRIS_EXTERN = 310  # kr a day
ANDEL_TVA = 0.4  # of the helped get a second measure beside the first
# malgrupp -> (kind, share, mean days, share extern)
SLAG: dict[str, tuple[tuple[str, float, int, float], ...]] = {
    "barn_unga": (
        ("kontaktfamilj", 0.16, 700, 0.0), ("kontaktperson", 0.18, 540, 0.0), ("familjebehandling", 0.22, 210, 0.12),
        ("strukturerad_oppenvard", 0.12, 240, 0.35), ("oppenvard", 0.22, 200, 0.05), ("service", 0.10, 90, 0.0),
    ),
    "vuxna_missbruk": (
        ("oppenvard", 0.55, 190, 0.10), ("strukturerad_oppenvard", 0.30, 220, 0.40), ("kontaktperson", 0.15, 420, 0.0),
    ),
    "vuxna_ovrigt": (("kontaktperson", 0.35, 500, 0.0), ("ovrig", 0.40, 160, 0.0), ("service", 0.25, 80, 0.0)),
}  # fmt: skip
PAGAENDE = {"barn_unga": 95, "vuxna_missbruk": 48, "vuxna_ovrigt": 22}  # for 80 000 inhabitants
ALDER = {"barn_unga": (0, 19), "vuxna_missbruk": (21, 70), "vuxna_ovrigt": (21, 80)}


def insatser(ram: Ram, register: Personregister, utredningar: pl.DataFrame, placeringar: pl.DataFrame) -> pl.DataFrame:
    """One row per measure that touches the window: insats (index), person, malgrupp, slag, start, slut (null = open),
    regi, enhet."""
    rng = ram.strom("insatser")
    placerade = placeringar["person"].unique().to_list()
    delar = []
    for malgrupp, slag in SLAG.items():
        andel = np.array([one[1] for one in slag])
        medel = np.array([one[2] for one in slag], dtype=np.float64)
        efter = utredningar.filter(
            (pl.col("slag") == malgrupp) & (pl.col("utfall") == "insats") & ~pl.col("person").is_in(placerade)
        )
        if malgrupp == "barn_unga":
            fyller_21 = pl.Series(plus_manader(efter["fodd"].to_numpy().astype("datetime64[D]"), 21 * 12))
            efter = efter.filter(pl.col("avslutad").dt.offset_by("15d") < fyller_21.cast(pl.Date))
        antal_gamla = rng.poisson(PAGAENDE[malgrupp] * ram.skala)
        # length-biased: those open on the first day are mostly the long kinds, half of their time gone on average
        gamla_slag = rng.choice(len(slag), size=antal_gamla, p=andel * medel / (andel * medel).sum())
        start_gamla = ram.forsta_dag - dagar(np.minimum(rng.exponential(medel[gamla_slag]), 1_500))
        slut_gamla = ram.forsta_dag + dagar(rng.exponential(medel[gamla_slag]))
        fodd_gamla = fodda(rng, *ALDER[malgrupp], start_gamla)
        gamla = register.ny(fodd_gamla, rng.random(antal_gamla) < 0.46)

        nya_slag = rng.choice(len(slag), size=efter.height, p=andel)
        tva = rng.random(efter.height) < ANDEL_TVA  # the second measure is of another kind
        efter = pl.concat([efter, efter.filter(pl.Series(tva))])
        nya_slag = np.concatenate([nya_slag, (nya_slag[tva] + 1) % len(slag)])
        start_nya = efter["avslutad"].to_numpy().astype("datetime64[D]") + dagar(rng.integers(0, 15, size=efter.height))
        if malgrupp == "barn_unga":  # a child's measure ends at 21
            slut_gamla = np.minimum(slut_gamla, plus_manader(fodd_gamla, 21 * 12))
        slut_nya = start_nya + dagar(1 + rng.exponential(medel[nya_slag]))
        alla_slag = np.concatenate([gamla_slag, nya_slag])
        extern = rng.random(len(alla_slag)) < np.array([one[3] for one in slag])[alla_slag]
        egen = OPPENVARD.namn if malgrupp == "barn_unga" else VUXEN.namn
        delar.append(
            pl.DataFrame(
                {
                    "person": np.concatenate([gamla, efter["person"].to_numpy()]),
                    "malgrupp": np.full(len(alla_slag), malgrupp),
                    "slag": np.array([one[0] for one in slag])[alla_slag],
                    "start": dagkolumn(np.concatenate([start_gamla, start_nya])),
                    "slut": dagkolumn(np.concatenate([slut_gamla, slut_nya])),
                    "regi": np.where(extern, "extern", "intern"),
                    "enhet": np.where(extern, EXTERN, egen),
                }
            )
        )
    forsta, sista = ram.forsta_datum, ram.sista_datum
    alla = pl.concat(delar).filter((pl.col("start") <= sista) & (pl.col("slut") >= forsta))
    alla = alla.with_columns(slut=pl.when(pl.col("slut") <= sista).then("slut"))
    return alla.sort("start", "person", "slag").with_row_index("insats").with_columns(pl.col("insats").cast(pl.Int64))
