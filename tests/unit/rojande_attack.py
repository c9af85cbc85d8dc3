"""Random small tables and an attacker who tries every completion: the oracle of the disclosure tests.

Shares nothing with the auditor: plain depth-first search over whole numbers, no solver, no bounds of its code.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping

import polars as pl

from pipelines.sekretess.rojande.bygge import Dimension, bygg
from pipelines.sekretess.rojande.tabell import Tabell

ENHETER = {"alla": (("A", "B"), ("A1", "A2", "B")), "A": (("A1", "A2"),)}
KON = {"T": (("K", "M"),)}


def slumptabell(fro: int) -> Tabell:
    """Two or three dimensions with totals, a hierarchy and overlapping periods; small counts and zeros."""
    slump = random.Random(fro)
    form = slump.choice(("kon_enhet", "enhet_tre", "kon_period", "kon_enhet_alder"))
    topp = slump.choice((4, 6, 9))

    def cell() -> int:
        return slump.choice((0, slump.randint(1, 3), slump.randint(1, topp), slump.randint(1, topp)))

    if form == "kon_period":
        delar = {(k, m): cell() for k in "KM" for m in ("2024-01", "2024-02", "2024-03")}
        spann = {"2024-01": (0,), "2024-02": (1,), "2024-03": (2,), "ack-2024-02": (0, 1), "2024-Q1": (0, 1, 2)}
        manader = ("2024-01", "2024-02", "2024-03")
        rader = [
            (k, p, sum(delar[e, manader[i]] for e in (k if k != "T" else "KM") for i in ingar))
            for k in "TKM"
            for p, ingar in spann.items()
            if not (p == "2024-02" and fro % 2)
        ]
        frame = pl.DataFrame(rader, schema=["kon", "period", "varde"], orient="row")
        return bygg(frame, {"kon": Dimension("kon", KON), "period": Dimension("period", period=True)})
    andra = {"kon_enhet": ("K", "M"), "enhet_tre": ("x", "y", "z"), "kon_enhet_alder": ("K", "M")}[form]
    tredje = ("0-12", "13-20") if form == "kon_enhet_alder" else ("alla",)
    enheter = ("A1", "A2", "B") if form != "kon_enhet_alder" else ("A1", "B")
    blad = {(e, a, t): cell() for e in enheter for a in andra for t in tredje}
    grupper = {e: (e,) for e in enheter} | {"alla": enheter}
    if "A2" in enheter:
        grupper["A"] = ("A1", "A2")
    rader = [
        (g, a, t, sum(blad[e, b, c] for e in ingar for b in (andra if a == "T" else (a,)) for c in cs))
        for g, ingar in grupper.items()
        for a in ("T", *andra)
        for t, cs in ([("alla", tredje)] + ([(t, (t,)) for t in tredje] if len(tredje) > 1 else []))
    ]
    frame = pl.DataFrame(rader, schema=["enhet", "kon", "alder", "varde"], orient="row")
    summor = ENHETER if "A2" in enheter else {"alla": (enheter,)}
    return bygg(
        frame,
        {
            "enhet": Dimension("enhet", summor),
            "kon": Dimension("kon", {"T": (andra,)}),
            "alder": Dimension("alder", {"alla": (tredje,)} if len(tredje) > 1 else {}),
        },
    )


def slumpserie(fro: int) -> list[Tabell]:
    """The same small cells at three tillfällen, cumulative: one table per publication."""
    slump = random.Random(fro)
    tillfallen = ("ack-2024-04", "ack-2024-08", "2024")
    blad = {}
    for enhet in ("A", "B", "C"):
        for kon in "KM":
            hittills = 0
            for period in tillfallen:
                hittills += slump.choice((0, 1, 2, 3, 5))
                blad[enhet, kon, period] = hittills
    tabeller = []
    for period in tillfallen:
        rader = [
            (
                e,
                k,
                period,
                sum(blad[a, b, period] for a in (e if e != "T" else "ABC") for b in (k if k != "T" else "KM")),
            )
            for e in "TABC"
            for k in "TKM"
        ]
        frame = pl.DataFrame(rader, schema=["enhet", "kon", "period", "varde"], orient="row")
        dimensioner = {
            "enhet": Dimension("enhet", {"T": (("A", "B", "C"),)}),
            "kon": Dimension("kon", KON),
            "period": Dimension("period", period=True),
        }
        tabeller.append(bygg(frame, dimensioner))
    return tabeller


def uttommande(tabell: Tabell, dolda: Collection[str], troskel: int, tak: int) -> Mapping[str, tuple[int, int, int]]:
    """Key -> (smallest, largest, how many) over every whole-number completion of the hidden cells.

    Knows: relations, shown values, hidden >= 1, small never printed increments >= 1, others >= 0, nothing above `tak`.
    """
    okanda = [c for c in tabell.celler if c.nyckel in dolda or c.status == "ej_tryckt"]
    nummer = {c.nyckel: i for i, c in enumerate(okanda)}
    rader: list[tuple[list[tuple[int, int]], int]] = []
    for relation in tabell.relationer:
        rad = [(nummer[n], k) for n, k in relation.termer if n in nummer]
        if rad:
            rader.append((rad, -sum(k * tabell.varde(n) for n, k in relation.termer if n not in nummer)))
    for_cell: list[set[int]] = [set() for _ in okanda]
    for nr, (rad, _) in enumerate(rader):
        for i, _ in rad:
            for_cell[i].add(nr)
    mojliga: list[set[int]] = [set() for _ in okanda]

    def strama(lag: list[int], hog: list[int], ko: set[int]) -> bool:
        """Narrow the bounds by the rows in `ko` and those they lead to; False when nothing is left."""
        while ko:
            rad, hoger = rader[ko.pop()]
            minst = sum([lag[i] if k > 0 else -hog[i] for i, k in rad])  # every coefficient is +1 or -1
            hogst = sum([hog[i] if k > 0 else -lag[i] for i, k in rad])
            if minst > hoger or hogst < hoger:
                return False
            for i, k in rad:  # what the others leave for this one
                if k > 0:
                    a, b = hoger - hogst + hog[i], hoger - minst + lag[i]
                else:
                    a, b = minst + hog[i] - hoger, hogst + lag[i] - hoger
                if a > lag[i] or b < hog[i]:  # the row's sums stand as they were: it is in `ko` again
                    lag[i], hog[i] = max(a, lag[i]), min(b, hog[i])
                    if lag[i] > hog[i]:
                        return False
                    ko |= for_cell[i]
        return True

    def sok(lag: list[int], hog: list[int], ko: set[int]) -> None:
        if not strama(lag, hog, ko):
            return
        fria = [i for i in range(len(lag)) if lag[i] < hog[i]]
        if not fria:
            for varden, v in zip(mojliga, lag, strict=True):
                varden.add(v)
            return
        i = min(fria, key=lambda j: hog[j] - lag[j])
        for v in range(lag[i], hog[i] + 1):
            sok([*lag[:i], v, *lag[i + 1 :]], [*hog[:i], v, *hog[i + 1 :]], set(for_cell[i]))

    golv = [int(c.status == "publicerbar" or 1 <= c.varde <= troskel) for c in okanda]
    sok(golv, [tak] * len(okanda), set(range(len(rader))))
    return {c.nyckel: (min(v), max(v), len(v)) for c, v in zip(okanda, mojliga, strict=True)}
