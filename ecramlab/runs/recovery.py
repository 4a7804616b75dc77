"""Seals the runs whose writer died, and leaves alone those whose writer lives."""

import socket
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from ecramlab.runs.errors import RunFileError
from ecramlab.runs.hdf5 import open_to_read, reason_of
from ecramlab.runs.layout import complete_rows, growing
from ecramlab.runs.lock import LockHeld, RunLock, describe_owner, read_owner
from ecramlab.runs.naming import LIVE, LOCK, RunPaths
from ecramlab.runs.sealing import Ending, seal_file, verify

Action = Literal["recovered", "cleaned up", "left alone", "not recovered"]


@dataclass(frozen=True)
class Outcome:
    """What was done with one run, and why."""

    action: Action
    detail: str

    def __str__(self) -> str:
        return f"{self.action}: {self.detail}"


def recover(folder: Path) -> dict[str, Outcome]:
    """Look after every unsealed run in `folder`; gives an outcome for each by name. Doing it twice does no harm.

    A sealed file, a healthy one, or one of another computer is never changed.
    """
    leftovers = [path for suffix in (LIVE, LOCK) for path in folder.glob(f"*{suffix}")]
    runs = sorted({RunPaths.of(path).name for path in leftovers})
    return {name: _recover_one(RunPaths(folder, name)) for name in runs}


def _recover_one(paths: RunPaths) -> Outcome:
    owner = read_owner(paths.lock)
    here = socket.gethostname()
    if owner.get("host", here) != here:
        remedy = f"recover it there, or remove {paths.lock.name} if that is an old name of this computer"
        return Outcome("left alone", f"belongs to {describe_owner(owner)}; {remedy}")
    try:
        lock = RunLock.acquire(paths.lock)
    except LockHeld:
        return Outcome("left alone", f"alive, held by {describe_owner(owner)}")
    except OSError as error:
        return Outcome("not recovered", f"its lock cannot be taken ({reason_of(error)})")
    try:
        outcome = _settle(paths)
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        lock.release(remove=False)
        return Outcome("not recovered", f"{reason_of(error)}; all its files are kept")
    lock.release(remove=True)
    return outcome


def _settle(paths: RunPaths) -> Outcome:
    """What the lock allows: seal, or remove what is left of a sealing that got far enough."""
    if paths.final.exists():
        verify(paths.final)
        _require_same_run(paths)
        for leftover in (paths.live, paths.part):
            leftover.unlink(missing_ok=True)
        return Outcome("cleaned up", "was sealed already; leftovers removed")
    if not paths.live.exists():
        return Outcome("cleaned up", "stale lock without a run removed")
    kept, dropped = _count_rows(paths.live)
    end = datetime.fromtimestamp(paths.live.stat().st_mtime).astimezone()
    reason = f"its program ended without sealing; {dropped} incomplete rows at the end dropped"
    seal_file(paths, Ending("recovered", reason, end, {}))
    return Outcome("recovered", f"{kept} rows kept, {dropped} incomplete ones dropped")


def _require_same_run(paths: RunPaths) -> None:
    if not paths.live.exists():
        return
    with open_to_read(paths.final) as sealed, open_to_read(paths.live) as live:
        if sealed.attrs["run_id"] != live.attrs["run_id"]:
            raise RunFileError(f"{paths.final.name} and {paths.live.name} are different runs; rename one of them")


def _count_rows(live: Path) -> tuple[int, int]:
    """Complete rows, and rows that some columns have beyond them."""
    with open_to_read(live) as file:
        rows = file["entry/rows"]
        complete = complete_rows(rows)
        return complete, max(len(column) for column in growing(rows)) - complete
