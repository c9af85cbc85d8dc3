"""The one dbt invocation of a run: models into a fresh warehouse file that replaces the old one when all is well.

dbt is the only writer of the warehouse. It builds into `lager/ny/lager.duckdb`; `install` renames that over
`lager/lager.duckdb` after the marts have passed their checks. A run that dies leaves the old file as it was.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipelines import durable, settings
from pipelines.errors import TertialError
from pipelines.sekretess import radfil
from pipelines.settings import DBT_DIR, Arbetsyta

NodeDone = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Nod:
    """One dbt node's outcome. `status` is dbt's own word: success, pass, warn, fail, error, skipped."""

    unique_id: str
    namn: str
    typ: str
    status: str
    antal_fel: int
    sekunder: float
    meddelande: str


@dataclass(frozen=True, slots=True)
class DbtResultat:
    """All nodes of one invocation."""

    noder: tuple[Nod, ...]

    @property
    def fel(self) -> tuple[Nod, ...]:
        """Nodes that failed."""
        return tuple(one for one in self.noder if one.status in {"error", "fail", "runtime error"})


def manifest_path() -> Path:
    """dbt's manifest, the prepared description of every model."""
    return settings.dbt_target() / "manifest.json"


def project_fingerprint() -> str:
    """sha256 over every file that decides what the models say."""
    digest = sha256()
    for folder in ("models", "macros", "seeds", "tests"):
        for path in sorted((DBT_DIR / folder).rglob("*")):
            if path.is_file():
                digest.update(str(path.relative_to(DBT_DIR)).encode())
                digest.update(path.read_bytes())
    digest.update((DBT_DIR / "dbt_project.yml").read_bytes())
    return digest.hexdigest()


def parse(yta: Arbetsyta) -> dict[str, Any]:
    """dbt's manifest as a document, made anew when it is missing or older than the project."""
    path = manifest_path()
    stamp = path.with_name("tertial_fingeravtryck.txt")
    fingerprint = project_fingerprint()
    if not path.is_file() or not stamp.is_file() or stamp.read_text() != fingerprint:
        with _environment(yta, new_lager(yta)):  # dbt would parse anew in `build` for a warehouse file of another name
            _invoke(["parse"])
        stamp.write_text(fingerprint)
    document: dict[str, Any] = json.loads(path.read_bytes())
    return document


def forbered() -> None:
    """Import dbt, which takes as long as a build of thirty models."""
    settings.telemetri_av()
    import dbt.cli.main  # noqa: F401


def build(
    yta: Arbetsyta,
    *,
    variables: dict[str, Any] | None = None,
    unit_tests: bool,
    dokument: bool = True,
    done: NodeDone | None = None,
) -> DbtResultat:
    """Run `dbt build` once into the new warehouse file; TertialError when dbt cannot even start.

    `dokument`: write dbt's manifest with the SQL as it was run (`harkomst` reads it), and dbt's own results.
    `done(name, status)` is called as each node ends. A failing node does not raise: read `DbtResultat.fel`.
    """
    if radfil.lage(yta.lake) and not settings.kryptera():
        raise TertialError(
            "Radfilerna är krypterade men TERTIAL_KRYPTERA är inte ja, så lagret kan inte byggas av dem.",
            "Ange TERTIAL_KRYPTERA=ja, eller kör `tertial run` utan --per, så skrivs radfilerna om i klartext.",
        )
    new = new_lager(yta)
    if new.parent.exists():
        shutil.rmtree(new.parent)
    durable.restricted_dir(new.parent)
    arguments = ["build"]
    if not unit_tests:
        arguments += ["--exclude-resource-type", "unit_test"]
    if not dokument:
        arguments += ["--no-write-json"]
    if variables:
        arguments += ["--vars", json.dumps(variables, sort_keys=True)]
    with _environment(yta, new):
        result = _invoke(arguments, done)
    if new.is_file():
        new.chmod(durable.RESTRICTED_FILE)
    return DbtResultat(tuple(_node(one) for one in result))


def new_lager(yta: Arbetsyta) -> Path:
    """Where this run's warehouse is built."""
    return yta.lager.parent / "ny" / yta.lager.name


def install(yta: Arbetsyta) -> None:
    """Make the new warehouse the warehouse."""
    new = new_lager(yta)
    durable.fsync_file(new)
    yta.lager.with_name(yta.lager.name + ".wal").unlink(missing_ok=True)
    new.replace(yta.lager)
    durable.fsync_dir(yta.lager.parent)
    shutil.rmtree(new.parent, ignore_errors=True)


@contextmanager
def _environment(yta: Arbetsyta, lager: Path) -> Iterator[None]:
    settings.telemetri_av()
    settings.dbt_miljo(yta.lake, lager)
    yield


def _invoke(arguments: Sequence[str], done: NodeDone | None = None) -> list[Any]:
    from dbt.cli.main import dbtRunner

    target = settings.dbt_target()
    callbacks: list[Callable[[Any], None]] = []
    if done is not None:

        def on_event(event: Any) -> None:
            if event.info.name == "NodeFinished":
                node = event.data.node_info
                done(node.node_name, node.node_status)

        callbacks.append(on_event)
    result = dbtRunner(callbacks=callbacks).invoke(
        [
            *arguments,
            "--project-dir",
            str(DBT_DIR),
            "--profiles-dir",
            str(DBT_DIR),
            "--target-path",
            str(target),
            "--target",
            "krypterad" if settings.kryptera() else "duckdb",
            "--log-path",
            str(target / "logs"),
            "--quiet",
            "--no-use-colors",
            "--log-level-file",
            "none",
            "--no-version-check",
        ]
    )
    if result.exception is not None:
        reason = str(result.exception).strip().splitlines()
        raise TertialError(
            f"dbt kunde inte köra: {reason[0] if reason else type(result.exception).__name__}",
            "Kör `make check`; felet ligger i modellerna, inte i leveranserna.",
        ) from None
    _let_go()
    return list(getattr(result.result, "results", []))


def _let_go() -> None:
    """Make dbt close the warehouse file: a handle it keeps would refuse everybody else's read-only one."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    engine: Any = DuckDBConnectionManager._ENV
    if engine is not None:  # dbt forgets it without closing it, and garbage is collected some day
        engine.close()
    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]


def _node(result: Any) -> Nod:
    return Nod(
        unique_id=result.node.unique_id,
        namn=result.node.name,
        typ=str(result.node.resource_type),
        status=str(result.status),
        antal_fel=int(result.failures or 0),
        sekunder=float(result.execution_time or 0.0),
        meddelande=str(result.message or ""),
    )


def unit_tests_needed(yta: Arbetsyta) -> bool:
    """True until the unit tests have passed on exactly this version of the models in this workspace."""
    stamp = yta.lager.parent / "enhetstestad.txt"
    return not stamp.is_file() or stamp.read_text() != project_fingerprint()


def remember_unit_tests(yta: Arbetsyta) -> None:
    """Record that they passed."""
    durable.write_bytes(yta.lager.parent / "enhetstestad.txt", project_fingerprint().encode())


def as_of(per: date | None) -> dict[str, Any]:
    """dbt variables of an as-of run."""
    return {} if per is None else {"per": per.isoformat()}
