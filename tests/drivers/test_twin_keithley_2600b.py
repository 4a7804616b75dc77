"""The Series 2600B driver on the simulated models: conformance, figures of each model, a device."""

import math

import pytest

from drivers import conformance
from drivers.errors import InstrumentError, Refused
from drivers.keithley_2600b import Keithley2600B
from drivers.registry import open_driver
from emulator import Array, Chip, Harness, VirtualClock, literature
from sim_instruments import Surroundings, create
from tests.drivers.fake_resource import FakeResource
from tests.drivers.twins import Twin

MODELS = ("keithley_2602b", "keithley_2612b", "keithley_2634b", "keithley_2636b")


def opened(model: str, ohms: float = 1e6, **options: object) -> tuple[Twin, Keithley2600B]:
    twin = Twin(model, dict(options))
    for terminal in "ab":
        twin.resistor(terminal, ohms)
    driver = twin.open()
    assert isinstance(driver, Keithley2600B)
    return twin, driver


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("terminal", "ohms"), [("a", 1e6), ("b", math.inf)])
def test_conformance_on_a_resistor_and_on_an_open_end(model: str, terminal: str, ohms: float) -> None:
    _, driver = opened(model, ohms)
    findings = conformance.check_source_measure_unit(driver.channel(terminal), resistance=ohms)
    assert [finding for finding in findings if not finding.passed] == []
    driver.check_errors()


@pytest.mark.parametrize("model", MODELS)
def test_every_range_the_driver_offers_is_one_of_the_instrument(model: str) -> None:
    """Settings are read back, so a range that the instrument does not have would be an error."""
    _, driver = opened(model)
    smu = driver.channel("a")
    can = smu.abilities
    for volts in can.voltage_ranges:
        limit = min(can.envelope[-1][1], can.current_limits[1])
        assert smu.source_voltage(0.0, current_limit=limit, voltage_range=volts).range == pytest.approx(volts)
    for amperes in can.source_current_ranges:
        setting = smu.source_current(0.0, voltage_limit=can.envelope[0][0], current_range=amperes)
        assert setting.range == pytest.approx(amperes)
    smu.source_voltage(0.0, current_limit=can.current_limits[0])
    for amperes in can.measure_current_ranges:
        assert smu.measure_setup(aperture=0.02, current_range=amperes).current_range == pytest.approx(amperes)
    driver.check_errors()


@pytest.mark.parametrize("model", MODELS)
def test_limits_of_levels_and_limits_are_those_of_the_model(model: str) -> None:
    twin, driver = opened(model)
    smu = driver.channel("a")
    can = smu.abilities
    smu.source_voltage(0.0, current_limit=can.current_limits[0])
    smu.source_current(0.0, voltage_limit=can.voltage_limits[0])
    twin.resource.sent.clear()
    highest, largest = can.voltage_ranges[-1], can.source_current_ranges[-1]
    for request in (
        lambda: smu.source_voltage(1.02 * highest, current_limit=1e-3),
        lambda: smu.source_voltage(0.0, current_limit=0.9 * can.current_limits[0]),
        lambda: smu.source_voltage(0.0, current_limit=1.01 * can.current_limits[1]),
        lambda: smu.source_voltage(highest, current_limit=largest),
        lambda: smu.source_current(0.0, voltage_limit=0.9 * can.voltage_limits[0]),
        lambda: smu.source_current(1.02 * largest, voltage_limit=1.0),
        lambda: smu.source_current(largest, voltage_limit=highest),
        lambda: smu.measure_setup(aperture=0.02, current_range=1.01 * largest),
    ):
        with pytest.raises(Refused):
            request()
    assert twin.resource.sent == []


@pytest.mark.parametrize("model", MODELS)
def test_readings_wait_for_the_range_on_every_model(model: str) -> None:
    """The 2602B and the 2612B measure without delay after a reset; the driver asks for the automatic one."""
    _, driver = opened(model, 1e6)
    smu = driver.channel("a")
    smu.source_voltage(0.0, current_limit=1e-6, voltage_range=1.0)
    smu.measure_setup(aperture=0.2e-3, current_range=1e-6, autozero="off")
    smu.output(True)
    smu.set_level(0.5)
    assert smu.measure().current == pytest.approx(0.5e-6, rel=2e-3)


@pytest.mark.parametrize("model", ["keithley_2602b", "keithley_2634b"])
def test_settings_and_reset(model: str) -> None:
    _, driver = opened(model)
    driver.channel("b").source_voltage(0.5, current_limit=1e-4, voltage_range=1.0)
    found = driver.settings()
    assert (found["b.source.levelv"], found["b.source.limiti"]) == (0.5, 1e-4)
    driver.reset()
    assert driver.settings()["b.source.levelv"] == 0.0
    with pytest.raises(Refused, match="no limit was set"):
        driver.channel("b").output(True)


def test_an_ampere_by_the_2602b() -> None:
    """6 V at 3 A: what only this model can do. The 3 A range is the sourced one."""
    _, driver = opened("keithley_2602b", 1.0)
    smu = driver.channel("a")
    smu.source_voltage(0.0, current_limit=3.0, voltage_range=6.0)
    smu.measure_setup(aperture=1e-3, current_range=3.0, autozero="once")
    smu.output(True)
    readings = smu.sweep([0.5, 1.5, 2.5], dwell=1e-3, aperture=1e-3)
    assert readings.currents == pytest.approx([0.5, 1.5, 2.5], rel=1e-3)
    assert smu.pulse(2.0, 5e-3).current == pytest.approx(2.0, rel=1e-3)


def test_an_open_output_enable_line_is_an_error_with_its_remedy() -> None:
    _, driver = opened("keithley_2602b", interlock_closed=False)
    driver.write("smua.source.outputenableaction = smua.OE_OUTPUT_OFF")
    smu = driver.channel("a")
    smu.source_voltage(0.0, current_limit=1e-6, voltage_range=1.0)
    with pytest.raises(InstrumentError, match=r"5041.*close the output enable line"):
        smu.output(True)
    assert driver.outputs() == {}


@pytest.mark.parametrize("model", MODELS)
def test_gate_and_drain_of_one_device_on_one_box(model: str) -> None:
    """Gate pulses of channel a raise the conductance that channel b reads; its start is that of the literature."""
    array = Array(literature.load("kim2019").model, 1, 1, seed=1, device_spread=False, cycle_noise=False)
    harness = Harness(VirtualClock(), Chip(array, read_noise=False))
    sim = create(model, Surroundings("unit", harness, noise=False, accuracy=False))
    for terminal, pad in (("a", "G0"), ("b", "D0")):
        harness.connect(f"unit.{terminal}", f"chip.{pad}")
    harness.connect("chip.S0", "ground")
    resource = FakeResource(lambda message: sim.execute(message.encode("ascii")))
    driver = open_driver(model, resource.as_visa, label="unit")
    assert isinstance(driver, Keithley2600B)
    gate, drain = driver.channel("a"), driver.channel("b")
    gate.source_voltage(0.0, current_limit=1e-3, voltage_range=5.0)
    drain.source_voltage(0.1, current_limit=1e-5, voltage_range=0.2)
    drain.measure_setup(aperture=20e-3, current_range=1e-6, autozero="once")
    gate.output(True)
    drain.output(True)
    before = drain.measure().current
    for _ in range(3):
        gate.pulse(4.0, 1e-3, measure=False)
    after = drain.measure().current
    assert before == pytest.approx(0.1 * 1.5e-6, rel=0.01)
    assert after > 1.01 * before
