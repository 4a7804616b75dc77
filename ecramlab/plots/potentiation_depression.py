"""The picture of a P/D run: conductance along the run, branches laid over each other with the fit, and the figures."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ecramlab.analysis.branch_fit import normalised_branch
from ecramlab.analysis.branches import DEPRESSION, POTENTIATION, Branch, split_branches, usable_conductance
from ecramlab.analysis.figure import format_figure
from ecramlab.analysis.potentiation_depression import FiguresOfMerit, figures_of_merit, pulse_counts
from ecramlab.plots import style
from ecramlab.plots.figure_panel import write_figures

if TYPE_CHECKING:
    from ecramlab.runs import Run

COLOURS = {POTENTIATION: style.BLUE, DEPRESSION: style.VERMILION}
NAMES = {POTENTIATION: "potentiation", DEPRESSION: "depression"}
MOST_MARKERS = 600  # points; beyond, markers would run into a smear
MOST_BANDS = 40  # cycles; beyond, bands would be finer than the eye sees


def save(run: "Run", path: Path) -> None:
    """Draw the run into a file. Raises ValueError if no conductance was measured."""
    draw(run).savefig(path, dpi=style.DPI)


def draw(run: "Run") -> Figure:
    """The picture as a figure of its own, without a screen. Raises ValueError if no conductance was measured."""
    counts = pulse_counts(run.parameters)
    figures = figures_of_merit(run.columns, counts)
    branches = split_branches(run.columns, counts)
    figure = Figure(figsize=(11.0, 7.6), facecolor="white")
    grid = figure.add_gridspec(
        2, 2, width_ratios=(1.75, 1.0), left=0.075, right=0.97, bottom=0.075, top=0.875, hspace=0.3, wspace=0.1
    )
    style.head(figure, run)
    conductance = usable_conductance(run.columns)
    scale, unit = style.si_scale(conductance, "S")
    _draw_course(figure.add_subplot(grid[0, :]), branches, conductance, scale, unit)
    _draw_overlay(figure.add_subplot(grid[1, 0]), branches, figures, scale, unit)
    write_figures(figure.add_subplot(grid[1, 1]), table(figures))
    return figure


# ------------------------------------------------------------------------------------------- along the run


def _draw_course(axes: Axes, branches: Sequence[Branch], conductance: Any, scale: float, unit: str) -> None:
    style.clean(axes)
    axes.set_ylabel(f"Conductance ({unit})")
    axes.set_xlabel("Gate pulses sent")
    if not branches:
        axes.plot([0.0], scale * conductance[np.isfinite(conductance)][:1], "o", color=style.INK)
        return
    starts = np.concatenate([[0.0], np.cumsum([branch.pulses[-1] for branch in branches])])
    marker = "." if sum(len(branch.pulses) for branch in branches) <= MOST_MARKERS else ""
    for start, branch in zip(starts, branches, strict=False):
        colour = COLOURS[branch.phase]
        axes.plot(start + branch.pulses, scale * branch.conductance, color=colour, marker=marker, markersize=4, lw=1.2)
    axes.set_xlim(0.0, starts[-1])
    axes.margins(y=0.08)
    _mark_cycles(axes, branches, starts)


def _mark_cycles(axes: Axes, branches: Sequence[Branch], starts: Any) -> None:
    """Every other cycle on a band, each with its number while there is room for it."""
    cycles = sorted({branch.cycle for branch in branches})
    if len(cycles) > MOST_BANDS:
        return
    for cycle in cycles:
        own = [k for k, branch in enumerate(branches) if branch.cycle == cycle]
        left, right = starts[own[0]], starts[own[-1] + 1]
        if cycle % 2 == 0:
            axes.axvspan(left, right, color=style.BAND, lw=0, zorder=0)
        text = f"cycle {cycle + 1}" if len(cycles) <= 10 else f"{cycle + 1}"
        axes.text(
            (left + right) / 2,
            1.015,
            text,
            transform=axes.get_xaxis_transform(),
            ha="center",
            va="bottom",
            fontsize=style.SMALL,
            color=style.FAINT,
        )


# ------------------------------------------------------------------------------------------- laid over each other


def _draw_overlay(axes: Axes, branches: Sequence[Branch], figures: FiguresOfMerit, scale: float, unit: str) -> None:
    style.clean(axes)
    axes.set_ylabel(f"Conductance ({unit})")
    axes.set_xlabel("Gate pulses in the branch")
    lines = []
    for phase, figure in (
        (POTENTIATION, figures.curvature_potentiation),
        (DEPRESSION, figures.curvature_depression),
    ):
        own = [branch for branch in branches if branch.phase == phase]
        if own:
            lines += _draw_phase(axes, own, phase, figure.value, scale)
    axes.margins(x=0.02, y=0.08)
    axes.set_xlim(left=0.0)
    axes.set_ylim(top=axes.get_ylim()[1] + 0.16 * np.ptp(axes.get_ylim()))  # room for the legend above the data
    axes.legend(handles=lines, loc="upper center", ncols=2, frameon=False, fontsize=style.SMALL)


def _draw_phase(axes: Axes, branches: Sequence[Branch], phase: int, u: float | None, scale: float) -> list[Line2D]:
    """All branches of a phase, and the mean fit between the mean end points; gives the lines for the legend."""
    colour = COLOURS[phase]
    dots: dict[str, Any] = {"color": colour, "linestyle": "", "marker": "o", "markersize": 3.0, "markeredgewidth": 0.0}
    for branch in branches:
        axes.plot(branch.pulses, scale * branch.conductance, alpha=min(0.6, max(0.15, 1.2 / len(branches))), **dots)
    cycles = f"{NAMES[phase]}, {len(branches)} cycle" + ("s" if len(branches) > 1 else "")
    lines = [Line2D([], [], label=cycles, **dots)]
    complete = [branch for branch in branches if branch.complete]
    if u is not None and complete:
        x = np.linspace(0.0, 1.0, 300)
        start = np.mean([branch.conductance[0] for branch in complete])
        change = np.mean([branch.change for branch in complete])
        label = f"fit, u = {u:.3g}"
        fit = axes.plot(
            x * complete[0].pulses[-1],
            scale * (start + change * normalised_branch(x, u)),
            color=colour,
            lw=1.4,
            label=label,
        )
        lines += fit
    return lines


def table(figures: FiguresOfMerit) -> list[tuple[str, str]]:
    """Label and value of the figures that the panel shows: u stands at the fits, and D says the same as the label."""
    return [
        (figure["label"], format_figure(figure["value"], figure["unit"]))
        for name, figure in figures.as_dict().items()
        if not name.startswith(("curvature", "deviation"))
    ]
