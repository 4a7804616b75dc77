"""What a run tells the outside: a few kinds of events, each of which can be written as one line of JSON.

A progress bar, the window and a log listen to the same events. `ecramlab run … --events` prints them, one a line.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

Status = Literal["complete", "stopped", "aborted", "failed"]


@dataclass(frozen=True)
class Event:
    """Base of all events; `kind` is the value of "event" in the JSON line."""

    kind: ClassVar[str] = "event"

    def to_json(self) -> str:
        """One line of JSON; NaN becomes null, because JSON has no NaN."""
        return json.dumps({"event": self.kind, **_plain(asdict(self))}, separators=(",", ":"))


@dataclass(frozen=True)
class Started(Event):
    """The run file exists; nothing has been energised yet."""

    kind: ClassVar[str] = "started"
    run_id: str
    file: str
    experiment: str
    title: str
    emulated: bool
    total: int | None
    columns: Sequence[Mapping[str, str]]
    instruments: Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Rows(Event):
    """Rows `first` and following, column by column, SI units."""

    kind: ClassVar[str] = "rows"
    first: int
    columns: Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Progress(Event):
    """Rows done, rows in all, seconds left (None while unknown), rows safe on disk."""

    kind: ClassVar[str] = "progress"
    done: int
    total: int | None
    seconds_left: float | None
    on_disk: int


@dataclass(frozen=True)
class Message(Event):
    """Something a person should know."""

    kind: ClassVar[str] = "message"
    level: Literal["info", "warning", "error"]
    text: str


@dataclass(frozen=True)
class Outputs(Event):
    """Which terminals are on."""

    kind: ClassVar[str] = "outputs"
    on: Sequence[str]


@dataclass(frozen=True)
class Finished(Event):
    """The run is over: how, where its file is, whether every output was confirmed off, and the figures of merit."""

    kind: ClassVar[str] = "finished"
    status: Status
    reason: str
    file: str
    outputs_off: bool
    figures: Mapping[str, Mapping[str, Any]]


Listener = Callable[[Event], None]


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
