"""Sweep and modulation of the simulated generators: the voltage at the port against closed forms, and the settings."""

import math
from collections.abc import Callable

import pytest

from tests.sim_instruments.generator_unit import Generator

TAU = 2.0 * math.pi
POLYGON = 4e-3  # a sine of 48 straight lines lies within 0.22 % of its amplitude; the rest is the modulating polygon
CARRIER = ("OUTP1:LOAD INF", "FREQ 1000", "VOLT 4", "VOLT:OFFS 1")
KEYSIGHT, TEKTRONIX, PULSE_GENERATOR = "keysight_33622a", "tektronix_afg3252c", "keysight_81160a"


def playing(*messages: str) -> Generator:
    generator = Generator()
    generator.write(*CARRIER, *messages, "OUTP1 ON")
    assert generator.errors() == []
    generator.write("OUTP1 OFF", "OUTP1 ON")  # the waveform starts at this very moment
    return generator


def assert_follows(generator: Generator, expected: Callable[[float], float], times: list[float]) -> None:
    """`expected`: voltage at a time since the start."""
    begin = generator.now
    for time in times:
        generator.harness.advance(begin + time - generator.now)
        assert generator.level == pytest.approx(expected(time), abs=2.0 * POLYGON), time


def sine(phase: float) -> float:
    return 1.0 + 2.0 * math.sin(TAU * phase)


TIMES = [0.00013, 0.0031, 0.01777, 0.02, 0.05123, 0.0771, 0.1, 0.13571, 0.1999]


@pytest.mark.parametrize(("spacing", "phase"), [
    ("LIN", lambda t: 100.0 * t + 0.5 * 900.0 * t**2 / 0.2),
    ("LOG", lambda t: 100.0 * 0.2 / math.log(10.0) * (10.0 ** (t / 0.2) - 1.0)),
])  # fmt: skip
def test_a_sweep_follows_the_integral_of_its_frequency(spacing: str, phase: Callable[[float], float]) -> None:
    generator = playing("FREQ:STAR 100;STOP 1000", "SWE:TIME 0.2", f"SWE:SPAC {spacing}", "SWE:STAT ON")
    assert_follows(generator, lambda t: sine(phase(t)), TIMES)


def test_a_sweep_holds_and_returns() -> None:
    generator = playing("FREQ:STAR 100;STOP 300", "SWE:TIME 0.1;HTIM 0.05;RTIM 0.1", "SWE:STAT ON")
    there, hold = 20.0, 15.0  # cycles: 200 Hz over 0.1 s, 300 Hz over 0.05 s
    assert_follows(generator, lambda t: sine(there + 300.0 * (t - 0.1)), [0.1, 0.1037, 0.149])
    generator = playing("FREQ:STAR 100;STOP 300", "SWE:TIME 0.1;HTIM 0.05;RTIM 0.1", "SWE:STAT ON")
    back = lambda t: 300.0 * (t - 0.15) - 0.5 * 200.0 * (t - 0.15) ** 2 / 0.1  # noqa: E731
    assert_follows(generator, lambda t: sine(there + hold + back(t)), [0.15, 0.1771, 0.2333])
    generator.harness.advance(0.25 - 0.2333)  # the next sweep begins
    assert_follows(generator, lambda t: sine(100.0 * t + 0.5 * 2000.0 * t**2), [0.0123])


def test_a_sweep_waits_for_its_trigger() -> None:
    generator = playing("SWE:TIME 0.1", "FREQ:STAR 100;STOP 1000", "TRIG:SOUR BUS", "SWE:STAT ON")
    assert generator.port.remaining == 0.0
    generator.write("*TRG")
    assert generator.port.remaining == pytest.approx(0.1)
    before = generator.now
    assert generator.ask("*OPC?") == "1"
    assert generator.now - before == pytest.approx(0.1, rel=0.01)
    assert generator.errors() == []


