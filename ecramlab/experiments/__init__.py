"""The catalogue of experiments. Third parties add theirs through the entry-point group `ecramlab.experiments`."""

from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecramlab.experiment import Experiment

# name: (module, class, summary). The summary stands here so that listing imports no experiment.
_OURS = {
    "potentiation-depression": (
        "ecramlab.experiments.potentiation_depression",
        "PotentiationDepression",
        "conductance after each of a train of potentiating and depressing gate pulses (P/D, LTP/LTD)",
    ),
    "pulse-map": (
        "ecramlab.experiments.pulse_map",
        "PulseMap",
        "change of the conductance by one gate pulse, over amplitude and width",
    ),
    "retention": (
        "ecramlab.experiments.retention",
        "Retention",
        "conductance at logarithmically spaced times after a write, gate at 0 V or open",
    ),
    "transfer-curve": (
        "ecramlab.experiments.transfer_curve",
        "TransferCurve",
        "conductance and gate current while the gate voltage is swept up and down",
    ),
}


def names() -> tuple[str, ...]:
    """Names of all experiments, ours first."""
    return (*_OURS, *sorted(point.name for point in _theirs()))


def summary(name: str) -> str:
    """What an experiment measures, in one line."""
    return _OURS[name][2] if name in _OURS else (get(name).__doc__ or name).partition("\n")[0]


def get(name: str) -> "type[Experiment[Any]]":
    """The experiment of that name. Raises KeyError with the known names."""
    if name in _OURS:
        module, cls, _ = _OURS[name]
        return getattr(import_module(module), cls)  # type: ignore[no-any-return]
    for point in _theirs():
        if point.name == name:
            return point.load()  # type: ignore[no-any-return]
    raise KeyError(f"no experiment {name!r}; known are {', '.join(names())}")


def _theirs() -> Any:
    return entry_points(group="ecramlab.experiments")
