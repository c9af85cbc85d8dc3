"""The auditor: for every hidden cell, which whole numbers can an attacker still believe in?

Independent of the suppressor: reads the Tabell and the keys that are hidden, and solves the attacker's problem
with HiGHS. Each whole-number vertex is a witness for all cells of its component, so few solves prove much.
Never changes a pattern: that is `reparera`. No proof means no publication (`GranskningOviss`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from pipelines.sekretess.rojande.kunskap import Komponent, kontrollsumma, kunskap
from pipelines.sekretess.rojande.losare import TOLERANS, Frist, GranskningOviss, Modell
from pipelines.sekretess.rojande.primar import Regler
from pipelines.sekretess.rojande.tabell import Cell, Tabell

__all__ = ["Granskning", "GranskningOviss", "Intervall", "granska"]


@dataclass(frozen=True, slots=True)
class Intervall:
    """What is proven possible: the attacker's own interval is this one when `exakt`, else at least as wide."""

    minst: int
    hogst: int
    exakt: bool = False

    @property
    def bredd(self) -> int:
        return self.hogst - self.minst


@dataclass(frozen=True)
class Granskning:
    """Verdict on one pattern. Holds intervals of hidden cells: restricted; `rapport` is what may be published.

    underkanda   hidden (or never printed, small) cells whose interval is narrower than the rule demands
    synliga_sma  counts in 1..threshold that are shown for the first time: the pattern breaks the primary rule
    """

    intervall: Mapping[str, Intervall]
    krav: Mapping[str, int]
    underkanda: tuple[str, ...]
    synliga_sma: tuple[str, ...]
    sekunder: float
    losningar: int
    storlek: Mapping[str, int] = field(default_factory=dict)

    @property
    def godkand(self) -> bool:
        return not self.underkanda and not self.synliga_sma

    def rapport(self, regler: Regler) -> dict[str, int | float | bool | None]:
        """Counts only."""
        bredder = [self.intervall[nyckel].bredd for nyckel in self.krav]
        return {
            "godkand": self.godkand,
            "granskade": len(self.krav),
            "underkanda": len(self.underkanda),
            "synliga_sma": len(self.synliga_sma),
            "exakt_beraknade": sum(bredd == 0 for bredd in bredder),
            "under_rekommenderad_bredd": sum(bredd < regler.rek_bredd for bredd in bredder),
            "minsta_bredd": min(bredder, default=None),
            "losningar": self.losningar,
            "sekunder": round(self.sekunder, 3),
            **self.storlek,
        }


def _krav(cell: Cell, dolda: Collection[str], regler: Regler) -> int | None:
    """Width (largest - smallest) that this cell must keep; None when nothing is asked."""
    if not cell.varde or (cell.status == "publicerbar") != (cell.nyckel in dolda):
        return None
    if cell.status == "ej_tryckt":
        grans = regler.enkat_minst - 1 if cell.enkat else regler.troskel
        if cell.slag != "antal" or abs(cell.varde) > grans or cell.tidigare == "visad":
            return None
    if cell.slag == "belopp":
        return max(regler.minst_heltal - 1, math.ceil(regler.belopp_skydd * abs(cell.varde) / 100))
    return regler.minst_heltal - 1


def _liten_och_synlig(cell: Cell, dolda: Collection[str], regler: Regler) -> bool:
    if cell.status != "publicerbar" or cell.nyckel in dolda or cell.tidigare == "visad" or cell.slag != "antal":
        return False
    return 1 <= (cell.varde or 0) <= (regler.enkat_minst - 1 if cell.enkat else regler.troskel)


def _kansligt_belopp(cell: Cell, regler: Regler) -> bool:
    """An amount that must itself be protected, not one hidden for another's sake."""
    ensam = cell.storsta is not None and 100 * abs(cell.storsta) > regler.dominans_procent * abs(cell.varde or 0)
    return cell.slag == "belopp" and (ensam or (cell.n is not None and cell.n < regler.medel_minst))


