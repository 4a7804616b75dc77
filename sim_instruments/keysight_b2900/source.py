"""The source side of one channel: what it puts on its terminal, its limits, output-off states, pulses.

B2900 SCPI command reference ed. 2, SOURce and OUTPut subsystems; user's guide ed. 2, table 6-1 (output-off status).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from emulator import CurrentSource, Drive, Open, VoltageSource, Waveform
from sim_instruments.instrument import Surroundings
from sim_instruments.keysight_b2900.levels import CURRENT, VOLTAGE, SourceFunction
from sim_instruments.keysight_b2900.ranges import (
    HIGH_CAPACITANCE_FLOOR,
    INTERLOCK_VOLTAGE,
    OFF_CURRENT,
    PULSE_EDGE,
    RANGE_CHANGE_OVERSHOOT,
    SOURCE_SETTLING,
    ModelRanges,
    largest_current,
)
from sim_instruments.scpi import ScpiError
from sim_instruments.smu_accuracy import UnitErrors
from sim_instruments.timeline import Action, Delay, Timeline

HIGHEST_FILTER = 31.831e3
"""Cut-off frequency [Hz] of the output filter after a reset: a time constant of 5 µs; recalled, not confirmed."""


class WaitTime:
    """Settings of a source or measurement wait time: gain * initial wait + offset, in s."""

    def __init__(self) -> None:
        self.on = self.automatic = True
        self.gain, self.offset = 1.0, 0.0

    def seconds(self, initial: float) -> float:
        """The wait time where the instrument's own is `initial`."""
        if not self.on:
            return 0.0
        return (self.gain * initial if self.automatic else 0.0) + self.offset


