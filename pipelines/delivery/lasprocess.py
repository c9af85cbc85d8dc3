"""A second reader in a process of its own (`pipelines.delivery.lasbarn`), for files large enough to pay its start.

Checking and pseudonymising identities is Python's work, which one process does one thread of at a time; a million
household-months are mostly that. Asked over standard input, answered over standard output, in pickles between two ends
of our own; the child ends when its input does, so it outlives no killed run. The key is no part of any question: the
child reads its file. What reading a file means stands in `intake`.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import IO, cast

from pipelines.delivery.found import Funnen
from pipelines.delivery.manifest import Manifest
from pipelines.errors import TertialError
from pipelines.katalog.kommuner import Kommun
from pipelines.reading.source_file import Kallfil
from pipelines.settings import PROJECT_DIR, Arbetsyta, Konfig

STOR = 4 << 20  # bytes of a file from which the child is asked


@dataclass(frozen=True, slots=True)
class Uppdrag:
    """What the child needs to read as its parent would. `med_nyckel`: whether the parent has a key."""

    yta: Arbetsyta
    kalla: str
    konfig: Konfig
    kommuner: Mapping[str, Kommun]
    med_nyckel: bool
    idag: date


class Lasprocess:
    """The parent's end: started by the first large file, one question at a time."""

    def __init__(self, uppdrag: Uppdrag) -> None:
        self._uppdrag = uppdrag
        self._barn: subprocess.Popen[bytes] | None = None
        self._upptagen = Lock()

    def las(self, found: Funnen, file: Kallfil) -> Manifest | None:
        """The file's manifest, its rows in the lake; None when the file is small or the child is busy: read it here.

        TertialError when the child failed or died: nothing is recorded, the next run reads the file again.
        """
        if file.storlek < STOR or not self._upptagen.acquire(blocking=False):
            return None
        try:
            svar = self._fraga(found, file)
        finally:
            self._upptagen.release()
        if isinstance(svar, Manifest):
            return svar
        raise TertialError(*svar)

    def _fraga(self, found: Funnen, file: Kallfil) -> Manifest | tuple[str, str]:
        if self._barn is None:
            self._barn = subprocess.Popen(
                [sys.executable, "-m", "pipelines.delivery.lasbarn"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PROJECT_DIR,
            )  # fmt: skip
            self._skriv(self._barn, self._uppdrag)
        self._skriv(self._barn, (found, file))
        try:
            svar: Manifest | tuple[str, str] = pickle.load(cast("IO[bytes]", self._barn.stdout))  # noqa: S301  our own
        except (EOFError, pickle.UnpicklingError):
            return (
                f"Läsningen avbröts: dess process dog (kod {self._barn.wait()}).",
                "Ingenting är publicerat. Frigör minne och kör igen; händer det åter, meddela utvecklarna.",
            )
        return svar

    @staticmethod
    def _skriv(barn: subprocess.Popen[bytes], sak: object) -> None:
        fragor = cast("IO[bytes]", barn.stdin)
        with suppress(BrokenPipeError):  # it died: the answer tells
            pickle.dump(sak, fragor)
            fragor.flush()

    def __enter__(self) -> Lasprocess:
        return self

    def __exit__(self, *_: object) -> None:
        """End the child."""
        if self._barn is None:
            return
        for end in (self._barn.stdin, self._barn.stdout):
            with suppress(BrokenPipeError):
                if end is not None:
                    end.close()
        self._barn.wait()
