"""Primary rules: which figures are too small, too dominated or too thinly based to be shown by themselves.

Pure arithmetic over one Tabell. What must be hidden to protect these cells belongs to `undertryck`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from pipelines.errors import TertialError
from pipelines.sekretess.rojande.tabell import Cell, Kvot, Tabell

Skal = Literal["litet_antal", "enkat", "fa_bidragsgivare", "dominans", "kvot_del", "kvot_namnare", "tidigare_dold"]


@dataclass(frozen=True, slots=True)
class Regler:
    """The rule of one mart, as data. Defaults: domain.md section 8; those marked [C] are our choice.

    troskel          counts 1..troskel are hidden
    namnare_minst    a share needs this many in the nämnare
    enkat_minst      a survey figure needs this many who answered
    medel_minst      means, medians and amounts need this many contributors
    dominans_procent the largest contributor may be at most this share of an amount [C]
    belopp_skydd     a hidden amount's feasible interval must be at least this wide, percent of its value [C]
    minst_heltal     integers an attacker must still find possible in every hidden cell
    rek_bredd        recommended width (largest - smallest) of that interval
    hopplos_andel    a larger hidden share than this calls for another table design
    """

    troskel: int = 6
    namnare_minst: int = 20
    enkat_minst: int = 10
    medel_minst: int = 7
    dominans_procent: int = 50
    belopp_skydd: int = 10
    minst_heltal: int = 2
    rek_bredd: int = 3
    hopplos_andel: float = 0.25

    def __post_init__(self) -> None:
        if self.troskel < 1 or self.minst_heltal < 2 or not 0 < self.dominans_procent <= 100:
            raise TertialError("Sekretessregeln är svagare än vad som får publiceras.", "Rätta reglerna för marten.")

    @classmethod
    def fran_dict(cls, data: Mapping[str, Any]) -> Regler:
        """Rules from a YAML mapping; an unknown word is refused."""
        okanda = set(data) - {one.name for one in fields(cls)}
        if okanda:
            raise TertialError(f"Okänd sekretessregel: {', '.join(sorted(okanda))}.", "Rätta reglerna för marten.")
        return cls(**data)


def _liten(varde: int | None, regler: Regler) -> bool:
    return varde is not None and 1 <= abs(varde) <= regler.troskel


def _skal_for_cell(cell: Cell, regler: Regler) -> Skal | None:
    if cell.varde is None:
        return None
    if cell.slag == "antal":
        if cell.enkat:
            return "enkat" if 1 <= abs(cell.varde) < regler.enkat_minst else None
        return "litet_antal" if _liten(cell.varde, regler) else None
    if cell.varde == 0 and not cell.n:
        return None
    if cell.n is not None and cell.n < regler.medel_minst:
        return "fa_bidragsgivare"
    if cell.storsta is not None and 100 * abs(cell.storsta) > regler.dominans_procent * abs(cell.varde):
        return "dominans"
    return None


def primara(tabell: Tabell, regler: Regler) -> dict[str, Skal]:
    """Key -> reason for every cell that must be hidden, or if it is never printed must not be computable.

    A cell that an earlier publication showed is public already and never primary; one that was hidden stays so.
    """
    skal: dict[str, Skal] = {}
    for cell in tabell.celler:
        if cell.tidigare == "visad" or cell.status == "saknas":
            continue
        if (eget := _skal_for_cell(cell, regler)) is not None:
            skal[cell.nyckel] = eget
        elif cell.tidigare == "dold" and cell.varde != 0:
            skal[cell.nyckel] = "tidigare_dold"
    for kvot in tabell.kvoter:  # too few answered: what they answered goes with them
        namnare = tabell.register[kvot.namnare] if isinstance(kvot.namnare, str) else None
        if namnare is not None and not kvot.medel and not namnare.enkat:
            skal.update(dict.fromkeys(_for_sma_grunder(kvot, tabell, regler, namnare), "kvot_namnare"))
        if namnare is not None and namnare.enkat and namnare.nyckel in skal:
            taljare = tabell.register[kvot.taljare]
            if taljare.tidigare != "visad" and taljare.status == "publicerbar" and taljare.varde:
                skal.setdefault(kvot.taljare, "enkat")
    return skal


def _for_sma_grunder(kvot: Kvot, tabell: Tabell, regler: Regler, namnare: Cell) -> list[str]:
    """Parts that stand in print beside a share only: hidden with it when its nämnare is too small, so not to be computed."""
    if not 0 < (namnare.varde or 0) < regler.namnare_minst:
        return []
    delar = [namnare, *([tabell.register[kvot.taljare]] if "#" in kvot.taljare else [])]
    return [
        cell.nyckel
        for cell in delar
        if cell.status == "publicerbar" and cell.tidigare != "visad" and (cell.varde or 0) > regler.troskel
    ]


def skal_for_kvot(kvot: Kvot, tabell: Tabell, regler: Regler) -> Skal | None:
    """Why a ratio must be hidden by its own parts: täljare, komplement and nämnare 0 or above the threshold."""
    register = tabell.register
    namnare = kvot.namnare if isinstance(kvot.namnare, int) else register[kvot.namnare].varde
    taljare = register[kvot.taljare]
    if kvot.medel:
        if isinstance(kvot.namnare, str) and (namnare or 0) < regler.medel_minst:
            return "kvot_namnare"
        return _skal_for_cell(taljare, regler)
    enkat = isinstance(kvot.namnare, str) and register[kvot.namnare].enkat
    if (namnare or 0) < (regler.enkat_minst if enkat else regler.namnare_minst):
        return "kvot_namnare"
    komplement = register[kvot.komplement].varde if kvot.komplement else (namnare or 0) - (taljare.varde or 0)
    if not enkat and (_liten(taljare.varde, regler) or _liten(komplement, regler)):
        return "kvot_del"
    return None


def grupprojande(tabell: Tabell, regler: Regler) -> tuple[str, ...]:
    """Cells that hold everybody of a small group: total = cell, 1 <= total <= twice the threshold.

    Nothing is hidden for it (zeros beside it are shown by rule): the controller decides with the list.
    """
    flaggade: dict[str, None] = {}
    for relation in tabell.relationer:
        (total, _), *delar = relation.termer
        cell = tabell.register[total]
        if relation.tecken != "=" or cell.slag != "antal" or len(delar) < 2:
            continue
        if 1 <= (cell.varde or 0) <= 2 * regler.troskel:
            hela = [nyckel for nyckel, k in delar if k == -1 and tabell.varde(nyckel) == cell.varde]
            flaggade.update(dict.fromkeys(hela[:1]))
    return tuple(flaggade)


def dolda_kvoter(tabell: Tabell, dolda: Collection[str], regler: Regler) -> dict[str, Skal]:
    """Ratios to hide: by their own rule, because a printed part of them is hidden, or hidden before."""
    svar: dict[str, Skal] = {}
    for kvot in tabell.kvoter:
        if kvot.tidigare == "visad":
            continue
        delar = [del_ for del_ in (kvot.taljare, kvot.namnare, kvot.komplement) if isinstance(del_, str)]
        if (skal := skal_for_kvot(kvot, tabell, regler)) is not None:
            svar[kvot.nyckel] = skal
        elif any(del_ in dolda for del_ in delar):
            svar[kvot.nyckel] = "kvot_del"
        elif kvot.tidigare == "dold":
            svar[kvot.nyckel] = "tidigare_dold"
    return svar
