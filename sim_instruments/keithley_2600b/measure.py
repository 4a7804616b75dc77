"""The measure side of one SourceMeter channel: ranging, apertures, settling, errors and noise of a reading.

Series 2600B reference manual, `smuX.measure.*`. A reading is an action on the timeline, so that both channels may read
at once and sweeps may run behind a script.
"""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median
from typing import Final

from emulator import Sample
from sim_instruments.instrument import Surroundings
from sim_instruments.keithley_2600b.ranges import (
    HIGH_CAPACITANCE_FLOOR,
    HIGH_CAPACITANCE_SETTLES,
    OVERFLOW,
    Model,
)
from sim_instruments.keithley_2600b.source import DCAMPS, DCVOLTS, ON, Source, delay_time
from sim_instruments.smu_accuracy import (
    SETTLING_TIME_CONSTANTS,
    Range,
    RangeTable,
    ReadingNoise,
    SettlingCurrent,
    UnitErrors,
)
from sim_instruments.timeline import Action, Delay, Integrate, Timeline
from sim_instruments.tsp.errors import TspError
from sim_instruments.tsp.objects import LuaValue, TspObject, choice, number

AUTOZERO_OFF, AUTOZERO_ONCE, AUTOZERO_AUTO = 0, 1, 2
AUTORANGE_OFF, AUTORANGE_ON, AUTORANGE_FOLLOW_LIMIT = 0, 1, 2
FILTER_MOVING_AVG, FILTER_REPEAT_AVG, FILTER_MEDIAN = 0, 1, 2

AUTOZERO_LIFETIME: Final = 10.0
"""Seconds a reference and zero conversion is used in autozero AUTO; a choice, the manual prints no figure."""
REMEMBERED_APERTURES: Final = 10
RANGE_DOWN_FRACTION: Final = 0.9
"""Autorange goes down when the next range would be filled to less than this; a choice."""
NOISE_PER_OFFSET: Final = 0.1
"""Noise (rms) of one power line cycle as a fraction of the specified offset error; a choice, none is published."""
MAX_COUNT: Final = 100_000

