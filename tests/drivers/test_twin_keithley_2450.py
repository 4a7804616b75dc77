"""The 2450 driver on the simulated 2450: what it does to the circuit at its terminals."""

import math

import pytest

from drivers import conformance
from drivers.errors import InstrumentError, Refused
from drivers.keithley_2450 import Channel2450, Keithley2450
from drivers.records import Flag
from emulator import CurrentSource, Open
from tests.drivers.twins import Twin


def unit(ohms: float = 1e6, **options: object) -> tuple[Twin, Keithley2450, Channel2450]:
    twin = Twin("keithley_2450", dict(options))
    twin.resistor("1", ohms)
    driver = twin.open()
    assert isinstance(driver, Keithley2450)
    return twin, driver, driver.channel("1")


def energise(smu: Channel2450, *, current_limit: float = 1e-6, current_range: float = 1e-6) -> None:
    smu.source_voltage(0.0, current_limit=current_limit, voltage_range=2.0)
    smu.measure_setup(aperture=20e-3, current_range=current_range, autozero="once")
    smu.output(True)


@pytest.mark.parametrize("ohms", [1e5, math.inf])
def test_conformance_on_a_resistor_and_on_an_open_end(ohms: float) -> None:
    """0.1 V at 100 kΩ, half of whose current is still above 10.6 % of the 1 µA range."""
    _, driver, smu = unit(ohms)
    findings = conformance.check_source_measure_unit(smu, resistance=ohms)
    assert [finding for finding in findings if not finding.passed] == []
    driver.check_errors()


def test_opening_and_asking_what_is_on_changes_nothing() -> None:
    twin, _, smu = unit()
    energise(smu)
    smu.set_level(0.5)
    before = twin.port("1").drive
    again = twin.open()
    assert isinstance(again, Keithley2450)
    assert again.outputs() == {"1": "voltage source at 0.5 V"}
    assert again.settings()[":SENS:FUNC"] == "CURR:DC"
    assert again.settings()[":SOUR:VOLT:ILIM"] == 1e-6
    assert twin.port("1").drive == before


@pytest.mark.parametrize("measure", [True, False])
def test_a_pulse_lasts_as_long_as_asked_and_ends_at_its_base(measure: bool) -> None:
    """The charge through 1 MΩ is that of 0.5 V for 100 ms."""
    twin, _, smu = unit()
    energise(smu)
    charge = 0.0
    advance = twin.harness.advance
    measured = twin.harness.measure

    def counted(seconds: float) -> None:
        nonlocal charge
        charge += twin.harness.probe(twin.port("1")).current * seconds
        advance(seconds)

    def counted_measure(port: object, aperture: float) -> object:
        nonlocal charge
        charge += twin.harness.probe(twin.port("1")).current * aperture
        return measured(port, aperture)  # type: ignore[arg-type]

    twin.harness.advance, twin.harness.measure = counted, counted_measure  # type: ignore[method-assign, assignment]
    reading = smu.pulse(0.5, 0.1, measure=measure)
    assert charge == pytest.approx(0.5e-6 * 0.1, rel=1e-6)
    assert reading.flags == Flag(0)
    if measure:
        assert reading.current == pytest.approx(0.5e-6, rel=1e-3)
        assert reading.voltage == 0.5
    else:
        assert math.isnan(reading.current)
    assert twin.harness.probe(twin.port("1")).voltage == 0.0


def test_a_pulse_without_reading_tells_of_the_clamp() -> None:
    _, _, smu = unit()
    energise(smu, current_limit=2e-7)
    assert smu.pulse(0.1, 0.01, measure=False).flags == Flag(0)
    assert smu.pulse(1.0, 0.01, measure=False).flags is Flag.COMPLIANCE
    assert smu.pulse(0.1, 0.01, measure=False).flags == Flag(0)


def test_a_current_pulse_drives_the_resistor() -> None:
    twin, _, smu = unit()
    smu.source_current(0.0, voltage_limit=2.0, current_range=1e-6)
    smu.measure_setup(aperture=20e-3, autozero="once", current_range=1e-6)
    smu.output(True)
    reading = smu.pulse(1e-6, 0.1)
    assert reading.voltage == pytest.approx(1.0, rel=1e-3)
    assert reading.current == 1e-6
    assert twin.harness.probe(twin.port("1")).current == 0.0


