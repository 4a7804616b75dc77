"""The few ways in which run files are opened, and the one in which a broken one is left alone."""

import ctypes
import io
import os
import re
from pathlib import Path
from typing import Any

import h5py

from ecramlab.runs.errors import RunFileError
from ecramlab.runs.naming import LIVE

LIBVER = ("v110", "v110")  # the oldest format that readers can follow; newer ones shut out older tools


def create_live(path: Path) -> h5py.File:
    """A new file for a writer, not yet in SWMR mode.

    Without chunk cache: with the default one, each flush rewrites the whole chunk of every column.
    """
    return h5py.File(path, "x", libver=LIBVER, rdcc_nbytes=0)


class PatientFile(io.FileIO):
    """A new file that swallows what cannot be written and keeps the first `error`, for whoever closes it.

    HDF5 does not survive a write that fails (see `detach`), so it never learns of one here.
    """

    error: OSError | None = None

    def __init__(self, path: Path) -> None:
        super().__init__(path, "x+")

    def check(self) -> None:
        """Raise the first error, if there was one."""
        if self.error is not None:
            raise self.error

    def write(self, data: Any, /) -> int:
        """Write all of `data`, or nothing more after the first error."""
        rest = memoryview(data).cast("B")
        size = len(rest)
        while rest and self.error is None:  # a nearly full disk takes less than it is given
            try:
                rest = rest[super().write(rest) :]
            except OSError as error:
                self.error = error
        return size

    def truncate(self, size: int | None = None, /) -> int:
        """Set the length of the file, unless there was an error."""
        if self.error is None:
            try:
                return super().truncate(size)
            except OSError as error:
                self.error = error
        return size or 0


def create_sealed(file: PatientFile) -> h5py.File:
    """A sealed copy to be written into `file`."""
    return h5py.File(file, "w", libver=LIBVER)


def open_to_read(path: Path) -> h5py.File:
    """A live or a sealed file for reading. Raises RunFileError in one sentence if it is no readable HDF5 file."""
    try:
        if path.name.endswith(LIVE):
            return h5py.File(path, "r", libver="latest", swmr=True)
        return h5py.File(path, "r")
    except FileNotFoundError:
        raise RunFileError(f"{path}: no such file") from None
    except (OSError, RuntimeError) as error:
        raise RunFileError(f"{path}: not a readable HDF5 file ({reason_of(error)})") from error


def detach(descriptor: int, *objects: h5py.HLObject) -> None:
    """Cut a file off whose writing failed: whatever HDF5 still does with it changes nothing on the disk.

    HDF5 would otherwise write on when it closes the objects, at the exit of the interpreter at the latest: rows grow
    without their values, and the process may end with a segmentation fault. `descriptor` is that of the file.
    """
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, descriptor, inheritable=False)
    os.close(nowhere)
    for item in objects:  # a reference more than anybody knows of, so that the objects are never closed
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(item.id))


def reason_of(error: BaseException) -> str:
    """What the system said, if an error of HDF5 quotes it, else the first line: HDF5 writes whole stacks."""
    quoted = re.search(r"error message = '([^']+)'", str(error))
    if quoted is not None:
        return quoted[1]
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0].strip()
