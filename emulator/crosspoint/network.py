"""The linear network of driven lines and of conductances between them, factorised and solved."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from emulator.crosspoint import sweeps
from emulator.crosspoint.lines import DrivenLines

Floats = NDArray[np.float64]

_MOST_ITERATIONS = 2000


class Network:
    """One or two parallel families of lines, the bundle, and one that crosses them.

    Raises ValueError for families that do not cross. After `factorise`, any number of `solve` may follow.
    """

    def __init__(self, bundle: tuple[DrivenLines, ...], crossing: DrivenLines) -> None:
        along = crossing.ladder.family.along
        if any(lines.ladder.family.along == along for lines in bundle):
            raise ValueError(
                f"the {crossing.ladder.name} lines run along {along} as other lines do: "
                "one family must cross the others"
            )
        self._bundle, self._crossing = bundle, crossing
        self._turned = along == "rows"  # the sweeps want the bundle along rows
        self._segment = np.stack([self._turn(family.ladder.segment) for family in bundle])
        self._x_segment = self._turn(crossing.ladder.segment)
        shape = self._x_segment.shape
        self._x_inverse, self._x_transfer = np.empty(shape), np.empty(shape)
        self._work = np.empty((4, *shape))
        self._passed = np.empty((len(bundle), *shape))

    def _turn(self, values: Floats) -> Floats:
        """From the orientation of the array to that of the sweeps, and back."""
        return np.ascontiguousarray(np.swapaxes(values, -1, -2)) if self._turned else values

    def factorise(self, coupling: Floats, inner: Floats | None = None) -> None:
        """Set the conductances and factorise all lines.

        coupling (families of the bundle, rows, columns) [S]: between the bundle and the crossing lines; inner (rows,
        columns) [S]: between the two families of the bundle. Raises ValueError naming a line without any path.
        """
        self._coupling = self._turn(coupling)
        own = self._turn(self._crossing.own(coupling.sum(axis=0) if len(coupling) > 1 else coupling[0]))
        sweeps.factorise_crossing(own, self._x_segment, self._x_inverse, self._x_transfer)
        _check(self._turn(self._x_inverse), (self._crossing,))
        if inner is None:
            own = self._turn(self._bundle[0].own(coupling[0]))
            factors = np.empty((2, *own.shape))
            sweeps.factorise_bundle(own, self._segment[0], factors[0], factors[1])
            self._inverse, self._link = factors[:1], factors[1:]
        else:
            own = np.stack([self._turn(family.own(g)) for family, g in zip(self._bundle, coupling, strict=True)])
            self._inverse, self._link = np.empty((3, *own.shape[1:])), self._segment
            sweeps.factorise_pairs(own, self._turn(inner), self._segment, self._inverse)
        for factor in self._inverse:
            _check(self._turn(factor), self._bundle)

    def solve(self, bundle: Floats, crossing: Floats, tolerance: float, scale: float = 0.0) -> "Solution":
        """Voltages [V] from injected currents [A].

        bundle (families, rows, columns) and crossing (rows, columns) may be overwritten. tolerance: root of the energy
        of the error over `scale` [W]; of its own first guess with scale = 0. Raises ArithmeticError when the network
        has no unique solution or is not solved after 2000 iterations.
        """
        w, r = self._turn(bundle), self._turn(crossing)
        x = np.empty_like(r)
        factors = (self._coupling, self._inverse, self._link)
        iterations, scale = sweeps.conjugate_gradients(
            *factors, self._x_inverse, self._x_transfer, w, r, x, self._work, self._passed, tolerance, scale,
            _MOST_ITERATIONS,
        )  # fmt: skip
        if iterations == sweeps.SINGULAR:
            raise ArithmeticError(
                "the network has no unique solution: drive the floating lines or give them a leakage of 1e-9 S"
            )
        if iterations == sweeps.NO_CONVERGENCE:
            raise ArithmeticError(
                f"the network is not solved to {tolerance:g} after {_MOST_ITERATIONS} iterations: "
                "give a larger tolerance"
            )
        return Solution(self, factors, w, x, iterations, scale)


class Solution:
    """Voltages of a network, (rows, columns): `crossing`, and `bundle`, worked out when it is asked for.

    iterations: of the conjugate gradients. scale [W]: of the energy of errors.
    """

    def __init__(
        self,
        network: Network,
        factors: tuple[Floats, Floats, Floats],
        w: Floats,
        x: Floats,
        iterations: int,
        scale: float,
    ) -> None:
        self._network, self._factors, self._w, self._x = network, factors, w, x
        self.iterations, self.scale = iterations, scale

    @property
    def crossing(self) -> Floats:
        """Voltages of the crossing lines [V], (rows, columns)."""
        return self._network._turn(self._x)

    @cached_property
    def bundle(self) -> Floats:
        """Voltages of the bundle [V], (families, rows, columns)."""
        sweeps.follow(*self._factors, self._x, self._w, np.empty_like(self._w))
        return self._network._turn(self._w)


def _check(factors: Floats, families: tuple[DrivenLines, ...]) -> None:
    if np.isfinite(factors).all():
        return
    row, column = np.argwhere(~np.isfinite(factors))[0]
    names = " or ".join(family.ladder.name for family in families)
    line = row if families[0].ladder.along_rows else column
    raise ValueError(
        f"{names} line {line} has a part without any path: no driver, no leakage, no conducting cell; "
        "drive it or give it a leakage of 1e-9 S"
    )
