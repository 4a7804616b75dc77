"""The simulated 81160A: limits of the User's Guide, triggers, arbitrary waveforms."""

import struct

import pytest

from emulator import Open
from tests.sim_instruments.generator_unit import Generator

PULSE = (
    "OUTP1:LOAD 1E6", "FUNC1 PULS", "PULS:PER1 1E-3;:PULS:WIDT1 200E-6", "VOLT1:HIGH 4;:VOLT1:LOW 1",
    "ARM:SOUR1 MAN", "TRIG1:COUN 3",
)  # fmt: skip


@pytest.fixture
def generator() -> Generator:
    return Generator(model="keysight_81160a")


DEFAULTS = {
    "FUNC1?": "SIN", "OUTP1?": "0", "OUTP2?": "0", "BURS1:STAT?": "0", "ARM:SOUR1?": "IMM", "OUTP1:POL?": "NORM",
    "PULS:PER1?": "+1.000000000000000E-06", "OUTP1:LOAD?": "+5.000000000000000E+01", "SYST:ERR?": '+0,"No error"',
}  # fmt: skip


@pytest.mark.parametrize(("query", "reply"), DEFAULTS.items())
def test_defaults_after_power_on_and_reset(generator: Generator, query: str, reply: str) -> None:
    assert generator.ask(query) == reply
    generator.write(*PULSE, "OUTP1 ON;:OUTP2 ON;:OUTP1:POL INV", "*RST")
    assert generator.ask(query) == reply


def test_pulses_on_command(generator: Generator) -> None:
    generator.write(*PULSE, "OUTP1 ON")
    assert generator.mean(10e-3) == pytest.approx(1.0, rel=1e-3)
    generator.write("*TRG")
    assert generator.port.remaining == pytest.approx(3e-3)
    assert generator.mean(3e-3) == pytest.approx(1.6, rel=1e-3)
    generator.write(":TRIG")
    assert generator.port.remaining == pytest.approx(3e-3)
    assert generator.errors() == []


def test_a_trigger_without_burst_gives_one_cycle(generator: Generator) -> None:
    generator.write(*PULSE, "TRIG1:COUN 1", "OUTP1 ON", "*TRG")
    assert generator.port.remaining == pytest.approx(1e-3)
    assert generator.ask("BURS1:STAT?;:BURS1:NCYC?") == "0;+1.000000000000000E+00"


def test_the_trigger_count_is_the_short_form_of_burst_and_cycles(generator: Generator) -> None:
    generator.write("TRIG1:COUN 7")
    assert generator.ask("BURS1:STAT?;:BURS1:NCYC?") == "1;+7.000000000000000E+00"
    generator.write("BURS1:STAT 0")
    assert generator.number("TRIG1:COUN?") == 1


def test_a_trigger_during_a_burst_or_without_manual_arming_is_ignored(generator: Generator) -> None:
    generator.write("*TRG")
    generator.write(*PULSE, "TRIG1:COUN 100", "OUTP1 ON", "*TRG", "*TRG")
    assert generator.errors() == [-211, -211]


def test_opc_waits_for_the_burst(generator: Generator) -> None:
    generator.write(*PULSE, "TRIG1:COUN 5000", "OUTP1 ON")
    before = generator.now
    assert generator.ask("*TRG;*OPC?") == "1"
    assert generator.now - before == pytest.approx(5.0, abs=2e-3)


def test_the_internal_trigger_repeats(generator: Generator) -> None:
    generator.write(*PULSE, "ARM:SOUR1 INT2;PER1 10E-3", "OUTP1 ON")
    assert generator.mean(0.1) == pytest.approx(1.0 + 3.0 * 3 * 0.2e-3 / 10e-3, rel=1e-3)
    assert generator.number("ARM:FREQ1?") == pytest.approx(100.0)


def test_a_delayed_pulse(generator: Generator) -> None:
    generator.write(*PULSE, "PULS:DEL1 5E-3", "OUTP1 ON", "*TRG")
    assert generator.mean(5e-3) == pytest.approx(1.0, rel=1e-3)
    assert generator.mean(3e-3) == pytest.approx(1.6, rel=1e-3)


