"""Reading the channel conductance: a short voltage between drain and source, and the current that flows."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

from drivers.records import Flag, Reading
from drivers.roles import SourceMeasureUnit
from ecramlab.columns import STATUS_FLAGS
from ecramlab.limits import Limits

_STATUS = {
    Flag.COMPLIANCE: "compliance",
    Flag.OVERFLOW: "over_range",
    Flag.UNSTABLE: "unsettled",
    Flag.OVER_TEMPERATURE: "over_temperature",
    Flag.UNKNOWN: "unknown",
}
UP_AT, DOWN_AT = 0.95, 0.08  # shares of the current range at which the next higher or lower one is taken


@dataclass(frozen=True)
class ChannelReading:
    """Drain-source voltage [V], drain current [A] (into the drain), status bits of a row."""

    voltage: float
    current: float
    status: int

    @property
    def conductance(self) -> float:
        """I/V [S]; the voltage is the measured one, so that the source's offset does not enter."""
        return self.current / self.voltage if self.voltage else math.nan


@dataclass(frozen=True)
class ReadSettings:
    """Read voltage [V], wait before integrating [s], integration [s], current range [A].

    `settle` None waits as long as the current range needs; `current_range` None takes the range that fits the current.
    """

    voltage: float
    aperture: float
    settle: float | None = None
    current_range: float | None = None


class ChannelReader(ABC):
    """Reads the channel, on a fixed current range that follows the current from read to read.

    The range is ours to choose and not the instrument's autorange, whose range changes during a read would make its
    length, and with it the rest of the gate between two pulses, depend on the conductance.
    """

    def __init__(self, drain: SourceMeasureUnit, settings: ReadSettings, limits: Limits) -> None:
        self._drain, self._settings = drain, settings
        drain.source_voltage(0.0, current_limit=limits.drain_current, voltage_range=abs(settings.voltage))
        self._ranges = [r for r in drain.abilities.measure_current_ranges if r >= drain.abilities.current_limits[0]]
        self._set_range(self._range_holding(settings.current_range or limits.drain_current))
        drain.output(True)

    def read(self) -> ChannelReading:
        """Apply the read voltage, settle, integrate, back to 0 V; again on a fitting range if the first did not fit."""
        reading = self._read_once()
        while self._settings.current_range is None and (better := self._better_range(reading)) is not None:
            self._set_range(better)
            reading = self._read_once()
        return ChannelReading(self._channel_voltage(reading), reading.current, status_bits(reading))

    @abstractmethod
    def _read_once(self) -> Reading:
        """One reading of the drain unit, with the read voltage applied."""

    @abstractmethod
    def _channel_voltage(self, reading: Reading) -> float:
        """Drain-source voltage of that reading [V]."""

    def _read_time(self) -> float:
        settle = self._settings.settle
        return self._settings.aperture + (self._drain.abilities.settling(self._range) if settle is None else settle)

    def _range_holding(self, current: float) -> float:
        return next((r for r in self._ranges if r >= current * (1 - 1e-9)), self._ranges[-1])

    def _better_range(self, reading: Reading) -> float | None:
        """The range to read again on, or None when the present one serves."""
        position = self._ranges.index(self._range)
        if Flag.OVERFLOW in reading.flags or abs(reading.current) > UP_AT * self._range:
            return (
                self._ranges[position + 1] if position + 1 < len(self._ranges) and not self._limited(reading) else None
            )
        if abs(reading.current) < DOWN_AT * self._range and position > 0:
            return max(
                self._ranges[0], min(self._range_holding(abs(reading.current) / UP_AT), self._ranges[position - 1])
            )
        return None

    @staticmethod
    def _limited(reading: Reading) -> bool:
        return Flag.COMPLIANCE in reading.flags

    def _set_range(self, current_range: float) -> None:
        self._drain.measure_setup(aperture=self._settings.aperture, current_range=current_range, autozero="once")
        self._range = current_range


class DrainReader(ChannelReader):
    """The drain unit applies the read voltage and measures; the source is at 0 V. One bus exchange a read."""

    def _read_once(self) -> Reading:
        return self._drain.pulse(self._settings.voltage, self._read_time(), base=0.0, measure=True)

    def _channel_voltage(self, reading: Reading) -> float:
        return reading.voltage


class SourceReader(ChannelReader):
    """The source unit applies the read voltage, the drain unit measures at 0 V.

    In an array this reads one cell: every other drain line is at 0 V as well, and only the selected source line is
    driven, so that no other cell adds current to the measured drain line.
    """

    def __init__(
        self, drain: SourceMeasureUnit, source: SourceMeasureUnit, settings: ReadSettings, limits: Limits
    ) -> None:
        self._source = source
        source.source_voltage(0.0, current_limit=limits.drain_current, voltage_range=abs(settings.voltage))
        source.output(True)
        super().__init__(drain, settings, limits)

    def _read_once(self) -> Reading:
        self._source.set_level(-self._settings.voltage)  # the drain is then positive against the source
        try:
            return self._drain.pulse(0.0, self._read_time(), base=0.0, measure=True)
        finally:
            self._source.set_level(0.0)

    def _channel_voltage(self, reading: Reading) -> float:
        return reading.voltage + self._settings.voltage


def channel_reader(
    drain: SourceMeasureUnit, source: SourceMeasureUnit | None, settings: ReadSettings, limits: Limits
) -> ChannelReader:
    """The reader that fits the bench: `source` None means that the source is tied to 0 V."""
    if source is None:
        return DrainReader(drain, settings, limits)
    return SourceReader(drain, source, settings, limits)


def status_bits(reading: Reading) -> int:
    """Flags of a driver's reading as status bits of a row."""
    return sum(STATUS_FLAGS[name] for flag, name in _STATUS.items() if flag in reading.flags)
