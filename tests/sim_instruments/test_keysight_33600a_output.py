"""What the simulated 33622A puts onto its terminals, and when: pulses, bursts, triggers, arbitrary waveforms."""

import struct

import pytest

from emulator import Open, VoltageSource
from tests.sim_instruments.generator_unit import Generator

PULSE = "OUTP:LOAD INF;:FUNC PULS;FUNC:PULS:PER 1E-3;WIDT 200E-6;:VOLT:HIGH 4;LOW 1"
TRIGGERED = "BURS:MODE TRIG;NCYC 3;STAT ON;:TRIG:SOUR BUS"


@pytest.fixture
def generator() -> Generator:
    return Generator()


def mean_over(generator: Generator, seconds: float) -> float:
    return generator.harness.measure(generator.port, seconds).voltage


def test_an_output_that_is_off_is_open(generator: Generator) -> None:
    assert generator.port.drive == Open()
    generator.write(PULSE, "OUTP ON")
    assert isinstance(generator.port.drive, VoltageSource)
    generator.write("OUTP OFF")
    assert generator.port.drive == Open()
    assert mean_over(generator, 1e-3) == pytest.approx(0.0, abs=1e-9)


def test_a_continuous_pulse_has_the_mean_of_its_duty_cycle(generator: Generator) -> None:
    generator.write(PULSE, "OUTP ON")
    assert mean_over(generator, 10e-3) == pytest.approx(1.0 + 3.0 * 0.2, rel=1e-6), "width between the 50 % points"


def test_an_inverted_pulse_is_mirrored_at_its_offset(generator: Generator) -> None:
    generator.write(PULSE, "OUTP:POL INV;:OUTP ON")
    assert mean_over(generator, 10e-3) == pytest.approx(4.0 - 3.0 * 0.2, rel=1e-6)


def test_a_burst_rests_at_the_low_level_until_it_is_triggered(generator: Generator) -> None:
    generator.write(PULSE, TRIGGERED, "OUTP ON")
    generator.harness.advance(10.0)
    assert generator.level == pytest.approx(1.0, rel=1e-6)
    assert generator.port.remaining == 0.0
    generator.write("*TRG")
    assert generator.port.remaining == pytest.approx(3e-3)
    assert mean_over(generator, 3e-3) == pytest.approx(1.6, rel=1e-6)
    assert generator.level == pytest.approx(1.0, rel=1e-6)


def test_inverted_bursts_rest_at_the_high_level(generator: Generator) -> None:
    generator.write(PULSE, TRIGGERED, "OUTP:POL INV;:OUTP ON")
    assert generator.level == pytest.approx(4.0, rel=1e-6)


def test_the_edges_are_full_ramps_of_one_and_a_quarter_times_the_edge_time(generator: Generator) -> None:
    generator.write(PULSE, TRIGGERED, "FUNC:PULS:TRAN 800 NS;:OUTP ON;*TRG")
    generator.harness.advance(0.1e-6)
    assert generator.level == pytest.approx(1.3, abs=1e-3), "10 % after a tenth of the 1 us ramp"
    generator.harness.advance(0.8e-6)
    assert generator.level == pytest.approx(3.7, abs=1e-3)
    generator.harness.advance(0.11e-6)
    assert generator.level == pytest.approx(4.0, rel=1e-6)


def test_opc_waits_for_the_burst_in_virtual_time(generator: Generator) -> None:
    generator.write(PULSE, TRIGGERED, "BURS:NCYC 5000;:OUTP ON")
    before = generator.now
    assert generator.ask("*TRG;*OPC?") == "1"
    assert generator.now - before == pytest.approx(5.0, abs=2e-3)
    assert generator.port.remaining == 0.0
    assert generator.errors() == []


def test_a_million_pulses_are_one_waveform(generator: Generator) -> None:
    generator.write(PULSE, TRIGGERED, "BURS:NCYC 1000000;:OUTP ON;*TRG")
    assert generator.port.remaining == pytest.approx(1000.0)
    assert mean_over(generator, 1000.0) == pytest.approx(1.6, rel=1e-6)


def test_a_trigger_while_the_burst_runs_is_ignored(generator: Generator) -> None:
    generator.write(PULSE, TRIGGERED, "BURS:NCYC 1000;:OUTP ON")
    generator.write("*TRG")
    left = generator.port.remaining
    generator.write("*TRG")
    assert generator.errors() == [-211]
    assert generator.port.remaining < left
    generator.write("*WAI;*TRG")
    assert generator.errors() == []


def test_a_trigger_that_nobody_waits_for_is_ignored(generator: Generator) -> None:
    generator.write("*TRG")
    generator.unit.trigger()
    assert generator.errors() == [-211, -211]


