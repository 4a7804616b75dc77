"""Keysight 34980A switch/measure mainframe with 34934A high-density matrix modules, driven by SCPI.

Rows are "R<slot><two digits>", columns "C<slot><three digits>", both counted through all matrices of a module: row 2 of
slot 1 is "R102", its column 5 "C1005". Of two 8 x 32 matrices the second has the rows 9 … 16 and the columns 33 … 64.
Rows and columns meet only within one matrix: what joins modules are cables.

The modules protect their relays by 100 Ω in each row (mode AUTO100, the one after a reset): in series with whatever is
measured, from row to column once, from column to column through two banks of 32 twice.

Source: 34980A programmer's reference; Keysight 34934A user's guide (34980-90034), pages 15 and 228.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from drivers.checks import one_of
from drivers.errors import Refused
from drivers.records import SwitchMatrixAbilities
from drivers.registry import DriverInfo
from drivers.relay_matrix import NONE
from drivers.roles import Crosspoint
from drivers.scpi import split_replies
from drivers.scpi_matrix import ScpiMatrix

MODELS: Final = (
    DriverInfo(
        name="keysight_34980a",
        module="drivers.keysight_34980a",
        cls="Keysight34980A",
        role="matrix",
        description="Keysight 34980A with 34934A matrix modules, 512 crosspoints each",
        terminals="R[1-8](0[1-9]|1[0-6])|C[1-8](0(0[1-9]|[1-9][0-9])|1([01][0-9]|2[0-8]))",
    ),
)

SLOTS: Final = range(1, 9)
MODULE: Final = "34934A"
RELAYS: Final = 512
NO_BLOCK: Final = "NONE"
PROTECTED: Final = {"AUTO100": 100.0, "FIX": 100.0, "AUTO0": 0.0, "ISO": 0.0}  # Ω from row to column
SETTLE_TIME: Final = 5e-3  # s, cautious: these relays move within 0.35 ms
RESET_SECONDS: Final = 5.0  # s, used for timeouts only


@dataclass(frozen=True, slots=True)
class Module:
    """One 34934A: rows and columns of one of its matrices."""

    slot: int
    rows: int
    columns: int

    @property
    def matrices(self) -> int:
        """How many matrices of this size share the relays of the module."""
        return RELAYS // (self.rows * self.columns)

    @property
    def row_labels(self) -> list[str]:
        """Rows of all its matrices."""
        return [f"R{self.slot}{row:02d}" for row in range(1, self.rows * self.matrices + 1)]

    @property
    def column_labels(self) -> list[str]:
        """Columns of all its matrices."""
        return [f"C{self.slot}{column:03d}" for column in range(1, self.columns * self.matrices + 1)]

    def channel(self, row: int, column: int) -> int:
        """Channel number of a crosspoint, by the one formula that the tables of the guide follow."""
        step = 800 // self.rows
        return 1000 * self.slot + step * ((row - 1) % self.rows + 1) + 100 - step + column

    @property
    def ranges(self) -> str:
        """All channels, row by row of each matrix side by side."""
        last = self.columns * self.matrices
        return ",".join(f"{self.channel(row, 1)}:{self.channel(row, last)}" for row in range(1, self.rows + 1))

    def crosspoints(self) -> list[Crosspoint]:
        """All crosspoints in the order of `ranges`."""
        return [
            (f"R{self.slot}{(column - 1) // self.columns * self.rows + row:02d}", f"C{self.slot}{column:03d}")
            for row in range(1, self.rows + 1)
            for column in range(1, self.columns * self.matrices + 1)
        ]


class Keysight34980A(ScpiMatrix):
    """The mainframe with its 34934A modules: one matrix. Other modules are left alone."""

    model = "34980A"
    queue_depth = 20
    open_everything = ":ROUT:OPEN:ALL ALL"

    def _opened(self) -> None:
        kinds = split_replies(self.exchange(";".join(f":SYST:CTYP? {slot}" for slot in SLOTS)))
        found = [slot for slot, kind in zip(SLOTS, kinds, strict=True) if MODULE in kind]
        blocks = {slot: self.exchange(f":SYST:MOD:TERM:TYPE? {slot}").strip('" ') for slot in found}
        self._interlocked = tuple(slot for slot, block in blocks.items() if block == NO_BLOCK)
        self._modules = {
            slot: self._module(slot, block) for slot, block in blocks.items() if slot not in self._interlocked
        }
        if not self._modules:
            raise self.error(
                f"no usable {MODULE} found: {', '.join(kinds)}; without terminal block: slots {self._interlocked}",
                remedy="fit a module with its terminal block: without it the safety interlock keeps relays open",
            )
        resistances = {PROTECTED.get(self._protection(slot), 0.0) for slot in self._modules}
        self._crosspoints = [one for module in self._modules.values() for one in module.crosspoints()]
        self._known = frozenset(self._crosspoints)
        self._forbidden = NONE
        self._abilities = SwitchMatrixAbilities(
            rows=tuple(label for module in self._modules.values() for label in module.row_labels),
            columns=tuple(label for module in self._modules.values() for label in module.column_labels),
            settle_time=SETTLE_TIME,
            series_resistance=max(resistances),
            sequence_rules=(),
            closure_counter=True,
            max_closed=None,
        )

    def _module(self, slot: int, block: str) -> Module:
        numbers = re.findall(r"\d+", block)
        if len(numbers) != 2 or int(numbers[0]) * int(numbers[1]) not in (128, 256, 512):
            raise self.error(f"the layout of the module in slot {slot} is not known", reply=block)
        return Module(slot, int(numbers[0]), int(numbers[1]))

    def _protection(self, slot: int) -> str:
        return self.exchange(f":SYST:MOD:ROW:PROT? {slot}").strip()

    def channel(self, terminal: str) -> Keysight34980A:
        """The matrix itself, for any of its rows and columns; Refused for those of a module without terminal block."""
        if terminal[1:2] in map(str, self._interlocked):
            raise Refused(
                f"{terminal}: the module in slot {terminal[1]} has no terminal block, its relays cannot close"
            )
        one_of("terminal", terminal, (*self._abilities.rows, *self._abilities.columns))
        return self

    def exists(self, crosspoint: Crosspoint) -> bool:
        """Only rows and columns of the same matrix meet."""
        return crosspoint in self._known

    def number(self, crosspoint: Crosspoint) -> str:
        """("R102", "C1005") → "1205" in an 8 x 64 matrix."""
        row, column = crosspoint
        return str(self._modules[int(row[1])].channel(int(row[2:]), int(column[2:])))

    def closed_query(self) -> str:
        """``ROUT:CLOS?`` of all channels: the mainframe has no list of the closed ones."""
        return f":ROUT:CLOS? (@{','.join(module.ranges for module in self._modules.values())})"

    def parse_closed(self, replies: list[str]) -> frozenset[Crosspoint]:
        """0 and 1 of every crosspoint."""
        states = replies[0].split(",")
        if len(states) != len(self._crosspoints):
            raise self.error(f"{len(self._crosspoints)} states were expected, not {len(states)}", self.closed_query())
        return frozenset(one for one, state in zip(self._crosspoints, states, strict=True) if int(state))

    def cycles(self, crosspoint: Crosspoint) -> int | None:
        """As in the role: ``DIAG:REL:CYCL?``, since the count was last cleared."""
        self.known([crosspoint])
        (count,) = self.call(f":DIAG:REL:CYCL? (@{self.number(crosspoint)})")
        return int(count)

    def settings(self) -> dict[str, float | str | bool]:
        """By slot: rows and columns, row protection; closed channels."""
        record: dict[str, float | str | bool] = {}
        for slot, module in self._modules.items():
            record[f"{slot}.layout"] = f"{module.rows}x{module.columns}"
            record[f"{slot}.ROW:PROT"] = self._protection(slot)
        closed = self.parse_closed(split_replies(self.exchange(self.closed_query())))
        return {**record, "closed": self.relays(closed)}

    def reset(self) -> None:
        """``*RST``: every relay open, nothing forbidden, row protection as after power-on."""
        self.exchange("*RST;*CLS;*OPC?", seconds_expected=RESET_SECONDS)
        self._forbidden = NONE
        self.prepare_again()
