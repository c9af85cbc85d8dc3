"""What the terminal shows: one console, the progress display, the way an error ends a command."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from pipelines.errors import DeliveryRefused, TertialError, ovantat, plats
from pipelines.sekretess.scanner import installera_loggfilter

ut = Console(highlight=False, soft_wrap=True)
fel = Console(stderr=True, highlight=False, soft_wrap=True)


class Stapel:
    """A `Framsteg` as a progress bar per step; plain lines when nobody watches (a log, a pipe)."""

    def __init__(self) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[nu]}"),
            console=fel,
            transient=True,
        )
        self._task: TaskID | None = None
        self._plain = not fel.is_terminal

    def steg(self, namn: str, antal: int | None = None) -> None:
        """Begin a step."""
        if self._plain:
            fel.print(f"· {namn}")
            return
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(namn, total=antal, nu="")

    def del_klar(self, text: str) -> None:
        """One part done."""
        if self._task is not None:
            self._progress.update(self._task, advance=1, nu=text[:48])

    def delsteg(self, text: str, done: int, total: int) -> None:
        """Progress as (what, done, of how many)."""
        if self._task is not None:
            self._progress.update(self._task, completed=done, total=total, nu=text[:48])

    @contextmanager
    def visas(self) -> Iterator[Stapel]:
        """Show while the block runs."""
        with self._progress:
            yield self


def ovantat_fel(kind: type[BaseException], error: BaseException, spar: TracebackType | None) -> None:
    """`sys.excepthook`: kind and place of what nobody caught, never its message (DuckDB's and Polars' hold values)."""
    if issubclass(kind, KeyboardInterrupt):
        fel.print("Avbrutet. Inget halvt finns kvar; kör igen när du vill.")
        return
    told = ovantat(error.with_traceback(spar))
    fel.print(f"[bold red]Fel:[/] {told.message}", markup=True)
    for one in plats(spar):
        fel.print(f"    {one}", markup=False, style="dim")
    fel.print(f"  → {told.atgard}")


def skydda_utskrift() -> None:
    """Nets under everything that is printed or logged: the log filter, and no library's message on an uncaught error."""
    installera_loggfilter("dagster", "dbt", "great_expectations", "py.warnings")
    sys.excepthook = ovantat_fel
    threading.excepthook = lambda args: ovantat_fel(
        args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
    )


@contextmanager
def begripligt() -> Iterator[None]:
    """Turn our own errors into a Swedish message with a next step, and exit code 1."""
    try:
        yield
    except TertialError as error:
        fel.print(f"[bold red]Fel:[/] {escape(error.message)}")
        if error.atgard:
            fel.print(f"  → {error.atgard}", markup=False)
        sys.exit(1)
    except DeliveryRefused as error:
        for one in error.fel:
            fel.print(f"[bold red]Fel:[/] {escape(one.text())}")
        sys.exit(1)
