"""Where rows come from: what was asked, of which instruments and chip, by which program on which computer."""

import functools
import getpass
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import ecramlab


@dataclass(frozen=True)
class InstrumentRecord:
    """One instrument of the bench. `transport` is "real" or "emulated"; settings are in SI units."""

    name: str
    role: str
    idn: str
    resource: str
    driver: str
    driver_version: str
    transport: str
    options: Mapping[str, Any] = field(default_factory=dict)
    calibrated: str = ""
    settings_before: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SampleRecord:
    """The chip that is measured: its name, size and limits in SI units; `cells` names those that the run uses."""

    name: str
    chip: str = ""
    die: str = ""
    cells: str = ""
    rows: int = 1
    columns: int = 1
    limits: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Provenance:
    """What a run file keeps beside its rows. `parameters` are resolved and SI; `emulation` is None on a real bench."""

    sample: SampleRecord
    instruments: Sequence[InstrumentRecord]
    parameters: Mapping[str, Any]
    bench_file: str = ""
    emulation: Mapping[str, Any] | None = None
    seed: int | None = None
    experiment_module: str = ""
    experiment_version: str = ecramlab.__version__
    protocol: str = ""
    user: str = ""
    command_line: str = ""
    wire_log: str = ""


@dataclass(frozen=True)
class Software:
    """The program and the computer. `git_commit` and `git_dirty` are "" and None outside a checkout of the project."""

    version: str
    git_commit: str
    git_dirty: bool | None
    python: str
    platform: str
    hostname: str
    packages: Mapping[str, str]


@functools.cache
def software() -> Software:
    """Facts on program and computer, gathered once a process. No environment variables, no paths."""
    commit, dirty = _checkout(Path(ecramlab.__file__).resolve().parent.parent)
    return Software(
        version=ecramlab.__version__,
        git_commit=commit,
        git_dirty=dirty,
        python=platform.python_version(),
        platform=platform.platform(),
        hostname=platform.node(),
        packages=dict(sorted({d.metadata["Name"]: d.version for d in distributions()}.items())),
    )


def user_name() -> str:
    """Who runs this process; "" where the system does not say."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such user: containers with a bare user number
        return ""


def _checkout(home: Path) -> tuple[str, bool | None]:
    """Commit and dirty flag, if `home` itself is the top of a git checkout: not of a repository around it."""
    top = _git(home, "rev-parse", "--show-toplevel")
    if top is None or Path(top).resolve() != home:
        return "", None
    commit = _git(home, "rev-parse", "HEAD")
    if commit is None:
        return "", None
    changes = _git(home, "--no-optional-locks", "status", "--porcelain", "--untracked-files=no")
    return commit, None if changes is None else bool(changes)


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
