"""Math, offsets, limit tests and remembered settings of the B2900 (SCPI command reference ed. 2, chapter 4)."""

from __future__ import annotations

import pytest

from tests.sim_instruments.unit_b2900 import UnitB2900


@pytest.fixture
def unit() -> UnitB2900:
    """1 V on 1 MΩ."""
    unit = UnitB2900(1e6)
    unit.write(":SOUR:VOLT 1;:OUTP ON")
    return unit


class TestMath:
    def test_power_is_predefined(self, unit: UnitB2900) -> None:
        assert unit.ask(":CALC:MATH:NAME?;CAT?") == '"POWER";"POWER"'
        assert unit.ask(":CALC:MATH?") == "(VOLT*CURR)"
        unit.write(":CALC:MATH:STAT ON")
        unit.ask(":MEAS?")
        assert unit.number(":CALC:MATH:DATA?") == pytest.approx(1e-6, rel=1e-5)

    @pytest.mark.parametrize(("expression", "result"), [
        ("(VOLT/CURR)", 1e6), ("((SOUR+2)^3)", 27.0), ("(LOG(-10))", 1.0), ("(EXP(LN(VOLT*5)))", 5.0),
        ("(-VOLT+0x10)", 15), ("(2+3*4)", 14.0), ("(1/(VOLT-SOUR))", 9.9e37),
    ])  # fmt: skip
    def test_an_expression_of_ones_own(self, unit: UnitB2900, expression: str, result: float) -> None:
        """Operators, functions and numbers of page 4-17; log and ln take the absolute value."""
        unit.write(':CALC:MATH:NAME "MINE"', f":CALC:MATH:DEF {expression}", ":CALC:MATH:STAT ON")
        unit.ask(":MEAS?")
        assert unit.number(":CALC:MATH:DATA:LAT?") == pytest.approx(result, rel=1e-5)
        assert unit.errors() == []

    @pytest.mark.parametrize(
        "expression", ["(VOLT+", "VOLT", "(WATT)", "(__import__)", "(VOLT.real)", "(OPEN(1))", "([1])"]
    )
    def test_what_is_no_expression(self, unit: UnitB2900, expression: str) -> None:
        unit.write(':CALC:MATH:NAME "MINE"', f":CALC:MATH {expression}")
        assert unit.errors() == [-224]

    def test_names_are_defined_and_deleted(self, unit: UnitB2900) -> None:
        unit.write(":CALC:MATH (VOLT)", ':CALC:MATH:EXPR:NAME "A"', ":CALC:MATH:EXPR (VOLT)", ':CALC:MATH:DEL "POWER"')
        assert unit.errors() == [-221, -221]
        assert unit.ask(":CALC:MATH:CAT?") == '"POWER","A"'
        unit.write(":CALC:MATH:DEL:ALL", ':CALC:MATH:DEL "A"')
        assert unit.errors() == [-224]
        assert unit.ask(":CALC:MATH:NAME?") == '"POWER"'

    def test_elements_come_in_the_order_of_the_instrument(self, unit: UnitB2900) -> None:
        """Page 4-20: calc, time, status; calc alone without the command."""
        unit.write(":CALC:MATH:STAT ON")
        unit.ask(":MEAS?")
        assert unit.ask(":FORM:ELEM:CALC?") == "CALC"
        unit.write(":FORM:ELEM:CALC STAT,CALC,TIME")
        assert unit.ask(":FORM:ELEM:CALC?") == "CALC,TIME,STAT"
        assert len(unit.numbers(":CALC:MATH:DATA?")) == 3

    def test_a_buffer_of_results(self, unit: UnitB2900) -> None:
        unit.write(":CALC:MATH:STAT ON", ":TRAC:FEED MATH;FEED:CONT NEXT", ":TRIG:COUN 2", ":INIT")
        unit.ask("*OPC?")
        assert unit.numbers(":TRAC:DATA?") == pytest.approx([1e-6, 1e-6], rel=1e-5)
        unit.write(":TRAC:FEED SENS")  # not while it is being filled
        assert unit.errors() == [-221]

    def test_channels_have_their_own(self, unit: UnitB2900) -> None:
        unit.write(":CALC2:MATH:STAT ON", ":CALC2:MATH:UNIT 'W'", ":CALC3:MATH:STAT ON")
        assert unit.ask(":CALC1:MATH:STAT?;:CALC2:MATH:STAT?;UNIT?") == '0;1;"W"'
        assert unit.errors() == [-114]


