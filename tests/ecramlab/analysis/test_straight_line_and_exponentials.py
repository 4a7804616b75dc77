"""Fits give back the laws that points were made with, and say when they cannot."""

import numpy as np
import pytest

from ecramlab.analysis.exponentials import fit_exponentials, relaxations
from ecramlab.analysis.straight_line import fit_line

T = np.geomspace(1e-2, 30.0, 80)


def test_a_line_comes_back_without_the_points_that_are_missing() -> None:
    line = fit_line([0.0, 1.0, 2.0, np.nan, 4.0], [1.0, 3.0, 5.0, 100.0, 9.0])
    assert line is not None
    assert (line.slope, line.offset, line.r_squared) == pytest.approx((2.0, 1.0, 1.0))
    assert line.at(10.0) == pytest.approx(21.0)


def test_r_squared_is_the_share_of_the_variance() -> None:
    line = fit_line([0.0, 1.0, 2.0, 3.0], [0.0, 1.0, 0.0, 1.0])  # slope 0.2: explains 0.2 of a variance of 1
    assert line is not None
    assert (line.slope, line.r_squared) == pytest.approx((0.2, 0.2))


@pytest.mark.parametrize(("x", "y"), [([0, 1], [0, 1]), ([1, 1, 1], [0, 1, 2]), ([0, 1, 2], [np.nan, 1, 2])])
def test_too_few_points_give_no_line(x: list[float], y: list[float]) -> None:
    assert fit_line(x, y) is None


@pytest.mark.parametrize("times", [(0.11,), (0.11, 2.624), (0.05, 0.5, 5.0)])
def test_time_constants_come_back(times: tuple[float, ...]) -> None:
    y = 3.0 + sum((k + 1.0) * np.exp(-T / tau) for k, tau in enumerate(times))
    found = relaxations(T, y)
    assert found is not None
    assert found.times == pytest.approx(times, rel=1e-4)
    assert found.amplitudes == pytest.approx([k + 1.0 for k in range(len(times))], rel=1e-3)
    assert found.constant == pytest.approx(3.0, rel=1e-4)
    assert found.at(T) == pytest.approx(y, rel=1e-4)


def test_noise_is_not_taken_for_further_exponentials() -> None:
    y = np.exp(-T / 1.7) + 0.01 * np.random.default_rng(1).standard_normal(len(T))
    found = relaxations(T, y)
    assert found is not None
    assert found.times == pytest.approx((1.7,), rel=0.05)
    assert found.residual == pytest.approx(0.01, rel=0.3)


def test_a_constant_and_too_few_points_give_none() -> None:
    assert relaxations(T, np.ones_like(T)) is None
    assert fit_exponentials(T[:9], np.exp(-T[:9]), 2) is None
