"""Real instruments over PyVISA: three roles in SI units, and one driver a model.

Names are imported when they are first used, so that `import drivers` loads neither pyvisa nor numpy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drivers.errors import InstrumentError, Refused
    from drivers.records import (
        Flag,
        MeasureSetting,
        PulseGeneratorAbilities,
        PulseShape,
        Reading,
        Readings,
        SourceMeasureAbilities,
        SourceSetting,
        SwitchMatrixAbilities,
    )
    from drivers.registry import DRIVERS, DriverInfo, all_drivers, driver_names, find_driver, open_driver
    from drivers.roles import Crosspoint, PulseGenerator, SourceMeasureUnit, SwitchMatrix
    from drivers.visa_instrument import Identity, VisaInstrument
    from drivers.wire_log import WireLog

_HOMES = {
    "errors": ("InstrumentError", "Refused"),
    "records": (
        "Flag",
        "MeasureSetting",
        "PulseGeneratorAbilities",
        "PulseShape",
        "Reading",
        "Readings",
        "SourceMeasureAbilities",
        "SourceSetting",
        "SwitchMatrixAbilities",
    ),
    "registry": ("DRIVERS", "DriverInfo", "all_drivers", "driver_names", "find_driver", "open_driver"),
    "roles": ("Crosspoint", "PulseGenerator", "SourceMeasureUnit", "SwitchMatrix"),
    "visa_instrument": ("Identity", "VisaInstrument"),
    "wire_log": ("WireLog",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "DRIVERS",
    "Crosspoint",
    "DriverInfo",
    "Flag",
    "Identity",
    "InstrumentError",
    "MeasureSetting",
    "PulseGenerator",
    "PulseGeneratorAbilities",
    "PulseShape",
    "Reading",
    "Readings",
    "Refused",
    "SourceMeasureAbilities",
    "SourceMeasureUnit",
    "SourceSetting",
    "SwitchMatrix",
    "SwitchMatrixAbilities",
    "VisaInstrument",
    "WireLog",
    "all_drivers",
    "driver_names",
    "find_driver",
    "open_driver",
]


def __getattr__(name: str) -> object:
    """Import a public name from its module at first use (PEP 562)."""
    if name in _HOME_OF:
        value: object = getattr(import_module(f"drivers.{_HOME_OF[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'drivers' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Public names only."""
    return list(__all__)
