"""What the window starts: command lines of `ecramlab`, and their text for people ("same as: ecramlab run …")."""

import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class BenchChoice:
    """A bench file, and whether its emulated twin is meant."""

    path: Path
    emulate: bool

    @property
    def arguments(self) -> list[str]:
        """The bench as an argument of `off` and `check`."""
        return [str(self.path), *(["--emulate"] if self.emulate else [])]


@dataclass(frozen=True)
class RunRequest:
    """One run to start. `assignments` are the parameters that differ from their defaults, as text with units."""

    experiment: str
    bench: BenchChoice
    assignments: Mapping[str, str] = field(default_factory=dict)

    @property
    def arguments(self) -> list[str]:
        """Arguments of `ecramlab` for this run."""
        settings = [part for path, text in self.assignments.items() for part in ("--set", f"{path}={text}")]
        emulate = ["--emulate"] if self.bench.emulate else []
        return ["run", self.experiment, "--bench", str(self.bench.path), *emulate, *settings]


@dataclass(frozen=True)
class Launcher:
    """How `ecramlab` is started: by default with the interpreter that runs the window."""

    program: tuple[str, ...] = (sys.executable, "-m", "ecramlab")

    def run(self, request: RunRequest) -> list[str]:
        """Command line of a run that tells its events on stdout."""
        return [*self.program, *request.arguments, "--events"]

    def off(self, bench: BenchChoice) -> list[str]:
        """Command line that switches every output of the bench off."""
        return [*self.program, "off", *bench.arguments]

    def check(self, bench: BenchChoice) -> list[str]:
        """Command line that compares the instruments with the bench file."""
        return [*self.program, "check", *bench.arguments]


def twin(arguments: list[str]) -> str:
    """The command a person would type for the same thing."""
    return "ecramlab " + shlex.join(arguments)