def test_centre_and_span_are_start_and_stop() -> None:
    generator = Generator()
    generator.write("FREQ:CENT 5000", "FREQ:SPAN 2000")
    assert (generator.number("FREQ:STAR?"), generator.number("FREQ:STOP?")) == (4000.0, 6000.0)
    generator.write("FREQ:STAR 8000")
    assert (generator.number("FREQ:CENT?"), generator.number("FREQ:SPAN?")) == (7000.0, -2000.0)
    assert generator.errors() == []


def test_amplitude_modulation() -> None:
    generator = playing("AM:DEPT 80", "AM:INT:FREQ 50", "AM:STAT ON")
    gain = lambda t: 0.5 * (1.0 + 0.8 * math.sin(TAU * 50.0 * t))  # noqa: E731
    assert_follows(generator, lambda t: 1.0 + gain(t) * (sine(1000.0 * t) - 1.0), TIMES)


def test_amplitude_modulation_without_carrier() -> None:
    generator = playing("AM:DEPT 100", "AM:INT:FREQ 50", "AM:DSSC ON", "AM:STAT ON")
    assert_follows(generator, lambda t: 1.0 + math.sin(TAU * 50.0 * t) * (sine(1000.0 * t) - 1.0), TIMES)


def test_frequency_modulation() -> None:
    generator = playing("FM:DEV 300", "FM:INT:FREQ 10", "FM:STAT ON")
    index = 300.0 / (TAU * 10.0)
    assert_follows(generator, lambda t: sine(1000.0 * t + index * (1.0 - math.cos(TAU * 10.0 * t))), TIMES)


def test_frequency_modulation_by_a_square_wave_keys_two_frequencies() -> None:
    generator = playing("FM:DEV 300", "FM:INT:FREQ 10;FUNC SQU", "FM:STAT ON")
    assert_follows(generator, lambda t: sine(1300.0 * t), [0.0101, 0.0499])
    assert_follows(generator, lambda t: sine(1300.0 * 0.05 + 700.0 * (t - 1e-4)), [0.0101, 0.0499])


def test_phase_modulation() -> None:
    generator = playing("PM:DEV 90", "PM:INT:FREQ 20", "PM:STAT ON")
    assert_follows(generator, lambda t: sine(1000.0 * t + 0.25 * math.sin(TAU * 20.0 * t)), TIMES)


def test_phase_modulation_faster_than_the_carrier() -> None:
    generator = playing("FREQ 100", "PM:DEV 180", "PM:INT:FREQ 1000", "PM:STAT ON")
    expected = lambda t: sine(100.0 * t + 0.5 * math.sin(TAU * 1000.0 * t))  # noqa: E731
    begin = generator.now
    for time in (1e-4, 7.3e-4, 3.21e-3):
        generator.harness.advance(begin + time - generator.now)
        assert generator.level == pytest.approx(expected(time), abs=0.03)


def test_frequency_shift_keying() -> None:
    generator = playing("FSK:FREQ 250", "FSK:INT:RATE 10", "FSK:STAT ON")
    assert_follows(generator, lambda t: sine(1000.0 * t), [0.01234, 0.0499])
    assert_follows(generator, lambda t: sine(50.0 + 250.0 * (t - 1e-4)), [0.0101, 0.0377])


def test_phase_shift_keying() -> None:
    generator = playing("BPSK:PHAS 180", "BPSK:INT:RATE 10", "BPSK:STAT ON")
    assert_follows(generator, lambda t: sine(1000.0 * t), [0.01234, 0.0499])
    assert_follows(generator, lambda t: sine(1000.0 * (t - 1e-4) + 0.5), [0.0101, 0.0377])


def test_the_sum_of_two_signals() -> None:
    generator = playing("SUM:AMPL 10", "SUM:INT:FREQ 130", "SUM:STAT ON")
    assert_follows(generator, lambda t: sine(1000.0 * t) + 0.2 * math.sin(TAU * 130.0 * t), TIMES)


