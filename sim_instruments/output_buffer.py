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
        self._data, self._position = self._data[self._position :] + data, 0

    def stop(self, count: int, character: bytes | None) -> tuple[int, bool]:
        """Number of bytes up to `count` or through the first `character`, and whether that was found."""
        end = min(len(self._data), self._position + count)
        found = -1 if character is None else self._data.find(character, self._position, end)
        return (found + 1 if found >= 0 else end) - self._position, found >= 0

    def take(self, count: int) -> bytes:
        """Take bytes off the front."""
        start, self._position = self._position, self._position + count
        return self._data[start : self._position]

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
