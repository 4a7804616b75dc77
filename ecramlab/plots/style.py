"""Looks shared by all plots: colours that colour-blind readers can tell apart, SI prefixes on axes, head lines."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

if TYPE_CHECKING:
    from ecramlab.runs import Run

# Okabe and Ito, "Color Universal Design" (2008).
BLUE, VERMILION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
INK, FAINT, BAND = "#222222", "#888888", "#F2F4F7"
DPI = 150
SMALL = 8.5

_PREFIXES = {-15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G"}


def si_scale(values: ArrayLike, unit: str) -> tuple[float, str]:
    """Factor and unit with prefix that make `values` readable: 2.4e-8 S -> (1e9, "nS")."""
    finite = np.abs(np.asarray(values, dtype=np.float64))
    finite = finite[np.isfinite(finite) & (finite > 0.0)]
    exponent = 0 if not len(finite) else int(np.floor(np.log10(finite.max()) / 3.0)) * 3
    exponent = min(max(exponent, min(_PREFIXES)), max(_PREFIXES))
    return 10.0**-exponent, f"{_PREFIXES[exponent]}{unit}"


def clean(axes: Axes) -> None:
    """Frame and ticks that leave the eye to the data."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(FAINT)
    axes.tick_params(colors=INK, labelsize=SMALL, color=FAINT)
    axes.grid(axis="y", color="#E3E6EA", linewidth=0.6)
    axes.set_axisbelow(True)


def head(figure: Figure, run: "Run") -> None:
    """Title, sample and run id on the left; on the right, where the numbers come from."""
    figure.text(0.075, 0.955, run.title, fontsize=14, weight="bold", color=INK, va="center")
    status = run.status if not run.status_reason else f"{run.status} ({_shortened(run.status_reason)})"
    facts = [f"sample {run.sample['name']}", f"{run.start_time:%Y-%m-%d %H:%M}", f"run {run.run_id[:8]}", status]
    figure.text(0.075, 0.918, "  ·  ".join(facts), fontsize=9, color=FAINT, va="center")
    word, colour = ("EMULATED CHIP", ORANGE) if run.emulated else ("REAL BENCH", GREEN)
    mark = {"boxstyle": "round,pad=0.5", "facecolor": colour, "edgecolor": "none"}
    text_colour = INK if run.emulated else "white"
    figure.text(0.963, 0.945, word, fontsize=10, weight="bold", color=text_colour, ha="right", va="center", bbox=mark)


def _shortened(text: str, length: int = 60) -> str:
    line = text.splitlines()[0]
    return line if len(line) <= length else line[: length - 1] + "…"
