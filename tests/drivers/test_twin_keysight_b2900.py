"""The B2900 driver on the simulated B2902B and B2912B: what it does to the circuit at its terminals."""

import math
from typing import Any

import pytest

from drivers import conformance
from drivers.errors import InstrumentError, Refused
from drivers.keysight_b2900 import ChannelB2900, KeysightB2900
from drivers.records import Flag
from drivers.registry import open_driver
from emulator import Array, Chip, Harness, Open, VirtualClock, VoltageSource, literature
from sim_instruments import Surroundings, create
from tests.drivers.fake_resource import FakeResource
from tests.drivers.twins import Twin


def unit(ohms: float = 1e6, model: str = "keysight_b2912b", **options: object) -> tuple[Twin, KeysightB2900]:
    twin = Twin(model, dict(options))
    for terminal in "12":
        twin.resistor(terminal, ohms)
    driver = twin.open()
    assert isinstance(driver, KeysightB2900)
    return twin, driver


def energise(smu: ChannelB2900, *, current_limit: float = 1e-6, current_range: float = 1e-6) -> None:
    smu.source_voltage(0.0, current_limit=current_limit, voltage_range=2.0)
    smu.measure_setup(aperture=1e-3, current_range=current_range, autozero="once")
    smu.output(True)


@pytest.mark.parametrize("model", ["keysight_b2902b", "keysight_b2912b"])
@pytest.mark.parametrize("terminal", ["1", "2"])
@pytest.mark.parametrize("ohms", [1e5, math.inf])
def test_conformance_on_a_resistor_and_on_an_open_end(model: str, terminal: str, ohms: float) -> None:
    _, driver = unit(ohms, model)
    findings = conformance.check_source_measure_unit(driver.channel(terminal), resistance=ohms)
    assert [finding for finding in findings if not finding.passed] == []
    driver.check_errors()


def test_opening_and_asking_what_is_on_changes_nothing() -> None:
    twin, driver = unit()
    smu = driver.channel("2")
    energise(smu)
    smu.set_level(0.5)
    before = twin.port("2").drive
    again = twin.open()
    assert isinstance(again, KeysightB2900)
    assert again.outputs() == {"2": "voltage source at 0.5 V"}
    assert again.settings()[":SENS2:CURR:PROT"] == 1e-6
    assert again.settings()[":SENS2:FUNC"] == "VOLT,CURR"
    assert twin.port("2").drive == before


def charge_of(twin: Twin, action: Any) -> float:
    """Charge (C) that leaves terminal 1 during an action, from the voltage on its resistor."""
    charge = 0.0
    advance, measure_all = twin.harness.advance, twin.harness.measure_all

    def counted(seconds: float) -> None:
        """Passes time as a measurement, whose mean holds every edge."""
        nonlocal charge
        if seconds > 0.0:
            charge += measure_all([twin.port("1")], seconds)[0].current * seconds
        else:
            advance(seconds)

    def counted_means(ports: Any, aperture: float) -> Any:
        nonlocal charge
        samples = measure_all([*ports, twin.port("1")], aperture)
        charge += samples[-1].current * aperture
        return samples[:-1]

    twin.harness.advance = counted  # type: ignore[method-assign]
    twin.harness.measure_all = counted_means  # type: ignore[method-assign]
    action()
    twin.harness.advance, twin.harness.measure_all = advance, measure_all  # type: ignore[method-assign]
    return charge


@pytest.mark.parametrize("measure", [True, False])
@pytest.mark.parametrize("width", [1.5e-3, 0.1])
def test_a_pulse_lasts_as_long_as_asked_and_ends_at_its_base(measure: bool, width: float) -> None:
    """10 % of the rising to 90 % of the falling edge, both straight and equal: level times width is the area."""
    twin, driver = unit()
    smu = driver.channel("1")
    energise(smu)
    readings = []
    charge = charge_of(twin, lambda: readings.append(smu.pulse(0.5, width, measure=measure)))
    assert charge == pytest.approx(0.5e-6 * width, rel=1e-6)
    assert twin.harness.probe(twin.port("1")).voltage == 0.0
    if measure:
        assert (readings[0].voltage, readings[0].current) == pytest.approx((0.5, 0.5e-6), rel=3e-3)
        assert readings[0].flags == Flag(0)
    else:
        assert math.isnan(readings[0].current)


def test_the_shortest_pulse_is_fifty_microseconds() -> None:
    twin, driver = unit()
    smu = driver.channel("1")
    energise(smu)
    assert charge_of(twin, lambda: smu.pulse(1.0, 50e-6, measure=False)) == pytest.approx(1e-6 * 50e-6, rel=1e-6)
    with pytest.raises(Refused, match="generator"):
        smu.pulse(1.0, 49e-6, measure=False)


