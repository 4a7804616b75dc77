"""What the one-dimensional reference models share: graded cells, a solver and adaptive implicit steps."""

from collections.abc import Callable

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_GROWTH = 4.0  # of a time step, at most
_SHRINKAGE = 0.1
_SHORTEST = 1e-12  # of the time to pass: shorter steps are rounding, they count as good


def graded_edges(thickness: float, cells: int) -> Floats:
    """Edges of `cells` cells of a layer [m], from 0, crowded at both of its faces, (cells + 1)."""
    edges: Floats = 0.5 * thickness * (1.0 - np.cos(np.linspace(0.0, np.pi, cells + 1)))
    return edges


@njit("UniTuple(f8[::1], 2)(f8[::1], f8[::1], f8[::1], f8[::1])", cache=True, error_model="numpy")
def eliminate(contents: Floats, rightward: Floats, leftward: Floats, right: Floats) -> tuple[Floats, Floats]:
    """First half of an implicit step of exchanging cells -> (pivots, sums), for :func:`substitute`.

    The density x of each cell i obeys ``contents[i] x[i] + flux[i] - flux[i-1] = right[i]`` with the exchange
    ``flux[i] = rightward[i] x[i] - leftward[i] x[i+1]``, none beyond the ends. contents, right (n); rightward, leftward
    (n - 1); all positive. Nothing is subtracted, so that ions are kept to rounding however fast they are exchanged
    (Grassmann, Taksar and Heyman, Operations Research 33 (1985) 1107). The last cell has x = sum/pivot, where more may
    be added to both.
    """
    n = contents.size
    pivots, sums = np.empty(n), np.empty(n)
    kept, total = contents[0], right[0]
    for i in range(n - 1):
        pivots[i], sums[i] = kept + rightward[i], total
        kept = contents[i + 1] + leftward[i] * (kept / pivots[i])
        total = right[i + 1] + rightward[i] / pivots[i] * total
    pivots[n - 1], sums[n - 1] = kept, total
    return pivots, sums


@njit("f8[::1](f8[::1], f8[::1], f8[::1], f8)", cache=True, error_model="numpy")
def substitute(pivots: Floats, sums: Floats, leftward: Floats, last: float) -> Floats:
    """Second half: the densities (n) from that of the last cell."""
    x = np.empty(sums.size)
    x[-1] = last
    for i in range(sums.size - 2, -1, -1):
        x[i] = (sums[i] + leftward[i] * x[i + 1]) / pivots[i]
    return x


def integrate(
    step: Callable[[Floats, float, float], Floats],
    state: Floats,
    seconds: float,
    *,
    judged: int,
    tolerance: float,
    floor: float,
) -> Floats:
    """State after some seconds by extrapolated backward Euler steps of adapted length.

    step: ``(state, begin, length) -> state`` by one backward Euler step [s]. Each length is done in one step and in
    two halves, ``2 fine - coarse`` is of second order and damps stiff modes; a balance that the steps keep, it keeps.
    The first `judged` numbers of the state decide: coarse and fine differ by at most `tolerance` times the largest
    change in the step, or by `floor`.
    """
    now, length = 0.0, 0.125 * seconds
    while now < seconds:
        last = length >= (seconds - now) * (1.0 - 1e-12)
        length = seconds - now if last else length
        coarse = step(state, now, length)
        middle = step(state, now, 0.5 * length)
        fine = step(middle, now + 0.5 * length, 0.5 * length)
        error = float(np.abs(fine - coarse)[:judged].max())
        allowed = tolerance * float(np.abs(fine - state)[:judged].max()) + floor
        good = error <= allowed or length <= _SHORTEST * seconds
        if good:
            state = 2.0 * fine - coarse
            now = seconds if last else now + length
        length *= min(_GROWTH, max(_SHRINKAGE, 0.9 * allowed / error if error > 0.0 else _GROWTH))
    return state
