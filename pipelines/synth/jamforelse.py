"""Made-up Kolada values for the demo municipality and seven made-up neighbours, so that a comparison can be shown.

Marked `syntetisk` from the file to the mart. The municipality's own are true to its rows (households and kronor per
household, the latter rounded as Kolada prints); the neighbours are drawn around levels that such figures have. A municipality
with a real code gets none: made-up figures must never stand under a real name.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from pipelines.sources.kolada.syntetisk import Varde, syntetisk_leverans
from pipelines.synth.leveranser import Mapp
from pipelines.synth.ram import EXEMPELBY_KOD, Ram

GRANNAR = {
    "9991": "Granby", "9992": "Ekstad", "9993": "Björkby", "9994": "Sjöby", "9995": "Lindhamn", "9996": "Åkerstad",
    "9997": "Talludden",
}  # fmt: skip
# KPI -> (level, spread between municipalities, decimals, by kön)
NIVAER = {
    "N31807": (4.0, 1.2, 2, False), "N31825": (3.6, 1.0, 2, True), "U31804": (4.2, 1.4, 2, True),
    "N31814": (30.0, 7.0, 1, True), "N31816": (1.2, 0.4, 2, True), "N31849": (45_000, 7_000, 0, False),
    "N31001": (900, 250, 0, False), "N30101": (4_300, 700, 0, False), "N30005": (4_000, 700, 0, False),
    "N33816": (4.0, 1.3, 2, True), "N33817": (7.0, 2.0, 2, True), "N33818": (9.5, 2.4, 2, True),
    "N33878": (30.0, 8.0, 1, True), "N33802": (2.6, 0.7, 2, True), "U33401": (105, 15, 0, True),
    "U31402": (12, 4, 0, True), "U31500": (78, 6, 0, True), "U31505": (80, 6, 0, True), "U30200": (78, 3, 0, True),
}  # fmt: skip
HISTORIA = 5  # years of neighbours' values, so that a trend can be shown
UPPEHALL = 0.04  # a neighbour's figure that is missing
MINST = 0.05  # share of the level: no figure falls below


def kolada(mapp: Mapp, hushall: pl.DataFrame) -> None:
    """Write both documents, for the made-up demo municipality only. `hushall`: rows of `synth.hushall` (belopp in öre)."""
    ram = mapp.ram
    if ram.kommun_kod != EXEMPELBY_KOD or mapp.endast_csv:
        return
    hela = [
        ar
        for ar in ram.ar
        if ram.forsta_datum.isoformat() <= f"{ar}-01-01" and f"{ar}-12-31" <= ram.sista_datum.isoformat()
    ]
    if not hela:
        return
    varden = [*_egna(hushall, hela), *_grannar(ram, range(hela[-1] - HISTORIA + 1, hela[-1] + 1))]
    folder = mapp.plats("kolada", "x").parent
    mapp.filer.pop()
    mapp.filer += syntetisk_leverans(
        folder, varden, mapp.uttag(ram.sista_datum), kommun_kod=ram.kommun_kod, kommun=ram.kommun, argang=hela[0],
        medlemmar=GRANNAR,
    )  # fmt: skip


def _egna(hushall: pl.DataFrame, hela: list[int]) -> Iterator[Varde]:
    arets = (
        hushall.filter(pl.col("belopp") > 0)
        .group_by(pl.col("manad").dt.year().alias("ar"))
        .agg(antal=pl.col("hushall").n_unique(), belopp=pl.col("belopp").sum())
        .filter(pl.col("ar").is_in(hela))
        .sort("ar")
    )
    for ar, antal, ore in arets.select("ar", "antal", "belopp").iter_rows():
        yield Varde("N31910", ar, "T", float(antal))
        yield Varde("N31849", ar, "T", float(round(ore / 100 / antal)))


def _grannar(ram: Ram, ar: range) -> Iterator[Varde]:
    rng = ram.strom("kolada")
    for kpi, (niva, spridning, decimaler, kon) in NIVAER.items():
        for kod in GRANNAR:
            mitt = niva + spridning * rng.standard_normal()
            for ett in ar:
                arets = mitt + 0.2 * spridning * rng.standard_normal()
                skillnad = 0.15 * spridning * rng.standard_normal()
                saknas = rng.random() < UPPEHALL
                for del_, tal in (("T", arets), ("K", arets - skillnad), ("M", arets + skillnad))[: 3 if kon else 1]:
                    yield Varde(kpi, ett, del_, None if saknas else round(max(tal, MINST * niva), decimaler), kod)
