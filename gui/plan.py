"""What pressing Run would do: the resolved parameters, how many rows, and why it would be refused. Sends nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drivers.errors import Refused
from ecramlab import experiments
from ecramlab.bench_file import BenchFile
from ecramlab.experiment import Experiment, ParameterError
from ecramlab.parameters import format_quantity
from ecramlab.published import published_pulses


@dataclass(frozen=True)
class Plan:
    """`experiment` is None when the parameters are not valid; `problems` is empty when Run may be pressed."""

    experiment: Experiment[Any] | None = None
    rows: int | None = None
    problems: tuple[str, ...] = ()


def make_plan(name: str, assignments: Mapping[str, str], file: BenchFile | None) -> Plan:
    """Resolve `assignments` for the experiment `name` on the bench `file`."""
    try:
        experiment = experiments.get(name).from_assignments(assignments)
    except ParameterError as error:
        return Plan(problems=tuple(str(error).splitlines()))
    if file is None:
        return Plan(experiment, experiment.total_rows(), ("Choose a bench first (Ctrl+O).",))
    try:
        experiment.check(file)
    except Refused as error:
        return Plan(experiment, experiment.total_rows(), (str(error),))
    return Plan(experiment, experiment.total_rows())


def presets(file: BenchFile) -> dict[str, dict[str, str]]:
    """Ready-made parameters for a bench, each with a name for people; none for an unknown device."""
    try:
        assignments = published_pulses(file)
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
