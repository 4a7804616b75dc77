"""What every source-measure unit refuses, whatever its make: nothing is sent, and the channel is as it was."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from drivers import InstrumentError, Refused
from drivers.smu_channel import SourceMeasureChannel
from drivers.visa_instrument import VisaInstrument
from tests.drivers.fake_resource import TIMEOUT
from tests.drivers.twins import Twin

TERMINALS = {"keithley_2450": "1", "keithley_2636b": "a", "keysight_b1500a": "1", "keysight_b2912b": "1"}
NAN_AND_INFINITIES = (math.nan, math.inf, -math.inf)
Request = Callable[[SourceMeasureChannel], object]


def opened(model: str) -> tuple[Twin, VisaInstrument, SourceMeasureChannel]:
    twin = Twin(model)
    twin.resistor(TERMINALS[model], 1e6)
    driver = twin.open()
    smu = driver.channel(TERMINALS[model])
    assert isinstance(smu, SourceMeasureChannel)
    return twin, driver, smu


def energised(model: str) -> tuple[Twin, VisaInstrument, SourceMeasureChannel]:
    """Sourcing 0.5 V, 1 µA limit, 2 V range, reading 20 ms on 1 µA, output on."""
    twin, driver, smu = opened(model)
    smu.source_voltage(0.5, current_limit=1e-6, voltage_range=2.0)
    smu.measure_setup(aperture=20e-3, current_range=1e-6, autozero="once")
    smu.output(True)
    return twin, driver, smu


WHILE_OFF: dict[str, Request] = {
    **{f"a level of {bad} V": lambda smu, bad=bad: smu.source_voltage(bad, current_limit=1e-6)
       for bad in (*NAN_AND_INFINITIES, 213.0, -213.0)},
    **{f"a limit of {bad} A": lambda smu, bad=bad: smu.source_voltage(0.0, current_limit=bad)
       for bad in (*NAN_AND_INFINITIES, 0.0, -1e-6, 0.9e-13, 4.0)},
    **{f"a limit of {bad} V": lambda smu, bad=bad: smu.source_current(0.0, voltage_limit=bad)
       for bad in (*NAN_AND_INFINITIES, 0.0, -1.0, 0.9e-3, 213.0)},
    **{f"a range of {bad} V": lambda smu, bad=bad: smu.source_voltage(0.0, current_limit=1e-6, voltage_range=bad)
       for bad in (*NAN_AND_INFINITIES, 0.0, -2.0, 500.0)},
    **{f"an aperture of {bad} s": lambda smu, bad=bad: smu.measure_setup(aperture=bad, current_range=1e-6)
       for bad in (*NAN_AND_INFINITIES, 0.0, 7e-6, 2.1)},
    **{f"a measure range of {bad} A": lambda smu, bad=bad: smu.measure_setup(aperture=0.02, current_range=bad)
       for bad in (*NAN_AND_INFINITIES, 0.0, -1e-6, 4.0)},
    "a level above its range": lambda smu: smu.source_voltage(2.2, current_limit=1e-6, voltage_range=2.0),
    "a level outside the power envelope": lambda smu: smu.source_voltage(90.0, current_limit=0.11),
    "a limit outside that of its range": lambda smu: smu.source_voltage(0.0, current_limit=0.11, voltage_range=60.0),
    "an autorange that needs longer than the aperture": lambda smu: smu.measure_setup(aperture=1e-3),
    "an unknown autozero": lambda smu: smu.measure_setup(aperture=0.02, current_range=1e-6, autozero="never"),
    "an unknown off state": lambda smu: smu.off_state("ajar"),
    "an output without a limit": lambda smu: smu.output(True),
    "a level without a function": lambda smu: smu.set_level(0.1),
    "a pulse without a limit": lambda smu: smu.pulse(0.1, 0.1),
}  # fmt: skip
WHILE_ON: dict[str, Request] = {
    "another limit": lambda smu: smu.source_voltage(0.5, current_limit=2e-6),
    "another function": lambda smu: smu.source_current(0.0, voltage_limit=1.0),
    "a level above the range": lambda smu: smu.set_level(2.2),
    "a level that is no number": lambda smu: smu.set_level(math.nan),
    "a pulse above the range": lambda smu: smu.pulse(2.2, 0.1),
    "a pulse to a base that is no number": lambda smu: smu.pulse(0.1, 0.1, base=math.nan),
    "a pulse shorter than the model makes": lambda smu: smu.pulse(0.1, 49e-6, measure=False),
    "a pulse longer than the model makes": lambda smu: smu.pulse(0.1, 1.1e5, measure=False),
    "a pulse shorter than its reading": lambda smu: smu.pulse(0.1, 10e-3),
    "a sweep above the range": lambda smu: smu.sweep([0.0, 2.2], dwell=0.01, aperture=0.02),
    "a sweep of nothing": lambda smu: smu.sweep([], dwell=0.01, aperture=0.02),
    "a sweep of more than fits": lambda smu: smu.sweep([0.0] * 100_001, dwell=0.01, aperture=0.02),
    "a sweep with a dwell that is no number": lambda smu: smu.sweep([0.1], dwell=math.nan, aperture=0.02),
    "a sweep with a dwell of days": lambda smu: smu.sweep([0.1], dwell=1.1e5, aperture=0.02),
    "a sweep with a hold before it": lambda smu: smu.sweep([0.1], dwell=0.01, aperture=0.02, hold=-1.0),
    "a sweep with another aperture": lambda smu: smu.sweep([0.1], dwell=0.01, aperture=3.0),
}


def refused(twin: Twin, smu: SourceMeasureChannel, requests: dict[str, Request]) -> None:
    sent, known = len(twin.resource.sent), (smu._source, smu._measure, smu._on)
    for what, request in requests.items():
        try:
            request(smu)
        except Refused:
            pass
        else:
            pytest.fail(f"{what} was not refused")
        assert twin.resource.sent[sent:] == [], what
        assert (smu._source, smu._measure, smu._on) == known, what


@pytest.mark.parametrize("model", TERMINALS)
def test_refused_requests_send_and_change_nothing_before_a_limit_is_set(model: str) -> None:
    twin, _, smu = opened(model)
    refused(twin, smu, WHILE_OFF)


@pytest.mark.parametrize("model", TERMINALS)
def test_refused_requests_send_and_change_nothing_while_the_output_is_on(model: str) -> None:
    twin, _, smu = energised(model)
    refused(twin, smu, WHILE_ON)


@pytest.mark.parametrize("model", TERMINALS)
def test_timed_readings_need_an_energised_output_and_a_fixed_range(model: str) -> None:
    twin, _, smu = energised(model)
    timed: dict[str, Request] = {
        "a pulse": lambda smu: smu.pulse(0.1, 0.6),
        "a sweep": lambda smu: smu.sweep([0.1], dwell=0.6, aperture=20e-3),
    }
    smu.measure_setup(aperture=20e-3, lowest_current_range=1e-6, autozero="once")
    refused(twin, smu, timed)
    smu.measure_setup(aperture=20e-3, current_range=1e-6, autozero="once")
    smu.output(False)
    refused(twin, smu, timed)


@pytest.mark.parametrize("model", [model for model in TERMINALS if model != "keysight_b2912b"])
def test_a_timed_reading_is_refused_where_the_zero_may_lengthen_it(model: str) -> None:
    twin, _, smu = energised(model)
    smu.measure_setup(aperture=20e-3, current_range=1e-6, autozero="auto")
    refused(twin, smu, {"a pulse": lambda smu: smu.pulse(0.1, 0.6)})


@pytest.mark.parametrize("model", [model for model in TERMINALS if model != "keysight_b1500a"])
def test_high_capacitance_has_no_limits_and_ranges_below_1_microampere(model: str) -> None:
    twin, _, smu = opened(model)
    refused(twin, smu, {"0.9 µA": lambda smu: smu.source_voltage(0.0, current_limit=9e-7, high_capacitance=True)})
    smu.source_voltage(0.0, current_limit=1e-6, high_capacitance=True)
    refused(twin, smu, {"100 nA": lambda smu: smu.measure_setup(aperture=0.02, current_range=1e-7)})


@pytest.mark.parametrize("model", TERMINALS)
def test_a_fixed_range_does_not_ask_for_the_lowest_range_of_an_autorange_before(model: str) -> None:
    _, driver, smu = opened(model)
    smu.measure_setup(aperture=0.1, lowest_current_range=1e-6)
    assert smu.measure_setup(aperture=0.1, current_range=1e-5).current_range == 1e-5
    driver.check_errors()


@pytest.mark.parametrize("model", TERMINALS)
def test_an_output_that_was_not_confirmed_counts_as_on(model: str) -> None:
    """The reply is lost: nobody knows whether the output is on, so nothing may change its function or limit."""
    twin, _, smu = opened(model)
    smu.source_voltage(0.5, current_limit=1e-6, voltage_range=2.0)
    twin.resource.fail["read"] = TIMEOUT
    with pytest.raises(InstrumentError):
        smu.output(True)
    twin.resource.fail.clear()
    refused(twin, smu, {"another limit": lambda smu: smu.source_voltage(0.5, current_limit=2e-6)})
    assert smu.output(False) is False
    assert smu.source_voltage(0.5, current_limit=2e-6).limit == pytest.approx(2e-6)


def test_the_hold_of_a_b2900_is_made_of_readings_that_must_fit() -> None:
    twin, _, smu = energised("keysight_b2912b")
    refused(twin, smu, {"10 000 s of 30 ms": lambda smu: smu.sweep([0.1], dwell=10e-3, aperture=20e-3, hold=1e4)})
