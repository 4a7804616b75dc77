"""Cables between the trigger connectors of the instruments of one bench: an output hands its level to the inputs."""

import logging
from collections.abc import Callable
from typing import Final

_log = logging.getLogger(__name__)

DEEPEST: Final = 16
"""Edges that may set off one another at one moment; more are cables that run in a circle."""


class TriggerWiring:
    """Trigger connectors by name ("<instrument>.<connector>"), and the cables from outputs to inputs.

    Edges arrive at the virtual time at which they are made: cables have no delay.
    """

    def __init__(self) -> None:
        self._levels: dict[str, bool] = {}
        self._inputs: dict[str, Callable[[bool], None]] = {}
        self._cables: dict[str, list[str]] = {}
        self._depth = 0

    def add_output(self, node: str, *, high: bool) -> None:
        """A connector that `drive` gives levels; `high`: the one at rest."""
        self._levels[node] = high

    def add_input(self, node: str, listen: Callable[[bool], None]) -> None:
        """A connector whose instrument is told every new level (True: high)."""
        self._inputs[node] = listen

    def connect(self, output: str, to: str) -> None:
        """Lay a cable; ValueError for a connector that there is not. The input takes over the level at once."""
        for node, known in ((output, self._levels), (to, self._inputs)):
            if node not in known:
                kind = "output" if known is self._levels else "input"
                raise ValueError(f"{node} is no trigger {kind}; known are {', '.join(sorted(known)) or 'none'}")
        self._cables.setdefault(output, []).append(to)
        self._inputs[to](self._levels[output])

    def drive(self, output: str, *, high: bool) -> None:
        """The instrument sets the level of its output; what is joined to it hears of a change."""
        if self._levels[output] == high:
            return
        self._levels[output] = high
        if self._depth == DEEPEST:
            _log.warning("trigger cables run in a circle: an edge of %s ends there", output)
            return
        self._depth += 1
        try:
            for node in self._cables.get(output, ()):
                self._inputs[node](high)
        finally:
            self._depth -= 1

    def pulse(self, output: str) -> None:
        """A positive pulse whose width is of no matter."""
        self.drive(output, high=True)
        self.drive(output, high=False)
