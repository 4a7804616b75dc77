"""Running waveforms as segments of constant levels: breakpoints merged, equal periods kept as trains."""

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from emulator.waveform import Waveform

Floats = NDArray[np.float64]

_SHORT = 1000  # breakpoints of a waveform whose pieces are kept, for it is likely to come again
_LONGEST = 4096  # segments handed over at once


@dataclass(frozen=True)
class Stairs:
    """Pieces of one period: their ends [s], durations [s] and levels."""

    ends: list[float]
    durations: Floats
    levels: list[float]


def stairs_of(waveform: Waveform, step: float) -> Stairs:
    """The pieces of :meth:`Waveform.staircase`, for waveforms of any length."""
    return _kept_stairs(waveform, step) if len(waveform.times) <= _SHORT else _stairs(waveform, step)


def _stairs(waveform: Waveform, step: float) -> Stairs:
    times, corners = np.array(waveform.times), np.array(waveform.levels)
    lasting = np.diff(times) > 0.0
    start, seconds = times[:-1][lasting], np.diff(times)[lasting]
    low, change = corners[:-1][lasting], np.diff(corners)[lasting]
    counts = np.maximum(1, np.ceil(np.abs(change) / step * (1.0 - 1e-12))).astype(np.int64)
    line = np.repeat(np.arange(counts.size), counts)
    place = np.arange(line.size) - np.repeat(np.cumsum(counts) - counts, counts)
    ends = start[line] + seconds[line] * (place + 1) / counts[line]
    levels = low[line] + change[line] * (place + 0.5) / counts[line]
    told_apart = np.diff(ends, prepend=0.0) != 0.0  # others are too short for the resolution of a double
    ends, levels = ends[told_apart], levels[told_apart]
    last_of_level = np.append(levels[1:] != levels[:-1], True)
    ends, levels = ends[last_of_level], levels[last_of_level]
    return Stairs(ends.tolist(), np.diff(ends, prepend=0.0), levels.tolist())


_kept_stairs = lru_cache(maxsize=64)(_stairs)


class Player:
    """Where a waveform stands. Position is kept within the period, so it stays exact however late it gets."""

    def __init__(self, waveform: Waveform, step: float) -> None:
        self.waveform = waveform
        self._step = step
        self.period = waveform.period
        self.left = waveform.repeats  # periods that are not finished
        self.phase = 0.0
        self._piece = 0

    @cached_property
    def stairs(self) -> Stairs:
        """Pieces of one period; worked out when time passes, for a long waveform may be replaced before."""
        return stairs_of(self.waveform, self._step)

    @property
    def remaining(self) -> float:
        """Time until the end [s]; 0 when finished."""
        return self.left * self.period - self.phase if self.left else 0.0

    @property
    def level(self) -> float:
        """Level of the present piece."""
        return self.stairs.levels[self._piece]

    @property
    def instantaneous_level(self) -> float:
        """Level on the ramps themselves."""
        times, levels = self.waveform.times, self.waveform.levels
        k = min(bisect_right(times, self.phase), len(times) - 1)
        span = times[k] - times[k - 1]
        share = (self.phase - times[k - 1]) / span if span else 1.0
        return levels[k - 1] + (levels[k] - levels[k - 1]) * share

    @property
    def whole_periods(self) -> float:
        """Periods that can be played from here without ending in the middle of one."""
        return self.left if self.phase == 0.0 else self.left - 1

    def until_boundary(self) -> float:
        """Time to the end of the present piece [s]."""
        return self.stairs.ends[self._piece] - self.phase

    def move(self, seconds: float) -> None:
        """Move on by at most the rest of the present piece [s]."""
        self.phase += seconds
        if self.stairs.ends[self._piece] - self.phase > 1e-15 * self.period:
            return
        self.phase = self.stairs.ends[self._piece]
        self._piece += 1
        if self._piece == len(self.stairs.ends):
            self.phase, self._piece = 0.0, 0
            self.left -= 1

    def settle(self) -> None:
        """Take a rest that is only rounding as finished."""
        if self.left == 1 and self.period - self.phase <= 1e-12 * self.period * min(self.waveform.repeats, 1000.0):
            self.left, self.phase, self._piece = 0, 0.0, 0


@dataclass(frozen=True)
class Train:
    """Segments run `repeats` times: durations (segments) [s], levels (segments, ports) [V or A]."""

    durations: Floats
    levels: Floats
    repeats: int = 1


class Schedule:
    """Hands out the trains of a stretch of time and moves the players along.

    players: by number of their port; base (ports): levels of the ports where no player runs; seconds: the stretch.
    """

    def __init__(self, players: Mapping[int, Player], base: Floats, seconds: float) -> None:
        self._players = players
        self._base = base
        self._left = seconds
        self._negligible = 1e-12 * seconds

    def __iter__(self) -> Iterator[Train]:
        while self._left > self._negligible:
            active = {port: player for port, player in self._players.items() if player.left}
            if not active:
                yield Train(np.array([self._left]), self._base[np.newaxis])
                break
            yield self._train(active) or self._stretch(active, self._left)

    def _train(self, active: Mapping[int, Player]) -> Train | None:
        """Whole periods, where all players agree on the period and none ends."""
        players = list(active.values())
        period = players[0].period
        whole = min(player.whole_periods for player in players)
        count = int(min(whole, math.floor(self._left / period * (1.0 + 1e-12))))
        if count < 1 or any(player.period != period for player in players):
            return None
        pattern = self._period(active)
        if len(pattern.durations) == _LONGEST:
            return None
        for player in players:
            player.left -= count
        self._left -= count * period
        return Train(pattern.durations, pattern.levels, count)

    def _period(self, active: Mapping[int, Player]) -> Train:
        """One period from where the players stand, without moving them."""
        if len(active) == 1:
            ((port, player),) = active.items()
            if player.phase == 0.0:
                levels = np.tile(self._base, (len(player.stairs.levels), 1))
                levels[:, port] = player.stairs.levels
                return Train(player.stairs.durations, levels)
        left = self._left
        pattern = self._stretch(
            {port: copy(player) for port, player in active.items()}, next(iter(active.values())).period
        )
        self._left = left
        return pattern

    def _stretch(self, active: Mapping[int, Player], limit: float) -> Train:
        """Pieces up to a limit [s], or until a player ends."""
        durations: list[float] = []
        rows: list[Floats] = []
        left = limit
        playing = True
        while playing and left > 1e-15 * limit and len(durations) < _LONGEST:
            seconds = min(left, *(player.until_boundary() for player in active.values()))
            row = self._base.copy()
            for port, player in active.items():
                row[port] = player.level
                player.move(seconds)
                playing = playing and player.left > 0
            durations.append(seconds)
            rows.append(row)
            left -= seconds
        self._left -= limit - left
        return Train(np.array(durations), np.array(rows))
