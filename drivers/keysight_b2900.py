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
from typing import ClassVar, Final

from drivers import keysight_b2900_lists as lists
from drivers.checks import one_of, quantity, within
from drivers.errors import InstrumentError
from drivers.keysight_b2900_lists import ELEMENTS, FUNCTIONS, OFF_STATES, WORDS, number
from drivers.records import CLEAN, Flag, MeasureSetting, Reading, SourceSetting
from drivers.registry import DriverInfo
from drivers.scpi import ScpiInstrument, plain
from drivers.smu_channel import Pulse, SourceMeasureChannel, Sweep
from drivers.smu_checks import reading, split

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
RESET_APERTURE: Final = 20e-3  # s
BLIND_APERTURE: Final = 20e-6  # s, of the reading that only tells whether the limit was reached
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
    counts_errors = True

    def _opened(self) -> None:
        states = self.exchange(":OUTP1?;:OUTP2?").split(";")
        self._channels = {
            terminal: ChannelB2900(self, terminal, state == "1")
            for terminal, state in zip(TERMINALS, states, strict=True)
        }

    def channel(self, terminal: str) -> ChannelB2900:
        """The source-measure unit "1" or "2"."""
        return self._channels[one_of("terminal", terminal, TERMINALS)]

    def _prepare(self) -> None:
        """Set the number format and the manual output switch; what waits in the error queue came before us."""
        self.write(PREPARE)

    def block(self, message: str, *, seconds_expected: float) -> list[float]:
        """Numbers of a query that answers with a block; InstrumentError naming errors that the message caused."""
        with self.lock:
            self.prepare()
            try:
                values = self.query_values(
                    f":FORM REAL,64;{message}", "d", big_endian=True, seconds_expected=seconds_expected
                )
            except InstrumentError:
                self.prepare_again()  # it may still answer with blocks
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
        return {header: plain(reply) for header, reply in zip(headers, replies, strict=True)}

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


