"""Line families: what is refused, and what a cut, a leak and an end do."""

import math

import numpy as np
import pytest

from emulator.crosspoint.lines import Ladder, LineFamily, families
from emulator.crosspoint.read import ReadSolver
from emulator.crosspoint.write import WriteSolver


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"along": "diagonals"}, "along = 'diagonals' is not allowed: choose rows or columns"),
        ({"segment_resistance": 0.0}, r"segment_resistance = 0.0 Ohm is not allowed: give 1e-09 to 1e\+15 Ohm"),
        ({"segment_resistance": [1.0, math.inf]}, "segment_resistance = inf Ohm"),
        ({"near_resistance": -1.0}, "near_resistance = -1.0 Ohm .*or inf for none"),
        ({"far_resistance": math.nan}, "far_resistance = nan Ohm"),
        ({"leakage": -1e-9}, "leakage = -1e-09 S"),
    ],
)
def test_impossible_lines_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        LineFamily(**({"along": "rows"} | changes))


def test_what_does_not_fit_the_array_is_refused():
    with pytest.raises(ValueError, match=r"segment_resistance of the gate lines has the shape \(3,\): give \(2,\)"):
        Ladder(LineFamily(along="rows", segment_resistance=[1.0, 2.0, 3.0]), (2, 3), "gate")
    with pytest.raises(ValueError, match=r"cut \(2, 0\) does not exist: the 2 gate lines .* 0 to 3"):
        Ladder(LineFamily(along="rows", cuts=((2, 0),)), (2, 3), "gate")


def test_lines_must_cross():
    rows = LineFamily(along="rows")
    with pytest.raises(ValueError, match="bit lines run along rows as other lines do"):
        ReadSolver([[1e-5]], rows, rows)
    with pytest.raises(ValueError, match="all run along rows"):
        WriteSolver((1, 1), rows, rows, rows)


def test_layouts():
    assert [f.along for f in families("D")] == ["columns", "rows", "columns"]
    assert families("A", both_ends=True)[0].far_resistance == 10.0
    with pytest.raises(ValueError, match="layout = 'E' is not allowed: choose one of A, B, C, D"):
        families("E")


def test_a_cut_line_ends_there():
    """The far part of the cut word line floats at the bit lines; the near part reads as before."""
    conductance = np.full((1, 4), 1e-5)
    word = LineFamily(along="rows", segment_resistance=1e-6, near_resistance=1e-6, cuts=((0, 2),))
    bit = LineFamily(along="columns", near_resistance=1e-6)
    solution = ReadSolver(conductance, word, bit).solve(1.0)
    assert -solution.bit_currents[0] == pytest.approx([1e-5, 1e-5, 0.0, 0.0], abs=1e-12)


def test_leakage_of_a_line_is_a_conductance_to_ground():
    word = LineFamily(along="rows", segment_resistance=1e-6, near_resistance=1e-6, leakage=[1e-3, 0.0])
    solution = ReadSolver(np.zeros((2, 3)), word, LineFamily(along="columns")).solve(2.0)
    assert solution.word_currents[0] == pytest.approx([2e-3, 0.0], rel=1e-6)
