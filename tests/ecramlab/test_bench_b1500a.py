"""Potentiation and depression with one B1500A: its pulse generator drives the gate, an SMU reads the drain."""

from pathlib import Path

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


def one_b1500a(folder: Path, gate: str) -> BenchFile:
    document = {
        "title": "Gate and drain on one B1500A",
        "sample": "test",
        "instruments": {
            "analyser": {
                "driver": "keysight_b1500a",
                "resource": "GPIB0::17::INSTR",
                "options": {"slots": {1: "B1517A", 2: "B1517A", 5: "B1525A"}},
            },
        },
        "wiring": {f"analyser.{gate}": "chip.G0", "analyser.1": "chip.D0", "ground": "chip.S0"},
        "roles": {"gate": f"analyser.{gate}", "drain": "analyser.1", "source": "ground"},
        "chip": {"rows": 1, "columns": 1, "limits": {
            "gate_voltage": "5 V", "gate_current": "1 µA", "drain_voltage": "0.5 V", "drain_current": "1 µA",
            "pulse_width": "10 s",
        }},
        "emulation": {"device": "onen2022", "seed": 1, **QUIET},
    }  # fmt: skip
    path = folder / f"b1500a-{gate}.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return bench_file.load(path)


@pytest.mark.parametrize("gate", ["501", "2"])
def test_the_conductance_goes_up_and_down(gate: str, tmp_path: Path) -> None:
    file = one_b1500a(tmp_path, gate)
    assignments = {"pulse.amplitude": "500 mV", "pulse.width": "2 ms", "up": 6, "down": 3, "cycles": 1}
    experiment = get("potentiation-depression").from_assignments(assignments)
    with open_bench(file, emulate=True) as bench:
        assert [entry["role"] for entry in bench.identities()] == ["smu, generator"]
        finished = Runner(experiment, bench, tmp_path).run()
    assert finished.status == "complete", finished.reason
    assert finished.outputs_off
    with open_run(Path(finished.file)) as opened:
        conductance = np.array(opened.columns["conductance"])
    assert np.all(np.diff(conductance[:7]) > 0.0)
    assert np.all(np.diff(conductance[6:9]) < 0.0)


def test_check_finds_the_unit(tmp_path: Path) -> None:
    (found,) = inspect(one_b1500a(tmp_path, "501"), emulate=True)
    assert (found.identity, found.on, found.problem) == ("B1500A, serial 0", "", None)


def test_a_terminal_that_no_slot_has_is_named(tmp_path: Path) -> None:
    with pytest.raises(bench_file.BenchFileError, match=r"keysight_b1500a has no terminal '1103'"):
        one_b1500a(tmp_path, "1103")