def test_a_pulse_without_reading_tells_of_the_clamp() -> None:
    _, driver = unit()
    smu = driver.channel("1")
    energise(smu, current_limit=2e-7)
    assert smu.pulse(0.1, 0.01, measure=False).flags == Flag(0)
    assert smu.pulse(1.0, 0.01, measure=False).flags is Flag.COMPLIANCE
    assert smu.pulse(0.1, 0.01, measure=False).flags == Flag(0)


def test_a_reading_before_the_range_has_settled_is_flagged() -> None:
    """The 1 µA range settles in 500 µs; the reading takes the last millisecond of the pulse."""
    _, driver = unit()
    smu = driver.channel("1")
    energise(smu)
    early, late = smu.pulse(0.5, 1.1e-3), smu.pulse(0.5, 1.6e-3)
    assert early.flags is Flag.UNSTABLE
    assert late.flags == Flag(0)
    assert early.current < late.current


def test_a_current_pulse_drives_the_resistor() -> None:
    twin, driver = unit()
    smu = driver.channel("1")
    smu.source_current(0.0, voltage_limit=2.0, current_range=1e-6)
    smu.measure_setup(aperture=1e-3, autozero="once", current_range=1e-6)
    smu.output(True)
    reading = smu.pulse(1e-6, 0.01)
    assert (reading.voltage, reading.current) == pytest.approx((1.0, 1e-6), rel=1e-3)
    assert twin.harness.probe(twin.port("1")).current == 0.0


def test_the_clamp_is_flagged_and_the_current_is_the_limit() -> None:
    _, driver = unit()
    smu = driver.channel("1")
    energise(smu, current_limit=2e-7)
    smu.set_level(1.0)
    reading = smu.measure()
    assert Flag.COMPLIANCE in reading.flags
    assert (reading.current, reading.voltage) == pytest.approx((2e-7, 0.2), rel=1e-2)
    assert smu.in_compliance()
    assert driver.channel("2").in_compliance() is False


def test_beyond_the_measure_range_there_is_no_number() -> None:
    _, driver = unit()
    smu = driver.channel("1")
    energise(smu, current_limit=1e-5, current_range=1e-7)
    smu.set_level(1.0)
    reading = smu.measure()
    assert math.isnan(reading.current)
    assert Flag.OVERFLOW in reading.flags


def test_a_sweep_takes_its_time_reads_each_level_and_returns_to_its_base() -> None:
    twin, driver = unit()
    smu = driver.channel("1")
    energise(smu)
    smu.set_level(0.2)
    levels = [k / 125 for k in range(-125, 126)]
    before = twin.clock.now
    readings = smu.sweep(levels, dwell=5e-3, aperture=20e-3, hold=0.5)
    step = 25.1e-3  # with the margin of 0.1 ms
    assert twin.clock.now - before == pytest.approx((20 + len(levels)) * step, rel=0.01)
    assert readings.currents == pytest.approx([level / 1e6 for level in levels], abs=1e-12)
    assert readings.voltages == pytest.approx(levels, abs=1e-9)
    assert readings.times[-1] == pytest.approx(250 * step, rel=1e-9)
    assert set(readings.flags) == {Flag(0)}
    assert readings.chunks == 1
    assert smu.output_state
    assert twin.harness.probe(twin.port("1")).voltage == pytest.approx(0.2)
    assert smu.measure().current == pytest.approx(0.2e-6, rel=1e-6)


def test_a_sweep_shows_each_level_once_and_its_dwell_before_the_reading() -> None:
    twin, driver = unit()
    smu = driver.channel("1")
    energise(smu)
    charge = charge_of(twin, lambda: smu.sweep([0.1, 0.2, 0.3], dwell=10e-3, aperture=5e-3))
    assert charge == pytest.approx(0.6e-6 * 15.1e-3, rel=1e-6)


def test_a_split_sweep_keeps_one_time_axis() -> None:
    _, driver = unit()
    smu = driver.channel("1")
    energise(smu)
    readings = smu.sweep([0.1] * 3000, dwell=0.0, aperture=100e-6)
    assert readings.chunks == 2
    assert list(readings.times) == sorted(set(readings.times))
    assert readings.times[2498] == pytest.approx(2498 * 200e-6, rel=1e-6)
    assert set(readings.flags) == {Flag.UNSTABLE}  # no time for the range to settle


