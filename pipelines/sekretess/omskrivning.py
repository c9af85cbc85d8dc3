"""Replacing a stored file whole: how a new version gets to disk so that a crash leaves the old one or the new one.

What does not belong here: what is written. Used by the key, the access log, the change of key and retention.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


def fsync_mapp(mapp: Path) -> None:
    """Make renames and new names in a folder survive a power cut."""
    handtag = os.open(mapp, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handtag)
    finally:
        os.close(handtag)


def skriv_atomart(path: Path, innehall: bytes, rattighet: int = 0o600) -> None:
    """Replace `path` whole: temporary name, fsync, rename, fsync of the folder."""
    tillfallig = path.with_name(f".{path.name}.tmp")
    tillfallig.unlink(missing_ok=True)
    handtag = os.open(tillfallig, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, rattighet)
    with os.fdopen(handtag, "wb") as fil:
        fil.write(innehall)
        fil.flush()
        os.fsync(fil.fileno())
    tillfallig.replace(path)
    fsync_mapp(path.parent)


def packning(metadata: Any) -> str:
    """The compression a Parquet file was written with, as pyarrow's writer wants it named (ZSTD for a file of no rows)."""
    if not metadata.num_row_groups or not metadata.num_columns:
        return "ZSTD"
    namn = str(metadata.row_group(0).column(0).compression)
    return "NONE" if namn == "UNCOMPRESSED" else namn


def schema(fil: Any) -> Any:
    """Arrow schema of an open `pyarrow.parquet.ParquetFile` with the file's own key-value metadata, to write it anew with."""
    arrow = fil.schema_arrow
    egna = {nyckel: varde for nyckel, varde in (fil.metadata.metadata or {}).items() if nyckel != b"ARROW:schema"}
    return arrow.with_metadata({**(arrow.metadata or {}), **egna} or None)
