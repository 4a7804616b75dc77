"""Whatever the lines and drives: currents sum to zero, and what is delivered turns up."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.crosspoint import LineFamily, ReadSolver, SinhGate, WriteSolver, power_split
from emulator.lines import LAYOUTS

LINES = ("rows", "columns")
OHMS = st.floats(-3.0, 4.0).map(lambda exponent: 10.0**exponent)
SIZES = st.integers(1, 7)
SEEDS = st.integers(0, 2**32 - 1)


@st.composite
def family(draw, along, lines, nodes):
    """Lines that are driven at one end or both, leaky so that no part of a cut one floats."""
    cuts = [(draw(st.integers(0, lines - 1)), draw(st.integers(1, nodes)))] if draw(st.booleans()) else []
    far = draw(OHMS) if draw(st.booleans()) else math.inf
    return LineFamily(
        along=along,
        segment_resistance=draw(OHMS),
        near_resistance=draw(OHMS),
        far_resistance=far,
        leakage=1e-9,
        cuts=cuts,
    )


@settings(max_examples=50, deadline=None)
@given(data=st.data(), rows=SIZES, columns=SIZES, seed=SEEDS)
def test_reads(data, rows, columns, seed):
    rng = np.random.default_rng(seed)
    word = data.draw(family("rows", rows, columns))
    bit = data.draw(family("columns", columns, rows))
    solver = ReadSolver(10 ** rng.uniform(-9, -3, (rows, columns)), word, bit)
    solution = solver.solve(rng.uniform(-1, 1, (2, rows)), rng.uniform(-1, 1, (2, columns)), tolerance=1e-13)
    leaked = 1e-9 * (solution.word.sum() / columns + solution.bit.sum() / rows)
    drivers = solution.word_currents, solution.bit_currents
    scale = sum(np.abs(currents).sum() for currents in drivers)
    assert abs(sum(currents.sum() for currents in drivers) - leaked) <= 1e-9 * scale
    assert abs(solution.delivered - solution.dissipated) <= 1e-9 * solution.dissipated
    assert solution.dissipated > 0.0


@pytest.mark.parametrize("volts", [0.9009273926518706, 0.89729889, 0.71, -0.33])
def test_a_cell_that_hardly_conducts_behind_strong_drivers(volts):
    """Drops of a nanovolt beside a volt: the currents keep the digits of the drops. Expected: in exact fractions.

    Far ends have voltages of their own, but are not driven.
    """
    word, bit = (LineFamily(along=a, segment_resistance=1.0, near_resistance=1.0, leakage=1e-9) for a in LINES)
    solution = ReadSolver([[1e-6]], word, bit).solve([[volts], [0.5]], [[0.8972988942744877], [0.1]], tolerance=1e-13)
    g, leak, v, w = Fraction(1e-6), Fraction(1e-9), Fraction(volts), Fraction(0.8972988942744877)
    own = 1 + g + leak
    at_word, at_bit = (own * v + g * w) / (own**2 - g**2), (own * w + g * v) / (own**2 - g**2)
    assert solution.word_currents.sum() == pytest.approx(float(v - at_word), rel=1e-12, abs=0.0)
    assert solution.bit_currents.sum() == pytest.approx(float(w - at_bit), rel=1e-12, abs=0.0)


@settings(max_examples=50, deadline=None)
@given(data=st.data(), rows=SIZES, columns=SIZES, seed=SEEDS, layout=st.sampled_from("ABCD"))
def test_writes(data, rows, columns, seed, layout):
    rng = np.random.default_rng(seed)
    counts = [(rows, columns) if along == "rows" else (columns, rows) for along in LAYOUTS[layout]]
    lines = [data.draw(family(a, *n)) for a, n in zip(LAYOUTS[layout], counts, strict=True)]
    volts = [np.where(rng.random(n) < 0.2, math.nan, rng.uniform(-3, 3, n)) for n, _ in counts]
    channel = 10 ** rng.uniform(-9, -4, (rows, columns))
    up, v0, polarity = 10 ** rng.uniform(-14, -9, (rows, columns)), rng.uniform(0.2, 2.0), int(rng.choice([1, -1]))
    gates = SinhGate(up=up, down=up, v0=v0, offset=rng.uniform(-0.3, 0.3), leakage=1e-11, polarity=polarity)
    solution = WriteSolver((rows, columns), *lines).solve(channel, gates, *volts)
    leaked = 1e-9 * sum(v.sum() / nodes for v, (_, nodes) in zip(solution.voltages, counts, strict=True))
    scale = sum(np.abs(currents).sum() for currents in solution.currents) + 1e-15
    assert abs(sum(currents.sum() for currents in solution.currents) - leaked) <= 1e-8 * scale
    split = power_split(solution, channel)
    parts = split.cells + split.wires + split.drivers
    assert abs(split.delivered - parts) <= 1e-8 * (abs(split.gate_source) + abs(split.gate_drain) + parts)
    assert min(split.channel, split.wires, split.drivers) >= 0.0
