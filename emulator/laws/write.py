"""Ions through the electrolyte: how much charge moves at a gate voltage, and the voltage that a current needs."""

# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False

import math

from emulator.laws.jit import law
from emulator.laws.rows import (
    AGE,
    KAPPA,
    MAX_DRIVE,
    RATE_DOWN,
    RATE_UP,
    REST_DRIVE,
    TAU0,
    TAU_REC,
    V0,
    VOC,
    Q,
)


@law
def one_minus_exp(x):
    """``1 - exp(-x)`` without loss of digits."""
    return -math.expm1(-x)


@law
def sinhc(h):
    """sinh(h)/h: what a channel potential that is linear from source to drain does to the mean of a sinh law."""
    h = min(abs(h), MAX_DRIVE)
    return math.sinh(h) / h if h > 1e-4 else 1.0 + h * h / 6.0


@law
def grown_age(seconds, age, shared):
    """Dispersive age [s] after being driven one way for some seconds."""
    return age + (shared[TAU_REC] - age) * one_minus_exp(seconds / shared[TAU_REC])


@law
def operational_time(seconds, age, shared):
    """Integral of the dispersive factor tau0/(tau0 + age) over a driven segment."""
    tau0, tau = shared[TAU0], shared[TAU_REC]
    if tau0 == 0.0:
        return seconds
    grown = (tau - age) * one_minus_exp(seconds / tau)
    return tau0 / (tau0 + tau) * (seconds + tau * math.log1p(grown / (tau0 + age)))


@law
def open_circuit(D, i, shared):
    """Open-circuit potential [V]."""
    return shared[VOC] + shared[KAPPA] * D[Q, i]


@law
def rest_voltage(D, i, shared):
    """Largest gate voltage over the channel [V] that moves no ions on its account."""
    return shared[REST_DRIVE] * D[V0, i]


@law
def rests(v, D, i, shared):
    """Whether a gate at v [V] over the channel is at rest: too little to move ions."""
    return abs(v) <= rest_voltage(D, i, shared)


@law
def mobility(up, resting, since, spread, seconds, D, i, shared):
    """Window charge per sinh of the overpotential; at rest without dispersion and channel potential.

    since: for how long the segment has lasted [s]; spread: half the source-drain voltage over v0.
    """
    r = D[RATE_UP, i] if up else D[RATE_DOWN, i]
    if resting:
        return r * seconds
    age = max(D[AGE, i] if up else -D[AGE, i], 0.0)
    if since > 0.0 and shared[TAU0] > 0.0:
        age = grown_age(since, age, shared)
    return r * operational_time(seconds, age, shared) * sinhc(spread)


@law
def moved_charge(size, mobile, v0, shared):
    """Window charge at an overpotential of constant source, size >= 0 in units of v0, its own feedback included."""
    size = min(size, MAX_DRIVE)
    if size < 1e-12:
        return 0.0
    if shared[KAPPA] == 0.0:
        return mobile * math.sinh(size)
    k = shared[KAPPA] / v0 * mobile
    sinh, e = math.sinh(size), math.exp(-size)
    if k * (sinh + e) < 1e-7:
        return mobile * sinh
    # d(eta)/d(theta) = -(kappa/v0) r sinh(eta): tanh(eta/2) decays exponentially; written without overflow
    kept, lost = math.exp(-k), one_minus_exp(k)
    return (size - math.log((1.0 + kept + e * lost) / (lost + e * (1.0 + kept)))) * v0 / shared[KAPPA]


@law
def voltage_charge(v, still, spread, seconds, D, i, shared):
    """Window charge that a constant gate voltage moves; closed form with dispersion and open-circuit feedback.

    v: gate over mean channel [V]; still: up to which it is at rest [V]; spread: half the source-drain voltage over v0.
    At rest v counts as 0, and the current, then due to the open-circuit potential alone, shows no dispersion.
    """
    resting = abs(v) <= still
    eta = ((0.0 if resting else v) - open_circuit(D, i, shared)) / D[V0, i]
    size = abs(eta)
    if size < 1e-12:
        return 0.0
    up = eta > 0.0
    charge = moved_charge(size, mobility(up, resting, 0.0, spread, seconds, D, i, shared), D[V0, i], shared)
    return charge if up else -charge


@law
def drain_excess(v, spread, charge, seconds, D, i, shared):
    """Charge leaving by the drain minus charge leaving by the source, of a channel with a linear potential.

    Mean of ``(2x - 1) sinh(m + h - 2hx)`` over the channel, as a multiple of the mean of the sinh.
    """
    h = max(-MAX_DRIVE, min(MAX_DRIVE, -spread))
    langevin = h / 3.0 if abs(h) < 1e-4 else 1.0 / math.tanh(h) - 1.0 / h
    eta = (v - open_circuit(D, i, shared)) / D[V0, i]
    if abs(eta) < 1e-9:  # no net charge, but a loop through the gate from one end of the channel to the other
        theta = operational_time(seconds, max(D[AGE, i], 0.0), shared)
        return -D[RATE_UP, i] * theta * sinhc(h) * langevin
    return -charge / math.tanh(eta) * langevin


@law
def current_voltage(rate, spread, seconds, D, i, shared):
    """Gate over mean channel [V] after ions have moved at `rate` [window charge/s] for some seconds."""
    if rate == 0.0:
        return open_circuit(D, i, shared)
    sign = 1.0 if rate > 0.0 else -1.0
    free = (D[RATE_UP, i] if rate > 0.0 else D[RATE_DOWN, i]) * sinhc(spread)
    if shared[TAU0] > 0.0:
        free *= shared[TAU0] / (shared[TAU0] + grown_age(seconds, max(sign * D[AGE, i], 0.0), shared))
    return open_circuit(D, i, shared) + shared[KAPPA] * rate * seconds + D[V0, i] * math.asinh(rate / free)
