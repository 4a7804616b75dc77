"""When an electrolyte is destroyed: by too many ions at the surface of the channel, or at the end of its life."""

# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False

import math

from emulator.laws.jit import law
from emulator.laws.rows import CYCLED, LIFETIME, MORTAL, SURFACE, X_BREAK, X
from emulator.laws.window import faded


@law
def fails(excess, cycled, i, shared, stack):
    """Whether a device with this excess at its surface, after these windows of charge, is destroyed."""
    if abs(excess) > shared[X_BREAK]:
        return True
    if stack is None:
        return False
    return shared[MORTAL] != 0.0 and 0.5 * cycled > stack[LIFETIME, i]


@law
def may_fail(shared, stack):
    """Whether devices of a model can be destroyed at all."""
    if shared[X_BREAK] < math.inf:
        return True
    return False if stack is None else shared[MORTAL] != 0.0


@law
def fails_after(charge, surface, seconds, D, i, shared, stack):
    """Whether a device is destroyed once a charge has moved, of which `surface` is still there; in window charges."""
    excess = faded(D[X, i], seconds, shared) + shared[SURFACE] * surface
    return fails(excess, D[CYCLED, i] + abs(charge), i, shared, stack)
