"""Faults on the bus: what happens to a reply on its way, and what is planned to happen before a message."""

from collections.abc import Callable
from dataclasses import dataclass

Damage = Callable[[bytes], bytes | None]


def lost(reply: bytes) -> None:
    """The reply never arrives."""


def truncated(reply: bytes) -> bytes:
    """The second half of the reply is missing, its terminator is there."""
    body = reply.rstrip(b"\r\n")
    return body[: len(body) // 2] + reply[len(body) :]


def unterminated(reply: bytes) -> bytes:
    """The terminator is missing."""
    return reply.rstrip(b"\r\n")


def wrong_block_length(reply: bytes) -> bytes:
    """A definite-length block announces one byte more than it holds; other replies are cut short."""
    if not (reply[:1] == b"#" and b"1" <= reply[1:2] <= b"9"):
        return truncated(reply)
    digits = int(reply[1:2])
    length = int(reply[2 : 2 + digits]) + 1
    return reply[:2] + b"%0*d" % (digits, length) + reply[2 + digits :]


@dataclass
class ReplyFault:
    """Damages `count` replies, from the `after`-th next message on (0: the next one)."""

    after: int
    count: int
    damage: Damage

    def message_came(self) -> None:
        """One message was received."""
        self.after -= 1

    @property
    def active(self) -> bool:
        """Whether the reply to the present message is damaged."""
        return self.after < 0 < self.count


@dataclass(eq=False)
class Plan:
    """An action before the `after`-th next message (0: the next), or before the first one from `time` [s] on."""

    action: Callable[[], None]
    after: int
    time: float

    def due(self, now: float) -> bool:
        """A message comes: whether the action is due. Time is that of the bench."""
        self.after -= 1
        return self.after < 0 and now >= self.time


class Faults:
    """The faults waiting on one bus address."""

    def __init__(self) -> None:
        self.waiting: list[ReplyFault] = []

    def add(self, fault: ReplyFault) -> None:
        """Plan a fault; ValueError for a negative position or a count below 1."""
        if fault.after < 0 or fault.count < 1:
            raise ValueError(f"after = {fault.after} must be 0 or more and count = {fault.count} must be 1 or more")
        self.waiting.append(fault)

    def message_came(self) -> None:
        """One message was received."""
        for fault in self.waiting:
            fault.message_came()

    def pass_on(self, reply: bytes) -> bytes | None:
        """What is left of a reply; None if it is lost."""
        for fault in self.waiting:
            if fault.active:
                fault.count -= 1
                if not fault.count:
                    self.waiting.remove(fault)
                return fault.damage(reply)
        return reply
