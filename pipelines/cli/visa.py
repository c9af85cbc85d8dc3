"""`tertial visa`: Dagster's web page over the same assets, on this machine only unless somebody says otherwise.

Dagster's web server has no login of its own. Others reach it through a reverse proxy with the municipality's login
(docs/drift.md, deploy/nginx-tertial.conf); readers get a server of their own that refuses every change (`--las`).
"""

from __future__ import annotations

import ipaddress
import os
import shutil
import sys

from pipelines import durable, settings
from pipelines.cli.skarm import ut
from pipelines.errors import TertialError
from pipelines.sekretess.atkomst import spar


def visa(vard: str, port: int, las: bool, utan_skydd: bool, prefix: str) -> None:
    """Become the web server (this process is replaced). TertialError for an address others can reach, unless `utan_skydd`."""
    if not lokal(vard) and not utan_skydd:
        raise TertialError(
            f"Adressen {vard} kan nås av andra, och Dagsters sida har ingen egen inloggning.",
            "Låt den ligga på 127.0.0.1 bakom en omvänd proxy med inloggning (docs/drift.md). Vill du ändå: --utan-skydd.",
        )
    settings.telemetri_av()
    home = settings.dagster_hem()
    durable.restricted_dir(home)
    if not (home / "dagster.yaml").exists():
        shutil.copyfile(settings.PROJECT_DIR / "deploy" / "dagster.yaml", home / "dagster.yaml")
    command = [sys.executable, "-m", "dagster_webserver", "-h", vard, "-p", str(port), "-m", "pipelines.definitions"]
    if prefix:
        command += ["--path-prefix", prefix]
    if las:
        command.append("--read-only")
    spar(settings.arbetsyta(), "webbserver startad", vard=vard, port=port, las=las)
    ut.print(f"http://{vard}:{port}{prefix}  ({'bara läsning' if las else 'läsning och körning'}; avsluta med Ctrl+C)")
    os.execv(sys.executable, command)  # noqa: S606  a fixed program; the arguments are options of ours


def lokal(vard: str) -> bool:
    """Whether only this machine can reach the address."""
    try:
        return ipaddress.ip_address(vard).is_loopback
    except ValueError:
        return vard == "localhost"
