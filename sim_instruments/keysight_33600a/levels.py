"""Amplitude, offset, high and low level of one channel, and the load that they are displayed for.

The generator is a voltage source behind 50 ohms. What is stored here is its electromotive force; what is displayed
and programmed is the voltage that it would give at the load told by OUTPut:LOAD, so that changing the load rescales
all levels without touching the terminals (33500 Series Operating and Service Guide, "Output Termination").
"""

import math
from collections.abc import Callable

from sim_instruments.scpi import ScpiError
from sim_instruments.scpi.settings import Limits

Report = Callable[[int, str], None]

SOURCE_RESISTANCE = 50.0
PEAK_EMF = 10.0
"""Largest level into an open circuit [V]; half of it at 50 ohms."""
SMALLEST_EMF = 2e-3
"""Smallest amplitude into an open circuit [V peak to peak]; half of it at 50 ohms."""
CLIPPED_HIGH, CLIPPED_LOW = "value clipped to upper limit", "value clipped to lower limit"


class Levels:
    """Levels of one channel; all properties are in volts at the load, with the limits of the data sheet."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.reset()

    def reset(self) -> None:
        """100 mV peak to peak into 50 ohms, no offset, no voltage limits."""
        self._load = SOURCE_RESISTANCE
        self.emf_amplitude, self.emf_offset = 0.2, 0.0
        self.dc = False
        self._limited = False
        self._limit_high, self._limit_low = PEAK_EMF, -PEAK_EMF

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
        if self._limited:
            raise ScpiError(-221, "output load cannot be changed while voltage limits are on")
        self._load = ohms

    @property
    def peak(self) -> float:
        """Largest level."""
        return PEAK_EMF * self.scale

    @property
    def _slack(self) -> float:
        return 1e-9 * self.peak

    @property
    def smallest(self) -> float:
        """Smallest amplitude."""
        return SMALLEST_EMF * self.scale

    # -- levels ----------------------------------------------------------------------------------------------

    @property
    def amplitude(self) -> float:
        """Amplitude, peak to peak."""
        return self.emf_amplitude * self.scale

    @amplitude.setter
    def amplitude(self, volts: float) -> None:
        highest = 2.0 * (self.peak if self.dc else min(self.top - self.offset, self.offset - self.bottom))
        self.emf_amplitude = self._bound(volts, self.smallest, highest) / self.scale

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
        """High level. Set below the low level, it takes the low level along, 1 mV (at 50 ohms) below itself."""
        return self.offset + 0.5 * self.amplitude

    @high.setter
    def high(self, volts: float) -> None:
        high = self._bound(volts, self.high_limits.low, self.high_limits.high)
        if self.low > high - self.smallest + self._slack:
            self._set(high - self.smallest, high)
            self._report(-221, "low level changed due to high level")
        else:
            self._set(self.low, high)

    @property
    def low(self) -> float:
        """Low level. Set above the high level, it takes the high level along, 1 mV (at 50 ohms) above itself."""
        return self.offset - 0.5 * self.amplitude

    @low.setter
    def low(self, volts: float) -> None:
        low = self._bound(volts, self.low_limits.low, self.low_limits.high)
        if self.high < low + self.smallest - self._slack:
            self._set(low, low + self.smallest)
            self._report(-221, "high level changed due to low level")
        else:
            self._set(low, self.high)

    @property
    def high_limits(self) -> Limits:
        """Range of the high level; default +50 mV into 50 ohms."""
        return Limits(self.bottom + self.smallest, self.top, 0.1 * self.scale)

    @property
    def low_limits(self) -> Limits:
        """Range of the low level; default -50 mV into 50 ohms."""
        return Limits(self.bottom, self.top - self.smallest, -0.1 * self.scale)

    def leave_dc(self) -> None:
        """A waveform is selected after DC: the offset must leave room for the amplitude again."""
        self.dc = False
        at = self.offset_limits
        fitting = max(at.low, min(at.high, self.offset))
        if abs(fitting - self.offset) > self._slack:
            self.emf_offset = fitting / self.scale
            self._report(-221, "offset changed on exit from dc function")

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
        code = -221 if self._limited else -222
        if volts > high + self._slack:
            self._report(code, CLIPPED_HIGH)
        elif volts < low - self._slack:
            self._report(code, CLIPPED_LOW)
        return max(low, min(high, volts))
