"""Ranges, accuracy and settling of the Series 2600B System SourceMeters.

Sources: Series 2600B reference manual, performance verification windows (gain and offset of one year, 18 to 28 °C) and
settling tables (to 0.1 %, typical). One verification point cannot fix two numbers, so the split of a window into gain
and offset is a choice that reproduces every window.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sim_instruments.smu_accuracy import Range, RangeTable

OVERFLOW: Final = 9.91e37
"""The reading of a range that is exceeded."""


def _source(
    max_limits: dict[float, float], settles: dict[float, float], *rows: tuple[float, float, float]
) -> RangeTable:
    return RangeTable(
        tuple(Range(v, gain, offset, 1.01 * v, settles.get(v, 0.0), max_limits[v]) for v, gain, offset in rows)
    )


def _measure(settles: dict[float, float], *rows: tuple[float, float, float]) -> RangeTable:
    return RangeTable(tuple(Range(v, gain, offset, 1.02 * v, settles.get(v, 0.0)) for v, gain, offset in rows))


@dataclass(frozen=True, slots=True)
class ModelRanges:
    """What distinguishes one model of the family."""

    source_v: RangeTable
    source_i: RangeTable
    measure_v: RangeTable
    measure_i: RangeTable
    min_limit_i: float
    max_limit_i: float
    min_limit_v: float
    max_limit_v: float
    interlock_voltage: float  # V above which the output needs the interlock
    filtered_settling: Mapping[float, float]  # s by measure range [A], where the analog filter lengthens it
    auto_measure_delay: bool  # whether the measure delay is automatic after a reset


MODEL_2636B: Final = ModelRanges(
    source_v=_source(
        {0.2: 1.5, 2: 1.5, 20: 1.5, 200: 0.1},
        {0.2: 50e-6, 2: 50e-6, 20: 110e-6, 200: 700e-6},
        (0.2, 0.0002, 375e-6),
        (2, 0.0002, 600e-6),
        (20, 0.0002, 5e-3),
        (200, 0.0002, 50e-3),
    ),
    source_i=_source(
        {**dict.fromkeys((1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1), 200.0), 1: 20.0, 1.5: 20.0},
        {},
        (1e-9, 0.0015, 2e-12),
        (1e-8, 0.0015, 5e-12),
        (1e-7, 0.0006, 50e-12),  # the printed upper window, 90.014 nA, is taken as a misprint of 90.104 nA
        (1e-6, 0.0003, 700e-12),
        (1e-5, 0.0003, 5e-9),
        (1e-4, 0.0003, 60e-9),
        (1e-3, 0.0003, 300e-9),
        (1e-2, 0.0003, 6e-6),
        (0.1, 0.0003, 30e-6),
        (1, 0.0005, 1.8e-3),
        (1.5, 0.0006, 4e-3),
    ),
    measure_v=_measure(
        {},
        (0.2, 0.00015, 225e-6),
        (2, 0.0002, 350e-6),
        (20, 0.00015, 5e-3),
        (200, 0.00015, 50e-3),
    ),
    measure_i=_measure(
        {
            1e-10: 0.36, 1e-9: 0.36, 1e-8: 0.09, 1e-7: 0.015, 1e-6: 2.5e-3, 1e-5: 500e-6, 1e-4: 150e-6, 1e-3: 100e-6,
            1e-2: 80e-6, 0.1: 80e-6, 1: 120e-6, 1.5: 120e-6,
        },
        (1e-10, 0.0015, 80e-15),
        (1e-9, 0.0015, 240e-15),
        (1e-8, 0.0015, 3e-12),
        (1e-7, 0.0006, 40e-12),
        (1e-6, 0.00025, 400e-12),
        (1e-5, 0.00025, 1.5e-9),
        (1e-4, 0.0002, 25e-9),
        (1e-3, 0.0002, 200e-9),
        (1e-2, 0.0002, 2.5e-6),
        (0.1, 0.0002, 20e-6),
        (1, 0.0003, 1.5e-3),
        (1.5, 0.0005, 3.5e-3),
    ),
    min_limit_i=100e-12,
    max_limit_i=1.5,
    min_limit_v=20e-3,
    max_limit_v=200.0,
    interlock_voltage=20.0,
    filtered_settling={1e-10: 0.45},
    auto_measure_delay=True,
)  # fmt: skip

HIGH_CAPACITANCE_FLOOR: Final = 1e-6
"""Lowest current range [A] in high-capacitance mode."""

HIGH_CAPACITANCE_SETTLES: Final = {1e-6: 0.23, 1e-5: 0.23, 1e-4: 3e-3, 1e-3: 3e-3}
"""Measure settling [s] by current range [A] in high-capacitance mode, where it differs."""
