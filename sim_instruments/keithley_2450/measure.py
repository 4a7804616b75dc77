"""The measure side of the 2450: functions, ranges, apertures, settling, errors and noise of a reading.

Reference manual 2450-901-01, SENSe subsystem.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from copy import copy, deepcopy
from dataclasses import dataclass, field
from typing import Final

from emulator import Sample
from sim_instruments.instrument import Surroundings
from sim_instruments.keithley_2450.calculations import Calculations
from sim_instruments.keithley_2450.ranges import (
    FULL_SCALE,
    HIGH_CAPACITANCE_FLOOR,
    HIGH_CAPACITANCE_SETTLES,
    MEASURE_I,
    MEASURE_V,
    OVERFLOW,
    noise_of,
)
from sim_instruments.keithley_2450.source import CURRENT, USER_DELAYS, VOLTAGE, Source
from sim_instruments.scpi import ScpiError
from sim_instruments.smu_accuracy import (
    SETTLING_TIME_CONSTANTS,
    Range,
    RangeTable,
    ReadingNoise,
    SettlingCurrent,
    UnitErrors,
)

RESISTANCE: Final = "RES"
OHM_RANGES: Final = RangeTable(tuple(Range(2.0 * 10.0**n, 0.0, 0.0, FULL_SCALE * 2.0 * 10.0**n) for n in range(1, 9)))
RANGE_DOWN: Final = 0.1
"""The autorange goes down when a reading is below this fraction of the range, and up above the whole range."""
AUTOZERO_CONVERSIONS: Final = 2
"""Conversions more for each reading with autozero on: the reference and the zero."""
UNITS: Final = {CURRENT: "Amp DC", VOLTAGE: "Volt DC", RESISTANCE: "Ohm"}
OWN_UNITS: Final = {CURRENT: "AMP", VOLTAGE: "VOLT", RESISTANCE: "OHM"}
SHOWN_UNITS: Final = {"AMP": "Amp DC", "VOLT": "Volt DC", "OHM": "Ohm", "WATT": "Watt DC"}
NAMES: Final = {CURRENT: "CURR:DC", VOLTAGE: "VOLT:DC", RESISTANCE: "RES"}

# Bits of a reading's status and of its source status.
STATUS_FRONT, STATUS_START_GROUP = 8, 256
SOURCE_PROTECTED, SOURCE_READ_BACK, SOURCE_LIMIT, SOURCE_FOUR_WIRE, SOURCE_ON = 4, 8, 32, 64, 128


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading with what a buffer keeps about it; A, V or Ω (`OVERFLOW` beyond the range), s of the virtual time."""

    value: float
    unit: str
    source_value: float
    source_unit: str
    time: float
    status: int
    source_status: int


@dataclass
class SenseFunction:
    """Settings of one measure function; attributes are settings, setters hold the rules."""

    name: str
    table: RangeTable
    start: float
    range_changed: Callable[[], None] = lambda: None
    nplc: float = 1.0
    autozero: bool = True
    filter_on: bool = False
    filter_count: float = 10
    filter_type: str = "REP"
    relative_on: bool = False
    relative: float = 0.0
    user_delays: list[float] = field(default_factory=lambda: [0.0] * USER_DELAYS)
    unit: str = ""
    offset_compensation: bool = False
    calculations: Calculations = field(default_factory=Calculations)
    _index: int = 0
    _auto: bool = True
    _lowest: int = 0

    def __post_init__(self) -> None:
        self._index = self.table.index_for(self.start) or 0
        self.unit = OWN_UNITS[self.name]

    def copied(self) -> SenseFunction:
        """The same settings, from now on on their own."""
        made = copy(self)
        made.user_delays, made.calculations = list(self.user_delays), deepcopy(self.calculations)
        return made

    @property
    def index(self) -> int:
        """Index of the range, where the function is not what is sourced."""
        return self._index

    @property
    def range(self) -> float:
        """Nominal range; setting it fixes the smallest one that holds the value."""
        return self.table.ranges[self._index].value

    @range.setter
    def range(self, value: float) -> None:
        index = self.table.index_of_level(value)
        if index is None:
            raise ScpiError(-222, f"{value:g}")
        self._index, self._auto = index, False
        self.range_changed()

    @property
    def auto(self) -> bool:
        """Whether the range follows the reading."""
        return self._auto

    @auto.setter
    def auto(self, on: bool) -> None:
        self._auto = on
        self.range_changed()

    @property
    def lowest(self) -> float:
        """Lowest range that the autorange may choose."""
        return self.table.ranges[self._lowest].value

    @lowest.setter
    def lowest(self, value: float) -> None:
        index = self.table.index_of_level(value)
        if index is None:
            raise ScpiError(-222, f"{value:g}")
        self._lowest = index

    def next_index(self, value: float, floor: int) -> int:
        """Where the autorange goes from here with that magnitude."""
        lowest = max(self._lowest, floor)
        if self._index < lowest:
            return lowest
        if value > self.range and self._index + 1 < len(self.table.ranges):
            return self._index + 1
        if value < RANGE_DOWN * self.range and self._index > lowest:
            return self._index - 1
        return self._index

    def move(self, index: int) -> None:
        """The autorange has chosen another range."""
        self._index = index


