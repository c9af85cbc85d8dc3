"""Secondary suppression by the Gauss method (Langsrud 2024, as in R's GaussSuppression, singletonMethod none).

Cells are offered to the public in order of importance; one is kept back when showing it would make a primary
cell a linear function of what is shown. Exact over the prime field 2^31 - 19, deterministic. Knows nothing of
bounds, integers or attackers: that is `granskare`, which shares no code with this module.

The relations are held as a simplex tableau: every basic cell is a combination of non-basic ones. To show a
non-basic cell is to delete its column; a basic one first changes places with a cell of its row. A primary is
computable exactly when its row is empty. Totals go first and vanish at once, so the tableau stays sparse
(the column form of the R package starts with its densest columns).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal

from pipelines.errors import TertialError
from pipelines.sekretess.rojande.tabell import Cell, Relation, Tabell

PRIMTAL = 2**31 - 19

Nollor = Literal["visas", "forst", "i_ordning"]


class OlosligtTabell(TertialError):
    """What must be shown (earlier publications, zeros) already gives away a primary cell: hold back the new cells."""

    def __init__(self, nycklar: Iterable[str]) -> None:
        self.nycklar = tuple(nycklar)
        super().__init__(
            f"{len(self.nycklar)} celler som ska döljas går att räkna ut ur redan publicerade tal och nollor.",
            "Håll inne de nya cellerna i samma summor, eller slopa den nya indelningen.",
        )


class Tabla:
    """The tableau: `rader[b][j]` for basic b means x_b + sum of coefficient x x_j = something public."""

    def __init__(self, relationer: Iterable[dict[int, int]], ordning: dict[int, int]) -> None:
        self.rader: dict[int, dict[int, int]] = {}
        self.kolumner: dict[int, set[int]] = {}
        for relation in sorted(relationer, key=len):
            rad = {j: k % PRIMTAL for j, k in relation.items()}
            for j in [j for j in rad if j in self.rader]:
                faktor = rad.pop(j)
                _addera(rad, self.rader[j], -faktor)
            if rad:
                # the cell offered last becomes basic: it is the likeliest to stay hidden, and never needs a pivot
                bas = max(rad, key=lambda j: (-len(self.kolumner.get(j, ())), ordning[j]))
                self._satt_in(bas, rad)

    def _satt_in(self, bas: int, rad: dict[int, int]) -> None:
        invers = pow(rad.pop(bas), -1, PRIMTAL)
        rad = {j: k * invers % PRIMTAL for j, k in rad.items()}
        for annan in self.kolumner.pop(bas, ()):
            mal = self.rader[annan]
            faktor = PRIMTAL - mal.pop(bas)
            for j, k in rad.items():
                varde = (mal.get(j, 0) + faktor * k) % PRIMTAL
                if varde:
                    mal[j] = varde
                    self.kolumner.setdefault(j, set()).add(annan)
                elif j in mal:
                    del mal[j]
                    self.kolumner[j].discard(annan)
        self.rader[bas] = rad
        for j in rad:
            self.kolumner.setdefault(j, set()).add(bas)

    def visa(self, cell: int, skyddade: Collection[int]) -> bool:
        """Show the cell unless that makes one of `skyddade` computable; says whether it is shown."""
        rad = self.rader.get(cell)
        if rad is not None:
            if not rad:
                del self.rader[cell]  # computable already: nothing new is told
                return True
            ut = min(rad, key=lambda j: (len(self.kolumner[j]), j))
            self._byt_plats(cell, ut)
        traffade = self.kolumner.get(cell, set())
        if any(len(self.rader[b]) == 1 and b in skyddade for b in traffade):
            return False
        for b in traffade:
            del self.rader[b][cell]
        self.kolumner.pop(cell, None)
        return True

    def _byt_plats(self, bas: int, ny: int) -> None:
        rad = self.rader.pop(bas)
        for j in rad:
            self.kolumner[j].discard(bas)
        rad[bas] = 1
        self._satt_in(ny, rad)


def _addera(mal: dict[int, int], rad: dict[int, int], faktor: int) -> None:
    for j, k in rad.items():
        varde = (mal.get(j, 0) + faktor * k) % PRIMTAL
        if varde:
            mal[j] = varde
        else:
            mal.pop(j, None)


def undertryck(tabell: Tabell, primara: Collection[str], nollor: Nollor = "visas") -> tuple[str, ...]:
    """Keys to hide besides the primary ones, in the order they were refused.

    nollor: `visas` (production: a zero is always shown), `forst` and `i_ordning` (R's secondaryZeros FALSE, TRUE).
    Cells shown before are shown again; cells hidden before belong among the primary ones.
    Raises OlosligtTabell when forced cells alone give a primary away.
    """
    nummer = {cell.nyckel: i for i, cell in enumerate(tabell.celler)}
    skyddade = {nummer[nyckel] for nyckel in primara}
    kandidater = [
        cell for cell in tabell.celler if cell.status == "publicerbar" and nummer[cell.nyckel] not in skyddade
    ]
    tvungna = {
        nummer[cell.nyckel]
        for cell in kandidater
        if cell.tidigare == "visad" or (nollor == "visas" and cell.slag == "antal" and cell.varde == 0)
    }
    vikt = _band(tabell)

    def plats(cell: Cell) -> tuple[bool, int, int, int, int]:
        varde = cell.varde or 0
        i = nummer[cell.nyckel]
        return (nollor == "i_ordning" or varde != 0, -cell.vikt, -abs(varde), -vikt[i], i)

    kandidater.sort(key=plats)
    ordning = dict.fromkeys(range(len(tabell.celler)), len(tabell.celler))
    ordning.update({nummer[cell.nyckel]: plats_ for plats_, cell in enumerate(kandidater)})
    tabla = Tabla(
        (
            {nummer[nyckel]: k for nyckel, k in relation.termer if nummer[nyckel] not in tvungna}
            for relation in tabell.relationer
            if relation.tecken == "="
        ),
        ordning,
    )
    if lackta := [tabell.celler[b].nyckel for b, rad in tabla.rader.items() if not rad and b in skyddade]:
        raise OlosligtTabell(lackta)
    ovriga = (cell.nyckel for cell in kandidater if nummer[cell.nyckel] not in tvungna)
    return tuple(nyckel for nyckel in ovriga if not tabla.visa(nummer[nyckel], skyddade))


def _band(tabell: Tabell) -> list[int]:
    """R's tie breaker |X'X(freq + 1)|: how much of the table a cell shares cases with."""
    nummer = {cell.nyckel: i for i, cell in enumerate(tabell.celler)}
    delar: dict[int, Relation] = {}
    for relation in tabell.relationer:
        if relation.tecken == "=" and abs(relation.termer[0][1]) == 1:
            delar.setdefault(nummer[relation.termer[0][0]], relation)
    klara: dict[int, dict[int, int]] = {}

    def lov(i: int, pagar: frozenset[int]) -> dict[int, int]:
        if i not in klara:
            relation = delar.get(i)
            if relation is None or i in pagar:
                klara[i] = {i: 1}
            else:
                summa: dict[int, int] = {}
                for nyckel, k in relation.termer[1:]:
                    for blad, antal in lov(nummer[nyckel], pagar | {i}).items():
                        summa[blad] = summa.get(blad, 0) - k * relation.termer[0][1] * antal
                klara[i] = summa
        return klara[i]

    rader = [lov(i, frozenset()) for i in range(len(tabell.celler))]
    massa: dict[int, int] = {}
    for rad, cell in zip(rader, tabell.celler, strict=True):
        if cell.status == "publicerbar":
            for blad, antal in rad.items():
                massa[blad] = massa.get(blad, 0) + antal * ((cell.varde or 0) + 1)
    return [abs(sum(antal * massa.get(blad, 0) for blad, antal in rad.items())) for rad in rader]
