"""The trigger model of the 2450: numbered blocks that run one after the other once it is initiated.

Reference manual 2450-901-01, TRIGger subsystem. Blocks run at their time whenever the instrument lets time pass: while
it waits (`*WAI`, `*OPC?`), and before each message for those that have become due meanwhile.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from sim_instruments.keithley_2450.buffers import ReadingBuffer
from sim_instruments.keithley_2450.measure import Measure
from sim_instruments.keithley_2450.source import LevelSettings, Source
from sim_instruments.scpi import ScpiError

LAST_BLOCK: Final = 63
END: Final = LAST_BLOCK + 1
STEP_BUDGET: Final = 1_000_000
"""Blocks that one message may run; a model that needs more does not end."""

_DUE: Final = 1e-9


@dataclass
class ConfigurationList:
    """Source settings to be recalled one after the other; `position` counts from 0."""

    function: str
    entries: list[LevelSettings] = field(default_factory=list)
    position: int = 0

    def recall(self, source: Source, index: int) -> None:
        """Put entry `index` (from 1) into force; ScpiError -222 where there is none."""
        if not 1 <= index <= len(self.entries):
            raise ScpiError(-222, "the configuration list has no such index")
        self.position = index - 1
        source.functions[self.function].recall(self.entries[self.position])

    def step(self, source: Source, by: int) -> None:
        """Put the next (1) or previous (-1) entry into force; past the end it starts again."""
        if not self.entries:
            raise ScpiError(-222, "the configuration list is empty")
        self.recall(source, (self.position + by) % len(self.entries) + 1)


@dataclass
class Instruments:
    """What blocks act on: source, measure side, buffers and configuration lists by name."""

    source: Source
    measure: Measure
    buffers: dict[str, ReadingBuffer]
    lists: dict[str, ConfigurationList]

    def buffer(self, name: str) -> ReadingBuffer:
        """A buffer by name; ScpiError -224 where there is none."""
        if name not in self.buffers:
            raise ScpiError(-224, f"there is no buffer {name}")
        return self.buffers[name]

    def configuration_list(self, name: str) -> ConfigurationList:
        """A configuration list by name; ScpiError -224 where there is none."""
        if name not in self.lists:
            raise ScpiError(-224, f"there is no configuration list {name}")
        return self.lists[name]


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
        self.limit_seen = False
        self.triggered = False
        self.load([])

    def load(self, blocks: Sequence[Block]) -> None:
        """Replace all blocks."""
        self.blocks = dict(enumerate(blocks, 1))
        self.running, self.state, self.position = False, "IDLE" if blocks else "EMPTY", 0
        self.counters: dict[int, int] = {}

    def set_block(self, number: int, block: Block) -> None:
        """Define one block."""
        self.blocks[number] = block
        self.state = "IDLE"

    def start(self) -> None:
        """INITiate: run from block 1; ScpiError -213 while running, -221 without blocks."""
        if self.running:
            raise ScpiError(-213)
        if not self.blocks:
            raise ScpiError(-221, "the trigger model is empty")
        self.counters = {}
        self.limit_seen = self.triggered = False
        self.running, self.state, self.position = True, "RUNNING", 1
        self._due = self._now

    def abort(self) -> None:
        """ABORt: stop where it is; the output stays as it is."""
        if self.running:
            self.running, self.state = False, "ABORTED"

    @property
    def _now(self) -> float:
        return self.instruments.source.harness.clock.now

    @property
    def waiting(self) -> bool:
        """Whether it waits for an event that has not happened."""
        return self.running and math.isinf(self._due) and not self.triggered

    @property
    def time_to_next(self) -> float:
        """Time [s] until the next block runs, just above 0 for one that is due; 0 when idle, inf while waiting."""
        return max(self._due - self._now, _DUE) if self.running else 0.0

    def catch_up(self) -> None:
        """Run the blocks that are due now, not those that become due while they run."""
        until = self._now
        for _ in range(STEP_BUDGET):
            if not self.running or self._due > until:
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
        """A command trigger arrives; whether the model waited for it."""
        if not self.waiting:
            return False
        self.triggered = True
        self._due = self._now
        return True

    def _step(self) -> None:
        self.limit_seen = self.limit_seen or self.instruments.source.limited
        block = self.blocks.get(self.position)
        if block is None:
            later = [number for number in self.blocks if number > self.position]
            if self.position == 0 or not later:
                self.running, self.state = False, "IDLE"
            else:
                self.position = min(later)
            return
        try:
            outcome = block(self)
        except ScpiError:
            self.running, self.state = False, "FAILED"
            raise
        self.position = self.position + 1 if outcome.follows is None else outcome.follows
        self._due = self._now + outcome.wait


# -- blocks ------------------------------------------------------------------------------------------------------


def clear_buffer(name: str) -> Block:
    """BUFFer:CLEar."""

    def act(model: TriggerModel) -> Outcome:
        model.instruments.buffer(name).clear()
        return Outcome()

    return act


def recall(name: str, index: int) -> Block:
    """CONFig:RECall."""

    def act(model: TriggerModel) -> Outcome:
        model.instruments.configuration_list(name).recall(model.instruments.source, index)
        return Outcome()

    return act


def next_entry(name: str, by: int = 1) -> Block:
    """CONFig:NEXT, CONFig:PREVious (-1)."""

    def act(model: TriggerModel) -> Outcome:
        model.instruments.configuration_list(name).step(model.instruments.source, by)
        return Outcome()

    return act


def output(on: bool) -> Block:
    """SOURce:STATe."""

    def act(model: TriggerModel) -> Outcome:
        model.instruments.source.output = on
        return Outcome()

    return act


def delay(seconds: Callable[[TriggerModel], float]) -> Block:
    """DELay:CONStant, DELay:DYNamic."""
    return lambda model: Outcome(wait=seconds(model))


def measure(name: str, count: int) -> Block:
    """MEASure: readings into a buffer."""

    def act(model: TriggerModel) -> Outcome:
        buffer = model.instruments.buffer(name)
        for number in range(count):
            buffer.store(model.instruments.measure.take(first=number == 0))
        return Outcome()

    return act


def branch_counter(number: int, count: int, target: int) -> Block:
    """BRANch:COUNter: back to a block until it was reached `count` times; 0 is for ever."""

    def act(model: TriggerModel) -> Outcome:
        reached = model.counters[number] = model.counters.get(number, 0) + 1
        if count == 0 or reached < count:
            return Outcome(follows=target)
        model.counters[number] = 0
        return Outcome()

    return act


def branch_always(target: int) -> Block:
    """BRANch:ALWays; block 0 ends the model."""
    return lambda _: Outcome(follows=target)


def branch_on_limit(target: int) -> Block:
    """BRANch:EVENt with the source limit event."""

    def act(model: TriggerModel) -> Outcome:
        seen, model.limit_seen = model.limit_seen, False
        return Outcome(follows=target) if seen else Outcome()

    return act


def wait_for_command() -> Block:
    """WAIT for the COMMand event (*TRG, group execute trigger)."""

    def act(model: TriggerModel) -> Outcome:
        if model.triggered:
            model.triggered = False
            return Outcome()
        return Outcome(wait=math.inf, follows=model.position)

    return act


def nothing() -> Block:
    """NOP, NOTify: nothing that can be seen at the terminals."""
    return lambda _: Outcome()


def simple_loop(count: int, seconds: float, buffer: str) -> list[Block]:
    """The template SimpleLoop."""
    return [
        clear_buffer(buffer),
        delay(lambda _: seconds),
        measure(buffer, 1),
        branch_counter(4, count, 2),
    ]
