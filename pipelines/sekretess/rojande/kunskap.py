"""What an attacker knows of the hidden figures: bounds and linear constraints over whole numbers.

Reads a Tabell and a set of hidden keys, nothing of how they were chosen. Every assumption here makes the
attacker stronger than any real one, never weaker. Solving belongs to `granskare`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from pipelines.sekretess.rojande.tabell import Cell, Kvot, Tabell

#: (variable, coefficient) terms and the smallest and largest value of their sum
Villkor = tuple[dict[int, int], int | None, int | None]


@dataclass(frozen=True, slots=True)
class Komponent:
    """Unknown cells that hang together, with nothing to learn about them elsewhere.

    All lists are parallel to `nycklar`; `sanna` is the truth, a feasible point by construction.
    """

    nycklar: tuple[str, ...]
    sanna: tuple[int, ...]
    undre: tuple[int, ...]
    ovre: tuple[int, ...]
    villkor: tuple[Villkor, ...]

    def med_kand(self, nyckel: str) -> Komponent:
        """The same part for an attacker who happens to know one cell (the only contributor of an amount)."""
        i = self.nycklar.index(nyckel)
        fast = (self.sanna[i],)
        return replace(
            self,
            undre=self.undre[:i] + fast + self.undre[i + 1 :],
            ovre=self.ovre[:i] + fast + self.ovre[i + 1 :],
        )


def granser(cell: Cell, troskel: int) -> tuple[int, int]:
    """Natural bounds of an unknown cell.

    A hidden count is at least 1, since zeros are shown. A small increment that is never printed is taken to be at
    least 1 too: one contributor is known to the attacker. Far-off caps stand in for infinity.
    """
    sann = cell.varde or 0
    undre = cell.undre if cell.undre is not None else sann - 10 * abs(sann) - 1000
    if cell.slag == "antal" and sann > 0 and (cell.status == "publicerbar" or sann <= troskel):
        undre = max(undre, 1)
    # a correction may be as large as what it corrects: its own size is no bound that anybody knows
    return min(undre, sann), sann + 10 * max(abs(sann), -(cell.undre or 0)) + 1000


def kvotvillkor(kvot: Kvot, tabell: Tabell) -> Iterator[tuple[dict[str, int], int | None, int | None]]:
    """Half a unit on either side of the printed ratio, ends excluded unless the truth lies there."""
    steg = 10**kvot.decimaler
    tryckt = int(tabell.tryckt(kvot) * steg)
    sann = 2 * kvot.skala * steg * tabell.varde(kvot.taljare)
    for halvsteg, sida in ((2 * tryckt - 1, 1), (2 * tryckt + 1, -1)):
        kant = halvsteg * kvot.delare
        # sida * (2 skala steg taljare - kant namnare) >= 0, or > 0 when the truth is off the edge
        marginal = int(sann != kant * tabell.namnarens_varde(kvot))
        termer = {kvot.taljare: sida * 2 * kvot.skala * steg}
        undre = marginal
        if isinstance(kvot.namnare, str):
            termer[kvot.namnare] = termer.get(kvot.namnare, 0) - sida * kant
        else:
            undre += sida * kant * kvot.namnare
        yield termer, undre, None


def _alla_villkor(tabell: Tabell, dolda: Collection[str]) -> Iterator[tuple[dict[str, int], int | None, int | None]]:
    for relation in tabell.relationer:
        termer: dict[str, int] = {}
        for nyckel, koefficient in relation.termer:
            termer[nyckel] = termer.get(nyckel, 0) + koefficient
        yield termer, 0, 0 if relation.tecken == "=" else None
    for kvot in tabell.kvoter:
        if kvot.nyckel not in dolda and kan_tryckas(kvot, tabell):
            yield from kvotvillkor(kvot, tabell)


def kan_tryckas(kvot: Kvot, tabell: Tabell) -> bool:
    """Whether the ratio has a figure at all: both parts known and something to divide by."""
    namnare = kvot.namnare if isinstance(kvot.namnare, int) else tabell.register[kvot.namnare].varde
    return bool(namnare) and tabell.register[kvot.taljare].varde is not None


def kunskap(tabell: Tabell, dolda: Collection[str], troskel: int) -> tuple[Komponent, ...]:
    """The attacker's problem in independent parts, largest knowledge first put in: shown cells are constants.

    Bounds are tightened until nothing moves; a cell whose bounds meet is known and stops binding others together.
    """
    okanda = [
        cell
        for cell in tabell.celler
        if cell.varde is not None
        and (cell.nyckel in dolda or (cell.status == "ej_tryckt" and cell.tidigare != "visad"))
    ]
    index = {cell.nyckel: i for i, cell in enumerate(okanda)}
    kanter = [granser(cell, troskel) for cell in okanda]
    undre, ovre = [kant[0] for kant in kanter], [kant[1] for kant in kanter]
    villkor: list[Villkor] = []
    for termer, minst, hogst in _alla_villkor(tabell, dolda):
        kant = sum(k * tabell.varde(nyckel) for nyckel, k in termer.items() if nyckel not in index)
        rad = {index[nyckel]: k for nyckel, k in termer.items() if nyckel in index and k}
        if rad:
            villkor.append((rad, None if minst is None else minst - kant, None if hogst is None else hogst - kant))
    _strama(villkor, undre, ovre)
    return tuple(_dela(okanda, villkor, undre, ovre))


def _strama(villkor: list[Villkor], undre: list[int], ovre: list[int]) -> None:
    """Bound propagation over whole numbers to a fixed point (each step removes integers, so it ends)."""
    for_cell: dict[int, list[int]] = {}
    for nr, (rad, _, _) in enumerate(villkor):
        for i in rad:
            for_cell.setdefault(i, []).append(nr)
    ko = dict.fromkeys(range(len(villkor)))
    varv = 0
    while ko and varv < 50 * len(villkor):
        varv += 1
        nr = next(iter(ko))
        del ko[nr]
        rad, minst, hogst = villkor[nr]
        lag = sum(k * (undre[i] if k > 0 else ovre[i]) for i, k in rad.items())
        hog = sum(k * (ovre[i] if k > 0 else undre[i]) for i, k in rad.items())
        for i, k in rad.items():
            spann = abs(k) * (ovre[i] - undre[i])
            ny_undre, ny_ovre = undre[i], ovre[i]
            # k x_i <= hogst - (rest at its lowest), k x_i >= minst - (rest at its highest)
            if hogst is not None and hogst - lag < spann:
                slack = (hogst - lag) // abs(k)
                ny_undre, ny_ovre = (ny_undre, undre[i] + slack) if k > 0 else (ovre[i] - slack, ny_ovre)
            if minst is not None and hog - minst < spann:
                slack = (hog - minst) // abs(k)
                if k > 0:
                    ny_undre = max(ny_undre, ovre[i] - slack)
                else:
                    ny_ovre = min(ny_ovre, undre[i] + slack)
            if (ny_undre, ny_ovre) != (undre[i], ovre[i]):
                lag += abs(k) * ((ny_undre - undre[i]) if k > 0 else (ovre[i] - ny_ovre))
                hog -= abs(k) * ((ovre[i] - ny_ovre) if k > 0 else (ny_undre - undre[i]))
                undre[i], ovre[i] = ny_undre, ny_ovre
                ko.update(dict.fromkeys(for_cell[i]))


def _dela(okanda: list[Cell], villkor: list[Villkor], undre: list[int], ovre: list[int]) -> Iterator[Komponent]:
    """Components of the cells that are still free; a settled cell is a component of its own."""
    rot = list(range(len(okanda)))

    def finn(i: int) -> int:
        while rot[i] != i:
            rot[i] = rot[rot[i]]
            i = rot[i]
        return i

    fria = [lag < hog for lag, hog in zip(undre, ovre, strict=True)]
    reducerade: list[Villkor] = []
    for rad, minst, hogst in villkor:
        kant = sum(k * undre[i] for i, k in rad.items() if not fria[i])
        fri = {i: k for i, k in rad.items() if fria[i]}
        if fri:
            reducerade.append((fri, None if minst is None else minst - kant, None if hogst is None else hogst - kant))
            forsta, *ovriga = fri
            for i in ovriga:
                rot[finn(i)] = finn(forsta)
    grupper: dict[int, list[int]] = {}
    for i in range(len(okanda)):
        grupper.setdefault(finn(i), []).append(i)
    egna: dict[int, list[Villkor]] = {}
    for rad, minst, hogst in reducerade:
        egna.setdefault(finn(next(iter(rad))), []).append((rad, minst, hogst))
    for grupp, medlemmar in grupper.items():
        plats = {i: p for p, i in enumerate(medlemmar)}
        yield Komponent(
            nycklar=tuple(okanda[i].nyckel for i in medlemmar),
            sanna=tuple(okanda[i].varde or 0 for i in medlemmar),
            undre=tuple(undre[i] for i in medlemmar),
            ovre=tuple(ovre[i] for i in medlemmar),
            villkor=tuple(({plats[i]: k for i, k in r.items()}, lo, hi) for r, lo, hi in egna.get(grupp, ())),
        )


def kontrollsumma(komponenter: Collection[Komponent]) -> Mapping[str, int]:
    """Counts for the report: unknown cells, constraints, parts and the largest part."""
    return {
        "okanda": sum(len(k.nycklar) for k in komponenter),
        "villkor": sum(len(k.villkor) for k in komponenter),
        "komponenter": len(komponenter),
        "storsta_komponent": max((len(k.nycklar) for k in komponenter), default=0),
    }
