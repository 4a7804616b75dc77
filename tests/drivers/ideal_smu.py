"""A source-measure unit in memory, on a resistor, with defects on request: what conformance checks must find."""

from __future__ import annotations

import math
from collections.abc import Sequence

from drivers.checks import one_of, within
from drivers.errors import Refused
from drivers.keithley_2600b_abilities import abilities_2600b
from drivers.records import (
    CLEAN,
    Flag,
    MeasureSetting,
    Reading,
    Readings,
    SourceMeasureAbilities,
    SourceSetting,
)
from drivers.roles import SourceMeasureUnit


class IdealSmu(SourceMeasureUnit):
    def __init__(self, resistance: float, defect: str = "") -> None:
        self.resistance = resistance
        self.defect = defect
        self.on = False
        self.time = 0.0
        self.setting: SourceSetting | None = None
        self.current_range: float | None = None

    @property
    def abilities(self) -> SourceMeasureAbilities:
        return abilities_2600b("2636B", 50.0)

    def source_voltage(
        self,
        level: float,
        *,
        current_limit: float,
        voltage_range: float | None = None,
        high_capacitance: bool = False,
    ) -> SourceSetting:
        if self.defect != "accepts anything":
            within("level", level, "V", -202.0, 202.0)
            within("limit", current_limit, "A", *self.abilities.current_limits)
        if self.on and self.defect != "changes limits while on":
            raise Refused("on")
        self.setting = SourceSetting("voltage", level, current_limit, voltage_range)
        return self.setting

    def source_current(
        self, level: float, *, voltage_limit: float, current_range: float | None = None
    ) -> SourceSetting:
        self.setting = SourceSetting("current", level, voltage_limit, current_range)
        return self.setting

    def set_level(self, value: float) -> float:
        assert self.setting is not None
        if self.setting.range:
            within("level", value, "V", -self.setting.range, self.setting.range)
        self.setting = SourceSetting(self.setting.function, value, self.setting.limit, self.setting.range)
        return value

    def measure_setup(
        self,
        *,
        aperture: float,
        current_range: float | None = None,
        voltage_range: float | None = None,
        autozero: str = "auto",
        lowest_current_range: float | None = None,
    ) -> MeasureSetting:
        within("aperture", aperture, "s", *self.abilities.apertures)
        self.current_range = current_range
        return MeasureSetting(current_range, voltage_range, aperture, autozero)

    def output(self, on: bool) -> bool:
        if on and self.setting is None and self.defect != "needs no limit":
            raise Refused("no limit")
        self.on = on
        return on

    @property
    def output_state(self) -> bool:
        return self.on

    def off_state(self, kind: str) -> str:
        one_of("off state", kind, self.abilities.off_states)
        return "normal" if self.defect == "one off state" else kind

    def measure(self) -> Reading:
        assert self.setting is not None
        self.time += 0.02
        level, limit = self.setting.level, self.setting.limit
        if self.setting.function == "current":
            return Reading(level * self.resistance, level, self.time)
        current = math.copysign(min(abs(level / self.resistance), limit), level)
        clamped = abs(current) >= limit
        flags = Flag.COMPLIANCE if clamped and self.defect != "silent clamp" else CLEAN
        if self.current_range and abs(current) > self.current_range and self.defect != "no overflow":
            return Reading(level, math.nan, self.time, flags | Flag.OVERFLOW)
        return Reading(current * self.resistance if clamped else level, current, self.time, flags)

    def sweep(self, levels: Sequence[float], *, dwell: float, aperture: float, hold: float | None = None) -> Readings:
        assert self.setting is not None
        self.check_timed(max(levels), dwell, 0.0, self.abilities.longest_dwell)
        before = self.setting.level
        taken = []
        for level in levels[:-1] if self.defect == "loses a point" else levels:
            self.set_level(level)
            taken.append(self.measure())
        if self.defect != "sweep stays at its end":
            self.set_level(before)
        return Readings(
            tuple(levels[: len(taken)]),
            tuple(reading.voltage for reading in taken),
            tuple(reading.current for reading in taken),
            tuple(reading.time for reading in taken),
            tuple(reading.flags for reading in taken),
        )

    def pulse(self, level: float, width: float, *, base: float = 0.0, measure: bool = True) -> Reading:
        self.check_timed(level, width, self.abilities.shortest_pulse, self.abilities.longest_pulse)
        if measure and self.current_range is None:
            raise Refused("autorange")
        self.set_level(level)
        reading = self.measure()
        if self.defect != "pulse does not end":
            self.set_level(base)
        return reading if measure else Reading(math.nan, math.nan, reading.time, reading.flags)

    def check_timed(self, level: float, seconds: float, shortest: float, longest: float) -> None:
        if self.setting is None or not self.on:
            raise Refused("off")
        highest = self.setting.range or self.abilities.voltage_ranges[-1]
        within("level", level, "V", -highest, highest)
        if self.defect != "times anything":
            within("time", seconds, "s", shortest, longest)

    def in_compliance(self) -> bool:
        return Flag.COMPLIANCE in self.measure().flags

    def make_safe(self) -> list[str]:
        self.on = False
        return ["stays on"] if self.defect == "cannot be made safe" else []