def granska(
    tabell: Tabell,
    dolda: Collection[str],
    regler: Regler,
    *,
    tidsgrans_s: float = 60.0,
    tidigare: Granskning | None = None,
    fullstandig: bool = False,
) -> Granskning:
    """Audit a pattern: `dolda` holds the keys of hidden cells and ratios, everything else is public.

    tidigare     an audit of the same table with fewer keys hidden: what it proved possible still is
    fullstandig  compute every interval exactly instead of stopping when it is wide enough
    Raises GranskningOviss when the time is up or a solve has no proof.
    """
    start, frist = time.monotonic(), Frist(tidsgrans_s)
    dolda = frozenset(dolda)
    krav = {c.nyckel: k for c in tabell.celler if (k := _krav(c, dolda, regler)) is not None}
    kanda = tidigare.intervall if tidigare else {}
    komponenter = kunskap(tabell, dolda, regler.troskel)
    losningar, intervall = _prova(komponenter, krav, kanda, frist, fullstandig)
    underkanda = {nyckel for nyckel, bredd in krav.items() if intervall[nyckel].bredd < bredd}
    # an amount with a single contributor is known to that contributor: other sensitive ones must stand without it
    kansliga = {c.nyckel: c for c in tabell.celler if c.nyckel in krav and _kansligt_belopp(c, regler)}
    for ensam in [nyckel for nyckel, cell in kansliga.items() if cell.n == 1]:
        egna = next(k for k in komponenter if ensam in k.nycklar)
        ovriga = {nyckel: krav[nyckel] for nyckel in egna.nycklar if nyckel in kansliga and nyckel != ensam}
        if not ovriga:
            continue
        nytt, utan = _prova([egna.med_kand(ensam)], ovriga, {}, frist, False)
        losningar += nytt
        for nyckel, bredd in ovriga.items():
            if utan[nyckel].bredd < bredd:
                underkanda.add(nyckel)
                intervall[nyckel] = min(intervall[nyckel], utan[nyckel], key=lambda i: i.bredd)
    return Granskning(
        intervall=intervall,
        krav=krav,
        underkanda=tuple(nyckel for nyckel in krav if nyckel in underkanda),
        synliga_sma=tuple(c.nyckel for c in tabell.celler if _liten_och_synlig(c, dolda, regler)),
        sekunder=time.monotonic() - start,
        losningar=losningar,
        storlek=kontrollsumma(komponenter),
    )


def _prova(
    komponenter: Iterable[Komponent],
    krav: Mapping[str, int],
    kanda: Mapping[str, Intervall],
    frist: Frist,
    fullstandig: bool,
) -> tuple[int, dict[str, Intervall]]:
    intervall: dict[str, Intervall] = {}
    losningar = 0
    for komponent in komponenter:
        frist.kvar()
        provning = _Provning(komponent, krav, kanda, frist)
        provning.kor(fullstandig)
        losningar += provning.losningar
        intervall.update(provning.svar())
    return losningar, intervall