class Measure:
    """Measure side of the instrument."""

    def __init__(self, surroundings: Surroundings, source: Source, line_frequency: float) -> None:
        self._harness, self._source, self.line_frequency = surroundings.harness, source, line_frequency
        self._errors = UnitErrors(surroundings, "measure", drifts=True)
        self._noise = ReadingNoise(surroundings, "measure")
        self._settling = SettlingCurrent()
        self._window: deque[float] = deque()
        self.four_wire = dict.fromkeys(NAMES, False)
        source.before_step = self._level_changes
        source.fixed_measure_range = self._fixed_range
        source.measure_range = self.range_of
        self.reset()

    def reset(self) -> None:
        """*RST: measure current, automatic ranges, one power line cycle."""
        self.function = CURRENT
        self.count = 1.0
        self.front = True
        self.four_wire = dict.fromkeys(NAMES, False)
        self._window.clear()
        self.functions = {
            CURRENT: SenseFunction(CURRENT, MEASURE_I, 100e-6),
            VOLTAGE: SenseFunction(VOLTAGE, MEASURE_V, 2.0),
            RESISTANCE: SenseFunction(RESISTANCE, OHM_RANGES, 200e3),
        }
        for name in (CURRENT, VOLTAGE):
            self.functions[name].range_changed = self._source.measure_range_changed

    @property
    def own(self) -> SenseFunction:
        """Settings of the present function."""
        return self.functions[self.function]

    def recall(self, stored: SenseFunction) -> None:
        """Measure with settings that a configuration list has kept."""
        self.function = stored.name
        self.functions[stored.name] = stored.copied()
        self._source.measure_range_changed()

    @property
    def aperture(self) -> float:
        """Integration time [s] of the present function."""
        return self.own.nplc / self.line_frequency

    def _sourced(self, name: str) -> bool:
        return name == self._source.function

    def _fixed_range(self, name: str) -> float | None:
        """The fixed measure range of a quantity that is being measured; None where there is none."""
        own = self.functions[name]
        return None if own.auto or self._sourced(name) else own.range

    def range_of(self, name: str) -> Range:
        """The range in use for "CURR" or "VOLT": that of the source for what is sourced."""
        own = self.functions[name]
        if self._sourced(name):
            return own.table.ranges[self._source.own.now.index]
        return own.table.ranges[max(own.index, self._floor(name))]

    def _floor(self, name: str) -> int:
        if name == CURRENT and self._source.own.high_capacitance:
            return MEASURE_I.index_for(HIGH_CAPACITANCE_FLOOR) or 0
        return 0

    def _settle(self, used: Range) -> float:
        if self._source.own.high_capacitance:
            return HIGH_CAPACITANCE_SETTLES[used.value]
        return used.settle

    def _level_changes(self) -> None:
        """From here on the displayed current settles towards what will flow."""
        flowing = self._harness.probe(self._source.port).current
        self._settling.step(self._harness.clock.now, flowing, self._time_constant())

    def _time_constant(self) -> float:
        return self._settle(self.range_of(CURRENT)) / SETTLING_TIME_CONSTANTS

    # -- readings ----------------------------------------------------------------------------------------------

    def autozero_once(self) -> None:
        """Refresh reference and zero of the present function now."""
        self._harness.advance(AUTOZERO_CONVERSIONS * self.aperture)

    def take(self, first: bool = True) -> Reading:
        """One reading: source delay after a new level, range, source read-back, conversions, calculations."""
        own = self.own
        source_value, value, limited, start = self._raw()
        offset = own.relative if own.relative_on and value != OVERFLOW else 0.0
        shown = own.calculations.math.applied(value - offset)
        status = STATUS_FRONT * self.front | STATUS_START_GROUP * first | own.calculations.check(shown)
        source_unit = UNITS[self._source.function]
        unit = SHOWN_UNITS[own.unit]
        return Reading(shown, unit, source_value, source_unit, start, status, self._source_status(limited))

    def acquire_relative(self) -> None:
        """Take a reading, and make it the relative offset of the present function; ScpiError -221 for an overflow."""
        value = self._raw()[1]
        if value == OVERFLOW:
            raise ScpiError(-221, "the reading is an overflow")
        self.own.relative = value

    def _raw(self) -> tuple[float, float, bool, float]:
        """Source value, value of the measured function, whether the source was at its limit, start [s]."""
        if self._source.stepped and self._source.output:
            self._harness.advance(self._source.own.delay)
            self._source.stepped = False
        self._find_ranges()
        own = self.own
        source_value = self._read_back()
        repeats = int(own.filter_count) if own.filter_on and own.filter_type == "REP" else 1
        if repeats > 1:
            self._window.clear()
        for _ in range(repeats):
            value, limited, start = self._convert(own)
        if own.filter_on:
            value = self._averaged(value, own)
        return source_value, value, limited, start

    def _read_back(self) -> float:
        """The source value of a reading, measured just before it where read-back is on."""
        source = self._source
        if not source.own.read_back:
            return source.own.level
        sample = self._harness.measure(source.port, self.aperture)
        true = sample.voltage if source.function == VOLTAGE else sample.current
        return self._displayed(source.function, true)

    def _convert(self, own: SenseFunction) -> tuple[float, bool, float]:
        if own.autozero:
            self._harness.advance(AUTOZERO_CONVERSIONS * self.aperture)
        start = self._harness.clock.now
        sample = self._harness.measure(self._source.port, self.aperture)
        return self._value(own, sample, start), sample.limited, start

    def _value(self, own: SenseFunction, sample: Sample, start: float) -> float:
        if own.unit == "VOLT":
            return self._displayed(VOLTAGE, sample.voltage)
        settled = self._settling.mean(start, self.aperture, sample.current, self._time_constant())
        current = self._displayed(CURRENT, settled)
        if own.unit == "AMP":
            return current
        voltage = self._displayed(VOLTAGE, sample.voltage)
        if OVERFLOW in (current, voltage):
            return OVERFLOW
        if own.unit == "WATT":
            return voltage * current
        return voltage / current if current else OVERFLOW

    def _displayed(self, name: str, true: float) -> float:
        """A true value as this unit shows it: its errors, noise, the end of the range."""
        used = self.range_of(name)
        quantity = "i" if name == CURRENT else "v"
        value = self._errors.applied(quantity, used, true)
        value += self._noise.draw(noise_of(used, current=name == CURRENT), self.own.nplc)
        return value if abs(value) <= used.full_scale else OVERFLOW

    def _averaged(self, value: float, own: SenseFunction) -> float:
        self._window.append(value)
        while len(self._window) > own.filter_count:
            self._window.popleft()
        return OVERFLOW if OVERFLOW in self._window else math.fsum(self._window) / len(self._window)

    def _find_ranges(self) -> None:
        """Step through the ranges that follow the reading; each current range settles."""
        wanted = (CURRENT, VOLTAGE) if self.own.unit in ("OHM", "WATT") else (self.function,)
        for name in wanted:
            own = self.functions[name]
            if not own.auto or self._sourced(name):
                continue
            while (index := own.next_index(self._magnitude(name), self._floor(name))) != own.index:
                own.move(index)
                self._harness.advance(self._settle(own.table.ranges[index]) if name == CURRENT else 0.0)

    def _magnitude(self, name: str) -> float:
        sample = self._harness.probe(self._source.port)
        return abs(sample.current if name == CURRENT else sample.voltage)

    def _source_status(self, limited: bool) -> int:
        source = self._source
        at_protection = abs(self._harness.probe(source.port).voltage) >= source.own.now.protection
        return (
            SOURCE_PROTECTED * (source.output and at_protection)
            | SOURCE_READ_BACK * source.own.read_back
            | SOURCE_LIMIT * (limited and source.output)
            | SOURCE_FOUR_WIRE * self.four_wire[self.function]
            | SOURCE_ON * source.output
        )
