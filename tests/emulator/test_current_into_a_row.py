"""A current source on a gate line of several devices: their ions carry it all, however little voltage that takes."""

import math

import numpy as np
import pytest

from emulator import Array, Chip, DeviceModel, Harness, VirtualClock, literature
from emulator import kernels as k
from emulator.drives import CurrentSource, VoltageSource

DEVICES = ("lee2020pcmo", "kwak2021", "li2019", "fuller2017:current", "onen2022")


def row(model, kelvin=300.0, **drains):
    """Two devices that differ, on one gate line; the drains at some voltages [V], 0 V without."""
    chip = Chip(Array(model, 1, 2, seed=3, initial_state=0.4, cycle_noise=False), read_noise=False, temperature=kelvin)
    harness = Harness(VirtualClock(), chip)
    gate = harness.add_port("unit.g")
    harness.connect("unit.g", "chip.G0")
    harness.connect("ground", "chip.S0")
    for pad in ("D0", "D1"):
        port = harness.add_port(f"unit.{pad}")
        harness.connect(port.name, f"chip.{pad}")
        port.drive = VoltageSource(drains.get(pad, 0.0))
    return chip, harness, gate


@pytest.mark.parametrize("name", DEVICES)
@pytest.mark.parametrize("kelvin", [300.0, 400.0])
@pytest.mark.parametrize("share", [1.0, -1.0, 0.01, -0.01])
@pytest.mark.parametrize("limit", [12.0, 20.0, math.inf])
def test_all_of_a_current_is_ions(name, kelvin, share, limit):
    """dq = I t / charge, shared by the devices. Far within what a gate at rest has, and far below its own limit."""
    device = literature.load(name)
    seconds = device.protocol.width
    current = share * device.model.charge / device.protocol.count / seconds
    chip, harness, gate = row(device.model, kelvin)
    gate.drive = CurrentSource(current, limit)
    sample = harness.measure(gate, seconds)
    moved = chip.array.devices[k.Q] - 0.4
    assert moved.sum() == pytest.approx(device.model.polarity * current * seconds / device.model.charge, rel=1e-9)
    assert (moved * moved[0] > 0.0).all()
    assert sample.current == pytest.approx(current, rel=1e-9)
    assert abs(sample.voltage) < limit
    assert not sample.limited


@pytest.mark.parametrize("level", [1e-13, -1e-13, 1e-9])
def test_cuts_leave_what_a_row_shares(level):
    """Without open-circuit feedback and dispersion the voltage of a current is constant."""
    model = DeviceModel(v0=0.3, rate_up=10.0, rate_down=8.0, spread_rate=0.3, rest_drive=0.5, y_low=-9.0, y_high=9.0)
    states = []
    for cuts in ([1.0], [0.013, 0.4, 0.587]):
        chip, harness, gate = row(model)
        gate.drive = CurrentSource(level, 20.0)
        for share in cuts:
            harness.advance(share * 1e-2)
        states.append(chip.array.devices[: k.REST].copy())
    assert np.abs(states[0] - states[1]).max() < 1e-12


def test_an_open_gate_keeps_the_charge_of_its_row():
    """Channels 1 V apart exchange ions through their common gate: what leaves one enters the other."""
    model = DeviceModel(v0=0.3, rate_up=10.0, rate_down=8.0, spread_rate=0.3, rest_drive=0.5, y_low=-9.0, y_high=9.0)
    chip, harness, _ = row(model, D0=0.0, D1=2.0)
    harness.advance(1e-2)
    moved = chip.array.devices[k.Q] - 0.4
    assert abs(moved[0]) > 1e-3
    assert abs(moved.sum()) < 1e-9 * abs(moved[0])


def test_a_voltage_at_rest_still_writes_nothing():
    model = DeviceModel(v0=0.3, rate_up=10.0, rate_down=8.0, rest_drive=0.5, y_low=-9.0, y_high=9.0)
    chip, harness, gate = row(model)
    for drive in (VoltageSource(0.1), VoltageSource(0.1, resistance=1e6), VoltageSource(0.1, current_limit=1e-9)):
        gate.drive = drive
        harness.advance(1.0)
        assert (chip.array.devices[k.Q] == 0.4).all()
