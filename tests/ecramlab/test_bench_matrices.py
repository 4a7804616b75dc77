"""A 4x4 array behind each switch matrix: the bench is checked, and the cell asked for is the one that is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from ecramlab import bench_file
from ecramlab.bench import inspect, open_bench
from ecramlab.bench_file import BenchFile
from ecramlab.experiments import get
from ecramlab.runner import Runner
from ecramlab.runs import open_run
from tests.ecramlab.conftest import QUIET

LIMITS = {
    "gate_voltage": "3 V", "gate_current": "10 µA", "drain_voltage": "0.5 V", "drain_current": "100 µA",
    "pulse_width": "10 s",
}  # fmt: skip
# driver, options of the twin, matrix rows for gate, source, drain and ground, columns for G0-3, S0-3 and D0-3
MATRICES: dict[str, tuple[dict[str, Any], list[str], list[str]]] = {
    "keithley_708b": ({"cards": {1: "7174A"}}, ["A", "B", "C", "H"], ["101-104", "105-108", "109-112"]),
    "keysight_b2200a": ({"cards": 1}, ["1", "2", "3", "12"], ["001-004", "005-008", "009-012"]),
    "keysight_b2201a": ({"cards": 2}, ["1", "2", "3", "12"], ["001-004", "013-016", "021-024"]),
    "keysight_34980a": (
        {"modules": {2: "8x64"}},
        ["R201", "R202", "R203", "R208"],
        ["C2001-2004", "C2005-2008", "C2061-2064"],
    ),
}


def bench_behind(matrix: str, folder: Path) -> BenchFile:
    options, rows, columns = MATRICES[matrix]
    ends = ["gate.1", "smu.a", "smu.b", "ground"]
    document = {
        "title": f"4x4 array behind a {matrix}",
        "sample": "test",
        "instruments": {
            "gate": {"driver": "keithley_2450", "resource": "GPIB0::18::INSTR"},
            "smu": {"driver": "keithley_2636b", "resource": "GPIB0::26::INSTR"},
            "matrix": {"driver": matrix, "resource": "GPIB0::22::INSTR", "options": options},
        },
        "wiring": {
            **{end: f"matrix.{row}" for end, row in zip(ends, rows, strict=True)},
            **{f"matrix.{lines}": f"chip.{pads}0-3" for lines, pads in zip(columns, "GSD", strict=True)},
        },
        "roles": {"gate": "gate.1", "source": "smu.a", "drain": "smu.b", "matrix": "matrix"},
        "chip": {"rows": 4, "columns": 4, "limits": LIMITS},
        "emulation": {"device": "kim2019", "seed": 1, **QUIET},
    }
    path = folder / f"{matrix}.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return bench_file.load(path)


@pytest.mark.parametrize("matrix", MATRICES)
def test_the_bench_is_what_its_file_says(matrix: str, tmp_path: Path) -> None:
    findings = inspect(bench_behind(matrix, tmp_path), emulate=True)
    assert {finding.name: finding.problem for finding in findings} == {"gate": None, "smu": None, "matrix": None}


@pytest.mark.parametrize("matrix", MATRICES)
def test_one_cell_goes_up_and_down(matrix: str, tmp_path: Path) -> None:
    assignments = {
        "cell.row": "2", "cell.column": "3", "up": 4, "down": 4, "cycles": 1, "pulse.amplitude": "1 V",
        "pulse.width": "1 s",
    }  # fmt: skip
    experiment = get("potentiation-depression").from_assignments(assignments)
    with open_bench(bench_behind(matrix, tmp_path), emulate=True) as bench:
        finished = Runner(experiment, bench, tmp_path).run()
        assert bench.outputs_on() == {}
    assert finished.status == "complete", finished.reason
    with open_run(Path(finished.file)) as opened:
        conductance = np.array(opened.columns["conductance"])
    assert np.all(np.diff(conductance[:5]) > 0.0)
    assert np.all(np.diff(conductance[5:9]) < 0.0)
