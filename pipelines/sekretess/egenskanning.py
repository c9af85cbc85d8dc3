"""The run's own scan: everything this run wrote outside the rows themselves, looked through for personnummer.

Error lists, ledger, registers, check results, access log, dbt's artefacts, and the texts of Dagster's events. What is
published is scanned before it is published (`publication`); deliveries in raw/ are the caseworker's own.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from pipelines.sekretess.filgranskning import Fynd, skanna_fil
from pipelines.sekretess.scanner import hitta
from pipelines.settings import Arbetsyta

# dbt's description of the models: made of files under version control, never of rows (the tests scan them)
_AV_MODELLERNA: Final = {"manifest.json", "semantic_manifest.json", "graph.gpickle", "graph_summary.json", "partial_parse.msgpack"}  # fmt: skip


def mappar(yta: Arbetsyta, dbt_target: Path) -> tuple[Path, ...]:
    """Where a run leaves words about its rows."""
    internal = (yta.lake / name for name in ("_leveranser", "_register", "_kontroller"))
    return (yta.fel, yta.logg, *internal, dbt_target)


def skanna(yta: Arbetsyta, dbt_target: Path, sedan: float) -> tuple[int, list[Fynd]]:
    """(files looked through, hits) among the files written since a Unix time; older ones had their own run's scan."""
    files = [path for folder in mappar(yta, dbt_target) for path in _nya(folder, sedan)]
    return len(files), [one for path in files for one in skanna_fil(path)]


def skanna_texter(texter: Iterable[str]) -> list[Fynd]:
    """Hits in what was said elsewhere: messages and metadata of Dagster's events."""
    said = "\n\x1f\n".join(texter)  # one text: the scanner's cost is per call
    return [Fynd("händelser", "text", traff.position, traff.slag) for traff in hitta(said)]


def _nya(folder: Path, sedan: float) -> Iterator[Path]:
    for root, _, names in os.walk(folder):
        for name in names:
            path = Path(root, name)
            if name not in _AV_MODELLERNA and path.stat(follow_symlinks=False).st_mtime >= sedan:
                yield path
