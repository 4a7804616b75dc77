"""The drivers of all pulse generators on their simulated instruments: what reaches the terminals."""

import math

import pytest

from drivers import conformance
from drivers.errors import Refused
from drivers.generator import GeneratorChannel, PulseGeneratorBox
from emulator import Open
from tests.drivers.twins import Twin

MODELS = ("keysight_33512b", "keysight_33522b", "keysight_33622a", "keysight_81160a", "tektronix_afg3252c")


@pytest.fixture(params=MODELS)
def unit(request: pytest.FixtureRequest) -> tuple[Twin, PulseGeneratorBox, GeneratorChannel]:
    twin = Twin(request.param)
    driver = twin.open()
    assert isinstance(driver, PulseGeneratorBox)
    return twin, driver, driver.channel("1")


Unit = tuple[Twin, PulseGeneratorBox, GeneratorChannel]


def voltage(twin: Twin, terminal: str = "1") -> float:
    return twin.harness.probe(twin.port(terminal)).voltage


def test_conformance(unit: Unit) -> None:
    _, driver, generator = unit
    findings = conformance.check_pulse_generator(generator)
    assert [finding for finding in findings if not finding.passed] == []
    driver.check_errors()


@pytest.mark.parametrize("base", [0.0, 0.25])
@pytest.mark.parametrize("level", [4.0, -4.0])
def test_the_gate_rests_at_the_base_and_sees_the_level(unit: Unit, base: float, level: float) -> None:
    twin, _, generator = unit
    twin.resistor("1", 1e6)
    generator.load(math.inf)
    generator.pulse(base=base, level=level, width=1e-3, period=2e-3)
    assert isinstance(twin.port("1").drive, Open)
    generator.output(True)
    assert voltage(twin) == pytest.approx(base, abs=2e-3)
    twin.sim.execute(b"*TRG")
    twin.harness.advance(0.5e-3)
    assert voltage(twin) == pytest.approx(level, abs=2e-3)
    twin.harness.advance(2e-3)
    assert voltage(twin) == pytest.approx(base, abs=2e-3)


def test_a_50_ohm_load_gets_the_voltage_that_was_asked_for(unit: Unit) -> None:
    twin, _, generator = unit
    twin.resistor("1", 50.0)
    generator.load(50.0)
    generator.pulse(base=0.5, level=2.0, width=1e-3)
    generator.output(True)
    assert voltage(twin) == pytest.approx(0.5, rel=5e-3)


def test_a_train_of_pulses_lasts_as_long_as_it_should_and_has_the_area_it_should(unit: Unit) -> None:
    twin, _, generator = unit
    twin.resistor("1", 1e6)
    generator.load(math.inf)
    shape = generator.pulse(base=0.0, level=2.0, width=1e-3, period=4e-3, rise=1e-6, fall=1e-6)
    generator.count(1000)
    generator.output(True)
    before = twin.clock.now
    generator.fire()
    assert twin.clock.now - before == pytest.approx(1000 * shape.period, rel=1e-3)
    twin.sim.execute(b"*TRG")
    mean = twin.harness.measure(twin.port("1"), 1000 * shape.period).voltage
    assert mean == pytest.approx(2.0 * 0.25, rel=2e-3), "width between the 50 % points over the period"


def test_setting_and_firing_are_one_exchange_each(unit: Unit) -> None:
    twin, _, generator = unit
    generator.load(math.inf)
    generator.pulse(base=0.0, level=2.0, width=1e-3)
    generator.output(True)
    twin.resource.sent.clear()
    generator.pulse(base=0.0, level=2.5, width=2e-3)
    generator.fire()
    assert len(twin.resource.sent) == 2
    assert not any("APPL" in message for message in twin.resource.sent)


@pytest.mark.parametrize("width", [0.0, 1e-6, 1.0])
def test_widths_follow_one_another_in_any_order(unit: Unit, width: float) -> None:
    _, driver, generator = unit
    generator.load(math.inf)
    width = width or 1.25 * generator.abilities.widths[0]
    for between in (1e-3, width, 40e-9, width):
        assert generator.pulse(base=0.0, level=1.0, width=between).width == pytest.approx(between, rel=1e-3)
    driver.check_errors()


def test_the_limits_in_the_abilities_can_be_reached(unit: Unit) -> None:
    """The instrument itself takes every corner without changing it."""
    _, driver, generator = unit
    can = generator.abilities
    generator.load(math.inf)
    smallest, largest = can.smallest_amplitude_open, 0.999 * driver.dialect.limits.largest_amplitude_open
    generator.pulse(base=0.0, level=1.001 * smallest, width=1e-3)
    generator.pulse(base=-largest / 2, level=largest / 2, width=1e-3)
    generator.pulse(base=largest / 2, level=-largest / 2, width=1e-3)
    edge = max(can.widths[0], can.edge_share * can.edges[0])
    generator.pulse(base=0.0, level=1.0, width=edge)
    slow = can.edges[1]
    generator.pulse(
        base=0.0, level=1.0, width=2.0 * can.edge_share * min(slow, 1.0), rise=min(slow, 1.0), fall=min(slow, 1.0)
    )
    generator.pulse(base=0.0, level=1.0, width=can.periods[1] / 4, period=can.periods[1])
    assert generator.count(can.max_count) == can.max_count
    driver.check_errors()


