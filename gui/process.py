"""Child processes of the window: what they say, how they end; and the bench process, whose lines are events."""

import json
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment

from gui.run_model import Event, Exit

_LAST_WORDS = 20  # lines of stderr that are kept
_SHOWN = 120  # characters of a line that is quoted in a message


class ChildProcess(QObject):
    """One program at a time. Its output is collected as it comes and handed out by `take_lines`; nothing here waits."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._lines: deque[str] = deque()
        self._partial = b""
        self._last_words: deque[str] = deque(maxlen=_LAST_WORDS)
        self._end: Exit | None = None

    @property
    def running(self) -> bool:
        """True until the program has ended."""
        return self._process is not None

    @property
    def pending(self) -> bool:
        """True while it runs, and until its end was taken."""
        return self.running or self._end is not None

    @property
    def pid(self) -> int | None:
        """Process id, None when nothing runs."""
        return self._process.processId() if self._process is not None else None

    def start(self, command: Sequence[str]) -> None:
        """Start `command` in a session of its own, so that Ctrl-C in a terminal reaches the window only."""
        if self.running:
            raise RuntimeError("a program is running already")
        self._lines.clear()
        self._last_words.clear()
        self._partial, self._end = b"", None
        process = self._process = QProcess(self)
        if sys.platform != "win32":
            process.setUnixProcessParameters(QProcess.UnixProcessFlag.CreateNewSession)
        process.setProcessEnvironment(_environment())
        process.readyReadStandardOutput.connect(self._read_output)
        process.readyReadStandardError.connect(self._read_last_words)
        process.finished.connect(self._ended)
        process.errorOccurred.connect(self._failed)
        process.start(command[0], list(command[1:]))

    def send_line(self, line: str) -> None:
        """One line on the program's stdin."""
        if self._process is not None:
            self._process.write(f"{line}\n".encode())

    def terminate(self) -> None:
        """Ask it to end (SIGTERM)."""
        if self._process is not None:
            self._process.terminate()

    def kill(self) -> None:
        """End it now (SIGKILL)."""
        if self._process is not None:
            self._process.kill()

    def wait(self, seconds: float) -> bool:
        """Block until it has ended, at most `seconds`. Only for the way out of the application."""
        return self._process is None or self._process.waitForFinished(int(seconds * 1000)) or not self.running

    def take_lines(self) -> list[str]:
        """Lines on stdout since the last call."""
        lines = list(self._lines)
        self._lines.clear()
        return lines

    def take_end(self) -> Exit | None:
        """How it ended, once, and only after all its lines were taken."""
        if self._lines:
            return None
        end, self._end = self._end, None
        return end

    # -- slots ------------------------------------------------------------------------------------------
    def _read_output(self) -> None:
        if self._process is not None:
            *lines, self._partial = (self._partial + bytes(self._process.readAllStandardOutput().data())).split(b"\n")
            self._lines.extend(line.decode("utf-8", "replace") for line in lines)

    def _read_last_words(self) -> None:
        if self._process is not None:
            text = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace")
            self._last_words.extend(line for line in text.splitlines() if line.strip())

    def _ended(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read_output()
        self._read_last_words()
        if self._partial.strip():
            self._lines.append(self._partial.decode("utf-8", "replace"))
        self._drop(Exit(code, status is QProcess.ExitStatus.CrashExit, self._detail()))

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and self._process is not None:
            self._drop(Exit(127, True, f"{self._process.program()} cannot be started: {self._process.errorString()}"))

    def _drop(self, end: Exit) -> None:
        process, self._process, self._end = self._process, None, end
        if process is not None:
            process.deleteLater()

    def _detail(self) -> str:
        """The sentence of a command that refused ("Error: …", perhaps over several lines), or the last line of all."""
        words = list(self._last_words)
        starts = [number for number, line in enumerate(words) if line.startswith("Error: ")]
        return " ".join(words[starts[-1] :]).removeprefix("Error: ") if starts else words[-1] if words else ""


@dataclass(frozen=True)
class Batch:
    """What a bench process said since the last time: events in order, rows in order, and its end, if that has come."""

    events: list[Event]
    rows: list[Event]
    end: Exit | None


class BenchProcess(ChildProcess):
    """The program that runs an experiment and prints one event a line."""

    def take(self) -> Batch:
        """Events and rows since the last call. A line that is no event becomes a warning."""
        said = [_parse(line) for line in self.take_lines()]
        rows = [event for event in said if event["event"] == "rows"]
        return Batch([event for event in said if event["event"] != "rows"], rows, self.take_end())


def _parse(line: str) -> Event:
    try:
        event: Any = json.loads(line)
    except ValueError:
        event = None
    if isinstance(event, dict) and isinstance(event.get("event"), str):
        return event
    shown = line if len(line) <= _SHOWN else f"{line[:_SHOWN]} … ({len(line)} characters)"
    return {"event": "message", "level": "warning", "text": f"not understood from the bench process: {shown}"}


def _environment() -> QProcessEnvironment:
    environment = QProcessEnvironment.systemEnvironment()
    environment.insert("PYTHONUNBUFFERED", "1")
    environment.insert("PYTHONIOENCODING", "utf-8")
    environment.insert("NO_COLOR", "1")
    environment.insert("COLUMNS", "200")
    return environment
