"""The linear network of three families of driven lines and of conductances between them, factorised and solved."""

import numpy as np
from numpy.typing import NDArray

from emulator.crosspoint import sweeps
from emulator.crosspoint.lines import DrivenLines, Ladder

Floats = NDArray[np.float64]

MOST_ITERATIONS = 2000


class Network:
    """Two parallel families of lines, the bundle, and one that crosses them.

    After `factorise`, any number of `solve` may follow.
    """

    def __init__(self, bundle: tuple[DrivenLines, ...], crossing: DrivenLines) -> None:
        self._bundle, self._crossing = bundle, crossing
        self._turned = crossing.ladder.along_rows  # the sweeps want the bundle along rows
        self._segment = np.stack([self._turn(family.ladder.segment) for family in bundle])
        self._x_segment = self._turn(crossing.ladder.segment)
        shape = self._x_segment.shape
        self._x_inverse, self._x_transfer = np.empty(shape), np.empty(shape)
        self._inverse = np.empty((3, *shape))
        self._work = np.empty((4, *shape))
        self._passed = np.empty((len(bundle), *shape))
        self.iterations = 0

    def _turn(self, values: Floats) -> Floats:
        """From the orientation of the array to that of the sweeps, and back."""
        return np.ascontiguousarray(np.swapaxes(values, -1, -2)) if self._turned else values

    def factorise(self, coupling: Floats, inner: Floats) -> None:
        """Set the conductances and factorise all lines.

        coupling (2, rows, columns) [S]: between the bundle and the crossing lines; inner (rows,
        columns) [S]: between the two families of the bundle. Raises ValueError naming a line without any path.
        """
        self._coupling = self._turn(coupling)
        own = self._turn(self._crossing.own(coupling.sum(axis=0)))
        sweeps.factorise_crossing(own, self._x_segment, self._x_inverse, self._x_transfer)
        check_paths(self._turn(self._x_inverse), self._crossing.ladder)
        own = np.stack([self._turn(family.own(g)) for family, g in zip(self._bundle, coupling, strict=True)])
        sweeps.factorise_pairs(own, self._turn(inner), self._segment, self._inverse)
        for factor in self._inverse:
            check_paths(self._turn(factor), *(family.ladder for family in self._bundle))

    def solve(
        self, bundle: Floats, crossing: Floats, tolerance: float, scale: float = 0.0
    ) -> tuple[Floats, Floats, float]:
        """Voltages [V] from injected currents [A] -> (bundle, crossing, scale).

        bundle (2, rows, columns) and crossing (rows, columns) may be overwritten. tolerance: root of the energy
        of the error over `scale` [W]; over that of its own first guess, which is returned, with scale = 0. Raises
        ArithmeticError when the network has no unique solution or is not solved after 2000 iterations.
        """
        w, r = self._turn(bundle), self._turn(crossing)
        x = np.empty_like(r)
        bundle_factors = (self._coupling, self._inverse, self._segment)
        crossing_factors = (self._x_inverse, self._x_transfer)
        limits = (tolerance, scale, MOST_ITERATIONS)
        self.iterations, scale = sweeps.conjugate_gradients(
            *bundle_factors, *crossing_factors, w, r, x, self._work, self._passed, *limits
        )
        check_solved(self.iterations, tolerance)
        return self._turn(w), self._turn(x), scale


def check_paths(factors: Floats, *families: Ladder) -> None:
    """Refuse factors (rows, columns) of lines of these families that nothing holds: ValueError naming one of them."""
    if np.isfinite(factors).all():
        return
    row, column = np.argwhere(~np.isfinite(factors))[0]
    names = " or ".join(family.name for family in families)
    line = row if families[0].along_rows else column
    raise ValueError(
        f"{names} line {line} has a part without any path: no driver, no leakage, no conducting cell; "
        "drive it or give it a leakage of 1e-9 S"
    )


def check_solved(iterations: int, tolerance: float) -> None:
    """ArithmeticError for what conjugate gradients return when there is no solution or they do not come to it."""
    if iterations == sweeps.SINGULAR:
        raise ArithmeticError(
            "the network has no solution within the digits of a double: drive the floating lines or give them a "
            "leakage of 1e-9 S, and check that no gate would draw amperes"
        )
    if iterations == sweeps.NO_CONVERGENCE:
        raise ArithmeticError(
            f"the network is not solved to {tolerance:g} after {MOST_ITERATIONS} iterations: give a larger tolerance"
        )