def test_period_is_at_least_width_and_1_6_edges(generator: Generator) -> None:
    generator.write("FUNC1 PULS;:PULS:PER1 1 US;:PULS:WIDT1 500 NS;:FUNC1:PULS:TRAN 400 NS")
    edge, width = generator.number("FUNC1:PULS:TRAN?"), generator.number("PULS:WIDT1?")
    assert width + 1.6 * edge <= 1e-6 * (1 + 1e-9)
    assert generator.errors() == [-222]


LIMITS = {
    "PULS:PER1? MIN": 3.03e-9, "PULS:PER1? MAX": 1e6, "PULS:WIDT1? MIN": 1.5e-9, "FUNC1:PULS:TRAN? MIN": 1e-9,
    "OUTP1:LOAD? MIN": 0.3, "OUTP1:LOAD? MAX": 1e6, "VOLT1? MIN": 0.05, "VOLT1? MAX": 5.0,
    "TRIG1:COUN? MAX": 2147483647,
}  # fmt: skip


@pytest.mark.parametrize(("query", "value"), LIMITS.items())
def test_limits(generator: Generator, query: str, value: float) -> None:
    assert generator.number(query) == pytest.approx(value)


def test_levels_stay_within_5_v_at_50_ohm(generator: Generator) -> None:
    generator.write("VOLT1:HIGH 4;:VOLT1:LOW 1;:VOLT1:HIGH 5")
    assert generator.errors() == []
    generator.write("VOLT1:HIGH 6")
    assert (generator.number("VOLT1:HIGH?"), generator.errors()) == (5.0, [-222])
    generator.write("VOLT1:LOW -1")
    assert generator.number("VOLT1?") == pytest.approx(5.0), "5 V peak to peak at most"
    assert generator.errors() == [-222]


def test_edges_go_together_until_the_trailing_edge_is_set(generator: Generator) -> None:
    generator.write("FUNC1 PULS;:PULS:PER1 1E-3;:PULS:WIDT1 1E-4", "FUNC1:PULS:TRAN 1E-6")
    assert generator.number("PULS:TRAN1:TRA?") == 1e-6
    generator.write("PULS:TRAN1:TRA 2E-6", "PULS:TRAN1 3E-6")
    assert generator.ask("PULS:TRAN1?;:PULS:TRAN1:TRA?") == "+3.000000000000000E-06;+2.000000000000000E-06"


SAMPLES = [-8191, -8191, 0, 8191, 8191, 4096, 0, -4096]


@pytest.mark.parametrize(
    "block", [b"#216" + struct.pack(">8h", *SAMPLES), ",".join(map(str, SAMPLES)).encode()], ids=["block", "numbers"]
)
def test_an_arbitrary_waveform_is_played(generator: Generator, block: bytes) -> None:
    assert generator.unit.execute(b":DATA1:DAC VOLATILE," + block) is None
    generator.write("DIG:TRAN:INT OFF", "FUNC1:USER VOLATILE;:FUNC1 USER;:FREQ1 125", "OUTP1:LOAD 1E6;:VOLT1 4")
    generator.write("ARM:SOUR1 MAN", "OUTP1 ON")
    assert generator.errors() == []
    generator.write("*TRG")
    played = [generator.mean(1e-3) for _ in SAMPLES]
    assert played == pytest.approx([2.0 * sample / 8191 for sample in SAMPLES], abs=1e-3)


def test_non_volatile_memory(generator: Generator) -> None:
    generator.write("DATA1:DAC VOLATILE,0,8191,-8191", "DATA1:COPY test, VOLATILE")
    assert generator.ask("DATA1:NVOL:CAT?") == '"TEST"'
    assert generator.number("DATA1:NVOL:FREE?") == 3
    generator.write("DATA1:DEL TEST", "DATA1:DEL TEST", "DATA1:COPY none, other", "DATA1:DAC VOLATILE,0,9000")
    assert generator.errors() == [785, 785, -222]


