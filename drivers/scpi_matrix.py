"""Switch matrices that are driven by SCPI: what their drivers share. A model gives its relays their channel numbers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import ClassVar, Final

from drivers.checks import one_of
from drivers.relay_matrix import NONE, RelayMatrix, joined_rows
from drivers.roles import Crosspoint
from drivers.scpi import ScpiInstrument, split_replies

SECONDS_PER_RELAY: Final = 0.05  # generous, used for timeouts only


class ScpiMatrix(ScpiInstrument, RelayMatrix):
    """The mainframe with its cards: one matrix. `channel` gives the same object for every row and column."""

    maker = "Keysight Technologies"
    open_everything: ClassVar[str]

    @abstractmethod
    def number(self, crosspoint: Crosspoint) -> str:
        """The channel number of a crosspoint."""

    @abstractmethod
    def closed_query(self) -> str:
        """Queries that ask for every closed relay."""

    @abstractmethod
    def parse_closed(self, replies: list[str]) -> frozenset[Crosspoint]:
        """What the replies to `closed_query` say."""

    def channel(self, terminal: str) -> ScpiMatrix:
        """The matrix itself, for any of its rows and columns."""
        one_of("terminal", terminal, (*self._abilities.rows, *self._abilities.columns))
        return self

    # Relays ----------------------------------------------------------------------------------------------------------

    def relays(self, crosspoints: Iterable[Crosspoint]) -> str:
        """Channel numbers with commas between."""
        return ",".join(sorted(map(self.number, crosspoints)))

    def closed(self) -> frozenset[Crosspoint]:
        """As in the role."""
        return self.parse_closed(self.call(self.closed_query()))

    def open_all(self) -> None:
        """As in the role."""
        found = self.parse_closed(self.call(f"{self.open_everything};*WAI;{self.closed_query()}"))
        self.confirm(found, NONE, self.open_everything)

    def move(self, *, away: frozenset[Crosspoint], add: frozenset[Crosspoint]) -> tuple[frozenset[Crosspoint], str]:
        """``ROUT:OPEN``, ``*WAI``, ``ROUT:CLOS``: nothing is closed before what must go is open."""
        actions = [f":ROUT:OPEN (@{self.relays(away)});*WAI"] if away else []
        actions += [f":ROUT:CLOS (@{self.relays(add)});*WAI"] if add else []
        message = ";".join((*actions, self.closed_query()))
        replies = self.call(message, seconds_expected=SECONDS_PER_RELAY * len(away | add))
        return self.parse_closed(replies), message

    # The box ---------------------------------------------------------------------------------------------------------

    def outputs(self) -> dict[str, str]:
        """Rows that are joined to columns now."""
        return joined_rows(self.parse_closed(split_replies(self.exchange(self.closed_query()))))

    def make_safe(self) -> list[str]:
        """Open every relay, read back. Never raises; returns what went wrong. Source outputs must be off before."""
        return ScpiInstrument.make_safe(self)

    def _make_safe(self, problems: list[str]) -> None:
        self.guarded_step(problems, "opening all relays", lambda: self.write(self.open_everything))
        self.guarded_step(problems, "reading back the relays", self._read_back_open)
        self.prepare_again()

    def _read_back_open(self) -> None:
        found = self.parse_closed(split_replies(self.exchange(f"*WAI;{self.closed_query()}")))
        self.confirm(found, NONE, self.open_everything)
