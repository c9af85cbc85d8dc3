"""Periods as spans of months, and how the overlapping ones of one series add up.

Months, quarters, tertials, cumulative (ack), rolling (r12) and whole years are all spans; every identity
between them follows from that. Values and cells belong to `bygge`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from pipelines.errors import TertialError

_FORMER = (
    (re.compile(r"(\d{4})"), lambda ar, _: (ar, 0, 12)),
    (re.compile(r"(\d{4})-?(0[1-9]|1[0-2])"), lambda ar, nr: (ar, nr - 1, 1)),
    (re.compile(r"(\d{4})-?[KQkq]([1-4])"), lambda ar, nr: (ar, 3 * nr - 3, 3)),
    (re.compile(r"(\d{4})-?[Tt]([1-3])"), lambda ar, nr: (ar, 4 * nr - 4, 4)),
    (re.compile(r"(\d{4})-?[Hh]([12])"), lambda ar, nr: (ar, 6 * nr - 6, 6)),
    (re.compile(r"ack[-_ ]?(\d{4})-?(0[1-9]|1[0-2])"), lambda ar, nr: (ar, 0, nr)),
    (re.compile(r"r12[-_ ]?(\d{4})-?(0[1-9]|1[0-2])"), lambda ar, nr: (ar, nr - 12, 12)),
)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The months `fran` <= month < `till`, counted from year 0; `namn` as the mart writes it."""

    fran: int
    till: int
    namn: str

    @property
    def manader(self) -> int:
        return self.till - self.fran


_SPANN = re.compile(r"(\d{4})-(\d{2})\.\.(\d{4})-(\d{2})")


def tolka(namn: str) -> Period:
    """The span behind a label: 2024, 2024-03, 2024-Q1, 2024-T1, 2024-H1, ack-2024-08, r12-2024-08, 2024-01..2024-08."""
    if spann := _SPANN.fullmatch(namn):
        fran_ar, fran, till_ar, till = map(int, spann.groups())
        if (start := 12 * fran_ar + fran - 1) < (slut := 12 * till_ar + till):
            return Period(start, slut, namn)
    for monster, tyda in _FORMER:
        if traff := monster.fullmatch(namn):
            ar, nr = int(traff[1]), int(traff[2]) if traff.re.groups > 1 else 0
            ar, start, langd = tyda(ar, nr)
            return Period(12 * ar + start, 12 * ar + start + langd, namn)
    raise TertialError(
        f"Perioden «{namn}» går inte att tyda.",
        "Skriv 2024, 2024-03, 2024-Q1, 2024-T1, 2024-H1, ack-2024-08, r12-2024-08 eller 2024-01..2024-08.",
    )


def okningar(perioder: Iterable[Period]) -> list[Period]:
    """The spans that no period of the series prints, but differencing may give.

    Those between neighbouring boundaries, unless no period covers them, and between any two periods that begin together:
    hiding the figure in the middle hides nothing of what lies between the others.
    """
    alla = sorted(set(perioder))
    spann = {(p.fran, p.till) for p in alla}
    granser = sorted({g for p in alla for g in (p.fran, p.till)})
    par = {(a, b) for a, b in pairwise(granser) if any(p.fran <= a and b <= p.till for p in alla)}
    par |= {(p.till, q.till) for p in alla for q in alla if p.fran == q.fran and p.till < q.till}
    return [
        Period(a, b, f"ökning {a // 12}-{a % 12 + 1:02d}..{(b - 1) // 12}-{(b - 1) % 12 + 1:02d}")
        for a, b in sorted(par - spann)
    ]


def delningar(perioder: Iterable[Period]) -> list[tuple[Period, tuple[Period, ...]]]:
    """Every period that others make up, with the fewest and longest others that do so end to end.

    Together these span every linear identity of the series (its cycle space), one per non-elementary period.
    """
    alla = sorted(set(perioder), key=lambda p: (p.manader, p.fran, p.namn))
    fran: dict[int, list[Period]] = {}
    funna: list[tuple[Period, tuple[Period, ...]]] = []
    for hel in alla:
        # shortest path from hel.fran to hel.till over the shorter (or equal, earlier named) spans
        vag: dict[int, tuple[Period, ...]] = {hel.fran: ()}
        front = [hel.fran]
        while front and hel.till not in vag:
            nasta: list[int] = []
            for punkt in front:
                for steg in sorted(fran.get(punkt, ()), key=lambda p: -p.till):
                    if steg.till <= hel.till and steg.till not in vag:
                        vag[steg.till] = (*vag[punkt], steg)
                        nasta.append(steg.till)
            front = nasta
        if hel.till in vag:
            funna.append((hel, vag[hel.till]))
        fran.setdefault(hel.fran, []).append(hel)
    return funna


def inneslutningar(perioder: Iterable[Period]) -> list[tuple[Period, Period]]:
    """(outer, inner) pairs with nothing between them: what is known of net counts, which do not add up."""
    alla = sorted(set(perioder), key=lambda p: (p.manader, p.fran, p.namn))

    def rymmer(yttre: Period, inre: Period) -> bool:
        return yttre != inre and yttre.fran <= inre.fran and inre.till <= yttre.till and yttre.manader > inre.manader

    par = [(yttre, inre) for yttre in alla for inre in alla if rymmer(yttre, inre)]
    finns = set(par)
    return [(yttre, inre) for yttre, inre in par if not any((yttre, m) in finns and (m, inre) in finns for m in alla)]
