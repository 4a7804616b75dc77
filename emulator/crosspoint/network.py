"""The linear network of driven lines and of conductances between them, factorised and solved."""

import numpy as np
from numpy.typing import NDArray

from emulator.crosspoint import sweeps
from emulator.crosspoint.lines import DrivenLines

Floats = NDArray[np.float64]


class Network:
    """One or two parallel families of lines, the bundle, and one that crosses them.

    Raises ValueError for families that do not cross. After `factorise`, any number of `solve` may follow.
    """

    def __init__(self, bundle: tuple[DrivenLines, ...], crossing: DrivenLines) -> None:
        if any(lines.ladder.family.along == crossing.ladder.family.along for lines in bundle):
            raise ValueError(
                f"the {crossing.ladder.name} lines run along {crossing.ladder.family.along} as other lines do: "
                "one family must cross all others"
            )
        self.bundle, self.crossing = bundle, crossing
        count, nodes, lines = len(bundle), crossing.ladder.nodes, crossing.ladder.lines
        self._ground = np.stack([family.ground for family in bundle])
        self._segment = np.stack([family.ladder.segment for family in bundle])
        self._inverse = np.empty((1 if count == 1 else 3, lines, nodes))
        self._link = np.empty((1, lines, nodes)) if count == 1 else self._segment
        self._x_ground = crossing.ground
        self._x_factors = np.empty((2, nodes, lines))
        self._coupling = np.empty((count, nodes, lines))
        self._work = np.empty((4, nodes, lines))
        self._passed = np.empty((count, lines, nodes))
        self.iterations = 0

    def factorise(self, coupling: Floats, inner: Floats | None = None) -> None:
        """Set the conductances and factorise all lines.

        coupling (families of the bundle, rows, columns) [S]: between the bundle and the crossing lines; inner (rows,
        columns) [S]: between the two families of the bundle. Raises ValueError naming a line without any path.
        """
        cross, parallel = self.crossing.ladder, self.bundle[0].ladder.family
        self._coupling[:] = cross.family.lay(coupling)
        own = parallel.lay(coupling) + self._ground
        with np.errstate(divide="ignore", invalid="ignore"):
            sweeps.factorise(
                self._coupling.sum(axis=0) + self._x_ground, cross.segment, self._x_factors[0], self._x_factors[1]
            )
            if inner is None:
                sweeps.factorise(own[0], self._segment[0], self._inverse[0], self._link[0])
            else:
                sweeps.factorise_pair(own, parallel.lay(inner), self._segment, self._inverse)
        self._check(self._x_factors[0], (self.crossing,))
        for factors in self._inverse:
            self._check(factors, self.bundle)

    def _check(self, factors: Floats, families: tuple[DrivenLines, ...]) -> None:
        bad = np.flatnonzero(~np.isfinite(factors).all(axis=0))
        if bad.size:
            names = " or ".join(family.ladder.name for family in families)
            raise ValueError(
                f"{names} line {bad[0]} has a part without any path: no driver, no leakage, no conducting cell; "
                "drive it or give it a leakage of 1e-9 S"
            )

    def solve(
        self, bundle: Floats, crossing: Floats, tolerance: float, scale: float = 0.0, limit: int = 1000
    ) -> tuple[Floats, Floats, float]:
        """Voltages [V] from injected currents [A] in line layout -> (bundle, crossing, scale).

        bundle (families, nodes, lines) and crossing (nodes, lines) are overwritten; bundle becomes the voltages.
        tolerance: root of the energy of the error over `scale` [W], of the first guess with scale = 0 (returned).
        Raises ArithmeticError when the network has no unique solution or `limit` iterations did not do.
        """
        x = np.empty_like(crossing)
        iterations, scale = sweeps.conjugate_gradients(
            self._coupling,
            self._inverse,
            self._link,
            self._x_factors[0],
            self._x_factors[1],
            bundle,
            crossing,
            x,
            self._work,
            self._passed,
            tolerance,
            scale,
            limit,
        )
        if iterations == sweeps.SINGULAR:
            raise ArithmeticError(
                "the network has no unique solution: drive the floating lines or give them a leakage of 1e-9 S"
            )
        if iterations == sweeps.NO_CONVERGENCE:
            raise ArithmeticError(
                f"the network is not solved after {limit} iterations to {tolerance:g}: give a larger tolerance"
            )
        self.iterations = iterations
        return bundle, x, scale
