"""Lines that join the gates, sources and drains of an array, their pads and their faults."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from emulator.wiring import CHIP, GROUND

Integers = NDArray[np.int64]

# Along what each line family runs: gate, source, drain.
LAYOUTS = {
    "A": ("rows", "rows", "columns"),
    "B": ("rows", "columns", "rows"),
    "C": ("rows", "columns", "columns"),
    "D": ("columns", "rows", "columns"),
}

Ends = Literal["near", "both"]
ENDS: tuple[Ends, ...] = ("near", "both")

LineFaultKind = Literal["none", "dead", "leaky"]
LINE_FAULTS: tuple[LineFaultKind, ...] = ("none", "dead", "leaky")


@dataclass(frozen=True, slots=True)
class LineFault:
    """A line that is "dead", cut from its pads, or "leaky", with `ohms` [Ohm] to ground.

    Raises ValueError for another kind and for a leak that is not a positive resistance.
    """

    kind: LineFaultKind
    ohms: float = math.inf

    def __post_init__(self) -> None:
        if self.kind not in LINE_FAULTS:
            raise ValueError(f"line fault = {self.kind!r} is not allowed: choose one of {', '.join(LINE_FAULTS)}")
        if self.kind == "leaky" and not 0.0 < self.ohms < math.inf:
            raise ValueError(f"ohms = {self.ohms!r} Ohm is not allowed for a leaky line: give more than 0 Ohm, finite")


class Draft:
    """The inside of a chip as it is drawn: named nodes, wires, resistors, and the nodes of the devices' terminals.

    terminals (3, devices): numbers of the nodes at gate, source and drain.
    """

    def __init__(self, devices: int) -> None:
        self.numbers: dict[str, int] = {}
        self.wires: list[tuple[str, str]] = []
        self.resistors: list[tuple[str, str, float]] = []
        self.terminals: Integers = np.zeros((3, devices), dtype=np.int64)

    def node(self, name: str) -> int:
        """Number of a node, which exists from now on."""
        return self.numbers.setdefault(name, len(self.numbers))

    def resistor(self, a: str, b: str, ohms: float) -> None:
        """Join two nodes by a resistor [Ohm]; 0 Ohm is a wire."""
        if ohms > 0.0:
            self.resistors.append((a, b, ohms))
        else:
            self.wires.append((a, b))


class Lines(Protocol):
    """What a chip needs of its lines: another model of a line is another class with these members."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the lines: G0, G1, ..., S0, ..., D0, ..."""

    @property
    def pads(self) -> tuple[str, ...]:
        """Names of the pads; the near end of a line has the name of the line."""

    def draw(self, draft: Draft, faults: Mapping[str, LineFault]) -> None:
        """Draw the lines between pads and devices, with the faults of some of them."""


class IdealLines:
    """Lines without resistance: all terminals and pads of a line are one net.

    layout: "A" gate and source rows, drain columns; "B" gate and drain rows, source columns; "C" gate rows, source and
    drain columns; "D" gate and drain columns, source rows. ends: "near", one pad per line, named as the line (G0); or
    "both", a second pad at the far end (Gfar0). Raises ValueError for another layout or other ends.
    """

    def __init__(self, rows: int, columns: int, layout: str, ends: Ends) -> None:
        if layout not in LAYOUTS:
            raise ValueError(f"layout = {layout!r} is not allowed: choose one of {', '.join(LAYOUTS)}")
        if ends not in ENDS:
            raise ValueError(f"ends = {ends!r} is not allowed: choose one of {', '.join(ENDS)}")
        self._ends = ends
        self._far: dict[str, str] = {}  # line: far pad
        counts = {"rows": rows, "columns": columns}
        numbers = dict(zip(counts, np.divmod(np.arange(rows * columns), columns), strict=True))
        lines = []
        for letter, along in zip("GSD", LAYOUTS[layout], strict=True):
            lines.append(len(self._far) + numbers[along])
            self._far |= {f"{letter}{line}": f"{letter}far{line}" for line in range(counts[along])}
        self._lines: Integers = np.array(lines)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the lines: G0, G1, ..., S0, ..., D0, ..."""
        return tuple(self._far)

    @property
    def pads(self) -> tuple[str, ...]:
        """Names of the pads: the near ends, then the far ends if there are pads."""
        return self.names if self._ends == "near" else self.names + tuple(self._far.values())

    def draw(self, draft: Draft, faults: Mapping[str, LineFault]) -> None:
        """Draw the lines; a dead one is cut from all its pads, a leaky one has a resistor to ground."""
        nodes = []
        for line, far in self._far.items():
            fault = faults.get(line)
            dead = fault is not None and fault.kind == "dead"
            node = f"{CHIP}{line}:cut" if dead else CHIP + line
            nodes.append(draft.node(node))
            if self._ends == "both" and not dead:
                draft.wires.append((node, CHIP + far))
            if fault is not None and fault.kind == "leaky":
                draft.resistors.append((node, GROUND, fault.ohms))
        draft.terminals = np.array(nodes, dtype=np.int64)[self._lines]
