"""What happens by itself: retention, drift, double layers, open gates."""

import math

import numpy as np
import pytest
from scipy.optimize import curve_fit

from emulator import DeviceModel
from emulator import kernels as k

HOURS14 = 14 * 3600.0
TAU = -HOURS14 / math.log(1 - 0.054)
NU = -math.log(1 - 0.054) / math.log(1 + HOURS14)


def drop(Rig, model, seconds, pieces=1, temperature=300.0):
    rig = Rig(model, state=0.9, temperature=temperature)
    before = rig.conductance
    for _ in range(pieces):
        rig.rest(seconds / pieces)
    return 1 - rig.conductance / before


def exponential(oxygen):
    return oxygen(retention_time=TAU, retention_target=-1.5 / 14.5)


def test_exponential_loss_in_fourteen_hours(Rig, oxygen):
    assert pytest.approx(9.079e5, abs=1e2) == TAU
    assert drop(Rig, exponential(oxygen), HOURS14) == pytest.approx(0.054, abs=1e-6)


def test_power_law_loss_in_fourteen_hours(Rig, oxygen):
    assert pytest.approx(0.005127, abs=1e-6) == NU
    model = oxygen(drift_exponent=NU, conductance_min=1e-12)
    assert drop(Rig, model, HOURS14) == pytest.approx(0.054, abs=1e-6)


@pytest.mark.parametrize("law", ["power", "exponential"])
def test_a_thousand_steps_lose_as_much_as_one(Rig, oxygen, law):
    model = oxygen(drift_exponent=NU, conductance_min=1e-12) if law == "power" else exponential(oxygen)
    assert drop(Rig, model, HOURS14, 1000) == pytest.approx(drop(Rig, model, HOURS14), abs=1e-12)


def test_heat_speeds_the_loss(Rig, oxygen):
    faster = math.exp(1 / 8.617333e-5 * (1 / 300 - 1 / 358))
    assert drop(Rig, exponential(oxygen), HOURS14 / faster, temperature=358.0) == pytest.approx(0.054, abs=1e-6)


def test_a_write_restarts_the_drift(Rig):
    model = DeviceModel(drift_exponent=0.01, v0=0.1)
    rested, written = Rig(model, state=0.5), Rig(model, state=0.5)
    for rig in (rested, written):
        rig.rest(1e4)
    written.hold(0.01, 1e-6)
    before = [rig.y for rig in (rested, written)]
    for rig in (rested, written):
        rig.rest(100.0)
    losses = [1 - rig.y / y for rig, y in zip((rested, written), before, strict=True)]
    assert losses[1] > 10 * losses[0]


def test_double_layer_relaxes_with_its_two_times(Rig):
    values = {"conductance_min": 42e-9, "conductance_max": 75e-9, "rate_up": 1e-6, "rate_down": 1e-6, "v0": 0.5}
    model = DeviceModel(double_layer_gain_1=0.3 / 2.5, double_layer_gain_2=0.1 / 2.5, **values)
    rig = Rig(model, state=0.3)
    rig.hold(2.5, 1.0)
    times, g = np.logspace(-3, 1.2, 80), []
    for seconds in np.diff(times, prepend=0.0):
        rig.rest(seconds)
        g.append(rig.conductance * 1e9)

    def two_exponentials(t, a1, t1, a2, t2, c):
        return a1 * np.exp(-t / t1) + a2 * np.exp(-t / t2) + c

    fit, _ = curve_fit(two_exponentials, times, g, p0=(5, 0.05, 2, 1, 50))
    assert fit[1] == pytest.approx(0.110, abs=1e-5)
    assert fit[3] == pytest.approx(2.624, abs=1e-4)


def test_grounded_gate_discharges_and_open_gate_keeps(Rig):
    model = DeviceModel(ocp_slope=0.5, v0=0.1, charge=1e-9)
    grounded, opened = Rig(model, state=0.9), Rig(model, state=0.9)
    grounded.hold(0.0, 10.0)
    opened.rest(10.0)
    assert grounded.value(k.Q) == pytest.approx(0.5, abs=1e-4)
    assert opened.value(k.Q) == 0.9


def test_open_gate_discharges_through_its_leakage(Rig):
    """q - q_inf decays with charge/(kappa leak) = 1e-9/(0.5 * 1e-12) s = 2000 s, whatever the steps."""
    model = DeviceModel(ocp_slope=0.5, v0=0.1, charge=1e-9, gate_leakage=1e-12)
    for pieces in (1, 50):
        rig = Rig(model, state=0.9)
        for _ in range(pieces):
            rig.rest(1000.0 / pieces)
        assert rig.value(k.Q) - 0.5 == pytest.approx(0.4 * math.exp(-0.5), rel=1e-12)


def test_open_gate_shows_its_open_circuit_potential(Rig):
    rig = Rig(DeviceModel(ocp_slope=0.5, ocp_offset=0.1), state=0.9)
    rig.drain.drive = rig.source.drive
    rig.rest(1.0)
    sample = rig.harness.measure(rig.gate, 1.0)
    assert sample.voltage == pytest.approx(0.1 + 0.5 * 0.4)
    assert sample.current == 0.0
