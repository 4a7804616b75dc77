"""The trigger model of the 2450: numbered blocks that run one after the other once it is initiated.

Reference manual 2450-901-01, TRIGger subsystem. Blocks run at their time whenever the instrument lets time pass: while
it waits (`*WAI`, `*OPC?`), and before each message for those that have become due meanwhile.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, cast

from sim_instruments.keithley_2450.buffers import ReadingBuffer
from sim_instruments.keithley_2450.configuration_lists import MEASURE, AnyList, ConfigurationList
from sim_instruments.keithley_2450.measure import Measure, SenseFunction
from sim_instruments.keithley_2450.source import LevelSettings, Source
from sim_instruments.scpi import ScpiError

LAST_BLOCK: Final = 63
END: Final = LAST_BLOCK + 1
STEP_BUDGET: Final = 1_000_000
"""Blocks that one message may run; a model that needs more does not end."""

INITIATED, IDLED = 2731, 2732
"""Event numbers of a trigger model that starts and ends, which status bits can be mapped to."""
EVENTS: Final = (
    "NONE", "DISPlay", "COMMand", "SLIMit", *(f"NOTify{n}" for n in range(1, 9)), *(f"DIGio{n}" for n in range(1, 7)),
    *(f"TIMer{n}" for n in range(1, 5)), *(f"BLENder{n}" for n in range(1, 3)), *(f"LAN{n}" for n in range(1, 9)),
    *(f"TSPLink{n}" for n in range(1, 4)),
)  # fmt: skip
SOURCE_LIMIT, COMMAND = "SLIM", "COMM"

_DUE: Final = 1e-9


@dataclass
class Instruments:
    """What blocks act on: source, measure side, buffers and configuration lists by name.

    react: lets the digital lines follow an event; whether one did. write_lines: sets lines (pattern, mask). log: enters
    a text of some kind into the event log. status: what the status registers are told of (event numbers).
    """

    source: Source
    measure: Measure
    buffers: dict[str, ReadingBuffer]
    lists: dict[str, AnyList]
    react: Callable[[str], bool] = lambda _: False
    write_lines: Callable[[int, int], None] = lambda _pattern, _mask: None
    log: Callable[[int, str], None] = lambda _kind, _text: None
    status: Callable[[int], None] = lambda _: None

    def buffer(self, name: str) -> ReadingBuffer:
        """A buffer by name; ScpiError -224 where there is none."""
        if name not in self.buffers:
            raise ScpiError(-224, f"there is no buffer {name}")
        return self.buffers[name]

    def configuration_list(self, name: str) -> AnyList:
        """A configuration list by name; ScpiError -224 where there is none."""
        if name not in self.lists:
            raise ScpiError(-224, f"there is no configuration list {name}")
        return self.lists[name]

    def source_list(self, name: str) -> ConfigurationList[LevelSettings]:
        """A source configuration list by name; ScpiError -224 where there is none."""
        found = self.configuration_list(name)
        if found.holds == MEASURE:
            raise ScpiError(-224, f"{name} is a measure configuration list")
        return cast(ConfigurationList[LevelSettings], found)

    def measure_list(self, name: str) -> ConfigurationList[SenseFunction]:
        """A measure configuration list by name; ScpiError -224 where there is none."""
        found = self.configuration_list(name)
        if found.holds != MEASURE:
            raise ScpiError(-224, f"{name} is a source configuration list")
        return cast(ConfigurationList[SenseFunction], found)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a block asks for: seconds to wait after it, and the block that follows (None: the next one)."""

    wait: float = 0.0
    follows: int | None = None


Block = Callable[["TriggerModel"], Outcome]


