"""Great Expectations in a process of its own (`pipelines.granskning_child`), started before it is needed.

The library's import is a fourth of a whole run; beside Dagster's and dbt's it costs no waiting. Asked over standard
input, answered line by line; the child ends when its input does, so it outlives no killed run. Which rules there are
and what a rule means stands elsewhere.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from pipelines.errors import TertialError
from pipelines.guard.kontroll import Kontroll
from pipelines.settings import PROJECT_DIR

Lager = Literal["raw", "marts"]


class Granskprocess:
    """The parent's end. One per run; `fraga` starts the child when nobody has."""

    def __init__(self) -> None:
        self._barn: subprocess.Popen[str] | None = None

    def starta(self) -> subprocess.Popen[str]:
        """Start the child, which begins its imports at once."""
        if self._barn is None:
            self._barn = subprocess.Popen(
                [sys.executable, "-m", "pipelines.granskning_child"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", cwd=PROJECT_DIR,
            )  # fmt: skip
        return self._barn

    def fraga(
        self, lager: Lager, sjo: Path, *, fil: Path | None = None, gallande: Sequence[tuple[str, str, str]] = ()
    ) -> None:
        """Ask for every expectation of a layer: raw on a lake (with the scopes in force), marts on a warehouse file made of it."""
        question = json.dumps({"lager": lager, "sjo": str(sjo), "fil": str(fil), "gallande": gallande})
        with suppress(BrokenPipeError):  # it died: `svar` tells
            print(question, file=self.starta().stdin, flush=True)

    def svar(self, klar: Callable[[str], None]) -> Iterator[Kontroll]:
        """The answer to the last question, one Kontroll per rule as it is done (`klar` is told the rule's id).

        TertialError when the child failed; its words name a kind of error and a place in our code, never a value.
        """
        barn = self.starta()
        for line in barn.stdout or ():
            said: dict[str, Any] = json.loads(line)
            if "fel" in said:
                self.stang()
                raise TertialError(said["fel"], said["atgard"])
            if "klart" in said:
                return
            check = Kontroll(**said)
            klar(check.regel_id)
            yield check
        code = barn.wait()
        self.stang()
        raise TertialError(
            f"Granskningen avbröts: dess process dog (kod {code}).",
            "Ingenting är publicerat. Frigör minne och kör igen; händer det åter, meddela utvecklarna.",
        )

    def stang(self) -> None:
        """End the child."""
        barn, self._barn = self._barn, None
        if barn is not None:
            for end in (barn.stdin, barn.stdout):
                with suppress(BrokenPipeError):  # a question that nobody was left to read
                    if end is not None:
                        end.close()
            barn.wait()
