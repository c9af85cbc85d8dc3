"""A municipality small enough to see through: cases in, the nyckeltal mart of it out, and an attacker who counts cases."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.optimize import Bounds, LinearConstraint, milp

from pipelines.publication import rojandekontroll
from pipelines.publication.edition import Mart, publish
from pipelines.publication.rojandekontroll import Skydd
from pipelines.publication.underlag import Underlag
from pipelines.settings import Arbetsyta, konfig

ENHETER, KON, SLAG = ("Barn", "Unga"), ("K", "M"), ("barn_unga", "vuxna_missbruk")
#: (enhet, kon, slag, month 1-12) -> cases received
Arenden = Mapping[tuple[str, str, str, int], int]

_TYPER = {
    "taljare": pl.Float64,
    "namnare": pl.Float64,
    "varde": pl.Float64,
    "n": pl.Int64,
    "leverans_id": pl.String,
}


#: cases a month: most breakdowns are large, a few are small
_TAKT = {
    ("Barn", "barn_unga"): 9.0,
    ("Barn", "vuxna_missbruk"): 0.35,
    ("Unga", "barn_unga"): 1.2,
    ("Unga", "vuxna_missbruk"): 0.3,
}


def arenden(fro: int, manader: int, medel: float = 1.0) -> dict[tuple[str, str, str, int], int]:
    """Random cases, `medel` times the usual number."""
    slump = np.random.default_rng(fro)
    return {
        punkt: int(slump.poisson(medel * _TAKT[punkt[0], punkt[2]] * (1.2 if punkt[1] == "M" else 0.8)))
        for punkt in product(ENHETER, KON, SLAG, range(1, manader + 1))
    }


def figur(matt: str, varde: float | None, period: tuple[int, int], typ: str, **mer: Any) -> dict[str, Any]:
    """One row of the nyckeltal mart; `period` is first and last month of 2024."""
    fran, till = period
    return {
        "kommun_kod": "9998",
        "kommun": "Exempelby",
        "nyckeltal_id": matt,
        "organisation": "Totalt",
        "kon": "T",
        "alder": "totalt",
        "indelning": "totalt",
        "indelning_varde": "totalt",
        "period_start": date(2024, fran, 1),
        "period_slut": date(2024, till, monthrange(2024, till)[1]),
        "periodtyp": typ,
        "taljare": varde,
        "namnare": None,
        "varde": varde,
        "n": None if varde is None else int(varde),
        "status": "ok",
        "ursprung": "egen_berakning",
        "leverans_id": None,
    } | mer


def mart(rader: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows as the warehouse types them."""
    return pl.DataFrame(list(rader), schema_overrides=_TYPER, infer_schema_length=None)


def nyckeltal(fall: Arenden, manader: int) -> pl.DataFrame:
    """utr_inkomna as the model makes it: months, January to each month, the year; unit x kön, kön, slag."""
    perioder = [((m, m), "manad") for m in range(1, manader + 1)] + [((1, m), "ack") for m in range(1, manader + 1)]
    if manader == 12:
        perioder.append(((1, 12), "ar"))
    rader = []
    for (fran, till), typ in perioder:
        for delar in _delar():
            varde = sum(antal for punkt, antal in fall.items() if fran <= punkt[3] <= till and _hor_till(delar, punkt))
            rader.append(figur("utr_inkomna", float(varde), (fran, till), typ, **delar))
    return mart(rader)


def _delar() -> Iterable[dict[str, str]]:
    for organisation, kon in product(("Totalt", *ENHETER), ("T", *KON)):
        yield {"organisation": organisation, "kon": kon}
    for slag in SLAG:
        yield {"indelning": "slag", "indelning_varde": slag, "kon": "T"}


def _hor_till(rad: Mapping[str, Any], punkt: tuple[str, str, str, int]) -> bool:
    enhet, kon, slag, _ = punkt
    return (
        rad.get("organisation", "Totalt") in ("Totalt", enhet)
        and rad["kon"] in ("T", kon)
        and rad.get("indelning_varde", "totalt") in ("totalt", slag)
    )


