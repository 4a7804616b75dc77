"""The bytes that an instrument has answered and nobody has read yet."""

from typing import Protocol, runtime_checkable


class OutputBuffer:
    """A queue of bytes, read from its front.

    answered: bytes of which the first ones may have been taken; empty as soon as nothing waits.
    """

    def __init__(self) -> None:
        self.answered, self._position = b"", 0

    def __len__(self) -> int:
        """Bytes that wait."""
        return len(self.answered) - self._position if self.answered else 0

    @property
    def waiting(self) -> bytes:
        """What waits, without taking it."""
        return self.answered[self._position :]

    def append(self, data: bytes) -> None:
        """Put an answer behind what waits."""
        self.answered, self._position = self.waiting + data if self.answered else data, 0

    def take(self, count: int, stop_at: bytes | None) -> tuple[bytes, bool]:
        """Take up to `count` bytes, or through the first `stop_at`, off the front -> (bytes, `stop_at` was found)."""
        data, start = self.answered, self._position
        end = start + count
        found = -1 if stop_at is None else data.find(stop_at, start, end)
        if found >= 0:
            end = found + 1
        if end >= len(data):
            self.answered, self._position = b"", len(data)
            return data[start:], found >= 0
        self._position = end
        return data[start:end], found >= 0

    def skip_line_end(self) -> None:
        """Forget the line end that somebody has left who read a known number of characters."""
        rest = self.waiting
        if self._position and rest[:1] in (b"\r", b"\n"):
            self.answered, self._position = rest.lstrip(b"\r\n"), 0

    def clear(self) -> None:
        """Forget what waits."""
        self.answered, self._position = b"", 0


@runtime_checkable
class KeepsAnswers(Protocol):
    """An instrument with an output buffer of its own, as from before IEEE 488.2.

    A new message does not discard what waits there, and commands may count or clear it.
    """

    @property
    def output(self) -> OutputBuffer:
        """Where its answers wait."""
        ...
