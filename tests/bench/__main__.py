"""`make bench`: whole commands, timed from outside. Medians, peak memory and ratios side by side from one run.

Every figure is measured here and now; nothing is asserted. Component benchmarks (pytest-benchmark) follow after.
`python -m tests.bench --bara korning --varv 3` runs a part of it.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.delivery.ledger import Ledger

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Matning:
    """One timed command: wall and CPU seconds, peak resident memory in MiB."""

    namn: str
    vagg: float
    cpu: float
    minne: float


def timed(name: str, command: Sequence[str], env: dict[str, str]) -> Matning:
    """Run `command` in a process of its own and read what the kernel says of it and its children."""
    start = time.perf_counter()
    child = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT)
    assert child.stderr is not None
    errors = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{name}: {errors.decode(errors='replace')[-2000:]}")
    return Matning(name, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def repeated(
    name: str, rounds: int, command: Sequence[str], env: dict[str, str], before: Callable[[], None]
) -> Matning:
    """The median of `rounds` timings, each after `before` has put the workspace back."""
    return in_turn(rounds, [(name, command, env, before)])[0]


def in_turn(
    rounds: int, commands: Sequence[tuple[str, Sequence[str], dict[str, str], Callable[[], None]]]
) -> list[Matning]:
    """The medians of commands that are compared: one of each in every round, for a machine's speed drifts."""
    runs: list[list[Matning]] = [[] for _ in commands]
    for _ in range(rounds):
        for made, (name, command, env, before) in zip(runs, commands, strict=True):
            before()
            made.append(timed(name, command, env))
    return [
        Matning(
            name,
            statistics.median(one.vagg for one in made),
            statistics.median(one.cpu for one in made),
            max(one.minne for one in made),
        )
        for made, (name, *_) in zip(runs, commands, strict=True)
    ]


def show(rows: Sequence[Matning]) -> None:
    """One line per measurement."""
    print(f"{'vad':<58}{'vägg s':>9}{'CPU s':>9}{'MiB':>8}")
    for one in rows:
        print(f"{one.namn:<58}{one.vagg:>9.2f}{one.cpu:>9.2f}{one.minne:>8.0f}")


def workspace(root: Path) -> dict[str, str]:
    """Environment of a throw-away workspace on the shipped data."""
    shutil.copytree(ROOT / "data" / "raw", root / "data" / "raw")
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith("TERTIAL_")},
        "TERTIAL_DATA": str(root / "data"),
        "TERTIAL_NYCKEL": str(root / "nyckel"),
        "TERTIAL_DBT_TARGET": str(root / "target"),
        "TERTIAL_IDAG": "2025-10-01",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


def empty(data: Path) -> None:
    """As before the first delivery. The stamps of the models' own tests stay: they run once per version, on no data."""
    for part in ("lake", "fel", "marts"):
        shutil.rmtree(data / part, ignore_errors=True)
    (data / "lager" / "lager.duckdb").unlink(missing_ok=True)


