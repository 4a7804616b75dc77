"""The instruments of the drivers, simulated: they understand the same messages and act on one emulated chip.

Names are loaded on first use; listing the models loads neither PyVISA nor NumPy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim_instruments.bench import EmulatedBench, bench, reset, set_builder
    from sim_instruments.bus import BusPort
    from sim_instruments.instrument import Instrument, Surroundings
    from sim_instruments.registry import MODELS, ModelInfo, create

_HOME = {
    "BusPort": "sim_instruments.bus",
    "EmulatedBench": "sim_instruments.bench",
    "Instrument": "sim_instruments.instrument",
    "MODELS": "sim_instruments.registry",
    "ModelInfo": "sim_instruments.registry",
    "Surroundings": "sim_instruments.instrument",
    "create": "sim_instruments.registry",
    "reset": "sim_instruments.bench",
    "set_builder": "sim_instruments.bench",
}

__all__ = [
    "MODELS",
    "BusPort",
    "EmulatedBench",
    "Instrument",
    "ModelInfo",
    "Surroundings",
    "bench",
    "create",
    "reset",
    "set_builder",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'sim_instruments' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
