"""Where things lie and what the municipality has decided: the only module that reads the environment.

An unknown `TERTIAL_...` variable stops the start: a misspelt setting must never be silently ignored. What a
municipality decides (its occasions, its SIE dimensions, its own comparison list) stands in `deploy/tertial.toml`
or the file that `TERTIAL_KONFIG` names.
"""

from __future__ import annotations

import gc
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property
from pathlib import Path
from typing import Any

from pipelines.errors import TertialError

PROJECT_DIR = Path(__file__).resolve().parents[1]
DBT_DIR = PROJECT_DIR / "dbt_project"
EXPECTATIONS_DIR = PROJECT_DIR / "expectations"

KNOWN = {
    "TERTIAL_DATA": "arbetsmappen (standard: data/ i projektet)",
    "TERTIAL_KONFIG": "kommunens inställningar (standard: deploy/tertial.toml)",
    "TERTIAL_NYCKEL": "nyckelfilen för pseudonymer (standard: ~/.config/tertial/nyckel)",
    "TERTIAL_IDAG": "dagens datum ÅÅÅÅ-MM-DD (för återskapande och tester)",
    "TERTIAL_KRASCH": "dödar processen i ett namngivet steg (bara för tester)",
    "TERTIAL_SHARED": "verkliga testfiler (bara för tester)",
    "TERTIAL_LAKE": "sätts av Tertial för dbt",
    "TERTIAL_LAGER": "sätts av Tertial för dbt",
    "TERTIAL_DBT_TARGET": "mapp för dbt:s arbetsfiler (standard: dbt_project/target)",
    "TERTIAL_KOLADA_URL": "Koladas adress (standard: den officiella)",
    "TERTIAL_KRYPTERA": "ja = kryptera lagret och radfilerna i vila",
}


def _env(name: str) -> str | None:
    unknown = sorted(key for key in os.environ if key.startswith("TERTIAL_") and key not in KNOWN)
    if unknown:
        raise TertialError(
            f"Okänd inställning i miljön: {', '.join(unknown)}.",
            f"Rätta stavningen. Kända: {', '.join(sorted(KNOWN))}.",
        )
    return os.environ.get(name) or None


@dataclass(frozen=True)
class Arbetsyta:
    """The folders of one workspace (absolute paths). `marts` and `publikationer` are publishable, the rest restricted."""

    rot: Path
    raw: Path
    marts: Path

    @property
    def lake(self) -> Path:
        """Accepted rows and the ledger."""
        return self.rot / "lake"

    @property
    def lager(self) -> Path:
        """The warehouse file."""
        return self.rot / "lager" / "lager.duckdb"

    @property
    def fel(self) -> Path:
        """Error lists per delivery."""
        return self.rot / "fel"

    @property
    def publikationer(self) -> Path:
        """Frozen publications."""
        return self.rot / "publikationer"

    @property
    def logg(self) -> Path:
        """The access log and the protocols of retention."""
        return self.rot / "logg"

    @property
    def atkomstlogg(self) -> Path:
        """Who ran, published, looked up, rotated and weeded what, and when."""
        return self.logg / "atkomst.jsonl"


def arbetsyta(raw: Path | None = None, out: Path | None = None) -> Arbetsyta:
    """The workspace: `data/`, or the folder above `raw` when `raw` is given (TERTIAL_DATA overrides)."""
    stated = _env("TERTIAL_DATA")
    if stated:
        rot = Path(stated)
    elif raw is not None:
        rot = raw.resolve().parent
    else:
        rot = PROJECT_DIR / "data"
    rot = rot.resolve()
    return Arbetsyta(rot=rot, raw=(raw or rot / "raw").resolve(), marts=(out or rot / "marts").resolve())


@dataclass(frozen=True)
class Konfig:
    """What the municipality has decided (one TOML file)."""

    innehall: Mapping[str, Any]

    @property
    def kommun_kod(self) -> str | None:
        """The municipality a delivery belongs to when neither the file nor its folder says."""
        value = self.innehall.get("kommun", {}).get("kod")
        return str(value) if value else None

    @cached_property
    def egna_kommuner(self) -> dict[str, dict[str, str]]:
        """Municipalities outside the national list (demo, test): code -> {namn, lan_kod, lan}."""
        return {str(code): dict(entry) for code, entry in self.innehall.get("egna_kommuner", {}).items()}

    def sie_dimensioner(self, kommun_kod: str) -> dict[int, str]:
        """Meaning of the free SIE dimensions (20 and up) of a municipality: {20: "verksamhet", ...}."""
        stated = self.innehall.get("sie", {}).get("dimensioner", {})
        chosen = stated.get(kommun_kod, stated.get("standard", {}))
        return {int(key): str(value) for key, value in chosen.items()}

    def tillfallen(self, kommun_kod: str) -> dict[str, str]:
        """Occasion -> last day covered as MM-DD, e.g. {"delar1": "04-30", "delar2": "08-31", "bokslut": "12-31"}."""
        stated = self.innehall.get("tillfallen", {})
        chosen = stated.get(kommun_kod, stated.get("standard", {}))
        return {str(key): str(value) for key, value in chosen.items()}


