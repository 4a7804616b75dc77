"""One cycle of a function as breakpoints: times [s] and levels between -1 (low level) and 1 (high level)."""

import math
from typing import NamedTuple

from sim_instruments.keysight_33600a.pulse import FULL_RAMP, PulseShape

SINE_SEGMENTS = 48


class Cycle(NamedTuple):
    """Breakpoints of one period, linear between them; `rest` is the level while a burst waits."""

    times: tuple[float, ...]
    levels: tuple[float, ...]
    rest: float


def sine(period: float) -> Cycle:
    """A sine as a polygon."""
    steps = range(SINE_SEGMENTS + 1)
    levels = tuple(math.sin(2.0 * math.pi * k / SINE_SEGMENTS) for k in steps)
    return Cycle(tuple(period * k / SINE_SEGMENTS for k in steps), levels, 0.0)


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
    back = 0.5 * rise + width - 0.5 * fall
    return Cycle((0.0, rise, back, back + fall, period), (-1.0, 1.0, 1.0, -1.0, -1.0), -1.0)


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
