"""Settings of one kind of modulation, and what they make of the carrier.

Only one modulation, sweep or burst is on at a time (`GeneratorChannel.mode`). An external source is a connector that
nothing is wired to on this bench: the carrier is put out as at 0 V there.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim_instruments.generator import cycle as cycles
from sim_instruments.generator import modulated_cycle as modulated
from sim_instruments.generator.cycle import Cycle
from sim_instruments.generator.modulated_cycle import Wave
from sim_instruments.generator.pulse import FULL_RAMP
from sim_instruments.scpi.settings import Limits

if TYPE_CHECKING:
    from sim_instruments.generator.channel import GeneratorChannel

KEYED = ("FSK", "BPSK")
WAVE_SEGMENTS = 768
_POLYGONS = {
    "TRI": ((0.0, 0.25, 0.75, 1.0), (0.0, 1.0, -1.0, 0.0)),
    "RAMP": ((0.0, 1.0 - modulated.EDGE, 1.0), (-1.0, 1.0, -1.0)),
    "NRAM": ((0.0, 1.0 - modulated.EDGE, 1.0), (1.0, -1.0, 1.0)),
}


@dataclass(frozen=True, slots=True)
class ModulationModel:
    """What a model allows.

    amount: depth of AM [%], deviation of FM [Hz], PM [degrees] and PWM [s or %], hop frequency of FSK [Hz], angle of
    BPSK [degrees], share of SUM [%]; a callable where it depends on the channel. rate: of the modulating wave [Hz].
    functions: those that can be modulated, all if empty. full: by how much the amplitude of 1 + depth is divided (AM).
    relative: whether the deviation of PWM is kept in percent of the period, not in seconds.
    """

    amount: Limits | Callable[[GeneratorChannel], Limits]
    rate: Limits
    excluded: tuple[str, ...] = ("DC",)
    functions: tuple[str, ...] = ()
    full: float = 2.0
    relative: bool = False

    def allows(self, function: str) -> bool:
        """Whether a function can be modulated."""
        return function not in self.excluded and (not self.functions or function in self.functions)


class Modulation:
    """One kind of modulation of one channel; `amount` and `rate` as in `ModulationModel`."""

    def __init__(self, kind: str, model: ModulationModel, channel: GeneratorChannel) -> None:
        self.kind, self.model, self.channel = kind, model, channel
        self.reset()

    def reset(self) -> None:
        """Internal sine, and the model's defaults."""
        self.source, self.shape, self.suppressed = "INT", "SIN", False
        self.rate = self.model.rate.default
        at = self.model.amount
        self.amount = at.default if isinstance(at, Limits) else at(self.channel).default

    @property
    def amount_limits(self) -> Limits:
        """What the channel allows now."""
        at = self.model.amount
        return at if isinstance(at, Limits) else at(self.channel)

    @property
    def on(self) -> bool:
        """Whether this modulation is on."""
        return self.channel.mode == self.kind

    @on.setter
    def on(self, on: bool) -> None:
        self.channel.set_mode(self.kind, on)

    @property
    def duty_cycle(self) -> float:
        """The deviation of PWM in percent of the period."""
        return self.amount if self.model.relative else 100.0 * self.amount / self.channel.period

    @duty_cycle.setter
    def duty_cycle(self, percent: float) -> None:
        self.amount = percent if self.model.relative else percent / 100.0 * self.channel.period

    @property
    def duty_cycle_limits(self) -> Limits:
        """Of `duty_cycle`."""
        at, scale = self.amount_limits, 1.0 if self.model.relative else 100.0 / self.channel.period
        return Limits(scale * at.low, scale * at.high, scale * at.default)

    @property
    def _period(self) -> float:
        return 1.0 / self.rate

    def cycle(self, carrier: Cycle) -> Cycle:
        """What is put out instead of the carrier."""
        if self.kind in KEYED:
            return self._keyed(carrier)
        wave = self._wave()
        if self.kind == "PWM":
            pulse = self.channel.pulse
            ramps = (pulse.width, FULL_RAMP * pulse.leading, FULL_RAMP * pulse.trailing)
            return modulated.width(carrier.times[-1], wave, ramps, self.duty_cycle / 100.0 * carrier.times[-1])
        if self.kind == "FM":
            return modulated.frequency(carrier, wave, self.amount)
        if self.kind == "PM":
            return modulated.phase(carrier, wave, self.amount)
        share = self.amount / 100.0
        if self.kind == "SUM":
            return modulated.added(carrier, wave, share)
        return modulated.amplitude(carrier, wave, share, full=self.model.full, suppressed=self.suppressed)

    def _keyed(self, carrier: Cycle) -> Cycle:
        if self.source != "INT":
            return carrier
        keyed = modulated.frequency_keyed if self.kind == "FSK" else modulated.phase_keyed
        return keyed(carrier, self.amount, self.rate)

    def _wave(self) -> Wave:
        if self.source != "INT":
            other = self.channel.modulating_channel(self.source)
            return _as_wave(other) if other is not None else Wave((0.0, self._period), (0.0, 0.0))
        if self.shape == "SIN":
            return _as_wave(cycles.polygon(self._period, lambda x: math.sin(2.0 * math.pi * x), WAVE_SEGMENTS, 0.0))
        if self.shape == "SQU":
            return modulated.square_wave(self._period)
        if self.shape in _POLYGONS:
            times, levels = _POLYGONS[self.shape]
            return Wave(tuple(self._period * t for t in times), levels)
        return _as_wave(self.channel.modulating_cycle(self.shape, self.rate))


def _as_wave(cycle: Cycle) -> Wave:
    return Wave(cycle.times, cycle.levels)
