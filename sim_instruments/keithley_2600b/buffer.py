"""Reading buffers of a SourceMeter: `smuX.nvbuffer1`, `smuX.nvbuffer2` and those made by `smuX.makebuffer(n)`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sim_instruments.keithley_2600b.ranges import OVERFLOW
from sim_instruments.tsp.errors import TspError
from sim_instruments.tsp.objects import Check, LuaValue, Setting, TspObject, choice, number

NV_CAPACITY: Final = 60_000  # readings with time stamps and source values (Series 2600B manual)
MAX_CAPACITY: Final = 140_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One reading as a buffer keeps it: SI units, time in s of the instrument's clock."""

    reading: float
    time: float
    source_value: float
    status: int
    measure_range: float
    source_range: float


class ReadingBuffer(TspObject):
    """One buffer and its table; indices start at 1. `poll` is told when a client asks how many readings there are."""

    def __init__(self, capacity: int, poll: Callable[[], None]) -> None:
        super().__init__("reading_buffer")
        self._entries: list[Entry] = []
        self._poll = poll
        self.base_time = 0.0
        self.capacity = capacity
        self.append_mode = self.setting("appendmode", 0, choice(0, 1))
        self._stored = {
            "collectsourcevalues": self._option("collectsourcevalues", 0),
            "collecttimestamps": self._option("collecttimestamps", 1),
        }
        self.setting("cachemode", 1, choice(0, 1))
        self.setting("fillmode", 0, choice(0, 1))
        self.setting("fillcount", 0, number(0, MAX_CAPACITY))
        self.attribute("n", self._count)
        self.attribute("next", lambda: len(self._entries) + 1)
        self.attribute("capacity", lambda: self.capacity)
        self.attribute("basetimestamp", lambda: self.base_time)
        self.setting("timestampresolution", 1e-6, number(1e-6))
        self.function("clear", self.clear)
        self.function("clearcache", lambda: None)
        self.item = self._column("readings", lambda entry: entry.reading)
        self._column("timestamps", lambda entry: entry.time - self.base_time, self._stored["collecttimestamps"])
        self._column("sourcevalues", lambda entry: entry.source_value, self._stored["collectsourcevalues"])
        self._column("statuses", lambda entry: entry.status)
        self._column("measureranges", lambda entry: entry.measure_range)
        self._column("sourceranges", lambda entry: entry.source_range)

    def _count(self) -> int:
        self._poll()
        return len(self._entries)

    def _option(self, name: str, default: int) -> Setting:
        on_off = choice(0, 1)

        def when_empty(value: LuaValue) -> LuaValue:
            if self._entries:
                raise TspError(5032)
            return on_off(value)

        check: Check = when_empty
        return self.setting(name, default, check)

    def _column(
        self, name: str, pick: Callable[[Entry], float], kept: Setting | None = None
    ) -> Callable[[int], LuaValue]:
        """A table of one number of each entry; nil throughout where the buffer was told not to keep it."""

        def item(index: LuaValue) -> float | None:
            place = number()(index)
            if kept is not None and not kept.value:
                return None
            return pick(self._entries[int(place) - 1]) if 1 <= place <= len(self._entries) else None

        column = self.child(name, TspObject("synchronous_table"))
        column.item = item
        column.function("getreading", item)
        return item

    @property
    def collects_source_values(self) -> bool:
        """Whether source values are kept."""
        return bool(self._stored["collectsourcevalues"].value)

    def begin(self) -> None:
        """A measurement starts to fill: without append mode the old readings go."""
        if not self.append_mode.value:
            self.clear()

    def add(self, entry: Entry) -> None:
        """Keep a reading, unless the buffer is full."""
        if not self._entries:
            self.base_time = entry.time
        if len(self._entries) < self.capacity:
            self._entries.append(entry)

    def clear(self) -> None:
        """Forget all readings."""
        self._entries.clear()

    def statistics(self) -> TspObject | None:
        """`smuX.buffer.getstats(buffer)`: n, mean, stddev, min, max; None for an empty buffer."""
        values = [entry.reading for entry in self._entries if entry.reading != OVERFLOW]
        if not values:
            return None
        mean = math.fsum(values) / len(values)
        spread = math.fsum((value - mean) ** 2 for value in values) / max(1, len(values) - 1)
        made = TspObject("table", n=len(values), mean=mean, stddev=math.sqrt(spread))
        made.child("min", TspObject("table", reading=min(values)))
        made.child("max", TspObject("table", reading=max(values)))
        return made


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
