"""Compiled read of an array with one family of lines along rows and one along columns, each in one call.

Calls from Python and short NumPy operations would cost a small array more than its solution. Index 0 stands for the
lines along rows, which are eliminated exactly, index 1 for those along columns; see `emulator.crosspoint.sweeps`.
"""

# Numba infers the types of compiled functions, from the signature of the entry point.
# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False

import math
import sys

from numba import njit

from emulator.crosspoint.sweeps import FAST, conjugate_gradients, factorise_bundle, factorise_crossing

IMPOSSIBLE = -3  # a conductance or a voltage that cannot be
_LOWEST = -sys.float_info.max

_entry = njit(error_model="numpy", fastmath=FAST, cache=True, nogil=True)
_helper = njit(error_model="numpy", fastmath=FAST, no_cpython_wrapper=True, no_cfunc_wrapper=True)  # type: ignore[call-overload]

# A drop next to the nominal potential of its line has digits that another order of additions would lose. What is not
# said here is inherited from the caller.
_in_order = njit(error_model="numpy", fastmath=False, no_cpython_wrapper=True, no_cfunc_wrapper=True)  # type: ignore[call-overload]


@_entry
def factorise(conductance, ground, segment, inverse, transfer):
    """Factors of all lines -> whether they are finite, as they are unless nothing holds a line; or IMPOSSIBLE.

    conductance (rows, columns) [S]; ground, segment (2, rows, columns) [S]: of each node to ground and to the next node
    of its line. Out: inverse, transfer (2, rows, columns).
    """
    if not _possible(conductance.ravel(), 0.0):
        return IMPOSSIBLE
    factorise_bundle(conductance + ground[0], segment[0], inverse[0], transfer[0])
    factorise_crossing(conductance + ground[1], segment[1], inverse[1], transfer[1])
    return int(_possible(inverse.ravel(), 0.0))


@_helper
def _possible(values, least):
    """Whether all are finite and at least that."""
    refused = 0
    for i in range(values.size):
        refused += not (least <= values[i] < math.inf)
    return refused == 0


@_helper
def _nominal(lines, volts):
    """Potential of each line without current, from lines (ends, shares, leak: 5, lines)."""
    return lines[2] * volts[0] + lines[3] * volts[1]


@_in_order
def _through_cells(conductance, start, rows, columns, w, r):
    """Currents through the cells at the nominal potentials of their lines and the drops of `start`."""
    for i in range(rows.size):
        for k in range(columns.size):
            current = conductance[i, k] * ((rows[i] - columns[k]) + (start[0, i, k] - start[1, i, k]))
            w[i, k] = -current
            r[i, k] = current


@_in_order
def _inject(lines, volts, nominal, start, into):
    """Add the currents from drivers and through leakage; one line after the other along axis 0 of `into`."""
    last = into.shape[1] - 1
    for i in range(nominal.size):
        leak = lines[4, i]
        if leak > 0.0:
            for k in range(into.shape[1]):
                into[i, k] -= leak * (nominal[i] + start[i, k])
        into[i, 0] += lines[0, i] * (volts[0, i] - nominal[i] - start[i, 0])
        into[i, last] += lines[1, i] * (volts[1, i] - nominal[i] - start[i, last])


@_in_order
def _pass_on(segment, start, into):
    """Add the currents that drops drive along the lines."""
    for i in range(into.shape[0]):
        for k in range(into.shape[1] - 1):
            through = segment[i, k] * (start[i, k] - start[i, k + 1])
            into[i, k] -= through
            into[i, k + 1] += through


@_in_order
def _at_ends(lines, volts, nominal, drops, currents):
    """Currents from the drivers into the lines [A]."""
    last = drops.shape[1] - 1
    for i in range(nominal.size):
        currents[0, i] = lines[0, i] * (volts[0, i] - nominal[i] - drops[i, 0])
        currents[1, i] = lines[1, i] * (volts[1, i] - nominal[i] - drops[i, last])


@_entry
def solve(
    conductance, segment, inverse, transfer, row_lines, column_lines, row_volts, column_volts,
    start, warm, drops, row_currents, column_currents, work, passed, tolerance, scale, limit,
):  # fmt: skip
    """Drops and currents for voltages at the ends of the lines -> (iterations or what went wrong, scale of errors).

    row_lines, column_lines (5, lines): conductances of near and far ends [S], their shares in the nominal potential,
    leakage of each node [S]. volts (2, lines) [V]. start (2, rows, columns) [V]: drops to start from, if `warm`. Out:
    drops (2, rows, columns) [V], currents (2, lines) [A]. work (5, rows, columns), passed (1, rows, columns): space to
    work in. tolerance, scale, limit and what is returned: as in `conjugate_gradients`; IMPOSSIBLE for voltages that are
    not finite.
    """
    if not (_possible(row_volts.ravel(), _LOWEST) and _possible(column_volts.ravel(), _LOWEST)):
        return IMPOSSIBLE, scale
    w, r = drops[:1], work[4]
    if not warm:
        start[:] = 0.0
    rows, columns = _nominal(row_lines, row_volts), _nominal(column_lines, column_volts)
    _through_cells(conductance, start, rows, columns, w[0], r)
    _inject(row_lines, row_volts, rows, start[0], w[0])
    _inject(column_lines, column_volts, columns, start[1].T, r.T)
    if warm:
        _pass_on(segment[0], start[0], w[0])
        _pass_on(segment[1].T, start[1].T, r.T)
    iterations, scale = conjugate_gradients(
        conductance.reshape((1, *conductance.shape)), inverse[:1], transfer[:1], inverse[1], transfer[1],
        w, r, drops[1], work[:4], passed, tolerance, scale, limit,
    )  # fmt: skip
    if iterations >= 0:
        if warm:
            drops += start
        _at_ends(row_lines, row_volts, rows, drops[0], row_currents)
        _at_ends(column_lines, column_volts, columns, drops[1].T, column_currents)
    return iterations, scale
