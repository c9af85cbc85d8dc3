"""Which code made a publication: the commit when there is one, the package's version, the models' fingerprint."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

from pipelines.settings import PROJECT_DIR
from pipelines.warehouse import dbt

PAKET = ("tertial", "duckdb", "dbt-core", "dbt-duckdb", "polars")


def kod() -> dict[str, str | bool | None]:
    """What decides the figures beside the deliveries. `andrad` True: files differ from the commit."""
    commit = _git("rev-parse", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", "pipelines", "dbt_project", "expectations")
    return {
        "commit": commit,
        "andrad": None if commit is None else changed != "",
        "modeller": dbt.project_fingerprint(),
        "python": sys.version.split()[0],
        **{name: version(name) for name in PAKET},
    }


def _git(*arguments: str) -> str | None:
    """Git's answer, or None where there is no git or no repository (an installed package)."""
    try:
        done = subprocess.run(
            ["git", "-C", str(PROJECT_DIR), *arguments], capture_output=True, text=True, check=False, timeout=30
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
