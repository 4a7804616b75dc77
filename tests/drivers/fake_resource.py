"""A PyVISA resource that is none: it records every byte and answers from a table or a function, like a bus with END."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

from pyvisa.constants import StatusCode
from pyvisa.errors import InvalidSession, VisaIOError

if TYPE_CHECKING:
    from pyvisa.resources import MessageBasedResource

Answer = Callable[[str], "str | bytes | None"]
TIMEOUT = VisaIOError(StatusCode.error_timeout)
LOST = VisaIOError(StatusCode.error_connection_lost)
NO_CLEAR = VisaIOError(StatusCode.error_nonsupported_operation)


class FakeResource:
    """`answer` gets each message and returns the reply, both without terminator; bytes are replied as they are."""

    resource_name = "GPIB0::26::INSTR"

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.sent: list[str] = []
        self.clears = 0
        self.opened = 0
        self.is_open = True
        self.read_termination: str | None = None
        self.timeout = 2000.0
        self.fail: dict[str, BaseException] = {}
        self._pending = b""

    @property
    def as_visa(self) -> MessageBasedResource:
        return cast("MessageBasedResource", self)

    def _operation(self, name: str) -> None:
        if not self.is_open:
            raise InvalidSession
        if name in self.fail:
            raise self.fail[name]

    def write_raw(self, data: bytes) -> int:
        self._operation("write")
        assert data.endswith(b"\n")
        message = data[:-1].decode("latin-1")
        self.sent.append(message)
        reply = self.answer(message)
        line = f"{reply}\n".encode("latin-1") if isinstance(reply, str) else reply
        self._pending = line or b""
        return len(data)

    def read_raw(self) -> bytes:
        self._operation("read")
        if not self._pending:
            raise TIMEOUT
        reply, self._pending = self._pending, b""
        return reply

    def read_bytes(self, count: int) -> bytes:
        self._operation("read")
        if len(self._pending) < count:
            raise TIMEOUT
        reply, self._pending = self._pending[:count], self._pending[count:]
        return reply

    def clear(self) -> None:
        self._operation("clear")
        self.clears += 1
        self._pending = b""

    def close(self) -> None:
        if not self.is_open:
            raise InvalidSession
        self.is_open = False

    def open(self) -> None:
        self.fail = {name: error for name, error in self.fail.items() if error is not LOST}
        self.is_open = True
        self.opened += 1


def table(answers: Mapping[str, str | list[str]]) -> Answer:
    """Answer by the longest key that the message starts with; lists are used up one by one, their last entry stays."""

    def answer(message: str) -> str | None:
        keys = [key for key in answers if message.startswith(key)]
        if not keys:
            return None
        reply = answers[max(keys, key=len)]
        if isinstance(reply, str):
            return reply
        return reply.pop(0) if len(reply) > 1 else reply[0]

    return answer