class TestLimits:
    @pytest.mark.parametrize(("volts", "failed"), [(0.5, "1"), (1.5, "0"), (2.5, "1")])
    def test_between_two_limits(self, unit: UnitB2900, volts: float, failed: str) -> None:
        unit.write(":CALC:FEED VOLT", ":CALC:LIM2:LOW 1;UPP 2;STAT ON", f":SOUR:VOLT {volts}")
        unit.ask(":MEAS?")
        assert unit.ask(":CALC:LIM2:FAIL?") == failed
        assert unit.ask(":CALC:LIM1:FAIL?;:CALC2:LIM2:FAIL?") == "0;0"

    def test_the_reply_of_the_manual(self, unit: UnitB2900) -> None:
        """Page 4-13: limits and bit patterns, by channel and test."""
        unit.write(":CALC:LIM:LOW -2.5", ":CALC2:LIM12:UPP 3", ":CALC:LIM:LOW:DIG:DATA 64", ":CALC:LIM13:STAT ON")
        assert unit.number(":CALC:LIM:LOW?") == -2.5
        assert unit.number(":CALC2:LIM12:UPP?") == 3
        assert unit.ask(":CALC:LIM:LOW:DIG?;:CALC2:LIM12:UPP:DIG?") == "+64;+0"
        assert unit.errors() == [-114]
        unit.write(":CALC:LIM:LOW:DIG 16384", ":CALC:LIM:LOW")
        assert unit.errors() == [-222, -109]

    def test_on_compliance(self, unit: UnitB2900) -> None:
        unit.write(":SENS:CURR:PROT 1E-7", ":CALC:LIM:FUNC COMP;COMP:FAIL IN;:CALC:LIM:STAT ON")
        unit.ask(":MEAS?")
        assert unit.ask(":CALC:LIM:FAIL?") == "1"
        unit.write(":SENS:CURR:PROT 1E-4")
        unit.ask(":MEAS?")
        assert unit.ask(":CALC:LIM:FAIL?") == "0"
        unit.write(":CALC:LIM:COMP:FAIL OUT")
        unit.ask(":MEAS?")
        assert unit.ask(":CALC:LIM:FAIL?") == "1"
        unit.write(":CALC:CLIM:CLE")
        assert unit.ask(":CALC:LIM:FAIL?") == "0"

    def test_an_offset_is_taken_from_what_is_tested(self, unit: UnitB2900) -> None:
        unit.write(":CALC:FEED CURR", ":CALC:OFFS:ACQ")
        assert unit.errors() == [-230]  # nothing was measured yet
        unit.ask(":MEAS?")
        unit.write(":CALC:OFFS:ACQ", ":CALC:OFFS:STAT ON", ":SOUR:VOLT 3")
        assert unit.number(":CALC:OFFS?") == pytest.approx(1e-6, rel=1e-5)
        unit.ask(":MEAS?")
        assert unit.number(":CALC:DATA:LAT?") == pytest.approx(2e-6, rel=1e-4)

    def test_a_reset_ends_all_of_it(self, unit: UnitB2900) -> None:
        unit.write(":CALC:FEED RES;LIM3:STAT ON;:CALC:CLIM:STAT ON;MODE SORT;:CALC:OFFS 1", "*RST")
        assert unit.ask(":CALC:FEED?;:CALC:LIM3:STAT?;:CALC:CLIM:STAT?;MODE?") == "VOLT;0;0;GRAD"
        assert unit.number(":CALC:OFFS?") == 0


