"""B1525A HV-SPGU: two pulse outputs in one slot, and the settings that all of them share.

B1500A programming guide ed. 11, "SPGU Module" (pages 2-53 to 2-63) and the SP… commands; data sheet, page 19, for
levels, times and accuracy. Not simulated: arbitrary linear waveforms (SIM 1 is accepted, ALS and ALW are not), pulse
switches, trigger output. Not confirmed: at which level the resolution changes, that edges are full 0–100 % ramps, that
widths lie between 50 % points, how the two signals of a three-level pulse add up, and the settings after a reset.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from emulator import Open, VoltageSource, Waveform
from sim_instruments.flex import FlexError
from sim_instruments.flex.errors import OUTPUT_OFF, VALUE

if TYPE_CHECKING:
    from emulator import Port
    from sim_instruments.instrument import Surroundings

SOURCE_RESISTANCE: Final = 50.0
HIGHEST_OPEN: Final = 40.0  # V without load
RELAY_TIME: Final = 100e-6
DC, FIRST, SECOND, BOTH = 0, 1, 2, 3
FREE_RUN, COUNT, DURATION = 0, 1, 2
SHORTEST_PERIOD, LONGEST_PERIOD = 20e-9, 10.0
SHORTEST_WIDTH, SHORTEST_REST = 10e-9, 10e-9
SHORTEST_EDGE, LONGEST_EDGE = 8e-9, 0.4
TIME_STEP: Final = 2e-9
GAIN_ERROR, OFFSET_ERROR = 0.005, 50e-3
_RESOLUTIONS: Final = ((5.0, 0.2e-3), (10.0, 0.4e-3), (20.0, 0.8e-3), (math.inf, 1.6e-3))


@dataclass(frozen=True, slots=True)
class Signal:
    """One of the two pulse sources of an output; V at the stated load, s."""

    base: float = 0.0
    peak: float = 0.0
    delay: float = 0.0
    width: float = 100e-9
    leading: float = 20e-9
    trailing: float = 20e-9

    def ends(self) -> float:
        """When the pulse is over [s]."""
        return self.delay + 0.5 * self.leading + self.width + 0.5 * self.trailing

    def points(self, base: float, peak: float) -> list[tuple[float, float]]:
        """Breakpoints of the pulse between two levels (V)."""
        top = self.delay + self.leading
        back = max(top, self.delay + 0.5 * self.leading + self.width - 0.5 * self.trailing)
        return [(0.0, base), (self.delay, base), (top, peak), (back, peak), (back + self.trailing, base)]


@dataclass(frozen=True, slots=True)
class OutputSettings:
    """What SPM, SPV, SPT and SER say of one output. load: Ω."""

    mode: int = FIRST
    load: float = 50.0
    dc: float = 0.0
    signals: tuple[Signal, Signal] = field(default_factory=lambda: (Signal(), Signal()))

    def used(self) -> tuple[Signal, ...]:
        """The pulse sources in use."""
        return {DC: (), FIRST: self.signals[:1], SECOND: self.signals[1:], BOTH: self.signals}[self.mode]

    def levels(self) -> tuple[float, ...]:
        """Every level in use, V at the load."""
        return tuple(level for signal in self.used() for level in (signal.base, signal.peak)) or (self.dc,)

    @property
    def emf(self) -> float:
        """Open-circuit voltage for 1 V at the load."""
        return (self.load + SOURCE_RESISTANCE) / self.load


@dataclass
class Shared:
    """Settings of all pulse generators of the mainframe: SIM, SPRM, SPPER."""

    operation: int = 0
    run_mode: int = FREE_RUN
    condition: float = 0.0
    period: float = 1e-6

    def reset(self) -> None:
        """Initial settings."""
        self.operation, self.run_mode, self.condition, self.period = 0, FREE_RUN, 0.0, 1e-6

    def repeats(self) -> float:
        """Number of periods of a train."""
        if self.run_mode == COUNT:
            return self.condition
        if self.run_mode == DURATION:
            return max(1, math.ceil(self.condition / self.period - 1e-9))
        return math.inf


class PulseOutput:
    """One output. Settings act when `update` is called; its terminal is named by the channel number."""

    def __init__(self, surroundings: Surroundings, channel: int, shared: Shared) -> None:
        self.channel, self._shared = channel, shared
        self._harness = surroundings.harness
        self.port: Port = surroundings.port(str(channel))
        self._drift = surroundings.drift
        self._gain = 1.0 + GAIN_ERROR * surroundings.unit_error(f"{channel} gain")
        self._offset = OFFSET_ERROR * surroundings.unit_error(f"{channel} offset")
        self.reset()

    def reset(self) -> None:
        """Output switch open, one pulse source, 0 V."""
        self.settings = self.active = OutputSettings()
        self._period = self._shared.period
        self.connected = False
        self._ends = -math.inf
        self.port.stop()
        self.port.drive = Open()

    def connect(self) -> None:
        """Close the output switch; 0 V until the next update."""
        if not self.connected:
            self.connected = True
            self._rest_at(0.0)

    def disconnect(self) -> None:
        """Open the output switch, which also ends a train."""
        self.connected, self._ends = False, -math.inf
        self.port.stop()
        self.port.drive = Open()

    def check(self, settings: OutputSettings) -> OutputSettings:
        """Settings that the output can give; FlexError for others."""
        if any(abs(level) * settings.emf > HIGHEST_OPEN * (1.0 + 1e-9) for level in settings.levels()):
            raise FlexError(VALUE)
        return settings

    def update(self) -> None:
        """SPUPD: the settings act; the output goes to its base."""
        if not self.connected:
            raise FlexError(OUTPUT_OFF)
        settings = self.check(self.settings)
        for signal in settings.used():
            fits = signal.width <= self._shared.period - SHORTEST_REST and signal.ends() <= self._shared.period
            if not fits or signal.width < 0.5 * (signal.leading + signal.trailing):
                raise FlexError(VALUE)
        self.active, self._period = settings, self._shared.period
        self._ends = -math.inf
        self._rest_at(self._rest())

    def zero(self) -> None:
        """0 V from now on; a train ends."""
        if self.connected:
            self._ends = -math.inf
            self._rest_at(0.0)

    def _rest(self) -> float:
        used = self.active.used()
        return used[0].base if used else self.active.dc

    def _rest_at(self, level: float) -> None:
        self.port.stop()
        self.port.drive = VoltageSource(self._volts(level), SOURCE_RESISTANCE)

    def _volts(self, level: float) -> float:
        """Open-circuit voltage of a level, as this unit gives it."""
        highest = max((abs(value) * self.active.emf for value in self.active.levels()), default=0.0)
        step = next(step for limit, step in _RESOLUTIONS if highest <= limit)
        return round(level * self.active.emf / step) * step * (self._gain + self._drift.gain) + self._offset

    def start(self) -> None:
        """SRP: the train starts."""
        if not self.connected or not self.active.used():
            return
        waveform = self._waveform()
        self._ends = self._harness.clock.now + waveform.duration
        self._rest_at(self._rest())
        self.port.start(waveform)

    def _waveform(self) -> Waveform:
        used, base = self.active.used(), self._rest()
        pulses = [signal.points(0.0, signal.peak - signal.base) for signal in used]
        times = sorted({time for points in pulses for time, _ in points} | {self._period})
        levels = [self._volts(base + sum(_at(points, time) for points in pulses)) for time in times]
        return Waveform(tuple(times), tuple(levels), self._shared.repeats())

    def stop(self) -> None:
        """SPP: the train ends; the output goes to its base."""
        self._ends = -math.inf
        if self.connected:
            self._rest_at(self._rest())

    @property
    def running(self) -> bool:
        """Whether a train is being sent."""
        return self._harness.clock.now < self._ends - 1e-12


def _at(points: list[tuple[float, float]], time: float) -> float:
    """Level of a polygon at a time; its last level afterwards."""
    for (start, low), (end, high) in pairwise(points):
        if time <= end:
            return low if end == start else low + (high - low) * (time - start) / (end - start)
    return points[-1][1]


def rounded(seconds: float) -> float:
    """A time as the generator keeps it."""
    return round(seconds / TIME_STEP) * TIME_STEP
