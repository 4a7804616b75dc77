"""Takes a P/D curve apart: a branch is one train of equal pulses. It starts where the one before it ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ecramlab.columns import STATUS_FLAGS

POTENTIATION, DEPRESSION = 1, 2
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Branch:
    """One branch: pulse numbers (0 = start, n) and the conductance [S] after each, n ≥ 2 points.

    `complete`: all its pulses were sent and its first and last conductance measured. `rows` are its rows in the run,
    without the start.
    """

    phase: int
    cycle: int
    pulses: Floats
    conductance: Floats
    rows: slice
    complete: bool

    @property
    def change(self) -> float:
        """Last minus first conductance [S]."""
        return float(self.conductance[-1] - self.conductance[0])

    @property
    def steps(self) -> Floats:
        """Change of conductance per pulse [S]."""
        changes: Floats = np.diff(self.conductance) / np.diff(self.pulses)
        return changes

    @property
    def middles(self) -> Floats:
        """Conductance [S] midway in each step."""
        return 0.5 * (self.conductance[1:] + self.conductance[:-1])


def usable_conductance(columns: Mapping[str, ArrayLike]) -> Floats:
    """Conductance [S] by row; NaN where nothing was measured or the reading was beyond its range."""
    conductance = np.array(columns["conductance"], dtype=np.float64)
    if "status" in columns:
        conductance[(np.asarray(columns["status"]) & STATUS_FLAGS["over_range"]) != 0] = np.nan
    return conductance


def split_branches(
    columns: Mapping[str, ArrayLike], counts: tuple[int | None, int | None] = (None, None)
) -> list[Branch]:
    """Branches of a run in order, from its columns phase, cycle, pulse, conductance and, where there is one, status.

    `counts`: pulses of a complete potentiation and depression branch; None takes the longest one of the run.
    """
    phase, cycle, pulse = (np.asarray(columns[name]) for name in ("phase", "cycle", "pulse"))
    conductance = usable_conductance(columns)
    full = {kind: count or _longest(phase, pulse, kind) for kind, count in zip((1, 2), counts, strict=True)}
    starts = np.flatnonzero((np.diff(phase, prepend=-1) != 0) | (np.diff(cycle, prepend=-1) != 0))
    found = []
    for start, end in zip(starts, [*starts[1:], len(phase)], strict=True):
        if phase[start] in full and start > 0:
            kind = int(phase[start])
            found.append(_branch(kind, int(cycle[start]), pulse, conductance, slice(int(start), int(end)), full[kind]))
    return [branch for branch in found if len(branch.pulses) > 1]


def of_phase(branches: Sequence[Branch], phase: int) -> list[Branch]:
    """The complete branches of one phase."""
    return [branch for branch in branches if branch.phase == phase and branch.complete]


def _longest(phase: NDArray[Any], pulse: NDArray[Any], kind: int) -> int:
    return int(pulse[phase == kind].max(initial=0))


def _branch(phase: int, cycle: int, pulse: NDArray[Any], conductance: Floats, rows: slice, full: int) -> Branch:
    numbers = np.concatenate([[0.0], pulse[rows]])
    levels = conductance[rows.start - 1 : rows.stop]
    measured = np.isfinite(levels)
    complete = bool(numbers[-1] == full and measured[0] and measured[-1])
    return Branch(phase, cycle, numbers[measured], levels[measured], rows, complete)
