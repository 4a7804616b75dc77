"""Arbitrary waveforms as a generator's commands: limits, binary blocks, conversions. Pure functions.

A generator keeps samples between -1 (low level) and 1 (high level) and rests at an end of the waveform while a burst
waits; which end differs between models, so both must be at the same voltage.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from drivers.checks import finite, quantity, within
from drivers.errors import Refused


@dataclass(frozen=True, slots=True)
class ArbitraryDialect:
    """The waveform commands of a model as templates; {n} is the channel, {memory} the name of its waveform.

    points: fewest and most samples. intervals: s per sample. periods: s of the whole waveform. memory: name by channel.
    form: type of the codes of a block in `struct`'s letters, most significant byte first; code = zero + scale times the
    sample. function: its command and reply. upload: {block}. select: {rate} in samples a second, {frequency} in Hz.
    points_query, rate_query: what is read back; by_frequency: the latter gives {frequency}, not {rate}.
    """

    points: tuple[int, int]
    intervals: tuple[float, float]
    periods: tuple[float, float]
    memory: Mapping[str, str]
    form: Literal["f", "h", "H"]
    zero: float
    scale: float
    function: tuple[str, str]
    upload: tuple[str, ...]
    select: tuple[str, ...]
    points_query: str
    rate_query: str
    by_frequency: bool

    def block(self, samples: Sequence[float]) -> str:
        """Samples between -1 and 1 as an IEEE 488.2 definite-length block, a character a byte."""
        codes = [self.zero + self.scale * sample for sample in samples]
        whole = codes if self.form == "f" else [round(code) for code in codes]
        payload = struct.pack(f">{len(whole)}{self.form}", *whole)
        length = str(len(payload))
        return f"#{len(length)}{length}" + payload.decode("latin-1")

    def rate(self, points: int, dt: float) -> float:
        """What `rate_query` must answer for that many samples `dt` seconds apart."""
        return 1.0 / (points * dt) if self.by_frequency else 1.0 / dt


def check(limits: ArbitraryDialect, samples: Sequence[float], dt: float) -> None:
    """Refuse a waveform that the model cannot play; the levels are checked as those of a pulse."""
    fewest, most = limits.points
    if not fewest <= len(samples) <= most:
        raise Refused(f"a waveform of {len(samples)} samples is refused: this model plays {fewest} to {most}")
    for sample in samples:
        finite("sample", sample, "V")
    if samples[0] != samples[-1]:
        raise Refused(
            f"the waveform begins at {quantity(samples[0], 'V')} and ends at {quantity(samples[-1], 'V')}: "
            "let both ends be at the voltage at which the output shall rest"
        )
    within("dt", dt, "s", *limits.intervals)
    within("duration", len(samples) * dt, "s", *limits.periods)


def scaled(samples: Sequence[float], low: float, high: float) -> list[float]:
    """Voltages from `low` to `high` as samples between -1 and 1."""
    middle, half = 0.5 * (low + high), 0.5 * (high - low)
    return [max(-1.0, min(1.0, (sample - middle) / half)) for sample in samples]
