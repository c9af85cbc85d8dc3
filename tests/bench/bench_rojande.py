"""How long disclosure control takes; run by `make bench`, or alone with
`pytest tests/bench/bench_rojande.py -m bench -o python_files="bench_*.py" -o python_functions="bench_*"`.

Targets (issue 5, on 2 cores): suppression of 5 000 linked cells < 3 s, the municipality's publication < 60 s,
5 000 cells with all overlapping periods < 120 s, < 4 GiB. Nothing is asserted about time: read the table.
"""

from __future__ import annotations

import resource
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from pipelines.sekretess.rojande.beskrivning import tabell_fran_mart
from pipelines.sekretess.rojande.bygge import Dimension, bygg
from pipelines.sekretess.rojande.historik import Publicerad
from pipelines.sekretess.rojande.perioder import tolka
from pipelines.sekretess.rojande.primar import Regler, primara
from pipelines.sekretess.rojande.skydd import Skyddad, skydda
from pipelines.sekretess.rojande.tabell import Tabell
from pipelines.sekretess.rojande.undertryck import undertryck

pytestmark = pytest.mark.bench

MANADER = [f"{ar}-{nr:02d}" for ar in (2023, 2024) for nr in range(1, 13)]
KVARTAL = [f"{ar}-Q{nr}" for ar in (2023, 2024) for nr in range(1, 5)]
TERTIAL = [f"{ar}-T{nr}" for ar in (2023, 2024) for nr in range(1, 4)]
ACK = [f"ack-{ar}-{nr:02d}" for ar in (2023, 2024) for nr in range(2, 12)]
AR = ["2023", "2024", "2023-H1", "2023-H2", "2024-H1", "2024-H2"]
ALLA = MANADER + KVARTAL + TERTIAL + ACK + AR
R12 = [f"r12-2024-{nr:02d}" for nr in range(1, 12)]
TILLFALLEN = ["ack-2024-04", "ack-2024-08", "2024"]


def linked(enheter: int, perioder: list[str], medel: float, fro: int = 1) -> Tabell:
    """enheter x kön x periods with all totals; months are Poisson around gamma unit means (mean `medel`)."""
    slump = np.random.default_rng(fro)
    start = tolka(MANADER[0]).fran
    takt = slump.gamma(1.5, medel / 1.5, size=(enheter, 2, 1))
    manader = slump.poisson(np.broadcast_to(takt, (enheter, 2, 24)))
    namn = [f"Enhet {nr:02d}" for nr in range(1, enheter + 1)]
    rader = []
    for period in map(tolka, perioder):
        varden = manader[:, :, period.fran - start : period.till - start].sum(axis=2)
        for enhet, (kvinnor, man) in zip(["Totalt", *namn], [varden.sum(axis=0), *varden], strict=True):
            rader += [(enhet, k, period.namn, int(v)) for k, v in (("T", kvinnor + man), ("K", kvinnor), ("M", man))]
    frame = pl.DataFrame(rader, schema=["organisation", "kon", "period", "varde"], orient="row")
    return bygg(
        frame,
        {
            "organisation": Dimension("organisation", {"Totalt": (tuple(namn),)}),
            "kon": Dimension("kon", {"T": (("K", "M"),)}),
            "period": Dimension("period", period=True),
        },
    )


