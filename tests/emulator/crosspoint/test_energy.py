"""Energy of updates: the split, its sum, and parallel against sequential orders."""

import numpy as np
import pytest

from emulator.crosspoint import bias
from emulator.crosspoint.energy import power_split
from emulator.crosspoint.gate_law import SinhGate
from emulator.crosspoint.lines import families
from emulator.crosspoint.write import WriteSolver


def test_all_that_is_delivered_turns_up():
    rng = np.random.default_rng(0)
    channel = 10 ** rng.uniform(-8, -4, (24, 24))
    solver = WriteSolver((24, 24), *families("A", segment_resistance=5.0))
    drives = bias.half_bias(bias.SelectableLines("A", 24, 24), range(3), range(3), 4.0)
    gates = SinhGate(up=1e-9, down=2e-9, v0=0.4, leakage=1e-8)
    split = power_split(solver.solve(channel, gates, drives.gate, drives.source, drives.drain), channel)
    parts = (split.gate_source, split.gate_drain, split.channel, split.wires, split.drivers)
    assert min(parts) > 0.0
    assert sum(parts) == pytest.approx(split.delivered, rel=1e-10)
    assert split.cells == split.gate_source + split.gate_drain + split.channel


def test_one_cell():
    """3 V on the gate, -3 V on the drain, source at 0 V: g (3^2 + 6^2) + G 3^2."""
    ideal = families("A", segment_resistance=1e-6, driver_resistance=1e-6)
    solution = WriteSolver((1, 1), *ideal).solve([[1e-6]], SinhGate(leakage=2e-9), 3.0, 0.0, -3.0)
    split = power_split(solution, np.array([[1e-6]]))
    assert split.gate_source == pytest.approx(1e-9 * 9.0, rel=1e-9)
    assert split.gate_drain == pytest.approx(1e-9 * 36.0, rel=1e-9)
    assert split.channel == pytest.approx(1e-6 * 9.0, rel=1e-9)


def relative_energy(n, ratio, order):
    """Energy in the cells of an order over that of a parallel update; ratio: channel over gate conductance."""
    lines = bias.SelectableLines("A", n, n)
    solver = WriteSolver((n, n), *families("A", segment_resistance=1e-5, driver_resistance=1e-5))
    channel, gates = np.full((n, n), ratio * 1e-9), SinhGate(leakage=2e-9)

    def energy(name):
        total = 0.0
        for selected in bias.update(name, lines, range(n), range(n)):
            drives = bias.half_bias(lines, *selected, 6.0)
            solution = solver.solve(channel, gates, drives.gate, drives.source, drives.drain)
            total += power_split(solution, channel).cells
        return total

    return energy(order) / energy("parallel")


def closed_form(n, ratio, order):
    def cell(v_g, v_d):
        return v_g**2 + (v_g - v_d) ** 2 + ratio * v_d**2

    selected, gate_only, column_only = cell(3, -3), cell(3, 0), cell(0, -3)
    return {
        "column by column": 1.0 + (n - 1) * gate_only / selected,
        "row by row": 1.0 + (n - 1) * column_only / selected,
        "cell by cell": 1.0 + (n - 1) * (gate_only + column_only) / selected,
    }[order]


@pytest.mark.parametrize("order", ["column by column", "row by row", "cell by cell"])
@pytest.mark.parametrize(("n", "ratio"), [(2, 1), (8, 1), (8, 100), (8, 1000)])
def test_sequential_over_parallel_energy(n, ratio, order):
    assert relative_energy(n, ratio, order) == pytest.approx(closed_form(n, ratio, order), rel=1e-5)


@pytest.mark.parametrize(
    ("ratio", "expected"), [(1, (3.33, 3.33, 5.67)), (100, (1.13, 7.73, 7.87)), (1000, (1.01, 7.97, 7.99))]
)
def test_printed_ratios(ratio, expected):
    """What Kang et al. 2022 find in kind: column by column keeps channel current out of unselected cells."""
    orders = ("column by column", "row by row", "cell by cell")
    assert [relative_energy(8, ratio, order) for order in orders] == pytest.approx(expected, abs=0.006)
