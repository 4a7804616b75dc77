"""Sweeps of the 2450: the source configuration list and the trigger model that a sweep command sets up.

Reference manual 2450-901-01, :SOURce:SWEep and :SOURce:LIST. A sweep switches the output on, and off at its end.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from sim_instruments.keithley_2450 import blocks as block
from sim_instruments.keithley_2450.source import VOLTAGE, LevelSettings, SourceFunction
from sim_instruments.keithley_2450.trigger import SOURCE_LIMIT, Block
from sim_instruments.scpi import ScpiError

LIST_PART: Final = 100
"""Levels of one list command (6-78)."""
LONGEST_LIST: Final = 2500
"""Levels of a list with all that was appended; from the manual of the sister model 2461 (6-108)."""
SHORTEST_DELAY, LONGEST_DELAY = 50e-6, 10e3
MOST_POINTS: Final = 100_000
CUSTOM_LISTS: Final = {"VOLT": "VoltCustomSweepList", "CURR": "CurrCustomSweepList"}


@dataclass(frozen=True, slots=True)
class SweepOptions:
    """delay [s] at each point, count 0 for ever, abort at the limit, dual: up and down again, buffer for readings."""

    delay: float = 0.0
    count: int = 1
    range_type: str = "BEST"
    abort_at_limit: bool = True
    dual: bool = False
    buffer: str = "defbuffer1"


def linear(start: float, stop: float, points: int) -> list[float]:
    """Equally spaced levels."""
    return [start + (stop - start) * step / (points - 1) for step in range(points)]


def logarithmic(start: float, stop: float, points: int, asymptote: float = 0.0) -> list[float]:
    """Levels whose distances from an asymptote have equal ratios; ScpiError -222 unless both ends are on one side."""
    first, last = start - asymptote, stop - asymptote
    if first * last <= 0.0:
        raise ScpiError(-222, "both ends of a logarithmic sweep are on the same side of its asymptote")
    ratio = math.log(last / first)
    return [asymptote + first * math.exp(ratio * step / (points - 1)) for step in range(points)]


def entries(function: SourceFunction, levels: list[float], range_type: str) -> list[LevelSettings]:
    """Source settings of each level; AUTO follows the level, BEST is one range for all, FIXed the present one."""
    now = function.now
    if range_type == "FIX":
        now = replace(now, auto=False)
    elif range_type == "BEST":
        now = replace(now, auto=False, index=_index(function, max(levels, key=abs)))
    else:
        now = replace(now, auto=True)
    return [replace(now, level=level, index=_checked(function, now, level)) for level in levels]


def _checked(function: SourceFunction, now: LevelSettings, level: float) -> int:
    if function.name == VOLTAGE and abs(level) > now.protection:
        raise ScpiError(-222, f"{level:g} is above the overvoltage protection")
    if now.auto:
        return _index(function, level)
    if abs(level) > function.table.ranges[now.index].full_scale:
        raise ScpiError(-222, f"{level:g} is above the fixed source range")
    return now.index


def _index(function: SourceFunction, level: float) -> int:
    index = function.table.index_of_level(level)
    if index is None:
        raise ScpiError(-222, f"{level:g}")
    return index


def there_and_back(levels: list[float]) -> list[float]:
    """Levels of a dual sweep."""
    return levels + levels[::-1]


def blocks(name: str, start: int, points: int, options: SweepOptions) -> list[Block]:
    """The trigger model of a sweep through a configuration list."""
    times = points * options.count
    return [
        block.clear_buffer(options.buffer),
        block.recall([name], start),
        block.output(True),
        block.branch_always(6),
        block.next_entry([name]),
        block.delay(lambda _: options.delay),
        block.measure(options.buffer, 1),
        block.branch_on_event(SOURCE_LIMIT, 10) if options.abort_at_limit else block.nothing(),
        block.branch_counter(9, times, 5),
        block.output(False),
    ]
