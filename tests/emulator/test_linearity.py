import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from emulator.linearity import curvature_from_label, label_from_curvature, largest_deviation, symmetry_point


@pytest.mark.parametrize(
    ("label", "inverse"), [(0.01, 126.268958), (1, 1.251653), (2.4, 0.499181), (4.88, 0.200303), (9, 0.022810)]
)
def test_table_of_neurosim(label: float, inverse: float) -> None:
    """A = 1/u as tabulated in MLP+NeuroSim 3.0, formula.cpp, with six decimals."""
    assert 1 / curvature_from_label(label) == pytest.approx(inverse, abs=6e-7)


@given(st.floats(-60, 60))
def test_deviation_is_the_largest_distance_from_the_diagonal(u: float) -> None:
    assume(abs(u) > 1e-6)
    x = [i / 2000 for i in range(2001)]
    curve = [math.expm1(-u * t) / math.expm1(-u) for t in x]
    largest = max((y - t for t, y in zip(x, curve, strict=True)), key=abs)
    assert largest_deviation(u) == pytest.approx(largest, abs=abs(u) * 2e-5 + 1e-12)


def test_deviation_is_smooth_where_the_series_takes_over() -> None:
    below, above = 0.05 * (1 - 1e-12), 0.05 * (1 + 1e-12)
    assert largest_deviation(below) == pytest.approx(largest_deviation(above), rel=1e-11)


@given(st.floats(-9.5, 9.5))
def test_round_trip(label: float) -> None:
    assert label_from_curvature(curvature_from_label(label)) == pytest.approx(label, rel=1e-12, abs=1e-15)


def test_impossible_label_is_refused() -> None:
    with pytest.raises(ValueError, match=r"label = 11.*at most"):
        curvature_from_label(11)


@pytest.mark.parametrize(("up", "down", "point"), [(0.5, -0.4, 0.507), (1.33, -0.34, 0.565), (1.3, -2.1, 0.446)])
def test_symmetry_point(up: float, down: float, point: float) -> None:
    assert symmetry_point(curvature_from_label(up), curvature_from_label(-down)) == pytest.approx(point, abs=5e-4)


def test_symmetry_point_with_one_straight_branch() -> None:
    """Steps 1 up and u/(1-exp(-u)) - u(1-y) down cancel where the latter is 1."""
    u = 0.7
    y = symmetry_point(0.0, u)
    assert u / -math.expm1(-u) - u * (1 - y) == pytest.approx(1)


def test_straight_branches_have_no_symmetry_point() -> None:
    with pytest.raises(ValueError, match="no single symmetry point"):
        symmetry_point(0.0, 0.0)
