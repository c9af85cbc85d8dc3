"""The one door to the lake's row files, encrypted or plain: a file's first bytes say which it is.

What does not belong here: which files there are in force (`delivery`), when they are rewritten (`delivery.omkryptering`).

Only DuckDB reads and writes an encrypted file, and the rows reach it through memory that no folder knows: nothing plain
is on the disk on the way (docs/adr/0023). The key is derived from the pseudonym key as it is now, and a change of key
rewrites the files; the engine knows it under the key's fingerprint, so that the old and the new have different names.
"""

from __future__ import annotations

import hashlib
import os
import platform
from base64 import b64encode
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import duckdb
import polars as pl
from polars.io.plugins import register_io_source

from pipelines import settings
from pipelines.errors import TertialError
from pipelines.sekretess.nyckel import Nyckel, las_nyckel

SCHEMAFIL: Final = "_schema.parquet"
_KRYPTERAD: Final = b"PARE"  # Parquet's mark of an encrypted footer; a plain file begins with PAR1


def zonens_nyckel() -> Nyckel:
    """The key that the settings name; TertialError when it is not there."""
    return las_nyckel(settings.nyckelfil(), settings.uppgiftskatalog())


def motornyckel(nyckel: Nyckel, syfte: str) -> str:
    """The engine's key for one purpose: base64 of our own making, so it holds no quote."""
    stam, omgang = nyckel.harled(syfte)
    return b64encode(hashlib.sha256(stam + omgang).digest()).decode()


def krypterad(path: Path) -> bool:
    """Whether a row file is encrypted."""
    with path.open("rb") as handle:
        return handle.read(4) == _KRYPTERAD


def mappar(lake: Path) -> list[Path]:
    """The lake's tables, also one whose contract is gone."""
    return sorted(path for path in lake.iterdir() if path.is_dir() and not path.name.startswith("_"))


def alla(lake: Path) -> list[Path]:
    """Every row file, and the files of no rows that carry the tables' columns."""
    return [path for folder in mappar(lake) for path in sorted(folder.glob("*.parquet"))]


def lage(lake: Path) -> bool:
    """Whether the lake is encrypted; TertialError when it is so in part: then a run was killed while it changed that."""
    states = {krypterad(path) for path in alla(lake)}
    if len(states) > 1:
        raise TertialError(
            "En del av radfilerna är krypterade och andra inte: en körning som skrev om dem har avbrutits.",
            "Kör `tertial run`, så skrivs resten om.",
        )
    return states == {True}


def skanna(path: Path, nyckel: Nyckel | None = None) -> pl.LazyFrame:
    """The file's rows, of which only the columns that are asked for are read. `nyckel`: another than the settings name."""
    if not krypterad(path):
        return pl.scan_parquet(path)
    key = nyckel or zonens_nyckel()

    def read(
        columns: list[str] | None, filters: pl.Expr | None, limit: int | None, _: int | None
    ) -> Iterator[pl.DataFrame]:
        rows = _hamta(path, key, columns, limit if filters is None else None)
        yield rows if filters is None else rows.filter(filters)

    return register_io_source(read, schema=_hamta(path, key, None, 0).schema, validate_schema=True)


def las(path: Path, nyckel: Nyckel | None = None) -> pl.DataFrame:
    """The whole file."""
    return _hamta(path, nyckel or zonens_nyckel(), None, None) if krypterad(path) else pl.read_parquet(path)


def skriv(path: Path, rader: pl.DataFrame, nyckel: Nyckel | None) -> None:
    """Write the rows to a new file, encrypted with the key or plain; that it gets to disk whole is the caller's."""
    if nyckel is None:
        rader.write_parquet(path, compression="zstd", statistics=True)
        return
    memory = os.memfd_create("rader", os.MFD_CLOEXEC)
    with os.fdopen(memory, "wb") as plain, _motor().cursor() as engine:
        rader.write_parquet(plain, compression="uncompressed", statistics=False)
        plain.flush()
        engine.execute(
            f"copy (from read_parquet('/proc/self/fd/{memory}')) to '{citerat(path)}'"
            f" (format parquet, compression zstd, encryption_config {_med(engine, nyckel)})"
        )


