"""A workspace's access log: where it lies, and the anchors that its editions and publications carry.

The chain itself stands in `logg`. What is logged: who ran, published, looked up, changed the key, weeded and scanned.
"""

from __future__ import annotations

import json
from pathlib import Path

from pipelines import durable
from pipelines.sekretess import logg
from pipelines.sekretess.logg import Ankare, Resultat, Varde
from pipelines.settings import Arbetsyta


def spar(yta: Arbetsyta, vad: str, **param: Varde) -> Ankare:
    """Append one line to the workspace's access log; its number and hash, to be anchored elsewhere."""
    durable.restricted_dir(yta.logg)
    return logg.logga(yta.atkomstlogg, vad, param)


def ankare(yta: Arbetsyta) -> list[Ankare]:
    """What the manifests of every edition and publication say that the log was."""
    found = []
    for folder in (yta.marts, yta.publikationer):
        for path in sorted(folder.rglob("manifest.json")):
            if (one := _i_manifest(path)) is not None and one not in found:
                found.append(one)
    return found


def verifiera(yta: Arbetsyta) -> Resultat:
    """Check the whole chain, its head and every anchor."""
    return logg.verifiera(yta.atkomstlogg, ankare(yta))


def _i_manifest(path: Path) -> Ankare | None:
    try:
        stated = json.loads(path.read_bytes())["logg"]
        return Ankare(int(stated["nr"]), str(stated["hash"]))
    except (ValueError, KeyError, TypeError):
        return None  # of something else, or from before the log: it anchors nothing
