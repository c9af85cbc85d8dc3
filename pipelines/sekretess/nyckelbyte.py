"""Changing the key: every stored pseudonym is carried to the new round key, then the old one is destroyed.

What does not belong here: how a pseudonym is computed (`pseudonym`), what a key file looks like (`nyckel`).

Two phases around one commit point (docs/adr/0020). Before it nothing that is in use has changed, and a rerun starts over;
after it a rerun rolls forward. There is never a map: rows are rewritten value by value, with both keys in memory.

    1 journal «forbereder»   2 new key staged as <key>.ny   3 each table rewritten to <table>.nyckelbyte
    4 journal «byter»  <- commit point
    5 staged tables renamed over   6 new key renamed over, old one overwritten and removed   7 fingerprint   8 journal gone
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.errors import TertialError
from pipelines.sekretess import radfil
from pipelines.sekretess.nyckel import (
    JOURNAL,
    Nyckel,
    las_fingeravtryck,
    las_nyckel,
    skriv_fingeravtryck,
    skriv_nyckel,
)
from pipelines.sekretess.omskrivning import fsync_mapp, packning, schema, skriv_atomart
from pipelines.sekretess.pseudonym import Doman, Pseudonymiserare

Oversatt = Callable[[pl.Series, Doman], pl.Series]


@dataclass(frozen=True, slots=True)
class Tabellfil:
    """One stored table: where it is and which of its columns hold pseudonyms of which domain (none: encrypted only)."""

    path: Path
    kolumner: Mapping[str, Doman]


def skriv_om_parquet(kalla: Path, mal: Path, kolumner: Mapping[str, Doman], oversatt: Oversatt) -> None:
    """Rewrite a plain file with translated pseudonym columns: row group by row group, schema and metadata kept."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(kalla) as fil:
        arrow = schema(fil)
        with pq.ParquetWriter(mal, arrow, compression=packning(fil.metadata)) as skrivare:
            for grupp in range(fil.metadata.num_row_groups):
                tabell = fil.read_row_group(grupp)
                for namn, doman in kolumner.items():
                    plats = arrow.get_field_index(namn)
                    if plats < 0:
                        raise ValueError(f"no column {namn}")
                    serie = pl.Series(namn, pl.from_arrow(tabell.column(namn))).cast(pl.String)
                    ny = oversatt(serie, doman).to_arrow().cast(arrow.field(plats).type)
                    tabell = tabell.set_column(plats, arrow.field(plats), pa.chunked_array([ny]))
                skrivare.write_table(tabell.replace_schema_metadata(arrow.metadata))


def _skriv_om_krypterad(
    kalla: Path, mal: Path, kolumner: Mapping[str, Doman], oversatt: Oversatt, fran: Nyckel, till: Nyckel
) -> None:
    """The same for an encrypted file, whose own key changes with the pseudonyms'."""
    rader = radfil.las(kalla, fran)
    if saknas := kolumner.keys() - {*rader.columns}:
        raise ValueError(f"no column {min(saknas)}")
    radfil.skriv(mal, rader.with_columns(oversatt(rader[namn], doman) for namn, doman in kolumner.items()), till)


def byt_nyckel(
    nyckelfil: Path,
    fingeravtryck: Path,
    tabeller: Sequence[Tabellfil],
    *,
    steg: Callable[[str], None] = lambda _namn: None,
) -> str:
    """Replace the key and every pseudonym made with it; returns the new fingerprint.

    Safe to rerun after a kill at any point. `tabeller` must be *all* tables with pseudonyms or encrypted: one left out
    would hold persons nobody can link, or rows nobody can read (the caller lists them from the contracts and the
    folders). `steg` is told each stage, for crash tests.
    Raises TertialError before the commit point with everything as it was.
    """
    journal = fingeravtryck.parent / JOURNAL
    with _ensam(fingeravtryck.parent):
        if _lage(journal) != "byter":
            _stada(journal, nyckelfil, tabeller)
            try:
                _forbered(journal, nyckelfil, fingeravtryck, tabeller, steg)
            except BaseException:
                if _lage(journal) != "byter":
                    _stada(journal, nyckelfil, tabeller)
                raise
        return _rulla_fram(journal, nyckelfil, fingeravtryck, steg)


def _forbered(
    journal: Path,
    nyckelfil: Path,
    fingeravtryck: Path,
    tabeller: Sequence[Tabellfil],
    steg: Callable[[str], None],
) -> None:
    gammal = las_nyckel(nyckelfil)
    lagrat = las_fingeravtryck(fingeravtryck)
    if lagrat != gammal.fingeravtryck if lagrat is not None else tabeller:
        raise TertialError(
            "Nyckeln är inte den som lagret är gjort med, så pseudonymerna kan inte föras över.",
            "Ange den rätta nyckelfilen och kör «tertial nyckel byt» igen.",
        )
    saknas = [tabell.path for tabell in tabeller if not tabell.path.is_file() or tabell.path.is_symlink()]
    if saknas:
        raise TertialError(f"Tabellfilen {saknas[0]} finns inte eller är en länk; ingen nyckel byttes.", "Kör om.")
    ny = gammal.nasta_omgang()
    tillstand = {
        "fran": gammal.fingeravtryck,
        "till": ny.fingeravtryck,
        "nyckelfil": str(nyckelfil.absolute()),
        "tabeller": [str(tabell.path.absolute()) for tabell in tabeller],
    }
    _skriv_journal(journal, {"lage": "forbereder", **tillstand})
    steg("journal")
    skriv_nyckel(ny, _ny(nyckelfil))
    steg("nyckel_staged")
    for tabell in tabeller:
        _skriv_om(tabell, gammal, ny)
        steg("tabell_staged")
    _skriv_journal(journal, {"lage": "byter", **tillstand})
    steg("beslut")


