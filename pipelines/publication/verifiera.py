"""Whether a published folder is still what was published: every file's sha256 against its manifest. Writes nothing."""

from __future__ import annotations

import json
from hashlib import file_digest
from pathlib import Path

DATABASE = "tertial.duckdb"
MANIFEST = "manifest.json"


def digest(path: Path) -> str:
    """sha256 of a file, hex."""
    with path.open("rb") as handle:
        return file_digest(handle, "sha256").hexdigest()


def verify(folder: Path) -> list[str]:
    """What is wrong with the edition in `folder`, in Swedish; an empty list when every hash is right."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return [f"{folder.name}: manifestet saknas"]
    try:
        stated = json.loads(manifest.read_bytes())["filer"]
    except (ValueError, KeyError, TypeError):
        return [f"{folder.name}: manifestet går inte att läsa"]
    wrong = []
    for name, fact in stated.items():
        path = folder / name
        if not path.is_file():
            wrong.append(f"{name} saknas")
        elif digest(path) != fact["sha256"]:
            wrong.append(f"{name} är ändrad sedan den publicerades")
    if (folder / f"{DATABASE}.wal").exists():
        wrong.append(f"{DATABASE}.wal ligger kvar bredvid databasen")
    return wrong
