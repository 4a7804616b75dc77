"""Keithley 707B semiconductor switching system: six slots of 8 × 12 matrix cards on one backplane, driven by TSP.

Rows are "A" … "H" and join all cards. Columns are "<slot><two digits>": "105" is column 5 of the card in slot 1, and
the crosspoint ("A", "105") is the relay the instrument calls 1A05.

``channel.close`` only adds, and the instrument's own break-before-make rule acts in exclusive closes alone. So this
driver keeps the
order itself: what must go is opened and settled before anything is closed, and every answer carries what is closed now.

Source: Keithley 707B and 708B reference manual, TSP command reference, channel functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from drivers.checks import one_of
from drivers.errors import Refused
from drivers.records import SwitchMatrixAbilities
from drivers.registry import DriverInfo
from drivers.roles import Crosspoint, SwitchMatrix
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
)

SLOTS: Final = 6
CARD_ROWS: Final = {"7072": "ABCDEFGH", "7072-HV": "ABCDEFGH", "7174A": "ABCDEFGH", "7173-50": "ABCD"}
CARD_COLUMNS: Final = 12
EMPTY: Final = "Empty Slot"
SETTLE_TIME: Final = 15e-3  # s, cautious: the relays of these cards settle within some milliseconds
SECONDS_PER_RELAY: Final = 0.05  # generous, used for timeouts only
RELAY: Final = re.compile(r"([1-6])([A-H])(\d\d)")
CLOSED: Final = 'channel.getclose("allslots")'


class Keithley707B(TspInstrument, SwitchMatrix):
    """The mainframe with its cards: one matrix. `channel` gives the same object for every row and column."""

    model = "707B"

    def _opened(self) -> None:
        slots = ", ".join(f"slot[{slot}].idn" for slot in range(1, SLOTS + 1))
        cards = fields(self.exchange(f"print({slots})"))
        self._cards = {slot: card for slot, card in enumerate(cards, start=1) if card not in (EMPTY, "nil")}
        self._forbidden: frozenset[Crosspoint] = frozenset()
        columns, rows = [], ""
        for slot, card in self._cards.items():
            card_rows = CARD_ROWS.get(card.split(",", 1)[0], "")
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

    @property
    def abilities(self) -> SwitchMatrixAbilities:
        """Rows and columns of the cards found at opening."""
        return self._abilities

    def channel(self, terminal: str) -> Keithley707B:
        """The matrix itself, for any of its rows and columns."""
        one_of("terminal", terminal, (*self._abilities.rows, *self._abilities.columns))
        return self

    # Relays ----------------------------------------------------------------------------------------------------------

    def connect(self, crosspoints: Iterable[Crosspoint]) -> frozenset[Crosspoint]:
        """As in the role.

        Two exchanges: what is closed is asked first, since relays can be moved at the front panel.
        """
        wanted = self._allowed(crosspoints)
        closed = self.closed()
        return self._switch(away=closed - wanted, add=wanted - closed, expected=wanted)

    def close_crosspoints(self, crosspoints: Iterable[Crosspoint]) -> frozenset[Crosspoint]:
        """As in the role."""
        wanted = self._allowed(crosspoints)
        return self._switch(add=wanted, expected=self.closed() | wanted)

    def open_crosspoints(self, crosspoints: Iterable[Crosspoint]) -> frozenset[Crosspoint]:
        """As in the role."""
        away = self._known(crosspoints)
        return self._switch(away=away, expected=self.closed() - away)

    def closed(self) -> frozenset[Crosspoint]:
        """As in the role: ``channel.getclose``."""
        (reply,) = self.call(f"print({CLOSED}, errorqueue.count)")
        return parse_relays(reply)

    def open_all(self) -> None:
        """As in the role."""
        message = f'channel.open("allslots") print({CLOSED}, errorqueue.count)'
        (reply,) = self.call(message, seconds_expected=SECONDS_PER_RELAY)
        self._confirm(parse_relays(reply), frozenset(), message)

    def _switch(
        self,
        *,
        away: frozenset[Crosspoint] = frozenset(),
        add: frozenset[Crosspoint] = frozenset(),
        expected: frozenset[Crosspoint],
    ) -> frozenset[Crosspoint]:
        """Open `away`, then close `add`, each settled before the next; then compare with `expected`. One exchange."""
        actions = [f'channel.open("{relays(away)}")'] if away else []
        actions += [f'channel.close("{relays(add)}")'] if add else []
        message = " ".join((*actions, f"print({CLOSED}, errorqueue.count)"))
        (reply,) = self.call(message, seconds_expected=SECONDS_PER_RELAY * len(away | add))
        found = parse_relays(reply)
        self._confirm(found, expected, message)
        return found

    def _confirm(self, found: frozenset[Crosspoint], expected: frozenset[Crosspoint], message: str) -> None:
        if found == expected:
            return
        stuck, missing = relays(found - expected) or "none", relays(expected - found) or "none"
        raise self.error(
            f"relays do not read back as asked: closed but not asked for {stuck}, asked for but open {missing}",
            message,
            remedy="open all, look for a stuck relay or a hand at the front panel",
        )

    def _known(self, crosspoints: Iterable[Crosspoint]) -> frozenset[Crosspoint]:
        asked = frozenset(crosspoints)
        for crosspoint in asked:
            if not isinstance(crosspoint, tuple) or len(crosspoint) != 2:
                raise Refused(f"a crosspoint is a pair (row, column), not {crosspoint!r}")
            row, column = crosspoint
            if row not in self._abilities.rows or column not in self._abilities.columns:
                raise Refused(
                    f"crosspoint {crosspoint!r} does not exist: rows are {self._abilities.rows[0]} … "
                    f"{self._abilities.rows[-1]}, columns {', '.join(self._abilities.columns)}"
                )
        return asked

    def _allowed(self, crosspoints: Iterable[Crosspoint]) -> frozenset[Crosspoint]:
        asked = self._known(crosspoints)
        if asked & self._forbidden:
            raise Refused(f"forbidden: {relays(asked & self._forbidden)}; reset the matrix to allow them again")
        return asked

    def forbid(self, crosspoints: Iterable[Crosspoint]) -> frozenset[Crosspoint]:
        """As in the role; ``channel.setforbidden`` keeps the front panel and other programs from closing them, too."""
        asked = self._known(crosspoints)
        if asked & self.closed():
            raise Refused(f"{relays(asked & self.closed())} is closed: open it before forbidding it")
        if not asked:
            return self._forbidden
        message = f'channel.setforbidden("{relays(asked)}") print(channel.getforbidden("allslots"), errorqueue.count)'
        (reply,) = self.call(message)
        found = parse_relays(reply)
        if not asked <= found:
            raise self.error(f"not forbidden: {relays(asked - found)}", message, reply)
        self._forbidden = found
        return found

    def cycles(self, crosspoint: Crosspoint) -> int | None:
        """As in the role: ``channel.getcount``."""
        (count,) = self.numbers(f'print(channel.getcount("{relays(self._known([crosspoint]))}"), errorqueue.count)')
        return int(count)

    # The box ---------------------------------------------------------------------------------------------------------

    def outputs(self) -> dict[str, str]:
        """Rows that are joined to columns now."""
        found: dict[str, str] = {}
        for row, column in sorted(parse_relays(self.exchange(f"print({CLOSED})"))):
            found[row] = f"{found[row]}, {column}" if row in found else f"joined to {column}"
        return found

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
        self.write_each(problems, "opening all relays", ['channel.open("allslots")'])
        self.guarded_step(problems, "reading back the relays", self._read_back_open)
        self.prepare_again()

    def _read_back_open(self) -> None:
        closed = parse_relays(self.exchange(f"print({CLOSED})", seconds_expected=SECONDS_PER_RELAY))
        if closed:
            self.write('channel.open("allslots")')
            self._confirm(closed, frozenset(), 'channel.open("allslots")')


def relays(crosspoints: Iterable[Crosspoint]) -> str:
    """The instrument's names of crosspoints as one sorted list: ("A", "105") → "1A05"."""
    return ",".join(sorted(f"{column[0]}{row}{column[1:]}" for row, column in crosspoints))


def parse_relays(reply: str) -> frozenset[Crosspoint]:
    """Crosspoints of a list of relays; ``getclose`` separates by semicolons, others by commas, and "nil" is none."""
    return frozenset((row, slot + column) for slot, row, column in RELAY.findall(reply))
