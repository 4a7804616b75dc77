"""Names of the simulated models. A bench file gives a name, never an import path: opening it runs no foreign code."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, cast

from sim_instruments.instrument import Instrument, Surroundings

ENTRY_POINT_GROUP = "ecramlab.sim_instruments"
"""Installed packages add models here: entry-point name = model name, value = `module:class`."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One simulated model and where its class is. The class takes (surroundings, *, serial=..., **model options)."""

    name: str
    module: str
    cls: str
    description: str = ""


_OURS = (
    ModelInfo("keithley_2450", "sim_instruments.keithley_2450", "Keithley2450", "source-measure unit"),
    ModelInfo("keithley_2636b", "sim_instruments.keithley_2600b", "Keithley2636B", "two-channel source-measure unit"),
    ModelInfo("keithley_707b", "sim_instruments.keithley_707b", "Keithley707B", "six-slot switch matrix"),
    ModelInfo("keysight_33622a", "sim_instruments.keysight_33600a", "Keysight33622A", "two-channel waveform generator"),
)

MODELS: dict[str, ModelInfo] = {info.name: info for info in _OURS}


def names() -> tuple[str, ...]:
    """All known model names: those of this package and of installed packages."""
    return tuple(sorted({*MODELS, *(point.name for point in entry_points(group=ENTRY_POINT_GROUP))}))


def model_info(model: str) -> ModelInfo:
    """Where the class of a model is; KeyError naming the known models. A package cannot replace our names."""
    if model in MODELS:
        return MODELS[model]
    for point in entry_points(group=ENTRY_POINT_GROUP):
        if point.name == model:
            return ModelInfo(model, point.module, point.attr, f"from {point.dist.name if point.dist else 'a package'}")
    raise KeyError(f"no simulated instrument {model!r}; known are {', '.join(names())}")


def create(model: str, surroundings: Surroundings, **options: Any) -> Instrument:
    """Build a simulated instrument. KeyError for an unknown model, TypeError or ValueError for wrong options."""
    info = model_info(model)
    build = cast(Callable[..., Instrument], getattr(import_module(info.module), info.cls))
    return build(surroundings, **options)
