"""The two source functions of a channel: levels, ranges and the sequence of levels that a trigger steps through.

B2900 SCPI command reference ed. 2, SOURce subsystem.
"""

from __future__ import annotations

import math
from typing import Final

from sim_instruments.scpi import ScpiError
from sim_instruments.smu_accuracy import RangeTable

VOLTAGE, CURRENT = "VOLT", "CURR"
LONGEST_LIST: Final = 2500


class SourceFunction:
    """Settings of one source function (V or A)."""

    def __init__(self, name: str, table: RangeTable) -> None:
        self.name, self.table = name, table
        self.reset()

    def reset(self) -> None:
        """Everything to its default: level 0, automatic range, no sweep."""
        self.level = 0.0
        self.triggered_level: float | None = None
        self.index, self.lowest_index, self.auto = 0, 0, True
        self.mode = "FIX"
        self.start = self.stop = 0.0
        self.points = 1.0
        self.list: list[float] = [0.0]

    # -- ranges ------------------------------------------------------------------------------------------------

    def index_of(self, value: float) -> int:
        """The range that sources a level: the fixed one, or the lowest that holds it; ScpiError -222 if none does."""
        wanted = self._index(value)
        if self.auto:
            return max(wanted, self.lowest_index)
        if abs(value) > self.table.ranges[self.index].full_scale:
            raise ScpiError(-222, f"{value:g} is above the fixed source range")
        return self.index

    def _index(self, value: float) -> int:
        for index, one in enumerate(self.table.ranges):
            if abs(value) <= one.full_scale * (1 + 1e-12):
                return index
        raise ScpiError(-222, f"{value:g}")

    @property
    def range(self) -> float:
        """Nominal range in use."""
        return self.table.ranges[self.index].value

    def fix_range(self, value: float) -> None:
        """Fix the smallest range that holds a value; ScpiError -221 if the present level is above it."""
        index = self._index(value)
        if abs(self.level) > self.table.ranges[index].full_scale:
            raise ScpiError(-221, "the present level is above that source range")
        self.index, self.auto = index, False

    @property
    def lowest_range(self) -> float:
        """Lowest range that the automatic ranging may choose."""
        return self.table.ranges[self.lowest_index].value

    @lowest_range.setter
    def lowest_range(self, value: float) -> None:
        self.lowest_index = self._index(value)

    # -- sweeps ------------------------------------------------------------------------------------------------

    @property
    def triggered(self) -> float:
        """The level a trigger sets in fixed mode: the immediate one until another was given."""
        return self.level if self.triggered_level is None else self.triggered_level

    @triggered.setter
    def triggered(self, value: float) -> None:
        self.triggered_level = value

    @property
    def center(self) -> float:
        """Middle of the sweep; setting it keeps the span."""
        return (self.start + self.stop) / 2

    @center.setter
    def center(self, value: float) -> None:
        half = self.span / 2
        self.start, self.stop = value - half, value + half

    @property
    def span(self) -> float:
        """Stop less start; setting it keeps the center."""
        return self.stop - self.start

    @span.setter
    def span(self, value: float) -> None:
        middle = self.center
        self.start, self.stop = middle - value / 2, middle + value / 2

    @property
    def step(self) -> float:
        """Step of the linear sweep; setting it changes the number of points, rounded down."""
        return self.span / (self.points - 1) if self.points > 1 else 0.0

    @step.setter
    def step(self, value: float) -> None:
        points = 1.0 if value == 0.0 else math.floor(self.span / value * (1 + 1e-12)) + 1.0
        if not 1 <= points <= LONGEST_LIST:
            raise ScpiError(-222, f"a step of {value:g}")
        self.points = points

    def append(self, values: list[float]) -> None:
        """Add levels to the list; ScpiError -223 above its longest."""
        if len(self.list) + len(values) > LONGEST_LIST:
            raise ScpiError(-223)
        self.list = self.list + values

    def sequence(self, *, down: bool, logarithmic: bool, both_ways: bool) -> list[float]:
        """The levels of successive triggers; ScpiError -221 for a logarithmic sweep through zero."""
        if self.mode == "FIX":
            return [self.triggered]
        if self.mode == "LIST":
            return list(self.list)
        levels = self._logarithmic() if logarithmic else self._linear()
        if down:
            levels = levels[::-1]
        return levels + levels[::-1] if both_ways else levels

    def _linear(self) -> list[float]:
        return [self.start + self.step * k for k in range(int(self.points))]

    def _logarithmic(self) -> list[float]:
        if self.start * self.stop <= 0.0:
            raise ScpiError(-221, "both ends of a logarithmic sweep need the same sign")
        if self.points == 1:
            return [self.start]
        growth = math.log(self.stop / self.start) / (self.points - 1)
        return [self.start * math.exp(growth * k) for k in range(int(self.points))]
