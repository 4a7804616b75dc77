"""The measure side of one channel: functions, ranges, integration, settling, errors and noise of a reading.

B2900 SCPI command reference ed. 2, SENSe subsystem; user's guide ed. 2, page 6-4 (ranging).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from typing import Final

from emulator import Sample
from sim_instruments.instrument import Surroundings
from sim_instruments.keysight_b2900.levels import CURRENT, VOLTAGE
from sim_instruments.keysight_b2900.ranges import (
    HIGH_CAPACITANCE_FLOOR,
    SOURCE_SETTLING,
    ModelRanges,
    noise_of,
)
from sim_instruments.keysight_b2900.source import Source, WaitTime, pause
from sim_instruments.scpi import ScpiError
from sim_instruments.smu_accuracy import (
    SETTLING_TIME_CONSTANTS,
    Range,
    RangeTable,
    ReadingNoise,
    SettlingCurrent,
    UnitErrors,
)
from sim_instruments.timeline import Action, Delay, Integrate, Timeline

RESISTANCE: Final = "RES"
SHORTEST_APERTURE, LONGEST_APERTURE = 8e-6, 2.0
DEFAULT_CYCLES: Final = 0.1
AUTOMATIC_CYCLES: Final = 1.0
"""Integration [power line cycles] of the automatic aperture: the manual only says that it suits the range."""
RANGE_DOWN: Final = 0.1
"""The automatic ranging goes down below this fraction of a range; a choice."""
STATUS_CURRENT_SOURCE, STATUS_COMPLIANCE, STATUS_OVERFLOW = 1, 2, 8192


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading: V, A, Ω (NaN where not measured, infinite beyond the range), s, status bits, source setting."""

    voltage: float
    current: float
    resistance: float
    time: float
    status: int
    source: float

    @property
    def elements(self) -> dict[str, float]:
        """Data elements in the order of the instrument."""
        return {
            "VOLT": self.voltage, "CURR": self.current, "RES": self.resistance, "TIME": self.time,
            "STAT": float(self.status), "SOUR": self.source,
        }  # fmt: skip


class SenseFunction:
    """Ranging of one measured quantity."""

    def __init__(self, table: RangeTable, start: float, lowest: float) -> None:
        self.table = table
        self.index, self.auto = self.index_of(start), True
        self.lowest_index = self.index_of(lowest)
        self.ranging, self.threshold = "NORM", 90.0

    def index_of(self, value: float) -> int:
        """The smallest range that holds a value; ScpiError -222 if none does."""
        index = self.table.index_of_level(value)
        if index is None or value < 0.0:
            raise ScpiError(-222, f"{value:g}")
        return index

    @property
    def range(self) -> float:
        """Nominal range; setting it fixes the smallest one that holds the value."""
        return self.table.ranges[self.index].value

    @range.setter
    def range(self, value: float) -> None:
        self.index, self.auto = self.index_of(value), False

    @property
    def lowest_range(self) -> float:
        """Lowest range that the automatic ranging may choose."""
        return self.table.ranges[self.lowest_index].value

    @lowest_range.setter
    def lowest_range(self, value: float) -> None:
        self.lowest_index = self.index_of(value)

    def next_index(self, value: float, floor: int, top: int) -> int:
        """Where the automatic ranging goes from here with that magnitude."""
        lowest = max(self.lowest_index, floor)
        if self.index < min(lowest, top):
            return min(lowest, top)
        if self.index > top:
            return top
        if value > self.table.ranges[self.index].full_scale and self.index < top:
            return self.index + 1
        if value < RANGE_DOWN * self.range and self.index > lowest:
            return self.index - 1
        return self.index


