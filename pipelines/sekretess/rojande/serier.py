"""How the periods of one series bind each other, and the increments that differencing would uncover.

Works on cells that exist; which rows a mart has belongs to `bygge`, what was published when to `historik`.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from pipelines.sekretess.rojande import perioder
from pipelines.sekretess.rojande.perioder import Period
from pipelines.sekretess.rojande.tabell import Cell, Relation, Serie, summa


def lanka(serie: Serie, celler: Mapping[str, Cell]) -> tuple[list[Cell], list[Relation]]:
    """Never printed increments and the relations of the series' cells (all of which have a value)."""
    medlemmar = {perioder.tolka(namn): celler[nyckel] for namn, nyckel in serie.medlemmar}
    return _netto(serie, medlemmar) if serie.netto else _additiv(serie, medlemmar)


def _okning(serie: Serie, namn: str, varde: int, mall: Cell) -> Cell:
    """An increment is at least zero, unless corrections backwards have made it negative."""
    undre = 0 if varde >= 0 and mall.slag == "antal" else None
    return Cell(f"{serie.nyckel}~{namn}", varde, mall.slag, "ej_tryckt", undre=undre)


def _additiv(serie: Serie, medlemmar: Mapping[Period, Cell]) -> tuple[list[Cell], list[Relation]]:
    """Sums end to end; an increment that no printed figures settle cannot be computed and carries no relation."""
    mall = next(iter(medlemmar.values()))
    okningar = perioder.okningar(medlemmar)
    varden = _losta({period: cell.varde or 0 for period, cell in medlemmar.items()}, okningar)
    nya = {period: _okning(serie, period.namn, varde, mall) for period, varde in varden.items()}
    nycklar = {period: cell.nyckel for period, cell in (*medlemmar.items(), *nya.items())}
    relationer = [summa(nycklar[hel], [nycklar[del_] for del_ in delar]) for hel, delar in perioder.delningar(nycklar)]
    return list(nya.values()), relationer


def _losta(varden: Mapping[Period, int], okningar: list[Period]) -> dict[Period, int]:
    """Values of the increments, by walking the graph whose nodes are month boundaries and whose edges are periods."""
    grannar: dict[int, list[tuple[int, int]]] = {}
    for period, varde in varden.items():
        grannar.setdefault(period.fran, []).append((period.till, varde))
        grannar.setdefault(period.till, []).append((period.fran, -varde))
    niva: dict[int, tuple[int, int]] = {}
    for start in grannar:
        if start in niva:
            continue
        niva[start] = (start, 0)
        kvar = [start]
        while kvar:
            punkt = kvar.pop()
            for annan, varde in grannar[punkt]:
                if annan not in niva:
                    niva[annan] = (start, niva[punkt][1] + varde)
                    kvar.append(annan)
    return {p: niva[p.till][1] - niva[p.fran][1] for p in okningar if niva[p.fran][0] == niva[p.till][0]}


def _netto(serie: Serie, medlemmar: Mapping[Period, Cell]) -> tuple[list[Cell], list[Relation]]:
    """Persons counted once: a longer period has at least as many, and at most the sum of those it is made of.

    Those who are new between two cumulative figures with the same start are an increment of their own.
    """
    nycklar = {period: cell.nyckel for period, cell in medlemmar.items()}
    relationer = [
        Relation(((nycklar[yttre], 1), (nycklar[inre], -1)), ">=") for yttre, inre in perioder.inneslutningar(medlemmar)
    ]
    relationer += [
        Relation((*((nycklar[del_], 1) for del_ in delar), (nycklar[hel], -1)), ">=")
        for hel, delar in perioder.delningar(medlemmar)
    ]
    nya: list[Cell] = []
    starter: dict[int, list[Period]] = {}
    for period in sorted(medlemmar):
        starter.setdefault(period.fran, []).append(period)
    for kedja in starter.values():
        for kort, lang in combinations(kedja, 2):
            varde = (medlemmar[lang].varde or 0) - (medlemmar[kort].varde or 0)
            nya.append(_okning(serie, f"nya {kort.namn}..{lang.namn}", varde, medlemmar[lang]))
            relationer.append(summa(nycklar[lang], [nycklar[kort], nya[-1].nyckel]))
    return nya, relationer
