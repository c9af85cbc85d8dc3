"""Differencing attacks: what two publications give away together that neither does alone."""

from __future__ import annotations

import random

import polars as pl
import pytest
from rojande_attack import slumptabell

from pipelines.sekretess.rojande.bygge import Dimension, bygg
from pipelines.sekretess.rojande.granskare import granska
from pipelines.sekretess.rojande.historik import Publicerad, med_historik
from pipelines.sekretess.rojande.primar import Regler
from pipelines.sekretess.rojande.skydd import skydda
from pipelines.sekretess.rojande.tabell import Cell, Tabell, summa

ENHETER = tuple(f"E{i:02d}" for i in range(1, 13))
TILLFALLEN = ("ack-2024-04", "ack-2024-08", "2024")


def _blad(fro: int) -> dict[tuple[str, str, str], int]:
    """Cumulative counts per unit, kön and tillfälle: small increments, as real units have."""
    slump = random.Random(fro)
    blad: dict[tuple[str, str, str], int] = {}
    for enhet in ENHETER:
        for kon in "KM":
            hittills = 0
            for period in TILLFALLEN:
                hittills += slump.choice((0, 2, 5, 9, 14, 30))
                blad[enhet, kon, period] = hittills
    return blad


def _tabell(blad: dict[tuple[str, str, str], int], perioder: tuple[str, ...], netto: bool = False) -> Tabell:
    grupper = {enhet: (enhet,) for enhet in ENHETER} | {"alla": ENHETER}
    rader = [
        (g, k, p, sum(blad[e, s, p] for e in enheter for s in ("KM" if k == "T" else k)))
        for g, enheter in grupper.items()
        for k in ("T", "K", "M")
        for p in perioder
    ]
    frame = pl.DataFrame(rader, schema=["enhet", "kon", "period", "varde"], orient="row")
    dimensioner = {
        "enhet": Dimension("enhet", {"alla": (ENHETER,)}),
        "kon": Dimension("kon", {"T": (("K", "M"),)}),
        "period": Dimension("period", period=True),
    }
    return bygg(frame, dimensioner, netto={"period"} if netto else ())


def _publicera_naivt(blad: dict[tuple[str, str, str], int]) -> list[Publicerad]:
    return [skydda(_tabell(blad, (period,))).publicerad() for period in TILLFALLEN]


def _exakta_okningar(publikationer: list[Publicerad]) -> int:
    """Small increments that the union of all publications gives away exactly."""
    *tidigare, sista = publikationer
    union = med_historik(sista.tabell, tidigare)
    dolda = {n for p in publikationer for n in p.dolda}
    granskning = granska(union, dolda, Regler(), fullstandig=True)
    return sum(granskning.intervall[n].bredd == 0 for n in granskning.underkanda if "~" in n)


@pytest.mark.parametrize("fro", range(3))
@pytest.mark.parametrize("netto", [False, True])
def test_three_publications_leak_when_suppressed_one_by_one_and_not_with_history(fro: int, netto: bool) -> None:
    blad = _blad(fro)
    assert _exakta_okningar(_publicera_naivt(blad)) > 0
    ledger: list[Publicerad] = []
    for period in TILLFALLEN:
        skyddad = skydda(_tabell(blad, (period,), netto), ledger)
        assert skyddad.granskning.godkand
        ledger.append(skyddad.publicerad())
    assert _exakta_okningar(ledger) == 0


