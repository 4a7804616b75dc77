"""Lifetimes of devices, a surface that blocks, and the map of a memcapacitor."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.stats import kstest, weibull_min

from emulator import Array, DeviceModel
from emulator import kernels as k
from emulator.drives import CurrentSource


@pytest.mark.parametrize("shape", [0.8, 2.0, 5.0])
def test_lifetimes_follow_weibull(shape):
    array = Array(DeviceModel(lifetime_cycles=1e5, lifetime_shape=shape), 100, 100, seed=4)
    assert kstest(array.devices[k.LIFETIME], weibull_min(shape, scale=1e5).cdf).pvalue > 0.01


def test_lifetimes_come_from_the_seed():
    model = DeviceModel(lifetime_cycles=1e5, spread_rate=0.1)
    first, second, other = (Array(model, 4, 4, seed=seed).devices for seed in (1, 1, 2))
    assert np.array_equal(first, second)
    assert not np.any(first[k.LIFETIME] == other[k.LIFETIME])
    assert np.ptp(Array(model, 4, 4, seed=1, device_spread=False).devices[k.LIFETIME]) == 0.0


def test_a_device_breaks_down_at_the_end_of_its_life(Rig):
    """Two cycles are four windows of charge; afterwards the electrolyte conducts and the state stays."""
    rig = Rig(DeviceModel(lifetime_cycles=2.0, charge=1e-9, v0=0.1, y_high=9.0))
    for _ in range(2):
        rig.push(1e-9, 0.95)
        rig.push(-1e-9, 0.95)
    assert not rig.chip.array.broken[0, 0]
    rig.push(1e-9, 0.3)
    assert rig.chip.array.broken[0, 0]
    before = rig.y
    rig.hold(1.0, 1.0)
    assert rig.y == before
    assert rig.harness.measure(rig.gate, 1.0).current == pytest.approx(1e-6)


@pytest.mark.parametrize("current", [1e-9, -2e-9])
def test_blocking_surface_against_an_ordinary_solver(Rig, current):
    """dy/dq = u (K - y - x) with dx/dt = f dq/dt - x/tau, at a constant current, in pieces."""
    values = {"surface_fraction": 0.5, "surface_time": 0.2, "surface_blocks": True, "charge": 1e-9, "v0": 0.1}
    model = DeviceModel(curvature_up=1.5, curvature_down=0.7, y_low=-9.0, y_high=9.0, **values)
    rig = Rig(model, state=0.4)
    for part in (0.05, 0.1, 0.35):
        rig.push(current, part)
    up, rate = current > 0.0, current / 1e-9
    u = 1.5 if up else 0.7

    def slopes(t, state):
        y, x = state
        room = -1.0 / math.expm1(-u) - (y + x if up else 1.0 - y - x)
        return [rate * u * room, 0.5 * rate - x / 0.2]

    y, x = solve_ivp(slopes, (0.0, 0.5), [0.4, 0.0], rtol=1e-11, atol=1e-13).y[:, -1]
    assert rig.value(k.X) == pytest.approx(x, rel=1e-9)
    assert rig.y == pytest.approx(y, rel=1e-9)


def test_slow_diffusion_saturates_and_fast_diffusion_does_not(Rig):
    reached = []
    for seconds in (10.0, 1e-4):
        values = {"surface_fraction": 1.0, "surface_time": seconds, "surface_blocks": True, "charge": 1e-9, "v0": 0.1}
        rig = Rig(DeviceModel(curvature_up=2.0, y_high=9.0, **values), state=0.0)
        rig.push(1e-9, 1.0)
        reached.append(rig.y)
    assert reached[0] < 0.6
    assert reached[1] == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("state", [0.0, 0.3, 1.0, 1.2])
def test_memcapacitor(Rig, state):
    """1/C = 1/(C_ox (1 + 0.6 s)) + w/eps, w = w0/(1 + 3 s), here with w0 C_ox/eps = 2."""

    def capacitance(s):
        return 1.0 / (1.0 / (1.0 + 0.6 * s) + 2.0 / (1.0 + 3.0 * s))

    low = 1e-6
    high = low * capacitance(1.0) / capacitance(0.0)
    shape = {"memcapacitor_oxide_gain": 0.6, "memcapacitor_depletion": 2.0, "memcapacitor_depletion_gain": 3.0}
    model = DeviceModel(conductance_map="memcapacitive", conductance_min=low, conductance_max=high, y_high=2.0, **shape)
    rig = Rig(model, state=state)
    assert rig.conductance == pytest.approx(low * capacitance(state) / capacitance(0.0), rel=1e-12)


PILING = {"surface_fraction": 0.5, "surface_time": 5e-3, "surface_breakdown": 0.03, "v0": 0.3, "rate_up": 2.0}
MORTAL = {"lifetime_cycles": 0.3, "v0": 0.3, "rate_up": 2.0, "ocp_slope": 0.2}


@pytest.mark.parametrize("values", [PILING, PILING | {"gate_time": 1e-3}, MORTAL], ids=["piling", "filtered", "mortal"])
@pytest.mark.parametrize("cuts", [[0.5, 0.5], [0.001, 0.009, 0.29, 0.7]])
def test_a_device_breaks_at_its_time_whatever_the_cuts(Rig, values, cuts):
    states = []
    for parts in ([1.0], cuts):
        rig = Rig(DeviceModel(y_low=-99.0, y_high=99.0, curvature_up=0.5, **values))
        for part in parts:
            rig.hold(1.0, part)
        assert rig.chip.array.broken[0, 0]
        states.append(rig.chip.array.devices[[k.Y, k.Q, k.CYCLED, k.ENERGY], 0])
    assert states[0] == pytest.approx(states[1], rel=1e-9)


@pytest.mark.parametrize("drive", ["voltage", "current"])
def test_ions_that_pile_up_break_a_device_at_the_time_of_the_closed_form(Rig, drive):
    """t = -tau ln(1 - x_bd/(f rho tau)) at a constant rate rho; nothing moves afterwards, the gate conducts."""
    model = DeviceModel(y_high=99.0, charge=1e-9, **PILING)
    rho = 2.0 * math.sinh(1.0 / 0.3)
    rig = Rig(model)
    if drive == "voltage":
        rig.hold(1.0, 1.0)
    else:
        rig.push(rho * model.charge, 1.0)
    broken_at = -5e-3 * math.log1p(-0.03 / (0.5 * rho * 5e-3))
    assert rig.chip.array.broken[0, 0]
    assert rig.y - 0.5 == pytest.approx(rho * broken_at, rel=1e-9)
    sample = rig.harness.measure(rig.gate, 1e-3)
    assert sample.current == pytest.approx(model.broken_gate_conductance * sample.voltage, rel=1e-9)


def test_a_current_meets_a_broken_gate_within_one_measurement(Rig):
    """For a few milliseconds through ions, then 100 nA through 1 µS."""
    rig = Rig(DeviceModel(y_high=99.0, charge=1e-9, **PILING))
    rig.gate.drive = CurrentSource(1e-7, 5.0)
    sample = rig.harness.measure(rig.gate, 1.0)
    assert rig.chip.array.broken[0, 0]
    assert sample.current == pytest.approx(1e-7, rel=1e-9)
    assert sample.voltage == pytest.approx(0.1, rel=0.01)
