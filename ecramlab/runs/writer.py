"""Writes one run: rows and events go to a live file that others can follow, and that is sound at every instant.

Rows are handed to HDF5 every 0.1 s and forced to the disk every 0.5 s, and at each event. One thread makes all calls.
"""

import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import h5py
import numpy as np
from numpy.typing import NDArray

from ecramlab.columns import Column
from ecramlab.runs import disk
from ecramlab.runs.errors import RunFileError
from ecramlab.runs.hdf5 import create_live, detach, reason_of
from ecramlab.runs.layout import LEVEL_BYTES, TEXT_BYTES, TEXT_DTYPE, Header, declare, iso
from ecramlab.runs.lock import RunLock
from ecramlab.runs.naming import RunPaths, run_name
from ecramlab.runs.provenance import Provenance
from ecramlab.runs.sealing import Ending, seal_file

FLUSH_EVERY = 0.1  # s between blocks handed to HDF5: readers see them
SYNC_EVERY = 0.5  # s between blocks forced to the disk: a power cut leaves them

Block = dict[str, NDArray[Any]]


class RunWriter:
    """One run being written. Made by `create`, ended by `seal` or `abandon`."""

    def __init__(
        self, paths: RunPaths, lock: RunLock, header: Header, reserve: int, clock: Callable[[], float]
    ) -> None:
        self._paths, self._lock, self._reserve, self._clock = paths, lock, reserve, clock
        self._header = header
        self._columns = {column.name: np.dtype(column.dtype) for column in header.columns}
        self._waiting: list[Block] = []
        self._rows = self._written = self._safe = self._events = self._event_lines = 0
        self._closed = ""  # why nothing can be written any more
        self._sealed = False
        self._started = self._flushed = self._synced = clock()
        with self._hdf5():
            self._file = create_live(paths.live)
            self._descriptor = int(self._file.id.get_vfd_handle())
        with self._hdf5():
            declare(self._file, header)
            self._file.swmr_mode = True  # from here on, only append: see ecramlab.runs.layout
            self._data = {name: self._file["entry/rows"][name] for name in self._columns}
            self._log = {name: self._file["entry/events"][name] for name in ("text", "level", "number", "time")}

    @classmethod
    def create(
        cls,
        folder: Path,
        *,
        experiment: str,
        title: str,
        columns: Sequence[Column],
        provenance: Provenance,
        axis: str = "time",
        estimated_rows: int | None = None,
        reserve: int = disk.RESERVE,
        clock: Callable[[], float] = time.monotonic,
    ) -> Self:
        """Start a run file in `folder`; when this returns, it is safe on the disk.

        `axis` names the column that the others are functions of; `clock` gives the seconds that pace flushing.
        Raises DiskSpaceLow, with nothing created, unless there is room for the run, its sealed copy and the reserve.
        """
        start, run_id = datetime.now().astimezone(), str(uuid.uuid4())
        header = Header(run_id, experiment, title, start, _checked(columns, axis), axis, provenance)
        size = disk.estimated_bytes([np.dtype(column.dtype).itemsize for column in columns], estimated_rows or 0)
        paths = RunPaths(folder, run_name(start, provenance.sample.name, experiment, run_id))
        try:
            disk.require_free(folder, 2 * size + reserve, "this run (twice its rows, and a reserve)")
            folder.mkdir(parents=True, exist_ok=True)
            lock = RunLock.acquire(paths.lock)
        except RunFileError:
            raise
        except OSError as error:
            raise RunFileError(
                f"{folder}: no run can be recorded here ({error.strerror}); choose another folder"
            ) from error
        _refuse_existing(paths, lock)
        try:
            lock.write_owner(start=iso(start), live=paths.live.name)
            writer = cls(paths, lock, header, reserve, clock)
            writer.event("info", "run created")
            disk.sync_folder(folder)
        except BaseException:
            paths.live.unlink(missing_ok=True)
            lock.release(remove=True)
            raise
        return writer

    # -- facts ------------------------------------------------------------------------------------------

    @property
    def path(self) -> Path:
        """The file that can be opened now: the live one, later the sealed one."""
        return self._paths.final if self._sealed else self._paths.live

    @property
    def run_id(self) -> str:
        """UUID of the run."""
        return self._header.run_id

    @property
    def rows(self) -> int:
        """Rows taken."""
        return self._rows

    @property
    def rows_on_disk(self) -> int:
        """Rows that a power cut leaves."""
        return self._safe

    # -- writing ----------------------------------------------------------------------------------------

    def append(self, rows: Sequence[Mapping[str, float]]) -> None:
        """Take rows; every row has exactly the columns of the run, NaN where nothing was measured.

        Raises ValueError, taking none of them, if they do not fit; RunFileError if the file failed;
        DiskSpaceLow, after they are safe, if the disk is nearly full.
        """
        self._require_open()
        if not rows:
            return
        self._waiting.append(self._block(rows))
        self._rows += len(rows)
        now = self._clock()
        if now - self._synced >= SYNC_EVERY:
            self.sync()
        elif now - self._flushed >= FLUSH_EVERY:
            self.flush()

    def event(self, level: str, text: str) -> None:
        """Record that something happened (level info, warning or error), safe on the disk when this returns."""
        self._require_open()
        parts = split_text(text)
        name = level.encode("ascii")
        if not 0 < len(name) <= LEVEL_BYTES:
            raise ValueError(f"level {level!r}: must have 1 to {LEVEL_BYTES} characters")
        count, end = len(parts), self._event_lines + len(parts)
        values = {
            "text": np.array(parts, TEXT_DTYPE),
            "level": np.array([name] * count, f"S{LEVEL_BYTES}"),
            "number": np.full(count, self._events, "i8"),
            "time": np.full(count, self._clock() - self._started),
        }
        with self._hdf5():
            for column, dataset in self._log.items():  # time last
                _extend(dataset, values[column], end)
        self._events, self._event_lines = self._events + 1, end
        self._sync()

    def flush(self) -> None:
        """Hand all rows to HDF5: readers of the live file see them."""
        self._require_open()
        self._flushed = self._clock()
        if not self._waiting:
            return
        block = {name: np.concatenate([part[name] for part in self._waiting]) for name in self._columns}
        end = self._rows
        with self._hdf5():
            for name in self._axis_last():
                _extend(self._data[name], block[name], end)
        self._waiting, self._written = [], end

    def sync(self) -> int:
        """Force everything to the disk. Returns the number of rows that are safe. Raises as `append`."""
        self._require_open()
        self._sync()
        disk.require_free(self._paths.folder, self._reserve, f"going on after {self._safe} rows, all of them safe,")
        return self._safe

    # -- ending -----------------------------------------------------------------------------------------

    def seal(
        self, status: str, reason: str = "", settings_after: Mapping[str, Mapping[str, Any]] | None = None
    ) -> Path:
        """End the run: compressed copy with checksums, read back and renamed. Outputs must be off before.

        `settings_after` has the settings of each instrument by name. Returns the sealed file. Raises RunFileError if
        that fails; the live file then stays and `recover` can seal it.
        """
        try:
            self.event("info", f"end: {status}" + (f" ({reason})" if reason else ""))
            ending = Ending(status, reason, datetime.now().astimezone(), settings_after or {})
            self._close("the run is over")
            seal_file(self._paths, ending)
        except Exception:
            self._lock.release(remove=False)
            raise
        self._sealed = True
        self._lock.release(remove=True)
        return self._paths.final

    def abandon(self) -> None:
        """Let go of the run without sealing it; `recover` can do that later. Harmless when it has ended already."""
        if not self._closed:
            self._close("the run was abandoned")
        self._lock.release(remove=False)

    # -- inside -----------------------------------------------------------------------------------------

    def _block(self, rows: Sequence[Mapping[str, float]]) -> Block:
        for row in rows:
            if row.keys() != self._columns.keys():
                unknown, missing = row.keys() - self._columns.keys(), self._columns.keys() - row.keys()
                raise ValueError(f"a row has the wrong columns: unknown {sorted(unknown)}, missing {sorted(missing)}")
        return {name: _as_column(name, [row[name] for row in rows], dtype) for name, dtype in self._columns.items()}

    def _axis_last(self) -> Iterator[str]:
        """Columns in the order of writing: the axis last, so that its length counts complete rows."""
        yield from (name for name in self._columns if name != self._header.axis)
        yield self._header.axis

    def _sync(self) -> None:
        self.flush()
        with self._hdf5():
            os.fsync(self._descriptor)
        self._synced, self._safe = self._clock(), self._written

    def _require_open(self) -> None:
        if self._closed:
            raise RunFileError(f"{self.path}: nothing can be written, {self._closed}")

    def _close(self, why: str) -> None:
        with self._hdf5():
            self._file.close()
        self._closed = why

    @contextmanager
    def _hdf5(self) -> Iterator[None]:
        """Every call of h5py happens in here; after the first that fails there is never another one."""
        try:
            yield
        except Exception as error:
            self._closed = f"because writing failed before ({reason_of(error)})"
            if hasattr(self, "_descriptor"):
                detach(
                    self._descriptor,
                    self._file,
                    *getattr(self, "_data", {}).values(),
                    *getattr(self, "_log", {}).values(),
                )
            raise RunFileError(
                f"{self._paths.live}: writing failed ({reason_of(error)}); {self._safe} rows are safe on the disk"
            ) from error


