"""The simulated AFG3252C: ranges of the command documentation, bursts, memories."""

import math
import struct
from itertools import pairwise

import pytest

from tests.sim_instruments.generator_unit import Generator

PULSE = (
    "OUTP1:IMP INF", "SOUR1:FUNC:SHAP PULS", "SOUR1:PULS:HOLD WIDT;PER 1E-3;WIDT 200E-6", "SOUR1:VOLT:HIGH 4;LOW 1",
)  # fmt: skip
TRIGGERED = ("TRIG:SOUR EXT", "SOUR1:BURS:MODE TRIG;NCYC 3;STAT ON")


@pytest.fixture
def generator() -> Generator:
    return Generator(model="tektronix_afg3252c")


DEFAULTS = {
    "SOUR1:FUNC:SHAP?": "SIN", "OUTP1:STAT?": "0", "OUTP1:IMP?": "50", "SOUR1:BURS:STAT?": "0", "TRIG:SOUR?": "TIM",
    "SOUR1:VOLT?": "1.0000E+00", "SOUR1:FREQ?": "1.000000000000E+06", "SYST:ERR?": '0,"No error"',
}  # fmt: skip


@pytest.mark.parametrize(("query", "reply"), DEFAULTS.items())
def test_defaults_after_power_on_and_reset(generator: Generator, query: str, reply: str) -> None:
    assert generator.ask(query) == reply
    generator.write(*PULSE, *TRIGGERED, "OUTP1 ON;:OUTP1:POL INV", "*RST")
    assert generator.ask(query) == reply


def test_a_burst_on_command(generator: Generator) -> None:
    generator.write(*PULSE, *TRIGGERED, "OUTP1 ON")
    assert generator.mean(10e-3) == pytest.approx(1.0, rel=1e-6)
    generator.write("*TRG")
    assert generator.mean(3e-3) == pytest.approx(1.6, rel=1e-6)
    generator.write("TRIG:SEQ:IMM")
    assert generator.port.remaining == pytest.approx(3e-3)
    assert generator.errors() == []


def test_the_internal_clock_repeats_bursts_and_a_trigger_does_no_harm(generator: Generator) -> None:
    generator.write(*PULSE, "SOUR1:BURS:NCYC 3;STAT ON;:TRIG:TIM 10E-3;:OUTP1 ON", "*TRG")
    assert generator.mean(0.1) == pytest.approx(1.0 + 3.0 * 3 * 0.2e-3 / 10e-3, rel=1e-3)
    assert generator.errors() == []


def test_one_trigger_system_for_both_channels(generator: Generator) -> None:
    generator.write(*PULSE, *TRIGGERED, "SOUR2:FUNC PULS;:SOUR2:BURS:NCYC 7;STAT ON;:OUTP1 ON;:OUTP2 ON", "*TRG")
    assert generator.port.remaining == pytest.approx(3e-3)
    assert generator.surroundings.port("2").remaining == pytest.approx(7e-6)


def test_triggers_in_vain(generator: Generator) -> None:
    generator.write("*TRG")
    generator.write(*PULSE, *TRIGGERED, "SOUR1:BURS:NCYC 100;:OUTP1 ON", "*TRG", "*TRG")
    assert generator.errors() == [-211, -211]


def test_a_delayed_burst(generator: Generator) -> None:
    generator.write(*PULSE, *TRIGGERED, "SOUR1:BURS:TDEL 5E-3;:OUTP1 ON", "*TRG")
    assert generator.mean(5e-3) == pytest.approx(1.0, rel=1e-6)
    assert generator.mean(3e-3) == pytest.approx(1.6, rel=1e-6)


def test_impedance_rescales_what_is_displayed(generator: Generator) -> None:
    generator.write("SOUR1:FUNC DC;VOLT:OFFS 1;:OUTP1 ON")
    assert generator.level == pytest.approx(2.0, rel=1e-6), "50 ohms told, an open circuit connected"
    generator.write("OUTP1:IMP INF")
    assert generator.ask("OUTP1:IMP?;:SOUR1:VOLT:OFFS?") == "9.9E+37;2.0000E+00"
    assert generator.level == pytest.approx(2.0, rel=1e-6)


