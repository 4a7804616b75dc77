"""A first-order filter before the ions: its voltage, when ions come to rest or leave it, and nodes to sum over.

The filtered voltage runs from `start` to `v` [V] with the time constant `tau` [s]. What flows meanwhile is a hyperbolic
sine of an exponential, without an elementary integral; it is summed over Gauss-Legendre nodes, in spans in which it
grows little. Plain functions that do not call each other: the laws compile them, the calibration uses them as they are.
"""

import math

_POINTS = (0.1834346424956498, 0.5255324099163290, 0.7966664774136267, 0.9602898564975363)
_WEIGHTS = (0.3626837833783620, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763)
# Nodes of a span: their places, 0 to 1, and the share of it that each stands for.
PLACES = tuple(0.5 * (1.0 - x) for x in reversed(_POINTS)) + tuple(0.5 * (1.0 + x) for x in _POINTS)
SHARES = tuple(0.5 * w for w in (*reversed(_WEIGHTS), *_WEIGHTS))
_GROWTH = 2.4  # of the exponent across a span: 8 nodes are then good to 1e-14
_LONGEST = 3.0  # time constants in a span
_SETTLED = 1e-6  # v0; the mean of what remains is then good to 1e-13


def filtered(v: float, start: float, seconds: float, tau: float) -> float:
    """Voltage behind the filter [V] after some seconds."""
    return v + (start - v) * math.exp(-seconds / tau)


def mean_filtered(v: float, start: float, seconds: float, tau: float) -> float:
    """Mean of the voltage behind the filter [V] over some seconds."""
    a = seconds / tau
    return v - (start - v) * math.expm1(-a) / a


def phase_end(v: float, start: float, done: float, seconds: float, rest: float, tau: float) -> float:
    """When ions that are at rest, or driven, at the time `done` change over [s]; rest: voltage that moves none [V]."""
    end = seconds
    for level in (-rest, rest):
        if (start - level) * (v - level) < 0.0:
            crossing = tau * math.log((start - v) / (level - v))
            if done < crossing < end:
                end = crossing
    return end


def settled(distance: float) -> bool:
    """Whether a filtered voltage at a distance [v0] from its end counts as constant, with its mean."""
    return distance <= _SETTLED


def span(distance: float, tau: float, longest: float) -> float:
    """Time [s], of `longest` at most, for one set of nodes at a distance [v0] of the filtered voltage from its end."""
    longest = min(longest, _LONGEST * tau)
    if -distance * math.expm1(-longest / tau) <= _GROWTH:
        return longest
    return -tau * math.log1p(-_GROWTH / distance)
