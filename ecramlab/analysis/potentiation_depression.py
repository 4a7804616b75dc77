"""Figures of merit of a P/D curve: range, nonlinearity of both branches, symmetry, spread, states, drift and energy.

Nonlinearity is the label of the NeuroSim framework (Chen, Peng and Yu, IEEE TCAD 37, 3067, 2018), mean over the
cycles; by its convention a depression that starts fast has a negative label.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ecramlab.analysis.branch_fit import fit_curvature
from ecramlab.analysis.branches import (
    DEPRESSION,
    POTENTIATION,
    Branch,
    Floats,
    of_phase,
    split_branches,
    usable_conductance,
)
from ecramlab.analysis.figure import Figure
from ecramlab.analysis.step_law import StepLaw, compare, fit_steps
from emulator.linearity import label_from_curvature, largest_deviation

if TYPE_CHECKING:
    from ecramlab.runs import Run

NO_BRANCH = "no complete branch"
NO_CHANGE = "the conductance did not change"
ONE_CYCLE = "needs two complete cycles"


@dataclass(frozen=True)
class FiguresOfMerit:
    """All figures of merit of a P/D curve."""

    conductance_min: Figure
    conductance_max: Figure
    on_off_ratio: Figure
    label_potentiation: Figure
    label_depression: Figure
    curvature_potentiation: Figure
    curvature_depression: Figure
    deviation_potentiation: Figure
    deviation_depression: Figure
    asymmetry: Figure
    symmetry_point: Figure
    step_spread: Figure
    conductance_spread: Figure
    states: Figure
    window_drift: Figure
    energy_per_conductance: Figure

    def as_dict(self) -> dict[str, dict[str, Any]]:
        """{name: {"value", "unit", "label"}}, with "reason" where the value is None."""
        return {field.name: getattr(self, field.name).as_dict() for field in fields(self)}


def of_run(run: "Run") -> FiguresOfMerit:
    """Figures of merit of a run of the experiment potentiation-depression. Raises as `figures_of_merit`."""
    return figures_of_merit(run.columns, pulse_counts(run.parameters))


def pulse_counts(parameters: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Pulses of a complete potentiation and depression branch, as far as the parameters of a run tell."""
    return parameters.get("up"), parameters.get("down")


def figures_of_merit(
    columns: Mapping[str, ArrayLike], counts: tuple[int | None, int | None] = (None, None)
) -> FiguresOfMerit:
    """Figures of merit from the columns of a run, SI units, one value a row.

    Needs phase, cycle, pulse, conductance; uses status, gate_voltage, gate_current and pulse_width where they are.
    `counts` as in `split_branches`. Incomplete branches count for the conductance range only.
    Raises ValueError if no conductance was measured at all.
    """
    conductance = usable_conductance(columns)
    measured = conductance[np.isfinite(conductance)]
    if not len(measured):
        raise ValueError(f"no conductance was measured in {len(conductance)} rows, so there are no figures of merit")
    low, high = float(measured.min()), float(measured.max())
    branches = split_branches(columns, counts)
    up, down = of_phase(branches, POTENTIATION), of_phase(branches, DEPRESSION)
    label_up, curvature_up, deviation_up = _nonlinearity(up, "potentiation", sign=1)
    label_down, curvature_down, deviation_down = _nonlinearity(down, "depression", sign=-1)
    law_up, law_down = fit_steps(up), fit_steps(down)
    asymmetry, symmetry_point = _symmetry(law_up, law_down)
    return FiguresOfMerit(
        conductance_min=Figure(low, "S", "Lowest conductance"),
        conductance_max=Figure(high, "S", "Highest conductance"),
        on_off_ratio=_ratio(low, high),
        label_potentiation=label_up,
        label_depression=label_down,
        curvature_potentiation=curvature_up,
        curvature_depression=curvature_down,
        deviation_potentiation=deviation_up,
        deviation_depression=deviation_down,
        asymmetry=asymmetry,
        symmetry_point=symmetry_point,
        step_spread=_step_spread(up, down, law_up, law_down),
        conductance_spread=_conductance_spread(up, down, high - low),
        states=_states([*up, *down], high - low),
        window_drift=_window_drift(up),
        energy_per_conductance=_energy([*up, *down], columns),
    )


def _ratio(low: float, high: float) -> Figure:
    label = "On/off ratio"
    if low <= 0.0:
        return Figure.missing("1", label, "the lowest conductance is not above 0")
    return Figure(high / low, "1", label)