REFUSED = {
    "SOUR1:PULS:WIDT 3.9E-9": -222, "SOUR1:PULS:WIDT 2E-3": -221, "SOUR1:PULS:PER 100E-6": -221,
    "SOUR1:PULS:TRAN:LEAD 2E-9": -222, "SOUR1:PULS:TRAN:LEAD 400E-6": -221, "SOUR1:VOLT:HIGH 5.1": -222,
    "SOUR1:VOLT:LOW 4.5": -221, "SOUR1:VOLT 0.09VPP": -222, "SOUR1:BURS:NCYC 1000001": -222,
    "SOUR1:BURS:TDEL 86": -222, "OUTP1:IMP 0.5": -222, "TRIG:TIM 0.5E-6": -222, "SOUR1:FREQ 121E6": -222,
    "SOUR3:VOLT 1": -114, "SOUR1:FUNC USER1": -221, "SOUR1:FUNC TRI": -224, "SOUR1:AM:STAT ON": -221,
}  # fmt: skip


@pytest.mark.parametrize(("message", "code"), REFUSED.items())
def test_what_does_not_fit_is_refused_and_changes_nothing(generator: Generator, message: str, code: int) -> None:
    generator.write(*PULSE)
    asked = "SOUR1:PULS:WIDT?;PER?;TRAN:LEAD?;:SOUR1:VOLT:HIGH?;LOW?;:SOUR1:FUNC?;:SOUR1:BURS:NCYC?;:OUTP1:IMP?"
    before = generator.ask(asked)
    generator.write(message)
    assert generator.errors() == [code]
    assert generator.ask(asked) == before


def test_width_between_edges_and_period(generator: Generator) -> None:
    """0.625 (lead + trail) <= width <= period - 0.8 (lead + trail)."""
    generator.write(*PULSE, "SOUR1:PULS:WIDT 10E-6;TRAN:LEAD 8E-6;TRA 8E-6")
    assert generator.errors() == []
    generator.write("SOUR1:PULS:TRAN:TRA 8.1E-6")
    assert generator.errors() == [-221]
    generator.write("SOUR1:PULS:PER 22.9E-6")
    assert generator.errors() == []
    generator.write("SOUR1:PULS:PER 22.7E-6")
    assert generator.errors() == [-221]


def test_the_duty_cycle_is_kept_by_default(generator: Generator) -> None:
    generator.write("SOUR1:FREQ 25E6;FUNC PULS")
    assert generator.number("SOUR1:PULS:WIDT?") == pytest.approx(20e-9)
    generator.write("SOUR1:PULS:PER 1E-3")
    assert generator.number("SOUR1:PULS:DCYC?") == pytest.approx(50.0)
    assert generator.errors() == []


def test_voltage_limits(generator: Generator) -> None:
    generator.write(*PULSE, "SOUR1:VOLT:LIM:HIGH 4.2", "SOUR1:VOLT:HIGH 4.3", "SOUR1:VOLT:LIM:HIGH 3")
    assert generator.errors() == [-222, -221]
    assert generator.number("SOUR1:VOLT:HIGH?") == 4.0


def test_amplitude_with_units(generator: Generator) -> None:
    generator.write("SOUR1:VOLT:AMPL 2VPP;UNIT VRMS")
    assert generator.number("SOUR1:VOLT:AMPL?") == pytest.approx(1 / math.sqrt(2), rel=1e-4)
    generator.write("SOUR1:VOLT:AMPL 0.000000e+00DBM;:SOUR1:VOLT:UNIT DBM")
    assert generator.number("SOUR1:VOLT:AMPL?") == pytest.approx(0.0, abs=1e-3)


CODES = [0, 0, 8191, 16382, 16382, 12286, 8191, 4095]


