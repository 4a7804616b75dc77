"""The steps that leave a bench safe, registered before anything is energised and run on every way out."""

import logging
from collections.abc import Callable

_log = logging.getLogger(__name__)

Step = Callable[[], list[str]]


class MakeSafe:
    """Ordered steps; each is guarded, so that one that fails never keeps the others from running.

    A step returns what went wrong as sentences that name the instrument. Sources are switched off before relays open,
    because a relay that opens under voltage wears and injects charge; within a group the last registered goes first.
    """

    def __init__(self) -> None:
        self._sources: list[tuple[str, Step]] = []
        self._relays: list[tuple[str, Step]] = []

    def register_source(self, name: str, step: Step) -> None:
        """A step that switches the outputs of one instrument off."""
        self._sources.append((name, step))

    def register_relays(self, name: str, step: Step) -> None:
        """A step that opens the relays of one instrument."""
        self._relays.append((name, step))

    def run(self) -> list[str]:
        """Run every step, outputs first. Returns all problems; never raises an Exception. May be run again."""
        problems: list[str] = []
        for name, step in [*reversed(self._sources), *reversed(self._relays)]:
            try:
                problems += step()
            except Exception as error:
                _log.exception("make-safe step of %s failed", name)
                problems.append(f"{name}: {error}. Its output may still be on: switch it off at the instrument.")
        return problems
