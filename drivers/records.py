"""What the roles take and give back: readings with their flags, settings in force, abilities of a model. SI units
throughout.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

SENTINEL = 9e36  # magnitudes from here on are the instruments' words for "no number" (9.9E+37, 9.91E+37, 199.999E+99)


class Flag(enum.Flag):
    """What is wrong with a reading, or worth knowing about it. `Flag(0)` is a clean reading."""

    COMPLIANCE = 1
    """The source was at its current or voltage limit."""
    OVERFLOW = 2
    """Out of the measurement range: the value is NaN."""
    UNSTABLE = 4
    """Oscillating, or read before the range had settled after the last level step."""
    OVER_TEMPERATURE = 16
    UNKNOWN = 64
    """The instrument flagged something this driver has no name for."""


CLEAN = Flag(0)  # nothing to say about a reading


def number_or_nan(value: float) -> tuple[float, Flag]:
    """A number as the instrument sent it: sentinels (and NaN) become NaN with `Flag.OVERFLOW`."""
    if abs(value) < SENTINEL:
        return value, CLEAN
    return float("nan"), Flag.OVERFLOW


@dataclass(frozen=True, slots=True)
class Reading:
    """One measurement: voltage (V), current (A, positive out of the terminal), time (s on the instrument's clock),
    flags.

    What was not taken is NaN.
    """

    voltage: float
    current: float
    time: float
    flags: Flag = CLEAN


@dataclass(frozen=True, slots=True)
class Readings:
    """A sweep: one entry for each level. Times are in s from the first reading; `chunks` is the number of lists it
    took.
    """

    levels: tuple[float, ...]
    voltages: tuple[float, ...]
    currents: tuple[float, ...]
    times: tuple[float, ...]
    flags: tuple[Flag, ...]
    chunks: int = 1

    def __len__(self) -> int:
        """Number of points."""
        return len(self.levels)


@dataclass(frozen=True, slots=True)
class SourceSetting:
    """What a source-measure unit sources, as read back.

    function: "voltage" or "current". level: V or A. limit: A for a voltage source, V for a current source.
    range: full scale in V or A, None while the source autoranges.
    """

    function: str
    level: float
    limit: float
    range: float | None
    high_capacitance: bool = False


@dataclass(frozen=True, slots=True)
class MeasureSetting:
    """How a source-measure unit measures, as read back: ranges (A, V; None = autorange), aperture (s), autozero mode.

    lowest_current_range: the range (A) below which the autorange does not go; None on a fixed range.
    """

    current_range: float | None
    voltage_range: float | None
    aperture: float
    autozero: str
    lowest_current_range: float | None = None


@dataclass(frozen=True, slots=True)
class PulseShape:
    """A generator's pulse in force. base, level: V at the load. width: s between the 50 % points. period, delay: s.

    rise, fall: s of the full straight ramp, 0–100 %.
    """

    base: float
    level: float
    width: float
    period: float
    rise: float
    fall: float
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class SourceMeasureAbilities:
    """What one channel of a source-measure unit can do.

    voltage_ranges (V), source_current_ranges, measure_current_ranges (A): full scales, rising.
    level_over_range: a level may be this factor times its range.
    current_limits (A), voltage_limits (V): smallest and largest limit.
    envelope: pairs of a voltage (V), rising, and the largest current (A) up to it; none flows above the last.
    current_settling: s to 0.1 % after a level step, one for each of measure_current_ranges.
    apertures: shortest and longest integration (s). max_list_length: levels of one list; buffer_size: readings.
    longest_dwell, longest_hold: s in each and before the first reading of a sweep.
    shortest_pulse, longest_pulse: s, pulse_width_definition: between which points; pulse_width_uncertainty: s.
    autozero: whether autozero "auto" lengthens readings now and then.
    off_states: names for `off_state`. sense: ways to connect. flags: those this driver can tell; others are never set.
    """

    voltage_ranges: tuple[float, ...]
    source_current_ranges: tuple[float, ...]
    measure_current_ranges: tuple[float, ...]
    level_over_range: float
    current_limits: tuple[float, float]
    voltage_limits: tuple[float, float]
    envelope: tuple[tuple[float, float], ...]
    current_settling: tuple[float, ...]
    apertures: tuple[float, float]
    max_list_length: int
    buffer_size: int
    longest_dwell: float
    longest_hold: float
    shortest_pulse: float
    longest_pulse: float
    pulse_width_definition: str
    pulse_width_uncertainty: float
    off_states: tuple[str, ...]
    sense: tuple[str, ...]
    autozero: bool
    high_capacitance: bool
    flags: Flag

    def settling(self, current_range: float) -> float:
        """Seconds to 0.1 % after a level step on the measure range (A) that holds `current_range`."""
        for full_scale, seconds in zip(self.measure_current_ranges, self.current_settling, strict=True):
            if current_range <= full_scale:
                return seconds
        return self.current_settling[-1]


@dataclass(frozen=True, slots=True)
class PulseGeneratorAbilities:
    """What one channel of a pulse generator can do. Pairs are smallest and largest.

    widths: s between the points of width_definition. edges: s, full ramp 0–100 %. periods: s.
    edge_share: the width must be at least this factor times the mean of both full ramps, and so must the rest of the
    period.
    highest_open: largest |V| at an open output. highest_50_ohm: the same into 50 Ω.
    smallest_amplitude_open: least |level − base| (V) at an open output. source_resistance: Ω.
    resolution: relative step of the levels. max_count: pulses of one train; endless: whether endless trains are
    offered.
    triggers: names for `trigger`. arbitrary: longest arbitrary waveform in samples, None without.
    shared_trigger: a bus trigger fires every armed channel of the box.
    """

    widths: tuple[float, float]
    edges: tuple[float, float]
    periods: tuple[float, float]
    edge_share: float
    highest_open: float
    highest_50_ohm: float
    smallest_amplitude_open: float
    resolution: float
    source_resistance: float
    loads: tuple[float, float]
    max_count: int
    endless: bool
    width_definition: str
    triggers: tuple[str, ...]
    arbitrary: int | None
    shared_trigger: bool


@dataclass(frozen=True, slots=True)
class SwitchMatrixAbilities:
    """What a switch matrix can do. rows, columns: its labels. settle_time: s to wait after a close before reading.

    series_resistance: Ω of one closed path, None where the maker gives none. sequence_rules: the instrument's own rules
    (the driver's order is always break before make). closure_counter: `cycles` gives numbers. max_closed: None = all.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    settle_time: float
    series_resistance: float | None
    sequence_rules: tuple[str, ...]
    closure_counter: bool
    max_closed: int | None
