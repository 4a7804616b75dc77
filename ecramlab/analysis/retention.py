"""How a written state is kept: loss, the laws that retention data are described by, and relaxation times."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ecramlab.analysis.branches import Floats, usable_conductance
from ecramlab.analysis.exponentials import relaxations
from ecramlab.analysis.figure import Figure, FigureSet
from ecramlab.analysis.straight_line import fit_line

if TYPE_CHECKING:
    from ecramlab.runs import Run

AFTER = 1
FADING = "the conductance did not fall"


def of_run(run: "Run") -> FigureSet:
    """Figures of merit of a run of the experiment retention. Raises ValueError with fewer than two usable reads."""
    return figures_of_merit(run.columns)


def kept_curve(columns: Mapping[str, ArrayLike]) -> tuple[Floats, Floats]:
    """Time since the write [s] and conductance [S] of the usable reads after it, from the columns of a run.

    Raises ValueError with fewer than two of them.
    """
    conductance = usable_conductance(columns)
    good = (np.asarray(columns["phase"]) == AFTER) & np.isfinite(conductance)
    if np.count_nonzero(good) < 2:
        raise ValueError("fewer than two reads after the write are usable, so there are no figures of merit")
    return np.asarray(columns["elapsed"], dtype=np.float64)[good], conductance[good]


def figures_of_merit(columns: Mapping[str, ArrayLike]) -> FigureSet:
    """Loss between first and last read, time and exponent of the two usual laws, and relaxation times.

    Raises ValueError with fewer than two usable reads.
    """
    t, conductance = kept_curve(columns)
    return FigureSet(
        conductance_first=Figure(float(conductance[0]), "S", "Conductance, first read"),
        conductance_last=Figure(float(conductance[-1]), "S", "Conductance, last read"),
        elapsed_last=Figure(float(t[-1]), "s", "Time of the last read"),
        loss=Figure(float(100.0 * (1.0 - conductance[-1] / conductance[0])), "%", "Loss, first to last read"),
        time_constant=_time_constant(t, conductance),
        drift_exponent=_drift_exponent(t, conductance),
        **_relaxation_times(t, conductance),
    )


def _time_constant(t: Floats, conductance: Floats) -> Figure:
    """τ of G = G0 exp(−t/τ)."""
    label = "Time constant if exponential"
    line = fit_line(t, np.log(np.where(conductance > 0.0, conductance, np.nan)))
    if line is None or line.slope >= 0.0:
        return Figure.missing("s", label, FADING if line else "needs three reads")
    return Figure(-1.0 / line.slope, "s", label)


def _drift_exponent(t: Floats, conductance: Floats) -> Figure:
    """ν of G ∝ t^−ν."""
    label = "Exponent if a power law"
    line = fit_line(np.log(t), np.log(np.where(conductance > 0.0, conductance, np.nan)))
    if line is None or line.slope >= 0.0:
        return Figure.missing("1", label, FADING if line else "needs three reads")
    return Figure(-line.slope, "1", label)


def _relaxation_times(t: Floats, conductance: Floats) -> dict[str, Figure]:
    found = relaxations(t, conductance)
    if found is None:
        return {"relaxation_1": Figure.missing("s", "Relaxation time 1", "too few reads, or no change")}
    return {
        f"relaxation_{number}": Figure(time, "s", f"Relaxation time {number}")
        for number, time in enumerate(found.times, start=1)
    }
