"""Reading buffers of the 2450 and the text or bytes in which their readings leave the instrument.

Reference manual 2450-901-01, TRACe and FORMat subsystems.
"""

from __future__ import annotations

import math
import statistics
import sys
from array import array
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from sim_instruments.keithley_2450.events import date_and_time
from sim_instruments.keithley_2450.measure import Reading
from sim_instruments.scpi import ScpiError
from sim_instruments.scpi.parameters import keyword

DEFAULT_BUFFERS: Final = ("defbuffer1", "defbuffer2")
DEFAULT_CAPACITY: Final = 100_000
SMALLEST, LARGEST = 10, 6_875_000
AUTOMATIC_DIGITS: Final = 7
ELEMENTS: Final = (
    "DATE", "FORMatted", "FRACtional", "READing", "RELative", "SEConds", "SOURce", "SOURFORMatted", "SOURSTATus",
    "SOURUNIT", "STATus", "TIME", "TSTamp", "UNIT",
)  # fmt: skip


class ReadingBuffer:
    """One buffer. Full, it loses its oldest reading for each new one, or stops in fill mode ONCE."""

    def __init__(self, capacity: int) -> None:
        self.fill_once, self.logged = False, True
        self._uncounted = 0  # readings before the statistics were cleared
        self.readings: deque[Reading] = deque(maxlen=capacity)
        self._first = math.nan

    @property
    def capacity(self) -> int:
        """Readings it can hold; changing it clears the buffer."""
        return self.readings.maxlen or 0

    @capacity.setter
    def capacity(self, value: int) -> None:
        self.readings = deque(maxlen=value)

    def store(self, reading: Reading) -> None:
        """Keep a reading."""
        if not self.readings:
            self._first = reading.time
        if not (self.fill_once and len(self.readings) == self.capacity):
            self.readings.append(reading)

    def clear(self) -> None:
        """Forget all readings."""
        self.readings.clear()
        self._uncounted = 0

    def statistics_from_here(self) -> None:
        """Let the statistics begin with the next reading."""
        self._uncounted = len(self.readings)

    def relative_time(self, reading: Reading) -> float:
        """Time [s] since the first reading after the buffer was cleared."""
        return reading.time - self._first

    def between(self, first: int, last: int) -> list[Reading]:
        """Readings first … last, counted from 1; ScpiError -222 where there are none."""
        if not 1 <= first <= last <= len(self.readings):
            raise ScpiError(-222, "the buffer does not hold these readings")
        return [self.readings[place] for place in range(first - 1, last)]

    def latest(self) -> Reading:
        """The last reading; ScpiError -230 in an empty buffer."""
        if not self.readings:
            raise ScpiError(-230)
        return self.readings[-1]

    def statistic(self, name: str) -> float:
        """AVER, STDD, MIN, MAX or PK2Pk of the readings; ScpiError -230 where there are none."""
        values = [reading.value for reading in self.readings][self._uncounted :]
        if not values:
            raise ScpiError(-230)
        functions: dict[str, Callable[[Sequence[float]], float]] = {
            "AVERage": statistics.fmean, "STDDev": statistics.pstdev, "MINimum": min, "MAXimum": max,
            "PK2Pk": lambda all_values: max(all_values) - min(all_values),
        }  # fmt: skip
        return functions[name](values)


class DataFormat:
    """FORMat subsystem: ASCII with a number of digits, or binary with a byte order."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """*RST: ASCII, automatic precision, little-endian."""
        self.kind, self.order, self.digits = "ASC", "SWAP", 0.0

    def number(self, value: float) -> str:
        """A reading as text, with seven digits unless another precision was asked for."""
        digits = int(self.digits) or AUTOMATIC_DIGITS
        return f"{value:.{digits - 1}E}"

    def response(self, buffer: ReadingBuffer, readings: Sequence[Reading], elements: Sequence[str]) -> str | bytes:
        """Elements of readings, in the order asked for; READing alone when none was."""
        wanted = [keyword(element.encode(), *ELEMENTS) for element in elements] or ["READ"]
        if self.kind == "ASC":
            return ",".join(self._text(buffer, reading, element) for reading in readings for element in wanted)
        numbers = [self._number(buffer, reading, element) for reading in readings for element in wanted]
        block = array("f" if self.kind == "SRE" else "d", numbers)
        if (self.order == "NORM") != (sys.byteorder == "big"):
            block.byteswap()
        return b"#0" + block.tobytes()

    def _number(self, buffer: ReadingBuffer, reading: Reading, element: str) -> float:
        values = {
            "READ": reading.value,
            "SOUR": reading.source_value,
            "REL": buffer.relative_time(reading),
            "SEC": date_and_time(reading.time).timestamp() // 1.0,
            "FRAC": date_and_time(reading.time).timestamp() % 1.0,
            "STAT": float(reading.status),
            "SOURSTAT": float(reading.source_status),
        }
        if element not in values:
            raise ScpiError(-221, f"{element} has no binary form")
        return values[element]

    def _text(self, buffer: ReadingBuffer, reading: Reading, element: str) -> str:
        when = date_and_time(reading.time)
        match element:
            case "DATE":
                return when.strftime("%m/%d/%Y")
            case "TIME":
                return when.strftime("%H:%M:%S.%f")
            case "TST":
                return when.strftime("%m/%d/%Y %H:%M:%S.%f")
            case "UNIT":
                return reading.unit
            case "SOURUNIT":
                return reading.source_unit
            case "FORM":
                return f"{self.number(reading.value)} {reading.unit[0]}"
            case "SOURFORM":
                return f"{self.number(reading.source_value)} {reading.source_unit[0]}"
            case "SEC" | "STAT" | "SOURSTAT":
                return f"{self._number(buffer, reading, element):.0f}"
        return self.number(self._number(buffer, reading, element))
