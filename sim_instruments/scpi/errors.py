"""SCPI-99 error numbers, texts and the error queue (SCPI-99 volume 2, chapter 21.8)."""

from collections import deque

TEXTS = {
    -100: "Command error",
    -101: "Invalid character",
    -102: "Syntax error",
    -103: "Invalid separator",
    -104: "Data type error",
    -105: "GET not allowed",
    -108: "Parameter not allowed",
    -109: "Missing parameter",
    -113: "Undefined header",
    -114: "Header suffix out of range",
    -131: "Invalid suffix",
    -161: "Invalid block data",
    -200: "Execution error",
    -211: "Trigger ignored",
    -213: "Init ignored",
    -220: "Parameter error",
    -221: "Settings conflict",
    -222: "Data out of range",
    -223: "Too much data",
    -224: "Illegal parameter value",
    -230: "Data corrupt or stale",
    -241: "Hardware missing",
    -256: "File name not found",
    -310: "System error",
    -350: "Queue overflow",
    -363: "Input buffer overrun",
    -410: "Query INTERRUPTED",
    -420: "Query UNTERMINATED",
    -430: "Query DEADLOCKED",
    -440: "Query UNTERMINATED after indefinite response",
}
QUEUE_OVERFLOW = -350


class ScpiError(Exception):
    """Raised by a command handler; it ends up in the instrument's error queue, never at the caller.

    text: standard wording of a device-specific (positive) code; detail: what follows the wording.
    """

    def __init__(self, code: int, detail: str = "", text: str = "") -> None:
        super().__init__(code, detail)
        self.code, self.detail, self.text = code, detail, text


class ErrorQueue:
    """First in, first out, of limited depth. When full, its last entry becomes -350 and newer errors are lost."""

    def __init__(self, depth: int, separator: str = ";") -> None:
        self._depth, self._separator = depth, separator
        self._entries: deque[tuple[int, str]] = deque()

    def __len__(self) -> int:
        return len(self._entries)

    def push(self, code: int, detail: str = "", text: str = "") -> None:
        """Enter an error; `detail` is appended to the standard text of its code."""
        wording = text or TEXTS.get(code, "Device-specific error")
        if detail:
            wording += self._separator + detail
        if len(self._entries) >= self._depth:
            self._entries.pop()
            code, wording = QUEUE_OVERFLOW, TEXTS[QUEUE_OVERFLOW]
        self._entries.append((code, wording.replace('"', "'")))

    def pop(self) -> tuple[int, str]:
        """Oldest error and its text, removed from the queue; (0, "No error") when there is none."""
        return self._entries.popleft() if self._entries else (0, "No error")

    def clear(self) -> None:
        """Forget all entries."""
        self._entries.clear()


def event_bit(code: int) -> int:
    """Bit of the standard event register that an error number sets (SCPI-99 volume 2, 21.8.2)."""
    if -199 <= code <= -100:
        return 0x20
    if -299 <= code <= -200:
        return 0x10
    if -499 <= code <= -400:
        return 0x04
    return 0x08