def tomt_underlag() -> Underlag:
    """A warehouse without surveys and ledger."""
    text = pl.String()
    enkater = dict.fromkeys(("kommun_kod", "enkat", "malgrupp", "fraga_id", "organisation", "kon"), text)
    bakom = {"kommun_kod": text, "verksamhet": text, "ar": pl.Int32(), "manad": pl.Int32()}
    return Underlag(
        pl.DataFrame(schema=enkater | {"ar": pl.Int32(), "n_svar": pl.Int64(), "n_positiva": pl.Int64()}),
        pl.DataFrame(schema=bakom | {"n": pl.Int64(), "storsta_kr": pl.Float64()}),
        pl.DataFrame(schema={"kommun_kod": text, "verksamhet": text}),
    )


@dataclass(frozen=True)
class Utgava:
    """What came out of one publication."""

    skydd: Skydd
    mapp: Path

    def nyckeltal(self) -> pl.DataFrame:
        """The published figures, read from the file."""
        return pl.read_parquet(self.mapp / "nyckeltal.parquet")


def skydda(rot: Path, *marter: Mart, underlag: Underlag | None = None) -> Skydd:
    """The gate alone, in a workspace of its own."""
    yta = Arbetsyta(rot=rot, raw=rot / "raw", marts=rot / "marts")
    yta.lake.mkdir(parents=True, exist_ok=True)
    return rojandekontroll.skydda(marter, yta, konfig(), underlag or tomt_underlag())


def ge_ut(rot: Path, *marter: Mart, underlag: Underlag | None = None) -> Utgava:
    """The gate, the files, the last look and the ledger, as a run does it."""
    skydd = skydda(rot, *marter, underlag=underlag)

    def inspect(mapp: Path) -> None:
        skydd.granska(mapp)
        skydd.bokfor()

    return Utgava(skydd, publish(skydd.marter, rot / "marts", {}, inspect=inspect))


class Angripare:
    """Counts cases: every figure ever shown is a sum of unknown whole numbers of cases."""

    def __init__(self, manader: int) -> None:
        self.punkter = list(product(ENHETER, KON, SLAG, range(1, manader + 1)))
        self.rader: list[np.ndarray] = []
        self.undre: list[float] = []
        self.ovre: list[float] = []
        self.dolda: dict[str, np.ndarray] = {}

    def las(self, publicerat: pl.DataFrame) -> None:
        """Take in one edition: what it shows, and that what it hides is at least one."""
        for rad in publicerat.filter(pl.col("nyckeltal_id") == "utr_inkomna").iter_rows(named=True):
            vektor = self._vektor(rad)
            dold = rad["status"] == "undertryckt"
            self.rader.append(vektor)
            self.undre.append(1.0 if dold else rad["varde"])
            self.ovre.append(np.inf if dold else rad["varde"])
            if dold:
                self.dolda[
                    f"{rad['organisation']} {rad['kon']} {rad['indelning_varde']} {rad['period_start']}"
                    f"..{rad['period_slut']}"
                ] = vektor

    def _vektor(self, rad: Mapping[str, Any]) -> np.ndarray:
        fran, till = rad["period_start"].month, rad["period_slut"].month
        return np.array([float(fran <= p[3] <= till and _hor_till(rad, p)) for p in self.punkter])

    def bredd(self, vektor: np.ndarray) -> int:
        """How far apart the smallest and the largest possible value of a sum lie."""
        return round(self._kant(-vektor) + self._kant(vektor)) * -1

    def _kant(self, mal: np.ndarray) -> float:
        svar = milp(
            mal,
            constraints=LinearConstraint(np.array(self.rader), self.undre, self.ovre),
            integrality=np.ones(len(mal)),
            bounds=Bounds(0, 200),
        )
        assert svar.success, svar.message
        return float(svar.fun)


def kanda(utgavor: Sequence[Utgava], manader: int) -> Angripare:
    """An attacker who has kept every edition."""
    angripare = Angripare(manader)
    for utgava in utgavor:
        angripare.las(utgava.nyckeltal())
    return angripare
