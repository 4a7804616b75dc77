"""What every source-measure unit tells of its readings, on 1 MΩ: normal, at its limit, out of range, not settled."""

from __future__ import annotations

import math

import pytest

from drivers.records import CLEAN, Flag
from drivers.smu_channel import SourceMeasureChannel
from tests.drivers.twins import Twin

TERMINALS = {"keithley_2450": "1", "keithley_2636b": "a", "keysight_b1500a": "1", "keysight_b2912b": "1"}
APERTURE = 20e-3
SETTLED = 50e-3  # s, more than any of them needs on 1 µA


@pytest.fixture(params=TERMINALS)
def smu(request: pytest.FixtureRequest) -> SourceMeasureChannel:
    twin = Twin(request.param)
    twin.resistor(TERMINALS[request.param], 1e6)
    channel = twin.open().channel(TERMINALS[request.param])
    assert isinstance(channel, SourceMeasureChannel)
    return channel


def energise(smu: SourceMeasureChannel, level: float, limit: float = 1e-6, current_range: float = 1e-6) -> None:
    smu.source_voltage(level, current_limit=limit, voltage_range=2.0)
    smu.measure_setup(aperture=APERTURE, current_range=current_range, autozero="once")
    smu.output(True)


def test_readings_far_from_every_limit_are_clean(smu: SourceMeasureChannel) -> None:
    energise(smu, 0.1)
    sweep = smu.sweep([0.1, 0.2], dwell=SETTLED, aperture=APERTURE)
    pulses = [smu.pulse(0.2, SETTLED + APERTURE, measure=measure) for measure in (True, False)]
    assert {smu.measure().flags, *sweep.flags, *(pulse.flags for pulse in pulses)} == {CLEAN}


def test_every_kind_of_reading_tells_that_the_source_was_at_its_limit(smu: SourceMeasureChannel) -> None:
    """0.5 V on 1 MΩ with a limit of 0.25 µA."""
    energise(smu, 0.5, limit=0.25e-6)
    assert smu.measure().flags == Flag.COMPLIANCE
    assert smu.in_compliance()
    smu.set_level(0.0)
    sweep = smu.sweep([0.1, 0.5, 0.1], dwell=SETTLED, aperture=APERTURE)
    assert sweep.flags == (CLEAN, Flag.COMPLIANCE, CLEAN)
    assert sweep.currents[1] == pytest.approx(0.25e-6, rel=1e-2)
    for measure in (True, False):
        assert smu.pulse(0.5, SETTLED + APERTURE, measure=measure).flags == Flag.COMPLIANCE
        assert smu.pulse(0.1, SETTLED + APERTURE, measure=measure).flags == CLEAN
    assert not smu.in_compliance()


def test_every_kind_of_reading_tells_that_it_is_out_of_range(smu: SourceMeasureChannel) -> None:
    """0.5 µA on the range of 100 nA."""
    energise(smu, 0.5, limit=1e-6, current_range=1e-7)
    sweep = smu.sweep([0.5, 0.01], dwell=0.2, aperture=APERTURE)
    for current, flags in ((smu.measure().current, smu.measure().flags), (sweep.currents[0], sweep.flags[0])):
        assert math.isnan(current)
        assert flags == Flag.OVERFLOW
    assert sweep.flags[1] == CLEAN
    assert Flag.OVERFLOW in smu.pulse(0.5, 0.3).flags


def test_a_pulse_that_is_read_at_once_is_flagged_as_not_settled(smu: SourceMeasureChannel) -> None:
    energise(smu, 0.0)
    assert smu.pulse(0.1, APERTURE).flags == Flag.UNSTABLE
    assert smu.pulse(0.1, APERTURE + SETTLED).flags == CLEAN
