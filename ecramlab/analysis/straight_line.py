"""A straight line through points, and how well it describes them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ecramlab.analysis.branches import Floats


@dataclass(frozen=True)
class StraightLine:
    """y = offset + slope x by least squares; `r_squared`: share of the variance of y that it explains."""

    slope: float
    offset: float
    r_squared: float

    def at(self, x: ArrayLike) -> Floats:
        """The line at `x`."""
        y: Floats = self.offset + self.slope * np.asarray(x, dtype=np.float64)
        return y


def fit_line(x: ArrayLike, y: ArrayLike) -> StraightLine | None:
    """The line through the points that are finite; None with fewer than three, or with one x only."""
    points = np.array([x, y], dtype=np.float64)
    across, up = points[:, np.all(np.isfinite(points), axis=0)]
    if len(across) < 3 or np.ptp(across) == 0.0:
        return None
    from_middle, deviation = across - across.mean(), up - up.mean()
    slope = float(np.sum(from_middle * deviation) / np.sum(from_middle**2))
    left, total = float(np.sum((deviation - slope * from_middle) ** 2)), float(np.sum(deviation**2))
    return StraightLine(slope, float(up.mean() - slope * across.mean()), 1.0 - left / total if total > 0.0 else 1.0)
