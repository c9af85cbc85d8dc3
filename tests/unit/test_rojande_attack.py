"""The auditor against an attacker who enumerates everything: it must never call a computable cell safe."""

from __future__ import annotations

import pytest
from rojande_attack import slumpserie, slumptabell, uttommande

from pipelines.sekretess.rojande.granskare import granska
from pipelines.sekretess.rojande.historik import Publicerad, med_historik
from pipelines.sekretess.rojande.primar import Regler, primara
from pipelines.sekretess.rojande.skydd import skydda
from pipelines.sekretess.rojande.undertryck import OlosligtTabell, undertryck

REGLER = Regler(troskel=3)


def ett_angrepp(fro: int) -> tuple[int, int, int]:
    """(cells hidden, cells an audit refused before repair, exactly computable cells it let through)."""
    tabell = slumptabell(fro)
    topp = tabell.celler[0].varde
    tak = max(c.varde for c in tabell.celler)
    skal = set(primara(tabell, REGLER))
    tryckta = {c.nyckel for c in tabell.celler if c.status == "publicerbar"}
    monster = {
        "bara primära": skal & tryckta,
        "gauss": (skal | set(undertryck(tabell, skal))) & tryckta,
        "färdig": skydda(tabell, regler=REGLER).dolda,
    }
    storst = max(tabell.celler, key=lambda c: c.varde)
    missar = underkanda = 0
    lika: dict[frozenset[str], list[str]] = {}
    for namn, dolda in monster.items():
        lika.setdefault(frozenset(dolda), []).append(namn)
    for dolda, namn in lika.items():  # a pattern that two names have is attacked once
        if topp is None or storst.nyckel in dolda:
            continue  # nothing bounds the completions: there is no end to enumerate
        granskning = granska(tabell, dolda, REGLER, fullstandig=True)
        facit = uttommande(tabell, dolda, REGLER.troskel, tak)
        for nyckel, (minst, hogst, antal) in facit.items():
            intervall = granskning.intervall[nyckel]
            assert (intervall.minst, intervall.hogst) == (minst, hogst), f"frö {fro}, {namn}, {nyckel}"
            assert intervall.exakt, f"frö {fro}, {namn}, {nyckel}"
            if nyckel in granskning.krav and antal < 2:
                missar += nyckel not in granskning.underkanda
        snabb = granska(tabell, dolda, REGLER)
        assert set(snabb.underkanda) == set(granskning.underkanda), f"frö {fro}, {namn}"
        for nyckel in snabb.krav:
            antal = facit[nyckel][2]
            missar += antal < 2 and nyckel not in snabb.underkanda
        underkanda += len(namn) * len(granskning.underkanda)
        if "färdig" in namn:
            assert granskning.godkand, f"frö {fro}"
    return len(monster["färdig"]), underkanda, missar


@pytest.mark.slow
@pytest.mark.parametrize("tusen", range(10))
def test_no_miss_in_ten_thousand_random_tables(tusen: int) -> None:
    utfall = [ett_angrepp(fro) for fro in range(1000 * tusen, 1000 * (tusen + 1))]
    assert sum(missar for _, _, missar in utfall) == 0
    assert sum(dolda for dolda, _, _ in utfall) > 3000, "tabellerna prövar ingenting"
    assert sum(underkanda for _, underkanda, _ in utfall) > 300, "angriparen har inget att hitta"


def ett_angrepp_over_tid(fro: int) -> tuple[int, int]:
    """(increments and cells an attacker with all three publications looks for, exactly computed ones)."""
    ledger: list[Publicerad] = []
    for tabell in slumpserie(fro):
        try:
            ledger.append(skydda(tabell, ledger, REGLER).publicerad())
        except OlosligtTabell:  # the new table is held back whole, as the message says
            continue
    if len(ledger) < 2:
        return 0, 0
    *tidigare, sista = ledger
    union = med_historik(sista.tabell, tidigare)
    dolda = {n for p in ledger for n in p.dolda}
    storst = max((c for c in union.celler if c.status == "publicerbar"), key=lambda c: c.varde)
    if storst.nyckel in dolda:
        return 0, 0
    facit = uttommande(union, dolda, REGLER.troskel, storst.varde)
    sokta = set(granska(union, dolda, REGLER).krav)
    return len(sokta), sum(facit[n][2] < 2 for n in sokta)


@pytest.mark.slow
def test_no_miss_over_three_publications() -> None:
    utfall = [ett_angrepp_over_tid(fro) for fro in range(40)]
    assert sum(sokta for sokta, _ in utfall) > 300, "serierna prövar ingenting"
    assert sum(missar for _, missar in utfall) == 0


@pytest.mark.parametrize("minst_heltal", [3, 4])
def test_a_wider_interval_can_be_demanded(minst_heltal: int) -> None:
    regler = Regler(troskel=3, minst_heltal=minst_heltal)
    for fro in range(25):
        granskning = skydda(slumptabell(fro), regler=regler).granskning
        assert granskning.godkand
        assert all(granskning.intervall[n].bredd >= minst_heltal - 1 for n in granskning.krav)
