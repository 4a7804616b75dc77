"""Time inside an instrument with several channels: what they do at once while virtual time passes.

An action (a reading, a sweep, a timer) is a generator that yields what it waits for. A foreground action blocks the
message; background actions (overlapped operations) go on whenever this instrument lets time pass. Two channels that
integrate at once share the same slices of time, so both see the same state of the circuit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from emulator import Sample

if TYPE_CHECKING:
    from emulator import Harness, Port

FIRST_POLL, LONGEST_POLL = 10e-3, 0.5  # s; see `Timeline.poll`
STEP_BUDGET: Final = 200_000  # steps of time in one message; more is a program that does not end

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Delay:
    """Wait some seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Integrate:
    """Measure the mean voltage and current of a port over `aperture` seconds; the yield gives the `Sample`."""

    port: Port
    aperture: float


class Signal(Protocol):
    """Something an action can wait for."""

    def consume(self) -> bool:
        """Whether it has happened; it is then used up."""
        ...


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait for a signal."""

    signal: Signal


Request = Delay | Integrate | Wait
Action = Generator[Request, Any, T]


@dataclass(eq=False)
class Task:
    """A background action. `awaited` ones hold back `waitcomplete()`; `endless` ones never end by themselves."""

    action: Action[Any]
    awaited: bool
    endless: bool
    due: float = math.inf
    signal: Signal | None = None
    integral: _Integral | None = None
    done: bool = False
    result: Any = None


@dataclass
class _Integral:
    port: Port
    seconds: float = 0.0
    voltage: float = 0.0
    current: float = 0.0
    limited: bool = False

    def add(self, sample: Sample, seconds: float) -> None:
        self.seconds += seconds
        self.voltage += sample.voltage * seconds
        self.current += sample.current * seconds
        self.limited = sample.limited

    def mean(self, harness: Harness) -> Sample:
        if self.seconds == 0.0:  # another instrument let the whole aperture pass
            return harness.probe(self.port)
        return Sample(self.voltage / self.seconds, self.current / self.seconds, self.limited)


class _Message:
    """Marks a timeline as busy with a message; a class, for contextlib's generators cost as much as a short message."""

    __slots__ = ("_timeline",)

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline

    def __enter__(self) -> None:
        self._timeline.busy = True
        try:
            self._timeline.begin_message()
        except BaseException:
            self._timeline.busy = False
            raise

    def __exit__(self, *_: object) -> None:
        self._timeline.busy = False


