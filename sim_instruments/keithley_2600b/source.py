"""The source of one SourceMeter channel: levels, ranges, limits, off states, and the drive they put on the terminal.

Series 2600B reference manual, `smuX.source.*`. A setting that is refused queues its error and keeps its old value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from emulator import CurrentSource, Drive, Open, VoltageSource
from sim_instruments.instrument import Surroundings
from sim_instruments.keithley_2600b.interlock import Interlock
from sim_instruments.keithley_2600b.ranges import HIGH_CAPACITANCE_FLOOR, HIGH_CAPACITANCE_SOURCE_SETTLES, Model
from sim_instruments.smu_accuracy import Range, RangeTable, UnitErrors
from sim_instruments.tsp.errors import TspError
from sim_instruments.tsp.objects import LuaValue, TspObject, choice, number

DCAMPS, DCVOLTS = 0, 1
OFF, ON, HIGH_Z = 0, 1, 2
OFF_NORMAL, OFF_ZERO = 0, 1
SWEEP_LIMIT_FLOOR: Final = 0.1
"""During a sweep no limit below this fraction of the limit's range can be enforced."""


@dataclass
class LevelSetting:
    """Level, range and limit of one source function: V with its current limit, or A with its voltage limit."""

    table: RangeTable
    min_limit: float
    max_limit: float
    default_limit: float
    level: float = 0.0
    index: int = 0
    low_index: int = 0
    auto: bool = True
    limit: float = 0.0

    def reset(self) -> None:
        """Level 0 on the lowest range, autorange, the default limit."""
        self.level, self.index, self.low_index, self.auto, self.limit = 0.0, 0, 0, True, self.default_limit

    @property
    def range(self) -> Range:
        """The range in use."""
        return self.table.ranges[self.index]

    def index_for(self, level: float) -> int:
        """The range a level is sourced on.

        Raises:
            TspError: 1101 above the top range, 5005 above a fixed one, 5007 where the limit is not allowed.
        """
        wanted = self.table.index_of_level(level)
        if wanted is None:
            raise TspError(1101)
        if not self.auto and abs(level) > self.range.full_scale:
            raise TspError(5005)
        index = max(wanted, self.low_index) if self.auto else self.index
        self.require_safe(index, self.limit)
        return index

    def require_safe(self, index: int, limit: float) -> None:
        """Refuse a limit outside the safe operating area of a range (5007)."""
        if limit > self.table.ranges[index].max_limit:
            raise TspError(5007)

    def checked_limit(self, value: LuaValue) -> float:
        """A new limit: 1101 and 1102 beyond the span, 5007 outside the safe operating area."""
        limit = float(number(self.min_limit, self.max_limit)(value))
        self.require_safe(self.index, limit)
        return limit


