"""The picture of a pulse map: the change by one pulse against its width, one line an amplitude."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ecramlab.analysis.pulse_map import MeasuredMap, measured_map, of_run
from ecramlab.parameters import format_quantity
from ecramlab.plots import style
from ecramlab.plots.figure_panel import sheet

if TYPE_CHECKING:
    from ecramlab.runs import Run

MOST_NAMED = 8  # lines; with more, the legend names some of them


def save(run: "Run", path: Path) -> None:
    """Draw the run into a file. Raises ValueError if no change of the conductance was measured."""
    draw(run).savefig(path, dpi=style.DPI)


def draw(run: "Run") -> Figure:
    """The picture as a figure of its own, without a screen. Raises ValueError as `save`."""
    figure, (axes,) = sheet(run, of_run(run).values())
    found = measured_map(run.columns)
    scale, unit = style.si_scale(found.change, "S")
    axes.set_ylabel(f"Change by one pulse ({unit})")
    if len(found.widths) > 1:
        _draw_against_width(axes, found, scale, run.units["pulse_amplitude"])
    else:
        axes.set_xlabel(f"Amplitude ({run.units['pulse_amplitude']})")
        axes.plot(found.amplitudes, scale * found.change[:, 0], "o-", color=style.BLUE, markersize=4, lw=1.2)
    axes.margins(y=0.08)
    return figure


def _draw_against_width(axes: Axes, found: MeasuredMap, scale: float, unit: str) -> None:
    axes.set(xscale="log", xlabel="Pulse width (s)")
    colours = colormaps["cividis"](np.linspace(0.0, 0.9, len(found.amplitudes)))
    every = -(-len(found.amplitudes) // MOST_NAMED)
    for number, (amplitude, change) in enumerate(zip(found.amplitudes, found.change, strict=True)):
        label = format_quantity(float(amplitude), unit) if number % every == 0 else "_"
        axes.plot(found.widths, scale * change, "o-", color=colours[number], markersize=4, lw=1.2, label=label)
    axes.legend(frameon=False, fontsize=style.SMALL)
