"""Random telegraph noise: two-state traps beside the channel that each take a fixed share of its conductance."""

import math

import numpy as np
from numpy.typing import NDArray

from emulator.model import DeviceModel
from emulator.random_numbers import Words, mixed, normals
from emulator.snapshot import Snapshot, arrays_of, put_back

Floats = NDArray[np.float64]

# Numbers of one trap: first those it is drawn with, then one for each jump or read.
_AMPLITUDE, _CAPTURE, _EMISSION, _FIRST_EVENT = range(4)

# Mean number of captures in an aperture above which the mean occupation is drawn from a normal distribution: the sum of
# so many independent dwell times has a skewness below 0.25.
_MANY = 100.0


class TelegraphNoise:
    """Traps of all devices; each takes `amplitude` of the conductance while it holds a charge.

    device (traps): number of the device; amplitude (traps), relative; capture, emission (traps) [s]: mean times empty
    and occupied; streams (traps): keys of their random numbers. States pass from read to read by the two-state
    Markov law ``P(1, t + dt) = p + (P - p) exp(-dt (1/capture + 1/emission))``, p = emission/(capture + emission), so
    the spectrum is Lorentzian (Machlup, J. Appl. Phys. 25, 341 (1954)).
    """

    def __init__(
        self, device: NDArray[np.intp], amplitude: Floats, capture: Floats, emission: Floats, streams: Words
    ) -> None:
        self._device = device
        self._amplitude, self._capture, self._emission = amplitude, capture, emission
        self._mean = emission / (capture + emission)
        self._rate = 1.0 / capture + 1.0 / emission
        self._streams = streams
        self._events = np.full(device.size, _FIRST_EVENT, dtype=np.uint64)
        self._occupied: NDArray[np.bool_] = np.zeros(device.size, dtype=np.bool_)
        self._time = -math.inf

    @classmethod
    def of(cls, model: DeviceModel, read_streams: Words, spread: bool) -> "TelegraphNoise":
        """The traps of all devices of a technology, drawn from their streams.

        spread: traps differ, and their number is drawn from a Poisson distribution; else all devices have the nominal
        traps, as many as the mean number rounded.
        """
        keys = mixed(read_streams ^ np.uint64(0x54524150))  # a purpose of its own beside the noise of reads
        if spread:
            counts = _poisson(model.trap_count, _uniforms(keys, np.zeros(keys.size, np.uint64)))
        else:
            counts = np.full(keys.size, round(model.trap_count), dtype=np.intp)
        device = np.repeat(np.arange(keys.size), counts)
        number = np.arange(device.size) - np.repeat(np.cumsum(counts) - counts, counts)
        streams = mixed(keys[device] + number.astype(np.uint64) + np.uint64(1))
        sigma = model.trap_spread if spread else 0.0

        def drawn(nominal: float, event: int) -> Floats:
            numbers = normals(streams, np.full(device.size, event, np.uint64))
            values: Floats = nominal * np.exp(sigma * numbers - 0.5 * sigma * sigma)
            return values

        return cls(
            device,
            drawn(model.trap_amplitude, _AMPLITUDE),
            drawn(model.trap_capture_time, _CAPTURE),
            drawn(model.trap_emission_time, _EMISSION),
            streams,
        )

    def mean_fluctuation(self, devices: int, start: float, aperture: float) -> Floats:
        """Relative fluctuation of every device's conductance, (devices,), mean over an aperture [s] from `start` [s].

        Its mean over long times is 0: the nominal conductance is the one with the traps at their mean occupation.
        """
        elapsed = max(start - self._time, 0.0)
        self._occupied = self._draw() < self._chance(elapsed)
        many = aperture > _MANY * (self._capture + self._emission)
        share = np.zeros(self._device.size)
        share[~many] = self._jumps(np.flatnonzero(~many), aperture)
        share[many] = self._normal_limit(np.flatnonzero(many), aperture)
        self._time = start + aperture
        fluctuation: Floats = np.zeros(devices)
        np.subtract.at(fluctuation, self._device, self._amplitude * (share - self._mean))
        return fluctuation

    def state(self) -> Snapshot:
        """The traps, and what the reads so far have left behind."""
        return Snapshot({"time": self._time}, arrays_of(self))

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from a state of the same traps; SnapshotError when it is that of others."""
        put_back(self, snapshot.arrays)
        self._time = snapshot.header["time"]

    def _draw(self, traps: NDArray[np.intp] | None = None) -> Floats:
        """The next random number, uniform in 0..1, of all traps or of some."""
        chosen = np.arange(self._device.size) if traps is None else traps
        numbers = _uniforms(self._streams[chosen], self._events[chosen])
        self._events[chosen] += np.uint64(1)
        return numbers

    def _chance(self, elapsed: float) -> Floats:
        """Probability of every trap to be occupied after a time [s]."""
        chance: Floats = self._mean + (self._occupied - self._mean) * np.exp(-elapsed * self._rate)
        return chance

    def _jumps(self, traps: NDArray[np.intp], aperture: float) -> Floats:
        """Share of an aperture in which each trap is occupied, jump by jump."""
        occupied_time = np.zeros(self._device.size)
        left = np.full(self._device.size, aperture)
        running = traps
        while running.size:
            occupied = self._occupied[running]
            mean_time = np.where(occupied, self._emission[running], self._capture[running])
            dwell = -np.log(self._draw(running)) * mean_time
            ends = dwell >= left[running]
            passed = np.minimum(dwell, left[running])
            occupied_time[running] += occupied * passed
            left[running] -= passed
            running = running[~ends]
            self._occupied[running] ^= True
        share: Floats = occupied_time[traps] / aperture
        return share

    def _normal_limit(self, traps: NDArray[np.intp], aperture: float) -> Floats:
        """The same when a trap jumps very often: normal, with the exact variance and correlation with both ends."""
        mean, many = self._mean[traps], self._rate[traps] * aperture
        start = self._occupied[traps]
        end = self._draw(traps) < mean  # independent of the start by now
        self._occupied[traps] = end
        variance = mean * (1.0 - mean) * (2.0 / many - 4.0 / many**2)
        numbers = normals(self._streams[traps], self._events[traps])
        self._events[traps] += np.uint64(1)
        share = mean + (start - mean + end - mean) / many + np.sqrt(variance) * numbers
        clipped: Floats = np.clip(share, 0.0, 1.0)
        return clipped


def _uniforms(streams: Words, events: Words) -> Floats:
    """Numbers uniform in 0..1, ends excluded, of events of streams."""
    numbers: Floats = ((mixed(streams + events) >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    return numbers


def _poisson(mean: float, uniform: Floats) -> NDArray[np.intp]:
    """Poisson distributed numbers by inversion."""
    counts = np.zeros(uniform.size, dtype=np.intp)
    term = reached = math.exp(-mean)
    number = 0
    while term > 1e-17 * reached or number < mean:
        counts[uniform > reached] += 1
        number += 1
        term *= mean / number
        reached += term
    return counts
