"""Shape of the pulse function: width, edges, period, and the rules by which they fit one another.

Widths lie between the 50 % points, edge times between the 10 % and 90 % points (33500 Series Operating and Service
Guide, "Pulse Waveforms"; AFG3000 Series, SOURce:PULSe:WIDTh). Two makers treat what does not fit in two ways.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from sim_instruments.generator.bounds import CLIPPED_HIGH, CLIPPED_LOW, Report
from sim_instruments.scpi import ScpiError

FULL_RAMP = 1.25
"""Length of a linear ramp from 0 % to 100 %, for an edge time of 1 between 10 % and 90 %."""
_ROUNDING = 1.0 + 1e-9


@dataclass(frozen=True, slots=True)
class PulseLimits:
    """What a model can do [s].

    slow_width: shortest width with edges slower than the fastest. width_share, rest_share: pulse and pause must each
    last at least this part of the sum of both edge times. width, edge: after reset.
    """

    shortest_width: float
    longest_width: float
    shortest_edge: float
    longest_edge: float
    shortest_period: float
    longest_period: float
    slow_width: float
    width_share: float
    rest_share: float
    width: float
    edge: float
    hold: str = "WIDT"


class PulseShape(ABC):
    """Width and edges of one channel [s]; the period is shared with the other functions and handed in."""

    def __init__(self, limits: PulseLimits) -> None:
        self.limits = limits
        self.reset()

    def reset(self) -> None:
        """Width and edges of the model, and what is kept when the period changes."""
        at = self.limits
        self.width, self.leading, self.trailing, self.hold = at.width, at.edge, at.edge, at.hold

    def set_duty_cycle(self, percent: float, period: float) -> None:
        """Change the width to a part of the period."""
        self.set_width(percent / 100.0 * period, period)

    @abstractmethod
    def set_width(self, width: float, period: float) -> None:
        """Change the width."""

    @abstractmethod
    def set_edges(self, leading: float, trailing: float, period: float) -> None:
        """Change both edge times."""

    @abstractmethod
    def fit(self, old_period: float, period: float) -> None:
        """The period changes: keep width or duty cycle. Called before the new period is taken over."""

    def _room(self, width: float, period: float) -> float:
        """Largest sum of both edge times."""
        at = self.limits
        room = min(width / at.width_share, (period - width) / at.rest_share)
        return min(room, 2.0 * at.shortest_edge) if width * _ROUNDING < at.slow_width else room

    def _held_width(self, old_period: float, period: float) -> float:
        return self.width if self.hold == "WIDT" else self.width * period / old_period


class FittingPulse(PulseShape):
    """Keysight: the edge times are adjusted first, then the width, and an error says so."""

    def __init__(self, limits: PulseLimits, report: Report) -> None:
        self._report = report
        super().__init__(limits)

    def set_width(self, width: float, period: float) -> None:
        """Change the width; the edges give way if they must."""
        self.width = self._within_period(width, period)
        self._shorten_edges(period, "pulse width")

    def set_edges(self, leading: float, trailing: float, period: float) -> None:
        """Change both edge times; they are cut to what width and period leave."""
        if leading + trailing > self._room(self.width, period) * _ROUNDING:
            self._report(-222, f"pulse edge time limited by pulse width; {CLIPPED_HIGH}")
        self._take_edges(leading, trailing, period)

    def fit(self, old_period: float, period: float) -> None:
        """Keep width or duty cycle, and make the rest fit."""
        self.width = self._held_width(old_period, period)
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

    def _shorten_edges(self, period: float, cause: str) -> None:
        if self.leading + self.trailing > self._room(self.width, period) * _ROUNDING:
            self._take_edges(self.leading, self.trailing, period)
            self._report(-221, f"edge time decreased due to {cause}")

    def _take_edges(self, leading: float, trailing: float, period: float) -> None:
        """Shorten both in proportion, if they must, but neither below the shortest edge."""
        room, shortest = self._room(self.width, period), self.limits.shortest_edge
        share = min(1.0, room / (leading + trailing))
        self.leading = max(shortest, min(leading * share, room - shortest))
        self.trailing = max(shortest, min(trailing * share, room - shortest))


class RefusingPulse(PulseShape):
    """What does not fit is refused with -221 and changes nothing."""

    def set_width(self, width: float, period: float) -> None:
        """Change the width; ScpiError -221 unless it fits edges and period."""
        self._demand(width, self.leading, self.trailing, period)
        self.width = width

    def set_edges(self, leading: float, trailing: float, period: float) -> None:
        """Change both edge times; ScpiError -221 unless they fit the width."""
        self._demand(self.width, leading, trailing, period)
        self.leading, self.trailing = leading, trailing

    def fit(self, old_period: float, period: float) -> None:
        """Keep width or duty cycle; ScpiError -221 if that does not fit."""
        width = self._held_width(old_period, period)
        self._demand(width, self.leading, self.trailing, period)
        self.width = width

    def _demand(self, width: float, leading: float, trailing: float, period: float) -> None:
        at = self.limits
        if not at.shortest_width <= width * _ROUNDING <= period * _ROUNDING**2:
            raise ScpiError(-221, f"pulse width {width:g} s does not fit the period {period:g} s")
        if leading + trailing > self._room(width, period) * _ROUNDING:
            raise ScpiError(-221, f"edges of {leading:g} s and {trailing:g} s do not fit the pulse width {width:g} s")
