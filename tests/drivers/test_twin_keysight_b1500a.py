"""The B1500A driver on the simulated B1500A: what its SMUs and pulse generators do to the circuit."""

import math

import pytest

from drivers import conformance
from drivers.errors import InstrumentError, Refused
from drivers.keysight_b1500a import KeysightB1500A
from drivers.keysight_b1500a_smu import ChannelB1517A
from drivers.keysight_b1500a_spgu import ChannelB1525A
from drivers.records import Flag
from emulator import Open
from tests.drivers.twins import Twin


def box(ohms: float = 1e6, **options: object) -> tuple[Twin, KeysightB1500A]:
    twin = Twin("keysight_b1500a", dict(options))
    twin.resistor("1", ohms)
    driver = twin.open()
    assert isinstance(driver, KeysightB1500A)
    return twin, driver


def unit(ohms: float = 1e6, **options: object) -> tuple[Twin, KeysightB1500A, ChannelB1517A]:
    twin, driver = box(ohms, **options)
    channel = driver.channel("1")
    assert isinstance(channel, ChannelB1517A)
    return twin, driver, channel


def pulser(ohms: float = math.inf) -> tuple[Twin, KeysightB1500A, ChannelB1525A]:
    twin, driver = box()
    twin.resistor("501", ohms)
    channel = driver.channel("501")
    assert isinstance(channel, ChannelB1525A)
    return twin, driver, channel


def energise(smu: ChannelB1517A, *, current_limit: float = 1e-5, current_range: float = 1e-6) -> None:
    smu.source_voltage(0.0, current_limit=current_limit, voltage_range=2.0)
    smu.measure_setup(aperture=20e-3, current_range=current_range, autozero="once")
    smu.output(True)


def voltage(twin: Twin, terminal: str) -> float:
    return twin.harness.probe(twin.port(terminal)).voltage


# Source-measure units -------------------------------------------------------------------------------


@pytest.mark.parametrize("ohms", [1e5, 1e6, math.inf])
def test_a_unit_conforms_on_a_resistor_and_on_an_open_end(ohms: float) -> None:
    _, driver, smu = unit(ohms)
    findings = conformance.check_source_measure_unit(smu, resistance=ohms)
    assert [finding for finding in findings if not finding.passed] == []
    driver.check_errors()


def test_the_modules_are_those_of_the_slots() -> None:
    _, driver = box(slots={3: "B1517A", 4: "B1525A"})
    assert isinstance(driver.channel("3"), ChannelB1517A)
    assert isinstance(driver.channel("402"), ChannelB1525A)
    with pytest.raises(Refused, match=r"terminal '1' is not known here: use '3' or '401' or '402'"):
        driver.channel("1")


def test_opening_and_asking_what_is_on_changes_nothing() -> None:
    twin, _, smu = unit()
    energise(smu)
    smu.set_level(0.5)
    before = twin.port("1").drive
    again = twin.open()
    assert isinstance(again, KeysightB1500A)
    assert again.outputs() == {"1": "voltage source at 0.5 V"}
    assert again.settings()["*LRN? 1"] == "DV1,20,+0.50000E+00,+10.0000E-06,0,0"
    assert twin.port("1").drive == before


def test_the_output_goes_on_at_zero_and_within_the_limit() -> None:
    """The switch closes at 0 V; then come limit and level, in the same message."""
    twin, _, smu = unit()
    smu.source_voltage(1.5, current_limit=2e-6)
    assert isinstance(twin.port("1").drive, Open)
    smu.output(True)
    assert twin.port("1").drive.current_limit == 2e-6  # type: ignore[union-attr]
    assert voltage(twin, "1") == pytest.approx(1.5, abs=1e-3)


def test_off_states_reach_the_terminal() -> None:
    twin, driver, smu = unit()
    smu.off_state("zero")
    energise(smu)
    smu.set_level(1.0)
    assert smu.output(False) is False
    assert not isinstance(twin.port("1").drive, Open)
    assert voltage(twin, "1") == 0.0
    assert driver.outputs() == {}
    smu.off_state("open")
    smu.output(True)
    smu.output(False)
    assert isinstance(twin.port("1").drive, Open)


def test_a_reading_has_both_quantities_and_the_time() -> None:
    _, _, smu = unit()
    energise(smu)
    smu.set_level(0.5)
    first, second = smu.measure(), smu.measure()
    assert (first.voltage, first.current) == pytest.approx((0.5, 0.5e-6), rel=1e-3)
    assert first.flags == Flag(0)
    assert 40e-3 < second.time - first.time < 60e-3  # two quantities, 20 ms each


