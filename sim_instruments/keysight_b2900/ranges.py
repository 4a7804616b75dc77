"""Ranges, accuracy, settling and limits of the B2902B and B2912B.

Sources: B2900A series data sheet (carried over to the B series); B2900 user's guide ed. 2, pages 2-14 and 2-20; ed. 5,
tables 2-4 and 2-5. Not confirmed, because recalled without the data sheet at hand: the accuracy of all voltage ranges
and of the current ranges from 10 mA upward, `SOURCE_SETTLING`, `PULSE_EDGE`, and the smallest limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sim_instruments.smu_accuracy import Range, RangeTable

SOURCE_SETTLING: Final = 50e-6
"""Settling time [s] of the voltage source; not confirmed."""
PULSE_EDGE: Final = 15e-6
"""Full linear ramp [s] of a pulse; not confirmed."""
RANGE_CHANGE_OVERSHOOT: Final = 0.25
"""Overshoot [V] of the voltage source when its range changes, into 100 kΩ (user's guide 2-20)."""
INTERLOCK_VOLTAGE: Final = 42.0
"""Level or limit [V] above which the output needs the interlock."""
HIGH_CAPACITANCE_FLOOR: Final = 1e-6
"""Lowest current range and smallest current limit [A] in high-capacitance mode."""
OFF_CURRENT: Final = 100e-6
"""Current limit [A] of the output-off status ZERO (user's guide, table 6-1)."""
DC_CORNERS: Final = ((6.0, 3.03), (21.0, 1.515), (210.0, 0.105))
"""Largest direct current [A] up to each voltage [V]."""

_NOISE_PER_OFFSET: Final = 0.1


def noise_of(used: Range) -> float:
    """Noise (rms) of a reading over one power line cycle: a tenth of the offset error, a choice; none is published."""
    return _NOISE_PER_OFFSET * used.offset_error


def largest_current(voltage: float) -> float:
    """Largest direct current [A] at a voltage [V]; 0 above the highest one."""
    for corner, current in DC_CORNERS:
        if abs(voltage) <= corner * (1 + 1e-9):
            return current
    return 0.0


_CURRENTS: Final = (  # range, gain error, offset error, settling time
    (1e-8, 1e-3, 50e-12, 10e-3), (1e-7, 6e-4, 100e-12, 10e-3), (1e-6, 2.5e-4, 500e-12, 500e-6),
    (1e-5, 2.5e-4, 1.5e-9, 250e-6), (1e-4, 2e-4, 25e-9, 250e-6), (1e-3, 2e-4, 200e-9, 80e-6),
    (1e-2, 2e-4, 2.5e-6, 80e-6), (0.1, 2e-4, 20e-6, 80e-6), (1.0, 3e-4, 1.5e-3, 80e-6), (1.5, 5e-4, 3.5e-3, 80e-6),
    (3.0, 4e-3, 7e-3, 80e-6),
)  # fmt: skip
_VOLTAGES: Final = ((0.2, 1.5e-4, 225e-6), (2.0, 2e-4, 350e-6), (20.0, 1.5e-4, 5e-3), (200.0, 1.5e-4, 50e-3))
_MEASURE_OVER, _MEASURE_OVER_HIGH = 1.06, 1.02
_SOURCE_OVER, _SOURCE_OVER_HIGH = 1.05, 1.01
_HIGH: Final = (1.5, 3.0)


def _currents(over: float, over_high: float, lowest: float) -> RangeTable:
    return RangeTable(tuple(
        Range(value, gain, offset, value * (over_high if value in _HIGH else over), settle)
        for value, gain, offset, settle in _CURRENTS if value >= lowest
    ))  # fmt: skip


def _voltages(over: float) -> RangeTable:
    return RangeTable(tuple(Range(value, gain, offset, over * value) for value, gain, offset in _VOLTAGES))


@dataclass(frozen=True, slots=True)
class ModelRanges:
    """What distinguishes the models: ranges, the smallest current limit [A] and the shortest trigger interval [s]."""

    source_v: RangeTable
    measure_v: RangeTable
    source_i: RangeTable
    measure_i: RangeTable
    smallest_current_limit: float
    shortest_interval: float


def _model(lowest_current: float, shortest_interval: float) -> ModelRanges:
    return ModelRanges(
        _voltages(_SOURCE_OVER), _voltages(_MEASURE_OVER),
        _currents(_SOURCE_OVER, _SOURCE_OVER_HIGH, lowest_current),
        _currents(_MEASURE_OVER, _MEASURE_OVER_HIGH, lowest_current), lowest_current / 10, shortest_interval,
    )  # fmt: skip


MODEL_B2902B: Final = _model(1e-7, 20e-6)
MODEL_B2912B: Final = _model(1e-8, 10e-6)
SMALLEST_VOLTAGE_LIMIT: Final = 0.02
"""V; not confirmed."""