class ChannelB2900(SourceMeasureChannel):
    """One channel of the box. `autozero` is only recorded: the instrument has no such setting.

    Off states: "normal" is 0 V until the relay opens, "zero" 0 V with at most 100 µA, "open" opens the relay.
    """

    _instrument: KeysightB2900

    def __init__(self, instrument: KeysightB2900, terminal: str, on: bool) -> None:
        """Stand for the channel `terminal` of `instrument`; `on`: whether its output is on now."""
        self._c = terminal
        super().__init__(instrument, lists.abilities_b2900(instrument.lowest_range), aperture=RESET_APERTURE, on=on)

    def forget(self, on: bool = False) -> None:
        """As in the base; readings and triggers are set up again."""
        super().forget(on)
        self._loaded = ""  # the set-up of readings and triggers that the channel holds

    # Source and output -----------------------------------------------------------------------------------------------

    def _send_source(self, asked: SourceSetting) -> SourceSetting:
        (word, measured), c = FUNCTIONS[asked.function], self._c
        message = ";".join((
            f":SOUR{c}:FUNC:MODE {word}", f":SOUR{c}:FUNC:SHAP DC", f":SOUR{c}:{word}:MODE FIX", f":SOUR{c}:{word} 0",
            f":OUTP{c}:PROT 0", f":OUTP{c}:HCAP {int(asked.high_capacitance)}",
            f":SENS{c}:{measured}:PROT {number(asked.limit)}",
            f":SOUR{c}:{word}:RANG {number(asked.range)}" if asked.range else f":SOUR{c}:{word}:RANG:AUTO 1",
            f":SOUR{c}:{word} {number(asked.level)}", f':SENS{c}:FUNC "VOLT","CURR"', f":SOUR{c}:FUNC:MODE?",
            f":SOUR{c}:{word}?", f":SENS{c}:{measured}:PROT?", f":SOUR{c}:{word}:RANG?", f":OUTP{c}:HCAP?",
        ))  # fmt: skip
        self._loaded = ""
        function, *values = self._instrument.call(message)
        level, bound, full_scale, highc = (self._instrument.parse_number(value) for value in values)
        found = SourceSetting(
            WORDS.get(function, function), level, bound, full_scale if asked.range else None, bool(highc)
        )
        self._demand_source(asked, found, full_scale, message)
        return found

    def _send_level(self, source: SourceSetting, value: float) -> float:
        word = FUNCTIONS[source.function][0]
        message = f":SOUR{self._c}:{word} {number(value)};:SOUR{self._c}:{word}?"
        self._loaded = ""  # a pulse has its base in the level
        (level,) = self._instrument.numbers(message)
        self._demand("the level", value, level, message)
        return level

    def _send_output(self, on: bool) -> bool:
        (state,) = self._instrument.numbers(f":OUTP{self._c} {int(on)};:OUTP{self._c}?")
        return bool(state)

    def _ask_output(self) -> bool:
        (state,) = self._instrument.numbers(f":OUTP{self._c}?")
        return bool(state)

    def _send_off_state(self, kind: str) -> None:
        word = OFF_STATES[kind]
        message = f":OUTP{self._c}:OFF:MODE {word};:OUTP{self._c}:OFF:MODE?"
        (found,) = self._instrument.call(message)
        if found != word:
            raise self._instrument.error(f"asked for off state {kind!r}, in force is {found}", message)

    def in_compliance(self) -> bool:
        """As in the role: asks whether the limit of the present function is tripped."""
        limited = FUNCTIONS[self._source.function if self._source else "voltage"][1]
        (tripped,) = self._instrument.numbers(f":SENS{self._c}:{limited}:PROT:TRIP?")
        return bool(tripped)

    # Measure ---------------------------------------------------------------------------------------------------------

    def _send_measure(self, asked: MeasureSetting) -> MeasureSetting:
        c, lowest = self._c, asked.lowest_current_range or self._abilities.measure_current_ranges[0]
        ranges = (("CURR", asked.current_range), ("VOLT", asked.voltage_range))
        commands = [
            f":SENS{c}:CURR:APER {number(asked.aperture)}", f":SENS{c}:CURR:RANG:AUTO:LLIM {number(lowest)}",
            *(f":SENS{c}:{q}:RANG {number(fixed)}" if fixed else f":SENS{c}:{q}:RANG:AUTO 1" for q, fixed in ranges),
        ]  # fmt: skip
        wanted = {
            f":SENS{c}:CURR:APER?": ("aperture", asked.aperture),
            f":SENS{c}:CURR:RANG:AUTO:LLIM?": ("lowest range", lowest),
            f":SENS{c}:CURR:RANG?": ("current range", asked.current_range),
            f":SENS{c}:VOLT:RANG?": ("voltage range", asked.voltage_range),
        }
        message = ";".join([*commands, *wanted])
        self._loaded = ""
        for (name, value), found in zip(wanted.values(), self._instrument.numbers(message), strict=True):
            self._demand(name, value, found, message)
        return asked

    def measure(self) -> Reading:
        """As in the role; the instrument's measurement wait time lets the range settle after a change of level."""
        setup = lists.reading_setup(self._c, self._measure.aperture)
        fire = f":MEAS? (@{self._c})"
        message = fire if setup == self._loaded else f"{setup};{fire}"
        expected = self._measure.aperture + 2.0 * sum(self._abilities.current_settling)
        self._loaded = ""  # until it has run
        (reply,) = self._instrument.call(message, seconds_expected=expected)
        self._loaded = setup
        return self._reading(self._values(reply, message))

    def _values(self, reply: str, sent: str) -> list[float]:
        values = [self._instrument.parse_number(field) for field in reply.split(",")]
        if len(values) != ELEMENTS:
            raise self._instrument.error(f"{ELEMENTS} numbers were expected, not {len(values)}", sent, reply)
        return values

    @staticmethod
    def _reading(elements: Sequence[float], more: Flag = CLEAN) -> Reading:
        volts, amperes, time, status = elements
        return reading(volts, amperes, time, lists.status_flags(int(status)) | more)

    # Pulses and sweeps -----------------------------------------------------------------------------------------------

    def _send_pulse(self, source: SourceSetting, pulse: Pulse) -> Reading:
        """The width runs from 10 % of the leading edge to 90 % of the trailing edge. A level that is not yet at the
        base goes there first.
        """
        word, c = FUNCTIONS[source.function][0], self._c
        setup = lists.pulse_setup(c, word, pulse, self._measure.aperture if pulse.measure else BLIND_APERTURE)
        fire = f":INIT (@{c});:FETC? (@{c});:SOUR{c}:{word}?"
        message = fire if setup == self._loaded else f"{setup};{fire}"
        self._loaded = ""  # until it has run
        reply, rest = self._instrument.call(message, seconds_expected=pulse.width)
        self._demand_rest(pulse.base, self._instrument.parse_number(rest), message)
        self._loaded = setup
        return self._reading(self._values(reply, message))

    def _check_sweep(self, source: SourceSetting, sweep: Sweep) -> None:
        """Refuse as well a hold of more steps than readings can be taken."""
        super()._check_sweep(source, sweep)
        steps = len(sweep.levels) + self._held(sweep)
        within("number of levels with those of the hold", steps, "", 1, self._abilities.buffer_size, "shorten the hold")

    @staticmethod
    def _held(sweep: Sweep) -> int:
        """The hold rounded up to whole steps: readings of the first level that are left out."""
        return math.ceil(sweep.hold / (sweep.dwell + sweep.aperture))

    def _send_sweep(self, source: SourceSetting, sweep: Sweep) -> tuple[list[Reading], int]:
        held = self._held(sweep)
        steps = [sweep.levels[0]] * held + list(sweep.levels)
        chunks = split(steps, self._abilities.max_list_length)
        points = [point for chunk in chunks for point in self._run_list(source, chunk, sweep.dwell)]
        unsettled = self._settled(source, sweep.dwell)
        return [self._reading(point, unsettled) for point in points[held:]], len(chunks)

    def _run_list(self, source: SourceSetting, levels: Sequence[float], dwell: float) -> list[Sequence[float]]:
        """One list through the trigger system: the four elements of the reading at each level."""
        word, c = FUNCTIONS[source.function][0], self._c
        aperture = self._measure.aperture
        setup = lists.sweep_setup(c, word, levels, source.level, dwell, aperture)
        message = f"{setup};:INIT (@{c});:FETC:ARR? (@{c})"
        self._loaded = ""
        seconds = len(levels) * (dwell + aperture + 10 * lists.INTERVAL_MARGIN)
        values = self._instrument.block(message, seconds_expected=seconds)
        if len(values) != ELEMENTS * len(levels):
            raise self._instrument.error(f"{ELEMENTS * len(levels)} numbers were expected, not {len(values)}", message)
        return split(values, ELEMENTS)

    # Safety ----------------------------------------------------------------------------------------------------------

    def _safe_messages(self) -> list[str]:
        return [f":ABOR (@{self._c})", f":SOUR{self._c}:VOLT 0", f":SOUR{self._c}:CURR 0", self._off_message()]

    def _off_message(self) -> str:
        return f":OUTP{self._c} 0"

    def _reads_on(self) -> bool:
        return self._instrument.exchange(f":OUTP{self._c}?") != "0"
