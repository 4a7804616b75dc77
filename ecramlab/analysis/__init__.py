"""Figures of merit of runs: pure functions on arrays, chosen by the name of the experiment."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ecramlab.analysis.figure import table_rows as table_rows

if TYPE_CHECKING:
    from ecramlab.runs import Run

__all__ = ["figures", "table_rows"]

_HOMES = {
    "potentiation-depression": "ecramlab.analysis.potentiation_depression",
    "pulse-map": "ecramlab.analysis.pulse_map",
    "retention": "ecramlab.analysis.retention",
    "transfer-curve": "ecramlab.analysis.transfer_curve",
}


def figures(run: "Run") -> dict[str, dict[str, Any]]:
    """Figures of merit of a run: {name: {"value", "unit", "label"}}, with "reason" where a value is None.

    Empty for an experiment without figures of merit. Raises ValueError if too little was measured for any.
    """
    home = _HOMES.get(run.experiment)
    if home is None:
        return {}
    found: dict[str, dict[str, Any]] = import_module(home).of_run(run).as_dict()
    return found
