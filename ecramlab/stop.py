"""Asking a run to end: one flag that every wait looks at, and the exception that carries it out of a measurement."""

import time

SLICE = 0.02  # seconds between two looks at the flags


class Aborted(BaseException):
    """The run was asked to end. Not an `Exception`, so that `except Exception` in an experiment cannot swallow it."""


class StopRequest:
    """Set once, from a signal handler, another thread or a button; read between exchanges and inside waits.

    Plain attributes and no locks: a signal handler runs in the middle of whatever the main thread does, and would wait
    for ever for a lock that the main thread holds.
    """

    def __init__(self) -> None:
        self.requested = False
        self.over = False  # the run is cleaning up: there is nothing left to hurry
        self.paused = False
        self.reason = ""

    def request(self, reason: str) -> None:
        """Ask the run to end; the first reason is kept. Also ends a pause."""
        self.reason = self.reason or reason
        self.requested = True

    def pause(self) -> None:
        """Hold the run before its next point."""
        self.paused = True

    def resume(self) -> None:
        """Go on after a pause."""
        self.paused = False

    def check(self) -> None:
        """Wait while paused; raise Aborted if the run was asked to end."""
        while self.paused and not self.requested:
            time.sleep(SLICE)
        if self.requested:
            raise Aborted(self.reason)

    def wait(self, seconds: float) -> None:
        """Wait `seconds` of wall time, or raise Aborted as soon as the run is asked to end."""
        until = time.monotonic() + seconds
        while not self.requested and (left := until - time.monotonic()) > 0:
            time.sleep(min(SLICE, left))
        if self.requested:
            raise Aborted(self.reason)
