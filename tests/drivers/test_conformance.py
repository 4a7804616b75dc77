"""The shipped checks pass on a good driver and find the defects of bad ones."""

import math

import pytest

from drivers import conformance
from drivers.errors import Refused
from drivers.keithley_707b import Keithley707B
from drivers.keysight_33600a import Keysight33622A
from tests.drivers.fake_resource import FakeResource
from tests.drivers.ideal_smu import IdealSmu
from tests.drivers.test_keithley_707b_wire import Relays
from tests.drivers.test_keysight_33622a_wire import Settings


def failed(findings: list[conformance.Finding]) -> set[str]:
    return {finding.check for finding in findings if not finding.passed}


@pytest.mark.parametrize("resistance", [1e6, math.inf])
def test_a_good_unit_passes(resistance: float) -> None:
    findings = conformance.check_source_measure_unit(IdealSmu(resistance), resistance=resistance)
    assert failed(findings) == set()
    assert len(findings) == (13 if resistance == 1e6 else 10)


@pytest.mark.parametrize(
    ("defect", "check"),
    [
        ("needs no limit", "output on is refused before a limit was set"),
        ("accepts anything", "NaN, infinities and values out of range are refused"),
        ("changes limits while on", "limit, level and range are refused while the output is on"),
        ("times anything", "pulses and sweeps that do not fit are refused"),
        ("no overflow", "a reading out of range is flagged and no number"),
        ("loses a point", "a sweep reads every level and returns"),
        ("sweep stays at its end", "a sweep reads every level and returns"),
        ("pulse does not end", "a pulse ends at its base"),
        ("one off state", "every off state switches off"),
        ("silent clamp", "compliance is flagged and clamps"),
        ("cannot be made safe", "make_safe leaves nothing on and reports no problem"),
    ],
)
def test_each_defect_of_a_unit_is_found(defect: str, check: str) -> None:
    findings = conformance.check_source_measure_unit(IdealSmu(1e6, defect), resistance=1e6)
    assert failed(findings) == {check}


def test_a_wrong_resistance_is_found() -> None:
    findings = conformance.check_source_measure_unit(IdealSmu(0.9e6), resistance=1e6)
    assert "a voltage reads back" in failed(findings)


@pytest.mark.parametrize(("voltage", "limit"), [(1.1, 1e-6), (0.1, 2e-3), (math.nan, 1e-6), (-0.1, 1e-6)])
def test_checks_do_not_leave_the_safe_levels(voltage: float, limit: float) -> None:
    with pytest.raises(Refused, match="stay within"):
        conformance.check_source_measure_unit(IdealSmu(1e6), voltage=voltage, current_limit=limit)
    with pytest.raises(Refused, match="stay within"):
        conformance.check_pulse_generator(
            Keysight33622A(FakeResource(Settings()).as_visa, name="p").channel("1"), amplitude=2.0
        )


def test_a_good_generator_passes_and_one_that_rounds_too_much_does_not() -> None:
    for fixed, expected in (({}, set()), ({"SOUR1_FUNC_PULS_PER": "+1.0E-02"}, {"a pulse is in force as asked"})):
        resource = FakeResource(Settings(**fixed))
        findings = conformance.check_pulse_generator(Keysight33622A(resource.as_visa, name="p").channel("1"))
        assert {check.split(",")[0] for check in failed(findings)} >= expected
        assert bool(failed(findings)) is bool(expected)


def test_a_good_matrix_passes_and_a_stuck_relay_is_found() -> None:
    for stuck, good in (("", True), ("1A01", False)):
        matrix = Keithley707B(FakeResource(Relays(stuck=stuck)).as_visa, name="m")
        assert (failed(conformance.check_switch_matrix(matrix)) == set()) is good
