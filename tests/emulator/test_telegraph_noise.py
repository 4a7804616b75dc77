"""Telegraph noise against the closed forms of a two-state Markov process."""

import math

import numpy as np
import pytest

from emulator import Array, Chip, DeviceModel, Harness, VirtualClock
from emulator.drives import Ground, VoltageSource
from emulator.random_numbers import streams
from emulator.telegraph_noise import TelegraphNoise

COUNT = 20_000


def traps(count=COUNT, *, capture=0.3, emission=0.1, number=1.0, spread=False, seed=1, sigma=0.0):
    model = DeviceModel(
        trap_count=number,
        trap_amplitude=0.01,
        trap_capture_time=capture,
        trap_emission_time=emission,
        trap_spread=sigma,
    )
    return TelegraphNoise.of(model, streams(seed, 3, count), spread)


def occupation(fluctuation, mean):
    """Share of the time occupied, from the relative fluctuation of one trap of amplitude 0.01."""
    return mean - fluctuation / 0.01


def variance_of_mean(p, a):
    """Variance of the mean of a process with autocovariance p(1-p)exp(-|t|/tau) over a = T/tau (double integral)."""
    return p * (1 - p) * 2 * (a - 1 + math.exp(-a)) / a**2


@pytest.mark.parametrize("aperture", [1e-6, 0.05, 0.5, 20.0, 100.0])
@pytest.mark.parametrize(("capture", "emission"), [(0.3, 0.1), (0.02, 0.5), (1.0, 1.0)])
def test_mean_and_variance_of_an_aperture(aperture, capture, emission):
    """From a moment within a jump to thousands of them, through the change from exact jumps to the normal limit."""
    count = 2000 if aperture > 1 else COUNT
    share = occupation(
        traps(count, capture=capture, emission=emission).mean_fluctuation(count, 0.0, aperture),
        emission / (capture + emission),
    )
    p, a = emission / (capture + emission), aperture * (1 / capture + 1 / emission)
    variance = variance_of_mean(p, a)
    assert share.mean() == pytest.approx(p, abs=5 * math.sqrt(variance / count))
    assert share.var() == pytest.approx(variance, rel=6 / math.sqrt(count) * max(1.0, 1 / (p * (1 - p)) / 4))


@pytest.mark.parametrize("elapsed", [0.01, 0.05, 0.2, 5.0])
def test_autocorrelation_of_short_reads(elapsed):
    """exp(-dt (1/capture + 1/emission)) between reads."""
    noise = traps()
    first = noise.mean_fluctuation(COUNT, 0.0, 1e-9)
    second = noise.mean_fluctuation(COUNT, elapsed, 1e-9)
    expected = math.exp(-elapsed * (1 / 0.3 + 1 / 0.1))
    assert np.corrcoef(first, second)[0, 1] == pytest.approx(expected, abs=0.03)


def test_adjacent_apertures_are_correlated_as_they_should():
    """Covariance of adjacent means: p(1-p) ((1 - exp(-a))/a)^2 with a = 0.03 x 5."""
    noise = traps(capture=0.4, emission=0.4)
    first = noise.mean_fluctuation(COUNT, 0.0, 0.03) / 0.01
    second = noise.mean_fluctuation(COUNT, 0.03, 0.03) / 0.01
    expected = 0.25 * (math.expm1(-0.15) / 0.15) ** 2
    assert (first * second).mean() == pytest.approx(expected, rel=0.03)


def test_dwell_times_are_exponential():
    """Gapless short reads of a few traps for a long time: mean and spread of the dwell times in both states."""
    noise = traps(40, capture=0.3, emission=0.1)
    step = 0.002
    record = np.array([noise.mean_fluctuation(40, n * step, step) for n in range(10_000)])
    occupied = occupation(record, 0.25) > 0.5
    for state, nominal in ((False, 0.3), (True, 0.1)):
        dwells = np.concatenate([_runs(occupied[:, trap], state) for trap in range(40)]) * step
        assert dwells.size > 1000
        assert dwells.mean() == pytest.approx(nominal, rel=0.08)
        assert dwells.std() == pytest.approx(nominal, rel=0.1)


