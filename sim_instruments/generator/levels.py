"""Amplitude, offset, high and low level of one channel, and the load that they are displayed for.

The generator is a voltage source behind 50 ohms. What is stored here is its electromotive force; what is displayed
and programmed is the voltage that it would give at the load told by OUTPut:LOAD, so that changing the load rescales
all levels without touching the terminals (33500 Series Operating and Service Guide, "Output Termination").
"""

import math
from dataclasses import dataclass

from sim_instruments.generator.bounds import Bounds
from sim_instruments.scpi import ScpiError
from sim_instruments.scpi.settings import Limits

SOURCE_RESISTANCE = 50.0


@dataclass(frozen=True, slots=True)
class LevelLimits:
    """What a model gives into an open circuit; half of it at 50 ohms.

    peak: largest level [V]. smallest, largest: amplitude [V peak to peak]. amplitude: after reset.
    always_limited: the voltage limits cannot be switched off, and follow the load.
    """

    peak: float
    smallest: float
    largest: float
    amplitude: float
    always_limited: bool = False


class Levels:
    """Levels of one channel; all properties are in volts at the load, with the limits of the data sheet."""

    def __init__(self, limits: LevelLimits, bounds: Bounds) -> None:
        self._limits, self._bounds = limits, bounds
        self.reset()

    def reset(self) -> None:
        """The model's amplitude into 50 ohms, no offset, no voltage limits."""
        self._load = SOURCE_RESISTANCE
        self.emf_amplitude, self.emf_offset = self._limits.amplitude, 0.0
        self.dc = False
        self._limited = self._limits.always_limited
        self._limit_high, self._limit_low = self._limits.peak, -self._limits.peak

    # -- load ------------------------------------------------------------------------------------------------

    @property
    def scale(self) -> float:
        """Displayed voltage for 1 V of electromotive force."""
        return 1.0 if math.isinf(self._load) else self._load / (self._load + SOURCE_RESISTANCE)

    @property
    def load(self) -> float:
        """Load told to the instrument [ohm]; inf for high impedance."""
        return self._load

    @load.setter
    def load(self, ohms: float) -> None:
        if self._switched_on:
            raise ScpiError(-221, "output load cannot be changed while voltage limits are on")
        self._load = ohms

    @property
    def peak(self) -> float:
        """Largest level."""
        return self._limits.peak * self.scale

    @property
    def _slack(self) -> float:
        return 1e-9 * self.peak

    @property
    def smallest(self) -> float:
        """Smallest amplitude."""
        return self._limits.smallest * self.scale

    @property
    def largest(self) -> float:
        """Largest amplitude, whatever the offset."""
        return self._limits.largest * self.scale

    # -- levels ----------------------------------------------------------------------------------------------

    @property
    def amplitude(self) -> float:
        """Amplitude, peak to peak."""
        return self.emf_amplitude * self.scale

    @amplitude.setter
    def amplitude(self, volts: float) -> None:
        room = 2.0 * (self.peak if self.dc else min(self.top - self.offset, self.offset - self.bottom))
        self.emf_amplitude = self._bound(volts, self.smallest, min(room, self.largest)) / self.scale

    @property
    def offset(self) -> float:
        """Middle between high and low level."""
        return self.emf_offset * self.scale

    @offset.setter
    def offset(self, volts: float) -> None:
        at = self.offset_limits
        self.emf_offset = self._bound(volts, at.low, at.high) / self.scale

    @property
    def offset_limits(self) -> Limits:
        """What the amplitude leaves."""
        half = 0.0 if self.dc else 0.5 * self.amplitude
        return Limits(self.bottom + half, self.top - half, 0.0)

    @property
    def high(self) -> float:
        """High level. Set below the low level, it takes the low level along, by the smallest amplitude below itself."""
        return self.offset + 0.5 * self.amplitude

    @high.setter
    def high(self, volts: float) -> None:
        at = self.high_limits
        high = self._bound(volts, at.low, at.high)
        if self.low > high - self.smallest + self._slack:
            self._bounds.conflict("low level changed due to high level")
            self._set(high - self.smallest, high)
        else:
            self._set(self.low, self._bound(high, -self.peak, self.low + self.largest))

    @property
    def low(self) -> float:
        """Low level. Set above the high level, it takes the high level along, by the smallest amplitude above."""
        return self.offset - 0.5 * self.amplitude

    @low.setter
    def low(self, volts: float) -> None:
        at = self.low_limits
        low = self._bound(volts, at.low, at.high)
        if self.high < low + self.smallest - self._slack:
            self._bounds.conflict("high level changed due to low level")
            self._set(low, low + self.smallest)
        else:
            self._set(self._bound(low, self.high - self.largest, self.peak), self.high)

    @property
    def high_limits(self) -> Limits:
        """Range of the high level."""
        return Limits(self.bottom + self.smallest, self.top, 0.5 * self._limits.amplitude * self.scale)

    @property
    def low_limits(self) -> Limits:
        """Range of the low level."""
        return Limits(self.bottom, self.top - self.smallest, -0.5 * self._limits.amplitude * self.scale)

    def leave_dc(self) -> None:
        """A waveform is selected after DC: the offset must leave room for the amplitude again."""
        half = 0.5 * self.amplitude
        fitting = max(self.bottom + half, min(self.top - half, self.offset))
        if abs(fitting - self.offset) > self._slack:
            self._bounds.conflict("offset changed on exit from dc function")
            self.emf_offset = fitting / self.scale
        self.dc = False

    # -- voltage limits --------------------------------------------------------------------------------------

    @property
    def top(self) -> float:
        """Highest level allowed now."""
        return min(self.peak, self.limit_high) if self._limited else self.peak

    @property
    def bottom(self) -> float:
        """Lowest level allowed now."""
        return max(-self.peak, self.limit_low) if self._limited else -self.peak

    @property
    def limit_high(self) -> float:
        """Upper voltage limit; -221 when the present signal lies above it and limits are on."""
        return self._limit_high * self.scale

    @limit_high.setter
    def limit_high(self, volts: float) -> None:
        if self._limited and volts < self._highest - self._slack:
            raise ScpiError(-221, "voltage limit lies below the high level")
        self._limit_high = volts / self.scale

    @property
    def limit_low(self) -> float:
        """Lower voltage limit; -221 when the present signal lies below it and limits are on."""
        return self._limit_low * self.scale

    @limit_low.setter
    def limit_low(self, volts: float) -> None:
        if self._limited and volts > self._lowest + self._slack:
            raise ScpiError(-221, "voltage limit lies above the low level")
        self._limit_low = volts / self.scale

    @property
    def _switched_on(self) -> bool:
        return self._limited and not self._limits.always_limited

    @property
    def limited(self) -> bool:
        """Whether the voltage limits are on; -221 when the present signal lies outside."""
        return self._limited

    @limited.setter
    def limited(self, on: bool) -> None:
        inside = self.limit_low - self._slack <= self._lowest and self._highest <= self.limit_high + self._slack
        if on and not inside:
            raise ScpiError(-221, "signal lies outside the voltage limits")
        self._limited = on

    @property
    def _highest(self) -> float:
        return self.offset if self.dc else self.high

    @property
    def _lowest(self) -> float:
        return self.offset if self.dc else self.low

    def _set(self, low: float, high: float) -> None:
        self.emf_amplitude = (high - low) / self.scale
        self.emf_offset = 0.5 * (high + low) / self.scale

    def _bound(self, volts: float, low: float, high: float) -> float:
        if low - self._slack <= volts <= high + self._slack:
            return max(low, min(high, volts))
        return self._bounds.within(volts, low, high, -221 if self._switched_on else -222)
