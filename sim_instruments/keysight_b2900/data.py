"""Readings as a client gets them: elements, number formats, buffers, channel lists.

B2900 SCPI command reference ed. 2, chapter 1 (data output format), FORMat, FETCh and TRACe subsystems.
"""

from __future__ import annotations

import math
import re
import statistics
import sys
from array import array
from collections.abc import Callable, Sequence
from typing import Final

from sim_instruments.keysight_b2900.measure import Reading
from sim_instruments.scpi import Reply, ScpiError
from sim_instruments.scpi.parameters import definite_block, text_of

ELEMENTS: Final = ("VOLT", "CURR", "RES", "TIME", "STAT", "SOUR")
CALCULATED: Final = ("CALC", "TIME", "STAT")
MOST_READINGS: Final = 100_000
CHANNELS: Final = (1, 2)

_LIST = re.compile(r"\(@\s*([0-9]+)\s*(?:([,:])\s*([0-9]+)\s*)?\)")


def channel_list(argument: bytes) -> tuple[int, ...]:
    """Channels of "(@1)", "(@2,1)" or "(@1:2)", ascending; ScpiError -224 for others."""
    match = _LIST.fullmatch(text_of(argument))
    if match is None:
        raise ScpiError(-224, text_of(argument))
    chosen = {int(match[1]), int(match[3] or match[1])}
    if not chosen <= set(CHANNELS):
        raise ScpiError(-224, text_of(argument))
    return tuple(sorted(chosen))


def show(value: float) -> str:
    """A number as the instrument writes it: NaN and infinities as numbers of their own."""
    if math.isnan(value):
        return "+9.910000E+37"
    if math.isinf(value):
        return "+9.900000E+37" if value > 0 else "-9.900000E+37"
    return f"{value:+.6E}"


class DataFormat:
    """FORMat subsystem."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """*RST: ASCII, big-endian, all elements."""
        self.kind, self.order = "ASC", "NORM"
        self.elements: tuple[str, ...] = ELEMENTS
        self.calculated_elements: tuple[str, ...] = ("CALC",)
        self.pattern_form = "ASC"

    def choose(self, wanted: Sequence[str]) -> None:
        """The elements of later replies; their order is always that of the instrument."""
        self.elements = tuple(element for element in ELEMENTS if element in wanted)

    def choose_calculated(self, wanted: Sequence[str]) -> None:
        """The elements of later replies with calculated values."""
        self.calculated_elements = tuple(element for element in CALCULATED if element in wanted)

    def calculated(self, readings: Sequence[Reading], calculate: Callable[[Reading], float]) -> Reply:
        """Values calculated from readings, with what else was chosen; NaN where there is no reading."""
        numbers: list[float] = []
        for reading in readings:
            row = {"CALC": calculate(reading), "TIME": reading.time, "STAT": float(reading.status)}
            numbers += [row[element] for element in self.calculated_elements]
        return self.response(numbers or [math.nan] * len(self.calculated_elements))

    def pattern(self, bits: int) -> str:
        """A bit pattern in the chosen form."""
        return {"ASC": f"{bits:+d}", "BIN": f"#B{bits:b}", "OCT": f"#Q{bits:o}", "HEX": f"#H{bits:X}"}[
            self.pattern_form
        ]

    def response(self, numbers: Sequence[float]) -> Reply:
        """Numbers as text or as a definite block of REAL,32 or REAL,64."""
        if self.kind == "ASC":
            return ",".join(map(show, numbers))
        block = array("f" if self.kind == "REAL,32" else "d", numbers)
        if (self.order == "NORM") != (sys.byteorder == "big"):
            block.byteswap()
        return definite_block(block.tobytes())

    def values(self, reading: Reading | None, element: str = "") -> list[float]:
        """The chosen elements of a reading, or one; NaN where there is no reading."""
        wanted = (element,) if element else self.elements
        if reading is None:
            return [math.nan] * len(wanted)
        return [reading.elements[name] for name in wanted]


class TraceBuffer:
    """TRACe subsystem of one channel: readings kept beyond the next initiation."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Empty, switched off, for as many readings as there is room."""
        self.size, self.feed, self.control = float(MOST_READINGS), "SENS", "NEV"
        self.statistic = "MEAN"
        self.readings: list[Reading] = []

    def keep(self, reading: Reading) -> None:
        """Take a reading if switched on; the buffer switches off when it is full."""
        if self.control == "NEXT":
            self.readings.append(reading)
            if len(self.readings) >= self.size:
                self.control = "NEV"

    def summary(self, values: Sequence[float]) -> float:
        """The chosen statistic of some values; NaN of none."""
        if not values:
            return math.nan
        functions: dict[str, Callable[[Sequence[float]], float]] = {
            "MEAN": statistics.fmean, "SDEV": statistics.pstdev, "MIN": min, "MAX": max,
            "PKPK": lambda all_values: max(all_values) - min(all_values),
        }  # fmt: skip
        return functions[self.statistic](values)


def part(readings: Sequence[Reading], offset: int, size: int | None) -> list[Reading]:
    """Readings from an offset on (counted from 0), at most `size` of them."""
    return list(readings[offset:] if size is None else readings[offset : offset + size])
