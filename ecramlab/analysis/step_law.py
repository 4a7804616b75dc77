"""The step of one pulse as a smooth function of the conductance, and what two such functions say of symmetry.

A branch of exponential shape has steps that are a straight line in the conductance; a cubic leaves room for others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import Polynomial

from ecramlab.analysis.branches import Branch, Floats

_DEGREE = 3
_POINTS = 201  # of the common conductance range


@dataclass(frozen=True)
class StepLaw:
    """Step per pulse [S] against conductance, `low` … `high` [S]; `residual`: standard deviation around it [S]."""

    law: Polynomial
    low: float
    high: float
    residual: float | None
    mean_step: float


def fit_steps(branches: Sequence[Branch]) -> StepLaw | None:
    """The law of all steps of `branches` together; None without steps, or without any change of conductance."""
    if not branches:
        return None
    middles = np.concatenate([branch.middles for branch in branches])
    steps = np.concatenate([branch.steps for branch in branches])
    if np.ptp(middles) == 0.0:
        return None
    degree = min(_DEGREE, len(np.unique(middles)) - 1)  # a saturated branch repeats itself
    law = Polynomial.fit(middles, steps, degree)
    spare = len(steps) - (degree + 1)
    residual = float(np.sqrt(np.sum((steps - law(middles)) ** 2) / spare)) if spare > 0 else None
    return StepLaw(law, float(middles.min()), float(middles.max()), residual, float(np.mean(np.abs(steps))))


@dataclass(frozen=True)
class Symmetry:
    """Mean of A(G) = (ΔG⁺ − |ΔG⁻|)/(ΔG⁺ + |ΔG⁻|) over the common range, and where it is 0 [S]; else the reasons."""

    asymmetry: float | None
    asymmetry_reason: str
    point: float | None
    point_reason: str


def compare(up: StepLaw, down: StepLaw) -> Symmetry:
    """Symmetry of potentiation and depression at equal conductance."""
    low, high = max(up.low, down.low), min(up.high, down.high)
    if low >= high:
        reason = "the branches share no conductance"
        return Symmetry(None, reason, None, reason)
    conductance = np.linspace(low, high, _POINTS)
    potentiating, depressing = up.law(conductance), -down.law(conductance)
    total = potentiating + depressing
    if np.any(total <= 0.0):
        reason = "the branches do not run in opposite directions everywhere"
        return Symmetry(None, reason, None, reason)
    asymmetry = float(np.mean((potentiating - depressing) / total))
    point, reason = _crossing(conductance, potentiating - depressing)
    return Symmetry(asymmetry, "", point, reason)


def _crossing(conductance: Floats, difference: Floats) -> tuple[float | None, str]:
    before = np.flatnonzero(np.diff(np.signbit(difference)))
    if len(before) != 1:
        many = "more than once" if len(before) else "nowhere in the common range"
        return None, f"steps up and down are equal {many}"
    k = int(before[0])
    share = difference[k] / (difference[k] - difference[k + 1])
    return float(conductance[k] + share * (conductance[k + 1] - conductance[k])), ""
