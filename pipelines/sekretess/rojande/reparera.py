"""Repair: hide the cheapest further cells that give every failing cell its interval back, then audit again.

For a failing cell the smallest change of the whole table that moves it is sought: hidden cells move freely within
the attacker's bounds, a shown cell or ratio only at the price of its information. What must move is hidden, and the
movement itself is a witness that survives every later repair. The search is linear: when the cheapest movement is
not in whole numbers more is hidden instead, so every round hides more or proves more, and the loop ends. The
verdict is always `granskare`'s.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from pipelines.sekretess.rojande.granskare import Granskning, Intervall, granska
from pipelines.sekretess.rojande.kunskap import Villkor, granser, kan_tryckas, kvotvillkor
from pipelines.sekretess.rojande.losare import TOLERANS, Frist, Modell
from pipelines.sekretess.rojande.primar import Regler, dolda_kvoter
from pipelines.sekretess.rojande.tabell import Cell, Kvot, Tabell
from pipelines.sekretess.rojande.undertryck import OlosligtTabell

#: cells looked at around a failing one before the search widens
GRANNSKAP = (250, 2000)


@dataclass(frozen=True)
class Reparation:
    """The final pattern: hidden keys (cells and ratios), those that repair added, the last audit and the rounds."""

    dolda: frozenset[str]
    tillagda: tuple[str, ...]
    granskning: Granskning
    varv: int


def reparera(tabell: Tabell, dolda: Collection[str], regler: Regler, *, tidsgrans_s: float = 60.0) -> Reparation:
    """Audit and hide until the audit passes. Raises OlosligtTabell, or GranskningOviss when the time is up."""
    frist = Frist(tidsgrans_s)
    verkstad = _Verkstad(tabell, set(dolda), regler, frist)
    granskning = granska(tabell, verkstad.dolda, regler, tidsgrans_s=frist.kvar())
    varv = 0
    while not granskning.godkand:
        varv += 1
        verkstad.dolda.update(granskning.synliga_sma)
        verkstad.tillagda += granskning.synliga_sma
        verkstad.intervall = dict(granskning.intervall)
        for nyckel in granskning.underkanda:
            verkstad.oppna(nyckel, granskning.krav[nyckel])
        granskning = granska(
            tabell,
            verkstad.dolda,
            regler,
            tidsgrans_s=frist.kvar(),
            tidigare=replace(granskning, intervall=verkstad.intervall),
        )
    return Reparation(frozenset(verkstad.dolda), tuple(verkstad.tillagda), granskning, varv)


@dataclass(frozen=True)
class Forslag:
    """What giving one cell room takes: the price, the movement when it is a witness, cells and ratios to hide."""

    pris: float
    flytt: Mapping[str, int]
    nya: list[str]
    kvoter: list[str]


class _Verkstad:
    """The pattern under repair and what is proven possible so far."""

    def __init__(self, tabell: Tabell, dolda: set[str], regler: Regler, frist: Frist) -> None:
        self.tabell, self.dolda, self.regler, self.frist = tabell, dolda, regler, frist
        self.tillagda: list[str] = []
        self.intervall: dict[str, Intervall] = {}
        self.relationer: dict[str, list[int]] = {}
        for nr, relation in enumerate(tabell.relationer):
            for nyckel, _ in relation.termer:
                self.relationer.setdefault(nyckel, []).append(nr)
        self.kvoter: dict[str, list[Kvot]] = {}
        for kvot in tabell.kvoter:
            lankar = [lank for lank in (kvot.taljare, kvot.namnare) if isinstance(lank, str)]
            # a ratio goes with any printed part that is hidden: it binds only where a part moves unseen, or for good
            foljer = kvot.tidigare != "visad" and all(tabell.register[n].status == "publicerbar" for n in lankar)
            if kan_tryckas(kvot, tabell) and not foljer:
                for lank in lankar:
                    self.kvoter.setdefault(lank, []).append(kvot)

    def oppna(self, nyckel: str, bredd: int) -> None:
        """Give one failing cell room, unless an earlier movement of this round already did."""
        nu = self.intervall[nyckel]
        if nu.bredd >= bredd:
            return
        bast: Forslag | None = None
        for storlek in (*GRANNSKAP, len(self.tabell.celler)):
            omrade = self._grannskap(nyckel, storlek)
            for mal in (nu.hogst + max(bredd - nu.bredd, 1), nu.minst - max(bredd - nu.bredd, 1)):
                forslag = _Flytt(self, omrade, nyckel, mal).los()
                if forslag is not None and (bast is None or forslag.pris < bast.pris - 1e-9):
                    bast = forslag
            if bast is not None or len(omrade) == len(self.tabell.celler):
                break
        if bast is None:
            raise OlosligtTabell([nyckel])
        self.tillagda += bast.nya
        self.dolda.update(bast.nya, bast.kvoter)
        self.dolda.update(dolda_kvoter(self.tabell, self.dolda, self.regler))
        for n, steg in bast.flytt.items():
            varde = self.tabell.varde(n)
            gammal = self.intervall.get(n, Intervall(varde, varde))
            self.intervall[n] = Intervall(min(gammal.minst, varde + steg), max(gammal.hogst, varde + steg))

    def tryckta(self, nycklar: Iterable[str]) -> list[str]:
        """Those of the keys that are printed so far."""
        return [n for n in nycklar if self.tabell.register[n].status == "publicerbar" and n not in self.dolda]

    def rorlig(self, cell: Cell) -> bool:
        """Whether the cell is, or may become, unknown: zeros and what was shown before are public for good."""
        if cell.varde is None or (cell.tidigare == "visad" and cell.nyckel not in self.dolda):
            return False
        return cell.status == "ej_tryckt" or cell.nyckel in self.dolda or cell.slag == "belopp" or cell.varde != 0

    def pris(self, cell: Cell) -> float:
        """What hiding costs, per unit that the cell moves: large and important figures are dear."""
        if cell.status == "ej_tryckt" or cell.nyckel in self.dolda:
            return 1e-4
        enhet = max(1.0, abs(cell.varde or 0) * self.regler.belopp_skydd / 100) if cell.slag == "belopp" else 1.0
        return (1 + cell.vikt) * (10 + float(np.log2(1 + abs(cell.varde or 0)))) / enhet

    def _grannskap(self, nyckel: str, storlek: int) -> list[str]:
        omrade, front = {nyckel: None}, [nyckel]
        while front and len(omrade) < storlek:
            nasta: list[str] = []
            for n in front:
                lankade = [m for nr in self.relationer.get(n, ()) for m, _ in self.tabell.relationer[nr].termer]
                for kvot in self.kvoter.get(n, ()):
                    lankade += [m for m in (kvot.taljare, kvot.namnare) if isinstance(m, str)]
                for m in lankade:
                    if m not in omrade and self.rorlig(self.tabell.register[m]):
                        omrade[m] = None
                        nasta.append(m)
            front = nasta
        return list(omrade)


class _Flytt:
    """The cheapest way to move one cell to `mal` and beyond: step up and step down of each cell of the area."""

    def __init__(self, verkstad: _Verkstad, omrade: list[str], nyckel: str, mal: int) -> None:
        self.v, self.omrade, self.nyckel, self.mal = verkstad, omrade, nyckel, mal

    def los(self) -> Forslag | None:
        """None when the cell cannot get there."""
        v, antal = self.v, len(self.omrade)
        index = {n: i for i, n in enumerate(self.omrade)}
        celler = [v.tabell.register[n] for n in self.omrade]
        ensamma = v.tabell.register[self.nyckel].slag == "belopp"
        ner, upp = np.zeros(antal), np.zeros(antal)
        for i, cell in enumerate(celler):
            undre, ovre = granser(cell, v.regler.troskel)
            sann = cell.varde or 0
            # the only contributor of an amount knows it: a way out must not lean on such a cell
            if not (ensamma and cell.slag == "belopp" and cell.n == 1 and cell.nyckel != self.nyckel):
                ner[i], upp[i] = sann - undre, ovre - sann
        steg = self.mal - (v.tabell.register[self.nyckel].varde or 0)
        if not -ner[0] <= steg <= upp[0]:
            return None
        villkor, kvoter = self._villkor(index)
        undre_alla = [0.0] * (2 * antal + len(kvoter))
        ovre_alla = [*upp, *ner, *([1e9] * len(kvoter))]
        undre_alla[0 if steg > 0 else antal] = abs(steg)
        ovre_alla[antal if steg > 0 else 0] = 0.0
        pris = [v.pris(cell) for cell in celler]
        kostnad = np.array([*pris, *pris, *([0.02] * len(kvoter))])
        modell = Modell(undre_alla, ovre_alla, villkor, v.frist, omstart=False)
        svar = modell.minimera(kostnad)
        if svar is None:
            return None
        punkt = modell.heltalspunkt(svar[1])
        if punkt is None:
            return self._utan_vittne(svar, kvoter)
        flytt = {n: int(punkt[i] - punkt[antal + i]) for n, i in index.items() if punkt[i] != punkt[antal + i]}
        brutna = [kvot.nyckel for j, kvot in enumerate(kvoter) if punkt[2 * antal + j] > 0]
        return Forslag(svar[0], flytt, v.tryckta(flytt), brutna)

    def _utan_vittne(self, svar: tuple[float, np.ndarray], kvoter: list[Kvot]) -> Forslag | None:
        """The cheapest movement is not in whole numbers: hide all that takes part in it, and let the audit judge.

        When all of it is hidden already, what binds it goes: ratios first, then the figures beside it.
        """
        v, antal = self.v, len(self.omrade)
        rorelse = np.abs(svar[1][:antal] - svar[1][antal : 2 * antal]) > TOLERANS
        stod = [n for n, med in zip(self.omrade, rorelse, strict=True) if med]
        brutna = [kvot.nyckel for j, kvot in enumerate(kvoter) if svar[1][2 * antal + j] > TOLERANS]
        if not (nya := v.tryckta(stod)) and not brutna:
            med = set(stod)
            brutna = [k.nyckel for k in kvoter if k.tidigare != "visad" and {k.taljare, k.namnare} & med]
        if not nya and not brutna:
            intill = {m for n in stod for nr in v.relationer.get(n, ()) for m, _ in v.tabell.relationer[nr].termer}
            nya = v.tryckta([n for n in self.omrade if n in intill])
        return Forslag(svar[0], {}, nya, brutna) if nya or brutna else None

    def _villkor(self, index: Mapping[str, int]) -> tuple[list[Villkor], list[Kvot]]:
        v, antal = self.v, len(index)
        villkor: list[Villkor] = []

        def lagg_till(termer: Mapping[str, int], undre: int | None, ovre: int | None, slack: int | None = None) -> None:
            rad: dict[int, int] = {}
            for n, k in termer.items():
                if n in index:
                    rad[index[n]], rad[antal + index[n]] = k, -k
            if slack is not None:
                rad[slack] = 1
            nu = sum(k * v.tabell.varde(n) for n, k in termer.items())
            villkor.append((rad, None if undre is None else undre - nu, None if ovre is None else ovre - nu))

        for nr in sorted({nr for n in index for nr in v.relationer.get(n, ())}):
            relation = v.tabell.relationer[nr]
            termer: dict[str, int] = {}
            for n, k in relation.termer:
                termer[n] = termer.get(n, 0) + k
            lagg_till(termer, 0, 0 if relation.tecken == "=" else None)
        kvoter = list({k.nyckel: k for n in index for k in v.kvoter.get(n, ()) if k.nyckel not in v.dolda}.values())
        for j, kvot in enumerate(kvoter):
            fast = kvot.tidigare == "visad"
            for termer, undre, ovre in kvotvillkor(kvot, v.tabell):
                lagg_till(termer, undre, ovre, None if fast else 2 * antal + j)
        return villkor, kvoter
