"""A change of key over the whole restricted zone: tables, key and fingerprint, then the ledger and the warehouse.

The first three are one crash-safe unit in `sekretess.nyckelbyte`; here the tables are found, the ledger's hashes and
fingerprints follow, and the warehouse, which holds the old pseudonyms, is removed to be rebuilt by the next run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipelines import durable, settings
from pipelines.delivery import underhall
from pipelines.delivery.ledger import Ledger, exclusive
from pipelines.errors import TertialError
from pipelines.sekretess.nyckel import JOURNAL, las_fingeravtryck
from pipelines.sekretess.nyckelbyte import byt_nyckel
from pipelines.settings import Arbetsyta

VAD = "nyckelbyte"


@dataclass(frozen=True, slots=True)
class Nyckelbyte:
    """What a change of key did: the fingerprints, and how many files and ledger entries it rewrote."""

    fran: str
    till: str
    filer: int
    leveranser: int


def byt(yta: Arbetsyta, nyckelfil: Path, steg: Callable[[str], None] = settings.krasch) -> Nyckelbyte:
    """Replace the key; run again after a kill it ends the change that was begun, never begins a second one.

    `steg` is told each stage (crash tests). TertialError, with everything as it was, when the key is not the zone's.
    """
    with exclusive(yta.rot):
        underhall.vagra_avbrutet(yta.lake, utom=VAD)
        stored = yta.lake / underhall.FINGERAVTRYCK
        tables = underhall.tabellfiler(yta.lake)
        begun = underhall.pagaende(yta.lake)
        now = las_fingeravtryck(stored)
        if now is None:
            raise TertialError(
                "Det finns inga pseudonymer i den här arbetsmappen, så det finns ingen nyckel att byta.",
                "En ny nyckel görs med «tertial nyckel skapa» innan något läses in.",
            )
        if begun is None:
            underhall.borja(yta.lake, begun := {"vad": VAD, "fran": now})
        steg("byt_borjat")
        if now == begun["fran"] or (yta.lake / JOURNAL).exists():
            try:
                now = byt_nyckel(nyckelfil, stored, tables, steg=lambda name: steg(f"byt_{name}"))
            except TertialError:
                if not (yta.lake / JOURNAL).exists():  # refused before anything was changed
                    underhall.klar(yta.lake)
                raise
        steg("byt_tabeller_klara")
        entries = _ledger(yta, now, steg)
        underhall.kasta_lager(yta)
        steg("byt_lager_bort")
        underhall.klar(yta.lake)
    return Nyckelbyte(begun["fran"], now, len(tables), entries)


def _ledger(yta: Arbetsyta, fingerprint: str, steg: Callable[[str], None]) -> int:
    """Bring the manifests' fingerprints and file hashes up to what now lies on disk."""
    ledger = Ledger(yta.lake)
    durable.sweep(ledger.folder)
    rewritten = {one.path.parent.name for one in underhall.tabellfiler(yta.lake)}
    changed = 0
    for manifest in ledger.manifests():
        key = None if manifest.nyckel_fingeravtryck is None else fingerprint
        if underhall.skriv_liggare(ledger, manifest, rewritten, key):
            changed += 1
            steg("byt_liggare")
    return changed
