"""Write solver against Newton's method with sparse direct solutions, and conservation of current."""

import math

import numpy as np
import pytest

from emulator.crosspoint.gate_law import SinhGate
from emulator.crosspoint.lines import LineFamily, families
from emulator.crosspoint.write import WriteSolver
from tests.emulator.crosspoint import direct


def problem(layout, rows, columns, *, up=1e-10, seed=1, both_ends=False):
    rng = np.random.default_rng(seed)
    lines = families(layout, both_ends=both_ends)
    counts = [rows if family.along == "rows" else columns for family in lines]
    law = {
        "up": up * rng.uniform(0.5, 2.0, (rows, columns)),
        "down": 2.0 * up,
        "v0": 0.3 * rng.uniform(0.9, 1.1, (rows, columns)),
        "offset": 0.05,
        "leakage": 1e-10,
        "polarity": 1,
    }
    volts = [rng.choice([0.0, 2.0], counts[0]), np.zeros(counts[1]), rng.choice([0.0, -2.0], counts[2])]
    return 10 ** rng.uniform(-9, -4, (rows, columns)), law, lines, volts


def check(channel, law, lines, volts, **options):
    solution = WriteSolver(channel.shape, *lines).solve(channel, SinhGate(**law), *volts, **options)
    assert solution.voltages == pytest.approx(direct.write(channel, law, lines, volts), abs=1e-9)
    largest = max(np.abs(currents).max() for currents in solution.currents)
    assert sum(currents.sum() for currents in solution.currents) == pytest.approx(0.0, abs=1e-11 * largest)
    assert solution.left < 1e-11 * largest
    return solution


@pytest.mark.parametrize("layout", list("ABCD"))
@pytest.mark.parametrize("shape", [(1, 1), (3, 2), (8, 13), (32, 32)])
def test_voltages_of_a_direct_solution(layout, shape):
    check(*problem(layout, *shape, both_ends=layout == "B"))


@pytest.mark.parametrize("size", [64, 128])
def test_large_arrays(size):
    check(*problem("A", size, size))


def test_negative_polarity():
    channel, law, lines, volts = problem("A", 8, 8)
    check(channel, law | {"polarity": -1}, lines, volts)


def test_gate_current_that_pulls_its_lines_down():
    """Amperes through the gates: many steps, some of them halved."""
    channel, law, lines, volts = problem("A", 6, 6, up=1e-4)
    solution = check(channel, law, lines, volts)
    assert solution.steps > 4
    assert np.abs(solution.drops).max() > 0.1


def test_open_source_lines():
    channel, law, lines, volts = problem("A", 16, 16)
    volts[1] = np.full(16, math.nan)
    solution = check(channel, law, lines, volts)
    assert np.abs(solution.currents[1]).max() == 0.0


def test_open_and_cut_lines():
    """A part of a gate line without a driver settles where its gates and its leakage balance."""
    channel, law, lines, volts = problem("A", 9, 9)
    gate = LineFamily(along="rows", cuts=((2, 4),), leakage=1e-9)
    volts[0][4] = volts[2][1] = math.nan
    solution = WriteSolver((9, 9), gate, *lines[1:]).solve(channel, SinhGate(**law), *volts)
    g, s, d = solution.voltages
    through = sum(direct.gate_currents(g - s, g - d, **law)[:2]) + 1e-9 / 9.0 * g
    for part in (np.s_[4], np.s_[2, 4:]):
        assert through[part].sum() == pytest.approx(0.0, abs=1e-6 * np.abs(through[part]).sum())
    assert g[2, 3] == pytest.approx(2.0, abs=1e-3)
    assert abs(g[2, 4]) < 1.0
    assert solution.left < 1e-14


def test_a_warm_start_takes_fewer_steps():
    channel, law, lines, volts = problem("A", 32, 32)
    solver, gates = WriteSolver((32, 32), *lines), SinhGate(**law)
    first = solver.solve(channel, gates, *volts)
    cold = solver.solve(1.001 * channel, gates, *volts)
    warm = solver.solve(1.001 * channel, gates, *volts, start=first)
    assert warm.voltages == pytest.approx(cold.voltages, abs=1e-10)
    assert warm.steps < cold.steps


def test_extra_currents_enter_the_balance():
    """A constant current out of a gate node into its source: both lines carry it."""
    lines = families("A", driver_resistance=100.0)
    extra = np.zeros((3, 1, 1))
    extra[0], extra[1] = 1e-3, -1e-3
    solution = WriteSolver((1, 1), *lines).solve([[1e-9]], SinhGate(leakage=1e-12), 0.0, 0.0, 0.0, extra=extra)
    assert solution.voltages[:2].ravel() == pytest.approx([-0.1, 0.1], rel=1e-6)


def test_an_isolated_gate_line_is_refused():
    lines = families("A")
    with pytest.raises(ValueError, match=r"gate or source line 0 has a part without any path"):
        WriteSolver((2, 2), *lines).solve(np.full((2, 2), 1e-5), SinhGate(), [math.nan, 1.0], 0.0, 0.0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"up": -1e-9}, "up = -1e-09 A is not allowed: give finite 0 A or more"),
        ({"v0": 0.0}, "v0 = 0.0 V is not allowed"),
        ({"leakage": math.inf}, "leakage = inf S"),
        ({"polarity": 2}, "polarity = 2"),
        ({"offset": math.nan}, "offset is not finite"),
    ],
)
def test_impossible_gates_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        SinhGate(**changes)


def test_shapes_must_fit():
    solver = WriteSolver((2, 2), *families("A"))
    with pytest.raises(ValueError, match=r"give \(2, 2\)"):
        solver.solve(np.ones((3, 2)), SinhGate(), 0.0, 0.0, 0.0)
    with pytest.raises(ValueError, match=r"up of the gates has the shape \(3,\)"):
        solver.solve(np.ones((2, 2)), SinhGate(up=np.ones(3)), 0.0, 0.0, 0.0)


@pytest.mark.parametrize("v0", [0.05, 0.3, 2.0])
@pytest.mark.parametrize("polarity", [1, -1])
def test_the_law_is_the_mean_over_the_channel(v0, polarity):
    spread = np.array([[0.0, 1e-9, 1e-3, 0.0299, 0.0301, 0.3, 1.0]]) * v0 / 0.3
    v_gs = 0.7 * v0 + spread
    v_gd = 0.7 * v0 - 2.0 * spread
    law = {"up": 1e-9, "down": 3e-9, "v0": v0, "offset": 0.1 * v0, "leakage": 1e-10, "polarity": polarity}
    expected = direct.gate_currents(v_gs, v_gd, **law)
    assert np.stack(SinhGate(**law).currents(v_gs, v_gd)) == pytest.approx(expected[:2], rel=1e-11, abs=1e-24)
