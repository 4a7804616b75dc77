import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator import Waveform


def area(pieces: list[tuple[float, float]]) -> float:
    total = start = 0.0
    for end, level in pieces:
        total, start = total + level * (end - start), end
    return total


def test_pulse_width_lies_between_the_half_levels() -> None:
    shape = Waveform.pulse(base=1, level=3, width=10e-9, rise=2e-9, fall=4e-9, period=1e-6, delay=5e-9)
    assert shape.times == pytest.approx((0, 5e-9, 7e-9, 14e-9, 18e-9, 1e-6))
    assert shape.levels == (1, 1, 3, 3, 1, 1)
    assert shape.duration == 1e-6


def test_shortest_pulse_is_a_triangle() -> None:
    shape = Waveform.pulse(base=0, level=1, width=3e-9, rise=3e-9, fall=3e-9, period=10e-9)
    assert area(shape.staircase(0.1)) == pytest.approx(3e-9)


@given(st.floats(-10, 10), st.floats(0.01, 3), st.floats(1e-9, 1), st.floats(1e-9, 1))
def test_staircase_keeps_area_and_step(level: float, step: float, rise: float, fall: float) -> None:
    shape = Waveform.pulse(base=0, level=level, width=2, rise=rise, fall=fall, period=5)
    pieces = shape.staircase(step)
    assert area(pieces) == pytest.approx(2 * level, rel=1e-9, abs=1e-12)
    assert pieces[-1][0] == 5
    levels = [0.0] + [v for _, v in pieces]
    assert max(abs(b - a) for a, b in itertools.pairwise(levels)) <= step * (1 + 1e-9)


def test_edge_below_the_resolution_of_a_double() -> None:
    shape = Waveform.pulse(base=0, level=1, width=2, rise=1, fall=1e-200, period=5)
    ends = [end for end, _ in shape.staircase(0.1)]
    assert all(b > a for a, b in itertools.pairwise(ends))


@pytest.mark.parametrize(
    ("times", "levels", "repeats", "message"),
    [
        ((0, 1), (0,), 1, "2 times and 1 levels"),
        ((0.5, 1), (0, 0), 1, "starts at 0 s"),
        ((0, 2, 1), (0, 0, 0), 1, "must not decrease"),
        ((0, 0), (0, 1), 1, "longer than 0 s"),
        ((0, 1), (0, math.nan), 1, "finite"),
        ((0, 1), (0, 0), 0, "repeats = 0"),
        ((0, 1), (0, 0), 1.5, r"repeats = 1\.5"),
    ],
)
def test_refuses(times: tuple[float, ...], levels: tuple[float, ...], repeats: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Waveform(times, levels, repeats)


def test_refuses_pulses_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="would not reach its level"):
        Waveform.pulse(base=0, level=1, width=1e-9, rise=3e-9, fall=3e-9, period=1)
    with pytest.raises(ValueError, match="shorter than the pulse"):
        Waveform.pulse(base=0, level=1, width=1, rise=0, fall=0, period=0.5)


def test_endless() -> None:
    assert Waveform((0, 1), (0, 1), math.inf).duration == math.inf
