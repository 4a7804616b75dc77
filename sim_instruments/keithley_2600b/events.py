"""Trigger events of a SourceMeter: event numbers, stimulus inputs, timers, blenders, the command and key triggers.

Series 2600B reference manual, "Triggering". An event detector latches one event until it is waited for or cleared.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from sim_instruments.timeline import Action, Delay, Task, Timeline
from sim_instruments.tsp.errors import TspError
from sim_instruments.tsp.objects import LuaValue, TspObject, boolean, number

TIMERS: Final = 8
BLENDERS: Final = 6
BLENDER_INPUTS: Final = 4
MAX_TIMER_COUNT: Final = 1_048_575

_event_number = number(0, 1000)


class EventBus:
    """Numbers events and carries them to whatever has one as its stimulus; 0 is no stimulus."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._last = 0
        self._listeners: dict[int, list[Callable[[], None]]] = {}

    def new_event(self) -> int:
        """A number for a kind of event."""
        self._last += 1
        return self._last

    def move(self, listener: Callable[[], None], before: int, after: int) -> None:
        """A stimulus input leaves one event for another."""
        if before:
            self._listeners[before].remove(listener)
        if after:
            self._listeners.setdefault(after, []).append(listener)

    def fire(self, event: int) -> None:
        """An event happens now."""
        for listener in tuple(self._listeners.get(event, ())):
            listener()
        self._timeline.signalled()


class Stimulus:
    """One stimulus input: which event it listens to, and what it does then."""

    def __init__(self, bus: EventBus, occur: Callable[[], None]) -> None:
        self._bus = bus
        self._occur = occur
        self.event = 0

    def write(self, value: LuaValue) -> None:
        """Listen to another event number."""
        event = int(_event_number(value))
        self._bus.move(self._occur, self.event, event)
        self.event = event

    def read(self) -> int:
        """The event number, 0 for none."""
        return self.event


class Detector:
    """Latches one event; `overrun` tells that another came before it was used."""

    def __init__(self) -> None:
        self.pending = False
        self.overrun = False

    def occur(self) -> None:
        """The event."""
        self.overrun |= self.pending
        self.pending = True

    def consume(self) -> bool:
        """Whether it is latched; it is then used up."""
        was, self.pending = self.pending, False
        return was

    def clear(self) -> None:
        """Forget a latched event."""
        self.pending = self.overrun = False

    def describe(self, table: TspObject, timeline: Timeline) -> None:
        """Add `wait`, `clear` and `overrun` to a table."""
        table.attribute("overrun", lambda: self.overrun)
        table.function("clear", self.clear)
        table.function("wait", lambda timeout: timeline.wait_for(self, float(number(0, 100e3)(timeout))))


class Timer:
    """`trigger.timer[n]`: after its stimulus, `count` events `delay` apart."""

    def __init__(self, bus: EventBus, timeline: Timeline) -> None:
        self._bus = bus
        self._timeline = timeline
        self._event = bus.new_event()
        self.detector = Detector()
        self._task: Task | None = None
        self._delays: list[float] = []
        self.overrun = False  # it was started while it ran
        self.stimulus = Stimulus(bus, self._start)
        table = self.table = TspObject("trigger_timer", EVENT_ID=self._event)
        self._delay = table.setting("delay", 10e-6, number(0.5e-6, 100e3))
        self._count = table.setting("count", 1, number(0, MAX_TIMER_COUNT))
        self._pass_through = table.setting("passthrough", False, boolean)
        table.attribute("delaylist", self._get_delays, self._set_delays)
        table.attribute("stimulus", self.stimulus.read, self.stimulus.write)
        table.function("reset", self.reset)
        self.detector.describe(table, timeline)

    def _get_delays(self) -> TspObject:
        listed = TspObject("table")
        listed.constants.update(enumerate(self._delays or [float(self._delay.value)], start=1))
        return listed

    def _set_delays(self, value: LuaValue) -> None:
        self._delays = [float(number(0.5e-6, 100e3)(one)) for one in numbers_of(value)]

    def reset(self) -> None:
        """Stop and return to the defaults."""
        if self._task is not None:
            self._timeline.stop(self._task)
        self.table.reset()
        self.stimulus.write(0)
        self._delays = []
        self.overrun = False
        self.detector.clear()

    def _start(self) -> None:
        if self._task is not None and not self._task.done:
            self.overrun = True
            return
        if self._pass_through.value:
            self._tick()
        self._task = self._timeline.start(self._run())

    def _run(self) -> Action[None]:
        tick, count = 0, self._count.value or math.inf
        while tick < count:
            yield Delay(self._delays[tick % len(self._delays)] if self._delays else float(self._delay.value))
            tick += 1
            self._tick()

    def _tick(self) -> None:
        self.detector.occur()
        self._bus.fire(self._event)