def test_pulse_width_modulation() -> None:
    generator = playing("FUNC PULS", "VOLT:LOW 0;HIGH 2", "FUNC:PULS:WIDT 300E-6", "PWM:DEV 100E-6",
                        "PWM:INT:FUNC SQU;FREQ 10", "PWM:STAT ON")  # fmt: skip
    assert generator.mean(49e-3) == pytest.approx(2.0 * 0.4, rel=1e-6)  # 49 of the wide pulses
    generator.harness.advance(2e-3)
    assert generator.mean(48e-3) == pytest.approx(2.0 * 0.2, rel=1e-6)  # 48 of the narrow ones


def test_another_channel_modulates() -> None:
    generator = playing("SOUR2:FREQ 50", "AM:DEPT 100", "AM:SOUR CH2", "AM:STAT ON")
    gain = lambda t: 0.5 * (1.0 + math.sin(TAU * 50.0 * t))  # noqa: E731
    assert_follows(generator, lambda t: 1.0 + gain(t) * (sine(1000.0 * t) - 1.0), TIMES)


def test_modulation_does_not_exceed_what_the_output_gives() -> None:
    generator = Generator()
    generator.write("OUTP1:LOAD INF", "FREQ 1000", "VOLT 20", "AM:DEPT 120", "AM:INT:FREQ 250", "AM:STAT ON",
                    "OUTP1 ON")  # fmt: skip
    generator.write("OUTP1 OFF", "OUTP1 ON")
    generator.harness.advance(1.25e-3)  # near the crest of the modulating wave, at that of the carrier
    assert generator.level == pytest.approx(10.0, rel=1e-6)
    assert generator.errors() == []


def test_an_input_that_nothing_is_wired_to_leaves_the_carrier() -> None:
    generator = playing("AM:SOUR EXT", "AM:STAT ON")
    assert_follows(generator, lambda t: 1.0 + 0.5 * (sine(1000.0 * t) - 1.0), TIMES[:4])


def test_many_cycles_are_drawn_with_fewer_lines_each() -> None:
    generator = playing("FREQ 1E6", "AM:DEPT 100", "AM:INT:FREQ 200", "AM:STAT ON")
    crest = 1.25e-3  # of the modulating wave
    assert_follows(generator, lambda t: sine(1e6 * t), [crest, crest + 0.25e-6, crest + 0.5e-6, crest + 0.75e-6])


def test_what_has_too_many_cycles_says_so() -> None:
    generator = Generator()
    generator.write("FREQ 1E6", "AM:INT:FREQ 1", "AM:STAT ON")
    assert generator.errors() == []
    generator.write("OUTP1 ON")
    assert generator.errors() == [-241]


def test_only_one_mode_is_on() -> None:
    generator = Generator()
    generator.write("AM:STAT ON", "FM:STAT ON")
    assert generator.ask("SYST:ERR?") == (
        '-221,"Settings conflict; AM turned off by selection of other mode or modulation"'
    )
    assert generator.ask("AM:STAT?;:FM:STAT?;:SWE:STAT?;:BURS:STAT?") == "0;1;0;0"
    generator.write("BURS:STAT ON", "SWE:STAT ON")
    assert generator.ask("FM:STAT?;:BURS:STAT?;:SWE:STAT?;:FREQ:MODE?") == "0;0;1;SWE"
    assert generator.errors() == [-221, -221]
    generator.write("APPL:SIN 1000")
    assert generator.ask("SWE:STAT?;:FREQ:MODE?") == "0;CW"
    assert generator.errors() == []


