"""The lock of a run: held by the writing process until it ends, however it ends, because the kernel drops it."""

import json
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from ecramlab.runs.errors import RunFileError

if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30  # a locked byte cannot be read on Windows, so the lock sits far behind the text

    def _try_lock(descriptor: int) -> bool:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


class LockHeld(RunFileError):  # noqa: N818  # names what happened; RunFileError has the suffix
    """Another process holds the lock: the run is alive."""


class RunLock:
    """An exclusive lock on a run; `acquire` makes one."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor: int | None = descriptor

    @classmethod
    def acquire(cls, path: Path) -> Self:
        """Take the lock without waiting, making its file if there is none. Raises LockHeld."""
        while True:
            descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
            if not _try_lock(descriptor):
                os.close(descriptor)
                raise LockHeld(f"{path}: held by {describe_owner(read_owner(path))}")
            if _is_same_file(descriptor, path):
                return cls(path, descriptor)
            os.close(descriptor)  # its last owner removed the file between our opening and locking it

    def write_owner(self, **facts: str) -> None:
        """Say in the lock file who holds it."""
        assert self._descriptor is not None
        owner = {"pid": os.getpid(), "host": socket.gethostname(), **facts}
        rest = json.dumps(owner).encode()
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        while rest:  # a nearly full disk takes less than it is given
            rest = rest[os.write(self._descriptor, rest) :]

    def release(self, *, remove: bool) -> None:
        """Give the lock up; `remove` also deletes its file. Harmless when given up already."""
        if self._descriptor is None:
            return
        if remove and sys.platform != "win32":  # removed while held, so that nobody takes a lock on a vanishing file
            self._path.unlink(missing_ok=True)
        os.close(self._descriptor)
        self._descriptor = None
        if remove and sys.platform == "win32":
            self._path.unlink(missing_ok=True)


def is_held(path: Path) -> bool:
    """Whether a process holds the lock at `path`."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        return not _try_lock(descriptor)
    finally:
        os.close(descriptor)


def read_owner(path: Path) -> dict[str, object]:
    """What the lock file says of its owner; empty if it says nothing that can be read."""
    try:
        owner = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return owner if isinstance(owner, dict) else {}


def describe_owner(owner: Mapping[str, object]) -> str:
    """The owner in words."""
    if not owner:
        return "another process"
    return f"process {owner.get('pid', '?')} on {owner.get('host', '?')}"


def _is_same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