class Blender:
    """`trigger.blender[n]`: an event when all (or any) of up to four stimuli have come."""

    def __init__(self, bus: EventBus, timeline: Timeline) -> None:
        self._bus = bus
        self._event = bus.new_event()
        self.detector = Detector()
        self._seen: set[int] = set()
        self._inputs = [Stimulus(bus, partial(self._occur, i)) for i in range(BLENDER_INPUTS)]
        table = self.table = TspObject("trigger_blender", EVENT_ID=self._event)
        self._any = table.setting("orenable", False, boolean)
        inputs = table.child("stimulus", TspObject("synchronous_table"))
        inputs.item = lambda index: self._input(index).read()
        inputs.set_item = lambda index, value: self._input(index).write(value)
        table.function("reset", self.reset)
        self.detector.describe(table, timeline)
        table.function("clear", self._clear)

    def _input(self, index: float) -> Stimulus:
        return self._inputs[int(number(1, BLENDER_INPUTS)(index)) - 1]

    def _occur(self, index: int) -> None:
        self._seen.add(index)
        wanted = {i for i, one in enumerate(self._inputs) if one.event}
        if self._any.value or wanted <= self._seen:
            self._seen.clear()
            self.detector.occur()
            self._bus.fire(self._event)

    def _clear(self) -> None:
        self._seen.clear()
        self.detector.clear()

    def reset(self) -> None:
        """Back to the defaults."""
        self.table.reset()
        for one in self._inputs:
            one.write(0)
        self._clear()


class TriggerSystem:
    """The global `trigger` table and `display.trigger`, the TRIG key of the front panel."""

    def __init__(self, timeline: Timeline, display: TspObject) -> None:
        self.bus = EventBus(timeline)
        self._detectors: list[Detector] = []
        self.table, self.command = self._event_source(timeline, "trigger")
        table, self.press_key = self._event_source(timeline, "display_trigger")
        display.child("trigger", table)
        self._timers = [Timer(self.bus, timeline) for _ in range(TIMERS)]
        self._blenders = [Blender(self.bus, timeline) for _ in range(BLENDERS)]
        self._add("timer", [timer.table for timer in self._timers])
        self._add("blender", [blender.table for blender in self._blenders])
        generators = self.table.child("generator", TspObject("trigger_generators"))
        for index in (1, 2):
            event = self.bus.new_event()
            made = generators.child(index, TspObject("trigger_generator", EVENT_ID=event))
            made.function("assert", partial(self.bus.fire, event))

    def _add(self, name: str, tables: Sequence[TspObject]) -> None:
        numbered = self.table.child(name, TspObject(f"trigger_{name}s"))
        for index, table in enumerate(tables, start=1):
            numbered.child(index, table)

    def _event_source(self, timeline: Timeline, name: str) -> tuple[TspObject, Callable[[], None]]:
        """A table with an event and its detector, and the function that makes it happen."""
        event, detector = self.bus.new_event(), Detector()
        table = TspObject(name, EVENT_ID=event)
        detector.describe(table, timeline)
        self._detectors.append(detector)

        def happen() -> None:
            detector.occur()
            self.bus.fire(event)

        return table, happen

    def overruns(self, kind: str) -> int:
        """Which timers ("trigger_timer") were started while they ran, or which blenders ("trigger_blender") had another
        event while one was latched; bit 1 for the first.
        """
        if kind == "trigger_timer":
            return overrun_bits([timer.overrun for timer in self._timers])
        return overrun_bits([blender.detector.overrun for blender in self._blenders])

    def reset(self) -> None:
        """Everything to its default."""
        for detector in self._detectors:
            detector.clear()
        for timer in self._timers:
            timer.reset()
        for blender in self._blenders:
            blender.reset()


def overrun_bits(overrun: Sequence[bool]) -> int:
    """The bits of a trigger-overrun register: bit 1 for the first."""
    return sum(2 << place for place, one in enumerate(overrun) if one)


def numbers_of(value: LuaValue) -> list[float]:
    """The numbers of a Lua list.

    Raises:
        TspError: -104 for anything else.
    """
    if value is None:
        raise TspError(-109)
    try:
        return [float(number()(one)) for one in value.values()]
    except AttributeError:
        raise TspError(-104, "(list expected)") from None