class TriggerModel:
    """Blocks by number, and the state of the running model."""

    def __init__(self, instruments: Instruments) -> None:
        self.instruments = instruments
        self.seen: set[str] = set()  # events that no block has used up
        self.load([])

    def load(self, blocks: Sequence[Block]) -> None:
        """Replace all blocks."""
        self.blocks = dict(enumerate(blocks, 1))
        self.running, self.paused, self.state, self.position = False, False, "IDLE" if blocks else "EMPTY", 0
        self.counters: dict[int, int] = {}
        self.awaited: frozenset[str] = frozenset()  # events that the present wait block still lacks
        self._readings: dict[int, list[float]] = {}  # the last two of each measure block

    def set_block(self, number: int, block: Block) -> None:
        """Define one block."""
        self.blocks[number] = block
        self.state = "BUILDING"

    def start(self) -> None:
        """INITiate: run from block 1; ScpiError -213 while running, -221 without blocks."""
        if self.running:
            raise ScpiError(-213)
        if not self.blocks:
            raise ScpiError(-221, "the trigger model is empty")
        self.counters, self._readings = {}, {}
        self.seen, self.awaited = set(), frozenset()
        self.running, self.paused, self.state, self.position = True, False, "RUNNING", 1
        self._due = self._started = self._now
        self.instruments.status(INITIATED)

    def _end(self, state: str) -> None:
        self.running, self.state = False, state
        self.instruments.status(IDLED)

    def abort(self) -> None:
        """ABORt: stop where it is; the output stays as it is."""
        if self.running:
            self._end("ABORTED")

    def pause(self) -> None:
        """TRIGger:PAUSe: stay where it is until it is resumed; ScpiError -221 when it does not run."""
        if not self.running:
            raise ScpiError(-221, "the trigger model is not running")
        self.paused, self.state = True, "PAUSED"

    def resume(self) -> None:
        """TRIGger:RESume; ScpiError -221 when it is not paused."""
        if not self.paused:
            raise ScpiError(-221, "the trigger model is not paused")
        self.paused, self.state = False, "RUNNING"
        self._due = max(self._due, self._now)

    @property
    def _now(self) -> float:
        return self.instruments.source.harness.clock.now

    @property
    def waiting(self) -> bool:
        """Whether it goes on only when something happens from outside."""
        return self.running and (self.paused or math.isinf(self._due))

    @property
    def running_time(self) -> float:
        """Time [s] since it was started."""
        return self._now - self._started

    @property
    def time_to_next(self) -> float:
        """Time [s] until the next block runs, just above 0 for one that is due; 0 when idle, inf while waiting."""
        if not self.running:
            return 0.0
        return math.inf if self.waiting else max(self._due - self._now, _DUE)

    def catch_up(self) -> None:
        """Run the blocks that are due now, not those that become due while they run."""
        until = self._now
        for _ in range(STEP_BUDGET):
            if not self.running or self.waiting or self._due > until:
                return
            self._step()
        self.abort()
        raise ScpiError(-223, "the trigger model does not end")

    def run_to_end(self) -> None:
        """Let time pass until it has ended or waits for an event."""
        for _ in range(STEP_BUDGET):
            if not self.running or self.waiting:
                return
            self.instruments.source.harness.advance(max(0.0, self._due - self._now))
            self._step()
        self.abort()
        raise ScpiError(-223, "the trigger model does not end")

    def trigger(self) -> bool:
        """A command trigger arrives; whether the model, or a digital line, waited for it."""
        wanted = COMMAND in self.awaited
        if not wanted:
            self.seen.add(COMMAND)
        return self.happen(COMMAND) or wanted

    def happen(self, event: str) -> bool:
        """An event: a wait block that lacks it looks again, digital lines follow it; whether one did."""
        self.seen.add(event)
        if self.running and event in self.awaited:
            self._due = self._now
        return self.instruments.react(event)

    # -- what blocks read and keep -------------------------------------------------------------------------------

    def keep(self, reading: float) -> None:
        """A measure block has taken a reading."""
        self._readings[self.position] = [*self._readings.get(self.position, []), reading][-2:]

    def readings(self, block: int, count: int) -> list[float]:
        """The last readings (at most 2) of a measure block, of the one before this block for 0; ScpiError -221."""
        if not block:
            block = max((number for number in self._readings if number < self.position), default=0)
        found = self._readings.get(block, [])[-count:]
        if len(found) < count:
            raise ScpiError(-221, "there is no measurement to compare")
        return found

    def _step(self) -> None:
        if self.instruments.source.limited:
            self.seen.add(SOURCE_LIMIT)
        block = self.blocks.get(self.position)
        if block is None:
            later = [number for number in self.blocks if number > self.position]
            if self.position == 0 or not later:
                self._end("IDLE")
            else:
                self.position = min(later)
            return
        try:
            outcome = block(self)
        except ScpiError:
            self._end("FAILED")
            raise
        self.position = self.position + 1 if outcome.follows is None else outcome.follows
        self._due = self._now + outcome.wait
