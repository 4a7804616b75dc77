"""Rows for display: none twice, none lost, bounded memory, exact envelope."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gui.row_buffer import RowBuffer


def test_rows_come_back_with_nan_for_null() -> None:
    buffer = RowBuffer(["time", "conductance"], key="conductance")
    buffer.append(0, {"time": [0.0, 1.0], "conductance": [None, 2e-6]})
    buffer.append(2, {"time": [2.0], "conductance": [3e-6]})
    assert buffer.numbers.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(buffer.column("conductance"), [np.nan, 2e-6, 3e-6])


def test_rows_that_never_came_are_counted() -> None:
    buffer = RowBuffer(["g"], key="g")
    buffer.append(0, {"g": [1.0]})
    buffer.append(5, {"g": [2.0]})
    assert (buffer.missing, buffer.seen, buffer.numbers.tolist()) == (4, 6, [0, 5])


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 9)), max_size=30))
def test_overlapping_batches_give_each_row_once(batches: list[tuple[int, int]]) -> None:
    """A reader that connects again may get rows a second time; batches here reach back by some and bring some."""
    buffer, end = RowBuffer(["g"], key="g", capacity=1000), 0
    for back, count in batches:
        first = max(0, end - back)
        buffer.append(first, {"g": [float(n) for n in range(first, first + count)]})
        end = max(end, first + count)
    assert buffer.column("g").tolist() == list(range(end))
    assert buffer.missing == 0


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=400), st.integers(1, 50))
def test_thinning_keeps_memory_bounded_and_the_envelope_exact(values: list[float], batch: int) -> None:
    buffer = RowBuffer(["n", "g"], key="g", capacity=64)
    for first in range(0, len(values), batch):
        block = values[first : first + batch]
        buffer.append(first, {"n": list(map(float, range(first, first + len(block)))), "g": block})
    assert buffer.seen == len(values)
    assert len(buffer) <= 64
    assert buffer.column("g").max() == max(values)
    assert buffer.column("g").min() == min(values)
    assert (np.diff(buffer.numbers) > 0).all()
    np.testing.assert_array_equal(buffer.column("n"), buffer.numbers)  # rows stay whole
    assert buffer.thinned == (len(values) > 64)


def test_a_column_of_nothing_measured_can_be_thinned() -> None:
    buffer = RowBuffer(["g"], key="g", capacity=8)
    buffer.append(0, {"g": [None] * 20})
    assert len(buffer) <= 8
    assert np.isnan(buffer.column("g")).all()
