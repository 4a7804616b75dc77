"""One period of a carrier whose phase, amplitude, offset or pulse width varies: modulation and sweeps as breakpoints.

A variation is a polygon over time. The breakpoints of the carrier stay where its phase reaches them, so that edges
remain edges; where the amplitude varies, its own breakpoints are added.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim_instruments.generator import cycle as cycles
from sim_instruments.generator.cycle import Cycle
from sim_instruments.scpi import ScpiError

Points = NDArray[np.float64]

MOST_BREAKPOINTS = 100_000
FEWEST_LINES = 12
"""Straight lines that a sine or another curve keeps at least, where many periods of it are needed."""
MOST_REPETITIONS = 1000
"""Periods of the modulating wave that are put together at most, so that the carrier ends with a whole cycle."""
SWEEP_STEPS = 2048
EDGE = 1e-6
"""Edges of a square modulating wave, as a part of its period."""


class Wave(NamedTuple):
    """A modulating wave: one period of levels between -1 and 1, linear between its breakpoints [s]."""

    times: tuple[float, ...]
    levels: tuple[float, ...]

    @property
    def period(self) -> float:
        """Seconds."""
        return self.times[-1]

    @property
    def mean(self) -> float:
        """Mean level over a period."""
        times, levels = np.array(self.times), np.array(self.levels)
        return float(np.sum(0.5 * (levels[1:] + levels[:-1]) * np.diff(times)) / self.period)


def square_wave(period: float) -> Wave:
    """High during the first half, with edges of `EDGE`."""
    edge = EDGE * period
    times = (0.0, 0.5 * period - edge, 0.5 * period, period - edge, period)
    return Wave(times, (1.0, 1.0, -1.0, -1.0, 1.0))


def amplitude(carrier: Cycle, wave: Wave, depth: float, *, full: float, suppressed: bool) -> Cycle:
    """AM. depth: 1 for 100 %. full: what 1 + depth of the wave is divided by. suppressed: without the carrier."""
    grid = _grid(1.0 / carrier.times[-1], wave)
    gain = depth * grid.levels if suppressed else (1.0 + depth * grid.levels) / full
    return _drawn(carrier, grid.times, grid.times / carrier.times[-1], gain=gain)


def added(carrier: Cycle, wave: Wave, share: float) -> Cycle:
    """SUM: the wave is added, `share` of the amplitude of the carrier."""
    grid = _grid(1.0 / carrier.times[-1], wave)
    return _drawn(carrier, grid.times, grid.times / carrier.times[-1], shift=share * grid.levels)


def frequency(carrier: Cycle, wave: Wave, deviation: float) -> Cycle:
    """FM. deviation: largest change of the frequency [Hz], at most the frequency of the carrier."""
    centre = 1.0 / carrier.times[-1]
    mean = deviation * wave.mean
    grid = _grid(centre + mean, wave)
    return _drawn(carrier, grid.times, _phase(grid.times, centre + deviation * grid.levels))


def phase(carrier: Cycle, wave: Wave, deviation: float) -> Cycle:
    """PM. deviation: in degrees."""
    centre = 1.0 / carrier.times[-1]
    grid = _grid(centre, wave)
    turns = grid.times * centre + deviation / 360.0 * grid.levels
    return _drawn(carrier, grid.times, turns)


def frequency_keyed(carrier: Cycle, other: float, rate: float) -> Cycle:
    """FSK: first the frequency of the carrier, then the `other` [Hz], each for half a period of the rate [Hz]."""
    own = 1.0 / carrier.times[-1]
    times, hertz = _repeated((0.0, 0.5, 0.5, 1.0), (own, own, other, other), rate, 0.5 * (own + other))
    return _drawn(carrier, times, _phase(times, hertz))


def phase_keyed(carrier: Cycle, angle: float, rate: float) -> Cycle:
    """BPSK: first the phase 0, then `angle` [degrees], each for half a period of the rate [Hz]."""
    own, jump = 1.0 / carrier.times[-1], angle / 360.0 % 1.0
    times, jumps = _repeated((0.0, 0.5, 0.5, 1.0), (0.0, 0.0, jump, jump), rate, own)
    whole = np.arange(len(times)) // 4 * (jump > 0.0)  # the way back goes on to the next whole turn: never backwards
    return _drawn(carrier, times, times * own + jumps + whole)


def swept(carrier: Cycle, corners: tuple[tuple[float, float], ...], *, logarithmic: bool) -> Cycle:
    """A sweep. corners: time [s] and frequency [Hz], with straight or exponential changes between them."""
    ends, hertz = (np.array(column) for column in zip(*corners, strict=True))
    times = np.unique(np.concatenate([np.linspace(0.0, ends[-1], SWEEP_STEPS), ends]))
    scale, back = (np.log, np.exp) if logarithmic else (np.positive, np.positive)
    return _drawn(carrier, times, _phase(times, back(np.interp(times, ends, scale(hertz)))))


def stepped(carrier: Cycle, frequencies: tuple[float, ...], dwell: float) -> Cycle:
    """One frequency [Hz] after the other, `dwell` seconds each."""
    times: Points = np.repeat(np.arange(len(frequencies) + 1, dtype=np.float64) * dwell, 2)[1:-1]
    return _drawn(carrier, times, _phase(times, np.repeat(np.array(frequencies), 2)))


def width(period: float, wave: Wave, shape: tuple[float, float, float], deviation: float) -> Cycle:
    """PWM of a pulse. shape: width and both full ramps [s]; deviation: largest change of the width [s]."""
    count = max(1, round(_repetitions(wave.period / period) * wave.period / period))
    _demand(5 * count)
    starts = period * np.arange(count)
    levels = np.interp(np.mod(starts, wave.period), wave.times, wave.levels)
    middle, rise, fall = shape
    times: list[float] = []
    ups: list[float] = []
    for start, level in zip(starts.tolist(), levels.tolist(), strict=True):
        wide = max(0.5 * (rise + fall), min(period - 0.5 * (rise + fall), middle + deviation * level))
        one = cycles.trapezoid(period, wide, rise, fall)
        times += [start + min(t, period) for t in one.times]
        ups += one.levels
    return Cycle(tuple(np.maximum.accumulate(times).tolist()), tuple(ups), -1.0)


class _Grid(NamedTuple):
    times: Points
    levels: Points


def _grid(mean_frequency: float, wave: Wave) -> _Grid:
    """As many periods of the wave as let the carrier end with a whole cycle, if few enough do."""
    return _Grid(*_repeated([t / wave.period for t in wave.times], wave.levels, 1.0 / wave.period, mean_frequency))


def _repeated(
    parts: Sequence[float], levels: Sequence[float], rate: float, mean_frequency: float
) -> tuple[Points, Points]:
    """Breakpoints, given for a period of 1, over as many periods as let a frequency end with a whole cycle."""
    shape, values = np.asarray(parts, float), np.asarray(levels, float)
    repetitions = _repetitions(mean_frequency / rate)
    _demand(repetitions * len(shape))
    times = (np.arange(repetitions)[:, None] + shape[None, :]).ravel() / rate
    return times, np.tile(values, repetitions)


def _repetitions(cycles_each: float) -> int:
    most = max(1, int(MOST_REPETITIONS / max(1.0, cycles_each)))
    return Fraction(cycles_each).limit_denominator(most).denominator


def _phase(times: Points, hertz: Points) -> Points:
    """Integral of the frequency, in cycles."""
    steps = 0.5 * (hertz[1:] + hertz[:-1]) * np.diff(times)
    return np.concatenate([[0.0], np.cumsum(steps)])


def _drawn(
    carrier: Cycle, times: Points, turns: Points, *, gain: Points | None = None, shift: Points | None = None
) -> Cycle:
    """The carrier over `times`, at a phase of so many `turns`, times `gain`, plus `shift`; -241 if it is too long."""
    first, last = math.floor(turns.min()), math.ceil(turns.max() - 1e-9)
    carrier = _thinned(carrier, (MOST_BREAKPOINTS - len(times)) / max(1, last - first))
    x, y = np.array(carrier.times) / carrier.times[-1], np.array(carrier.levels)
    _demand((last - first) * len(x) + len(times))
    if (np.diff(turns) < 0.0).any():
        return _sampled(carrier, times, turns, max(len(times), 4 * (last - first) * len(x)))
    marks = (np.arange(first, last)[:, None] + x[None, :]).ravel()
    inside = (marks >= turns[0]) & (marks <= turns[-1])
    at = np.interp(marks[inside], turns, times)
    levels = np.tile(y, last - first)[inside]
    varies = gain is not None or shift is not None
    kept = np.arange(len(times)) if varies else np.array([0, len(times) - 1])
    corners = (times[kept], np.interp(turns[kept] % 1.0, x, y))
    return _joined(carrier, (at, levels), corners, times, gain, shift)


def _thinned(carrier: Cycle, points: float) -> Cycle:
    """A sine or another curve with fewer of its breakpoints, if there may only be so many; others keep all."""
    lines, step = len(carrier.times) - 1, 1
    if lines not in (cycles.SINE_SEGMENTS, cycles.CURVE_SEGMENTS):
        return carrier
    while lines // step + 1 > points and lines // (2 * step) >= FEWEST_LINES:
        step *= 2
    return Cycle(carrier.times[::step], carrier.levels[::step], carrier.rest)


def _sampled(carrier: Cycle, times: Points, turns: Points, count: int) -> Cycle:
    """The same where the phase runs back, so that breakpoints have no order: straight lines between samples."""
    _demand(count)
    x, y = np.array(carrier.times) / carrier.times[-1], np.array(carrier.levels)
    at = np.linspace(0.0, times[-1], count)
    return Cycle(tuple(at.tolist()), tuple(np.interp(np.interp(at, times, turns) % 1.0, x, y).tolist()), carrier.rest)


def _joined(
    carrier: Cycle,
    own: tuple[Points, Points],
    corners: tuple[Points, Points],
    times: Points,
    gain: Points | None,
    shift: Points | None,
) -> Cycle:
    """Breakpoints of the carrier and of what varies, in order of time."""
    at, levels = np.concatenate([own[0], corners[0]]), np.concatenate([own[1], corners[1]])
    order = np.argsort(at, kind="stable")
    at, levels = at[order], levels[order]
    if gain is not None:
        levels = levels * np.interp(at, times, gain)
    if shift is not None:
        levels = levels + np.interp(at, times, shift)
    return Cycle(tuple(at.tolist()), tuple(levels.tolist()), carrier.rest)


def _demand(points: float) -> None:
    if points > MOST_BREAKPOINTS:
        raise ScpiError(-241, f"a modulated wave of more than {MOST_BREAKPOINTS} breakpoints is not simulated")
