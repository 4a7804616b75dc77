"""Keithley 707B and 708B semiconductor switching systems: six slots of 8 × 12 matrix cards on one backplane, or one
slot, driven by TSP.

Rows are "A" … "H" and join all cards. Columns are "<slot><two digits>": "105" is column 5 of the card in slot 1, and
the crosspoint ("A", "105") is the relay the instrument calls 1A05.

Source: Keithley 707B and 708B reference manual, TSP command reference, channel functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import ClassVar, Final

from drivers.checks import one_of
from drivers.records import SwitchMatrixAbilities
from drivers.registry import DriverInfo
from drivers.relay_matrix import RelayMatrix, joined_rows
from drivers.roles import Crosspoint
from drivers.tsp import TspInstrument, fields

MODELS: Final = (
    DriverInfo(
        name="keithley_707b",
        module="drivers.keithley_707b",
        cls="Keithley707B",
        role="matrix",
        description="Keithley 707B switch matrix, up to six 8 × 12 cards (TSP)",
        terminals="[A-H]|[1-6](0[1-9]|1[0-2])",
    ),
    DriverInfo(
        name="keithley_708b",
        module="drivers.keithley_707b",
        cls="Keithley708B",
        role="matrix",
        description="Keithley 708B switch matrix, one 8 × 12 card (TSP)",
        terminals="[A-H]|1(0[1-9]|1[0-2])",
    ),
)

CARD_ROWS: Final = {"7072": "ABCDEFGH", "7072-HV": "ABCDEFGH", "7174A": "ABCDEFGH", "7173-50": "ABCD"}
CARD_COLUMNS: Final = 12
EMPTY: Final = "Empty Slot"
SETTLE_TIME: Final = 15e-3  # s, cautious: the relays of these cards settle within some milliseconds
SECONDS_PER_RELAY: Final = 0.05  # generous, used for timeouts only
RELAY: Final = re.compile(r"([1-6])([A-H])(\d\d)")
CLOSED: Final = 'channel.getclose("allslots")'


class Keithley707B(TspInstrument, RelayMatrix):
    """The mainframe with its cards: one matrix. `channel` gives the same object for every row and column."""

    model = "707B"
    slots: ClassVar[int] = 6

    def _opened(self) -> None:
        slots = ", ".join(f"slot[{slot}].idn" for slot in range(1, self.slots + 1))
        cards = fields(self.exchange(f"print({slots})"))
        self._cards = {slot: card for slot, card in enumerate(cards, start=1) if card not in (EMPTY, "nil")}
        self._forbidden: frozenset[Crosspoint] = frozenset()
        columns, rows = [], ""
        for slot, card in self._cards.items():
            card_rows = self._rows(card)
            rows = max(rows, card_rows, key=len)
            columns += [f"{slot}{column:02d}" for column in range(1, CARD_COLUMNS + 1) if card_rows]
        if not columns:
            raise self.error(f"no matrix card found: {cards}", remedy="fit a card, or swap the cables")
        self._abilities = SwitchMatrixAbilities(
            rows=tuple(rows),
            columns=tuple(columns),
            settle_time=SETTLE_TIME,
            series_resistance=None,
            sequence_rules=("break before make", "make before break", "off"),
            closure_counter=True,
            max_closed=None,
        )

    @staticmethod
    def _rows(card: str) -> str:
        """The rows of a card, by what its slot says; none for a card that is no matrix."""
        return CARD_ROWS.get(card.split(",", 1)[0], "")

    def exists(self, crosspoint: Crosspoint) -> bool:
        """A card may have fewer rows than the backplane."""
        row, column = crosspoint
        return super().exists(crosspoint) and row in self._rows(self._cards[int(column[0])])

    def channel(self, terminal: str) -> Keithley707B:
        """The matrix itself, for any of its rows and columns."""
        one_of("terminal", terminal, (*self._abilities.rows, *self._abilities.columns))
        return self

    # Relays ----------------------------------------------------------------------------------------------------------

    def relays(self, crosspoints: Iterable[Crosspoint]) -> str:
        """1A05,2H12."""
        return relays(crosspoints)

    def closed(self) -> frozenset[Crosspoint]:
        """As in the role: ``channel.getclose``."""
        (reply,) = self.call(f"print({CLOSED}, errorqueue.count)")
        return parse_relays(reply)

    def open_all(self) -> None:
        """As in the role."""
        message = f'channel.open("allslots") print({CLOSED}, errorqueue.count)'
        (reply,) = self.call(message, seconds_expected=SECONDS_PER_RELAY)
        self.confirm(parse_relays(reply), frozenset(), message)

    def move(self, *, away: frozenset[Crosspoint], add: frozenset[Crosspoint]) -> tuple[frozenset[Crosspoint], str]:
        """``channel.open`` and ``channel.close``, which wait for their relays to settle."""
        actions = [f'channel.open("{relays(away)}")'] if away else []
        actions += [f'channel.close("{relays(add)}")'] if add else []
        message = " ".join((*actions, f"print({CLOSED}, errorqueue.count)"))
        (reply,) = self.call(message, seconds_expected=SECONDS_PER_RELAY * len(away | add))
        return parse_relays(reply), message

    def _forbid(self, asked: frozenset[Crosspoint]) -> frozenset[Crosspoint]:
        """``channel.setforbidden`` keeps the front panel and other programs from closing them, too."""
        message = f'channel.setforbidden("{relays(asked)}") print(channel.getforbidden("allslots"), errorqueue.count)'
        (reply,) = self.call(message)
        found = parse_relays(reply)
        if not asked <= found:
            raise self.error(f"not forbidden: {relays(asked - found)}", message, reply)
        return found

    def cycles(self, crosspoint: Crosspoint) -> int | None:
        """As in the role: ``channel.getcount``."""
        (count,) = self.numbers(f'print(channel.getcount("{relays(self.known([crosspoint]))}"), errorqueue.count)')
        return int(count)

    # The box ---------------------------------------------------------------------------------------------------------

    def outputs(self) -> dict[str, str]:
        """Rows that are joined to columns now."""
        return joined_rows(parse_relays(self.exchange(f"print({CLOSED})")))

    def settings(self) -> dict[str, float | str | bool]:
        """Cards by slot, the instrument's connect rule (2 make before break, 1 break before make, 0 off), closed
        relays.
        """
        rule, closed = fields(self.exchange(f"print(channel.connectrule, {CLOSED})"))
        cards = {f"slot[{slot}].idn": card for slot, card in self._cards.items()}
        return {**cards, "channel.connectrule": self.parse_number(rule, "channel.connectrule"), "closed": closed}

    def reset(self) -> None:
        """``reset()``: every relay open, nothing forbidden."""
        self.write("reset()")
        self.prepare_again()  # the number format is reset too
        self._forbidden = frozenset()
        self.check_errors()

    def make_safe(self) -> list[str]:
        """Open every relay, read back. Never raises; returns what went wrong. Source outputs must be off before."""
        return TspInstrument.make_safe(self)

    def _make_safe(self, problems: list[str]) -> None:
        self.guarded_step(problems, "opening all relays", lambda: self.write('channel.open("allslots")'))
        self.guarded_step(problems, "reading back the relays", self._read_back_open)
        self.prepare_again()

    def _read_back_open(self) -> None:
        closed = parse_relays(self.exchange(f"print({CLOSED})", seconds_expected=SECONDS_PER_RELAY))
        if closed:
            self.write('channel.open("allslots")')
            self.confirm(closed, frozenset(), 'channel.open("allslots")')


class Keithley708B(Keithley707B):
    """The mainframe with one slot."""

    model = "708B"
    slots = 1


def relays(crosspoints: Iterable[Crosspoint]) -> str:
    """The instrument's names of crosspoints as one sorted list: ("A", "105") → "1A05"."""
    return ",".join(sorted(f"{column[0]}{row}{column[1:]}" for row, column in crosspoints))


def parse_relays(reply: str) -> frozenset[Crosspoint]:
    """Crosspoints of a list of relays; ``getclose`` separates by semicolons, others by commas, and "nil" is none."""
    return frozenset((row, slot + column) for slot, row, column in RELAY.findall(reply))