@pytest.mark.parametrize(("messages", "errors"), [
    (("PWM:STAT ON",), [-221]),
    (("FUNC NOIS", "FM:STAT ON"), [-221]),
    (("FUNC DC", "AM:STAT ON"), [-221]),
    (("FUNC DC", "SWE:STAT ON"), [-221]),
    (("FM:STAT ON", "FUNC NOIS"), [-221]),
    (("AM:DEPT 121",), [-222]),
    (("FM:DEV 1001",), [-222]),
    (("PM:DEV -1",), [-222]),
    (("SWE:TIME 1E-4",), [-222]),
    (("AM:INT:FUNC HAV",), [-224]),
    (("SOUR3:AM:STAT ON",), [-114]),
])  # fmt: skip
def test_what_is_not_possible_on_a_33600a(messages: tuple[str, ...], errors: list[int]) -> None:
    generator = Generator()
    generator.write(*messages)
    assert generator.errors() == errors
    assert generator.ask("AM:STAT?;:FM:STAT?;:PM:STAT?;:PWM:STAT?;:SWE:STAT?") == "0;0;0;0;0"


DEFAULTS = {
    KEYSIGHT: {
        "AM:DEPT?": 100, "AM:INT:FREQ?": 100, "FM:DEV?": 100, "FM:INT:FREQ?": 10, "PM:DEV?": 180, "PWM:DEV?": 10e-6,
        "PWM:DEV:DCYC?": 1, "FSK:FREQ?": 100, "FSK:INT:RATE?": 10, "BPSK:PHAS?": 180, "BPSK:INT:RATE?": 10,
        "SUM:AMPL?": 0.1, "SUM:INT:FREQ?": 100, "SWE:TIME?": 1, "SWE:HTIM?": 0, "SWE:RTIM?": 0, "FREQ:STAR?": 100,
        "FREQ:STOP?": 1000, "FREQ:CENT?": 550, "FREQ:SPAN?": 900, "AM:DEPT? MAX": 120, "SWE:TIME? MIN": 1e-3,
    },
    TEKTRONIX: {
        "SOUR1:AM:DEPT?": 50, "SOUR1:AM:INT:FREQ?": 10e3, "SOUR1:FM:INT:FREQ? MIN": 2e-3,
        "SOUR1:FM:INT:FREQ? MAX": 50e3, "SOUR1:PM:DEV?": 90, "SOUR1:PWM:DEV:DCYC?": 5, "SOUR1:FSK:FREQ?": 1e6,
        "SOUR1:SWE:TIME? MIN": 1e-3, "SOUR1:SWE:TIME? MAX": 300, "SOUR1:SWE:TIME?": 10e-3, "SOUR1:FREQ:STAR?": 100e3,
        "SOUR1:FREQ:STOP?": 1e6,
    },
    PULSE_GENERATOR: {
        ":AM1:DEPT?": 100, ":FM1:DEV?": 100, ":PM2:DEV?": 180, ":FSK1:FREQ?": 100, ":FREQ1:STAR?": 100,
        ":FREQ2:STOP?": 1000, ":SWE1:TIME?": 1,
    },
}  # fmt: skip


@pytest.mark.parametrize("model", DEFAULTS)
def test_settings_after_reset_and_their_limits(model: str) -> None:
    generator = Generator(model=model)
    assert {query: generator.number(query) for query in DEFAULTS[model]} == pytest.approx(DEFAULTS[model])
    assert generator.errors() == []


WRITTEN = {
    KEYSIGHT: "AM:SOUR {},CH2;AM:INT:FUNC {},NRAM;FM:DEV {},400;FSK:SOUR {},EXT;SWE:SPAC {},LOG;SUM:INT:FUNC {},PRBS",
    TEKTRONIX: "SOUR2:AM:SOUR {},EXT;SOUR2:AM:INT:FUNC {},TRI;SOUR2:PWM:INT:FUNC {},EMEM;SOUR2:SWE:MODE {},MAN",
    PULSE_GENERATOR: ":AM2:SOUR {},INT2;:AM2:INT:FUNC {},SQU;:SWE2:SPAC {},LOG;:FM2:INT:FUNC {},USER",
}


