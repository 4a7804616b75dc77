"""What a check is: a measurement on an emulated bench, and what its figures are expected to be."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ecramlab.analysis.figure import NONE, format_figure

Measured = Mapping[str, float | None]


@dataclass(frozen=True)
class Expectation:
    """Where a figure has to lie: from `low` to `high`, both included. `expected` and `tolerance` say so in words."""

    figure: str
    quantity: str
    unit: str
    expected: str
    tolerance: str
    low: float
    high: float

    def holds(self, value: float | None) -> bool:
        """Whether a measured value lies there; one that could not be had does not."""
        return value is not None and self.low <= value <= self.high

    def shown(self, value: float | None) -> str:
        """A measured value in the unit of this figure."""
        return NONE if value is None else _number(value, self.unit)


def around(figure: str, quantity: str, expected: float, tolerance: float, unit: str = "1") -> Expectation:
    """`expected` ± `tolerance`, both in `unit`."""
    words, margin = _number(expected, unit), f"±{_number(tolerance, unit)}"
    return Expectation(figure, quantity, unit, words, margin, expected - tolerance, expected + tolerance)


def close_to(figure: str, quantity: str, expected: float, share: float, unit: str = "1") -> Expectation:
    """`expected` within a `share` of it."""
    margin = share * abs(expected)
    words = f"±{100.0 * share:g} %"
    return Expectation(figure, quantity, unit, _number(expected, unit), words, expected - margin, expected + margin)


def at_least(figure: str, quantity: str, bound: float, unit: str = "1") -> Expectation:
    """Not less than `bound`."""
    return Expectation(figure, quantity, unit, f"> {_number(bound, unit)}", "bound", bound, math.inf)


def at_most(figure: str, quantity: str, bound: float, unit: str = "1") -> Expectation:
    """Not more than `bound`, and not below 0."""
    return Expectation(figure, quantity, unit, f"< {_number(bound, unit)}", "bound", 0.0, bound)


def between(figure: str, quantity: str, low: float, high: float, unit: str = "1") -> Expectation:
    """From `low` to `high`."""
    words = f"{_number(low, unit)} … {_number(high, unit)}"
    return Expectation(figure, quantity, unit, words, "range", low, high)


def _number(value: float, unit: str) -> str:
    if unit not in ("1", "%"):
        return format_figure(value, unit)
    digits = f"{value:.0f}" if abs(value) >= 1e3 else f"{value:.4g}"
    return digits if unit == "1" else f"{digits} %"


@dataclass(frozen=True)
class Check:
    """One measurement of one device. `source`: who published it; `how`: what is done, for the table.

    `measure` gives the figures by name; a figure that is None could not be had.
    """

    name: str
    device: str
    source: str
    how: str
    expectations: tuple[Expectation, ...]
    measure: Callable[[], Measured]


@dataclass(frozen=True)
class Result:
    """The figures of a check as measured."""

    check: Check
    values: Measured

    @property
    def passed(self) -> bool:
        """Whether every figure lies where it has to."""
        return all(expectation.holds(self.values.get(expectation.figure)) for expectation in self.check.expectations)


def perform(check: Check) -> Result:
    """Measure and compare."""
    return Result(check, check.measure())
