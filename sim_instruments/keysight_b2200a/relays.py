"""The relays of a B2200A between the lines of the bench: input ports "1" … "14" and output ports.

An output has two names, one for each way to count: "015" of all cards as one, and "203" of card 2. Both are one line.
"""

from __future__ import annotations

from collections.abc import Iterable

from sim_instruments.instrument import Surroundings
from sim_instruments.keysight_b2200a.card import Card

OUTPUTS_PER_CARD = 12
RELAY_TIME = 10e-3
"""Seconds a relay takes to open or to close; a choice, no figure was found."""

Lines = tuple[str, str]


class Relays:
    """Brings the relays into the state that the cards ask for."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._name, self._harness = surroundings.name, surroundings.harness
        self._closed: set[Lines] = set()
        self.stuck: set[tuple[str, str]] = set()
        """Relays that no longer move, by input and output: ("1", "015") or ("1", "203"). For faults."""
        self._known_outputs: set[int] = set()

    def follow(self, cards: Iterable[Card], sequence: str = "BBM") -> None:
        """Move what differs from the state of the cards, in the given order, and let the relays settle."""
        wanted = {lines for card in cards for lines in self._lines(card)}
        away, add = self._moving(self._closed - wanted), self._moving(wanted - self._closed)
        if sequence == "MBBR":
            self._make(add)
            self._settle(add and away)
            self._break(away)
        else:
            self._break(away)
            self._settle(add and away and sequence == "BBM")
            self._make(add)
        self._settle(add or away)

    def _moving(self, relays: set[Lines]) -> set[Lines]:
        """Those that are not stuck."""
        if not self.stuck:
            return relays
        names = {(f"{self._name}.{row}", f"{self._name}.{column}") for row, column in self.stuck}
        return {(a, b) for a, b in relays if not {(a, b), (a, self._card_line(b))} & names}

    def _card_line(self, automatic: str) -> str:
        """The other name of an output's line."""
        card, output = divmod(int(automatic.rsplit(".", 1)[1]) - 1, OUTPUTS_PER_CARD)
        return f"{self._name}.{card + 1}{output + 1:02d}"

    def _settle(self, moving: object) -> None:
        if moving:
            self._harness.advance(RELAY_TIME)

    def _make(self, relays: set[Lines]) -> None:
        self._closed |= relays
        for a, b in relays:
            self._harness.close_relay(a, b)

    def _break(self, relays: set[Lines]) -> None:
        self._closed -= relays
        for a, b in relays:
            self._harness.open_relay(a, b)

    def _lines(self, card: Card) -> set[Lines]:
        outputs = {(self._input(path.input), self._output(card.first + path.output)) for path in card.closed()}
        return outputs | {(self._input(port), self._input(card.ground.port)) for port in card.grounded_inputs()}

    def _input(self, port: int) -> str:
        return f"{self._name}.{port}"

    def _output(self, number: int) -> str:
        """The line of an output, counted from 1 over all cards."""
        automatic = f"{self._name}.0{number:02d}"
        if number not in self._known_outputs:
            self._harness.connect(automatic, self._card_line(automatic))
            self._known_outputs.add(number)
        return automatic
