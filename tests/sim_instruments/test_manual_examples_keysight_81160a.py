"""Commands of the 81150A and 81160A user's guide, put together to a program from their descriptions: it shows none."""

from __future__ import annotations

import pytest

from tests.sim_instruments.generator_unit import Generator


def test_a_burst_of_pulses_by_a_manual_trigger() -> None:
    """Period (page 142) and duty cycle (page 435), then one burst of three by a manual trigger."""
    unit = Generator(load=50.0, model="keysight_81160a")
    unit.write(
        ":FUNC1 PULS", ":PULSe:PERiod1 1e-3", ":FUNC1:PULS:WIDT 2e-4", ":PULS:TRAN1 1e-6", ":VOLT1:HIGH 1",
        ":VOLT1:LOW 0", ":ARM:SOUR1 MAN", ":BURS1:STAT ON", ":TRIG1:COUN 3", ":OUTP1 ON",
    )  # fmt: skip
    assert unit.number(":PULS:DCYC1?") == pytest.approx(20.0)
    unit.write(":TRIG")
    assert unit.mean(10e-3) == pytest.approx(3 * 0.2e-3 / 10e-3, rel=0.05)
    assert unit.errors() == []


def test_what_limits_say_of_themselves() -> None:
    """Page 142: the period goes from 3.03 ns to a million seconds, and is the reciprocal of the frequency."""
    unit = Generator(model="keysight_81160a")
    unit.write(":FUNC1 PULS", ":PULSe:FREQuency1 1e6")
    assert unit.number(":PULSe:PERiod1?") == pytest.approx(1e-6)
    assert unit.number(":PULSe:PERiod1? MIN") == pytest.approx(3.03e-9)
    assert unit.number(":PULSe:PERiod1? MAX") == pytest.approx(1e6)
    assert unit.errors() == []
