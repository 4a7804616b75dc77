"""What an instrument terminal may do to its node, and what it sees there."""

import math
from dataclasses import dataclass


def _require(name: str, value: float, unit: str, low: float, limit: str) -> None:
    if not value >= low:
        raise ValueError(f"{name} = {value!r} {unit} is not allowed: it must be {limit}")


def _require_finite(name: str, value: float, unit: str) -> None:
    if not math.isfinite(value):
        raise ValueError(f"{name} = {value!r} {unit} is not allowed: it must be finite")


@dataclass(frozen=True, slots=True)
class VoltageSource:
    """Voltage [V] behind a series resistance [Ohm]; becomes a current source at its current limit [A]."""

    level: float
    resistance: float = 0.0
    current_limit: float = math.inf

    def __post_init__(self) -> None:
        _require_finite("level", self.level, "V")
        _require_finite("resistance", self.resistance, "Ohm")
        _require("resistance", self.resistance, "Ohm", 0.0, "0 Ohm or more")
        _require("current_limit", self.current_limit, "A", 0.0, "0 A or more")


@dataclass(frozen=True, slots=True)
class CurrentSource:
    """Current [A] into the circuit; becomes a voltage source at its voltage limit [V]. 0 A leaves a gate open."""

    level: float
    voltage_limit: float = math.inf

    def __post_init__(self) -> None:
        _require_finite("level", self.level, "A")
        _require("voltage_limit", self.voltage_limit, "V", 0.0, "0 V or more")


@dataclass(frozen=True, slots=True)
class Open:
    """Nothing connected inside; an ideal voltmeter."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Held at 0 V by an ideal ammeter."""


Drive = VoltageSource | CurrentSource | Open | Ground


@dataclass(frozen=True, slots=True)
class Sample:
    """Mean voltage [V] and current [A] of a port over an aperture.

    A positive current flows out of the port into the circuit. `limited` tells whether the source was at its
    current or voltage limit when the aperture ended.
    """

    voltage: float
    current: float
    limited: bool
