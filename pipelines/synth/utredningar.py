"""Cases: anmälan or ansökan -> förhandsbedömning -> utredning -> outcome, with the breaches of both clocks and the
re-openings that real case systems show.

The legal limits stand here only as the place where durations pile up; whether a case is late is for the warehouse.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.synth.hushall import Hushall
from pipelines.synth.organisation import BARN, EKONOMI, FAMILJERATT, MOTTAGNING, UNGDOM, VUXEN
from pipelines.synth.personer import Personregister, fodda
from pipelines.synth.ram import INGET_DATUM, Datum, Heltal, Ram, Rng, Sant, dagar, dagkolumn, plus_manader, utan_framtid

VUXEN_ALDER = 21
FORLOPP_DAGAR = 540  # cases received before the window that may still be open in it


@dataclass(frozen=True, slots=True)
class Slag:
    """One kind of case; `per_ar` received cases a year for 80 000 inhabitants."""

    slag: str
    per_ar: float
    andel_anmalan: float
    andel_inledd: float  # of anmälningar; an ansökan always opens
    alder: tuple[int, int]
    andel_kvinnor: float
    ater: float  # share that concerns a person who had a case in the last year and a half
    dygn: float  # median days of a calm utredning
    andel_grans: float  # share that uses the whole time
    andel_sen: float  # share past four months
    andel_insats: float
    enhet: str


SLAG = (
    Slag("barn_unga", 780, 0.86, 0.46, (0, 20), 0.46, 0.30, 72, 0.46, 0.14, 0.52, BARN.namn),
    Slag("vuxna_missbruk", 210, 0.55, 0.50, (21, 74), 0.30, 0.34, 46, 0.16, 0.09, 0.66, VUXEN.namn),
    Slag("vuxna_ovrigt", 120, 0.60, 0.55, (21, 80), 0.62, 0.18, 38, 0.12, 0.07, 0.55, VUXEN.namn),
    Slag("familjeratt", 70, 0.0, 1.0, (25, 55), 0.50, 0.10, 85, 0.35, 0.18, 0.30, FAMILJERATT.namn),
    Slag("faderskap", 60, 0.0, 1.0, (20, 42), 1.00, 0.02, 40, 0.10, 0.06, 0.0, FAMILJERATT.namn),
)


def utredningar(ram: Ram, register: Personregister, hushall: Hushall) -> pl.DataFrame:
    """One row per case that is open in the window: arende (index in order of receipt), person, alder_fodd (birth
    date drawn), kvinna, slag, inkom, inkomstsatt, forhandsbedomning_klar, forhandsbedomning_forlangd_till, inledd,
    avslutad, forlangd_till, utfall, enhet, ensamkommande. Dates after the window's last day are null."""
    delar = [_slag(ram, register, slag) for slag in SLAG]
    delar.append(_ekonomiskt_bistand(hushall))
    alla = pl.concat(delar).sort("inkom", "person", "slag", maintain_order=True)
    slut = pl.coalesce("avslutad", pl.when(pl.col("inledd").is_null()).then("forhandsbedomning_klar"))
    forsta = ram.forsta_datum
    return (
        alla.filter(slut.is_null() | (slut >= forsta))
        .with_row_index("arende")
        .with_columns(pl.col("arende").cast(pl.Int64))
    )


def _slag(ram: Ram, register: Personregister, slag: Slag) -> pl.DataFrame:
    rng = ram.strom(f"utredningar {slag.slag}")
    dygn = int((ram.sista_dag - ram.forsta_dag).astype(int)) + 1 + FORLOPP_DAGAR
    antal = max(2, round(slag.per_ar * ram.skala * dygn / 365.25))
    inkom = np.sort(_vardagar(rng, ram.forsta_dag - dagar(FORLOPP_DAGAR) + dagar(rng.integers(0, dygn, size=antal))))
    rot = _aterkommande(rng, inkom, slag.ater)
    fodd = fodda(rng, slag.alder[0], slag.alder[1], inkom)
    kvinna = rng.random(antal) < slag.andel_kvinnor
    ensam = (slag.slag == "barn_unga") & (rng.random(antal) < 0.035)
    fodd = np.where(ensam, fodda(rng, 13, 17, inkom), fodd)
    kvinna &= ~ensam | (rng.random(antal) < 0.3)
    if slag.slag == "barn_unga":  # who has turned 21 since the first case is somebody else's case now
        rot = np.where(plus_manader(fodd[rot], VUXEN_ALDER * 12) > inkom, rot, np.arange(antal))
    person = np.empty(antal, dtype=np.int64)
    egen = rot == np.arange(antal)
    person[egen] = register.ny(fodd[egen], kvinna[egen])
    person, fodd, kvinna, ensam = person[rot], fodd[rot], kvinna[rot], ensam[rot]

    anmalan = ~ensam & (rng.random(antal) < slag.andel_anmalan)
    inleds = ~anmalan | (rng.random(antal) < slag.andel_inledd)
    klar, forlangd_fb = _forhandsbedomning(rng, inkom, anmalan)
    inledd = np.where(inleds, np.where(anmalan, klar + dagar(rng.integers(0, 2, size=antal)), inkom), INGET_DATUM)
    avslutad, forlangd = _utredningstid(rng, slag, inledd)
    insats = rng.random(antal) < np.where(ensam, 0.97, slag.andel_insats)
    utfall = np.where(insats, "insats", np.where(rng.random(antal) < 0.06, "avskriven", "ingen_insats"))
    sista = ram.sista_dag
    inkand = inkom <= sista
    avslutad = utan_framtid(avslutad, sista)
    return pl.DataFrame(
        {
            "person": person,
            "fodd": dagkolumn(fodd),
            "kvinna": kvinna,
            "slag": np.full(antal, slag.slag),
            "inkom": dagkolumn(inkom),
            "inkomstsatt": np.where(anmalan, "anmalan", np.where(ensam, "annat", "ansokan")),
            "forhandsbedomning_klar": dagkolumn(utan_framtid(klar, sista)),
            "forhandsbedomning_forlangd_till": dagkolumn(forlangd_fb),
            "inledd": dagkolumn(utan_framtid(inledd, sista)),
            "avslutad": dagkolumn(avslutad),
            "forlangd_till": dagkolumn(np.where(inledd <= sista, forlangd, INGET_DATUM)),
            "utfall": pl.Series(utfall).zip_with(pl.Series(~np.isnat(avslutad)), pl.Series([None], dtype=pl.String)),
            "enhet": _enhet(slag, inkom, fodd, inleds),
            "ensamkommande": ensam,
        }
    ).filter(pl.Series(inkand))


