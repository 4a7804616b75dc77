"""The fast tier beside the full one: the same devices, the same noise, the same books."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator import Array, Chip, DeviceModel, Harness, VirtualClock, Waveform, literature
from emulator import kernels as k
from emulator.drives import VoltageSource
from emulator.fast import Pulses, pulse, pulse_all, unsupported

STATE = [k.Y, k.Q, k.CYCLED, k.ENERGY, k.G_END]

PLAIN = DeviceModel(v0=0.3, rate_up=0.5, rate_down=0.8, charge=1e-9)
NOISY = replace(
    PLAIN, cycle_noise=0.01, spread_rate=0.2, spread_v0=0.02, spread_conductance=0.1, y_low=-1.0, y_high=2.0
)
CURVED = replace(NOISY, curvature_up=2.5, curvature_down=-1.7, spread_curvature=0.5)
MODELS = {
    "plain": PLAIN,
    "noisy": NOISY,
    "curved": CURVED,
    "bounded": replace(CURVED, cycle_noise=0.3, y_low=0.0, y_high=1.0),
    "negative gate": replace(CURVED, polarity=-1),
    "leaky": replace(CURVED, gate_leakage=1e-9),
    "read-out": replace(CURVED, conductance_map="exponential", endurance_cycles=50.0, ungated_resistance=1e4),
    "rounding": replace(CURVED, curvature_up=1e-7, curvature_down=1e-7, spread_curvature=0.0),
}

UP = Waveform.pulse(base=0, level=1.0, width=2e-3, rise=0, fall=0, period=0.01)
DOWN = Waveform.pulse(base=0, level=-0.9, width=2e-3, rise=0, fall=0, period=0.01)
RAMPED = Waveform.pulse(base=0, level=1.2, width=2e-3, rise=1e-3, fall=5e-4, period=0.01)
BIPOLAR = Waveform((0, 1e-3, 1e-3, 3e-3, 3e-3, 5e-3), (1.0, 1.0, -0.8, -0.8, 0.0, 0.0))
SHAPES = {"rectangular": UP, "down": DOWN, "ramped": RAMPED, "bipolar": BIPOLAR}


def array(model, rows=3, columns=4, **options):
    return Array(model, rows, columns, **({"seed": 5, "initial_state": 0.4} | options))


def full(devices, waveform, count, temperature=300.0):
    """Pulses through a chip whose gates all hang on one source, sources and drains on ground."""
    chip = Chip(devices, temperature=temperature, read_noise=False)
    harness = Harness(VirtualClock(), chip)
    gate = harness.add_port("unit.g")
    for pad in chip.pads:
        harness.connect("unit.g" if pad.startswith("G") else "ground", f"chip.{pad}")
    gate.drive = VoltageSource(0.0)
    if count:
        gate.start(replace(waveform, repeats=count))
        harness.advance(gate.remaining)
    return devices


def assert_same(fast, slow, rtol=1e-12):
    scale = np.maximum(np.abs(slow.devices[STATE]), np.array([1.0, 1.0, 1.0, 0.0, 0.0])[:, np.newaxis])
    assert (np.abs(fast.devices[STATE] - slow.devices[STATE]) <= rtol * scale).all()
    assert np.array_equal(fast.integers[k.EVENT], slow.integers[k.EVENT])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", MODELS)
def test_full_tier(name, shape):
    fast, slow = array(MODELS[name]), array(MODELS[name])
    pulse_all(fast, SHAPES[shape], 23)
    assert_same(fast, full(slow, SHAPES[shape], 23))
    assert (fast.y != 0.4).all()


def test_other_temperature():
    fast, slow = array(CURVED), array(CURVED)
    fast.set_temperature(330.0)
    pulse_all(fast, RAMPED, 5)
    assert_same(fast, full(slow, RAMPED, 5, temperature=330.0))


def test_full_tier_goes_on_where_the_fast_one_ends():
    fast, slow = array(CURVED), array(CURVED)
    pulse_all(fast, UP, 5)
    assert_same(full(fast, DOWN, 4), full(full(slow, UP, 5), DOWN, 4))


@settings(max_examples=40, deadline=None)
@given(
    level=st.floats(0.1, 1.3),
    up=st.floats(-6, 6),
    down=st.floats(-6, 6),
    noise=st.just(0.0) | st.floats(1e-9, 0.1),
    count=st.integers(1, 40),
    seed=st.integers(0, 2**63),
)
def test_any_model_of_this_kind(level, up, down, noise, count, seed):
    model = replace(CURVED, curvature_up=up, curvature_down=down, spread_curvature=0.0, cycle_noise=noise)
    shape = Waveform.pulse(base=0, level=level, width=1e-3, rise=2e-4, fall=1e-4, period=0.01)
    fast, slow = array(model, 1, 2, seed=seed), array(model, 1, 2, seed=seed)
    pulse_all(fast, shape, count)
    assert_same(fast, full(slow, shape, count))
    assert (fast.y >= model.y_low).all()
    assert (fast.y <= model.y_high).all()
    assert np.isfinite(fast.devices).all()


@pytest.mark.parametrize("name", ["plain", "curved", "bounded"])
@pytest.mark.parametrize("shapes", [(UP, DOWN), (RAMPED, DOWN), (UP, BIPOLAR)])
def test_each_device_its_own_number_of_pulses(name, shapes):
    counts = np.array([[3, -3, 0, 1], [-1, 2, -12, 12], [0, 0, 5, -5]])
    fast = array(MODELS[name])
    pulse(fast, *shapes, counts)
    for count in np.unique(counts):
        slow = full(array(MODELS[name]), shapes[0] if count > 0 else shapes[1], abs(int(count)))
        chosen = np.flatnonzero(counts.ravel() == count)
        assert fast.devices[np.ix_(STATE, chosen)] == pytest.approx(
            slow.devices[np.ix_(STATE, chosen)], rel=1e-12, abs=1e-12 * (count == 0)
        )
        assert np.array_equal(fast.integers[k.EVENT, chosen], slow.integers[k.EVENT, chosen])


def test_each_device_its_own_amplitude():
    scale = np.array([[1.0, 0.9, 0.0, -0.7], [1.0, 0.9, 0.01, -0.7], [1.0, 0.9, 0.0, -0.7]])
    fast = array(CURVED)
    pulse_all(fast, UP, 9, scale=scale)
    for factor in np.unique(scale):
        slow = full(array(CURVED), replace(UP, levels=[factor * v for v in UP.levels]), 9)
        chosen = np.flatnonzero(scale.ravel() == factor)
        assert fast.devices[np.ix_(STATE, chosen)] == pytest.approx(slow.devices[np.ix_(STATE, chosen)], rel=1e-12)
        assert np.array_equal(fast.integers[k.EVENT, chosen], slow.integers[k.EVENT, chosen])


def test_one_factor_for_all_is_another_waveform():
    fast, slow = array(CURVED), array(CURVED)
    pulse_all(fast, RAMPED, 9, scale=0.7)
    assert_same(fast, full(slow, replace(RAMPED, levels=[0.7 * v for v in RAMPED.levels]), 9))


def test_faulty_devices_stay_and_keep_their_noise_for_later():
    healthy, faulty = array(CURVED), array(CURVED)
    faulty.integers[k.FLAG, :5] = [k.BROKEN, k.STUCK, k.OPEN_CHANNEL, k.GATE_SHORT, k.OPEN_GATE]
    start = faulty.devices[:, :5].copy()
    pulse_all(healthy, UP, 3)
    pulse_all(faulty, UP, 3)
    assert np.array_equal(faulty.devices[:, 5:], healthy.devices[:, 5:])
    assert np.array_equal(faulty.devices[[k.Y, k.Q, k.CYCLED], :5], start[[k.Y, k.Q, k.CYCLED]])
    assert not faulty.integers[k.EVENT, :5].any()
    shorted = 3 * CURVED.broken_gate_conductance * 1.0**2 * 2e-3  # V^2 G t of three pulses
    assert faulty.devices[k.ENERGY, :5] == pytest.approx([shorted, 0, 0, shorted, 0], rel=1e-12)
    assert faulty.devices[k.G_END, 2] == 0.0


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_bits_do_not_depend_on_threads_or_calls(threads):
    """300 x 301 devices: enough for several threads, and no multiple of anything."""
    counts = np.arange(300 * 301).reshape(300, 301) % 5 - 2
    alone, shared = (array(MODELS["bounded"], 300, 301) for _ in range(2))
    with Pulses(alone, UP, DOWN, threads=1) as session:
        session.apply(12)
        session.apply(counts)
        session.apply(-2)
    with Pulses(shared, UP, DOWN, threads=threads) as session:
        for _ in range(12):
            session.apply(1)
        session.apply(np.sign(counts))
        session.apply(counts - np.sign(counts))
        session.apply(-2)
    assert np.array_equal(alone.devices[k.Y], shared.devices[k.Y])
    assert np.array_equal(alone.devices, shared.devices)
    assert np.array_equal(alone.integers, shared.integers)


def test_devices_do_not_depend_on_their_neighbours():
    """The first devices of a larger array are those of a smaller one."""
    small, large = array(CURVED, 1, 7), array(CURVED, 40, 50)
    pulse_all(small, UP, 31)
    pulse_all(large, UP, 31)
    assert np.array_equal(small.devices, large.devices[:, :7])


def test_a_session_in_two_parts():
    whole, parts = array(CURVED), array(CURVED)
    with Pulses(whole, UP, DOWN) as session:
        session.apply(7)
        session.apply(-3)
    with Pulses(parts, UP, DOWN) as session:
        session.apply(7)
        session.settle()
        assert parts.integers[k.EVENT].max() == 7
        session.apply(-3)
    assert np.array_equal(whole.devices[k.Y], parts.devices[k.Y])
    assert parts.devices == pytest.approx(whole.devices, rel=1e-12)


@pytest.mark.parametrize("curvature", [-3.0, 0.0, 1e-7, 3.0])
def test_a_million_pulses_without_noise(curvature):
    """N pulses of 1/N cross the window on (1 - exp(-u n/N))/(1 - exp(-u))."""
    pulses = 10**6
    charge = 2e-3 * math.sinh(1.0 / 0.3)  # of a pulse at a rate of 1/s
    model = replace(PLAIN, rate_up=1.0 / (pulses * charge), curvature_up=curvature)
    devices = array(model, initial_state=0.0)
    pulse_all(devices, UP, pulses // 4)
    share = 0.25 if abs(curvature) < 1e-6 else math.expm1(-curvature / 4) / math.expm1(-curvature)
    assert devices.y == pytest.approx(share, rel=1e-9)
    pulse_all(devices, UP, 3 * pulses // 4)
    assert devices.y == pytest.approx(1.0, rel=1e-9)
    pulse_all(devices, UP, pulses)
    assert (devices.y == 1.0).all()


def test_noise_of_a_train_in_a_curved_window():
    """sigma^2 (1 - exp(-2 u q))/(2 u) for q = 0.1 in 10 pulses, over 90 000 devices."""
    u, sigma = 3.0, 0.01
    rate = 0.01 / (2e-3 * math.sinh(1.0 / 0.3))
    model = DeviceModel(v0=0.3, rate_up=rate, curvature_up=u, cycle_noise=sigma, y_low=-1.0, y_high=2.0)
    devices = array(model, 300, 300, initial_state=0.5)
    pulse_all(devices, UP, 10)
    expected = sigma * math.sqrt((1 - math.exp(-0.2 * u)) / (2 * u))
    assert devices.y.std() == pytest.approx(expected, rel=0.01)
    window = (1 - math.exp(-0.1 * u)) * (1 / (1 - math.exp(-u)) - 0.5)
    assert devices.y.mean() - 0.5 == pytest.approx(window, abs=5 * expected / 300)
    assert abs(np.corrcoef(devices.y[:, :-1].ravel(), devices.y[:, 1:].ravel())[0, 1]) < 5 / 300


def test_rest_moves_nothing_and_takes_no_random_number():
    devices = array(CURVED)
    pulse_all(devices, replace(UP, levels=[0.04 * 0.3 * (v > 0) for v in UP.levels]), 5)
    assert (devices.y == 0.4).all()
    assert not devices.integers[k.EVENT].any()


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        (1.0, "whole numbers"),
        ([[1, 2], [3, 4]], r"counts of shape \(2, 2\) does not fit: the array has 3 x 4"),
        (-1, "without a pulse down"),
        (np.full((3, 4), -2), "-2 pulses"),
    ],
)
def test_refused_counts_change_nothing(counts, message):
    devices = array(CURVED)
    before = devices.devices.copy()
    with Pulses(devices, UP) as session, pytest.raises(ValueError, match=message):
        session.apply(counts)
    assert np.array_equal(devices.devices[k.Y], before[k.Y])


def test_refused_sessions():
    devices = array(CURVED)
    with pytest.raises(ValueError, match="repeats = 3"):
        pulse_all(devices, replace(UP, repeats=3))
    with pytest.raises(ValueError, match=r"scale of shape \(3,\)"):
        pulse_all(devices, UP, scale=[1.0, 1.0, 1.0])
    with pytest.raises(ValueError, match="finite"):
        pulse_all(devices, UP, scale=math.inf)
    with pytest.raises(ValueError, match="dispersion_onset = 1e-08"):
        pulse_all(array(replace(CURVED, dispersion_onset=1e-8)), UP)


def test_nothing_after_the_end():
    with Pulses(array(CURVED), UP) as session:
        session.apply(1)
    with pytest.raises(RuntimeError, match="has ended"):
        session.apply(1)


def test_random_numbers_are_not_used_twice():
    devices = array(CURVED)
    session = Pulses(devices, UP)
    session.apply(2)
    full(devices, UP, 1)
    with pytest.raises(RuntimeError, match="something else"):
        session.settle()


FIT = [name for name in literature.names() if not unsupported(literature.load(name).model)]


def test_devices_of_the_review():
    assert {"fuller2017", "fuller2019", "nikam2019", "vandeburgt2017"} <= set(FIT)


@pytest.mark.parametrize("name", FIT)
def test_full_tier_with_a_published_device(name):
    """Its own pulses as voltages, edges included, with noise and spread added."""
    device = literature.load(name)
    model = replace(device.model, cycle_noise=0.01, spread_rate=0.1)
    for amplitude in (device.protocol.up_amplitude, device.protocol.down_amplitude):
        volts = amplitude if device.protocol.drive == "voltage" else math.copysign(5 * model.v0, amplitude)
        shape = device.protocol.waveform(volts)
        fast, slow = array(model), array(model)
        pulse_all(fast, shape, 7)
        assert_same(fast, full(slow, shape, 7))
        assert (fast.y != 0.4).all()