def test_levels_beyond_the_output_are_refused(unit: Unit) -> None:
    twin, _, generator = unit
    generator.load(50.0)
    twin.resource.sent.clear()
    with pytest.raises(Refused, match="load of 50 ohm"):
        generator.pulse(base=0.0, level=1.01 * generator.abilities.highest_50_ohm, width=1e-3)
    with pytest.raises(Refused, match="smallest amplitude"):
        generator.pulse(base=0.0, level=0.49 * generator.abilities.smallest_amplitude_open, width=1e-3)
    assert twin.resource.sent == []


def test_make_safe_opens_both_relays(unit: Unit) -> None:
    twin, driver, generator = unit
    twin.sim.execute(b":OUTP2 ON")
    generator.load(math.inf)
    generator.pulse(base=0.5, level=2.0, width=1e-3)
    generator.output(True)
    assert sorted(driver.outputs()) == ["1", "2"]
    assert driver.make_safe() == []
    assert driver.outputs() == {}
    assert all(isinstance(twin.port(terminal).drive, Open) for terminal in "12")


def test_settings_for_a_run_file(unit: Unit) -> None:
    _, driver, generator = unit
    generator.load(50.0)
    generator.pulse(base=0.5, level=2.0, width=1e-3)
    record = driver.settings()
    assert record["1.width"] == pytest.approx(1e-3)
    assert record["1.load"] == 50.0
    driver.reset()
    with pytest.raises(Refused, match="state the load"):
        generator.pulse(base=0.0, level=1.0, width=1e-3)


def test_a_delay_passes_before_the_train(unit: Unit) -> None:
    twin, _, generator = unit
    generator.load(math.inf)
    generator.pulse(base=0.0, level=2.0, width=1e-3, period=2e-3, delay=5e-3)
    generator.output(True)
    before = twin.clock.now
    generator.fire()
    assert twin.clock.now - before == pytest.approx(7e-3, abs=1e-3)


def test_the_81160a_has_one_setting_for_both_edges() -> None:
    twin = Twin("keysight_81160a")
    driver = twin.open()
    assert isinstance(driver, PulseGeneratorBox)
    generator = driver.channel("2")
    generator.load(math.inf)
    shape = generator.pulse(base=0.0, level=1.0, width=1e-3, rise=10e-9)
    assert (shape.rise, shape.fall) == pytest.approx((10e-9, 10e-9))
    with pytest.raises(Refused, match="one setting for both"):
        generator.pulse(base=0.0, level=1.0, width=1e-3, rise=10e-9, fall=20e-9)
    with pytest.raises(Refused, match="largest amplitude"):
        generator.pulse(base=-6.0, level=6.0, width=1e-3)


LEFT_ON = {
    "keysight_81160a": (":AM1:STAT ON", ":SWE1:STAT ON", ":TRAC:CHAN1 ON", ":PHAS1 90"),
    "tektronix_afg3252c": (
        "SOUR1:AM:STAT ON", "SOUR1:FREQ:MODE SWE", "SOUR1:VOLT:CONC ON", "SOUR1:FREQ:CONC ON", "SOUR1:PHAS 90 DEG",
    ),
}  # fmt: skip
LEFT_ON_33500 = (
    "AM:STAT ON", "SWE:STAT ON", "SUM:STAT ON", "FREQ:MODE LIST", "VOLT:COUP ON", "FREQ:COUP ON", "TRAC ON",
    "SOUR1:PHAS 90", "BURS:PHAS 90",
)  # fmt: skip


@pytest.mark.parametrize(("model", "left"), [
    (model, left) for model in MODELS for left in LEFT_ON.get(model, LEFT_ON_33500)
])  # fmt: skip
@pytest.mark.parametrize("played", ["pulse", "waveform"])
def test_what_an_earlier_program_left_on_changes_neither_pulse_nor_the_other_channel(
    model: str, left: str, played: str
) -> None:
    twin = Twin(model)
    twin.resistor("1", 1e6)
    assert twin.sim.execute(left.encode()) is None
    other = b":VOLT2?" if model == "keysight_81160a" else b":SOUR2:VOLT?"
    before = twin.sim.execute(other)
    driver = twin.open()
    assert isinstance(driver, PulseGeneratorBox)
    generator = driver.channel("1")
    generator.load(math.inf)
    if played == "pulse":
        generator.pulse(base=0.0, level=4.0, width=1e-3, period=2e-3)
    else:
        generator.waveform([0.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 0.0], 0.2e-3)
    generator.output(True)
    twin.sim.execute(b"*TRG")
    twin.harness.advance(0.5e-3)
    assert voltage(twin) == pytest.approx(4.0, abs=2e-3)
    twin.harness.advance(2e-3)
    assert voltage(twin) == pytest.approx(0.0, abs=2e-3)
    assert twin.sim.execute(other) == before
