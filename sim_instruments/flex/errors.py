"""Error codes of FLEX and the queue they wait in.

Source: B1500A programming guide, ed. 11, for the codes 100, 120, 122, 153 and 305. The wording of the others is
recalled and not confirmed.
"""

from collections import deque
from typing import Final

UNDEFINED, SYNTAX, VALUE, CHANNEL, CHANNEL_COUNT, RANGE, NO_MODULE = 100, 102, 120, 121, 122, 124, 153
NOT_ALLOWED_HERE, OUTPUT_OFF, COMPLIANCE_MISSING, INTERLOCK, ZERO_FIRST = 151, 200, 201, 202, 205
NO_MEASUREMENT, NO_SWEEP_SOURCE, NO_PULSE_SOURCE = 210, 220, 222
EXCESS_CURRENT, SYSTEM = 305, 999
DEPTH: Final = 30

TEXTS: Final = {
    0: "No Error.",
    UNDEFINED: "Undefined GPIB command.",
    SYNTAX: "Incorrect numeric data syntax.",
    VALUE: "Incorrect parameter value.",
    CHANNEL: "Channel number must be corrected.",
    CHANNEL_COUNT: "Number of channels must be corrected.",
    RANGE: "Incorrect range value for this channel.",
    NOT_ALLOWED_HERE: "This command is not allowed for this channel.",
    NO_MODULE: "No module for the specified channel.",
    OUTPUT_OFF: "Channel output switch must be ON.",
    COMPLIANCE_MISSING: "Compliance must be set.",
    INTERLOCK: "Interlock circuit must be shorted.",
    ZERO_FIRST: "DZ must be sent before RZ.",
    NO_MEASUREMENT: "Ch and mode must be set by MM.",
    NO_SWEEP_SOURCE: "Send WV or WI to set primary sweep source.",
    NO_PULSE_SOURCE: "Set pulse source by PV or PI.",
    EXCESS_CURRENT: "Excess current in HRSMU.",
    SYSTEM: "Internal error.",
}


class FlexError(Exception):
    """Raised by a command handler; ends up in the error queue. `detail` is shown behind the text of the code."""

    def __init__(self, code: int, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail


class FlexErrorQueue:
    """First in, first out. What comes when it is full is lost."""

    def __init__(self) -> None:
        self._entries: deque[tuple[int, str]] = deque()

    def __len__(self) -> int:
        return len(self._entries)

    def push(self, code: int, detail: str = "") -> None:
        """Enter an error."""
        if len(self._entries) < DEPTH:
            self._entries.append((code, f"{text_of(code)}; {detail}" if detail else text_of(code)))

    def pop(self) -> tuple[int, str]:
        """The oldest error and its text, removed; 0 when there is none."""
        return self._entries.popleft() if self._entries else (0, TEXTS[0])

    def pop_codes(self, count: int) -> list[int]:
        """The oldest codes, filled up with 0; the whole queue is then empty, as after ``ERR?``."""
        codes = [code for code, _ in self._entries][:count]
        self._entries.clear()
        return codes + [0] * (count - len(codes))


def text_of(code: int) -> str:
    """Wording of a code."""
    return TEXTS.get(code, "Undefined error code.")
