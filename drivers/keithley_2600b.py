"""Keithley Series 2600B System SourceMeters 2602B, 2612B, 2634B, 2636B: two source-measure units, "a" and "b" (TSP).

A pulse, a reading and a whole sweep are one exchange each: `keithley_2600b.lua` runs inside the instrument.

Source: Keithley Series 2600B reference manual (2600BS-901-01), TSP command reference and specifications. Figures that
are not in it are marked where they stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from drivers.checks import one_of, quantity, within
from drivers.errors import Refused
from drivers.keithley_2600b_abilities import OFF_MODES, SETTINGS, abilities_2600b, status_flags
from drivers.records import (
    CLEAN,
    Flag,
    MeasureSetting,
    Reading,
    Readings,
    SourceSetting,
    number_or_nan,
)
from drivers.registry import DriverInfo
from drivers.smu_channel import SourceMeasureChannel
from drivers.smu_checks import differs, holding, split
from drivers.tsp import TspInstrument, fields, is_true, literal

MODELS: Final = (
    DriverInfo(
        name="keithley_2602b",
        module="drivers.keithley_2600b",
        cls="Keithley2602B",
        role="smu",
        description="Keithley 2602B two-channel source-measure unit (TSP), 40 V, 3 A, from 100 nA",
        terminals="a|b",
        trigger_inputs="digio([1-9]|1[0-4])",
        trigger_outputs="digio([1-9]|1[0-4])",
    ),
    DriverInfo(
        name="keithley_2612b",
        module="drivers.keithley_2600b",
        cls="Keithley2612B",
        role="smu",
        description="Keithley 2612B two-channel source-measure unit (TSP), 200 V, 1.5 A, from 100 nA",
        terminals="a|b",
        trigger_inputs="digio([1-9]|1[0-4])",
        trigger_outputs="digio([1-9]|1[0-4])",
    ),
    DriverInfo(
        name="keithley_2634b",
        module="drivers.keithley_2600b",
        cls="Keithley2634B",
        role="smu",
        description="Keithley 2634B two-channel source-measure unit (TSP), 200 V, 1.5 A, from 1 nA",
        terminals="a|b",
    ),
    DriverInfo(
        name="keithley_2636b",
        module="drivers.keithley_2600b",
        cls="Keithley2636B",
        role="smu",
        description="Keithley 2636B two-channel source-measure unit (TSP), 200 V, 1.5 A, from 100 pA",
        terminals="a|b",
        trigger_inputs="digio([1-9]|1[0-4])",
        trigger_outputs="digio([1-9]|1[0-4])",
    ),
)

AUTOZERO: Final = {"off": 0, "once": 1, "auto": 2}
CONVERSIONS: Final = 3  # autozero "auto" may add a reference and a zero conversion to each reading
LEVELS_PER_LINE: Final = 20
STEP_OVERHEAD: Final = 2e-3  # s that a script step may take beside its delays; generous, used for timeouts only
CLAMP_MARGIN: Final = 1.5  # a reading this much above the current limit cannot be the sample's
POINT: Final = ("current", "voltage", "timestamp", "status")  # what a sweep answers for each level
FUNCTIONS: Final = {"voltage": ("levelv", "V"), "current": ("leveli", "A")}


class Keithley2600B(TspInstrument):
    """The box: link, error queue and the two channels. `channel("a")` is a `SourceMeasureUnit`."""

    functions = "keithley_2600b.lua"

    def _opened(self) -> None:
        frequency, *on = fields(self.exchange("print(localnode.linefreq, smua.source.output, smub.source.output)"))
        self.line_frequency = self.parse_number(frequency, "localnode.linefreq")
        self._channels = {
            terminal: Channel2600B(self, terminal, is_true(state)) for terminal, state in zip("ab", on, strict=True)
        }

    def channel(self, terminal: str) -> Channel2600B:
        """The source-measure unit "a" or "b"."""
        return self._channels[one_of("terminal", terminal, self._channels)]

    def outputs(self) -> dict[str, str]:
        """Channels whose output is on, each with its function and level."""
        found = {}
        for terminal in self._channels:
            names = ("output", "func", "levelv", "leveli")
            reply = self.exchange("print(" + ", ".join(f"smu{terminal}.source.{name}" for name in names) + ")")
            on, function, volts, amperes = (self.parse_number(field, "source state") for field in fields(reply))
            if on:
                level = quantity(volts, "V") if function else quantity(amperes, "A")
                found[terminal] = f"{'voltage' if function else 'current'} source at {level}"
        return found

    def settings(self) -> dict[str, float | str | bool]:
        """TSP attributes of both channels under "<channel>.<attribute>", with the values the instrument prints."""
        record: dict[str, float | str | bool] = {"localnode.linefreq": self.line_frequency}
        for terminal in self._channels:
            reply = self.exchange("print(" + ", ".join(f"smu{terminal}.{name}" for name in SETTINGS) + ")")
            values = (self.parse_number(field, "settings") for field in fields(reply))
            record |= {f"{terminal}.{name}": value for name, value in zip(SETTINGS, values, strict=True)}
        return record

    def reset(self) -> None:
        """``reset()``: both channels to their reset state, outputs off."""
        self.write("reset()")
        self.prepare_again()  # the number format is reset too
        for channel in self._channels.values():
            channel.forget()
        self.check_errors()

    def _make_safe(self, problems: list[str]) -> None:
        for channel in self._channels.values():
            problems += channel.make_safe()


class Keithley2602B(Keithley2600B):
    """Model 2602B."""

    model = "2602B"


class Keithley2612B(Keithley2600B):
    """Model 2612B."""

    model = "2612B"


class Keithley2634B(Keithley2600B):
    """Model 2634B."""

    model = "2634B"


class Keithley2636B(Keithley2600B):
    """Model 2636B."""

    model = "2636B"


class Channel2600B(SourceMeasureChannel):
    """One channel of a Series 2600B instrument."""

    def __init__(self, instrument: Keithley2600B, terminal: str, on: bool) -> None:
        """Stand for the channel `terminal` of `instrument`; `on`: whether its output is on now."""
        self._instrument = instrument
        self._smu = f"smu{terminal}"
        self._abilities = abilities_2600b(instrument.model, instrument.line_frequency)
        self._on = on
        self.forget(on)

    def forget(self, on: bool = False) -> None:
        """Take the channel as after a reset: no limit set, so that its output cannot be switched on."""
        self._on = on
        self._source: SourceSetting | None = None
        lowest = self._abilities.measure_current_ranges[0]
        self._measure = MeasureSetting(None, None, 1.0 / self._instrument.line_frequency, "auto", lowest)

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
        smallest = 1e-6 if high_capacitance else can.current_limits[0]
        limit = within("current limit", current_limit, "A", smallest, can.current_limits[1])
        full_scale = holding("voltage range", voltage_range, "V", can.voltage_ranges)
        setting = SourceSetting("voltage", level, limit, full_scale, high_capacitance)
        self._check_level(setting, level)
        self._refuse_while_on("a change of function or limit")
        arguments = (literal(level), literal(limit), optional(full_scale), str(int(high_capacitance)))
        return self._source_from("source_voltage", arguments, setting)

    def source_current(
        self, level: float, *, voltage_limit: float, current_range: float | None = None
    ) -> SourceSetting:
        """As in the role. A limit above 20 V needs the safety interlock closed, where there is one."""
        can = self._abilities
        limit = within("voltage limit", voltage_limit, "V", *can.voltage_limits)
        full_scale = holding("current range", current_range, "A", can.source_current_ranges)
        setting = SourceSetting("current", level, limit, full_scale)
        self._check_level(setting, level)
        self._refuse_while_on("a change of function or limit")
        arguments = (literal(level), literal(limit), optional(full_scale))
        return self._source_from("source_current", arguments, setting)

    def _source_from(self, function: str, arguments: tuple[str, ...], asked: SourceSetting) -> SourceSetting:
        message = f"ecramlab.{function}({', '.join((self._smu, *arguments))})"
        self._source = None  # unknown until the read-back agrees
        mode, level, limit, full_scale, highc = self._instrument.numbers(message)
        found = SourceSetting(
            "voltage" if mode else "current", level, limit, full_scale if asked.range else None, bool(highc)
        )
        if (
            (found.function, found.high_capacitance) != (asked.function, asked.high_capacitance)
            or differs(level, asked.level)
            or differs(limit, asked.limit)
            or (asked.range is not None and differs(full_scale, asked.range))
        ):
            raise self._instrument.error(f"asked for {asked}, in force is {found}", message)
        self._source = found
        return found

    def set_level(self, value: float) -> float:
        """As in the role."""
        source = self._configured()
        self._check_level(source, value)
        attribute, _ = FUNCTIONS[source.function]
        message = f'ecramlab.level({self._smu}, "{attribute}", {literal(value)})'
        (level,) = self._instrument.numbers(message)
        if differs(level, value):
            raise self._instrument.error(f"asked for the level {value:g}, in force is {level:g}", message)
        self._remember_level(level)
        return level

    def _check_level(self, source: SourceSetting, level: float) -> None:
        """Refuse a level outside its range or outside the power envelope."""
        _, unit = FUNCTIONS[source.function]
        can = self._abilities
        ranges = can.voltage_ranges if source.function == "voltage" else can.source_current_ranges
        highest = (source.range or ranges[-1]) * can.level_over_range
        within("level", level, unit, -highest, highest, "choose a higher range" if source.range else "")
        corner_voltage, corner_current = can.power_corner
        swing = max(abs(level), source.range or 0.0)
        voltage, current = (swing, source.limit) if source.function == "voltage" else (source.limit, swing)
        if voltage > corner_voltage * can.level_over_range and current > corner_current * can.level_over_range:
            raise Refused(
                f"{quantity(voltage, 'V')} with {quantity(current, 'A')} is outside the power envelope: above "
                f"{corner_voltage:g} V the current is limited to {corner_current:g} A"
            )

    def _remember_level(self, level: float) -> None:
        self._source = replace(self._configured(), level=level)

    # Output ----------------------------------------------------------------------------------------------------------

    def output(self, on: bool) -> bool:
        """As in the role."""
        if on:
            self._configured()
        message = f"{self._smu}.source.output = {int(on)} print({self._smu}.source.output, errorqueue.count)"
        (state,) = self._instrument.numbers(message)
        self._on = bool(state)
        if self._on != on:
            raise self._instrument.error(f"the output is {'on' if self._on else 'off'}", message)
        return self._on

    @property
    def output_state(self) -> bool:
        """As in the role."""
        (state,) = self._instrument.numbers(f"print({self._smu}.source.output, errorqueue.count)")
        self._on = bool(state)
        return self._on

    def off_state(self, kind: str) -> str:
        """As in the role. "zero": 0 V with the limit in force; "normal": 0 V with 1 mA; "open": relay open."""
        code = OFF_MODES[one_of("off state", kind, OFF_MODES)]
        message = f"{self._smu}.source.offmode = {code} print({self._smu}.source.offmode, errorqueue.count)"
        (found,) = self._instrument.numbers(message)
        if found != code:
            raise self._instrument.error(f"asked for off state {kind!r}, in force is mode {found:g}", message)
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
        """As in the role.

        The measure range of what is being sourced follows the source range; the setting is kept for later.
        """
        can = self._abilities
        nplc = self._nplc(aperture)
        amperes = holding("current range", current_range, "A", can.measure_current_ranges)
        volts = holding("voltage range", voltage_range, "V", can.voltage_ranges)
        lowest = holding("lowest current range", lowest_current_range, "A", can.measure_current_ranges)
        lowest = lowest or can.measure_current_ranges[0]
        code = AUTOZERO[one_of("autozero", autozero, AUTOZERO)]
        if amperes is None and aperture < can.settling(lowest):
            raise Refused(
                f"aperture {quantity(aperture, 's')} is shorter than the {quantity(can.settling(lowest), 's')} that "
                f"the {quantity(lowest, 'A')} range needs to settle: give current_range, or raise lowest_current_range"
            )
        arguments = (literal(nplc), optional(amperes), literal(lowest), optional(volts), str(code))
        message = f"ecramlab.measure_setup({', '.join((self._smu, *arguments))})"
        found = self._instrument.numbers(message, seconds_expected=CONVERSIONS * aperture)
        sourced = self._source.function if self._source else ""
        asked = (nplc, None if sourced == "current" else amperes, lowest, None if sourced == "voltage" else volts)
        for name, want, value in zip(
            ("cycles", "current range", "lowest range", "voltage range"), asked, found, strict=True
        ):
            if want is not None and differs(value, want):
                raise self._instrument.error(f"asked for {name} {want:g}, in force is {value:g}", message)
        seconds = found[0] / self._instrument.line_frequency
        self._measure = MeasureSetting(amperes, volts, seconds, autozero, None if amperes else lowest)
        return self._measure

    def _nplc(self, aperture: float) -> float:
        within("aperture", aperture, "s", *self._abilities.apertures)
        return aperture * self._instrument.line_frequency

    def measure(self) -> Reading:
        """As in the role; the instrument's automatic measure delay waits for the range to settle."""
        settings, can = self._measure, self._abilities
        settling = sum(can.current_settling) if settings.current_range is None else can.settling(settings.current_range)
        expected = CONVERSIONS * settings.aperture + settling
        return self._reading(f"ecramlab.measure({self._smu})", expected)

    def pulse(self, level: float, width: float, *, base: float = 0.0, measure: bool = True) -> Reading:
        """As in the role."""
        source = self._energised()
        self._check_level(source, level)
        self._check_level(source, base)
        within("pulse width", width, "s", self._abilities.shortest_pulse, 1e5, "shorter pulses need a generator")
        wait = self._time_before_reading(source, width) if measure else width
        attribute, _ = FUNCTIONS[source.function]
        arguments = f'"{attribute}", {literal(level)}, {literal(wait)}, {literal(base)}, {str(measure).lower()}'
        self._remember_level(base)
        reading = self._reading(f"ecramlab.pulse({self._smu}, {arguments})", width)
        return replace(reading, flags=reading.flags | self._settled(source, wait)) if measure else reading

    def _reading(self, message: str, seconds_expected: float) -> Reading:
        current, voltage, clamped, time = self._instrument.call(message, seconds_expected=seconds_expected)
        flags = Flag.COMPLIANCE if is_true(clamped) else CLEAN
        amperes, volts = float("nan"), float("nan")
        if current != "nil":
            amperes, over_current = number_or_nan(self._instrument.parse_number(current, message))
            volts, over_voltage = number_or_nan(self._instrument.parse_number(voltage, message))
            flags |= over_current | over_voltage
            self._refuse_impossible(amperes, message)
        return Reading(volts, amperes, self._instrument.parse_number(time, message), flags)

    def _refuse_impossible(self, current: float, message: str) -> None:
        """A current well above the limit in force cannot be the sample's: seen with bad routes, without any error
        queued.
        """
        source = self._source
        if source is not None and source.function == "voltage" and abs(current) > CLAMP_MARGIN * source.limit:
            raise self._instrument.error(
                f"{quantity(current, 'A')} was read with a limit of {quantity(source.limit, 'A')}",
                message,
                remedy="check the route through the matrix and the contacts",
            )

    def sweep(self, levels: Sequence[float], *, dwell: float, aperture: float, hold: float | None = None) -> Readings:
        """As in the role: a loop in the instrument fills its reading buffers."""
        source = self._energised()
        for level in levels:
            self._check_level(source, level)
        nplc = self._nplc(aperture)
        within("dwell", dwell, "s", 0.0, 1e5)
        waiting = within("hold", 0.0 if hold is None else hold, "s", 0.0, 1e5)
        within("number of levels", len(levels), "", 1, self._abilities.buffer_size)
        self._check_fixed_range(source)
        lists = split(levels, self._abilities.max_list_length)
        preparation = f"ecramlab.prepare_sweep({self._smu}, {literal(nplc)})\n"
        points: list[list[float]] = []
        for chunk in lists:
            call = self._sweep_call(source, chunk, waiting, dwell)
            seconds = waiting + CONVERSIONS * aperture + len(chunk) * (dwell + aperture + STEP_OVERHEAD)
            points += self._points(f"loadandrunscript\n{preparation}{call}\nendscript", seconds, len(chunk))
            preparation, waiting = "", 0.0
        self._measure = replace(self._measure, aperture=aperture)
        return self._readings(source, levels, points, dwell, len(lists))

    def _sweep_call(self, source: SourceSetting, levels: Sequence[float], hold: float, dwell: float) -> str:
        """The list is spread over lines, so that no line gets longer than the instrument's input buffer."""
        attribute, _ = FUNCTIONS[source.function]
        lines = ",\n".join(", ".join(map(literal, line)) for line in split(levels, LEVELS_PER_LINE))
        autozero = AUTOZERO["auto" if self._measure.autozero == "auto" else "off"]  # "once" was done before the sweep
        rest = f"{literal(hold)}, {literal(dwell)}, {literal(source.level)}, {autozero}"
        return f'ecramlab.sweep({self._smu}, "{attribute}", {{\n{lines}\n}}, {rest})'

    def _points(self, message: str, seconds_expected: float, expected: int) -> list[list[float]]:
        (block,) = self._instrument.call(message, seconds_expected=seconds_expected)
        points = [
            [self._instrument.parse_number(field, message) for field in point.split(",")] for point in block.split(";")
        ]
        if len(points) != expected or any(len(point) != len(POINT) for point in points):
            raise self._instrument.error(f"{expected} readings were expected, the reply holds others", message, block)
        return points

    def _readings(
        self, source: SourceSetting, levels: Sequence[float], points: list[list[float]], dwell: float, chunks: int
    ) -> Readings:
        currents, voltages, times, flags = [], [], [], []
        for current, voltage, time, status in points:
            amperes, over_current = number_or_nan(current)
            volts, over_voltage = number_or_nan(voltage)
            self._refuse_impossible(amperes, "sweep")
            currents.append(amperes)
            voltages.append(volts)
            times.append(time)
            flags.append(over_current | over_voltage | status_flags(int(status)) | self._settled(source, dwell))
        return Readings(tuple(map(float, levels)), tuple(voltages), tuple(currents), tuple(times), tuple(flags), chunks)

    def in_compliance(self) -> bool:
        """As in the role: reads ``source.compliance``."""
        (clamped,) = self._instrument.call(f"print({self._smu}.source.compliance, errorqueue.count)")
        return is_true(clamped)

    # Safety ----------------------------------------------------------------------------------------------------------

    def make_safe(self) -> list[str]:
        """As in the role. Plain commands only: it must work in an instrument that has lost the loaded functions."""
        problems: list[str] = []
        smu, instrument = self._smu, self._instrument
        with instrument.lock:
            instrument.write_each(
                problems, f"{smu} to 0", [f"{smu}.abort()", *(f"{smu}.source.level{q} = 0" for q in "vi")]
            )
            instrument.write_each(problems, f"{smu} output off", [f"{smu}.source.output = 0"])
            instrument.guarded_step(problems, f"{smu} read back", self._read_back_off)
            instrument.prepare_again()
            self.forget(self._on)  # what stopped us may have been a power cycle: limits are to be set again
        return problems

    def _read_back_off(self) -> None:
        message = f"print({self._smu}.source.output)"
        self._on = bool(self._instrument.parse_number(self._instrument.exchange(message), message))
        if self._on:
            self._instrument.write(f"{self._smu}.source.output = 0")
            raise self._instrument.error("the output still reads on", message)


def optional(value: float | None) -> str:
    """A Lua argument that may be left out."""
    return "nil" if value is None else literal(value)
