"""Compiled loops of the fast tier: affine steps of the state with noise and bounds.

A step is ``y <- y + push - fade y + noise xi``, cut to the bounds; the standard normal xi belongs to the stream of the
device and to the event, as in :mod:`emulator.laws.window`. Blocks of devices stay in the first cache while all pulses
pass over them. Compiled code releases the interpreter lock: threads share a call by taking devices each.
"""

# Numba infers the types of compiled functions, from the signatures of the entry points.
# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False

from collections.abc import Callable

import numpy as np
from numba import njit, uint64

from emulator.laws.jit import law, revision
from emulator.laws.window import normal, quantile

_BLOCK = 512  # devices whose state and coefficients fit the first cache


@law
def _step(y, position, fade, push, noise, table, low, high):
    """One piece of a pulse for neighbouring devices; a piece that moves nothing takes no random number."""
    for i in range(y.size):
        s = noise[i]
        z = y[i]
        z += push[i] - fade[i] * z + s * normal(table, position[i], 0)
        y[i] = min(max(z, low), high)
        position[i] += uint64(s > 0.0)


@law
def _step_from_cache(y, position, fade, push, noise, table, low, high, place, drawn):
    """The same in passes, all but the look-up of which become vector instructions; place, drawn: room for results.

    Faster than `_step` for a block that is in the cache, slower for one that has to come from memory: there `_step`
    computes while it waits.
    """
    for i in range(y.size):
        place[i] = quantile(position[i], 0)
        position[i] += uint64(noise[i] > 0.0)
    for i in range(y.size):
        drawn[i] = noise[i] * table[place[i]]
    for i in range(y.size):
        z = y[i]
        z += push[i] - fade[i] * z + drawn[i]
        y[i] = min(max(z, low), high)


@law
def _step_own(y, position, fade, push, noise, table, low, high, counts, done):
    """The same for the devices that have more than `done` pulses to get; coefficients (directions, devices).

    Selected rather than skipped: a branch on random counts costs more than the step.
    """
    for i in range(y.size):
        down = int(counts[i] < 0)
        active = abs(counts[i]) > done
        s = noise[down, i]
        z = y[i]
        moved = z + (push[down, i] - fade[down, i] * z + s * normal(table, position[i], 0))
        y[i] = min(max(moved, low), high) if active else z
        position[i] += uint64(active and s > 0.0)


# The entry points are closures over the revision of the laws, like emulator.kernels.run_train: a binary on disk is
# left behind when the random numbers change.
def _compiled_all(of_revision: int) -> Callable[..., None]:
    @njit(
        "void(f8[::1], u8[::1], f8[:,::1], f8[:,::1], f8[:,::1], f8[::1], i8, f8, f8, i8, i8)",
        cache=True,
        nogil=True,
        error_model="numpy",
    )
    def advance_all(y, position, fade, push, noise, table, count, low, high, first, last):
        """Give devices first..last-1 `count` equal pulses.

        y (devices): changed in place; position (devices): place of each device in its random stream, moved on; fade,
        push, noise (pieces, devices); table: normal quantiles; low, high: bounds of y.
        """
        _ = of_revision
        room, drawn = np.empty(_BLOCK, np.uint64), np.empty(_BLOCK)
        for a in range(first, last, _BLOCK):
            b = min(a + _BLOCK, last)
            v, at, place, xi = y[a:b], position[a:b], room[: b - a], drawn[: b - a]
            for n in range(count):
                for p in range(fade.shape[0]):
                    f, d, s = fade[p, a:b], push[p, a:b], noise[p, a:b]
                    if n == 0:
                        _step(v, at, f, d, s, table, low, high)
                    else:
                        _step_from_cache(v, at, f, d, s, table, low, high, place, xi)

    return advance_all


def _compiled_each(of_revision: int) -> Callable[..., None]:
    @njit(
        "void(f8[::1], u8[::1], i8[:,::1], f8[:,:,::1], f8[:,:,::1], f8[:,:,::1], f8[::1], i8[::1], f8, f8, i8, i8)",
        cache=True,
        nogil=True,
        error_model="numpy",
    )
    def advance_each(y, position, given, fade, push, noise, table, counts, low, high, first, last):
        """Give device i of first..last-1 ``abs(counts[i])`` pulses: up or, if that is negative, down.

        given (2, devices): pulses up and down so far, added to; fade, push, noise (1 or 2 directions, pieces, devices);
        with one direction there is no negative number in counts (devices). The rest as in `advance_all`.
        """
        _ = of_revision
        for a in range(first, last, _BLOCK):
            b = min(a + _BLOCK, last)
            most = 0
            for i in range(a, b):
                given[0, i] += max(counts[i], 0)
                given[1, i] += max(-counts[i], 0)
                most = max(most, abs(counts[i]))
            own = counts[a:b]
            for done in range(most):
                for p in range(fade.shape[1]):
                    f, d, s = fade[:, p, a:b], push[:, p, a:b], noise[:, p, a:b]
                    _step_own(y[a:b], position[a:b], f, d, s, table, low, high, own, done)

    return advance_each


advance_all = _compiled_all(revision())
advance_each = _compiled_each(revision())
