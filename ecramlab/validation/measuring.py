"""Measuring on an open bench for a check: an experiment without a run file, its rows as columns."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecramlab import experiments
from ecramlab.bench import Bench
from ecramlab.bench_file import BenchFile
from ecramlab.experiments.common import CellParameters, ReadParameters, join_cell
from ecramlab.published import published_pulses

Columns = dict[str, NDArray[Any]]


def measure(bench: Bench, experiment: str, assignments: Mapping[str, object]) -> Columns:
    """All rows of an experiment on `bench` as columns.

    Raises ParameterError for parameters that cannot be used, Refused if the chip or an instrument does not allow them.
    """
    made = experiments.get(experiment).from_assignments(assignments)
    made.check(bench.file)
    rows = list(made.measure(bench))
    return {column.name: np.array([row[column.name] for row in rows], dtype=column.dtype) for column in made.columns}


def published_curve(bench: Bench, reads: int, **changes: object) -> Columns:
    """One cycle of the pulses that the emulated device was published with, with at most `reads` reads in a branch."""
    return measure(bench, "potentiation-depression", {**shortened(bench.file, reads), **changes})


def shortened(file: BenchFile, reads: int) -> dict[str, Any]:
    """Parameters of one cycle of the published pulses with at most `reads` reads in a branch."""
    published = {**published_pulses(file), "cycles": 1}
    count = int(str(published["up"]))
    return {**published, "read.every": max(1, -(-count // reads))}


def conductance(bench: Bench, row: int = 0, column: int = 0) -> float:
    """Conductance of one cell as it is [S]."""
    return join_cell(bench, ReadParameters(), CellParameters(row=row, column=column)).read().conductance
