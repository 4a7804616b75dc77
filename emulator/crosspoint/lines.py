"""Resistive lines of a crosspoint array: what a family of lines is made of, and how its ends are driven."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emulator.lines import LAYOUTS

Floats = NDArray[np.float64]
Along = Literal["rows", "columns"]

OPEN = math.nan  # a drive of this "voltage" leaves the end of a line open
_LEAST = 1e-9  # Ohm; resistances below differ from none by less than a double resolves
_MOST = 1e15  # Ohm; beyond, give inf


@dataclass(frozen=True, eq=False, kw_only=True)
class LineFamily:
    """All gate, source, drain, word or bit lines of an array: chains of equal segments between crosspoints.

    along: "rows" (one line per row) or "columns". The near end is at column 0 of a row, at row 0 of a column.
    segment_resistance [Ohm]: of the wire between neighbouring crosspoints. near_resistance, far_resistance [Ohm]: of
    everything between the crosspoint at an end and the voltage that drives this end; inf: there is no pad.
    leakage [S]: of a line to ground, spread evenly over its crosspoints. These four: one number, or one for each line.
    cuts: pairs (line, position): the line is cut before its crosspoint `position`; 0 cuts it from its near end, and
    the number of its crosspoints from its far end.

    Raises ValueError naming quantity, value, unit and limit.
    """

    along: Along
    segment_resistance: ArrayLike = 1.0
    near_resistance: ArrayLike = 10.0
    far_resistance: ArrayLike = math.inf
    leakage: ArrayLike = 0.0
    cuts: Sequence[tuple[int, int]] = ()

    def __post_init__(self) -> None:
        if self.along not in ("rows", "columns"):
            raise ValueError(f"along = {self.along!r} is not allowed: choose rows or columns")
        _check("segment_resistance", self.segment_resistance, "Ohm", _LEAST, _MOST)
        _check("near_resistance", self.near_resistance, "Ohm", _LEAST, _MOST, endless=True)
        _check("far_resistance", self.far_resistance, "Ohm", _LEAST, _MOST, endless=True)
        _check("leakage", self.leakage, "S", 0.0, 1.0 / _LEAST)

    def lay(self, cells: Floats) -> Floats:
        """Quantities of cells (..., rows, columns) in line layout (..., nodes, lines)."""
        return np.ascontiguousarray(np.swapaxes(cells, -1, -2)) if self.along == "rows" else cells

    def unlay(self, nodes: Floats) -> Floats:
        """The reverse of `lay`, without a copy."""
        return np.swapaxes(nodes, -1, -2) if self.along == "rows" else nodes


def _check(name: str, value: ArrayLike, unit: str, low: float, high: float, *, endless: bool = False) -> None:
    numbers = np.asarray(value, dtype=np.float64)
    bad = ~((numbers >= low) & (numbers <= high) | (endless & (numbers == math.inf)))
    if bad.any():
        shown = float(numbers[bad].flat[0])
        raise ValueError(
            f"{name} = {shown!r} {unit} is not allowed: give {low:g} to {high:g} {unit}"
            + (", or inf for none" if endless else "")
        )


class Ladder:
    """A family of lines laid out over an array. All arrays in line layout: (nodes, lines), or (lines,).

    name: of the family in messages. segment [S]: conductance from node k to node k + 1, 0 in the last row; near, far
    [S]: of the ends; leak [S]: of each node to ground. Raises ValueError for quantities that do not fit the array.
    """

    def __init__(self, family: LineFamily, shape: tuple[int, int], name: str) -> None:
        self.family, self.name = family, name
        self.lines, self.nodes = shape if family.along == "rows" else shape[::-1]
        self.segment: Floats = np.zeros((self.nodes, self.lines))
        self.segment[:-1] = 1.0 / self._per_line("segment_resistance")
        self.near: Floats = 1.0 / self._per_line("near_resistance")
        self.far: Floats = 1.0 / self._per_line("far_resistance")
        self.leak: Floats = self._per_line("leakage") / self.nodes
        for line, position in family.cuts:
            self._cut(line, position)

    def _per_line(self, quantity: str) -> Floats:
        value = np.asarray(getattr(self.family, quantity), dtype=np.float64)
        if value.shape not in ((), (self.lines,)):
            raise ValueError(f"{quantity} of the {self.name} lines has the shape {value.shape}: give ({self.lines},)")
        return np.array(np.broadcast_to(value, self.lines))

    def _cut(self, line: int, position: int) -> None:
        if not (0 <= line < self.lines and 0 <= position <= self.nodes):
            raise ValueError(
                f"the cut ({line}, {position}) does not exist: the {self.lines} {self.name} lines are cut at the "
                f"positions 0 to {self.nodes}"
            )
        if position == 0:
            self.near[line] = 0.0
        elif position == self.nodes:
            self.far[line] = 0.0
        else:
            self.segment[position - 1, line] = 0.0

    def driven(self, volts: ArrayLike) -> "DrivenLines":
        """The lines with voltages at their ends.

        volts [V]: one number, or one for each line, at every end that has a pad; or (2, lines), the near ends and the
        far ends. NaN leaves an end open. Raises ValueError for another shape and for infinite voltages.
        """
        given = np.asarray(volts, dtype=np.float64)
        if given.shape not in ((), (self.lines,), (2, self.lines)):
            raise ValueError(
                f"voltages of the {self.name} lines have the shape {given.shape}: "
                f"give one, ({self.lines},) for the lines, or (2, {self.lines}) for their near and far ends"
            )
        if np.isinf(given).any():
            raise ValueError(f"a voltage of the {self.name} lines is inf V: give finite ones, or NaN for an open end")
        return DrivenLines(self, np.broadcast_to(given, (2, self.lines)))


class DrivenLines:
    """Lines with voltages at their ends.

    Node voltages are kept as drops from the *nominal* potential of their line, which is that of its drivers: currents
    through wires are then differences of drops, and keep their digits however small the resistances are.
    """

    def __init__(self, ladder: Ladder, volts: Floats) -> None:
        self.ladder = ladder
        is_open = np.isnan(volts)
        self.ends: Floats = np.where(is_open, 0.0, np.stack([ladder.near, ladder.far]))
        self.volts: Floats = np.where(self.ends > 0.0, volts, 0.0)
        total = self.ends.sum(axis=0)
        driving = (self.ends * self.volts).sum(axis=0)
        mean = np.divide(driving, total, out=np.zeros(ladder.lines), where=total > 0.0)
        near, far = self.volts
        one_end = (self.ends[0] == 0.0) | (self.ends[1] == 0.0)  # their potential without the rounding of a mean
        self.nominal: Floats = np.where(one_end, np.where(self.ends[0] > 0.0, near, far), mean)

    @property
    def nominal_cells(self) -> Floats:
        """Nominal potentials at the cells [V]; broadcasts to (rows, columns)."""
        return self.nominal[:, np.newaxis] if self.ladder.family.along == "rows" else self.nominal[np.newaxis]

    def voltages(self, drops: Floats) -> Floats:
        """Node voltages at the cells [V], (rows, columns)."""
        cells: Floats = self.nominal_cells + self.ladder.family.unlay(drops)
        return cells

    @property
    def ground(self) -> Floats:
        """Conductance of each node to drivers and through leakage [S], (nodes, lines)."""
        ground: Floats = np.tile(self.ladder.leak, (self.ladder.nodes, 1))
        ground[0] += self.ends[0]
        ground[-1] += self.ends[1]
        return ground

    @property
    def injected(self) -> Floats:
        """Currents into the nodes while all of them are at the nominal potential of their line [A], (nodes, lines)."""
        currents: Floats = np.tile(-self.ladder.leak * self.nominal, (self.ladder.nodes, 1))
        currents[0] += self.ends[0] * (self.volts[0] - self.nominal)
        currents[-1] += self.ends[1] * (self.volts[1] - self.nominal)
        return currents

    def currents(self, drops: Floats) -> Floats:
        """Currents from the drivers into the lines [A], (2, lines): near ends, far ends."""
        ends = np.stack([drops[0], drops[-1]])
        currents: Floats = self.ends * ((self.volts - self.nominal) - ends)
        return currents

    def wire_power(self, drops: Floats) -> float:
        """Power that turns into heat in the wires, and through leakage to ground [W]."""
        wires = (self.ladder.segment[:-1] * np.diff(drops, axis=0) ** 2).sum()
        return float(wires + (self.ladder.leak * (self.nominal + drops) ** 2).sum())

    def driver_power(self, drops: Floats) -> float:
        """Power that turns into heat between the voltages and the lines [W]."""
        currents = self.currents(drops)
        return float((currents**2 / np.where(self.ends > 0.0, self.ends, 1.0)).sum())

    def delivered(self, drops: Floats) -> float:
        """Power that the voltages deliver [W]."""
        return float((self.currents(drops) * self.volts).sum())


def families(
    layout: str,
    *,
    segment_resistance: float = 1.0,
    driver_resistance: float = 10.0,
    both_ends: bool = False,
) -> tuple[LineFamily, LineFamily, LineFamily]:
    """Equal gate, source and drain lines of a layout, driven at their near ends or at both.

    layout: "A" gate and source rows, drain columns; "B" gate and drain rows, source columns; "C" gate rows, source and
    drain columns; "D" gate and drain columns, source rows. Resistances [Ohm]: of a segment, and of a driver and its
    path. Raises ValueError for another layout and for resistances that are not possible.
    """
    if layout not in LAYOUTS:
        raise ValueError(f"layout = {layout!r} is not allowed: choose one of {', '.join(LAYOUTS)}")

    def family(along: str) -> LineFamily:
        return LineFamily(
            along="rows" if along == "rows" else "columns",
            segment_resistance=segment_resistance,
            near_resistance=driver_resistance,
            far_resistance=driver_resistance if both_ends else math.inf,
        )

    gate, source, drain = (family(along) for along in LAYOUTS[layout])
    return gate, source, drain
