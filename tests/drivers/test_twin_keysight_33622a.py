"""The 33622A driver on the simulated 33622A: the pulses that reach the terminals."""

import math

import pytest

from drivers import conformance
from drivers.errors import InstrumentError
from drivers.generator import GeneratorChannel
from drivers.keysight_33600a import Keysight33622A
from emulator import Open, VoltageSource
from tests.drivers.twins import Twin


def unit() -> tuple[Twin, Keysight33622A, GeneratorChannel]:
    twin = Twin("keysight_33622a")
    driver = twin.open()
    assert isinstance(driver, Keysight33622A)
    return twin, driver, driver.channel("1")


def voltage(twin: Twin) -> float:
    return twin.harness.probe(twin.port("1")).voltage


def test_conformance() -> None:
    _, driver, generator = unit()
    findings = conformance.check_pulse_generator(generator)
    assert [finding for finding in findings if not finding.passed] == []
    driver.check_errors()


@pytest.mark.parametrize("base", [0.0, 0.25])
@pytest.mark.parametrize("level", [4.0, -4.0])
def test_an_open_end_rests_at_the_base_before_and_after_a_pulse(base: float, level: float) -> None:
    twin, _, generator = unit()
    generator.load(math.inf)
    generator.pulse(base=base, level=level, width=1e-3)
    assert isinstance(twin.port("1").drive, Open)
    generator.output(True)
    assert voltage(twin) == pytest.approx(base, abs=5e-3)
    generator.fire()
    assert voltage(twin) == pytest.approx(base, abs=5e-3)


@pytest.mark.parametrize("level", [4.0, -4.0])
def test_the_charge_through_a_resistor_is_count_times_area(level: float) -> None:
    """1 MΩ on 50 Ω: the mean current over the train is n · level · width / (R · time)."""
    twin, _, generator = unit()
    twin.resistor("1", 1e6)
    generator.load(math.inf)
    shape = generator.pulse(base=0.0, level=level, width=1e-3, period=2e-3, rise=1e-6, fall=1e-6)
    generator.count(5)
    generator.output(True)
    started: list[object] = []
    port = twin.port("1")
    start = port.start
    port.start = lambda waveform: (started.append(waveform), start(waveform))[1]  # type: ignore[method-assign]
    before = twin.clock.now
    generator.fire()
    assert twin.clock.now - before == pytest.approx(5 * shape.period, abs=2e-3)
    (waveform,) = started
    area = _area(waveform)
    assert area == pytest.approx(level * 1e-3, rel=2e-3)


def _area(waveform: object) -> float:
    """Time integral of one period of a waveform at the open-circuit end."""
    times, levels = waveform.times, waveform.levels  # type: ignore[attr-defined]
    return sum((t1 - t0) * (u0 + u1) / 2 for t0, t1, u0, u1 in zip(times, times[1:], levels, levels[1:], strict=False))


def test_a_50_ohm_load_gets_the_voltage_that_was_asked_for() -> None:
    twin, _, generator = unit()
    twin.resistor("1", 50.0)
    generator.load(50.0)
    generator.pulse(base=1.0, level=2.0, width=1e-3)
    generator.output(True)
    assert voltage(twin) == pytest.approx(1.0, rel=5e-3)


def test_polarity_changes_in_one_exchange_and_the_base_stays() -> None:
    twin, _, generator = unit()
    generator.load(math.inf)
    generator.pulse(base=0.0, level=4.0, width=1e-3)
    generator.output(True)
    twin.resource.sent.clear()
    shape = generator.polarity(-1)
    assert len(twin.resource.sent) == 1
    assert (shape.base, shape.level) == pytest.approx((0.0, -4.0), abs=5e-3)
    assert voltage(twin) == pytest.approx(0.0, abs=5e-3)
    assert isinstance(twin.port("1").drive, VoltageSource)


@pytest.mark.parametrize("width", [10e-9, 1e-6, 1.0])
def test_widths_from_nanoseconds_to_seconds_follow_one_another_in_any_order(width: float) -> None:
    _, driver, generator = unit()
    generator.load(math.inf)
    for between in (1e-3, width, 20e-9, width):
        assert generator.pulse(base=0.0, level=1.0, width=between).width == pytest.approx(between, rel=1e-3)
    driver.check_errors()


def test_settings_of_another_program_are_found_and_made_ours() -> None:
    twin, _, _ = unit()
    twin.sim.execute(b"SOUR1:FUNC SIN;:SOUR1:FREQ 1E6;:SOUR1:VOLT 5;:OUTP1 ON;:NONSENSE")
    driver = twin.open()
    assert isinstance(driver, Keysight33622A)
    assert list(driver.outputs()) == ["1"]
    generator = driver.channel("1")
    generator.output(False)
    generator.load(math.inf)
    assert generator.pulse(base=0.0, level=-1.0, width=1e-6).level == pytest.approx(-1.0)
    assert driver.outputs() == {}


def test_make_safe_opens_the_outputs() -> None:
    twin, driver, generator = unit()
    generator.load(math.inf)
    generator.pulse(base=0.5, level=4.0, width=1e-3)
    generator.output(True)
    assert driver.make_safe() == []
    assert driver.outputs() == {}
    assert isinstance(twin.port("1").drive, Open)


def test_a_lost_reply_to_fire_is_an_error_and_make_safe_still_works() -> None:
    twin, driver, generator = unit()
    generator.load(math.inf)
    generator.pulse(base=0.0, level=4.0, width=1e-3)
    generator.output(True)
    execute = twin.resource.answer
    twin.resource.answer = lambda message: execute(message) and None
    with pytest.raises(InstrumentError, match="no complete reply"):
        generator.fire()
    twin.resource.answer = execute
    assert driver.make_safe() == []
    assert driver.outputs() == {}
