"""Examples of the 33500/33600A operating and service guide: what a 50 Ω load sees."""

from __future__ import annotations

import math

import pytest

from tests.sim_instruments.generator_unit import Generator


@pytest.mark.parametrize("model", ["keysight_33512b", "keysight_33522b", "keysight_33622a"])
def test_the_burst_of_three_sines(model: str) -> None:
    """BURSt subsystem, its example program: three periods of 100 kHz, 3 Vpp, every 44 µs."""
    unit = Generator(load=50.0, model=model)
    unit.write(
        "APPLy:SIN 1e5,3 VPP,0", "BURS:MODE TRIG", "BURS:NCYC 3", "BURS:INT:PER 4.4e-5", "BURS:PHAS 0", "TRIG:SOUR IMM",
        "BURS:STAT ON", "OUTPut ON",
    )  # fmt: skip
    assert unit.number("BURS:INT:PER?") == pytest.approx(4.4e-5)
    levels = []
    for _ in range(88):  # two periods of the burst in steps of 1 µs, of which 14 µs each are at rest
        levels.append(unit.level)
        unit.harness.advance(1e-6)
    assert max(levels) == pytest.approx(1.5, rel=0.06)
    assert min(levels) == pytest.approx(-1.5, rel=0.06)
    assert sum(abs(level) < 1e-6 for level in levels) >= 2 * 13
    assert math.fsum(levels) / 88 == pytest.approx(0.0, abs=0.05)
    assert unit.errors() == []


def test_period_and_gate_polarity_of_a_burst() -> None:
    """BURSt subsystem, page 177."""
    unit = Generator(load=50.0)
    unit.write("BURS:GATE:POL INV", "BURS:INT:PER 12")
    assert unit.ask("BURS:GATE:POL?") == "INV"
    assert unit.number("BURS:INT:PER?") == 12.0
    assert unit.errors() == []
