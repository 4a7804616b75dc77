"""Keithley 2450 source-measure unit with its SCPI command set: one channel, terminal "1" (front or rear, as selected).

A pulse, a reading and a sweep are one exchange each: the instrument's trigger model steps through a list of levels.

A 2450 measures one quantity at a time and reads the sourced one back just before it, with an aperture of its own. So
`measure` gives both as measured, while timed readings (pulses, sweeps), whose aperture ends with the level, give the
sourced quantity as programmed, or NaN where the source was at its limit.

On a fixed measure range the instrument raises a limit below 10.6 % of that range. The driver refuses such a pair.

Source: Model 2450 reference manual (2450-901-01 rev. B), SCPI command reference; settling from page 2-111.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Final

from drivers import keithley_2450_lists as lists
from drivers.checks import one_of, quantity
from drivers.errors import Refused
from drivers.keithley_2450_lists import BUFFER, FUNCTIONS, OFF_STATES, WORDS, number
from drivers.records import MeasureSetting, Reading, SourceSetting
from drivers.registry import DriverInfo
from drivers.scpi import ScpiInstrument, plain
from drivers.smu_channel import HIGH_CAPACITANCE_FLOOR, Pulse, SourceMeasureChannel, Sweep
from drivers.smu_checks import blind_reading, reading, split, timed_reading

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
CONVERSIONS: Final = 4  # of one reading: source read-back, reference, zero, signal
STEP_OVERHEAD: Final = 2e-3  # s a step of the trigger model may take beside its delays; generous, for timeouts only
PREPARE: Final = "*CLS;:SYST:CLE;:FORM:DATA ASC;:FORM:ASC:PREC 10"
INTERLOCK_REMEDY: Final = "close the safety interlock, or stay within 21 V"


class Keithley2450(ScpiInstrument):
    """The box: link, event log and its one channel. `channel("1")` is a `SourceMeasureUnit`."""

    maker = "Keithley Instruments"
    model = "2450"
    queue_depth = 200  # more than its event log is read at once
    remedies: ClassVar = {"interlock": INTERLOCK_REMEDY}
    counts_errors = True

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

    def _prepare(self) -> None:
        self.write(PREPARE)  # what waits in the log came before us

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
        return {header: plain(reply) for header, reply in zip(lists.SETTINGS, replies, strict=True)}

    def reset(self) -> None:
        """``*RST``: output off, limits 105 µA and 21 V. Limits must be set again before the output goes on."""
        self.exchange("*RST;*OPC?")
        self.prepare_again()  # the number format is reset too
        self._channel.forget()

    def _make_safe(self, problems: list[str]) -> None:
        problems += self._channel.make_safe()


class Channel2450(SourceMeasureChannel):
    """The channel of a 2450.

    High capacitance, or a limit that a fixed current range does not allow, lets this range give way to the autorange.

    Off states, for both source functions: "normal" is 0 V with 10 % of the current range as limit, "zero" 0 V with the
    limit in force, "open" opens the relay, "guard" is 0 A with 10 % of the voltage range as limit.
    """

    _instrument: Keithley2450

    def __init__(self, instrument: Keithley2450, on: bool) -> None:
        """Stand for the channel of `instrument`; `on`: whether its output is on now."""
        frequency = instrument.line_frequency
        super().__init__(instrument, lists.abilities_2450(frequency), aperture=1.0 / frequency, on=on)

    def forget(self, on: bool = False) -> None:
        """As in the base; the trigger model is loaded again."""
        super().forget(on)
        self._loaded = ""  # the pulse that the trigger model holds

    # Source and output -----------------------------------------------------------------------------------------------

    def _send_source(self, asked: SourceSetting) -> SourceSetting:
        word, limit, measured = FUNCTIONS[asked.function]
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
        self._loaded = ""
        function, *values = self._instrument.call(message)
        level, bound, full_scale, highc = (self._instrument.parse_number(value) for value in values)
        found = SourceSetting(
            WORDS.get(function, function), level, bound, full_scale if asked.range else None, bool(highc)
        )
        self._demand_source(asked, found, full_scale, message)
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

    def _send_level(self, source: SourceSetting, value: float) -> float:
        word = FUNCTIONS[source.function][0]
        message = f":SOUR:{word} {number(value)};:SOUR:{word}?"
        (level,) = self._instrument.numbers(message)
        self._demand("the level", value, level, message)
        return level

    def _send_output(self, on: bool) -> bool:
        (state,) = self._instrument.numbers(f":OUTP {int(on)};:OUTP?")
        return bool(state)

    def _ask_output(self) -> bool:
        (state,) = self._instrument.numbers(":OUTP?")
        return bool(state)

    def _send_off_state(self, kind: str) -> None:
        word = OFF_STATES[kind]
        message = f":OUTP:VOLT:SMOD {word};:OUTP:CURR:SMOD {word};:OUTP:VOLT:SMOD?;:OUTP:CURR:SMOD?"
        self._loaded = ""  # the list of levels holds the off state too
        found = self._instrument.call(message)
        if found != [word, word]:
            raise self._instrument.error(f"asked for off state {kind!r}, in force is {' and '.join(found)}", message)

    def in_compliance(self) -> bool:
        """As in the role: asks whether the limit of the present function is tripped."""
        word, limit, _ = FUNCTIONS[self._source.function if self._source else "voltage"]
        (tripped,) = self._instrument.numbers(f":SOUR:{word}:{limit}:TRIP?")
        return bool(tripped)

    # Measure ---------------------------------------------------------------------------------------------------------

    def _check_measure(self, asked: MeasureSetting) -> None:
        """Refuse as well a fixed range of which the limit in force is less than 10.6 %: it would raise the limit."""
        super()._check_measure(asked)
        source = self._source
        if source is None:
            return
        fixed, unit = (asked.current_range, "A") if source.function == "voltage" else (asked.voltage_range, "V")
        if fixed and source.limit < LIMIT_FLOOR * fixed:
            raise Refused(
                f"measure range {quantity(fixed, unit)} would raise the limit {quantity(source.limit, unit)} to "
                f"{quantity(LIMIT_FLOOR * fixed, unit)}, 10.6 % of it: choose a lower range or a higher limit"
            )

    def _send_measure(self, asked: MeasureSetting) -> MeasureSetting:
        nplc = asked.aperture * self._instrument.line_frequency
        zero = int(asked.autozero == "auto")
        lowest = asked.lowest_current_range or self._abilities.measure_current_ranges[0]
        commands = [f":SENS:{q}:NPLC {number(nplc)};:SENS:{q}:AZER {zero}" for q in ("CURR", "VOLT")]
        commands.append(f":SENS:CURR:RANG:AUTO:LLIM {number(lowest)}")
        for q, fixed in (("CURR", asked.current_range), ("VOLT", asked.voltage_range)):
            commands.append(f":SENS:{q}:RANG {number(fixed)}" if fixed else f":SENS:{q}:RANG:AUTO ON")
        commands += [":SENS:AZER:ONCE"] * (asked.autozero == "once")
        wanted = {
            ":SENS:CURR:NPLC?": ("cycles", nplc),
            ":SENS:CURR:RANG?": ("current range", asked.current_range),
            ":SENS:CURR:RANG:AUTO:LLIM?": ("lowest range", lowest),
            ":SENS:VOLT:RANG?": ("voltage range", asked.voltage_range),
        }
        if self._source:
            word, limit, _ = FUNCTIONS[self._source.function]
            wanted[f":SOUR:{word}:{limit}?"] = ("limit", self._source.limit)
        message = ";".join([*commands, *wanted])
        found = self._instrument.numbers(message, seconds_expected=CONVERSIONS * asked.aperture)
        for (name, value), reply in zip(wanted.values(), found, strict=True):
            self._demand(name, value, reply, message)
        return asked

    def measure(self) -> Reading:
        """As in the role; the automatic source delay waits for the range to settle. Both quantities are measured."""
        word = FUNCTIONS[self._source.function][0] if self._source else self._instrument.exchange(":SOUR:FUNC?")
        message = f":SOUR:{word}:READ:BACK ON;:SOUR:{word}:DEL:AUTO ON;:READ? {BUFFER},READ,SOUR,SOURSTAT,SEC,FRAC"
        expected = CONVERSIONS * self._measure.aperture + 2.0 * sum(self._abilities.current_settling)
        self._loaded = ""  # delay and read-back belong to the list of levels
        (reply,) = self._instrument.call(message, seconds_expected=expected)
        ((measured, sourced, status, seconds, fraction),) = self._points(reply, 5, 1, message)
        volts, amperes = (sourced, measured) if word == "VOLT" else (measured, sourced)
        return reading(volts, amperes, seconds + fraction, lists.status_flags(int(status)))

    def _points(self, reply: str, fields: int, points: int, sent: str) -> list[list[float]]:
        values = [self._instrument.parse_number(field) for field in re.split(r"[,\s]+", reply.strip())]
        if len(values) != fields * points:
            raise self._instrument.error(f"{fields * points} numbers were expected, not {len(values)}", sent, reply)
        return [values[start : start + fields] for start in range(0, len(values), fields)]

    # Pulses and sweeps: the sourced quantity is the programmed one, NaN where the source was at its limit ------------

    def _send_pulse(self, source: SourceSetting, pulse: Pulse) -> Reading:
        word = FUNCTIONS[source.function][0]
        setup = lists.pulse_setup(word, pulse)
        answer = f":TRAC:DATA? 1,1,{BUFFER},READ,SOURSTAT,SEC,FRAC" if pulse.measure else f":TRAC:ACT? {BUFFER}"
        fire = f":INIT;*WAI;{answer};:SOUR:{word}?"
        message = fire if setup == self._loaded else f"{setup};{fire}"
        self._loaded = ""  # until it has run
        seconds = pulse.width + CONVERSIONS * self._measure.aperture
        reply, rest = self._instrument.call(message, seconds_expected=seconds)
        self._demand_rest(pulse.base, self._instrument.parse_number(rest), message)
        self._loaded = setup
        (values,) = self._points(reply, 4 if pulse.measure else 1, 1, message)
        if not pulse.measure:
            return blind_reading(bool(values[0]))
        measured, status, whole, fraction = values
        return timed_reading(source, pulse.level, measured, whole + fraction, lists.status_flags(int(status)))

    def _send_sweep(self, source: SourceSetting, sweep: Sweep) -> tuple[list[Reading], int]:
        measured, aperture = FUNCTIONS[source.function][2], self._measure.aperture
        nplc = aperture * self._instrument.line_frequency
        prepare = f":SENS:{measured}:NPLC {number(nplc)};:SENS:{measured}:AZER 0;:SENS:AZER:ONCE;"
        self._loaded = ""
        points: list[list[float]] = []
        chunks, hold = split(sweep.levels, self._abilities.max_list_length), sweep.hold
        for chunk in chunks:
            points += self._run_list(source, chunk, prepare, hold, sweep.dwell)
            prepare, hold = "", 0.0
        if self._measure.autozero == "auto":
            self._instrument.call(f":SENS:{measured}:AZER 1")
        unsettled = self._settled(source, sweep.dwell)
        readings = [
            timed_reading(source, level, value, time, lists.status_flags(int(status)) | unsettled)
            for level, (value, status, time) in zip(sweep.levels, points, strict=True)
        ]
        return readings, len(chunks)

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
        self._demand_rest(source.level, self._instrument.parse_number(rest), message)
        points = self._points(reply, 4, count, message)
        return [[value, status, whole + fraction] for value, status, whole, fraction in points]

    # Safety ----------------------------------------------------------------------------------------------------------

    def _safe_messages(self) -> list[str]:
        return [":ABOR", ":SOUR:VOLT 0", ":SOUR:CURR 0", self._off_message()]

    def _off_message(self) -> str:
        return ":OUTP OFF"

    def _reads_on(self) -> bool:
        return self._instrument.exchange(":OUTP?") != "0"
