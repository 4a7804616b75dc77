"""The same circuits with an assembly of their own and a sparse direct solver."""

import numpy as np
import scipy.sparse as sparse
import scipy.sparse.linalg as sparse_linalg

GATE, SOURCE, DRAIN = range(3)


class Nodal:
    """Conductances between numbered nodes and from nodes to voltages."""

    def __init__(self, count):
        self.count, self._i, self._j, self._v, self.rhs = count, [], [], [], np.zeros(count)

    def branch(self, a, b, g):
        a, b = np.ravel(a), np.ravel(b)
        g = np.broadcast_to(np.ravel(g), a.shape)
        self._i += [a, b, a, b]
        self._j += [a, b, b, a]
        self._v += [g, g, -g, -g]

    def driver(self, a, g, volts):
        a = np.ravel(a)
        g = np.broadcast_to(np.ravel(g), a.shape)
        self._i.append(a)
        self._j.append(a)
        self._v.append(g)
        np.add.at(self.rhs, a, g * np.broadcast_to(np.ravel(volts), a.shape))

    @property
    def matrix(self):
        entries = (np.concatenate(self._v), (np.concatenate(self._i), np.concatenate(self._j)))
        return sparse.csc_matrix(entries, shape=(self.count, self.count))

    def lines(self, index, family, volts):
        """One family on its nodes `index` (rows, columns); volts one, (lines,) or (2, lines), NaN for open."""
        chain = index if family.along == "rows" else index.T
        lines, nodes = chain.shape
        near, far = np.broadcast_to(np.asarray(volts, float), (2, lines))
        wire = np.tile(np.broadcast_to(1.0 / np.asarray(family.segment_resistance), lines)[:, None], (1, nodes - 1))
        ends = [np.array(np.broadcast_to(1.0 / np.asarray(r, float), lines)) for r in
                (family.near_resistance, family.far_resistance)]  # fmt: skip
        for line, position in family.cuts:
            if position == 0:
                ends[0][line] = 0.0
            elif position == nodes:
                ends[1][line] = 0.0
            else:
                wire[line, position - 1] = 0.0
        self.branch(chain[:, :-1], chain[:, 1:], wire)
        for g, end, level in ((ends[0], chain[:, 0], near), (ends[1], chain[:, -1], far)):
            self.driver(end, np.where(np.isnan(level), 0.0, g), np.nan_to_num(level))
        leak = np.broadcast_to(np.asarray(family.leakage, float), lines) / nodes
        self.driver(chain, np.repeat(leak, nodes), 0.0)

    def solve(self, rhs=None):
        factors = sparse_linalg.splu(
            self.matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True}
        )
        rhs = self.rhs if rhs is None else rhs
        x = factors.solve(rhs)
        return x + factors.solve(rhs - self.matrix @ x)  # one step of refinement


def read(conductance, word, bit, word_volts, bit_volts=0.0):
    """Node voltages (2, rows, columns) of word and bit lines."""
    rows, columns = conductance.shape
    index = np.arange(2 * conductance.size).reshape(2, rows, columns)
    nodal = Nodal(index.size)
    nodal.lines(index[0], word, word_volts)
    nodal.lines(index[1], bit, bit_volts)
    nodal.branch(index[0], index[1], conductance)
    return nodal.solve().reshape(2, rows, columns)


def into_lines(voltages, family, volts):
    """Currents from the drivers into the lines, (2, lines)."""
    chain = voltages if family.along == "rows" else voltages.T
    near, far = np.broadcast_to(np.asarray(volts, float), (2, chain.shape[0]))
    pairs = ((family.near_resistance, near, chain[:, 0]), (family.far_resistance, far, chain[:, -1]))
    return np.array([(v - at) / np.asarray(r) for r, v, at in pairs])


def gate_currents(v_gs, v_gd, up, down, v0, offset, leakage, polarity, points=24):
    """Into source and drain, and their derivatives ss, sd, dd: quadrature over the channel."""
    nodes, weights = np.polynomial.legendre.leggauss(points)
    amplitude = np.where(polarity * 0.5 * (v_gs + v_gd) > offset, up, down)
    out = np.zeros((5, *np.shape(v_gs)))
    for x, w in zip(0.5 * (nodes + 1.0), 0.5 * weights, strict=True):
        u = (polarity * ((1.0 - x) * v_gs + x * v_gd) - offset) / v0
        sinh, cosh = w * amplitude * np.sinh(u) * polarity, w * amplitude / v0 * np.cosh(u)
        out += np.array([(1 - x) * sinh, x * sinh, (1 - x) ** 2 * cosh, x * (1 - x) * cosh, x * x * cosh])
    half = 0.5 * leakage
    return out + np.array([half * v_gs, half * v_gd, half + 0 * v_gs, 0 * v_gs, half + 0 * v_gs])


def write(channel, gate_law, families, volts, tolerance=1e-10):
    """Node voltages (3, rows, columns) by Newton's method with a sparse factorisation at each step."""
    shape = channel.shape
    index = np.arange(3 * channel.size).reshape(3, *shape)
    x = np.zeros((3, *shape))
    for _ in range(100):
        nodal = Nodal(index.size)
        for nodes, family, v in zip(index, families, volts, strict=True):
            nodal.lines(nodes, family, v)
        v_gs, v_gd = x[GATE] - x[SOURCE], x[GATE] - x[DRAIN]
        i_s, i_d, ss, sd, dd = gate_currents(v_gs, v_gd, **gate_law)
        nodal.branch(index[GATE], index[SOURCE], ss + sd)
        nodal.branch(index[GATE], index[DRAIN], dd + sd)
        nodal.branch(index[SOURCE], index[DRAIN], channel - sd)
        rest_s, rest_d = i_s - ss * v_gs - sd * v_gd, i_d - sd * v_gs - dd * v_gd
        rhs = nodal.rhs + np.stack([-rest_s - rest_d, rest_s, rest_d]).ravel()
        new = nodal.solve(rhs).reshape(x.shape)
        moved, x = np.abs(new - x).max(), new
        if moved < tolerance:
            return x
    raise RuntimeError("the reference did not converge")
