"""Decide one family of one municipality: the audited pattern of the last edition when nothing has changed, else a new.

A table that is hopeless, or that earlier editions make impossible, gives up parts of its selection in the order the
description states; when nothing else helps the family is left out whole. No proof in time: nothing is published.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.errors import TertialError
from pipelines.publication import sekretessliggare
from pipelines.publication.sekretessliggare import Huvud, Liggare
from pipelines.sekretess import rojande
from pipelines.sekretess.rojande.barn import Barn
from pipelines.sekretess.rojande.beskrivning import MartTabell
from pipelines.sekretess.rojande.losare import GranskningOviss
from pipelines.sekretess.rojande.skydd import Skyddad
from pipelines.sekretess.rojande.undertryck import OlosligtTabell


@dataclass(frozen=True)
class Mangd:
    """One linked set of one municipality, before it is decided.

    rader    given the patterns to leave out: the rows that would be published
    tabell   the linked set of such rows, and which row each of its rows is
    nyckel   the columns that tell rows apart
    utvagar  patterns that are given up, one at a time; urval: all there are
    avtryck  hash of the rules; with the figures and the code it says whether anything has changed
    """

    namn: str
    rader: Callable[[tuple[str, ...]], pl.DataFrame]
    tabell: Callable[[pl.DataFrame], tuple[MartTabell, pl.Series]]
    nyckel: tuple[str, ...]
    avtryck: str
    tidsgrans_s: float
    utvagar: tuple[str, ...] = ()
    urval: tuple[str, ...] = ("allt",)


@dataclass(frozen=True)
class Familjebeslut:
    """The verdict: the published rows, the numbers of hidden ones, the decision's hash in the ledger, its report."""

    rader: pl.DataFrame
    dolda: frozenset[int]
    hash_: str
    rapport: Mapping[str, Any]


def besluta(kommun: str, mangd: Mangd, liggare: Liggare, barn: Barn) -> Familjebeslut:
    """Decide, and keep a new decision in the ledger (where it counts once an edition names it)."""
    plats = (kommun, mangd.namn)
    indata = _indata(mangd.rader(()), mangd.avtryck)
    tidigare = liggare.historik(*plats)
    if tidigare:
        huvud = liggare.huvud(*plats, tidigare[-1])
        if huvud.indata == indata:
            publicerade = mangd.rader(huvud.slopade)
            nycklar = _nycklar(publicerade, mangd.nyckel)
            dolda = frozenset(nr for nr, one in enumerate(nycklar) if one in huvud.dolda)
            return Familjebeslut(publicerade, dolda, tidigare[-1], huvud.rapport)
    historik = sekretessliggare.gallande([liggare.publicerad(*plats, hash_) for hash_ in tidigare])
    for slopade in _steg(mangd):
        rader = mangd.rader(slopade)
        tabell, rad = mangd.tabell(rader)
        try:
            skyddad = barn.skydda(tabell.tabell, historik, tabell.regler, tidsgrans_s=mangd.tidsgrans_s)
        except OlosligtTabell:
            continue
        except GranskningOviss as fel:
            raise GranskningOviss(f"{mangd.namn}, {kommun}: {fel.orsak}") from None
        if skyddad.rapport["hopplos"] and len(slopade) < len(mangd.utvagar):
            continue
        dolda = _dolda_rader(tabell, rad, skyddad)
        nycklar = _nycklar(rader, mangd.nyckel)
        huvud = Huvud(indata, slopade, frozenset(nycklar[nr] for nr in dolda), _rapport(skyddad, slopade))
        return Familjebeslut(rader, dolda, liggare.skriv(*plats, huvud, skyddad.publicerad()), huvud.rapport)
    raise TertialError(
        f"Redan publicerade tal i {mangd.namn} ({kommun}) går att räkna samman till små tal, också utan nya.",
        "Inget publiceras. Kontakta den som sköter Tertial: sekretessliggaren och urvalet hör inte ihop.",
    )


def _steg(mangd: Mangd) -> Iterator[tuple[str, ...]]:
    """Patterns to leave out: none, then one more at a time, and at last all: the family tells nothing new."""
    yield from (mangd.utvagar[:antal] for antal in range(len(mangd.utvagar) + 1))
    yield mangd.urval


def _dolda_rader(tabell: MartTabell, rad: pl.Series, skyddad: Skyddad) -> frozenset[int]:
    ids = rad.to_list()
    return frozenset(ids[nr] for nr in tabell.visning(skyddad).filter(pl.col("visning") == "dold")["rad"].to_list())


def _nycklar(rader: pl.DataFrame, nyckel: tuple[str, ...]) -> list[str]:
    return rader.select(pl.concat_str([pl.col(k).cast(pl.String) for k in nyckel], separator="|").alias("nyckel"))[
        "nyckel"
    ].to_list()


def _indata(rader: pl.DataFrame, avtryck: str) -> str:
    figurer = rader.write_csv(float_precision=None).encode()
    return sha256(b"\0".join((figurer, avtryck.encode(), kodavtryck().encode()))).hexdigest()


def avtryck(ord_: Any) -> str:
    """Hash of a description (plain data)."""
    return sha256(json.dumps(ord_, sort_keys=True, default=str).encode()).hexdigest()


@cache
def kodavtryck() -> str:
    """Hash of the code that suppresses and audits, this package and the solver's version."""
    mappar = (Path(rojande.__file__).parent, Path(__file__).parent)
    filer = sorted(fil for mapp in mappar for fil in mapp.glob("*.py"))
    return sha256(b"\0".join([fil.read_bytes() for fil in filer] + [version("highspy").encode()])).hexdigest()


def _rapport(skyddad: Skyddad, slopade: tuple[str, ...]) -> Mapping[str, Any]:
    egna = skyddad.rapport
    granskning = egna["granskning"]
    return {
        "celler": egna["celler"],
        "dolda_primara": egna["dolda_primara"],
        "dolda_sekundara": egna["dolda_sekundara"],
        "dolda_vid_reparation": egna["dolda_vid_reparation"],
        "kvoter": egna["kvoter"],
        "dolda_kvoter": egna["dolda_kvoter"],
        "bevarad_andel_celler": egna["bevarad_andel_celler"],
        "bevarad_andel_varde": egna["bevarad_andel_varde"],
        "granskade_intervall": granskning["granskade"],
        "minsta_intervall": granskning["minsta_bredd"],
        "under_rekommenderad_bredd": granskning["under_rekommenderad_bredd"],
        "losningar": granskning["losningar"],
        "sekunder": egna["sekunder"],
        "losare": "bevisad",
        "slopade_urval": ", ".join(slopade) or None,
    }
