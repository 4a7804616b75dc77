"""Coupled and synchronised channels of the simulated generators."""

import pytest

from tests.sim_instruments.generator_unit import Generator

TEKTRONIX, PULSE_GENERATOR = "tektronix_afg3252c", "keysight_81160a"


def numbers(generator: Generator, *queries: str) -> list[float]:
    return [generator.number(query) for query in queries]


def test_coupled_levels() -> None:
    generator = Generator()
    generator.write("SOUR1:VOLT 3", "SOUR1:VOLT:OFFS 0.5", "SOUR1:VOLT:COUP ON")
    assert numbers(generator, "SOUR2:VOLT?", "SOUR2:VOLT:OFFS?") == [3.0, 0.5]
    generator.write("OUTP2:LOAD INF", "SOUR2:VOLT:HIGH 8")
    assert numbers(generator, "OUTP1:LOAD?", "SOUR1:VOLT:HIGH?", "SOUR1:VOLT:LOW?") == [9.9e37, 8.0, -2.0]
    generator.write("SOUR1:VOLT:COUP OFF", "SOUR1:VOLT 1")
    assert generator.ask("SOUR2:VOLT:COUP?") == "0"
    assert numbers(generator, "SOUR2:VOLT?") == [10.0]
    assert generator.errors() == []


def test_coupled_frequencies() -> None:
    generator = Generator()
    generator.write("SOUR1:FREQ:COUP:RAT 2.5", "SOUR1:FREQ:COUP:MODE RAT", "SOUR1:FREQ:COUP ON")
    assert numbers(generator, "SOUR2:FREQ?") == [2500.0]
    generator.write("SOUR2:FREQ 5000")
    assert numbers(generator, "SOUR1:FREQ?") == [2000.0]
    generator.write("FREQ:COUP:OFFS 100", "FREQ:COUP:MODE OFFS", "FREQ 3000")
    assert numbers(generator, "SOUR2:FREQ?") == [3100.0]
    assert generator.ask("SOUR2:FREQ:COUP:STAT?;MODE?") == "1;OFFS"
    generator.write("*RST", "FREQ 7000")
    assert numbers(generator, "SOUR2:FREQ?") == [1000.0]
    assert generator.errors() == []


def test_coupled_sample_rates() -> None:
    generator = Generator()
    generator.write("FUNC:ARB:SRAT:COUP:RAT 2", "RATE:COUP ON", "FUNC:ARB:SRAT 1E5")
    assert numbers(generator, "SOUR2:FUNC:ARB:SRAT?") == [2e5]
    assert generator.errors() == []


def test_tracking_channels() -> None:
    generator = Generator()
    generator.write("SOUR1:FUNC SQU", "SOUR1:VOLT 2", "SOUR1:AM:DEPT 30", "SOUR1:TRAC INV")
    assert generator.ask("SOUR2:FUNC?;:OUTP2:POL?;:SOUR2:TRAC?;:OUTP2?") == "SQU;INV;INV;0"
    assert numbers(generator, "SOUR2:VOLT?", "SOUR2:AM:DEPT?") == [2.0, 30.0]
    generator.write("SOUR1:FREQ 12345")
    assert numbers(generator, "SOUR2:FREQ?") == [12345.0]
    generator.write("TRAC OFF", "SOUR1:FREQ 1000")
    assert numbers(generator, "SOUR2:FREQ?") == [12345.0]
    assert generator.errors() == []


@pytest.mark.parametrize("number", [1, 2])
def test_tracking_channels_of_a_81160a(number: int) -> None:
    generator = Generator(model=PULSE_GENERATOR)
    other = 3 - number
    generator.write(f":FUNC{number} PULS", f":PULS:WIDT{number} 20E-9", f":TRAC:CHAN{number} ON")
    assert generator.ask(f":FUNC{other}?;:TRAC:CHAN{number}?") == "PULS;1"
    generator.write(f":VOLT{number}:HIGH 3;LOW 1")
    assert numbers(generator, f":PULS:WIDT{other}?", f":VOLT{other}:LOW?") == pytest.approx([20e-9, 1.0])
    assert generator.errors() == []


def test_concurrent_channels_of_a_tektronix() -> None:
    generator = Generator(model=TEKTRONIX)
    generator.write("SOUR2:FREQ 5E5", "SOUR2:VOLT:HIGH 2;LOW 0", "SOUR2:FREQ:CONC ON", "SOUR2:VOLT:CONC:STAT ON")
    assert numbers(generator, "SOUR1:FREQ?", "SOUR1:VOLT:HIGH?", "SOUR1:VOLT:LOW?") == [5e5, 2.0, 0.0]
    generator.write("SOUR1:FREQ 2E5")
    assert numbers(generator, "SOUR2:FREQ?") == [2e5]
    assert generator.errors() == []


@pytest.mark.parametrize(
    ("model", "command"),
    [("keysight_33622a", "PHAS:SYNC"), ("keysight_33622a", "FUNC:ARB:SYNC"), (TEKTRONIX, "SOUR1:PHAS:INIT")],
)
def test_synchronised_channels_start_together(model: str, command: str) -> None:
    generator = Generator(model=model)
    for number, phase in ((1, "0 DEG"), (2, "90 DEG")):
        generator.write(f"SOUR{number}:FREQ 1000", f"SOUR{number}:VOLT 2 VPP", f"SOUR{number}:PHAS {phase}")
        generator.write(f"OUTP{number} ON")
    generator.harness.advance(0.123e-3)
    generator.write(command)
    first, second = (generator.harness.probe(generator.surroundings.port(name)).voltage for name in "12")
    assert (first, second) == (pytest.approx(0.0, abs=1e-6), pytest.approx(2.0, rel=1e-3))
    generator.harness.advance(0.25e-3)
    first, second = (generator.harness.probe(generator.surroundings.port(name)).voltage for name in "12")
    assert (first, second) == (pytest.approx(2.0, rel=1e-3), pytest.approx(0.0, abs=1e-6))
    assert generator.errors() == []


def test_the_present_phase_becomes_the_reference() -> None:
    generator = Generator()
    generator.write("PHAS 90", "OUTP1 ON", "PHAS:REF")
    assert generator.number("PHAS?") == 0.0
    generator.write("OUTP1 OFF", "OUTP1 ON")
    assert generator.level == pytest.approx(0.1, rel=1e-3)  # into an open circuit, twice 50 mV
