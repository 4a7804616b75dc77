"""Coupled channels: what one channel is told, the other does too.

The channel that a command names leads; afterwards either one takes the other along.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

Transfer = Callable[["Coupling", Any, Any], None]


@dataclass
class Coupling:
    """One kind of coupling. transfer: takes itself, the leading channel and the other one.

    leader: number of the channel that the last command about the coupling has named.
    inverted: with tracking channels, whether the polarities are opposite.
    mode, offset, ratio: "RAT" makes channel 2 `ratio` times channel 1, "OFFS" adds `offset`.
    """

    transfer: Transfer
    leader: int = 1
    on: bool = False
    inverted: bool = False
    mode: str = "RAT"
    offset: float = 0.0
    ratio: float = 1.0

    def reset(self) -> None:
        """Off."""
        self.on, self.inverted, self.mode, self.offset, self.ratio = False, False, "RAT", 0.0, 1.0

    @property
    def tracking(self) -> str:
        """OFF, ON or INV."""
        return "OFF" if not self.on else "INV" if self.inverted else "ON"

    @tracking.setter
    def tracking(self, word: str) -> None:
        self.on, self.inverted = word != "OFF", word == "INV"

    def follow(self, leader: Numbered, other: Numbered) -> None:
        """Let the other channel follow, if the coupling is on."""
        if self.on:
            self.transfer(self, leader, other)

    def related(self, value: float, leader: Numbered) -> float:
        """The value of the other channel for one of the leader."""
        if self.mode == "OFFS":
            return value + self.offset if leader.number == 1 else value - self.offset
        return value * self.ratio if leader.number == 1 else value / self.ratio


class Numbered(Protocol):
    """A channel."""

    number: int


def levels(coupling: Coupling, leader: Any, other: Any) -> None:  # noqa: ARG001 - a `Transfer`
    """Amplitude, offset, limits, load and unit."""
    vars(other.levels).update(leader.plain(leader.levels))
    other.unit = leader.unit


def frequency(coupling: Coupling, leader: Any, other: Any) -> None:
    """Frequency, within the limits of the other function."""
    at = other.frequency_limits
    other.frequency = other.bounds.within(coupling.related(leader.frequency, leader), at.low, at.high)


def sample_rate(coupling: Coupling, leader: Any, other: Any) -> None:
    """Sample rate of arbitrary waveforms."""
    other.sample_rate = coupling.related(leader.sample_rate, leader)


def everything(coupling: Coupling, leader: Any, other: Any) -> None:
    """All settings but the state of the output; with the opposite polarity if inverted."""
    other.restore(leader.state())
    if coupling.inverted:
        other.polarity = "NORM" if leader.polarity == "INV" else "INV"