def test_a_pulse_is_one_exchange_and_lasts_as_long_as_asked() -> None:
    """The charge through 1 MΩ is that of 0.5 V for 100 ms."""
    twin, _, smu = unit()
    energise(smu)
    smu.pulse(0.5, 0.1)
    charge = 0.0
    advance, measured = twin.harness.advance, twin.harness.measure

    def counted(seconds: float) -> None:
        nonlocal charge
        charge += twin.harness.probe(twin.port("1")).current * seconds
        advance(seconds)

    def counted_measure(port: object, aperture: float) -> object:
        nonlocal charge
        charge += twin.harness.probe(twin.port("1")).current * aperture
        return measured(port, aperture)  # type: ignore[arg-type]

    twin.harness.advance, twin.harness.measure = counted, counted_measure  # type: ignore[method-assign, assignment]
    sent = len(twin.resource.sent)
    reading = smu.pulse(0.5, 0.1)
    assert twin.resource.sent[sent:] == ["XE\r"]
    assert charge == pytest.approx(0.5e-6 * 0.1, rel=1e-5)
    assert (reading.voltage, reading.flags) == (0.5, Flag(0))
    assert reading.current == pytest.approx(0.5e-6, rel=1e-3)
    assert voltage(twin, "1") == 0.0


def test_a_pulse_without_reading_tells_of_the_clamp() -> None:
    _, _, smu = unit()
    energise(smu, current_limit=2e-7)
    assert smu.pulse(0.1, 0.01, measure=False).flags == Flag(0)
    assert smu.pulse(1.0, 0.01, measure=False).flags is Flag.COMPLIANCE


def test_a_pulse_too_short_for_its_range_is_flagged() -> None:
    """The 1 nA range is given 20 ms to settle; the reading of 1 ms begins after 4 ms."""
    _, _, smu = unit(1e9)
    smu.source_voltage(0.0, current_limit=1e-8)
    smu.measure_setup(aperture=1e-3, current_range=1e-9, autozero="off")
    smu.output(True)
    assert Flag.UNSTABLE in smu.pulse(0.5, 5e-3).flags


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
    assert math.isnan(timed.voltage)


def test_beyond_the_measure_range_there_is_no_number() -> None:
    _, _, smu = unit()
    energise(smu, current_range=1e-7)
    smu.set_level(1.0)
    reading = smu.measure()
    assert math.isnan(reading.current)
    assert Flag.OVERFLOW in reading.flags


def test_a_staircase_is_one_sweep_and_returns_to_its_base() -> None:
    twin, _, smu = unit()
    energise(smu)
    levels = [k / 100 for k in range(-100, 101)]
    before = twin.clock.now
    readings = smu.sweep(levels, dwell=5e-3, aperture=20e-3, hold=0.5)
    assert twin.clock.now - before == pytest.approx(0.5 + len(levels) * 25e-3, rel=0.02)
    assert readings.currents == pytest.approx([level / 1e6 for level in levels], abs=2e-9)
    assert readings.times[-1] == pytest.approx(200 * 25e-3, rel=1e-3)
    assert readings.chunks == 1
    assert set(readings.flags) == {Flag(0)}
    assert voltage(twin, "1") == 0.0


def test_a_list_is_cut_into_staircases_on_one_time_axis() -> None:
    _, _, smu = unit()
    energise(smu)
    levels = [0.0, 0.1, 0.2, 0.3, 0.2, 0.1, 0.0, 0.4, 0.0]
    readings = smu.sweep(levels, dwell=1e-3, aperture=20e-3)
    assert readings.chunks == 3
    assert readings.currents == pytest.approx([level / 1e6 for level in levels], abs=2e-9)
    assert list(readings.times) == sorted(readings.times)


def test_two_units_with_different_apertures_do_not_disturb_each_other() -> None:
    """The converters belong to the mainframe: each reading sets them again where the other changed them."""
    twin, driver, one = unit()
    two = driver.channel("2")
    assert isinstance(two, ChannelB1517A)
    for smu, aperture in ((one, 20e-3), (two, 200e-3)):
        smu.source_voltage(0.0, current_limit=1e-6)
        smu.measure_setup(aperture=aperture, current_range=1e-6, autozero="off")
        smu.output(True)
    for smu, aperture in ((one, 20e-3), (two, 200e-3), (one, 20e-3)):
        before = twin.clock.now
        smu.measure()
        assert twin.clock.now - before == pytest.approx(2 * aperture, abs=12e-3)


def test_an_open_interlock_is_an_error_with_its_remedy() -> None:
    _, driver, smu = unit(interlock_closed=False)
    smu.source_voltage(50.0, current_limit=1e-6)
    with pytest.raises(InstrumentError, match=r"\+202.*close the interlock circuit"):
        smu.output(True)
    assert driver.make_safe() == []
    assert driver.outputs() == {}


def test_what_the_module_cannot_give_is_refused() -> None:
    twin, _, smu = unit()
    sent = len(twin.resource.sent)
    with pytest.raises(Refused, match=r"30 V with 0\.1 A is outside.*0\.05 A up to 40 V"):
        smu.source_voltage(30.0, current_limit=0.1)
    with pytest.raises(Refused, match="high-capacitance"):
        smu.source_voltage(1.0, current_limit=1e-6, high_capacitance=True)
    with pytest.raises(Refused, match="needs to settle"):
        smu.measure_setup(aperture=20e-3)
    assert len(twin.resource.sent) == sent


def test_make_safe_from_any_state_and_twice() -> None:
    twin, driver, smu = unit()
    energise(smu)
    smu.set_level(1.0)
    assert driver.make_safe() == []
    assert driver.make_safe() == []
    assert driver.outputs() == {}
    assert isinstance(twin.port("1").drive, Open)
    energise(smu)
    assert smu.pulse(0.1, 0.1).current == pytest.approx(1e-7, rel=1e-2)