class TestRemembered:
    def test_digital_lines(self, unit: UnitB2900) -> None:
        """What scripts send that tell a spectrometer of each step."""
        unit.write(":SOUR:DIG:EXT3:FUNC TOUT", ":SOUR:DIG:EXT3:POL POS", ":SOUR:DIG:EXT3:TOUT:EDGE:POS AFT;WIDT 1E-3")
        assert unit.ask(":SOUR:DIG:EXT3:FUNC?;POL?;TOUT:POS?") == "TOUT;POS;AFT"
        assert unit.number(":SOUR:DIG:EXT3:TOUT:WIDT?") == 1e-3
        unit.write(":SOUR:DIG:INT2:TOUT:POS BEF", ":SOUR:DIG:EXT15:FUNC DIO", ":SOUR:DIG:EXT1:TOUT:WIDT 1")
        assert unit.errors() == [-114, -222]

    @pytest.mark.parametrize(("form", "reply"), [("ASC", "+10"), ("BIN", "#B1010"), ("OCT", "#Q12"), ("HEX", "#HA")])
    def test_bit_patterns_in_all_forms(self, unit: UnitB2900, form: str, reply: str) -> None:
        unit.write(f":FORM:DIG {form}", ":SOUR:DIG:DATA #B1010")
        assert unit.ask(":SOUR:DIG:DATA?") == reply

    def test_only_output_pins_are_written(self, unit: UnitB2900) -> None:
        unit.write(":SOUR:DIG:EXT2:FUNC TINP", ":SOUR:DIG:DATA 15")
        assert unit.ask(":SOUR:DIG:DATA?") == "+13"

    def test_display_and_beeper(self, unit: UnitB2900) -> None:
        unit.write(":DISP:DIG 5;CSET 2;ZOOM ON", ":DISP:WIND2:TEXT:DATA 'running'", ":DISP:WIND2:TEXT:STAT ON")
        assert unit.ask(":DISP:DIG?;CSET?;ZOOM?;:DISP:WIND2:TEXT:DATA?;STAT?;:DISP:TEXT:STAT?") == '5;2;1;"running";1;0'
        unit.write(":SYST:BEEP:STAT OFF", ":DISP:DIG 8")
        assert unit.ask(":SYST:BEEP:STAT?") == "0"
        assert unit.errors() == [-222]

    def test_mainframe(self, unit: UnitB2900) -> None:
        unit.write(
            ":SYST:PON RCL1", ":SYST:FAN:MODE RACK", ":SYST:GRO (@1)", ":SYST:LOC", ":SYST:DATE 2026,11,24", "*RST"
        )
        assert unit.ask(":SYST:PON?;:SYST:FAN:MODE?;:SYST:GRO?;:SYST:DATE?") == "RCL1;RACK;(@1,2);+2026,+11,+24"
        assert unit.errors() == []

    def test_functions_that_are_off(self, unit: UnitB2900) -> None:
        assert unit.ask(":SENS:FUNC:OFF?;OFF:COUN?;:SENS:FUNC:STAT? 'RES'") == '"RES";1;0'

    def test_a_measurement_with_the_optional_node(self, unit: UnitB2900) -> None:
        assert unit.number(":MEAS:CURR:DC?") == pytest.approx(1e-6, rel=1e-5)

    def test_trigger_outputs(self, unit: UnitB2900) -> None:
        unit.write(":SOUR:TOUT:STAT ON", ":SOUR:TOUT:SIGN EXT3", ":SENS2:TOUT ON;:SENS2:TOUT:SIGN INT1")
        assert unit.ask(":SOUR:TOUT?;:SOUR:TOUT:SIGN?;:SENS2:TOUT:STAT?;SIGN?;:SENS1:TOUT?") == "1;EXT3;1;INT1;0"

    def test_the_output_filter_by_frequency_or_time(self, unit: UnitB2900) -> None:
        """A time constant is one over 2 pi times the cut-off frequency."""
        unit.write(":OUTP:FILT:AUTO OFF", ":OUTP:FILT:LPAS:FREQ 1591.549")
        assert unit.number(":OUTP:FILT:TCON?") == pytest.approx(1e-4, rel=1e-5)
        unit.write(":OUTP:FILT:TCON 1E-3")
        assert unit.number(":OUTP:FILT:FREQ?") == pytest.approx(159.1549, rel=1e-5)
        assert unit.ask(":OUTP:FILT:AUTO?") == "0"


def test_status_bits_latch_when_they_rise_or_fall(unit: UnitB2900) -> None:
    """Bit 10 of the questionable register: the interlock."""
    unit.write(":STAT:QUES:PTR 0;NTR 1024")
    unit.unit.interlock_closed = False
    assert unit.ask(":STAT:QUES:COND?;:STAT:QUES?") == "+1024;+0"
    unit.unit.interlock_closed = True
    assert unit.ask(":STAT:QUES:COND?;:STAT:QUES?") == "+0;+1024"
    unit.write(":STAT:PRES")
    assert unit.ask(":STAT:QUES:PTR?;NTR?") == "+32767;+0"
