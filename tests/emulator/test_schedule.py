"""How running waveforms are cut into segments."""

import math
from itertools import accumulate

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from emulator.schedule import stairs_of
from emulator.waveform import Waveform

gaps = st.sampled_from([0.0, 1e-9, 0.3, 2.0])
levels = st.sampled_from([-1.0, 0.0, 0.7, 3.0])


@given(st.lists(st.tuples(gaps, levels), min_size=2), st.sampled_from([0.05, 1.0, math.inf]))
def test_the_stairs_that_are_played_are_those_of_the_waveform(corners: list[tuple[float, float]], step: float) -> None:
    times = list(accumulate(gap for gap, _ in corners[:-1]))
    assume(times[-1] > 0.0)
    shape = Waveform((0.0, *times), tuple(level for _, level in corners))
    stairs = stairs_of(shape, step)
    assert list(zip(stairs.ends, stairs.levels, strict=True)) == shape.staircase(step)
    assert math.fsum(stairs.durations) == pytest.approx(shape.period)
