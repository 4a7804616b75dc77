"""Charge moves the state along its window, with the noise of the charge."""

# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False

import math

from numba import uint64

from emulator.laws.jit import law
from emulator.laws.rows import (
    BLOCKING,
    CYCLED,
    EVENT,
    NOISE,
    RETENTION_RATE,
    RETENTION_TARGET,
    STREAM,
    SURFACE,
    TAU_SURFACE,
    U_DOWN,
    U_UP,
    Q,
    X,
    Y,
)
from emulator.laws.write import one_minus_exp

STEEPEST = -600.0  # exponents of a flow away from its fixed point: far beyond every hard limit, and still a number


@law
def _mixed(x):
    """64 well mixed bits (splitmix64), as `random_numbers.mixed`."""
    x = x + uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> uint64(30))) * uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> uint64(27))) * uint64(0x94D049BB133111EB)
    return x ^ (x >> uint64(31))


@law
def quantile(stream, event):
    """Place of the normal number of an event of a stream among the quantiles."""
    return _mixed(uint64(stream) + uint64(event)) & uint64(65535)


@law
def normal(table, stream, event):
    """Standard normal number of an event of a stream."""
    return table[quantile(stream, event)]


@law
def window_flow(y, charge, u):
    """Exact flow of dy/dq = u (K - y), K = 1/(1 - exp(-u))."""
    if abs(u) < 1e-6:
        return y + charge
    k = -1.0 / math.expm1(-u)
    return y + (k - y) * one_minus_exp(max(u * charge, STEEPEST))


@law
def _kept_flow(y, charge, u, fading, target):
    """Exact flow of dy/ds = charge u (K - y) + fading (target - y) over s from 0 to 1: a window that also forgets.

    At a constant current. fading: duration over the time constant of retention.
    """
    if abs(u) < 1e-6:
        closing, push = 0.0, charge
    else:
        closing = max(u * charge, STEEPEST)
        push = closing / -math.expm1(-u)
    total = closing + fading
    share = one_minus_exp(total) / total if abs(total) > 1e-12 else 1.0
    return y + (push + fading * target - total * y) * share


@law
def forgets_while_moving(charge, shared, stack):
    """Whether retention is part of the flow of the ions, so that it is exact at a constant current."""
    blocked = stack is not None and shared[BLOCKING] != 0.0
    return charge != 0.0 and shared[RETENTION_RATE] > 0.0 and not blocked


@law
def convolved(a, b, t):
    """Integral of ``exp(-a (t - s)) exp(-b s)`` over s from 0 to t, whatever the rates a and b [1/s]."""
    slow, apart = min(a, b), abs(a - b) * t
    return t * math.exp(-slow * t) * (1.0 if apart < 1e-12 else one_minus_exp(apart) / apart)


@law
def faded(surface, seconds, shared):
    """What is left at the surface of some window charge after some seconds; 0 for a model that keeps none there."""
    return surface * math.exp(-seconds / shared[TAU_SURFACE]) if shared[SURFACE] > 0.0 else 0.0


@law
def lying(charge, seconds, shared):
    """What is still at the surface of a window charge that has moved evenly over some seconds."""
    if shared[SURFACE] == 0.0:
        return 0.0
    aged = seconds / shared[TAU_SURFACE]
    return charge * one_minus_exp(aged) / aged


@law
def _blocked_flow(y, x, charge, u, seconds, shared):
    """Exact flow of dy/dq = u (K - y - x) while x relaxes at a constant current; x: surface excess of this direction.

    x tends to `steady` with the surface time.
    """
    if abs(u) < 1e-6:
        return y + charge
    fading, closing = 1.0 / shared[TAU_SURFACE], max(u * charge, STEEPEST) / seconds
    steady = shared[SURFACE] * charge / seconds * shared[TAU_SURFACE]
    k = -1.0 / math.expm1(-u)
    straight = (k - steady - y) * one_minus_exp(closing * seconds)
    return y + straight - closing * (x - steady) * convolved(closing, fading, seconds)


@law
def move_ions(charge, seconds, D, N, i, shared, table, stack):
    """Move the state along the window, with the noise of this charge, and with retention at a constant current."""
    size = abs(charge)
    up = charge > 0.0
    u = D[U_UP, i] if up else D[U_DOWN, i]
    z = D[Y, i] if up else 1.0 - D[Y, i]
    if forgets_while_moving(charge, shared, stack):
        target = shared[RETENTION_TARGET] if up else 1.0 - shared[RETENTION_TARGET]
        z = _kept_flow(z, size, u, seconds * shared[RETENTION_RATE], target)
    elif stack is None or shared[BLOCKING] == 0.0:
        z = window_flow(z, size, u)
    else:
        z = _blocked_flow(z, D[X, i] if up else -D[X, i], size, u, seconds, shared)
    D[Y, i] = z if up else 1.0 - z
    D[Q, i] += charge
    D[CYCLED, i] += size
    if shared[NOISE] > 0.0:
        spread = max(2.0 * u * size, STEEPEST)
        variance = size if abs(spread) < 1e-9 else one_minus_exp(spread) / (2.0 * u)
        D[Y, i] += shared[NOISE] * math.sqrt(variance) * normal(table, N[STREAM, i], N[EVENT, i])
        N[EVENT, i] += 1
