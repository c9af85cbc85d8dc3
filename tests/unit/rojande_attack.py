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
    golv = {c.nyckel: int(c.status == "publicerbar" or 1 <= c.varde <= troskel) for c in okanda}
    rader: list[tuple[dict[str, int], int]] = []
    for relation in tabell.relationer:
        rad = {n: k for n, k in relation.termer if n in golv}
        if rad:
            rader.append((rad, -sum(k * tabell.varde(n) for n, k in relation.termer if n not in golv)))
    ovre = dict.fromkeys(golv, tak)
    undre = dict(golv)
    mojliga: dict[str, set[int]] = {n: set() for n in golv}

    def strama(lag: dict[str, int], hog: dict[str, int]) -> bool:
        andrat = True
        while andrat:
            andrat = False
            for rad, hoger in rader:  # every coefficient is +1 or -1
                minst = sum(lag[m] if j > 0 else -hog[m] for m, j in rad.items())
                hogst = sum(hog[m] if j > 0 else -lag[m] for m, j in rad.items())
                for n, k in rad.items():
                    egen_minst, egen_hogst = (lag[n], hog[n]) if k > 0 else (-hog[n], -lag[n])
                    minst, hogst = minst - egen_minst, hogst - egen_hogst  # of the others
                    a, b = (hoger - hogst, hoger - minst) if k > 0 else (minst - hoger, hogst - hoger)
                    if a > lag[n]:
                        lag[n], andrat = a, True
                    if b < hog[n]:
                        hog[n], andrat = b, True
                    if lag[n] > hog[n]:
                        return False
                    minst += lag[n] if k > 0 else -hog[n]
                    hogst += hog[n] if k > 0 else -lag[n]
        return True

    def sok(lag: dict[str, int], hog: dict[str, int]) -> None:
        if not strama(lag, hog):
            return
        fria = [n for n in lag if lag[n] < hog[n]]
        if not fria:
            for n, v in lag.items():
                mojliga[n].add(v)
            return
        n = min(fria, key=lambda m: hog[m] - lag[m])
        for v in range(lag[n], hog[n] + 1):
            sok({**lag, n: v}, {**hog, n: v})

    sok(undre, ovre)
    return {n: (min(v), max(v), len(v)) for n, v in mojliga.items()}
