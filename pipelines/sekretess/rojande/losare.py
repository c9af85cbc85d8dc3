"""One linear model in HiGHS: whole-number bounds and rows, solved again and again for new objectives.

Only place that talks to `highspy`. An answer is optimal and proven, or `GranskningOviss` is raised.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipelines.errors import TertialError
from pipelines.sekretess.rojande.kunskap import Villkor

if TYPE_CHECKING:
    import highspy

TOLERANS = 1e-6
#: the search for whole numbers ends here, the same on every machine: what is not proven by then counts as not proven
NODER = 2000


class GranskningOviss(TertialError):
    """The audit could not be finished: time ran out or the solver gave no proof. Nothing may be published."""

    def __init__(self, orsak: str) -> None:
        self.orsak = orsak
        super().__init__(
            f"Granskningen av sekretessen blev inte klar ({orsak}).",
            "Inget publiceras. Förenkla tabellen i expectations/sekretess/: färre indelningar i urval, eller fler "
            "steg i utvagar. Höj annars tidsgrans_s där.",
        )


class Frist:
    """One deadline shared by every solve of a run, in processor time: how busy the machine is decides nothing.

    Looked at between solves; `barn` sees to it that no single solve outlives it.
    """

    def __init__(self, sekunder: float) -> None:
        self._slut = time.process_time() + sekunder

    def kvar(self) -> float:
        """Seconds left; raises GranskningOviss when there are none."""
        kvar = self._slut - time.process_time()
        if kvar <= 0:
            raise GranskningOviss("tidsgränsen är nådd")
        return kvar


class Modell:
    """Rows and bounds of one component.

    omstart: many objectives over the same rows, each started from the last basis; False for a single solve.
    """

    def __init__(
        self,
        undre: Sequence[float],
        ovre: Sequence[float],
        villkor: Sequence[Villkor],
        frist: Frist,
        *,
        omstart: bool = True,
    ) -> None:
        import highspy

        self._hs = highspy
        self._besked = {getattr(highspy.HighsModelStatus, one) for one in ("kOptimal", "kInfeasible", "kSolutionLimit")}
        self.antal = len(undre)
        self.frist = frist
        self.undre, self.ovre = np.asarray(undre, float), np.asarray(ovre, float)
        self._alla = np.arange(self.antal, dtype=np.int32)
        langder = [len(rad) for rad, _, _ in villkor]
        self._start = np.concatenate(([0], np.cumsum(langder))).astype(np.int32)
        self._index = np.fromiter((i for rad, _, _ in villkor for i in rad), np.int32, int(self._start[-1]))
        self._koefficient = np.fromiter((k for rad, _, _ in villkor for k in rad.values()), float, len(self._index))
        oandlig = highspy.kHighsInf
        self._rad_undre = np.array([-oandlig if lo is None else lo for _, lo, _ in villkor], float)
        self._rad_ovre = np.array([oandlig if hi is None else hi for _, _, hi in villkor], float)
        self._lp = self._ny(omstart=omstart)
        self._milp: highspy.Highs | None = None

    def _ny(self, *, heltal: bool = False, omstart: bool = False) -> highspy.Highs:
        hs = self._hs
        motor: highspy.Highs = hs.Highs()
        motor.setOptionValue("output_flag", False)
        motor.setOptionValue("threads", 1)
        motor.setOptionValue("random_seed", 0)
        if heltal:  # objectives that count are whole numbers: closer than one is proven
            motor.setOptionValue("mip_rel_gap", 0.0)
            motor.setOptionValue("mip_abs_gap", 0.99)
            motor.setOptionValue("mip_max_nodes", NODER)
        if omstart:
            motor.setOptionValue("presolve", "off")  # keep the basis: the next objective starts where this one ended
            motor.setOptionValue("solver", "simplex")
            motor.setOptionValue("simplex_strategy", 4)  # primal: a new objective leaves the basis feasible
        lp = hs.HighsLp()
        lp.num_col_, lp.num_row_ = self.antal, len(self._rad_undre)
        lp.col_cost_ = np.zeros(self.antal)
        lp.col_lower_, lp.col_upper_ = self.undre, self.ovre
        lp.row_lower_, lp.row_upper_ = self._rad_undre, self._rad_ovre
        lp.a_matrix_.format_ = hs.MatrixFormat.kRowwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = self._start, self._index, self._koefficient
        if heltal:
            lp.integrality_ = [hs.HighsVarType.kInteger] * self.antal
        if motor.passModel(lp) == hs.HighsStatus.kError:
            raise GranskningOviss("lösaren tog inte emot modellen")
        return motor

    def satt_granser(self, index: int, undre: float, ovre: float) -> None:
        """Narrow or restore one variable's bounds for the solves that follow."""
        self._lp.changeColBounds(index, undre, ovre)
        if self._milp is not None:
            self._milp.changeColBounds(index, undre, ovre)
        self.undre[index], self.ovre[index] = undre, ovre

    def minimera(self, mal: NDArray[np.float64], *, heltal: bool = False) -> tuple[float, NDArray[np.float64]] | None:
        """Minimum and a point that has it; None when proven infeasible.

        -inf for the minimum when the search for whole numbers ended before it was proven (the point may be empty).
        """
        self.frist.kvar()
        if heltal and self._milp is None:
            self._milp = self._ny(heltal=True)
        motor = self._milp if heltal and self._milp is not None else self._lp
        status = self._los(motor, mal)
        if status not in self._besked:  # a warm start can lose its way: once more from nothing
            self.frist.kvar()
            motor = self._ny(heltal=heltal)
            status = self._los(motor, mal)
            if not heltal:
                self._lp = self._ny(omstart=True)
        if status == self._hs.HighsModelStatus.kOptimal:
            return float(motor.getObjectiveValue()), np.asarray(motor.getSolution().col_value)
        if status == self._hs.HighsModelStatus.kInfeasible:
            return None
        if status == self._hs.HighsModelStatus.kSolutionLimit and heltal:
            funnen = motor.getInfo().primal_solution_status == self._hs.kSolutionStatusFeasible
            return -np.inf, np.asarray(motor.getSolution().col_value if funnen else [])
        self.frist.kvar()
        raise GranskningOviss(f"lösaren svarade {motor.modelStatusToString(status)}")

    def _los(self, motor: highspy.Highs, mal: NDArray[np.float64]) -> highspy.HighsModelStatus:
        motor.changeColsCost(self.antal, self._alla, mal)
        motor.run()
        return motor.getModelStatus()

    def heltalspunkt(self, punkt: NDArray[np.float64]) -> NDArray[np.int64] | None:
        """The point as whole numbers when it is one and keeps every bound and row exactly; else None."""
        hel = np.rint(punkt)
        if (
            len(hel) != self.antal
            or np.abs(punkt - hel).max(initial=0.0) > TOLERANS
            or (hel < self.undre).any()
            or (hel > self.ovre).any()
        ):
            return None
        summor = (
            np.add.reduceat(self._koefficient * hel[self._index], self._start[:-1]) if len(self._index) else hel[:0]
        )
        if (summor < self._rad_undre).any() or (summor > self._rad_ovre).any():
            return None
        return hel.astype(np.int64)
