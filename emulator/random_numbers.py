"""Counter-based random numbers: every number is a function of (seed, purpose, device, event).

Neither the order of devices nor the number of threads or calls changes a number. The seed is hashed on its own;
hashing seed + device would make device 1 of seed 1 and device 0 of seed 2 the same stream.
Hash: splitmix64 (Steele, Lea and Flood, OOPSLA 2014).
"""

from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

_TABLE_SIZE = 65536

Words = NDArray[np.uint64]


@cache
def normal_table() -> NDArray[np.float64]:
    """65 536 equally probable quantiles of the standard normal distribution (tails end at 4.3), unit variance."""
    quantile = NormalDist().inv_cdf
    half = np.array([quantile((i + 0.5) / _TABLE_SIZE) for i in range(_TABLE_SIZE // 2)])
    table = np.concatenate([half, -half[::-1]])
    table /= table.std()
    return table


def mixed(x: Words) -> Words:
    """64 well mixed bits of every 64-bit number."""
    x = x + np.uint64(0x9E3779B97F4A7C15)  # a copy, which the rest may change in place
    x ^= x >> np.uint64(30)
    x *= np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x *= np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    return x


def streams(seed: int, purpose: int, count: int) -> Words:
    """Start values of `count` independent streams for one purpose of a seed (any integer)."""
    base = mixed(mixed(np.array([seed % 2**64], dtype=np.uint64)) ^ np.uint64(purpose))
    return mixed(base ^ np.arange(count, dtype=np.uint64))


def normals(start: Words, events: Words) -> NDArray[np.float64]:
    """Standard normal numbers of events of streams; the shapes broadcast."""
    places = mixed(start + events)
    places &= np.uint64(_TABLE_SIZE - 1)
    numbers: NDArray[np.float64] = normal_table().take(places.view(np.int64))
    return numbers


def uniforms(words: Words) -> NDArray[np.float64]:
    """Numbers uniform in 0..1, 0 included and 1 excluded, one for each well mixed word."""
    numbers: NDArray[np.float64] = (words >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return numbers