# Bits of a reading's status.
STATUS_AUTORANGED, STATUS_SOURCE_AUTORANGED, STATUS_FOUR_WIRE, STATUS_REL = 4, 8, 16, 32
STATUS_COMPLIANCE, STATUS_FILTERED = 64, 128


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading: A and V as displayed (`OVERFLOW` beyond the range), time in s, and what a buffer keeps with them."""

    current: float
    voltage: float
    time: float
    limited: bool
    source_value: float
    status: int
    current_range: float
    voltage_range: float
    source_range: float
    sourced: int  # DCAMPS or DCVOLTS
    output: int  # ON or OFF

    def value(self, quantity: str) -> float:
        """The reading of "i", "v", "r" (V/A) or "p" (W)."""
        if quantity == "i":
            return self.current
        if quantity == "v":
            return self.voltage
        if OVERFLOW in (self.current, self.voltage) or (quantity == "r" and self.current == 0.0):
            return OVERFLOW
        return self.voltage / self.current if quantity == "r" else self.voltage * self.current


@dataclass
class MeasureRange:
    """Range setting of one measured quantity."""

    table: RangeTable
    index: int = 0
    low_index: int = 0
    auto: int = AUTORANGE_ON


class Measure:
    """Measure side of one channel."""

    def __init__(
        self,
        surroundings: Surroundings,
        letter: str,
        model: Model,
        source: Source,
        timeline: Timeline,
        line_frequency: Callable[[], float],
    ) -> None:
        self._harness = surroundings.harness
        self._errors = UnitErrors(surroundings, f"smu{letter} measure", drifts=True)
        self._noise = ReadingNoise(surroundings, f"smu{letter} measure")
        self._model = model
        self._source = source
        self._timeline = timeline
        self._line_frequency = line_frequency
        self._settling = SettlingCurrent()
        self._references: OrderedDict[float, float] = OrderedDict()
        self._window: deque[tuple[float, float]] = deque()
        self.i = MeasureRange(model.measure_i)
        self.v = MeasureRange(model.measure_v)
        self.sense = 0
        self.table = TspObject("smu_measure")
        self._add_ranges()
        self._add_settings()
        self.reset()

    # The command tree.

    def _add_ranges(self) -> None:
        for letter, own in (("i", self.i), ("v", self.v)):
            self.table.attribute("range" + letter, *self._range_access(own))
            self.table.attribute("autorange" + letter, *self._auto_access(own))
            self.table.attribute("lowrange" + letter, *self._low_range_access(own))

    def _add_settings(self) -> None:
        table = self.table
        self._nplc = table.setting("nplc", 1, number(0.001, 25))
        self._autozero = table.setting("autozero", AUTOZERO_AUTO, choice(AUTOZERO_OFF, AUTOZERO_ONCE, AUTOZERO_AUTO))
        table.attribute("autozero", self._autozero.read, self._set_autozero)
        self._count = table.setting("count", 1, number(1, MAX_COUNT))
        table.attribute("count", self._count.read, self._set_count)
        self._interval = table.setting("interval", 0, number(0, 1))
        self._delay = table.setting("delay", -1 if self._model.auto_measure_delay else 0, delay_time)
        self._delay_factor = table.setting("delayfactor", 1, number(0, 1000))
        table.setting("highcrangedelayfactor", 10, number(1, 99))
        if self._model.analog_filter:
            table.setting("analogfilter", 1, choice(0, 1))
        filtering = table.child("filter", TspObject("smu_filter"))
        self._filter_on = filtering.setting("enable", 0, choice(0, 1))
        self._filter_count = filtering.setting("count", 1, number(1, 100))
        filtering.attribute("count", self._filter_count.read, self._set_filter_count)
        self._filter_type = filtering.setting("type", FILTER_REPEAT_AVG, choice(0, 1, 2))
        relative = table.child("rel", TspObject("smu_rel"))
        self._rel = {
            quantity: (
                relative.setting("enable" + quantity, 0, choice(0, 1)),
                relative.setting("level" + quantity, 0, number()),
            )
            for quantity in "ivrp"
        }

    def _range_access(self, own: MeasureRange) -> tuple[Callable[[], float], Callable[[LuaValue], None]]:
        def write(value: LuaValue) -> None:
            index = own.table.index_for(float(number()(value)))
            if index is None:
                raise TspError(1101)
            if self._source.high_capacitance and own is self.i and own.auto == AUTORANGE_FOLLOW_LIMIT:
                raise TspError(5069)
            own.index, own.auto = max(index, self._floor(own)), AUTORANGE_OFF

        return (lambda: self.range_of(own).value), write

    def _auto_access(self, own: MeasureRange) -> tuple[Callable[[], int], Callable[[LuaValue], None]]:
        def write(value: LuaValue) -> None:
            mode = choice(AUTORANGE_OFF, AUTORANGE_ON, AUTORANGE_FOLLOW_LIMIT)(value)
            if self._source.high_capacitance and own is self.i and mode != AUTORANGE_FOLLOW_LIMIT:
                raise TspError(5069)
            own.index, own.auto = self._index_in_force(own), mode

        return (lambda: self._mode(own)), write

    def _low_range_access(self, own: MeasureRange) -> tuple[Callable[[], float], Callable[[LuaValue], None]]:
        def write(value: LuaValue) -> None:
            index = own.table.index_for(float(number(0)(value)))
            if index is None:
                raise TspError(1101)
            own.low_index = index

        return (lambda: own.table.ranges[max(own.low_index, self._floor(own))].value), write

    def _set_autozero(self, value: LuaValue) -> None:
        self._autozero.write(value)
        self._references.clear()
        if self._autozero.value == AUTOZERO_ONCE:
            self._timeline.run(self._refresh_references(self.aperture))
            self._autozero.value = AUTOZERO_OFF

    def _set_count(self, value: LuaValue) -> None:
        self._require_one_kind(number(1, MAX_COUNT)(value), self._filter_count.value)
        self._count.write(int(value))

    def _set_filter_count(self, value: LuaValue) -> None:
        self._require_one_kind(self._count.value, number(1, 100)(value))
        self._filter_count.write(int(value))

    def _require_one_kind(self, count: float, filter_count: float) -> None:
        if self._filter_on.value and count > 1 and filter_count > 1:
            raise TspError(5025)

    # Settings in force.

    def reset(self) -> None:
        """Everything to its default: 100 mA, the lowest voltage range, autorange."""
        self.table.reset()
        for own, start in ((self.i, 0.1), (self.v, 0.0)):
            own.index, own.low_index, own.auto = own.table.index_for(start) or 0, 0, AUTORANGE_ON
        self._references.clear()
        self._window.clear()
        self.sense = 0

    @property
    def aperture(self) -> float:
        """Integration time in s."""
        return float(self._nplc.value) / self._line_frequency()

    @property
    def count(self) -> int:
        """Readings of one measure command."""
        return int(self._count.value)

    @property
    def filtered(self) -> bool:
        """Whether the digital filter is on."""
        return bool(self._filter_on.value)

    @property
    def autozero(self) -> bool:
        """Whether references are refreshed by themselves."""
        return bool(self._autozero.value == AUTOZERO_AUTO)

    def autoranged(self, own: MeasureRange) -> bool:
        """Whether the range of a quantity may change by itself."""
        return self._mode(own) == AUTORANGE_ON and not self._locked(own)

    def _mode(self, own: MeasureRange) -> int:
        if self._source.high_capacitance and own is self.i:
            return AUTORANGE_FOLLOW_LIMIT
        return own.auto

    def _locked(self, own: MeasureRange) -> bool:
        """The measure range of the sourced quantity is the source range."""
        return own is (self.v if self._source.func == DCVOLTS else self.i)

    def _floor(self, own: MeasureRange) -> int:
        if self._source.high_capacitance and own is self.i:
            return own.table.index_for(HIGH_CAPACITANCE_FLOOR) or 0
        return 0

    def _index_in_force(self, own: MeasureRange) -> int:
        if self._locked(own):
            value = self._source.own.range.value
        elif self._mode(own) == AUTORANGE_FOLLOW_LIMIT:
            value = self._source.own.limit
        else:
            return max(own.index, self._floor(own))
        index = own.table.index_for(value)
        return len(own.table.ranges) - 1 if index is None else max(index, self._floor(own))

    def range_of(self, own: MeasureRange) -> Range:
        """The range in use for a quantity."""
        return own.table.ranges[self._index_in_force(own)]

    def _time_constant(self, used: Range) -> float:
        """Time constant [s] with which a current settles on a range."""
        settle = used.settle
        if self._source.high_capacitance:
            settle = HIGH_CAPACITANCE_SETTLES.get(used.value, settle)
        if self._model.filtered_settling and self.table.settings["analogfilter"].value:
            settle = max(settle, self._model.filtered_settling.get(used.value, 0.0))
        return settle / SETTLING_TIME_CONSTANTS

    def _auto_delay(self, used: Range) -> float:
        """The automatic delay [s] of a current range: about six time constants, times `delayfactor`."""
        return SETTLING_TIME_CONSTANTS * self._time_constant(used) * float(self._delay_factor.value)

    def level_changes(self) -> None:
        """Told just before the level of a live output changes: from here on the displayed current settles."""
        tau = self._time_constant(self.range_of(self.i))
        self._settling.step(self._timeline.now, self._harness.probe(self._source.port).current, tau)

    # Readings.

    def readings(self, keep: Callable[[Reading], None], quantities: str) -> Action[Reading]:
        """`measure.count` readings of the quantities "i", "v" or both, each handed to `keep`; the last one."""
        yield Delay(self._first_delay(quantities))
        for left in range(self.count - 1, -1, -1):
            start = self._timeline.now
            reading = yield from self._one(quantities)
            keep(reading)
            if left:
                yield Delay(start + float(self._interval.value) - self._timeline.now)
        return reading

    def _first_delay(self, quantities: str) -> float:
        delay = float(self._delay.value)
        if delay != -1:
            return delay
        return self._auto_delay(self.range_of(self.i)) if "i" in quantities else 0.0

    def _one(self, quantities: str) -> Action[Reading]:
        if not self.filtered:
            return (yield from self._convert(quantities))
        count = int(self._filter_count.value)
        if self._filter_type.value == FILTER_REPEAT_AVG:
            self._window.clear()
        while True:
            reading = yield from self._convert(quantities)
            self._window.append((reading.current, reading.voltage))
            while len(self._window) > count:
                self._window.popleft()
            if self._filter_type.value != FILTER_REPEAT_AVG or len(self._window) >= count:
                return self._filtered(reading)

    def _filtered(self, last: Reading) -> Reading:
        currents, voltages = zip(*self._window, strict=True)
        middle = median if self._filter_type.value == FILTER_MEDIAN else _mean
        return replace(last, current=middle(currents), voltage=middle(voltages), status=last.status | STATUS_FILTERED)

    def _convert(self, quantities: str) -> Action[Reading]:
        """One conversion: find the range, refresh the references, integrate."""
        if "i" in quantities and self.autoranged(self.i):
            yield from self._find_current_range()
        if self.autoranged(self.v):
            self._find_voltage_range()
        aperture = self.aperture
        if self.autozero and self._stale(aperture):
            yield from self._refresh_references(aperture)
        start = self._timeline.now
        sample: Sample = yield Integrate(self._source.port, aperture)
        return self._reading(sample, start, aperture)

    def _find_current_range(self) -> Action[None]:
        """Step through the current ranges, settling on each, until the current fits. What is still to settle on one
        range is all that has to settle on the next.
        """
        own = self.i
        while (index := self._next_index(own, abs(self._harness.probe(self._source.port).current))) != own.index:
            self.level_changes()
            own.index = index
            yield Delay(self._auto_delay(own.table.ranges[index]))

    def _find_voltage_range(self) -> None:
        voltage = abs(self._harness.probe(self._source.port).voltage)
        while (index := self._next_index(self.v, voltage)) != self.v.index:
            self.v.index = index

    def _next_index(self, own: MeasureRange, value: float) -> int:
        lowest = max(own.low_index, self._floor(own))
        if own.index < lowest:
            return lowest
        if value > own.table.ranges[own.index].value and own.index + 1 < len(own.table.ranges):
            return own.index + 1
        if own.index > lowest and value <= RANGE_DOWN_FRACTION * own.table.ranges[own.index - 1].value:
            return own.index - 1
        return own.index

    def _stale(self, aperture: float) -> bool:
        taken = self._references.get(aperture)
        return taken is None or self._timeline.now - taken > AUTOZERO_LIFETIME

    def _refresh_references(self, aperture: float) -> Action[None]:
        """Two conversions more: the reference and the zero of this aperture."""
        yield Delay(2 * aperture)
        self._references[aperture] = self._timeline.now
        self._references.move_to_end(aperture)
        while len(self._references) > REMEMBERED_APERTURES:
            self._references.popitem(last=False)

    def _reading(self, sample: Sample, start: float, aperture: float) -> Reading:
        used_i, used_v, source = self.range_of(self.i), self.range_of(self.v), self._source
        current = self._settling.mean(start, aperture, sample.current, self._time_constant(used_i))
        return Reading(
            self._displayed("i", self.i, current, aperture),
            self._displayed("v", self.v, sample.voltage, aperture),
            start,
            sample.limited and source.output == ON,
            source.level,
            self._status(sample.limited and source.output == ON),
            used_i.value,
            used_v.value,
            source.own.range.value,
            source.func,
            int(source.output == ON),
        )

    def _displayed(self, quantity: str, own: MeasureRange, true: float, aperture: float) -> float:
        """A true value as this unit shows it: its errors, noise, the end of the range, the relative offset."""
        used = self.range_of(own)
        value = self._errors.applied(quantity, used, true)
        value += self._noise.draw(NOISE_PER_OFFSET * used.offset_error, aperture * self._line_frequency())
        if abs(value) > used.full_scale:
            return OVERFLOW
        enabled, level = self._rel[quantity]
        return value - float(level.value) if enabled.value else value

    def _status(self, limited: bool) -> int:
        measured = self.v if self._source.func == DCAMPS else self.i
        bits = STATUS_AUTORANGED if self._mode(measured) else 0
        bits |= STATUS_SOURCE_AUTORANGED if self._source.own.auto else 0
        bits |= STATUS_FOUR_WIRE if self.sense else 0
        bits |= STATUS_REL if any(enabled.value for enabled, _ in self._rel.values()) else 0
        return bits | (STATUS_COMPLIANCE if limited else 0)


def _mean(values: tuple[float, ...]) -> float:
    return math.fsum(values) / len(values)
