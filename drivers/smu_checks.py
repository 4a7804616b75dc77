"""What the requests to source-measure units are checked with, whatever the instrument. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from drivers.checks import finite, quantity, within
from drivers.errors import Refused

READ_BACK: Final = 1e-3  # relative agreement of what was asked and what is in force
ROUNDING_OF_ZERO: Final = 1e-15  # V or A, where 0 was asked


def holding(name: str, value: float | None, unit: str, ranges: tuple[float, ...]) -> float | None:
    """The smallest of `ranges` that holds `value`; None for None; `Refused` above the largest and at or below 0."""
    if value is None:
        return None
    if finite(name, value, unit) <= 0.0:
        raise Refused(f"{name} {quantity(value, unit)} must be positive")
    within(name, value, unit, 0.0, ranges[-1])
    return next(full_scale for full_scale in ranges if value <= full_scale)


def differs(found: float, asked: float) -> bool:
    """Whether what is in force is not what was asked, beyond the instrument's rounding."""
    return abs(found - asked) > READ_BACK * abs(asked) + ROUNDING_OF_ZERO


def split(levels: Sequence[float], longest: int) -> list[Sequence[float]]:
    """Cut a list into pieces of at most `longest`."""
    return [levels[first : first + longest] for first in range(0, len(levels), longest)]
