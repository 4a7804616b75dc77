"""The picture of a retention run: conductance against logarithmic time, with the exponentials that describe it."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from ecramlab.analysis.exponentials import relaxations
from ecramlab.analysis.retention import figures_of_merit, kept_curve
from ecramlab.plots import style
from ecramlab.plots.figure_panel import sheet

if TYPE_CHECKING:
    from ecramlab.runs import Run


def save(run: "Run", path: Path) -> None:
    """Draw the run into a file. Raises ValueError with fewer than two usable reads after the write."""
    draw(run).savefig(path, dpi=style.DPI)


def draw(run: "Run") -> Figure:
    """The picture as a figure of its own, without a screen. Raises ValueError as `save`."""
    figures = figures_of_merit(run.columns)
    elapsed, conductance = kept_curve(run.columns)
    figure, (axes,) = sheet(run, figures.values())
    scale, unit = style.si_scale(conductance, "S")
    axes.set(xscale="log", xlabel="Time since the write (s)", ylabel=f"Conductance ({unit})")
    axes.plot(elapsed, scale * conductance, "o", color=style.BLUE, markersize=3.5, markeredgewidth=0.0)
    found = relaxations(elapsed, conductance)
    if found is not None:
        t = np.geomspace(elapsed[0], elapsed[-1], 300)
        label = f"{len(found.times)} exponential{'s' if len(found.times) > 1 else ''}"
        axes.plot(t, scale * found.at(t), color=style.VERMILION, lw=1.4, label=label)
        axes.legend(frameon=False, fontsize=style.SMALL)
    axes.margins(y=0.12)
    return figure
