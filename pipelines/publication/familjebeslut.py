"""Decide one family of one municipality: the audited pattern of the last edition when nothing has changed, else a new.

A table that is hopeless, or that earlier editions make impossible, gives up parts of its selection in the order the
description states. Hopeless to the last: the step that shows most figures. Impossible to the last: the family is left
out whole. No proof in time: nothing is published. Where everything hidden is small itself nothing is given up: what
is left would show no figure more.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
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
from pipelines.sekretess.rojande.historik import Publicerad
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
    try:
        vald = _valj(mangd, historik, barn)
    except GranskningOviss as fel:
        raise GranskningOviss(f"{mangd.namn}, {kommun}: {fel.orsak}") from None
    if vald is None:
        raise TertialError(
            f"Redan publicerade tal i {mangd.namn} ({kommun}) går att räkna samman till små tal, också utan nya.",
            "Inget publiceras. Kontakta den som sköter Tertial: sekretessliggaren och urvalet hör inte ihop.",
        )
    nycklar = _nycklar(vald.rader, mangd.nyckel)
    utan = mangd.rader(()).height - vald.rader.height
    rapport = {**_rapport(vald.skyddad, vald.slopade), "utelamnade_rader": utan}
    huvud = Huvud(indata, vald.slopade, frozenset(nycklar[nr] for nr in vald.dolda), rapport)
    return Familjebeslut(vald.rader, vald.dolda, liggare.skriv(*plats, huvud, vald.skyddad.publicerad()), rapport)


@dataclass(frozen=True)
class _Steg:
    """A pattern that passed: the patterns left out, the rows, the numbers of hidden ones."""

    slopade: tuple[str, ...]
    rader: pl.DataFrame
    dolda: frozenset[int]
    skyddad: Skyddad

    @property
    def skyddande(self) -> int:
        """Cells hidden for the sake of others."""
        rapport = self.skyddad.rapport
        antal: int = sum(rapport[f"dolda_{varfor}"] for varfor in ("sekundara", "vid_reparation", "sedan_tidigare"))
        return antal

    @property
    def visade(self) -> int:
        rapport = self.skyddad.rapport
        dolda: int = sum(rapport[slag] for slag in rapport if slag.startswith("dolda_"))
        synliga: int = rapport["celler"] + rapport["kvoter"] - dolda
        return synliga


def _valj(mangd: Mangd, historik: Sequence[Publicerad], barn: Barn) -> _Steg | None:
    """The first step that is not hopeless, else the one that shows most; all left out when earlier editions allow none."""
    hopplosa = []
    for slopade in (mangd.utvagar[:antal] for antal in range(len(mangd.utvagar) + 1)):
        if (steg := _prova(mangd, slopade, historik, barn)) is None:
            continue
        if not steg.skyddad.rapport["hopplos"]:
            return steg
        hopplosa.append(steg)
        if not steg.skyddande:
            break  # to leave more out would show no figure more
    if hopplosa:
        return max(hopplosa, key=lambda steg: steg.visade)
    return _prova(mangd, mangd.urval, historik, barn)


def _prova(mangd: Mangd, slopade: tuple[str, ...], historik: Sequence[Publicerad], barn: Barn) -> _Steg | None:
    rader = mangd.rader(slopade)
    tabell, rad = mangd.tabell(rader)
    try:
        skyddad = barn.skydda(tabell.tabell, historik, tabell.regler, tidsgrans_s=mangd.tidsgrans_s)
    except OlosligtTabell:
        return None
    return _Steg(slopade, rader, _dolda_rader(tabell, rad, skyddad), skyddad)


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
        "dolda_sedan_tidigare": egna["dolda_sedan_tidigare"],
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
