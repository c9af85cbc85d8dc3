"""Earlier publications beside the new table: one linked set, in which what was shown stays shown.

A figure published unchanged is the same cell. A revised one is a new cell, tied to the old by a never printed
difference that must not become computable when it is small. Periods of one series are linked across publications.
Where publications are kept (the append-only ledger) belongs to the caller; `som_dict` is what it keeps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipelines.sekretess.rojande.bidragsgivare import okningar, rattade
from pipelines.sekretess.rojande.serier import lanka
from pipelines.sekretess.rojande.tabell import Cell, Kvot, Relation, Serie, Tabell, Tidigare


@dataclass(frozen=True)
class Publicerad:
    """One publication as it left the house: its own table with the true values (restricted) and what it hid."""

    tabell: Tabell
    dolda: frozenset[str]

    def som_dict(self) -> dict[str, Any]:
        """Plain data for the restricted ledger."""
        return {"tabell": self.tabell.som_dict(), "dolda": sorted(self.dolda)}

    @classmethod
    def fran_dict(cls, data: Mapping[str, Any]) -> Publicerad:
        """The inverse of `som_dict`."""
        return cls(Tabell.fran_dict(data["tabell"]), frozenset(data["dolda"]))


def med_historik(tabell: Tabell, historik: Sequence[Publicerad]) -> Tabell:
    """The new table joined with all earlier publications, oldest first; the new cells keep their keys."""
    if not historik:
        return tabell
    union = _Union(tabell)
    for nr in range(len(historik) - 1, -1, -1):
        union.lagg_till(historik[nr], nr + 1)
    union.lanka_serier()
    return Tabell(
        tuple(union.celler.values()),
        tuple(union.relationer),
        tuple(union.kvoter.values()),
        tuple(union.serier.values()),
    )


class _Union:
    """Built from the newest backwards: `namn[key]` is the union's cell for the version met last (next newer)."""

    def __init__(self, tabell: Tabell) -> None:
        self.celler = dict(tabell.register)
        self.relationer = dict.fromkeys(tabell.relationer)
        self.kvoter = {kvot.nyckel: kvot for kvot in tabell.kvoter}
        self.serier = {serie.nyckel: serie for serie in tabell.serier}
        self.namn = {nyckel: nyckel for nyckel in tabell.register}
        self.versioner = [list(tabell.serier)]

    def lagg_till(self, publicerad: Publicerad, nr: int) -> None:
        """One earlier publication."""
        namn = {cell.nyckel: self._version(cell, publicerad.dolda, nr) for cell in publicerad.tabell.celler}
        self.namn.update(namn)
        for relation in publicerad.tabell.relationer:
            oversatt = tuple((namn[nyckel], k) for nyckel, k in relation.termer)
            self.relationer[Relation(oversatt, relation.tecken)] = None
        self.versioner.append(
            [
                replace(serie, medlemmar=tuple((period, namn[nyckel]) for period, nyckel in serie.medlemmar))
                for serie in publicerad.tabell.serier
            ]
        )
        for kvot in publicerad.tabell.kvoter:
            self._kvot(kvot, namn, kvot.nyckel in publicerad.dolda, nr)

    def _version(self, cell: Cell, dolda: frozenset[str], nr: int) -> str:
        nyare = self.celler.get(self.namn.get(cell.nyckel, ""))
        lage: Tidigare | None = "dold" if cell.nyckel in dolda else "visad" if cell.status == "publicerbar" else None
        if nyare is not None and nyare.varde == cell.varde:
            if nyare.status != "publicerbar":
                # printed once: what is only carried now was public, or hidden, then
                nyare = replace(nyare, status=cell.status)
            if lage == "visad" or nyare.tidigare is None:
                nyare = replace(nyare, tidigare=lage)
            self.celler[nyare.nyckel] = nyare
            return nyare.nyckel
        eget = cell.nyckel if nyare is None else f"{cell.nyckel}§{nr}"
        self.celler[eget] = replace(cell, nyckel=eget, tidigare=lage)
        if nyare is not None and cell.status == "publicerbar" and cell.varde is not None and nyare.varde is not None:
            if lage == "dold" and nyare.tidigare is None:
                self.celler[nyare.nyckel] = replace(nyare, tidigare="dold")
            namn = f"{nyare.nyckel}~rättelse sedan {nr}"
            # both were shown before: the correction is public, and stops nothing
            n = None if nyare.tidigare == lage == "visad" else rattade(nyare, cell)
            self._rattelse(((nyare.nyckel, 1), (eget, -1)), namn, cell, n)
        return eget

    def _rattelse(self, termer: tuple[tuple[str, int], ...], namn: str, mall: Cell, n: int | None = None) -> None:
        """Tie figures that differ by a never printed correction of either sign; `n` are behind it.

        A protected amount may be corrected down to nothing: the cap of the auditor would make a guess of the correction.
        """
        skillnad = sum(k * (self.celler[nyckel].varde or 0) for nyckel, k in termer)
        self.celler[namn] = Cell(
            namn,
            skillnad,
            mall.slag,
            "ej_tryckt",
            n=n,
            enkat=mall.enkat,
            undre=None if n is None else -(mall.varde or 0),
        )
        self.relationer[Relation((*termer, (namn, -1)))] = None

    def _kvot(self, kvot: Kvot, namn: Mapping[str, str], dold: bool, nr: int) -> None:
        oversatt = replace(
            kvot,
            taljare=namn[kvot.taljare],
            namnare=kvot.namnare if isinstance(kvot.namnare, int) else namn[kvot.namnare],
            komplement=None if kvot.komplement is None else namn[kvot.komplement],
            tidigare="dold" if dold else "visad",
        )
        nyare = self.kvoter.get(kvot.nyckel)
        if nyare is not None and replace(nyare, tidigare=None) == replace(oversatt, tidigare=None):
            if nyare.tidigare != "visad":
                self.kvoter[kvot.nyckel] = oversatt
        elif nyare is None or not dold:
            eget = kvot.nyckel if nyare is None else f"{kvot.nyckel}§{nr}"
            self.kvoter[eget] = replace(oversatt, nyckel=eget)

    def lanka_serier(self) -> None:
        """Relations between periods that no single publication held together; the newest version of each counts."""
        grupper: dict[str, list[Serie]] = {}
        for serier in reversed(self.versioner):
            for serie in serier:
                grupper.setdefault(serie.nyckel, []).append(serie)
        for nyckel, versioner in grupper.items():
            medlemmar: dict[str, str] = {}
            for serie in versioner:
                medlemmar.update(serie.medlemmar)
            hel = replace(versioner[-1], nyckel=nyckel, medlemmar=tuple(medlemmar.items()))
            self.serier[nyckel] = hel
            if any(set(serie.medlemmar) == set(hel.medlemmar) for serie in versioner):
                continue
            nya, relationer = lanka(hel, self.celler)
            for cell in nya:
                if self.celler.setdefault(cell.nyckel, cell).varde != cell.varde:
                    self.celler[cell.nyckel] = cell
            for relation in relationer:
                self._prova(relation)
        self.celler.update(okningar(self.celler, self.serier.values()))

    def _prova(self, relation: Relation) -> None:
        """A relation across publications holds only up to corrections made in between."""
        rest = sum(k * (self.celler[nyckel].varde or 0) for nyckel, k in relation.termer)
        if rest == 0 or (relation.tecken == ">=" and rest > 0):
            self.relationer[relation] = None
        elif relation.tecken == "=":
            forsta = relation.termer[0][0]
            self._rattelse(relation.termer, f"{forsta}~rättelse mot {relation.termer[1][0]}", self.celler[forsta])