def test_the_lowest_byte_first(generator: Generator) -> None:
    generator.write("FORM:BORD SWAP")
    assert generator.unit.execute(b":DATA1:DAC VOLATILE,#14" + struct.pack("<2h", 100, -100)) is None
    assert generator.errors() == []
    assert generator.number("DATA1:ATTR:POIN? VOLATILE") == 2


def test_apply_turns_the_output_on(generator: Generator) -> None:
    generator.write("APPL1:PULS 2 KHZ, 3.0, -0.5")
    assert generator.ask("OUTP1?") == "1"
    assert generator.ask("APPL1?") == '"PULS +2.000000000000000E+03,+3.000000000000000E+00,-5.000000000000000E-01"'
    generator.write("OUTP1 OFF")
    assert generator.port.drive == Open()


def test_the_complement_is_mirrored_about_the_offset(generator: Generator) -> None:
    generator.write("OUTP1:LOAD 1E6", "FUNC1 PULS", "PULS:PER1 1E-3", "PULS:WIDT1 200E-6", "VOLT1:HIGH 4;LOW 1")
    complement = generator.surroundings.port("1c")
    generator.harness.add_resistor("pulser.1c", "ground", 1e9)
    generator.write("OUTP1:COMP ON")
    assert generator.ask("OUTP1?;OUTP1:COMP?") == "0;1"
    assert generator.port.drive == Open()
    assert generator.harness.measure(complement, 1e-3).voltage == pytest.approx(0.2 * 1.0 + 0.8 * 4.0, rel=1e-4)
    generator.write("OUTP1 ON")
    both = generator.harness.measure_all([generator.port, complement], 1e-3)
    assert [sample.voltage for sample in both] == pytest.approx([1.6, 3.4], rel=1e-4)
    generator.write("OUTP1:COMP OFF")
    assert complement.drive == Open()
    assert generator.mean(1e-3) == pytest.approx(1.6, rel=1e-4)
    generator.write("OUTP1:COMP ON", "*SAV 1", "*RST")
    assert generator.ask("OUTP1?;OUTP1:COMP?") == "0;0"
    generator.write("*RCL 1")
    assert generator.ask("OUTP1?;OUTP1:COMP?") == "1;1"
    assert generator.errors() == []


def test_a_burst_shows_at_the_trigger_output_of_its_channel(generator: Generator) -> None:
    edges: list[tuple[int, bool]] = []
    wiring = generator.surroundings.triggers
    for number in (1, 2):
        wiring.add_input(f"seen{number}.in", lambda high, number=number: edges.append((number, high)))
        wiring.connect(f"pulser.trigout{number}", f"seen{number}.in")
    edges.clear()  # an input takes over the level at once
    generator.write("ARM:SOUR2 MAN", "TRIG2:COUN 3", "OUTP2 ON", "*TRG")
    assert edges == [(2, True), (2, False)]


PROGRAMS = {
    "square wave": [
        ":FUNC1 SQU;:VOLT1 0.9;:VOLT1:OFFS 0.000000;:FREQ1 50000000;", ":OUTPut1:IMPedance:EXTernal 50;:OUTput1 ON",
    ],
    "external trigger": [
        ":ARM:SOUR1 EXT;", ":ARM:SENS1 EDGE;", ":ARM:SLOP POS;", ":ARM:LEV 1;", ":ARM:IMP 10000;",
    ],
    "one pulse per trigger": [
        ":APPL1:PULS", ":PER1 0.001", ":FUNC1:PULS:WIDT 1e-05", ":VOLT1:HIGH 2", ":VOLT1:LOW 0", ":ARM:IMP MAX",
        ":ARM:SLOP1 POS",
    ],
    "waveform": [
        ":DISP OFF", ":DATA1:DAC VOLATILE,-8191, 8191, 0", ":FUNCtion1:USER VOLATILE", ":FUNCtion1:SHAPe USER",
        ":DIG:TRAN:INT ON", ":FREQuency1 1000", ":VOLT1 1VPP", ":OUTPut1 ON",
    ],
}  # fmt: skip


@pytest.mark.parametrize("title", PROGRAMS)
def test_what_lab_programs_send_is_understood(generator: Generator, title: str) -> None:
    generator.write(*PROGRAMS[title])
    assert generator.errors() == []
