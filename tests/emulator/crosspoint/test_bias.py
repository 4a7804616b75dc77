"""Bias schemes: mean gate-channel voltages of the four classes of cells, effective voltages, and update orders."""

import math

import numpy as np
import pytest

from emulator.crosspoint import bias
from emulator.crosspoint.gate_law import SinhGate
from emulator.crosspoint.lines import families
from emulator.crosspoint.write import WriteSolver

N, K, V = 32, 4, 4.0
F = K / N  # share of the selected columns, all cells being alike


def classes(layout, scheme, **wires):
    """Mean gate-channel voltage over V of selected, gate-only, column-only and unselected cells, and their spread."""
    lines = bias.SelectableLines(layout, N, N)
    drives = scheme(lines, range(K), range(K), V)
    ideal = {"segment_resistance": 1e-6, "driver_resistance": 1e-6}
    solver = WriteSolver((N, N), *families(layout, **(ideal | wires)))
    gates = SinhGate(leakage=1e-12)
    g, s, d = solver.solve(np.full((N, N), 1e-5), gates, drives.gate, drives.source, drives.drain).voltages
    v = (g - 0.5 * (s + d)) / V
    v = v.T if layout == "D" else v
    parts = (v[:K, :K], v[:K, K:], v[K:, :K], v[K:, K:])
    return [float(part.mean()) for part in parts], max(float(np.ptp(part)) for part in parts)


@pytest.mark.parametrize(
    ("scheme", "layout", "expected"),
    [
        (bias.half_bias, "A", (0.75, 0.5, 0.25, 0.0)),
        (bias.half_bias, "B", (0.75, 0.5, 0.25, 0.0)),
        (bias.half_bias, "C", (1.0, 0.5, 0.5, 0.0)),
        (bias.half_bias, "D", (0.75, 0.5, 0.25, 0.0)),
        (bias.half_bias_third_open, "A", ((3 + F) / 4, (2 + F) / 4, (1 + F) / 4, F / 4)),
        (bias.half_bias_gates_open, "A", (0.75, 0.5, (1 - F) / 4, -F / 4)),
        (bias.doubled_column, "A", (1.0, 0.5, 0.5, 0.0)),
        (bias.driven_channel, "C", (1.0, 0.5, 0.5, 0.0)),
        (bias.third_bias, "A", (1.0, 2 / 3, 1 / 3, 0.0)),
    ],
)
def test_mean_gate_channel_voltages(scheme, layout, expected):
    means, spread = classes(layout, scheme)
    assert means == pytest.approx(expected, abs=2.5e-6)  # 10 uV
    assert spread < 1e-5


def test_lab_wires_take_little_of_it():
    means, _ = classes("A", bias.half_bias, segment_resistance=1.0, driver_resistance=10.0)
    assert means == pytest.approx((0.75, 0.5, 0.25, 0.0), abs=0.005)
    assert means[0] < 0.75 - 1e-4


def test_the_third_terminal_follows_one_column():
    lines = bias.SelectableLines("A", 3, 1)
    drives = bias.driven_channel(lines, [1], [0], V)
    assert np.array_equal(drives.gate, [0.0, 2.0, 0.0])
    assert np.array_equal(drives.source, [-2.0] * 3)
    assert np.array_equal(drives.drain, [-2.0])
    with pytest.raises(ValueError, match="'A' with 2 column lines is not possible"):
        bias.driven_channel(bias.SelectableLines("A", 3, 2), [1], [0], V)


def test_a_gate_against_a_grounded_channel():
    drives = bias.grounded_channel(bias.SelectableLines("A", 2, 3), [1], V)
    assert np.array_equal(drives.gate, [0.0, V])
    assert not np.any(drives.source)
    assert not np.any(drives.drain)


@pytest.mark.parametrize(
    ("v0", "expected"),
    [(0.3, (0.885, 0.5, 0.385)), (0.5, (0.850, 0.5, 0.350)), (1.0, (0.808, 0.5, 0.304)), (2.0, (0.780, 0.5, 0.270))],
)
def test_effective_voltages_of_a_distributed_channel(v0, expected):
    """Selected, gate-only and column-only cells of half-bias at 6 V."""
    v_gs, v_gd = np.array([[3.0, 3.0, 0.0]]), np.array([[6.0, 3.0, 3.0]])
    total = sum(SinhGate(up=1.0, down=1.0, v0=v0).currents(v_gs, v_gd))[0]
    assert v0 * np.arcsinh(total) / 6.0 == pytest.approx(expected, abs=6e-4)
    exact = v0 / 3.0 * (math.cosh(6.0 / v0) - math.cosh(3.0 / v0))
    assert total[0] == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize(
    ("order", "pulses"), [("parallel", 1), ("column by column", 2), ("row by row", 3), ("cell by cell", 6)]
)
def test_every_order_writes_each_cell_once(order, pulses):
    lines = bias.SelectableLines("A", 5, 4)
    updates = list(bias.update(order, lines, [0, 2, 3], [1, 2]))
    written = sum(np.outer(gates, columns).astype(int) for gates, columns in updates)
    assert len(updates) == pulses
    assert np.array_equal(np.argwhere(written), [(i, j) for i in (0, 2, 3) for j in (1, 2)])
    assert written.max() == 1


def test_what_cannot_be_selected_is_refused():
    lines = bias.SelectableLines("D", 5, 4)
    assert (lines.gate_lines, lines.column_lines) == (4, 5)
    with pytest.raises(ValueError, match=r"selected lines = \[4\] are not possible: give numbers 0 to 3"):
        bias.half_bias(lines, [4], [0], V)
    with pytest.raises(ValueError, match="order = 'spiral' is not allowed: choose one of parallel, column by column"):
        list(bias.update("spiral", lines, [0], [0]))
    with pytest.raises(ValueError, match="layout = 'Z'"):
        bias.SelectableLines("Z", 1, 1)
