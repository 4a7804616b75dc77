"""Reading buffers of a SourceMeter: `smuX.nvbuffer1`, `smuX.nvbuffer2` and those made by `smuX.makebuffer(n)`.

A buffer keeps its readings as columns, so that a client gets thousands of them in one step.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np

from sim_instruments.keithley_2600b.ranges import OVERFLOW
from sim_instruments.tsp.errors import TspError
from sim_instruments.tsp.objects import Check, LuaValue, Setting, TspObject, choice, number

NV_CAPACITY: Final = 60_000  # readings with time stamps and source values (Series 2600B manual)
MAX_CAPACITY: Final = 140_000

MEASURED: Final = ("Current", "Voltage", "Ohms", "Watts")
SOURCED: Final = ("Current", "Voltage")
OUTPUT: Final = ("Off", "On")


class Entry(NamedTuple):
    """One reading as a buffer keeps it: SI units, time in s of the instrument's clock; words as their places in
    `MEASURED`, `SOURCED` and `OUTPUT`.
    """

    reading: float
    time: float
    source_value: float
    status: int
    measure_range: float
    source_range: float
    measured: int
    sourced: int
    output: int


class Column(TspObject):
    """One number or word of each reading, as a table; nil throughout where the buffer was told not to keep it."""

    def __init__(self, kept: Setting | None = None, words: tuple[str, ...] | None = None) -> None:
        super().__init__("synchronous_table")
        self.values = array("d")
        self._kept = kept
        self._words = words
        self.item = self._item
        self.block = self._block
        self.function("getreading", self._item)

    def _item(self, index: LuaValue) -> float | str | None:
        place = int(number(-(2**53), 2**53)(index))
        found = self._block(place, place)
        return found[0] if len(found) else None

    def _block(self, first: int, last: int) -> Sequence[float] | Sequence[str]:
        if first < 1 or (self._kept is not None and not self._kept.value):
            return ()
        values = self.values[first - 1 : last]
        return values if self._words is None else [self._words[int(value)] for value in values]


class ReadingBuffer(TspObject):
    """One buffer and its table; indices start at 1. `poll` is told when a client asks how many readings there are."""

    def __init__(self, capacity: int, poll: Callable[[], None]) -> None:
        super().__init__("reading_buffer")
        self._poll = poll
        self.base_time = 0.0
        self.capacity = capacity
        self.append_mode = self.setting("appendmode", 0, choice(0, 1))
        self._source_values_kept = self._option("collectsourcevalues", 0)
        times_kept = self._option("collecttimestamps", 1)
        self.setting("cachemode", 1, choice(0, 1))
        self.setting("fillmode", 0, choice(0, 1))
        self.setting("fillcount", 0, number(0, MAX_CAPACITY))
        self.attribute("n", self._count)
        self.attribute("next", lambda: len(self) + 1)
        self.attribute("capacity", lambda: self.capacity)
        self.attribute("basetimestamp", lambda: self.base_time)
        self.setting("timestampresolution", 1e-6, number(1e-6))
        self.function("clear", self.clear)
        self.function("clearcache", lambda: None)
        columns = {  # in the order of `Entry`
            "readings": Column(),
            "timestamps": Column(times_kept),
            "sourcevalues": Column(self._source_values_kept),
            "statuses": Column(),
            "measureranges": Column(),
            "sourceranges": Column(),
            "measurefunctions": Column(words=MEASURED),
            "sourcefunctions": Column(words=SOURCED),
            "sourceoutputstates": Column(words=OUTPUT),
        }
        for name, column in columns.items():
            self.child(name, column)
        self._columns = tuple(column.values for column in columns.values())
        self._readings, self._times, self._sources, self._statuses, *_ = self._columns
        self.item, self.block = columns["readings"].item, columns["readings"].block

    def __len__(self) -> int:
        """How many readings it holds."""
        return len(self._readings)

    def _count(self) -> int:
        self._poll()
        return len(self)

    def _option(self, name: str, default: int) -> Setting:
        on_off = choice(0, 1)

        def when_empty(value: LuaValue) -> LuaValue:
            if len(self):
                raise TspError(5032)
            return on_off(value)

        check: Check = when_empty
        return self.setting(name, default, check)

    @property
    def collects_source_values(self) -> bool:
        """Whether source values are kept."""
        return bool(self._source_values_kept.value)

    def begin(self) -> None:
        """A measurement starts to fill: without append mode the old readings go."""
        if not self.append_mode.value:
            self.clear()

    def add(self, entry: Entry) -> None:
        """Keep a reading, unless the buffer is full; its time from the first one."""
        if not len(self):
            self.base_time = entry.time
        if len(self) < self.capacity:
            for column, value in zip(self._columns, entry._replace(time=entry.time - self.base_time), strict=True):
                column.append(value)

    def clear(self) -> None:
        """Forget all readings."""
        for column in self._columns:
            del column[:]

    def statistics(self) -> TspObject | None:
        """`smuX.buffer.getstats(buffer)`: n, mean, stddev, min, max; None without a reading in range."""
        values = np.array(self._readings)
        places = np.flatnonzero(values != OVERFLOW)
        if not len(places):
            return None
        taken = values[places]
        spread = float(taken.std(ddof=1)) if len(taken) > 1 else 0.0
        made = TspObject("table", n=len(taken), mean=float(taken.mean()), stddev=spread)
        made.child("min", self._extreme(int(places[taken.argmin()])))
        made.child("max", self._extreme(int(places[taken.argmax()])))
        return made

    def _extreme(self, place: int) -> TspObject:
        return TspObject(
            "table",
            reading=self._readings[place],
            timestamp=self._times[place],
            sourcevalue=self._sources[place],
            status=self._statuses[place],
        )


def as_buffer(value: LuaValue) -> ReadingBuffer | None:
    """A buffer argument of a measure command; None if there is none.

    Raises:
        TspError: -104, something else was given.
    """
    if value is None or isinstance(value, ReadingBuffer):
        return value
    raise TspError(-104, "(reading buffer expected)")


def buffers_of(quantities: str, given: Sequence[LuaValue]) -> list[ReadingBuffer]:
    """The buffer arguments of a measure command, at most one for each quantity (-108)."""
    if len(given) > len(quantities):
        raise TspError(-108)
    return [buffer for buffer in map(as_buffer, given) if buffer is not None]