def korning(rounds: int) -> list[Matning]:
    """`make run` on the shipped data, everything known and from nothing, against a bare `dbt build`."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        env = workspace(root)
        tertial = [sys.executable, "-m", "pipelines.cli"]
        timed("uppvärmning", [*tertial, "run", "--demo"], env)
        data = root / "data"
        lager = data / "lager" / "lager.duckdb"

        def nothing() -> None:
            return

        def from_nothing() -> None:
            empty(data)

        bare_env = {**env, "TERTIAL_LAKE": str(data / "lake"), "TERTIAL_LAGER": str(root / "bar" / "lager.duckdb")}

        def new_file() -> None:  # as in a run: the warehouse file is always a new one
            shutil.rmtree(root / "bar", ignore_errors=True)
            (root / "bar").mkdir()

        bare = [
            str(Path(sys.executable).with_name("dbt")), "build", "--quiet", "--exclude-resource-type", "unit_test",
            "--project-dir", str(ROOT / "dbt_project"), "--profiles-dir", str(ROOT / "dbt_project"),
            "--target-path", str(root / "target"), "--log-path", str(root / "logg"),
        ]  # fmt: skip
        rows = [
            *in_turn(
                rounds,
                [
                    ("dbt build ensamt (samma projekt, samma data)", bare, bare_env, new_file),
                    ("tertial run, alla leveranser kända", [*tertial, "run"], env, nothing),
                    ("tertial run, allt läses om från början", [*tertial, "run"], env, from_nothing),
                ],
            ),
            repeated(
                "ladda Dagsters definitioner (manifest finns)",
                rounds,
                [sys.executable, "-c", "from pipelines.definitions import build_definitions; build_definitions()"],
                env,
                nothing,
            ),
            repeated("tertial --help", rounds, [*tertial, "--help"], env, nothing),
        ]
        assert lager.is_file()
    show(rows)
    print(
        f"kvot CPU: känt {rows[1].cpu / rows[0].cpu:.2f}, från början {rows[2].cpu / rows[0].cpu:.2f} (mål högst 2,2)"
    )
    return rows


def stor(rounds: int) -> list[Matning]:
    """1 000 000 household-months, 200 000 placements, 200 000 utredningar, 500 000 ledger rows through the whole path."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        raw = root / "data" / "raw"
        env = {
            **{key: value for key, value in os.environ.items() if not key.startswith("TERTIAL_")},
            "TERTIAL_DATA": str(root / "data"),
            "TERTIAL_NYCKEL": str(root / "nyckel"),
            "TERTIAL_DBT_TARGET": str(root / "target"),
            "TERTIAL_IDAG": "2025-10-01",
        }
        make = (
            "from pathlib import Path; import sys; from pipelines.synth import generera; "
            "generera(invanare=2_150_000, poster=140, placeringstathet=10.0, fro=2, ut=Path(sys.argv[1]))"
        )
        rows = [repeated("generera miljonkommunen", rounds, [sys.executable, "-c", make, str(raw)], env, lambda: None)]
        tertial = [sys.executable, "-m", "pipelines.cli"]
        timed("nyckel", [*tertial, "nyckel", "skapa"], env)

        small = {**env, "TERTIAL_DATA": str(root / "liten")}
        little = ["--kommun", "Exempelby", "--invanare", "15000", "--manader", "24", "--fro", "1", "--ut"]
        timed("uppvärmning", [*tertial, "generate", *little, str(root / "liten" / "raw")], small)
        timed("uppvärmning", [*tertial, "run"], small)
        shutil.copytree(root / "liten" / "lager", root / "data" / "lager")

        def from_nothing() -> None:
            empty(root / "data")

        rows.append(repeated("tertial run, miljonkommunen", rounds, [*tertial, "run"], env, from_nothing))
        if refused := [one.fil for one in Ledger(root / "data" / "lake").manifests() if one.status == "avvisad"]:
            sys.exit(f"inte mätt: avvisade leveranser {refused}")
    show(rows)
    return rows


DELAR: dict[str, Callable[[int], list[Matning]]] = {"korning": korning, "stor": stor}


def main() -> None:
    """Run the parts asked for, then the component benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--varv", type=int, default=5)
    parser.add_argument("--bara", choices=[*DELAR, "delar"], default=None)
    chosen = parser.parse_args()
    print(f"{os.cpu_count()} kärnor, last {os.getloadavg()[0]:.1f}, {time.strftime('%Y-%m-%d %H:%M')}")
    for name, part in DELAR.items():
        if chosen.bara in (None, name):
            part(chosen.varv)
    if chosen.bara in (None, "delar"):
        folder = Path(__file__).parent
        files = sorted(str(path) for path in folder.glob("bench_*.py"))
        options = ["-m", "bench", "-o", "python_files=bench_*.py", "-o", "python_functions=bench_*", "--benchmark-only"]
        subprocess.run([sys.executable, "-m", "pytest", *options, *files], check=True, cwd=ROOT)
    print(f"högsta minne i en delprocess: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