class Source:
    """Source side of one channel.

    `before_step` is told just before the drive of a live output changes; `wait` lets time pass; `report` queues an
    error.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        letter: str,
        model: Model,
        interlock: Interlock,
        before_step: Callable[[], None],
        wait: Callable[[float], None],
        report: Callable[[int, str], None],
    ) -> None:
        self._errors = UnitErrors(surroundings, f"smu{letter} source")
        self._model = model
        self._interlock = interlock
        self._before_step = before_step
        self._wait = wait
        self._report = report
        self.port = surroundings.port(letter)
        self.v = LevelSetting(model.source_v, *model.limits_i, model.default_limit_i)
        self.i = LevelSetting(model.source_i, *model.limits_v, model.default_limit_v)
        self.output = OFF
        self.sweep_level: float | None = None
        self.sweep_limit: float = 0.0
        self.high_capacitance = False
        self.table = TspObject("smu_source")
        self._add_levels()
        self._add_options()
        self.reset()

    # The command tree.

    def _add_levels(self) -> None:
        for letter, own in (("v", self.v), ("i", self.i)):
            self.table.attribute("level" + letter, *self._level_access(own))
            self.table.attribute("range" + letter, *self._range_access(own))
            self.table.attribute("autorange" + letter, *self._auto_access(own))
            self.table.attribute("lowrange" + letter, *self._low_range_access(own))
        self.table.attribute("limiti", *self._limit_access(self.v))
        self.table.attribute("limitv", *self._limit_access(self.i))

    def _add_options(self) -> None:
        table = self.table
        self._func = table.setting("func", DCVOLTS, choice(DCAMPS, DCVOLTS))
        self._limit_p = table.setting("limitp", 0, number(0, 200))
        self._off_mode = table.setting("offmode", OFF_NORMAL, choice(OFF_NORMAL, OFF_ZERO, HIGH_Z))
        self._off_func = table.setting("offfunc", DCVOLTS, choice(DCAMPS, DCVOLTS))
        self._off_limit_i = table.setting("offlimiti", 1e-3, number(*self._model.limits_i))
        self._off_limit_v = table.setting("offlimitv", 40, number(*self._model.limits_v))
        for name in ("func", "limitp", "offmode", "offfunc", "offlimiti", "offlimitv"):
            self._apply_after(name)
        self.delay = table.setting("delay", 0, delay_time)
        self._enable_action = table.setting("outputenableaction", 0, choice(0, 1))
        table.setting("settling", 0, choice(0, 1, 2, 3, 4, 128))
        table.setting("sink", 0, choice(0, 1))
        table.attribute("highc", lambda: int(self.high_capacitance), self._set_high_capacitance)
        table.attribute("output", lambda: int(self.output == ON), self._set_output)

    def _apply_after(self, name: str) -> None:
        """A plain setting that changes what the terminal does."""
        setting = self.table.settings[name]

        def write(value: LuaValue) -> None:
            self._change(lambda: setting.write(value))

        self.table.attribute(name, setting.read, write)

    def _level_access(self, own: LevelSetting) -> tuple[Callable[[], float], Callable[[LuaValue], None]]:
        def write(value: LuaValue) -> None:
            level = float(number()(value))
            index = own.index_for(level)

            def put() -> None:
                own.level = level
                self._move_range(own, index)

            self._change(put)

        return (lambda: own.level), write

    def _range_access(self, own: LevelSetting) -> tuple[Callable[[], float], Callable[[LuaValue], None]]:
        def write(value: LuaValue) -> None:
            index = own.table.index_for(float(number()(value)))
            if index is None:
                raise TspError(1101)
            index = max(index, self._floor(own))
            if abs(own.level) > own.table.ranges[index].full_scale:
                raise TspError(5005)
            own.require_safe(index, own.limit)

            def put() -> None:
                own.auto = False
                self._move_range(own, index)

            self._change(put)

        return (lambda: own.range.value), write

    def _auto_access(self, own: LevelSetting) -> tuple[Callable[[], int], Callable[[LuaValue], None]]:
        def write(value: LuaValue) -> None:
            auto = bool(choice(0, 1)(value))

            def put() -> None:
                own.auto = auto
                if auto:
                    self._move_range(own, own.index_for(own.level))

            self._change(put)

        return (lambda: int(own.auto)), write

    def _low_range_access(self, own: LevelSetting) -> tuple[Callable[[], float], Callable[[LuaValue], None]]:
        def write(value: LuaValue) -> None:
            index = own.table.index_for(float(number(0)(value)))
            if index is None:
                raise TspError(1101)

            def put() -> None:
                own.low_index = max(index, self._floor(own))
                if own.auto:
                    self._move_range(own, own.index_for(own.level))

            self._change(put)

        return (lambda: own.table.ranges[own.low_index].value), write

    def _limit_access(self, own: LevelSetting) -> tuple[Callable[[], float], Callable[[LuaValue], None]]:
        def write(value: LuaValue) -> None:
            limit = own.checked_limit(value)

            def put() -> None:
                own.limit = limit

            self._change(put)

        return (lambda: own.limit), write

    def _set_output(self, value: LuaValue) -> None:
        state = choice(OFF, ON, HIGH_Z)(value)
        if state == ON:
            self._require_interlock()

        def put() -> None:
            self.output = state

        self._change(put)

    def _set_high_capacitance(self, value: LuaValue) -> None:
        on = bool(choice(0, 1)(value))

        def put() -> None:
            self.high_capacitance = on
            if on:
                floor = self._floor(self.i)
                self.i.index, self.i.low_index = max(self.i.index, floor), max(self.i.low_index, floor)
                self.v.limit = max(self.v.limit, HIGH_CAPACITANCE_FLOOR)

        self._change(put)

    # What happens.

    def reset(self) -> None:
        """Output off, everything to its default."""
        self.v.reset()
        self.i.reset()
        self.output, self.sweep_level, self.sweep_limit, self.high_capacitance = OFF, None, 0.0, False
        self.table.reset()
        self.apply()

    @property
    def func(self) -> int:
        """DCAMPS or DCVOLTS."""
        return int(self._func.value)

    @property
    def own(self) -> LevelSetting:
        """The settings of the present function."""
        return self.v if self.func == DCVOLTS else self.i

    @property
    def level(self) -> float:
        """The level programmed now: that of the sweep while one holds it."""
        return self.own.level if self.sweep_level is None else self.sweep_level

    @property
    def settle(self) -> float:
        """Settling time [s] of the source on its present range."""
        return self._settle_on(self.own.range)

    def _settle_on(self, used: Range) -> float:
        if self.high_capacitance and self.own is self.v:
            return HIGH_CAPACITANCE_SOURCE_SETTLES[used.value]
        return used.settle

    def step_to(self, level: float | None) -> None:
        """Put a sweep's level on the terminal; None returns to the programmed level."""

        def put() -> None:
            self.sweep_level = level

        self._change(put)

    def _change(self, put: Callable[[], None]) -> None:
        """Change settings and put the result on the terminal; an output that may not be on goes off by itself."""
        if self.output == ON:
            self._before_step()
            put()
            if not self._interlock.closed and self._needs_interlock():
                self.output = OFF
                self._report(self._model.blocked, "")
        else:
            put()
        self.apply()

    def _move_range(self, own: LevelSetting, index: int) -> None:
        """Go to another range; a live source settles on each range on its way."""
        passed = (
            own.table.ranges[index : own.index] if index < own.index else own.table.ranges[own.index + 1 : index + 1]
        )
        own.index = index
        if passed and self.output == ON and own is self.own:
            self.apply()
            self._wait(sum(map(self._settle_on, passed)))

    def _floor(self, own: LevelSetting) -> int:
        if self.high_capacitance and own is self.i:
            return own.table.index_for(HIGH_CAPACITANCE_FLOOR) or 0
        return 0

    def _require_interlock(self) -> None:
        if not self._interlock.closed and self._needs_interlock():
            raise TspError(self._model.blocked)
        if not self._interlock.ready and self._high_voltage():
            raise TspError(5052)

    def _needs_interlock(self) -> bool:
        return bool(self._enable_action.value) or self._high_voltage()

    def _high_voltage(self) -> bool:
        highest = self.v.range.value if self.func == DCVOLTS else self.i.limit
        return highest > self._model.interlock_voltage

    def interlock_changed(self) -> None:
        """The interlock has opened or closed: an output that needs it goes off without it."""
        self._change(lambda: None)

    def apply(self) -> None:
        """Put what the settings ask for on the terminal."""
        drive = self._on_drive() if self.output == ON else self._off_drive()
        if drive != self.port.drive:
            self.port.drive = drive

    def _on_drive(self) -> Drive:
        own, limit = self.own, self._limit_in_force()
        level = self._errors.applied("v" if own is self.v else "i", own.range, self.level)
        return VoltageSource(level, 0.0, limit) if own is self.v else CurrentSource(level, limit)

    def _limit_in_force(self) -> float:
        own = self.own
        limit = own.limit
        if self.sweep_limit:
            other = self.i.table if own is self.v else self.v.table
            index = other.index_of_level(max(limit, self.sweep_limit))
            held = other.top if index is None else other.ranges[index]
            limit = max(self.sweep_limit, SWEEP_LIMIT_FLOOR * held.value)
        power = float(self._limit_p.value)
        if power and self.level:
            limit = min(limit, power / abs(self.level))
        return limit

    def _off_drive(self) -> Drive:
        if HIGH_Z in (self.output, self._off_mode.value):
            return Open()
        if self._off_mode.value == OFF_ZERO:
            if self.func == DCVOLTS:
                return VoltageSource(0.0, 0.0, self.v.limit)
            return VoltageSource(0.0, 0.0, max(abs(self.i.level), 0.1 * self.i.range.value))
        if self._off_func.value == DCVOLTS:
            return VoltageSource(0.0, 0.0, float(self._off_limit_i.value))
        return CurrentSource(0.0, float(self._off_limit_v.value))


def delay_time(value: LuaValue) -> float:
    """A source or measure delay: seconds, or -1 for automatic."""
    return -1.0 if value == -1 else float(number(0.0, 100e3)(value))
