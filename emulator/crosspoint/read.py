"""Linear solution of an array that is read: word lines, bit lines, and a conductance at each crosspoint."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emulator.crosspoint.lines import DrivenLines, Ladder, LineFamily
from emulator.crosspoint.network import Network

Floats = NDArray[np.float64]


class ReadSolution:
    """An array of conductances [S] that is read: voltages, currents and powers.

    word_drops, bit_drops (rows, columns) [V]: voltages of the crosspoints over the nominal ones of their lines.
    iterations: of the conjugate gradients. scale [W]: of the energy of errors.
    """

    def __init__(
        self,
        conductance: Floats,
        word: DrivenLines,
        bit: DrivenLines,
        drops: tuple[Floats, Floats],
        iterations: int,
        scale: float,
    ) -> None:
        self._conductance, self._word_lines, self._bit_lines = conductance, word, bit
        self.word_drops, self.bit_drops = drops
        self.iterations, self.scale = iterations, scale

    @property
    def word(self) -> Floats:
        """Voltages of the crosspoints on the word lines [V], (rows, columns)."""
        return self._word_lines.voltages(self.word_drops)

    @property
    def bit(self) -> Floats:
        """Voltages of the crosspoints on the bit lines [V], (rows, columns)."""
        return self._bit_lines.voltages(self.bit_drops)

    @property
    def word_currents(self) -> Floats:
        """Currents from the drivers into the word lines [A], (2, lines): near ends, far ends."""
        return self._word_lines.currents(self.word_drops)

    @property
    def bit_currents(self) -> Floats:
        """Currents from the drivers into the bit lines [A], (2, lines): near ends, far ends."""
        return self._bit_lines.currents(self.bit_drops)

    @property
    def delivered(self) -> float:
        """Power that the drivers deliver [W]."""
        return self._word_lines.delivered(self.word_drops) + self._bit_lines.delivered(self.bit_drops)

    @property
    def dissipated(self) -> float:
        """Power that turns into heat in cells, wires, leaks and drivers [W]."""
        heat = float((self._conductance * (self.word - self.bit) ** 2).sum())
        for lines, drops in ((self._word_lines, self.word_drops), (self._bit_lines, self.bit_drops)):
            heat += lines.wire_power(drops) + lines.driver_power(drops)
        return heat


class ReadSolver:
    """An array of conductances between word and bit lines with resistance, in direct current.

    conductance (rows, columns) [S], finite and not negative; word and bit lines run across each other. All that does
    not depend on voltages is factorised once for a conductance matrix, until `set_conductance` gives another one. Word
    lines are eliminated exactly; what is left is solved by conjugate gradients, preconditioned by the bit lines.
    Raises ValueError for impossible quantities, and for a line that nothing holds at any voltage.
    """

    def __init__(self, conductance: ArrayLike, word: LineFamily, bit: LineFamily) -> None:
        values = checked_conductance(conductance)
        shape = (values.shape[0], values.shape[1])
        self._word, self._bit = Ladder(word, shape, "word"), Ladder(bit, shape, "bit")
        self._network = Network((self._word.driven(0.0),), self._bit.driven(0.0))
        self._last: ReadSolution | None = None
        self._cells = np.empty(shape)
        self._use(values)

    def set_conductance(self, conductance: ArrayLike) -> None:
        """Factorise for other conductances of the cells [S], (rows, columns); the port matrix is forgotten.

        Raises ValueError for impossible conductances, and for a line that nothing holds at any voltage.
        """
        values = checked_conductance(conductance)
        if values.shape != self._word.shape:
            raise ValueError(f"conductances have the shape {values.shape}: give {self._word.shape}")
        before = self.conductance
        try:
            self._use(values)
        except ValueError:
            self._use(before)
            raise

    def _use(self, conductance: Floats) -> None:
        self._network.factorise(conductance[np.newaxis])
        self.conductance: Floats = conductance
        self._matrix: Floats | None = None
        self._products = 0

    def solve(
        self, word_volts: ArrayLike, bit_volts: ArrayLike = 0.0, *, tolerance: float = 1e-11, warm: bool = False
    ) -> ReadSolution:
        """Voltages and currents for voltages at the ends of the lines.

        word_volts, bit_volts [V]: one, one for each line, or (2, lines) for near and far ends. tolerance: of the root
        of the energy of the error, relative to that of an array without voltage drops. warm: start from the solution
        before, which pays where voltages hardly change. Raises ValueError for voltages that do not fit.
        """
        if np.isnan(word_volts).any() or np.isnan(bit_volts).any():
            raise ValueError("a voltage is NaN V: give a voltage, and a line that is open an end resistance of inf")
        word, bit = self._word.driven(word_volts), self._bit.driven(bit_volts)
        before = self._last if warm else None
        np.subtract(self._word.spread(word.nominal), self._bit.spread(bit.nominal), out=self._cells)
        if before is not None:
            self._cells += before.word_drops - before.bit_drops
        np.multiply(self._cells, self.conductance, out=self._cells)
        into_word, into_bit = -self._cells, self._cells
        for lines, into in ((word, into_word), (bit, into_bit)):
            lines.inject(into)
        if before is not None:
            word.drain(into_word, before.word_drops)
            bit.drain(into_bit, before.bit_drops)
        bundle, bit_drops, scale = self._network.solve(
            into_word[np.newaxis], into_bit, tolerance, before.scale if before else 0.0
        )
        drops = (bundle[0], bit_drops)
        if before is not None:
            drops = (drops[0] + before.word_drops, drops[1] + before.bit_drops)
        self._last = ReadSolution(self.conductance, word, bit, drops, self._network.iterations, scale)
        return self._last

    @property
    def port_matrix(self) -> Floats:
        """Currents out of the bit lines per voltage on the word lines [S], (word lines, bit lines).

        All other lines are at 0 V. By reciprocity it takes as many solutions as there are lines of the smaller family;
        kept as long as the conductances are.
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
    values = np.array(conductance, dtype=np.float64, order="C")
    if values.ndim != 2 or values.size == 0:
        raise ValueError(f"conductances have the shape {values.shape}: give (rows, columns)")
    bad = ~(np.isfinite(values) & (values >= 0.0))
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise ValueError(
            f"conductance of the cell ({row}, {column}) = {float(values[row, column])!r} S is not allowed: "
            "give 0 S or more"
        )
    return values
