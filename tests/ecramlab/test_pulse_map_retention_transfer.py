"""Pulse map, retention and transfer curve through the whole stack: what they do to a device, and what they refuse."""

from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np
import pytest

from drivers.errors import Refused
from ecramlab.bench import open_bench
from ecramlab.bench_file import BenchFile
from ecramlab.events import Finished
from ecramlab.experiment import ParameterError
from ecramlab.experiments import get
from ecramlab.plots import plot_run
from ecramlab.runner import Runner
from ecramlab.runs import open_run
from tests.ecramlab.conftest import QUIET, BenchMaker

Columns = dict[str, np.ndarray]


def run(name: str, file: BenchFile, folder: Path, assignments: dict[str, Any]) -> tuple[Finished, Columns]:
    experiment = get(name).from_assignments(assignments)
    with open_bench(file, emulate=True) as bench:
        finished = Runner(experiment, bench, folder).run()
    assert finished.status == "complete", finished.reason
    with open_run(Path(finished.file)) as opened:
        columns = {key: np.array(values) for key, values in opened.columns.items()}
        plot_run(opened, folder / "picture.png")
    assert len(columns["time"]) == experiment.total_rows()
    assert matplotlib.image.imread(folder / "picture.png").std() > 0.05
    return finished, columns


def wide_current_bench(make_bench: BenchMaker, device: str = "tang2018") -> BenchFile:
    limits = {"gate_voltage": "3 V", "gate_current": "1 µA", "pulse_width": "10 s", "drain_current": "1 mA"}
    return make_bench("single-device-current", emulation={**QUIET, "device": device}, chip={"limits": limits})


# ---------------------------------------------------------------------------------------------- pulse map

BY_CURRENT: dict[str, Any] = {
    "pulse.first_amplitude": "100 pA",
    "pulse.last_amplitude": "400 pA",
    "pulse.amplitudes": 3,
    "pulse.both_signs": False,
    "pulse.first_width": 0.5,
    "pulse.last_width": 2.0,
    "pulse.widths": 2,
    "read.range": "1 nA",
}


def test_lithium_changes_with_current_times_width(make_bench: BenchMaker, tmp_path: Path) -> None:
    """24 nS are crossed by 1000 pulses of 100 pA for 1 s (Tang et al. 2018): 0.24 S/C, a little more at the start."""
    settings = {**BY_CURRENT, "restart": "opposite"}
    _, columns = run("pulse-map", wide_current_bench(make_bench), tmp_path, settings)
    pulses = columns["phase"] == 1
    charge = (columns["pulse_amplitude"] * columns["pulse_width"])[pulses]
    u = 0.2749  # of the label 0.347
    assert columns["change"][pulses] / charge == pytest.approx(0.24 * u / (1.0 - np.exp(-u)), rel=0.01)
    assert np.isnan(columns["change"][~pulses]).all()


def test_opposite_pulses_lead_back(make_bench: BenchMaker, tmp_path: Path) -> None:
    settings = {**BY_CURRENT, "pulses": 5, "restart": "opposite"}
    _, columns = run("pulse-map", wide_current_bench(make_bench), tmp_path, settings)
    starts = columns["conductance"][columns["phase"] == 0]
    largest = np.nanmax(columns["change"])
    assert np.abs(starts - starts[0]).max() < 1.1 * largest
    assert columns["conductance"].max() - starts[0] == pytest.approx(5 * largest, rel=0.1)


def test_one_width_is_drawn_against_the_amplitude(make_bench: BenchMaker, tmp_path: Path) -> None:
    """Exponential in the voltage (Kim et al. 2019)."""
    file = make_bench("single-device", emulation={**QUIET, "device": "kim2019"})
    settings = {"pulse.widths": 1, "pulse.first_amplitude": 2, "pulse.amplitudes": 3, "rest": 1.0}
    finished, columns = run("pulse-map", file, tmp_path, settings)
    assert finished.figures["voltage_scale"]["value"] == pytest.approx(0.6, rel=0.01)
    falls = columns["pulse_amplitude"][columns["phase"] == 1] < 0
    assert ((columns["change"][columns["phase"] == 1] < 0) == falls).all()


def test_random_order_is_that_of_the_seed(make_bench: BenchMaker, tmp_path: Path) -> None:
    orders = []
    for seed in (1, 1, 2):
        settings = {**BY_CURRENT, "order": "random", "seed": seed}
        _, columns = run("pulse-map", wide_current_bench(make_bench), tmp_path, settings)
        orders.append(list(zip(columns["pulse_amplitude"], columns["pulse_width"], strict=True)))
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == sorted(orders[2])


