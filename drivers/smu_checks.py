"""What the requests to source-measure units and their replies are checked with, whatever the instrument.

Pure functions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from drivers.checks import finite, quantity, within
from drivers.errors import Refused
from drivers.records import CLEAN, Flag, Reading, Readings, SourceMeasureAbilities, SourceSetting, number_or_nan

READ_BACK: Final = 1e-3  # relative agreement of what was asked and what is in force
ROUNDING_OF_ZERO: Final = 1e-15  # V or A, where 0 was asked
ROUNDING: Final = 1.0 + 1e-9  # a value may be above a limit by this factor: both are sums and products of decimals


def check_level(can: SourceMeasureAbilities, source: SourceSetting, level: float) -> None:
    """Refuse a level outside its range, and one that with its limit is outside the power envelope.

    A fixed range counts as a whole: later levels may lie anywhere on it.
    """
    voltage_source = source.function == "voltage"
    ranges, unit = (can.voltage_ranges, "V") if voltage_source else (can.source_current_ranges, "A")
    highest = (source.range or ranges[-1]) * can.level_over_range * ROUNDING
    within("level", level, unit, -highest, highest, "choose a higher range" if source.range else "")
    swing = max(abs(level), source.range or 0.0)
    volts, amperes = (swing, source.limit) if voltage_source else (source.limit, swing)
    most = next((current for voltage, current in can.envelope if volts <= voltage * ROUNDING), 0.0)
    if amperes > most * ROUNDING:
        corners = ", ".join(
            f"{quantity(current, 'A')} up to {quantity(voltage, 'V')}" for voltage, current in can.envelope
        )
        raise Refused(
            f"{quantity(volts, 'V')} with {quantity(amperes, 'A')} is outside the power envelope ({corners}): "
            "lower the limit, the level or the range"
        )


def holding(name: str, value: float | None, unit: str, ranges: Sequence[float]) -> float | None:
    """The smallest of `ranges` that holds `value`; None for None; `Refused` above the largest and at or below 0."""
    if value is None:
        return None
    if finite(name, value, unit) <= 0.0:
        raise Refused(f"{name} {quantity(value, unit)} must be positive")
    within(name, value, unit, 0.0, ranges[-1] * ROUNDING)
    return next(full_scale for full_scale in ranges if value <= full_scale * ROUNDING)


def differs(found: float, asked: float) -> bool:
    """Whether what is in force is not what was asked, beyond the instrument's rounding."""
    return abs(found - asked) > READ_BACK * abs(asked) + ROUNDING_OF_ZERO


def split(levels: Sequence[float], longest: int) -> list[Sequence[float]]:
    """Cut a list into pieces of at most `longest`."""
    return [levels[first : first + longest] for first in range(0, len(levels), longest)]


def reading(voltage: float, current: float, time: float, flags: Flag) -> Reading:
    """A reading of numbers as the instrument sent them: what is no number becomes NaN with `Flag.OVERFLOW`."""
    volts, over_volts = number_or_nan(voltage)
    amperes, over_amperes = number_or_nan(current)
    return Reading(volts, amperes, time, flags | over_volts | over_amperes)


def blind_reading(limited: bool) -> Reading:
    """What a pulse without a reading tells: whether the source was at its limit."""
    return Reading(math.nan, math.nan, math.nan, Flag.COMPLIANCE if limited else CLEAN)


def timed_reading(source: SourceSetting, level: float, measured: float, time: float, flags: Flag) -> Reading:
    """A reading of one quantity (V or A) beside the programmed level, which says nothing where the source was at its
    limit.
    """
    sourced = math.nan if Flag.COMPLIANCE in flags else level
    value, over = number_or_nan(measured)
    voltage, current = (sourced, value) if source.function == "voltage" else (value, sourced)
    return Reading(voltage, current, time, flags | over)


def table(levels: Sequence[float], readings: Sequence[Reading], chunks: int) -> Readings:
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
