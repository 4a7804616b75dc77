"""Ctrl-C, SIGTERM or a closed terminal ask a run to end; Ctrl-C again within ten seconds ends it now. Both are safe."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from ecramlab.stop import StopRequest

AGAIN_WITHIN = 10.0  # seconds
ENDING = [signal.SIGINT, signal.SIGTERM]
if hasattr(signal, "SIGHUP"):  # the terminal was closed; not on Windows
    ENDING.append(signal.SIGHUP)


@contextmanager
def ending_on_signals(stop: StopRequest) -> Iterator[None]:
    """Turn the signals into requests to `stop`; a second SIGINT raises KeyboardInterrupt where the run is."""
    asked_at: float | None = None
    interrupted = False

    def ask(number: int, _frame: FrameType | None) -> None:
        nonlocal asked_at, interrupted
        now = time.monotonic()
        again = number == signal.SIGINT and asked_at is not None and now - asked_at < AGAIN_WITHIN
        if again and not interrupted and not stop.over:
            interrupted = True  # once only: what follows is clean-up
            raise KeyboardInterrupt
        asked_at = now
        stop.request("Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name)

    before = {number: signal.signal(number, ask) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def shielded_from_signals() -> Iterator[None]:
    """Nothing interrupts what is inside: the steps that make a bench safe and close the run file."""
    before = {number: signal.signal(number, _note) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _note(_number: int, _frame: FrameType | None) -> None:
    """Signals during clean-up change nothing: it is already ending."""
