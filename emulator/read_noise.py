"""Noise of the channel while it is read: thermal, and 1/f and telegraph noise that remember earlier reads."""

import math

import numpy as np
from numpy.typing import NDArray

from emulator.model import BOLTZMANN
from emulator.random_numbers import Words, normals
from emulator.snapshot import Snapshot, arrays_of, put_back
from emulator.telegraph_noise import TelegraphNoise

Floats = NDArray[np.float64]

# One Ornstein-Uhlenbeck mode a decade: their sum is 1/f between about 1 uHz and 1 MHz.
_TIMES = 10.0 ** np.arange(-6, 6, dtype=np.float64)
_MODES = _TIMES.size
_NUMBERS = 3 * _MODES + 1  # random numbers a device takes for one read


class ReadNoise:
    """Relative 1/f and telegraph fluctuation and thermal current noise of every device.

    A mode of correlation time tau has the variance ``flicker * ln 10`` of the relative conductance, which makes
    ``S_G(f) = flicker G^2 / f``. Mean over an aperture and value at its end are drawn together from their exact
    joint distribution, so reads are correlated as their distance in time demands, whatever the apertures.
    """

    def __init__(self, streams: Words, flicker: float, traps: TelegraphNoise | None = None) -> None:
        self._traps = traps
        self._streams = streams[:, np.newaxis]
        self._sigma = math.sqrt(flicker * math.log(10.0))
        self._modes: Floats = np.zeros((streams.size, _MODES))
        self._event = 0
        self._time = -math.inf
        self._aperture = 0.0
        self._coefficients = self._of_aperture(1.0)

    def channel_currents(
        self, conductance: Floats, voltage: Floats, temperature: float, start: float, aperture: float
    ) -> Floats:
        """Mean noise current from source to drain [A] of each device over an aperture [s] that begins at `start` [s].

        conductance [S], voltage [V] (source minus drain): means over the aperture; temperature [K].
        """
        events = np.arange(self._event, self._event + _NUMBERS, dtype=np.uint64)
        numbers = normals(self._streams, events)
        self._event += _NUMBERS
        thermal = np.sqrt(2.0 * BOLTZMANN * temperature * conductance / aperture) * numbers[:, -1]
        relative = np.zeros(len(self._streams))
        if self._sigma > 0.0:
            relative += self._mean_fluctuation(numbers, start, aperture)
        if self._traps:
            relative += self._traps.mean_fluctuation(relative.size, start, aperture)
        return thermal + conductance * voltage * relative

    def state(self) -> Snapshot:
        """What the reads so far have left behind."""
        own = Snapshot({"event": self._event, "time": self._time}, arrays_of(self))
        return own.with_part("traps", self._traps.state()) if self._traps else own

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from a state of the same noise; SnapshotError when it is that of another."""
        put_back(self, snapshot.arrays)
        if self._traps:
            self._traps.restore(snapshot.part("traps"))
        self._event, self._time = snapshot.header["event"], snapshot.header["time"]

    def _mean_fluctuation(self, numbers: Floats, start: float, aperture: float) -> Floats:
        kept = np.exp(-max(start - self._time, 0.0) / _TIMES)
        at_start = self._modes * kept + self._sigma * np.sqrt(1.0 - kept * kept) * numbers[:, :_MODES]
        if aperture != self._aperture:
            self._aperture, self._coefficients = aperture, self._of_aperture(aperture)
        keep, end_noise, mean_keep, mean_of_end, mean_noise = self._coefficients
        innovation = end_noise * numbers[:, _MODES : 2 * _MODES]
        mean = at_start * mean_keep + mean_of_end * innovation + mean_noise * numbers[:, 2 * _MODES : 3 * _MODES]
        self._modes = at_start * keep + innovation
        self._time = start + aperture
        fluctuation: Floats = mean.sum(axis=1)
        return fluctuation

    def _of_aperture(self, aperture: float) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """Decay, noise of the end, weight of the start in the mean, regression of the mean on the end, rest noise."""
        a = aperture / _TIMES
        lost = -np.expm1(-a)
        keep = 1.0 - lost
        end_variance = -np.expm1(-2.0 * a)
        covariance = lost * lost / a
        small = a < 1e-3
        exact = (2.0 * a - 3.0 + 4.0 * keep - keep * keep) / (a * a)
        mean_variance = np.where(small, 2.0 / 3.0 * a - 0.5 * a * a, exact)
        regression = covariance / end_variance
        rest = np.sqrt(np.maximum(mean_variance - regression * covariance, 0.0))
        return keep, self._sigma * np.sqrt(end_variance), lost / a, regression, self._sigma * rest
