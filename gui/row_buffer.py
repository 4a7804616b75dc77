"""Rows kept for display: bounded memory whatever the length of a run. All rows are in the run file."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
CAPACITY = 2**18  # rows; about 25 MB with a dozen columns
_BLOCK = 4


class RowBuffer:
    """The rows of a run, column by column.

    When it is full, every four rows become two: those where the column `key` is smallest and largest. So the envelope
    of that column stays exact over any number of rows, and the newest rows are complete.
    """

    def __init__(self, names: Sequence[str] = (), key: str = "", capacity: int = CAPACITY) -> None:
        self.names = tuple(names)
        self.seen = 0
        self.missing = 0
        self._kept = 0
        self._key = self.names.index(key) if key in self.names else 0
        self._rows: FloatArray = np.empty((capacity if names else 0, len(self.names)))
        self._numbers: FloatArray = np.empty(len(self._rows))

    def __len__(self) -> int:
        return self._kept

    @property
    def thinned(self) -> bool:
        """True when fewer rows are kept than were seen."""
        return self._kept < self.seen

    @property
    def numbers(self) -> FloatArray:
        """Number of each kept row in the run, from 0. A view: do not keep it."""
        return self._numbers[: self._kept]

    def column(self, name: str) -> FloatArray:
        """Values of one column, NaN where nothing was measured. A view: do not keep it."""
        return self._rows[: self._kept, self.names.index(name)]

    def append(self, first: int, columns: Mapping[str, Sequence[float | None]]) -> None:
        """Add rows `first` and following. Rows seen already are ignored; rows that never came count as missing."""
        count = min((len(columns[name]) for name in self.names), default=0)
        block: FloatArray = np.array([columns[name][:count] for name in self.names], dtype=float).T
        again = max(0, self.seen - first)
        if again < count:
            self.missing += max(0, first - self.seen)
            self._extend(first + again, block[again:])
            self.seen = first + count

    def _extend(self, first: int, block: FloatArray) -> None:
        while len(block):
            if self._kept == len(self._rows):
                self._thin_out()
            room = min(len(block), len(self._rows) - self._kept)
            end = self._kept + room
            self._rows[self._kept : end] = block[:room]
            self._numbers[self._kept : end] = np.arange(first, first + room)
            self._kept, first, block = end, first + room, block[room:]

    def _thin_out(self) -> None:
        blocks = self._kept // _BLOCK
        key = self._rows[: blocks * _BLOCK, self._key].reshape(blocks, _BLOCK)
        low = np.where(np.isnan(key), np.inf, key).argmin(axis=1)
        high = np.where(np.isnan(key), -np.inf, key).argmax(axis=1)
        flat = low == high  # equal values or nothing measured: any two rows will do
        low[flat], high[flat] = 0, _BLOCK - 1
        chosen = np.sort(np.stack([low, high], axis=1), axis=1) + _BLOCK * np.arange(blocks)[:, None]
        kept = chosen.ravel()
        self._rows[: len(kept)] = self._rows[kept]
        self._numbers[: len(kept)] = self._numbers[kept]
        self._kept = len(kept)