def test_after_a_reset_the_data_format_is_back() -> None:
    _, driver, smu = unit()
    energise(smu)
    smu.pulse(0.1, 0.1)
    driver.reset()
    assert driver.outputs() == {}
    energise(smu)
    assert smu.pulse(0.1, 0.1).current == pytest.approx(1e-7, rel=1e-2)


def test_no_calibration_interrupts_a_long_run() -> None:
    twin, _, smu = unit()
    energise(smu)
    smu.output(False)
    twin.harness.advance(3600.0)
    before = twin.clock.now
    smu.output(True)
    assert twin.clock.now - before < 1.0


# Pulse generators -----------------------------------------------------------------------------------


@pytest.mark.parametrize("terminal", ["501", "502"])
def test_a_generator_conforms(terminal: str) -> None:
    _, driver = box()
    generator = driver.channel(terminal)
    assert isinstance(generator, ChannelB1525A)
    findings = conformance.check_pulse_generator(generator)
    assert [finding for finding in findings if not finding.passed] == []
    driver.check_errors()


@pytest.mark.parametrize("base", [0.0, 0.25])
@pytest.mark.parametrize("level", [4.0, -4.0])
def test_an_open_end_rests_at_the_base_before_and_after_a_pulse(base: float, level: float) -> None:
    twin, _, generator = pulser()
    generator.load(math.inf)
    generator.pulse(base=base, level=level, width=1e-3)
    assert isinstance(twin.port("501").drive, Open)
    generator.output(True)
    assert voltage(twin, "501") == pytest.approx(base, abs=2e-3)
    generator.fire()
    assert voltage(twin, "501") == pytest.approx(base, abs=2e-3)


@pytest.mark.parametrize("level", [4.0, -4.0])
def test_a_train_is_one_exchange_and_its_area_is_that_of_its_pulses(level: float) -> None:
    twin, _, generator = pulser()
    generator.load(math.inf)
    shape = generator.pulse(base=0.0, level=level, width=1e-3, period=2e-3, rise=1e-6, fall=1e-6)
    generator.count(5)
    generator.output(True)
    started: list[object] = []
    port = twin.port("501")
    start = port.start
    port.start = lambda waveform: (started.append(waveform), start(waveform))[1]  # type: ignore[method-assign]
    before, sent = twin.clock.now, len(twin.resource.sent)
    generator.fire()
    assert len(twin.resource.sent) == sent + 1
    assert twin.clock.now - before == pytest.approx(5 * shape.period, abs=4e-3)
    (waveform,) = started
    assert waveform.repeats == 5  # type: ignore[attr-defined]
    times, levels = waveform.times, waveform.levels  # type: ignore[attr-defined]
    area = sum((t1 - t0) * (u0 + u1) / 2 for t0, t1, u0, u1 in zip(times, times[1:], levels, levels[1:], strict=False))
    assert area == pytest.approx(level * 1e-3, rel=1e-3)


def test_a_50_ohm_load_gets_the_voltage_that_was_asked_for() -> None:
    twin, _, generator = pulser(50.0)
    generator.load(50.0)
    generator.pulse(base=1.0, level=3.0, width=1e-3)
    generator.output(True)
    assert voltage(twin, "501") == pytest.approx(1.0, rel=2e-3)
    with pytest.raises(Refused, match=r"25 V is outside -20 V … 20 V"):
        generator.pulse(base=0.0, level=25.0, width=1e-3)


def test_outputs_share_one_period() -> None:
    _, driver, one = pulser()
    two = driver.channel("502")
    assert isinstance(two, ChannelB1525A)
    for generator in (one, two):
        generator.load(math.inf)
    one.pulse(base=0.0, level=1.0, width=1e-3, period=5e-3)
    one.output(True)
    with pytest.raises(Refused, match=r"would change that of the other outputs, 0\.005 s"):
        two.pulse(base=0.0, level=1.0, width=1e-3, period=4e-3)
    assert two.pulse(base=0.0, level=1.0, width=1e-3).period == 5e-3


def test_a_long_train_waits_inside_the_instrument() -> None:
    twin, _, generator = pulser()
    generator.load(math.inf)
    generator.pulse(base=0.0, level=1.0, width=0.1, period=1.0)
    generator.count(250)
    generator.output(True)
    before = twin.clock.now
    generator.fire()
    assert twin.clock.now - before == pytest.approx(250.0, abs=0.01)
    assert not generator.running()


def test_units_and_generators_are_made_safe_together() -> None:
    twin, driver, generator = pulser()
    smu = driver.channel("1")
    assert isinstance(smu, ChannelB1517A)
    energise(smu)
    generator.load(math.inf)
    generator.pulse(base=1.0, level=2.0, width=1e-3)
    generator.output(True)
    assert set(driver.outputs()) == {"1", "501"}
    assert driver.make_safe() == []
    assert driver.outputs() == {}
    assert isinstance(twin.port("501").drive, Open)
