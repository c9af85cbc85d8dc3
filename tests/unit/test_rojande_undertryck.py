"""The Gauss method against known answers: R's GaussSuppression cell for cell, and tables worked by hand."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import TertialError
from pipelines.sekretess.rojande.bygge import Dimension, bygg
from pipelines.sekretess.rojande.primar import Regler, primara
from pipelines.sekretess.rojande.tabell import Cell, Relation, Tabell, summa
from pipelines.sekretess.rojande.undertryck import OlosligtTabell, undertryck

#: geography columns and value column of each input in data/sdc/INDEX.csv
GEOGRAFI = {
    "in_z1.csv": (("region",), "ant"),
    "in_z2.csv": (("region", "fylke", "kostragr"), "ant"),
    "in_example1_2014.csv": (("geo", "eu"), "freq"),
}


def _rader(fil: Path) -> list[dict[str, str]]:
    with fil.open(encoding="utf-8") as text:
        return list(csv.DictReader(text))


def _fall(mapp: Path, fall: dict[str, str]) -> tuple[Tabell, list[str], set[str]]:
    """A reference table as cells in R's order, its primary cells and the expected pattern."""
    indata, facit = _rader(mapp / fall["input"]), _rader(mapp / fall["expected"])
    geografi, tal = GEOGRAFI[fall["input"]]
    if "nolink" in fall["case"]:
        geografi = tuple(g for g in geografi if g != "kostragr")
    geo = geografi[0]
    andra = next(k for k in facit[0] if k not in (geo, tal, "primary", "suppressed"))
    blad = sorted({rad[geo] for rad in indata})
    kategorier = sorted({rad[andra] for rad in indata})
    relationer = []
    for rad in facit:
        g, k = rad[geo], rad[andra]
        if g not in blad:
            inne = sorted({r[geo] for r in indata if g == "Total" or g in [r[kol] for kol in geografi]})
            relationer.append(summa(f"{g}|{k}", [f"{b}|{k}" for b in inne]))
        if k == "Total":
            relationer.append(summa(f"{g}|{k}", [f"{g}|{kategori}" for kategori in kategorier]))
    celler = tuple(Cell(f"{rad[geo]}|{rad[andra]}", int(rad[tal])) for rad in facit)
    primar = [c.nyckel for c, rad in zip(celler, facit, strict=True) if rad["primary"] == "TRUE"]
    dolda = {c.nyckel for c, rad in zip(celler, facit, strict=True) if rad["suppressed"] == "TRUE"}
    return Tabell(celler, tuple(relationer)), primar, dolda


@pytest.mark.real
@pytest.mark.parametrize(
    "namn",
    [
        "z1_default",
        "z1_n6_none",
        "z2_n6_linked_none",
        "z2_n6_nolink_none",
        "z1_n6_anySum",
        "z2_n6_linked_anySum",
        "z2_n6_nolink_anySum",
        "vignette_t4",
        "vignette_t5",
    ],
)
def test_reproduces_r_cell_for_cell(shared: Path, namn: str) -> None:
    mapp = shared / "data" / "sdc"
    fall = next(rad for rad in _rader(mapp / "INDEX.csv") if rad["case"] == namn)
    tabell, primar, facit = _fall(mapp, fall)
    assert (len(tabell.celler), len(primar), len(facit)) == tuple(
        int(fall[k]) for k in ("n_cells", "n_primary", "n_suppressed")
    )
    # secondaryZeros is FALSE in these calls except where zeros are protected or stated otherwise
    nollor = "i_ordning" if namn in ("z1_default", "vignette_t5") else "forst"
    assert set(primar) | set(undertryck(tabell, primar, nollor)) == facit


def _tva_vagar() -> Tabell:
    """Four units by kön, worked by hand: one small cell (A, K) = 2 needs a rectangle; the cheapest is with B."""
    blad = {"A": (2, 10), "B": (8, 9), "C": (30, 31), "D": (40, 41)}
    rader = [(e, k, v) for e, (kvinnor, man) in blad.items() for k, v in (("K", kvinnor), ("M", man))]
    rader += [(e, "T", kvinnor + man) for e, (kvinnor, man) in blad.items()]
    rader += [("alla", "K", 80), ("alla", "M", 91), ("alla", "T", 171)]
    frame = pl.DataFrame(rader, schema=["enhet", "kon", "varde"], orient="row")
    return bygg(
        frame,
        {"enhet": Dimension("enhet", {"alla": (tuple(blad),)}), "kon": Dimension("kon", {"T": (("K", "M"),)})},
    )


def test_smallest_rectangle_by_hand() -> None:
    tabell = _tva_vagar()
    primar = primara(tabell, Regler())
    assert list(primar) == ["antal|A|K"]
    # offered from the largest: all totals and C, D go out; A|M would give A|K by its row, B|M then by B's row ...
    assert set(undertryck(tabell, primar)) == {"antal|A|M", "antal|B|K", "antal|B|M"}


def test_zeros_are_always_shown_in_production() -> None:
    celler = [Cell("T", 9), Cell("a", 0), Cell("b", 3), Cell("c", 6)]
    tabell = Tabell(tuple(celler), (summa("T", ["a", "b", "c"]),))
    assert undertryck(tabell, ["b", "c"]) == ()


def test_forced_cells_that_give_a_primary_away_stop() -> None:
    celler = (Cell("T", 20, tidigare="visad"), Cell("a", 17, tidigare="visad"), Cell("b", 3), Cell("c", 0))
    tabell = Tabell(celler, (summa("T", ["a", "b", "c"]),))
    with pytest.raises(OlosligtTabell, match="Håll inne") as stopp:
        undertryck(tabell, ["b"])
    assert stopp.value.nycklar == ("b",)


def test_deterministic_whatever_order_relations_come_in() -> None:
    tabell = _tva_vagar()
    baklanges = Tabell(tabell.celler, tuple(reversed(tabell.relationer)))
    primar = list(primara(tabell, Regler()))
    assert undertryck(tabell, primar) == undertryck(tabell, primar) == undertryck(baklanges, primar)


def test_values_that_contradict_a_relation_are_refused() -> None:
    with pytest.raises(TertialError, match="motsäger"):
        Tabell((Cell("T", 5), Cell("a", 2), Cell("b", 2)), (summa("T", ["a", "b"]),))
    with pytest.raises(TertialError, match="motsäger"):
        Tabell((Cell("ar", 3), Cell("manad", 4)), (Relation((("ar", 1), ("manad", -1)), ">="),))


def test_ledger_round_trip() -> None:
    tabell = _tva_vagar()
    assert Tabell.fran_dict(tabell.som_dict()) == tabell
