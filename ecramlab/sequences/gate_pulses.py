"""Gate pulses from a pulse generator (one bus exchange a burst) or a source-measure unit (one a pulse).

Between pulses the gate rests at 0 V (voltage pulses), or is left open (current pulses: a source of 0 A).
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

from typing_extensions import override

from drivers.errors import Refused
from drivers.records import Reading
from drivers.roles import PulseGenerator, SourceMeasureUnit
from ecramlab.clock import Clock
from ecramlab.limits import Limits

NOTHING_MEASURED = Reading(voltage=math.nan, current=math.nan, time=math.nan)


@dataclass(frozen=True)
class GatePulse:
    """One gate pulse: amplitude [V; A when `by_current`], width at 50 % [s], edges 0-100 % [s], None the fastest."""

    amplitude: float
    width: float
    by_current: bool = False
    edge: float | None = None

    def check(self, limits: Limits, what: str) -> None:
        """Refuse a pulse beyond the chip's limits."""
        if self.by_current:
            limits.gate_drive_current(self.amplitude, what)
        else:
            limits.gate_level(self.amplitude, what)
        limits.width(self.width, what)


class GatePulser(ABC):
    """Sends bursts of the loaded pulse."""

    @abstractmethod
    def load(self, pulse: GatePulse, period: float | None) -> None:
        """Get ready to send `pulse`, `period` seconds apart within a burst (None: as fast as the source can).

        The gate stays at rest.
        """

    @abstractmethod
    def fire(self, count: int) -> Reading:
        """Send a burst of `count` pulses and wait until it is over.

        Gives gate voltage and current of the last pulse where the instrument measures them.
        """


class GeneratorPulser(GatePulser):
    """Pulses of a generator into a high-impedance gate. It times bursts itself."""

    def __init__(self, generator: PulseGenerator) -> None:
        self._generator = generator
        self._count = 1
        generator.load(math.inf)  # a gate takes no current: with 50 ohm set it would see twice the voltage
        generator.trigger("bus")
        generator.count(1)

    @override
    def load(self, pulse: GatePulse, period: float | None) -> None:
        if pulse.by_current:
            raise Refused(
                "The gate of this bench is driven by a pulse generator, which cannot source current. Nothing was sent. "
                "Use voltage pulses, or a bench whose gate is a source-measure unit."
            )
        self._generator.output(False)  # no level in between may reach the gate
        self._generator.pulse(
            base=0.0, level=pulse.amplitude, width=pulse.width, period=period, rise=pulse.edge, fall=pulse.edge
        )
        self._generator.output(True)

    @override
    def fire(self, count: int) -> Reading:
        if count != self._count:
            self._generator.count(count)
            self._count = count
        self._generator.fire()
        return NOTHING_MEASURED


class SourceMeasurePulser(GatePulser):
    """Pulses of a source-measure unit, which also measures gate voltage and current when the pulse is long enough."""

    APERTURE = 0.02  # one line cycle at 50 Hz [s]

    def __init__(self, unit: SourceMeasureUnit, limits: Limits, clock: Clock) -> None:
        self._unit, self._limits, self._clock = unit, limits, clock
        self._pulse: GatePulse | None = None
        self._rest = 0.0
        self._measures = False

    @override
    def load(self, pulse: GatePulse, period: float | None) -> None:
        self._unit.output(False)
        if pulse.by_current:
            current_range = abs(pulse.amplitude)
            self._unit.source_current(0.0, voltage_limit=self._limits.gate_voltage, current_range=current_range)
        else:
            current_range = self._limits.gate_current
            voltage_range = abs(pulse.amplitude)
            self._unit.source_voltage(0.0, current_limit=self._limits.gate_current, voltage_range=voltage_range)
        self._measures = pulse.width >= self.APERTURE + self._unit.abilities.settling(current_range)
        if self._measures:
            self._unit.measure_setup(aperture=self.APERTURE, current_range=current_range, autozero="once")
        self._unit.output(True)
        self._pulse, self._rest = pulse, max(0.0, (period or 0.0) - pulse.width)

    @override
    def fire(self, count: int) -> Reading:
        if self._pulse is None:
            raise RuntimeError("load a pulse before firing")
        for left in reversed(range(count)):
            reading = self._unit.pulse(self._pulse.amplitude, self._pulse.width, base=0.0, measure=self._measures)
            if left:
                self._clock.sleep(self._rest)
        return reading


def gate_pulser(gate: PulseGenerator | SourceMeasureUnit, limits: Limits, clock: Clock) -> GatePulser:
    """The pulser that fits what drives the gate."""
    if isinstance(gate, PulseGenerator):
        return GeneratorPulser(gate)
    return SourceMeasurePulser(gate, limits, clock)
