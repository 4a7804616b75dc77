"""Potentiation and depression with two 2450s: one drives the gate by voltage or current pulses, one reads the drain."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from ecramlab import bench_file
from ecramlab.bench import open_bench
from ecramlab.bench_file import BenchFile
from ecramlab.experiments import get
from ecramlab.runner import Runner
from ecramlab.runs import open_run
from tests.ecramlab.conftest import QUIET

LIMITS = {
    "gate_voltage": "3 V", "gate_current": "1 µA", "drain_voltage": "0.5 V", "drain_current": "1 µA",
    "pulse_width": "10 s",
}  # fmt: skip
PULSES = {"up": 6, "down": 3, "cycles": 1}


def two_2450s(folder: Path, device: str) -> BenchFile:
    document = {
        "title": "Gate and drain on a 2450 each",
        "sample": "test",
        "instruments": {
            "gate": {"driver": "keithley_2450", "resource": "GPIB0::18::INSTR"},
            "drain": {"driver": "keithley_2450", "resource": "GPIB0::19::INSTR"},
        },
        "wiring": {"gate.1": "chip.G0", "drain.1": "chip.D0", "ground": "chip.S0"},
        "roles": {"gate": "gate.1", "drain": "drain.1", "source": "ground"},
        "chip": {"rows": 1, "columns": 1, "limits": LIMITS},
        "emulation": {"device": device, "seed": 1, **QUIET},
    }
    path = folder / "two-2450s.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return bench_file.load(path)


@pytest.mark.parametrize(
    ("device", "assignments"),
    [
        ("tang2018", {"pulse.amplitude": "100 pA", "pulse.width": "200 ms"}),
        ("onen2022", {"pulse.amplitude": "500 mV", "pulse.width": "5 ms"}),
    ],
)
def test_the_conductance_goes_up_and_down(device: str, assignments: dict[str, str], tmp_path: Path) -> None:
    file, log = two_2450s(tmp_path, device), tmp_path / "wire.log"
    experiment = get("potentiation-depression").from_assignments({**PULSES, **assignments})
    with open_bench(file, emulate=True, wire_log=log) as bench:
        finished = Runner(experiment, bench, tmp_path).run()
    assert finished.status == "complete", finished.reason
    assert finished.outputs_off
    with open_run(Path(finished.file)) as opened:
        conductance = np.array(opened.columns["conductance"])
        status = np.array(opened.columns["status"])
    assert np.all(status == 0)
    assert np.all(np.diff(conductance[:7]) > 0.0)
    assert np.all(np.diff(conductance[6:9]) < 0.0)


def test_a_point_costs_one_exchange_on_each_unit(tmp_path: Path) -> None:
    file, counts = two_2450s(tmp_path, "tang2018"), []
    for pulses in (5, 10):
        log = tmp_path / f"{pulses}.log"
        assignments = {
            "pulse.amplitude": "100 pA", "pulse.width": "200 ms", "up": pulses, "down": 1, "cycles": 1,
            "read.range": "100 nA",
        }  # fmt: skip
        experiment = get("potentiation-depression").from_assignments(assignments)
        with open_bench(file, emulate=True, wire_log=log) as bench:
            assert Runner(experiment, bench, tmp_path).run().status == "complete"
        counts.append(sum(" > " in line for line in log.read_text(encoding="utf-8").splitlines()))
    assert counts[1] - counts[0] == 2 * 5
