"""Bringing the lake's row files to what TERTIAL_KRYPTERA says: all encrypted, or all plain, before anything is read.

A file's own first bytes say which it is, so a killed change is gone on with by looking again. Each file is read back
and compared before it takes the old one's place; the ledger's hashes follow. What a row file is stands in
`sekretess.radfil`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipelines import durable, settings
from pipelines.delivery import underhall
from pipelines.delivery.ledger import Ledger
from pipelines.errors import TertialError
from pipelines.sekretess import radfil
from pipelines.sekretess.nyckel import Nyckel, kontrollera_fingeravtryck

VAD = "kryptering"


def stall_in(
    lake: Path,
    *,
    borjar: Callable[[int], None],
    klar: Callable[[], None],
    steg: Callable[[str], None] = settings.krasch,
) -> int:
    """Rewrite the files that are not as the setting says; how many. Under the run's lock, with no other job begun.

    TertialError, with every row where it was, when the key is not the one that the lake is made with.
    borjar  told how many files there are to rewrite, when there are any
    klar    told each file
    steg    told each stage (crash tests)
    """
    if not lake.is_dir():
        return 0
    key = radfil.zonens_nyckel() if settings.kryptera() else None
    wrong = [path for path in radfil.alla(lake) if radfil.krypterad(path) != (key is not None)]
    if key is not None:
        _prova(lake, key)
    if not wrong and underhall.pagaende(lake) is None:
        return 0
    borjar(len(wrong))
    underhall.borja(lake, {"vad": VAD})
    steg("kryptering_borjad")
    for folder in radfil.mappar(lake):
        durable.sweep(folder)
    for path in wrong:
        _skriv_om(path, key)
        steg("kryptering_fil")
        klar()
    _liggare(lake, steg)
    underhall.klar(lake)
    return len(wrong)


def _prova(lake: Path, key: Nyckel) -> None:
    """A lake encrypted with two keys would be half lost: the first encryption remembers the key, as the first person does."""
    ledger = Ledger(lake).manifests() if not (lake / underhall.FINGERAVTRYCK).is_file() else []
    empty = not any(one.nyckel_fingeravtryck for one in ledger) and not any(map(radfil.krypterad, radfil.alla(lake)))
    kontrollera_fingeravtryck(key, lake / underhall.FINGERAVTRYCK, tomt=empty)


def _skriv_om(path: Path, key: Nyckel | None) -> None:
    rows = radfil.las(path)
    with durable.replacing(path) as temporary:
        radfil.skriv(temporary, rows, key)
        again = radfil.las(temporary)
        if radfil.krypterad(temporary) != (key is not None) or again.schema != rows.schema or not again.equals(rows):
            raise TertialError(
                f"Radfilen {path.parent.name}/{path.name} blev inte densamma när den skrevs om; den gamla är orörd.",
                "Kör om; händer det igen är det ett fel i Tertial.",
            )


def _liggare(lake: Path, steg: Callable[[str], None]) -> None:
    ledger = Ledger(lake)
    durable.sweep(ledger.folder)
    tables = {path.name for path in radfil.mappar(lake)}
    for manifest in ledger.manifests():
        if underhall.skriv_liggare(ledger, manifest, tables, manifest.nyckel_fingeravtryck):
            steg("kryptering_liggare")
