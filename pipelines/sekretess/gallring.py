"""Retention: which rows of the restricted zone a date removes, and removing them so that the file proves it.

What does not belong here: which tables have which period (`gallringsregler.yml`), the ledger and the order of the files
(`delivery.gallring`), aggregates (publications keep them reproducible).

The rule: a row goes when its *case* was closed before `fore`, unless the person is exempt for research: born on day 5, 15
or 25 of a month (socialtjänstförordningen). Every stored version of a case follows the case's one closing date
(`avslut`): an old extract in which the case was still open does not keep it. A case without closing date is not closed
and stays. A row whose exemption is not known stays too and is counted: what is kept by mistake can be removed tomorrow,
never the other way round.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

import polars as pl

from pipelines import durable
from pipelines.errors import TertialError
from pipelines.sekretess import radfil
from pipelines.sekretess.omskrivning import fsync_mapp, packning, schema

UNDANTAGNA_DAGAR: Final = (5, 15, 25)
UNDANTAGSKOLUMN: Final = "gallring_undantag"
Enhet = Literal["dag", "manad", "ar"]
_BESLUT: Final = ("gallras", "kvar_ej_avslutad", "kvar_nyare", "kvar_undantagen", "kvar_okant_undantag")
_PSEUDONYM_BYTE: Final = re.compile(rb"(?=([a-z2-7]{26}))")


@dataclass(frozen=True, slots=True)
class Slut:
    """One column (Date, or Int32 year) that closes a case; the day counted is the last one of its `enhet`.

    nar_saknas  it closes the case only when this column is null (a förhandsbedömning closes what was never opened)
    """

    kolumn: str
    enhet: Enhet = "dag"
    nar_saknas: str | None = None

    def dag(self) -> pl.Expr:
        """The closing day as a Date, null when this column does not close the row."""
        varde = pl.col(self.kolumn)
        match self.enhet:
            case "dag":
                dag = varde
            case "manad":
                dag = varde.dt.month_end()
            case "ar":
                dag = pl.date(varde, 12, 31)
        return dag if self.nar_saknas is None else pl.when(pl.col(self.nar_saknas).is_null()).then(dag)


@dataclass(frozen=True, slots=True)
class Gallringsregel:
    """How one table is weeded.

    arende           columns that identify a case
    slut             what closes it, the first that says a day
    frist_ar         whole years after the year of closing before anything may go
    sista            True: the last closing day of all the case's rows counts (one row a month); False: the one in the
                     latest version of the case
    undantagskolumn  column (Boolean) made at the door; None when the table holds no birth date
    pseudonymer      columns with pseudonyms, for the proof
    """

    tabell: str
    arende: tuple[str, ...]
    slut: tuple[Slut, ...]
    frist_ar: int
    sista: bool = False
    undantagskolumn: str | None = UNDANTAGSKOLUMN
    pseudonymer: tuple[str, ...] = ()

    def senast_tillatna(self, idag: date) -> date:
        """The latest `fore` that respects the period: cases closed in a year may go when `frist_ar` whole years have passed."""
        return date(idag.year - self.frist_ar, 1, 1)

    @property
    def kolumner(self) -> set[str]:
        """Every column the rule reads."""
        named = {*self.arende, *self.pseudonymer, *(ett.kolumn for ett in self.slut)}
        named |= {ett.nar_saknas for ett in self.slut if ett.nar_saknas is not None}
        return named | ({self.undantagskolumn} if self.undantagskolumn is not None else set())


def undantagen(fodelsedatum: pl.Expr) -> pl.Expr:
    """Boolean: born on an exempt day; null when the birth date is unknown. Made at the door, before the day is dropped."""
    return fodelsedatum.dt.day().is_in(UNDANTAGNA_DAGAR)


def avslut(filer: Sequence[Path], regel: Gallringsregel) -> pl.DataFrame:
    """One row per case: its `arende` columns and `_slut` (Date, null = open).

    filer  every file of the table, oldest version first. Weed them in the same order: the file that decides a case is
           then the last to lose it, so a killed weeding that is run again decides the same.
    """
    ramar = [pl.LazyFrame(schema={**dict.fromkeys(regel.arende, pl.String), "_slut": pl.Date, "_version": pl.Int32})]
    ramar = [
        radfil.skanna(path).select(
            *regel.arende, pl.coalesce(ett.dag() for ett in regel.slut).alias("_slut"), pl.lit(nr).alias("_version")
        )
        for nr, path in enumerate(filer)
    ] or ramar
    rader = pl.concat(ramar, how="vertical_relaxed").group_by(regel.arende)
    galler = pl.col("_slut").max() if regel.sista else pl.col("_slut").sort_by("_version").last()
    return rader.agg(galler).collect()


def beslut(regel: Gallringsregel, fore: date) -> pl.Expr:
    """String per row that carries `_slut`: `gallras` or why it stays (one of five words), the first that applies."""
    slut = pl.col("_slut")
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


def gallra_fil(
    path: Path, regel: Gallringsregel, fore: date, slut: pl.DataFrame, *, torr: bool = False
) -> dict[str, Any]:
    """Weed one Parquet file and return its part of the protocol (counts and file hashes, no pseudonym).

    slut  the cases' closing days (`avslut`)
    torr  count only

    The file is replaced by a fresh one (temporary name, fsync, proof, rename), so a kill leaves the old file or the new.
    Nothing is written when no row goes. TertialError when the proof fails; the file is then as it was.
    """
    ram = radfil.las(path)
    if saknas := sorted(regel.kolumner - {*ram.columns}):
        raise TertialError(
            f"Tabellen {regel.tabell} saknar {', '.join(saknas)}; inget gallrades.",
            "Rätta gallringsregeln eller bygg om tabellen från leveranserna.",
        )
    med = ram.join(slut, on=regel.arende, how="left", nulls_equal=True, maintain_order="left")
    med = med.with_columns(beslut(regel, fore).alias("_beslut"))
    antal = dict(med.group_by("_beslut").len().iter_rows())
    kvar = med.filter(pl.col("_beslut") != "gallras").drop("_beslut", "_slut")
    bort = _identiteter(ram, regel) - _identiteter(kvar, regel)
    protokoll: dict[str, Any] = {
        "tabell": regel.tabell,
        "fil": path.name,
        "fore": fore.isoformat(),
        "rader_innan": ram.height,
        **{f"rader_{ord_}": antal.get(ord_, 0) for ord_ in _BESLUT},
        "identiteter_borta": len(bort),
        "sha256_innan": _sha256(path),
    }
    if antal.get("gallras") and not torr:
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
        aterlast = radfil.las(tillfallig)
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
    if radfil.krypterad(forlaga):
        radfil.skriv(mal, ram, radfil.zonens_nyckel())
        mal.chmod(0o600)
        durable.fsync_file(mal)
        return
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
