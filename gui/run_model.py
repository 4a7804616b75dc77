"""What the window knows of a run: a state machine and counters, fed with events. No Qt.

    IDLE -> STARTING -> RUNNING <-> PAUSED -> FINISHING -> ENDED          the run ends by itself
                        any of them -> ABORTING -> FINISHING -> ENDED     it is asked to end, and answers
                        any of them -> SWITCHING_OFF -> ENDED             it does not answer, or dies

"Outputs off" is believed only from a `finished` event that says so, or from `ecramlab off` that succeeded.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from gui.row_buffer import RowBuffer

Event = Mapping[str, Any]


class Phase(Enum):
    """Where a run stands."""

    IDLE = "ready"
    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    ABORTING = "aborting"
    FINISHING = "finishing"
    SWITCHING_OFF = "switching off"
    ENDED = "ended"


class Outputs(Enum):
    """What is known of the outputs of the bench."""

    UNKNOWN = "not asked yet"
    ON = "on"
    OFF = "confirmed off"
    UNCONFIRMED = "NOT CONFIRMED OFF"


class Tone(Enum):
    """How a sentence is meant; shown by a sign and a word as well as by a colour."""

    NEUTRAL = "neutral"
    GOOD = "good"
    CAUTION = "caution"
    BAD = "bad"


@dataclass(frozen=True)
class Exit:
    """How a child process ended. `detail` is what it last said on stderr."""

    code: int
    crashed: bool
    detail: str = ""


@dataclass(frozen=True)
class ColumnInfo:
    """One column of the rows: SI unit ("1" for none) and meaning."""

    name: str
    unit: str
    long_name: str


_ACTIVE = frozenset({Phase.STARTING, Phase.RUNNING, Phase.PAUSED, Phase.ABORTING, Phase.FINISHING, Phase.SWITCHING_OFF})
_REFUSALS = (1, 2)  # exit codes of a run that ends before it has started: refused, wrong usage, instrument missing


class RunModel:
    """One run at a time. Methods are called with what happened; properties are read by the panels."""

    def __init__(self) -> None:
        self.phase = Phase.IDLE
        self.outputs = Outputs.UNKNOWN
        self.outputs_on: tuple[str, ...] = ()
        self.sentence, self.tone = "", Tone.NEUTRAL
        self._forget_run()

    def _forget_run(self) -> None:
        self.title = self.file = self.status = self.reason = ""
        self.started = self.emulated = False
        self.columns: tuple[ColumnInfo, ...] = ()
        self.instruments: tuple[Mapping[str, str], ...] = ()
        self.rows = RowBuffer()
        self.done = self.on_disk = 0
        self.total: int | None = None
        self.seconds_left: float | None = None
        self.figures: dict[str, Mapping[str, Any]] = {}
        self.doubtful_rows = 0
        self._outputs_off_said: bool | None = None
        self._why_off, self._off_tone = "", Tone.GOOD

    @property
    def active(self) -> bool:
        """True from the press on Run until its process has ended and the outputs were dealt with."""
        return self.phase in _ACTIVE

    @property
    def fraction(self) -> float | None:
        """Part done, 0 … 1, or None while the total is unknown."""
        return min(1.0, self.done / self.total) if self.total else None

    @property
    def finished_said(self) -> bool:
        """True once the run has said that it is over."""
        return self._outputs_off_said is not None

    # -- what the user does ---------------------------------------------------------------------------
    def begin(self, title: str) -> None:
        """A run was started."""
        self._forget_run()
        self.title, self.phase = title, Phase.STARTING
        self._say(Tone.NEUTRAL, "Starting: opening the instruments of the bench …")

    def ask_abort(self) -> None:
        """The run was asked to end. Asking again changes nothing."""
        if self.active and self.phase not in (Phase.FINISHING, Phase.SWITCHING_OFF):
            self.phase = Phase.ABORTING
            self._say(Tone.BAD, "ABORTING: switching outputs off …")

    def pause(self, paused: bool) -> None:
        """Hold the run before its next point, or go on."""
        if paused and self.phase is Phase.RUNNING:
            self.phase = Phase.PAUSED
            self._say(Tone.CAUTION, "Paused before the next point. Outputs stay as they are.")
        elif not paused and self.phase is Phase.PAUSED:
            self.phase = Phase.RUNNING
            self._say(Tone.NEUTRAL, "")

    # -- what the run says ------------------------------------------------------------------------------
    def hear(self, event: Event) -> None:
        """One event of the run. Kinds that are not known are none of our business."""
        reader = {
            "started": self._hear_started,
            "rows": self._hear_rows,
            "progress": self._hear_progress,
            "outputs": self._hear_outputs,
            "finished": self._hear_finished,
        }.get(str(event.get("event")))
        if reader is not None:
            reader(event)

    def _hear_started(self, event: Event) -> None:
        self.started, self.emulated = True, bool(event["emulated"])
        self.title, self.file, self.total = str(event["title"]), str(event["file"]), event["total"]
        self.columns = tuple(
            ColumnInfo(str(c["name"]), str(c["unit"]), str(c.get("long_name", ""))) for c in event["columns"]
        )
        self.instruments = tuple(event["instruments"])
        self.rows = RowBuffer([column.name for column in self.columns], key="conductance")
        if self.phase is Phase.STARTING:
            self.phase = Phase.RUNNING
            self._say(Tone.NEUTRAL, "")

    def _hear_rows(self, event: Event) -> None:
        columns: Mapping[str, Sequence[float | None]] = event["columns"]
        self.rows.append(int(event["first"]), columns)
        self.doubtful_rows += sum(1 for status in columns.get("status", ()) if status)

    def _hear_progress(self, event: Event) -> None:
        self.done, self.on_disk = int(event["done"]), int(event["on_disk"])
        self.total, self.seconds_left = event["total"], event["seconds_left"]

    def _hear_outputs(self, event: Event) -> None:
        self.outputs_on = tuple(map(str, event["on"]))
        if self.outputs_on:
            self.outputs = Outputs.ON

    def _hear_finished(self, event: Event) -> None:
        self.phase = Phase.FINISHING
        self.status, self.reason = str(event["status"]), str(event["reason"])
        self.file, self.figures = str(event["file"]), dict(event["figures"])
        self.seconds_left = None
        self._outputs_off_said = bool(event["outputs_off"])
        if self._outputs_off_said:
            self._outputs_are_off()
            self._say(*self._ending())
        else:
            self.outputs = Outputs.UNCONFIRMED
            self._say(Tone.BAD, f"The run ended ({self._why()}) but its outputs are NOT CONFIRMED OFF.")

    def _ending(self) -> tuple[Tone, str]:
        off = "Outputs confirmed off."
        match self.status:
            case "complete":
                return Tone.GOOD, f"Complete: {self.done:,} rows. {off}".replace(",", " ")
            case "aborted" | "stopped":
                return Tone.GOOD, f"{self.status.capitalize()} after {self.done:,} rows. {off}".replace(",", " ")
            case _:
                return Tone.BAD, f"Failed: {self.reason or 'no reason given'}. {off}"

    def _why(self) -> str:
        return f"{self.status}: {self.reason}" if self.reason else self.status

    # -- what the processes do ----------------------------------------------------------------------------
    def process_ended(self, end: Exit) -> bool:
        """The run's process is gone. Returns True when the outputs have to be switched off from outside."""
        if self.phase is Phase.SWITCHING_OFF:
            return False
        if self._outputs_off_said:
            self.phase = Phase.ENDED
            return False
        if not self.finished_said and self._was_refused(end):
            self.phase, self.status, self.reason = Phase.ENDED, "refused", end.detail
            self._say(Tone.BAD, f"Not started: {end.detail or f'exit code {end.code}, no reason given'}")
            return False
        self.status = self.status or ("aborted" if self.phase is Phase.ABORTING else "failed")
        return True

    def _was_refused(self, end: Exit) -> bool:
        return not (self.started or end.crashed or self.phase is Phase.ABORTING) and end.code in _REFUSALS

    def switching_off(self, why: str, *, asked_for: bool) -> None:
        """`ecramlab off` was started, because of `why`: the user asked for it, or something went wrong."""
        self.phase, self.outputs, self._why_off = Phase.SWITCHING_OFF, Outputs.UNCONFIRMED, why
        self._off_tone = Tone.GOOD if asked_for else Tone.BAD
        self._say(Tone.BAD, f"{why} Switching off with a new process (ecramlab off) …")

    def switched_off(self, end: Exit) -> None:
        """`ecramlab off` has ended."""
        self.phase = Phase.ENDED
        if end.code == 0 and not end.crashed:
            self._outputs_are_off()
            self._say(self._off_tone, f"{self._why_off} Outputs confirmed off by ecramlab off.")
        else:
            detail = end.detail or f"ecramlab off ended with code {end.code}"
            self._say(Tone.BAD, f"OUTPUTS NOT CONFIRMED OFF: {detail} Look at the instruments.")

    def _outputs_are_off(self) -> None:
        self.outputs, self.outputs_on = Outputs.OFF, ()

    def _say(self, tone: Tone, sentence: str) -> None:
        self.tone, self.sentence = tone, sentence


def time_left(seconds: float | None) -> str:
    """Time left for people: 1:12 left, 2:03:10 left, or nothing while unknown."""
    if seconds is None or not math.isfinite(seconds):
        return ""
    minutes, rest = divmod(math.ceil(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02} left" if hours else f"{minutes}:{rest:02} left"
