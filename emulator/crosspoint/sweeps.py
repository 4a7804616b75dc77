"""Compiled linear solver of a crosspoint network: sweeps along lines inside, conjugate gradients outside.

One or two line families run in parallel (the *bundle*), one family crosses them. Unknown are node voltages; the bundle
is eliminated exactly by sweeps, which leaves the Schur complement

    S = A_x - C^T A_b^-1 C

on the nodes of the crossing lines, A_b and A_x being the lines with everything that hangs on their nodes and C the
conductances between the two. S is symmetric and positive definite; conjugate gradients, preconditioned by A_x, need
3 to 20 iterations. Time and memory per iteration go with the number of cells. The preconditioner saves the product
with A_x: from ``A_x z = r`` follows ``A_x p = r + beta A_x p`` along with ``p = z + beta p``.

All arrays are (rows, columns): lines of the bundle run along axis 1, those that cross them along axis 0. Sweeps across
all crossing lines at once are vector operations; along the bundle, several lines advance together, to hide the latency
of the recurrence. ``segment[i, k]`` is the conductance from a node to the next one of its line, 0 for the last.

Pivots are kept as conductances to ground: the part of a line before node k looks from there like
``Y = own + Y' g/(Y' + g)``, a sum of positive terms, which stays exact however little resistance the wires have.
"""

# Numba infers the types of compiled functions, from the signature of the entry point.
# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False

import math

import numpy as np
from numba import njit

NO_CONVERGENCE, SINGULAR = -1, -2
_ROWS = 8  # lines of the bundle whose divisions overlap

# Sums may be reordered and products fused with them; infinities and NaN still show.
FAST = {"contract", "reassoc", "nsz"}
_entry = njit(error_model="numpy", fastmath=FAST, cache=True, nogil=True)
_helper = njit(error_model="numpy", fastmath=FAST, no_cpython_wrapper=True, no_cfunc_wrapper=True)  # type: ignore[call-overload]


# ---- factors ----


@_helper
def _pivots(own, segment, before, inverse, transfer):
    """Factors of one node of every crossing line; before [S]: what the earlier part of each line adds, updated."""
    for i in range(own.size):
        y, g = own[i] + before[i], segment[i]
        pivot = 1.0 / (y + g)
        inverse[i] = pivot
        transfer[i] = g * pivot
        before[i] = y * g * pivot


@_entry
def factorise_crossing(own, segment, inverse, transfer):
    """Factors of the crossing lines: inverse pivots [Ohm], and the share of a current that passes on to the next node.

    own [S]: conductance of each node to anything but its neighbours on the line.
    """
    before = np.zeros(own.shape[1])
    for k in range(own.shape[0]):
        _pivots(own[k], segment[k], before, inverse[k], transfer[k])


@_entry
def factorise_bundle(own, segment, inverse, transfer):
    """The same for a bundle of one family."""
    rows, columns = own.shape
    before = np.zeros(_ROWS)
    for top in range(0, rows, _ROWS):
        height = min(_ROWS, rows - top)
        before[:] = 0.0
        for k in range(columns):
            for j in range(height):
                y, g = own[top + j, k] + before[j], segment[top + j, k]
                pivot = 1.0 / (y + g)
                inverse[top + j, k] = pivot
                transfer[top + j, k] = g * pivot
                before[j] = y * g * pivot


@_entry
def factorise_pairs(own, inner, segment, inverse):
    """Factors of a bundle of two families, which are pairs of parallel lines.

    own (2, rows, columns): conductance of each node to anything but its neighbours and its partner; inner: to its
    partner; segment (2, rows, columns); out: inverse (3, rows, columns), entries 11, 12, 22 of the inverse pivots.
    The part before a node is a two-port of conductances a, b to ground and c between.
    """
    rows, columns = inner.shape
    before = np.zeros((3, _ROWS))
    for top in range(0, rows, _ROWS):
        height = min(_ROWS, rows - top)
        before[:] = 0.0
        for k in range(columns):
            for j in range(height):
                i = top + j
                a, b, c = own[0, i, k] + before[0, j], own[1, i, k] + before[1, j], inner[i, k] + before[2, j]
                g, h = segment[0, i, k], segment[1, i, k]
                scale = 1.0 / ((g + a) * (h + b) + c * (g + a + h + b))
                inverse[0, i, k] = (h + b + c) * scale
                inverse[1, i, k] = c * scale
                inverse[2, i, k] = (g + a + c) * scale
                before[0, j] = g * scale * (a * (h + b + c) + b * c)
                before[1, j] = h * scale * (b * (g + a + c) + a * c)
                before[2, j] = g * h * scale * c


# ---- the bundle: voltages from injected currents, in place ----


