"""A shadow of a workspace: the same deliveries and rows, but a register, checks and a warehouse of its own.

An as-of run and a rebuild work in one, so today's register and warehouse stay as they are. Rows, manifests and logs
are links; everything else is thrown away when the block ends (a killed one is swept away by the next).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines import durable
from pipelines.settings import Arbetsyta

MAPP = "skugga"
EGNA = {"_register", "_kontroller", "_las"}
"""What a run writes in the lake beside rows and manifests: the shadow's own."""
SEKRETESS = "_sekretess"


@contextmanager
def skugga(yta: Arbetsyta, marts: Path, *, sekretess_till: int | None = None) -> Iterator[Arbetsyta]:
    """A workspace whose runs read what `yta` holds and publish into `marts`.

    sekretess_till  None: the disclosure ledger is the real one, so what leaves is remembered there. A number: a copy
                    that knows the first so many editions only, to decide again what was decided then.
    """
    rot = yta.rot / MAPP
    shutil.rmtree(rot, ignore_errors=True)
    durable.restricted_dir(rot)
    lake = durable.restricted_dir(rot / "lake")
    durable.restricted_dir(yta.lake / SEKRETESS)
    for path in yta.lake.iterdir():
        if path.name not in EGNA and not (path.name == SEKRETESS and sekretess_till is not None):
            (lake / path.name).symlink_to(path)
    if sekretess_till is not None:
        _kopiera_sekretess(yta.lake / SEKRETESS, lake / SEKRETESS, sekretess_till)
    for path in (yta.fel, yta.logg):
        (rot / path.name).symlink_to(durable.restricted_dir(path))
    durable.restricted_dir(rot / "lager")
    stamp = yta.lager.parent / "enhetstestad.txt"
    if stamp.is_file():
        shutil.copy(stamp, rot / "lager")
    try:
        yield Arbetsyta(rot=rot, raw=yta.raw, marts=marts)
    finally:
        shutil.rmtree(rot, ignore_errors=True)


def _kopiera_sekretess(fran: Path, till: Path, antal: int) -> None:
    durable.restricted_dir(till)
    if (fran / "beslut").is_dir():
        shutil.copytree(fran / "beslut", till / "beslut")
    known = sorted((fran / "utgavor").glob("*.json")) if (fran / "utgavor").is_dir() else []
    durable.restricted_dir(till / "utgavor")
    for path in known[:antal]:
        shutil.copy(path, till / "utgavor")


def antal_sekretessutgavor(yta: Arbetsyta) -> int:
    """How many editions the disclosure ledger knows."""
    return len(list((yta.lake / SEKRETESS / "utgavor").glob("*.json")))
