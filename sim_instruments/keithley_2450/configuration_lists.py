"""Configuration lists of the 2450: settings of the source or of the measure side, recalled one after the other.

Reference manual 2450-901-01, :SOURce:CONFiguration:LIST and :SENSe:CONFiguration:LIST.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sim_instruments.keithley_2450.measure import Measure, SenseFunction
from sim_instruments.keithley_2450.source import LevelSettings, Source
from sim_instruments.scpi import ScpiError

_Entry = TypeVar("_Entry")

MEASURE = "measure"


@dataclass
class ConfigurationList(Generic[_Entry]):
    """Entries that `put` puts into force; `position` counts from 0. holds: the source function, or `MEASURE`."""

    holds: str
    put: Callable[[_Entry], None]
    entries: list[_Entry] = field(default_factory=list)
    position: int = 0

    def store(self, entry: _Entry, index: int | None) -> None:
        """Keep an entry at an index from 1, at the end for None; ScpiError -222 beyond the end."""
        place = len(self.entries) + 1 if index is None else index
        if place > len(self.entries) + 1:
            raise ScpiError(-222, "the configuration list is shorter")
        self.entries[place - 1 : place] = [entry]

    def recall(self, index: int) -> None:
        """Put entry `index` (from 1) into force; ScpiError -222 where there is none."""
        if not 1 <= index <= len(self.entries):
            raise ScpiError(-222, "the configuration list has no such index")
        self.position = index - 1
        self.put(self.entries[self.position])

    def step(self, by: int) -> None:
        """Put the next (1) or previous (-1) entry into force; past the end it starts again."""
        if not self.entries:
            raise ScpiError(-222, "the configuration list is empty")
        self.recall((self.position + by) % len(self.entries) + 1)


AnyList = ConfigurationList[LevelSettings] | ConfigurationList[SenseFunction]


def source_list(source: Source, function: str, entries: list[LevelSettings]) -> ConfigurationList[LevelSettings]:
    """A list of settings of one source function."""
    return ConfigurationList(function, source.functions[function].recall, entries)


def measure_list(measure: Measure) -> ConfigurationList[SenseFunction]:
    """An empty list of settings of measure functions."""
    return ConfigurationList(MEASURE, measure.recall)
