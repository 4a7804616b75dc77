"""Ranges, accuracy, noise and settling of the Model 2450.

Sources: specifications SPEC-2450 rev. A, page 2 (accuracy over one year, noise below 10 Hz); reference manual
2450-901-01 rev. B, table of automatic source delays (page 2-111), whose values are taken as the settling times.
"""

from __future__ import annotations

from typing import Final

from sim_instruments.smu_accuracy import Range, RangeTable

OVERFLOW: Final = 9.9e37
"""The reading of a range that is exceeded."""
FULL_SCALE: Final = 1.05
"""Largest value of a range as a fraction of its nominal value (210 V on the 200 V range, 1.05 A on the 1 A range)."""
LIMIT_FLOOR: Final = 0.106
"""Smallest limit on a fixed measure range, as a fraction of that range (reference manual, 6-71)."""
HIGH_CAPACITANCE_FLOOR: Final = 1e-6
"""Lowest current range [A] in high-capacitance mode."""
SOURCE_SETTLING: Final = 200e-6
"""Settling time [s] of the voltage source on the 20 V range with a 100 mA limit; taken for all ranges."""
RANGE_CHANGE_OVERSHOOT: Final = 0.25
"""Overshoot [V] of the voltage source when its range changes, into 100 kΩ."""
INTERLOCK_VOLTAGE: Final = 21.0
"""Level or limit [V] above which the output does not switch on without the interlock."""

_SETTLES: Final = {
    1e-8: 0.05, 1e-7: 0.05, 1e-6: 3e-3, 1e-5: 2e-3, 1e-4: 1e-3, 1e-3: 1e-3, 1e-2: 1e-3, 0.1: 1e-3, 1.0: 1e-3,
}  # fmt: skip
HIGH_CAPACITANCE_SETTLES: Final = {
    1e-8: 0.1, 1e-7: 0.1, 1e-6: 0.02, 1e-5: 0.01, 1e-4: 0.01, 1e-3: 0.01, 1e-2: 5e-3, 0.1: 5e-3, 1.0: 5e-3,
}  # fmt: skip
"""Settling [s] by current range [A] in high-capacitance mode."""

_CURRENT_NOISE: Final = {
    1e-8: 5e-13, 1e-7: 5e-13, 1e-6: 5e-12, 1e-5: 4e-11, 1e-4: 4e-10, 1e-3: 5e-9, 1e-2: 4e-8, 0.1: 1e-7, 1.0: 3e-6,
}  # fmt: skip
_VOLTAGE_NOISE: Final = {0.02: 1e-6, 0.2: 1e-6, 2.0: 1e-5, 20.0: 1e-4, 200.0: 1e-3}


def _table(*rows: tuple[float, float, float], settles: dict[float, float] | None = None) -> RangeTable:
    settles = settles or {}
    return RangeTable(
        tuple(Range(value, gain, offset, FULL_SCALE * value, settles.get(value, 0.0)) for value, gain, offset in rows)
    )


SOURCE_V: Final = _table((0.02, 1e-3, 200e-6), (0.2, 1.5e-4, 200e-6), (2, 2e-4, 300e-6), (20, 1.5e-4, 2.4e-3),
                         (200, 1.5e-4, 24e-3))  # fmt: skip
MEASURE_V: Final = _table((0.02, 1e-3, 150e-6), (0.2, 1.2e-4, 200e-6), (2, 1.2e-4, 300e-6), (20, 1.5e-4, 1e-3),
                          (200, 1.5e-4, 10e-3))  # fmt: skip
SOURCE_I: Final = _table(
    (1e-8, 1e-3, 100e-12), (1e-7, 6e-4, 150e-12), (1e-6, 2.5e-4, 400e-12), (1e-5, 2.5e-4, 1.5e-9),
    (1e-4, 2e-4, 15e-9), (1e-3, 2e-4, 150e-9), (1e-2, 2e-4, 1.5e-6), (0.1, 2.5e-4, 15e-6), (1, 6.7e-4, 900e-6),
)  # fmt: skip
MEASURE_I: Final = _table(
    (1e-8, 1e-3, 50e-12), (1e-7, 6e-4, 100e-12), (1e-6, 2.5e-4, 300e-12), (1e-5, 2.5e-4, 700e-12),
    (1e-4, 2e-4, 6e-9), (1e-3, 2e-4, 60e-9), (1e-2, 2e-4, 600e-9), (0.1, 2.5e-4, 6e-6), (1, 3e-4, 500e-6),
    settles=_SETTLES,
)  # fmt: skip


def noise_of(used: Range, *, current: bool) -> float:
    """Noise (rms) of a reading over one power line cycle: that of the source below 10 Hz, which the load sees."""
    return (_CURRENT_NOISE if current else _VOLTAGE_NOISE)[used.value]