def test_wai_accepts_every_trigger(generator: Generator) -> None:
    generator.write(PULSE, TRIGGERED, "OUTP ON")
    before = generator.now
    generator.write("*TRG;*WAI;*TRG;*WAI")
    assert generator.now - before == pytest.approx(6e-3, abs=1e-3)
    assert generator.errors() == []


def test_opc_of_an_endless_burst_never_answers(generator: Generator) -> None:
    generator.write(PULSE, TRIGGERED, "BURS:NCYC INF;:OUTP ON")
    generator.write("*TRG;*OPC?")
    generator.write("*IDN?")
    generator.unit.clear()
    assert generator.ask("*IDN?").startswith("Agilent")
    assert generator.port.remaining == float("inf")


@pytest.mark.parametrize("message", ["ABOR", "BURS:STAT OFF;:FUNC DC", "*RST"])
def test_what_ends_an_endless_burst(generator: Generator, message: str) -> None:
    generator.write(PULSE, TRIGGERED, "BURS:NCYC INF;:OUTP ON;*TRG")
    generator.write(message)
    assert generator.port.remaining == 0.0
    assert generator.ask("*OPC?") == "1"


def test_opening_the_output_does_not_end_a_burst(generator: Generator) -> None:
    generator.write(PULSE, TRIGGERED, "BURS:NCYC INF;:OUTP ON;*TRG")
    generator.write("OUTP OFF")
    assert generator.port.drive == Open()
    generator.write("OUTP ON")
    assert generator.port.remaining == float("inf"), "it went on behind the relay"


def test_a_burst_runs_behind_an_open_output(generator: Generator) -> None:
    generator.write(PULSE, TRIGGERED, "BURS:NCYC 1000")
    before = generator.now
    assert generator.ask("*TRG;*OPC?") == "1"
    assert generator.now - before == pytest.approx(1.0, abs=2e-3)


def test_opc_sets_the_event_bit_after_the_burst(generator: Generator) -> None:
    generator.write(PULSE, TRIGGERED, "BURS:NCYC 1000;:OUTP ON", "*CLS;*TRG;*OPC")
    assert generator.ask("*ESR?") == "+0"
    generator.harness.advance(1.0)
    assert generator.ask("*ESR?") == "+1"


def test_immediate_trigger_repeats_bursts_at_the_burst_period(generator: Generator) -> None:
    generator.write(PULSE, "BURS:NCYC 2;STAT ON;INT:PER 10E-3;:OUTP ON")
    assert mean_over(generator, 0.1) == pytest.approx(1.0 + 3.0 * 2 * 0.2e-3 / 10e-3, rel=1e-6)
    assert generator.ask("*OPC?") == "1"


def test_the_timer_takes_the_place_of_the_burst_period(generator: Generator) -> None:
    generator.write(PULSE, "BURS:NCYC 2;STAT ON;:TRIG:SOUR TIM;TIM 20E-3;:OUTP ON")
    assert mean_over(generator, 0.1) == pytest.approx(1.0 + 3.0 * 2 * 0.2e-3 / 20e-3, rel=1e-6)


@pytest.mark.parametrize("message", ["TRIG:SOUR EXT", "BURS:MODE GAT"])
def test_without_signal_at_the_trigger_input_nothing_happens(generator: Generator, message: str) -> None:
    generator.write(PULSE, "BURS:NCYC 2;STAT ON", message, "OUTP ON")
    assert mean_over(generator, 0.1) == pytest.approx(1.0, rel=1e-6)
    generator.write("*TRG")
    assert generator.errors() == [-211]


def test_one_trigger_fires_both_channels(generator: Generator) -> None:
    generator.write(PULSE, TRIGGERED, "OUTP ON", "SOUR2:FUNC PULS;BURS:NCYC 7;STAT ON;:TRIG2:SOUR BUS;:OUTP2 ON")
    generator.write("*TRG")
    assert generator.port.remaining == pytest.approx(3e-3)
    assert generator.surroundings.port("2").remaining == pytest.approx(7e-3)


def test_a_channel_can_be_fired_alone(generator: Generator) -> None:
    generator.write(PULSE, TRIGGERED, "OUTP ON", "TRIG1")
    assert generator.port.remaining == pytest.approx(3e-3)
    generator.write("TRIG2:IMM")
    assert generator.errors() == [-211]


