"""What the drivers of all switch matrices share: labels, forbidden crosspoints, and break before make by own order.

A close command only adds, and the instruments' own break-before-make rules act in some commands alone. So what must go
is opened and settled before anything is closed, and every answer carries what is closed now.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable

from drivers.errors import InstrumentError, Refused
from drivers.records import SwitchMatrixAbilities
from drivers.roles import Crosspoint, SwitchMatrix

NONE: frozenset[Crosspoint] = frozenset()


class RelayMatrix(SwitchMatrix):
    """A matrix of relays at the crosspoints of rows and columns. A model sets `_abilities` and `_forbidden` at opening
    and implements the abstract methods.
    """

    _abilities: SwitchMatrixAbilities
    _forbidden: frozenset[Crosspoint] = NONE

    @property
    def abilities(self) -> SwitchMatrixAbilities:
        """Rows and columns found at opening."""
        return self._abilities

    @abstractmethod
    def relays(self, crosspoints: Iterable[Crosspoint]) -> str:
        """The instrument's names of crosspoints as one sorted list."""

    @abstractmethod
    def move(self, *, away: frozenset[Crosspoint], add: frozenset[Crosspoint]) -> tuple[frozenset[Crosspoint], str]:
        """Open `away`, then close `add`, each settled before the next, in one exchange.

        Returns what is closed now and the message that was sent.
        """

    @abstractmethod
    def error(self, problem: str, sent: str = "", reply: str = "", remedy: str = "") -> InstrumentError:
        """An error that names this instrument."""

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
        away = self.known(crosspoints)
        return self._switch(away=away, expected=self.closed() - away)

    def _switch(
        self,
        *,
        away: frozenset[Crosspoint] = NONE,
        add: frozenset[Crosspoint] = NONE,
        expected: frozenset[Crosspoint],
    ) -> frozenset[Crosspoint]:
        most = self._abilities.max_closed
        if most is not None and len(expected) > most:
            raise Refused(f"{len(expected)} closed crosspoints are more than the {most} that this matrix can hold")
        found, message = self.move(away=away, add=add)
        self.confirm(found, expected, message)
        return found

    def confirm(self, found: frozenset[Crosspoint], expected: frozenset[Crosspoint], message: str) -> None:
        """InstrumentError naming the relays that differ from what was asked for."""
        if found == expected:
            return
        stuck, missing = self.relays(found - expected) or "none", self.relays(expected - found) or "none"
        raise self.error(
            f"relays do not read back as asked: closed but not asked for {stuck}, asked for but open {missing}",
            message,
            remedy="open all, look for a stuck relay or a hand at the front panel",
        )

    def known(self, crosspoints: Iterable[Crosspoint]) -> frozenset[Crosspoint]:
        """The crosspoints as a set; Refused naming the first that this matrix does not have."""
        asked = frozenset(crosspoints)
        for crosspoint in asked:
            if not isinstance(crosspoint, tuple) or len(crosspoint) != 2:
                raise Refused(f"a crosspoint is a pair (row, column), not {crosspoint!r}")
            if not self.exists(crosspoint):
                rows, columns = self._abilities.rows, self._abilities.columns
                raise Refused(
                    f"crosspoint {crosspoint!r} does not exist: rows are {rows[0]} … {rows[-1]}, columns {columns[0]} "
                    f"… {columns[-1]}, and some rows do not meet all columns"
                )
        return asked

    def exists(self, crosspoint: Crosspoint) -> bool:
        """Whether there is such a row and such a column, and they meet."""
        return crosspoint[0] in self._abilities.rows and crosspoint[1] in self._abilities.columns

    def _allowed(self, crosspoints: Iterable[Crosspoint]) -> frozenset[Crosspoint]:
        asked = self.known(crosspoints)
        if asked & self._forbidden:
            raise Refused(f"forbidden: {self.relays(asked & self._forbidden)}; reset the matrix to allow them again")
        return asked

    def forbid(self, crosspoints: Iterable[Crosspoint]) -> frozenset[Crosspoint]:
        """As in the role."""
        asked = self.known(crosspoints)
        if asked & self.closed():
            raise Refused(f"{self.relays(asked & self.closed())} is closed: open it before forbidding it")
        self._forbidden = self._forbid(asked) if asked else self._forbidden
        return self._forbidden

    def _forbid(self, asked: frozenset[Crosspoint]) -> frozenset[Crosspoint]:
        """Forbid open crosspoints, in the instrument where it can; returns all that are forbidden."""
        return self._forbidden | asked


def joined_rows(closed: Iterable[Crosspoint]) -> dict[str, str]:
    """Rows that are joined to columns: {"A": "joined to 101, 203"}."""
    found: dict[str, str] = {}
    for row, column in sorted(closed):
        found[row] = f"{found[row]}, {column}" if row in found else f"joined to {column}"
    return found