@_helper
def _solve_bundle(inverse, transfer, w):
    rows, columns = w.shape
    last = rows - 1
    for a in range(0, rows, 4):  # where fewer than four are left, the last one goes through several times alike
        b, c, d = min(a + 1, last), min(a + 2, last), min(a + 3, last)
        x, y, z, u = w[a, 0], w[b, 0], w[c, 0], w[d, 0]
        for k in range(1, columns):
            x = w[a, k] + transfer[a, k - 1] * x
            y = w[b, k] + transfer[b, k - 1] * y
            z = w[c, k] + transfer[c, k - 1] * z
            u = w[d, k] + transfer[d, k - 1] * u
            w[a, k], w[b, k], w[c, k], w[d, k] = x, y, z, u
        x = y = z = u = 0.0
        for k in range(columns - 1, -1, -1):
            x = inverse[a, k] * w[a, k] + transfer[a, k] * x
            y = inverse[b, k] * w[b, k] + transfer[b, k] * y
            z = inverse[c, k] * w[c, k] + transfer[c, k] * z
            u = inverse[d, k] * w[d, k] + transfer[d, k] * u
            w[a, k], w[b, k], w[c, k], w[d, k] = x, y, z, u


@_helper
def _solve_pairs(inverse, segment, w):
    rows, columns = w.shape[1:]
    for a in range(0, rows, 2):
        b = min(a + 1, rows - 1)
        x = y = z = u = 0.0  # currents that pass on to the next node
        for k in range(columns):
            x, y, z, u = x + w[0, a, k], y + w[1, a, k], z + w[0, b, k], u + w[1, b, k]
            x, y = inverse[0, a, k] * x + inverse[1, a, k] * y, inverse[1, a, k] * x + inverse[2, a, k] * y
            z, u = inverse[0, b, k] * z + inverse[1, b, k] * u, inverse[1, b, k] * z + inverse[2, b, k] * u
            w[0, a, k], w[1, a, k], w[0, b, k], w[1, b, k] = x, y, z, u
            x, y, z, u = segment[0, a, k] * x, segment[1, a, k] * y, segment[0, b, k] * z, segment[1, b, k] * u
        x = y = z = u = 0.0  # voltages of the next node
        for k in range(columns - 1, -1, -1):
            x, y, z, u = segment[0, a, k] * x, segment[1, a, k] * y, segment[0, b, k] * z, segment[1, b, k] * u
            x, y = inverse[0, a, k] * x + inverse[1, a, k] * y, inverse[1, a, k] * x + inverse[2, a, k] * y
            z, u = inverse[0, b, k] * z + inverse[1, b, k] * u, inverse[1, b, k] * z + inverse[2, b, k] * u
            x, y, z, u = x + w[0, a, k], y + w[1, a, k], z + w[0, b, k], u + w[1, b, k]
            w[0, a, k], w[1, a, k], w[0, b, k], w[1, b, k] = x, y, z, u


@_helper
def _eliminate(inverse, link, w):
    if w.shape[0] == 1:
        _solve_bundle(inverse[0], link[0], w[0])
    else:
        _solve_pairs(inverse, link, w)


@_helper
def _schur_lines(coupling, inverse, transfer, p, s, q, passed):
    """q = s - C A_b^-1 C p for a bundle of one family, four lines at a time; passed (columns, 4): space to work in."""
    rows, columns = p.shape
    last = rows - 1
    for a in range(0, rows, 4):  # as in `_solve_bundle`
        b, c, d = min(a + 1, last), min(a + 2, last), min(a + 3, last)
        x, y, z, u = (
            coupling[a, 0] * p[a, 0],
            coupling[b, 0] * p[b, 0],
            coupling[c, 0] * p[c, 0],
            coupling[d, 0] * p[d, 0],
        )
        passed[0, 0], passed[0, 1], passed[0, 2], passed[0, 3] = x, y, z, u
        for k in range(1, columns):
            x = coupling[a, k] * p[a, k] + transfer[a, k - 1] * x
            y = coupling[b, k] * p[b, k] + transfer[b, k - 1] * y
            z = coupling[c, k] * p[c, k] + transfer[c, k - 1] * z
            u = coupling[d, k] * p[d, k] + transfer[d, k - 1] * u
            passed[k, 0], passed[k, 1], passed[k, 2], passed[k, 3] = x, y, z, u
        x = y = z = u = 0.0
        for k in range(columns - 1, -1, -1):
            x = inverse[a, k] * passed[k, 0] + transfer[a, k] * x
            y = inverse[b, k] * passed[k, 1] + transfer[b, k] * y
            z = inverse[c, k] * passed[k, 2] + transfer[c, k] * z
            u = inverse[d, k] * passed[k, 3] + transfer[d, k] * u
            q[a, k] = s[a, k] - coupling[a, k] * x
            q[b, k] = s[b, k] - coupling[b, k] * y
            q[c, k] = s[c, k] - coupling[c, k] * z
            q[d, k] = s[d, k] - coupling[d, k] * u


# ---- the crossing lines: row by row of their nodes; all quantities flat, which spares the compiler doubts ----


