"""Emulated ECRAM devices, arrays and circuits in virtual time.

Everything is in SI units. Names are loaded on first use, so that the parameters of the published devices
(:mod:`emulator.literature`) can be listed without loading NumPy or Numba.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulator import compact_fit, crosspoint, drift_diffusion, fast, linearity, literature, voltammetry
    from emulator.array import Array
    from emulator.chip import Chip
    from emulator.clock import VirtualClock
    from emulator.defects import Defects
    from emulator.drives import CurrentSource, Drive, Ground, Open, Sample, VoltageSource
    from emulator.film_cell import FilmCell
    from emulator.harness import Harness, Port
    from emulator.literature import LiteratureDevice
    from emulator.model import DeviceModel
    from emulator.pulse_protocol import PulseProtocol
    from emulator.resistive_lines import Wires
    from emulator.specimen import Specimen
    from emulator.spread_maps import SpreadMap
    from emulator.voltammetry import FilmElectrode
    from emulator.waveform import Waveform

_HOME = {
    "Array": "emulator.array",
    "Chip": "emulator.chip",
    "Crosspoint": "emulator.crosspoint",
    "CurrentSource": "emulator.drives",
    "Defects": "emulator.defects",
    "DeviceModel": "emulator.model",
    "Drive": "emulator.drives",
    "FilmCell": "emulator.film_cell",
    "FilmElectrode": "emulator.voltammetry",
    "Ground": "emulator.drives",
    "Harness": "emulator.harness",
    "LiteratureDevice": "emulator.literature",
    "Open": "emulator.drives",
    "Port": "emulator.harness",
    "PulseProtocol": "emulator.pulse_protocol",
    "Sample": "emulator.drives",
    "Specimen": "emulator.specimen",
    "SpreadMap": "emulator.spread_maps",
    "VirtualClock": "emulator.clock",
    "VoltageSource": "emulator.drives",
    "Waveform": "emulator.waveform",
    "Wires": "emulator.resistive_lines",
}
_MODULES = ("compact_fit", "crosspoint", "drift_diffusion", "fast", "linearity", "literature", "voltammetry")

__all__ = [
    "Array",
    "Chip",
    "Crosspoint",
    "CurrentSource",
    "Defects",
    "DeviceModel",
    "Drive",
    "FilmCell",
    "FilmElectrode",
    "Ground",
    "Harness",
    "LiteratureDevice",
    "Open",
    "Port",
    "PulseProtocol",
    "Sample",
    "Specimen",
    "SpreadMap",
    "VirtualClock",
    "VoltageSource",
    "Waveform",
    "Wires",
    "compact_fit",
    "crosspoint",
    "drift_diffusion",
    "fast",
    "linearity",
    "literature",
    "voltammetry",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    if name in _MODULES:
        return import_module(f"emulator.{name}")
    raise AttributeError(f"module 'emulator' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