def test_the_largest_pulse_is_checked_before_the_first(make_bench: BenchMaker, tmp_path: Path) -> None:
    file = make_bench("single-device", emulation=QUIET)
    experiment = get("pulse-map").from_assignments({"pulse.last_amplitude": "11 V"})
    with pytest.raises(Refused, match="gate_voltage"):
        experiment.check(file)
    with pytest.raises(ParameterError, match="writes nothing"):
        get("pulse-map").from_assignments({"pulse.first_amplitude": "-1 V", "pulse.last_amplitude": "1 V"})
    with pytest.raises(ParameterError, match="exchange"):
        get("pulse-map").from_assignments({"pulse.first_width": "1 s", "pulse.last_width": "1 ms"})
    with pytest.raises(ParameterError, match="in V, or in A"):
        get("pulse-map").from_assignments({"pulse.first_amplitude": "1 nA", "pulse.last_amplitude": "1 V"})


# ---------------------------------------------------------------------------------------------- retention


def test_reads_come_at_the_times_asked_for(make_bench: BenchMaker, tmp_path: Path) -> None:
    file = make_bench("single-device", emulation={**QUIET, "device": "kim2019"})
    settings = {"write.width": "10 ns", "write.count": 300, "write.period": 1.0, "reads": 20, "first": 1.0}
    finished, columns = run("retention", file, tmp_path, settings)
    elapsed = columns["elapsed"][1:]
    assert elapsed == pytest.approx(np.geomspace(1.0, 50400.0, 20), abs=0.1)
    assert columns["conductance"][1] > 1.5 * columns["conductance"][0]
    assert finished.figures["loss"]["value"] == pytest.approx(5.4, abs=0.05)  # Kim et al. 2019, after 14 h


def test_an_open_gate_keeps_what_a_grounded_one_moves(make_bench: BenchMaker, tmp_path: Path) -> None:
    """A silicon reservoir is at another potential than the channel, but at half the window (Fuller et al. 2017)."""
    moved = {}
    for gate in ("ground", "open"):
        file = wide_current_bench(make_bench, "fuller2017:current")
        settings = {"gate": gate, "write.amplitude": "-350 nA", "write.width": "2 s", "write.count": 50, "last": 1e5}
        _, columns = run("retention", file, tmp_path, settings)
        before, written, last = columns["conductance"][[0, 1, -1]]
        moved[gate] = (last - written) / (written - before)
    assert abs(moved["open"]) < 1e-3
    assert 0.5 < moved["ground"] < 1.0  # 50 of 200 pulses were sent, and 100 lead to the middle


def test_times_run_forward() -> None:
    with pytest.raises(ParameterError, match="after first"):
        get("retention").from_assignments({"first": "10 s", "last": "1 s"})


# ---------------------------------------------------------------------------------------------- transfer curve


def test_the_gate_follows_the_staircase(make_bench: BenchMaker, tmp_path: Path) -> None:
    file = wide_current_bench(make_bench, "yang2018")
    settings = {"gate.step": "0.1 V", "gate.rate": "0.1 V/s", "cycles": 2}
    finished, columns = run("transfer-curve", file, tmp_path, settings)
    assert columns["gate_voltage"] == pytest.approx(columns["gate_level"], abs=1e-3)
    assert np.abs(np.diff(columns["gate_level"])).max() == pytest.approx(0.1)
    assert np.median(np.diff(columns["time"])) == pytest.approx(1.0, abs=1e-3)  # a few wait for another range
    assert columns["time"][-1] == pytest.approx(121.0, abs=1.0)
    assert columns["phase"].tolist() == ([0] * 31 + [1] * 30) * 2
    assert finished.figures["window_width"]["value"] > 0.5


def test_a_generator_cannot_sweep(make_bench: BenchMaker) -> None:
    with pytest.raises(Refused, match="source-measure unit"):
        get("transfer-curve").from_assignments({}).check(make_bench("single-device", emulation=QUIET))
    experiment = get("transfer-curve").from_assignments({"gate.start": "-4 V"})
    with pytest.raises(Refused, match="gate_voltage"):
        experiment.check(wide_current_bench(make_bench))
    with pytest.raises(ParameterError, match="step apart"):
        get("transfer-curve").from_assignments({"gate.start": "1 V", "gate.stop": "1 V"})
