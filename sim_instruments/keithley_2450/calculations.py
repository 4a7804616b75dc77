"""Math and limit tests on the readings of a measure function (reference manual 2450-901-01, CALCulate subsystem)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from sim_instruments.keithley_2450.ranges import OVERFLOW

LIMIT_TESTS: Final = 2
LIMIT_BITS: Final = ((64, 128), (16, 32))
"""Status bits of a reading below and above the limits of the two tests, in their order."""


@dataclass
class Math:
    """What is done to each reading: y = m x + b, the deviation from a reference in percent, or the reciprocal."""

    on: bool = False
    operation: str = "PERC"
    factor: float = 1.0
    offset: float = 0.0
    reference: float = 1.0

    def applied(self, reading: float) -> float:
        """The result for a reading; that of an overflow, or of a division by zero, is an overflow."""
        if not self.on or reading == OVERFLOW:
            return reading
        if self.operation == "MXB":
            return self.factor * reading + self.offset
        if self.operation == "REC":
            return 1.0 / reading if reading else OVERFLOW
        return 100.0 * (reading - self.reference) / self.reference if self.reference else OVERFLOW


@dataclass
class LimitTest:
    """One limit test; with `clear_auto` each reading has a result of its own, without it failures add up."""

    on: bool = False
    lower: float = -1.0
    upper: float = 1.0
    clear_auto: bool = True
    audible: str = "NONE"
    low: bool = False
    high: bool = False

    def clear(self) -> None:
        """Forget the result."""
        self.low = self.high = False

    def check(self, reading: float) -> tuple[bool, bool]:
        """Test a reading; whether it is below, and above, the limits."""
        if not self.on:
            return False, False
        if self.clear_auto:
            self.clear()
        below, above = reading < self.lower, reading > self.upper
        self.low, self.high = self.low or below, self.high or above
        return below, above

    @property
    def result(self) -> str:
        """NONE, LOW, HIGH or BOTH."""
        if self.low and self.high:
            return "BOTH"
        return "LOW" if self.low else "HIGH" if self.high else "NONE"


@dataclass
class Calculations:
    """Math and limit tests of one measure function."""

    math: Math = field(default_factory=Math)
    limits: tuple[LimitTest, ...] = field(default_factory=lambda: tuple(LimitTest() for _ in range(LIMIT_TESTS)))

    def check(self, reading: float) -> int:
        """The status bits that the limit tests give a reading."""
        bits = 0
        for test, (low_bit, high_bit) in zip(self.limits, LIMIT_BITS, strict=True):
            below, above = test.check(reading)
            bits |= low_bit * below | high_bit * above
        return bits


CONDITIONS: Final[dict[str, Callable[[float, float, float], bool]]] = {
    "ABOV": lambda reading, _lower, upper: reading > upper,
    "BEL": lambda reading, lower, _upper: reading < lower,
    "IN": lambda reading, lower, upper: lower <= reading <= upper,
    "OUT": lambda reading, lower, upper: not lower <= reading <= upper,
}
"""Conditions of the limit blocks of the trigger model: reading, lower and upper limit."""
