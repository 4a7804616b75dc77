"""A sum of decaying exponentials through a curve: y = c0 + Σ c_k exp(−t/τ_k).

The c are linear, so only the τ are searched (variable projection, Golub and Pereyra 1973): from the best combination
of a grid on, by Gauss-Newton steps in ln τ that are damped as long as they do not help.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from ecramlab.analysis.branches import Floats

_GRID = 14  # time constants tried first
_SMALLEST = 1e-4  # of the curve's range: closer than this, no further exponential is looked for


@dataclass(frozen=True)
class Exponentials:
    """Time constants [s], rising, their amplitudes, the constant, and the standard deviation that is left."""

    times: tuple[float, ...]
    amplitudes: tuple[float, ...]
    constant: float
    residual: float

    def at(self, t: ArrayLike) -> Floats:
        """The sum at times `t` [s]."""
        seconds = np.asarray(t, dtype=np.float64)
        total = np.full_like(seconds, self.constant)
        for time, amplitude in zip(self.times, self.amplitudes, strict=True):
            total += amplitude * np.exp(-seconds / time)
        return total


def fit_exponentials(t: Floats, y: Floats, count: int) -> Exponentials | None:
    """The best sum of `count` exponentials; None with fewer than two points for each unknown."""
    if len(t) < 2 * (2 * count + 1) or np.ptp(y) == 0.0:
        return None
    grid = np.linspace(np.log(max(t[0], 0.1 * np.median(np.diff(t)))), np.log(2.0 * t[-1]), _GRID)
    start = min(combinations(grid, count), key=lambda logs: _left(t, y, np.array(logs))[0])
    return _described(t, y, _refined(t, y, np.array(start)))


def relaxations(t: Floats, y: Floats, most: int = 3) -> Exponentials | None:
    """As few exponentials as explain the curve: one more only where it at least halves what is left."""
    found: Exponentials | None = None
    for count in range(1, most + 1):
        more = fit_exponentials(t, y, count)
        if more is None or (found is not None and more.residual > 0.5 * found.residual):
            break
        found = more
        if found.residual < _SMALLEST * float(np.ptp(y)):
            break
    return found


def _left(t: Floats, y: Floats, logs: Floats) -> tuple[float, Floats, Floats]:
    """Sum of squares left, residuals, and coefficients (constant first) of the best fit with time constants e^logs."""
    with np.errstate(under="ignore"):
        basis = np.column_stack([np.ones_like(t), *(np.exp(-t / tau) for tau in np.exp(logs))])
    coefficients = np.linalg.lstsq(basis, y, rcond=None)[0]
    residuals: Floats = y - basis @ coefficients
    return float(residuals @ residuals), residuals, coefficients


def _refined(t: Floats, y: Floats, logs: Floats, turns: int = 200) -> Floats:
    error, residuals, _ = _left(t, y, logs)
    damping = 1e-3
    for _ in range(turns):
        slopes = np.column_stack([_slope(t, y, logs, k) for k in range(len(logs))])
        normal = slopes.T @ slopes
        step = np.linalg.lstsq(normal + damping * np.diag(np.diag(normal)), -slopes.T @ residuals, rcond=None)[0]
        trial = logs + np.clip(step, -1.0, 1.0)
        trial_error, trial_residuals, _ = _left(t, y, trial)
        if trial_error < error:
            done = error - trial_error < 1e-12 * error
            logs, error, residuals, damping = trial, trial_error, trial_residuals, 0.3 * damping
            if done:
                break
        else:
            damping *= 10.0
            if damping > 1e8:
                break
    return logs


def _slope(t: Floats, y: Floats, logs: Floats, k: int, step: float = 1e-5) -> Floats:
    """Derivative of the residuals by the k-th ln τ."""
    there, back = logs.copy(), logs.copy()
    there[k] += step
    back[k] -= step
    change: Floats = (_left(t, y, there)[1] - _left(t, y, back)[1]) / (2.0 * step)
    return change


def _described(t: Floats, y: Floats, logs: Floats) -> Exponentials:
    logs = np.sort(logs)
    error, _, coefficients = _left(t, y, logs)
    spare = max(1, len(t) - 2 * len(logs) - 1)
    times: Sequence[float] = [float(tau) for tau in np.exp(logs)]
    return Exponentials(
        tuple(times), tuple(float(c) for c in coefficients[1:]), float(coefficients[0]), (error / spare) ** 0.5
    )