def test_the_channels_are_independent() -> None:
    twin, driver = unit()
    gate, drain = driver.channel("1"), driver.channel("2")
    for smu in (gate, drain):
        energise(smu)
    drain.set_level(0.3)
    gate.pulse(0.5, 0.01)
    assert twin.harness.probe(twin.port("2")).voltage == 0.3
    assert drain.measure().current == pytest.approx(0.3e-6, rel=1e-5)
    gate.output(False)
    assert driver.outputs() == {"2": "voltage source at 0.3 V"}


def test_gate_and_drain_of_one_device_on_one_box() -> None:
    """Gate pulses of channel 1 raise the conductance that channel 2 reads; its start is that of the literature."""
    device = literature.load("kim2019").model
    array = Array(device, 1, 1, seed=1, device_spread=False, cycle_noise=False)
    harness = Harness(VirtualClock(), Chip(array, read_noise=False))
    sim = create("keysight_b2902b", Surroundings("unit", harness, noise=False, accuracy=False))
    for terminal, pad in (("1", "G0"), ("2", "D0")):
        harness.connect(f"unit.{terminal}", f"chip.{pad}")
    harness.connect("chip.S0", "ground")
    resource = FakeResource(lambda message: sim.execute(message.encode("ascii")))
    driver = open_driver("keysight_b2902b", resource.as_visa, label="unit")
    assert isinstance(driver, KeysightB2900)
    gate, drain = driver.channel("1"), driver.channel("2")
    gate.source_voltage(0.0, current_limit=1e-3, voltage_range=20.0)
    drain.source_voltage(0.1, current_limit=1e-5, voltage_range=0.2)
    drain.measure_setup(aperture=20e-3, current_range=1e-6)
    gate.output(True)
    drain.output(True)
    before = drain.measure().current
    for _ in range(3):
        gate.pulse(4.0, 50e-6, measure=False)
    after = drain.measure().current
    assert before == pytest.approx(0.1 * 1.5e-6, rel=0.01)
    assert after > 1.01 * before


def test_off_states_reach_the_terminal() -> None:
    """User's guide, table 6-1: only ZERO keeps the relay closed."""
    twin, driver = unit()
    smu = driver.channel("1")
    for kind, drive in (("open", Open()), ("normal", Open()), ("zero", VoltageSource(0.0, 0.0, 100e-6))):
        smu.off_state(kind)
        energise(smu)
        smu.output(False)
        assert twin.port("1").drive == drive


def test_nothing_switches_an_output_on_behind_the_drivers_back() -> None:
    twin, driver = unit()
    smu = driver.channel("1")
    smu.source_voltage(1.0, current_limit=1e-6)
    smu.measure()
    assert isinstance(twin.port("1").drive, Open)
    assert driver.outputs() == {}


def test_an_open_interlock_is_an_error_with_its_remedy_and_the_output_stays_off() -> None:
    _, driver = unit(interlock_closed=False)
    smu = driver.channel("1")
    smu.source_voltage(60.0, current_limit=1e-6)
    with pytest.raises(InstrumentError, match=r"-221.*close the safety interlock"):
        smu.output(True)
    assert driver.outputs() == {}


def test_make_safe_from_any_state_and_twice() -> None:
    twin, driver = unit()
    smu = driver.channel("2")
    energise(smu)
    smu.set_level(1.0)
    assert driver.make_safe() == []
    assert driver.make_safe() == []
    assert driver.outputs() == {}
    assert twin.harness.probe(twin.port("2")).voltage == 0.0
    energise(smu)
    assert smu.pulse(0.1, 0.01).current == pytest.approx(1e-7, rel=1e-3)


def test_after_a_reset_the_number_format_is_back() -> None:
    _, driver = unit()
    smu = driver.channel("1")
    energise(smu)
    smu.pulse(0.1, 0.01)
    driver.reset()
    assert driver.outputs() == {}
    with pytest.raises(Refused, match="no limit"):
        smu.output(True)
    energise(smu)
    assert smu.pulse(0.1, 0.01).current == pytest.approx(1e-7, rel=1e-3)


def test_high_capacitance_has_no_low_range() -> None:
    _, driver = unit()
    smu = driver.channel("1")
    with pytest.raises(Refused, match="current limit"):
        smu.source_voltage(0.0, current_limit=1e-7, high_capacitance=True)
    assert smu.source_voltage(0.0, current_limit=1e-6, high_capacitance=True).high_capacitance
    with pytest.raises(Refused, match="high capacitance"):
        smu.measure_setup(aperture=20e-3, current_range=1e-7)
