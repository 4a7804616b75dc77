"""Keysight B2902B and B2912B source-measure units: two channels, terminals "1" and "2".

A pulse with its reading is one exchange, by the instrument's own pulse shape and triggers; a sweep is one binary block.
Voltage and current are both measured, at the same time. The instrument has no setting for its zero: whatever is asked
for, readings are not lengthened by reference conversions.

The instrument switches outputs on by itself when it is triggered; the driver turns that off before its first request.
With a current limit, no current range above the lowest one that covers the limit is used.

Source: Agilent B2900 SCPI command reference, edition 2 (B2910-90030); settling times from user's guide 2-20.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar, Final

from drivers import keysight_b2900_lists as lists
from drivers.checks import one_of, quantity, within
from drivers.errors import InstrumentError, Refused
from drivers.keysight_b2900_lists import ELEMENTS, FUNCTIONS, OFF_STATES, check_level, differs, holding, number
from drivers.records import CLEAN, Flag, MeasureSetting, Reading, Readings, SourceMeasureAbilities, SourceSetting
from drivers.registry import DriverInfo
from drivers.roles import SourceMeasureUnit
from drivers.scpi import ScpiInstrument

MODELS: Final = (
    DriverInfo(
        name="keysight_b2902b",
        module="drivers.keysight_b2900",
        cls="KeysightB2902B",
        role="smu",
        description="Keysight B2902B two-channel source-measure unit",
        terminals="1|2",
    ),
    DriverInfo(
        name="keysight_b2912b",
        module="drivers.keysight_b2900",
        cls="KeysightB2912B",
        role="smu",
        description="Keysight B2912B two-channel source-measure unit, with a 10 nA range",
        terminals="1|2",
    ),
)

TERMINALS: Final = ("1", "2")
HIGH_CAPACITANCE_FLOOR: Final = 1e-6  # A, lowest current range and limit in high-capacitance mode
BLIND_APERTURE: Final = 20e-6  # s, of the reading that only tells whether the limit was reached
ROUNDING: Final = 1e-9  # s, differences of times below this are no differences
AUTOZERO: Final = ("auto", "once", "off")
INTERLOCK_REMEDY: Final = "close the safety interlock, or stay within 42 V"
PREPARE: Final = (
    "*CLS;:FORM ASC;:FORM:BORD NORM;:FORM:ELEM:SENS VOLT,CURR,TIME,STAT;:SYST:TIME:TIM:COUN:RES:AUTO 0;"
    ":OUTP1:ON:AUTO 0;:OUTP2:ON:AUTO 0;:OUTP1:OFF:AUTO 0;:OUTP2:OFF:AUTO 0"
)


class KeysightB2900(ScpiInstrument):
    """The box: link, error queue and its two channels. `channel("1")` is a `SourceMeasureUnit`."""

    maker = "Keysight Technologies"
    lowest_range: ClassVar[float]
    queue_depth = 200  # more errors than it keeps
    remedies: ClassVar = {"interlock": INTERLOCK_REMEDY}
    _prepared = False

    def _opened(self) -> None:
        self._abilities = lists.abilities_b2900(self.lowest_range)
        states = self.exchange(":OUTP1?;:OUTP2?").split(";")
        self._channels = {
            terminal: ChannelB2900(self, terminal, self._abilities, state == "1")
            for terminal, state in zip(TERMINALS, states, strict=True)
        }

    def channel(self, terminal: str) -> ChannelB2900:
        """The source-measure unit "1" or "2"."""
        return self._channels[one_of("terminal", terminal, TERMINALS)]

    def prepare(self) -> None:
        """Set the number format and the manual output switch, unless that was done since the last reset."""
        if not self._prepared:
            self.write(PREPARE)  # what waits in the error queue came before us
            self._prepared = True

    def prepare_again(self) -> None:
        """Do so before the next request."""
        self._prepared = False

    def call(self, message: str, *, seconds_expected: float = 0.0) -> list[str]:
        """Send a message and read the replies to its queries; InstrumentError naming errors that it caused."""
        with self.lock:
            self.prepare()
            message = f"{message};:SYST:ERR:COUN?"
            *replies, waiting = self.exchange(message, seconds_expected=seconds_expected).split(";")
            if self.parse_number(waiting):
                self._raise_errors(self._read_errors(), message)
        return replies

    def numbers(self, message: str) -> list[float]:
        """`call` for queries of one number each."""
        return [self.parse_number(reply) for reply in self.call(message)]

    def block(self, message: str, *, seconds_expected: float) -> list[float]:
        """Numbers of a query that answers with a block; InstrumentError naming errors that the message caused."""
        with self.lock:
            self.prepare()
            try:
                values = self.query_values(
                    f":FORM REAL,64;{message}", "d", big_endian=True, seconds_expected=seconds_expected
                )
            except InstrumentError:
                self._prepared = False  # it may still answer with blocks
                raise
            self.call(":FORM ASC")
        return values

    def outputs(self) -> dict[str, str]:
        """Which outputs are on, with function and level."""
        found = {}
        for c in TERMINALS:
            on, function, volts, amperes = self.exchange(
                f":OUTP{c}?;:SOUR{c}:FUNC:MODE?;:SOUR{c}:VOLT?;:SOUR{c}:CURR?"
            ).split(";")
            if on != "0":
                kind, level, unit = ("voltage", volts, "V") if function == "VOLT" else ("current", amperes, "A")
                found[c] = f"{kind} source at {quantity(self.parse_number(level), unit)}"
        return found

    def settings(self) -> dict[str, float | str | bool]:
        """SCPI settings of both channels under their headers: numbers as numbers, words as the instrument has them."""
        headers = [header.format(c=c) for c in TERMINALS for header in lists.SETTINGS]
        replies = self.exchange(";".join(f"{header}?" for header in headers)).split(";")
        return {header: lists.plain(reply) for header, reply in zip(headers, replies, strict=True)}

    def reset(self) -> None:
        """``*RST``: outputs off, limits 100 µA and 2 V. Limits must be set again before an output goes on."""
        self.exchange("*RST;*OPC?")
        self.prepare_again()
        for channel in self._channels.values():
            channel.forget()

    def _make_safe(self, problems: list[str]) -> None:
        for channel in self._channels.values():
            problems += channel.make_safe()


class KeysightB2902B(KeysightB2900):
    """Lowest current range 100 nA."""

    model = "B2902B"
    lowest_range = 1e-7


class KeysightB2912B(KeysightB2900):
    """Lowest current range 10 nA."""

    model = "B2912B"
    lowest_range = 1e-8


class ChannelB2900(SourceMeasureUnit):
    """One channel of the box."""

    def __init__(self, instrument: KeysightB2900, terminal: str, abilities: SourceMeasureAbilities, on: bool) -> None:
        """Stand for the channel `terminal` of `instrument`; `on`: whether its output is on now."""
        self._instrument, self._c, self._abilities = instrument, terminal, abilities
        self.forget(on)

    def forget(self, on: bool = False) -> None:
        """Take the channel as after a reset: no limit set, so that its output cannot be switched on."""
        self._on = on
        self._loaded = ""  # the set-up of readings and triggers that the channel holds
        self._source: SourceSetting | None = None
        self._measure = MeasureSetting(None, None, 20e-3, "auto", self._abilities.measure_current_ranges[0])

    @property
    def abilities(self) -> SourceMeasureAbilities:
        """What this channel can do."""
        return self._abilities

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
        smallest = HIGH_CAPACITANCE_FLOOR if high_capacitance else can.current_limits[0]
        limit = within("current limit", current_limit, "A", smallest, can.current_limits[1])
        full_scale = holding("voltage range", voltage_range, "V", can.voltage_ranges)
        return self._become(SourceSetting("voltage", level, limit, full_scale, high_capacitance))

    def source_current(
        self, level: float, *, voltage_limit: float, current_range: float | None = None
    ) -> SourceSetting:
        """As in the role. A limit above 42 V needs the safety interlock closed."""
        can = self._abilities
        limit = within("voltage limit", voltage_limit, "V", *can.voltage_limits)
        full_scale = holding("current range", current_range, "A", can.source_current_ranges)
        return self._become(SourceSetting("current", level, limit, full_scale))

    def _become(self, asked: SourceSetting) -> SourceSetting:
        check_level(self._abilities, asked, asked.level)
        if self._on:
            raise Refused("a change of function or limit is refused while the output is on: switch it off first")
        (word, _, measured), c = FUNCTIONS[asked.function], self._c
        message = ";".join((
            f":SOUR{c}:FUNC:MODE {word}", f":SOUR{c}:FUNC:SHAP DC", f":SOUR{c}:{word}:MODE FIX", f":SOUR{c}:{word} 0",
            f":OUTP{c}:PROT 0", f":OUTP{c}:HCAP {int(asked.high_capacitance)}",
            f":SENS{c}:{measured}:PROT {number(asked.limit)}",
            f":SOUR{c}:{word}:RANG {number(asked.range)}" if asked.range else f":SOUR{c}:{word}:RANG:AUTO 1",
            f":SOUR{c}:{word} {number(asked.level)}", f':SENS{c}:FUNC "VOLT","CURR"', f":SOUR{c}:FUNC:MODE?",
            f":SOUR{c}:{word}?", f":SENS{c}:{measured}:PROT?", f":SOUR{c}:{word}:RANG?", f":OUTP{c}:HCAP?",
        ))  # fmt: skip
        self._source, self._loaded = None, ""  # unknown until the read-back agrees
        function, *values = self._instrument.call(message)
        level, bound, full_scale, highc = (self._instrument.parse_number(value) for value in values)
        found = SourceSetting(asked.function, level, bound, full_scale if asked.range else None, bool(highc))
        if (
            (function, found.high_capacitance) != (word, asked.high_capacitance)
            or differs(level, asked.level)
            or differs(bound, asked.limit)
            or (asked.range is not None and differs(full_scale, asked.range))
        ):
            raise self._instrument.error(f"asked for {asked}, in force is {found} as {function}", message)
        self._source = found
        return found

    def set_level(self, value: float) -> float:
        """As in the role."""
        source = self._configured()
        check_level(self._abilities, source, value)
        word = FUNCTIONS[source.function][0]
        message = f":SOUR{self._c}:{word} {number(value)};:SOUR{self._c}:{word}?"
        self._loaded = ""  # a pulse has its base in the level
        (level,) = self._instrument.numbers(message)
        if differs(level, value):
            raise self._instrument.error(f"asked for the level {value:g}, in force is {level:g}", message)
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

    # Output ----------------------------------------------------------------------------------------------------------

    def output(self, on: bool) -> bool:
        """As in the role."""
        if on:
            self._configured()
        message = f":OUTP{self._c} {int(on)};:OUTP{self._c}?"
        (state,) = self._instrument.numbers(message)
        self._on = bool(state)
        if self._on != on:
            raise self._instrument.error(f"the output is {'on' if self._on else 'off'}", message)
        return self._on

    @property
    def output_state(self) -> bool:
        """As in the role."""
        (state,) = self._instrument.numbers(f":OUTP{self._c}?")
        self._on = bool(state)
        return self._on

    def off_state(self, kind: str) -> str:
        """As in the role. "normal": 0 V, then the relay opens; "zero": 0 V, at most 100 µA; "open": relay open."""
        word = OFF_STATES[one_of("off state", kind, OFF_STATES)]
        message = f":OUTP{self._c}:OFF:MODE {word};:OUTP{self._c}:OFF:MODE?"
        (found,) = self._instrument.call(message)
        if found != word:
            raise self._instrument.error(f"asked for off state {kind!r}, in force is {found}", message)
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
        """As in the role. `autozero` is only recorded: the instrument has no such setting."""
        can, c = self._abilities, self._c
        within("aperture", aperture, "s", *can.apertures)
        amperes = holding("current range", current_range, "A", can.measure_current_ranges)
        volts = holding("voltage range", voltage_range, "V", can.voltage_ranges)
        lowest = holding("lowest current range", lowest_current_range, "A", can.measure_current_ranges)
        lowest = lowest or can.measure_current_ranges[0]
        one_of("autozero", autozero, AUTOZERO)
        if self._source and self._source.high_capacitance and amperes and amperes < HIGH_CAPACITANCE_FLOOR:
            raise Refused(f"high capacitance has no current range below {quantity(HIGH_CAPACITANCE_FLOOR, 'A')}")
        if amperes is None and aperture < can.settling(lowest):
            raise Refused(
                f"aperture {quantity(aperture, 's')} is shorter than the {quantity(can.settling(lowest), 's')} that "
                f"the {quantity(lowest, 'A')} range needs to settle: give current_range, or raise lowest_current_range"
            )
        message = ";".join((
            f":SENS{c}:CURR:APER {number(aperture)}", f":SENS{c}:CURR:RANG:AUTO:LLIM {number(lowest)}",
            *(f":SENS{c}:{q}:RANG {number(fixed)}" if fixed else f":SENS{c}:{q}:RANG:AUTO 1"
              for q, fixed in (("CURR", amperes), ("VOLT", volts))),
            f":SENS{c}:CURR:APER?", f":SENS{c}:CURR:RANG:AUTO:LLIM?", f":SENS{c}:CURR:RANG?", f":SENS{c}:VOLT:RANG?",
        ))  # fmt: skip
        self._loaded = ""
        found = self._instrument.numbers(message)
        names = ("aperture", "lowest range", "current range", "voltage range")
        for name, want, value in zip(names, (aperture, lowest, amperes, volts), found, strict=True):
            if want is not None and differs(value, want):
                raise self._instrument.error(f"asked for {name} {want:g}, in force is {value:g}", message)
        self._measure = MeasureSetting(amperes, volts, aperture, autozero, None if amperes else lowest)
        return self._measure

    def measure(self) -> Reading:
        """As in the role; the instrument's measurement wait time lets the range settle after a change of level."""
        setup = lists.reading_setup(self._c, self._measure.aperture)
        fire = f":MEAS? (@{self._c})"
        message = fire if setup == self._loaded else f"{setup};{fire}"
        expected = self._measure.aperture + 2.0 * sum(self._abilities.current_settling)
        self._loaded = ""  # until it has run
        (reply,) = self._instrument.call(message, seconds_expected=expected)
        self._loaded = setup
        return lists.reading(self._values(reply, message))

    def _values(self, reply: str, sent: str) -> list[float]:
        values = [self._instrument.parse_number(field) for field in reply.split(",")]
        if len(values) != ELEMENTS:
            raise self._instrument.error(f"{ELEMENTS} numbers were expected, not {len(values)}", sent, reply)
        return values

    def pulse(self, level: float, width: float, *, base: float = 0.0, measure: bool = True) -> Reading:
        """As in the role. A level that is not yet at the base goes there first.

        The width runs from 10 % of the leading edge to 90 % of the trailing edge.
        """
        source = self._energised()
        check_level(self._abilities, source, level)
        check_level(self._abilities, source, base)
        within("pulse width", width, "s", self._abilities.shortest_pulse, 1e5, "shorter pulses need a generator")
        if measure:
            self._check_reading_fits(source, width)
        aperture = self._measure.aperture if measure else BLIND_APERTURE
        (word, _, _), c = FUNCTIONS[source.function], self._c
        setup = lists.pulse_setup(c, word, level, base, width, aperture)
        fire = f":INIT (@{c});:FETC? (@{c});:SOUR{c}:{word}?"
        message = fire if setup == self._loaded else f"{setup};{fire}"
        self._loaded = ""  # until it has run
        self._source = replace(source, level=base)
        reply, rest = self._instrument.call(message, seconds_expected=width)
        self._check_rest(self._instrument.parse_number(rest), base, message)
        self._loaded = setup
        reading = lists.reading(self._values(reply, message), self._settled(source, width - aperture))
        if measure:
            return reading
        return Reading(math.nan, math.nan, math.nan, reading.flags & Flag.COMPLIANCE)

    def _check_rest(self, level: float, base: float, message: str) -> None:
        if differs(level, base):
            raise self._instrument.error(f"the level is {level:g} afterwards instead of {base:g}", message)

    def _check_reading_fits(self, source: SourceSetting, width: float) -> None:
        self._check_fixed_range(source)
        if width < self._measure.aperture - ROUNDING:
            aperture = quantity(self._measure.aperture, "s")
            raise Refused(f"pulse width {quantity(width, 's')} is below the aperture {aperture}: the reading must fit")

    def _check_fixed_range(self, source: SourceSetting) -> None:
        if source.function == "voltage" and self._measure.current_range is None:
            raise Refused("timed readings on the current autorange are refused: fix current_range with measure_setup")

    def _settled(self, source: SourceSetting, wait: float) -> Flag:
        """UNSTABLE where a current is read before its range has settled after the level step."""
        amperes = self._measure.current_range
        if source.function == "voltage" and amperes and wait < self._abilities.settling(amperes) - ROUNDING:
            return Flag.UNSTABLE
        return CLEAN

    def sweep(self, levels: Sequence[float], *, dwell: float, aperture: float, hold: float | None = None) -> Readings:
        """As in the role. The hold is rounded up to whole steps: readings of the first level that are left out."""
        source = self._energised()
        for level in levels:
            check_level(self._abilities, source, level)
        within("aperture", aperture, "s", *self._abilities.apertures)
        within("dwell", dwell, "s", 0.0, 1e4)
        waiting = within("hold", 0.0 if hold is None else hold, "s", 0.0, 1e4)
        within("number of levels", len(levels), "", 1, self._abilities.buffer_size)
        self._check_fixed_range(source)
        held = math.ceil(waiting / (dwell + aperture))
        self._measure = replace(self._measure, aperture=aperture)
        steps, length = [levels[0]] * held + list(levels), self._abilities.max_list_length
        chunks = [steps[start : start + length] for start in range(0, len(steps), length)]
        points = [point for chunk in chunks for point in self._run_list(source, chunk, dwell)]
        unsettled = self._settled(source, dwell)
        readings = [lists.reading(point, unsettled) for point in points[held:]]
        return lists.table(levels, readings, len(chunks))

    def _run_list(self, source: SourceSetting, levels: Sequence[float], dwell: float) -> list[list[float]]:
        """One list through the trigger system: the four elements of the reading at each level."""
        (word, _, _), c = FUNCTIONS[source.function], self._c
        aperture = self._measure.aperture
        setup = lists.sweep_setup(c, word, levels, source.level, dwell, aperture)
        message = f"{setup};:INIT (@{c});:FETC:ARR? (@{c})"
        self._loaded = ""
        seconds = len(levels) * (dwell + aperture + 10 * lists.INTERVAL_MARGIN)
        values = self._instrument.block(message, seconds_expected=seconds)
        if len(values) != ELEMENTS * len(levels):
            raise self._instrument.error(f"{ELEMENTS * len(levels)} numbers were expected, not {len(values)}", message)
        return [values[start : start + ELEMENTS] for start in range(0, len(values), ELEMENTS)]

    def in_compliance(self) -> bool:
        """As in the role: asks whether the limit of the present function is tripped."""
        quantity_limited = "VOLT" if self._source and self._source.function == "current" else "CURR"
        (tripped,) = self._instrument.numbers(f":SENS{self._c}:{quantity_limited}:PROT:TRIP?")
        return bool(tripped)

    # Safety ----------------------------------------------------------------------------------------------------------

    def make_safe(self) -> list[str]:
        """As in the role."""
        problems: list[str] = []
        instrument, c = self._instrument, self._c
        with instrument.lock:
            for command in (f":ABOR (@{c})", f":SOUR{c}:VOLT 0", f":SOUR{c}:CURR 0", f":OUTP{c} 0"):
                instrument.guarded_step(problems, command, partial(instrument.write, command))
            instrument.guarded_step(problems, "read back of the output", self._read_back_off)
            instrument.prepare_again()
            self.forget(self._on)  # what stopped us may have been a power cycle: limits are to be set again
        return problems

    def _read_back_off(self) -> None:
        message = f":OUTP{self._c}?"
        self._on = self._instrument.exchange(message) != "0"
        if self._on:
            self._instrument.write(f":OUTP{self._c} 0")
            raise self._instrument.error("the output still reads on", message)
