"""What one matrix card of a B2200A connects: its rule, and the bias, ground and couple modes.

Agilent B2200 user's guide, edition 2, chapter 4 (switch control) and chapter 5, [:ROUTe] subsystem; bias mode also
Agilent E5250A user's guide, edition 9, 5-11, whose commands the B2200A keeps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

INPUTS = 14
NO_PORT = -1


class Path(NamedTuple):
    """One relay: an input port and an output port of the card."""

    input: int
    output: int


@dataclass
class Automatic:
    """Bias or ground mode: while it is on, its port is joined to every enabled output that has no other input.

    port: input port, -1 for none. enabled: output ports; all of them after a reset (not confirmed).
    """

    port: int
    enabled: set[int]
    on: bool = False


@dataclass
class Card:
    """One card, or all cards as one in the automatic configuration, in its reset state.

    outputs: numbers of its output ports. first: how many outputs of the mainframe come before its own.
    """

    number: int
    first: int
    outputs: range
    single_route: bool = False
    sequence: str = "BBM"
    bias: Automatic = field(init=False)
    ground: Automatic = field(init=False)
    unused_inputs: tuple[int, ...] = ()
    couple_on: bool = False
    couple_ports: tuple[int, ...] = ()
    paths: set[Path] = field(default_factory=set)
    """What close commands have connected; what the modes add is not in it."""

    def __post_init__(self) -> None:
        self.bias = Automatic(10, set(self.outputs))
        self.ground = Automatic(12, set(self.outputs))

    def automatic(self) -> Automatic | None:
        """The mode that is on, if any: bias and ground exclude each other."""
        return next((mode for mode in (self.bias, self.ground) if mode.on), None)

    def coupled(self, path: Path) -> set[Path]:
        """The relays that move together: a coupled pair of inputs is joined to a pair of outputs, odd to odd.

        A pair of outputs is an odd one and the next. That either output of the pair may be named is not confirmed.
        """
        lower = path.input - (path.input + 1) % 2
        if not self.couple_on or lower not in self.couple_ports:
            return {path}
        odd = path.output - (path.output + 1) % 2
        return {Path(lower, odd), Path(lower + 1, odd + 1)}

    def close(self, paths: Iterable[Path]) -> None:
        """Connect in the order given. Single route: what an input or output was joined to before is released."""
        for path in paths:
            together = self.coupled(path)
            if self.single_route:
                self.paths = {
                    old for old in self.paths
                    if all(old.input != new.input and old.output != new.output for new in together)
                }  # fmt: skip
            self.paths |= together

    def open(self, paths: Iterable[Path]) -> None:
        """Disconnect, coupled relays together."""
        for path in paths:
            self.paths -= self.coupled(path)

    def closed(self) -> set[Path]:
        """All relays that are closed, with those of the mode that is on."""
        mode = self.automatic()
        if mode is None or mode.port == NO_PORT:
            return set(self.paths)
        used = {path.output for path in self.paths}
        return self.paths | {Path(mode.port, output) for output in mode.enabled - used}

    def grounded_inputs(self) -> set[int]:
        """Input ports without a connection that the ground mode joins to the ground port."""
        if not self.ground.on or self.ground.port == NO_PORT:
            return set()
        return set(self.unused_inputs) - {path.input for path in self.paths} - {self.ground.port}
