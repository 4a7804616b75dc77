"""Compiled linear solver of a crosspoint network: sweeps along lines inside, conjugate gradients outside.

One or two line families run in parallel (the *bundle*), one family crosses them. Unknown are node voltages; the bundle
is eliminated exactly by sweeps, which leaves the Schur complement

    S = A_x - C^T A_b^-1 C

on the nodes of the crossing lines, A_b and A_x being the lines with everything that hangs on their nodes and C the
conductances between the two. S is symmetric and positive definite; conjugate gradients, preconditioned by A_x, need
3 to 20 iterations. Time and memory per iteration go with the number of cells. The preconditioner saves the product
with A_x: from ``A_x z = r`` follows ``A_x p = r + beta A_x p`` along with ``p = z + beta p``.

All arrays are in *line layout*: axis 0 runs along the lines, the last axis counts them, so that every step of a sweep
is one vector operation over the lines. `segment[k]` is the conductance from node k to node k + 1; the last row is 0.

Pivots are kept as conductances to ground: the part of a line before node k looks from there like
``Y = own + Y' g/(Y' + g)``, a sum of positive terms, which stays exact however little resistance the wires have.
"""

# Numba infers the types of compiled functions, from the signature of the entry point.
# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False

import math

import numpy as np
from numba import njit

_BLOCK = 128  # lines that go through a sweep together, so that what they touch stays in cache
_TILE = 8  # doubles in a cache line: a tile is read and written in whole lines, whatever the strides are

NO_CONVERGENCE, SINGULAR = -1, -2

# Sums may be reordered and products fused with them; infinities and NaN still show.
_FAST = {"contract", "reassoc", "nsz"}
_entry = njit(error_model="numpy", fastmath=_FAST, cache=True, nogil=True)
_helper = njit(error_model="numpy", fastmath=_FAST, no_cpython_wrapper=True, no_cfunc_wrapper=True)  # type: ignore[call-overload]


@_entry
def factorise(diagonal, segment, inverse, transfer):
    """Factors of single lines: inverse pivots [Ohm] and the share of a current that passes on to the next node.

    All (nodes, lines); diagonal [S]: conductance of each node to anything but its neighbours on the line.
    """
    nodes, lines = diagonal.shape
    for i in range(lines):
        inverse[0, i] = diagonal[0, i]
    for k in range(nodes):
        for i in range(lines):
            y, g = inverse[k, i], segment[k, i]
            pivot = 1.0 / (y + g)
            inverse[k, i] = pivot
            transfer[k, i] = g * pivot
            if k + 1 < nodes:
                inverse[k + 1, i] = diagonal[k + 1, i] + y * g * pivot


@_entry
def factorise_pair(own, coupling, segment, inverse):
    """Factors of pairs of parallel lines.

    own (2, nodes, lines): conductance of each node to anything but its neighbours and its partner; coupling (nodes,
    lines): to its partner; segment (2, nodes, lines); out: inverse (3, nodes, lines), entries 11, 12, 22 of the inverse
    pivots. The part before a node is a two-port of conductances a, b to ground and c between.
    """
    nodes, lines = coupling.shape
    for i in range(lines):
        a, b, c = 0.0, 0.0, 0.0
        for k in range(nodes):
            a, b, c = a + own[0, k, i], b + own[1, k, i], c + coupling[k, i]
            g, h = segment[0, k, i], segment[1, k, i]
            scale = 1.0 / ((g + a) * (h + b) + c * (g + a + h + b))
            inverse[0, k, i] = (h + b + c) * scale
            inverse[1, k, i] = c * scale
            inverse[2, k, i] = (g + a + c) * scale
            a, b, c = (
                g * scale * (a * (h + b + c) + b * c),
                h * scale * (b * (g + a + c) + a * c),
                g * h * scale * c,
            )


@_helper
def _solve(inverse, transfer, x):
    """Node voltages of single lines from injected currents, in place."""
    nodes, lines = x.shape
    for start in range(0, lines, _BLOCK):
        stop = min(lines, start + _BLOCK)
        for k in range(1, nodes):
            for i in range(start, stop):
                x[k, i] += transfer[k - 1, i] * x[k - 1, i]
        for i in range(start, stop):
            x[nodes - 1, i] *= inverse[nodes - 1, i]
        for k in range(nodes - 2, -1, -1):
            for i in range(start, stop):
                x[k, i] = inverse[k, i] * x[k, i] + transfer[k, i] * x[k + 1, i]


@_helper
def _solve_pair(inverse, segment, x):
    """Node voltages of pairs of lines from injected currents (2, nodes, lines), in place."""
    nodes, lines = x.shape[1:]
    for start in range(0, lines, _BLOCK):
        stop = min(lines, start + _BLOCK)
        for k in range(nodes):
            for i in range(start, stop):
                u, v = x[0, k, i], x[1, k, i]
                x[0, k, i] = inverse[0, k, i] * u + inverse[1, k, i] * v
                x[1, k, i] = inverse[1, k, i] * u + inverse[2, k, i] * v
            if k + 1 < nodes:
                for i in range(start, stop):
                    x[0, k + 1, i] += segment[0, k, i] * x[0, k, i]
                    x[1, k + 1, i] += segment[1, k, i] * x[1, k, i]
        for k in range(nodes - 2, -1, -1):
            for i in range(start, stop):
                u, v = segment[0, k, i] * x[0, k + 1, i], segment[1, k, i] * x[1, k + 1, i]
                x[0, k, i] += inverse[0, k, i] * u + inverse[1, k, i] * v
                x[1, k, i] += inverse[1, k, i] * u + inverse[2, k, i] * v


