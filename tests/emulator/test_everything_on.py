"""What must hold whatever is switched on: cuts, bounds, energy, and charge that is neither made nor lost."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator import Array, Chip, DeviceModel, Harness, VirtualClock
from emulator import kernels as k
from emulator.drives import CurrentSource, Open, VoltageSource

EXACT = {
    "dispersion_onset": 1e-8,
    "dispersion_recovery": 1e-3,
    "ocp_slope": 0.5,
    "ocp_offset": 0.1,
    "double_layer_gain_1": 0.05,
    "double_layer_gain_2": 0.02,
    "double_layer_capacitance": 1e-11,
    "gate_leakage": 1e-12,
    "leakage_amplitude": 1e-13,
    "contact_resistance": 1e3,
    "endurance_cycles": 1e4,
    "lifetime_cycles": 1e9,
    "curvature_up": 1.3,
    "curvature_down": 0.4,
    "reservoir_limit": 5.0,
    "selector_threshold": 0.2,
    "selector_on_delay": 1e-7,
    "selector_on_resistance": 0.0,
    "selector_off_conductance": 0.0,
}


@settings(max_examples=40, deadline=None)
@given(
    level=st.floats(-3.0, 3.0),
    cuts=st.lists(st.floats(1e-6, 1.0 - 1e-6), min_size=1, max_size=6, unique=True),
    seconds=st.sampled_from([1e-8, 1e-5, 1e-2]),
)
def test_random_cuts_leave_the_state(Rig, level, cuts, seconds):
    model = DeviceModel(v0=0.3, rate_up=10.0, rate_down=8.0, y_low=-1e6, y_high=1e6, **EXACT)
    whole, split = (Rig(model) for _ in range(2))
    for rig in (whole, split):
        rig.hold(1.4, 2e-6)
        rig.hold(0.0, 1e-5)
    whole.hold(level, seconds)
    for part in np.diff([0.0, *sorted(cuts), 1.0]) * seconds:
        if part > 0.0:
            split.hold(level, part)
    rows = [*range(k.REST), *range(k.V_GATE, k.N_ALL_ROWS)]
    # The modes of the double layer follow a conductance that is held during a segment: they are not among the exact.
    rows = [row for row in rows if not k.LAYER_1 <= row <= k.LAYER_7]
    a, b = (rig.chip.array.devices[rows, 0] for rig in (whole, split))
    assert np.abs((a - b) / np.maximum(1.0, np.abs(a))).max() < 1e-9


@pytest.mark.parametrize("pieces", [1, 20])
def test_variance_of_a_write_does_not_depend_on_its_pieces(pieces):
    """sigma^2 (1 - exp(-2 u q))/(2 u), behind a selector and a resistance, too."""
    sigma, u = 0.01, 2.0
    stack = {"series_resistance": 1e6, "selector_threshold": 0.5, "gate_time": 1e-12}
    model = DeviceModel(
        v0=0.3, rate_up=50.0, cycle_noise=sigma, curvature_up=u, y_low=-5.0, y_high=5.0, charge=1e-9, **stack
    )
    chip = Chip(Array(model, 100, 100, seed=3, initial_state=0.2), read_noise=False)
    harness = Harness(VirtualClock(), chip)
    gate = harness.add_port("unit.g")
    for pad in chip.pads:
        harness.connect("unit.g" if pad.startswith("G") else "ground", f"chip.{pad}")
    gate.drive = VoltageSource(1.5)
    for _ in range(pieces):
        harness.advance(1e-4 / pieces)
    q = float(chip.array.devices[k.Q, 0]) - 0.2
    assert q > 0.05
    assert chip.array.y.std() == pytest.approx(sigma * math.sqrt(-math.expm1(-2 * u * q) / (2 * u)), rel=0.03)


def some(low, high):
    """Nothing, or anything over the decades from low to high."""
    return st.one_of(st.just(0.0), st.floats(math.log10(low), math.log10(high)).map(lambda x: 10.0**x))


MECHANISMS = st.fixed_dictionaries(
    {
        "polarity": st.sampled_from([1, -1]),
        "v0": st.floats(0.05, 2.0),
        "rate_up": st.floats(-12, 3).map(lambda x: 10.0**x),
        "rate_down": st.floats(-12, 3).map(lambda x: 10.0**x),
        "curvature_up": st.floats(-5, 20),
        "curvature_down": st.floats(-5, 20),
        "cycle_noise": some(1e-3, 0.1),
        "dispersion_onset": some(1e-9, 1e-3),
        "ocp_slope": some(0.01, 2.0),
        "ocp_offset": st.sampled_from([0.0, 0.3]),
        "double_layer_gain_1": st.sampled_from([0.0, 0.1]),
        "drift_exponent": some(1e-3, 0.1),
        "retention_time": st.sampled_from([math.inf, 1e-3, 1e5]),
        "surface_fraction": st.sampled_from([0.0, 0.5]),
        "surface_blocks": st.booleans(),
        "series_resistance": some(1.0, 1e14),
        "gate_time": some(1e-9, 10.0),
        "double_layer_capacitance": some(1e-16, 1e-6),
        "leakage_amplitude": some(1e-16, 1e-9),
        "gate_leakage": some(1e-16, 1e-9),
        "reservoir_limit": st.sampled_from([math.inf, 0.9]),
        "lifetime_cycles": st.sampled_from([math.inf, 0.3]),
        "selector_threshold": st.sampled_from([math.inf, 0.5]),
        "selector_on_delay": st.sampled_from([0.0, 1e-6]),
        "selector_off_delay": st.sampled_from([0.0, 1e-6]),
        "contact_resistance": some(1.0, 1e7),
        "write_activation": st.sampled_from([0.0, 0.6]),
        "conductance_map": st.sampled_from(["linear", "exponential", "capacitive", "memcapacitive"]),
    }
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["voltage", "current", "open", "behind"]),
        st.floats(-10.0, 10.0),
        st.floats(-9.0, 6.0).map(lambda x: 10.0**x),
        st.floats(-0.2, 0.2),
        st.floats(200.0, 450.0),
    ),
    min_size=1,
    max_size=5,
)


def drive_of(kind, level):
    if kind == "voltage":
        return VoltageSource(level)
    if kind == "behind":
        return VoltageSource(level, resistance=1e6, current_limit=1e-6)
    return CurrentSource(1e-9 * level, voltage_limit=12.0) if kind == "current" else Open()


def stored(rig, model):
    """Ionic and double-layer charge [C], potentiation-positive."""
    total = model.charge * rig.value(k.Q)
    if model.double_layer_capacitance:
        weights = [8.0 / math.pi**2 / n**2 for n in (1, 3, 5)]
        weights.append(1.0 - sum(weights))
        modes = [rig.value(row) for row in range(k.LAYER_1, k.LAYER_7 + 1)]
        total += model.double_layer_capacitance * float(np.dot(weights, modes))
    return total


@settings(max_examples=120, deadline=None)
@given(values=MECHANISMS, steps=STEPS)
def test_bounds_energy_and_charge(Rig, values, steps):
    model = DeviceModel(y_low=-0.1, y_high=1.2, conductance_min=1e-7, conductance_max=1e-5, **values)
    rig = Rig(model, cycle_noise=True)
    energy = 0.0
    for kind, level, seconds, drain, kelvin in steps:
        rig.chip.temperature = kelvin
        rig.gate.drive, rig.drain.drive = drive_of(kind, level), VoltageSource(drain)
        before, broken = stored(rig, model), bool(rig.chip.array.broken[0, 0])
        samples = rig.harness.measure_all([rig.gate, rig.drain, rig.source], seconds)
        assert not np.isnan(rig.chip.array.devices).any()
        assert np.isfinite(rig.chip.array.devices[: k.N_ROWS]).all()
        assert model.y_low <= rig.y <= model.y_high
        assert 0.0 <= rig.conductance < math.inf
        assert rig.chip.array.energy[0, 0] >= energy
        energy = rig.chip.array.energy[0, 0]
        currents = [sample.current for sample in samples]
        rounding = 1e-9 * max(abs(c) for c in currents) + 1e-12 * (abs(before) + model.charge) / seconds
        assert sum(currents) == pytest.approx(0.0, abs=rounding)
        leaks = model.gate_leakage or model.leakage_amplitude
        if not leaks and not broken and not rig.chip.array.broken[0, 0]:
            into_gate = rig.value(k.TO_SOURCE) + rig.value(k.TO_DRAIN)
            gained = model.polarity * (stored(rig, model) - before)
            assert into_gate == pytest.approx(gained, rel=1e-6, abs=1e-9 * abs(before))
