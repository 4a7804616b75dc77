"""Stored states of the simulated generators, and settings that they only remember."""

import pytest

from tests.sim_instruments.generator_unit import Generator

KEYSIGHT, TEKTRONIX, PULSE_GENERATOR = "keysight_33622a", "tektronix_afg3252c", "keysight_81160a"
SETTINGS = {
    KEYSIGHT: ("SOUR1:FUNC PULS", "SOUR2:VOLT:HIGH 2;LOW -1", "FUNC:PULS:WIDT 2E-6", "OUTP2:LOAD INF", "OUTP2 ON",
               "SOUR2:BURS:NCYC 7", "SOUR2:BURS:STAT ON", "TRIG2:SOUR EXT", "SOUR1:AM:DEPT 30", "FREQ:STOP 5000",
               "FORM:BORD SWAP", "DISP:VIEW DUAL", "SOUR1:MARK:CYCL 5", "FREQ:COUP:RAT 2", "OUTP:TRIG ON"),
    TEKTRONIX: ("SOUR1:FUNC PULS", "SOUR2:VOLT:HIGH 2;LOW -1", "SOUR1:PULS:WIDT 2E-7", "OUTP2:IMP INF", "OUTP2 ON",
                "SOUR2:BURS:NCYC 7", "SOUR2:BURS:STAT ON", "TRIG:TIM 0.02", "SOUR1:PWM:DEV:DCYC 3",
                "SYST:KLOC ON", "SOUR1:SWE:MODE MAN"),
    PULSE_GENERATOR: (":FUNC1 PULS", ":VOLT2:HIGH 2;LOW -1", ":PULS:WIDT1 2E-8", ":OUTP2:LOAD 1E5", ":OUTP2 ON",
                      ":TRIG2:COUN 7", ":ARM:SOUR2 EXT", ":AM1:DEPT 30", ":TRAC:CHAN1 OFF", "DISP OFF"),
}  # fmt: skip
EMPTY = {KEYSIGHT: 810, TEKTRONIX: -221, PULSE_GENERATOR: 810}


def replies(generator: Generator) -> list[str]:
    model = generator.ask("*IDN?").split(",")[1]
    settings = next(rows for name, rows in SETTINGS.items() if model.lower() in name)
    headers = [unit.split()[0] for row in settings for unit in row.split(";")[:1]]
    return [generator.ask(header + "?") for header in headers]


@pytest.mark.parametrize("model", SETTINGS)
def test_a_stored_state_is_recalled_whole(model: str) -> None:
    generator = Generator(model=model)
    after_reset = replies(generator)
    generator.write(*SETTINGS[model])
    stored = replies(generator)
    assert all(before != now for before, now in zip(after_reset, stored, strict=True) if before != "0" or now != "0")
    generator.write("*SAV 2", "*RST")
    assert replies(generator) == after_reset
    generator.write("*RCL 2")
    assert replies(generator) == stored
    assert generator.errors() == []


@pytest.mark.parametrize("model", SETTINGS)
def test_what_cannot_be_recalled(model: str) -> None:
    generator = Generator(model=model)
    generator.write("*RCL 1", "*SAV 5", "*SAV 0", "*RCL 0")
    assert generator.errors() == [EMPTY[model], -222]
    assert generator.ask("MEM:STAT:VAL? 0;:MEM:STAT:VAL? 1;:MEM:NST?") == "1;0;+5"
    generator.write("MEM:STAT:DEL 0", "*RCL 0")
    assert generator.errors() == [EMPTY[model]]


def test_a_recalled_output_drives_the_port_again() -> None:
    generator = Generator()
    generator.write("OUTP1:LOAD INF", "FUNC DC", "VOLT:OFFS 1.5", "OUTP1 ON", "*SAV 1", "*RST")
    assert generator.level == 0.0
    generator.write("*RCL 1")
    assert generator.level == pytest.approx(1.5)


def test_a_waveform_that_was_cleared_is_not_recalled() -> None:
    generator = Generator()
    generator.write("DATA:ARB mine,0,0.5,1,0.5,0,-0.5,-1,-0.5", "FUNC:ARB mine", "FUNC ARB", "*SAV 3")
    generator.write("DATA:VOL:CLE", "*RCL 3")
    assert generator.ask("FUNC?;FUNC:ARB?") == 'ARB;"EXP_RISE"'
    assert generator.errors() == []


@pytest.mark.parametrize("message", [
    "DISP:FOC CH2", "DISP:UNIT:VOLT HIGH", "DISP:UNIT:RATE PER", "SYST:BEEP:STAT OFF", "SYST:KLOC ON",
    "ROSC:SOUR EXT", "OUTP:TRIG:SLOP NEG", "SYST:WMES \"hello\"",
])  # fmt: skip
def test_what_is_only_remembered(message: str) -> None:
    generator = Generator()
    header, value = message.split()
    before = generator.ask(header + "?")
    generator.write(message)
    assert generator.ask(header + "?") == {"ON": "1", "OFF": "0"}.get(value, value)
    generator.write("*RST")
    assert generator.ask(header + "?") == before
    assert generator.errors() == []


def test_limits_of_what_is_only_remembered() -> None:
    generator = Generator()
    generator.write("SOUR3:MARK:CYCL 3", "SOUR2:MARK:CYCL 1", "DISP:FOC CH3", "DISP:VIEW")
    assert generator.errors() == [-114, -222, -224, -109]
    assert generator.number("SOUR2:MARK:CYCL?") == 2.0
    assert generator.number("SOUR2:MARK:FREQ? ") == 500.0


def test_a_channel_of_a_tektronix_is_copied() -> None:
    generator = Generator(model=TEKTRONIX)
    generator.write("SOUR1:FUNC RAMP", "SOUR1:FREQ 12E3", "SOUR1:VOLT:HIGH 2;LOW 1", "AFGC:CSC CH1,CH2")
    assert generator.ask("SOUR2:FUNC?;:OUTP2?") == "RAMP;0"
    assert [generator.number(f"SOUR2:{q}?") for q in ("FREQ", "VOLT:HIGH", "VOLT:LOW")] == [12e3, 2.0, 1.0]
    assert generator.errors() == []
