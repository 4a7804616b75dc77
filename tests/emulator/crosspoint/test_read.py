"""Read solver against a sparse direct solution, ideal lines and conservation of current and power."""

import math

import numpy as np
import pytest

from emulator.crosspoint.lines import LineFamily
from emulator.crosspoint.read import ReadSolver
from tests.emulator.crosspoint import direct


def problem(rows, columns, ohms=1.0, seed=0):
    rng = np.random.default_rng(seed)
    word = LineFamily(along="rows", segment_resistance=ohms, near_resistance=ohms)
    bit = LineFamily(along="columns", segment_resistance=ohms, near_resistance=math.inf, far_resistance=ohms)
    return 10 ** rng.uniform(-9, -4, (rows, columns)), word, bit, rng.uniform(0.0, 0.5, rows)


@pytest.mark.parametrize("size", [10, 32, 64, 128])
def test_currents_of_a_direct_solution(size):
    conductance, word, bit, volts = problem(size, size)
    solution = ReadSolver(conductance, word, bit).solve(volts)
    at_word, at_bit = direct.read(conductance, word, bit, volts)
    expected = direct.into_lines(at_bit, bit, 0.0)[1]
    assert -solution.bit_currents[1] == pytest.approx(-expected, rel=1e-9)
    assert solution.word == pytest.approx(at_word, abs=1e-10)
    assert solution.bit == pytest.approx(at_bit, abs=1e-10)


@pytest.mark.parametrize("words_along", ["rows", "columns"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 6), (7, 1), (3, 2), (9, 14)])
def test_any_shape_and_ends(words_along, shape):
    """Lines of different resistance, driven from both ends at different voltages, leaky, cut, some ends open."""
    rng = np.random.default_rng(3)
    along = ("rows", "columns") if words_along == "rows" else ("columns", "rows")
    counts = [shape[0] if a == "rows" else shape[1] for a in along]
    conductance = 10 ** rng.uniform(-7, -4, shape)
    word, bit = (
        LineFamily(
            along=a,
            segment_resistance=rng.uniform(0.5, 50.0, count),
            near_resistance=rng.uniform(1.0, 100.0, count),
            far_resistance=np.where(np.arange(count) % 2, math.inf, 20.0),
            leakage=1e-6,
            cuts=((0, 1), (count - 1, 0)),
        )
        for a, count in zip(along, counts, strict=True)
    )
    volts = [rng.uniform(-1.0, 1.0, (2, count)) for count in counts]
    solution = ReadSolver(conductance, word, bit).solve(*volts, tolerance=1e-13)
    expected = direct.read(conductance, word, bit, *volts)
    assert np.stack([solution.word, solution.bit]) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("size", [32, 128])
def test_wires_without_resistance_give_the_product(size):
    conductance, word, bit, volts = problem(size, size, 1e-9)
    currents = -ReadSolver(conductance, word, bit).solve(volts).bit_currents[1]
    assert currents == pytest.approx(volts @ conductance, rel=1e-9)


def test_current_and_power_are_conserved():
    conductance, word, bit, volts = problem(40, 23, ohms=5.0)
    solution = ReadSolver(conductance, word, bit).solve(volts, 0.1, tolerance=1e-12)
    total = np.abs(solution.word_currents).sum()
    assert solution.word_currents.sum() + solution.bit_currents.sum() == pytest.approx(0.0, abs=1e-11 * total)
    assert solution.delivered == pytest.approx(solution.dissipated, rel=1e-10)
    assert solution.delivered > 0.0


def test_a_warm_start_ends_at_the_same_voltages_sooner():
    conductance, word, bit, volts = problem(64, 64, ohms=5.0)
    solver = ReadSolver(conductance, word, bit)
    solver.solve(volts)
    cold = ReadSolver(conductance * 1.0001, word, bit).solve(volts)
    solver.set_conductance(conductance * 1.0001)
    warm = solver.solve(volts, warm=True)
    assert warm.bit == pytest.approx(cold.bit, abs=1e-11)
    assert warm.iterations < cold.iterations


@pytest.mark.parametrize("shape", [(6, 9), (9, 6)])
def test_port_matrix_gives_the_currents_of_solutions(shape):
    conductance, word, bit, _ = problem(*shape, ohms=10.0)
    volts = np.random.default_rng(1).uniform(-1.0, 1.0, (20, shape[0]))
    solver = ReadSolver(conductance, word, bit)
    one_by_one = np.array([-ReadSolver(conductance, word, bit).solve(v).bit_currents[1] for v in volts])
    assert solver.currents(volts[0]) == pytest.approx(one_by_one[0], rel=1e-9, abs=1e-18)
    assert solver.currents(volts) == pytest.approx(one_by_one, rel=1e-8, abs=1e-14)
    assert solver.port_matrix.shape == shape


