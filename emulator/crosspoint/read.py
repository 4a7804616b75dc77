"""Linear solution of an array that is read: word lines, bit lines, and a conductance at each crosspoint."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emulator.crosspoint import sweeps
from emulator.crosspoint.lines import DrivenLines, Ladder, LineFamily
from emulator.crosspoint.network import Network

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ReadSolution:
    """An array of `conductance` [S] (rows, columns) that is read.

    word_lines, bit_lines: with their drives; word_drops, bit_drops [V]: of their nodes from the nominal potential, in
    line layout. iterations: of the conjugate gradients.
    """

    conductance: Floats
    word_lines: DrivenLines
    bit_lines: DrivenLines
    word_drops: Floats
    bit_drops: Floats
    iterations: int

    @property
    def word(self) -> Floats:
        """Voltages of the crosspoints on the word lines [V], (rows, columns)."""
        return self.word_lines.voltages(self.word_drops)

    @property
    def bit(self) -> Floats:
        """Voltages of the crosspoints on the bit lines [V], (rows, columns)."""
        return self.bit_lines.voltages(self.bit_drops)

    @property
    def word_currents(self) -> Floats:
        """Currents from the drivers into the word lines [A], (2, lines): near ends, far ends."""
        return self.word_lines.currents(self.word_drops)

    @property
    def bit_currents(self) -> Floats:
        """Currents from the drivers into the bit lines [A], (2, lines): near ends, far ends."""
        return self.bit_lines.currents(self.bit_drops)

    @property
    def delivered(self) -> float:
        """Power that the drivers deliver [W]."""
        return self.word_lines.delivered(self.word_drops) + self.bit_lines.delivered(self.bit_drops)

    @property
    def dissipated(self) -> float:
        """Power that turns into heat in cells, wires, leaks and drivers [W]."""
        heat = float((self.conductance * (self.word - self.bit) ** 2).sum())
        for lines, drops in ((self.word_lines, self.word_drops), (self.bit_lines, self.bit_drops)):
            heat += lines.wire_power(drops) + lines.driver_power(drops)
        return heat


class ReadSolver:
    """An array of conductances between word and bit lines with resistance, in direct current.

    conductance (rows, columns) [S], finite and not negative; word and bit lines run across each other. All that does
    not depend on voltages is factorised here, once: another conductance matrix is another solver. Word lines are
    eliminated exactly; what is left is solved by conjugate gradients, preconditioned by the bit lines.
    Raises ValueError for impossible quantities, and for a line that nothing holds at any voltage.
    """

    def __init__(self, conductance: ArrayLike, word: LineFamily, bit: LineFamily) -> None:
        self.conductance: Floats = checked_conductance(conductance)
        shape = (self.conductance.shape[0], self.conductance.shape[1])
        self._word, self._bit = Ladder(word, shape, "word"), Ladder(bit, shape, "bit")
        self._network = Network((self._word.driven(0.0),), self._bit.driven(0.0))
        self._network.factorise(self.conductance[np.newaxis])
        self._last: ReadSolution | None = None
        self._scale = 0.0
        self._matrix: Floats | None = None
        self._products = 0

    def solve(
        self, word_volts: ArrayLike, bit_volts: ArrayLike = 0.0, *, tolerance: float = 1e-12, warm: bool = False
    ) -> ReadSolution:
        """Voltages and currents for voltages at the ends of the lines.

        word_volts, bit_volts [V]: one, one for each line, or (2, lines) for near and far ends. tolerance: of the root
        of the energy of the error, relative to that of an array without voltage drops. warm: start from the solution
        before, which pays where voltages hardly change. Raises ValueError for voltages that do not fit.
        """
        if np.isnan(word_volts).any() or np.isnan(bit_volts).any():
            raise ValueError("a voltage is NaN V: give a voltage, and a line that is open an end resistance of inf")
        word, bit = self._word.driven(word_volts), self._bit.driven(bit_volts)
        cells = self.conductance * (word.nominal_cells - bit.nominal_cells)
        into_word = word.injected - word.ladder.family.lay(cells)
        into_bit = bit.injected + bit.ladder.family.lay(cells)
        before = self._last if warm else None
        if before is not None:
            self._subtract(before, into_word, into_bit)
        solved, bit_drops, self._scale = self._network.solve(
            into_word[np.newaxis], into_bit, tolerance, self._scale if before else 0.0
        )
        word_drops = solved[0]
        if before is not None:
            word_drops, bit_drops = word_drops + before.word_drops, bit_drops + before.bit_drops
        self._last = ReadSolution(self.conductance, word, bit, word_drops, bit_drops, self._network.iterations)
        return self._last

    def _subtract(self, before: ReadSolution, into_word: Floats, into_bit: Floats) -> None:
        """Take from injected currents what flows at the drops of an earlier solution."""
        word, bit = self._word.family, self._bit.family
        cells = self.conductance * (word.unlay(before.word_drops) - bit.unlay(before.bit_drops))
        into_word -= word.lay(cells)
        into_bit += bit.lay(cells)
        for lines, drops, into in (
            (before.word_lines, before.word_drops, into_word),
            (before.bit_lines, before.bit_drops, into_bit),
        ):
            out = np.zeros_like(into)
            sweeps.leaving(drops, lines.ladder.segment, lines.ground, out)
            into -= out

    @property
    def port_matrix(self) -> Floats:
        """Currents out of the bit lines per voltage on the word lines [S], (word lines, bit lines).

        All other lines are at 0 V. By reciprocity it takes as many solutions as there are lines of the smaller family.
        Kept, as the conductances of a solver do not change.
        """
        if self._matrix is None:
            words, bits = self._word.lines, self._bit.lines
            if words <= bits:
                rows = [-self.solve(one, 0.0).bit_currents.sum(axis=0) for one in np.eye(words)]
                self._matrix = np.array(rows)
            else:
                columns = [-self.solve(0.0, one).word_currents.sum(axis=0) for one in np.eye(bits)]
                self._matrix = np.array(columns).T.copy()
        return self._matrix

    def currents(self, word_volts: ArrayLike) -> Floats:
        """Currents out of the bit lines at 0 V for voltages on the word lines [A].

        word_volts [V]: (word lines,) or (products, word lines); the result has as many columns as there are bit lines.
        The port matrix is built as soon as as many products have been asked for as it takes to build it.
        Raises ValueError for another shape.
        """
        volts = np.asarray(word_volts, dtype=np.float64)
        if volts.ndim not in (1, 2) or volts.shape[-1] != self._word.lines:
            raise ValueError(f"voltages have the shape {volts.shape}: give (products, {self._word.lines})")
        products = np.atleast_2d(volts)
        self._products += len(products)
        if self._matrix is not None or self._products > min(self._word.lines, self._bit.lines):
            currents: Floats = products @ self.port_matrix
        else:
            currents = np.array([-self.solve(one).bit_currents.sum(axis=0) for one in products])
        return currents.reshape(*volts.shape[:-1], self._bit.lines)


def checked_conductance(conductance: ArrayLike) -> Floats:
    """Conductances of the cells of an array [S], (rows, columns); ValueError when they are not possible."""
    values = np.ascontiguousarray(conductance, dtype=np.float64)
    if values.ndim != 2 or values.size == 0:
        raise ValueError(f"conductances have the shape {values.shape}: give (rows, columns)")
    bad = ~(np.isfinite(values) & (values >= 0.0))
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise ValueError(
            f"conductance of the cell ({row}, {column}) = {values[row, column]!r} S is not allowed: give 0 S or more"
        )
    return values
