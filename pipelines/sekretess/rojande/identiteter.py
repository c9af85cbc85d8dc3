"""Identities between measures at the same point of the table: inkomna = inledda + ej inledda, stock and flow.

Adds relations to a Tabell whose keys are `measure|member|…`; sums within one measure belong to `bygge`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from pipelines.errors import TertialError
from pipelines.sekretess.rojande.perioder import tolka
from pipelines.sekretess.rojande.tabell import Cell, Relation, Tabell


def lagg_till(tabell: Tabell, identiteter: Sequence[Mapping[str, Any]], axlar: int, period: int | None) -> Tabell:
    """The table with its identities; `period` is the index of the period axis among `axlar` axes.

    Wherever all figures of an identity exist they are tied, a difference becoming a never printed cell of its own.
    """
    punkter: dict[str, dict[tuple[str, ...], Cell]] = {}
    for cell in tabell.celler:
        led = cell.nyckel.split("|")
        if len(led) == axlar + 1 and cell.varde is not None and "~" not in cell.nyckel:
            punkter.setdefault(led[0], {})[tuple(led[1:])] = cell
    nya: dict[str, Cell] = {}
    relationer: dict[Relation, None] = dict.fromkeys(tabell.relationer)
    for identitet in identiteter:
        if set(identitet) == {"summa", "delar"}:
            funna = _summor(identitet, punkter)
        elif set(identitet) == {"bestand", "in", "ut"} and period is not None:
            funna = _floden(identitet, punkter, period)
        elif set(identitet) == {"bestand", "personer"} and period is not None:
            funna = _kommit_och_gatt(identitet, punkter, period)
        elif set(identitet) == {"lika"} and period is not None:
            funna = _lika(identitet, punkter, period)
        elif set(identitet) == {"hogst"}:
            relationer.update(dict.fromkeys(_hogst(identitet, punkter)))
            continue
        else:
            raise TertialError(
                "En identitet är felskriven.",
                "Skriv {summa, delar}, {bestand, in, ut}, {bestand, personer}, {lika} eller {hogst}.",
            )
        for termer in funna:
            rest = sum(k * (cell.varde or 0) for cell, k in termer)
            if rest:
                namn = f"{termer[0][0].nyckel}~skillnad mot {termer[1][0].nyckel}"
                nya[namn] = Cell(namn, rest, status="ej_tryckt", undre=0 if rest > 0 else None)
                termer = [*termer, (nya[namn], -1)]
            relationer[Relation(tuple((cell.nyckel, k) for cell, k in termer))] = None
    return Tabell((*tabell.celler, *nya.values()), tuple(relationer), tabell.kvoter, tabell.serier)


def _summor(
    identitet: Mapping[str, Any], punkter: Mapping[str, Mapping[tuple[str, ...], Cell]]
) -> Iterator[list[tuple[Cell, int]]]:
    delar = [punkter.get(del_, {}) for del_ in identitet["delar"]]
    for punkt, total in punkter.get(identitet["summa"], {}).items():
        if all(punkt in del_ for del_ in delar):
            yield [(total, 1), *((del_[punkt], -1) for del_ in delar)]


def _lika(
    identitet: Mapping[str, Any], punkter: Mapping[str, Mapping[tuple[str, ...], Cell]], period: int
) -> Iterator[list[tuple[Cell, int]]]:
    """Two measures that are the same figure in every period of a series: whoever sees one of them knows the other."""
    forsta, andra = (punkter.get(matt, {}) for matt in identitet["lika"])
    serier: dict[tuple[str, ...], list[tuple[Cell, Cell]]] = {}
    for punkt, cell in forsta.items():
        if punkt in andra:
            serier.setdefault(punkt[:period] + punkt[period + 1 :], []).append((cell, andra[punkt]))
    for par in serier.values():
        if all(a.varde == b.varde for a, b in par):
            yield from ([(a, 1), (b, -1)] for a, b in par)


def _hogst(identitet: Mapping[str, Any], punkter: Mapping[str, Mapping[tuple[str, ...], Cell]]) -> Iterator[Relation]:
    """The first measure is never more than the second: those who have a measure are at most the measures."""
    mindre, storre = (punkter.get(matt, {}) for matt in identitet["hogst"])
    for punkt, cell in mindre.items():
        if punkt in storre and (cell.varde or 0) <= (storre[punkt].varde or 0):
            yield Relation(((storre[punkt].nyckel, 1), (cell.nyckel, -1)), ">=")


def _kommit_och_gatt(
    identitet: Mapping[str, Any], punkter: Mapping[str, Mapping[tuple[str, ...], Cell]], period: int
) -> Iterator[list[tuple[Cell, int]]]:
    """Those of a period who are not in the stock at its end have left, those not in the stock before it are new."""
    bestand = _nivaer(punkter.get(identitet["bestand"], {}), period)
    for punkt, personer in punkter.get(identitet["personer"], {}).items():
        spann = tolka(punkt[period])
        nivaer = bestand.get(punkt[:period] + punkt[period + 1 :], {})
        yield from ([(personer, 1), (nivaer[grans], -1)] for grans in (spann.fran, spann.till) if grans in nivaer)


def _nivaer(bestand: Mapping[tuple[str, ...], Cell], period: int) -> dict[tuple[str, ...], dict[int, Cell]]:
    """The stocks of each series by month boundary."""
    nivaer: dict[tuple[str, ...], dict[int, Cell]] = {}
    for punkt, cell in bestand.items():
        nivaer.setdefault(punkt[:period] + punkt[period + 1 :], {})[_grans(punkt[period])] = cell
    return nivaer


def _floden(
    identitet: Mapping[str, Any], punkter: Mapping[str, Mapping[tuple[str, ...], Cell]], period: int
) -> Iterator[list[tuple[Cell, int]]]:
    """stock at the end = stock at the start + in - out, for every period with a stock at both ends."""
    bestand = _nivaer(punkter.get(identitet["bestand"], {}), period)
    ut = punkter.get(identitet["ut"], {})
    for punkt, in_ in punkter.get(identitet["in"], {}).items():
        spann = tolka(punkt[period])
        nivaer = bestand.get(punkt[:period] + punkt[period + 1 :], {})
        if spann.fran in nivaer and spann.till in nivaer and punkt in ut:
            yield [(nivaer[spann.till], 1), (nivaer[spann.fran], -1), (in_, -1), (ut[punkt], 1)]
    yield from _emellan(punkter.get(identitet["in"], {}), ut, bestand, period)


def _emellan(
    in_: Mapping[tuple[str, ...], Cell],
    ut: Mapping[tuple[str, ...], Cell],
    bestand: Mapping[tuple[str, ...], Mapping[int, Cell]],
    period: int,
) -> Iterator[list[tuple[Cell, int]]]:
    """The same between two occasions: what came in between them is one cumulative figure less the other.

    Only where it holds: what else has happened between the occasions is nobody's figure.
    """
    kedjor: dict[tuple[tuple[str, ...], int], dict[int, tuple[Cell, Cell]]] = {}
    for punkt, cell in in_.items():
        spann = tolka(punkt[period])
        ovriga = punkt[:period] + punkt[period + 1 :]
        if punkt in ut and spann.till in bestand.get(ovriga, {}):
            kedjor.setdefault((ovriga, spann.fran), {})[spann.till] = (cell, ut[punkt])
    for (ovriga, _), kedja in kedjor.items():
        nivaer = bestand[ovriga]
        for fore, efter in pairwise(sorted(kedja)):
            (in_fore, ut_fore), (in_efter, ut_efter) = kedja[fore], kedja[efter]
            termer = [
                (nivaer[efter], 1),
                (nivaer[fore], -1),
                (in_efter, -1),
                (in_fore, 1),
                (ut_efter, 1),
                (ut_fore, -1),
            ]
            if sum(k * (cell.varde or 0) for cell, k in termer) == 0:
                yield termer


def _grans(dag: str) -> int:
    """The month boundary of a day: the last of a month is the next month's first."""
    morgon = date.fromisoformat(dag)
    if morgon.day != 1:
        morgon += timedelta(days=1)
    if morgon.day != 1:
        raise TertialError(f"Beståndet {dag} ligger inte vid ett månadsskifte.", "Rätta marten.")
    return 12 * morgon.year + morgon.month - 1
