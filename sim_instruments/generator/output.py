"""The output stage of one channel: the relay, and how cycles follow one another at the harness port."""

import enum
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, Protocol

from emulator import Open, VoltageSource, Waveform
from sim_instruments.generator import cycle as cycles
from sim_instruments.generator.bounds import Report
from sim_instruments.generator.cycle import Cycle
from sim_instruments.generator.levels import SOURCE_RESISTANCE

if TYPE_CHECKING:
    from emulator import VirtualClock
    from emulator.drives import Drive

MOST_BREAKPOINTS = 100_000


class Play(enum.Enum):
    """When cycles are put out."""

    CONTINUOUS = enum.auto()
    REPEATED = enum.auto()
    """In bursts, by an internal clock."""
    TRIGGERED = enum.auto()
    """One burst for each trigger."""
    GATED = enum.auto()
    """Whole cycles while the gate is open."""


@dataclass(frozen=True, slots=True)
class Program:
    """How cycles follow one another.

    count: cycles of one burst. every: from burst to burst [s]. delay: from trigger to burst [s].
    """

    play: Play
    count: float = math.inf
    every: float = 0.0
    delay: float = 0.0


CONTINUOUS = Program(Play.CONTINUOUS)


class Signal(NamedTuple):
    """What the settings ask for: level at rest [V], one cycle in volts (None for a mere level), and its program."""

    rest: float
    cycle: Cycle | None
    program: Program


class Connector(Protocol):
    """What an output stage drives: a harness port, or several that go together."""

    drive: "Drive"

    def start(self, waveform: Waveform) -> None:
        """Run a waveform from now on."""
        ...

    def stop(self) -> None:
        """End it."""
        ...


class OutputStage:
    """Brings the port into line with the signal. A burst goes on inside while the relay is open.

    make: the signal of the present settings. noise: standard deviation of a mean over 1 s [V] and where it comes from.
    """

    def __init__(
        self,
        port: Connector,
        clock: "VirtualClock",
        report: Report,
        make: Callable[[], Signal],
        noise: tuple[float, random.Random],
    ) -> None:
        self._port, self._clock, self._report, self._make = port, clock, report, make
        self._noise, self._random = noise
        self.on = False
        self._shown = False
        self._signal: Signal | None = None
        self._end = -math.inf
        self._gated_since: float | None = None

    @property
    def time_left(self) -> float:
        """Time until the triggered burst ends [s]; 0 when none runs, inf when it is endless."""
        return max(0.0, self._end - self._clock.now)

    def refresh(self) -> None:
        """Take over the present settings. A change of the signal ends a burst that is running."""
        if not self.on and self.time_left == 0.0:
            self._signal = None
            self._show(None)
            return
        signal = self._make()
        if signal == self._signal and self.on == self._shown:
            return
        if self._signal is not None and signal != self._signal:
            self._stop_burst()
        self._signal = signal
        self._show(signal if self.on else None)

    def renew(self) -> None:
        """The connector has changed: show the signal at the next refresh even if it is the same."""
        self._signal = None

    def restart(self) -> None:
        """Begin what repeats by itself anew, now."""
        if self._shown and self._signal is not None and self._signal.program.play in (Play.CONTINUOUS, Play.REPEATED):
            self._show(self._signal)

    def fire(self) -> bool:
        """A trigger; False when the channel was not waiting for one."""
        signal = self._signal or self._make()
        if signal.program.play is not Play.TRIGGERED or signal.cycle is None or self.time_left > 0.0:
            return False
        waveform = self._burst(signal.cycle, signal.program)
        if waveform is None:
            return False
        self._end = self._clock.now + waveform.duration
        if self.on:
            self._port.start(waveform)
        return True

    def gate(self, open_: bool) -> None:
        """The gate opens or closes; when it closes, the cycle that runs is completed."""
        signal = self._signal or self._make()
        if signal.program.play is not Play.GATED or signal.cycle is None:
            return
        if open_ and self._gated_since is None:
            self._gated_since, self._end = self._clock.now, math.inf
            if self.on:
                self._port.start(_waveform(signal.cycle, math.inf))
        elif not open_ and self._gated_since is not None:
            self._complete_cycle(signal.cycle, self._clock.now - self._gated_since)

    def abort(self) -> None:
        """End a running burst, even an endless one."""
        self._stop_burst()
        self._signal = None

    def complete(self) -> None:
        """All time that the running burst needs has passed."""
        self._end = -math.inf

    def _stop_burst(self) -> None:
        self._end, self._gated_since = -math.inf, None

    def _complete_cycle(self, cycle: Cycle, elapsed: float) -> None:
        period = cycle.times[-1]
        phase = math.fmod(elapsed, period)
        self._gated_since, self._end = None, self._clock.now + (period - phase)
        if self.on:
            self._port.start(_waveform(cycles.tail(cycle, phase), 1))

    def _show(self, signal: Signal | None) -> None:
        """Play a signal, or open the relay."""
        self._shown = signal is not None
        self._port.stop()
        if signal is None:
            self._port.drive = Open()
            return
        self._port.drive = VoltageSource(signal.rest, SOURCE_RESISTANCE)
        if signal.cycle is not None:
            waveform = self._waveform_now(signal.cycle, signal.program)
            if waveform is not None:
                self._port.start(waveform)

    def _waveform_now(self, cycle: Cycle, program: Program) -> Waveform | None:
        if program.play is Play.CONTINUOUS:
            return _waveform(cycle, math.inf)
        if program.play is Play.REPEATED:
            return self._repeated_bursts(cycle, program)
        if self.time_left == 0.0:
            return None
        left = self.time_left / cycle.times[-1]
        return _waveform(cycle, left if math.isinf(left) else math.ceil(left))

    def _repeated_bursts(self, cycle: Cycle, program: Program) -> Waveform | None:
        if math.isinf(program.count):
            return _waveform(cycle, math.inf)
        if program.count * len(cycle.times) > MOST_BREAKPOINTS:
            self._report(-241, f"internally triggered bursts of {program.count:g} cycles are not simulated")
            return None
        count = int(program.count)
        length = max(program.every, program.delay + count * cycle.times[-1])
        return _waveform(cycles.burst(cycle, count, delay=program.delay, length=length), math.inf)

    def _burst(self, cycle: Cycle, program: Program) -> Waveform | None:
        if program.delay == 0.0:
            return self._noisy(_waveform(cycle, program.count))
        if program.count * len(cycle.times) > MOST_BREAKPOINTS:
            self._report(-241, f"delayed bursts of {program.count:g} cycles are not simulated")
            return None
        return self._noisy(_waveform(cycles.burst(cycle, int(program.count), delay=program.delay, length=0.0), 1))

    def _noisy(self, waveform: Waveform) -> Waveform:
        """White output noise averages out over a burst; what is left of it shifts the burst as a whole."""
        if self._noise == 0.0 or math.isinf(waveform.duration):
            return waveform
        shift = self._random.gauss(0.0, self._noise / math.sqrt(waveform.duration))
        return replace(waveform, levels=tuple(level + shift for level in waveform.levels))


def _waveform(cycle: Cycle, repeats: float) -> Waveform:
    return Waveform(cycle.times, cycle.levels, repeats)
