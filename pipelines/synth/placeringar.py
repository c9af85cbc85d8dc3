"""Placements: drawn from the investigated persons whose outcome was an insats, with chains jourhem -> familjehem.

What a placement costs in the ledger is `dygnskostnad` times its days (both the in-day and the out-day), booked by
`ekonomi`; how the days are counted for a KPI does not belong here.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.synth.organisation import FORMER, Placeringsform
from pipelines.synth.personer import Personregister, fodda
from pipelines.synth.ram import Datum, Flyttal, Heltal, Ram, Rng, Sant, dagar, dagkolumn, plus_manader

SERIE = {form: nummer for nummer, form in enumerate(FORMER)}
JOURHEM = next(nummer for nummer, form in enumerate(FORMER) if form.form == "jourhem")
FAMILJEHEM = next(nummer for nummer, form in enumerate(FORMER) if form.form == "familjehem")
LVM_LANGST = 178  # days; six months
JOURHEM_LANGST = 230
ANDEL_VIDARE = 0.55  # of jourhem placements that go on to a familjehem the same day


def placeringar(ram: Ram, register: Personregister, utredningar: pl.DataFrame, tathet: float = 1.0) -> pl.DataFrame:
    """One row per placement that touches the window: placering (index), person, fodd (drawn), start, slut (null = open on the last
    day), serie (index in FORMER), form, lagrum, regi, i_kommunen, enhet, dygnskostnad (whole kr), ensamkommande. `tathet`: times as many placements as the rates say."""
    rng = ram.strom("placeringar")
    delar: list[pl.DataFrame] = []
    anvanda: set[int] = set()
    for form in FORMER:
        start, person, fodd, ensam = _inflode(rng, ram, register, utredningar, form, anvanda, ram.skala * tathet)
        dygn = np.maximum(1, rng.gamma(1.1, form.medeldygn / 1.1, size=len(start)))
        if form.lagrum[0][0] == "lvm":
            dygn = np.minimum(dygn, LVM_LANGST)
        elif form.form == "jourhem":  # most find a home before the law's limit, a few do not
            dygn = np.where(rng.random(len(dygn)) < 0.85, np.minimum(dygn, JOURHEM_LANGST), dygn)
        delar.append(_rader(rng, form, person, fodd, start, start + dagar(dygn), ensam))
    delar.append(_vidare(rng, ram, delar[JOURHEM]))
    alla = pl.concat(delar).filter((pl.col("start") <= ram.sista_datum) & (pl.col("slut") >= ram.forsta_datum))
    sista = ram.sista_datum
    alla = alla.with_columns(slut=pl.when(pl.col("slut") <= sista).then("slut"))
    return (
        alla.sort("start", "person", "serie")
        .with_row_index("placering")
        .with_columns(pl.col("placering").cast(pl.Int64))
    )


def _inflode(
    rng: Rng,
    ram: Ram,
    register: Personregister,
    utredningar: pl.DataFrame,
    form: Placeringsform,
    anvanda: set[int],
    skala: float,
) -> tuple[Datum, Heltal, Datum, Sant]:
    """Starts, persons, birth dates and unaccompanied. Inside the window a start follows the closing of a case of a person who is
    not placed already; earlier ones, and those beyond the cases at hand, are persons placed long ago."""
    pagaende = form.pagaende * skala
    # stationary flow: stock / mean duration a day; jourhem feed the familjehem, which then need fewer of their own
    takt = pagaende / form.medeldygn
    if FORMER[FAMILJEHEM] is form:
        jour = FORMER[JOURHEM]
        takt = max(takt - ANDEL_VIDARE * jour.pagaende * skala / jour.medeldygn, takt * 0.25)
    fonster = int((ram.sista_dag - ram.forsta_dag).astype(int)) + 1
    tidigare = rng.poisson(takt * 6 * form.medeldygn)
    start_fore = ram.forsta_dag - dagar(1 + rng.integers(0, int(6 * form.medeldygn), size=tidigare))
    nya = rng.poisson(takt * fonster)

    alder = (pl.col("avslutad") - pl.col("fodd")).dt.total_days() / 365.25
    mojliga = utredningar.filter(
        (pl.col("slag") == form.malgrupp)
        & (pl.col("utfall") == "insats")
        & (pl.col("avslutad") >= ram.forsta_datum)
        & alder.is_between(form.alder[0], form.alder[1] + 1)
        & ~pl.col("person").is_in(list(anvanda))
    ).unique("person", keep="last", maintain_order=True)
    val = np.sort(rng.choice(mojliga.height, size=min(nya, mojliga.height), replace=False))
    valda = mojliga[val]
    anvanda.update(valda["person"].to_list())
    start_ny = valda["avslutad"].to_numpy().astype("datetime64[D]") + dagar(rng.integers(0, 12, size=len(val)))
    rest = nya - len(val)
    start_rest = ram.forsta_dag + dagar(rng.integers(0, fonster, size=rest))

    start_gamla = np.concatenate([start_fore, start_rest])
    fodd = fodda(rng, form.alder[0], form.alder[1], start_gamla)
    gamla = register.ny(fodd, rng.random(len(fodd)) < (0.32 if form.malgrupp == "vuxna_missbruk" else 0.48))
    ensam_gamla = np.full(len(fodd), form.malgrupp == "barn_unga") & (rng.random(len(fodd)) < 0.05)
    return (
        np.concatenate([start_gamla, start_ny]),
        np.concatenate([gamla, valda["person"].to_numpy()]),
        np.concatenate([fodd, valda["fodd"].to_numpy().astype("datetime64[D]")]),
        np.concatenate([ensam_gamla, valda["ensamkommande"].to_numpy()]),
    )


def _rader(
    rng: Rng, form: Placeringsform, person: Heltal, fodd: Datum, start: Datum, slut: Datum, ensam: Sant
) -> pl.DataFrame:  # fmt: skip
    antal = len(person)
    lagrum = np.array([namn for namn, _ in form.lagrum])
    andel: Flyttal = np.array([del_ for _, del_ in form.lagrum])
    if form.malgrupp == "barn_unga":  # nobody is placed as a child after 21
        slut = np.minimum(slut, plus_manader(fodd, 21 * 12))
    pris = rng.integers(form.pris[0] // 10, form.pris[1] // 10 + 1, size=antal) * 10
    return pl.DataFrame(
        {
            "person": person,
            "fodd": dagkolumn(fodd),
            "start": dagkolumn(start),
            "slut": dagkolumn(np.where(slut < start, start, slut)),
            "serie": np.full(antal, SERIE[form]),
            "form": np.full(antal, form.form),
            "lagrum": lagrum[rng.choice(len(lagrum), size=antal, p=andel)] if antal else np.array([], dtype=str),
            "regi": np.full(antal, form.regi),
            "i_kommunen": rng.random(antal) < form.i_kommunen,
            "enhet": np.array(form.utforare)[rng.integers(0, len(form.utforare), size=antal)],
            "dygnskostnad": pris,
            "ensamkommande": ensam,
        }
    )


def _vidare(rng: Rng, ram: Ram, jourhem: pl.DataFrame) -> pl.DataFrame:
    """A familjehem that begins the day the jourhem ends, for the same person."""
    avslutade = jourhem.filter(pl.col("slut") <= ram.sista_datum)
    valda = avslutade.filter(pl.Series(rng.random(avslutade.height) < ANDEL_VIDARE))
    start = valda["slut"].to_numpy().astype("datetime64[D]")
    form = FORMER[FAMILJEHEM]
    slut = start + dagar(np.maximum(1, rng.gamma(1.1, form.medeldygn / 1.1, size=len(start))))
    fodd = valda["fodd"].to_numpy().astype("datetime64[D]")
    return _rader(rng, form, valda["person"].to_numpy(), fodd, start, slut, valda["ensamkommande"].to_numpy())


def lagliga(placeringar: pl.DataFrame, personer: pl.DataFrame) -> pl.DataFrame:
    """Without LVU placements of persons who are 21: in a very large municipality the birth date that has a number left
    lies months before the one that was drawn."""
    fodd = personer["fodd"].gather(placeringar["person"])
    return placeringar.filter((placeringar["lagrum"] != "lvu") | (placeringar["start"] < fodd.dt.offset_by("21y")))


def dygn_per_manad(ram: Ram, placeringar: pl.DataFrame) -> pl.DataFrame:
    """Days of each placement in each month of the window (in-day and out-day both count), > 0 only: all columns of
    `placeringar` plus manad (Date) and dygn."""
    if placeringar.height == 0:
        return placeringar.with_columns(manad=pl.lit(None, dtype=pl.Date), dygn=pl.lit(0))
    start = placeringar["start"].to_numpy().astype("datetime64[D]")
    slut = placeringar["slut"].fill_null(ram.sista_datum).to_numpy().astype("datetime64[D]")
    fran = np.maximum(start.astype("datetime64[M]"), ram.forsta)
    antal = (slut.astype("datetime64[M]") - fran).astype(np.int64) + 1
    rad = np.repeat(np.arange(len(start)), antal)
    steg = np.arange(int(antal.sum())) - np.repeat(np.cumsum(antal) - antal, antal)
    manad = fran[rad] + steg.astype("timedelta64[M]")
    forsta = manad.astype("datetime64[D]")
    sista = (manad + np.timedelta64(1, "M")).astype("datetime64[D]") - np.timedelta64(1, "D")
    dygn = (np.minimum(slut[rad], sista) - np.maximum(start[rad], forsta)).astype(np.int64) + 1
    return placeringar[rad].with_columns(manad=dagkolumn(manad), dygn=pl.Series(dygn))