def test_the_clamp_is_flagged_and_the_current_is_the_limit() -> None:
    _, _, smu = unit()
    energise(smu, current_limit=2e-7)
    smu.set_level(1.0)
    reading = smu.measure()
    assert Flag.COMPLIANCE in reading.flags
    assert (reading.current, reading.voltage) == pytest.approx((2e-7, 0.2), rel=1e-2)
    assert smu.in_compliance()
    timed = smu.pulse(1.0, 0.1)
    assert timed.flags == Flag.COMPLIANCE
    assert math.isnan(timed.voltage)  # the level was not reached
    assert timed.current == pytest.approx(2e-7, rel=1e-2)


def test_a_fixed_range_that_would_raise_the_limit_is_refused() -> None:
    twin, _, smu = unit()
    smu.source_voltage(0.0, current_limit=1e-7)
    with pytest.raises(Refused, match=r"raise the limit 1e-07 A to 1\.06e-07 A"):
        smu.measure_setup(aperture=20e-3, current_range=1e-6)
    smu.measure_setup(aperture=20e-3, current_range=1e-7)
    smu.source_voltage(0.0, current_limit=5e-9)  # the fixed range gives way
    smu.output(True)
    assert twin.port("1").drive.current_limit == 5e-9  # type: ignore[union-attr]


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
    levels = [k / 125 for k in range(-125, 126)]  # 252 with the base: three list commands
    before = twin.clock.now
    readings = smu.sweep(levels, dwell=5e-3, aperture=20e-3, hold=0.5)
    assert twin.clock.now - before == pytest.approx(0.5 + len(levels) * 25e-3, rel=0.02)
    assert readings.currents == pytest.approx([level / 1e6 for level in levels], abs=1e-9)
    assert readings.times[-1] == pytest.approx(250 * 25e-3, rel=1e-3)
    assert set(readings.flags) == {Flag(0)}
    assert readings.chunks == 1
    assert smu.output_state
    assert twin.harness.probe(twin.port("1")).voltage == 0.0


def test_a_split_sweep_keeps_one_time_axis() -> None:
    _, _, smu = unit()
    energise(smu)
    readings = smu.sweep([0.1] * 1200, dwell=0.0, aperture=400e-6)
    assert readings.chunks == 2
    assert list(readings.times) == sorted(readings.times)
    assert set(readings.flags) == {Flag.UNSTABLE}  # no time for the range to settle


def test_off_states_reach_the_terminal() -> None:
    twin, _, smu = unit()
    for kind, drive in (("open", Open), ("guard", CurrentSource)):
        smu.off_state(kind)
        energise(smu)
        smu.output(False)
        assert isinstance(twin.port("1").drive, drive)
    smu.off_state("normal")
    assert twin.harness.probe(twin.port("1")).voltage == 0.0


def test_an_open_interlock_is_an_error_with_its_remedy_and_the_output_stays_off() -> None:
    _, driver, smu = unit(interlock_closed=False)
    smu.source_voltage(30.0, current_limit=1e-6)
    with pytest.raises(InstrumentError, match=r"5074.*close the safety interlock"):
        smu.output(True)
    assert driver.outputs() == {}


def test_make_safe_from_any_state_and_twice() -> None:
    twin, driver, smu = unit()
    energise(smu)
    smu.set_level(1.0)
    assert driver.make_safe() == []
    assert driver.make_safe() == []
    assert driver.outputs() == {}
    assert twin.harness.probe(twin.port("1")).voltage == 0.0
    energise(smu)
    assert smu.pulse(0.1, 0.1).current == pytest.approx(1e-7, rel=1e-3)


def test_after_a_reset_the_number_format_is_back() -> None:
    _, driver, smu = unit()
    energise(smu)
    smu.pulse(0.1, 0.1)
    driver.reset()
    assert driver.outputs() == {}
    energise(smu)
    assert smu.pulse(0.1, 0.1).current == pytest.approx(1e-7, rel=1e-3)
