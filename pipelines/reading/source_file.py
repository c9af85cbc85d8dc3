"""The bytes of one delivered file, read once and safely: no symlink, not outside its root, not while it grows.

What the bytes mean stands in `recognise`. Nothing is written here.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from pipelines.reading.fynd import refusal
from pipelines.sekretess import scanner

MAX_BYTES = 1 << 30  # one delivery; ten times the largest real export seen (fault 15)
VANTA_SEKUNDER = 0.05  # between the two looks at an unchanged old file: none; at a young one: this
UNG_SEKUNDER = 30.0  # a file changed within this time may still be growing
MAX_VANTAN = 10.0
_ORSAK = {
    errno.ENOENT: "den finns inte",
    errno.EACCES: "läsrätt saknas",
    errno.EPERM: "läsrätt saknas",
    errno.ENAMETOOLONG: "namnet är för långt",
    errno.EIO: "disken svarar med fel",
}


@dataclass(frozen=True, slots=True)
class Kallfil:
    """A delivered file: its name without folder, its bytes, their sha256 (hex)."""

    namn: str
    data: bytes
    sha256: str

    @property
    def storlek(self) -> int:
        """Bytes."""
        return len(self.data)


def kallfil(data: bytes, namn: str) -> Kallfil:
    """Bytes already in memory as a `Kallfil`."""
    return Kallfil(namn, data, sha256(data).hexdigest())


def bilda_leverans_id(kalla: str, kommun_kod: str | None, digest: str) -> str:
    """<source>-<kommun_kod>-<12 hex of sha256>: the first twelve that cannot be read as a personnummer, by any date.

    Three hashes in 20 000 begin with twelve digits that can; their delivery would stop every publication.
    """
    names = (f"{kalla}-{kommun_kod or '0000'}-{digest[start : start + 12]}" for start in range(len(digest) - 11))
    return next(one for one in names if not scanner.hitta(one, idag=date.max))


def visningsnamn(namn: str) -> str:
    """A file's name as it can be printed and stored: bytes that are no text and control characters become \ufffd."""
    text = os.fsencode(namn).decode("utf-8", "replace")
    return "".join(one if one.isprintable() else "\ufffd" for one in text)


def las_fil(
    path: Path, *, rot: Path | None = None, max_bytes: int = MAX_BYTES, max_vantan: float = MAX_VANTAN
) -> Kallfil:
    """Read `path` whole; DeliveryRefused (FIL-015, FIL-016, FIL-053) when it must not or cannot be trusted.

    rot: the folder the file must lie in after every link is resolved (None: anywhere, for `tertial check`).
    A young file is looked at twice, and again while it changes, at most `max_vantan` seconds.
    """
    namn = visningsnamn(path.name)
    if rot is not None:
        _inside(path, rot, namn)
    deadline = time.monotonic() + max_vantan
    while True:
        first, data = _read(path, namn, max_bytes)
        young = time.time() - first.st_mtime < UNG_SEKUNDER
        if young:
            time.sleep(VANTA_SEKUNDER)
        second = _look(path)
        digest = sha256(data).hexdigest()
        if (
            second is not None
            and _same(first, second)
            and (not young or sha256(_read(path, namn, max_bytes)[1]).hexdigest() == digest)
        ):
            return Kallfil(namn, data, digest)
        if time.monotonic() > deadline:
            raise refusal(
                "FIL-016", namn,
                "Filen ändras fortfarande medan den läses: den är inte färdigskriven eller byts ut.",
                "Vänta tills exporten är klar och kör igen.",
            )  # fmt: skip
        time.sleep(min(0.5, max_vantan / 4))


def _inside(path: Path, rot: Path, namn: str) -> None:
    """Refuse a path that leaves its root by '..' or through a linked folder."""
    if not path.parent.resolve().is_relative_to(rot.resolve()):
        raise refusal(
            "FIL-053", namn, "Filen ligger utanför mappen för leveranser.", "Lägg filen direkt i data/raw/<källa>/."
        )


def _read(path: Path, namn: str, max_bytes: int) -> tuple[os.stat_result, bytes]:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if path.is_symlink():
            raise refusal(
                "FIL-053",
                namn,
                "Filen är en symbolisk länk och följs inte.",
                "Lägg själva filen i mappen, inte en länk.",
            ) from None
        reason = _ORSAK.get(error.errno or 0, f"systemets felkod {error.errno}")
        raise refusal(
            "FIL-017", namn, f"Filen kan inte öppnas ({reason}).", "Kontrollera att filen finns och får läsas."
        ) from None
    info = os.fstat(handle)
    if not stat.S_ISREG(info.st_mode):
        os.close(handle)
        what = "en mapp" if stat.S_ISDIR(info.st_mode) else "ingen vanlig fil"
        raise refusal("FIL-053", namn, f"Det är {what}.", "Ange eller lägg dit själva filen.")
    with os.fdopen(handle, "rb") as file:
        if info.st_size > max_bytes:
            raise refusal(
                "FIL-015", namn,
                f"Filen är {info.st_size / 1e6:.0f} MB; gränsen är {max_bytes / 1e6:.0f} MB.",
                "Dela leveransen per år, eller exportera bara de kolumner som kontraktet begär.",
            )  # fmt: skip
        return info, file.read(max_bytes + 1)


def _look(path: Path) -> os.stat_result | None:
    """What lies there now; None when it has just been taken away (a rename over it is on its way, or it was withdrawn)."""
    try:
        return path.lstat()
    except FileNotFoundError:
        return None


def _same(first: os.stat_result, second: os.stat_result) -> bool:
    return (first.st_ino, first.st_size, first.st_mtime_ns) == (second.st_ino, second.st_size, second.st_mtime_ns)
