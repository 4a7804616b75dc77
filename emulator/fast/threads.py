"""Sharing the devices of one call among threads."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

MOST = 64
_SHARED_FROM = 32768  # device-pieces, about 0.1 ms: from here on a second thread saves more than handing over costs


def thread_count(asked: int | None) -> int:
    """The number asked for, else that of the environment variable ECRAMLAB_THREADS, else 1.

    Raises ValueError for anything but a whole number from 1 to 64.
    """
    text = os.environ.get("ECRAMLAB_THREADS", "1") if asked is None else str(asked)
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise ValueError(f"{text!r} threads are not allowed: give a whole number from 1 to {MOST}")
    return int(text)


class Threads:
    """`count` threads, the calling one among them, for functions that release the interpreter lock."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._others = ThreadPoolExecutor(count - 1) if count > 1 else None

    def share(self, run: Callable[[int, int], None], devices: int, pieces: int) -> None:
        """Call ``run(first, last)`` so that all devices are covered; pieces: how many each of them has to go through.

        Small work stays on the calling thread.
        """
        if self._others is None or devices * pieces < _SHARED_FROM:
            run(0, devices)
            return
        cuts = [devices * n // self._count for n in range(self._count + 1)]
        (first, last), *rest = pairwise(cuts)
        submitted = [self._others.submit(run, a, b) for a, b in rest]
        run(first, last)
        for other in submitted:
            other.result()

    def end(self) -> None:
        """Release the threads."""
        if self._others:
            self._others.shutdown()
