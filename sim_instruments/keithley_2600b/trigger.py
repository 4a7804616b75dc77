"""The trigger model of one SourceMeter channel: arm and trigger layers, list and linear sweeps, pulses.

Series 2600B reference manual, `smuX.trigger.*`. Per point: source, measure, end of pulse; each may wait for an event.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Protocol

from sim_instruments.keithley_2600b.buffer import ReadingBuffer, buffers_of
from sim_instruments.keithley_2600b.events import Detector, EventBus, Stimulus, numbers_of, overrun_bits
from sim_instruments.keithley_2600b.measure import Measure
from sim_instruments.keithley_2600b.source import DCAMPS, DCVOLTS, LevelSetting, Source
from sim_instruments.timeline import Action, Delay, Task, Timeline, Wait
from sim_instruments.tsp.errors import TspError
from sim_instruments.tsp.objects import LuaValue, TspObject, choice, number

DISABLE, ENABLE, ASYNC = 0, 1, 2
SOURCE_IDLE, SOURCE_HOLD = 0, 1
TRIGGER_OVERHEAD: Final = 10e-6
"""Seconds one pass of the trigger layer takes besides sourcing and measuring; a choice."""
MAX_POINTS: Final = 100_000

EVENTS: Final = (
    "SWEEPING", "ARMED", "SOURCE_COMPLETE", "MEASURE_COMPLETE", "PULSE_COMPLETE", "SWEEP_COMPLETE", "IDLE",
)  # fmt: skip


class KeepReadings(Protocol):
    """Takes readings of "i", "v", "iv", "r" or "p" into buffers, as a foreground measurement does."""

    def __call__(self, quantities: str, buffers: Sequence[ReadingBuffer]) -> Action[object]:
        """The action; its result is the last reading."""
        ...


class Stage:
    """A stimulus input of the trigger model with its detector, as a table with `stimulus` and `set()`."""

    def __init__(self, name: str, bus: EventBus) -> None:
        self.detector = Detector()
        self.stimulus = Stimulus(bus, self.detector.occur)
        self.table = TspObject("smu_trigger_" + name)
        self.table.attribute("stimulus", self.stimulus.read, self.stimulus.write)
        self.table.function("set", self._bypass)
        self._bus = bus

    def _bypass(self) -> None:
        self.detector.occur()
        self._bus.fire(0)  # nothing listens to 0, but whoever waits here goes on

    def wait(self) -> Action[None]:
        """Wait for the stimulus, if there is one."""
        if self.stimulus.event:
            yield Wait(self.detector)

    def reset(self) -> None:
        """No stimulus."""
        self.table.reset()
        self.stimulus.write(0)
        self.detector.clear()


class SweepModel:
    """Trigger model of one channel. `sweeping(on)` is told when a sweep begins and ends."""

    def __init__(
        self,
        bus: EventBus,
        timeline: Timeline,
        source: Source,
        measure: Measure,
        keep: KeepReadings,
        sweeping: Callable[[bool], None],
    ) -> None:
        self._bus, self._timeline, self._source, self._measure = bus, timeline, source, measure
        self._keep = keep
        self._sweeping = sweeping
        self._events = {name: bus.new_event() for name in EVENTS}
        self._task: Task | None = None
        self._reading: Task | None = None
        self._levels: Sequence[float] = ()
        self._function = DCVOLTS
        self._quantities = ""
        self._buffers: Sequence[ReadingBuffer] = ()
        self.table = TspObject("smu_trigger", **{f"{name}_EVENT_ID": event for name, event in self._events.items()})
        self._describe()

    def _describe(self) -> None:
        table = self.table
        self._count = table.setting("count", 1, number(0, 2**31))
        self._auto_clear = table.setting("autoclear", 0, choice(0, 1))
        table.function("initiate", self.initiate)
        self._stages = [Stage(name, self._bus) for name in ("arm", "source", "measure", "endpulse")]
        self._arm, self._source_stage, self._measure_stage, self._end_pulse = self._stages
        self._arm_count = table.child("arm", self._arm.table).setting("count", 1, number(0, 2**31))
        self._describe_source(table.child("source", self._source_stage.table))
        self._describe_measure(table.child("measure", self._measure_stage.table))
        end_pulse = table.child("endpulse", self._end_pulse.table)
        self._end_pulse_action = end_pulse.setting("action", SOURCE_HOLD, choice(SOURCE_IDLE, SOURCE_HOLD))
        end_sweep = table.child("endsweep", TspObject("smu_trigger_endsweep"))
        self._end_sweep_action = end_sweep.setting("action", SOURCE_IDLE, choice(SOURCE_IDLE, SOURCE_HOLD))

    def _describe_source(self, table: TspObject) -> None:
        self._source_action = table.setting("action", DISABLE, choice(DISABLE, ENABLE))
        self._limits = {
            DCVOLTS: table.setting("limiti", 0, _zero_or(self._source.v)),
            DCAMPS: table.setting("limitv", 0, _zero_or(self._source.i)),
        }
        for letter, function in (("v", DCVOLTS), ("i", DCAMPS)):
            self._describe_sweeps(table, letter, function)

    def _describe_sweeps(self, table: TspObject, letter: str, function: int) -> None:
        def keep(levels: Sequence[float]) -> None:
            if not levels:
                raise TspError(-109)
            top = (self._source.v if function == DCVOLTS else self._source.i).table.top.full_scale
            for level in levels:
                number(-top, top)(level)
            self._levels, self._function = tuple(levels), function

        table.function("list" + letter, lambda values: keep(numbers_of(values)))
        table.function("linear" + letter, lambda start, stop, points: keep(_linear(start, stop, points)))
        table.function(
            "log" + letter,
            lambda start, stop, points, asymptote=0: keep(_logarithmic(start, stop, points, asymptote)),
        )

    def _describe_measure(self, table: TspObject) -> None:
        self._measure_action = table.setting("action", DISABLE, choice(DISABLE, ENABLE, ASYNC))
        for quantities in ("i", "v", "r", "p", "iv"):
            table.function(quantities, partial(self._configure, quantities))

    def _configure(self, quantities: str, *given: LuaValue) -> None:
        buffers = buffers_of(quantities, given)
        if not buffers:
            raise TspError(-109)
        self._quantities, self._buffers = quantities, buffers

    def overruns(self) -> int:
        """Bits of the channel's trigger-overrun register: arm 2, source 4, measure 8, end of pulse 16."""
        return overrun_bits([stage.detector.overrun for stage in self._stages])

    @property
    def running(self) -> bool:
        """Whether a sweep is under way."""
        return self._task is not None and not self._task.done

    def reset(self) -> None:
        """Stop and forget the configuration."""
        self.abort()
        self.table.reset()
        for stage in self._stages:
            stage.reset()
        self._levels, self._quantities, self._buffers = (), "", ()

    def abort(self) -> None:
        """`smuX.abort()`: the sweep ends where it is, the source returns to its programmed level."""
        if self._reading is not None:
            self._timeline.stop(self._reading)
        if self._task is not None and not self._task.done:
            self._timeline.stop(self._task)
            self._leave()

    def initiate(self) -> None:
        """Start; returns at once.

        Raises:
            TspError: 5042 while a sweep runs, 5059 or 5060 for an action that is not configured, 5063 and 5064 for an
                asynchronous measurement that cannot keep up, 5005 for a level above a fixed range.
        """
        if self.running:
            raise TspError(5042)
        if self._source_action.value and not self._levels:
            raise TspError(5059)
        if self._measure_action.value and not self._buffers:
            raise TspError(5060)
        if self._measure_action.value == ASYNC:
            self._require_asynchronous()
        if self._source_action.value:
            self._prepare_source()
        for stage in self._stages:
            stage.detector.clear()
        if self._measure_action.value:
            for buffer in self._buffers:
                buffer.begin()
        self._sweeping(True)
        endless = not (self._count.value and self._arm_count.value)
        self._task = self._timeline.start(self._run(), awaited=True, endless=endless)

    def _require_asynchronous(self) -> None:
        if self._measure.autoranged(self._measure.i):
            raise TspError(5044)
        if self._measure.autoranged(self._measure.v):
            raise TspError(5043)
        if self._measure.autozero:
            raise TspError(5063)
        if any(buffer.collects_source_values for buffer in self._buffers):
            raise TspError(5064)

    def _prepare_source(self) -> None:
        """One source range and one limit for the whole sweep."""
        source = self._source
        own = source.v if self._function == DCVOLTS else source.i
        index = own.index_for(max(self._levels, key=abs))
        if source.func != self._function:
            source.table.setters["func"](self._function)
        own.index = index
        source.sweep_limit = float(self._limits[self._function].value)

    def _run(self) -> Action[None]:
        self._bus.fire(self._events["SWEEPING"])
        arms = 0
        while arms < (self._arm_count.value or math.inf):
            yield from self._arm.wait()
            for stage in self._stages[1:]:
                if self._auto_clear.value:
                    stage.detector.clear()
            self._bus.fire(self._events["ARMED"])
            yield from self._sweep()
            self._bus.fire(self._events["SWEEP_COMPLETE"])
            arms += 1
        self._leave()

    def _sweep(self) -> Action[None]:
        point = 0
        while point < (self._count.value or math.inf):
            yield Delay(TRIGGER_OVERHEAD)
            yield from self._source_stage.wait()
            yield from self._do_source(point)
            yield from self._measure_stage.wait()
            yield from self._do_measure()
            yield from self._end_pulse.wait()
            if self._source_action.value and self._end_pulse_action.value == SOURCE_IDLE:
                self._source.step_to(None)
            self._bus.fire(self._events["PULSE_COMPLETE"])
            point += 1

    def _do_source(self, point: int) -> Action[None]:
        if self._source_action.value:
            self._source.step_to(self._levels[point % len(self._levels)])
            yield Delay(self._source.settle + max(0.0, float(self._source.delay.value)))
        self._bus.fire(self._events["SOURCE_COMPLETE"])

    def _do_measure(self) -> Action[None]:
        if self._measure_action.value == ASYNC:
            self._reading = self._timeline.start(self._measured(), awaited=True)
        else:
            yield from self._measured()

    def _measured(self) -> Action[None]:
        if self._measure_action.value:
            yield from self._keep(self._quantities, self._buffers)
        self._bus.fire(self._events["MEASURE_COMPLETE"])

    def _leave(self) -> None:
        """Back to idle: hold the last level only where that was asked for."""
        held = self._source.sweep_level
        if held is not None and self._end_sweep_action.value == SOURCE_HOLD:
            self._source.own.level = held
        self._source.sweep_limit = 0.0
        self._source.step_to(None)
        self._sweeping(False)
        self._bus.fire(self._events["IDLE"])


def _zero_or(own: LevelSetting) -> Callable[[LuaValue], float]:
    """A sweep limit: 0 for the normal one, else a limit."""
    return lambda value: 0.0 if value == 0 else own.checked_limit(value)


def _points(value: LuaValue) -> int:
    return int(number(1, MAX_POINTS)(value))


def _linear(start: LuaValue, stop: LuaValue, points: LuaValue) -> list[float]:
    first, last, count = number()(start), number()(stop), _points(points)
    if count == 1:
        return [float(first)]
    return [first + (last - first) * k / (count - 1) for k in range(count)]


def _logarithmic(start: LuaValue, stop: LuaValue, points: LuaValue, asymptote: LuaValue) -> list[float]:
    """Levels spaced by a constant ratio in their distance from the asymptote."""
    zero = number()(asymptote)
    first, last, count = number()(start) - zero, number()(stop) - zero, _points(points)
    if first * last <= 0:
        raise TspError(-222)
    if count == 1:
        return [float(first + zero)]
    return [zero + first * (last / first) ** (k / (count - 1)) for k in range(count)]
