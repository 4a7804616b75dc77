"""The 2636B driver on the simulated 2636B: what it does to the circuit at its terminals."""

import math

import pytest

from drivers import conformance
from drivers.errors import InstrumentError
from drivers.keithley_2600b import Channel2600B, Keithley2636B
from drivers.records import Flag
from emulator import Open
from tests.drivers.twins import Twin


def unit(ohms: float = 1e6, **options: object) -> tuple[Twin, Keithley2636B, Channel2600B]:
    twin = Twin("keithley_2636b", dict(options))
    twin.resistor("a", ohms)
    driver = twin.open()
    assert isinstance(driver, Keithley2636B)
    return twin, driver, driver.channel("a")


def energise(smu: Channel2600B, *, current_limit: float = 1e-6, current_range: float = 1e-6) -> None:
    smu.source_voltage(0.0, current_limit=current_limit, voltage_range=2.0)
    smu.measure_setup(aperture=20e-3, current_range=current_range, autozero="once")
    smu.output(True)


@pytest.mark.parametrize("ohms", [1e6, math.inf])
def test_conformance_on_a_resistor_and_on_an_open_end(ohms: float) -> None:
    _, driver, smu = unit(ohms)
    findings = conformance.check_source_measure_unit(smu, resistance=ohms)
    assert [finding for finding in findings if not finding.passed] == []
    driver.check_errors()


def test_opening_and_asking_what_is_on_changes_nothing() -> None:
    twin, _, smu = unit()
    energise(smu)
    smu.set_level(0.5)
    before = twin.port("a").drive
    again = twin.open()
    assert isinstance(again, Keithley2636B)
    assert again.outputs() == {"a": "voltage source at 0.5 V"}
    again.settings()
    assert twin.port("a").drive == before


def test_a_pulse_lasts_as_long_as_asked_and_its_reading_is_ohms_law() -> None:
    twin, _, smu = unit()
    energise(smu)
    before = twin.clock.now
    reading = smu.pulse(0.5, 0.1)
    assert twin.clock.now - before == pytest.approx(0.1, abs=1.5e-3)  # and the way of one message
    assert reading.current == pytest.approx(0.5e-6, rel=1e-3)
    assert reading.voltage == pytest.approx(0.5, rel=1e-3)
    assert reading.flags == Flag(0)
    assert twin.harness.probe(twin.port("a")).voltage == 0.0


def test_a_current_pulse_drives_the_resistor() -> None:
    twin, _, smu = unit()
    smu.source_current(0.0, voltage_limit=2.0, current_range=1e-6)
    smu.measure_setup(aperture=20e-3, current_range=1e-6, autozero="once")
    smu.output(True)
    reading = smu.pulse(1e-6, 0.1)
    assert reading.voltage == pytest.approx(1.0, rel=1e-3)
    assert twin.harness.probe(twin.port("a")).current == 0.0


def test_the_clamp_is_flagged_and_the_current_is_the_limit() -> None:
    _, _, smu = unit()
    energise(smu, current_limit=1e-7)
    smu.set_level(1.0)
    reading = smu.measure()
    assert Flag.COMPLIANCE in reading.flags
    assert reading.current == pytest.approx(1e-7, rel=1e-2)
    assert smu.in_compliance()


def test_beyond_the_measure_range_there_is_no_number() -> None:
    _, _, smu = unit()
    energise(smu, current_limit=1e-5, current_range=1e-7)
    smu.set_level(1.0)
    reading = smu.measure()
    assert math.isnan(reading.current)
    assert Flag.OVERFLOW in reading.flags


def test_a_sweep_takes_its_time_reads_each_level_and_returns_to_its_base() -> None:
    twin, _, smu = unit()
    energise(smu)
    levels = [k / 50 for k in range(-50, 51)]
    before = twin.clock.now
    readings = smu.sweep(levels, dwell=5e-3, aperture=20e-3, hold=0.5)
    assert twin.clock.now - before == pytest.approx(0.5 + len(levels) * 25e-3, rel=0.05)
    assert readings.currents == pytest.approx([level / 1e6 for level in levels], abs=1e-9)
    assert readings.times[-1] - readings.times[0] == pytest.approx(100 * 25e-3, rel=0.05)
    assert set(readings.flags) == {Flag(0)}
    assert twin.harness.probe(twin.port("a")).voltage == 0.0


def test_a_split_sweep_keeps_one_time_axis() -> None:
    _, _, smu = unit()
    energise(smu)
    smu.measure_setup(aperture=200e-6, current_range=1e-6, autozero="once")
    readings = smu.sweep([0.1] * 1500, dwell=0.0, aperture=200e-6)
    assert readings.chunks == 2
    assert list(readings.times) == sorted(readings.times)
    assert set(readings.flags) == {Flag.UNSTABLE}  # no time for the range to settle


def test_off_states_reach_the_terminal() -> None:
    twin, _, smu = unit()
    smu.off_state("open")
    energise(smu)
    smu.output(False)
    assert isinstance(twin.port("a").drive, Open)
    smu.off_state("zero")
    smu.output(True)
    smu.output(False)
    assert twin.harness.probe(twin.port("a")).voltage == 0.0
    assert not isinstance(twin.port("a").drive, Open)


def test_an_open_interlock_is_an_error_with_its_remedy_and_the_output_stays_off() -> None:
    _, driver, smu = unit(interlock_closed=False)
    smu.source_voltage(0.0, current_limit=1e-6, voltage_range=200.0)
    with pytest.raises(InstrumentError, match=r"802.*close the safety interlock"):
        smu.output(True)
    assert driver.outputs() == {}


def test_make_safe_from_any_state_and_twice() -> None:
    twin, driver, smu = unit()
    energise(smu)
    smu.set_level(1.0)
    assert driver.make_safe() == []
    assert driver.make_safe() == []
    assert driver.outputs() == {}
    assert twin.harness.probe(twin.port("a")).voltage == 0.0
    energise(smu)
    assert smu.pulse(0.1, 0.1).current == pytest.approx(1e-7, rel=1e-3)


def test_after_a_reset_the_functions_and_the_number_format_are_back() -> None:
    _, driver, smu = unit()
    driver.reset()
    energise(smu)
    assert smu.set_level(0.123456789) == 0.123456789


def test_the_lua_of_the_driver_needs_nothing_newer_than_lua_5_0() -> None:
    """No length operator, no modulo operator, no varargs by `...`: the instrument's interpreter has none."""
    from importlib import resources

    text = resources.files("drivers").joinpath("keithley_2600b.lua").read_text(encoding="ascii")
    code = "\n".join(line.split("--")[0] for line in text.splitlines())
    for token in ("#", "..."):
        assert token not in code
    assert "%" not in code.replace("%.9e", "").replace("%d", "")
