"""One channel of a source-measure unit: the order of a request, whatever the model.

A request is checked in full against the abilities of the model and against the state of the channel, then sent, and
what the instrument says is in force is kept. A model adds its ability tables and its words on the wire.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from drivers.checks import one_of, quantity, within
from drivers.errors import Refused
from drivers.records import (
    CLEAN,
    Flag,
    MeasureSetting,
    Reading,
    Readings,
    SourceMeasureAbilities,
    SourceSetting,
)
from drivers.roles import SourceMeasureUnit
from drivers.smu_checks import check_level, differs, holding, table
from drivers.visa_instrument import VisaInstrument

ROUNDING: Final = 1e-9  # s, differences of times below this are no differences
HIGH_CAPACITANCE_FLOOR: Final = 1e-6  # A, lowest current range and limit in high-capacitance mode, in every manual
AUTOZERO: Final = ("auto", "once", "off")


@dataclass(frozen=True, slots=True)
class Pulse:
    """A pulse that passed all checks: level and base (V or A), width (s), and s at the level before the reading."""

    level: float
    base: float
    width: float
    wait: float
    measure: bool


@dataclass(frozen=True, slots=True)
class Sweep:
    """A sweep: levels (V or A), s from step to reading, s of a reading, s more before the first reading."""

    levels: Sequence[float]
    dwell: float
    aperture: float
    hold: float


class SourceMeasureChannel(SourceMeasureUnit):
    """A channel that knows what it sources and measures; None or unset until the instrument has read it back.

    The methods of the role are whole; those that a model adds get only what passed the checks.
    """

    _instrument: VisaInstrument

    def __init__(
        self, instrument: VisaInstrument, abilities: SourceMeasureAbilities, *, aperture: float, on: bool
    ) -> None:
        """Stand for a channel of `instrument`; aperture: s after a reset; `on`: whether its output is on now."""
        self._instrument, self._abilities, self._reset_aperture = instrument, abilities, aperture
        self.forget(on)

    def forget(self, on: bool = False) -> None:
        """Take the channel as after a reset: no limit set, so that its output cannot be switched on."""
        self._on = on
        self._source: SourceSetting | None = None
        lowest = self._abilities.measure_current_ranges[0]
        self._measure = MeasureSetting(None, None, self._reset_aperture, "auto", lowest)

    @property
    def abilities(self) -> SourceMeasureAbilities:
        """What this channel can do; where apertures are power-line cycles, at the unit's own line frequency."""
        return self._abilities

    # What a model must say -------------------------------------------------------------------------------------------

    @abstractmethod
    def _send_source(self, asked: SourceSetting) -> SourceSetting:
        """Set function, limit, range and level, in this order from a level of 0; what is in force now."""

    @abstractmethod
    def _send_level(self, source: SourceSetting, value: float) -> float:
        """Set the level; what is in force now."""

    @abstractmethod
    def _send_measure(self, asked: MeasureSetting) -> MeasureSetting:
        """Set ranges, aperture and autozero; what is in force now."""

    @abstractmethod
    def _send_output(self, on: bool) -> bool:
        """Switch the output; whether it is on now."""

    @abstractmethod
    def _ask_output(self) -> bool:
        """Whether the output is on."""

    @abstractmethod
    def _send_off_state(self, kind: str) -> None:
        """Set what "off" means and read it back."""

    @abstractmethod
    def _send_pulse(self, source: SourceSetting, pulse: Pulse) -> Reading:
        """Make a pulse; its reading, or without one a reading of which only the compliance flag counts."""

    @abstractmethod
    def _send_sweep(self, source: SourceSetting, sweep: Sweep) -> tuple[list[Reading], int]:
        """Step through the levels; a reading of each, and the number of lists that it took."""

    @abstractmethod
    def _safe_messages(self) -> list[str]:
        """What stops the channel, brings its level to 0 and switches it off, from any state of the instrument."""

    @abstractmethod
    def _off_message(self) -> str:
        """What opens the output of a channel that does not go off."""

    @abstractmethod
    def _reads_on(self) -> bool:
        """Whether the output is on, by a plain query that an unprepared instrument answers."""

    # Source ----------------------------------------------------------------------------------------------------------

    def source_voltage(
        self,
        level: float,
        *,
        current_limit: float,
        voltage_range: float | None = None,
        high_capacitance: bool = False,
    ) -> SourceSetting:
        """As in the role. High capacitance raises the smallest limit to 1 µA and removes the current ranges below."""
        can = self._abilities
        if high_capacitance and not can.high_capacitance:
            raise Refused("this model has no high-capacitance mode: leave high_capacitance False")
        smallest = HIGH_CAPACITANCE_FLOOR if high_capacitance else can.current_limits[0]
        limit = within("current limit", current_limit, "A", smallest, can.current_limits[1])
        full_scale = holding("voltage range", voltage_range, "V", can.voltage_ranges)
        return self._become(SourceSetting("voltage", level, limit, full_scale, high_capacitance))

    def source_current(
        self, level: float, *, voltage_limit: float, current_range: float | None = None
    ) -> SourceSetting:
        """As in the role. A limit above the touch-safe voltage of the model needs its safety interlock closed."""
        can = self._abilities
        limit = within("voltage limit", voltage_limit, "V", *can.voltage_limits)
        full_scale = holding("current range", current_range, "A", can.source_current_ranges)
        return self._become(SourceSetting("current", level, limit, full_scale))

    def _become(self, asked: SourceSetting) -> SourceSetting:
        check_level(self._abilities, asked, asked.level)
        if self._on:
            raise Refused("a change of function or limit is refused while the output is on: switch it off first")
        self._source = None  # unknown until the read-back agrees
        self._source = self._send_source(asked)
        return self._source

    def set_level(self, value: float) -> float:
        """As in the role."""
        source = self._configured()
        check_level(self._abilities, source, value)
        level = self._send_level(source, value)
        self._source = replace(source, level=level)
        return level

    def _configured(self) -> SourceSetting:
        if self._source is None:
            raise Refused(
                "no limit was set since the last reset or make-safe: call source_voltage or source_current first"
            )
        return self._source

    def _energised(self) -> SourceSetting:
        source = self._configured()
        if not self._on:
            raise Refused("the output is off: switch it on first")
        return source

    def _demand_source(self, asked: SourceSetting, found: SourceSetting, full_scale: float, sent: str) -> None:
        """InstrumentError unless `found`, of which `full_scale` (V or A) is the range, is what was asked for."""
        if (
            (found.function, found.high_capacitance) != (asked.function, asked.high_capacitance)
            or differs(found.level, asked.level)
            or differs(found.limit, asked.limit)
            or (asked.range is not None and differs(full_scale, asked.range))
        ):
            raise self._instrument.error(f"asked for {asked}, in force is {found}", sent)

    def _demand(self, name: str, asked: float | None, found: float, sent: str) -> None:
        """InstrumentError unless what is in force is what was asked for, where anything was."""
        if asked is not None and differs(found, asked):
            raise self._instrument.error(f"asked for {name} {asked:g}, in force is {found:g}", sent)

    def _demand_rest(self, base: float, found: float, sent: str) -> None:
        """InstrumentError unless the level after a pulse or sweep is the one that it had to end at."""
        if differs(found, base):
            raise self._instrument.error(f"the level is {found:g} afterwards instead of {base:g}", sent)

    # Output ----------------------------------------------------------------------------------------------------------

    def output(self, on: bool) -> bool:
        """As in the role. An output that was not confirmed counts as on until it is asked or switched off."""
        if on:
            self._configured()
            self._on = True
        self._on = self._send_output(on)
        if self._on != on:
            state = "on" if self._on else "off"
            raise self._instrument.error(f"the output is still {state} after it was switched")
        return self._on

    @property
    def output_state(self) -> bool:
        """As in the role."""
        self._on = self._ask_output()
        return self._on

    def off_state(self, kind: str) -> str:
        """As in the role."""
        self._send_off_state(one_of("off state", kind, self._abilities.off_states))
        return kind

    # Measure ---------------------------------------------------------------------------------------------------------

    def measure_setup(
        self,
        *,
        aperture: float,
        current_range: float | None = None,
        voltage_range: float | None = None,
        autozero: str = "auto",
        lowest_current_range: float | None = None,
    ) -> MeasureSetting:
        """As in the role."""
        can = self._abilities
        within("aperture", aperture, "s", *can.apertures)
        amperes = holding("current range", current_range, "A", can.measure_current_ranges)
        volts = holding("voltage range", voltage_range, "V", can.voltage_ranges)
        lowest = holding("lowest current range", lowest_current_range, "A", can.measure_current_ranges)
        lowest = None if amperes else lowest or can.measure_current_ranges[0]
        asked = MeasureSetting(amperes, volts, aperture, one_of("autozero", autozero, AUTOZERO), lowest)
        self._check_measure(asked)
        self._measure = self._send_measure(asked)
        return self._measure

    def _check_measure(self, asked: MeasureSetting) -> None:
        """Refuse ranges that the present source does not allow, and an aperture shorter than the autorange needs."""
        amperes, lowest = asked.current_range, asked.lowest_current_range
        if self._source and self._source.high_capacitance and amperes and amperes < HIGH_CAPACITANCE_FLOOR:
            raise Refused(f"high capacitance has no current range below {quantity(HIGH_CAPACITANCE_FLOOR, 'A')}")
        if lowest and asked.aperture < (settling := self._abilities.settling(lowest)):
            raise Refused(
                f"aperture {quantity(asked.aperture, 's')} is shorter than the {quantity(settling, 's')} that the "
                f"{quantity(lowest, 'A')} range needs to settle: give current_range, or raise lowest_current_range"
            )

    def _aperture_of(self, seconds: float) -> float:
        """The aperture (s) that the instrument has in force where `seconds` are asked for."""
        return seconds

    # Timed readings --------------------------------------------------------------------------------------------------

    def pulse(self, level: float, width: float, *, base: float = 0.0, measure: bool = True) -> Reading:
        """As in the role."""
        source, can = self._energised(), self._abilities
        check_level(can, source, level)
        check_level(can, source, base)
        within("pulse width", width, "s", can.shortest_pulse, can.longest_pulse, "a generator has others")
        wait = self._time_before_reading(source, width) if measure else width
        self._source = replace(source, level=base)
        reading = self._send_pulse(source, Pulse(level, base, width, wait, measure))
        if measure:
            return replace(reading, flags=reading.flags | self._settled(source, wait))
        return replace(reading, voltage=math.nan, current=math.nan, flags=reading.flags & Flag.COMPLIANCE)

    def sweep(self, levels: Sequence[float], *, dwell: float, aperture: float, hold: float | None = None) -> Readings:
        """As in the role."""
        source = self._energised()
        sweep = Sweep(levels, dwell, aperture, 0.0 if hold is None else hold)
        self._check_sweep(source, sweep)
        self._measure = replace(self._measure, aperture=self._aperture_of(aperture))
        readings, chunks = self._send_sweep(source, sweep)
        return table(levels, readings, chunks)

    def _check_sweep(self, source: SourceSetting, sweep: Sweep) -> None:
        """Refuse a sweep that the source, the timing or the memory of the instrument does not allow."""
        can = self._abilities
        within("number of levels", len(sweep.levels), "", 1, can.buffer_size)
        for level in sweep.levels:
            check_level(can, source, level)
        within("aperture", sweep.aperture, "s", *can.apertures)
        within("dwell", sweep.dwell, "s", 0.0, can.longest_dwell)
        within("hold", sweep.hold, "s", 0.0, can.longest_hold)
        self._check_fixed_range(source)

    def _time_before_reading(self, source: SourceSetting, width: float) -> float:
        """Seconds at the level before a reading that ends with the pulse; `Refused` where its time is not certain."""
        self._check_fixed_range(source)
        if self._abilities.autozero and self._measure.autozero == "auto":
            raise Refused('autozero "auto" may lengthen readings: use "once" or "off" for a timed reading')
        wait = width - self._measure.aperture
        if wait < -ROUNDING:
            aperture = quantity(self._measure.aperture, "s")
            raise Refused(f"pulse width {quantity(width, 's')} is below the aperture {aperture}: the reading must fit")
        return max(wait, 0.0)

    def _check_fixed_range(self, source: SourceSetting) -> None:
        if source.function == "voltage" and self._measure.current_range is None:
            raise Refused("timed readings on the current autorange are refused: fix current_range with measure_setup")

    def _settled(self, source: SourceSetting, wait: float) -> Flag:
        """UNSTABLE where a current is read before its range has settled after the level step."""
        amperes = self._measure.current_range
        if source.function == "voltage" and amperes and wait < self._abilities.settling(amperes) - ROUNDING:
            return Flag.UNSTABLE
        return CLEAN

    # Safety ----------------------------------------------------------------------------------------------------------

    def make_safe(self) -> list[str]:
        """As in the role."""
        problems: list[str] = []
        instrument = self._instrument
        with instrument.lock:
            for message in self._safe_messages():
                instrument.guarded_step(problems, message, partial(instrument.write, message))
            instrument.guarded_step(problems, "read back of the output", self._read_back_off)
            instrument.prepare_again()
            self.forget(self._on)  # what stopped us may have been a power cycle: limits are to be set again
        return problems

    def _read_back_off(self) -> None:
        self._on = self._reads_on()
        if self._on:
            self._instrument.write(self._off_message())
            raise self._instrument.error("the output still reads on")
