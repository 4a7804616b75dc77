"""Matrix cards of the 707B/708B mainframes and the names of their crosspoints.

Series 700 reference manual: a channel is `<slot><row A to H><two-digit column>`, such as 1A05.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

ROWS: Final = "ABCDEFGH"
_CHANNEL: Final = re.compile(r"([1-6])([A-H])(\d\d)")


class Crosspoint(NamedTuple):
    """One relay; sorts by slot, row, column as the mainframe lists them."""

    slot: int
    row: str
    column: int

    @property
    def name(self) -> str:
        """The channel name, 1A05."""
        return f"{self.slot}{self.row}{self.column:02d}"


@dataclass(frozen=True, slots=True)
class Card:
    """A card model: how it names itself, and its rows and columns. A pseudocard has no relays.

    isolation: Ω from a row to ground, the leakage of its class (below 1 pA, for the 7174A below 100 fA) at 10 V.
    """

    model: str
    description: str
    rows: int = 8
    columns: int = 12
    pseudo: bool = False
    isolation: float = 1e13

    def identity(self, slot: int) -> str:
        """The reply of `slot[n].idn`; the serial number is derived from the slot."""
        if self.pseudo:
            return f"{self.model},Pseudo {self.description},00.00a,????????"
        return f"{self.model},{self.description},01.00a,{1000000 + slot:08d}"

    def crosspoints(self, slot: int) -> list[Crosspoint]:
        """All crosspoints of the card in a slot, sorted."""
        return [Crosspoint(slot, row, column) for row in ROWS[: self.rows] for column in range(1, self.columns + 1)]


CARDS: Final = {
    "7072": Card("7072", "8x12 Semiconductor Matrix"),
    "7072-HV": Card("7072-HV", "8x12 High Voltage Semiconductor Matrix"),
    "7173-50": Card("7173-50", "4x12 Two Pole High Frequency Matrix", rows=4, isolation=1e9),
    "7174A": Card("7174A", "8x12 Low Current Matrix", isolation=1e14),
}
"""Cards that can be plugged in, by model. Their isolation is a choice by class, that of the 7173-50 not confirmed."""

PSEUDOCARDS: Final = {
    7072: Card("7072", "8x12 SemiMatrix", pseudo=True),
    70721: Card("7072-HV", "8x12 SemiMatrix", pseudo=True),
    7173: Card("7173-50", "4x12 HF Matrix", rows=4, pseudo=True),
    7174: Card("7174A", "8x12 LC Matrix", pseudo=True),
}
"""Stand-ins that `slot[n].pseudocard` puts into an empty slot, by their number."""


def parse(name: str) -> Crosspoint | None:
    """The crosspoint of a channel name; None if it is not one."""
    found = _CHANNEL.fullmatch(name)
    return Crosspoint(int(found[1]), found[2], int(found[3])) if found else None
