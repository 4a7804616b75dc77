"""Math, limit tests, units and relative offsets of the 2450 (reference manual 2450-901-01, CALCulate and SENSe)."""

from __future__ import annotations

import pytest

from tests.sim_instruments.unit_2450 import Unit2450


@pytest.fixture
def unit() -> Unit2450:
    unit = Unit2450(1e6)
    unit.write(':SENS:FUNC "CURR";:SOUR:VOLT:ILIM 1E-3', ":SOUR:VOLT 2;:OUTP ON")
    return unit


def test_what_a_reset_leaves(unit: Unit2450) -> None:
    assert unit.ask(":CALC:CURR:MATH:STAT?;FORM?") == "0;PERC"
    assert unit.numbers(":CALC:CURR:MATH:MMF?") == [1.0]
    assert unit.numbers(":CALC:CURR:MATH:MBF?") == [0.0]
    assert unit.numbers(":CALC2:VOLT:LIM1:LOW?") == [-1.0]
    assert unit.numbers(":CALC2:VOLT:LIM2:UPP:DATA?") == [1.0]
    assert unit.ask(":CALC2:VOLT:LIM1:STAT?;CLE:AUTO?") == "0;1"


def test_scale_and_offset(unit: Unit2450) -> None:
    """The factors of page 6-8."""
    unit.write(":CALC:CURR:MATH:FORM MXB", ":CALC:CURR:MATH:MMF 0.80", ":CALC:CURR:MATH:MBF 50", ":CALC:CURR:MATH ON")
    assert unit.number(":READ?") == pytest.approx(0.8 * 2e-6 + 50)


def test_percent_is_the_deviation_from_the_reference(unit: Unit2450) -> None:
    unit.write(":CALC:CURR:MATH:FORM PERC", ":CALC:CURR:MATH:PERC 1.6E-6", ":CALC:CURR:MATH:STAT ON")
    assert unit.number(":READ?") == pytest.approx(25.0, rel=1e-5)


def test_the_reciprocal_of_a_current_times_the_voltage_is_the_load(unit: Unit2450) -> None:
    unit.write(":CALC:CURR:MATH:FORM REC", ":CALC:CURR:MATH:STAT ON")
    assert 2.0 * unit.number(":READ?") == pytest.approx(1e6, rel=1e-5)


def test_a_command_without_a_function_sets_all_of_them(unit: Unit2450) -> None:
    unit.write(":CALC:MATH:FORM REC", ":CALC2:LIM1:UPP 3")
    assert [unit.ask(f":CALC:{name}:MATH:FORM?") for name in ("CURR", "VOLT", "RES")] == ["REC"] * 3
    assert [unit.number(f":CALC2:{name}:LIM1:UPP?") for name in ("CURR", "VOLT", "RES")] == [3.0] * 3


def test_factors_are_bounded(unit: Unit2450) -> None:
    unit.write(":CALC:CURR:MATH:MBF 1.1E12", ":CALC2:CURR:LIM1:LOW -1E12", ":CALC2:CURR:LIM3:STAT ON")
    assert unit.errors() == [-222, -222, -114]
    assert unit.number(":CALC:CURR:MATH:MBF?") == 0.0


@pytest.mark.parametrize(("volts", "result", "bit"), [(0.1, "LOW", 64), (1.0, "NONE", 0), (3.0, "HIGH", 128)])
def test_a_limit_test_names_the_limit_that_was_passed(volts: float, result: str, bit: int) -> None:
    """The limits of the example of CALC2: 0.25 V and 2.5 V."""
    unit = Unit2450(1e6)
    unit.write(":SENS:FUNC 'VOLT'", ":CALC2:VOLT:LIM1:LOW 0.25;UPP 2.5;STAT ON", f":SOUR:VOLT {volts};:OUTP ON")
    status = int(unit.ask(':READ? "defbuffer1", STAT'))
    assert unit.ask(":CALC2:VOLT:LIM1:FAIL?") == result
    assert status & (64 | 128) == bit


def test_failures_add_up_until_they_are_cleared(unit: Unit2450) -> None:
    unit.write(":CALC2:CURR:LIM2:LOW 1E-6;UPP 3E-6;CLE:AUTO OFF;:CALC2:CURR:LIM2:STAT ON")
    for volts, result in ((0.5, "LOW"), (2.0, "LOW"), (5.0, "BOTH")):
        unit.write(f":SOUR:VOLT {volts}")
        unit.ask(":READ?")
        assert unit.ask(":CALC2:CURR:LIM2:FAIL?") == result
    unit.write(":CALC2:CURR:LIM2:CLE")
    assert unit.ask(":CALC2:CURR:LIM2:FAIL?") == "NONE"


def test_limits_test_what_math_made_of_the_reading(unit: Unit2450) -> None:
    unit.write(":CALC:CURR:MATH:FORM MXB;MMF 1E6;STAT ON", ":CALC2:CURR:LIM1:STAT ON")
    unit.ask(":READ?")
    assert unit.ask(":CALC2:CURR:LIM1:FAIL?") == "HIGH"  # 2, above 1


@pytest.mark.parametrize(("shown", "value", "name"), [("OHM", 1e6, "Ohm"), ("WATT", 4e-6, "Watt DC")])
def test_a_measured_current_can_be_shown_as_resistance_or_power(
    unit: Unit2450, shown: str, value: float, name: str
) -> None:
    unit.write(f":SENS:CURR:UNIT {shown}")
    assert unit.number(":READ?") == pytest.approx(value, rel=1e-5)
    assert unit.ask(':FETC? "defbuffer1", UNIT') == name
    assert unit.ask(":SENS:CURR:UNIT?") == shown


def test_a_relative_offset_is_acquired_from_the_load(unit: Unit2450) -> None:
    unit.write(":SENS:CURR:REL:ACQ")
    assert unit.number(":SENS:CURR:REL?") == pytest.approx(2e-6, rel=1e-5)
    assert unit.number(":READ?") == pytest.approx(2e-6, rel=1e-5)  # acquired, not yet on
    unit.write(":SENS:CURR:REL:STAT ON", ":SOUR:VOLT 3")
    assert unit.number(":READ?") == pytest.approx(1e-6, rel=1e-4)


def test_a_reset_ends_all_of_it(unit: Unit2450) -> None:
    unit.write(":CALC:MATH:STAT ON", ":CALC2:LIM1:STAT ON", ":SENS:CURR:UNIT WATT", "*RST")
    assert unit.ask(":CALC:CURR:MATH:STAT?;:CALC2:CURR:LIM1:STAT?;:SENS:CURR:UNIT?") == "0;0;AMP"


def test_statistics_of_a_buffer_from_where_they_were_cleared(unit: Unit2450) -> None:
    unit.write(":SENS:COUN 1", ":TRAC:TRIG", ":SOUR:VOLT 4", ":TRAC:TRIG")
    for name in ("PK2Pk", "PK2P", "SPAN"):
        assert unit.number(f":TRAC:STAT:{name}?") == pytest.approx(2e-6, rel=1e-4)
    unit.write(":TRAC:STAT:CLE", ":TRAC:TRIG")
    assert unit.number(":TRAC:STAT:AVER?") == pytest.approx(4e-6, rel=1e-5)
    assert unit.number(":TRAC:STAT:PK2P?") == 0.0
