"""How TSP instruments write values into replies: `format.data`, `format.byteorder`, `format.asciiprecision`."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

from sim_instruments.tsp.errors import TspError
from sim_instruments.tsp.objects import Check, LuaValue, TspObject

ASCII, REAL32, REAL64 = 1, 2, 3
BIG_ENDIAN, LITTLE_ENDIAN = 0, 1
_STRUCT_CODES: Final = {REAL32: "f", REAL64: "d"}


def _one_of(code: int, *allowed: int) -> Check:
    def check(value: LuaValue) -> int:
        if value not in allowed:
            raise TspError(code)
        return int(value)

    return check


class ReplyFormat:
    """The `format` table: formats numbers and blocks of numbers (Series 2600B manual, "Data output formats")."""

    def __init__(self) -> None:
        self.table = TspObject(
            "format",
            ASCII=ASCII, SREAL=REAL32, REAL32=REAL32, REAL=REAL64, DREAL=REAL64, REAL64=REAL64,
            NORMAL=BIG_ENDIAN, NETWORK=BIG_ENDIAN, BIGENDIAN=BIG_ENDIAN, SWAPPED=LITTLE_ENDIAN,
            LITTLEENDIAN=LITTLE_ENDIAN,
        )  # fmt: skip
        self._data = self.table.setting("data", ASCII, _one_of(1406, ASCII, REAL32, REAL64))
        self._byte_order = self.table.setting("byteorder", LITTLE_ENDIAN, _one_of(1404, BIG_ENDIAN, LITTLE_ENDIAN))
        self._precision = self.table.setting("asciiprecision", 6, _one_of(1405, *range(17)))

    def number_format(self) -> str:
        """The printf format of one number: `asciiprecision` significant digits, 0 for as many as it takes."""
        precision = self._precision.value
        return f"%.{precision - 1}e" if precision else "%.15g"

    def block(self, values: Sequence[float]) -> bytes:
        """What `printnumber` and `printbuffer` send, without the terminator."""
        code = _STRUCT_CODES.get(self._data.value)
        if code is None:
            pattern = self.number_format()
            return ", ".join([pattern % value for value in values]).encode("ascii")
        order = "<" if self._byte_order.value == LITTLE_ENDIAN else ">"
        return b"#0" + _pack(f"{order}{len(values)}{code}", values)


def _pack(layout: str, values: Sequence[float]) -> bytes:
    try:
        return struct.pack(layout, *values)
    except OverflowError:  # a double beyond the range of REAL32
        return struct.pack(layout, *(min(max(value, -3.4e38), 3.4e38) for value in values))
