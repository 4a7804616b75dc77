"""Nonlinearity of one branch: the curvature u of y = (1 - exp(-u x)) / (1 - exp(-u)) that fits it best."""

import numpy as np

from ecramlab.analysis.branches import Branch, Floats

LARGEST_CURVATURE = 300.0  # steeper branches are one step: their curvature cannot be told
_GRID = np.concatenate([-np.geomspace(LARGEST_CURVATURE, 1e-3, 120), [0.0], np.geomspace(1e-3, LARGEST_CURVATURE, 120)])
_GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0


def normalised_branch(x: Floats, u: float) -> Floats:
    """y(x), 0 at x = 0 and 1 at x = 1, for curvature u; u > 0 starts fast."""
    if abs(u) < 1e-8:
        return x
    y: Floats = np.expm1(-u * x) / np.expm1(-u)
    return y


def fit_curvature(branch: Branch) -> float | None:
    """Curvature by least squares, the end points taken as given; None where the conductance did not change.

    The error has one minimum between neighbours of a dense grid, which golden sections then close in on.
    """
    if branch.change == 0.0 or len(branch.pulses) < 3:
        return None
    x = (branch.pulses - branch.pulses[0]) / (branch.pulses[-1] - branch.pulses[0])
    y = (branch.conductance - branch.conductance[0]) / branch.change
    errors = [_error(x, y, u) for u in _GRID]
    best = int(np.argmin(errors))
    return _golden_section(x, y, float(_GRID[max(best - 1, 0)]), float(_GRID[min(best + 1, len(_GRID) - 1)]))


def _error(x: Floats, y: Floats, u: float) -> float:
    return float(np.sum((normalised_branch(x, u) - y) ** 2))


def _golden_section(x: Floats, y: Floats, low: float, high: float) -> float:
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    error_left, error_right = _error(x, y, left), _error(x, y, right)
    while high - low > 1e-10 * (1.0 + abs(low)):
        if error_left < error_right:
            high, right, error_right = right, left, error_left
            left = high - _GOLDEN * (high - low)
            error_left = _error(x, y, left)
        else:
            low, left, error_left = left, right, error_right
            right = low + _GOLDEN * (high - low)
            error_right = _error(x, y, right)
    return 0.5 * (low + high)
