"""Keithley 707B and 708B switching matrix mainframes with six slots, or one, for matrix cards.

Facts are from the Series 700 reference manual. Rows are joined by the backplane: row A of every card is one line. Relay
states belong to the mainframe: they outlive any connection to it. Left out: triggers.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from sim_instruments.instrument import Surroundings
from sim_instruments.keithley_707b.cards import CARDS, PSEUDOCARDS, Card
from sim_instruments.keithley_707b.channels import MatrixChannels
from sim_instruments.keithley_707b.scan import Scan
from sim_instruments.tsp.engine import TspInstrument
from sim_instruments.tsp.errors import TspError
from sim_instruments.tsp.objects import LuaValue, TspObject, number


class Keithley707B(TspInstrument):
    """Model 707B. `cards`: model of the card in each used slot, from `CARDS`.

    Raises:
        ValueError: a slot or a card that does not exist.
    """

    maker = "KEITHLEY INSTRUMENTS INC."
    model = "707B"
    slots: ClassVar[int] = 6
    standard_cards: ClassVar[Mapping[int | str, str]] = {1: "7072", 2: "7072"}
    firmware = "01.10h"
    identity_form = "{maker},MODEL {model},{serial},{firmware}"

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        serial: str = "00000170",
        cards: Mapping[int | str, str] | None = None,
    ) -> None:
        self._cards = self._plugged(self.standard_cards if cards is None else cards)
        super().__init__(surroundings, serial=serial)

    def build_tree(self) -> None:
        """The tables `channel` and `slot`."""
        self.channels = MatrixChannels(self.surroundings, self._cards, self.pass_time)
        self.scan = Scan(self.channels)
        self.tree |= {"channel": self.channels.table, "scan": self.scan.table}
        slots = TspObject("slots")
        for index in range(1, self.slots + 1):
            slots.child(index, self._slot(index))
        self.tree["slot"] = slots

    def _slot(self, index: int) -> TspObject:
        def size(pick: str) -> int | None:
            card = self._cards.get(index)
            return None if card is None else int(getattr(card, pick))

        slot = TspObject("slot")
        slot.attribute("idn", lambda: self._cards[index].identity(index) if index in self._cards else "Empty Slot")
        slot.attribute("pseudocard", lambda: self._pseudocard(index), lambda value: self._set_pseudocard(index, value))
        slot.child("interlock", TspObject("slot_interlock"))  # these cards have none: its state reads nil
        for lines in ("rows", "columns"):
            slot.child(lines, TspObject("slot_" + lines)).attribute("matrix", partial(size, lines))
        return slot

    def _pseudocard(self, index: int) -> int:
        return next((code for code, card in PSEUDOCARDS.items() if card is self._cards.get(index)), 0)

    def _set_pseudocard(self, index: int, value: LuaValue) -> None:
        code = int(number(0, 99_999)(value))
        present = self._cards.get(index)
        if present is not None and not present.pseudo:
            raise TspError(-221, f"(slot {index} holds a card)")
        if code and code not in PSEUDOCARDS:
            raise TspError(-224)
        if present is not None:
            self.channels.remove_slot(index)
            del self._cards[index]
        if code:
            self._cards[index] = PSEUDOCARDS[code]

    @property
    def stuck_relays(self) -> set[tuple[str, str]]:
        """Relays that no longer move, by row and column: ("A", "101"). For faults."""
        return self.channels.stuck

    def reset(self) -> None:
        """`reset()`: all relays open; delays, forbidden channels, patterns and the scan forgotten."""
        self.channels.reset_all()
        self.scan.reset()
        super().reset()

    def _plugged(self, cards: Mapping[int | str, str]) -> dict[int, Card]:
        """The cards by slot, checked."""
        plugged = {}
        for slot, model in cards.items():
            if int(slot) not in range(1, self.slots + 1):
                raise ValueError(f"slot {slot} is not allowed: a {self.model} has slots 1 to {self.slots}")
            if str(model) not in CARDS:
                raise ValueError(f"card {model!r} in slot {slot} is not known: use one of {', '.join(sorted(CARDS))}")
            plugged[int(slot)] = CARDS[str(model)]
        return plugged


class Keithley708B(Keithley707B):
    """Model 708B: the same with a single slot."""

    model = "708B"
    slots = 1
    standard_cards: ClassVar[Mapping[int | str, str]] = {1: "7072"}
