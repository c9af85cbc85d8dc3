"""A frozen publication on disk: find it, read it, and prove that not a byte of it has changed.

Each manifest carries the hash of the publication before it, so a changed manifest is found by the next one; the
last one's hash lies beside it as `manifest.sha256` (what `sha256sum -c` reads). Writing belongs to `frys`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.errors import TertialError
from pipelines.frysning.tillfalle import Tillfalle

MANIFEST = "manifest.json"
MANIFEST_SUMMA = "manifest.sha256"


@dataclass(frozen=True, slots=True)
class Publikation:
    """One revision: its folder and its manifest."""

    mapp: Path
    manifest: Mapping[str, Any]

    @property
    def tillfalle(self) -> Tillfalle:
        """The occasion it reports."""
        stated = self.manifest["tillfalle"]
        return Tillfalle(**{**stated, "slut": date.fromisoformat(stated["slut"])})

    @property
    def revision(self) -> int:
        """1, 2, ..."""
        return int(self.manifest["revision"])

    @property
    def namn(self) -> str:
        """Its name in texts and in the mart `andringar`, e.g. 2025-delar2 r1."""
        return f"{self.tillfalle.ar}-{self.tillfalle.namn} r{self.revision}"

    @property
    def tid(self) -> datetime:
        """When it was made, UTC."""
        return datetime.fromisoformat(self.manifest["tid"])

    @property
    def marter(self) -> dict[str, pl.DataFrame]:
        """Every table in it."""
        return {
            Path(name).stem: self.mart(Path(name).stem) for name in self.manifest["filer"] if name.endswith(".parquet")
        }

    def mart(self, namn: str) -> pl.DataFrame:
        """One table of it."""
        return pl.read_parquet(self.mapp / f"{namn}.parquet")

    def har(self, namn: str) -> bool:
        """Whether it holds that table."""
        return f"{namn}.parquet" in self.manifest["filer"]


def digest(path: Path) -> str:
    """sha256 of a file, hex."""
    with path.open("rb") as handle:
        return file_digest(handle, "sha256").hexdigest()


def las(mapp: Path) -> Publikation:
    """The publication in a folder, unverified; TertialError when it is none."""
    try:
        manifest = json.loads((mapp / MANIFEST).read_bytes())
        found = Publikation(mapp, manifest)
        _ = (found.tillfalle, found.revision, found.tid, manifest["filer"])
    except (OSError, ValueError, KeyError, TypeError):
        raise TertialError(
            f"{mapp} är ingen hel publikation: {MANIFEST} saknas eller går inte att läsa.",
            "Återställ mappen ur säkerhetskopian, eller peka på en publikation (data/publikationer/<kommun>/<tillfälle>/r1).",
        ) from None
    return found


def revisioner(publikationer: Path, tillfalle: Tillfalle) -> list[Publikation]:
    """Every revision of one occasion, oldest first."""
    return [one for one in alla(publikationer, tillfalle.kommun_kod) if one.tillfalle == tillfalle]


def alla(publikationer: Path, kommun_kod: str) -> list[Publikation]:
    """Every publication of a municipality, in the order they were made."""
    found = [las(path) for path in (publikationer / kommun_kod).glob("*/r*") if path.is_dir()]
    return sorted(found, key=lambda one: int(one.manifest["ordning"]))


def kommuner(publikationer: Path) -> list[str]:
    """Codes of the municipalities that have published."""
    if not publikationer.is_dir():
        return []
    return sorted(path.name for path in publikationer.iterdir() if any(path.glob("*/r*")))


def fel(en: Publikation) -> list[str]:
    """What is wrong with a publication's files, in Swedish; empty when every byte is as it was made."""
    wrong = []
    for name, fact in en.manifest["filer"].items():
        path = en.mapp / name
        if not path.is_file():
            wrong.append(f"{name} saknas")
        elif digest(path) != fact["sha256"]:
            wrong.append(f"{name} är ändrad sedan den publicerades")
    known = {*en.manifest["filer"], MANIFEST, MANIFEST_SUMMA}
    wrong += [
        f"{path.name} hör inte till publikationen" for path in sorted(en.mapp.iterdir()) if path.name not in known
    ]
    summa = en.mapp / MANIFEST_SUMMA
    if not summa.is_file() or summa.read_text(encoding="ascii").split()[:1] != [digest(en.mapp / MANIFEST)]:
        wrong.append(f"{MANIFEST} är ändrat sedan det skrevs")
    return wrong


def kontrollera(en: Publikation) -> Publikation:
    """The same publication; TertialError with the list when anything in it has changed."""
    if wrong := fel(en):
        raise TertialError(
            f"Publikationen {en.mapp} stämmer inte med sitt manifest: {'; '.join(wrong)}.",
            "Återställ mappen ur säkerhetskopian. Inget görs med den förrän den är hel.",
        )
    return en


def kontrollera_kedjan(kedja: list[Publikation]) -> None:
    """Every publication of a municipality, oldest first: whole, and each the one that the next was made after."""
    for before, after in zip([None, *kedja], [*kedja, None], strict=True):
        if before is not None:
            kontrollera(before)
        if after is None:
            continue
        stated = after.manifest["foregaende"]
        actual = None if before is None else digest(before.mapp / MANIFEST)
        if (None if stated is None else stated["manifest_sha256"]) != actual:
            raise TertialError(
                f"Publikationen {after.mapp} är gjord efter en annan än den som ligger före den: "
                f"{'ingen' if stated is None else stated['namn']} ska vara {'ingen' if before is None else before.namn}.",
                "En publikation är ändrad eller borttagen. Återställ data/publikationer ur säkerhetskopian.",
            )