def _ekonomiskt_bistand(hushall: Hushall) -> pl.DataFrame:
    """Every household's first application is a case; returning households are not investigated anew."""
    nya = hushall.nya
    person = nya["person"].to_numpy()
    forsta = int(hushall.sokande[0]) if len(hushall.sokande) else 0
    i = person - forsta
    tom = pl.Series([None] * len(nya), dtype=pl.Date)
    return pl.DataFrame(
        {
            "person": person,
            "fodd": dagkolumn(hushall.sokande_fodd[i]),
            "kvinna": hushall.sokande_kvinna[i],
            "slag": np.full(len(nya), "ekonomiskt_bistand"),
            "inkom": nya["inkom"],
            "inkomstsatt": np.full(len(nya), "ansokan"),
            "forhandsbedomning_klar": tom,
            "forhandsbedomning_forlangd_till": tom,
            "inledd": nya["inkom"],
            "avslutad": nya["avslutad"],
            "forlangd_till": tom,
            "utfall": np.full(len(nya), "insats"),
            "enhet": np.full(len(nya), EKONOMI.namn),
            "ensamkommande": np.zeros(len(nya), dtype=np.bool_),
        }
    )


def _aterkommande(rng: Rng, inkom: Datum, andel: float) -> Heltal:
    """For each case (sorted by receipt) the index of the first case of the same person."""
    antal = len(inkom)
    index = np.arange(antal)
    tidigast = np.searchsorted(inkom, inkom - dagar(500))
    senast = np.searchsorted(inkom, inkom - dagar(45))
    kan = (rng.random(antal) < andel) & (senast > tidigast)
    rot = np.where(kan, tidigast + (rng.random(antal) * (senast - tidigast)).astype(np.int64), index)
    while (rot != rot[rot]).any():
        rot = rot[rot]
    return rot


def _forhandsbedomning(rng: Rng, inkom: Datum, anmalan: Sant) -> tuple[Datum, Datum]:
    """Done within 14 days for some 93 %; a third of the late ones have a decision to extend."""
    antal = len(inkom)
    i_tid = np.minimum(rng.gamma(2.2, 3.6, size=antal), 14)
    sen = rng.random(antal) < 0.07
    efter = np.where(sen, 15 + rng.exponential(9, size=antal), i_tid)
    klar = np.where(anmalan, inkom + dagar(efter), INGET_DATUM)
    forlangd = np.where(
        anmalan & sen & (rng.random(antal) < 0.33), klar + dagar(rng.integers(0, 4, size=antal)), INGET_DATUM
    )
    return klar, forlangd


def _utredningstid(rng: Rng, slag: Slag, inledd: Datum) -> tuple[Datum, Datum]:
    """Closing dates: calm ones lognormal, many just before the four months, some after; half of those extended."""
    antal = len(inledd)
    grans = plus_manader(inledd, 4)
    lugn = inledd + dagar(np.clip(rng.lognormal(np.log(slag.dygn), 0.55, size=antal), 3, 118))
    vid_grans = grans - dagar(np.clip(rng.exponential(5, size=antal), 0, 60))
    for_sen = grans + dagar(1 + rng.exponential(32, size=antal))
    val = rng.random(antal)
    sen = val < slag.andel_sen
    avslutad = np.where(sen, for_sen, np.where(val < slag.andel_sen + slag.andel_grans, vid_grans, lugn))
    beslut = sen & (rng.random(antal) < 0.5)
    forlangd = np.where(beslut, grans + dagar(rng.integers(15, 75, size=antal)), INGET_DATUM)
    return avslutad, forlangd


def _enhet(slag: Slag, inkom: Datum, fodd: Datum, inleds: Sant) -> list[str]:
    if slag.slag != "barn_unga":
        return [slag.enhet] * len(inkom)
    tonaring = (inkom - fodd).astype(np.int64) >= 13 * 365
    enhet: list[str] = np.where(~inleds, MOTTAGNING.namn, np.where(tonaring, UNGDOM.namn, BARN.namn)).tolist()
    return enhet


def _vardagar(rng: Rng, dag: Datum) -> Datum:
    """Most things are received on working days: nine in ten of a weekend's move to the Monday."""
    veckodag = (dag.astype(np.int64) + 3) % 7  # 0 = Monday
    helg = (veckodag >= 5) & (rng.random(len(dag)) < 0.9)
    return np.where(helg, dag + dagar(7 - veckodag), dag)
