"""Figures of merit of a transfer curve: range, hysteresis and gate leakage."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ecramlab.analysis.branches import Floats, usable_conductance
from ecramlab.analysis.figure import Figure, FigureSet

if TYPE_CHECKING:
    from ecramlab.runs import Run

THERE, BACK = 0, 1
NO_BRANCH = "the sweep there and back was not complete"


def of_run(run: "Run") -> FigureSet:
    """Figures of merit of a run of the experiment transfer-curve. Raises ValueError if nothing was measured."""
    return figures_of_merit(run.columns)


def figures_of_merit(columns: Mapping[str, ArrayLike]) -> FigureSet:
    """From the columns phase, cycle, gate_level, conductance, gate_current; those of the last complete cycle count.

    Raises ValueError if no conductance was measured.
    """
    conductance = usable_conductance(columns)
    measured = conductance[np.isfinite(conductance)]
    if not len(measured):
        raise ValueError("no conductance was measured, so there are no figures of merit")
    low, high = float(measured.min()), float(measured.max())
    leakage = np.abs(np.asarray(columns["gate_current"], dtype=np.float64))
    return FigureSet(
        conductance_min=Figure(low, "S", "Lowest conductance"),
        conductance_max=Figure(high, "S", "Highest conductance"),
        change=_change(low, high),
        branch_ratio=_branch_ratio(columns, conductance),
        window_width=_window_width(columns, conductance),
        gate_current_max=Figure(float(np.nanmax(leakage)), "A", "Largest gate current")
        if np.any(np.isfinite(leakage))
        else Figure.missing("A", "Largest gate current", "gate current was not measured"),
    )


def _change(low: float, high: float) -> Figure:
    label = "Largest change of conductance"
    if low <= 0.0:
        return Figure.missing("%", label, "the lowest conductance is not above 0")
    return Figure(100.0 * (high / low - 1.0), "%", label)


def _branch_ratio(columns: Mapping[str, ArrayLike], conductance: Floats) -> Figure:
    label = "Ratio of the branches at 0 V"
    there, back = (_along(columns, conductance, phase) for phase in (THERE, BACK))
    if there is None or back is None or not all(branch[0][0] <= 0.0 <= branch[0][-1] for branch in (there, back)):
        return Figure.missing("1", label, NO_BRANCH + ", or does not pass 0 V")
    levels = [float(np.interp(0.0, *branch)) for branch in (there, back)]
    if min(levels) <= 0.0:
        return Figure.missing("1", label, "a conductance is not above 0")
    return Figure(max(levels) / min(levels), "1", label)


def _window_width(columns: Mapping[str, ArrayLike], conductance: Floats) -> Figure:
    """Distance of the two branches at the geometric mean of their common range."""
    label = "Width of the hysteresis window"
    there, back = (_along(columns, conductance, phase) for phase in (THERE, BACK))
    if there is None or back is None:
        return Figure.missing("V", label, NO_BRANCH)
    low, high = max(there[1].min(), back[1].min()), min(there[1].max(), back[1].max())
    if not 0.0 < low < high:
        return Figure.missing("V", label, "the branches share no conductance")
    middle = float(np.sqrt(low * high))
    crossings = [_crossing(*branch, middle) for branch in (there, back)]
    return Figure(abs(crossings[1] - crossings[0]), "V", label)


def _along(columns: Mapping[str, ArrayLike], conductance: Floats, phase: int) -> tuple[Floats, Floats] | None:
    """Gate voltage, rising, and conductance of one direction of the last cycle; None with fewer than two points."""
    cycle = np.asarray(columns["cycle"])
    back = cycle[np.asarray(columns["phase"]) == BACK]
    here = (np.asarray(columns["phase"]) == phase) & np.isfinite(conductance)
    here &= cycle == (back.max() if len(back) else -1)
    if np.count_nonzero(here) < 2:
        return None
    level = np.asarray(columns["gate_level"], dtype=np.float64)[here]
    order = np.argsort(level, kind="stable")
    return level[order], conductance[here][order]


def _crossing(level: Floats, conductance: Floats, middle: float) -> float:
    """First gate voltage at which a branch passes `middle`, which lies within its range."""
    k = int(np.flatnonzero(np.diff(np.signbit(conductance - middle)))[0])
    share = (middle - conductance[k]) / (conductance[k + 1] - conductance[k])
    return float(level[k] + share * (level[k + 1] - level[k]))
