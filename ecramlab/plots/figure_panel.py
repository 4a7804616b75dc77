"""The figures of merit of a run in a panel of their own, and a sheet with such a panel beside one picture."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ecramlab.analysis.figure import NONE, format_figure
from ecramlab.analysis.figure import Figure as FigureOfMerit
from ecramlab.plots import style

if TYPE_CHECKING:
    from ecramlab.runs import Run


def sheet(run: "Run", figures: Iterable[FigureOfMerit], pictures: int = 1) -> tuple[Figure, list[Axes]]:
    """A figure of its own, without a screen, with head line and panel; the axes, below each other, are for pictures."""
    figure = Figure(figsize=(11.0, 5.4), facecolor="white")
    columns = figure.add_gridspec(
        1, 2, width_ratios=(1.75, 1.0), left=0.075, right=0.97, bottom=0.11, top=0.84, wspace=0.1
    )
    style.head(figure, run)
    stack = columns[0, 0].subgridspec(pictures, 1, hspace=0.12)
    axes = [figure.add_subplot(stack[number, 0]) for number in range(pictures)]
    for one in axes:
        style.clean(one)
    write_figures(
        figure.add_subplot(columns[0, 1]), [(item.label, format_figure(item.value, item.unit)) for item in figures]
    )
    return figure, axes


def write_figures(axes: Axes, rows: Sequence[tuple[str, str]]) -> None:
    """(label, value) of each figure below each other; faint where one cannot be had."""
    axes.set(xticks=[], yticks=[], facecolor=style.BAND)
    axes.spines[:].set_visible(False)
    axes.text(0.05, 0.945, "Figures of merit", fontsize=10, weight="bold", color=style.INK, va="center")
    spacing = min(0.1, 0.81 / max(1, len(rows) - 1))  # a few rows stay together at the top
    for height, (label, value) in zip(0.86 - spacing * np.arange(len(rows)), rows, strict=True):
        colour = style.FAINT if value == NONE else style.INK
        axes.text(0.05, height, label, fontsize=style.SMALL, color=colour, va="center")
        axes.text(0.95, height, value, fontsize=style.SMALL, color=colour, va="center", ha="right", weight="bold")
