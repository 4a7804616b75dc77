"""From the state of a device to its source-drain conductance."""

# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False

import math

from emulator.laws.jit import law
from emulator.laws.rows import (
    CAPACITIVE_MAP,
    CYCLED,
    DEPLETION,
    DEPLETION_GAIN,
    E1,
    E2,
    EXPONENTIAL_MAP,
    FLAG,
    GMAX,
    GMIN,
    M_END,
    MAP,
    MEMCAPACITIVE_MAP,
    N_END,
    OPEN_CHANNEL,
    OXIDE_GAIN,
    R_UNGATED,
    READ_FACTOR,
    THINNING,
    X_WEIGHT,
    X,
    Y,
)


@law
def conductance(D, N, i, shared):
    """Source-drain conductance [S]."""
    if N[FLAG, i] == OPEN_CHANNEL:
        return 0.0
    s = D[Y, i] + shared[X_WEIGHT] * D[X, i] + D[E1, i] + D[E2, i]
    if shared[N_END] < math.inf:
        worn = min(1.0, (0.5 * D[CYCLED, i] / shared[N_END]) ** shared[M_END])
        s = s * (1.0 - worn) + 0.5 * worn
    low, high = D[GMIN, i], D[GMAX, i]
    if shared[MAP] == EXPONENTIAL_MAP:
        g = low * math.exp(s * math.log(high / low))
    else:
        if shared[MAP] == CAPACITIVE_MAP:
            b = shared[THINNING]
            s = s * (1.0 - b) / max(1.0 - b * s, 1e-3)
        elif shared[MAP] == MEMCAPACITIVE_MAP:
            at_0, at_1 = _capacitance(0.0, shared), _capacitance(1.0, shared)
            s = (_capacitance(s, shared) - at_0) / (at_1 - at_0)
        g = low + (high - low) * s
    g = max(g, 0.0) * shared[READ_FACTOR]
    return g / (1.0 + g * shared[R_UNGATED])


@law
def _capacitance(s, shared):
    """Gate capacitance of a memcapacitor over that of its oxide at s = 0."""
    oxide = max(1.0 + shared[OXIDE_GAIN] * s, 1e-3)
    depleted = shared[DEPLETION] / max(1.0 + shared[DEPLETION_GAIN] * s, 1e-3)
    return oxide / (1.0 + oxide * depleted)
