"""Files that are either wholly there or not there at all: temporary name, fsync, rename, fsync of the folder.

Every file Tertial leaves behind for a later run goes through here. What is in the files stands elsewhere.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

RESTRICTED_FILE = 0o600
RESTRICTED_DIR = 0o700
PUBLISHED_FILE = 0o444
PUBLISHED_DIR = 0o755


def restricted_dir(path: Path) -> Path:
    """`path` as an existing folder that only its owner can enter."""
    path.mkdir(parents=True, exist_ok=True, mode=RESTRICTED_DIR)
    path.chmod(RESTRICTED_DIR)
    return path


def open_to_all(path: Path) -> bool:
    """Whether any account of this machine can look into the folder: nothing on the way to it, nor itself, keeps it out."""
    return path.is_dir() and all(one.stat().st_mode & 0o001 for one in (path, *path.resolve().parents))


def fsync_dir(path: Path) -> None:
    """Make renames inside `path` survive a power cut."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def fsync_file(path: Path) -> None:
    """Make the content of `path` survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def replacing(path: Path, mode: int = RESTRICTED_FILE) -> Iterator[Path]:
    """Yield a temporary path beside `path`; when the block ends well it becomes `path`, else it is removed.

    A killed process leaves at most a `.<name>.<pid>.tmp`, which `sweep` removes and nothing reads.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        temporary.chmod(mode)
        fsync_file(temporary)
        temporary.replace(path)
        fsync_dir(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes, mode: int = RESTRICTED_FILE) -> None:
    """Write `content` to `path`, all or nothing."""
    with replacing(path, mode) as temporary:
        temporary.write_bytes(content)


def write_json(path: Path, document: Any, mode: int = RESTRICTED_FILE) -> None:
    """Write `document` as readable, sorted JSON, all or nothing."""
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    write_bytes(path, text.encode(), mode)


def write_with(path: Path, writer: Callable[[Path], object], mode: int = RESTRICTED_FILE) -> None:
    """Let `writer` make the file (a Parquet, a workbook), all or nothing."""
    with replacing(path, mode) as temporary:
        writer(temporary)


def sweep(folder: Path) -> int:
    """Remove temporary files that a killed run left in `folder`; how many there were."""
    left = [*folder.glob(".*.tmp")] if folder.is_dir() else []
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)
