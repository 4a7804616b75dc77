"""Ranges of the B1517A HRSMU: codes, errors, settling.

Codes: B1500A programming guide ed. 11, tables 4-2 to 4-5. Accuracy: the table of the HPSMU in the B1500A user's guide
ed. 10, page 4-12 (high-speed converter); the HRSMU's own table was not available. Not confirmed: errors of the ranges
10 pA, 100 pA, 0.5 V and 5 V, all settling times, and the largest current at a voltage.
"""

from __future__ import annotations

from typing import Final

from sim_instruments.flex import FlexError
from sim_instruments.flex.errors import RANGE
from sim_instruments.smu_accuracy import Range, RangeTable

OVER_RANGE: Final = 1.15  # of all ranges but the top one
RANGE_DOWN: Final = 0.1
OUTPUT_STEPS: Final = 20_000  # per range
OUTPUT_RESISTANCE: Final = 0.3  # Ω, user's guide ed. 13, page 4-19
SERIES_RESISTOR: Final = 1e6
INTERLOCK_VOLTAGE: Final = 42.0
LARGEST_CURRENT: Final = ((20.0, 0.1), (40.0, 0.05), (100.0, 0.02))  # up to that voltage
SMALLEST_CURRENT_LIMIT: Final = 1e-12
NOISE_PER_OFFSET: Final = 0.1  # rms of one power line cycle over the specified offset error

V_CODES: Final = (5, 20, 50, 200, 400, 1000)
I_CODES: Final = tuple(range(9, 20))
_V_ALIASES: Final = {11: 20, 12: 200, 13: 400, 14: 1000}  # codes of older FLEX instruments


def _table(*rows: tuple[float, float, float, float]) -> RangeTable:
    top = rows[-1][0]
    return RangeTable(
        tuple(
            Range(value, gain, offset, value * (1.0 if value == top else OVER_RANGE), settle)
            for value, gain, offset, settle in rows
        )
    )


SOURCE_V: Final = _table(
    (0.5, 1.8e-4, 2e-4, 0.0), (2, 1.8e-4, 4e-4, 0.0), (5, 1.8e-4, 1e-3, 0.0), (20, 1.8e-4, 3e-3, 0.0),
    (40, 1.8e-4, 6e-3, 0.0), (100, 1.8e-4, 15e-3, 0.0),
)  # fmt: skip
MEASURE_V: Final = _table(
    (0.5, 1e-4, 3e-4, 0.0), (2, 1e-4, 7e-4, 0.0), (5, 1e-4, 1.5e-3, 0.0), (20, 1e-4, 4e-3, 0.0),
    (40, 1.5e-4, 8e-3, 0.0), (100, 2e-4, 20e-3, 0.0),
)  # fmt: skip
_SETTLE: Final = (0.1, 50e-3, 20e-3, 5e-3, 1e-3, 4e-4, 2e-4, 2e-4, 2e-4, 2e-4, 2e-4)
_SOURCE_I: Final = (
    (1e-11, 5e-3, 1e-14), (1e-10, 2e-3, 5e-14), (1e-9, 1e-3, 3e-13), (1e-8, 1e-3, 3e-12), (1e-7, 5e-4, 3e-11),
    (1e-6, 5e-4, 3e-10), (1e-5, 5e-4, 3e-9), (1e-4, 3.5e-4, 15e-9), (1e-3, 4e-4, 15e-8), (1e-2, 4e-4, 15e-7),
    (0.1, 4.5e-4, 15e-6),
)  # fmt: skip
_MEASURE_I: Final = (
    (1e-11, 5e-3, 1e-14), (1e-10, 2.5e-3, 5e-14), (1e-9, 2.5e-3, 3e-13), (1e-8, 2.5e-3, 2e-12), (1e-7, 1e-3, 2e-11),
    (1e-6, 1e-3, 2e-10), (1e-5, 5e-4, 2e-9), (1e-4, 5e-4, 2e-8), (1e-3, 4e-4, 2e-7), (1e-2, 4e-4, 2e-6),
    (0.1, 1e-3, 2e-5),
)  # fmt: skip
SOURCE_I: Final = _table(*((*row, settle) for row, settle in zip(_SOURCE_I, _SETTLE, strict=True)))
MEASURE_I: Final = _table(*((*row, settle) for row, settle in zip(_MEASURE_I, _SETTLE, strict=True)))


def codes(quantity: str) -> tuple[int, ...]:
    """Range codes of "V" or "I", ascending."""
    return V_CODES if quantity == "V" else I_CODES


def index_of(quantity: str, code: float) -> int:
    """Index of a range code, whatever its sign; FlexError for one that this module does not have."""
    number = abs(int(code))
    if quantity == "V":
        number = _V_ALIASES.get(number, number)
    if code != int(code) or number not in codes(quantity):
        raise FlexError(RANGE)
    return codes(quantity).index(number)


def checked(quantity: str, code: float) -> int:
    """A code of measurement ranging: 0, or ± a range."""
    if code == 0.0:
        return 0
    known = codes(quantity)[index_of(quantity, code)]
    return known if code > 0 else -known


def largest_current(volts: float) -> float:
    """Largest current (A) at an output voltage (V); 0 above the top range."""
    return next((current for limit, current in LARGEST_CURRENT if abs(volts) <= limit), 0.0)


def largest_voltage(amperes: float) -> float:
    """Largest voltage (V) at an output current (A); 0 above the top range."""
    return max((volts for volts, current in LARGEST_CURRENT if abs(amperes) <= current), default=0.0)


def by_range(value: float, full_scale: float) -> str:
    """A setting as it is read back: six digits placed as the range places them, ``+00.5000E+00`` on 20 V."""
    exponent = 0
    while full_scale * 10.0**-exponent < 1.0 - 1e-9:
        exponent -= 3
    digits = len(f"{full_scale * 10.0**-exponent:.0f}")
    return f"{value * 10.0**-exponent:+08.{6 - digits}f}E{exponent:+03d}"
