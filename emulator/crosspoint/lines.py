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


def _check(name: str, value: ArrayLike, unit: str, low: float, high: float, *, endless: bool = False) -> None:
    numbers = np.asarray(value, dtype=np.float64)
    bad = ~((numbers >= low) & (numbers <= high) | (endless & (numbers == math.inf)))
    if bad.any():
        shown = float(numbers[bad].flat[0])
        raise ValueError(
            f"{name} = {shown!r} {unit} is not allowed: give {low:g} to {high:g} {unit}"
            + (", or inf for none" if endless else "")
        )


def shares_of(ends: Floats) -> Floats:
    """Weights of both ends in the potential of a line without current, (2, lines), from their conductances [S]."""
    total = ends[0] + ends[1]
    total[total == 0.0] = 1.0
    shares: Floats = ends / total  # exactly 1 for the only end that is driven
    return shares


class Ladder:
    """A family of lines laid out over an array.

    name: of the family in messages. lines, nodes: how many, and how many nodes each has. segment (rows, columns) [S]:
    conductance from a node to the next one of its line, 0 at the last. ends (2, lines) [S]: of the near and the far
    ends. leak (lines,) [S]: of each node to ground. Raises ValueError for quantities that do not fit the array.
    """

    def __init__(self, family: LineFamily, shape: tuple[int, int], name: str) -> None:
        self.family, self.name, self.shape = family, name, shape
        self.along_rows = family.along == "rows"
        self.lines, self.nodes = shape if self.along_rows else shape[::-1]
        self.segment: Floats = np.empty(shape)
        self.segment[:] = self.spread(1.0 / self._per_line("segment_resistance"))
        self.node(self.segment, -1)[:] = 0.0
        self.ends: Floats = 1.0 / np.stack([self._per_line("near_resistance"), self._per_line("far_resistance")])
        self.leak: Floats = self._per_line("leakage") / self.nodes
        self.leaks = bool(self.leak.any())
        for line, position in family.cuts:
            self._cut(line, position)
        self.shares: Floats = shares_of(self.ends)

    def spread(self, per_line: Floats) -> Floats:
        """A quantity of lines at their nodes; broadcasts to (rows, columns)."""
        return per_line[:, np.newaxis] if self.along_rows else per_line[np.newaxis]

    def node(self, values: Floats, position: int) -> Floats:
        """View of a quantity (rows, columns) at one node of all lines, (lines,)."""
        return values[:, position] if self.along_rows else values[position]

    def steps(self, values: Floats) -> Floats:
        """How much a quantity (rows, columns) falls from each node to the next one of its line; one node less."""
        falls: Floats = -np.diff(values, axis=1 if self.along_rows else 0)
        return falls

    def passed(self, values: Floats) -> Floats:
        """Currents through the segments [A] at these voltages [V] of the nodes (rows, columns); one node less."""
        segment = self.segment[:, :-1] if self.along_rows else self.segment[:-1]
        return segment * self.steps(values)

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
            self.ends[0, line] = 0.0
        elif position == self.nodes:
            self.ends[1, line] = 0.0
        else:
            self.node(self.segment, position - 1)[line] = 0.0

    def driven(self, volts: ArrayLike) -> "DrivenLines":
        """The lines with voltages at their ends.

        volts [V]: one number, or one for each line, at every end that has a pad; or (2, lines), the near ends and the
        far ends. NaN leaves an end open. Raises ValueError for another shape and for infinite voltages.
        """
        at_ends = self.at_ends(volts)
        if np.isinf(at_ends).any():
            raise ValueError(f"a voltage of the {self.name} lines is inf V: give finite ones, or NaN for an open end")
        return DrivenLines(self, at_ends)

    def at_ends(self, volts: ArrayLike) -> Floats:
        """Voltages at the ends (2, lines) [V] from one of the forms that `driven` takes; ValueError for another."""
        given = np.asarray(volts, dtype=np.float64)
        if given.shape not in ((), (self.lines,), (2, self.lines)):
            raise ValueError(
                f"voltages of the {self.name} lines have the shape {given.shape}: "
                f"give one, ({self.lines},) for the lines, or (2, {self.lines}) for their near and far ends"
            )
        at_ends = np.empty((2, self.lines))
        at_ends[:] = given
        return at_ends


class DrivenLines:
    """Lines with voltages at their ends.

    Node voltages are kept as *drops* from the nominal potential of their line, which is that of its drivers: currents
    through wires are then differences of drops, and keep their digits however small the resistances are.
    """

    def __init__(self, ladder: Ladder, volts: Floats) -> None:
        self.ladder = ladder
        self.ends, self.volts, shares = ladder.ends, volts, ladder.shares
        is_open = np.isnan(volts)
        if is_open.any():
            self.ends, self.volts = np.where(is_open, 0.0, ladder.ends), np.where(is_open, 0.0, volts)
            shares = shares_of(self.ends)
        self.nominal: Floats = shares[0] * self.volts[0] + shares[1] * self.volts[1]

    def voltages(self, drops: Floats) -> Floats:
        """Node voltages [V] from drops, (rows, columns)."""
        return self.ladder.spread(self.nominal) + drops

    def own(self, cells: Floats) -> Floats:
        """Conductances of the nodes to anything but their lines [S], (rows, columns): cells, drivers and leakage."""
        total: Floats = cells + self.ladder.spread(self.ladder.leak)
        for end, position in enumerate((0, -1)):
            self.ladder.node(total, position)[:] += self.ends[end]
        return total

    def inject(self, into: Floats) -> None:
        """Add to currents into the nodes [A], (rows, columns), those from drivers and leakage without drops."""
        if self.ladder.leaks:
            into -= self.ladder.spread(self.ladder.leak * self.nominal)
        for end, position in enumerate((0, -1)):
            self.ladder.node(into, position)[:] += self.ends[end] * (self.volts[end] - self.nominal)

    def drain(self, into: Floats, drops: Floats) -> None:
        """Take from currents into the nodes [A], (rows, columns), those that drops drive along lines and to ground."""
        if self.ladder.leaks:
            into -= self.ladder.spread(self.ladder.leak) * drops
        for end, position in enumerate((0, -1)):
            self.ladder.node(into, position)[:] -= self.ends[end] * self.ladder.node(drops, position)
        through = self.ladder.passed(drops)
        before, after = (into[:, :-1], into[:, 1:]) if self.ladder.along_rows else (into[:-1], into[1:])
        before -= through
        after += through

    def currents(self, drops: Floats) -> Floats:
        """Currents from the drivers into the lines [A], (2, lines): near ends, far ends."""
        ends = np.stack([self.ladder.node(drops, 0), self.ladder.node(drops, -1)])
        currents: Floats = self.ends * (self.volts - self.nominal - ends)
        return currents

    def wire_power(self, drops: Floats) -> float:
        """Power that turns into heat in the wires, and through leakage to ground [W]."""
        wires = (self.ladder.passed(drops) * self.ladder.steps(drops)).sum()
        return float(wires + (self.ladder.spread(self.ladder.leak) * self.voltages(drops) ** 2).sum())

    def driver_power(self, drops: Floats) -> float:
        """Power that turns into heat between the voltages and the lines [W]."""
        heat = self.currents(drops) ** 2 / np.where(self.ends > 0.0, self.ends, 1.0)
        return float(heat.sum())

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
