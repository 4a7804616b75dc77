"""Simulated Keysight B2902B and B2912B, two-channel source-measure units with their SCPI command set.

Commands and rules: Agilent B2900 SCPI command reference, edition 2 (B2910-90030). Not simulated: math over the readings
of a sweep, composite limit tests, digital lines and trigger outputs, of which only the settings are there, LXI events,
programs, screen dumps, the 10 A pulse range, four-wire sensing of a lead drop.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import ClassVar, Final

from sim_instruments.instrument import Surroundings
from sim_instruments.keysight_b2900 import settings
from sim_instruments.keysight_b2900.calculation_commands import CalculationCommands
from sim_instruments.keysight_b2900.channel import Channel
from sim_instruments.keysight_b2900.data import CHANNELS, DataFormat, channel_list, show
from sim_instruments.keysight_b2900.data_commands import DataCommands
from sim_instruments.keysight_b2900.panel import Panel
from sim_instruments.keysight_b2900.ranges import MODEL_B2902B, MODEL_B2912B, ModelRanges
from sim_instruments.keysight_b2900.trigger import ACQUIRE, ACTIONS, TRANSIENT
from sim_instruments.scpi import ErrorQueue, RegisterGroup, Reply, ScpiError, ScpiInstrument, command
from sim_instruments.scpi.errors import QUEUE_OVERFLOW
from sim_instruments.scpi.instrument import NeverCompletes
from sim_instruments.scpi.parameters import boolean, integer, number
from sim_instruments.timeline import Timeline

MEASUREMENT_SUMMARY: Final = 0x01  # of the status byte; not confirmed
READING_AVAILABLE, READING_OVERFLOW, BUFFER_AVAILABLE, BUFFER_FULL = 2, 4, 8, 16  # of a channel in STATus:MEASurement
INTERLOCK_OPEN, OUTPUT_PROTECTION = 1024, 4  # STATus:QUEStionable; the latter of channel 1, the next bit of channel 2
IDLE_BITS: Final = {TRANSIENT: 2, ACQUIRE: 16}  # of channel 1 in STATus:OPERation; waiting for trigger and arm follow
_MEASUREMENT_SHIFT, _OPERATION_SHIFT = 6, 6  # bits from channel 1 to channel 2
_JUST_ABOVE_NOW: Final = 1e-9
_MESSAGE_TIME: Final = 1e-3  # s, to parse a message; a guess, the manual does not say
_EVERY: Final = b"(@1,2)"


class _Queue(ErrorQueue):
    """The error queue with the wording of this family for its overflow."""

    def pop(self) -> tuple[int, str]:
        code, text = super().pop()
        return code, "Error queue overflow" if code == QUEUE_OVERFLOW else text


class KeysightB2900(ScpiInstrument):
    """What the two-channel models share. Terminals "1" and "2".

    serial, firmware: the last two fields of *IDN?. line_frequency: Hz. interlock_closed: whether the safety interlock
    is closed. range_overshoot: whether a voltage source overshoots by 250 mV when its range changes.
    """

    message_time = 0.0  # it passes in `execute`, for the actions under way as well
    error_queue_depth = 100
    model: ClassVar[str]
    ranges: ClassVar[ModelRanges]

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        serial: str = "MY51140001",
        firmware: str = "5.0.2041.5920",
        line_frequency: float = 50.0,
        interlock_closed: bool = True,
        range_overshoot: bool = True,
    ) -> None:
        super().__init__(surroundings, f"Keysight Technologies,{self.model},{serial},{firmware}")
        self.errors = _Queue(self.error_queue_depth, self.error_detail_separator)
        self.timeline = Timeline(self.harness, partial(ScpiError, -223, "the message does not end"))
        self.line_frequency, self._interlock_closed = line_frequency, interlock_closed
        self.measurement = RegisterGroup()
        self.format = DataFormat()
        self._stamp_start = 0.0
        self.channels = {
            channel: Channel(
                channel, surroundings, self.ranges, self.timeline, lambda: self.line_frequency, self._stamp,
                lambda: self._interlock_closed, overshoot=range_overshoot,
            )
            for channel in CHANNELS
        }  # fmt: skip
        settings.add_output(self.commands, self._find)
        settings.add_source(self.commands, self._find)
        settings.add_sense(self.commands, self._find, self.ranges, lambda: self.line_frequency)
        settings.add_layers(self.commands, self._find, self.ranges.shortest_interval)
        DataCommands(self.commands, self._find, self.timeline, self.format, self._initiate_both, self._finish)
        CalculationCommands(self.commands, self._find, self.format)
        self.panel = Panel(self.commands, self.format)
        self._add_filters()
        self._add_actions()
        self.reset()

    def _find(self, channel: int) -> Channel:
        if channel not in self.channels:
            raise ScpiError(-114, str(channel))
        return self.channels[channel]

    def _stamp(self) -> float:
        return self.harness.clock.now - self._stamp_start

    # -- what happens ------------------------------------------------------------------------------------------

    def reset(self) -> None:
        """*RST: outputs off, every setting to its default, no data."""
        for channel in self.channels.values():
            channel.reset()
        self.format.reset()
        self.panel.reset()
        self.stamp_reset_auto = True

    def execute(self, message: bytes) -> bytes | None:
        """As in `ScpiInstrument`; meanwhile, the trigger systems do what becomes due."""
        try:
            self.timeline.begin_message()
            self.timeline.wait(_MESSAGE_TIME)
        except ScpiError as error:
            self._give_up(error)
        return super().execute(message)

    def _give_up(self, error: ScpiError) -> None:
        self.timeline.renew()
        for channel in self.channels.values():
            channel.trigger.abort(ACTIONS)
        self.report(error.code, error.detail, error.text)

    def status_byte(self, message_available: bool = False, serial_poll: bool = False) -> int:
        """As in `ScpiInstrument`; an action that turns out to wait for an event is no longer waited for."""
        try:
            byte = super().status_byte(message_available, serial_poll)
        except NeverCompletes:
            byte = super().status_byte(message_available, serial_poll)
        return byte | MEASUREMENT_SUMMARY * self.measurement.summary

    @property
    def _busy(self) -> bool:
        return not all(channel.trigger.idle(action) for channel in self.channels.values() for action in ACTIONS)

    def time_to_completion(self) -> float:
        """Just above 0 s while an action runs, whose time passes in `complete`; inf where it waits for an event."""
        if any(channel.trigger.endless for channel in self.channels.values()):
            return math.inf
        return _JUST_ABOVE_NOW if self._busy else 0.0

    def complete(self) -> None:
        """Run all actions to their end."""
        self._finish()
        for channel in self.channels.values():
            channel.finish()

    def _finish(self) -> None:
        try:
            ended = self.timeline.finish()
        except ScpiError as error:
            self._give_up(error)
            return
        if not ended:
            raise NeverCompletes

    def trigger(self) -> None:
        """Group execute trigger, *TRG: goes to every action that waits for the bus, else -211."""
        released = [channel.trigger.release(("BUS",)) for channel in self.channels.values()]
        if not any(released):
            self.report(-211)

    def external_trigger(self, pin: int) -> None:
        """An edge at pin 1 … 14 of the digital connector."""
        for channel in self.channels.values():
            channel.trigger.release((f"EXT{pin}",))

    @property
    def interlock_closed(self) -> bool:
        """Whether the safety interlock is closed; without it, outputs that need it go off."""
        return self._interlock_closed

    @interlock_closed.setter
    def interlock_closed(self, closed: bool) -> None:
        self._interlock_closed = closed
        for channel in self.channels.values():
            channel.source.check_interlock()

    # -- trigger commands --------------------------------------------------------------------------------------

    def _initiate_both(self, channels: Sequence[Channel]) -> None:
        self._initiate(channels, ACTIONS)

    def _initiate(self, channels: Sequence[Channel], actions: tuple[str, ...]) -> None:
        if any(not channel.trigger.idle(action) for channel in channels for action in actions):
            raise ScpiError(-213)
        if self.stamp_reset_auto:
            self._stamp_start = self.harness.clock.now
        for channel in channels:
            channel.prepare()
        for channel in channels:
            if ACQUIRE in actions:
                channel.readings.clear()
            channel.trigger.initiate(actions)

    def _add_actions(self) -> None:
        """INITiate, ABORt, IDLE?, ARM and TRIGger commands for one action or both."""
        for node, actions in (("[:ALL]", ACTIONS), (":ACQuire", (ACQUIRE,)), (":TRANsient", (TRANSIENT,))):
            for form in (f":INITiate[:IMMediate]{node}", f":INITiate{node}[:IMMediate]"):
                self.commands.add(form, partial(self._on_initiate, actions))
            self.commands.add(f":ABORt{node}", partial(self._on_abort, actions))
            self.commands.add(f":IDLE{node}?", partial(self._on_idle, actions))
            for layer, word in (("ARM", ":ARM"), ("TRIG", ":TRIGger")):
                self.commands.add(f"{word}{node}[:IMMediate]", partial(self._on_event, layer, actions))

    def _chosen(self, channels: bytes) -> list[Channel]:
        return [self._find(channel) for channel in channel_list(channels)]

    def _on_initiate(self, actions: tuple[str, ...], channels: bytes = b"(@1)") -> None:
        self._initiate(self._chosen(channels), actions)

    def _on_abort(self, actions: tuple[str, ...], channels: bytes = _EVERY) -> None:
        for channel in self._chosen(channels):
            channel.trigger.abort(actions)

    def _on_idle(self, actions: tuple[str, ...], channels: bytes = b"(@1)") -> Reply:
        """Waits until the actions are idle."""
        if not all(channel.trigger.idle(action) for channel in self._chosen(channels) for action in actions):
            self._finish()
        return "1"

    def _on_event(self, layer: str, actions: tuple[str, ...], channels: bytes = b"(@1)") -> None:
        sources = ("BUS", "LAN", "INT1", "INT2", *(f"EXT{pin}" for pin in range(1, 15)))
        for channel in self._chosen(channels):
            if not channel.trigger.release(sources, actions, layer):
                raise ScpiError(-211)

    def _add_filters(self) -> None:
        """Transition filters of the status registers."""
        groups = {":OPERation": self.status.operation, ":QUEStionable": self.status.questionable}
        for node, group in (groups | {":MEASurement": self.measurement}).items():
            for word, name in ((":PTRansition", "rising"), (":NTRansition", "falling")):
                self.commands.add(f":STATus{node}{word}", partial(self._set_filter, group, name))
                self.commands.add(f":STATus{node}{word}?", partial(self._get_filter, group, name))

    @staticmethod
    def _set_filter(group: RegisterGroup, name: str, mask: bytes) -> None:
        setattr(group, name, integer(mask, 0, 0x7FFF))

    @staticmethod
    def _get_filter(group: RegisterGroup, name: str) -> Reply:
        return f"{getattr(group, name):+d}"

    # -- status ------------------------------------------------------------------------------------------------

    def refresh_status(self) -> None:
        """Bring all condition registers up to date."""
        operation = measurement = 0
        questionable = INTERLOCK_OPEN * (not self._interlock_closed)
        for number_, channel in self.channels.items():
            operation |= _operation(channel) << _OPERATION_SHIFT * (number_ - 1)
            measurement |= _measurement(channel) << _MEASUREMENT_SHIFT * (number_ - 1)
            questionable |= OUTPUT_PROTECTION * channel.source.protected << (number_ - 1)
        self.status.operation.update(operation)
        self.measurement.update(measurement)
        self.status.questionable.update(questionable)
        super().refresh_status()

    @command(":STATus:OPERation:CONDition?")
    def _operation_condition(self) -> Reply:
        self.timeline.poll()
        return self._condition(self.status.operation)

    @command(":STATus:MEASurement[:EVENt]?")
    def _measurement_event(self) -> Reply:
        return self._read_group(self.measurement)

    @command(":STATus:MEASurement:CONDition?")
    def _measurement_condition(self) -> Reply:
        return self._condition(self.measurement)

    @command(":STATus:MEASurement:ENABle")
    def _enable_measurement(self, mask: bytes) -> None:
        self.measurement.enable = integer(mask, 0, 0x7FFF)

    @command(":STATus:MEASurement:ENABle?")
    def _enabled_measurement(self) -> Reply:
        return f"{self.measurement.enable:+d}"

    # -- system ------------------------------------------------------------------------------------------------

    @command(":SYSTem:ERRor:ALL?")
    def _all_errors(self) -> Reply:
        entries = [self.errors.pop() for _ in range(max(len(self.errors), 1))]
        return ",".join(f'{code:+d},"{text}"' for code, text in entries)

    @command(":SYSTem:ERRor:CODE[:NEXT]?")
    def _next_code(self) -> Reply:
        return f"{self.errors.pop()[0]:+d}"

    @command(":SYSTem:ERRor:CODE:ALL?")
    def _all_codes(self) -> Reply:
        return ",".join(f"{self.errors.pop()[0]:+d}" for _ in range(max(len(self.errors), 1)))

    @command(":SYSTem:LFRequency")
    def _set_line_frequency(self, frequency: bytes) -> None:
        value = number(frequency, ("HZ",))
        if value not in (50.0, 60.0):
            raise ScpiError(-222, f"{value:g}")
        self.line_frequency = value

    @command(":SYSTem:LFRequency?")
    def _get_line_frequency(self) -> Reply:
        return f"{self.line_frequency:.0f}"

    @command(":SYSTem:INTerlock:TRIPped?")
    def _interlock(self) -> Reply:
        return f"{not self._interlock_closed:d}"

    @command(":SYSTem:TIME:TIMer:COUNt?")
    def _get_stamp(self) -> Reply:
        return show(self._stamp())

    @command(":SYSTem:TIME:TIMer:COUNt:RESet[:IMMediate]")
    def _reset_stamp(self) -> None:
        self._stamp_start = self.harness.clock.now

    @command(":SYSTem:TIME:TIMer:COUNt:RESet:AUTO")
    def _set_stamp_reset(self, on: bytes) -> None:
        self.stamp_reset_auto = boolean(on)

    @command(":SYSTem:TIME:TIMer:COUNt:RESet:AUTO?")
    def _get_stamp_reset(self) -> Reply:
        return f"{self.stamp_reset_auto:d}"


def _operation(channel: Channel) -> int:
    """Idle, waiting for trigger, waiting for arm, of both actions."""
    bits = 0
    for action, idle in IDLE_BITS.items():
        bits |= (
            idle * channel.trigger.idle(action)
            | 2 * idle * channel.trigger.waits_in(action, "TRIG")
            | 4 * idle * channel.trigger.waits_in(action, "ARM")
        )
    return bits


def _measurement(channel: Channel) -> int:
    trace = channel.trace
    return (
        READING_AVAILABLE * bool(channel.readings)
        | READING_OVERFLOW * channel.measure.overflow
        | BUFFER_AVAILABLE * bool(trace.readings)
        | BUFFER_FULL * (len(trace.readings) >= trace.size)
    )


class KeysightB2902B(KeysightB2900):
    """Two channels, lowest current range 100 nA."""

    model = "B2902B"
    ranges = MODEL_B2902B


class KeysightB2912B(KeysightB2900):
    """Two channels, lowest current range 10 nA."""

    model = "B2912B"
    ranges = MODEL_B2912B
