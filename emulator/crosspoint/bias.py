"""Bias schemes: which voltage each line of an array gets, so that selected cells are written and others are not.

A cell is written by the voltage of its gate over the mean of its channel. Selected gate lines and selected *column*
lines, the channel lines that cross the gate lines, meet in the selected cells; channel lines parallel to the gate
lines are the *third* terminal. V is the full programming voltage, positive or negative. Without wire resistance and
with all channels alike, the mean gate-channel voltage over V of selected, gate-only, column-only and unselected cells
is 3/4, 1/2, 1/4, 0 for `half_bias` (Kwak et al., review of ECRAM (2024), section 3.3, and Kang et al., Front.
Nanotechnol. (2022), 10.3389/fnano.2022.1034357; grounding the third terminal is our assumption).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emulator.crosspoint.lines import OPEN
from emulator.lines import LAYOUTS

Floats = NDArray[np.float64]
Selection = NDArray[np.bool_]
Pair = tuple[float, float]  # selected, unselected
UpdateOrder = Literal["parallel", "column by column", "row by row", "cell by cell"]


@dataclass(frozen=True, eq=False)
class LineDrives:
    """Voltages of gate, source and drain lines [V]: one, one for each line, or (2, lines); NaN leaves an end open."""

    gate: ArrayLike = 0.0
    source: ArrayLike = 0.0
    drain: ArrayLike = 0.0


@dataclass(frozen=True)
class SelectableLines:
    """Lines of an array of a layout, by what they do in a bias scheme. ValueError for another layout."""

    layout: str
    rows: int
    columns: int

    def __post_init__(self) -> None:
        if self.layout not in LAYOUTS:
            raise ValueError(f"layout = {self.layout!r} is not allowed: choose one of {', '.join(LAYOUTS)}")

    def _count(self, family: int) -> int:
        return self.rows if LAYOUTS[self.layout][family] == "rows" else self.columns

    @property
    def gate_lines(self) -> int:
        """How many gate lines there are."""
        return self._count(0)

    @property
    def column_lines(self) -> int:
        """How many channel lines cross the gate lines."""
        return self.columns if LAYOUTS[self.layout][0] == "rows" else self.rows

    def mask(self, lines: ArrayLike, count: int) -> Selection:
        """Selected lines as (lines,) booleans, from such or from line numbers; ValueError for others."""
        given = np.asarray(lines)
        if given.dtype == np.bool_ and given.shape == (count,):
            return given
        numbers = np.atleast_1d(given)
        mask = np.zeros(count, dtype=np.bool_)
        if numbers.size:
            if numbers.dtype.kind not in "iu" or numbers.min() < 0 or numbers.max() >= count:
                raise ValueError(f"selected lines = {given.tolist()!r} are not possible: give numbers 0 to {count - 1}")
            mask[numbers] = True
        return mask

    def drives(self, gate: Floats, column: Floats, third: float | Floats) -> LineDrives:
        """Voltages by what lines do [V]; where both ends of the channel cross the gate lines, both are columns."""
        crosses = [along != LAYOUTS[self.layout][0] for along in LAYOUTS[self.layout]]
        source, drain = (
            column if crosses[family] else np.broadcast_to(third, self._count(family)) for family in (1, 2)
        )
        return LineDrives(gate, source, drain)

    def levels(self, gates: ArrayLike, columns: ArrayLike, gate: Pair, column: Pair, third: float) -> LineDrives:
        """Drives from the levels [V] of selected and unselected gate and column lines."""
        return self.drives(
            np.where(self.mask(gates, self.gate_lines), *gate),
            np.where(self.mask(columns, self.column_lines), *column),
            third,
        )


def half_bias(lines: SelectableLines, gates: ArrayLike, columns: ArrayLike, volts: float) -> LineDrives:
    """Half of V on selected gates, minus half on selected columns, all else grounded: 3/4, 1/2, 1/4, 0 of V.

    In layout C, and there only, columns hold both ends of the channel: 1, 1/2, 1/2, 0.
    """
    return lines.levels(gates, columns, (0.5 * volts, 0.0), (-0.5 * volts, 0.0), 0.0)


def half_bias_third_open(lines: SelectableLines, gates: ArrayLike, columns: ArrayLike, volts: float) -> LineDrives:
    """Half-bias with open third terminals (US 11,133,063 B2): they settle at the mean of their cells.

    (3 + f)/4, (2 + f)/4, (1 + f)/4, f/4 of V, f being the share of selected columns in the conductance of a line.
    """
    return lines.levels(gates, columns, (0.5 * volts, 0.0), (-0.5 * volts, 0.0), OPEN)


def half_bias_gates_open(lines: SelectableLines, gates: ArrayLike, columns: ArrayLike, volts: float) -> LineDrives:
    """Half-bias with open unselected gates: they settle at the mean channel potential of their cells.

    3/4, 1/2, (1 - h)/4, -h/4 of V, h being the share of selected columns in the ohmic gate conductance of a line.
    """
    return lines.levels(gates, columns, (0.5 * volts, OPEN), (-0.5 * volts, 0.0), 0.0)


def doubled_column(lines: SelectableLines, gates: ArrayLike, columns: ArrayLike, volts: float) -> LineDrives:
    """Half-bias with twice the voltage on selected columns: 1, 1/2, 1/2, 0 of V, and four times the channel power.

    Our reading of channel-high half-bias (Kim 2023, 10.1002/aelm.202300476), whose voltages are not published. The
    column end of a selected cell sees 3/2 V.
    """
    return lines.levels(gates, columns, (0.5 * volts, 0.0), (-volts, 0.0), 0.0)


def driven_channel(lines: SelectableLines, gates: ArrayLike, columns: ArrayLike, volts: float) -> LineDrives:
    """Half-bias with the third terminal at the column voltage: 1, 1/2, 1/2, 0 of V; the other reading of the same.

    Raises ValueError unless both ends of the channel cross the gate lines (layout C), or there is one column line.
    """
    if lines.layout != "C" and lines.column_lines > 1:
        raise ValueError(
            f"layout = {lines.layout!r} with {lines.column_lines} column lines is not possible: "
            "third terminals are shared between columns; use layout C or one column line"
        )
    selected = bool(lines.mask(columns, lines.column_lines).any())
    return lines.levels(gates, columns, (0.5 * volts, 0.0), (-0.5 * volts, 0.0), -0.5 * volts if selected else 0.0)


def third_bias(lines: SelectableLines, gates: ArrayLike, columns: ArrayLike, volts: float) -> LineDrives:
    """V/3 scheme: gates V and V/3, columns 0 and 2/3 V, third terminal grounded: 1, 2/3, 1/3, 0 of V.

    The promise of V/3 on all others needs source and drain at one potential, as in layout C.
    """
    return lines.levels(gates, columns, (volts, volts / 3.0), (0.0, 2.0 / 3.0 * volts), 0.0)


def grounded_channel(lines: SelectableLines, gates: ArrayLike, volts: float) -> LineDrives:
    """V on selected gates, all else grounded: every cell of a selected gate line is written."""
    return lines.levels(gates, [], (volts, 0.0), (0.0, 0.0), 0.0)


Scheme = Callable[[SelectableLines, ArrayLike, ArrayLike, float], LineDrives]


def update(
    order: UpdateOrder, lines: SelectableLines, gates: ArrayLike, columns: ArrayLike
) -> Iterator[tuple[Selection, Selection]]:
    """Selected gate and column lines, pulse by pulse, that write the cells where wanted ones meet.

    order: "parallel", one pulse; "column by column", all gates at once; "row by row", all columns at once, a row being
    a gate line; "cell by cell". Raises ValueError for another order.
    """
    all_gates, all_columns = lines.mask(gates, lines.gate_lines), lines.mask(columns, lines.column_lines)
    each = {
        "parallel": (False, False),
        "column by column": (False, True),
        "row by row": (True, False),
        "cell by cell": (True, True),
    }
    if order not in each:
        raise ValueError(f"order = {order!r} is not allowed: choose one of {', '.join(each)}")
    gate_by_gate, column_by_column = each[order]
    for some_gates in _singles(all_gates) if gate_by_gate else (all_gates,):
        for some_columns in _singles(all_columns) if column_by_column else (all_columns,):
            yield some_gates, some_columns


def _singles(mask: Selection) -> Iterator[Selection]:
    numbers = np.arange(mask.size)
    for number in numbers[mask]:
        yield numbers == number
