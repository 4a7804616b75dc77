"""One B1517A HRSMU: source, limits, ranges, and the readings it gives.

B1500A programming guide ed. 11, chapter 4 (CN, CL, DV, DI, DZ, RZ, TI, TV, RI, RV, WAT) and user's guide, "SMU ranging
mode". The limit of the polarity opposite to the output's is as tight as the other one here; a real one is looser by
12 % or 2.5 % of its range.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from emulator import CurrentSource, Drive, Open, VoltageSource
from sim_instruments.flex import Datum, FlexError, Status
from sim_instruments.flex.errors import COMPLIANCE_MISSING, INTERLOCK, OUTPUT_OFF, RANGE, VALUE, ZERO_FIRST
from sim_instruments.keysight_b1500a import adc, ranges
from sim_instruments.smu_accuracy import (
    SETTLING_TIME_CONSTANTS,
    Range,
    RangeTable,
    ReadingNoise,
    SettlingCurrent,
    UnitErrors,
)

if TYPE_CHECKING:
    from sim_instruments.instrument import Surroundings

FAST_STEPS, SLOW_STEPS = 20_000, 1_000_000  # measurement resolution per range, high speed and high resolution
TABLES: Final = {"V": (ranges.SOURCE_V, ranges.MEASURE_V), "I": (ranges.SOURCE_I, ranges.MEASURE_I)}
OTHER: Final = {"V": "I", "I": "V"}


@dataclass(frozen=True, slots=True)
class Forced:
    """What the unit sources. quantity: "V" or "I". level: V or A on the range `index`.

    limit: of the other quantity; limit_code: its ranging type. polarity: 1 keeps the sign that was given.
    """

    quantity: str = "V"
    level: float = 0.0
    index: int = 3
    limit: float = 100e-6
    polarity: int = 0
    limit_code: int = 0


@dataclass
class Waits:
    """Source and measurement wait times (WAT): `factor` times the unit's own time, plus `offset` [s]."""

    factor: float = 1.0
    offset: float = 0.0

    def of(self, own: float) -> float:
        """The wait time [s]."""
        return self.factor * own + self.offset


@dataclass
class MeasureSettings:
    """Settings of the measure side. ranging codes: 0 auto, + limited auto, − fixed."""

    current_code: int = 0
    voltage_code: int = 0
    side: int = 0
    converter: int = adc.HIGH_SPEED
    filter_on: bool = False
    series_resistor: bool = False
    ranging_mode: tuple[int, int] = (1, 50)


