"""What the simulated generators have in common: external triggers and gates, noise and PRBS, output noise."""

import math
import statistics

import pytest

from tests.sim_instruments.generator_unit import Generator

KEYSIGHT = "OUTP:LOAD INF;:FUNC PULS;FUNC:PULS:PER 1E-3;WIDT 200E-6;:VOLT:HIGH 4;LOW 1;:BURS:NCYC 3;STAT ON"
PULSES = {
    "keysight_33512b": KEYSIGHT,
    "keysight_33622a": KEYSIGHT,
    "keysight_81160a": "OUTP1:LOAD 1E6;:FUNC1 PULS;:PULS:PER1 1E-3;WIDT1 200E-6;:VOLT1:HIGH 4;LOW 1;:TRIG1:COUN 3",
    "tektronix_afg3252c": "OUTP1:IMP INF;:SOUR1:FUNC PULS;PULS:HOLD WIDT;PER 1E-3;WIDT 200E-6;"
    ":SOUR1:VOLT:HIGH 4;LOW 1;:SOUR1:BURS:NCYC 3;STAT ON",
}  # fmt: skip
EXTERNAL = {"keysight_81160a": "ARM:SOUR1 EXT", "tektronix_afg3252c": "TRIG:SOUR EXT"}
GATED = {"keysight_81160a": "ARM:SOUR1 EXT;SENS1 LEV", "tektronix_afg3252c": "SOUR1:BURS:MODE GAT"}
SLOPE = {"keysight_81160a": "ARM:SLOP1 NEG"}