def test_other_conductances_forget_the_port_matrix():
    conductance, word, bit, volts = problem(5, 5)
    solver = ReadSolver(conductance, word, bit)
    before = solver.port_matrix
    solver.set_conductance(2.0 * conductance)
    assert volts @ solver.port_matrix == pytest.approx(solver.currents(volts), rel=1e-9)
    assert (solver.port_matrix > 1.5 * before).all()


def test_a_floating_line_takes_the_mean_of_its_cells():
    word = LineFamily(along="rows", segment_resistance=1e-6, near_resistance=[10.0, math.inf])
    bit = LineFamily(along="columns", segment_resistance=1e-6, near_resistance=1e-6)
    conductance = np.array([[1e-5, 1e-5], [3e-5, 1e-5]])
    solution = ReadSolver(conductance, word, bit).solve(0.0, [1.0, 0.0])
    assert solution.word[1] == pytest.approx(0.75, abs=1e-6)


def test_what_nothing_holds_is_refused():
    word = LineFamily(along="rows", near_resistance=[10.0, math.inf])
    bit = LineFamily(along="columns")
    with pytest.raises(ValueError, match=r"word line 1 .*without any path.*1e-9 S"):
        ReadSolver([[1e-5, 1e-5], [0.0, 0.0]], word, bit)
    solver = ReadSolver([[1e-5, 1e-5], [0.0, 1e-9]], word, bit)
    before = solver.currents([0.1, 0.0])
    with pytest.raises(ValueError, match="word line 1 has a part without any path"):
        solver.set_conductance([[1e-5, 1e-5], [0.0, 0.0]])
    assert np.array_equal(solver.currents([0.1, 0.0]), before)


@pytest.mark.parametrize(
    ("conductance", "volts", "message"),
    [
        ([[1e-5, -1e-9]], 0.1, r"cell \(0, 1\) = -1e-09 S is not allowed: give 0 S or more"),
        ([[math.nan]], 0.1, r"nan S is not allowed"),
        ([1e-5], 0.1, "give \\(rows, columns\\)"),
        ([[1e-5]], math.inf, "inf V"),
        ([[1e-5]], math.nan, "NaN V"),
        ([[1e-5]], [1.0, 2.0, 3.0], r"voltages of the word lines have the shape \(3,\)"),
    ],
)
def test_impossible_problems_are_refused(conductance, volts, message):
    with pytest.raises(ValueError, match=message):
        ReadSolver(conductance, LineFamily(along="rows"), LineFamily(along="columns")).solve(volts)


@pytest.mark.parametrize("volts", [[0.1, math.nan], [-math.inf, 0.1]])
def test_impossible_voltages_of_bit_lines_are_refused_and_change_nothing(volts):
    conductance, word, bit, at_word = problem(3, 2)
    solver = ReadSolver(conductance, word, bit)
    before = solver.solve(at_word).bit_currents
    with pytest.raises(ValueError, match="a voltage"):
        solver.solve(at_word, volts)
    assert np.array_equal(solver.solve(at_word).bit_currents, before)


def test_conductances_that_are_refused_leave_the_old_ones():
    conductance, word, bit, volts = problem(4, 3)
    solver = ReadSolver(conductance, word, bit)
    before = solver.solve(volts).bit_currents
    for wrong in (-1e-9, math.nan, math.inf):
        other = 2.0 * conductance
        other[3, 1] = wrong
        with pytest.raises(ValueError, match=r"cell \(3, 1\)"):
            solver.set_conductance(other)
    assert np.array_equal(solver.solve(volts).bit_currents, before)


@pytest.mark.parametrize("words_along", ["rows", "columns"])
def test_a_warm_start_with_leaks_and_two_ends_reaches_a_direct_solution(words_along):
    along = ("rows", "columns") if words_along == "rows" else ("columns", "rows")
    word, bit = (
        LineFamily(along=a, segment_resistance=5.0, near_resistance=10.0, far_resistance=20.0, leakage=1e-5)
        for a in along
    )
    conductance = 10 ** np.random.default_rng(2).uniform(-7, -4, (6, 6))
    solver = ReadSolver(conductance, word, bit)
    solver.solve(0.2, [0.0, 0.1, 0.0, 0.0, 0.3, 0.0])
    volts = np.linspace(0.1, 0.6, 12).reshape(2, 6), np.linspace(0.0, 0.2, 6)
    solution = solver.solve(*volts, tolerance=1e-13, warm=True)
    expected = direct.read(conductance, word, bit, *volts)
    assert np.stack([solution.word, solution.bit]) == pytest.approx(expected, abs=1e-10)
    assert solution.bit_currents == pytest.approx(direct.into_lines(expected[1], bit, volts[1]), abs=1e-12)


def test_other_shapes_are_refused():
    solver = ReadSolver(np.full((2, 3), 1e-5), LineFamily(along="rows"), LineFamily(along="columns"))
    with pytest.raises(ValueError, match=r"give \(2, 3\)"):
        solver.set_conductance(np.full((3, 2), 1e-5))
    with pytest.raises(ValueError, match=r"give \(products, 2\)"):
        solver.currents(np.zeros((4, 3)))
