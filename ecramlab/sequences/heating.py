"""Writing hot and reading cold: the heater of the chip is on during a burst of gate pulses, and off otherwise.

Heat speeds the writing up, which is thermally activated, and the read finds the state that stays at rest
(Kwak et al., review of ECRAM (2024), references 61, 64 and 65).
"""

from dataclasses import dataclass

from typing_extensions import override

from drivers.records import Reading
from drivers.roles import SourceMeasureUnit
from ecramlab.clock import Clock
from ecramlab.limits import Limits
from ecramlab.sequences.gate_pulses import GatePulse, GatePulser


@dataclass(frozen=True)
class Heating:
    """Voltage across the heater [V], and how long the devices take to warm up and to cool down [s]."""

    voltage: float
    settle: float

    def check(self, limits: Limits, what: str) -> None:
        """Refuse a voltage beyond the chip's limits."""
        limits.heater_level(self.voltage, what)


class HeatedPulser(GatePulser):
    """Warms the devices up before a burst and lets them cool down after it."""

    def __init__(
        self, pulser: GatePulser, heater: SourceMeasureUnit, heating: Heating, limits: Limits, clock: Clock
    ) -> None:
        self._pulser, self._heater, self._heating, self._clock = pulser, heater, heating, clock
        heater.source_voltage(0.0, current_limit=limits.heater_current, voltage_range=abs(heating.voltage))
        heater.output(True)

    @override
    def load(self, pulse: GatePulse, period: float | None) -> None:
        self._pulser.load(pulse, period)

    @override
    def fire(self, count: int) -> Reading:
        self._heater.set_level(self._heating.voltage)
        try:
            self._clock.sleep(self._heating.settle)
            return self._pulser.fire(count)
        finally:
            self._heater.set_level(0.0)
            self._clock.sleep(self._heating.settle)
