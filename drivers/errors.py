"""The two ways in which asking an instrument for something can fail."""

from __future__ import annotations


class Refused(ValueError):  # noqa: N818 - the name is the statement: the request was refused
    """The request was refused before anything was sent: the instrument has not changed.

    The message names the value, its unit, the limit it broke and what to do instead.
    """


class InstrumentError(OSError):
    """Something happened on the wire or in the instrument: its state must be checked before going on.

    Attributes:
        instrument: the name of the instrument on the bench, its model and its resource.
        sent: the message that was under way, "" if none was.
        reply: what came back, or what was seen instead of a reply.
        remedy: what a person at the bench can do.
    """

    def __init__(self, problem: str, *, instrument: str, sent: str = "", reply: str = "", remedy: str = "") -> None:
        """Compose one message out of the parts; the parts stay readable as attributes."""
        self.problem = problem
        self.instrument = instrument
        self.sent = sent
        self.reply = reply
        self.remedy = remedy
        parts = [f"{instrument}: {problem}"]
        if sent:
            parts.append(f"sent {sent!r}")
        if reply:
            parts.append(f"got {reply!r}")
        if remedy:
            parts.append(remedy)
        super().__init__("; ".join(parts))
