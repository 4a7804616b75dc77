"""Keithley Series 2600B System SourceMeters 2602B, 2612B, 2634B, 2636B: two source-measure units, "a" and "b" (TSP).

A pulse, a reading and a whole sweep are one exchange each: `keithley_2600b.lua` runs inside the instrument.

Source: Keithley Series 2600B reference manual (2600BS-901-01), TSP command reference and specifications. Figures that
are not in it are marked where they stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from drivers.checks import one_of, quantity
from drivers.keithley_2600b_abilities import CLAMPED, OFF_MODES, SETTINGS, abilities_2600b, status_flags
from drivers.records import MeasureSetting, Reading, SourceSetting
from drivers.registry import DriverInfo
from drivers.smu_channel import Pulse, SourceMeasureChannel, Sweep
from drivers.smu_checks import blind_reading, reading, split
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
LEVELS: Final = {"voltage": "levelv", "current": "leveli"}


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
    """One channel of a Series 2600B instrument.

    Off states: "zero" is 0 V with the limit in force, "normal" 0 V with 1 mA, "open" opens the relay.
    The measure range of what is being sourced follows the source range; a setting of it is kept for later.
    """

    _instrument: Keithley2600B

    def __init__(self, instrument: Keithley2600B, terminal: str, on: bool) -> None:
        """Stand for the channel `terminal` of `instrument`; `on`: whether its output is on now."""
        self._smu = f"smu{terminal}"
        frequency = instrument.line_frequency
        super().__init__(instrument, abilities_2600b(instrument.model, frequency), aperture=1.0 / frequency, on=on)

    # Source and output -----------------------------------------------------------------------------------------------

    def _send_source(self, asked: SourceSetting) -> SourceSetting:
        arguments = [self._smu, literal(asked.level), literal(asked.limit), optional(asked.range)]
        if asked.function == "voltage":
            arguments.append(str(int(asked.high_capacitance)))
        message = f"ecramlab.source_{asked.function}({', '.join(arguments)})"
        mode, level, limit, full_scale, highc = self._instrument.numbers(message)
        function = "voltage" if mode else "current"
        found = SourceSetting(function, level, limit, full_scale if asked.range else None, bool(highc))
        self._demand_source(asked, found, full_scale, message)
        return found

    def _send_level(self, source: SourceSetting, value: float) -> float:
        message = f'ecramlab.level({self._smu}, "{LEVELS[source.function]}", {literal(value)})'
        (level,) = self._instrument.numbers(message)
        self._demand("the level", value, level, message)
        return level

    def _send_output(self, on: bool) -> bool:
        (state,) = self._instrument.numbers(f"{self._smu}.source.output = {int(on)} {self._output_query}")
        return bool(state)

    def _ask_output(self) -> bool:
        (state,) = self._instrument.numbers(self._output_query)
        return bool(state)

    @property
    def _output_query(self) -> str:
        return f"print({self._smu}.source.output, errorqueue.count)"

    def _send_off_state(self, kind: str) -> None:
        code = OFF_MODES[kind]
        message = f"{self._smu}.source.offmode = {code} print({self._smu}.source.offmode, errorqueue.count)"
        (found,) = self._instrument.numbers(message)
        if found != code:
            raise self._instrument.error(f"asked for off state {kind!r}, in force is mode {found:g}", message)

    def in_compliance(self) -> bool:
        """As in the role: reads ``source.compliance``."""
        (clamped,) = self._instrument.call(f"print({self._smu}.source.compliance, errorqueue.count)")
        return is_true(clamped)

    # Measure ---------------------------------------------------------------------------------------------------------

    def _send_measure(self, asked: MeasureSetting) -> MeasureSetting:
        nplc = asked.aperture * self._instrument.line_frequency
        lowest = asked.lowest_current_range or self._abilities.measure_current_ranges[0]
        zero = AUTOZERO[asked.autozero]
        arguments = (literal(nplc), optional(asked.current_range), literal(lowest), optional(asked.voltage_range))
        message = f"ecramlab.measure_setup({', '.join((self._smu, *arguments, str(zero)))})"
        found = self._instrument.numbers(message, seconds_expected=CONVERSIONS * asked.aperture)
        sourced = self._source.function if self._source else ""
        amperes, volts = asked.current_range, asked.voltage_range
        wanted = {
            "cycles": nplc,
            "current range": None if sourced == "current" else amperes,
            "lowest range": asked.lowest_current_range,
            "voltage range": None if sourced == "voltage" else volts,
        }
        for (name, value), reply in zip(wanted.items(), found, strict=True):
            self._demand(name, value, reply, message)
        aperture = found[0] / self._instrument.line_frequency
        return MeasureSetting(amperes, volts, aperture, asked.autozero, asked.lowest_current_range)

    def measure(self) -> Reading:
        """As in the role; the instrument's automatic measure delay waits for the range to settle."""
        amperes, can = self._measure.current_range, self._abilities
        settling = sum(can.current_settling) if amperes is None else can.settling(amperes)
        return self._reading(f"ecramlab.measure({self._smu})", CONVERSIONS * self._measure.aperture + settling)

    def _reading(self, message: str, seconds_expected: float) -> Reading:
        *values, clamped, seconds = self._instrument.call(message, seconds_expected=seconds_expected)
        limited = is_true(clamped)
        if values[0] == "nil":
            return blind_reading(limited)
        current, voltage, time = (self._instrument.parse_number(value, message) for value in (*values, seconds))
        found = reading(voltage, current, time, status_flags(CLAMPED * limited))
        self._demand_possible(found, message)
        return found

    def _demand_possible(self, found: Reading, message: str) -> None:
        """InstrumentError for a current well above the limit in force: seen with bad routes, without any error queued.

        It cannot be the sample's.
        """
        source = self._source
        if source is not None and source.function == "voltage" and abs(found.current) > CLAMP_MARGIN * source.limit:
            raise self._instrument.error(
                f"{quantity(found.current, 'A')} was read with a limit of {quantity(source.limit, 'A')}",
                message,
                remedy="check the route through the matrix and the contacts",
            )

    # Pulses and sweeps -----------------------------------------------------------------------------------------------

    def _send_pulse(self, source: SourceSetting, pulse: Pulse) -> Reading:
        levels = f"{literal(pulse.level)}, {literal(pulse.wait)}, {literal(pulse.base)}"
        arguments = f'"{LEVELS[source.function]}", {levels}, {str(pulse.measure).lower()}'
        return self._reading(f"ecramlab.pulse({self._smu}, {arguments})", pulse.width)

    def _send_sweep(self, source: SourceSetting, sweep: Sweep) -> tuple[list[Reading], int]:
        """A loop in the instrument fills its reading buffers."""
        aperture, hold = self._measure.aperture, sweep.hold
        nplc = aperture * self._instrument.line_frequency
        preparation = f"ecramlab.prepare_sweep({self._smu}, {literal(nplc)})\n"
        chunks = split(sweep.levels, self._abilities.max_list_length)
        points: list[list[float]] = []
        for chunk in chunks:
            call = self._sweep_call(source, chunk, hold, sweep.dwell)
            seconds = hold + CONVERSIONS * aperture + len(chunk) * (sweep.dwell + aperture + STEP_OVERHEAD)
            points += self._points(f"loadandrunscript\n{preparation}{call}\nendscript", seconds, len(chunk))
            preparation, hold = "", 0.0
        unsettled = self._settled(source, sweep.dwell)
        readings = [
            reading(voltage, current, time, status_flags(int(status)) | unsettled)
            for current, voltage, time, status in points
        ]
        for found in readings:
            self._demand_possible(found, "sweep")
        return readings, len(chunks)

    def _sweep_call(self, source: SourceSetting, levels: Sequence[float], hold: float, dwell: float) -> str:
        """The list is spread over lines, so that no line gets longer than the instrument's input buffer."""
        lines = ",\n".join(", ".join(map(literal, line)) for line in split(levels, LEVELS_PER_LINE))
        autozero = AUTOZERO["auto" if self._measure.autozero == "auto" else "off"]  # "once" was done before the sweep
        rest = f"{literal(hold)}, {literal(dwell)}, {literal(source.level)}, {autozero}"
        return f'ecramlab.sweep({self._smu}, "{LEVELS[source.function]}", {{\n{lines}\n}}, {rest})'

    def _points(self, message: str, seconds_expected: float, expected: int) -> list[list[float]]:
        (block,) = self._instrument.call(message, seconds_expected=seconds_expected)
        points = [
            [self._instrument.parse_number(field, message) for field in point.split(",")] for point in block.split(";")
        ]
        if len(points) != expected or any(len(point) != len(POINT) for point in points):
            raise self._instrument.error(f"{expected} readings were expected, the reply holds others", message, block)
        return points

    # Safety ----------------------------------------------------------------------------------------------------------

    def _safe_messages(self) -> list[str]:
        """Plain commands, each on its own: an error in a line of TSP would stop the rest of it, and the functions may
        be lost.
        """
        levels = [f"{self._smu}.source.level{q} = 0" for q in "vi"]
        return [f"{self._smu}.abort()", *levels, self._off_message()]

    def _off_message(self) -> str:
        return f"{self._smu}.source.output = 0"

    def _reads_on(self) -> bool:
        message = f"print({self._smu}.source.output)"
        return self._instrument.parse_number(self._instrument.exchange(message), message) != 0.0


def optional(value: float | None) -> str:
    """A Lua argument that may be left out."""
    return "nil" if value is None else literal(value)
