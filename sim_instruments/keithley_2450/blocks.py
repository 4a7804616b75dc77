"""The blocks of which a trigger model of the 2450 is made (reference manual 2450-901-01, :TRIGger:BLOCk)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from sim_instruments.keithley_2450.calculations import CONDITIONS
from sim_instruments.keithley_2450.trigger import Block, Outcome, TriggerModel


def clear_buffer(name: str) -> Block:
    """BUFFer:CLEar."""

    def act(model: TriggerModel) -> Outcome:
        model.instruments.buffer(name).clear()
        return Outcome()

    return act


def recall(names: Sequence[str], index: int) -> Block:
    """CONFig:RECall of one or more lists."""

    def act(model: TriggerModel) -> Outcome:
        for name in names:
            model.instruments.configuration_list(name).recall(index)
        return Outcome()

    return act


def next_entry(names: Sequence[str], by: int = 1) -> Block:
    """CONFig:NEXT, CONFig:PREVious (-1) of one or more lists."""

    def act(model: TriggerModel) -> Outcome:
        for name in names:
            model.instruments.configuration_list(name).step(by)
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
            reading = model.instruments.measure.take(first=number == 0)
            buffer.store(reading)
            model.keep(reading.value)
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


def reset_counter(number: int) -> Block:
    """BRANch:COUNter:RESet."""

    def act(model: TriggerModel) -> Outcome:
        model.counters[number] = 0
        return Outcome()

    return act


def branch_always(target: int) -> Block:
    """BRANch:ALWays; block 0 ends the model."""
    return lambda _: Outcome(follows=target)


def branch_once(number: int, target: int, *, excluded: bool) -> Block:
    """BRANch:ONCE: branch when it is reached for the first time; `excluded`: every time but the first."""

    def act(model: TriggerModel) -> Outcome:
        first = number not in model.counters
        model.counters[number] = 1
        return Outcome(follows=target) if first != excluded else Outcome()

    return act


def branch_on_event(event: str, target: int) -> Block:
    """BRANch:EVENt: branch if the event has happened since the block was reached last."""

    def act(model: TriggerModel) -> Outcome:
        happened = event in model.seen
        model.seen.discard(event)
        return Outcome(follows=target) if happened else Outcome()

    return act


def branch_on_limit(
    condition: str, limits: Callable[[TriggerModel], tuple[float, float]], target: int, measured: int
) -> Block:
    """BRANch:LIMit: branch if the last reading of a measure block, or of the one before (0), meets a condition."""

    def act(model: TriggerModel) -> Outcome:
        [reading] = model.readings(measured, 1)
        met = CONDITIONS[condition](reading, *limits(model))
        return Outcome(follows=target) if met else Outcome()

    return act


def branch_on_delta(difference: float, target: int, measured: int) -> Block:
    """BRANch:DELTa: branch if the reading before the last, less the last one, is below a difference (6-130)."""

    def act(model: TriggerModel) -> Outcome:
        before, last = model.readings(measured, 2)
        return Outcome(follows=target) if before - last < difference else Outcome()

    return act


def wait_for(events: frozenset[str], *, every: bool, cleared: bool) -> Block:
    """WAIT for one of some events, or for all of them; `cleared`: those before the block is reached do not count."""

    def act(model: TriggerModel) -> Outcome:
        if cleared and not model.awaited:
            model.seen -= events
        missing = events - model.seen
        if missing == frozenset() or (not every and missing != events):
            model.seen -= events
            model.awaited = frozenset()
            return Outcome()
        model.awaited = missing
        return Outcome(wait=math.inf, follows=model.position)

    return act


def digital_io(pattern: int, mask: int) -> Block:
    """DIGital:IO: set digital lines."""

    def act(model: TriggerModel) -> Outcome:
        model.instruments.write_lines(pattern, mask)
        return Outcome()

    return act


def notify(number: int) -> Block:
    """NOTify: the event NOTify<n>."""

    def act(model: TriggerModel) -> Outcome:
        model.happen(f"NOT{number}")
        return Outcome()

    return act


def log_event(kind: int, text: str) -> Block:
    """LOG:EVENt: an entry in the event log."""

    def act(model: TriggerModel) -> Outcome:
        model.instruments.log(kind, text)
        return Outcome()

    return act


def nothing() -> Block:
    """NOP."""
    return lambda _: Outcome()


def until(seconds: float, target: int) -> Block:
    """Back to a block until a time has passed since the model was started."""
    return lambda model: Outcome(follows=target) if model.running_time < seconds else Outcome()


def simple_loop(count: int, seconds: float, buffer: str) -> list[Block]:
    """The template SimpleLoop."""
    return [
        clear_buffer(buffer),
        delay(lambda _: seconds),
        measure(buffer, 1),
        branch_counter(4, count, 2),
    ]


def duration_loop(duration: float, seconds: float, buffer: str) -> list[Block]:
    """The template DurationLoop, which switches the output on, and off at its end."""
    return [
        clear_buffer(buffer),
        output(True),
        delay(lambda _: seconds),
        measure(buffer, 1),
        until(duration, 3),
        output(False),
    ]


def configuration_loop(names: Sequence[str], points: int, seconds: float, buffer: str) -> list[Block]:
    """The template ConfigList: a reading at each entry of configuration lists."""
    return [
        clear_buffer(buffer),
        recall(names, 1),
        output(True),
        branch_always(6),
        next_entry(names),
        delay(lambda _: seconds),
        measure(buffer, 1),
        branch_counter(8, points, 5),
        output(False),
    ]