def _runs(record, state):
    """Lengths of the completed runs of a state."""
    changes = np.flatnonzero(np.diff(record)) + 1
    runs = np.diff(changes)
    return runs[record[changes[:-1]] == state]


def test_lorentzian_spectrum():
    """S(f) = 4 p (1 - p) A^2 tau/(1 + (2 pi f tau)^2) with 1/tau = 1/capture + 1/emission, one-sided."""
    reads, step, count = 512, 0.004, 400
    noise = traps(count, capture=0.3, emission=0.1)
    record = np.array([noise.mean_fluctuation(count, n * step, step) for n in range(reads)])
    spectrum = 2 * step / reads * (np.abs(np.fft.rfft(record, axis=0)) ** 2).mean(axis=1)
    frequency = np.fft.rfftfreq(reads, step)
    tau = 1 / (1 / 0.3 + 1 / 0.1)
    lorentzian = 4 * 0.25 * 0.75 * 1e-4 * tau / (1 + (2 * np.pi * frequency * tau) ** 2)
    for band in (slice(2, 6), slice(8, 20), slice(20, 40)):  # below the averaging by the aperture
        assert spectrum[band].mean() == pytest.approx(lorentzian[band].mean(), rel=0.15)


def test_number_and_amplitude_are_drawn_from_the_seed():
    noise = traps(number=1.7, spread=True, sigma=0.5)
    again = traps(number=1.7, spread=True, sigma=0.5).mean_fluctuation(COUNT, 0.0, 0.1)
    fluctuation = noise.mean_fluctuation(COUNT, 0.0, 0.1)
    assert np.array_equal(fluctuation, again)
    counts = np.bincount(noise._device, minlength=COUNT)
    assert counts.mean() == pytest.approx(1.7, abs=5 * math.sqrt(1.7 / COUNT))
    assert counts.var() == pytest.approx(1.7, rel=0.05)
    assert noise._amplitude.mean() == pytest.approx(0.01, rel=0.03)
    assert np.log(noise._capture).std() == pytest.approx(0.5, rel=0.03)
    other = traps(number=1.7, spread=True, sigma=0.5, seed=2).mean_fluctuation(COUNT, 0.0, 0.1)
    assert not np.array_equal(fluctuation, other)


def test_same_bits_whatever_devices_stand_beside():
    """A device's noise does not depend on the other devices of the array."""
    few, many = traps(5, number=3.0), traps(500, number=3.0)
    for start, aperture in ((0.0, 0.1), (0.5, 1e-3), (2.0, 200.0), (300.0, 0.2)):
        alone = few.mean_fluctuation(5, start, aperture)
        assert np.array_equal(alone, many.mean_fluctuation(500, start, aperture)[:5])


def test_it_reaches_the_port():
    model = DeviceModel(
        trap_count=1.0, trap_amplitude=0.05, trap_capture_time=0.1, trap_emission_time=0.1, rest_drive=1.0
    )
    chip = Chip(Array(model, 1, 1, seed=4, device_spread=False, initial_state=0.5))
    harness = Harness(VirtualClock(), chip)
    drain = harness.add_port("a.d")
    for node, pad in (("a.d", "D0"), ("ground", "S0"), ("ground", "G0")):
        harness.connect(node, f"chip.{pad}")
    drain.drive = VoltageSource(0.1)
    levels = [harness.measure(drain, 1e-4).current / (0.1 * chip.conductances[0]) for _ in range(3000)]
    low, high = np.percentile(levels, [5, 95])
    assert (low, high) == (pytest.approx(0.975, abs=2e-3), pytest.approx(1.025, abs=2e-3))
    drain.drive = Ground()
    assert abs(harness.measure(drain, 1e-4).current) < 1e-10  # no voltage, thermal noise alone
