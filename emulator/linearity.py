"""Nonlinearity label and curvature of a conductance branch, each from the other.

A branch of N equal pulses follows ``y(x) = (1 - exp(-u x)) / (1 - exp(-u))`` with x = n/N; u is its *curvature*,
positive for a branch that starts fast. The *label* is the one of the NeuroSim framework (Chen, Peng and Yu, IEEE
TCAD 37, 3067, 2018): the largest perpendicular distance of the normalised curve from its diagonal, divided by 0.07.
By convention the label of a depression branch is ``-label_from_curvature(u)``: negative when it starts fast.
"""

import math
from collections.abc import Sequence

_DISTANCE_PER_LABEL = 0.07 * math.sqrt(2.0)  # vertical distance from the diagonal at label 1
_LARGEST_CURVATURE = 700.0  # exp(-u) leaves the range of a double beyond


def largest_deviation(u: float) -> float:
    """Largest vertical distance of the normalised curve from its diagonal; odd in the curvature u, below 1.

    ``D(u) = 1/d - 1/u - ln(u/d)/u`` with ``d = 1 - exp(-u)``; u/8 near 0.
    """
    if u < 0.0:
        return -largest_deviation(-u)
    if u < 0.05:  # power series: the closed form loses digits to cancellation here
        return u * (1.0 / 8.0 - u * u * (1.0 / 576.0 - u * u / 25920.0))
    d = -math.expm1(-u)
    return 1.0 / d - 1.0 / u - math.log(u / d) / u


def label_from_curvature(u: float) -> float:
    """Label of a branch of curvature u; odd in u."""
    return largest_deviation(u) / _DISTANCE_PER_LABEL


def curvature_from_label(label: float) -> float:
    """Curvature u of a branch with that label; odd in the label.

    Raises ValueError when no exponential branch is so far from its diagonal (|label| beyond about 10).
    """
    if label < 0.0:
        return -curvature_from_label(-label)
    limit = label_from_curvature(_LARGEST_CURVATURE)
    if not label <= limit:
        raise ValueError(f"label = {label!r} is not allowed: exponential branches reach {limit:.2f} at most")
    low, high = 0.0, _LARGEST_CURVATURE
    while True:
        middle = 0.5 * (low + high)
        if middle in (low, high):
            return middle
        if label_from_curvature(middle) < label:
            low = middle
        else:
            high = middle


def branch(u: float, x: float) -> float:
    """Normalised curve ``(1 - exp(-u x)) / (1 - exp(-u))`` of curvature u at x = 0..1."""
    return x if abs(u) < 1e-12 else math.expm1(-u * x) / math.expm1(-u)


def fit_curvature(conductances: Sequence[float]) -> float:
    """Curvature of a measured branch, normalised by its own end points: least squares, all points included.

    Positive for a branch that starts fast, whether it rises or falls. Raises ValueError for fewer than three points or
    equal end points.
    """
    first, last = conductances[0], conductances[-1]
    if len(conductances) < 3 or first == last:
        raise ValueError("a curvature needs at least three conductances and two different end points")
    points = [(n / (len(conductances) - 1), (g - first) / (last - first)) for n, g in enumerate(conductances)]
    u = 0.0
    for _ in range(100):  # Gauss-Newton
        slopes = [_slope_in_curvature(u, x) for x, _ in points]
        misfits = [y - branch(u, x) for x, y in points]
        change = sum(s * m for s, m in zip(slopes, misfits, strict=True)) / sum(s * s for s in slopes)
        u += max(-2.0, min(2.0, change))
        if abs(change) < 1e-12 * (1.0 + abs(u)):
            break
    return u


def _slope_in_curvature(u: float, x: float) -> float:
    """Derivative of `branch` with respect to u."""
    if abs(u) < 1e-4:
        return 0.5 * x * (1.0 - x) * (1.0 + u * (1.0 - 2.0 * x) / 3.0)
    all_of_it = -math.expm1(-u)
    return (x * math.exp(-u * x) * all_of_it + math.expm1(-u * x) * math.exp(-u)) / (all_of_it * all_of_it)


def symmetry_point(u_up: float, u_down: float, ratio: float = 1.0) -> float:
    """State y at which one potentiating and one depressing pulse cancel.

    u_up, u_down: curvatures of the two branches (u_down acts on 1 - y); ratio: charge per depressing pulse over charge
    per potentiating pulse. Raises ValueError where every state, or none, is such a point (straight branches).
    """
    up, down = _initial_slope(u_up), _initial_slope(u_down)
    denominator = u_up + ratio * u_down
    if abs(denominator) < 1e-12:
        raise ValueError(f"curvatures {u_up!r} and {u_down!r} have no single symmetry point")
    return (up - ratio * (down - u_down)) / denominator


def _initial_slope(u: float) -> float:
    """u / (1 - exp(-u)): slope of the normalised curve at its start."""
    return 1.0 if abs(u) < 1e-12 else -u / math.expm1(-u)