class Timeline:
    """Runs the actions of one instrument on the harness's clock.

    endless: makes the exception of a message that would never end. busy: whether a message is carried out.
    """

    def __init__(self, harness: Harness, endless: Callable[[], Exception]) -> None:
        self._harness, self._endless = harness, endless
        self._tasks: list[Task] = []
        self._left = STEP_BUDGET
        self._poll_wait = 0.0
        self._polled = False
        self.busy = False
        self._message = _Message(self)

    @property
    def now(self) -> float:
        """Virtual time in s."""
        return self._harness.clock.now

    def begin_message(self) -> None:
        """A new program message: it has the whole budget of steps, and background actions catch up with the clock."""
        self._left = STEP_BUDGET
        self._polled = False
        if self._tasks:
            self._pass_until(self.now)

    def message(self) -> _Message:
        """Context in which a program message is carried out; see `begin_message`."""
        return self._message

    def happen_outside(self, event: Callable[[], None]) -> None:
        """Something reaches the instrument from outside, at any time. Background actions first catch up; the awaited
        ones that the event sets going let time pass until they are over or wait again: another instrument, which does
        not know of them, holds the clock.
        """
        if self.busy:
            event()
            return
        with self.message():
            going = [task for task in self._tasks if task.signal is None]
            event()
            self._pass_while(
                lambda: any(task.awaited and task.due < math.inf and task not in going for task in self._tasks)
            )

    def renew(self) -> None:
        """Give the whole budget of steps once more, to whoever puts in order what a message without end left behind."""
        self._left = STEP_BUDGET

    def run(self, action: Action[T]) -> T:
        """Carry out a foreground action, with whatever runs in the background; its result."""
        if self._tasks:
            task = self.start(action)
            self._pass_while(lambda: not task.done)
            return task.result  # type: ignore[no-any-return]
        return self._run_alone(action)

    def run_all(self, actions: Sequence[Action[T]]) -> list[T]:
        """Carry out several foreground actions at once; their results."""
        if len(actions) == 1:
            return [self.run(actions[0])]
        tasks = [self.start(action) for action in actions]
        self._pass_while(lambda: not all(task.done for task in tasks))
        return [task.result for task in tasks]

    def _run_alone(self, action: Action[T]) -> T:
        answer: Sample | None = None
        while True:
            try:
                request = action.send(answer)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            self._spend()
            answer = None
            if isinstance(request, Integrate):
                answer = self._harness.measure(request.port, request.aperture)
            elif isinstance(request, Delay) and request.seconds > 0:
                self._harness.advance(request.seconds)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        if self._tasks:
            self._pass_until(self.now + seconds)
        elif seconds > 0:
            self._spend()
            self._harness.advance(seconds)

    def wait_for(self, signal: Signal, timeout: float) -> bool:
        """Let time pass until `signal`, at most `timeout` s; whether it came."""
        deadline = self.now + timeout
        came = signal.consume()
        while not came and self._step(deadline):
            came = signal.consume()
        return came

    def start(self, action: Action[Any], *, awaited: bool = False, endless: bool = False) -> Task:
        """Begin a background action; it runs up to its first wait at once."""
        task = Task(action, awaited, endless)
        self._tasks.append(task)
        if awaited:
            self._poll_wait = 0.0
        try:
            self._resume(task, None)
        except Exception:
            self.stop(task)
            raise
        return task

    def stop(self, task: Task) -> None:
        """End a background action where it stands."""
        if task in self._tasks:
            self._tasks.remove(task)
        task.done = True
        task.action.close()

    def finish(self) -> bool:
        """Let time pass until every awaited action is over; False if one waits for what cannot come."""
        while waiting := [task for task in self._tasks if task.awaited]:
            if any(task.endless for task in waiting) or not self._step(math.inf):
                return False
        return True

    def poll(self) -> None:
        """A client asks how far an overlapped operation is. Whoever asks again has waited: each further message that
        asks lets twice as much virtual time pass as the one before, since time on the client's wall does not count
        here; but never so much that the reply comes after a usual VISA timeout.
        """
        if self._polled or not any(task.awaited for task in self._tasks):
            return
        self._polled = True
        self.wait(self._poll_wait)
        self._poll_wait = min(max(FIRST_POLL, 2 * self._poll_wait), LONGEST_POLL)

    def signalled(self) -> None:
        """Resume the actions whose signal has come."""
        for task in [task for task in self._tasks if task.signal is not None]:
            if task.signal is not None and task.signal.consume():
                task.signal = None
                self._resume(task, None)

    def _pass_while(self, more: Callable[[], bool]) -> None:
        while more() and self._step(math.inf):
            pass

    def _pass_until(self, deadline: float) -> None:
        while self._step(deadline):
            pass

    def _step(self, deadline: float) -> bool:
        """Go to the next moment at which something is due, at most to `deadline`; whether there was one."""
        self._spend()
        due = min((task.due for task in self._tasks), default=math.inf)
        if due > deadline:
            if self.now < deadline < math.inf:
                self._elapse(deadline - self.now)
            return False
        if due == math.inf:
            return False
        self._elapse(due - self.now)
        for task in [task for task in self._tasks if task.due <= due]:
            integral, task.integral, task.due = task.integral, None, math.inf
            self._resume(task, integral.mean(self._harness) if integral else None)
        return True

    def _elapse(self, seconds: float) -> None:
        if seconds <= 0:
            return
        integrals = [task.integral for task in self._tasks if task.integral is not None]
        if not integrals:
            self._harness.advance(seconds)
            return
        samples = self._harness.measure_all([one.port for one in integrals], seconds)
        for one, sample in zip(integrals, samples, strict=True):
            one.add(sample, seconds)

    def _resume(self, task: Task, answer: Sample | None) -> None:
        """Run an action up to its next wait that is not over at once."""
        while not task.done:
            self._spend()
            try:
                request = task.action.send(answer)
            except StopIteration as end:
                task.done, task.result = True, end.value
                self._tasks.remove(task)
                return
            answer = None
            if isinstance(request, Wait):
                if not request.signal.consume():
                    task.signal = request.signal
                    return
            elif isinstance(request, Integrate):
                task.integral, task.due = _Integral(request.port), self.now + request.aperture
                return
            elif request.seconds > 0:
                task.due = self.now + request.seconds
                return

    def _spend(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise self._endless()
