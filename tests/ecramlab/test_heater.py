"""The heater of a chip as a role of the bench: written hot, read cold, through drivers and simulated instruments."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.errors import Refused
from ecramlab import bench_file
from ecramlab.bench import Bench, open_bench
from ecramlab.bench_file import BenchFile, BenchFileError
from ecramlab.emulation import twin
from ecramlab.experiments import get
from ecramlab.runner import Runner
from ecramlab.runs import open_run
from ecramlab.sequences.channel_read import ReadSettings, channel_reader
from ecramlab.sequences.gate_pulses import GatePulse, GatePulser, gate_pulser
from ecramlab.sequences.heating import HeatedPulser, Heating
from emulator.drives import Open, VoltageSource
from tests.ecramlab.conftest import QUIET

WRITING = GatePulse(amplitude=1.5, width=2e-6)  # of the device, at 160 degC
HEATING = Heating(voltage=math.sqrt(135.0 / 1e5 * 1e3), settle=2e-3)  # 135 K by 1e5 K/W and 1 kOhm


@pytest.fixture
def file(tmp_path: Path) -> BenchFile:
    shipped = bench_file.find("heater").read_text(encoding="utf-8")
    path = tmp_path / "heater.yaml"
    quiet = "".join(f"  {key}: {str(value).lower()}\n" for key, value in QUIET.items() if key != "device_spread")
    path.write_text(shipped + quiet, encoding="utf-8")
    return bench_file.load(path)


def change_by_pulses(bench: Bench, pulser: GatePulser, count: int) -> float:
    """Change of the conductance [S] by a burst."""
    bench.drain.output(False)
    reader = channel_reader(bench.drain, None, ReadSettings(0.1, 0.02), bench.limits)
    pulser.load(WRITING, 1e-3)
    before = reader.read().conductance
    pulser.fire(count)
    return reader.read().conductance - before


def heated(bench: Bench, heating: Heating = HEATING, cold: GatePulser | None = None) -> HeatedPulser:
    assert bench.heater is not None
    cold = cold or gate_pulser(bench.gate, bench.limits, bench.clock)
    return HeatedPulser(cold, bench.heater, heating, bench.limits, bench.clock)


def test_what_is_written_hot_stays_and_cold_nothing_is_written(file: BenchFile) -> None:
    with open_bench(file, emulate=True) as bench:
        bench.select_cell(0, 0)
        cold = gate_pulser(bench.gate, bench.limits, bench.clock)
        changed_hot = change_by_pulses(bench, heated(bench, cold=cold), 20)
        changed_cold = change_by_pulses(bench, cold, 20)
    # Published: 350 nS in 125 pulses at 160 degC. At 25 degC the rate is lower by exp[-0.9 eV/k (1/T - 1/T_hot)] = 2e-5
    assert changed_hot == pytest.approx(20 / 125 * 350e-9, rel=0.03)
    assert abs(changed_cold) < 1e-3 * changed_hot


def test_the_heater_is_on_during_a_burst_only(file: BenchFile) -> None:
    with open_bench(file, emulate=True) as bench:
        change_by_pulses(bench, heated(bench), 2)
        assert twin(file.path).harness.ports["smu.b"].level == 0.0
    assert isinstance(twin(file.path).harness.ports["smu.b"].drive, VoltageSource | Open)
    assert twin(file.path).harness.ports["smu.b"].level == 0.0


def test_a_burst_that_fails_leaves_the_heater_cold(file: BenchFile) -> None:
    class Broken(GatePulser):
        def load(self, pulse: GatePulse, period: float | None) -> None: ...

        def fire(self, count: int) -> None:  # type: ignore[override]
            assert twin(file.path).harness.ports["smu.b"].level == pytest.approx(HEATING.voltage, rel=0.01)
            raise RuntimeError("no pulse")

    with open_bench(file, emulate=True) as bench:
        assert bench.heater is not None
        pulser = HeatedPulser(Broken(), bench.heater, HEATING, bench.limits, bench.clock)
        with pytest.raises(RuntimeError, match="no pulse"):
            pulser.fire(1)
        assert twin(file.path).harness.ports["smu.b"].level == 0.0


def test_a_voltage_beyond_the_limit_is_refused(file: BenchFile) -> None:
    too_hot = replace(HEATING, voltage=2.0)
    with pytest.raises(Refused, match=r"heater.voltage: 2 V is beyond the chip's limit of 1.5 V.*heater_voltage"):
        too_hot.check(file.chip.limits, "heater.voltage")
    with open_bench(file, emulate=True) as bench, pytest.raises(Refused, match=r"heater level: 2 V"):
        heated(bench, too_hot).fire(1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("  heater: true", "  heater: false"), r"chip has the pads|roles.heater"),
        (("  heater: smu.b", "  heater: pulser.9"), r"no terminal '9'"),
    ],
)
def test_a_heater_that_is_not_there_is_named(file: BenchFile, change: tuple[str, str], message: str) -> None:
    with pytest.raises(BenchFileError, match=message):
        bench_file.parse(file.text.replace(*change), file.path)


def test_a_heater_needs_a_unit_that_measures(file: BenchFile) -> None:
    text = file.text.replace("  heater: smu.b", "  heater: pulser.2")
    path = file.path.with_name("generator.yaml")
    path.write_text(text, encoding="utf-8")
    with (
        pytest.raises(Refused, match=r"roles.heater: pulser.2 cannot measure"),
        open_bench(bench_file.load(path), emulate=True),
    ):
        pass


def test_an_experiment_writes_hot_and_reads_cold(file: BenchFile, tmp_path: Path) -> None:
    pulses = {"pulse.amplitude": "1.5 V", "pulse.width": "2 us", "up": 20, "down": 1, "cycles": 1}
    steps = {}
    for volts in (0.0, HEATING.voltage):
        heat = {"heater.voltage": f"{volts} V", "heater.settle": "2 ms"}
        experiment = get("potentiation-depression").from_assignments({**pulses, **heat})
        with open_bench(file, emulate=True) as bench:
            finished = Runner(experiment, bench, tmp_path).run()
            assert finished.status == "complete", finished.reason
        with open_run(Path(finished.file)) as run:
            conductance = run.columns["conductance"]
        steps[volts] = float(conductance[20] - conductance[0]) / 20
    assert steps[HEATING.voltage] == pytest.approx(350e-9 / 125, rel=0.03)
    assert abs(steps[0.0]) < 1e-3 * steps[HEATING.voltage]


def test_a_bench_without_a_heater_refuses_to_heat() -> None:
    experiment = get("potentiation-depression").from_assignments({"heater.voltage": "1 V", "pulse.amplitude": "1 V"})
    with pytest.raises(Refused, match=r"heater.voltage: 1 V given, but no instrument of this bench drives a heater"):
        experiment.check(bench_file.load(bench_file.find("single-device")))
