"""One B1517A HRSMU of a B1500A as a `SourceMeasureUnit`.

The module takes source settings only while its output switch is closed. Until then the driver keeps them, checked; they
go out with `output(True)`, which closes the switch at 0 V and then sets limit and level.

Timed readings (pulses, sweeps) measure one quantity; the sourced one is the programmed level, or NaN where the source
was at its limit. The unit itself waits for a range to settle before it measures, except in pulses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from drivers import keysight_b1500a_words as flex
from drivers.checks import within
from drivers.keysight_b1500a_words import FUNCTIONS, number
from drivers.records import Flag, MeasureSetting, Reading, SourceSetting
from drivers.smu_channel import Pulse, SourceMeasureChannel, Sweep
from drivers.smu_checks import READ_BACK, reading, timed_reading

if TYPE_CHECKING:
    from drivers.keysight_b1500a import KeysightB1500A

LONGEST_PULSE_APERTURE, SHORTEST_PULSE_APERTURE = 20e-3, 2e-6
CONVERSIONS: Final = 2  # of one reading: zero and signal
OVERHEAD: Final = 5e-3  # s a step may take beside its delays; generous, for timeouts only


class ChannelB1517A(SourceMeasureChannel):
    """The SMU in one slot."""

    _instrument: KeysightB1500A

    def __init__(self, instrument: KeysightB1500A, slot: int, connected: bool) -> None:
        """Stand for the module in `slot`; `connected`: whether its output switch is closed now."""
        self._slot, self._off_state = slot, "open"
        frequency = instrument.line_frequency
        super().__init__(instrument, flex.abilities_b1517a(frequency), aperture=1.0 / frequency, on=connected)

    # Source and output -----------------------------------------------------------------------------------------------

    def _send_source(self, asked: SourceSetting) -> SourceSetting:
        """Nothing yet: in force when the output goes on, and read back then."""
        return self._planned(asked)

    def _send_level(self, source: SourceSetting, value: float) -> float:
        wanted = replace(source, level=value)
        return (self._force(wanted) if self._on else self._planned(wanted)).level

    @staticmethod
    def _planned(wanted: SourceSetting) -> SourceSetting:
        """With the level as the instrument will round it."""
        return replace(wanted, level=flex.rounded(wanted.level, flex.output_range(wanted, wanted.level)[0]))

    def _force(self, wanted: SourceSetting, *before: str) -> SourceSetting:
        """Source a level and read it back, in one exchange; what is in force now."""
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
        return replace(wanted, level=found.level)

    def _send_output(self, on: bool) -> bool:
        """On closes the switch at 0 V with 100 µA, then sets limit and level."""
        if on:
            self._source = self._force(self._configured(), f"CN {self._slot}")
            return True
        command = ("CL" if self._off_state == "open" else "DZ") + f" {self._slot}"
        return flex.learnt(self._instrument.ask(command, f"*LRN? {self._slot}")) is not None

    def _ask_output(self) -> bool:
        """An output that ``DZ`` holds at 0 V is off."""
        return flex.learnt(self._instrument.ask(f"*LRN? {self._slot}")) is not None

    def _send_off_state(self, kind: str) -> None:
        """Not a setting: off is ``CL`` where the output switch shall open, ``DZ`` where it shall stay closed at 0 V."""
        self._off_state = kind

    # Measure ---------------------------------------------------------------------------------------------------------

    def _send_measure(self, asked: MeasureSetting) -> MeasureSetting:
        """autozero "auto" takes a zero with each reading of the high-resolution converter; the others take none."""
        wanted = replace(asked, aperture=self._aperture_of(asked.aperture))
        self._instrument.load(self._measure_commands(wanted))
        return wanted

    def _aperture_of(self, seconds: float) -> float:
        return self._converter(seconds)[1]

    def _converter(self, aperture: float) -> tuple[str, float]:
        """The AIT command (without its number of the converter: 1 first) for an aperture, and the aperture in force.

        From one power line cycle on the high-resolution converter integrates, below the fast one.
        """
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
        with self._instrument.lock:
            time, amperes = self._instrument.data(2, f"TTI {self._slot}", seconds_expected=self._reading_time)
            (volts,) = self._instrument.data(1, f"TV {self._slot}", seconds_expected=self._reading_time)
        return reading(volts.value, amperes.value, time.value, amperes.flags | volts.flags)

    def in_compliance(self) -> bool:
        """As in the role: takes a reading and looks at its status letter."""
        self._instrument.load(self._measure_commands(self._measure))
        (word,) = self._instrument.data(1, f"TI {self._slot}", seconds_expected=self._reading_time)
        return Flag.COMPLIANCE in word.flags

    @property
    def _reading_time(self) -> float:
        """Seconds that an untimed reading may take."""
        return CONVERSIONS * self._measure.aperture + 2.0 * sum(self._abilities.current_settling)

    # Pulses ----------------------------------------------------------------------------------------------------------

    def _time_before_reading(self, source: SourceSetting, width: float) -> float:
        """Refuse as well an aperture that pulsed measurements do not have, 2 µs to 20 ms."""
        wait = super()._time_before_reading(source, width)
        longest = LONGEST_PULSE_APERTURE * (1.0 + READ_BACK)
        within("aperture of a pulse", self._measure.aperture, "s", SHORTEST_PULSE_APERTURE, longest)
        return wait

    def _send_pulse(self, source: SourceSetting, pulse: Pulse) -> Reading:
        """A pulsed spot measurement."""
        self._instrument.load(self._pulse_commands(source, pulse))
        time, word = self._instrument.data(2, "XE", seconds_expected=pulse.width + OVERHEAD)
        return timed_reading(source, pulse.level, word.value, time.value, word.flags)

    def _pulse_commands(self, source: SourceSetting, pulse: Pulse) -> dict[str, str]:
        n, kind = self._slot, FUNCTIONS[source.function][0]
        _, code = flex.output_range(source, pulse.level, pulse.base)
        aperture = self._measure.aperture if pulse.measure else SHORTEST_PULSE_APERTURE
        return {
            "MM": f"MM 3,{n}",
            f"CMM {n}": f"CMM {n},0",
            f"AAD {n}": f"AAD {n},2",
            "AIT 2": f"AIT 2,3,{number(min(aperture, LONGEST_PULSE_APERTURE))}",
            f"RI {n}": f"RI {n},{self._current_code(self._measure)}",
            f"RV {n}": f"RV {n},{self._voltage_code(self._measure)}",
            "TSC": "TSC 1",
            "PT": f"PT 0,{number(pulse.width)}",
            "pulse": f"P{kind} {n},{code},{number(pulse.base)},{number(pulse.level)},{number(source.limit)}",
        }

    # Sweeps ----------------------------------------------------------------------------------------------------------

    def _send_sweep(self, source: SourceSetting, sweep: Sweep) -> tuple[list[Reading], int]:
        """The instrument sweeps staircases: other lists are cut into such, each one exchange more.

        The unit waits longer than `dwell` where its range needs longer to settle. The timer starts anew.
        """
        full_scale, _ = flex.output_range(source, *sweep.levels)
        pieces, hold = flex.staircases(sweep.levels, 0.5 * full_scale / flex.OUTPUT_STEPS), sweep.hold
        readings: list[Reading] = []
        with self._instrument.lock:
            self._instrument.send("TSR")
            for piece in pieces:
                readings += self._run_staircase(source, piece, hold, sweep.dwell)
                hold = 0.0
            self._force(source)
        return readings, len(pieces)

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
        return [
            timed_reading(source, level, word.value, time.value, word.flags)
            for level, time, word in zip(levels, words[::3], words[1::3], strict=True)
        ]

    # Safety ----------------------------------------------------------------------------------------------------------

    def _safe_messages(self) -> list[str]:
        """0 V first, then the off state."""
        return [f"DZ {self._slot}"] + [self._off_message()] * (self._off_state == "open")

    def _off_message(self) -> str:
        return f"CL {self._slot}"

    def _reads_on(self) -> bool:
        return flex.learnt(self._instrument.exchange(f"*LRN? {self._slot}")) is not None
