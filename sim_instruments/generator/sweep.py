"""Frequency sweep of one channel: from start to stop, hold, return, over and over or once for each trigger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim_instruments.generator import modulated_cycle as modulated
from sim_instruments.generator.cycle import Cycle
from sim_instruments.scpi.settings import Limits

if TYPE_CHECKING:
    from sim_instruments.generator.channel import GeneratorChannel


@dataclass(frozen=True, slots=True)
class SweepModel:
    """What a model allows: times [s]; `start` and `stop` after reset [Hz]; functions that cannot be swept."""

    time: Limits
    hold_time: Limits
    return_time: Limits
    start: float
    stop: float
    excluded: tuple[str, ...] = ("DC", "NOIS")


class Sweep:
    """Settings of a sweep; frequencies in Hz, times in s.

    Between sweeps that wait for a trigger the output rests at its offset, where instruments put out the start
    frequency.
    """

    def __init__(self, model: SweepModel, channel: GeneratorChannel) -> None:
        self.model, self.channel = model, channel
        self.reset()

    def reset(self) -> None:
        """Linear, with the model's times and frequencies."""
        at = self.model
        self.time, self.hold_time, self.return_time = at.time.default, at.hold_time.default, at.return_time.default
        self.start, self.stop, self.spacing = at.start, at.stop, "LIN"

    @property
    def on(self) -> bool:
        """Whether the channel sweeps."""
        return self.channel.mode == "SWE"

    @on.setter
    def on(self, on: bool) -> None:
        self.channel.set_mode("SWE", on)

    @property
    def centre(self) -> float:
        """Middle of start and stop; setting it keeps the span."""
        return 0.5 * (self.start + self.stop)

    @centre.setter
    def centre(self, hertz: float) -> None:
        self._take(hertz, self.span)

    @property
    def span(self) -> float:
        """Stop minus start; setting it keeps the centre."""
        return self.stop - self.start

    @span.setter
    def span(self, hertz: float) -> None:
        self._take(self.centre, hertz)

    @property
    def frequency_limits(self) -> Limits:
        """What the function of the channel allows."""
        return self.channel.frequency_limits

    @property
    def start_limits(self) -> Limits:
        """As `frequency_limits`, with the default of the start frequency."""
        return Limits(self.frequency_limits.low, self.frequency_limits.high, self.model.start)

    @property
    def stop_limits(self) -> Limits:
        """As `frequency_limits`, with the default of the stop frequency."""
        return Limits(self.frequency_limits.low, self.frequency_limits.high, self.model.stop)

    @property
    def centre_limits(self) -> Limits:
        """As `frequency_limits`, with the default of the centre."""
        at = self.frequency_limits
        return Limits(at.low, at.high, 0.5 * (self.model.start + self.model.stop))

    @property
    def span_limits(self) -> Limits:
        """A negative span sweeps down."""
        at = self.frequency_limits
        return Limits(at.low - at.high, at.high - at.low, self.model.stop - self.model.start)

    def _take(self, centre: float, span: float) -> None:
        at, bound = self.frequency_limits, self.channel.bounds.within
        start, stop = bound(centre - 0.5 * span, at.low, at.high), bound(centre + 0.5 * span, at.low, at.high)
        self.start, self.stop = start, stop

    def cycle(self, carrier: Cycle) -> Cycle:
        """One sweep of the carrier, there and back."""
        corners = [(0.0, self.start), (self.time, self.stop)]
        if self.hold_time > 0.0:
            corners.append((self.time + self.hold_time, self.stop))
        if self.return_time > 0.0:
            corners.append((corners[-1][0] + self.return_time, self.start))
        return modulated.swept(carrier, tuple(corners), logarithmic=self.spacing == "LOG")
