"""One cycle of a function as breakpoints: times [s] and levels between -1 (low level) and 1 (high level)."""

import math
import random
from bisect import bisect_right
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from sim_instruments.generator.pulse import FULL_RAMP, PulseShape

SINE_SEGMENTS = 48
CURVE_SEGMENTS = 96
NOISE_POINTS = 256
NOISE_PEAK = 4.0
"""Standard deviations at which noise is cut: the full scale of the noise function."""
PRBS_TAPS = {7: 6, 9: 5, 11: 9, 15: 14}
"""Shift registers of pseudo-random sequences (ITU-T O.150): PN7 is x^7 + x^6 + 1, of 127 bits."""


class Cycle(NamedTuple):
    """Breakpoints of one period, linear between them; `rest` is the level while a burst waits."""

    times: tuple[float, ...]
    levels: tuple[float, ...]
    rest: float


def sine(period: float) -> Cycle:
    """A sine as a polygon."""
    return polygon(period, lambda x: math.sin(2.0 * math.pi * x), SINE_SEGMENTS, 0.0)


def polygon(period: float, curve: Callable[[float], float], segments: int, rest: float) -> Cycle:
    """A curve over 0 … 1 as straight segments over one period."""
    steps = range(segments + 1)
    return Cycle(tuple(period * k / segments for k in steps), tuple(curve(k / segments) for k in steps), rest)


def ramp(period: float, symmetry: float) -> Cycle:
    """A ramp that rises during `symmetry` percent of its period; it starts at its middle, rising."""
    rise = symmetry / 100.0 * period
    times = (0.0, 0.5 * rise, period - 0.5 * rise, period)
    return Cycle(times, (0.0, 1.0, -1.0, 0.0), 0.0)


def square(period: float, duty_cycle: float, edge: float) -> Cycle:
    """A square wave, high during `duty_cycle` percent of its period; `edge` is the time from 10 % to 90 % [s]."""
    width = duty_cycle / 100.0 * period
    return trapezoid(period, width, FULL_RAMP * edge, FULL_RAMP * edge)


def pulse(period: float, shape: PulseShape) -> Cycle:
    """The pulse function."""
    return trapezoid(period, shape.width, FULL_RAMP * shape.leading, FULL_RAMP * shape.trailing)


def trapezoid(period: float, width: float, rise: float, fall: float) -> Cycle:
    """A pulse that begins with its leading ramp; `width` between the 50 % points, full ramps [s]."""
    back = max(rise, 0.5 * rise + width - 0.5 * fall)
    end = back + fall
    return Cycle((0.0, rise, back, end, max(end, period)), (-1.0, 1.0, 1.0, -1.0, -1.0), -1.0)


@lru_cache(maxsize=4)
def arbitrary(samples: tuple[float, ...], interval: float, *, stepped: bool) -> Cycle:
    """Samples `interval` [s] apart: as steps, or joined by lines when a filter is on."""
    points: list[tuple[float, float]] = []
    for k, sample in enumerate(samples):
        points.append((k * interval, sample))
        if stepped:
            points.append(((k + 1) * interval, sample))
    if not stepped:
        points.append((len(samples) * interval, samples[0]))
    kept = [points[0], *(points[k] for k in range(1, len(points) - 1) if not _redundant(points, k)), points[-1]]
    return Cycle(tuple(t for t, _ in kept), tuple(level for _, level in kept), samples[0])


def _redundant(points: list[tuple[float, float]], k: int) -> bool:
    return points[k - 1][1] == points[k][1] == points[k + 1][1]


@lru_cache(maxsize=4)
def noise(bandwidth: float, seed: int) -> Cycle:
    """Gaussian noise of a bandwidth [Hz] as steps of 1 / (2 bandwidth), which repeat; their mean is 0."""
    source = random.Random(seed)
    levels = [source.gauss(0.0, 1.0 / NOISE_PEAK) for _ in range(NOISE_POINTS)]
    mean = math.fsum(levels) / NOISE_POINTS
    return arbitrary(tuple(max(-1.0, min(1.0, level - mean)) for level in levels), 0.5 / bandwidth, stepped=True)


@lru_cache(maxsize=4)
def pseudo_random_bits(bit_rate: float, stages: int = 7) -> Cycle:
    """The pseudo-random binary sequence of a shift register with so many stages, at a bit rate [1/s]."""
    register, bits = [1] * stages, []
    for _ in range(2**stages - 1):
        bits.append(register[-1])
        register = [register[stages - 1] ^ register[PRBS_TAPS[stages] - 1], *register[:-1]]
    return arbitrary(tuple(2.0 * bit - 1.0 for bit in bits), 1.0 / bit_rate, stepped=True)


def burst(cycle: Cycle, count: int, *, delay: float, length: float) -> Cycle:
    """`count` cycles written out, after `delay` and filled up with rest to `length` [s]."""
    period = cycle.times[-1]
    times, levels = [0.0], [cycle.rest]
    for k in range(count):
        start = max(times[-1], delay + k * period)  # never before the end of the last cycle, whatever rounding says
        times += [start + t for t in cycle.times]
        levels += cycle.levels
    times += [times[-1], max(length, times[-1])]
    levels += [cycle.rest, cycle.rest]
    return Cycle(tuple(times), tuple(levels), cycle.rest)


def tail(cycle: Cycle, phase: float) -> Cycle:
    """What is left of a cycle `phase` [s] after its start."""
    k = min(bisect_right(cycle.times, phase), len(cycle.times) - 1)
    t0, t1, u0, u1 = cycle.times[k - 1], cycle.times[k], cycle.levels[k - 1], cycle.levels[k]
    now = u1 if t1 <= t0 else u0 + (u1 - u0) * (phase - t0) / (t1 - t0)
    return Cycle((0.0, *(t - phase for t in cycle.times[k:])), (now, *cycle.levels[k:]), cycle.rest)


def rotated(cycle: Cycle, degrees: float) -> Cycle:
    """A cycle that starts at a phase, where it also rests. A pulse rests at its low level, whatever the phase."""
    period = cycle.times[-1]
    start = degrees / 360.0 % 1.0 * period
    if start == 0.0:
        return cycle
    late = tail(cycle, start)
    k = bisect_right(cycle.times, start)
    rest = late.levels[0] if cycle.rest != -1.0 else cycle.rest
    times = (*late.times, *(late.times[-1] + t for t in cycle.times[:k]))
    return Cycle((*times, max(period, times[-1])), (*late.levels, *cycle.levels[:k], late.levels[0]), rest)
