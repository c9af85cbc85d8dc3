"""The last look at the very files of an edition, before anybody can read them: fault 81.

Knows nothing of how a figure was hidden: it reads the files again and compares them with what was decided.
Personal identity numbers are looked for by `sekretess.filgranskning`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from pipelines.errors import TertialError
from pipelines.publication.edition import DATABASE, Mart

#: columns that hold one person's pseudonym or birth, whatever the mart
PERSONKOLUMN = re.compile(
    r"(^|_)(person|hushall|arende|respondent|sokande|medsokande|placering|insats)(_id|_nr)$|fodelse(ar|datum)|personnummer"
    r"|gallring_undantag"
)
_PSEUDONYM = re.compile(r"[a-z2-7]{26}")


@dataclass(frozen=True)
class Vantat:
    """What must hold of a published mart.

    dolda    rows with these values of the key must be empty in `tal`: the frame holds the key columns
    tal      the columns of figures
    smatal   columns where no row may show 1..6, and the condition for it to be a count of persons
    """

    mart: str
    dolda: pl.DataFrame
    tal: tuple[str, ...]
    smatal: tuple[tuple[str, pl.Expr], ...] = ()


def granska(mapp: Path, marter: Iterable[Mart], vantat: Iterable[Vantat]) -> None:
    """Raise TertialError when a file in `mapp` holds anything that was not decided."""
    med_namn = {mart.namn: mart for mart in marter}
    databas = mapp / DATABASE
    connection = duckdb.connect(str(databas), read_only=True, config={"enable_external_access": "false"})
    try:
        tabeller = {namn for (namn,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
        if tabeller != set(med_namn) or connection.execute(
            "select count(*) from duckdb_views()  where not internal"
        ).fetchone() != (0,):
            _stopp("databasen innehåller annat än de beslutade marterna")
        for namn, mart in med_namn.items():
            ur_databas = connection.execute(f'select * from "{namn}"').pl()
            ur_fil = pl.read_parquet(mapp / f"{namn}.parquet")
            for frame in (ur_databas, ur_fil):
                _kolumner(namn, frame)
                if frame.height != mart.rader.height:
                    _stopp(f"{namn} har fel antal rader")
            if not ur_fil.equals(mart.rader):
                _stopp(f"{namn}.parquet är inte det som beslutades")
            if ur_databas.fill_nan(None).write_csv() != ur_fil.fill_nan(None).write_csv():
                _stopp(f"{namn} skiljer sig mellan Parquet och databasen")
    finally:
        connection.close()
    for one in vantat:
        _dolda_och_sma(one, pl.read_parquet(mapp / f"{one.mart}.parquet"))


def _kolumner(namn: str, frame: pl.DataFrame) -> None:
    if personer := [kolumn for kolumn in frame.columns if PERSONKOLUMN.search(kolumn)]:
        _stopp(f"{namn} har kolumnen {personer[0]}, som hör till en enskild person")
    for kolumn, typ in frame.schema.items():
        if typ == pl.String and frame[kolumn].str.contains(f"^{_PSEUDONYM.pattern}$").any():
            _stopp(f"{namn}.{kolumn} innehåller något som ser ut som en pseudonym")


def _dolda_och_sma(one: Vantat, frame: pl.DataFrame) -> None:
    nyckel = one.dolda.columns
    dolda = frame.join(one.dolda, on=nyckel, how="semi", nulls_equal=True)
    finns = [kolumn for kolumn in one.tal if kolumn in frame.columns]
    if dolda.filter(pl.any_horizontal(pl.col(kolumn).is_not_null() for kolumn in finns)).height:
        _stopp(f"{one.mart} visar ett tal som skulle döljas")
    for kolumn, villkor in one.smatal:
        if frame.filter(villkor & pl.col(kolumn).cast(pl.Float64).is_between(1, 6)).height:
            _stopp(f"{one.mart} visar ett antal personer mellan 1 och 6 i kolumnen {kolumn}")


def _stopp(vad: str) -> None:
    raise TertialError(
        f"Slutgranskningen stoppade utgåvan: {vad}.",
        "Inget är publicerat och förra utgåvan gäller. Meddela utvecklarna.",
    )
