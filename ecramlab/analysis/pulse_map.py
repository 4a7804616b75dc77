"""The write law of a device from its pulse map: which of the known laws describes the change of conductance.

Charge-driven lithium devices: linear in current and time (Tang et al., IEDM 2018). Oxygen devices: exponential in
voltage, logarithmic in time, linear in current (Kim et al., IEDM 2019; Kwak et al. 2024, Figs. 4 and 5).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ecramlab.analysis.branches import Floats, usable_conductance
from ecramlab.analysis.figure import Figure, FigureSet
from ecramlab.analysis.straight_line import StraightLine, fit_line

if TYPE_CHECKING:
    from ecramlab.runs import Run

PULSE = 1


@dataclass(frozen=True)
class MeasuredMap:
    """Mean change of conductance per pulse [S] by amplitude [V or A] (rows) and width [s] (columns), both rising.

    NaN where nothing was measured.
    """

    amplitudes: Floats
    widths: Floats
    change: Floats

    def largest(self) -> tuple[int, int]:
        """Row and column of the largest change. Raises ValueError if none was measured."""
        if not np.any(np.isfinite(self.change)):
            raise ValueError("no change of conductance was measured")
        row, column = np.unravel_index(int(np.nanargmax(np.abs(self.change))), self.change.shape)
        return int(row), int(column)


def measured_map(columns: Mapping[str, ArrayLike]) -> MeasuredMap:
    """The map from the columns of a run: phase, conductance, change, pulse_amplitude, pulse_width, and status."""
    of_pulses = np.asarray(columns["phase"]) == PULSE
    usable = np.isfinite(usable_conductance(columns))[of_pulses]
    amplitude, width, change = (
        np.asarray(columns[name], dtype=np.float64)[of_pulses] for name in ("pulse_amplitude", "pulse_width", "change")
    )
    amplitudes, widths = np.unique(amplitude), np.unique(width)
    table = np.full((len(amplitudes), len(widths)), np.nan)
    for row, level in enumerate(amplitudes):
        for column, seconds in enumerate(widths):
            here = usable & (amplitude == level) & (width == seconds) & np.isfinite(change)
            if np.any(here):
                table[row, column] = float(np.mean(change[here]))
    return MeasuredMap(amplitudes, widths, table)


def of_run(run: "Run") -> FigureSet:
    """Figures of merit of a run of the experiment pulse-map. Raises ValueError if no change was measured."""
    return figures_of_merit(run.columns, by_current=run.units["pulse_amplitude"] == "A")


def figures_of_merit(columns: Mapping[str, ArrayLike], *, by_current: bool) -> FigureSet:
    """Slopes of the laws along the row and the column of the largest change. Raises ValueError if there is none."""
    found = measured_map(columns)
    row, column = found.largest()
    of_width, of_amplitude = found.change[row], found.change[:, column]
    same_way = np.sign(found.amplitudes) == np.sign(found.amplitudes[row])
    amplitudes, changes = np.abs(found.amplitudes[same_way]), of_amplitude[same_way]
    exponential = None if by_current else fit_line(amplitudes, _logarithm(changes))
    figures = FigureSet(largest_change=Figure(float(of_width[column]), "S", "Largest change by one pulse"))
    figures |= _slope("log_width", fit_line(np.log10(found.widths), of_width), "S", "Change per decade of width")
    power = fit_line(np.log10(found.widths), _logarithm(of_width) / np.log(10.0))
    figures |= _slope("width_exponent", power, "1", "Exponent of the width")
    figures |= _slope("linear", fit_line(amplitudes, changes), "S/A" if by_current else "S/V", "Change per amplitude")
    if not by_current:
        scale = Figure.missing("V", "Voltage of the exponential law", "needs three amplitudes of one sign that write")
        if exponential is not None and exponential.slope > 0.0:
            scale = Figure(1.0 / exponential.slope, "V", scale.label)
        figures["voltage_scale"] = scale
    return figures


def _logarithm(changes: Floats) -> Floats:
    """Natural logarithm of the magnitude; NaN where nothing changed."""
    size = np.abs(changes)
    return np.log(np.where(size > 0.0, size, np.nan))


def _slope(name: str, line: StraightLine | None, unit: str, label: str) -> dict[str, Figure]:
    if line is None:
        reason = "needs three points along the map"
        return {name: Figure.missing(unit, label, reason)}
    return {name: Figure(line.slope, unit, label), f"{name}_r2": Figure(line.r_squared, "1", f"{label}, R²")}
