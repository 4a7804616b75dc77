"""The bytes that an instrument has answered and nobody has read yet."""

from typing import Protocol, runtime_checkable


class OutputBuffer:
    """A queue of bytes, read from its front."""

    def __init__(self) -> None:
        self._data, self._position = b"", 0

    def __len__(self) -> int:
        """Bytes that wait."""
        return len(self._data) - self._position

    @property
    def waiting(self) -> bytes:
        """What waits, without taking it."""
        return self._data[self._position :]

    def append(self, data: bytes) -> None:
        """Put an answer behind what waits."""
        self._data, self._position = self.waiting + data, 0

    def take(self, count: int, stop_at: bytes | None) -> tuple[bytes, bool]:
        """Take up to `count` bytes, or through the first `stop_at`, off the front -> (bytes, `stop_at` was found)."""
        start = self._position
        end = min(len(self._data), start + count)
        found = -1 if stop_at is None else self._data.find(stop_at, start, end)
        self._position = end if found < 0 else found + 1
        return self._data[start : self._position], found >= 0

    def skip_line_end(self) -> None:
        """Forget the line end that somebody has left who read a known number of characters."""
        rest = self.waiting
        if self._position and rest[:1] in (b"\r", b"\n"):
            self._data, self._position = rest.lstrip(b"\r\n"), 0

    def clear(self) -> None:
        """Forget what waits."""
        self._data, self._position = b"", 0


@runtime_checkable
class KeepsAnswers(Protocol):
    """An instrument with an output buffer of its own, as from before IEEE 488.2.

    A new message does not discard what waits there, and commands may count or clear it.
    """

    @property
    def output(self) -> OutputBuffer:
        """Where its answers wait."""
        ...
