"""Maps of normal numbers over an array: neighbours may be alike, and a trend may run across the array."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emulator.random_numbers import normals, streams

Floats = NDArray[np.float64]

MAX_LENGTH = 256.0  # cells; what varies more slowly over an array is a trend
_REACH = 6.0  # correlation lengths between the two sides of the array round the torus: correlated by 1.5e-8


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadMap:
    """How one spread of :class:`emulator.DeviceModel` lies over the array.

    length l [cells]: devices at the distance d are correlated by ``exp(-d^2 / (2 l^2))``; 0 makes them independent.
    row_gradient, column_gradient: difference between the last and the first row or column in what the spread is drawn
    in: the logarithm of rates, conductances, v0 and thresholds, the curvature itself. The middle of the array keeps
    the nominal value. Raises ValueError naming key, value and allowed range.
    """

    length: float = 0.0
    row_gradient: float = 0.0
    column_gradient: float = 0.0

    def __post_init__(self) -> None:
        require_length("length", self.length)
        for name in ("row_gradient", "column_gradient"):
            if not -10.0 <= getattr(self, name) <= 10.0:
                raise ValueError(f"{name} = {getattr(self, name)!r} is not allowed: give -10 to 10")

    def trend(self, rows: int, columns: int) -> Floats:
        """What the gradients add in every device, (devices,)."""
        along_rows = self.row_gradient * _positions(rows)
        along_columns = self.column_gradient * _positions(columns)
        trend: Floats = (along_rows[:, np.newaxis] + along_columns).ravel()
        return trend


def require_length(name: str, cells: float) -> None:
    """Raise ValueError unless a correlation length [cells] is one that a map can have."""
    if not 0.0 <= cells <= MAX_LENGTH:
        raise ValueError(f"{name} = {cells!r} cells is not allowed: give 0 to {MAX_LENGTH:g} cells")


def normal_map(seed: int, purpose: int, numbers: Iterable[int], rows: int, columns: int, length: float = 0.0) -> Floats:
    """Standard normal maps of an array, (numbers, devices), each for one number of a purpose of a seed.

    length [cells] as in :class:`SpreadMap`. With 0 a device has the same number in an array of any height. Otherwise
    white noise on a torus larger than the array is convolved with a Gaussian of unit energy: mean 0 and variance 1 of
    every device are exact.
    """
    require_length("length", length)
    events = np.fromiter(numbers, dtype=np.uint64)[:, np.newaxis]
    if length == 0.0:
        return normals(streams(seed, purpose, rows * columns), events)
    kernels = [_kernel(count, length) for count in (rows, columns)]
    shape = kernels[0].size, kernels[1].size
    white = normals(streams(seed, purpose, shape[0] * shape[1]), events).reshape(-1, *shape)
    smooth = np.fft.irfft2(np.fft.rfft2(white) * _spectrum(*kernels), shape)
    return np.ascontiguousarray(smooth[:, :rows, :columns]).reshape(-1, rows * columns)


def _kernel(count: int, length: float) -> Floats:
    """A Gaussian round a circle that is longer than `count` cells; its autocorrelation has the given length."""
    circumference = count + math.ceil(_REACH * length)
    distance = np.arange(circumference)
    distance = np.minimum(distance, circumference - distance)
    kernel = np.exp(-((distance / length) ** 2))
    return kernel / math.sqrt(float(kernel @ kernel))


def _spectrum(along_rows: Floats, along_columns: Floats) -> Floats:
    """Spectrum of the product of two even kernels, as `rfft2` has it."""
    spectrum: Floats = np.fft.fft(along_rows).real[:, np.newaxis] * np.fft.rfft(along_columns).real
    return spectrum


def _positions(count: int) -> Floats:
    """-0.5 to 0.5 from the first to the last of some lines; 0 for a single one."""
    return np.arange(count) / (count - 1.0) - 0.5 if count > 1 else np.zeros(1)
