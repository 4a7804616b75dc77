"""Volatile memory for arbitrary waveforms, and the data formats in which they are loaded."""

import struct

from sim_instruments.scpi import ScpiError
from sim_instruments.scpi.parameters import block_payload, quantity

FEWEST_POINTS = 8
MEMORY_POINTS = 4_000_000
DAC_FULL_SCALE = 32767
BUILT_IN = "EXP_RISE"
_EXPONENTIAL_RISE = tuple(2.0 * (1.0 - 2.0 ** (-k / 8.0)) / (1.0 - 2.0 ** (-63 / 8.0)) - 1.0 for k in range(64))


class WaveformMemory:
    """Waveforms of one channel by name, samples -1 … 1; names are compared without case."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Only the built-in default remains."""
        self._waveforms = {BUILT_IN: _EXPONENTIAL_RISE}

    @property
    def names(self) -> tuple[str, ...]:
        """Names in the order of loading."""
        return tuple(self._waveforms)

    @property
    def free(self) -> int:
        """Number of samples that still fit."""
        return MEMORY_POINTS - sum(len(samples) for samples in self._waveforms.values())

    def find(self, name: str) -> tuple[float, ...]:
        """Samples of a waveform; ScpiError 785 if there is none of that name."""
        try:
            return self._waveforms[name.upper()]
        except KeyError:
            raise ScpiError(785, name, "Specified arb waveform does not exist") from None

    def store(self, name: str, samples: tuple[float, ...]) -> None:
        """Keep a new waveform; ScpiError 786 for a name in use, 781 for a full memory, -109 below 8 points."""
        if name.upper() in self._waveforms:
            raise ScpiError(786, name, "Specified arb waveform already exists")
        if len(samples) < FEWEST_POINTS:
            raise ScpiError(-109, f"{len(samples)} points, at least {FEWEST_POINTS} are needed")
        if len(samples) > self.free:
            raise ScpiError(781, "", "Not enough memory to store new arb waveform; use DATA:VOLatile:CLEar")
        self._waveforms[name.upper()] = samples


def read_samples(values: tuple[bytes, ...], *, dac: bool, swapped: bool) -> tuple[float, ...]:
    """Samples -1 … 1 from a block of 32-bit reals or 16-bit integers, or from numbers; ScpiError -222 outside.

    swapped: least significant byte first (FORMat:BORDer SWAPped).
    """
    full_scale = DAC_FULL_SCALE if dac else 1.0
    if len(values) == 1 and values[0][:1] == b"#":
        raw = _unpack(block_payload(values[0]), "h" if dac else "f", swapped)
    else:
        raw = tuple(quantity(value)[0] for value in values)
    samples = tuple(value / full_scale for value in raw)
    if not all(-1.0 - 1e-6 <= sample <= 1.0 + 1e-6 for sample in samples):
        raise ScpiError(-222, f"samples must lie between {-full_scale:g} and {full_scale:g}")
    return samples


def _unpack(payload: bytes, kind: str, swapped: bool) -> tuple[float, ...]:
    size = struct.calcsize(kind)
    if len(payload) % size:
        raise ScpiError(-161, f"{len(payload)} bytes are no multiple of {size}")
    return struct.unpack(f"{'<' if swapped else '>'}{len(payload) // size}{kind}", payload)
