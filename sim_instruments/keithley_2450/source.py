"""The source of the 2450: levels, ranges, limits, off states, and the drive they put on the terminal.

Reference manual 2450-901-01, SOURce and OUTPut subsystems; output-off states on page 2-84.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from emulator import CurrentSource, Drive, Harness, Open, VoltageSource
from sim_instruments.instrument import Surroundings
from sim_instruments.keithley_2450.events import INTERLOCK_OPEN
from sim_instruments.keithley_2450.ranges import (
    HIGH_CAPACITANCE_SETTLES,
    INTERLOCK_VOLTAGE,
    LIMIT_FLOOR,
    MEASURE_I,
    RANGE_CHANGE_OVERSHOOT,
    SOURCE_I,
    SOURCE_SETTLING,
    SOURCE_V,
)
from sim_instruments.scpi import ScpiError
from sim_instruments.smu_accuracy import Range, RangeTable, UnitErrors

VOLTAGE, CURRENT = "VOLT", "CURR"
PROTECTIONS: Final = (2, 5, 10, 20, 40, 60, 80, 100, 120, 140, 160, 180)
OFF_FRACTION: Final = 0.1
"""Limit of the normal and guard off states as a fraction of the measure range."""
USER_DELAYS: Final = 5


@dataclass(frozen=True, slots=True)
class LevelSettings:
    """What a source configuration list keeps of one function: V with its current limit, or A with its voltage limit."""

    level: float = 0.0
    index: int = 0
    auto: bool = True
    limit: float = 0.0
    delay: float = 0.0
    auto_delay: bool = True
    read_back: bool = True
    high_capacitance: bool = False
    off_state: str = "NORM"
    protection: float = float("inf")
    user_delays: tuple[float, ...] = (0.0,) * USER_DELAYS


class SourceFunction:
    """One of the two source functions; an attribute is a setting, its setter holds the rules."""

    def __init__(self, source: Source, name: str, table: RangeTable, limit: float) -> None:
        self._source, self.name, self.table, self._default_limit = source, name, table, limit
        self.now = LevelSettings(limit=limit)

    def reset(self) -> None:
        """Everything to its default."""
        self.now = LevelSettings(limit=self._default_limit)

    @property
    def range_in_use(self) -> Range:
        """The range of the level."""
        return self.table.ranges[self.now.index]

    @property
    def level(self) -> float:
        """Level (V or A); setting it needs a range that holds it."""
        return self.now.level

    @level.setter
    def level(self, value: float) -> None:
        self.recall(replace(self.now, level=value, index=self.index_for(value)))

    def index_for(self, value: float) -> int:
        """The range a level is sourced on; ScpiError -222 where none or not the fixed one holds it."""
        if self.name == VOLTAGE and abs(value) > self.now.protection:
            raise ScpiError(-222, "level above the overvoltage protection")
        wanted = self.table.index_of_level(value)
        if wanted is None:
            raise ScpiError(-222, f"{value:g}")
        if not self.now.auto:
            if abs(value) > self.range_in_use.full_scale:
                raise ScpiError(-222, f"{value:g} is above the fixed source range")
            return self.now.index
        return wanted

    @property
    def range(self) -> float:
        """Nominal range (V or A); setting it fixes the smallest range that holds the value."""
        return self.range_in_use.value

    @range.setter
    def range(self, value: float) -> None:
        index = self.table.index_of_level(value)
        if index is None:
            raise ScpiError(-222, f"{value:g}")
        if abs(self.now.level) > self.table.ranges[index].full_scale:
            raise ScpiError(-221, "the present level is above that source range")
        self.recall(replace(self.now, index=index, auto=False))

    @property
    def range_auto(self) -> bool:
        """Whether the range follows the level."""
        return self.now.auto

    @range_auto.setter
    def range_auto(self, on: bool) -> None:
        index = self.table.index_of_level(self.now.level) if on else None
        self.recall(replace(self.now, auto=on, index=self.now.index if index is None else index))

    @property
    def limit(self) -> float:
        """Current limit of the voltage source (A), voltage limit of the current source (V)."""
        return self.now.limit

    @limit.setter
    def limit(self, value: float) -> None:
        self.recall(replace(self.now, limit=self._source.allowed_limit(self, value)))

    @property
    def delay(self) -> float:
        """Wait between a change of level and a reading [s]; setting it ends the automatic delay."""
        return self._source.automatic_delay if self.now.auto_delay else self.now.delay

    @delay.setter
    def delay(self, seconds: float) -> None:
        self.now = replace(self.now, delay=seconds, auto_delay=False)

    @property
    def auto_delay(self) -> bool:
        """Whether the delay follows the current range."""
        return self.now.auto_delay

    @auto_delay.setter
    def auto_delay(self, on: bool) -> None:
        self.now = replace(self.now, auto_delay=on)

    @property
    def read_back(self) -> bool:
        """Whether readings hold the measured source value instead of the programmed one."""
        return self.now.read_back

    @read_back.setter
    def read_back(self, on: bool) -> None:
        self.now = replace(self.now, read_back=on)

    @property
    def high_capacitance(self) -> bool:
        """Whether the source is slowed down for capacitive loads."""
        return self.now.high_capacitance

    @high_capacitance.setter
    def high_capacitance(self, on: bool) -> None:
        self.now = replace(self.now, high_capacitance=on)

    def set_user_delay(self, place: int, seconds: float) -> None:
        """A delay [s] for dynamic delay blocks; `place` counts from 0."""
        delays = list(self.now.user_delays)
        delays[place] = seconds
        self.now = replace(self.now, user_delays=tuple(delays))

    @property
    def off_state(self) -> str:
        """NORM, ZERO, HIMP or GUAR."""
        return self.now.off_state

    @off_state.setter
    def off_state(self, kind: str) -> None:
        self.recall(replace(self.now, off_state=kind))

    @property
    def protection(self) -> str:
        """Overvoltage protection: PROT2 … PROT180 or NONE."""
        return f"PROT{self.now.protection:g}" if self.now.protection < float("inf") else "NONE"

    @protection.setter
    def protection(self, name: str) -> None:
        self.recall(replace(self.now, protection=float(name.removeprefix("PROT")) if name != "NONE" else float("inf")))

    def recall(self, settings: LevelSettings) -> None:
        """Put settings into force, as changes of levels and configuration lists do."""
        self._source.change(self, settings)


class Source:
    """Source side of the instrument.

    `before_step` is told just before the drive of a live output changes; `report` and `warn` enter events.
    """

    def __init__(
        self, surroundings: Surroundings, report: Callable[[int, str], None], *, interlock_closed: bool, overshoot: bool
    ) -> None:
        self.harness: Harness = surroundings.harness
        self._errors = UnitErrors(surroundings, "source")
        self._report = report
        self._interlock_closed, self._overshoot = interlock_closed, overshoot
        self.port = surroundings.port("1")
        self.functions = {
            VOLTAGE: SourceFunction(self, VOLTAGE, SOURCE_V, limit=105e-6),
            CURRENT: SourceFunction(self, CURRENT, SOURCE_I, limit=21.0),
        }
        self.before_step: Callable[[], None] = lambda: None
        self.fixed_measure_range: Callable[[str], float | None] = lambda _: None
        self.measure_range: Callable[[str], Range] = lambda _: MEASURE_I.ranges[0]
        self.limit_adjusted: Callable[[float], None] = lambda _: None
        self.reset()

    def reset(self) -> None:
        """*RST: output off, 0 V, automatic ranges."""
        self._function = VOLTAGE
        self._output = self.interlock_required = False
        self.stepped = True
        for function in self.functions.values():
            function.reset()

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
        if name != self._function:
            self._output = False
        self._function = name
        self.apply()

    @property
    def automatic_delay(self) -> float:
        """Automatic delay [s] of the current range in use."""
        used = self.measure_range(CURRENT)
        return HIGH_CAPACITANCE_SETTLES[used.value] if self.own.high_capacitance else used.settle

    def allowed_limit(self, function: SourceFunction, value: float) -> float:
        """The limit that a fixed measure range allows: raised to 10.6 % of it, with a warning."""
        measured = CURRENT if function.name == VOLTAGE else VOLTAGE
        fixed = self.fixed_measure_range(measured)
        floor = LIMIT_FLOOR * fixed if fixed else 0.0
        if value >= floor:
            return value
        self.limit_adjusted(floor)
        return floor

    def measure_range_changed(self) -> None:
        """A fixed measure range may raise the limit."""
        for function in self.functions.values():
            allowed = self.allowed_limit(function, function.limit)
            if allowed != function.limit:
                function.recall(replace(function.now, limit=allowed))
        self.apply()

    @property
    def output(self) -> bool:
        """Whether the output is on."""
        return self._output

    @output.setter
    def output(self, on: bool) -> None:
        if on == self._output:
            return
        if on and self._interlock_forbids():
            self._report(INTERLOCK_OPEN, "The source output is blocked by the interlock")
            return
        self.before_step()
        self._output = on
        self.stepped = True
        self.apply()

    @property
    def interlock_closed(self) -> bool:
        """Whether the safety interlock is asserted; without it, an output that needs it goes off."""
        return self._interlock_closed

    @interlock_closed.setter
    def interlock_closed(self, closed: bool) -> None:
        self._interlock_closed = closed
        self._check_interlock()

    def _check_interlock(self) -> None:
        if self._output and self._interlock_forbids():
            self.output = False
            self._report(INTERLOCK_OPEN, "The source output was switched off by the interlock")

    def _interlock_forbids(self) -> bool:
        if self._interlock_closed:
            return False
        own = self.own
        highest = abs(own.level) if own.name == VOLTAGE else own.limit
        return self.interlock_required or highest > INTERLOCK_VOLTAGE

    # -- what happens ------------------------------------------------------------------------------------------

    def change(self, function: SourceFunction, settings: LevelSettings) -> None:
        """Put settings of a function into force; a live output steps, and overshoots where its range changes."""
        live = self._output and function is self.own
        old = function.now
        if live and settings.level != old.level:
            self.before_step()
            self.stepped = True
        function.now = settings
        if live and settings.index != old.index:
            self._overshoot_to(settings.level - old.level)
        self.apply()
        self._check_interlock()

    def _overshoot_to(self, step: float) -> None:
        """Settle on a new range; a voltage source overshoots meanwhile in the direction of the step."""
        drive = self._on_drive()
        if self._overshoot and isinstance(drive, VoltageSource):
            beyond = drive.level + (RANGE_CHANGE_OVERSHOOT if step >= 0.0 else -RANGE_CHANGE_OVERSHOOT)
            self.port.drive = replace(drive, level=beyond)
        else:
            self.port.drive = drive
        self.harness.advance(SOURCE_SETTLING)

    def apply(self) -> None:
        """Put what the settings ask for on the terminal."""
        drive = self._on_drive() if self._output else self._off_drive()
        if drive != self.port.drive:
            self.port.drive = drive

    @property
    def limited(self) -> bool:
        """Whether the live source is at its limit now."""
        return self._output and self.harness.probe(self.port).limited

    def _on_drive(self) -> Drive:
        own = self.own
        level = self._errors.applied("v" if own.name == VOLTAGE else "i", own.range_in_use, own.level)
        bound = own.now.protection
        if own.name == VOLTAGE:
            return VoltageSource(max(-bound, min(bound, level)), 0.0, own.limit)
        return CurrentSource(level, min(own.limit, bound))

    def _off_drive(self) -> Drive:
        own = self.own
        match own.off_state:
            case "HIMP":
                return Open()
            case "GUAR":
                return CurrentSource(0.0, OFF_FRACTION * self.measure_range(VOLTAGE).value)
            case "ZERO" if own.name == VOLTAGE:
                return VoltageSource(0.0, 0.0, own.limit)
            case "ZERO":
                return VoltageSource(0.0, 0.0, max(abs(own.level), OFF_FRACTION * own.range))
            case _:
                return VoltageSource(0.0, 0.0, OFF_FRACTION * self.measure_range(CURRENT).value)
