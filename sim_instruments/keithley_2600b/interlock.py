"""The line on the digital I/O connector that keeps outputs off: safety interlock or, on 40 V models, output enable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

STABILISING: Final = 0.1
"""Seconds the 200 V supply takes after the interlock closes; a choice, the manual prints no figure."""


class Interlock:
    """One line of a unit. `now` gives seconds; `changed` is told when the line opens or closes."""

    def __init__(self, closed: bool, now: Callable[[], float], changed: Callable[[], None]) -> None:
        self._closed = closed
        self._since = -STABILISING
        self._now = now
        self._changed = changed

    @property
    def closed(self) -> bool:
        """Whether the line is engaged."""
        return self._closed

    @closed.setter
    def closed(self, closed: bool) -> None:
        if closed and not self._closed:
            self._since = self._now()
        self._closed = closed
        self._changed()

    @property
    def ready(self) -> bool:
        """Whether the 200 V supply may be used."""
        return self._closed and self._now() - self._since >= STABILISING
