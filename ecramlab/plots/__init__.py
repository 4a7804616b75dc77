"""Pictures of runs as PNG, SVG or PDF, made without a screen; the kind is chosen by the name of the experiment."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecramlab.runs import Run

__all__ = ["plot_run"]

_HOMES = {
    "potentiation-depression": "ecramlab.plots.potentiation_depression",
    "pulse-map": "ecramlab.plots.pulse_map",
    "retention": "ecramlab.plots.retention",
    "transfer-curve": "ecramlab.plots.transfer_curve",
}


def plot_run(run: "Run", path: Path) -> None:
    """Draw a run into the file `path`; its suffix (.png, .svg, .pdf) says the format.

    Raises ValueError for an experiment without a plot, an unknown suffix, or a run without any conductance.
    """
    home = _HOMES.get(run.experiment)
    if home is None:
        raise ValueError(f"no plot for the experiment {run.experiment!r}; there are plots for {', '.join(_HOMES)}")
    import_module(home).save(run, path)