def split_text(text: str) -> list[bytes]:
    """A text in lines of at most TEXT_BYTES bytes of UTF-8, never cut inside a character."""
    rest = text.encode("utf-8", "backslashreplace")
    parts: list[bytes] = []
    while rest or not parts:
        part = rest[:TEXT_BYTES].decode("utf-8", "ignore").encode()
        parts.append(part)
        rest = rest[len(part) :]
    return parts


def _refuse_existing(paths: RunPaths, lock: RunLock) -> None:
    if (existing := paths.existing()) is not None:
        lock.release(remove=False)
        raise RunFileError(f"{existing}: exists already; a run never writes over another one")


def _extend(dataset: h5py.Dataset, values: NDArray[Any], end: int) -> None:
    """Let a dataset end at row `end` with `values`. Doing it again after an interruption does no harm."""
    dataset.resize((end,))
    dataset[end - len(values) :] = values
    dataset.flush()


def _as_column(name: str, values: Sequence[float], dtype: np.dtype[Any]) -> NDArray[Any]:
    floats = np.asarray(values, dtype="f8")
    if dtype.kind == "f":
        return floats.astype(dtype)
    limits = np.iinfo(dtype)
    if not (np.all(floats == np.floor(floats)) and np.all(floats >= limits.min) and np.all(floats <= limits.max)):
        raise ValueError(f"{name}: {list(values)} given; whole numbers from {limits.min} to {limits.max} are needed")
    return floats.astype(dtype)


def _checked(columns: Sequence[Column], axis: str) -> Sequence[Column]:
    names = [column.name for column in columns]
    if axis not in names or len(names) < 2 or len(set(names)) < len(names):
        raise ValueError(f"columns {names}: names must differ, and {axis!r} must be one of at least two")
    return columns
