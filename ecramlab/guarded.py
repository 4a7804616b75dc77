"""Roles as experiments get them: every level and limit is checked against the chip before a driver sees it.

A guard changes nothing else. Drivers know what their instrument bears, guards know what the chip bears.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from typing_extensions import override

from drivers.records import (
    MeasureSetting,
    PulseGeneratorAbilities,
    PulseShape,
    Reading,
    Readings,
    SourceMeasureAbilities,
    SourceSetting,
)
from drivers.roles import PulseGenerator, SourceMeasureUnit
from ecramlab.limits import Limits


class OutputWatch:
    """Which terminals are on, as the drivers read them back; tells a listener of every change. No bus traffic."""

    def __init__(self) -> None:
        self.on: list[str] = []
        self.listener: Callable[[list[str]], None] | None = None

    def note(self, terminal: str, is_on: bool) -> None:
        """An output was switched."""
        if is_on == (terminal in self.on):
            return
        self.on = [*self.on, terminal] if is_on else [name for name in self.on if name != terminal]
        if self.listener is not None:
            self.listener(self.on)


@dataclass(frozen=True)
class Line:
    """One kind of line of the chip: which checks a voltage, a current and a pulse width on it must pass."""

    name: str
    voltage: Callable[[float, str], None]
    current: Callable[[float, str], None]
    width: Callable[[float, str], None]


def gate_line(limits: Limits) -> Line:
    """The gate: voltage, current and pulse width are limited."""
    return Line("gate", limits.gate_level, limits.gate_drive_current, limits.width)


def channel_line(name: str, limits: Limits) -> Line:
    """Drain or source: voltage and current are limited, the time is not."""
    return Line(name, limits.channel_level, limits.channel_current, lambda _width, _what: None)


def heater_line(limits: Limits) -> Line:
    """The heater: voltage and current are limited, the time is not."""
    return Line("heater", limits.heater_level, limits.heater_drive_current, lambda _width, _what: None)


class GuardedSourceMeasureUnit(SourceMeasureUnit):
    """A source-measure unit on one line of the chip."""

    def __init__(self, unit: SourceMeasureUnit, line: Line, terminal: str, watch: OutputWatch) -> None:
        self._unit, self._line, self._terminal, self._watch = unit, line, terminal, watch
        self._check_level = line.voltage

    @property
    @override
    def abilities(self) -> SourceMeasureAbilities:
        return self._unit.abilities

    @override
    def source_voltage(
        self,
        level: float,
        *,
        current_limit: float,
        voltage_range: float | None = None,
        high_capacitance: bool = False,
    ) -> SourceSetting:
        self._line.voltage(level, f"{self._line.name} voltage")
        self._line.current(current_limit, f"{self._line.name} current limit")
        setting = self._unit.source_voltage(
            level, current_limit=current_limit, voltage_range=voltage_range, high_capacitance=high_capacitance
        )
        self._check_level = self._line.voltage
        return setting

    @override
    def source_current(
        self, level: float, *, voltage_limit: float, current_range: float | None = None
    ) -> SourceSetting:
        self._line.current(level, f"{self._line.name} current")
        self._line.voltage(voltage_limit, f"{self._line.name} voltage limit")
        setting = self._unit.source_current(level, voltage_limit=voltage_limit, current_range=current_range)
        self._check_level = self._line.current
        return setting

    @override
    def set_level(self, value: float) -> float:
        self._check_level(value, f"{self._line.name} level")
        return self._unit.set_level(value)

    @override
    def measure_setup(
        self,
        *,
        aperture: float,
        current_range: float | None = None,
        voltage_range: float | None = None,
        autozero: str = "auto",
        lowest_current_range: float | None = None,
    ) -> MeasureSetting:
        return self._unit.measure_setup(
            aperture=aperture,
            current_range=current_range,
            voltage_range=voltage_range,
            autozero=autozero,
            lowest_current_range=lowest_current_range,
        )

    @override
    def output(self, on: bool) -> bool:
        is_on = self._unit.output(on)
        self._watch.note(self._terminal, is_on)
        return is_on

    @property
    @override
    def output_state(self) -> bool:
        return self._unit.output_state

    @override
    def off_state(self, kind: str) -> str:
        return self._unit.off_state(kind)

    @override
    def measure(self) -> Reading:
        return self._unit.measure()

    @override
    def sweep(self, levels: Sequence[float], *, dwell: float, aperture: float, hold: float | None = None) -> Readings:
        for level in levels:
            self._check_level(level, f"{self._line.name} level of a sweep")
        return self._unit.sweep(levels, dwell=dwell, aperture=aperture, hold=hold)

    @override
    def pulse(self, level: float, width: float, *, base: float = 0.0, measure: bool = True) -> Reading:
        for value in (level, base):
            self._check_level(value, f"{self._line.name} level of a pulse")
        self._line.width(width, f"{self._line.name} pulse width")
        return self._unit.pulse(level, width, base=base, measure=measure)

    @override
    def in_compliance(self) -> bool:
        return self._unit.in_compliance()

    @override
    def make_safe(self) -> list[str]:
        return self._unit.make_safe()


class GuardedPulseGenerator(PulseGenerator):
    """A pulse generator on one line of the chip."""

    def __init__(self, generator: PulseGenerator, line: Line, terminal: str, watch: OutputWatch) -> None:
        self._generator, self._line, self._terminal, self._watch = generator, line, terminal, watch
        self._shape: PulseShape | None = None

    @property
    @override
    def abilities(self) -> PulseGeneratorAbilities:
        return self._generator.abilities

    @override
    def load(self, ohm: float) -> float:
        return self._generator.load(ohm)

    @override
    def pulse(
        self,
        *,
        base: float,
        level: float,
        width: float,
        period: float | None = None,
        rise: float | None = None,
        fall: float | None = None,
        delay: float = 0.0,
    ) -> PulseShape:
        for value in (base, level):
            self._line.voltage(value, f"{self._line.name} level of a pulse")
        self._line.width(width, f"{self._line.name} pulse width")
        self._shape = self._generator.pulse(
            base=base, level=level, width=width, period=period, rise=rise, fall=fall, delay=delay
        )
        return self._shape

    @override
    def count(self, n: int | None) -> int | None:
        return self._generator.count(n)

    @override
    def trigger(self, source: str, *, edge: str = "rising") -> str:
        return self._generator.trigger(source, edge=edge)

    @override
    def polarity(self, sign: int) -> PulseShape:
        if self._shape is not None:
            mirrored = self._shape.base + sign * abs(self._shape.level - self._shape.base)
            self._line.voltage(mirrored, f"{self._line.name} level of a mirrored pulse")
        self._shape = self._generator.polarity(sign)
        return self._shape

    @override
    def output(self, on: bool) -> bool:
        is_on = self._generator.output(on)
        self._watch.note(self._terminal, is_on)
        return is_on

    @property
    @override
    def output_state(self) -> bool:
        return self._generator.output_state

    @override
    def fire(self) -> None:
        self._generator.fire()

    @override
    def running(self) -> bool:
        return self._generator.running()

    @override
    def wait(self, timeout: float) -> None:
        self._generator.wait(timeout)

    @override
    def stop(self) -> None:
        self._generator.stop()

    @override
    def waveform(self, samples: Sequence[float], dt: float) -> None:
        for sample in samples:
            self._line.voltage(sample, f"{self._line.name} level of a waveform")
        self._line.width(len(samples) * dt, f"{self._line.name} waveform, from end to end")
        self._generator.waveform(samples, dt)

    @override
    def make_safe(self) -> list[str]:
        return self._generator.make_safe()
