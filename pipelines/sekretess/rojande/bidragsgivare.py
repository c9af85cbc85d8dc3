"""Who is behind an amount, behind what it grows by, and behind its correction: the one place that says so.

An amount is shown when enough are behind it, so these counts are lower bounds: one too few hides a figure, one too
many shows somebody's. Counts are their own; what is too few belongs to `primar`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from pipelines.sekretess.rojande import perioder
from pipelines.sekretess.rojande.perioder import Period
from pipelines.sekretess.rojande.tabell import Cell, Serie, Tabell


def raknade(tabell: Tabell) -> Tabell:
    """The table with how many are behind each amount and behind what it grows by."""
    celler = dict(tabell.register)
    for serie in tabell.serier:
        for _, nyckel in serie.medlemmar:
            celler[nyckel] = _hogst(celler[nyckel], _grund(serie, nyckel, celler))
    return replace(tabell, celler=tuple((celler | okningar(celler, tabell.serier)).values()))


def _hogst(cell: Cell, grund: Cell | None) -> Cell:
    """No more than behind the days it pays, the months it was given for: seven placements may be five persons'."""
    if cell.n is None or grund is None:
        return cell
    return replace(cell, n=min(cell.n, _antal(grund)))


def okningar(celler: Mapping[str, Cell], serier: Iterable[Serie]) -> dict[str, Cell]:
    """The increments of amounts anew, with how many are surely behind each; the cells given are not changed.

    An increment between two figures that both were shown before is public already.
    """
    nya: dict[str, Cell] = {}
    for serie in sorted(serier, key=lambda one: one.per_manad is None):  # those that others refer to first
        if not serie.vaxer_med_personer:
            continue
        medlemmar = {perioder.tolka(namn): celler[nyckel] for namn, nyckel in serie.medlemmar}
        kanda = {period: cell.n or 0 for period, cell in medlemmar.items()}
        for spann in sorted(perioder.okningar(medlemmar), key=lambda one: one.manader):
            okning = celler.get(f"{serie.nyckel}~{spann.namn}")
            if okning is not None:
                # those who moved here may move away again: what came in between says nothing of the whole then
                inom = (
                    n for p, n in kanda.items() if spann.fran <= p.fran and p.till <= spann.till and not serie.flyttar
                )
                kanda[spann] = max(_okade(okning, serie, spann, {**celler, **nya}), *inom, 0)
                visad = okning.tidigare or ("visad" if _visad(spann, medlemmar) else None)
                nya[okning.nyckel] = replace(okning, n=kanda[spann], tidigare=visad)
    return nya


def rattade(ny: Cell, forr: Cell) -> int | None:
    """How many are behind the correction of an amount; None when nothing is to be protected.

    As many as came or went; when nobody did, as many as make it up at the mean amount. 39 days more with one person
    more are that person's days, and 5 260 kronor less with nobody less a household's month. Never one: whoever knows
    the correction because it is his own learns nothing of others by it.
    """
    if ny.slag != "belopp" or ny.n is None or forr.n is None or ny.rattas_fritt or forr.undre is None:
        return None
    if ny.n != forr.n:
        return max(2, abs(ny.n - forr.n))
    return max(2, abs((ny.varde or 0) - (forr.varde or 0)) * ny.n // max(1, abs(forr.varde or 0)))


def _okade(okning: Cell, serie: Serie, spann: Period, celler: Mapping[str, Cell]) -> int:
    """How many the increment itself shows; a longer one has at least those of any period within it."""
    if serie.per_manad is not None:
        fran = spann.fran
        if serie.flyttar:
            hela = (perioder.tolka(namn) for namn, _ in serie.medlemmar)
            fran = min([fran, *(p.fran for p in hela if p.fran <= spann.fran and spann.till <= p.till)])
        return -(-abs(okning.varde or 0) // (serie.per_manad * (spann.till - fran)))
    grund = _grund(serie, okning.nyckel, celler)
    return 0 if grund is None else _antal(grund)


def _grund(serie: Serie, nyckel: str, celler: Mapping[str, Cell]) -> Cell | None:
    """The figure at the same point that tells whose the amount is."""
    return celler.get(f"{serie.grund}{nyckel.removeprefix(serie.nyckel.partition('|')[0])}")


def _antal(grund: Cell) -> int:
    return (grund.n or 0) if grund.slag == "belopp" else abs(grund.varde or 0)


def _visad(spann: Period, medlemmar: Mapping[Period, Cell]) -> bool:
    """Whether two figures with the same first month, shown before, end where the increment begins and ends."""
    visade = {(period.fran, period.till) for period, cell in medlemmar.items() if cell.tidigare == "visad"}
    return any((fran, spann.till) in visade for fran, till in visade if till == spann.fran)
