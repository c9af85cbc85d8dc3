"""One edition of the marts in `data/marts/`: all files or none.

An edition is built in `utgavor/.<id>.tmp/`, closed (fsync, 0444, manifest with sha256), renamed to `utgavor/<id>/`,
and becomes what everybody reads when the link `aktuell` is switched: one rename. `<mart>.parquet` and
`tertial.duckdb` beside it are links through `aktuell`, so their paths never change and no reader sees half of
one edition and half of another inside a file. What may be in a mart is decided before; this module only writes.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipelines import durable
from pipelines.errors import TertialError
from pipelines.publication.verifiera import DATABASE as DATABASE
from pipelines.publication.verifiera import MANIFEST as MANIFEST
from pipelines.publication.verifiera import digest as digest
from pipelines.publication.verifiera import verify as verify
from pipelines.settings import krasch

# analysts' drivers (DBeaver, Power BI) still come with clients that read no newer file format
STORAGE_VERSION = "v1.2.0"
KEPT_EDITIONS = 3


@dataclass(frozen=True, slots=True)
class Mart:
    """One published table: its rows (already disclosure-safe) and what each column means."""

    namn: str
    rader: pl.DataFrame
    beskrivning: str = ""
    kolumner: Mapping[str, str] = field(default_factory=dict)


def publish(
    marts: Iterable[Mart],
    folder: Path,
    facts: Mapping[str, Any],
    inspect: Callable[[Path], None],
    now: datetime | None = None,
) -> Path:
    """Write an edition and make it the current one; the path of its folder.

    `facts` goes into the manifest (deliveries, versions, checks). `inspect` is given the finished folder and
    raises TertialError to stop everything: nothing has been switched by then.
    """
    editions = folder / "utgavor"
    for one in (folder, editions):
        one.mkdir(parents=True, exist_ok=True)
        one.chmod(durable.PUBLISHED_DIR)
    # parts apart: a run of 14 digits can look like a personal identity number to the scanner
    stamp = (now or datetime.now(UTC)).strftime("%Y-%m-%d_%H%M%S_%f")[:-3]
    building = editions / f".{stamp}.tmp"
    for left in editions.glob(".*.tmp"):
        shutil.rmtree(left)
    building.mkdir()
    building.chmod(durable.PUBLISHED_DIR)
    try:
        written = _write(marts, building)
        krasch("publicering_skriven")
        inspect(building)
        _close(building, written, facts, stamp)
        krasch("publicering_stangd")
        final = editions / stamp
        building.rename(final)
        durable.fsync_dir(editions)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    _switch(folder, final, [*written, DATABASE, MANIFEST])
    _forget_old(editions, final)
    return final


def _write(marts: Iterable[Mart], building: Path) -> list[str]:
    written = []
    connection = duckdb.connect()
    try:
        target = str(building / DATABASE).replace("'", "''")
        connection.execute(f"attach '{target}' as publicerad (storage_version '{STORAGE_VERSION}')")
        for mart in marts:
            path = building / f"{mart.namn}.parquet"
            mart.rader.write_parquet(path, compression="zstd", statistics=True)
            # through the file: handing a frame over makes DuckDB import pandas
            connection.execute(f'create table publicerad."{mart.namn}" as select * from read_parquet(?)', [str(path)])
            _comment(connection, mart)
            written.append(f"{mart.namn}.parquet")
        connection.execute("checkpoint publicerad")
        connection.execute("detach publicerad")
    finally:
        connection.close()
    if (building / f"{DATABASE}.wal").exists():
        raise TertialError("Den publicerade databasen stängdes inte rent.", "Kör igen; marterna är orörda.")
    return written


def _comment(connection: duckdb.DuckDBPyConnection, mart: Mart) -> None:
    """Table and column descriptions travel with the file (comments take no parameters: quotes are doubled)."""

    def literal(text: str) -> str:
        return "'" + text.replace("'", "''") + "'"

    if mart.beskrivning:
        connection.execute(f'comment on table publicerad."{mart.namn}" is {literal(mart.beskrivning)}')
    for column, text in mart.kolumner.items():
        if column in mart.rader.columns and text:
            connection.execute(f'comment on column publicerad."{mart.namn}"."{column}" is {literal(text)}')


def _close(building: Path, written: list[str], facts: Mapping[str, Any], stamp: str) -> None:
    files = {}
    for name in [*written, DATABASE]:
        path = building / name
        path.chmod(durable.PUBLISHED_FILE)
        durable.fsync_file(path)
        files[name] = {"sha256": digest(path), "storlek": path.stat().st_size}
    durable.write_json(building / MANIFEST, {"utgava": stamp, "filer": files, **facts}, mode=durable.PUBLISHED_FILE)
    durable.fsync_dir(building)


def _switch(folder: Path, final: Path, names: Iterable[str]) -> None:
    wanted = {name: Path("aktuell") / name for name in names}
    for name, target in wanted.items():
        link = folder / name
        if not link.is_symlink() or link.readlink() != target:
            _link(link, target)
    _link(folder / "aktuell", Path("utgavor") / final.name)
    for link in folder.iterdir():
        if link.is_symlink() and link.name != "aktuell" and link.name not in wanted:
            link.unlink()
    durable.fsync_dir(folder)


def _link(link: Path, target: Path) -> None:
    temporary = link.with_name(f".{link.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(link)


def _forget_old(editions: Path, current: Path) -> None:
    finished = sorted(path for path in editions.iterdir() if path.is_dir() and not path.name.startswith("."))
    for path in finished[:-KEPT_EDITIONS]:
        if path != current:
            shutil.rmtree(path, ignore_errors=True)
