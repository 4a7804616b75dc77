"""Waveforms: breakpoints, pulses, and the staircase by which linear edges reach a device."""

import math
from dataclasses import dataclass
from operator import le
from typing import Self


@dataclass(frozen=True, slots=True)
class Waveform:
    """Levels over one period, linear between breakpoints, run `repeats` times.

    times: breakpoints [s], not decreasing, from 0 s; the last one is the period. Two equal times make a step.
    levels: level at each breakpoint [V, or A on a current source].
    repeats: number of periods, or `math.inf`.
    Raises ValueError for breakpoints that do not describe a period.
    """

    times: tuple[float, ...]
    levels: tuple[float, ...]
    repeats: float = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "times", tuple(map(float, self.times)))
        object.__setattr__(self, "levels", tuple(map(float, self.levels)))
        self._check_breakpoints()
        if not (self.repeats == math.inf or (self.repeats >= 1 and self.repeats == int(self.repeats))):
            raise ValueError(f"repeats = {self.repeats!r} is not allowed: give a whole number from 1 on, or math.inf")

    def _check_breakpoints(self) -> None:
        if len(self.times) != len(self.levels) or len(self.times) < 2:
            raise ValueError(
                f"{len(self.times)} times and {len(self.levels)} levels do not make a waveform: "
                "give equally many, at least two"
            )
        if not all(map(math.isfinite, self.times + self.levels)):
            raise ValueError("times and levels of a waveform must be finite")
        if self.times[0] != 0.0:
            raise ValueError(f"times[0] = {self.times[0]!r} s is not allowed: a waveform starts at 0 s")
        if not all(map(le, self.times, self.times[1:])):
            k = next(k for k in range(1, len(self.times)) if self.times[k] < self.times[k - 1])
            raise ValueError(
                f"times[{k}] = {self.times[k]!r} s lies before times[{k - 1}] = {self.times[k - 1]!r} s: "
                "times must not decrease"
            )
        if self.times[-1] <= 0.0:
            raise ValueError(f"period = {self.times[-1]!r} s is not allowed: it must be longer than 0 s")

    @property
    def period(self) -> float:
        """Length of one repetition [s]."""
        return self.times[-1]

    @property
    def duration(self) -> float:
        """Length of all repetitions [s]; inf for an endless waveform."""
        return self.times[-1] * self.repeats

    @classmethod
    def pulse(
        cls,
        *,
        base: float,
        level: float,
        width: float,
        rise: float,
        fall: float,
        period: float,
        delay: float = 0.0,
        repeats: float = 1,
    ) -> Self:
        """Trapezoidal pulse from `base` to `level`.

        width [s] is measured between the 50 % points; rise and fall [s] are full 0-100 % ramps; the leading ramp
        starts `delay` [s] after the start of each period [s]. ValueError when the shape does not fit.
        """
        if min(rise, fall, delay) < 0.0:
            raise ValueError(f"rise {rise!r} s, fall {fall!r} s and delay {delay!r} s must not be negative")
        if width < 0.5 * (rise + fall) * (1.0 - 1e-12):
            raise ValueError(
                f"width = {width!r} s is shorter than half of both edges ({0.5 * (rise + fall)!r} s): "
                "the pulse would not reach its level; give a longer width or shorter edges"
            )
        top = delay + rise
        back = max(top, delay + 0.5 * rise + width - 0.5 * fall)
        end = back + fall
        if end > period * (1.0 + 1e-12):
            raise ValueError(f"period = {period!r} s is shorter than the pulse, which ends at {end!r} s")
        return cls(
            times=(0.0, delay, top, back, end, max(end, period)),
            levels=(base, base, level, level, base, base),
            repeats=repeats,
        )

    def staircase(self, step: float) -> list[tuple[float, float]]:
        """One period as (end [s], level) pieces of constant level.

        A ramp becomes equal pieces, each at the level of its middle and spanning at most `step`; the mean over every
        piece is exact. Devices advance in closed form under a constant drive, so this is the only discretisation.
        """
        pieces: list[tuple[float, float]] = []
        for start, end, low, high in zip(self.times, self.times[1:], self.levels, self.levels[1:], strict=False):
            if end == start:
                continue
            count = edge_pieces(high - low, step)
            for k in range(count):
                pieces.append((start + (end - start) * (k + 1) / count, low + (high - low) * (k + 0.5) / count))
        merged: list[tuple[float, float]] = []
        for end, level in pieces:
            if end == (merged[-1][0] if merged else 0.0):
                continue  # too short for the resolution of a double
            if merged and merged[-1][1] == level:
                merged[-1] = (end, level)
            else:
                merged.append((end, level))
        return merged


def edge_pieces(difference: float, step: float) -> int:
    """Number of equal pieces into which a ramp over `difference` is cut, each spanning at most `step`."""
    if difference == 0.0 or step == math.inf:
        return 1
    return max(1, math.ceil(abs(difference) / step * (1.0 - 1e-12)))
