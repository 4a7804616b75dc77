"""What pressing Run would do: the resolved parameters, how many rows, and why it would be refused. Sends nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drivers.errors import Refused
from ecramlab import experiments
from ecramlab.bench_file import BenchFile
from ecramlab.experiment import Experiment, ParameterError
from ecramlab.limits import Limits
from ecramlab.parameters import format_quantity


@dataclass(frozen=True)
class Plan:
    """`experiment` is None when the parameters are not valid; `problems` is empty when Run may be pressed."""

    experiment: Experiment[Any] | None = None
    rows: int | None = None
    problems: tuple[str, ...] = ()


class _PlannedBench:
    """As much of a bench as a check of limits needs; no instrument is opened."""

    def __init__(self, file: BenchFile) -> None:
        self.file = file

    @property
    def limits(self) -> Limits:
        return self.file.chip.limits

    def check_cell(self, row: int, column: int) -> None:
        chip = self.file.chip
        if row >= chip.rows or column >= chip.columns:
            raise Refused(f"cell.row or cell.column: the chip has {chip.rows} × {chip.columns} cells, counted from 0.")


def make_plan(name: str, assignments: Mapping[str, str], file: BenchFile | None) -> Plan:
    """Resolve `assignments` for the experiment `name` on the bench `file`."""
    try:
        experiment = experiments.get(name).from_assignments(assignments)
    except ParameterError as error:
        return Plan(problems=tuple(str(error).splitlines()))
    if file is None:
        return Plan(experiment, experiment.total_rows(), ("Choose a bench first (Ctrl+O).",))
    try:
        experiment.check(_PlannedBench(file))  # type: ignore[arg-type]  # it looks at limits and chip only
    except Refused as error:
        return Plan(experiment, experiment.total_rows(), (str(error),))
    return Plan(experiment, experiment.total_rows())


def presets(file: BenchFile) -> dict[str, dict[str, str]]:
    """Ready-made parameters for a bench, each with a name for people; none for an unknown device."""
    from ecramlab.cli.demo import protocol_assignments

    try:
        assignments = protocol_assignments(file)
    except (LookupError, OSError, ValueError):
        return {}
    unit = {"voltage": "V", "current": "A"}[str(assignments["pulse.drive"])]
    published = {path: _text(path, value, unit) for path, value in assignments.items() if value is not None}
    return {f"as published: {file.emulation.device}": published}


def _text(path: str, value: object, unit: str) -> str:
    """An amplitude needs its unit: it may be a voltage or a current. Everything else is plain SI."""
    if path.endswith("amplitude") and isinstance(value, float):
        return format_quantity(value, unit, digits=6)
    return str(value)
