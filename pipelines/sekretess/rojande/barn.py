"""The solver's own process: a bound on processor time and memory that holds inside native code too.

HiGHS looks at its clock between steps only; one root node may take minutes. Here the kernel keeps the time: a
child that uses more than its share dies, and its death is `GranskningOviss`. Processor time, not the clock on the
wall, so that a busy machine decides as an idle one does. One child serves all tables of a run, one after another.
"""

from __future__ import annotations

import math
import os
import pickle
import resource
import select
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import IO, Any, Self

from pipelines.sekretess.rojande.historik import Publicerad
from pipelines.sekretess.rojande.losare import GranskningOviss
from pipelines.sekretess.rojande.primar import Regler
from pipelines.sekretess.rojande.skydd import Skyddad, skydda
from pipelines.sekretess.rojande.tabell import Tabell
from pipelines.sekretess.rojande.undertryck import OlosligtTabell

MINNE = 4 << 30  # bytes of address space
VAGG = 20  # seconds on the wall per second of processor time, before a child that hangs is given up


class Barn:
    """Runs `skydda` in a child process, started at the first table."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, typ: type[BaseException] | None, fel: BaseException | None, spar: TracebackType | None) -> None:
        self._avsluta()

    def skydda(self, tabell: Tabell, historik: Sequence[Publicerad], regler: Regler, *, tidsgrans_s: float) -> Skyddad:
        """As `skydd.skydda`, within `tidsgrans_s` seconds of processor time."""
        process = self._process or self._starta()
        uppgift = pickle.dumps((tabell, tuple(historik), regler))
        try:
            in_, ut = _ror(process)
            in_.write(struct.pack(">d", tidsgrans_s) + struct.pack(">Q", len(uppgift)) + uppgift)
            in_.flush()
            if not select.select([ut], [], [], VAGG * (tidsgrans_s + 1))[0]:
                raise EOFError
            utfall, svar = pickle.loads(_las(ut))  # noqa: S301 (our own child)
        except (OSError, EOFError) as fel:
            self._avsluta()
            raise GranskningOviss(
                "tidsgränsen är nådd" if isinstance(fel, EOFError) else "lösaren kunde inte startas"
            ) from None
        if utfall == "olosligt":
            raise OlosligtTabell(svar)
        if utfall == "oviss":
            raise GranskningOviss(svar)
        skyddad: Skyddad = svar
        return skyddad

    def _starta(self) -> subprocess.Popen[bytes]:
        miljo = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pipelines.sekretess.rojande.barn"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback there could hold a figure
            env=miljo,
        )
        return self._process

    def _avsluta(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            for ror in _ror(process):
                with suppress(OSError):
                    ror.close()
            process.wait()


def _ror(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise OSError
    return process.stdin, process.stdout


def _las(ror: IO[bytes]) -> bytes:
    (langd,) = struct.unpack(">Q", _exakt(ror, 8))
    return _exakt(ror, langd)


def _exakt(ror: IO[bytes], langd: int) -> bytes:
    data = ror.read(langd)
    if len(data) != langd:
        raise EOFError
    return data


def _utfor(uppgift: bytes, tidsgrans_s: float) -> tuple[str, Any]:
    tabell, historik, regler = pickle.loads(uppgift)  # noqa: S301 (from our own parent)
    try:
        return "klar", skydda(tabell, historik, regler, tidsgrans_s=tidsgrans_s)
    except OlosligtTabell as fel:
        return "olosligt", fel.nycklar
    except GranskningOviss as fel:
        return "oviss", fel.orsak
    except MemoryError:
        return "oviss", "minnet räckte inte"


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MINNE, MINNE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ut = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not reach the answers
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    while True:
        try:
            (tidsgrans_s,) = struct.unpack(">d", _exakt(sys.stdin.buffer, 8))
            uppgift = _las(sys.stdin.buffer)
        except EOFError:
            return
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time() + tidsgrans_s) + 1, hard))
        svar = pickle.dumps(_utfor(uppgift, tidsgrans_s))
        ut.write(struct.pack(">Q", len(svar)) + svar)
        ut.flush()


if __name__ == "__main__":
    _main()