def test_triggers_count_only_after_init_when_rearming_is_off(generator: Generator) -> None:
    generator.write(PULSE, TRIGGERED, "OUTP ON;:INIT1:CONT OFF;:TRIG1:COUN 2", "*TRG")
    assert generator.errors() == [-211]
    generator.write("INIT1", "*TRG;*WAI;*TRG;*WAI", "*TRG")
    assert generator.errors() == [-211]
    generator.write("INIT1:CONT ON;:INIT1")
    assert generator.errors() == [-213]


def test_a_delayed_trigger(generator: Generator) -> None:
    generator.write(PULSE, TRIGGERED, "TRIG:DEL 5E-3;:OUTP ON;*TRG")
    assert generator.port.remaining == pytest.approx(8e-3)
    assert mean_over(generator, 5e-3) == pytest.approx(1.0, rel=1e-6)
    assert mean_over(generator, 3e-3) == pytest.approx(1.6, rel=1e-6)


def test_settings_that_leave_the_signal_alone_do_not_disturb_it(generator: Generator) -> None:
    generator.write(PULSE, TRIGGERED, "BURS:NCYC 1000;:OUTP ON;*TRG")
    left = generator.port.remaining
    generator.write("SOUR2:VOLT 2;:OUTP2:LOAD INF;:DISP:TEXT 'hello';:OUTP ON;:VOLT:HIGH 4")
    assert left - 2e-3 < generator.port.remaining < left


# -- other functions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "mean"),
    [("SIN", 0.5), ("SQU;FUNC:SQU:DCYC 20", -1.0), ("RAMP", 0.5), ("TRI", 0.5), ("DC", 0.5)],
)
def test_means_of_the_functions(generator: Generator, function: str, mean: float) -> None:
    generator.write(f"OUTP:LOAD INF;:VOLT 5;VOLT:OFFS 0.5;:FUNC {function};:OUTP ON")
    assert mean_over(generator, 10e-3) == pytest.approx(mean, abs=2e-3)


SAMPLES = [0.0, 0.0, 1.0, 1.0, 1.0, -1.0, -1.0, 0.5]


@pytest.mark.parametrize(
    "message",
    [
        b"DATA:ARB test," + ",".join(map(str, SAMPLES)).encode(),
        b"DATA:ARB test,#232" + struct.pack(">8f", *SAMPLES),
        b"FORM:BORD SWAP;:DATA:ARB test,#232" + struct.pack("<8f", *SAMPLES),
        b"DATA:ARB:DAC test,#216" + struct.pack(">8h", *(round(32767 * s) for s in SAMPLES)),
        b"DATA:ARB:DAC test, 0, 0, 32767, 32767, 32767, -32767, -32767, 16384",
    ],
)
def test_an_arbitrary_waveform_is_played_sample_by_sample(generator: Generator, message: bytes) -> None:
    assert generator.unit.execute(message) is None
    generator.write(
        "FUNC:ARB test;:FUNC ARB;FUNC:ARB:SRAT 1000;FILT OFF;:OUTP:LOAD INF;:VOLT 4;:BURS:STAT ON;:TRIG:SOUR BUS"
    )
    assert generator.errors() == []
    assert generator.number("FREQ?") == 125.0
    generator.write("OUTP ON", "*TRG")
    played = [mean_over(generator, 1e-3) for _ in SAMPLES]
    assert played == pytest.approx([2.0 * s for s in SAMPLES], abs=2e-4)


def test_a_filter_joins_the_samples_by_lines(generator: Generator) -> None:
    generator.write("DATA:ARB test,0,1,1,1,1,1,1,0;:FUNC:ARB test;:FUNC ARB;FUNC:ARB:SRAT 1000;FILT NORM")
    generator.write("OUTP:LOAD INF;:VOLT 4;:BURS:STAT ON;:TRIG:SOUR BUS;:OUTP ON;*TRG")
    assert [mean_over(generator, 1e-3) for _ in range(8)] == pytest.approx([1, 2, 2, 2, 2, 2, 1, 0], abs=0.05)


def test_what_the_waveform_memory_refuses(generator: Generator) -> None:
    generator.write("DATA:ARB one,0,0,0,0,0,0,0,0")
    generator.write(
        "DATA:ARB ONE,0,0,0,0,0,0,0,0", "DATA:ARB two,0,0,0", "DATA:ARB two,0,0,0,0,0,0,0,1.1", "FUNC:ARB none"
    )
    generator.write("DATA:ARB two", "DATA:ARB two,#210123")
    assert generator.errors() == [786, -109, -222, 785, -109, -161]
    assert generator.ask("DATA:VOL:CAT?") == '"EXP_RISE","ONE"'
    generator.write("FUNC:ARB one", "DATA:VOL:CLE")
    assert generator.ask("FUNC:ARB?") == '"EXP_RISE"'
