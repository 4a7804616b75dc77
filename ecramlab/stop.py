"""Asking a run to end: one flag that every wait looks at, and the exception that carries it out of a measurement."""

import threading


class Aborted(BaseException):
    """The run was asked to end. Not an `Exception`, so that `except Exception` in an experiment cannot swallow it."""


class StopRequest:
    """Set once, from a signal handler, another thread or a button; read between exchanges and inside waits."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._resumed = threading.Event()
        self._resumed.set()
        self.reason = ""

    @property
    def requested(self) -> bool:
        """True once the run was asked to end."""
        return self._event.is_set()

    def request(self, reason: str) -> None:
        """Ask the run to end; the first reason is kept. Also ends a pause."""
        self.reason = self.reason or reason
        self._event.set()
        self._resumed.set()

    def pause(self) -> None:
        """Hold the run before its next point."""
        self._resumed.clear()

    def resume(self) -> None:
        """Go on after a pause."""
        self._resumed.set()

    def check(self) -> None:
        """Wait while paused; raise Aborted if the run was asked to end."""
        self._resumed.wait()
        if self.requested:
            raise Aborted(self.reason)

    def wait(self, seconds: float) -> None:
        """Wait `seconds` of wall time, or raise Aborted as soon as the run is asked to end."""
        if self._event.wait(seconds):
            raise Aborted(self.reason)
