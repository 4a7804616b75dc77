"""What flows through the gate of every cell of an array, and how it changes with the voltages of the cell."""

# Numba infers the types of compiled functions, from the signature of the entry point.
# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

MAX_DRIVE = 80.0  # cap of the arguments of the hyperbolic functions, as in the laws of a device
_UP, _DOWN, _V0, _OFFSET, _LEAKAGE, _PARAMETERS = range(6)


@dataclass(frozen=True, eq=False, kw_only=True)
class SinhGate:
    """Hyperbolic-sine gate current of a channel whose potential runs linearly from source to drain, and a leak.

    Every piece x of the channel, 0 at the source to 1 at the drain, takes ``I0 sinh((v(x) - offset)/v0) dx``, and gives
    (1 - x) of it to the source, x to the drain; in closed form, with m the mean of v(x) - offset over v0 and h half its
    rise over v0: ``I0 sinh(m) sinh(h)/h`` in all, ``I0 cosh(m) (cosh(h) - sinh(h)/h)/h`` more to the drain. Good while
    the gate current is small against the channel current, which keeps the potential linear.

    up, down [A]: I0 for a mean overpotential that potentiates or depresses. v0, offset [V]: offset is the open-circuit
    potential, in the potentiation-positive sense. leakage [S]: ohmic, half of it to the source, half to the drain.
    polarity: +1 if a positive gate potentiates, else -1. Numbers, or one for each cell (rows, columns).
    Raises ValueError naming quantity, value, unit and limit.
    """

    up: ArrayLike = 0.0
    down: ArrayLike = 0.0
    v0: ArrayLike = 1.0
    offset: ArrayLike = 0.0
    leakage: ArrayLike = 0.0
    polarity: int = 1

    def __post_init__(self) -> None:
        if self.polarity not in (1, -1):
            raise ValueError(f"polarity = {self.polarity!r} is not allowed: it must be 1 or -1")
        for name, unit, low in (("up", "A", 0.0), ("down", "A", 0.0), ("leakage", "S", 0.0), ("v0", "V", 1e-6)):
            values = np.asarray(getattr(self, name), dtype=np.float64)
            bad = ~((values >= low) & np.isfinite(values))
            if bad.any():
                raise ValueError(
                    f"{name} = {float(values[bad].flat[0])!r} {unit} is not allowed: give finite {low:g} {unit} or more"
                )
        if not np.isfinite(self.offset).all():
            raise ValueError("offset is not finite: give the open-circuit potential in V")

    def parameters(self, shape: tuple[int, int]) -> Floats:
        """Parameters of all cells as the compiled law wants them; ValueError for those that do not fit an array."""
        parameters = np.empty((_PARAMETERS, *shape))
        for place, name in enumerate(("up", "down", "v0", "offset", "leakage")):
            value = np.asarray(getattr(self, name), dtype=np.float64)
            if value.shape not in ((), shape):
                raise ValueError(f"{name} of the gates has the shape {value.shape}: give {shape}")
            parameters[place] = value
        return parameters

    def currents(self, v_gs: ArrayLike, v_gd: ArrayLike) -> tuple[Floats, Floats]:
        """Currents from the gates into sources and drains [A] at gate-source and gate-drain voltages [V].

        Arrays of the shape (rows, columns), in terminal signs.
        """
        gs, gd = np.broadcast_arrays(np.asarray(v_gs, dtype=np.float64), np.asarray(v_gd, dtype=np.float64))
        if gs.ndim != 2:
            raise ValueError(f"voltages have the shape {gs.shape}: give (rows, columns)")
        volts = np.stack([np.zeros(gs.shape), -gs, -gd])
        into, couplings = np.empty((3, *gs.shape)), np.empty((3, *gs.shape))
        linearise(
            self.parameters((gs.shape[0], gs.shape[1])), self.polarity, np.zeros(gs.shape), volts, into, couplings
        )
        return -into[1], -into[2]


@njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)  # type: ignore[call-overload]
def _spreads(h):
    """``sinh(h)/h`` and its first and second derivative."""
    if abs(h) < 0.1:
        a = h * h
        return (
            1.0 + a / 6.0 * (1.0 + a / 20.0 * (1.0 + a / 42.0 * (1.0 + a / 72.0))),
            h / 3.0 * (1.0 + a / 10.0 * (1.0 + a / 28.0 * (1.0 + a / 54.0))),
            1.0 / 3.0 + a / 10.0 * (1.0 + a / 16.8 * (1.0 + a / 38.571428571428573)),
        )
    e = math.exp(h)
    zeroth = 0.5 * (e - 1.0 / e) / h
    first = (0.5 * (e + 1.0 / e) - zeroth) / h
    return zeroth, first, zeroth - 2.0 * first / h


@njit(error_model="numpy", cache=True, nogil=True)
def linearise(parameters, polarity, channel, volts, out, couplings):
    """Currents of all cells at their voltages, and how they change with them.

    parameters: of the gates; channel (rows, columns) [S]; volts (3, rows, columns) [V]: of gates, sources and drains.
    out (3, rows, columns): currents that leave these nodes into the cell [A]. couplings (3, rows, columns):
    small-signal conductances gate-source, gate-drain, source-drain [S]; as the law is the derivative of a potential,
    the change is that of a network.
    """
    for i in range(channel.shape[0]):
        for j in range(channel.shape[1]):
            gate, source, drain = volts[0, i, j], volts[1, i, j], volts[2, i, j]
            v0, leak, g = parameters[_V0, i, j], 0.5 * parameters[_LEAKAGE, i, j], channel[i, j]
            to_source, to_drain = leak * (gate - source), leak * (gate - drain)
            gate_source, gate_drain, inner = leak, leak, g
            up, down = parameters[_UP, i, j], parameters[_DOWN, i, j]
            if up > 0.0 or down > 0.0:
                mean = (polarity * (gate - 0.5 * (source + drain)) - parameters[_OFFSET, i, j]) / v0
                half = polarity * 0.5 * (source - drain) / v0
                mean, half = min(max(mean, -MAX_DRIVE), MAX_DRIVE), min(max(half, -MAX_DRIVE), MAX_DRIVE)
                zeroth, first, second = _spreads(half)
                e = math.exp(mean)
                amplitude = 0.5 * (up if mean > 0.0 else down)
                sinh, cosh = amplitude * (e - 1.0 / e), amplitude * (e + 1.0 / e)
                total, excess = sinh * zeroth, cosh * first
                to_source += 0.5 * polarity * (total - excess)
                to_drain += 0.5 * polarity * (total + excess)
                mutual = 0.25 / v0 * (cosh * (zeroth - second))
                own, skew = 0.25 / v0 * (cosh * (zeroth + second)), 0.5 / v0 * sinh * first
                gate_source += own - skew + mutual
                gate_drain += own + skew + mutual
                inner -= mutual
            through = g * (source - drain)
            out[0, i, j] = to_source + to_drain
            out[1, i, j] = through - to_source
            out[2, i, j] = -through - to_drain
            couplings[0, i, j] = gate_source
            couplings[1, i, j] = gate_drain
            couplings[2, i, j] = inner
