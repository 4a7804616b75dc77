"""Keysight B2200A and B2201A: 14 input ports and up to four cards of 12 output ports each.

Commands, queries and modes: Agilent B2200 user's guide, editions 2 and 4, chapters 4, 5 and 7. Relay states belong to
the mainframe: they outlive any connection to it. Left out: relay test, setup memory, light pen, decay of the current
after a relay has closed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar, Final

from sim_instruments.instrument import Surroundings
from sim_instruments.keysight_b2200a.card import INPUTS, NO_PORT, Automatic, Card, Path
from sim_instruments.keysight_b2200a.relays import OUTPUTS_PER_CARD, Relays
from sim_instruments.scpi import Reply, ScpiError, ScpiInstrument, command
from sim_instruments.scpi.channel_list import channel_ranges
from sim_instruments.scpi.parameters import boolean, integer, keyword, string, text_of

MOST_CARDS: Final = 4
NOT_EXECUTABLE: Final = -220
"""What is valid but not possible in the present state (7-7); which positive code the mainframe may have for it instead
is not confirmed."""
MOST_EXPANDED: Final = 4096
PANEL: Final = (":SYSTem:BEEPer", ":SYSTem:DISPlay:LCD", ":SYSTem:DISPlay:LED", ":SYSTem:KLCK", ":SYSTem:PEN")
"""Switches of the front panel: accepted, without effect."""

Channel = tuple[Card, Path]


class KeysightB2200A(ScpiInstrument):
    """B2200A femto leakage switch. cards: how many matrix cards are plugged in, from slot 1 on.

    Raises:
        ValueError: a number of cards that the mainframe cannot hold.
    """

    model: ClassVar[str] = "B2200A"
    card_model: ClassVar[str] = "B2210A"
    error_queue_depth = 100  # a choice, the manual does not say

    def __init__(self, surroundings: Surroundings, *, serial: str = "0", cards: int = MOST_CARDS) -> None:
        if cards not in range(1, MOST_CARDS + 1):
            raise ValueError(f"cards = {cards!r} is not allowed: a {self.model} holds 1 to {MOST_CARDS} cards")
        super().__init__(surroundings, f"AGILENT,{self.model},{serial},A.01.00")
        self._slots = cards
        self._relays = Relays(surroundings)
        self._configure(automatic=True)
        for name in ("bias", "ground"):
            self._add_mode({"bias": "BIAS", "ground": "AGND"}[name], name)
        for header in PANEL:
            self.commands.add(header, lambda state: self._switch_of_panel(state))

    @property
    def stuck_relays(self) -> set[tuple[str, str]]:
        """Relays that no longer move, by input and output. For faults; the mainframe does not notice."""
        return self._relays.stuck

    def reset(self) -> None:
        """Everything open, modes off. That the automatic configuration is the one after a reset is not confirmed."""
        self._configure(automatic=True)

    def _configure(self, *, automatic: bool) -> None:
        size = OUTPUTS_PER_CARD
        if automatic:
            self._cards = {0: Card(0, 0, range(1, self._slots * size + 1))}
        else:
            self._cards = {
                slot: Card(slot, (slot - 1) * size, range(1, size + 1)) for slot in range(1, self._slots + 1)
            }
        self._relays.follow(self._cards.values())

    # Arguments -------------------------------------------------------------------------------------------------------

    def _card(self, argument: bytes) -> Card:
        card = self._cards.get(integer(argument, 0, MOST_CARDS))
        if card is None:
            raise ScpiError(-222, text_of(argument))
        return card

    def _some(self, argument: bytes) -> list[Card]:
        """One card or, for ALL, every card."""
        return list(self._cards.values()) if text_of(argument) == "ALL" else [self._card(argument)]

    def _channels(self, argument: bytes) -> list[Channel]:
        """Channels of a list, in its order; what lies between the ends of a range and does not exist is skipped (the
        form with ranges is not confirmed). ScpiError -222 for a channel that does not exist.
        """
        found: list[Channel] = []
        for first, last in channel_ranges(argument):
            ends = [self._channel(number) for number in {first, last}]
            if None in ends or not first <= last <= first + MOST_EXPANDED:
                raise ScpiError(-222, f"{first}:{last}")
            found += filter(None, map(self._channel, range(first, last + 1)))
        return found

    def _channel(self, number: int) -> Channel | None:
        card_number, rest = divmod(number, 10_000)
        path, card = Path(*divmod(rest, 100)), self._cards.get(card_number)
        exists = card is not None and 1 <= path.input <= INPUTS and path.output in card.outputs
        return (card, path) if card and exists else None

    # Relays ----------------------------------------------------------------------------------------------------------

    @command("[:ROUTe]:CLOSe[:LIST]")
    def _close(self, channels: bytes) -> None:
        self._route(Card.close, self._channels(channels))

    @command("[:ROUTe]:OPEN[:LIST]")
    def _open(self, channels: bytes) -> None:
        self._route(Card.open, self._channels(channels))

    @command("[:ROUTe]:OPEN:CARD")
    def _open_card(self, cards: bytes) -> None:
        for card in self._some(cards):
            card.paths.clear()
        self._relays.follow(self._cards.values())

    def _route(self, action: Callable[[Card, list[Path]], None], channels: list[Channel]) -> None:
        for card, path in channels:
            mode = card.automatic()
            if mode is not None and path.input == mode.port:
                raise ScpiError(NOT_EXECUTABLE, f"input port {path.input} is the bias or ground port")
        sequence = "BBM"  # the ports of bias and ground mode always break before make
        for card in {card.number: card for card, _ in channels}.values():
            action(card, [path for owner, path in channels if owner is card])
            sequence = sequence if card.automatic() else card.sequence
        self._relays.follow(self._cards.values(), sequence)

    @command("[:ROUTe]:CLOSe[:LIST]?")
    def _are_closed(self, channels: bytes) -> Reply:
        return self._flags(channels, lambda card, path: path in card.closed())

    @command("[:ROUTe]:OPEN[:LIST]?")
    def _are_open(self, channels: bytes) -> Reply:
        return self._flags(channels, lambda card, path: path not in card.closed())

    def _flags(self, channels: bytes, test: Callable[[Card, Path], bool]) -> str:
        return ",".join("1" if test(card, path) else "0" for card, path in self._channels(channels))

    @command("[:ROUTe]:CLOSe:CARD?")
    def _closed_of_card(self, card: bytes) -> Reply:
        found = self._card(card)
        names = [f"{found.number}{path.input:02d}{path.output:02d}" for path in sorted(found.closed())]
        return f"(@{','.join(names)})"

    # Configuration and rules -----------------------------------------------------------------------------------------

    @command("[:ROUTe]:FUNCtion")
    def _set_configuration(self, mode: bytes) -> None:
        self._configure(automatic=keyword(mode, "ACONfig", "NCONfig") == "ACON")

    @command("[:ROUTe]:FUNCtion?")
    def _configuration(self) -> Reply:
        return "ACON" if 0 in self._cards else "NCON"

    @command("[:ROUTe]:CONNection:RULE")
    def _set_rule(self, cards: bytes, rule: bytes) -> None:
        single = keyword(rule, "FREE", "SROUte") == "SROU"
        for card in self._some(cards):
            card.single_route = single  # connections that break the new rule stay until the next command

    @command("[:ROUTe]:CONNection:RULE?")
    def _rule(self, card: bytes) -> Reply:
        return "SROU" if self._card(card).single_route else "FREE"

    @command("[:ROUTe]:CONNection:SEQuence")
    def _set_sequence(self, cards: bytes, sequence: bytes) -> None:
        chosen = keyword(sequence, "NSEQ", "BBM", "MBBR")
        for card in self._some(cards):
            card.sequence = chosen

    @command("[:ROUTe]:CONNection:SEQuence?")
    def _sequence(self, card: bytes) -> Reply:
        return self._card(card).sequence

    # Bias and ground mode --------------------------------------------------------------------------------------------

    def _add_mode(self, root: str, name: str) -> None:
        """Both modes have the same commands."""

        def of(card: Card) -> Automatic:
            return card.bias if name == "bias" else card.ground

        stem, add = f"[:ROUTe]:{root}", self.commands.add
        add(stem + "[:STATe]", partial(self._set_mode, of))
        add(stem + "[:STATe]?", lambda card: "1" if of(self._card(card)).on else "0")
        add(stem + ":PORT", partial(self._set_port, of))
        add(stem + ":PORT?", lambda card: str(of(self._card(card)).port))
        for word, enable in (("ENABle", True), ("DISable", False)):
            add(f"{stem}:CHANnel:{word}:CARD", partial(self._enable_cards, of, enable))
            add(f"{stem}:CHANnel:{word}[:LIST]", partial(self._enable_channels, of, enable))
            add(f"{stem}:CHANnel:{word}[:LIST]?", partial(self._enabled, of, enable))

    def _set_mode(self, of: Callable[[Card], Automatic], cards: bytes, state: bytes) -> None:
        on, chosen = boolean(state), self._some(cards)
        for card in chosen:
            if on and card.automatic() not in (None, of(card)):
                raise ScpiError(NOT_EXECUTABLE, "bias and ground mode exclude each other")
            if on and card.couple_on and _is_coupled(card, of(card).port):
                raise ScpiError(NOT_EXECUTABLE, "a couple port")
        for card in chosen:
            of(card).on = on
            if on:
                card.paths = {path for path in card.paths if path.input != of(card).port}
        self._relays.follow(self._cards.values())

    def _set_port(self, of: Callable[[Card], Automatic], cards: bytes, port: bytes) -> None:
        number, chosen = integer(port, NO_PORT, INPUTS), self._some(cards)
        if number == 0:
            raise ScpiError(-222, text_of(port))
        if any(card.couple_on and _is_coupled(card, number) for card in chosen):
            raise ScpiError(NOT_EXECUTABLE, "a couple port")
        for card in chosen:
            of(card).port = number
            if of(card).on:
                card.paths = {path for path in card.paths if path.input != number}
        self._relays.follow(self._cards.values())

    def _enable_cards(self, of: Callable[[Card], Automatic], enable: bool, cards: bytes) -> None:
        for card in self._some(cards):
            of(card).enabled = set(card.outputs) if enable else set()
        self._relays.follow(self._cards.values())

    def _enable_channels(self, of: Callable[[Card], Automatic], enable: bool, channels: bytes) -> None:
        for card, path in self._channels(channels):
            (of(card).enabled.add if enable else of(card).enabled.discard)(path.output)
        self._relays.follow(self._cards.values())

    def _enabled(self, of: Callable[[Card], Automatic], enable: bool, channels: bytes) -> Reply:
        return self._flags(channels, lambda card, path: (path.output in of(card).enabled) == enable)

    @command("[:ROUTe]:AGND:UNUSED")
    def _set_unused(self, cards: bytes, ports: bytes) -> None:
        numbers = _ports(ports, range(1, 9))
        for card in self._some(cards):
            card.unused_inputs = numbers
        self._relays.follow(self._cards.values())

    @command("[:ROUTe]:AGND:UNUSED?")
    def _unused(self, card: bytes) -> Reply:
        return _quoted(self._card(card).unused_inputs)

    # Couple mode -----------------------------------------------------------------------------------------------------

    @command("[:ROUTe]:COUPle:PORT")
    def _set_couple_ports(self, cards: bytes, ports: bytes) -> None:
        numbers, chosen = _ports(ports, range(1, INPUTS, 2)), self._some(cards)
        for card in chosen:
            mode = card.automatic()
            if mode is not None and {mode.port, mode.port - 1} & set(numbers):
                raise ScpiError(NOT_EXECUTABLE, "the bias or ground port")
        for card in chosen:
            card.couple_ports = numbers

    @command("[:ROUTe]:COUPle:PORT?")
    def _couple_ports(self, card: bytes) -> Reply:
        return _quoted(self._card(card).couple_ports)

    @command("[:ROUTe]:COUPle:PORT:DETect")
    def _detect_couple_ports(self) -> None:
        for card in self._cards.values():
            card.couple_ports = ()  # no Kelvin cable is on this bench

    @command("[:ROUTe]:COUPle[:STATe]")
    def _set_couple_mode(self, cards: bytes, state: bytes) -> None:
        on, chosen = boolean(state), self._some(cards)
        for card in chosen:
            mode = card.automatic()
            if on and mode is not None and {mode.port, mode.port - 1} & set(card.couple_ports):
                raise ScpiError(NOT_EXECUTABLE, "the bias or ground port")
        for card in chosen:
            card.couple_on = on

    @command("[:ROUTe]:COUPle[:STATe]?")
    def _couple_mode(self, card: bytes) -> Reply:
        return "1" if self._card(card).couple_on else "0"

    # Mainframe -------------------------------------------------------------------------------------------------------

    @command(":SYSTem:CTYPe?")
    def _card_type(self, card: bytes) -> Reply:
        self._card(card)
        return f"{self.card_model},A.01.00"  # fields after the manual's words, their form is not confirmed

    @command(":SYSTem:CDEScription?")
    def _card_description(self, card: bytes) -> Reply:
        return f"{self.card_model},{INPUTS} Input,{len(self._card(card).outputs)} Output"  # not confirmed

    @command(":SYSTem:CPON")
    def _power_on_state(self, cards: bytes) -> None:
        for card in self._some(cards):
            self._cards[card.number] = Card(card.number, card.first, card.outputs)
        self._relays.follow(self._cards.values())

    def _switch_of_panel(self, state: bytes) -> None:
        boolean(state)


class KeysightB2201A(KeysightB2200A):
    """B2201A low leakage switch: the same commands with B2211A cards."""

    model = "B2201A"
    card_model = "B2211A"


def _is_coupled(card: Card, port: int) -> bool:
    return port in card.couple_ports or port - 1 in card.couple_ports


def _ports(argument: bytes, allowed: range) -> tuple[int, ...]:
    """Port numbers of a quoted list such as '1,5'; an empty one is none."""
    items = [item.strip() for item in string(argument).split(",") if item.strip()]
    if any(not item.isascii() or not item.isdigit() or int(item[:9]) not in allowed for item in items):
        raise ScpiError(-222, ",".join(items))
    return tuple(sorted({int(item) for item in items}))


def _quoted(ports: tuple[int, ...]) -> str:
    return "'" + ",".join(map(str, ports)) + "'"
