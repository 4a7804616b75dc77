"""Memory for arbitrary waveforms, and the data formats in which they are loaded."""

import struct
from collections.abc import Mapping

from sim_instruments.scpi import ScpiError
from sim_instruments.scpi.parameters import block_payload, quantity

Samples = tuple[float, ...]


class WaveformMemory:
    """Waveforms by name, samples -1 … 1; names are compared without case. Those in `built_in` cannot be cleared."""

    def __init__(self, built_in: Mapping[str, Samples], points: int, fewest: int) -> None:
        self._built_in, self._points, self._fewest = dict(built_in), points, fewest
        self.clear()

    def clear(self) -> None:
        """Only the built-in waveforms remain."""
        self._waveforms = dict(self._built_in)

    @property
    def names(self) -> tuple[str, ...]:
        """Names in the order of loading."""
        return tuple(self._waveforms)

    @property
    def free(self) -> int:
        """Number of samples that still fit."""
        return self._points - sum(len(samples) for samples in self._waveforms.values())

    def find(self, name: str) -> Samples:
        """Samples of a waveform; ScpiError 785 if there is none of that name."""
        try:
            return self._waveforms[name.upper()]
        except KeyError:
            raise ScpiError(785, name, "Specified arb waveform does not exist") from None

    def store(self, name: str, samples: Samples) -> None:
        """Keep a new waveform; ScpiError 786 for a name in use, and as `replace`."""
        if name.upper() in self._waveforms:
            raise ScpiError(786, name, "Specified arb waveform already exists")
        self.replace(name, samples)

    def replace(self, name: str, samples: Samples) -> None:
        """Keep a waveform under a new or a known name; ScpiError 781 for a full memory, -109 for too few points."""
        if len(samples) < self._fewest:
            raise ScpiError(-109, f"{len(samples)} points, at least {self._fewest} are needed")
        if len(samples) > self.free + len(self._waveforms.get(name.upper(), ())):
            raise ScpiError(781, "", "Not enough memory to store new arb waveform; use DATA:VOLatile:CLEar")
        self._waveforms[name.upper()] = samples

    def delete(self, name: str) -> None:
        """Forget a waveform; ScpiError 785 if there is none of that name, -221 for a built-in one."""
        self.find(name)
        if name.upper() in self._built_in:
            raise ScpiError(-221, "a built-in waveform cannot be deleted")
        del self._waveforms[name.upper()]


def read_samples(values: tuple[bytes, ...], kind: str, full_scale: float, *, swapped: bool = False) -> Samples:
    """Samples -1 … 1 from one block, or from numbers; ScpiError -222 outside ±full_scale.

    kind: how a block holds them, "f" 32-bit reals or "h" 16-bit integers. swapped: least significant byte first.
    """
    if len(values) == 1 and values[0][:1] == b"#":
        raw = unpack(block_payload(values[0]), kind, swapped=swapped)
    else:
        raw = tuple(quantity(value)[0] for value in values)
    samples = tuple(value / full_scale for value in raw)
    if not all(-1.0 - 1e-6 <= sample <= 1.0 + 1e-6 for sample in samples):
        raise ScpiError(-222, f"samples must lie between {-full_scale:g} and {full_scale:g}")
    return samples


def unpack(payload: bytes, kind: str, *, swapped: bool = False) -> tuple[float, ...]:
    """The numbers of a block, most significant byte first unless swapped; ScpiError -161 if it holds no whole ones."""
    size = struct.calcsize(kind)
    if len(payload) % size:
        raise ScpiError(-161, f"{len(payload)} bytes are no multiple of {size}")
    return struct.unpack(f"{'<' if swapped else '>'}{len(payload) // size}{kind}", payload)