def _nonlinearity(branches: Sequence[Branch], name: str, sign: int) -> tuple[Figure, Figure, Figure]:
    labels = (f"Nonlinearity label, {name}", f"Curvature u, {name}", f"Largest deviation from straight, {name}")
    curvatures = [u for branch in branches if (u := fit_curvature(branch)) is not None]
    if not curvatures:
        reason = NO_CHANGE if branches else NO_BRANCH
        first, second, third = (Figure.missing(unit, label, reason) for unit, label in zip("11%", labels, strict=True))
        return first, second, third
    return (
        Figure(sign * _mean([label_from_curvature(u) for u in curvatures]), "1", labels[0]),
        Figure(_mean(curvatures), "1", labels[1]),
        Figure(100.0 * _mean([largest_deviation(u) for u in curvatures]), "%", labels[2]),
    )


def _symmetry(up: StepLaw | None, down: StepLaw | None) -> tuple[Figure, Figure]:
    mean_label, point_label = "Asymmetry, mean", "Symmetry point"
    if up is None or down is None:
        reason = "needs a complete branch up and one down"
        return Figure.missing("1", mean_label, reason), Figure.missing("S", point_label, reason)
    found = compare(up, down)
    return (
        Figure(found.asymmetry, "1", mean_label, found.asymmetry_reason),
        Figure(found.point, "S", point_label, found.point_reason),
    )


def _step_spread(
    up: Sequence[Branch], down: Sequence[Branch], law_up: StepLaw | None, law_down: StepLaw | None
) -> Figure:
    """Standard deviation of the steps around their smooth law, over the mean step."""
    label = "Cycle-to-cycle spread, of a step"
    laws = [law for law in (law_up, law_down) if law is not None and law.residual is not None]
    if min(len(up), len(down)) < 2 or not laws:
        return Figure.missing("%", label, ONE_CYCLE)
    residual = np.sqrt(_mean([law.residual**2 for law in laws if law.residual is not None]))
    return Figure(float(100.0 * residual / _mean([law.mean_step for law in laws])), "%", label)


def _conductance_spread(up: Sequence[Branch], down: Sequence[Branch], window: float) -> Figure:
    """Standard deviation over cycles of the conductance after equal numbers of pulses, over the window."""
    label = "Cycle-to-cycle spread, of the window"
    variances = [np.var(levels, axis=0, ddof=1) for levels in map(_levels, (up, down)) if len(levels) > 1]
    if not variances or window == 0.0:
        return Figure.missing("%", label, NO_CHANGE if variances else ONE_CYCLE)
    return Figure(float(100.0 * np.sqrt(np.mean(np.concatenate(variances))) / window), "%", label)


def _levels(branches: Sequence[Branch]) -> list[Floats]:
    """Conductance by pulse of those branches that were read after the same pulses as the first."""
    return [branch.conductance for branch in branches if np.array_equal(branch.pulses, branches[0].pulses)]


def _states(branches: Sequence[Branch], window: float) -> Figure:
    label = "States (window / mean step)"
    if not branches:
        return Figure.missing("1", label, NO_BRANCH)
    step = _mean([abs(branch.change) / branch.pulses[-1] for branch in branches])
    if step == 0.0:
        return Figure.missing("1", label, NO_CHANGE)
    return Figure(window / step, "1", label)


def _window_drift(branches: Sequence[Branch]) -> Figure:
    """Slope of the potentiation window over the cycles, over its mean."""
    label = "Drift of the window per cycle"
    windows = np.array([branch.change for branch in branches])
    if len(windows) < 2 or windows.mean() == 0.0:
        return Figure.missing("%", label, ONE_CYCLE if len(windows) < 2 else NO_CHANGE)
    slope = np.polyfit([branch.cycle for branch in branches], windows, 1)[0]
    return Figure(float(100.0 * slope / windows.mean()), "%", label)


def _energy(branches: Sequence[Branch], columns: Mapping[str, ArrayLike]) -> Figure:
    """Gate energy |V I| t of the pulses over the change of conductance that they made."""
    label, names = "Write energy per conductance change", ("gate_voltage", "gate_current", "pulse_width")
    if not branches:
        return Figure.missing("J/S", label, NO_BRANCH)
    if not all(name in columns for name in names):
        return Figure.missing("J/S", label, "gate current was not measured")
    voltage, current, width = (np.asarray(columns[name], dtype=np.float64) for name in names)
    pulse_energy = np.concatenate([np.abs(voltage * current * width)[branch.rows] for branch in branches])
    if not np.any(np.isfinite(pulse_energy)):
        return Figure.missing("J/S", label, "gate current was not measured")
    step = _mean([abs(branch.change) / branch.pulses[-1] for branch in branches])
    if step == 0.0:
        return Figure.missing("J/S", label, NO_CHANGE)
    return Figure(float(np.nanmean(pulse_energy)) / step, "J/S", label)


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))
