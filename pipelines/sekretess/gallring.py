"""Retention: which rows of the restricted zone a date removes, and removing them so that the file proves it.

What does not belong here: which tables have which period (contracts), when it is run (CLI), aggregates (publications keep
them reproducible).

The rule: a row goes when its closing date is before `fore`, unless the person is exempt for research: born on day 5, 15
or 25 of a month (socialtjänstförordningen). A row without closing date is not closed and stays. A row whose exemption is
not known stays too and is counted: what is kept by mistake can be removed tomorrow, never the other way round.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import polars as pl

from pipelines.errors import TertialError
from pipelines.sekretess.omskrivning import fsync_mapp, packning, schema

UNDANTAGNA_DAGAR: Final = (5, 15, 25)
_BESLUT: Final = ("gallras", "kvar_ej_avslutad", "kvar_nyare", "kvar_undantagen", "kvar_okant_undantag")
_PSEUDONYM_BYTE: Final = re.compile(rb"(?=([a-z2-7]{26}))")


@dataclass(frozen=True, slots=True)
class Gallringsregel:
    """How one table is weeded.

    slutkolumn       column (Date) that closes the row: end of the placement, the decision, the delivery's period end
    undantagskolumn  column (Boolean) `undantagen_gallring` made at the door; None when the table's rows have no person
    pseudonymer      columns with pseudonyms, for the proof
    """

    tabell: str
    slutkolumn: str
    undantagskolumn: str | None = "undantagen_gallring"
    pseudonymer: Sequence[str] = ()


def undantagen(fodelsedatum: pl.Expr) -> pl.Expr:
    """Boolean: born on an exempt day; null when the birth date is unknown. Made at the door, before the day is dropped."""
    return fodelsedatum.dt.day().is_in(UNDANTAGNA_DAGAR)


def beslut(regel: Gallringsregel, fore: date) -> pl.Expr:
    """String per row: `gallras` or why it stays (one of five words), the first that applies in the order below."""
    slut = pl.col(regel.slutkolumn)
    undantag = pl.lit(False) if regel.undantagskolumn is None else pl.col(regel.undantagskolumn)
    return (
        pl.when(slut.is_null())
        .then(pl.lit("kvar_ej_avslutad"))
        .when(slut >= fore)
        .then(pl.lit("kvar_nyare"))
        .when(undantag.is_null())
        .then(pl.lit("kvar_okant_undantag"))
        .when(undantag)
        .then(pl.lit("kvar_undantagen"))
        .otherwise(pl.lit("gallras"))
    )


def gallra_fil(path: Path, regel: Gallringsregel, fore: date) -> dict[str, Any]:
    """Weed one Parquet file and return its part of the protocol (counts and file hashes, no pseudonym).

    The file is replaced by a fresh one (temporary name, fsync, proof, rename), so a kill leaves the old file or the new.
    Nothing is written when no row goes. TertialError when the proof fails; the file is then as it was.
    """
    ram = pl.read_parquet(path)
    saknas = {regel.slutkolumn, regel.undantagskolumn, *regel.pseudonymer} - {None, *ram.columns}
    if saknas:
        raise TertialError(
            f"Tabellen {regel.tabell} saknar {', '.join(sorted(str(namn) for namn in saknas))}; inget gallrades.",
            "Rätta tabellens avtal eller bygg om den från leveranserna.",
        )
    med = ram.with_columns(beslut(regel, fore).alias("_beslut"))
    antal = dict(med.group_by("_beslut").len().iter_rows())
    kvar = med.filter(pl.col("_beslut") != "gallras").drop("_beslut")
    bort = _identiteter(ram, regel) - _identiteter(kvar, regel)
    protokoll: dict[str, Any] = {
        "tabell": regel.tabell,
        "fil": path.name,
        "fore": fore.isoformat(),
        "tid": datetime.now(UTC).isoformat(timespec="seconds"),
        "rader_innan": ram.height,
        **{f"rader_{ord_}": antal.get(ord_, 0) for ord_ in _BESLUT},
        "identiteter_borta": len(bort),
        "sha256_innan": _sha256(path),
    }
    if antal.get("gallras"):
        _ersatt(path, kvar, regel, bort)
    return {**protokoll, "sha256_efter": _sha256(path)}


def finns_i_bytes(path: Path, pseudonymer: set[str]) -> int:
    """How many of these pseudonyms stand readable anywhere in the file's bytes."""
    funna = {traff[1].decode() for traff in _PSEUDONYM_BYTE.finditer(path.read_bytes())}
    return len(funna & pseudonymer)


def _ersatt(path: Path, kvar: pl.DataFrame, regel: Gallringsregel, bort: set[str]) -> None:
    tillfallig = path.with_name(f".{path.name}.gallring")
    tillfallig.unlink(missing_ok=True)
    try:
        _skriv(tillfallig, kvar, path)
        # the packed pages are proven by reading them back, everything else (statistics, metadata) by its bytes
        aterlast = pl.read_parquet(tillfallig)
        if not aterlast.equals(kvar) or _identiteter(aterlast, regel) & bort or finns_i_bytes(tillfallig, bort):
            raise TertialError(
                f"Gallringen av {regel.tabell} kunde inte bevisas: gallrade uppgifter finns kvar i den nya filen."
                " Den gamla filen är orörd.",
                "Kör om; händer det igen är det ett fel i Tertial.",
            )
        tillfallig.replace(path)
        fsync_mapp(path.parent)
    finally:
        tillfallig.unlink(missing_ok=True)


def _skriv(mal: Path, ram: pl.DataFrame, forlaga: Path) -> None:
    """Write with the original's Arrow schema, metadata and packing, so that readers see no difference but the rows."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(forlaga) as gammal:
        arrow = schema(gammal)
        packad = packning(gammal.metadata)
    handtag = os.open(mal, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(handtag, "wb") as fil:
        pq.write_table(ram.to_arrow().cast(arrow), fil, compression=packad)
        fil.flush()
        os.fsync(fil.fileno())


def _identiteter(ram: pl.DataFrame, regel: Gallringsregel) -> set[str]:
    return {text for namn in regel.pseudonymer for text in ram[namn].drop_nulls().unique().to_list()}


def _sha256(path: Path) -> str:
    with path.open("rb") as fil:
        return hashlib.file_digest(fil, "sha256").hexdigest()