def publication(matt: int = 30, enheter: int = 25, fro: int = 1) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Designed as disclosure.md asks: organisation x kön at the tillfällen, months at nämnd level; every third is a share."""
    slump = np.random.default_rng(fro)
    rader: list[tuple[Any, ...]] = []
    namn = [f"Enhet {nr:02d}" for nr in range(1, enheter + 1)]
    tillfallen = [(date(2024, 1, 1), d) for d in (date(2024, 4, 30), date(2024, 8, 31), date(2024, 12, 31))]
    manader = [(date(2024, m, 1), date(2024, m + 1, 1) - (date(2024, 2, 2) - date(2024, 2, 1))) for m in range(1, 12)]
    manader.append((date(2024, 12, 1), date(2024, 12, 31)))
    for nr in range(matt):
        takt = slump.gamma(1.2, float(slump.choice([2.0, 8.0, 30.0])) / 1.2, size=(enheter, 2, 1))
        n = slump.poisson(np.broadcast_to(takt, (enheter, 2, 12)))
        t = slump.binomial(n, 0.7)
        for organisation in ["Totalt", *namn]:
            urval = (
                slice(None)
                if organisation == "Totalt"
                else slice(namn.index(organisation), namn.index(organisation) + 1)
            )
            perioder = tillfallen + manader if organisation == "Totalt" else tillfallen
            for start, slut in perioder:
                tid = slice(start.month - 1, slut.month)
                for kon, kol in (("T", slice(None)), ("K", slice(0, 1)), ("M", slice(1, 2))):
                    namnare, taljare = int(n[urval, kol, tid].sum()), int(t[urval, kol, tid].sum())
                    varde = float(namnare) if nr % 3 else round(100 * taljare / namnare, 1) if namnare else None
                    rader.append((f"matt_{nr:02d}", organisation, kon, start, slut, taljare, namnare, varde))
    schema = ["matt", "organisation", "kon", "start", "slut", "taljare", "namnare", "varde"]
    frame = pl.DataFrame(rader, schema=schema, orient="row")
    beskrivning = {
        "mart": "bench",
        "matt": "matt",
        "dimensioner": {
            "organisation": {"kolumner": ["organisation"], "total": "Totalt"},
            "kon": {"kolumner": ["kon"], "total": "T"},
            "period": {"start": "start", "slut": "slut"},
        },
        "matten": {
            "*": {"slag": "antal"},
            **{
                f"matt_{nr:02d}": {"slag": "andel", "taljare": "taljare", "namnare": "namnare", "decimaler": 1}
                for nr in range(0, matt, 3)
            },
        },
    }
    return frame, beskrivning


def _bokfor(benchmark: Any, skyddad: Skyddad) -> None:
    benchmark.extra_info.update({k: v for k, v in skyddad.rapport.items() if k != "utvagar"})
    benchmark.extra_info["minne_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    assert skyddad.granskning.godkand


@pytest.mark.parametrize("medel", [8, 30])
def bench_suppression_5000_linked(benchmark: Any, medel: int) -> None:
    tabell = linked(25, ALLA, medel)
    primar = primara(tabell, Regler())
    dolda = benchmark.pedantic(undertryck, (tabell, primar), rounds=5)
    benchmark.extra_info.update({"celler": len(tabell.celler), "primara": len(primar), "sekundara": len(dolda)})


@pytest.mark.parametrize(
    ("enheter", "perioder", "medel"),
    [
        pytest.param(16, ALLA[:16], 8, id="816"),
        pytest.param(20, ALLA, 8, id="4032"),
        pytest.param(25, ALLA, 30, id="4992-medel30"),
        pytest.param(25, ALLA, 8, id="4992-medel8-alla-perioder"),
        pytest.param(21, [*ALLA, *R12], 8, id="4950-medel8-med-r12"),
        pytest.param(25, TILLFALLEN, 8, id="tre-kumulativa"),
        pytest.param(25, [*KVARTAL[4:], *TERTIAL[3:], *TILLFALLEN], 8, id="kvartal-tertial-kumulativa"),
        pytest.param(25, [*MANADER[12:], *KVARTAL[4:], *TERTIAL[3:], *TILLFALLEN], 8, id="manader-och-allt"),
    ],
)
def bench_suppress_audit_repair(benchmark: Any, enheter: int, perioder: list[str], medel: float) -> None:
    tabell = linked(enheter, perioder, medel)
    _bokfor(benchmark, benchmark.pedantic(skydda, (tabell,), {"tidsgrans_s": 600.0}, rounds=3))


def bench_whole_publication(benchmark: Any) -> None:
    frame, beskrivning = publication()

    def allt() -> Skyddad:
        mart = tabell_fran_mart(frame, beskrivning)
        skyddad = skydda(mart.tabell, regler=mart.regler, tidsgrans_s=600.0)
        mart.visning(skyddad)
        return skyddad

    _bokfor(benchmark, benchmark.pedantic(allt, rounds=3))


def bench_three_publications_with_history(benchmark: Any) -> None:
    """delår 1, delår 2, bokslut one after the other, 25 units x kön, each against all before."""

    def ledger() -> Skyddad:
        historik: list[Publicerad] = []
        for period in TILLFALLEN:
            skyddad = skydda(linked(25, [period], 8), historik, tidsgrans_s=600.0)
            historik.append(skyddad.publicerad())
        return skyddad

    _bokfor(benchmark, benchmark.pedantic(ledger, rounds=3))
