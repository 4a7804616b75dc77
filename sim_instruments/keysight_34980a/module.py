"""One 34934A module: its relays, and the 100 Ω that row protection puts between a bank of 32 columns and its row.

Keysight 34934A user's guide (34980-90034), pages 15 and 32; 34980A programmer's reference, SYSTem:MODule:ROW:
PROTection; times from the 34980A data sheet, table 4.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from sim_instruments.instrument import Surroundings
from sim_instruments.keysight_34980a.layouts import BANK, Crosspoint, Layout

PROTECTION: Final = 100.0  # Ω
CLOSE_TIME: Final = 0.35e-3  # s
OPEN_TIME: Final = 0.10e-3  # s
MOST_CLOSED: Final = 64
"""Relays that may be closed at once; not confirmed."""
MODES: Final = ("AUTO100", "AUTO0", "FIXed", "ISOlated")

RowOfBank = tuple[int, int]


class Module34934A:
    """Rows are the lines `R<slot><two digits>`, columns `C<slot><three digits>`, of the whole module.

    terminal_block: without one the safety interlock keeps every relay open.
    """

    def __init__(self, surroundings: Surroundings, slot: int, layout: Layout, *, terminal_block: bool) -> None:
        self._name, self._harness = surroundings.name, surroundings.harness
        self._slot = slot
        self.layout = layout
        self.terminal_block = terminal_block
        self.by_channel = {layout.channel(crosspoint): crosspoint for crosspoint in layout.crosspoints()}
        self.closed: set[Crosspoint] = set()
        self.stuck: set[tuple[str, str]] = set()
        """Relays, by row and column, that no longer move."""
        self.counts: Counter[Crosspoint] = Counter()
        self.protection = "AUTO100"
        self._states: dict[RowOfBank, str] = {}

    def close(self, crosspoints: Iterable[Crosspoint]) -> None:
        """Close what is open."""
        new = {one for one in set(crosspoints) - self.closed if not self._stuck(one)}
        for one in new:
            self._harness.close_relay(self._bank_line(_row_of_bank(one)), self._column(one))
        self.closed |= new
        self.counts.update(new)
        self._move(bool(new), CLOSE_TIME)

    def open(self, crosspoints: Iterable[Crosspoint]) -> None:
        """Open what is closed."""
        old = {one for one in self.closed & set(crosspoints) if not self._stuck(one)}
        for one in old:
            self._harness.open_relay(self._bank_line(_row_of_bank(one)), self._column(one))
        self.closed -= old
        self._move(bool(old), OPEN_TIME)

    def protect(self, mode: str) -> None:
        """Set the row protection of all rows."""
        self.protection = mode
        self._move(False, 0.0)

    def _move(self, moved: bool, seconds: float) -> None:
        changed = self._follow()
        if moved:
            self._harness.advance(seconds)
        if changed and self.protection == "AUTO0":
            self._harness.advance(CLOSE_TIME)  # the resistor first, then its bypass

    def _follow(self) -> bool:
        """Put what the mode wants between rows and banks: nothing, the resistor or its bypass."""
        active = {_row_of_bank(one) for one in self.closed}
        wanted = {row: self._state_of(row in active) for row in active | set(self._states)}
        changed = {row: state for row, state in wanted.items() if state != self._states.get(row)}
        for row, state in changed.items():
            self._join(row, state)
        self._states.update(changed)
        return bool(changed)

    def _state_of(self, active: bool) -> str:
        if self.protection == "FIX":
            return "resistor"
        if self.protection == "ISO" or not active:
            return "open"
        return "resistor" if self.protection == "AUTO100" else "bypass"

    def _join(self, row: RowOfBank, state: str) -> None:
        terminal, bank = f"{self._name}.R{self._slot}{row[0]:02d}", self._bank_line(row)
        resistor = f"{bank}.protection"
        if row not in self._states:
            self._harness.add_resistor(resistor, bank, PROTECTION)
        for node, name in ((resistor, "resistor"), (bank, "bypass")):
            (self._harness.close_relay if state == name else self._harness.open_relay)(terminal, node)

    def _stuck(self, one: Crosspoint) -> bool:
        return (f"R{self._slot}{one.row:02d}", f"C{self._slot}{one.column:03d}") in self.stuck

    def _bank_line(self, row: RowOfBank) -> str:
        return f"{self._name}.R{self._slot}{row[0]:02d}.bank{row[1]}"

    def _column(self, one: Crosspoint) -> str:
        return f"{self._name}.C{self._slot}{one.column:03d}"


def _row_of_bank(one: Crosspoint) -> RowOfBank:
    return one.row, (one.column - 1) // BANK + 1