@pytest.mark.parametrize("model", WRITTEN)
def test_settings_read_back_and_are_reset(model: str) -> None:
    generator = Generator(model=model)
    settings = [row.replace(" {}", "").split(",") for row in WRITTEN[model].split(";")]
    before = [generator.ask(header + "?") for header, _ in settings]
    for header, value in settings:
        generator.write(f"{header} {value}")
        reply = generator.ask(header + "?")
        assert reply == value or float(reply) == float(value)
    generator.write("*RST")
    assert [generator.ask(header + "?") for header, _ in settings] == before
    assert generator.errors() == []


def test_a_tektronix_changes_its_run_mode_without_error() -> None:
    generator = Generator(model=TEKTRONIX)
    generator.write("SOUR1:AM:STAT ON", "SOUR1:FREQ:MODE SWE")
    assert generator.ask("SOUR1:AM:STAT?;:SOUR1:FREQ:MODE?") == "0;SWE"
    generator.write("SOUR1:FUNC PULS")  # neither can be swept nor be modulated, but for its width
    assert generator.ask("SOUR1:FREQ:MODE?") == "CW"
    generator.write("SOUR1:PWM:STAT ON")
    assert generator.errors() == []


@pytest.mark.parametrize(("model", "messages"), [
    (TEKTRONIX, ("OUTP1:IMP INF", "SOUR1:FREQ:STAR 100;STOP 1000", "SOUR1:SWE:TIME 0.2;RTIM 0", "SOUR1:FREQ:MODE SWE",
                 "SOUR1:VOLT:OFFS 1;AMPL 4VPP")),
    (PULSE_GENERATOR, ("OUTP1:LOAD 1E6", ":FREQ1:STAR 100;STOP 1000", ":SWE1:TIME 0.2", ":SWE1:STAT ON",
                       ":VOLT1 4;:VOLT1:OFFS 1")),
])  # fmt: skip
def test_sweeps_of_the_other_makers(model: str, messages: tuple[str, ...]) -> None:
    generator = Generator(model=model)
    generator.write(*messages, "OUTP1 ON")
    assert generator.errors() == []
    generator.write("OUTP1 OFF", "OUTP1 ON")
    assert_follows(generator, lambda t: sine(100.0 * t + 0.5 * 900.0 * t**2 / 0.2), TIMES[:7])


def test_a_manual_sweep_of_a_tektronix_waits_for_its_trigger() -> None:
    generator = Generator(model=TEKTRONIX)
    generator.write("SOUR1:SWE:MODE MAN", "SOUR1:FREQ:MODE SWE", "OUTP1 ON", "*TRG")
    assert generator.port.remaining == pytest.approx(11e-3)  # 10 ms there, 1 ms back
    assert generator.errors() == []


def test_a_phase_shifts_the_wave() -> None:
    generator = playing("PHAS 90")
    assert_follows(generator, lambda t: sine(1000.0 * t + 0.25), TIMES[:5])


def test_a_burst_starts_at_its_phase() -> None:
    generator = playing("BURS:NCYC 2", "BURS:PHAS 90", "TRIG:SOUR BUS", "BURS:STAT ON")
    assert generator.level == pytest.approx(3.0, rel=1e-3)
    generator.write("*TRG")
    assert_follows(generator, lambda t: sine(1000.0 * t + 0.25), [0.0001, 0.0013, 0.0019])
    assert generator.mean(1e-3) == pytest.approx(3.0, rel=0.02)


def test_a_burst_of_a_tektronix_starts_at_the_phase_of_the_channel() -> None:
    generator = Generator(model=TEKTRONIX)
    generator.write("OUTP1:IMP INF", "SOUR1:FREQ 1000", "SOUR1:VOLT 4 VPP", "SOUR1:VOLT:OFFS 1", "SOUR1:PHAS 90 DEG",
                    "SOUR1:BURS:NCYC 2", "TRIG:SOUR EXT", "SOUR1:BURS:STAT ON", "OUTP1 ON")  # fmt: skip
    assert generator.errors() == []
    generator.write("*TRG")
    assert_follows(generator, lambda t: sine(1000.0 * t + 0.25), [0.0001, 0.0013, 0.0019])
