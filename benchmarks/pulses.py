"""Pulses to every cell of an array: the fast tier beside the update of aihwkit's Li-ECRAM preset, in turns.

Both sides have 1000 states, steps that depend on the state, 30 % noise of every step, 10 % spread of the steps between
cells, and bounds. Ours moves window charge in volts and seconds in double precision and keeps charge and energy; theirs
moves weights in single precision. aihwkit runs in an environment of its own (README.md), as a worker process that
waits while we run; without --aihwkit only our side is measured.
"""

import argparse
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO

from emulator import Array, DeviceModel, Waveform
from emulator.calibration import calibrated
from emulator.fast import Pulses, pulse_all
from emulator.linearity import curvature_from_label

WORKER = Path(__file__).with_name("aihwkit_worker.py")
STATES = 1000
VOLTS, WIDTH, PERIOD = 2.0, 1e-6, 1e-5
UP, DOWN = (
    Waveform.pulse(base=0.0, level=level, width=WIDTH, rise=0.0, fall=0.0, period=PERIOD) for level in (VOLTS, -VOLTS)
)


def model() -> DeviceModel:
    """The device of the preset in our terms; its slopes are the printed labels 0.253 and -1.549."""
    plain = DeviceModel(
        v0=0.3,
        curvature_up=curvature_from_label(0.253),
        curvature_down=curvature_from_label(1.549),
        cycle_noise=0.3 / STATES**0.5,
        spread_rate=0.1,
        spread_curvature=0.05,
    )
    return calibrated(
        plain, up_amplitude=VOLTS, down_amplitude=-VOLTS, width=WIDTH, edge=0.0, period=PERIOD, count=STATES
    )


class Ours:
    """A session on a square array whose pulses alternate in direction."""

    def __init__(self, side: int, threads: int) -> None:
        self._array = Array(model(), side, side, seed=1, initial_state=0.5)
        self._pulses = Pulses(self._array, UP, DOWN, threads=threads)
        self._sign = 1

    def seconds(self, count: int) -> float:
        """Time of one call."""
        before = self._array.y.mean()
        started = time.perf_counter()
        self._pulses.apply(self._sign * count)
        seconds = time.perf_counter() - started
        moved = (self._array.y.mean() - before) * STATES * self._sign
        assert 0.2 * count < moved < 3.0 * count, f"{count} pulses moved the mean by {moved} steps"
        self._sign = -self._sign
        return seconds

    def seconds_alone(self) -> float:
        """Time of one pulse in a call of its own, with preparation and books."""
        started = time.perf_counter()
        pulse_all(self._array, UP)
        return time.perf_counter() - started


@dataclass(frozen=True)
class Theirs:
    """Pipes to the worker, and what it says it runs."""

    questions: IO[str]
    answers: IO[str]
    versions: str

    def seconds(self, side: int, count: int) -> float:
        """Time of one update."""
        print(side, count, file=self.questions, flush=True)
        seconds, moved = (float(word) for word in self.answers.readline().split())
        assert 0.8 * count < abs(moved) < 1.2 * count, f"{count} pulses moved the mean by {moved} steps"
        return seconds


@contextmanager
def worker(interpreter: str | None, threads: int) -> Iterator[Theirs | None]:
    """The worker with its number of threads, or None without an interpreter for it."""
    if interpreter is None:
        yield None
        return
    command, environment = [interpreter, str(WORKER), str(threads)], os.environ | {"OMP_NUM_THREADS": str(threads)}
    environment.pop("PYTHONPATH", None)
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Theirs(process.stdin, process.stdout, process.stdout.readline().strip())


def processor() -> str:
    """Name of the processor, where the system tells."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores"


def compare(side: int, count: int, ours: Ours, theirs: Theirs | None, rounds: int) -> None:
    """One line of the table."""
    own, other = [], []
    for _ in range(rounds + 1):  # the first round warms up
        own.append(ours.seconds(count))
        if theirs:
            other.append(theirs.seconds(side, count))
    rates = [side * side * count / statistics.median(times[1:]) for times in (own, other) if times]
    line = f"  {side:5}^2 {count:13} {rates[0]:12.3g}"
    print(line + (f" {rates[1]:12.3g} {rates[0] / rates[1]:8.2f}" if theirs else ""), flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--aihwkit", metavar="PYTHON", help="interpreter of an environment with aihwkit")
    arguments.add_argument("--rounds", type=int, default=15, help="interleaved rounds (default: 15)")
    arguments.add_argument("--sides", type=int, nargs="+", default=[512, 1024], help="cells along an edge")
    arguments.add_argument("--counts", type=int, nargs="+", default=[1, 31, 100], help="pulses in one call")
    arguments.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="numbers of threads")
    given = arguments.parse_args()
    packages = ", ".join(f"{name} {version(name)}" for name in ("numba", "numpy"))
    print(f"{processor()}, {platform.system()}, Python {platform.python_version()}, {packages}")
    for threads in given.threads:
        with worker(given.aihwkit, threads) as theirs:
            print(f"threads: {threads}; {theirs.versions if theirs else 'without aihwkit'}")
            print(f"  device pulses per second, medians of {given.rounds} interleaved calls")
            print(
                f"  {'array':>7} {'pulses a call':>13} {'fast tier':>12}"
                + (f" {'aihwkit':>12} {'ratio':>8}" * bool(theirs))
            )
            for side in given.sides:
                ours = Ours(side, threads)
                for count in given.counts:
                    compare(side, count, ours, theirs, given.rounds)
    alone = statistics.median(ours.seconds_alone() for _ in range(5))
    print(f"one pulse with preparation and books, {side}^2: {1e3 * alone:.0f} ms")


if __name__ == "__main__":
    main()
