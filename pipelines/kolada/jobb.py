"""A fetch under way: its pages in a folder of their own, so that a killed fetch goes on where it stopped.

The folder's name is made of the whole question; it is removed when the fetch has been delivered, and begun anew when it is
older than a day (pages of two days do not belong together).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipelines import durable, settings

GILTIG = timedelta(hours=24)


class Jobb:
    """A `Sidlager` on disk; `start` is when the fetch began, also after a rerun."""

    def __init__(self, rot: Path, fraga: Mapping[str, Any], nu: datetime) -> None:
        name = sha256(json.dumps(fraga, sort_keys=True).encode()).hexdigest()[:16]
        self.mapp = rot / name
        about = self.mapp / "jobb.json"
        start = _start(about)
        if start is None or not timedelta(0) <= nu - start < GILTIG:
            shutil.rmtree(self.mapp, ignore_errors=True)
            start = nu
            durable.restricted_dir(self.mapp)
            durable.write_json(about, {"start": start.isoformat(), "fraga": fraga})
        self.start = start
        durable.sweep(self.mapp)

    def las(self, nyckel: str) -> bytes | None:
        """The page fetched for that address before, or None."""
        path = self._path(nyckel)
        return path.read_bytes() if path.is_file() else None

    def skriv(self, nyckel: str, data: bytes) -> None:
        """Keep a page."""
        durable.write_bytes(self._path(nyckel), data)
        settings.krasch("kolada_sida")

    def klart(self) -> None:
        """The fetch is delivered: its pages are not needed any more."""
        shutil.rmtree(self.mapp)

    def _path(self, nyckel: str) -> Path:
        return self.mapp / f"{sha256(nyckel.encode()).hexdigest()[:32]}.json"


def _start(path: Path) -> datetime | None:
    try:
        return datetime.fromisoformat(json.loads(path.read_bytes())["start"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
