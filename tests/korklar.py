"""A workspace of the main job and the real command on it, with every socket blocked.

`korklar` (tests/conftest.py) is one where the job has run; a test that changes anything takes a `kopia` of it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl

from pipelines.publication.edition import MANIFEST
from pipelines.sekretess.nyckel import skapa_nyckel
from pipelines.synth import generera

UTAN_NAT = Path(__file__).parent / "wiring" / "utan_nat"
PROGRAM = "from pipelines.cli.app import main; main()"
OM_KORNINGEN = {"datakvalitet", "leveranser", "sdc_audit", "andringar"}
"""Marts that speak of the run itself, not of the municipality."""


class Arbetsplats:
    """A workspace, its key, the command line on it (every command is given `--raw`), and a calendar to move through."""

    def __init__(self, root: Path) -> None:
        self.root, self.data, self.key = root, root / "data", root / "nyckel"
        self.raw, self.marts = self.data / "raw", self.data / "marts"
        self.idag = "2025-09-15"

    def tertial(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run the real command; exit code 97 means that something tried to reach a network."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TERTIAL_")}
        own = {
            "PYTHONPATH": str(UTAN_NAT),
            "TERTIAL_NYCKEL": str(self.key),
            "TERTIAL_DBT_TARGET": str(self.root / "target"),
            "TERTIAL_IDAG": self.idag,
            "COLUMNS": "160",
        }
        return subprocess.run(
            [sys.executable, "-c", PROGRAM, *arguments, "--raw", str(self.raw)],
            env=inherited | own | env, capture_output=True, text=True, check=False, timeout=1800,
        )  # fmt: skip

    def ok(self, *arguments: str, **env: str) -> str:
        """What a command that must go well printed."""
        done = self.tertial(*arguments, **env)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def vagrad(self, *arguments: str, **env: str) -> str:
        """What a command that must be refused said of it, on one line."""
        done = self.tertial(*arguments, **env)
        assert done.returncode == 1, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return re.sub(r"\s+", " ", done.stderr)

    def mart(self, name: str) -> pl.DataFrame:
        """One published mart."""
        return pl.read_parquet(self.marts / f"{name}.parquet")

    def hashes(self, marts: Path | None = None, utom: set[str] = OM_KORNINGEN) -> dict[str, str]:
        """sha256 of every mart in an edition but `utom` (the database file holds its own creation time)."""
        files = json.loads(((marts or self.marts) / MANIFEST).read_bytes())["filer"]
        return {
            name: fact["sha256"]
            for name, fact in files.items()
            if name.endswith(".parquet") and Path(name).stem not in utom
        }

    def kopia(self, root: Path) -> Arbetsplats:
        """The same workspace in a folder of its own, to change."""
        shutil.copytree(self.root, root, symlinks=True, dirs_exist_ok=True)
        return Arbetsplats(root)


def bygg(root: Path) -> None:
    """A small generated municipality, loaded and published on 15 September; what the run printed lies in `sagt.txt`."""
    place = Arbetsplats(root)
    generera("Exempelby", 6_000, 18, 7, place.raw)
    skapa_nyckel(place.key)
    said = place.ok("run")
    (root / "sagt.txt").write_text(said, encoding="utf-8")
