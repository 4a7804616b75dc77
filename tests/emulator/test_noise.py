"""Noise and spread: variances, composition, repeatability."""

import math

import numpy as np
import pytest

from emulator import Array, Chip, DeviceModel, Harness, VirtualClock
from emulator import kernels as k
from emulator.drives import VoltageSource
from emulator.linearity import curvature_from_label
from emulator.random_numbers import normal_table, normals, streams
from emulator.read_noise import ReadNoise

SIDE = 150  # devices along each edge of the array


def written(model, volts, pieces, seconds=1e-5, seed=1):
    """States of an array of devices that all saw one gate pulse, in pieces."""
    chip = Chip(Array(model, SIDE, SIDE, seed=seed, initial_state=0.5), read_noise=False)
    harness = Harness(VirtualClock(), chip)
    gate = harness.add_port("unit.g")
    for pad in chip.pads:
        harness.connect("unit.g" if pad.startswith("G") else "ground", f"chip.{pad}")
    gate.drive = VoltageSource(volts)
    for _ in range(pieces):
        harness.advance(seconds / pieces)
    return chip.array.y.ravel()


@pytest.mark.parametrize("pieces", [1, 10])
def test_variance_of_a_pulse_does_not_depend_on_its_pieces(rectangular, pieces):
    sigma = 0.3 / math.sqrt(1000)
    model = rectangular(DeviceModel(v0=0.3, cycle_noise=sigma), 2.0, -2.0, 1e-6, 1000)
    assert written(model, 2.0, pieces).std() == pytest.approx(sigma * math.sqrt(0.01), rel=0.015)


@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize("pieces", [1, 20])
def test_variance_in_a_curved_window(rectangular, pieces, direction):
    """sigma^2 (1 - exp(-2 u q))/(2 u) for label 3 and q = 0.1, however it is cut."""
    sigma, u = 0.01, curvature_from_label(3.0)
    values = {"v0": 0.3, "cycle_noise": sigma, "curvature_up": u, "curvature_down": u, "y_low": -1.0, "y_high": 2.0}
    model = rectangular(DeviceModel(**values), 2.0, -2.0, 1e-6, 100)
    y = written(model, 2.0 * direction, pieces, seed=3)
    assert y.std() == pytest.approx(sigma * math.sqrt((1 - math.exp(-0.2 * u)) / (2 * u)), rel=0.015)
    window = (1 - math.exp(-0.1 * u)) * (1 / (1 - math.exp(-u)) - 0.5)
    assert y.mean() - 0.5 == pytest.approx(direction * window, abs=5 * y.std() / SIDE)