def tabell_sql(engine: duckdb.DuckDBPyConnection, mapp: Path) -> str:
    """What to select a table's rows from in an engine of the caller's: every file's, with the columns of all.

    An encrypted table has the columns of its `_schema.parquet`: DuckDB 1.5 cannot unite encrypted files by name
    (duckdb/duckdb#21508), but fills stated columns with null where a file lacks them.
    """
    files = citerat(mapp / "*.parquet")
    schema = mapp / SCHEMAFIL
    if not krypterad(schema):
        return f"read_parquet('{files}', union_by_name = true)"
    ladda(engine)
    secret = f"encryption_config = {_med(engine, zonens_nyckel())}"
    try:
        columns = engine.execute(f"describe from read_parquet('{citerat(schema)}', {secret})").fetchall()
    except duckdb.Error:
        raise _olaslig(schema) from None
    wanted = ", ".join(f"'{name}': {{name: '{name}', type: '{typ}', default_value: null}}" for name, typ, *_ in columns)
    return f"read_parquet('{files}', schema = map {{{wanted}}}, {secret})"


def ladda(engine: duckdb.DuckDBPyConnection) -> None:
    """Give the engine OpenSSL, without which it refuses to write what is encrypted."""
    engine.execute(f"load '{citerat(_httpfs())}'")


def citerat(path: Path) -> str:
    """For an SQL literal."""
    return str(path).replace("'", "''")


def _hamta(path: Path, nyckel: Nyckel, kolumner: list[str] | None, antal: int | None) -> pl.DataFrame:
    chosen = "*" if kolumner is None else ", ".join(f'"{one}"' for one in kolumner) or "null"
    limit = "" if antal is None else f" limit {antal:d}"
    with _motor().cursor() as engine:
        secret = _med(engine, nyckel)
        try:
            return engine.execute(
                f"select {chosen} from read_parquet('{citerat(path)}', encryption_config = {secret}){limit}"  # noqa: S608 - our own names
            ).pl()
        except duckdb.Error:
            raise _olaslig(path) from None


def _olaslig(path: Path) -> TertialError:
    return TertialError(
        f"Radfilen {path.parent.name}/{path.name} kan inte läsas: den är krypterad med en annan nyckel, eller skadad.",
        "Peka ut rätt nyckelfil i TERTIAL_NYCKEL. Är nyckeln rätt: återställ lake/ ur säkerhetskopian.",
    )


def _med(engine: duckdb.DuckDBPyConnection, nyckel: Nyckel) -> str:
    """Make the key known to the engine (a statement of its own, that takes no parameters); the option that names it."""
    name = f"sjo_{nyckel.fingeravtryck}"
    engine.execute(f"pragma add_parquet_key('{name}', '{motornyckel(nyckel, 'sjo')}')")
    return f"{{footer_key: '{name}'}}"


@cache
def _motor() -> duckdb.DuckDBPyConnection:
    """One engine per process, that spills nothing to disk and fetches nothing."""
    engine = duckdb.connect(config={"temp_directory": ""})
    engine.execute("set autoinstall_known_extensions = false; set autoload_known_extensions = false")
    ladda(engine)
    return engine


def _httpfs() -> Path:
    found = find_spec("duckdb_extension_httpfs")
    if found is None or found.origin is None:
        raise TertialError(
            "Paketet duckdb-extension-httpfs saknas.", "Kör `make setup`, eller ta bort TERTIAL_KRYPTERA."
        )
    files = sorted(Path(found.origin).parent.glob(f"extensions/v{duckdb.__version__}/**/httpfs.duckdb_extension"))
    if not files:
        raise TertialError(
            f"Paketet duckdb-extension-httpfs har inget för DuckDB {duckdb.__version__} på {platform.machine()}.",
            "Kör `make setup`.",
        )
    return files[0]