def test_an_arbitrary_waveform_goes_to_the_edit_memory_and_is_played(generator: Generator) -> None:
    block = b"#216" + struct.pack(">8H", *CODES)
    generator.write("DATA:DEF EMEM,8")
    assert generator.unit.execute(b"DATA:DATA EMEM," + block) is None
    assert generator.unit.execute(b"DATA:DATA? EMEM") == block + b"\n"
    generator.write("DATA:COPY USER1,EMEM", "SOUR1:FUNC USER1;FREQ 125;:OUTP1:IMP INF;:SOUR1:VOLT 4;:OUTP1 ON")
    assert generator.errors() == []
    ends = [code / 8191 - 1.0 for code in (*CODES, CODES[0])]
    generator.write("TRIG:SOUR EXT;:SOUR1:BURS:NCYC 1;STAT ON;:OUTP1 ON", "*TRG")
    played = [generator.mean(1e-3) for _ in CODES]
    assert played == pytest.approx([a + b for a, b in pairwise(ends)], abs=1e-3), "joined by lines"


def test_memories(generator: Generator) -> None:
    assert generator.ask("DATA:CAT?;:DATA:POIN? EMEM") == '"EMEM","EMEM2";1000'
    generator.write("TRAC:DEF EMEM2,20", "TRAC:COPY USER2,EMEM2")
    assert generator.ask("DATA:POIN? USER2") == "20"
    generator.write("SOUR1:FUNC USER2", "DATA:DEL USER2", "DATA:DEF EMEM,1")
    assert generator.errors() == [-221, -222]


@pytest.mark.parametrize(
    "function", ["SIN", "SQU", "PULS", "RAMP", "PRN", "DC", "SINC", "GAUS", "LOR", "ERIS", "EDEC", "HAV", "EMEM"]
)
def test_all_functions_are_put_out(generator: Generator, function: str) -> None:
    generator.write("SOUR1:FREQ 1000", f"SOUR1:FUNC {function};:OUTP1:IMP INF;:SOUR1:VOLT 2;VOLT:OFFS 0.5;:OUTP1 ON")
    assert generator.errors() == []
    assert generator.ask("SOUR1:FUNC?") == function
    levels = [(generator.harness.advance(37e-6), generator.level)[1] for _ in range(30)]
    assert -0.5 - 1e-6 <= min(levels) <= max(levels) <= 1.5 + 1e-6
    assert (len(set(levels)) == 1) == (function in ("DC", "EMEM"))


def test_phase_in_radians_and_degrees(generator: Generator) -> None:
    generator.write("SOUR1:PHAS 90DEG")
    assert generator.number("SOUR1:PHAS?") == pytest.approx(math.pi / 2)
    generator.write("SOUR1:PHAS 1.5", "SOUR1:PHAS 4", "SOUR1:PHAS:INIT")
    assert generator.errors() == [-222]


PULSE_BURST = [
    "*CLS", "*RST", "OUTPut1:STATe OFF", "OUTPut1:IMPedance INF", "SOURce1:FUNCtion:SHAPe PULSe",
    "SOURce1:PULSe:PERiod 0.0001", "SOURce1:PULSe:HOLD WIDTh", "SOURce1:PULSe:WIDTh 2e-05",
    "SOURce1:VOLTage:LEVel:IMMediate:HIGH 1.0", "SOURce1:VOLTage:LEVel:IMMediate:LOW 0.0",
    "SOURce1:PULSe:TRANsition:LEADing 2e-08", "SOURce1:PULSe:TRANsition:TRAiling 2e-08",
    "SOURce1:BURSt:MODE TRIGgered", "SOURce1:BURSt:NCYCles 5", "SOURce1:BURSt:TDELay 0.0", "SOURce1:BURSt:STATe ON",
    "TRIGger:SEQuence:SOURce TIMer", "TRIGger:SEQuence:TIMer 0.05", "SOURce1:PHASe 0", "OUTPut1:STATe ON",
    "TRIGger:SEQuence:IMMediate",
]  # fmt: skip


def test_a_program_for_pulse_bursts_of_a_sister_model(generator: Generator) -> None:
    generator.write(*PULSE_BURST)
    assert generator.errors() == []
    assert generator.mean(0.5) == pytest.approx(5 * 20e-6 / 0.05, rel=1e-3)
    asked = "SOURce1:BURSt:STATe?;MODE?;NCYCles?;:TRIGger:SEQuence:SOURce?;:OUTPut1:STATe?"
    assert generator.ask(asked) == "1;TRIG;5;TIM;1"


