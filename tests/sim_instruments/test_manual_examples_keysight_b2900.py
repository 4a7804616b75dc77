"""Examples of the B2900 SCPI command reference (ed. 2), each with what it does to a resistor."""

from __future__ import annotations

import pytest

from tests.sim_instruments.unit_b2900 import UnitB2900


@pytest.fixture
def unit() -> UnitB2900:
    return UnitB2900(1e6)


def test_an_immediate_level(unit: UnitB2900) -> None:
    """Page 4-93."""
    unit.write(":VOLT 3", ":OUTP ON")
    assert unit.number(":SOUR2:CURR:LEV:IMM:AMPL?") == 0.0
    assert unit.voltage() == 3.0
    assert unit.number(":MEAS:CURR?") == pytest.approx(3e-6, rel=1e-5)
    assert unit.errors() == []


def test_points_and_start_stop_of_a_staircase(unit: UnitB2900) -> None:
    """Pages 4-95, 4-97, 4-108 and 4-109: 51 points, start above stop, ranging for each step."""
    unit.write(":CURR:POIN 51", ":SWE:POIN 51", ":VOLT:STOP 10", ":SWE:DIR DOWN", ":SWE:RANG AUTO")
    assert unit.number(":SOUR2:VOLT:POIN?") == 1
    assert unit.number(":SOUR2:SWE:POIN? MAX") == 2500
    assert unit.number(":SOUR2:CURR:STAR?") == 0.0
    assert unit.ask(":SOUR2:SWE:DIR?;:SOUR2:SWE:RANG?") == "UP;BEST"
    assert unit.number(":VOLT:STEP?") == pytest.approx(0.2)  # page 4-98: span over points less one
    unit.write(":VOLT:MODE SWE", ":TRIG:COUN 51", ":INIT (@1)")
    levels = [10 - 0.2 * k for k in range(51)]
    assert unit.numbers(":FETC:ARR:SOUR? (@1)") == pytest.approx(levels, abs=1e-9)
    assert unit.numbers(":FETC:ARR:CURR? (@1)") == pytest.approx([volts * 1e-6 for volts in levels], rel=1e-4, abs=1e-9)
    assert unit.errors() == []


def test_a_list_and_what_is_appended(unit: UnitB2900) -> None:
    """Page 4-105: six levels on channel 1; a list of channel 2 that begins with its default."""
    unit.write(":LIST:VOLT 0.1,0.2,0.3", ":LIST:VOLT:APP 1.1,1.2,1.3", ":SOUR2:LIST:CURR:APP 1E-6,2E-6,3E-6")
    assert unit.number(":SOUR2:LIST:CURR:POIN?") == 4
    assert unit.numbers(":SOUR2:LIST:CURR?") == pytest.approx([0, 1e-6, 2e-6, 3e-6])
    unit.write(":VOLT:MODE LIST", ":TRIG:COUN 6", ":INIT (@1)")
    currents = [1e-7, 2e-7, 3e-7, 1.1e-6, 1.2e-6, 1.3e-6]
    assert unit.numbers(":FETC:ARR:CURR? (@1)") == pytest.approx(currents, rel=1e-3)
    assert unit.errors() == []
