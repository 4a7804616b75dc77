"""What the channels of the Keithley source-measure units share: the setting in force, and what timed readings need."""

from __future__ import annotations

from typing import Final

from drivers.checks import quantity
from drivers.errors import Refused
from drivers.records import CLEAN, Flag, MeasureSetting, SourceMeasureAbilities, SourceSetting
from drivers.roles import SourceMeasureUnit

ROUNDING: Final = 1e-9  # s, differences of times below this are no differences


class SourceMeasureChannel(SourceMeasureUnit):
    """A channel that knows what it sources and measures; None or unset until the instrument has read it back."""

    _abilities: SourceMeasureAbilities
    _source: SourceSetting | None
    _measure: MeasureSetting
    _on: bool

    @property
    def abilities(self) -> SourceMeasureAbilities:
        """What this channel can do; the apertures follow from the unit's own line frequency."""
        return self._abilities

    def _configured(self) -> SourceSetting:
        if self._source is None:
            raise Refused(
                "no limit was set since the last reset or make-safe: call source_voltage or source_current first"
            )
        return self._source

    def _energised(self) -> SourceSetting:
        source = self._configured()
        if not self._on:
            raise Refused("the output is off: switch it on first")
        return source

    def _refuse_while_on(self, what: str) -> None:
        if self._on:
            raise Refused(f"{what} is refused while the output is on: switch it off first")

    def _time_before_reading(self, source: SourceSetting, width: float) -> float:
        """Seconds at the level before a reading that ends with the pulse; `Refused` where its time is not certain."""
        self._check_fixed_range(source)
        if self._measure.autozero == "auto":
            raise Refused('autozero "auto" may lengthen readings: use "once" or "off" for a timed reading')
        wait = width - self._measure.aperture
        if wait < -ROUNDING:
            aperture = quantity(self._measure.aperture, "s")
            raise Refused(f"pulse width {quantity(width, 's')} is below the aperture {aperture}: the reading must fit")
        return max(wait, 0.0)

    def _check_fixed_range(self, source: SourceSetting) -> None:
        if source.function == "voltage" and self._measure.current_range is None:
            raise Refused("timed readings on the current autorange are refused: fix current_range with measure_setup")

    def _settled(self, source: SourceSetting, wait: float) -> Flag:
        """UNSTABLE where a current is read before its range has settled after the level step."""
        amperes = self._measure.current_range
        if source.function == "voltage" and amperes and wait < self._abilities.settling(amperes) - ROUNDING:
            return Flag.UNSTABLE
        return CLEAN