def test_two_publications_that_differ_by_one_person() -> None:
    """The same table a week later, one person more: the changed figures are held back, the rest stands."""
    blad = _blad(1)
    storst = max(ENHETER, key=lambda e: blad[e, "K", "2024"])
    senare = dict(blad)
    senare[storst, "K", "2024"] += 1
    forsta = skydda(_tabell(blad, ("2024",)))
    naiv = skydda(_tabell(senare, ("2024",)))
    andra = skydda(_tabell(senare, ("2024",)), [forsta.publicerad()])
    berord = f"antal|{storst}|K|2024"
    assert naiv.status[berord] == "visa"
    assert forsta.status[berord] == "visa"
    assert andra.status[berord] == "dold"
    assert not granska(med_historik(naiv.tabell, [forsta.publicerad()]), naiv.dolda | forsta.dolda, Regler()).godkand
    assert andra.granskning.godkand
    ororda = [n for n in andra.status if _lika(n, forsta.tabell, andra.tabell) and forsta.status[n] == "visa"]
    assert ororda
    assert all(andra.status[n] == "visa" for n in ororda)


def _lika(nyckel: str, a: Tabell, b: Tabell) -> bool:
    return a.varde(nyckel) == b.varde(nyckel)


def test_what_was_hidden_stays_hidden_when_it_has_grown() -> None:
    forsta = Publicerad(
        Tabell((Cell("T", 50), Cell("a", 4), Cell("b", 46)), (summa("T", "ab"),)), frozenset({"a", "b"})
    )
    skyddad = skydda(Tabell((Cell("T", 90), Cell("a", 30), Cell("b", 60)), (summa("T", "ab"),)), [forsta])
    assert skyddad.status["a"] == "dold"
    assert skyddad.granskning.godkand


def test_a_figure_left_out_later_still_counts_as_known() -> None:
    """T and a were shown; showing only b = T - a afterwards would give a small b away."""
    forsta = Publicerad(Tabell((Cell("T", 50), Cell("a", 46), Cell("b", 4)), (summa("T", "ab"),)), frozenset())
    ny = Tabell((Cell("c", 40), Cell("a", 46), Cell("d", 6)), (summa("a", "cd"),))
    skyddad = skydda(ny, [forsta])
    assert skyddad.status == {"c": "dold", "a": "visa", "d": "dold"}


def test_ledger_entry_round_trip() -> None:
    skyddad = skydda(_tabell(_blad(2), ("ack-2024-04", "2024")))
    publicerad = skyddad.publicerad()
    assert Publicerad.fran_dict(publicerad.som_dict()) == publicerad


@pytest.mark.parametrize("fro", range(20))
def test_publishing_the_same_table_again_changes_nothing(fro: int) -> None:
    """A rerun after a crash, or a second recipient: the pattern is the one already in the ledger."""
    tabell = slumptabell(fro)
    regler = Regler(troskel=3)
    forsta = skydda(tabell, regler=regler)
    andra = skydda(tabell, [forsta.publicerad()], regler)
    assert andra.status == forsta.status


def test_a_large_correction_is_published() -> None:
    """A revision of more than the threshold goes out, in its own row and in the totals it changes."""
    forsta = skydda(Tabell((Cell("T", 90), Cell("a", 40), Cell("b", 50)), (summa("T", "ab"),)))
    andra = skydda(Tabell((Cell("T", 110), Cell("a", 60), Cell("b", 50)), (summa("T", "ab"),)), [forsta.publicerad()])
    assert set(andra.status.values()) == {"visa"}
    tredje = skydda(
        Tabell((Cell("T", 113), Cell("a", 63), Cell("b", 50)), (summa("T", "ab"),)),
        [forsta.publicerad(), andra.publicerad()],
    )
    assert tredje.status == {"T": "dold", "a": "dold", "b": "visa"}


def test_published_again_the_report_says_as_before_which_figures_are_small() -> None:
    """What was hidden for another's sake is hidden again, since it was; it has not become a small figure."""
    tabell = _tabell(_blad(3), ("2024",))
    forsta = skydda(tabell)
    andra = skydda(tabell, [forsta.publicerad()])
    assert andra.dolda == forsta.dolda
    assert andra.rapport["dolda_primara"] == forsta.rapport["dolda_primara"] > 0
    skyddande = forsta.rapport["dolda_sekundara"] + forsta.rapport["dolda_vid_reparation"]
    assert andra.rapport["dolda_sedan_tidigare"] == skyddande > 0