class Measure:
    """Measure side of a channel. `stamp` gives the instrument's time stamp."""

    def __init__(
        self,
        channel: int,
        surroundings: Surroundings,
        model: ModelRanges,
        source: Source,
        timeline: Timeline,
        line_frequency: Callable[[], float],
        stamp: Callable[[], float],
    ) -> None:
        self._harness, self._model, self._source, self._timeline = surroundings.harness, model, source, timeline
        self._line_frequency, self._stamp = line_frequency, stamp
        self._errors = UnitErrors(surroundings, f"measure {channel}", drifts=True)
        self._noise = ReadingNoise(surroundings, f"measure {channel}")
        self._settling = SettlingCurrent()
        source.before_step = self._level_changes
        self.reset()

    def reset(self) -> None:
        """*RST: voltage and current, automatic ranges, 0.1 power line cycles, two wires."""
        self.enabled = [VOLTAGE, CURRENT]  # not confirmed: the reset state of the functions
        self._aperture, self.aperture_auto, self.remote = DEFAULT_CYCLES / self._line_frequency(), False, False
        self.resistance_mode, self.offset_compensation = "MAN", False
        self.trigger_output_on, self.trigger_output_signal = False, "EXT1"
        self.wait = WaitTime()
        self.functions = {
            CURRENT: SenseFunction(self._model.measure_i, 1e-6, 1e-6),
            VOLTAGE: SenseFunction(self._model.measure_v, 2.0, 0.2),
        }
        self.overflow = False

    # -- settings ----------------------------------------------------------------------------------------------

    @property
    def aperture(self) -> float:
        """Integration time [s], common to all functions; setting it ends the automatic one."""
        return AUTOMATIC_CYCLES / self._line_frequency() if self.aperture_auto else self._aperture

    @aperture.setter
    def aperture(self, seconds: float) -> None:
        self._aperture, self.aperture_auto = seconds, False

    @property
    def cycles(self) -> float:
        """Integration time in power line cycles."""
        return self.aperture * self._line_frequency()

    @cycles.setter
    def cycles(self, cycles: float) -> None:
        self.aperture = cycles / self._line_frequency()

    def range_of(self, name: str) -> Range:
        """The range in use for "CURR" or "VOLT": that of the source for what is sourced."""
        own = self.functions[name]
        if name == self._source.function:
            return own.table.ranges[self._source.own.index]
        return own.table.ranges[min(max(own.index, self._floor(name)), self._top(name))]

    def _top(self, name: str) -> int:
        """No range above the lowest one that covers the limit is used (user's guide 6-4)."""
        index = self.functions[name].table.index_of_level(self._source.limit)
        return len(self.functions[name].table.ranges) - 1 if index is None else index

    def _floor(self, name: str) -> int:
        if name == CURRENT and self._source.high_capacitance:
            return self.functions[CURRENT].index_of(HIGH_CAPACITANCE_FLOOR)
        return 0

    def _level_changes(self) -> None:
        """From here on the displayed current settles towards what will flow."""
        flowing = self._harness.probe(self._source.port).current
        self._settling.step(self._harness.clock.now, flowing, self._time_constant())

    def _time_constant(self) -> float:
        return self.range_of(CURRENT).settle / SETTLING_TIME_CONSTANTS

    # -- readings ----------------------------------------------------------------------------------------------

    def reading(self) -> Action[Reading]:
        """One reading: measurement wait time, range, integration."""
        initial = max(self.range_of(CURRENT).settle, SOURCE_SETTLING)
        yield from pause(self._source.changed_at + self.wait.seconds(initial) - self._harness.clock.now)
        if self._source.shape != "PULS":  # pulsed sources measure on a fixed range (user's guide 6-4)
            yield from self._find_ranges()
        start, stamp, aperture = self._harness.clock.now, self._stamp(), self.aperture
        settling, tau = copy(self._settling), self._time_constant()  # the next step may come before we are asked again
        sample: Sample = yield Integrate(self._source.port, aperture)
        self._source.protect()
        return self._finished(sample, settling.mean(start, aperture, sample.current, tau), stamp)

    def _find_ranges(self) -> Action[None]:
        """Step through the ranges that follow the reading; each current range settles."""
        for name in (CURRENT, VOLTAGE):
            own = self.functions[name]
            if not own.auto or name == self._source.function:
                continue
            while (index := own.next_index(self._magnitude(name), self._floor(name), self._top(name))) != own.index:
                own.index = index
                if name == CURRENT:
                    yield Delay(own.table.ranges[index].settle)

    def _magnitude(self, name: str) -> float:
        sample = self._harness.probe(self._source.port)
        return abs(sample.current if name == CURRENT else sample.voltage)

    def _finished(self, sample: Sample, flowing: float, stamp: float) -> Reading:
        voltage, current = self._displayed(VOLTAGE, sample.voltage), self._displayed(CURRENT, flowing)
        resistance = voltage / current if math.isfinite(voltage) and current else math.inf
        wanted = set(self.enabled)
        if RESISTANCE not in wanted:
            resistance = math.nan
        voltage = voltage if wanted & {VOLTAGE, RESISTANCE} else math.nan
        current = current if wanted & {CURRENT, RESISTANCE} else math.nan
        self.overflow = any(map(math.isinf, (voltage, current)))
        limited = sample.limited and self._source.output
        status = (
            STATUS_CURRENT_SOURCE * (self._source.function == CURRENT)
            | STATUS_COMPLIANCE * limited
            | STATUS_OVERFLOW * self.overflow
        )
        return Reading(voltage, current, resistance, stamp, status, self._source.shown_level)

    def _displayed(self, name: str, true: float) -> float:
        """A true value as this unit shows it: its errors, noise, the end of the range."""
        used = self.range_of(name)
        value = self._errors.applied(name, used, true) + self._noise.draw(noise_of(used), self.cycles)
        return value if abs(value) <= used.full_scale else math.copysign(math.inf, value)