def test_points_and_lines_are_edited(generator: Generator) -> None:
    generator.write("DATA:DEF EMEM,1000", "DATA:DATA:LINE EMEM,1,0,1000,16000", "DATA:DATA:VAL EMEM,500,1234")
    assert [generator.ask(f"DATA:DATA:VAL? EMEM,{point}") for point in (1, 500, 1000)] == ["0", "1234", "16000"]
    assert generator.ask("DATA:DATA:VAL? EMEM,251") == str(round(16000 * 250 / 999))
    generator.write("DATA:DATA:VAL EMEM,1001,0", "DATA:DATA:LINE EMEM,1,0", "DATA:DATA:VAL EMEM,1,16384")
    assert generator.errors() == [-222, -109, -222]


def test_a_locked_memory_is_not_overwritten(generator: Generator) -> None:
    generator.write("DATA:COPY USER1,EMEM", "DATA:LOCK:STAT USER1,ON")
    assert generator.ask("DATA:LOCK? USER1;:DATA:LOCK? USER2") == "1;0"
    generator.write("DATA:COPY USER1,EMEM2", "DATA:DEL USER1", "DATA:LOCK EMEM,ON")
    assert generator.errors() == [-221, -221, -224]
    generator.write("DATA:LOCK USER1,OFF", "DATA:DEL USER1")
    assert generator.errors() == []


def test_limits_of_the_phase(generator: Generator) -> None:
    generator.write("SOUR1:PHAS MAX")
    assert generator.number("SOUR1:PHAS?") == pytest.approx(math.pi)
    assert generator.number("SOUR2:PHAS? MIN") == pytest.approx(-math.pi)
    generator.write("SOUR1:PHAS 181 DEG")
    assert generator.errors() == [-222]


def test_what_programs_ask_before_they_begin(generator: Generator) -> None:
    generator.write("SOUR1:COMB:FEED ''", "CAL:ALL", "DISP:TEXT 'BUSY'", "SYST:KCL OFF")
    assert generator.ask("*CAL?;:DIAG?;:SOUR1:COMB:FEED?;:DISP:TEXT?;:SYST:KCL?") == '0;0;"";"BUSY";0'
    generator.write("SOUR1:COMB:FEED 'NOISE'")
    assert generator.errors() == [-241]


def test_security_forgets_the_memories(generator: Generator) -> None:
    generator.write("DATA:COPY USER1,EMEM", "SYST:SEC:IMM")
    assert generator.ask("DATA:CAT?") == '"EMEM","EMEM2"'
    assert generator.errors() == []


def test_noise_levels_are_kept_and_no_file_is_found(generator: Generator) -> None:
    """Command documentation: 0 … 50 % of the amplitude, source 3 for channel 1 and 4 for channel 2."""
    generator.write("SOUR3:POW 25PCT;:SOUR4:POW:LEV:IMM:AMPL 30")
    assert (generator.ask("SOUR3:POW?"), generator.ask("SOUR4:POW?")) == ("25", "30")
    generator.write("SOUR3:POW 51;:SOUR5:POW 1;:SOUR1:AM:INT:FUNC:EFIL 'A.TFW'")
    assert generator.errors() == [-222, -114, -256]
    assert [generator.ask(query) for query in ("SOUR2:FUNC:EFIL?", "SOUR1:PWM:INT:FUNC:EFIL?")] == ['""'] * 2
    generator.write("*RST;*PSC 0")
    assert (generator.ask("SOUR4:POW?"), generator.ask("*PSC?")) == ("10", "0")


def test_an_edit_memory_is_copied_to_the_other(generator: Generator) -> None:
    generator.write("DATA:DEF EMEM,5;:DATA:VAL EMEM,2,16382;:DATA:EMEMCOPY EMEM1,EMEM2;:DATA:EMEMCOPY EMEM,USER1")
    assert (generator.ask("DATA:POIN? EMEM2"), generator.ask("DATA:VAL? EMEM2,2")) == ("5", "16382")
    assert generator.errors() == [-224]
