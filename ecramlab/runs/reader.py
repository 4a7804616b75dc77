"""Reads a run, sealed or still being written."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np
from numpy.typing import NDArray

from ecramlab.columns import Column
from ecramlab.runs import sealing
from ecramlab.runs.errors import RunFileError
from ecramlab.runs.hdf5 import open_to_read, reason_of
from ecramlab.runs.layout import SCALE_ATTRIBUTES, check_format, complete_rows, growing
from ecramlab.runs.lock import is_held
from ecramlab.runs.naming import LIVE, RunPaths

_TABLES = ("rows", "events")  # groups of /entry that hold rows, not facts


@dataclass(frozen=True)
class RunEvent:
    """Something that happened. `time` [s] is wall time since the start of the run."""

    time: float
    level: str
    text: str


class Columns(Mapping[str, NDArray[Any]]):
    """The columns of a run by name, each read when it is first asked for."""

    def __init__(self, table: h5py.Group) -> None:
        self._table = table
        self._loaded: dict[str, NDArray[Any]] = {}
        self._names = [item.name.rsplit("/", 1)[1] for item in growing(table)]
        self.rows = complete_rows(table)

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._loaded:
            self._loaded[name] = self._table[name][: self.rows]
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def refresh(self) -> int:
        """See what a writer has added meanwhile. Returns the number of rows."""
        for name in self._names:
            self._table[name].refresh()
        self._loaded.clear()
        self.rows = complete_rows(self._table)
        return self.rows


class Run:
    """One run. Made by `open_run`; a context manager. All numbers are SI."""

    def __init__(self, path: Path, file: h5py.File) -> None:
        self.path = path
        self._file = file
        check_format(file)
        self._entry = file["entry"]
        self.columns = Columns(self._entry["rows"])
        self.column_info: dict[str, Column] = {
            name: _describe(name, self._entry["rows"][name]) for name in self.columns
        }
        self.metadata: dict[str, Any] = {
            name: _read(item) for name, item in self._entry.items() if name not in (*_TABLES, "checksums")
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. Columns read so far stay usable."""
        self._file.close()

    # -- rows -------------------------------------------------------------------------------------------

    @property
    def rows(self) -> int:
        """Complete rows, as of opening or the last `refresh`."""
        return self.columns.rows

    @property
    def axis(self) -> str:
        """Name of the column that the others are functions of."""
        return str(self._entry["rows"].attrs["axes"][0])

    @property
    def units(self) -> dict[str, str]:
        """Unit of each column."""
        return {name: column.unit for name, column in self.column_info.items()}

    @property
    def long_names(self) -> dict[str, str]:
        """What each column holds, in words."""
        return {name: column.long_name for name, column in self.column_info.items()}

    def refresh(self) -> int:
        """See the rows that the writer of a live run has added. Returns their number in all."""
        return self.columns.refresh() if self.is_live else self.rows

    @property
    def events(self) -> list[RunEvent]:
        """What happened, in order."""
        table = self._entry["events"]
        if self.is_live:
            for column in growing(table):
                column.refresh()
        rows = complete_rows(table)
        times, numbers, levels, texts = (table[name][:rows] for name in ("time", "number", "level", "text"))
        starts = np.flatnonzero(np.diff(numbers, prepend=-1))  # lines with one number are one text
        return [
            RunEvent(float(times[k]), levels[k].decode("ascii"), b"".join(texts[k:end]).decode("utf-8"))
            for k, end in pairwise([*starts, rows])
        ]

    # -- facts ------------------------------------------------------------------------------------------

    @property
    def is_live(self) -> bool:
        """Whether this is the file of a run that has not been sealed."""
        return self.path.name.endswith(LIVE)

    @property
    def status(self) -> str:
        """How the run ended; "running" while its program lives, "interrupted" if that died before sealing."""
        if not self.is_live:
            return str(self.metadata["status"])
        return "running" if is_held(RunPaths.of(self.path).lock) else "interrupted"

    @property
    def status_reason(self) -> str:
        """Why it ended so; "" if there is nothing to say."""
        return str(self.metadata.get("status_reason", ""))

    @property
    def run_id(self) -> str:
        """UUID of the run."""
        return str(self.metadata["entry_identifier"])

    @property
    def experiment(self) -> str:
        """Name of the experiment."""
        return str(self.metadata["experiment"])

    @property
    def title(self) -> str:
        """Title of the run."""
        return str(self.metadata["title"])

    @property
    def start_time(self) -> datetime:
        """Start in local time of the measuring computer."""
        return datetime.fromisoformat(self.metadata["start_time"])

    @property
    def end_time(self) -> datetime | None:
        """End, None of a live run."""
        text = self.metadata.get("end_time")
        return None if text is None else datetime.fromisoformat(text)

    @property
    def emulated(self) -> bool:
        """Whether the chip was the emulated twin."""
        return "emulation" in self.metadata

    @property
    def parameters(self) -> dict[str, Any]:
        """Resolved parameters of the experiment, SI."""
        return dict(self.metadata["process"]["parameters"])

    @property
    def instruments(self) -> dict[str, dict[str, Any]]:
        """Identity, driver and settings of each instrument by name."""
        return dict(self.metadata["instruments"])

    @property
    def sample(self) -> dict[str, Any]:
        """Name, size and limits of the chip."""
        return dict(self.metadata["sample"])

    def verify(self) -> None:
        """Raise RunFileError if a sealed file is not exactly what was sealed."""
        sealing.verify(self.path)


def open_run(path: str | Path) -> Run:
    """Open a run file, live or sealed. The live name also works after the sealing, and the sealed one before.

    Raises RunFileError in one sentence if there is none, or if it is not a run file.
    """
    path = Path(path)
    if not path.exists() and path.suffix == ".h5":
        path = RunPaths.of(path).existing() or path
    file = open_to_read(path)
    try:
        return Run(path, file)
    except RunFileError:
        file.close()
        raise
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        file.close()
        raise RunFileError(f"{path}: damaged ({reason_of(error)})") from error


def _describe(name: str, dataset: h5py.Dataset) -> Column:
    attributes = {
        key: value
        for key, value in dataset.attrs.items()
        if key not in SCALE_ATTRIBUTES and key not in ("units", "long_name")
    }
    return Column(name, dataset.attrs["units"], dataset.attrs["long_name"], dataset.dtype.str, attributes)


def _read(item: h5py.Group | h5py.Dataset) -> Any:
    """A group as a dictionary, a text as str, JSON as its structure, a number as int or float."""
    if isinstance(item, h5py.Group):
        return {name: _read(child) for name, child in item.items()}
    value = item[()]
    if not isinstance(value, bytes):
        return value.item()
    text = value.decode("utf-8")
    return json.loads(text) if item.attrs.get("format") == "json" else text
