"""The event log of the 2450: `-113,"Undefined header;1;2015/05/06 12:55:33.648"` (text; type; time)."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Final

from emulator import VirtualClock
from sim_instruments.scpi.errors import QUEUE_OVERFLOW, TEXTS, ErrorQueue

ERROR, WARNING, INFORMATION = 1, 2, 4
EMPTY: Final = (0, "No error;0;0 0")
POWER_ON: Final = datetime(2024, 1, 1, tzinfo=UTC)
"""Date of the instrument's clock when the virtual time is 0."""

INTERLOCK_OPEN: Final = 5074
LIMIT_ADJUSTED: Final = 5077
"""Event numbers: the former was seen on an instrument, the latter is a choice."""

USER_TEXT: Final = {ERROR: 1000, WARNING: 1001, INFORMATION: 1002}
"""Event numbers of texts that a user posts; a choice."""


def date_and_time(seconds: float) -> datetime:
    """Date of the instrument's clock at a virtual time."""
    return POWER_ON + timedelta(seconds=seconds)


class EventLog(ErrorQueue):
    """Errors, warnings and notes, oldest first; `SYST:ERR?` takes errors only. Its length is the number of errors."""

    def __init__(self, depth: int, clock: VirtualClock) -> None:
        super().__init__(depth)
        self._limit, self._clock = depth, clock
        self._log: deque[tuple[int, str, int]] = deque()

    def __len__(self) -> int:
        return self.count(ERROR)

    def count(self, kinds: int) -> int:
        """Number of entries of some kinds (ERROR, WARNING, INFORMATION, added)."""
        return sum(bool(kind & kinds) for _, _, kind in self._log)

    def push(self, code: int, detail: str = "", text: str = "") -> None:
        """Enter an error; `detail` is appended to the standard text of its code, but for errors of syntax."""
        wording = text or TEXTS.get(code, "Device-specific error")
        if -200 < code <= -100:
            detail = ""
        self._enter(code, f"{wording}, {detail}" if detail else wording, ERROR)

    def warn(self, code: int, text: str) -> None:
        """Enter a warning."""
        self._enter(code, text, WARNING)

    def note(self, text: str, kind: int) -> None:
        """Enter a text of the user."""
        self._enter(USER_TEXT[kind], text, kind)

    def _enter(self, code: int, text: str, kind: int) -> None:
        if len(self._log) >= self._limit:
            self._log.pop()
            code, text, kind = QUEUE_OVERFLOW, TEXTS[QUEUE_OVERFLOW], ERROR
        when = date_and_time(self._clock.now).strftime("%Y/%m/%d %H:%M:%S.%f")[:-3]
        text = text.replace('"', "'").replace(";", ",")
        self._log.append((code, f"{text};{kind};{when}", kind))

    def pop(self) -> tuple[int, str]:
        """The oldest error, removed from the log."""
        return self.take(ERROR)

    def take(self, kinds: int) -> tuple[int, str]:
        """The oldest entry of some kinds, removed from the log."""
        for place, (code, text, kind) in enumerate(self._log):
            if kind & kinds:
                del self._log[place]
                return code, text
        return EMPTY

    def clear(self) -> None:
        """Forget all entries."""
        self._log.clear()