@_helper
def _eliminate(inverse, link, w):
    if w.shape[0] == 1:
        _solve(inverse[0], link[0], w[0])
    else:
        _solve_pair(inverse, link, w)


@_helper
def _spread(coupling, x, out, tile):
    """out = C x: currents into the nodes of one family of the bundle, whose layout is the transposed one."""
    nodes, lines = x.shape
    for top in range(0, nodes, _TILE):
        height = min(_TILE, nodes - top)
        for left in range(0, lines, _TILE):
            width = min(_TILE, lines - left)
            for i in range(height):
                for j in range(width):
                    tile[i, j] = coupling[top + i, left + j] * x[top + i, left + j]
            for j in range(width):
                for i in range(height):
                    out[left + j, top + i] = tile[i, j]


@_helper
def _collect(coupling, w, sign, out, tile):
    """out += sign C^T w: currents of one family of the bundle into the nodes of the crossing lines."""
    nodes, lines = out.shape
    for top in range(0, nodes, _TILE):
        height = min(_TILE, nodes - top)
        for left in range(0, lines, _TILE):
            width = min(_TILE, lines - left)
            for j in range(width):
                for i in range(height):
                    tile[j, i] = w[left + j, top + i]
            for i in range(height):
                for j in range(width):
                    out[top + i, left + j] += sign * coupling[top + i, left + j] * tile[j, i]


@_helper
def _dot(a, b):
    total = 0.0
    for k in range(a.shape[0]):
        for i in range(a.shape[1]):
            total += a[k, i] * b[k, i]
    return total


@_helper
def _turn(z, r, beta, p, s, q):
    """New direction p and its product s with A_x, kept also in q."""
    for k in range(p.shape[0]):
        for i in range(p.shape[1]):
            p[k, i] = z[k, i] + beta * p[k, i]
            along = r[k, i] + beta * s[k, i]
            s[k, i] = along
            q[k, i] = along


@_helper
def _advance(step, p, q, x, r, z):
    """One step along p; z becomes a copy of the new r."""
    for k in range(p.shape[0]):
        for i in range(p.shape[1]):
            x[k, i] += step * p[k, i]
            left = r[k, i] - step * q[k, i]
            r[k, i] = left
            z[k, i] = left


@_entry
def conjugate_gradients(coupling, inverse, link, x_inverse, x_transfer, w, r, x, work, passed, tolerance, scale, limit):
    """Solve the network -> (iterations or NO_CONVERGENCE or SINGULAR, scale of the errors).

    In: w (families, lines, nodes) and r (nodes, lines), currents injected into the nodes of the bundle and of the
    crossing lines [A]. Out: w and x, their voltages [V]. coupling (families, nodes, lines) [S]; inverse, link: factors
    of the bundle, of `factorise` (inverse, transfer) or `factorise_pair` (inverse, segment); x_inverse, x_transfer
    (nodes, lines): of the crossing lines. work (4, nodes, lines), passed as w: space to work in.

    Ends when the energy of the error, ``r A_x^-1 r`` [W], has fallen to tolerance^2 times `scale` [W]; with scale = 0,
    times its own value at the start, which is returned.
    """
    p, s, q, z = work[0], work[1], work[2], work[3]
    tile = np.empty((_TILE, _TILE))
    families = w.shape[0]
    _eliminate(inverse, link, w)
    for f in range(families):
        _collect(coupling[f], w[f], 1.0, r, tile)
    x[:] = 0.0
    p[:] = 0.0
    s[:] = 0.0
    z[:] = r
    before, goal = 1.0, 0.0
    iterations = NO_CONVERGENCE
    for iteration in range(limit + 1):
        _solve(x_inverse, x_transfer, z)
        energy = _dot(r, z)
        if not (energy >= 0.0 and math.isfinite(energy)):
            return SINGULAR, scale
        if iteration == 0:
            scale = scale if scale > 0.0 else energy
            goal = tolerance * tolerance * scale
        if energy <= goal:
            iterations = iteration
            break
        _turn(z, r, energy / before if iteration else 0.0, p, s, q)
        before = energy
        for f in range(families):
            _spread(coupling[f], p, passed[f], tile)
        _eliminate(inverse, link, passed)
        for f in range(families):
            _collect(coupling[f], passed[f], -1.0, q, tile)
        curvature = _dot(p, q)
        if not (curvature > 0.0 and math.isfinite(curvature)):
            return SINGULAR, scale
        _advance(energy / curvature, p, q, x, r, z)
    for f in range(families):
        _spread(coupling[f], x, passed[f], tile)
    _eliminate(inverse, link, passed)
    for f in range(families):
        for k in range(w.shape[1]):
            for i in range(w.shape[2]):
                w[f, k, i] += passed[f, k, i]
    return iterations, scale


@_entry
def leaving(voltage, segment, ground, out):
    """Currents that leave nodes along their lines and to ground, added to `out`; all (nodes, lines).

    ground [S]: conductance of each node to its drivers and through leakage.
    """
    nodes, lines = voltage.shape
    for k in range(nodes):
        for i in range(lines):
            out[k, i] += ground[k, i] * voltage[k, i]
        if k + 1 < nodes:
            for i in range(lines):
                along = segment[k, i] * (voltage[k, i] - voltage[k + 1, i])
                out[k, i] += along
                out[k + 1, i] -= along