def _skriv_om(tabell: Tabellfil, gammal: Nyckel, ny: Nyckel) -> None:
    mal = _staged(tabell.path)
    pseudonymiserare = Pseudonymiserare(gammal)

    def oversatt(serie: pl.Series, doman: Doman) -> pl.Series:
        return pseudonymiserare.byt(serie, doman, ny)

    try:
        if radfil.krypterad(tabell.path):
            _skriv_om_krypterad(tabell.path, mal, tabell.kolumner, oversatt, gammal, ny)
        else:
            skriv_om_parquet(tabell.path, mal, tabell.kolumner, oversatt)
    except ValueError:
        raise TertialError(
            f"Tabellen {tabell.path.name} har ett värde som inte är en pseudonym, eller saknar en kolumn;"
            " ingen nyckel byttes och inget ändrades.",
            "Bygg om tabellen från leveranserna och kör «tertial nyckel byt» igen.",
        ) from None
    mal.chmod(tabell.path.stat().st_mode & 0o777)
    with mal.open("rb") as fil:
        os.fsync(fil.fileno())
    fsync_mapp(mal.parent)


def _rulla_fram(journal: Path, nyckelfil: Path, fingeravtryck: Path, steg: Callable[[str], None]) -> str:
    tillstand = json.loads(journal.read_text(encoding="utf-8"))
    if tillstand["nyckelfil"] != str(nyckelfil.absolute()):
        raise TertialError(
            "Det avbrutna nyckelbytet gällde en annan nyckelfil.", f"Kör om med nyckelfilen {tillstand['nyckelfil']}."
        )
    for namn in tillstand["tabeller"]:
        path = Path(namn)
        if _staged(path).exists():
            _staged(path).replace(path)
            fsync_mapp(path.parent)
        steg("tabell_bytt")
    ny, gammal = _ny(nyckelfil), _gammal(nyckelfil)
    if ny.exists():
        if nyckelfil.exists():
            nyckelfil.replace(gammal)
        steg("gammal_undan")
        ny.replace(nyckelfil)
        fsync_mapp(nyckelfil.parent)
    steg("nyckel_bytt")
    nyckel = las_nyckel(nyckelfil)
    if nyckel.fingeravtryck != tillstand["till"]:
        raise TertialError(
            "Nyckelfilen är inte den som nyckelbytet skapade.",
            "Återställ nyckelfilen och kör «tertial nyckel byt» igen.",
        )
    _forstor(gammal)
    steg("gammal_forstord")
    skriv_fingeravtryck(nyckel, fingeravtryck)
    steg("fingeravtryck")
    journal.unlink()
    fsync_mapp(journal.parent)
    return nyckel.fingeravtryck


def _stada(journal: Path, nyckelfil: Path, tabeller: Sequence[Tabellfil]) -> None:
    """Before the commit point everything staged is thrown away: the key in use and its tables are untouched."""
    if not journal.exists():
        return
    kanda = {Path(namn) for namn in json.loads(journal.read_text(encoding="utf-8"))["tabeller"]}
    for path in kanda | {tabell.path for tabell in tabeller}:
        _staged(path).unlink(missing_ok=True)
    _forstor(_ny(nyckelfil))
    journal.unlink()
    fsync_mapp(journal.parent)


def _forstor(path: Path) -> None:
    """Overwrite a key file in place and remove it. What a disk's own copies keep is beyond any program (docs/adr/0020)."""
    if not path.exists():
        return
    path.chmod(0o600)
    with path.open("r+b") as fil:
        fil.write(bytes(path.stat().st_size))
        fil.flush()
        os.fsync(fil.fileno())
    path.unlink()
    fsync_mapp(path.parent)


def _lage(journal: Path) -> str | None:
    return str(json.loads(journal.read_text(encoding="utf-8"))["lage"]) if journal.exists() else None


def _skriv_journal(journal: Path, tillstand: Mapping[str, object]) -> None:
    skriv_atomart(journal, json.dumps(tillstand, ensure_ascii=False, indent=1).encode())


def _staged(path: Path) -> Path:
    return path.with_name(f"{path.name}.nyckelbyte")


def _ny(nyckelfil: Path) -> Path:
    return nyckelfil.with_name(f"{nyckelfil.name}.ny")


def _gammal(nyckelfil: Path) -> Path:
    return nyckelfil.with_name(f"{nyckelfil.name}.gammal")


@contextmanager
def _ensam(mapp: Path) -> Iterator[None]:
    """One change of key at a time; the lock dies with the process."""
    handtag = os.open(mapp, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handtag, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise TertialError("Ett nyckelbyte pågår redan.", "Vänta tills det är klart.") from None
    finally:
        os.close(handtag)