@pytest.fixture(params=PULSES)
def model(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def pulsing(model: str, *more: str) -> Generator:
    generator = Generator(model=model)
    generator.write(*PULSES[model].split(";:"), *more, ":OUTP1 ON")
    assert generator.errors() == []
    return generator


def test_an_edge_at_the_trigger_input_fires_a_burst(model: str) -> None:
    generator = pulsing(model, EXTERNAL.get(model, "TRIG:SOUR EXT"))
    assert generator.mean(10e-3) == pytest.approx(1.0, rel=1e-4)
    generator.trigger_pulse()
    assert generator.port.remaining == pytest.approx(3e-3)
    assert generator.mean(3e-3) == pytest.approx(1.6, rel=1e-4)
    assert generator.mean(3e-3) == pytest.approx(1.0, rel=1e-4)


def test_the_falling_edge_fires_when_that_slope_is_set(model: str) -> None:
    generator = pulsing(model, EXTERNAL.get(model, "TRIG:SOUR EXT"), SLOPE.get(model, "TRIG:SLOP NEG"))
    generator.unit.trigger_input(high=True)
    assert generator.port.remaining == 0.0
    generator.unit.trigger_input(high=False)
    assert generator.port.remaining == pytest.approx(3e-3)


def test_edges_during_a_burst_change_nothing(model: str) -> None:
    generator = pulsing(model, EXTERNAL.get(model, "TRIG:SOUR EXT"))
    generator.trigger_pulse(1e-3)
    generator.trigger_pulse()
    assert generator.port.remaining == pytest.approx(2e-3)


def test_a_gate_lets_whole_cycles_through(model: str) -> None:
    generator = pulsing(model, GATED.get(model, "BURS:MODE GAT"))
    generator.unit.trigger_input(high=True)
    assert generator.mean(5e-3) == pytest.approx(1.6, rel=1e-4)
    generator.harness.advance(0.1e-3)
    generator.unit.trigger_input(high=False)
    assert generator.level == pytest.approx(4.0, rel=1e-4), "in the middle of the sixth pulse"
    assert generator.port.remaining == pytest.approx(0.9e-3)
    assert generator.mean(0.9e-3) == pytest.approx(1.0 + 3.0 * 0.1 / 0.9, rel=1e-3)
    assert generator.mean(5e-3) == pytest.approx(1.0, rel=1e-4)


def test_a_gate_behind_an_open_relay_shows_nothing(model: str) -> None:
    generator = pulsing(model, GATED.get(model, "BURS:MODE GAT"), ":OUTP1 OFF")
    generator.write(":OUTP1 OFF")
    generator.unit.trigger_input(high=True)
    assert generator.mean(5e-3) == pytest.approx(0.0, abs=1e-9)
    generator.write(":OUTP1 ON")
    assert generator.mean(5e-3) == pytest.approx(1.6, rel=1e-3)


def test_output_noise_shifts_each_burst_by_what_the_mean_leaves() -> None:
    """White noise of 1 mV rms over 120 MHz has, over a burst of 1 µs, 1 mV · √(1 / (2 · 120 MHz · 1 µs)) = 65 µV."""
    generator = Generator(noise=True, seed=3)
    generator.write("OUTP:LOAD INF;:FUNC PULS;FUNC:PULS:PER 1E-6;WIDT 500E-9;:VOLT:HIGH 2;LOW 0;:BURS:STAT ON")
    generator.write("TRIG:SOUR BUS;:OUTP ON")
    means = []
    for _ in range(200):
        generator.write("*TRG")
        means.append(generator.mean(1e-6))
    assert statistics.stdev(means) == pytest.approx(64.5e-6, rel=0.2)
    assert statistics.mean(means) == pytest.approx(1.0, abs=30e-6)


def test_without_noise_every_burst_is_the_same() -> None:
    generator = Generator()
    generator.write("OUTP:LOAD INF;:FUNC PULS;FUNC:PULS:PER 1E-6;WIDT 500E-9;:VOLT:HIGH 2;LOW 0;:BURS:STAT ON")
    generator.write("TRIG:SOUR BUS;:OUTP ON")
    means = []
    for _ in range(3):
        generator.write("*TRG")
        means.append(generator.mean(1e-6))
    assert len(set(means)) == 1


def test_the_noise_function_has_the_offset_as_mean_and_an_eighth_of_its_amplitude_as_deviation() -> None:
    generator = Generator()
    generator.write("OUTP:LOAD INF;:FUNC NOIS;FUNC:NOIS:BAND 1000;:VOLT 8;VOLT:OFFS 0.5;:OUTP ON")
    samples = [generator.mean(0.5e-3) for _ in range(256)]
    assert statistics.mean(samples) == pytest.approx(0.5, abs=1e-2)
    assert statistics.stdev(samples) == pytest.approx(1.0, rel=0.2)
    assert max(abs(sample - 0.5) for sample in samples) <= 4.0


def test_prbs_is_the_sequence_of_127_bits_with_64_ones() -> None:
    generator = Generator()
    generator.write("OUTP:LOAD INF;:FUNC PRBS;FUNC:PRBS:BRAT 1000;:VOLT 2;:OUTP ON")
    bits = []
    for _ in range(254):
        bits.append(generator.mean(1e-3) > 0.0)
    assert sum(bits[:127]) == 64
    assert bits[127:] == bits[:127]
    windows = {tuple(bits[k : k + 7]) for k in range(127)}
    assert len(windows) == 127, "every pattern of seven bits but zeros only, once"


def test_infinite_values_never_reach_the_port(model: str) -> None:
    generator = pulsing(model)
    generator.write("SOUR1:VOLT NAN", "SOUR1:VOLT INF") if "81160" not in model else generator.write("VOLT1 INF")
    assert generator.errors()
    assert math.isfinite(generator.level)


def test_delayed_bursts_that_are_too_long_are_refused_openly() -> None:
    generator = Generator()
    generator.write("FUNC PULS;:BURS:NCYC 1E6;STAT ON;:TRIG:SOUR EXT;DEL 1E-3;:OUTP ON")
    generator.trigger_pulse()
    assert generator.port.remaining == 0.0
    assert -241 in generator.errors()
