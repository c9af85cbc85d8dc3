"""skydda: from a linked set of true figures to a pattern that passed the audit.

The one call the publication makes. It decides show or hide per printed figure; tokens, files, the ledger and the
gate around the published bytes belong to the caller.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pipelines.sekretess.rojande.granskare import Granskning
from pipelines.sekretess.rojande.historik import Publicerad, med_historik
from pipelines.sekretess.rojande.kunskap import kan_tryckas
from pipelines.sekretess.rojande.losare import Frist
from pipelines.sekretess.rojande.primar import Regler, dolda_kvoter, grupprojande, primara
from pipelines.sekretess.rojande.reparera import reparera
from pipelines.sekretess.rojande.tabell import Tabell
from pipelines.sekretess.rojande.undertryck import undertryck

Visning = Literal["visa", "dold", "saknas"]


@dataclass(frozen=True)
class Skyddad:
    """What may be printed of one table.

    status      per cell and ratio that has a place in print: visa, dold (`--`, whatever the reason) or saknas (`-`)
    skal        why a key is hidden (restricted: never publish, one symbol for all kinds)
    tabell      the new table alone, true values (restricted)
    granskning  the audit that passed, over the table and all earlier publications (restricted)
    rapport     counts only: may be published as `sdc_audit`
    flaggade    cells that hold everybody of a small group: shown, for the controller to judge (restricted)
    """

    status: Mapping[str, Visning]
    skal: Mapping[str, str]
    tabell: Tabell
    granskning: Granskning
    rapport: Mapping[str, Any]
    flaggade: tuple[str, ...]

    @property
    def dolda(self) -> frozenset[str]:
        """Keys printed as `--`."""
        return frozenset(nyckel for nyckel, visning in self.status.items() if visning == "dold")

    def publicerad(self) -> Publicerad:
        """The entry for the ledger once the file has been published."""
        return Publicerad(self.tabell, self.dolda)


def skydda(
    tabell: Tabell,
    historik: Sequence[Publicerad] = (),
    regler: Regler | None = None,
    *,
    tidsgrans_s: float = 60.0,
) -> Skyddad:
    """Suppress, audit, repair, audit again, against everything published before (oldest first).

    Raises OlosligtTabell when earlier publications and zeros alone give a small figure away (hold the new cells
    back), GranskningOviss when the time is up: nothing is published in either case.
    """
    start, frist = time.monotonic(), Frist(tidsgrans_s)
    regler = regler or Regler()
    union = med_historik(tabell, historik)
    skal: dict[str, str] = dict(primara(union, regler))
    skal.update(dict.fromkeys(undertryck(union, skal), "sekundar"))
    tryckta = {cell.nyckel for cell in union.celler if cell.status == "publicerbar"}
    dolda = {nyckel for nyckel in skal if nyckel in tryckta}
    kvotskal = dolda_kvoter(union, dolda, regler)
    reparation = reparera(union, dolda | set(kvotskal), regler, tidsgrans_s=frist.kvar())
    skal.update({nyckel: "reparation" for nyckel in reparation.dolda if nyckel not in skal and nyckel not in kvotskal})
    skal.update(kvotskal)
    egna = [c.nyckel for c in tabell.celler if c.status != "ej_tryckt"] + [kvot.nyckel for kvot in tabell.kvoter]
    utan_tal = {c.nyckel for c in tabell.celler if c.status == "saknas"}
    utan_tal |= {k.nyckel for k in tabell.kvoter if not kan_tryckas(k, tabell)}
    status: dict[str, Visning] = {
        nyckel: "saknas" if nyckel in utan_tal else "dold" if nyckel in reparation.dolda else "visa" for nyckel in egna
    }
    return Skyddad(
        status=status,
        skal={nyckel: skal[nyckel] for nyckel, visning in status.items() if visning == "dold"},
        tabell=tabell,
        granskning=reparation.granskning,
        rapport=_rapport(
            tabell, status, skal, reparation.granskning, reparation.varv, regler, time.monotonic() - start
        ),
        flaggade=grupprojande(tabell, regler),
    )


def _rapport(
    tabell: Tabell,
    status: Mapping[str, Visning],
    skal: Mapping[str, str],
    granskning: Granskning,
    varv: int,
    regler: Regler,
    sekunder: float,
) -> dict[str, Any]:
    celler = [cell for cell in tabell.celler if cell.status == "publicerbar"]
    dolda = [cell for cell in celler if status[cell.nyckel] == "dold"]
    sma = primara(tabell, regler)  # of this table alone: in the union what was hidden before is primary too
    primart = sum(cell.nyckel in sma for cell in dolda)
    sekundara = sum(skal[cell.nyckel] == "sekundar" for cell in dolda if cell.nyckel not in sma)
    reparerade = sum(skal[cell.nyckel] == "reparation" for cell in dolda if cell.nyckel not in sma)
    # counts and amounts have no common unit: the counts speak for the table when it has any
    slag = "antal" if any(cell.slag == "antal" for cell in celler) else "belopp"
    vikt = sum(abs(cell.varde or 0) for cell in celler if cell.slag == slag)
    dold_vikt = sum(abs(cell.varde or 0) for cell in dolda if cell.slag == slag)
    andel_dold = len(dolda) / len(celler) if celler else 0.0
    return {
        "celler": len(celler),
        "saknas": sum(visning == "saknas" for visning in status.values()),
        "dolda_primara": primart,
        "dolda_sekundara": sekundara,
        "dolda_vid_reparation": reparerade,
        "dolda_sedan_tidigare": len(dolda) - primart - sekundara - reparerade,
        "dolda_kvoter": sum(status[kvot.nyckel] == "dold" for kvot in tabell.kvoter),
        "kvoter": len(tabell.kvoter),
        "bevarad_andel_celler": round(1 - andel_dold, 4),
        "bevarad_andel_varde": round(1 - dold_vikt / vikt, 4) if vikt else 1.0,
        "reparationsvarv": varv,
        "hopplos": andel_dold > regler.hopplos_andel,
        "utvagar": _utvagar(celler_dolda={c.nyckel: status[c.nyckel] == "dold" for c in celler})
        if andel_dold > regler.hopplos_andel
        else {},
        "granskning": granskning.rapport(regler),
        "sekunder": round(sekunder, 3),
    }


def _utvagar(celler_dolda: Mapping[str, bool]) -> dict[str, list[dict[str, Any]]]:
    """For a hopeless table: members to merge, and what dropping an axis (keeping its best member) would leave hidden."""
    sla_ihop: list[dict[str, Any]] = []
    slopa: list[dict[str, Any]] = []
    for axel in range(1, min(len(nyckel.split("|")) for nyckel in celler_dolda)):
        grupper: dict[str, list[bool]] = {}
        for nyckel, dold in celler_dolda.items():
            grupper.setdefault(nyckel.split("|")[axel], []).append(dold)
        andelar = {medlem: sum(dolda) / len(dolda) for medlem, dolda in grupper.items()}
        samst = sorted((m for m in andelar if andelar[m] > 0.5), key=lambda m: (-andelar[m], m))
        if len(samst) > 1:
            sla_ihop.append({"axel": axel, "medlemmar": samst})
        if len(andelar) > 1:
            bast = min(andelar, key=lambda m: (andelar[m], m))
            slopa.append({"axel": axel, "behall": bast, "andel_dold": round(andelar[bast], 4)})
    return {"sla_ihop_enheter": sla_ihop, "slopa_dimension": sorted(slopa, key=lambda s: (s["andel_dold"], s["axel"]))}
