"""Threshold switch in series with the gate: when it conducts, and what the stored state sees."""

import math

import numpy as np
import pytest

from emulator import Array, Chip, DeviceModel, Harness, VirtualClock
from emulator import kernels as k
from emulator.calibration import calibrated
from emulator.drives import VoltageSource

SWITCH = {"selector_threshold": 0.6, "selector_hold": 0.2, "selector_off_conductance": 0.0}
MODEL = {"v0": 0.1, "rate_up": 1e-6, "rate_down": 1e-6, "charge": 1e-9, "y_high": 100.0}


def device(Rig, **changes):
    return Rig(DeviceModel(**(MODEL | SWITCH | changes)))


def test_below_the_threshold_nothing_moves(Rig):
    rig = device(Rig)
    rig.hold(0.6, 1e3)
    assert rig.y == 0.5
    rig.hold(0.61, 1e-3)
    assert rig.y > 0.5


def test_it_stays_on_down_to_the_hold_voltage(Rig):
    rig = device(Rig)
    rig.hold(0.7, 1e-6)
    before = rig.y
    rig.hold(0.21, 1.0)
    assert rig.y > before
    before = rig.y
    rig.hold(0.19, 1.0)
    rig.hold(0.5, 1.0)
    assert rig.y == before


def test_it_waits_for_its_delays_without_a_break(Rig):
    rig = device(Rig, selector_on_delay=1e-6, selector_off_delay=1e-3)
    rig.hold(0.7, 0.6e-6)
    rig.hold(0.0, 1e-9)  # starts over
    rig.hold(0.7, 0.9e-6)
    assert rig.y == 0.5
    rig.hold(0.7, 0.6e-6)
    moved = MODEL["rate_up"] * math.sinh(0.7 / 0.1) * 0.5e-6  # after a delay that ends within the segment
    assert rig.y - 0.5 == pytest.approx(moved, rel=1e-6)
    rig.hold(0.0, 0.9e-3)
    assert rig.value(k.SWITCHED) == 1.0
    rig.hold(0.0, 0.2e-3)
    rig.hold(0.0, 1e-9)
    assert rig.value(k.SWITCHED) == 0.0


def test_cuts_do_not_change_when_it_switches(Rig):
    whole, split = (device(Rig, selector_on_delay=1e-3) for _ in range(2))
    whole.hold(0.7, 1e-2)
    for part in (3e-4, 3e-4, 4.4e-3, 5e-3):
        split.hold(0.7, part)
    assert split.y == pytest.approx(whole.y, rel=1e-12)


def test_on_it_is_a_resistance(Rig):
    """v0 asinh(i/(r Q)) + i R_on = V."""
    rig = device(Rig, selector_on_resistance=1e12)
    rig.hold(1.0, 1e-3)
    current = (rig.value(k.Q) - 0.5) * 1e-9 / 1e-3
    assert 0.1 * math.asinh(current / 1e-15) + current * 1e12 == pytest.approx(1.0, rel=1e-9)


def test_off_it_leaks_like_an_open_gate(Rig):
    """A built-in voltage below the threshold relaxes with charge/(kappa g_off), the overpotential being small."""
    changes = {"ocp_slope": 0.5, "selector_off_conductance": 1e-12, "rate_up": 1e3, "rate_down": 1e3}
    rig = Rig(DeviceModel(**(MODEL | SWITCH | changes)), state=0.9)
    rig.hold(0.0, 1.0)
    for _ in range(100):
        rig.hold(0.0, 10.0)
    time = 1e-9 / (0.5 * 1e-12)
    assert rig.value(k.Q) - 0.5 == pytest.approx(0.4 * math.exp(-1001.0 / time), rel=3e-3)


@pytest.mark.parametrize(("slope", "keeps"), [(1.0, True), (2.0, False)])
def test_a_built_in_voltage_above_the_threshold_discharges_the_device(Rig, slope, keeps):
    rig = Rig(DeviceModel(**(MODEL | SWITCH | {"ocp_slope": slope})), state=0.9)
    rig.hold(0.0, 100.0)
    assert (rig.value(k.Q) == 0.9) is keeps


def test_thresholds_differ_from_device_to_device():
    model = DeviceModel(selector_threshold=0.6, spread_selector=0.05)
    thresholds = Array(model, 100, 100, seed=3).devices[k.V_ON]
    assert thresholds.mean() == pytest.approx(0.6, rel=5 * 0.05 / 100)
    assert np.log(thresholds).std() == pytest.approx(0.05, rel=0.03)
    assert np.ptp(Array(model, 3, 3, seed=3, device_spread=False).devices[k.V_ON]) == 0.0


@pytest.mark.parametrize(
    ("threshold", "selected", "half"), [(0.6, True, False), (0.3, True, True), (1.5, False, False)]
)
def test_half_bias(threshold, selected, half):
    """1 V between a gate row and a column, whole channels driven: half-selected cells see 0.5 V."""
    plain = DeviceModel(v0=0.1, charge=1e-9)
    shape = {"up_amplitude": 1.0, "down_amplitude": -1.0, "width": 1e-3, "edge": 0.0, "period": 1.0, "count": 10}
    written = calibrated(plain, **shape)
    model = DeviceModel(
        v0=0.1,
        charge=1e-9,
        rate_up=written.rate_up,
        selector_threshold=threshold,
        selector_hold=0.1,
        selector_off_conductance=0.0,
    )
    chip = Chip(Array(model, 2, 2, seed=1, initial_state=0.2), layout="C", read_noise=False)
    harness = Harness(VirtualClock(), chip)
    row, column = harness.add_port("unit.row"), harness.add_port("unit.column")
    wires = {"G0": "unit.row", "S0": "unit.column", "D0": "unit.column"}
    for pad in chip.pads:
        harness.connect(wires.get(pad, "ground"), f"chip.{pad}")
    row.drive, column.drive = VoltageSource(0.5), VoltageSource(-0.5)
    harness.advance(1e-3)
    changed = chip.array.y != 0.2
    assert changed.tolist() == [[selected, half], [half, False]]
