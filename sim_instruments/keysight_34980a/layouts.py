"""Matrices that the jumpers of a 34934A make of its 512 relays, and the numbers of their channels.

Keysight 34934A user's guide (34980-90034), chapters 1 and 4 (channel numbering, page 228). The relays form banks of 32
columns. The tables count columns anew in each of several matrices; here they are counted through the module, which
makes one formula of theirs: 4 x 32 is 4 x 128 without the jumpers between its four banks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

RELAYS: Final = 512
BANK: Final = 32
"""Columns of a bank."""


class Crosspoint(NamedTuple):
    """Row and column, both counted from 1 through all matrices of the module."""

    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Matrices of so many rows and columns, side by side."""

    rows: int
    columns: int

    @property
    def name(self) -> str:
        """As in the identity of the module: 8x64."""
        return f"{self.rows}x{self.columns}"

    @property
    def matrices(self) -> int:
        """How many matrices the module makes."""
        return RELAYS // (self.rows * self.columns)

    @property
    def isolable(self) -> bool:
        """Whether a bank is a whole matrix, so that it may be isolated."""
        return self.columns == BANK

    def crosspoints(self) -> Iterator[Crosspoint]:
        """All of them, by channel number."""
        for row in range(self.rows):
            for column in range(self.matrices * self.columns):
                yield Crosspoint(column // self.columns * self.rows + row + 1, column + 1)

    def low_of(self, crosspoint: Crosspoint) -> Crosspoint | None:
        """Its partner in the next matrix, of the low terminals; None where there is none or it is a low one itself."""
        matrix = (crosspoint.column - 1) // self.columns
        if self.matrices == 1 or matrix % 2:
            return None
        return Crosspoint(crosspoint.row + self.rows, crosspoint.column + self.columns)

    def channel(self, crosspoint: Crosspoint) -> int:
        """The three digits of a channel after its slot."""
        step = 800 // self.rows
        row = (crosspoint.row - 1) % self.rows + 1
        return step * row + 100 - step + crosspoint.column


LAYOUTS: Final = {
    layout.name: layout
    for layout in (Layout(4, 32), Layout(4, 64), Layout(4, 128), Layout(8, 32), Layout(8, 64), Layout(16, 32))
}
