"""Keithley 2450 source-measure unit with its SCPI command set: one channel, terminal "1" (front or rear, as selected).

A pulse, a reading and a sweep are one exchange each: the instrument's trigger model steps through a list of levels.

A 2450 measures one quantity at a time and reads the sourced one back just before it, with an aperture of its own. So
`measure` gives both as measured, while timed readings (pulses, sweeps), whose aperture ends with the level, give the
sourced quantity as programmed, or NaN where the source was at its limit.

On a fixed measure range the instrument raises a limit below 10.6 % of that range. The driver refuses such a pair.

Source: Model 2450 reference manual (2450-901-01 rev. B), SCPI command reference; settling from page 2-111.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar, Final

from drivers import keithley_2450_lists as lists
from drivers.checks import one_of, quantity, within
from drivers.errors import Refused
from drivers.keithley_2450_lists import BUFFER, FUNCTIONS, OFF_STATES, check_level, number
from drivers.records import (
    CLEAN,
    Flag,
    MeasureSetting,
    Reading,
    Readings,
    SourceSetting,
)
from drivers.registry import DriverInfo
from drivers.scpi import ScpiInstrument
from drivers.smu_channel import SourceMeasureChannel
from drivers.smu_checks import differs, holding, split

MODELS: Final = (
    DriverInfo(
        name="keithley_2450",
        module="drivers.keithley_2450",
        cls="Keithley2450",
        role="smu",
        description="Keithley 2450 source-measure unit (SCPI)",
        terminals="1",
    ),
)

LIMIT_FLOOR: Final = 0.106  # of a fixed measure range
HIGH_CAPACITANCE_FLOOR: Final = 1e-6  # A, lowest current range in high-capacitance mode
CONVERSIONS: Final = 4  # of one reading: source read-back, reference, zero, signal
STEP_OVERHEAD: Final = 2e-3  # s a step of the trigger model may take beside its delays; generous, for timeouts only
AUTOZERO: Final = ("auto", "once", "off")
INTERLOCK_REMEDY: Final = "close the safety interlock, or stay within 21 V"


class Keithley2450(ScpiInstrument):
    """The box: link, event log and its one channel. `channel("1")` is a `SourceMeasureUnit`."""

    maker = "Keithley Instruments"
    model = "2450"
    queue_depth = 200  # more than its event log is read at once
    remedies: ClassVar = {"interlock": INTERLOCK_REMEDY}
    _prepared = False

    def _opened(self) -> None:
        language = self.exchange("*LANG?")
        if language != "SCPI":
            remedy = "send *LANG SCPI, or choose SCPI in the menu System, then switch it off and on"
            raise self.error(f"its command set is {language}, this driver needs SCPI", "*LANG?", language, remedy)
        frequency, on = self.exchange(":SYST:LFR?;:OUTP?").split(";")
        self.line_frequency = self.parse_number(frequency)
        self._channel = Channel2450(self, on == "1")

    def channel(self, terminal: str) -> Channel2450:
        """The source-measure unit "1"."""
        one_of("terminal", terminal, ("1",))
        return self._channel

    def call(self, message: str, *, seconds_expected: float = 0.0) -> list[str]:
        """Send a message and read the replies to its queries; InstrumentError naming errors that it caused."""
        with self.lock:
            if not self._prepared:
                self.write("*CLS;:SYST:CLE;:FORM:DATA ASC;:FORM:ASC:PREC 10")  # what waits in the log came before us
                self._prepared = True
            message = f"{message};:SYST:ERR:COUN?"
            *replies, waiting = self.exchange(message, seconds_expected=seconds_expected).split(";")
            if waiting != "0":
                self._raise_errors(self._read_errors(), message)
        return replies

    def numbers(self, message: str) -> list[float]:
        """`call` for queries of numbers only."""
        return [self.parse_number(reply) for reply in self.call(message)]

    def prepare_again(self) -> None:
        """Empty the event log and set the number format before the next request."""
        self._prepared = False

    def outputs(self) -> dict[str, str]:
        """Whether the output is on, with function and level."""
        on, function, volts, amperes = self.exchange(":OUTP?;:SOUR:FUNC?;:SOUR:VOLT?;:SOUR:CURR?").split(";")
        if on == "0":
            return {}
        if function == "VOLT":
            return {"1": f"voltage source at {quantity(self.parse_number(volts), 'V')}"}
        return {"1": f"current source at {quantity(self.parse_number(amperes), 'A')}"}

    def settings(self) -> dict[str, float | str | bool]:
        """SCPI settings under their headers: numbers as numbers, words as the instrument writes them."""
        replies = self.exchange(";".join(f"{header}?" for header in lists.SETTINGS)).split(";")
        return {header: lists.plain(reply) for header, reply in zip(lists.SETTINGS, replies, strict=True)}

    def reset(self) -> None:
        """``*RST``: output off, limits 105 µA and 21 V. Limits must be set again before the output goes on."""
        self.exchange("*RST;*OPC?")
        self.prepare_again()  # the number format is reset too
        self._channel.forget()

    def _make_safe(self, problems: list[str]) -> None:
        problems += self._channel.make_safe()


class Channel2450(SourceMeasureChannel):
    """The channel of a 2450."""

    def __init__(self, instrument: Keithley2450, on: bool) -> None:
        """Stand for the channel of `instrument`; `on`: whether its output is on now."""
        self._instrument = instrument
        self._abilities = lists.abilities_2450(instrument.line_frequency)
        self.forget(on)

    def forget(self, on: bool = False) -> None:
        """Take the channel as after a reset: no limit set, so that its output cannot be switched on."""
        self._on = on
        self._loaded = ""  # the pulse that the trigger model holds
        self._source: SourceSetting | None = None
        self._measure = MeasureSetting(None, None, 1.0 / self._instrument.line_frequency, "auto", 1e-8)

    # Source ----------------------------------------------------------------------------------------------------------

    def source_voltage(
        self,
        level: float,
        *,
        current_limit: float,
        voltage_range: float | None = None,
        high_capacitance: bool = False,
    ) -> SourceSetting:
        """As in the role. High capacitance raises the smallest limit to 1 µA and removes the current ranges below.

        A fixed current range that does not allow the limit gives way to the autorange.
        """
        can = self._abilities
        smallest = HIGH_CAPACITANCE_FLOOR if high_capacitance else can.current_limits[0]
        limit = within("current limit", current_limit, "A", smallest, can.current_limits[1])
        full_scale = holding("voltage range", voltage_range, "V", can.voltage_ranges)
        return self._become(SourceSetting("voltage", level, limit, full_scale, high_capacitance))

    def source_current(
        self, level: float, *, voltage_limit: float, current_range: float | None = None
    ) -> SourceSetting:
        """As in the role. A limit above 21 V needs the safety interlock closed."""
        can = self._abilities
        limit = within("voltage limit", voltage_limit, "V", *can.voltage_limits)
        full_scale = holding("current range", current_range, "A", can.source_current_ranges)
        return self._become(SourceSetting("current", level, limit, full_scale))

    def _become(self, asked: SourceSetting) -> SourceSetting:
        check_level(self._abilities, asked, asked.level)
        self._refuse_while_on("a change of function or limit")
        word, _, limit, measured = FUNCTIONS[asked.function]
        self._release_measure_range(asked)
        kept = self._measure.current_range if asked.function == "voltage" else self._measure.voltage_range
        commands = [
            f":SENS:{measured}:RANG:AUTO ON",  # a fixed range would raise the limit
            f":SOUR:FUNC {word}", f':SENS:FUNC "{measured}"', f":SOUR:{word} 0",
            f":SOUR:{word}:HIGH:CAP {int(asked.high_capacitance)}", f":SOUR:{word}:{limit} {number(asked.limit)}",
            f":SOUR:{word}:RANG {number(asked.range)}" if asked.range else f":SOUR:{word}:RANG:AUTO ON",
            f":SOUR:{word} {number(asked.level)}", *([f":SENS:{measured}:RANG {number(kept)}"] if kept else []),
        ]  # fmt: skip
        queries = ("", f":{limit}", ":RANG", ":HIGH:CAP")
        message = ";".join([*commands, ":SOUR:FUNC?", *(f":SOUR:{word}{query}?" for query in queries)])
        self._source, self._loaded = None, ""  # unknown until the read-back agrees
        function, *values = self._instrument.call(message)
        level, bound, full_scale, highc = (self._instrument.parse_number(value) for value in values)
        found = SourceSetting(
            asked.function, level, bound, full_scale if asked.range else None, high_capacitance=bool(highc)
        )
        if (
            (function, bool(highc)) != (word, asked.high_capacitance)
            or differs(level, asked.level)
            or differs(bound, asked.limit)
            or (asked.range is not None and differs(full_scale, asked.range))
        ):
            raise self._instrument.error(f"asked for {asked}, in force is {found} as {function}", message)
        self._source = found
        return found

    def _release_measure_range(self, source: SourceSetting) -> None:
        """Forget a fixed measure range that would raise the limit, or that high capacitance does not have."""
        amperes, volts = self._measure.current_range, self._measure.voltage_range
        if source.function == "voltage" and amperes:
            too_low = source.high_capacitance and amperes < HIGH_CAPACITANCE_FLOOR
            if too_low or source.limit < LIMIT_FLOOR * amperes:
                lowest = self._abilities.measure_current_ranges[0]
                self._measure = replace(self._measure, current_range=None, lowest_current_range=lowest)
        if source.function == "current" and volts and source.limit < LIMIT_FLOOR * volts:
            self._measure = replace(self._measure, voltage_range=None)

    def set_level(self, value: float) -> float:
        """As in the role."""
        source = self._configured()
        check_level(self._abilities, source, value)
        word = FUNCTIONS[source.function][0]
        message = f":SOUR:{word} {number(value)};:SOUR:{word}?"
        (level,) = self._instrument.numbers(message)
        if differs(level, value):
            raise self._instrument.error(f"asked for the level {value:g}, in force is {level:g}", message)
        self._source = replace(source, level=level)
        return level

    # Output ----------------------------------------------------------------------------------------------------------

    def output(self, on: bool) -> bool:
        """As in the role."""
        if on:
            self._configured()
        message = f":OUTP {int(on)};:OUTP?"
        (state,) = self._instrument.numbers(message)
        self._on = bool(state)
        if self._on != on:
            raise self._instrument.error(f"the output is {'on' if self._on else 'off'}", message)
        return self._on

    @property
    def output_state(self) -> bool:
        """As in the role."""
        (state,) = self._instrument.numbers(":OUTP?")
        self._on = bool(state)
        return self._on

    def off_state(self, kind: str) -> str:
        """As in the role, for both source functions.

        "normal": 0 V with 10 % of the current range as limit; "zero": 0 V with the limit in force; "open": relay open;
        "guard": 0 A with 10 % of the voltage range as limit.
        """
        word = OFF_STATES[one_of("off state", kind, OFF_STATES)]
        message = f":OUTP:VOLT:SMOD {word};:OUTP:CURR:SMOD {word};:OUTP:VOLT:SMOD?;:OUTP:CURR:SMOD?"
        found = self._instrument.call(message)
        self._loaded = ""  # the list of levels holds the off state too
        if found != [word, word]:
            raise self._instrument.error(f"asked for off state {kind!r}, in force is {' and '.join(found)}", message)
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
        """As in the role. Refused as well: a fixed range of which the limit in force is less than 10.6 %."""
        can = self._abilities
        nplc = self._nplc(aperture)
        amperes = holding("current range", current_range, "A", can.measure_current_ranges)
        volts = holding("voltage range", voltage_range, "V", can.voltage_ranges)
        lowest = holding("lowest current range", lowest_current_range, "A", can.measure_current_ranges)
        lowest = lowest or can.measure_current_ranges[0]
        one_of("autozero", autozero, AUTOZERO)
        self._check_measure_ranges(amperes, volts)
        if amperes is None and aperture < can.settling(lowest):
            raise Refused(
                f"aperture {quantity(aperture, 's')} is shorter than the {quantity(can.settling(lowest), 's')} that "
                f"the {quantity(lowest, 'A')} range needs to settle: give current_range, or raise lowest_current_range"
            )
        commands = [f":SENS:{q}:NPLC {number(nplc)};:SENS:{q}:AZER {int(autozero == 'auto')}" for q in ("CURR", "VOLT")]
        commands.append(f":SENS:CURR:RANG:AUTO:LLIM {number(lowest)}")
        for q, fixed in (("CURR", amperes), ("VOLT", volts)):
            commands.append(f":SENS:{q}:RANG {number(fixed)}" if fixed else f":SENS:{q}:RANG:AUTO ON")
        commands += [":SENS:AZER:ONCE"] * (autozero == "once")
        queries = ":SENS:CURR:NPLC?;:SENS:CURR:RANG?;:SENS:CURR:RANG:AUTO:LLIM?;:SENS:VOLT:RANG?"
        self._apply_measure(";".join([*commands, queries]), (nplc, amperes, lowest, volts), aperture)
        self._measure = MeasureSetting(amperes, volts, aperture, autozero, None if amperes else lowest)
        return self._measure

    def _apply_measure(self, message: str, asked: tuple[float | None, ...], aperture: float) -> None:
        source = self._source
        if source:
            word, _, limit, _ = FUNCTIONS[source.function]
            message, asked = f"{message};:SOUR:{word}:{limit}?", (*asked, source.limit)
        replies = self._instrument.call(message, seconds_expected=CONVERSIONS * aperture)
        names = ("cycles", "current range", "lowest range", "voltage range", "limit")
        for name, want, reply in zip(names, asked, replies, strict=False):
            value = self._instrument.parse_number(reply)
            if want is not None and differs(value, want):
                raise self._instrument.error(f"asked for {name} {want:g}, in force is {value:g}", message)

    def _check_measure_ranges(self, amperes: float | None, volts: float | None) -> None:
        source = self._source
        if source is None:
            return
        fixed, unit = (amperes, "A") if source.function == "voltage" else (volts, "V")
        if fixed and source.limit < LIMIT_FLOOR * fixed:
            raise Refused(
                f"measure range {quantity(fixed, unit)} would raise the limit {quantity(source.limit, unit)} to "
                f"{quantity(LIMIT_FLOOR * fixed, unit)}, 10.6 % of it: choose a lower range or a higher limit"
            )
        if source.high_capacitance and amperes and amperes < HIGH_CAPACITANCE_FLOOR:
            raise Refused(f"high capacitance has no current range below {quantity(HIGH_CAPACITANCE_FLOOR, 'A')}")

    def _nplc(self, aperture: float) -> float:
        within("aperture", aperture, "s", *self._abilities.apertures)
        return aperture * self._instrument.line_frequency

    def measure(self) -> Reading:
        """As in the role; the automatic source delay waits for the range to settle. Both quantities are measured."""
        source = self._source
        word = FUNCTIONS[source.function][0] if source else self._instrument.exchange(":SOUR:FUNC?")
        message = f":SOUR:{word}:READ:BACK ON;:SOUR:{word}:DEL:AUTO ON;:READ? {BUFFER},READ,SOUR,SOURSTAT,SEC,FRAC"
        expected = CONVERSIONS * self._measure.aperture + 2.0 * sum(self._abilities.current_settling)
        (reply,) = self._instrument.call(message, seconds_expected=expected)
        ((measured, sourced, status, seconds, fraction),) = self._points(reply, 5, 1, message)
        self._loaded = ""  # delay and read-back belong to the list of levels
        return lists.reading(word, measured, sourced, seconds + fraction, lists.status_flags(int(status)))

    def _points(self, reply: str, fields: int, points: int, sent: str) -> list[list[float]]:
        values = [self._instrument.parse_number(field) for field in re.split(r"[,\s]+", reply.strip())]
        if len(values) != fields * points:
            raise self._instrument.error(f"{fields * points} numbers were expected, not {len(values)}", sent, reply)
        return [values[start : start + fields] for start in range(0, len(values), fields)]

    def pulse(self, level: float, width: float, *, base: float = 0.0, measure: bool = True) -> Reading:
        """As in the role. The sourced quantity is the programmed one, NaN where the source was at its limit."""
        source = self._energised()
        check_level(self._abilities, source, level)
        check_level(self._abilities, source, base)
        within("pulse width", width, "s", self._abilities.shortest_pulse, 1e4, "shorter pulses need a generator")
        wait = self._time_before_reading(source, width) if measure else width
        word = FUNCTIONS[source.function][0]
        setup = lists.pulse_setup(word, level, base, wait, measure=measure)
        fields = 4 if measure else 1
        answer = f":TRAC:DATA? 1,1,{BUFFER},READ,SOURSTAT,SEC,FRAC" if measure else f":TRAC:ACT? {BUFFER}"
        fire = f":INIT;*WAI;{answer};:SOUR:{word}?"
        message = fire if setup == self._loaded else f"{setup};{fire}"
        self._loaded = ""  # until it has run
        self._source = replace(source, level=base)
        reply, rest = self._instrument.call(message, seconds_expected=width + CONVERSIONS * self._measure.aperture)
        self._check_rest(self._instrument.parse_number(rest), base, message)
        self._loaded = setup
        (values,) = self._points(reply, fields, 1, message)
        if not measure:
            limited = Flag.COMPLIANCE if values[0] else CLEAN
            return Reading(math.nan, math.nan, math.nan, limited)
        measured, status, seconds, fraction = values
        flags = lists.status_flags(int(status)) | self._settled(source, wait)
        return lists.timed_reading(word, measured, level, seconds + fraction, flags)

    def _check_rest(self, level: float, base: float, message: str) -> None:
        if differs(level, base):
            raise self._instrument.error(f"the level is {level:g} afterwards instead of {base:g}", message)

    def sweep(self, levels: Sequence[float], *, dwell: float, aperture: float, hold: float | None = None) -> Readings:
        """As in the role. The sourced quantity is the programmed one, NaN where the source was at its limit."""
        source = self._energised()
        for level in levels:
            check_level(self._abilities, source, level)
        nplc = self._nplc(aperture)
        within("dwell", dwell, "s", 0.0, 1e4)
        waiting = within("hold", 0.0 if hold is None else hold, "s", 0.0, 1e4 - dwell)
        within("number of levels", len(levels), "", 1, self._abilities.buffer_size)
        self._check_fixed_range(source)
        word, _, _, measured = FUNCTIONS[source.function]
        prepare = f":SENS:{measured}:NPLC {number(nplc)};:SENS:{measured}:AZER 0;:SENS:AZER:ONCE;"
        self._loaded = ""
        self._measure = replace(self._measure, aperture=aperture)
        points: list[list[float]] = []
        chunks = split(levels, self._abilities.max_list_length)
        for chunk in chunks:
            points += self._run_list(source, chunk, prepare, waiting, dwell)
            prepare, waiting = "", 0.0
        if self._measure.autozero == "auto":
            self._instrument.call(f":SENS:{measured}:AZER 1")
        readings = [
            lists.timed_reading(
                word, value, level, time, lists.status_flags(int(status)) | self._settled(source, dwell)
            )
            for level, (value, status, time) in zip(levels, points, strict=True)
        ]
        return lists.table(levels, readings, len(chunks))

    def _run_list(
        self, source: SourceSetting, levels: Sequence[float], prepare: str, hold: float, dwell: float
    ) -> list[list[float]]:
        """One list through the trigger model: measured value, source status and absolute time of each level."""
        word, count = FUNCTIONS[source.function][0], len(levels)
        *earlier, last = lists.list_messages(word, [*levels, source.level])
        for message in earlier:
            self._instrument.write(message)
        read = f":TRAC:DATA? 1,{count},{BUFFER},READ,SOURSTAT,SEC,FRAC;:SOUR:{word}?"
        message = f"{prepare}{last};{lists.sweep_blocks(word, count, hold, dwell)};:INIT;*WAI;{read}"
        aperture = self._measure.aperture
        seconds = hold + CONVERSIONS * aperture + count * (dwell + aperture + STEP_OVERHEAD)
        reply, rest = self._instrument.call(message, seconds_expected=seconds)
        self._check_rest(self._instrument.parse_number(rest), source.level, message)
        points = self._points(reply, 4, count, message)
        return [[value, status, whole + fraction] for value, status, whole, fraction in points]

    def in_compliance(self) -> bool:
        """As in the role: asks whether the limit of the present function is tripped."""
        word, limit = ("CURR", "VLIM") if self._source and self._source.function == "current" else ("VOLT", "ILIM")
        (tripped,) = self._instrument.numbers(f":SOUR:{word}:{limit}:TRIP?")
        return bool(tripped)

    # Safety ----------------------------------------------------------------------------------------------------------

    def make_safe(self) -> list[str]:
        """As in the role."""
        problems: list[str] = []
        instrument = self._instrument
        with instrument.lock:
            for command in (":ABOR", ":SOUR:VOLT 0", ":SOUR:CURR 0", ":OUTP OFF"):
                instrument.guarded_step(problems, command, partial(instrument.write, command))
            instrument.guarded_step(problems, "read back of the output", self._read_back_off)
            instrument.prepare_again()
            self.forget(self._on)  # what stopped us may have been a power cycle: limits are to be set again
        return problems

    def _read_back_off(self) -> None:
        self._on = self._instrument.exchange(":OUTP?") != "0"
        if self._on:
            self._instrument.write(":OUTP OFF")
            raise self._instrument.error("the output still reads on", ":OUTP?")