@_helper
def _solve_crossing(inverse, transfer, lines, r, z):
    """z = A_x^-1 r -> r z."""
    nodes = r.size
    z[:lines] = r[:lines]
    for k in range(lines, nodes, lines):
        passing, before, into, out = transfer[k - lines : k], z[k - lines : k], r[k : k + lines], z[k : k + lines]
        for i in range(lines):
            out[i] = into[i] + passing[i] * before[i]
    for i in range(nodes - lines, nodes):
        z[i] *= inverse[i]
    for k in range(nodes - 2 * lines, -1, -lines):
        passing, after, own, out = (
            transfer[k : k + lines],
            z[k + lines : k + 2 * lines],
            inverse[k : k + lines],
            z[k : k + lines],
        )
        for i in range(lines):
            out[i] = own[i] * out[i] + passing[i] * after[i]
    return _dot(r, z)


@_helper
def _step(step, p, q, x, r):
    """x += step p, r -= step q."""
    for i in range(p.size):
        x[i] += step * p[i]
        r[i] -= step * q[i]


@_helper
def _turn(z, r, beta, p, s):
    """New direction p, and its product s with A_x."""
    for i in range(p.size):
        p[i] = z[i] + beta * p[i]
        s[i] = r[i] + beta * s[i]


@_helper
def _add_times(sign, coupling, x, out):
    for i in range(x.size):
        out[i] += sign * coupling[i] * x[i]


@_helper
def _times(coupling, x, out):
    for i in range(x.size):
        out[i] = coupling[i] * x[i]


@_helper
def _dot(a, b):
    total = 0.0
    for i in range(a.size):
        total += a[i] * b[i]
    return total


@_helper
def _schur(coupling, inverse, link, p, s, q, passed, four):
    """q = s - C^T A_b^-1 C p, where s = A_x p."""
    if passed.shape[0] == 1:
        _schur_lines(coupling[0], inverse[0], link[0], p, s, q, four)
        return
    for f in range(passed.shape[0]):
        _times(coupling[f].ravel(), p.ravel(), passed[f].ravel())
    _eliminate(inverse, link, passed)
    q[:] = s
    for f in range(passed.shape[0]):
        _add_times(-1.0, coupling[f].ravel(), passed[f].ravel(), q.ravel())


@_helper
def _follow(coupling, inverse, link, x, w, passed):
    """Add to the voltages w of the bundle what the voltages x of the crossing lines do to them."""
    for f in range(w.shape[0]):
        _times(coupling[f].ravel(), x.ravel(), passed[f].ravel())
    _eliminate(inverse, link, passed)
    w += passed


# ---- the whole ----


@_entry
def conjugate_gradients(coupling, inverse, link, x_inverse, x_transfer, w, r, x, work, passed, tolerance, scale, limit):
    """Solve for the nodes of the crossing lines -> (iterations or NO_CONVERGENCE or SINGULAR, scale of the errors).

    In: w (families, rows, columns) and r, currents injected into the nodes of the bundle and of the crossing lines [A],
    both overwritten. Out: voltages x of the crossing lines and w of the bundle [V]. coupling (families, rows, columns)
    [S]; inverse, link: factors of the bundle, of `factorise_bundle` (inverse, transfer) or
    `factorise_pairs` (inverse, segment); x_inverse, x_transfer: of the crossing lines. work (4, rows, columns), passed
    as w: space to work in. All arrays are contiguous.

    Ends when the energy of the error, ``r A_x^-1 r`` [W], has fallen to tolerance^2 times `scale` [W]; with scale = 0,
    times its own value at the start, which is returned.
    """
    p, s, q, z = work[0], work[1], work[2], work[3]
    p_flat, s_flat, q_flat, z_flat, r_flat, x_flat = p.ravel(), s.ravel(), q.ravel(), z.ravel(), r.ravel(), x.ravel()
    lines, four = x.shape[1], np.empty((x.shape[1], 4))
    _eliminate(inverse, link, w)
    for f in range(w.shape[0]):
        _add_times(1.0, coupling[f].ravel(), w[f].ravel(), r_flat)
    x[:] = 0.0
    before, goal = 1.0, 0.0
    for iteration in range(limit + 1):
        energy = _solve_crossing(x_inverse.ravel(), x_transfer.ravel(), lines, r_flat, z_flat)
        if not (energy >= 0.0 and math.isfinite(energy)):
            return SINGULAR, scale
        if iteration == 0:
            scale = scale if scale > 0.0 else energy
            goal = tolerance * tolerance * scale
        if energy <= goal:
            _follow(coupling, inverse, link, x, w, passed)
            return iteration, scale
        if iteration == 0:
            p[:] = z
            s[:] = r
        else:
            _turn(z_flat, r_flat, energy / before, p_flat, s_flat)
        before = energy
        _schur(coupling, inverse, link, p, s, q, passed, four)
        curvature = _dot(p_flat, q_flat)
        if not (curvature > 0.0 and math.isfinite(curvature)):
            return SINGULAR, scale
        _step(energy / curvature, p_flat, q_flat, x_flat, r_flat)
    return NO_CONVERGENCE, scale