class Smu:
    """The module in one slot; its terminal is named by the slot number."""

    def __init__(
        self, surroundings: Surroundings, slot: int, converters: adc.Converters, waits: tuple[Waits, Waits]
    ) -> None:
        self.slot = slot
        self.harness = surroundings.harness
        self.port = surroundings.port(str(slot))
        self._converters, self._waits = converters, waits
        self._errors = {
            side: UnitErrors(surroundings, f"slot {slot} {side}", drifts=side == "measure")
            for side in ("source", "measure")
        }
        self._noise = ReadingNoise(surroundings, f"slot {slot} measure")
        self._settling = SettlingCurrent()
        self.interlock_closed = True
        self.reset()

    def reset(self) -> None:
        """Initial settings: output switch open, automatic ranging."""
        self.connected = self.zeroed = False
        self.forced = Forced()
        self.settings = MeasureSettings()
        self._indices = {"I": 0, "V": 0}
        self._stepped = -math.inf
        self._apply()

    # -- source ------------------------------------------------------------------------------------------------

    def connect(self) -> None:
        """Close the output switch: 0 V on the 20 V range with a limit of 100 µA."""
        if not self.connected:
            self.connected, self.zeroed, self.forced = True, False, Forced()
            self._step()

    def disconnect(self) -> None:
        """Open the output switch."""
        self.connected = self.zeroed = False
        self.forced = Forced()
        self._apply()

    def force(
        self,
        quantity: str,
        code: float,
        level: float,
        limit: float | None = None,
        polarity: float = 0.0,
        limit_code: float = 0.0,
    ) -> None:
        """DV and DI: source a level (V or A) on the smallest range that holds it, not below that of the code."""
        self.put(self.wanted(quantity, code, level, limit, polarity, limit_code))

    def wanted(
        self,
        quantity: str,
        code: float,
        level: float,
        limit: float | None = None,
        polarity: float = 0.0,
        limit_code: float = 0.0,
    ) -> Forced:
        """Check what is to be sourced; FlexError for what the module cannot, and then nothing changes."""
        if not self.connected:
            raise FlexError(OUTPUT_OFF)
        if limit is None:
            if quantity != self.forced.quantity:
                raise FlexError(COMPLIANCE_MISSING)
            limit = self.forced.limit
        if limit == 0.0 or polarity not in (0.0, 1.0):
            raise FlexError(VALUE)
        table = TABLES[quantity][0]
        index = table.index_for(level)
        if index is None:
            raise FlexError(VALUE)
        if code != 0.0:
            wanted = ranges.index_of(quantity, code)
            if code < 0 and wanted < index:
                raise FlexError(VALUE)
            index = max(index, wanted)
        self._check_envelope(quantity, table.ranges[index], level, limit)
        code_of_limit = ranges.checked(OTHER[quantity], limit_code)
        return self.at(Forced(quantity, 0.0, index, abs(limit), int(polarity), code_of_limit), level)

    def _check_envelope(self, quantity: str, used: Range, level: float, limit: float) -> None:
        if quantity == "V":
            least, most, volts = ranges.SMALLEST_CURRENT_LIMIT, ranges.largest_current(used.value), abs(level)
        else:
            least, most, volts = 0.0, ranges.largest_voltage(level), abs(limit)
        if not least <= abs(limit) <= most:
            raise FlexError(VALUE)
        if volts > ranges.INTERLOCK_VOLTAGE and not self.interlock_closed:
            raise FlexError(INTERLOCK)

    def put(self, forced: Forced) -> None:
        """Source it now."""
        self.zeroed = False
        self.forced = forced
        self._step()

    @staticmethod
    def at(forced: Forced, level: float) -> Forced:
        """The same source at another level, rounded to what its range resolves."""
        step = TABLES[forced.quantity][0].ranges[forced.index].value / ranges.OUTPUT_STEPS
        return replace(forced, level=round(level / step) * step)

    def zero(self) -> None:
        """DZ: 0 V, and the settings are kept for `restore`."""
        if self.connected and not self.zeroed:
            self.zeroed = True
            self._step()

    def restore(self) -> None:
        """RZ."""
        if not self.zeroed:
            raise FlexError(ZERO_FIRST)
        self.zeroed = False
        self._step()

    def set_series_resistor(self, on: bool) -> None:
        """SSR: put 1 MΩ between the source and the terminal."""
        self.settings.series_resistor = on
        self._apply()

    def _step(self) -> None:
        flowing = self.harness.probe(self.port).current
        self._settling.step(self.harness.clock.now, flowing, self._time_constant(self._indices["I"]))
        self._stepped = self.harness.clock.now
        self._apply()

    def _apply(self) -> None:
        drive = self._drive()
        if drive != self.port.drive:
            self.port.drive = drive

    def _drive(self) -> Drive:
        if not self.connected:
            return Open()
        forced = self.forced
        resistance = ranges.OUTPUT_RESISTANCE + ranges.SERIES_RESISTOR * self.settings.series_resistor
        if self.zeroed:
            limit = forced.limit if forced.quantity == "V" else ranges.largest_current(0.0)
            return VoltageSource(0.0, resistance, limit)
        used = TABLES[forced.quantity][0].ranges[forced.index]
        level = self._errors["source"].applied(forced.quantity, used, forced.level)
        if forced.quantity == "V":
            return VoltageSource(level, resistance, forced.limit)
        return CurrentSource(level, forced.limit)

    # -- measure -----------------------------------------------------------------------------------------------

    def _time_constant(self, index: int) -> float:
        return ranges.MEASURE_I.ranges[index].settle / SETTLING_TIME_CONSTANTS

    def compliance_side(self) -> str:
        """The quantity that is not sourced."""
        return OTHER[self.forced.quantity]

    def quantities(self) -> str:
        """What a measurement of modes 1, 2, 3 and 10 reads, in order (CMM)."""
        side = self.compliance_side()
        return (side, "I", "V", OTHER[side], side + OTHER[side])[self.settings.side]

    def code_for(self, quantity: str) -> int:
        """The ranging code of RI or RV."""
        return self.settings.current_code if quantity == "I" else self.settings.voltage_code

    def pulse_code(self, quantity: str) -> int:
        """The fixed range of a pulsed measurement, which has no time to look for one: that of the limit, or of the
        source, where none is fixed.
        """
        code = self.code_for(quantity)
        if code < 0:
            return code
        if quantity == self.forced.quantity:
            return -ranges.codes(quantity)[self.forced.index]
        index = TABLES[quantity][1].index_for(self.forced.limit)
        return -ranges.codes(quantity)[-1 if index is None else index]

    def get_ready(self, quantity: str, code: int) -> None:
        """Wait for the source to settle, and go to the measurement range."""
        if code < 0:
            self.find_range(quantity, code)
        own = ranges.MEASURE_I.ranges[self._indices["I"]].settle if quantity == "I" else 0.0
        self.harness.advance(max(0.0, self._waits[0].of(own) - (self.harness.clock.now - self._stepped)))
        self.find_range(quantity, code)

    def find_range(self, quantity: str, code: int) -> None:
        """Go to the measurement range; each range of currents that is entered settles."""
        if quantity == "V" and self.forced.quantity == "V" and code == 0:
            self._indices["V"] = self.forced.index
            return
        table = TABLES[quantity][1]
        floor = ranges.index_of(quantity, code) if code else 0
        if code < 0:
            self._enter(quantity, floor)
            return
        self._enter(quantity, max(floor, self._indices[quantity]))
        while (index := self._next(quantity, table, floor)) != self._indices[quantity]:
            self._enter(quantity, index)

    def _enter(self, quantity: str, index: int) -> None:
        if index != self._indices[quantity]:
            self._indices[quantity] = index
            if quantity == "I":
                self.harness.advance(self._waits[1].of(ranges.MEASURE_I.ranges[index].settle))
                # What is left of the last step has settled on the new range by then.
                self._settling = SettlingCurrent()

    def _next(self, quantity: str, table: RangeTable, floor: int) -> int:
        index = self._indices[quantity]
        sample = self.harness.probe(self.port)
        value = abs(sample.current if quantity == "I" else sample.voltage)
        if value > table.ranges[index].full_scale and index + 1 < len(table.ranges):
            return index + 1
        lower = table.ranges[index - 1] if index > floor else None
        if lower and value <= ranges.RANGE_DOWN * table.ranges[index].value and value <= lower.full_scale:
            return index - 1
        return index

    def measure(self, quantity: str, *, kind: int | None = None, others_limited: bool = False) -> Datum:
        """One measurement of "V" or "I" on the range in use.

        kind: the converter, None for the unit's own. others_limited: whether another unit is at its limit.
        """
        kind = self.settings.converter if kind is None else kind
        used = TABLES[quantity][1].ranges[self._indices[quantity]]
        self.harness.advance(self._converters.extra_time(kind))
        start, aperture = self.harness.clock.now, self._converters.time(kind)
        sample = self.harness.measure(self.port, aperture)
        true = sample.voltage
        if quantity == "I":
            true = self._settling.mean(start, aperture, sample.current, self._time_constant(self._indices["I"]))
        status = Status.OWN_COMPLIANCE if sample.limited and self.connected else Status(0)
        status |= Status.OTHER_COMPLIANCE if others_limited else Status(0)
        if quantity == "I" and start - self._stepped < used.settle - 1e-9:
            status |= Status.OSCILLATION
        value = self._shown(quantity, used, true, kind)
        if abs(value) > used.full_scale:
            status |= Status.OVERFLOW
        code_used = ranges.codes(quantity)[self._indices[quantity]]
        slow = kind == adc.HIGH_RESOLUTION
        return Datum(quantity, value, self.slot, status, used.value, code_used, slow=slow)

    def _shown(self, quantity: str, used: Range, true: float, kind: int) -> float:
        value = self._errors["measure"].applied(quantity, used, true)
        cycles = self._converters.time(kind) * self._converters.line_frequency
        value += self._noise.draw(ranges.NOISE_PER_OFFSET * used.offset_error, cycles)
        step = used.value / (SLOW_STEPS if kind == adc.HIGH_RESOLUTION else FAST_STEPS)
        return round(value / step) * step

    @property
    def limited(self) -> bool:
        """Whether the live source is at its limit now."""
        return self.connected and self.harness.probe(self.port).limited

    def sourced(self, *, last: bool) -> Datum:
        """The sourced value as data of a sweep."""
        forced = self.forced
        used = TABLES[forced.quantity][0].ranges[forced.index]
        code = ranges.codes(forced.quantity)[forced.index]
        return Datum(forced.quantity, forced.level, self.slot, Status(0), used.value, code, source=True, last=last)

    def set_ranging(self, quantity: str, code: float) -> None:
        """RI and RV."""
        known = ranges.checked(quantity, code)
        if quantity == "I":
            self.settings.current_code = known
        else:
            self.settings.voltage_code = known

    def learn(self) -> str:
        """*LRN? with the slot number: the source, or that it is off."""
        if not self.connected:
            return f"CL{self.slot}"
        if self.zeroed:
            return f"DZ{self.slot}"
        forced = self.forced
        used = TABLES[forced.quantity][0].ranges[forced.index]
        table = TABLES[OTHER[forced.quantity]][0]
        at = table.index_for(forced.limit)
        if at is None:
            raise FlexError(RANGE)
        numbers = f"{ranges.by_range(forced.level, used.value)},{ranges.by_range(forced.limit, table.ranges[at].value)}"
        code = ranges.codes(forced.quantity)[forced.index]
        return f"D{forced.quantity}{self.slot},{code},{numbers},{forced.polarity},{forced.limit_code}"
