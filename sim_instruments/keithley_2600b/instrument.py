"""Keithley Series 2600B System SourceMeters: two source-measure channels behind a TSP interpreter.

Facts are from the Series 2600B reference manual. Left out: TSP-Link, contact resistance, four-wire sensing of a lead
drop, extended pulse regions above the direct-current envelope, front panel.
"""

from __future__ import annotations

from typing import ClassVar, Final

from sim_instruments.instrument import Surroundings
from sim_instruments.keithley_2600b.channel import INTERLOCK, SmuChannel
from sim_instruments.keithley_2600b.events import TriggerSystem
from sim_instruments.keithley_2600b.ranges import MODEL_2636B, ModelRanges
from sim_instruments.timeline import Timeline
from sim_instruments.tsp.engine import TspInstrument
from sim_instruments.tsp.lua_host import ScriptError, lua_source
from sim_instruments.tsp.objects import TspObject
from sim_instruments.tsp.status import RegisterSet

_BITS: Final = {"a": 2, "b": 4}  # of a channel in registers that hold one bit for each


class Keithley2600B(TspInstrument):
    """What the models of the family share; a model gives its name and ranges.

    `interlock_closed` may be changed at any time, as by a fixture's lid.
    """

    maker = "Keithley Instruments Inc."
    firmware = "3.3.5"
    identity_form = "{maker}, Model {model}, {serial}, {firmware}"
    ranges: ClassVar[ModelRanges]

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        serial: str = "4411111",
        line_frequency: float = 50,
        interlock_closed: bool = True,
    ) -> None:
        self._interlock_closed = interlock_closed
        self._timeline = Timeline(surroundings.harness, _too_long)
        super().__init__(surroundings, serial=serial, line_frequency=line_frequency)

    def build_tree(self) -> None:
        """Channels, triggers, their status registers."""
        self._triggers = TriggerSystem(self._timeline, self.node.furniture["digio"])
        self._sets = self._status_sets()
        self.channels = {letter: self._channel(letter) for letter in "ab"}
        self.tree.update({"smu" + letter: channel.table for letter, channel in self.channels.items()})
        self.tree["trigger"] = self._triggers.table
        self.tree["timer"] = self._stopwatch()
        self._show_interlock()

    def libraries(self) -> tuple[str, ...]:
        """The factory scripts."""
        return (lua_source("sim_instruments.keithley_2600b", "factory_scripts.lua"),)

    def _channel(self, letter: str) -> SmuChannel:
        return SmuChannel(
            letter,
            self.surroundings,
            self.ranges,
            self._timeline,
            self._triggers.bus,
            lambda: self.node.line_frequency,
            lambda: self._interlock_closed,
            self._sets[letter].put,
            lambda on: self._sweeping.put(_BITS[letter], on),
            lambda on: self._measuring.put(_BITS[letter], on),
            self.report,
        )

    def _status_sets(self) -> dict[str, RegisterSet]:
        """The sets below the standard ones; those of status.measurement.instrument by channel letter."""
        status = self.status
        self._sweeping = self._polled_set("sweeping", 8)
        self._measuring = self._polled_set("measuring", 16)
        for group in (status.operation, status.questionable):
            above = RegisterSet("instrument", group, 8192, SMUA=2, SMUB=4)
            for letter, bit in _BITS.items():
                RegisterSet("smu" + letter, above, bit)
        above = RegisterSet("instrument", status.measurement, 8192, SMUA=2, SMUB=4)
        names = {"VLMT": 1, "ILMT": 2, "ROF": 128, "BAV": 256, "INT": 2048, "VOLTAGE_LIMIT": 1, "CURRENT_LIMIT": 2,
                 "READING_OVERFLOW": 128, "BUFFER_AVAILABLE": 256}  # fmt: skip
        return {letter: RegisterSet("smu" + letter, above, bit, **names) for letter, bit in _BITS.items()}

    def _polled_set(self, name: str, weight: int) -> RegisterSet:
        """A set of status.operation whose condition clients poll to see the end of an overlapped operation."""
        made = RegisterSet(name, self.status.operation, weight, SMUA=2, SMUB=4)

        def condition() -> int:
            self._timeline.poll()
            return made.condition

        made.table.attribute("condition", condition)
        return made

    def _stopwatch(self) -> TspObject:
        started = {"at": 0.0}
        timer = TspObject("timer")
        timer.function("reset", lambda: started.update(at=self._timeline.now))
        timer.child("measure", TspObject("timer_measure")).function("t", lambda: self._timeline.now - started["at"])
        return timer

    # Overlapped operations.

    def execute(self, message: bytes) -> bytes | None:
        """Run a program message; operations behind it first catch up with the clock."""
        self._timeline.begin_message()
        return super().execute(message)

    def pass_time(self, seconds: float) -> None:
        """Let time pass; sweeps and timers of this instrument go on in it."""
        self._timeline.wait(seconds)

    def wait_complete(self) -> bool:
        """Let sweeps and overlapped measurements finish; False if one waits for a trigger that cannot come."""
        return self._timeline.finish()

    def trigger(self) -> None:
        """`*TRG` or a group execute trigger: the event `trigger.EVENT_ID`."""
        self._triggers.command()

    def abort(self) -> None:
        """End the overlapped operations of both channels."""
        for channel in self.channels.values():
            channel.abort()

    # State.

    def reset(self) -> None:
        """`reset()`: both channels, triggers and furniture; scripts, variables and buffers stay."""
        for channel in self.channels.values():
            channel.reset()
        self._triggers.reset()
        super().reset()
        self._show_interlock()

    @property
    def interlock_closed(self) -> bool:
        """Whether the interlock line is asserted; without it the 200 V range is blocked (error 802)."""
        return self._interlock_closed

    @interlock_closed.setter
    def interlock_closed(self, closed: bool) -> None:
        self._interlock_closed = closed
        for channel in self.channels.values():
            channel.source.interlock_changed()
        self._show_interlock()

    def _show_interlock(self) -> None:
        for letter in self.channels:
            self._sets[letter].put(INTERLOCK, not self._interlock_closed)


def _too_long() -> ScriptError:
    return ScriptError(-286, "script stopped: it ran too long")


class Keithley2636B(Keithley2600B):
    """Model 2636B: 200 V, 1.5 A, lowest range 100 pA (measure) and 1 nA (source)."""

    model = "2636B"
    ranges = MODEL_2636B
