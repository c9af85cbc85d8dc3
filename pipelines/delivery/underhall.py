"""Maintenance of the whole restricted zone: which stored files hold pseudonyms, and the journal of a job that was begun.

A change of key and a retention each touch many files and the ledger. Their journal says that one has begun; while it
lies there nothing else may run, and the same command run again ends where an uninterrupted one would. What they do
stands in `nyckelbyte` and `gallring`.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Mapping
from dataclasses import replace
from hashlib import file_digest
from pathlib import Path
from typing import Any, Final, cast

from pipelines import durable
from pipelines.contracts.model import PSEUDONYM_TYPER, Tabell, load_contract, sources
from pipelines.delivery.lake import SCHEMA_FILE
from pipelines.delivery.ledger import Ledger
from pipelines.delivery.manifest import Manifest
from pipelines.errors import TertialError
from pipelines.sekretess import radfil
from pipelines.sekretess.nyckelbyte import Tabellfil
from pipelines.sekretess.pseudonym import Doman
from pipelines.settings import Arbetsyta

JOURNAL: Final = "_underhall.json"
FINGERAVTRYCK: Final = "_nyckel.json"
SPILL: Final = "_temp-"  # and the process: a folder where an engine puts down rows that do not fit in memory
KOMMANDON: Final = {"nyckelbyte": "tertial nyckel byt", "gallring": "tertial gallra", "kryptering": "tertial run"}


def tabeller() -> list[Tabell]:
    """Every lake table with a pseudonym column, from the contracts."""
    return [
        table
        for name in sources()
        for table in load_contract(name).tabeller
        if any(one.typ in PSEUDONYM_TYPER and one.i_lake for one in table.kolumner)
    ]


def filer(lake: Path, tabell: Tabell) -> list[Path]:
    """Every stored file of a table, also one that a killed reading left without a manifest."""
    durable.sweep(lake / tabell.namn)
    return sorted(path for path in (lake / tabell.namn).glob("*.parquet") if path.name != SCHEMA_FILE)


def tabellfiler(lake: Path) -> list[Tabellfil]:
    """Every stored file that a change of key rewrites: with pseudonyms (which columns hold which domain), or encrypted."""
    persons = [
        Tabellfil(path, {one.lake_namn: cast(Doman, one.typ) for one in tabell.kolumner if one.typ in PSEUDONYM_TYPER})
        for tabell in tabeller()
        for path in filer(lake, tabell)
    ]
    known = {one.path for one in persons}
    return persons + [Tabellfil(path, {}) for path in radfil.alla(lake) if path not in known and radfil.krypterad(path)]


def pagaende(lake: Path) -> dict[str, Any] | None:
    """The journal of a job that was begun and not ended; None when there is none."""
    path = lake / JOURNAL
    if not path.is_file():
        return None
    document: dict[str, Any] = json.loads(path.read_bytes())
    return document


def vagra_avbrutet(lake: Path, utom: str | None = None) -> None:
    """TertialError when another job than `utom` was begun and not ended."""
    document = pagaende(lake)
    if document is not None and document["vad"] != utom:
        kommando = KOMMANDON[document["vad"]]
        if document["vad"] == "gallring":
            kommando += f" --fore {document['fore']}"
        raise TertialError(
            f"Ett underhåll av den begränsade zonen har avbrutits och är inte klart ({document['vad']}).",
            f"Kör «{kommando}» igen; det fortsätter där det slutade.",
        )


def borja(lake: Path, document: Mapping[str, Any]) -> None:
    """Write the journal, durable before anything is changed."""
    durable.write_json(lake / JOURNAL, document)


def klar(lake: Path) -> None:
    """The job is done: remove the journal."""
    (lake / JOURNAL).unlink(missing_ok=True)
    durable.fsync_dir(lake)


def kasta_lager(yta: Arbetsyta) -> None:
    """Remove the warehouse, a half-built one and what engines put down: they hold the rows as they were. The next run builds anew."""
    for path in (yta.lager, yta.lager.with_name(f"{yta.lager.name}.wal")):
        path.unlink(missing_ok=True)
    shutil.rmtree(yta.lager.parent / "ny", ignore_errors=True)
    sopa_spill(yta.lake)


def sopa_spill(lake: Path) -> None:
    """Remove what engines of dead processes put down in the lake. Under the run's lock, before an engine of this one does.

    A folder with this process's own number is a dead one's too: the numbers are used again, in a container at every start.
    """
    for path in lake.glob(f"{SPILL}*"):
        if not _lever(path.name.removeprefix(SPILL).partition("-")[0]):
            shutil.rmtree(path)


def _lever(process: str) -> bool:
    """Whether another process has that number: a killed run's guard works on until its question is answered."""
    return process != str(os.getpid()) and Path("/proc", process).is_dir()


def skriv_liggare(
    ledger: Ledger, manifest: Manifest, tabeller: Collection[str], nyckel_fingeravtryck: str | None
) -> bool:
    """Bring a delivery's fingerprint, and the hashes of its files in `tabeller`, up to what lies on disk; whether it differed."""
    folder = ledger.folder.parent
    posts = {
        name: replace(post, sha256=sha256_av(folder / name / post.parquet)) if name in tabeller else post
        for name, post in manifest.tabeller.items()
    }
    now = replace(manifest, tabeller=posts, nyckel_fingeravtryck=nyckel_fingeravtryck)
    if now != manifest:
        ledger.write(now)
    return now != manifest


def sha256_av(path: Path) -> str:
    """sha256 of a file, hex."""
    with path.open("rb") as handle:
        return file_digest(handle, "sha256").hexdigest()
