"""Arbitrary waveforms of the generator drivers on the simulated instruments: the terminals follow the samples."""

import math

import pytest

from drivers.errors import Refused
from drivers.generator import GeneratorChannel, PulseGeneratorBox
from tests.drivers.twins import Twin

STEPPED = ("keysight_33512b", "keysight_33622a")
MODELS = (*STEPPED, "keysight_81160a", "tektronix_afg3252c")
SAMPLES = [0.25, 1.0, 3.0, 3.0, -1.0, -2.0, 0.5, 2.0, 1.0, 0.25]
DT = 1e-3


def opened(model: str) -> tuple[Twin, PulseGeneratorBox, GeneratorChannel]:
    twin = Twin(model)
    twin.resistor("1", 1e6)
    driver = twin.open()
    assert isinstance(driver, PulseGeneratorBox)
    channel = driver.channel("1")
    channel.load(math.inf)
    twin.resource.sent.clear()
    return twin, driver, channel


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("count", [1, 2])
def test_the_terminal_follows_the_samples(model: str, count: int) -> None:
    twin, driver, channel = opened(model)
    channel.waveform(SAMPLES, DT)
    channel.count(count)
    channel.output(True)
    assert twin.harness.probe(twin.port("1")).voltage == pytest.approx(0.25, abs=3e-3), "it rests at the ends"
    twin.sim.execute(b"*TRG")
    spent = DT * len(SAMPLES) * count - twin.port("1").remaining
    within = 0.5 if model in STEPPED else 0.0  # where the voltage is that of the sample: in its middle, at its start
    seen = []
    for k in range(1, len(SAMPLES) * count):
        twin.harness.advance((k + within) * DT - spent)
        spent = (k + within) * DT
        seen.append(twin.harness.probe(twin.port("1")).voltage)
    assert seen == pytest.approx((SAMPLES * count)[1:], abs=3e-3)
    driver.check_errors()


@pytest.mark.parametrize("model", MODELS)
def test_firing_takes_as_long_as_the_waveforms(model: str) -> None:
    twin, _, channel = opened(model)
    channel.waveform(SAMPLES, DT)
    channel.count(3)
    channel.output(True)
    before = twin.clock.now
    channel.fire()
    assert twin.clock.now - before == pytest.approx(30e-3, abs=2e-3)
    assert channel.make_safe() == []
    with pytest.raises(Refused, match="no pulse was set"):
        channel.output(True)


@pytest.mark.parametrize("model", MODELS)
def test_a_pulse_follows_a_waveform_and_the_other_way_round(model: str) -> None:
    twin, driver, channel = opened(model)
    channel.pulse(base=0.0, level=-4.0, width=1e-3, period=4e-3, delay=1e-3)
    channel.output(True)
    channel.waveform(SAMPLES, DT)
    assert channel.output_state
    assert twin.harness.probe(twin.port("1")).voltage == pytest.approx(0.25, abs=3e-3)
    channel.fire()
    channel.pulse(base=0.0, level=-4.0, width=1e-3, period=4e-3)
    channel.waveform(SAMPLES[::-1], 2 * DT)
    channel.fire()
    driver.check_errors()


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("samples", "dt", "message"),
    [
        ([0.0], DT, "1 samples is refused"),
        ([0.0, *[1.0] * 8], DT, "begins at 0 V and ends at 1 V"),
        ([0.0, *[math.nan] * 8, 0.0], DT, "sample"),
        ([0.0, *[12.0] * 8, 0.0], DT, r"12"),
        ([1.0] * 9, DT, "smallest amplitude"),
        (SAMPLES, 1e-12, "dt"),
        (SAMPLES, math.nan, "dt"),
        (SAMPLES, 1e6, "duration"),
    ],
)
def test_what_cannot_be_played_sends_nothing(model: str, samples: list[float], dt: float, message: str) -> None:
    twin, _, channel = opened(model)
    with pytest.raises(Refused, match=message):
        channel.waveform(samples, dt)
    assert twin.resource.sent == []


def test_more_samples_than_the_memory_holds_are_refused() -> None:
    _, _, channel = opened("tektronix_afg3252c")
    with pytest.raises(Refused, match="131073 samples is refused: this model plays 2 to 131072"):
        channel.waveform([0.0, *[1.0] * 131071, 0.0], DT)


def test_a_waveform_needs_a_stated_load() -> None:
    twin = Twin("keysight_33622a")
    driver = twin.open()
    assert isinstance(driver, PulseGeneratorBox)
    with pytest.raises(Refused, match="state the load first"):
        driver.channel("1").waveform(SAMPLES, DT)


def test_the_samples_go_as_one_binary_block() -> None:
    twin, _, channel = opened("tektronix_afg3252c")
    channel.waveform([0.0, 4.0, 2.0, 0.0], DT)
    (upload,) = [message for message in twin.resource.sent if "DATA:DATA" in message]
    assert upload.encode("latin-1") == b":DATA:DATA EMEM,#18\x00\x00\x3f\xfe\x1f\xff\x00\x00"
