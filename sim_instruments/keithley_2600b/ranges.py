"""Models of the Series 2600B System SourceMeters: ranges, accuracy, settling, limits and equipment.

Sources: Series 2600B reference manual, performance verification windows (gain and offset of one year, 18 to 28 °C) and
settling tables (to 0.1 %, typical). One verification point cannot fix two numbers, so the split of a window into gain
and offset is a choice that reproduces every window.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sim_instruments.smu_accuracy import Range, RangeTable

OVERFLOW: Final = 9.91e37
"""The reading of a range that is exceeded."""
INTERLOCK_BLOCKS, OUTPUT_ENABLE_BLOCKS = 802, 5041

_Row = tuple[float, float, float]  # range, gain error (fraction), offset error


def _source(rows: tuple[_Row, ...], max_limits: Mapping[float, float], settles: Mapping[float, float]) -> RangeTable:
    return RangeTable(
        tuple(Range(v, gain, offset, 1.01 * v, settles.get(v, 0.0), max_limits[v]) for v, gain, offset in rows)
    )


def _measure(rows: tuple[_Row, ...], settles: Mapping[float, float]) -> RangeTable:
    return RangeTable(tuple(Range(v, gain, offset, 1.02 * v, settles.get(v, 0.0)) for v, gain, offset in rows))


@dataclass(frozen=True, slots=True)
class Model:
    """What distinguishes one model of the family.

    blocked: error of an output that the line on the digital I/O connector keeps off. digital_io: whether there are
    digital lines, TSP-Link and the contact check, which the small models lack.
    """

    source_v: RangeTable
    source_i: RangeTable
    measure_v: RangeTable
    measure_i: RangeTable
    limits_i: tuple[float, float]  # smallest and largest current limit [A]
    limits_v: tuple[float, float]  # smallest and largest voltage limit [V]
    default_limit_i: float
    default_limit_v: float
    interlock_voltage: float = 20.0  # V above which the output needs the interlock
    blocked: int = INTERLOCK_BLOCKS
    filtered_settling: Mapping[float, float] = field(default_factory=dict)  # s by range [A] with the analog filter on
    analog_filter: bool = False
    auto_measure_delay: bool = False  # whether the measure delay is automatic after a reset
    digital_io: bool = True


_SETTLES_40V: Final = {0.1: 50e-6, 1: 50e-6, 6: 100e-6, 40: 150e-6}
_SETTLES_200V: Final = {0.2: 50e-6, 2: 50e-6, 20: 110e-6, 200: 700e-6}
_SETTLES_I: Final = {
    1e-10: 0.36, 1e-9: 0.36, 1e-8: 0.09, 1e-7: 0.015, 1e-6: 2.5e-3, 1e-5: 500e-6, 1e-4: 150e-6, 1e-3: 100e-6,
    1e-2: 80e-6, 0.1: 80e-6, 1: 120e-6, 1.5: 120e-6,
}  # fmt: skip
_SETTLES_I_3A: Final = {**_SETTLES_I, 1: 80e-6, 3: 80e-6}

_SOURCE_40V: Final = ((0.1, 0.0002, 250e-6), (1, 0.0002, 400e-6), (6, 0.0002, 1.8e-3), (40, 0.0002, 12e-3))
_MEASURE_40V: Final = ((0.1, 0.00015, 150e-6), (1, 0.00015, 200e-6), (6, 0.00015, 1e-3), (40, 0.00015, 8e-3))
_SOURCE_200V: Final = ((0.2, 0.0002, 375e-6), (2, 0.0002, 600e-6), (20, 0.0002, 5e-3), (200, 0.0002, 50e-3))
_MEASURE_200V: Final = ((0.2, 0.00015, 225e-6), (2, 0.0002, 350e-6), (20, 0.00015, 5e-3), (200, 0.00015, 50e-3))

_SOURCE_I_UPPER: Final = (
    (1e-5, 0.0003, 5e-9), (1e-4, 0.0003, 60e-9), (1e-3, 0.0003, 300e-9), (1e-2, 0.0003, 6e-6), (0.1, 0.0003, 30e-6),
    (1, 0.0005, 1.8e-3),
)  # fmt: skip
_SOURCE_I: Final = ((1e-7, 0.0006, 100e-12), (1e-6, 0.0003, 800e-12), *_SOURCE_I_UPPER)
_SOURCE_LOW_I: Final = (
    (1e-9, 0.0015, 2e-12),
    (1e-8, 0.0015, 5e-12),
    (1e-7, 0.0006, 50e-12),  # the printed upper window, 90.014 nA, is taken as a misprint of 90.104 nA
    (1e-6, 0.0003, 700e-12),
    *_SOURCE_I_UPPER,
)
_MEASURE_I_UPPER: Final = (
    (1e-5, 0.00025, 1.5e-9), (1e-4, 0.0002, 25e-9), (1e-3, 0.0002, 200e-9), (1e-2, 0.0002, 2.5e-6),
    (0.1, 0.0002, 20e-6), (1, 0.0003, 1.5e-3),
)  # fmt: skip
_MEASURE_I: Final = ((1e-6, 0.00025, 500e-12), *_MEASURE_I_UPPER)
_MEASURE_LOW_I: Final = (
    (1e-9, 0.0015, 240e-15), (1e-8, 0.0015, 3e-12), (1e-7, 0.0006, 40e-12), (1e-6, 0.00025, 400e-12), *_MEASURE_I_UPPER,
)  # fmt: skip
_TOP_SOURCE, _TOP_MEASURE = (0.0006, 4e-3), (0.0005, 3.5e-3)  # of the 1.5 A and the 3 A range

_MAX_A_40V: Final = {0.1: 3.0, 1: 3.0, 6: 3.0, 40: 1.0}
_MAX_A_200V: Final = {0.2: 1.5, 2: 1.5, 20: 1.5, 200: 0.1}
_DECADES: Final = (1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1)
_MAX_V_40V: Final = {**dict.fromkeys((*_DECADES, 1), 40.0), 3: 6.0}
_MAX_V_200V: Final = {**dict.fromkeys(_DECADES, 200.0), 1: 20.0, 1.5: 20.0}


MODEL_2602B: Final = Model(
    source_v=_source(_SOURCE_40V, _MAX_A_40V, _SETTLES_40V),
    source_i=_source((*_SOURCE_I, (3, *_TOP_SOURCE)), _MAX_V_40V, {}),
    measure_v=_measure(_MEASURE_40V, {}),
    measure_i=_measure(((1e-7, 0.0005, 100e-12), *_MEASURE_I, (3, *_TOP_MEASURE)), _SETTLES_I_3A),
    limits_i=(10e-9, 3.0),
    limits_v=(10e-3, 40.0),
    default_limit_i=1.0,
    default_limit_v=40.0,
    interlock_voltage=float("inf"),  # it has an output-enable line in its place
    blocked=OUTPUT_ENABLE_BLOCKS,
)

MODEL_2612B: Final = Model(
    source_v=_source(_SOURCE_200V, _MAX_A_200V, _SETTLES_200V),
    source_i=_source((*_SOURCE_I, (1.5, *_TOP_SOURCE)), _MAX_V_200V, {}),
    measure_v=_measure(_MEASURE_200V, {}),
    measure_i=_measure(((1e-7, 0.0006, 100e-12), *_MEASURE_I, (1.5, *_TOP_MEASURE)), _SETTLES_I),
    limits_i=(10e-9, 1.5),  # the manual prints 3 A for both, but this model ends at 1.5 A
    limits_v=(20e-3, 200.0),
    default_limit_i=0.1,
    default_limit_v=20.0,
)

MODEL_2634B: Final = Model(
    source_v=_source(_SOURCE_200V, _MAX_A_200V, _SETTLES_200V),
    source_i=_source((*_SOURCE_LOW_I, (1.5, *_TOP_SOURCE)), _MAX_V_200V, {}),
    measure_v=_measure(_MEASURE_200V, {}),
    measure_i=_measure((*_MEASURE_LOW_I, (1.5, *_TOP_MEASURE)), _SETTLES_I),
    limits_i=(100e-12, 1.5),
    limits_v=(20e-3, 200.0),
    default_limit_i=0.1,
    default_limit_v=20.0,
    analog_filter=True,
    auto_measure_delay=True,
    digital_io=False,
)

MODEL_2636B: Final = Model(
    source_v=_source(_SOURCE_200V, _MAX_A_200V, _SETTLES_200V),
    source_i=_source((*_SOURCE_LOW_I, (1.5, *_TOP_SOURCE)), _MAX_V_200V, {}),
    measure_v=_measure(_MEASURE_200V, {}),
    measure_i=_measure(((1e-10, 0.0015, 80e-15), *_MEASURE_LOW_I, (1.5, *_TOP_MEASURE)), _SETTLES_I),
    limits_i=(100e-12, 1.5),
    limits_v=(20e-3, 200.0),
    default_limit_i=0.1,
    default_limit_v=20.0,
    filtered_settling={1e-10: 0.45},
    analog_filter=True,
    auto_measure_delay=True,
)

HIGH_CAPACITANCE_FLOOR: Final = 1e-6
"""Lowest current range [A] in high-capacitance mode."""

HIGH_CAPACITANCE_SETTLES: Final = {1e-6: 0.23, 1e-5: 0.23, 1e-4: 3e-3, 1e-3: 3e-3}
"""Measure settling [s] by current range [A] in high-capacitance mode, where it differs."""

HIGH_CAPACITANCE_SOURCE_SETTLES: Final = {
    0.1: 200e-6, 0.2: 600e-6, 1: 200e-6, 2: 600e-6, 6: 200e-6, 20: 1.5e-3, 40: 7e-3, 200: 20e-3,
}  # fmt: skip
"""Source settling [s] by voltage range [V] in high-capacitance mode."""
