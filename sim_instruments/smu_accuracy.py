"""What all simulated source-measure units share: ranges, errors of one unit, noise and settling of a reading."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from sim_instruments.instrument import Drift, Surroundings

SETTLING_TIME_CONSTANTS: Final = 6.0
"""Time constants in a published settling time; Keithley's Series 2600B manual takes its default delays as about six."""


@dataclass(frozen=True, slots=True)
class Range:
    """One range of one function, in V or A.

    value: nominal range. full_scale: largest value it takes. gain_error (fraction of value) and offset_error (V, A):
    specification. settle: settling time [s], 0 where none is published. max_limit: largest compliance limit [A or V] a
    source range allows (the safe operating area), infinite for measure ranges.
    """

    value: float
    gain_error: float
    offset_error: float
    full_scale: float
    settle: float = 0.0
    max_limit: float = float("inf")


@dataclass(frozen=True, slots=True)
class RangeTable:
    """All ranges of one function, ascending."""

    ranges: tuple[Range, ...]

    @property
    def top(self) -> Range:
        """The largest range."""
        return self.ranges[-1]

    def index_for(self, value: float) -> int | None:
        """Index of the smallest range that holds |value|; None above the largest nominal range."""
        magnitude = abs(value) * (1 - 1e-12)
        for index, one in enumerate(self.ranges):
            if magnitude <= one.value:
                return index
        return None

    def index_of_level(self, value: float) -> int | None:
        """As `index_for`, but the largest range holds values up to its full scale."""
        index = self.index_for(value)
        return len(self.ranges) - 1 if index is None and abs(value) <= self.top.full_scale else index


class UnitErrors:
    """Gain and offset errors of one unit's source or measure side, the same in every run with the same seed.

    drifts: whether the drift of the unit is added, as it is on the measure side.
    """

    def __init__(self, surroundings: Surroundings, side: str, *, drifts: bool = False) -> None:
        self._drift = surroundings.drift if drifts else Drift()
        self._surroundings = surroundings
        self._side = side
        self._known: dict[tuple[str, float], tuple[float, float]] = {}

    def of(self, quantity: str, used: Range) -> tuple[float, float]:
        """Gain error (fraction) and offset error (V or A) of a quantity, such as "i", on a range."""
        key = (quantity, used.value)
        known = self._known.get(key)
        if known is None:
            purpose = f"{self._side} {quantity} {used.value:g}"
            gain = self._surroundings.unit_error(purpose + " gain") * used.gain_error
            offset = self._surroundings.unit_error(purpose + " offset") * used.offset_error
            known = self._known[key] = (gain, offset)
        return known

    def applied(self, quantity: str, used: Range, true: float) -> float:
        """A true value as this unit sources or shows it on a range; noise is not in it."""
        gain, offset = self.of(quantity, used)
        return true * (1 + gain + self._drift.gain) + offset + self._drift.offset(quantity)


class ReadingNoise:
    """Random noise of readings, falling with the square root of the integration time."""

    def __init__(self, surroundings: Surroundings, side: str) -> None:
        self._on = surroundings.noise
        self._generator = surroundings.generator(side + " noise")

    def draw(self, rms_of_one_cycle: float, cycles: float) -> float:
        """Noise (V or A) of a reading over some power line cycles; 0 with the noise off."""
        return self._generator.gauss(0.0, rms_of_one_cycle / math.sqrt(cycles)) if self._on else 0.0


class SettlingCurrent:
    """The displayed current after a level step: i(t) = i_end + (i_start - i_end) exp(-t/τ), on a fixed range."""

    def __init__(self) -> None:
        self._time = -math.inf
        self._start = 0.0

    def step(self, now: float, current: float, tau: float) -> None:
        """The level is about to be changed; `current` is what flows until now."""
        self._start = self._at(now, current, tau)
        self._time = now

    def _at(self, time: float, end: float, tau: float) -> float:
        return end + (self._start - end) * math.exp((self._time - time) / tau)

    def mean(self, start: float, aperture: float, end: float, tau: float) -> float:
        """Mean of the displayed current over an aperture in which the true mean is `end`."""
        rest = self._at(start, end, tau) - end
        return end + rest * (tau / aperture) * -math.expm1(-aperture / tau)
