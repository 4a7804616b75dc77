"""Write laws as measured through the ports: kinetics of oxygen (Kim 2019) and lithium (Tang 2018) devices."""

import math

import numpy as np
import pytest

from emulator import DeviceModel
from emulator import kernels as k

BOLTZMANN_EV = 8.617333e-5


def step(rig, volts, width, rest=1.0, repeats=1):
    before = rig.conductance
    rig.pulse(volts, width, rest, repeats)
    return (rig.conductance - before) / repeats


def test_change_is_logarithmic_in_the_width(Rig, oxygen):
    widths = np.logspace(-8, -2, 25)
    changes = [step(Rig(oxygen(), state=0.3), 4.0, w, repeats=20) for w in widths]
    inner = slice(4, -3)
    r = np.corrcoef(np.log10(widths[inner]), changes[inner])[0, 1]
    assert r * r == pytest.approx(0.99999, abs=1e-5)


def test_change_is_exponential_in_the_voltage(Rig, oxygen):
    volts = np.linspace(1, 5, 17)
    changes = [step(Rig(oxygen(), state=0.3), v, 1e-6) for v in volts]
    slope = np.polyfit(volts[4:], np.log(changes[4:]), 1)[0]
    assert 1 / slope == pytest.approx(0.600, abs=0.001)


def test_apparent_activation_energy(Rig, oxygen):
    """0.6 eV of the rate, less what v0 ~ T takes off at 2 V: 0.513 eV."""
    temperatures = np.array([300, 325, 350, 375, 400, 433.0])
    changes = [step(Rig(oxygen(), state=0.3, temperature=t), 2.0, 10e-9) for t in temperatures]
    slope = -np.polyfit(1 / (BOLTZMANN_EV * temperatures), np.log(changes), 1)[0]
    assert slope == pytest.approx(0.513, abs=0.002)


