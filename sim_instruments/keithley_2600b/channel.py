"""One channel of a SourceMeter: the table `smua` or `smub` with its source, measure side, buffers and trigger model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from sim_instruments.instrument import Surroundings
from sim_instruments.keithley_2600b.buffer import MAX_CAPACITY, NV_CAPACITY, Entry, ReadingBuffer, as_buffer, buffers_of
from sim_instruments.keithley_2600b.events import EventBus
from sim_instruments.keithley_2600b.interlock import Interlock
from sim_instruments.keithley_2600b.measure import Measure, Reading
from sim_instruments.keithley_2600b.ranges import OVERFLOW, Model
from sim_instruments.keithley_2600b.source import DCVOLTS, ON, Source
from sim_instruments.keithley_2600b.status import (
    BUFFER_AVAILABLE,
    CURRENT_LIMIT,
    READING_OVERFLOW,
    VOLTAGE_LIMIT,
    SourceMeterStatus,
)
from sim_instruments.keithley_2600b.trigger import SweepModel
from sim_instruments.timeline import Action, Task, Timeline
from sim_instruments.tsp.errors import TspError
from sim_instruments.tsp.objects import LuaValue, TspObject, choice, number

_CONSTANTS = {
    "OUTPUT_DCAMPS": 0, "OUTPUT_DCVOLTS": 1, "OUTPUT_OFF": 0, "OUTPUT_ON": 1, "OUTPUT_HIGH_Z": 2, "OUTPUT_NORMAL": 0,
    "OUTPUT_ZERO": 1, "DISABLE": 0, "ENABLE": 1, "ASYNC": 2, "AUTORANGE_OFF": 0, "AUTORANGE_ON": 1,
    "AUTORANGE_FOLLOW_LIMIT": 2, "AUTOZERO_OFF": 0, "AUTOZERO_ONCE": 1, "AUTOZERO_AUTO": 2, "SENSE_LOCAL": 0,
    "SENSE_REMOTE": 1, "SENSE_CALA": 3, "FILTER_OFF": 0, "FILTER_ON": 1, "FILTER_MOVING_AVG": 0,
    "FILTER_REPEAT_AVG": 1, "FILTER_MEDIAN": 2, "REL_OFF": 0, "REL_ON": 1, "DELAY_OFF": 0, "DELAY_AUTO": -1,
    "SETTLE_SMOOTH": 0, "SETTLE_FAST_RANGE": 1, "SETTLE_FAST_POLARITY": 2, "SETTLE_DIRECT_IRANGE": 3,
    "SETTLE_SMOOTH_100NA": 4, "SETTLE_FAST_ALL": 128, "SOURCE_IDLE": 0, "SOURCE_HOLD": 1, "OE_NONE": 0,
    "OE_OUTPUT_OFF": 1, "FILL_ONCE": 0, "FILL_WINDOW": 1, "CONTACT_FAST": 0, "CONTACT_MEDIUM": 1, "CONTACT_SLOW": 2,
    "LIMIT_AUTO": 0, "CALSTATE_LOCKED": 0, "CALSTATE_CALIBRATING": 1, "CALSTATE_UNLOCKED": 2, "CALSET_NOMINAL": 0,
    "CALSET_FACTORY": 1, "CALSET_DEFAULT": 2, "CALSET_PREVIOUS": 3, "CAL_AUTO": 0, "CAL_POSITIVE": 1, "CAL_NEGATIVE": 2,
}  # fmt: skip


class SmuChannel:
    """Channel `letter` ("a" or "b"). `report` queues an error."""

    def __init__(
        self,
        letter: str,
        surroundings: Surroundings,
        model: Model,
        timeline: Timeline,
        bus: EventBus,
        line_frequency: Callable[[], float],
        interlock: Interlock,
        status: SourceMeterStatus,
        report: Callable[[int, str], None],
    ) -> None:
        self._timeline = timeline
        self._harness = surroundings.harness
        self._condition = partial(status.measured, letter)
        self._measuring = partial(status.measuring, letter)
        self._model = model
        self._overlapped: Task | None = None
        self.source = Source(surroundings, letter, model, interlock, self._level_changes, timeline.wait, report)
        self.measure = Measure(surroundings, letter, model, self.source, timeline, line_frequency)
        self.trigger = SweepModel(
            bus, timeline, self.source, self.measure, self._keep, partial(status.sweeping, letter)
        )
        self.table = TspObject("smu", **_CONSTANTS)
        self._describe()

    def _level_changes(self) -> None:
        self.measure.level_changes()

    def _describe(self) -> None:
        table = self.table
        table.child("source", self.source.table)
        table.child("measure", self.measure.table)
        table.child("trigger", self.trigger.table)
        self._buffers = [ReadingBuffer(NV_CAPACITY, self._timeline.poll) for _ in range(2)]
        for index, buffer in enumerate(self._buffers, start=1):
            table.child(f"nvbuffer{index}", buffer)
        statistics = table.child("buffer", TspObject("smu_buffer"))
        statistics.function("getstats", lambda buffer: self._required(buffer).statistics())
        statistics.function("recalculatestats", lambda *_: None)
        table.function("makebuffer", self._make_buffer)
        table.function("savebuffer", lambda *_: None)
        table.function("reset", self.reset)
        table.function("abort", self.abort)
        table.attribute("sense", lambda: self.measure.sense, self._set_sense)
        self.source.table.attribute("compliance", self.compliance)
        self._describe_measurements(self.measure.table)
        table.child("cal", _calibration())
        if self._model.digital_io:
            table.child("contact", _contact_check())

    def _make_buffer(self, capacity: LuaValue) -> ReadingBuffer:
        return ReadingBuffer(int(number(1, MAX_CAPACITY)(capacity)), self._timeline.poll)

    def _describe_measurements(self, table: TspObject) -> None:
        for quantities in ("i", "v", "r", "p", "iv"):
            table.function(quantities, partial(self._read, quantities))
            table.function("overlapped" + quantities, partial(self._overlap, quantities))
            # The manual writes these below smuX, some clients below smuX.measure.
            for home in (self.table, table):
                home.function(f"measure{quantities}andstep", partial(self._read_and_step, quantities))

    # Measuring.

    def _read(self, quantities: str, *given: LuaValue) -> LuaValue:
        self._require_free()
        buffers = buffers_of(quantities, given)
        for buffer in buffers:
            buffer.begin()
        reading = self._timeline.run(self._keep(quantities, buffers))
        if quantities == "iv":
            return reading.current, reading.voltage
        return reading.value(quantities)

    def _keep(self, quantities: str, buffers: Sequence[ReadingBuffer]) -> Action[Reading]:
        """Take readings into buffers and set the status bits, which follow readings only."""
        which = "iv" if quantities in ("r", "p") else quantities

        def keep(reading: Reading) -> None:
            for quantity, buffer in zip(quantities, buffers, strict=False):
                buffer.add(_entry(reading, quantity))

        reading = yield from self.measure.readings(keep, which)
        self._mark_limit(reading.limited)
        self._condition(READING_OVERFLOW, OVERFLOW in (reading.current, reading.voltage))
        if buffers:
            self._condition(BUFFER_AVAILABLE, True)
        return reading

    def _overlap(self, quantities: str, *given: LuaValue) -> None:
        self._require_free()
        buffers = buffers_of(quantities, given)
        if not buffers:
            raise TspError(-109)
        for buffer in buffers:
            buffer.begin()
        self._overlapped = self._timeline.start(self._keep_behind(quantities, buffers), awaited=True)

    def _keep_behind(self, quantities: str, buffers: Sequence[ReadingBuffer]) -> Action[None]:
        self._measuring(True)
        try:
            yield from self._keep(quantities, buffers)
        finally:  # also when it is aborted
            self._measuring(False)

    def _read_and_step(self, quantities: str, level: LuaValue) -> LuaValue:
        self._require_fixed()
        result = self._read(quantities)
        self.source.table.setters["levelv" if self.source.func == DCVOLTS else "leveli"](level)
        return result

    def _require_free(self) -> None:
        if self.trigger.running or (self._overlapped is not None and not self._overlapped.done):
            raise TspError(5042)

    def _require_fixed(self) -> None:
        """The combined measure-and-step commands need fixed ranges and no filter."""
        if self.source.own.auto:
            raise TspError(5028)
        if self.measure.autoranged(self.measure.v):
            raise TspError(5043)
        if self.measure.autoranged(self.measure.i):
            raise TspError(5044)
        if self.measure.filtered:
            raise TspError(5045)

    @staticmethod
    def _required(value: LuaValue) -> ReadingBuffer:
        buffer = as_buffer(value)
        if buffer is None:
            raise TspError(-109)
        return buffer

    # State.

    def compliance(self) -> bool:
        """Whether the output is at its limit now; asking also updates the status bits."""
        limited = self.source.output == ON and self._harness.probe(self.source.port).limited
        self._mark_limit(limited)
        return limited

    def _mark_limit(self, limited: bool) -> None:
        bit = CURRENT_LIMIT if self.source.func == DCVOLTS else VOLTAGE_LIMIT
        self._condition((CURRENT_LIMIT | VOLTAGE_LIMIT) & ~bit, False)
        self._condition(bit, limited)

    def _set_sense(self, value: LuaValue) -> None:
        self.measure.sense = choice(0, 1, 3)(value)

    def abort(self) -> None:
        """End overlapped operations of this channel."""
        if self._overlapped is not None:
            self._timeline.stop(self._overlapped)
        self.trigger.abort()

    def reset(self) -> None:
        """`smuX.reset()`: output off, defaults; buffers keep their readings."""
        self.abort()
        self.trigger.reset()
        self.source.reset()
        self.measure.reset()
        self._condition(VOLTAGE_LIMIT | CURRENT_LIMIT | READING_OVERFLOW | BUFFER_AVAILABLE, False)


def _calibration() -> TspObject:
    """`smuX.cal`: dates and the lock; the twin cannot be adjusted (error 1100)."""

    def refuse(*_: LuaValue) -> None:
        raise TspError(1100)

    calibration = TspObject("smu_cal", state=0, date=0, due=0, adjustdate=0)
    for name in ("unlock", "save", "restore"):
        calibration.function(name, refuse)
    calibration.function("lock", lambda: None)
    calibration.setting("polarity", 0, choice(0, 1, 2))
    return calibration


def _contact_check() -> TspObject:
    """`smuX.contact`: all contacts are good."""
    contact = TspObject("smu_contact")
    contact.function("check", lambda: True)
    contact.function("r", lambda: (0.0, 0.0))
    contact.setting("threshold", 50, number(0, 1000))
    contact.setting("speed", 0, choice(0, 1, 2))
    return contact


def _entry(reading: Reading, quantity: str) -> Entry:
    measured = reading.voltage_range if quantity == "v" else reading.current_range
    return Entry(
        reading.value(quantity), reading.time, reading.source_value, reading.status, measured, reading.source_range,
        "ivrp".index(quantity), reading.sourced, reading.output,
    )  # fmt: skip
