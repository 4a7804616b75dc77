"""P/D through the whole stack: literature figures, repeatability, parameters."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ecramlab.bench import open_bench
from ecramlab.bench_file import BenchFile
from ecramlab.events import Finished
from ecramlab.experiment import ParameterError
from ecramlab.experiments import get
from ecramlab.published import published_pulses
from ecramlab.runner import Runner
from ecramlab.runs import open_run
from sim_instruments import visa
from tests.ecramlab.conftest import QUIET, BenchMaker

# Printed in Tables 1-3 of Kwak et al. (2024): Gmin, Gmax [S], labels up and down (None where not printed), states.
PRINTED = {
    "tang2018": (24e-12, 24e-9, 0.347, -0.268, 1000),
    "kim2019": (1.5e-6, 16e-6, None, None, 1000),
    "onen2022": (11e-9, 230e-9, 0.7, 0.1, 1000),
}


def run(file: BenchFile, folder: Path, assignments: dict[str, Any]) -> Finished:
    experiment = get("potentiation-depression").from_assignments(assignments)
    with open_bench(file, emulate=True) as bench:
        return Runner(experiment, bench, folder).run()


@pytest.mark.parametrize("device", PRINTED)
def test_literature_figures_come_back_through_instruments(device: str, make_bench: BenchMaker, tmp_path: Path) -> None:
    bench = "single-device-current" if device == "tang2018" else "single-device"
    file = make_bench(bench, emulation={**QUIET, "device": device})
    finished = run(file, tmp_path, {**published_pulses(file), "cycles": 1})
    assert finished.status == "complete", finished.reason
    gmin, gmax, label_up, label_down, states = PRINTED[device]
    figures = {name: figure["value"] for name, figure in finished.figures.items()}
    assert figures["conductance_min"] == pytest.approx(gmin, rel=0.01)
    assert figures["conductance_max"] == pytest.approx(gmax, rel=0.01)
    assert figures["states"] == pytest.approx(states, abs=1)
    if label_up is not None:
        assert figures["label_potentiation"] == pytest.approx(label_up, abs=0.02)
        assert figures["label_depression"] == pytest.approx(label_down, abs=0.02)


SHORT = {"pulse.amplitude": "4 V", "pulse.width": "1 µs", "up": 12, "down": 12, "cycles": 2}


def conductance_of(finished: Finished) -> np.ndarray:
    with open_run(Path(finished.file)) as opened:
        return np.array(opened.columns["conductance"])


def test_one_seed_gives_identical_data_and_another_does_not(make_bench: BenchMaker, tmp_path: Path) -> None:
    curves = []
    for seed in (3, 3, 4):
        visa.reset()
        file = make_bench("single-device", emulation={"device": "kim2019", "seed": seed})
        curves.append(conductance_of(run(file, tmp_path, SHORT)))
    assert np.array_equal(curves[0], curves[1])
    assert not np.array_equal(curves[0], curves[2])


def test_only_the_selected_cell_of_an_array_is_written(make_bench: BenchMaker, tmp_path: Path) -> None:
    file = make_bench("crosspoint-8x8", emulation={**QUIET, "device": "kim2019"})
    finished = run(file, tmp_path, {**SHORT, "cycles": 1, "cell.row": 2, "cell.column": 5, "down": 1})
    written = conductance_of(finished)
    assert finished.status == "complete", finished.reason
    assert written[-1] > written[0] * 1.05
    for row, column in ((3, 5), (5, 2)):
        idle = run(file, tmp_path, {**SHORT, "cycles": 1, "up": 1, "down": 1, "cell.row": row, "cell.column": column})
        assert conductance_of(idle)[0] == pytest.approx(written[0], rel=2e-3)


def test_rows_are_numbered_and_timed(make_bench: BenchMaker, tmp_path: Path) -> None:
    file = make_bench("single-device", emulation=QUIET)
    finished = run(file, tmp_path, {**SHORT, "up": 3, "down": 2, "period": "0.5 s"})
    with open_run(Path(finished.file)) as opened:
        columns = {name: np.array(values) for name, values in opened.columns.items()}
    assert columns["phase"].tolist() == [0, 1, 1, 1, 2, 2, 1, 1, 1, 2, 2]
    assert columns["pulse"].tolist() == [0, 1, 2, 3, 1, 2, 1, 2, 3, 1, 2]
    assert columns["cycle"].tolist() == [0] * 6 + [1] * 5
    assert np.diff(columns["time"])[1:3] == pytest.approx(0.5, abs=1e-6)
    assert columns["pulse_amplitude"][1:6].tolist() == [4.0, 4.0, 4.0, -4.0, -4.0]


@pytest.mark.parametrize(
    ("assignments", "words"),
    [
        ({"pulse.amplitude": "0 V"}, "writes nothing"),
        ({"pulse.amplitude": "4 s"}, "is in s"),
        ({"pulse.amplitude": "100 pA", "pulse.down_amplitude": "-4 V"}, "both be in V"),
        ({"up": "0"}, "up: '0' given"),
        ({"read.voltage": "0 V"}, "reads nothing"),
        ({"cycels": 3}, "cycels: unknown"),
    ],
)
def test_wrong_parameters_are_explained(assignments: dict[str, object], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        get("potentiation-depression").from_assignments(assignments)


def test_a_current_amplitude_makes_current_pulses() -> None:
    experiment = get("potentiation-depression").from_assignments({"pulse.amplitude": "100pA"})
    pulse = experiment.parameters.pulse.potentiating()
    assert pulse.by_current
    assert pulse.amplitude == pytest.approx(1e-10)
    assert {column.name: column.unit for column in experiment.columns}["pulse_amplitude"] == "A"


@pytest.mark.parametrize(
    ("bench", "trips"), [("single-device", 2), ("single-device-current", 2), ("crosspoint-8x8", 4)]
)
def test_a_point_costs_few_round_trips(bench: str, trips: int, make_bench: BenchMaker, tmp_path: Path) -> None:
    """One to fire and one to read; an array is read by raising and lowering its source line around the reading."""
    file, counts = make_bench(bench, emulation=QUIET), []
    amplitude = "100 pA" if bench == "single-device-current" else "4 V"
    for pulses in (10, 20):
        log = tmp_path / f"{pulses}.log"
        experiment = get("potentiation-depression").from_assignments(
            {"pulse.amplitude": amplitude, "up": pulses, "down": 1, "cycles": 1, "read.range": "1 µA"}
        )
        with open_bench(file, emulate=True, wire_log=log) as opened:
            assert Runner(experiment, opened, tmp_path).run().status == "complete"
        counts.append(sum(" > " in line for line in log.read_text(encoding="utf-8").splitlines()))
    assert counts[1] - counts[0] == 10 * trips