@pytest.mark.parametrize("width", [0.1, 0.2, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("current", [10e-12, 50e-12, 100e-12, 500e-12])
def test_current_writes_charge(Rig, width, current):
    model = DeviceModel(conductance_min=0.0, conductance_max=24e-9, charge=1e-7, v0=0.1)
    rig = Rig(model, state=0.2)
    before = rig.conductance
    rig.push(current, width)
    assert (rig.conductance - before) / (current * width / 1e-7 * 24e-9) == pytest.approx(1, abs=1e-9)


def test_age_settles_in_a_long_train(Rig, oxygen):
    """Before each pulse of an endless train: a* = s tau (1 - p)/(1 - s p)."""
    width, rest, tau = 1e-6, 1e-3, 0.05
    rig = Rig(oxygen(y_high=1e6), state=0.3)
    rig.pulse(4.0, width, rest, repeats=2000)
    p, s = math.exp(-width / tau), math.exp(-rest / tau)
    assert rig.value(k.AGE) / (s * tau * (1 - p) / (1 - s * p)) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize(("rest", "share"), [(1.0, 1.0), (1e-3, 0.018), (1e-6, 1.8e-5), (1e-7, 2.0e-6)])
def test_step_of_a_train_shrinks_with_its_period(Rig, oxygen, rest, share):
    rig = Rig(oxygen(y_high=1e6), state=0.3)
    fresh = step(rig, 4.0, 10e-9)
    rig.rest(10.0)
    rig.chip.array.devices[k.AGE] = rest_age(rest)
    assert step(rig, 4.0, 10e-9) / fresh == pytest.approx(share, rel=0.03)


def rest_age(rest, width=10e-9, tau=0.05):
    p, s = math.exp(-width / tau), math.exp(-rest / tau)
    return s * tau * (1 - p) / (1 - s * p)


def test_open_circuit_potential_slows_a_voltage_write(Rig, rectangular):
    """Against 200 000 explicit steps of dq/dt = r sinh((V - kappa (q - q0))/v0)."""
    flat = rectangular(DeviceModel(v0=0.15, charge=1e-9), 1.0, -1.0, 1e-3, 100)
    model = DeviceModel(v0=0.15, charge=1e-9, ocp_slope=1.0, rate_up=flat.rate_up, rate_down=flat.rate_down)
    rig = Rig(model)
    rig.hold(1.0, 0.05)
    q, steps = 0.5, 200_000
    for _ in range(steps):
        q += flat.rate_up * math.sinh((1.0 - (q - 0.5)) / 0.15) * 0.05 / steps
    assert rig.value(k.Q) == pytest.approx(q, abs=1e-6)
    assert rig.value(k.Q) == pytest.approx(0.7199492, abs=1e-6)


def test_polarity_reverses_the_gate(Rig):
    up, down = (Rig(DeviceModel(polarity=p, v0=0.3)) for p in (1, -1))
    up.hold(0.5, 1e-3)
    down.hold(-0.5, 1e-3)
    assert up.y > 0.5
    assert down.y == up.y


@pytest.mark.parametrize(("volts", "moves"), [(0.049, False), (0.051, True)])
def test_small_gate_voltages_rest(Rig, volts, moves):
    rig = Rig(DeviceModel(v0=1.0, rest_drive=0.05))
    rig.hold(volts, 1e-3)
    assert (rig.y != 0.5) is moves


def test_gate_energy(Rig):
    """|V| times charge."""
    rig = Rig(DeviceModel(charge=2e-9, v0=0.3))
    rig.hold(1.0, 1e-3)
    assert rig.chip.array.energy[0, 0] == pytest.approx(2e-9 * (rig.value(k.Q) - 0.5), rel=1e-12)


@pytest.mark.parametrize("width", [1e-7, 1e-6])
def test_breakdown_spares_short_pulses(Rig, rectangular, width):
    """|x| > 0.1 is reached at t = -tau ln(1 - 0.1/(rho tau)): 0.69 us at 2e5 windows a second and tau = 1 us."""
    values = {"v0": 1.0, "surface_fraction": 1.0, "surface_time": 1e-6, "surface_breakdown": 0.1, "y_high": 10.0}
    rig = Rig(rectangular(DeviceModel(**values), 10.0, -8.5, 5e-9, 1000), state=0.0)
    threshold = -1e-6 * math.log(1 - 0.1 / (1e-6 / (1000 * 5e-9)))
    assert threshold == pytest.approx(6.93e-7, rel=1e-3)
    rig.pulse(10.0, width, 20e-6)
    assert bool(rig.chip.array.broken[0, 0]) is (width > threshold)


def test_shortest_breaking_width_of_a_scan(Rig, rectangular):
    """Ten widths a decade, trains up to the end of the window: 794.3 ns."""
    values = {"v0": 1.0, "surface_fraction": 1.0, "surface_time": 1e-6, "surface_breakdown": 0.1}
    model = rectangular(DeviceModel(**values), 10.0, -8.5, 5e-9, 1000)
    broken = []
    for width in np.logspace(-9, -5, 41):
        rig = Rig(model, state=0.0)
        rig.pulse(10.0, width, 20e-6, repeats=min(1000, math.ceil(5e-6 / width)))
        broken.append(width if rig.chip.array.broken[0, 0] else math.inf)
    assert min(broken) == pytest.approx(7.943e-7, abs=1e-9)


def test_broken_device_is_frozen_and_leaks(Rig, rectangular):
    values = {"v0": 1.0, "surface_fraction": 1.0, "surface_time": 1e-6, "surface_breakdown": 0.1}
    rig = Rig(rectangular(DeviceModel(**values), 10.0, -8.5, 5e-9, 1000), state=0.0)
    rig.pulse(10.0, 3e-6, 1e-3)
    before = rig.y
    rig.hold(10.0, 1.0)
    assert rig.y == before
    assert rig.harness.measure(rig.gate, 1.0).current == pytest.approx(10.0 * 1e-6)