def test_same_seed_same_bits_in_one_call_or_many(Rig, oxygen):
    model = oxygen(cycle_noise=0.01, spread_rate=0.1, y_high=5.0)
    states = []
    for calls, seed in ((1, 7), (50, 7), (1, 8)):
        rig = Rig(model, state=0.2, seed=seed, cycle_noise=True, device_spread=True)
        for _ in range(calls):
            rig.pulse(4.0, 1e-6, 1.0, repeats=50 // calls)
        states.append(rig.y)
    assert states[0] == pytest.approx(states[1], rel=1e-13)
    assert states[0] != states[2]


def test_repeated_run_is_bit_identical(Rig, oxygen):
    model = oxygen(cycle_noise=0.01, flicker=1e-7)
    assert len({run(model) for _ in range(2)}) == 1


def run(model):
    chip = Chip(Array(model, 2, 2, seed=11))
    harness = Harness(VirtualClock(), chip)
    gate, drain = harness.add_port("a.g"), harness.add_port("a.d")
    for port, pad in (("a.g", "G0"), ("a.g", "G1"), ("a.d", "D0"), ("ground", "S0"), ("ground", "S1")):
        harness.connect(port, f"chip.{pad}")
    gate.drive, drain.drive = VoltageSource(3.0), VoltageSource(0.1)
    return tuple(harness.measure(drain, 1e-3).current for _ in range(5))


def test_spread_has_the_stated_moments():
    model = DeviceModel(spread_rate=0.12, spread_conductance=0.05, spread_v0=0.01, spread_curvature=0.1)
    array = Array(model, 100, 100, seed=5)
    for row, nominal, sigma in ((k.RATE_UP, 1.0, 0.12), (k.GMIN, 1e-6, 0.05), (k.V0, 0.5, 0.01)):
        relative = array.devices[row] / nominal
        assert relative.mean() == pytest.approx(1, abs=5 * sigma / 100)
        assert np.log(relative).std() == pytest.approx(sigma, rel=0.03)
    assert array.devices[k.U_UP].std() == pytest.approx(0.1, rel=0.03)
    assert abs(np.corrcoef(array.devices[k.RATE_UP], array.devices[k.RATE_DOWN])[0, 1]) < 0.05


def test_spread_can_be_switched_off():
    array = Array(DeviceModel(spread_rate=0.12), 3, 3, seed=5, device_spread=False)
    assert np.ptp(array.devices[k.RATE_UP]) == 0.0


def test_streams_of_neighbouring_seeds_differ():
    assert not np.intersect1d(streams(1, 1, 100), streams(2, 1, 100)).size
    assert not np.intersect1d(streams(1, 1, 100), streams(1, 2, 100)).size


def test_normal_numbers():
    table = normal_table()
    assert table.std() == pytest.approx(1)
    assert np.abs(table).max() == pytest.approx(4.3, abs=0.05)
    numbers = normals(streams(3, 1, 200_000), np.zeros(1, np.uint64))
    assert abs(numbers.mean()) < 5 / math.sqrt(200_000)
    assert numbers.std() == pytest.approx(1, rel=0.01)


def test_thermal_noise_of_a_read():
    """Johnson current noise in the bandwidth 1/(2 aperture): sqrt(2 k T G / aperture)."""
    noise = ReadNoise(streams(1, 3, 20_000), flicker=0.0)
    currents = noise.channel_currents(np.full(20_000, 1e-6), np.zeros(20_000), 300.0, 0.0, 0.02)
    assert currents.std() == pytest.approx(math.sqrt(2 * 1.380649e-23 * 300 * 1e-6 / 0.02), rel=0.02)


def test_flicker_noise_has_a_one_over_f_spectrum():
    """Periodogram of 256 gapless means against K_f / f, averaged over 500 devices."""
    flicker, aperture, reads = 1e-6, 0.01, 256
    noise = ReadNoise(streams(1, 3, 500), flicker)
    one = np.ones(500)
    record = np.array([noise.channel_currents(one, one, 0.0, n * aperture, aperture) for n in range(reads)])
    spectrum = 2 * aperture / reads * (np.abs(np.fft.rfft(record, axis=0)) ** 2).mean(axis=1)
    frequency = np.fft.rfftfreq(reads, aperture)
    band = slice(8, 40)  # clear of leakage from below and of the averaging of the aperture above
    assert (spectrum[band] * frequency[band]).mean() == pytest.approx(flicker, rel=0.1)


def test_reads_forget_no_faster_than_they_should():
    """Means of one mode over adjacent apertures are almost equal, over distant ones not."""
    noise = ReadNoise(streams(1, 3, 5000), 1e-6)
    one = np.ones(5000)
    first = noise.channel_currents(one, one, 0.0, 0.0, 0.02)
    second = noise.channel_currents(one, one, 0.0, 0.02, 0.02)
    far = noise.channel_currents(one, one, 0.0, 1e8, 0.02)
    assert np.corrcoef(first, second)[0, 1] > 0.8
    assert abs(np.corrcoef(first, far)[0, 1]) < 0.06


def test_read_noise_reaches_the_port(Rig, oxygen):
    chip = Chip(Array(oxygen(flicker=1e-6), 1, 1, seed=3, initial_state=0.5))
    harness = Harness(VirtualClock(), chip)
    drain = harness.add_port("a.d")
    harness.connect("a.d", "chip.D0")
    harness.connect("ground", "chip.S0")
    drain.drive = VoltageSource(0.1)
    currents = [harness.measure(drain, 0.01).current for _ in range(50)]
    assert 1e-5 < np.std(currents) / np.mean(currents) < 1e-2
    assert harness.probe(drain).current == pytest.approx(0.1 * chip.conductances[0], rel=1e-12)


def test_current_drive_has_noise_too(Rig):
    rig = Rig(DeviceModel(cycle_noise=0.01, charge=1e-9, v0=0.1, y_high=9.0), cycle_noise=True)
    rig.push(1e-10, 1.0)
    assert rig.value(k.Q) == pytest.approx(0.6, abs=1e-12)
    assert 0 < abs(rig.y - 0.6) < 0.01 * math.sqrt(0.1) * 4.3
