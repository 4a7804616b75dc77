"""What distinguishes one model of pulse generator from another: its limits and its commands, as tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from drivers.generator_waveform import ArbitraryDialect
from drivers.records import PulseGeneratorAbilities

WORDS = ("function", "polarity", "burst mode", "trigger")
"""Names of the state whose replies are keywords; all others are numbers."""


@dataclass(frozen=True, slots=True)
class GeneratorLimits:
    """Limits beside the abilities, and how exactly settings read back.

    shortest_rest: s of a period beside the width; also a width that fits any period. slow_width: s, the shortest width
    with edges slower than the fastest. longest_delay: s. largest_amplitude_open: largest |level − base| (V) at an open
    output. equal_edges: both edges are one setting. time_step: s; time_, edge_, level_rounding: relative.
    """

    abilities: PulseGeneratorAbilities
    shortest_rest: float
    slow_width: float
    longest_delay: float
    largest_amplitude_open: float
    equal_edges: bool = False
    time_step: float = 1.001e-10
    time_rounding: float = 1e-5
    edge_rounding: float = 1e-2
    level_rounding: float = 1e-3


@dataclass(frozen=True, slots=True)
class Dialect:
    """The commands of a model as templates; {n} is the channel.

    state: query of each named value. alone: what ends sweeps and modulations that an earlier program may have left
    on; an error that it queues is dropped. times: {shortest_edge}, {shortest_width}, {period}, {width}, {rise},
    {fall} (10–90 %), {delay}; shortest edges and width go first: then the new period fits, and the rest fits the
    new period. levels: {smallest}, {offset}, {amplitude}, {polarity}; the smallest amplitude goes first: then the
    new offset fits, and the amplitude fits the offset. bursts and count: {count}; {trigger} stands for the trigger
    in force. triggers: for each source of the abilities, the command ({slope}) and the reply of its state. slope:
    its query. load: {ohm}, after what ends a coupling of the levels of both channels; open_load: how an open end is
    written and the number it reads back. output: {state}. expected: what must read back whenever a pulse is set,
    its function apart. arbitrary: the commands of arbitrary waveforms.
    """

    limits: GeneratorLimits
    state: Mapping[str, str]
    function: str
    alone: tuple[str, ...]
    times: tuple[str, ...]
    levels: tuple[str, ...]
    bursts: tuple[str, ...]
    count: str
    triggers: Mapping[str, tuple[str, str]]
    slope: str
    load: str
    output: str
    expected: Mapping[str, str | float]
    arbitrary: ArbitraryDialect
    open_load: tuple[str, float] = ("INF", math.inf)

    @property
    def abilities(self) -> PulseGeneratorAbilities:
        """What one channel can do."""
        return self.limits.abilities