class _Provning:
    """The search for witnesses in one component. `minst`..`hogst` only ever holds proven whole numbers."""

    def __init__(
        self, komponent: Komponent, krav: Mapping[str, int], kanda: Mapping[str, Intervall], frist: Frist
    ) -> None:
        self.k, self.frist = komponent, frist
        self.krav = np.array([krav.get(nyckel, 0) for nyckel in komponent.nycklar])
        self.minst, self.hogst = np.array(komponent.sanna), np.array(komponent.sanna)
        for i, nyckel in enumerate(komponent.nycklar):
            if nyckel in kanda:
                self.minst[i] = min(self.minst[i], kanda[nyckel].minst)
                self.hogst[i] = max(self.hogst[i], kanda[nyckel].hogst)
        self.exakt = np.zeros(len(komponent.nycklar), bool)
        self.losningar = 0

    def svar(self) -> dict[str, Intervall]:
        return {
            nyckel: Intervall(int(self.minst[i]), int(self.hogst[i]), bool(self.exakt[i]))
            for i, nyckel in enumerate(self.k.nycklar)
        }

    def _smala(self) -> list[int]:
        return [int(i) for i in np.flatnonzero((self.hogst - self.minst < self.krav) & ~self.exakt)]

    def kor(self, fullstandig: bool) -> None:
        if len(self.k.villkor) == 0 or len(self.k.nycklar) == 1:  # propagated bounds are the whole truth
            self.minst, self.hogst = np.array(self.k.undre), np.array(self.k.ovre)
            self.exakt[:] = True
            return
        if not fullstandig and not self._smala():
            return
        self.modell = Modell(self.k.undre, self.k.ovre, self.k.villkor, self.frist)
        self._svep()
        for i in range(len(self.k.nycklar)) if fullstandig else self._smala():
            if fullstandig or i in self._smala():
                self._riktad(i, fullstandig)

    def _svep(self) -> None:
        """Push all narrow cells at once, up or down at random (fixed seed), while that still finds witnesses."""
        slump = np.random.default_rng(len(self.k.nycklar))
        magra = 0
        while (smala := self._smala()) and magra < 4:
            mal = np.zeros(self.modell.antal)
            mal[smala] = slump.choice((-1.0, 1.0), len(smala)) * slump.uniform(0.5, 1.0, len(smala))
            for riktning in (mal, -mal):
                self._los(riktning)
            magra = magra + 1 if len(self._smala()) > 0.9 * len(smala) else 0

    def _los(self, mal: np.ndarray, heltal: bool = False) -> float:
        self.losningar += 1
        svar = self.modell.minimera(mal, heltal=heltal)
        if svar is None:  # the truth is feasible: the solver contradicts itself
            raise GranskningOviss("lösaren fann ingen lösning trots att den sanna finns")
        varde, punkt = svar
        if (hel := self.modell.heltalspunkt(np.rint(punkt) if heltal else punkt)) is not None:
            self.minst, self.hogst = np.minimum(self.minst, hel), np.maximum(self.hogst, hel)
        return varde

    def _riktad(self, i: int, fullstandig: bool) -> None:
        """One cell up, then down; whole-number search only when the relaxation leaves the question open."""
        if fullstandig and self.minst[i] == self.k.undre[i] and self.hogst[i] == self.k.ovre[i]:
            self.exakt[i] = True  # both of the propagated bounds have their witness: nothing is left to ask
            return
        granser = []
        for tecken in (-1.0, 1.0):
            mal = np.zeros(self.modell.antal)
            mal[i] = tecken
            granser.append(self._los(mal))
            if not fullstandig and self.hogst[i] - self.minst[i] >= self.krav[i]:
                return
        ovre, undre = math.floor(-granser[0] + TOLERANS), math.ceil(granser[1] - TOLERANS)
        for tecken, klar in ((-1.0, self.hogst[i] >= ovre), (1.0, self.minst[i] <= undre)):
            racker = self.hogst[i] - self.minst[i] >= self.krav[i] and not fullstandig
            if klar or racker or (not fullstandig and ovre - undre < self.krav[i]):
                continue
            mal = np.zeros(self.modell.antal)
            mal[i] = tecken
            svar = self._los(mal, heltal=True)
            if svar == -math.inf:  # not settled: the cell counts as narrow unless a witness has been met
                return
            varde = round(svar)
            if (-varde if tecken < 0 else varde) not in (self.hogst[i], self.minst[i]):
                raise GranskningOviss("ett heltalssvar gick inte att bekräfta")
            if tecken < 0:
                ovre = -varde
            else:
                undre = varde
        self.exakt[i] = self.minst[i] == undre and self.hogst[i] == ovre
