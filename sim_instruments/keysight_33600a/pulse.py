"""Shape of the pulse function: width, edges, period, and the rule by which they are made to fit.

33500 Series Operating and Service Guide, "Pulse Waveforms": the width lies between the 50 % points, the edge time
between the 10 % and 90 % points; the edge times are adjusted first, then the width, and an error says so.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sim_instruments.keysight_33600a.levels import CLIPPED_HIGH, CLIPPED_LOW

Report = Callable[[int, str], None]

EDGE_SHARE = 0.8
"""Pulse and pause must each last at least this part of the sum of both edge times."""
FULL_RAMP = 1.25
"""Length of a linear ramp from 0 % to 100 %, for an edge time of 1 between 10 % and 90 %."""
_ROUNDING = 1.0 + 1e-9


@dataclass(frozen=True, slots=True)
class PulseLimits:
    """What a model can do [s]."""

    shortest_width: float
    longest_width: float
    shortest_edge: float
    longest_edge: float
    shortest_period: float
    longest_period: float


class PulseShape:
    """Width and edges of one channel [s]; the period is shared with the other functions and handed in."""

    def __init__(self, limits: PulseLimits, report: Report) -> None:
        self.limits, self._report = limits, report
        self.reset()

    def reset(self) -> None:
        """100 us wide, edges of 10 ns; the width is kept when the period changes."""
        self.width, self.leading, self.trailing = 100e-6, 10e-9, 10e-9
        self.hold = "WIDT"

    def set_width(self, width: float, period: float) -> None:
        """Change the width; the edges give way if they must."""
        self.width = self._within_period(width, period)
        self._shorten_edges(period, "pulse width")

    def set_duty_cycle(self, percent: float, period: float) -> None:
        """Change the width to a part of the period."""
        self.set_width(percent / 100.0 * period, period)

    def set_edges(self, leading: float, trailing: float, period: float) -> None:
        """Change both edge times; they are cut to what width and period leave."""
        if leading + trailing > self._room(period) * _ROUNDING:
            self._report(-222, f"pulse edge time limited by pulse width; {CLIPPED_HIGH}")
        self._take_edges(leading, trailing, period)

    def fit(self, old_period: float, period: float) -> None:
        """The period has changed: keep width or duty cycle, and make the rest fit."""
        if self.hold == "DCYC":
            self.width *= period / old_period
        widest, narrowest = period - self.limits.shortest_width, self.limits.shortest_width
        if self.width > widest * _ROUNDING:
            self.width = widest
            self._report(-221, "pulse width decreased due to period")
        elif self.width * _ROUNDING < narrowest:
            self.width = narrowest
            self._report(-221, "pulse width increased due to period")
        self._shorten_edges(period, "period")

    def _within_period(self, width: float, period: float) -> float:
        widest, narrowest = period - self.limits.shortest_width, self.limits.shortest_width
        if width > widest * _ROUNDING:
            self._report(-222, f"pulse width limited by period; {CLIPPED_HIGH}")
        elif width * _ROUNDING < narrowest:
            self._report(-222, CLIPPED_LOW)
        return max(narrowest, min(widest, width))

    def _room(self, period: float) -> float:
        """Largest sum of both edge times."""
        return min(self.width, period - self.width) / EDGE_SHARE

    def _shorten_edges(self, period: float, cause: str) -> None:
        if self.leading + self.trailing > self._room(period) * _ROUNDING:
            self._take_edges(self.leading, self.trailing, period)
            self._report(-221, f"edge time decreased due to {cause}")

    def _take_edges(self, leading: float, trailing: float, period: float) -> None:
        """Shorten both in proportion, if they must, but neither below the shortest edge."""
        room, shortest = self._room(period), self.limits.shortest_edge
        share = min(1.0, room / (leading + trailing))
        self.leading = max(shortest, min(leading * share, room - shortest))
        self.trailing = max(shortest, min(trailing * share, room - shortest))
