"""What Tertial says when something is wrong: one shape for every message a controller reads.

Nothing here reads files or knows a source. A value of a personal column never enters a `Fel`: whoever
creates one puts `MASK` in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Literal

Niva = Literal["kritisk", "varning", "information"]
Utgang = Literal["avvisa_leverans", "avvisa_rad", "flagga"]

MASK = "•••"


@dataclass(frozen=True, slots=True)
class Fel:
    """One finding in one delivery, in Swedish, for the person who can correct it.

    regel   stable id, e.g. "FIL-003" (file), "VAR-028" (value), "PLA-002" (row rule of placeringar)
    niva    severity
    utgang  what happened because of it: the whole delivery refused, the row refused, or only flagged
    fil     file name as delivered (no folder)
    rad     1-based row in the file as a person counts it in a text editor or Excel; None = the whole file
    kolumn  header as written in the file, else the contract's column name
    varde   offending value, masked when the column is of personal class
    fel     what is wrong and why (one sentence)
    atgard  what to do about it (one sentence)
    antal   how many places this finding stands for (rows beyond the listed ones are counted, not lost)
    """

    regel: str
    niva: Niva
    utgang: Utgang
    fil: str
    fel: str
    atgard: str
    rad: int | None = None
    kolumn: str | None = None
    varde: str | None = None
    antal: int = 1

    def as_dict(self) -> dict[str, str | int | None]:
        """All fields, for JSON manifests and error lists."""
        return asdict(self)

    def text(self) -> str:
        """One line as the terminal prints it."""
        place = ", ".join(
            part
            for part in (
                self.fil,
                f"rad {self.rad}" if self.rad is not None else "",
                f"kolumn {self.kolumn}" if self.kolumn else "",
                f"värde «{self.varde}»" if self.varde else "",
            )
            if part
        )
        return f"[{self.regel}] {place}: {self.fel} {self.atgard}"


class DeliveryRefused(Exception):
    """The whole delivery is refused; `fel` holds every reason found (at least one)."""

    def __init__(self, fel: Fel | Sequence[Fel]) -> None:
        self.fel: tuple[Fel, ...] = (fel,) if isinstance(fel, Fel) else tuple(fel)
        if not self.fel:
            raise ValueError("DeliveryRefused needs at least one Fel")
        super().__init__(" ".join(one.text() for one in self.fel))


class TertialError(Exception):
    """An operational stop with a Swedish message and a next step (no traceback for the user)."""

    def __init__(self, message: str, atgard: str = "") -> None:
        self.message = message
        self.atgard = atgard
        super().__init__(f"{message} {atgard}".strip())


class RuleError(TertialError):
    """A file of rules that does not hold together: the developer's words, after what it is about."""

    def __init__(self, message: str) -> None:
        super().__init__(
            f"En regelfil håller inte ihop: {message}.", "Rätta den i expectations/; jämför med reglerna intill."
        )


PAKET = str(Path(__file__).parent)


def plats(spar: TracebackType | None) -> list[str]:
    """Our own frames of a traceback as `file, row, function`, innermost last: code positions, never values."""
    frames = [one for one in extract_tb(spar) if one.filename.startswith(PAKET)]
    return [f"pipelines{one.filename.removeprefix(PAKET)}, rad {one.lineno}, {one.name}" for one in frames]


_FULL = ("No space left on device", "Disk quota exceeded", "File too large")


def disken_full(text: str) -> bool:
    """Whether a library's message says that nothing more could be written."""
    return any(words in text for words in _FULL)


def full_disk() -> TertialError:
    """The disk took no more."""
    return TertialError(
        "Disken är full (eller kvoten nådd): körningen kunde inte skriva klart.",
        "Inget är publicerat och inget läst har gått förlorat. Frigör utrymme och kör igen.",
    )


def ovantat(error: BaseException) -> TertialError:
    """What may be said of an error that is not ours: its kind and where. Its message may hold a value and is not shown."""
    if disken_full(str(error)):
        return full_disk()
    kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    where = plats(error.__traceback__)
    return TertialError(
        f"Oväntat fel ({kind}) i {where[-1] if where else 'ett bibliotek'}. Felets egen text visas inte: den kan innehålla"
        " en personuppgift.",
        "Ingenting är publicerat. Kör igen; händer det åter, meddela utvecklarna raden ovan.",
    )


class UtanVarden:
    """A block that lets no library's message out: Dagster stores what an asset raises. Our own errors pass."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: BaseException | None, spar: object) -> None:
        """Replace an error that is not ours."""
        if isinstance(error, Exception) and not isinstance(error, TertialError | DeliveryRefused):
            raise ovantat(error) from None
