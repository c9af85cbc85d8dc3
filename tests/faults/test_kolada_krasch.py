"""kill -9 during a fetch: the rerun ends where an uninterrupted one would (faults 59-66)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from kolada_server import Kolada, kor

PROGRAM = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from pipelines.kolada.hamta import Fraga, hamta
from pipelines.kolada.klient import Granser
from pipelines.settings import Arbetsyta
rot = Path(sys.argv[1])
yta = Arbetsyta(rot=rot, raw=rot / "raw", marts=rot / "marts")
kpier = ("N30101", "N31001", "N31807", "U31462")
hamta(yta, Fraga(kpier, (2022, 2023)), nu=datetime.fromisoformat(sys.argv[3]), bas=sys.argv[2], granser=Granser(takt=10_000))
"""


def kor_program(rot: Path, bas: str, nu: str, krasch: str = "") -> int:
    env = {**os.environ, "TERTIAL_KRASCH": krasch}
    return subprocess.run([sys.executable, "-c", PROGRAM, str(rot), bas, nu], env=env, check=False).returncode


def filer(rot: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((rot / "raw" / "kolada").glob("*.json"))}


@pytest.mark.slow
@pytest.mark.parametrize("steg", ["kolada_sida", "kolada_fore_leverans", "kolada_leverans"])
def test_killed_and_resumed_equals_uninterrupted(tmp_path: Path, steg: str) -> None:
    whole, killed = tmp_path / "hel", tmp_path / "dodad"
    server = Kolada(sida=40)
    with kor(server) as bas:
        assert kor_program(whole, bas, "2026-11-22T10:00:00+00:00") == 0
        asked = len(server.fragor)
        server.fragor.clear()
        deaths = 0
        while kor_program(killed, bas, f"2026-11-22T10:{deaths:02d}:00+00:00", steg) == -signal.SIGKILL:
            deaths += 1
            if deaths == 3:
                break
        assert deaths >= 1
        if steg != "kolada_leverans":
            assert filer(killed) == {}, "nothing is delivered before everything has come"
        assert kor_program(killed, bas, "2026-11-22T10:30:00+00:00") == 0
    assert filer(killed) == filer(whole)
    assert len(server.fragor) <= asked + deaths, "no page is fetched twice"
    assert not list((killed / "lake" / "_hamtning").glob("*/*.json"))
