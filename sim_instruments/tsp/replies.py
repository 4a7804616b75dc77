"""How TSP instruments write values into replies: `format.data`, `format.byteorder`, `format.asciiprecision`."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Final

import numpy as np

from sim_instruments.tsp.errors import TspError
from sim_instruments.tsp.objects import Check, LuaValue, TspObject

ASCII, REAL32, REAL64 = 1, 2, 3
BIG_ENDIAN, LITTLE_ENDIAN = 0, 1
_BINARY: Final = {REAL32: "f4", REAL64: "f8"}
_LARGEST: Final = {REAL32: float(np.finfo(np.float32).max), REAL64: float(np.finfo(np.float64).max)}
Items = Sequence[float] | Sequence[str]


def _one_of(code: int, *allowed: int) -> Check:
    def check(value: LuaValue) -> int:
        if value not in allowed:
            raise TspError(code)
        return int(value)

    return check


class ReplyFormat:
    """The `format` table: formats numbers and blocks of numbers (Series 2600B manual, "Data output formats").

    changed: called with the printf format of numbers when it has become another one.
    """

    def __init__(self, changed: Callable[[str], None]) -> None:
        self.table = TspObject(
            "format",
            ASCII=ASCII, SREAL=REAL32, REAL32=REAL32, REAL=REAL64, DREAL=REAL64, REAL64=REAL64,
            NORMAL=BIG_ENDIAN, NETWORK=BIG_ENDIAN, BIGENDIAN=BIG_ENDIAN, SWAPPED=LITTLE_ENDIAN,
            LITTLEENDIAN=LITTLE_ENDIAN,
        )  # fmt: skip
        self._data = self.table.setting("data", ASCII, _one_of(1406, ASCII, REAL32, REAL64))
        self._byte_order = self.table.setting("byteorder", LITTLE_ENDIAN, _one_of(1404, BIG_ENDIAN, LITTLE_ENDIAN))
        self._precision = self.table.setting(
            "asciiprecision", 6, _one_of(1405, *range(17)), lambda: changed(self.number_format())
        )

    def number_format(self) -> str:
        """The printf format of one number: `asciiprecision` significant digits, 0 for as many as it takes."""
        precision = self._precision.value
        return f"%.{precision - 1}e" if precision else "%.15g"

    def block(self, values: Items) -> bytes:
        """What `printnumber` and `printbuffer` send, without the terminator. Words go as words in any format."""
        data = self._data.value
        if data == ASCII or (isinstance(values, list) and any(isinstance(value, str) for value in values)):
            return self._text(values)
        order = "<" if self._byte_order.value == LITTLE_ENDIAN else ">"
        numbers = np.clip(np.asarray(values, np.float64), -_LARGEST[data], _LARGEST[data])
        return b"#0" + numbers.astype(order + _BINARY[data]).tobytes()

    def _text(self, values: Items) -> bytes:
        pattern = self.number_format()
        forms = ["%s" if isinstance(value, str) else pattern for value in values]
        return (", ".join(forms) % tuple(values)).encode("latin-1", "replace")


def interleaved(columns: Sequence[Items]) -> Items:
    """The first items of all columns, then the second ones, and so on; the columns are equally long."""
    if len(columns) == 1:
        return columns[0]
    if all(isinstance(column, array) for column in columns):
        return array("d", np.column_stack(columns).tobytes())
    return list(chain.from_iterable(zip(*columns, strict=True)))
