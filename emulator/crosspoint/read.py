"""Linear solution of an array that is read: word lines, bit lines, and a conductance at each crosspoint."""

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emulator.crosspoint import read_sweeps
from emulator.crosspoint.lines import DrivenLines, Ladder, LineFamily
from emulator.crosspoint.network import MOST_ITERATIONS, check_paths, check_solved

Floats = NDArray[np.float64]


class ReadSolution:
    """An array of conductances [S] that is read: voltages, currents and powers.

    word_drops, bit_drops (rows, columns) [V]: voltages of the crosspoints over the nominal ones of their lines.
    word_currents, bit_currents (2, lines) [A]: from the drivers into the lines, near ends and far ends.
    iterations: of the conjugate gradients. scale [W]: of the energy of errors.
    """

    def __init__(
        self,
        conductance: Floats,
        ladders: tuple[Ladder, Ladder],
        volts: tuple[Floats, Floats],
        drops: tuple[Floats, Floats],
        currents: tuple[Floats, Floats],
        iterations: int,
        scale: float,
    ) -> None:
        """Ladders, voltages at the ends, drops and currents are those of the word lines and those of the bit lines."""
        self._conductance, self._ladders, self._volts = conductance, ladders, volts
        self.word_drops, self.bit_drops = drops
        self.word_currents, self.bit_currents = currents
        self.iterations, self.scale = iterations, scale

    @cached_property
    def _word_lines(self) -> DrivenLines:
        return DrivenLines(self._ladders[0], self._volts[0])

    @cached_property
    def _bit_lines(self) -> DrivenLines:
        return DrivenLines(self._ladders[1], self._volts[1])

    @property
    def word(self) -> Floats:
        """Voltages of the crosspoints on the word lines [V], (rows, columns)."""
        return self._word_lines.voltages(self.word_drops)

    @property
    def bit(self) -> Floats:
        """Voltages of the crosspoints on the bit lines [V], (rows, columns)."""
        return self._bit_lines.voltages(self.bit_drops)

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
    not depend on voltages is factorised once for a conductance matrix, until `set_conductance` gives another one. Lines
    along rows are eliminated exactly; what is left is solved by conjugate gradients, preconditioned by those along
    columns. Raises ValueError for impossible quantities, for families that do not cross, and for a line that nothing
    holds at any voltage.
    """

    def __init__(self, conductance: ArrayLike, word: LineFamily, bit: LineFamily) -> None:
        values = _matrix(conductance)
        shape = (values.shape[0], values.shape[1])
        self._word, self._bit = Ladder(word, shape, "word"), Ladder(bit, shape, "bit")
        if word.along == bit.along:
            raise ValueError(f"the bit lines run along {bit.along} as other lines do: one family must cross the others")
        self._families = (self._word, self._bit) if self._word.along_rows else (self._bit, self._word)
        nothing = np.zeros(shape)
        self._ground = np.stack([ladder.driven(0.0).own(nothing) for ladder in self._families])
        self._segment = np.stack([ladder.segment for ladder in self._families])
        rows, columns = (np.vstack([ladder.ends, ladder.shares, ladder.leak]) for ladder in self._families)
        self._lines = rows, columns
        self._inverse, self._transfer = np.empty((2, *shape)), np.empty((2, *shape))
        self._work, self._passed, self._nothing = np.empty((5, *shape)), np.empty((1, *shape)), np.empty((2, *shape))
        self._last: tuple[Floats, float] | None = None
        self._use(values)

    def set_conductance(self, conductance: ArrayLike) -> None:
        """Factorise for other conductances of the cells [S], (rows, columns); the port matrix is forgotten.

        Raises ValueError for impossible conductances, and for a line that nothing holds at any voltage.
        """
        values = _matrix(conductance)
        if values.shape != self._word.shape:
            raise ValueError(f"conductances have the shape {values.shape}: give {self._word.shape}")
        before = self.conductance
        try:
            self._use(values)
        except ValueError:
            self._use(before)
            raise

    def _use(self, conductance: Floats) -> None:
        state = read_sweeps.factorise(conductance, self._ground, self._segment, self._inverse, self._transfer)
        if state == read_sweeps.IMPOSSIBLE:
            _refuse_impossible(conductance)
        elif not state:
            for inverse, ladder in reversed(list(zip(self._inverse, self._families, strict=True))):
                check_paths(inverse, ladder)
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
        at_word, at_bit = self._word.at_ends(word_volts), self._bit.at_ends(bit_volts)
        into_word, into_bit, drops = np.empty_like(at_word), np.empty_like(at_bit), np.empty_like(self._nothing)
        start, scale = self._last if warm and self._last is not None else (self._nothing, 0.0)
        upright = self._word.along_rows
        volts = (at_word, at_bit) if upright else (at_bit, at_word)
        currents = (into_word, into_bit) if upright else (into_bit, into_word)
        factors = (self.conductance, self._segment, self._inverse, self._transfer)
        space = (self._work, self._passed, tolerance, scale, MOST_ITERATIONS)
        iterations, scale = read_sweeps.solve(
            *factors, *self._lines, *volts, start, start is not self._nothing, drops, *currents, *space
        )
        if iterations < 0:
            if iterations == read_sweeps.IMPOSSIBLE:
                _refuse_voltages((self._word, at_word), (self._bit, at_bit))
            check_solved(iterations, tolerance)
        self._last = drops, scale
        of_lines = (drops[0], drops[1]) if upright else (drops[1], drops[0])
        return ReadSolution(
            self.conductance, (self._word, self._bit), (at_word, at_bit), of_lines, (into_word, into_bit),
            iterations, scale,
        )  # fmt: skip

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
    values = _matrix(conductance)
    _refuse_impossible(values)
    return values


def _matrix(conductance: ArrayLike) -> Floats:
    values = np.array(conductance, dtype=np.float64, order="C")
    if values.ndim != 2 or values.size == 0:
        raise ValueError(f"conductances have the shape {values.shape}: give (rows, columns)")
    return values


def _refuse_impossible(values: Floats) -> None:
    bad = ~(np.isfinite(values) & (values >= 0.0))
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise ValueError(
            f"conductance of the cell ({row}, {column}) = {float(values[row, column])!r} S is not allowed: "
            "give 0 S or more"
        )


def _refuse_voltages(*families: tuple[Ladder, Floats]) -> None:
    for ladder, at_ends in families:
        if np.isnan(at_ends).any():
            raise ValueError("a voltage is NaN V: give a voltage, and a line that is open an end resistance of inf")
        ladder.driven(at_ends)
