"""The ARM-TRIGger model of one channel: transient (source) and acquire (measure) actions.

B2900 user's guide ed. 5, page 6-27: an action waits for its arm event, then the arm delay; then, `count` times, for its
trigger event and the trigger delay, and acts. Two rules of the twin are choices, since the manual leaves them to the
instrument: with the automatic source the next trigger comes when both actions of a channel have finished the present
one, and the output returns to its immediate level when both are idle. Signals between the actions on the internal
buses INT1 and INT2 are not simulated: those sources wait like external ones.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from sim_instruments.keysight_b2900.measure import Measure, Reading
from sim_instruments.keysight_b2900.source import Source, pause
from sim_instruments.scpi import ScpiError
from sim_instruments.timeline import Action, Delay, Task, Timeline, Wait

TRANSIENT, ACQUIRE = "TRAN", "ACQ"
ACTIONS: Final = (TRANSIENT, ACQUIRE)
AUTOMATIC, TIMER = "AINT", "TIM"
SOURCES: Final = ("AINT", "BUS", "TIMer", "INT1", "INT2", "LAN", *(f"EXT{pin}" for pin in range(1, 15)))
OUTPUT_SIGNALS: Final = ("INT1", "INT2", "LAN", *(f"EXT{pin}" for pin in range(1, 15)))


@dataclass
class Layer:
    """Settings of an arm or trigger layer. delay, timer: s. count: math.inf for ever.

    The trigger output is only remembered: nothing is wired to it.
    """

    timer: float
    source: str = AUTOMATIC
    count: float = 1
    delay: float = 0.0
    bypass: str = "OFF"
    output_on: bool = False
    output_signal: str = "EXT1"


@dataclass(eq=False)
class Event:
    """What a layer waits for: released by a trigger from outside."""

    source: str
    layer: str
    released: bool = False

    def consume(self) -> bool:
        """Whether it has come."""
        return self.released


@dataclass
class Rendezvous:
    """Lets the two actions of a channel begin each automatic trigger together."""

    rounds: dict[str, float] = field(default_factory=dict)

    def meeting(self, name: str) -> Meeting:
        """The next round of an action."""
        self.rounds[name] += 1
        return Meeting(self, self.rounds[name])


@dataclass
class Meeting:
    """The signal that the other action has come as far."""

    of: Rendezvous
    number: float

    def consume(self) -> bool:
        """Whether nobody is behind."""
        return min(self.of.rounds.values()) >= self.number


class TriggerSystem:
    """Both actions of one channel; `keep` stores a reading."""

    def __init__(
        self,
        source: Source,
        measure: Measure,
        timeline: Timeline,
        keep: Callable[[Reading], None],
        shortest_interval: float,
    ) -> None:
        self._source, self._measure, self._timeline, self._keep = source, measure, timeline, keep
        self._shortest_interval = shortest_interval
        self._tasks: dict[str, Task] = {}
        self._waiting: dict[str, Event] = {}
        self._running: set[str] = set()
        self._last: dict[str, float] = {}  # when each action was triggered last
        self._stepped = False  # whether a transient action has taken part since both were idle
        self.reset()

    def reset(self) -> None:
        """Both actions idle, all layers at their defaults."""
        self.abort(ACTIONS)
        self.layers = {
            (layer, action): Layer(self._shortest_interval) for layer in ("ARM", "TRIG") for action in ACTIONS
        }

    def idle(self, action: str) -> bool:
        """Whether an action is not running."""
        task = self._tasks.get(action)
        return task is None or task.done

    @property
    def endless(self) -> bool:
        """Whether an action runs that will not end by itself."""
        return bool(self._waiting) or any(task.endless and not task.done for task in self._tasks.values())

    def waits_in(self, action: str, layer: str) -> bool:
        """Whether an action waits for an event of the layer "ARM" or "TRIG"."""
        event = self._waiting.get(action)
        return event is not None and event.layer == layer

    def initiate(self, actions: tuple[str, ...]) -> None:
        """Start actions; ScpiError -213 while one of them runs, and where the levels do not fit."""
        if not all(self.idle(action) for action in actions):
            raise ScpiError(-213)
        levels = self._source.sequence() if TRANSIENT in actions else []
        rendezvous = Rendezvous({action: 0 for action in actions if self._automatic(action)})
        start = self._now
        bodies = {
            TRANSIENT: lambda: self._transient(levels, start, rendezvous),
            ACQUIRE: lambda: self._acquire(start, rendezvous),
        }
        self._running |= set(actions)
        self._stepped = self._stepped or TRANSIENT in actions
        try:
            for action in (one for one in ACTIONS if one in actions):
                endless = math.inf in (self.layers["ARM", action].count, self.layers["TRIG", action].count)
                self._tasks[action] = self._timeline.start(bodies[action](), awaited=True, endless=endless)
        except ScpiError:
            self.abort(actions)
            self._running -= set(actions)
            raise

    def _automatic(self, action: str) -> bool:
        return self.layers["TRIG", action].source == AUTOMATIC

    def abort(self, actions: tuple[str, ...]) -> None:
        """Stop actions; an output held by a trigger returns to its immediate level."""
        stopped = [action for action in actions if not self.idle(action)]
        for action in stopped:
            self._timeline.stop(self._tasks[action])
            self._waiting.pop(action, None)
            self._running.discard(action)
        if TRANSIENT in stopped:
            self._stepped = False
            self._source.port.stop()
            self._timeline.run(self._source.end_transient())
        self._timeline.signalled()

    def release(self, sources: tuple[str, ...], actions: tuple[str, ...] = ACTIONS, layer: str = "") -> bool:
        """An event comes for the actions that wait for one of these sources; whether any did. layer "" is any."""
        waiting = [
            event
            for action, event in list(self._waiting.items())
            if action in actions and event.source in sources and layer in ("", event.layer)
        ]
        for event in waiting:
            event.released = True
        self._timeline.signalled()
        return bool(waiting)

    # -- the actions -------------------------------------------------------------------------------------------

    def _transient(self, levels: list[float], start: float, rendezvous: Rendezvous) -> Action[None]:
        try:
            yield from self._source.begin(levels)
            steps = itertools.cycle(levels)
            for wait in self._triggers(TRANSIENT, start, rendezvous):
                yield from wait
                if self._source.shape == "PULS":
                    yield from self._source.pulse_to(next(steps))
                else:
                    yield from self._source.step_to(next(steps))
            yield from self._finish(TRANSIENT, rendezvous)
        finally:
            rendezvous.rounds.pop(TRANSIENT, None)

    def _acquire(self, start: float, rendezvous: Rendezvous) -> Action[None]:
        try:
            for wait in self._triggers(ACQUIRE, start, rendezvous):
                yield from wait
                self._keep((yield from self._measure.reading()))
            yield from self._finish(ACQUIRE, rendezvous)
        finally:
            rendezvous.rounds.pop(ACQUIRE, None)

    def _finish(self, action: str, rendezvous: Rendezvous) -> Action[None]:
        """Whichever action ends last returns the output to its immediate level."""
        rendezvous.rounds.pop(action, None)
        self._running.discard(action)
        self._timeline.signalled()
        if not self._running and self._stepped:
            self._stepped = False
            yield from self._source.end_transient()

    def _triggers(self, action: str, start: float, rendezvous: Rendezvous) -> Iterator[Action[None]]:
        """The waits before each trigger of an action that was initiated at `start`, from which timers count."""
        for turn in _turns(self.layers["ARM", action].count):
            entered: list[float] = []  # when the trigger layer of this turn begins
            for number in _turns(self.layers["TRIG", action].count):
                yield self._wait(action, rendezvous, start, turn, number, entered)

    def _wait(
        self, action: str, rendezvous: Rendezvous, start: float, turn: int, number: int, entered: list[float]
    ) -> Action[None]:
        if not entered:
            arm = self.layers["ARM", action]
            due = start + turn * arm.timer
            yield from self._event(action, "ARM", arm, rendezvous, due)
            at_once = arm.source == AUTOMATIC and turn == 0
            entered.append((start if at_once else due if arm.source == TIMER else self._now) + arm.delay)
            yield from pause(entered[0] - self._now)
        trigger = self.layers["TRIG", action]
        if number or turn:
            yield Delay(max(0.0, self._last[action] + self._shortest_interval - self._now))
        yield from self._event(action, "TRIG", trigger, rendezvous, entered[0] + number * trigger.timer)
        self._last[action] = self._now
        yield from pause(trigger.delay)

    def _event(self, action: str, name: str, layer: Layer, rendezvous: Rendezvous, timer_due: float) -> Action[None]:
        if layer.source == TIMER:
            yield from pause(timer_due - self._now)
        elif layer.source == AUTOMATIC:
            if name == "TRIG":
                if action == TRANSIENT:
                    yield from self._source.ready()
                meeting = rendezvous.meeting(action)
                self._timeline.signalled()
                yield Wait(meeting)
        else:
            event = self._waiting[action] = Event(layer.source, name)
            yield Wait(event)
            del self._waiting[action]

    @property
    def _now(self) -> float:
        return self._source.harness.clock.now


def _turns(count: float) -> Iterator[int]:
    return itertools.count() if math.isinf(count) else iter(range(int(count)))
