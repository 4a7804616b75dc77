"""One B1517A HRSMU of a B1500A as a `SourceMeasureUnit`.

The module takes source settings only while its output switch is closed. Until then the driver keeps them, checked; they
go out with `output(True)`, which closes the switch at 0 V and then sets limit and level.

Timed readings (pulses, sweeps) measure one quantity; the sourced one is the programmed level, or NaN where the source
was at its limit. The unit itself waits for a range to settle before it measures, except in pulses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from drivers import keysight_b1500a_words as flex
from drivers.checks import one_of, quantity, within
from drivers.errors import Refused
from drivers.keysight_b1500a_words import FUNCTIONS, check_level, holding, number
from drivers.records import CLEAN, Flag, MeasureSetting, Reading, Readings, SourceMeasureAbilities, SourceSetting
from drivers.roles import SourceMeasureUnit

if TYPE_CHECKING:
    from drivers.keysight_b1500a import KeysightB1500A

READ_BACK: Final = 1e-3  # relative agreement of what was asked and what is in force
AUTOZERO: Final = ("auto", "once", "off")
LONGEST_PULSE, LONGEST_PULSE_APERTURE, SHORTEST_APERTURE = 2.0, 20e-3, 2e-6
LONGEST_DELAY, LONGEST_HOLD = 65.535, 655.35
CONVERSIONS: Final = 2  # of one reading: zero and signal
OVERHEAD: Final = 5e-3  # s a step may take beside its delays; generous, for timeouts only
ROUNDING: Final = 1e-9


class ChannelB1517A(SourceMeasureUnit):
    """The SMU in one slot."""

    def __init__(self, instrument: KeysightB1500A, slot: int, connected: bool) -> None:
        """Stand for the module in `slot`; `connected`: whether its output switch is closed now."""
        self._instrument, self._slot = instrument, slot
        self._abilities = flex.abilities_b1517a(instrument.line_frequency)
        self._off_state = "open"
        self.forget(connected)

    def forget(self, on: bool = False) -> None:
        """Take the channel as after a reset: no limit set, so that its output cannot be switched on."""
        self._on = on
        self._source: SourceSetting | None = None
        self._measure = MeasureSetting(None, None, 1.0 / self._instrument.line_frequency, "auto", 1e-11)

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
        """As in the role; in force when the output goes on, and read back then."""
        if high_capacitance:
            raise Refused("this module has no high-capacitance mode: leave high_capacitance False")
        limit = within("current limit", current_limit, "A", *self._abilities.current_limits)
        full_scale = holding("voltage range", voltage_range, "V", self._abilities.voltage_ranges)
        return self._become(SourceSetting("voltage", level, limit, full_scale))

    def source_current(
        self, level: float, *, voltage_limit: float, current_range: float | None = None
    ) -> SourceSetting:
        """As in the role; in force when the output goes on, and read back then."""
        limit = within("voltage limit", voltage_limit, "V", *self._abilities.voltage_limits)
        full_scale = holding("current range", current_range, "A", self._abilities.source_current_ranges)
        return self._become(SourceSetting("current", level, limit, full_scale))

    def _become(self, asked: SourceSetting) -> SourceSetting:
        check_level(self._abilities, asked, asked.level)
        if self._on:
            raise Refused("a change of function or limit is refused while the output is on: switch it off first")
        self._source = replace(asked, level=flex.rounded(asked.level, flex.output_range(asked, asked.level)[0]))
        return self._source

    def set_level(self, value: float) -> float:
        """As in the role."""
        source = self._configured()
        check_level(self._abilities, source, value)
        if not self._on:
            self._source = replace(source, level=flex.rounded(value, flex.output_range(source, value)[0]))
            return self._source.level
        return self._force(replace(source, level=value))

    def _force(self, wanted: SourceSetting, *before: str) -> float:
        """Source a level and read it back, in one exchange; returns the level in force."""
        full_scale, code = flex.output_range(wanted, wanted.level)
        kind = FUNCTIONS[wanted.function][0]
        command = f"D{kind} {self._slot},{code},{number(wanted.level)},{number(wanted.limit)}"
        reply = self._instrument.ask(*before, command, f"*LRN? {self._slot}")
        found = flex.learnt(reply)
        step = full_scale / flex.OUTPUT_STEPS
        if (
            found is None
            or found.kind != kind
            or abs(found.level - wanted.level) > step
            or abs(found.limit - wanted.limit) > READ_BACK * wanted.limit
        ):
            self._instrument.check_errors()
            raise self._instrument.error(f"slot {self._slot}: asked for {wanted}, it sources {reply}", command, reply)
        self._on = True
        self._source = replace(wanted, level=found.level)
        return found.level

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
        """As in the role. On closes the switch at 0 V with 100 µA, then sets limit and level."""
        if on:
            self._force(self._configured(), f"CN {self._slot}")
            return self._on
        command = ("CL" if self._off_state == "open" else "DZ") + f" {self._slot}"
        reply = self._instrument.ask(command, f"*LRN? {self._slot}")
        self._on = flex.learnt(reply) is not None
        if self._on:
            raise self._instrument.error(f"slot {self._slot}: the output is still on", command, reply)
        return False

    @property
    def output_state(self) -> bool:
        """As in the role. An output that ``DZ`` holds at 0 V is off."""
        self._on = flex.learnt(self._instrument.ask(f"*LRN? {self._slot}")) is not None
        return self._on

    def off_state(self, kind: str) -> str:
        """As in the role: "open" opens the output switch (``CL``), "zero" keeps it closed at 0 V (``DZ``)."""
        self._off_state = one_of("off state", kind, self._abilities.off_states)
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
        """As in the role. From one power line cycle on the high-resolution converter integrates, below the fast one.

        autozero: "auto" takes a zero with each reading of the high-resolution converter; "once" and "off" take none.
        """
        can = self._abilities
        within("aperture", aperture, "s", *can.apertures)
        amperes = holding("current range", current_range, "A", can.measure_current_ranges)
        volts = holding("voltage range", voltage_range, "V", can.voltage_ranges)
        lowest = holding("lowest current range", lowest_current_range, "A", can.measure_current_ranges)
        lowest = lowest or can.measure_current_ranges[0]
        one_of("autozero", autozero, AUTOZERO)
        if amperes is None and aperture < can.settling(lowest):
            raise Refused(
                f"aperture {quantity(aperture, 's')} is shorter than the {quantity(can.settling(lowest), 's')} that "
                f"the {quantity(lowest, 'A')} range needs to settle: give current_range, or raise lowest_current_range"
            )
        wanted = MeasureSetting(amperes, volts, self._converter(aperture)[1], autozero, None if amperes else lowest)
        self._instrument.load(self._measure_commands(wanted))
        self._measure = wanted
        return wanted

    def _converter(self, aperture: float) -> tuple[str, float]:
        """The AIT command (without its number of the converter: 1 first) for an aperture, and the aperture in force."""
        cycles = round(aperture * self._instrument.line_frequency)
        if cycles >= 1 and aperture * self._instrument.line_frequency > 1.0 - READ_BACK:
            return f"AIT 1,2,{cycles}", cycles / self._instrument.line_frequency
        samples = min(max(1, round(aperture / flex.SAMPLE_TIME)), flex.MOST_SAMPLES)
        return f"AIT 0,1,{samples}", samples * flex.SAMPLE_TIME

    def _measure_commands(self, setting: MeasureSetting) -> dict[str, str]:
        """Every setting of a reading; the converters are shared by all modules, so they are set before each use."""
        n, integration = self._slot, self._converter(setting.aperture)[0]
        kind = integration[4]
        return {
            f"AAD {n}": f"AAD {n},{kind}",
            f"AIT {kind}": integration,
            "AZ": f"AZ {int(setting.autozero == 'auto')}",
            f"RI {n}": f"RI {n},{self._current_code(setting)}",
            f"RV {n}": f"RV {n},{self._voltage_code(setting)}",
        }

    @staticmethod
    def _current_code(setting: MeasureSetting) -> int:
        if setting.current_range is not None:
            return -flex.CURRENT_CODES[setting.current_range]
        return flex.CURRENT_CODES[setting.lowest_current_range or 1e-11]

    @staticmethod
    def _voltage_code(setting: MeasureSetting) -> int:
        return 0 if setting.voltage_range is None else -flex.VOLTAGE_CODES[setting.voltage_range]

    def measure(self) -> Reading:
        """As in the role: the current with its time, then the voltage, in two exchanges."""
        self._instrument.load(self._measure_commands(self._measure))
        seconds = CONVERSIONS * self._measure.aperture + 2.0 * sum(self._abilities.current_settling)
        with self._instrument.lock:
            time, amperes = self._instrument.data(2, f"TTI {self._slot}", seconds_expected=seconds)
            (volts,) = self._instrument.data(1, f"TV {self._slot}", seconds_expected=seconds)
        current, flags = amperes.reading
        voltage, more = volts.reading
        return Reading(voltage, current, time.value, flags | more)

    def in_compliance(self) -> bool:
        """As in the role: takes a reading and looks at its status letter."""
        self._instrument.load(self._measure_commands(self._measure))
        seconds = CONVERSIONS * self._measure.aperture + 2.0 * sum(self._abilities.current_settling)
        (word,) = self._instrument.data(1, f"TI {self._slot}", seconds_expected=seconds)
        return Flag.COMPLIANCE in word.flags

    # Pulses ----------------------------------------------------------------------------------------------------------

    def pulse(self, level: float, width: float, *, base: float = 0.0, measure: bool = True) -> Reading:
        """As in the role, from 0.5 ms to 2 s (pulsed spot measurement). A reading integrates at most 20 ms."""
        source = self._energised()
        check_level(self._abilities, source, level)
        check_level(self._abilities, source, base)
        within("pulse width", width, "s", self._abilities.shortest_pulse, LONGEST_PULSE, "use a generator")
        aperture = self._pulse_aperture(source, width) if measure else SHORTEST_APERTURE
        self._instrument.load(self._pulse_commands(source, level, base, width, aperture))
        self._source = replace(source, level=base)
        time, word = self._instrument.data(2, "XE", seconds_expected=width + OVERHEAD)
        value, flags = word.reading
        if not measure:
            return Reading(math.nan, math.nan, math.nan, flags & Flag.COMPLIANCE)
        return self._timed(source, level, value, time.value, flags | self._settled(source, width - aperture))

    def _pulse_aperture(self, source: SourceSetting, width: float) -> float:
        self._check_fixed_range(source)
        if self._measure.autozero == "auto":
            raise Refused('autozero "auto" lengthens readings: use "once" or "off" for a timed reading')
        aperture = self._measure.aperture
        if aperture > width + ROUNDING:
            raise Refused(
                f"pulse width {quantity(width, 's')} is below the aperture {quantity(aperture, 's')}: "
                "the reading must fit"
            )
        return within("aperture of a pulse", aperture, "s", SHORTEST_APERTURE, LONGEST_PULSE_APERTURE * (1 + READ_BACK))

    def _pulse_commands(
        self, source: SourceSetting, level: float, base: float, width: float, aperture: float
    ) -> dict[str, str]:
        n, kind = self._slot, FUNCTIONS[source.function][0]
        _, code = flex.output_range(source, level, base)
        return {
            "MM": f"MM 3,{n}",
            f"CMM {n}": f"CMM {n},0",
            f"AAD {n}": f"AAD {n},2",
            "AIT 2": f"AIT 2,3,{number(min(aperture, LONGEST_PULSE_APERTURE))}",
            f"RI {n}": f"RI {n},{self._current_code(self._measure)}",
            f"RV {n}": f"RV {n},{self._voltage_code(self._measure)}",
            "TSC": "TSC 1",
            "PT": f"PT 0,{number(width)}",
            "pulse": f"P{kind} {n},{code},{number(base)},{number(level)},{number(source.limit)}",
        }

    def _check_fixed_range(self, source: SourceSetting) -> None:
        if source.function == "voltage" and self._measure.current_range is None:
            raise Refused("timed readings on the current autorange are refused: fix current_range with measure_setup")

    def _settled(self, source: SourceSetting, wait: float) -> Flag:
        """UNSTABLE where a current is read before its range has settled after the level step."""
        amperes = self._measure.current_range
        if source.function == "voltage" and amperes and wait < self._abilities.settling(amperes) - ROUNDING:
            return Flag.UNSTABLE
        return CLEAN

    @staticmethod
    def _timed(source: SourceSetting, level: float, value: float, time: float, flags: Flag) -> Reading:
        """A reading with the programmed level, which says nothing where the source was at its limit."""
        sourced = math.nan if Flag.COMPLIANCE in flags else level
        if source.function == "voltage":
            return Reading(sourced, value, time, flags)
        return Reading(value, sourced, time, flags)

    # Sweeps ----------------------------------------------------------------------------------------------------------

    def sweep(self, levels: Sequence[float], *, dwell: float, aperture: float, hold: float | None = None) -> Readings:
        """As in the role. The instrument sweeps staircases: other lists are cut into such, each one exchange more.

        The unit waits longer than `dwell` where its range needs longer to settle. The timer starts anew.
        """
        source = self._energised()
        for level in levels:
            check_level(self._abilities, source, level)
        within("aperture", aperture, "s", *self._abilities.apertures)
        within("dwell", dwell, "s", 0.0, LONGEST_DELAY)
        waiting = within("hold", 0.0 if hold is None else hold, "s", 0.0, LONGEST_HOLD)
        within("number of levels", len(levels), "", 1, self._abilities.buffer_size)
        self._check_fixed_range(source)
        self._measure = replace(self._measure, aperture=self._converter(aperture)[1])
        full_scale, _ = flex.output_range(source, *levels)
        points: list[Reading] = []
        pieces = flex.staircases(levels, 0.5 * full_scale / flex.OUTPUT_STEPS)
        with self._instrument.lock:
            self._instrument.send("TSR")
            for piece in pieces:
                points += self._run_staircase(source, piece, waiting, dwell)
                waiting = 0.0
            self._force(source)
        return _table(levels, points, len(pieces))

    def _run_staircase(
        self, source: SourceSetting, levels: Sequence[float], hold: float, dwell: float
    ) -> list[Reading]:
        n, kind, count = self._slot, FUNCTIONS[source.function][0], len(levels)
        _, code = flex.output_range(source, *levels)
        stairs = f"{number(levels[0])},{number(levels[-1])},{count},{number(source.limit)}"
        self._instrument.load(
            {
                **self._measure_commands(self._measure),
                "MM": f"MM 2,{n}",
                f"CMM {n}": f"CMM {n},0",
                "TSC": "TSC 1",
                "WT": f"WT {number(hold)},{number(dwell)}",
                "WM": "WM 1,2",
                "stairs": f"W{kind} {n},1,{code},{stairs}",
            }
        )
        seconds = hold + count * (dwell + CONVERSIONS * self._measure.aperture + OVERHEAD)
        if self._measure.current_range:
            seconds += count * self._abilities.settling(self._measure.current_range)
        words = self._instrument.data(3 * count, "XE", seconds_expected=seconds)
        readings = []
        for level, time, word in zip(levels, words[::3], words[1::3], strict=True):
            value, flags = word.reading
            readings.append(self._timed(source, level, value, time.value, flags))
        return readings

    # Safety ----------------------------------------------------------------------------------------------------------

    def make_safe(self) -> list[str]:
        """As in the role: 0 V first, then the off state."""
        problems: list[str] = []
        instrument, n = self._instrument, self._slot
        steps = [f"DZ {n}"] + [f"CL {n}"] * (self._off_state == "open")
        with instrument.lock:
            for command in steps:
                instrument.guarded_step(problems, command, partial(instrument.write, command))
            instrument.guarded_step(problems, f"read back of slot {n}", self._read_back_off)
            instrument.prepare_again()
            self.forget(self._on)  # what stopped us may have been a power cycle: limits are to be set again
        return problems

    def _read_back_off(self) -> None:
        query = f"*LRN? {self._slot}"
        reply = self._instrument.exchange(query)
        self._on = flex.learnt(reply) is not None
        if self._on:
            self._instrument.write(f"CL {self._slot}")
            raise self._instrument.error("the output still reads on", query, reply)


def _table(levels: Sequence[float], readings: Sequence[Reading], chunks: int) -> Readings:
    """The readings of a sweep, with times from the first one."""
    first = readings[0].time
    return Readings(
        tuple(map(float, levels)),
        tuple(reading.voltage for reading in readings),
        tuple(reading.current for reading in readings),
        tuple(reading.time - first for reading in readings),
        tuple(reading.flags for reading in readings),
        chunks,
    )
