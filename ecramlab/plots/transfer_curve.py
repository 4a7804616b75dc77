"""The picture of a transfer curve: conductance against gate voltage, there and back, and the gate current below."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ecramlab.analysis.branches import Floats, usable_conductance
from ecramlab.analysis.transfer_curve import BACK, THERE, figures_of_merit
from ecramlab.plots import style
from ecramlab.plots.figure_panel import sheet

if TYPE_CHECKING:
    from ecramlab.runs import Run

WAYS = {THERE: (style.BLUE, "there"), BACK: (style.VERMILION, "back")}
DECADE = 10.0


def save(run: "Run", path: Path) -> None:
    """Draw the run into a file. Raises ValueError if no conductance was measured."""
    draw(run).savefig(path, dpi=style.DPI)


def draw(run: "Run") -> Figure:
    """The picture as a figure of its own, without a screen. Raises ValueError if no conductance was measured."""
    figure, (upper, lower) = sheet(run, figures_of_merit(run.columns).values(), pictures=2)
    gate_current = np.abs(np.asarray(run.columns["gate_current"], dtype=np.float64))
    _draw_ways(upper, run, usable_conductance(run.columns), "Conductance", "S")
    _draw_ways(lower, run, gate_current, "|Gate current|", "A")
    upper.tick_params(labelbottom=False)
    upper.legend(frameon=False, fontsize=style.SMALL)
    lower.set_xlabel("Gate voltage (V)")
    return figure


def _draw_ways(axes: Axes, run: "Run", values: Floats, name: str, unit: str) -> None:
    """One line for each way of each cycle, on a logarithmic scale where the values span more than a decade."""
    scale, prefixed = style.si_scale(values, unit)
    axes.set_ylabel(f"{name} ({prefixed})")
    positive = np.where(values > 0.0, scale * values, np.nan)
    if np.any(np.isfinite(positive)) and np.nanmax(positive) > DECADE * np.nanmin(positive):
        axes.set_yscale("log")
    phase, cycle, level = (np.asarray(run.columns[key]) for key in ("phase", "cycle", "gate_level"))
    for way, (colour, label) in WAYS.items():
        for number in np.unique(cycle):
            here = (phase == way) & (cycle == number)
            settings: dict[str, Any] = {"label": label} if number == 0 else {}
            axes.plot(level[here], positive[here], color=colour, lw=1.2, marker=".", markersize=3, **settings)
