"""The digital I/O port of a SourceMeter: 14 open-drain lines, `digio.readbit` to `writeport` and `digio.trigger[n]`.

Series 2600B reference manual, "Digital I/O" and "Hardware trigger modes". A line is high unless somebody pulls it low:
the unit itself, or what is wired to it (`DigitalLine.pull`). All edges at the pin count, also those the unit makes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Final

from sim_instruments.keithley_2600b.events import Detector, EventBus, Stimulus
from sim_instruments.timeline import Action, Delay, Task, Timeline
from sim_instruments.tsp.objects import LuaValue, TspObject, boolean, choice, number

LINES: Final = 14
_PORT: Final = (1 << LINES) - 1
_line_number = number(1, LINES)


class Mode(IntEnum):
    """Trigger modes: which edges a line detects, and what an asserted trigger does to it."""

    BYPASS = 0
    FALLING = 1
    RISING = 2
    EITHER = 3
    SYNCHRONOUSA = 4
    SYNCHRONOUS = 5
    SYNCHRONOUSM = 6
    RISINGA = 7
    RISINGM = 8


_FALLING: Final = (Mode.FALLING, Mode.EITHER, Mode.SYNCHRONOUSA, Mode.SYNCHRONOUS)
_RISING: Final = (Mode.EITHER, Mode.SYNCHRONOUSM, Mode.RISINGA)
_LATCHING: Final = (Mode.SYNCHRONOUSA, Mode.SYNCHRONOUS)


class DigitalLine:
    """One line with its trigger object `digio.trigger[n]`."""

    def __init__(self, bus: EventBus, timeline: Timeline) -> None:
        self._bus = bus
        self._timeline = timeline
        self._event = bus.new_event()
        self._pulse: Task | None = None
        self._asserted = self._latched = self._pulled = False
        self.overrun = False  # a trigger was asserted within the pulse of another
        self.programmed = True
        self.high = True
        self.heard: Callable[[bool], None] = lambda _: None  # whoever listens at the pin
        self.detector = Detector()
        self.stimulus = Stimulus(bus, self.assert_trigger)
        table = self.table = TspObject("digio_trigger", EVENT_ID=self._event)
        self._mode = table.setting("mode", Mode.BYPASS, choice(*Mode))
        table.attribute("mode", lambda: int(self._mode.value), self._set_mode)
        self._width = table.setting("pulsewidth", 10e-6, number(0, 28))
        table.attribute("stimulus", self.stimulus.read, self.stimulus.write)
        table.function("assert", self.assert_trigger)
        table.function("release", self.release)
        table.function("reset", self.reset)
        self.detector.describe(table, timeline)

    @property
    def mode(self) -> Mode:
        """The mode in force: RISING is one of two others, by the programmed state of the line."""
        mode = Mode(self._mode.value)
        if mode is not Mode.RISING:
            return mode
        return Mode.RISINGA if self.programmed else Mode.RISINGM

    def _set_mode(self, value: LuaValue) -> None:
        self._mode.write(value)
        self._stop_pulse()
        self._asserted = self._latched = False
        self._settle(detect=False)

    def program(self, high: bool) -> None:
        """`digio.writebit`: the state of the line in mode BYPASS."""
        self.programmed = high
        self._settle()

    def pull(self, low: bool) -> None:
        """Something outside pulls the line low, or lets it go."""
        self._pulled = low
        self._settle()

    def assert_trigger(self) -> None:
        """An output trigger: a pulse of `pulsewidth`, or without one a state that lasts until `release`."""
        if self.mode is Mode.BYPASS:
            return
        self.overrun |= self._pulse is not None and not self._pulse.done
        self._stop_pulse()
        self._latched = False
        self._asserted = self.mode is not Mode.SYNCHRONOUSA
        self._settle()
        if self._asserted and self._width.value:
            self._pulse = self._timeline.start(self._end_pulse(float(self._width.value)))

    def _end_pulse(self, width: float) -> Action[None]:
        yield Delay(width)
        self._asserted = False
        self._settle()

    def _stop_pulse(self) -> None:
        if self._pulse is not None:
            self._timeline.stop(self._pulse)
            self._pulse = None

    def release(self) -> None:
        """Let go of a latched or asserted line."""
        self._stop_pulse()
        self._asserted = self._latched = False
        self._settle()

    def _drives_low(self) -> bool:
        if self.mode is Mode.BYPASS:
            return not self.programmed
        if self.mode is Mode.RISINGM:
            return not self._asserted
        return self._asserted or self._latched

    def _settle(self, detect: bool = True) -> None:
        """Bring the level of the pin up to date; an edge that the mode detects is an event."""
        high = not (self._pulled or self._drives_low())
        if high == self.high:
            return
        self.high = high
        self.heard(high)
        if detect and self.mode in (_RISING if high else _FALLING):
            self._latched = self.mode in _LATCHING
            self.detector.occur()
            self._bus.fire(self._event)

    def reset(self) -> None:
        """Back to the defaults."""
        self._stop_pulse()
        self.table.reset()
        self.stimulus.write(0)
        self.detector.clear()
        self._asserted = self._latched = self.overrun = False
        self.programmed = True
        self._settle(detect=False)


class DigitalPort:
    """All lines, put into the table `digio`."""

    def __init__(self, bus: EventBus, timeline: Timeline, digio: TspObject) -> None:
        self.lines: Sequence[DigitalLine] = [DigitalLine(bus, timeline) for _ in range(LINES)]
        triggers = digio.child("trigger", TspObject("digio_triggers"))
        for index, line in enumerate(self.lines, start=1):
            triggers.child(index, line.table)
        digio.constants.update({"TRIG_" + mode.name: int(mode) for mode in Mode})
        self._protected = digio.setting("writeprotect", 0, number(0, _PORT))
        digio.function("readbit", lambda index: float(self._line(index).high))
        digio.function("readport", lambda: float(sum(line.high << place for place, line in enumerate(self.lines))))
        digio.function("writebit", self._write_bit)
        digio.function("writeport", self._write_port)

    def _line(self, index: LuaValue) -> DigitalLine:
        return self.lines[int(_line_number(index)) - 1]

    def _write_bit(self, index: LuaValue, value: LuaValue) -> None:
        line, high = self._line(index), boolean(value)
        if not int(self._protected.value) >> self.lines.index(line) & 1:
            line.program(high)

    def _write_port(self, value: LuaValue) -> None:
        bits = int(number(0, _PORT)(value))
        for place, line in enumerate(self.lines):
            if not int(self._protected.value) >> place & 1:
                line.program(bool(bits >> place & 1))

    def reset(self) -> None:
        """All lines back to the defaults."""
        for line in self.lines:
            line.reset()