def konfig() -> Konfig:
    """The municipality's settings; a missing or broken file stops the start."""
    path = Path(_env("TERTIAL_KONFIG") or PROJECT_DIR / "deploy" / "tertial.toml")
    try:
        return Konfig(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise TertialError(f"Inställningsfilen {path} finns inte.", "Ange rätt fil i TERTIAL_KONFIG.") from None
    except tomllib.TOMLDecodeError as error:
        raise TertialError(f"Inställningsfilen {path} går inte att läsa: {error}.", "Rätta filen.") from None


def idag() -> date:
    """Today in Sweden's calendar, or the day that TERTIAL_IDAG states (rebuilds and tests)."""
    stated = _env("TERTIAL_IDAG")
    if stated is None:
        return datetime.now(UTC).astimezone().date()
    try:
        return date.fromisoformat(stated)
    except ValueError:
        raise TertialError("TERTIAL_IDAG är inte ett datum.", "Skriv ÅÅÅÅ-MM-DD.") from None


def nu() -> datetime:
    """Now, UTC; noon of the day that TERTIAL_IDAG states (what is received or frozen on a chosen day)."""
    if _env("TERTIAL_IDAG") is None:
        return datetime.now(UTC)
    return datetime.combine(idag(), time(12), tzinfo=UTC)


def nyckelfil() -> Path:
    """The key file: TERTIAL_NYCKEL, else a service manager's credential, else ~/.config/tertial/nyckel."""
    stated = _env("TERTIAL_NYCKEL")
    if stated:
        return Path(stated)
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    if credentials and (Path(credentials) / "tertial-nyckel").is_file():
        return Path(credentials) / "tertial-nyckel"
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return home / "tertial" / "nyckel"


def uppgiftskatalog() -> Path | None:
    """The service manager's folder of credentials, when it runs us with one."""
    stated = os.environ.get("CREDENTIALS_DIRECTORY")
    return Path(stated) if stated else None


def dagster_hem() -> Path:
    """Dagster's home, where its web server and daemon keep their history; this process is told too."""
    home = Path(os.environ.get("DAGSTER_HOME") or PROJECT_DIR / ".dagster").resolve()
    os.environ["DAGSTER_HOME"] = str(home)
    return home


def kolada_url() -> str:
    """Kolada's API v3."""
    return _env("TERTIAL_KOLADA_URL") or "https://api.kolada.se/v3"


def dbt_target() -> Path:
    """Where dbt keeps its manifest and compiled files."""
    return Path(_env("TERTIAL_DBT_TARGET") or DBT_DIR / "target").resolve()


def kryptera() -> bool:
    """Encryption at rest of the warehouse file and the lake's row files."""
    return (_env("TERTIAL_KRYPTERA") or "nej").lower() in {"ja", "1", "true"}


def telemetri_av() -> None:
    """Switch off every library's telemetry and look-ups before it is imported."""
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    os.environ["DO_NOT_TRACK"] = "1"
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    os.environ["GX_ANALYTICS_ENABLED"] = "false"


def glesare_skrapsamling() -> None:
    """Look for dead cycles a hundred times more seldom: imports and dbt's parsing make many objects and few of them."""
    gc.set_threshold(100_000, 20, 100)


def dbt_miljo(lake: Path, lager: Path) -> None:
    """Tell dbt (same process) where the lake and the warehouse lie."""
    os.environ["TERTIAL_LAKE"] = str(lake)
    os.environ["TERTIAL_LAGER"] = str(lager)


def lake_for_dbt() -> Path:
    """The lake that `dbt_miljo` named."""
    return Path(os.environ["TERTIAL_LAKE"])


def lager_for_dbt() -> Path:
    """The warehouse file that `dbt_miljo` named."""
    return Path(os.environ["TERTIAL_LAGER"])


def krasch(steg: str) -> None:
    """Kill this process without warning if TERTIAL_KRASCH names `steg` (crash tests drive every step)."""
    if _env("TERTIAL_KRASCH") == steg:
        import signal

        os.kill(os.getpid(), signal.SIGKILL)
