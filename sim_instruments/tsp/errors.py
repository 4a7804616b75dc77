"""Error codes of the TSP instruments with their texts and severities, and the error queue that holds them."""

from __future__ import annotations

from collections import deque
from typing import Final, NamedTuple

# The manuals print no depth; 100 is the choice made here for all TSP models.
QUEUE_DEPTH: Final = 100

SEVERITY_NONE, SEVERITY_RECOVERABLE, SEVERITY_SERIOUS, SEVERITY_FATAL = 0, 20, 30, 40

# Series 2600B and 707B/708B reference manuals, "Error and status messages".
TEXTS: Final[dict[int, str]] = {
    -430: "Query DEADLOCKED",
    -420: "Query UNTERMINATED",
    -410: "Query INTERRUPTED",
    -363: "Input buffer over-run",
    -360: "Communications error",
    -350: "Queue overflow",
    -310: "System error",
    -292: "Referenced name does not exist",
    -286: "TSP Runtime error",
    -285: "TSP Syntax error",
    -281: "Cannot create program",
    -225: "Out of memory or TSP memory allocation error",
    -224: "Illegal parameter value",
    -223: "Too much data",
    -222: "Parameter data out of range",
    -221: "Settings conflict",
    -220: "Parameter error",
    -211: "Trigger ignored",
    -203: "Command protected",
    -154: "String too long",
    -113: "Undefined header",
    -110: "Command header error",
    -109: "Missing parameter",
    -108: "Parameter not allowed",
    -105: "Trigger not allowed",
    -104: "Data type error",
    802: "OUTPUT blocked by interlock",
    1100: "Command unavailable",
    1101: "Parameter too big",
    1102: "Parameter too small",
    1110: "Catastrophic analog supply failure",
    1115: "Parameter error",
    1404: "Invalid byte order",
    1405: "Invalid ASCII precision",
    1406: "Invalid data format",
    4900: "Reading buffer index {} is invalid",
    5005: "Value too big for range",
    5007: "Operation would exceed safe operating area of the instrument",
    5008: "Operation not permitted while output is on",
    5025: "Cannot set filter.count > 1 when measure.count > 1",
    5028: "Cannot perform requested operation while source autorange is enabled",
    5032: "Cannot change this setting unless buffer is cleared",
    5041: "Output blocked by output enable",  # wording not confirmed
    5042: "Cannot perform requested operation while overlapped operation is running",
    5043: "Cannot perform requested operation while voltage measure autorange is enabled",
    5044: "Cannot perform requested operation while current measure autorange is enabled",
    5045: "Cannot perform requested operation while filter is enabled",
    5046: "SMU too hot",
    5052: "Interlock engaged; system stabilizing",
    5053: "Unstable output detected - Measurements may not be valid",
    5059: "trigger.source.action enabled without configuration",
    5060: "trigger.measure.action enabled without configuration",
    5063: "Cannot perform requested operation while measure autozero is on",
    5064: "Cannot use reading buffer that collects source values",
    5069: "Autorange locked for HighC mode",
}
_SEVERITIES: Final = {5041: SEVERITY_SERIOUS, 5046: SEVERITY_SERIOUS, 702: SEVERITY_FATAL, 900: SEVERITY_FATAL,
                      1110: SEVERITY_FATAL, 5001: SEVERITY_FATAL}  # fmt: skip


class TspError(Exception):
    """A command cannot be carried out: `code` goes to the error queue, the setting keeps its value.

    `detail` replaces the placeholder of the code's text, or is appended to it.
    """

    def __init__(self, code: int, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


class QueuedError(NamedTuple):
    """One entry of the error queue, in the order `errorqueue.next()` returns it."""

    code: int
    text: str
    severity: int
    node: int


def error_text(code: int, detail: str = "") -> str:
    """The text that the error queue reports for `code`."""
    text = TEXTS.get(code, "Error")
    if "{}" in text:
        return text.format(detail)
    return f"{text} {detail}" if detail else text


class ErrorQueue:
    """First in, first out; when full the newest entry becomes -350 and later ones are lost until one is read."""

    def __init__(self, depth: int = QUEUE_DEPTH) -> None:
        self._depth = depth
        self._entries: deque[QueuedError] = deque()

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, code: int, detail: str = "") -> None:
        """Queue an error."""
        entry = QueuedError(code, error_text(code, detail), _SEVERITIES.get(code, SEVERITY_RECOVERABLE), 1)
        if len(self._entries) >= self._depth:
            self._entries[-1] = QueuedError(-350, TEXTS[-350], SEVERITY_RECOVERABLE, 1)
        else:
            self._entries.append(entry)

    def next(self) -> QueuedError:
        """The oldest entry, removed; code 0 when there is none."""
        if self._entries:
            return self._entries.popleft()
        return QueuedError(0, "Queue Is Empty", SEVERITY_NONE, 1)

    def clear(self) -> None:
        """Forget all entries."""
        self._entries.clear()
