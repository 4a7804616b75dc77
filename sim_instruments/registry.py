"""Names of the simulated models. A bench file gives a name, never an import path: opening it runs no foreign code.

The YAML file beside a model says which models it is, under the key ``ecramlab`` that plain pyvisa-sim ignores.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module, resources
from importlib.metadata import entry_points
from typing import Any, cast

import yaml

from sim_instruments.instrument import Instrument, Surroundings

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the compiled one is ten times as fast, where there is one

ENTRY_POINT_GROUP = "ecramlab.sim_instruments"
"""Installed packages add models here: entry-point name = model name, value = `module:class`."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One simulated model and where its class is. The class takes (surroundings, *, serial=..., **model options)."""

    name: str
    module: str
    cls: str
    description: str = ""


def _our_models() -> Iterator[ModelInfo]:
    """Every device with a key ``ecramlab`` in the YAML files of this package; its class is in the module beside."""
    for file in sorted(resources.files("sim_instruments").iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".yaml"):
            continue
        module = f"sim_instruments.{file.name.removesuffix('.yaml')}"
        for name, device in yaml.load(file.read_text("utf-8"), _Loader)["devices"].items():
            if "ecramlab" in device:
                yield ModelInfo(name, module, device["ecramlab"]["class"], device["ecramlab"]["description"])


MODELS: dict[str, ModelInfo] = {info.name: info for info in _our_models()}


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
