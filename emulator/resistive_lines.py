"""Lines with resistance between the pads of a chip and its devices, as resistors of its circuit."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np

from emulator.lines import LAYOUTS, Draft, Ends, IdealLines, LineFault
from emulator.wiring import CHIP, GROUND

WIRED_DEVICES = 256  # three nets a device: as many as the dense circuit bears


@dataclass(frozen=True, slots=True, kw_only=True)
class Wires:
    """Resistance [Ohm] of a line between neighbouring crosspoints; of gate, source and drain lines.

    Raises ValueError for what is no resistance.
    """

    gate: float = 1.0
    source: float = 1.0
    drain: float = 1.0

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if not 0.0 <= value < math.inf:
                raise ValueError(
                    f"wires of the {item.name} lines = {value!r} Ohm are not allowed: give 0 Ohm or more, finite"
                )


class ResistiveLines(IdealLines):
    """Lines whose crosspoints are joined by resistors; the pads are at the first and the last crosspoint.

    The circuit is solved with every channel current. Of gate currents, each gate sees the resistance up to its own
    node, and adds its current to what the ports measure; how the gates of one line pull each other down is left out,
    which :class:`emulator.crosspoint.Crosspoint` has. Raises ValueError as ideal lines do, and for large arrays.
    """

    def __init__(self, rows: int, columns: int, layout: str, ends: Ends, wires: Wires) -> None:
        super().__init__(rows, columns, layout, ends)
        if rows * columns > WIRED_DEVICES:
            raise ValueError(
                f"wires in a chip of {rows} x {columns} devices are not possible: "
                f"leave them out or use at most {WIRED_DEVICES} devices"
            )
        self._ohms = dict(zip("GSD", (wires.gate, wires.source, wires.drain), strict=True))
        row, column = np.divmod(np.arange(rows * columns), columns)
        self._positions = np.stack([column if along == "rows" else row for along in LAYOUTS[layout]])

    def draw(self, draft: Draft, faults: Mapping[str, LineFault]) -> None:
        """Draw the lines; a dead one is cut from all its pads, a leaky one has a resistor to ground at its near end."""
        for number, (line, far) in enumerate(self._far.items()):
            fault = faults.get(line)
            dead = fault is not None and fault.kind == "dead"
            family = "GSD".index(line[0])
            on_line = np.flatnonzero(self._lines[family] == number)
            positions = self._positions[family, on_line]
            nodes = [f"{CHIP}{line}:{position}" for position in range(int(positions.max()) + 1)]
            if not dead:
                nodes[0] = CHIP + line
            numbers = np.array([draft.node(node) for node in nodes])
            draft.terminals[family, on_line] = numbers[positions]
            for before, after in pairwise(nodes):
                draft.resistor(before, after, self._ohms[line[0]])
            if self._ends == "both" and not dead:
                draft.wires.append((nodes[-1], CHIP + far))
            if fault is not None and fault.kind == "leaky":
                draft.resistors.append((nodes[0], GROUND, fault.ohms))