class Source:
    """Source side of a channel.

    `before_step` is told just before a live level changes.
    """

    def __init__(
        self,
        channel: int,
        surroundings: Surroundings,
        model: ModelRanges,
        timeline: Timeline,
        interlock_closed: Callable[[], bool],
        *,
        overshoot: bool,
    ) -> None:
        self.harness = surroundings.harness
        self.port = surroundings.port(str(channel))
        self._timeline, self._interlock_closed, self._overshoot = timeline, interlock_closed, overshoot
        self._errors = UnitErrors(surroundings, f"source {channel}")
        self.functions = {
            VOLTAGE: SourceFunction(VOLTAGE, model.source_v),
            CURRENT: SourceFunction(CURRENT, model.source_i),
        }
        self.before_step: Callable[[], None] = lambda: None
        self.reset()

    def reset(self) -> None:
        """*RST: output off, 0 V, limits 100 µA and 2 V."""
        self._function, self.shape = VOLTAGE, "DC"
        self.continuous = self._output = self.output_protection = self._high_capacitance = False
        self.output_on_auto, self.output_off_auto = True, False
        self.off_mode, self.low_terminal = "NORM", "GRO"
        self.output_filter, self.filter_auto, self.filter_frequency = False, True, HIGHEST_FILTER
        self.trigger_output_on, self.trigger_output_signal = False, "EXT1"
        self.pulse_width, self.pulse_delay = 50e-6, 0.0
        self.direction, self.spacing, self.stairs, self.sweep_ranging = "UP", "LIN", "SING", "BEST"
        self.limits = {CURRENT: [100e-6, 100e-6], VOLTAGE: [2.0, 2.0]}  # for positive and negative levels
        self.wait = WaitTime()
        self._transient: float | None = None
        self._peak: float | None = None
        self.protected = False  # whether the output went off at its limit
        self.changed_at = -math.inf  # s, when the level changed or a pulse ended
        for function in self.functions.values():
            function.reset()
        self.port.stop()
        self.apply()

    # -- settings ----------------------------------------------------------------------------------------------

    @property
    def own(self) -> SourceFunction:
        """Settings of the present function."""
        return self.functions[self._function]

    @property
    def function(self) -> str:
        """VOLT or CURR; changing it switches the output off."""
        return self._function

    @function.setter
    def function(self, name: str) -> None:
        if name == self._function:
            return
        self._function = name
        self.switch_off()

    @property
    def limit(self) -> float:
        """Limit in force: A for a voltage source, V for a current source."""
        positive, negative = self.limits[CURRENT if self._function == VOLTAGE else VOLTAGE]
        return positive if self.level >= 0.0 else negative

    @property
    def filter_time(self) -> float:
        """Time constant [s] of the output filter, whose settings are remembered."""
        return 1.0 / (2.0 * math.pi * self.filter_frequency)

    @filter_time.setter
    def filter_time(self, seconds: float) -> None:
        self.filter_frequency = 1.0 / (2.0 * math.pi * seconds)

    def set_limit(self, quantity: str, value: float, *, positive: bool, negative: bool) -> None:
        """Set the limit of "CURR" or "VOLT"; ScpiError -221 outside the direct-current envelope."""
        if quantity == CURRENT and self._high_capacitance:
            value = max(value, HIGH_CAPACITANCE_FLOOR)
        if quantity != self._function:
            self._check_envelope(self.own.level, value)
        limits = self.limits[quantity]
        self.limits[quantity] = [value if positive else limits[0], value if negative else limits[1]]
        self._timeline.run(self._settle_on(self.own.index))

    def _check_envelope(self, level: float, limit: float) -> None:
        voltage, current = (level, limit) if self._function == VOLTAGE else (limit, level)
        if abs(current) > largest_current(voltage) * (1 + 1e-9):
            raise ScpiError(-221, f"{abs(current):g} A is too much at {abs(voltage):g} V")

    def set_level(self, function: SourceFunction, value: float) -> None:
        """Set the immediate level of a function; a live output follows at once."""
        index = function.index_of(value)
        if function is self.own:
            self._check_envelope(value, max(self.limits[CURRENT if self._function == VOLTAGE else VOLTAGE]))
        function.level, function.triggered_level = value, None
        if function is not self.own:
            function.index = index
            return
        self._timeline.run(self._settle_on(index))

    def set_range(self, function: SourceFunction, value: float) -> None:
        """Fix the range of a function."""
        before = function.index
        function.fix_range(value)
        wanted, function.index = function.index, before
        self._move(function, wanted)

    def set_range_auto(self, function: SourceFunction, on: bool) -> None:
        """Let the range of a function follow its level, or keep it."""
        function.auto = on
        self._move(function, function.index_of(function.level))

    def _move(self, function: SourceFunction, index: int) -> None:
        if function is self.own:
            self._timeline.run(self._settle_on(index))
        else:
            function.index = index

    @property
    def high_capacitance(self) -> bool:
        """High-capacitance mode: no current range and no current limit below 1 µA."""
        return self._high_capacitance

    @high_capacitance.setter
    def high_capacitance(self, on: bool) -> None:
        self._high_capacitance = on
        if on:
            self.limits[CURRENT] = [max(limit, HIGH_CAPACITANCE_FLOOR) for limit in self.limits[CURRENT]]
        self.apply()

    # -- output ------------------------------------------------------------------------------------------------

    @property
    def output(self) -> bool:
        """Whether the output is on."""
        return self._output

    @output.setter
    def output(self, on: bool) -> None:
        if not on:
            self.switch_off()
            return
        if self._output:
            return
        if not self._interlock_closed() and self._needs_interlock():
            raise ScpiError(-221, "the interlock is open")
        self.before_step()
        self._output, self.protected = True, False
        self.changed_at = self.harness.clock.now
        self.apply()
        self.protect()

    def switch_off(self) -> None:
        """Output off, a pulse that runs is cut."""
        self.port.stop()
        self._output, self._transient, self._peak = False, None, None
        self.apply()

    def check_interlock(self) -> None:
        """An output that needs the interlock goes off without it."""
        if self._output and not self._interlock_closed() and self._needs_interlock():
            self.switch_off()

    def _needs_interlock(self) -> bool:
        return (abs(self.level) if self._function == VOLTAGE else self.limit) > INTERLOCK_VOLTAGE

    def protect(self) -> None:
        """With the protection on, the output goes off at the limit."""
        if self.output_protection and self.limited:
            self.switch_off()
            self.protected = True

    @property
    def limited(self) -> bool:
        """Whether the live source is at its limit now."""
        return self._output and self.harness.probe(self.port).limited

    # -- what triggers do --------------------------------------------------------------------------------------

    @property
    def level(self) -> float:
        """The level programmed now: that of the trigger system while it holds one."""
        return self.own.level if self._transient is None else self._transient

    @property
    def shown_level(self) -> float:
        """The source setting that goes with a reading: in a pulse its peak."""
        return self._peak if self._peak is not None else self.level

    def sequence(self) -> list[float]:
        """Levels of successive triggers; ScpiError where a range or the direct-current envelope does not hold them."""
        levels = self.own.sequence(
            down=self.direction == "DOWN", logarithmic=self.spacing == "LOG", both_ways=self.stairs == "DOUB"
        )
        for level in levels:
            self.own.index_of(level)
            self._check_envelope(level, self.limit)
        return levels

    def index_for_all(self, levels: list[float]) -> int:
        """The range on which a sequence begins."""
        by_level = self.own.mode == "SWE" and (self.sweep_ranging == "AUTO" or self.spacing == "LOG")
        return self.own.index_of(levels[0] if by_level else max([*levels, self.own.level], key=abs))

    def begin(self, levels: list[float]) -> Action[None]:
        """Go to the range of a sequence."""
        yield from self._settle_on(self.index_for_all(levels))

    def step_to(self, level: float) -> Action[None]:
        """A transient trigger in direct-current shape, once the source wait time is over."""
        yield from self.ready()
        self._transient = level
        yield from self._settle_on(max(self.own.index, self.own.index_of(level)))
        self.protect()

    def pulse_to(self, level: float) -> Action[None]:
        """A transient trigger in pulse shape: delay, peak for the width, back to the immediate level.

        The width runs from 10 % of the leading to 90 % of the trailing edge; with two equal straight edges that is also
        the time between their middles.
        """
        yield from self.ready()
        yield from pause(self.pulse_delay)
        if not self._output:
            yield from pause(self.pulse_width)
            return
        base, peak = self._actual(self.level), self._actual(level)
        self.before_step()
        self._peak, end = level, self.pulse_width + PULSE_EDGE
        self.port.start(
            Waveform.pulse(base=base, level=peak, width=self.pulse_width, rise=PULSE_EDGE, fall=PULSE_EDGE, period=end)
        )
        yield from pause(self.pulse_width)
        self.protect()
        self.before_step()
        yield from pause(PULSE_EDGE)
        self._peak, self.changed_at = None, self.harness.clock.now

    def end_transient(self) -> Action[None]:
        """After the last trigger: back to the immediate level, unless the output is to go on as it is."""
        if self.continuous and self._transient is not None:
            self.own.level = self._transient
        self._transient = self._peak = None
        yield from self._settle_on(self.own.index_of(self.own.level))

    def ready(self) -> Action[None]:
        """Let the source wait time pass: until then the level does not change."""
        rest = self.changed_at + self.wait.seconds(SOURCE_SETTLING) - self.harness.clock.now
        yield from pause(rest)

    def _settle_on(self, index: int) -> Action[None]:
        """Put the present level out on a range; a voltage source overshoots where the range changes."""
        own, changes = self.own, index != self.own.index
        stepped = self._output and self._on_drive_level(index) != self._drive_level
        if stepped:
            self.before_step()
            self.changed_at = self.harness.clock.now
        own.index = index
        if changes and self._output and self._overshoot and self._function == VOLTAGE:
            drive = self._on_drive()
            beyond = RANGE_CHANGE_OVERSHOOT if drive.level >= self._drive_level else -RANGE_CHANGE_OVERSHOOT
            self.port.drive = replace(drive, level=drive.level + beyond)
            yield Delay(SOURCE_SETTLING)
        self.apply()

    # -- the terminal ------------------------------------------------------------------------------------------

    def apply(self) -> None:
        """Put what the settings ask for on the terminal."""
        drive = self._on_drive() if self._output else self._off_drive()
        if drive != self.port.drive:
            self.port.drive = drive
        self.check_interlock()

    @property
    def _drive_level(self) -> float:
        drive = self.port.drive
        return drive.level if isinstance(drive, VoltageSource | CurrentSource) else 0.0

    def _on_drive_level(self, index: int) -> float:
        return self._errors.applied(self._function, self.own.table.ranges[index], self.level)

    def _actual(self, level: float) -> float:
        return self._errors.applied(self._function, self.own.table.ranges[self.own.index], level)

    def _on_drive(self) -> VoltageSource | CurrentSource:
        level = self._actual(self.level)
        return VoltageSource(level, 0.0, self.limit) if self._function == VOLTAGE else CurrentSource(level, self.limit)

    def _off_drive(self) -> Drive:
        return VoltageSource(0.0, 0.0, OFF_CURRENT) if self.off_mode == "ZERO" else Open()


def pause(time: float) -> Action[None]:
    """Let some seconds pass, if there are any."""
    if time > 0.0:
        yield Delay(time)
