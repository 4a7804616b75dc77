"""Keithley Series 2600B System SourceMeters: two source-measure channels behind a TSP interpreter.

Facts are from the Series 2600B reference manual. Left out: TSP-Link and LAN triggers, of which only the settings are
there, files, adjustment, contact resistance, four-wire sensing of a lead drop, extended pulse regions above the
direct-current envelope.
"""

from __future__ import annotations

import math
from functools import partial
from typing import ClassVar

from sim_instruments.instrument import Surroundings
from sim_instruments.keithley_2600b.channel import SmuChannel
from sim_instruments.keithley_2600b.digital_lines import DigitalLine, DigitalPort
from sim_instruments.keithley_2600b.events import TriggerSystem, overrun_bits
from sim_instruments.keithley_2600b.interlock import Interlock
from sim_instruments.keithley_2600b.ranges import MODEL_2602B, MODEL_2612B, MODEL_2634B, MODEL_2636B, Model
from sim_instruments.keithley_2600b.status import CHANNEL_BITS, SourceMeterStatus
from sim_instruments.tsp.engine import TspInstrument
from sim_instruments.tsp.errors import TspError
from sim_instruments.tsp.front_panel import KEY_CODES
from sim_instruments.tsp.lua_host import ScriptError, lua_source
from sim_instruments.tsp.objects import TspObject


class Keithley2600B(TspInstrument):
    """What the models of the family share; a model gives its name and ranges.

    `interlock_closed` may be changed at any time, as by a fixture's lid.
    """

    maker = "Keithley Instruments Inc."
    firmware = "3.3.5"
    identity_form = "{maker}, Model {model}, {serial}, {firmware}"
    ranges: ClassVar[Model]

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        serial: str = "4411111",
        line_frequency: float = 50,
        interlock_closed: bool = True,
    ) -> None:
        self._interlock = Interlock(interlock_closed, lambda: surroundings.harness.clock.now, self._line_changes)
        super().__init__(surroundings, serial=serial, line_frequency=line_frequency)
        for number, line in enumerate(self.digital_port.lines if self.digital_port else (), start=1):
            self._wire(surroundings.connector(f"digio{number}"), line)

    def _wire(self, connector: str, line: DigitalLine) -> None:
        """Let a digital line drive, and be pulled by, what the trigger cables join it to."""
        wiring = self.surroundings.triggers
        wiring.add_output(connector, high=line.high)
        wiring.add_input(connector, lambda high: self._line_driven(line, high))
        line.heard = lambda high: wiring.drive(connector, high=high)

    def _line_driven(self, line: DigitalLine, high: bool) -> None:
        try:
            self.timeline.happen_outside(lambda: line.pull(not high))
        except ScriptError as stopped:  # what the edge set going did not end: the error is this instrument's own
            self.report(stopped.code, stopped.text)
        except TspError as error:
            self.report(error.code, error.detail)

    def build_tree(self) -> None:
        """Channels, triggers, their status registers."""
        self._triggers = TriggerSystem(self.timeline, self.node.furniture["display"])
        self.node.panel.pressed = self._key_pressed
        digio = self.node.furniture.get("digio")
        self.digital_port = None if digio is None else DigitalPort(self._triggers.bus, self.timeline, digio)
        high_voltage = self.ranges.interlock_voltage < math.inf
        ready = (lambda: self._interlock.ready) if high_voltage else None
        self._registers = SourceMeterStatus(self.status, self.timeline.poll, ready)
        self.channels = {letter: self._channel(letter) for letter in CHANNEL_BITS}
        self._describe_overruns()
        self.tree.update({"smu" + letter: channel.table for letter, channel in self.channels.items()})
        self.tree["trigger"] = self._triggers.table
        self.tree["timer"] = self._stopwatch()
        self._registers.blocked(not self._interlock.closed)

    def _describe_overruns(self) -> None:
        for letter, channel in self.channels.items():
            self._registers.add_overruns(letter, channel.trigger.overruns)
        for name in ("trigger_timer", "trigger_blender"):
            self._registers.add_overruns(name, partial(self._triggers.overruns, name))
        for name in ("tsplink", "lan"):  # nothing is connected to them
            if name not in self.lacks:
                self._registers.add_overruns(name, lambda: 0)
        if (port := self.digital_port) is not None:
            self._registers.add_overruns("digio", lambda: overrun_bits([line.overrun for line in port.lines]))

    def libraries(self) -> tuple[str, ...]:
        """The factory scripts."""
        return (lua_source("sim_instruments.keithley_2600b", "factory_scripts.lua"),)

    def _channel(self, letter: str) -> SmuChannel:
        return SmuChannel(
            letter,
            self.surroundings,
            self.ranges,
            self.timeline,
            self._triggers.bus,
            lambda: self.node.line_frequency,
            self._interlock,
            self._registers,
            self.report,
        )

    def _stopwatch(self) -> TspObject:
        started = {"at": 0.0}
        timer = TspObject("timer")
        timer.function("reset", lambda: started.update(at=self.timeline.now))
        timer.child("measure", TspObject("timer_measure")).function("t", lambda: self.timeline.now - started["at"])
        return timer

    # Overlapped operations.

    def wait_complete(self) -> bool:
        """Let sweeps and overlapped measurements finish; False if one waits for a trigger that cannot come."""
        return self.timeline.finish()

    def trigger(self) -> None:
        """`*TRG` or a group execute trigger: the event `trigger.EVENT_ID`."""
        self._triggers.command()

    def _key_pressed(self, key: int) -> None:
        if key == KEY_CODES["TRIG"]:
            self.press_trigger_key()

    def press_trigger_key(self) -> None:
        """The TRIG key on the front panel: the event `display.trigger.EVENT_ID`."""
        self._triggers.press_key()

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
        if self.digital_port is not None:
            self.digital_port.reset()
        super().reset()

    @property
    def interlock_closed(self) -> bool:
        """Whether the interlock line (of a 2602B: the output-enable line) is engaged; without it the 200 V range is
        blocked (error 802), or every output that was told to heed the line (2602B: error 5041)."""
        return self._interlock.closed

    @interlock_closed.setter
    def interlock_closed(self, closed: bool) -> None:
        self._interlock.closed = closed

    def _line_changes(self) -> None:
        for channel in self.channels.values():
            channel.source.interlock_changed()
        self._registers.blocked(not self._interlock.closed)


class Keithley2602B(Keithley2600B):
    """Model 2602B: 40 V, 3 A, lowest range 100 nA; no interlock but an output-enable line."""

    model = "2602B"
    ranges = MODEL_2602B


class Keithley2612B(Keithley2600B):
    """Model 2612B: 200 V, 1.5 A, lowest range 100 nA."""

    model = "2612B"
    ranges = MODEL_2612B


class Keithley2634B(Keithley2600B):
    """Model 2634B: 200 V, 1.5 A, lowest range 1 nA; no digital lines, TSP-Link or contact check."""

    model = "2634B"
    ranges = MODEL_2634B
    lacks = frozenset({"digio", "tsplink"})


class Keithley2636B(Keithley2600B):
    """Model 2636B: 200 V, 1.5 A, lowest range 100 pA (measure) and 1 nA (source)."""

    model = "2636B"
    ranges = MODEL_2636B
