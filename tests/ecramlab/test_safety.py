"""Every way out of a run leaves every output off and the rows so far in a readable file."""

import itertools
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drivers.errors import InstrumentError, Refused
from drivers.roles import PulseGenerator
from ecramlab import runner
from ecramlab.bench import Bench, inspect, open_bench, switch_off
from ecramlab.bench_file import BenchFile
from ecramlab.emulation import twin
from ecramlab.events import Event, Finished, Rows
from ecramlab.experiment import Row
from ecramlab.experiments import get
from ecramlab.experiments.potentiation_depression import PotentiationDepression
from ecramlab.make_safe import MakeSafe
from ecramlab.runner import Runner
from ecramlab.runs import DiskSpaceLow, RunFileError, RunWriter, open_run
from ecramlab.stop import StopRequest
from emulator import Open
from sim_instruments import visa
from tests.ecramlab.conftest import QUIET, BenchMaker

SHORT = {"pulse.amplitude": "4 V", "pulse.width": "1 µs", "up": 4, "down": 4, "cycles": 1}


def run(
    file: BenchFile, folder: Path, stop: StopRequest | None = None, listeners: Any = (), **changes: Any
) -> Finished:
    experiment = get("potentiation-depression").from_assignments({**SHORT, **changes})
    with open_bench(file, emulate=True, stop=stop) as bench:
        return Runner(experiment, bench, folder, listeners).run()


def assert_off(file: BenchFile) -> None:
    """In the emulator's own view: no port drives anything but 0 V with the small limit of the off state."""
    harness = twin(file.path).harness
    for port in harness.ports.values():
        drive = port.drive
        assert isinstance(drive, Open) or getattr(drive, "level", 0.0) == 0.0, f"{port.name} is left at {drive}"
        assert port.remaining == 0.0


@pytest.mark.parametrize("bench", ["single-device", "crosspoint-8x8"])
def test_a_lost_reply_anywhere_leaves_all_off_and_the_rows_readable(
    bench: str, make_bench: BenchMaker, tmp_path: Path
) -> None:
    file = make_bench(bench, emulation=QUIET)
    complete, failed = 0, 0
    for instrument in file.instruments:
        for after in range(0, 44, 6):
            visa.reset()
            twin(file.path).ports[instrument].drop_replies(after=after, count=1)
            try:
                finished = run(file, tmp_path)
            except InstrumentError:  # while opening: nothing had been energised
                failed += 1
                assert_off(file)
                continue
            assert_off(file)
            failed += finished.status == "failed"
            complete += finished.status == "complete"
            with open_run(Path(finished.file)) as opened:
                assert opened.status == finished.status
                assert np.all(np.isfinite(opened.columns["conductance"]))
    assert failed >= 3, "the fault never struck"
    assert complete >= 1, "no run outlived a fault that came too late"


@pytest.mark.parametrize("rows", [1, 2, 5, 8])
def test_asking_to_stop_after_any_row(
    rows: int, make_bench: BenchMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "TELL_EVERY", 0.0)  # a batch for each row
    file, stop = make_bench("crosspoint-8x8", emulation=QUIET), StopRequest()
    seen: list[float] = []

    def count(event: Event) -> None:
        if isinstance(event, Rows):
            seen.extend(event.columns["conductance"])
            if len(seen) == rows:
                stop.request("test")

    finished = run(file, tmp_path, stop, [count])
    assert (finished.status, finished.reason, finished.outputs_off) == ("aborted", "test", True)
    assert_off(file)
    with open_run(Path(finished.file)) as opened:
        assert opened.status == "aborted"
        assert opened.columns["conductance"].tolist() == seen
        assert len(seen) == rows


class _Failing(PotentiationDepression):
    def measure(self, bench: Bench) -> Iterator[Row]:
        yield from itertools.islice(super().measure(bench), 3)
        raise ZeroDivisionError("a mistake in an experiment")


def test_an_error_in_an_experiment(make_bench: BenchMaker, tmp_path: Path) -> None:
    file = make_bench("single-device", emulation=QUIET)
    with open_bench(file, emulate=True) as bench:
        finished = Runner(_Failing.from_assignments(SHORT), bench, tmp_path).run()
    assert finished.status == "failed"
    assert "a mistake in an experiment" in finished.reason
    assert_off(file)
    with open_run(Path(finished.file)) as opened:
        assert opened.rows == 3
        assert any("Traceback" in event.text for event in opened.events)


def test_a_broken_listener_does_not_end_a_run(make_bench: BenchMaker, tmp_path: Path) -> None:
    heard: list[Event] = []

    def broken(event: Event) -> None:
        raise BrokenPipeError("the window is gone")

    finished = run(make_bench("single-device", emulation=QUIET), tmp_path, listeners=[broken, heard.append])
    assert finished.status == "complete"
    assert heard[-1] == finished


def test_beyond_a_limit_nothing_is_sent_and_no_file_is_made(make_bench: BenchMaker, tmp_path: Path) -> None:
    file = make_bench("single-device", emulation=QUIET)
    folder, log = tmp_path / "runs", tmp_path / "wire.log"
    experiment = get("potentiation-depression").from_assignments({**SHORT, "pulse.amplitude": "11 V"})
    with open_bench(file, emulate=True, wire_log=log) as bench:
        sent = log.read_text().count("\n")
        with pytest.raises(Refused, match=r"11 V is beyond the chip's limit of 10 V.*chip\.limits\.gate_voltage"):
            Runner(experiment, bench, folder).run()
        assert log.read_text().count("\n") == sent
    assert not folder.exists() or not list(folder.iterdir())


def test_guards_refuse_what_an_experiment_forgot_to_check(make_bench: BenchMaker) -> None:
    file = make_bench("single-device", emulation=QUIET)
    with open_bench(file, emulate=True) as bench:
        with pytest.raises(Refused, match="drain voltage"):
            bench.drain.source_voltage(0.6, current_limit=1e-6)
        with pytest.raises(Refused, match="current limit"):
            bench.drain.source_voltage(0.1, current_limit=1.0)
        with pytest.raises(Refused, match="finite"):
            bench.drain.source_voltage(float("nan"), current_limit=1e-6)
        with pytest.raises(Refused, match="pulse width"):
            bench.gate.pulse(base=0.0, level=1.0, width=2.0)  # type: ignore[union-attr]


def test_a_bench_that_is_on_already_is_refused_and_off_mends_it(make_bench: BenchMaker, tmp_path: Path) -> None:
    file = make_bench("single-device", emulation=QUIET)
    import pyvisa

    smu = pyvisa.ResourceManager(f"{file.path}@ecramlab").open_resource(file.instruments["smu"].resource)
    smu.write("smub.source.levelv = 1 smub.source.output = 1")  # type: ignore[attr-defined]
    smu.close()
    with pytest.raises(Refused, match=r"already on: smu\.b"):
        run(file, tmp_path)
    assert [found.on for found in inspect(file, emulate=True) if found.name == "smu"] != [""]
    assert switch_off(file, emulate=True) == []
    assert run(file, tmp_path).status == "complete"


def test_a_wrong_instrument_is_refused(make_bench: BenchMaker, tmp_path: Path) -> None:
    file = make_bench("single-device", emulation=QUIET)
    other = file.path.with_name("other.yaml")
    other.write_text(
        file.text.replace("driver: keysight_33622a", "driver: keithley_2636b").replace("pulser.1", "pulser.a")
    )
    from ecramlab import bench_file

    # The twin of `file` answers as a 33622A; the other file expects a 2636B at the same address.
    wrong = bench_file.load(other).model_copy(update={"path": file.path})
    results = {found.name: found.problem for found in inspect(wrong, emulate=True)}
    assert results["smu"] is None
    assert results["pulser"] is not None
    assert "33622A" in results["pulser"]


def test_make_safe_runs_every_step_outputs_first() -> None:
    done: list[str] = []

    def step(name: str) -> Any:
        def act() -> list[str]:
            done.append(name)
            if name == "smu":
                raise OSError("gone")
            return ["pulser: still on"] if name == "pulser" else []

        return act

    safe = MakeSafe()
    safe.register_relays("matrix", step("matrix"))
    safe.register_source("pulser", step("pulser"))
    safe.register_source("smu", step("smu"))
    problems = safe.run()
    assert done == ["smu", "pulser", "matrix"]
    assert problems[0].startswith("smu: gone")
    assert problems[1] == "pulser: still on"


@pytest.mark.parametrize(
    "storm",
    [[signal.SIGINT], [signal.SIGTERM], [signal.SIGHUP], [signal.SIGINT] * 5],
    ids=["INT", "TERM", "HUP", "5 INT"],
)
def test_signals_end_a_run_of_the_command_line_safely(
    storm: list[signal.Signals], make_bench: BenchMaker, tmp_path: Path
) -> None:
    file = make_bench("single-device", emulation=QUIET)
    command = [sys.executable, "-m", "ecramlab", "run", "potentiation-depression", "--bench", str(file.path)]
    command += ["--emulate", "--events", "--runs", str(tmp_path), "--set", "up=100000", "--set", "pulse.width=1 µs"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stdin": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], **pipes) as child:
        assert child.stdout is not None
        assert child.stdin is not None
        events = (json.loads(line) for line in child.stdout)
        rows = 0
        for event in events:
            rows += len(event["columns"]["time"]) if event["event"] == "rows" else 0
            if rows > 3:
                for number in storm:
                    child.send_signal(number)
                break
        finished = next(event for event in events if event["event"] == "finished")
        child.stdin.close()
        child.wait(timeout=30)
    assert (finished["status"], finished["outputs_off"], child.returncode) == ("aborted", True, 130)
    with open_run(Path(finished["file"])) as opened:
        assert opened.status == "aborted"
        assert opened.rows >= rows
        assert "end: aborted" in opened.events[-1].text


def test_a_full_disk_leaves_all_off(make_bench: BenchMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = make_bench("single-device", emulation=QUIET)
    append, taken = RunWriter.append, []

    def append_until_full(writer: RunWriter, rows: Any) -> None:
        if len(taken) == 3:
            raise DiskSpaceLow("no space left")
        taken.extend(rows)
        append(writer, rows)

    monkeypatch.setattr(RunWriter, "append", append_until_full)
    finished = run(file, tmp_path)
    assert finished.status == "failed"
    assert "no space left" in finished.reason
    assert finished.outputs_off
    assert_off(file)
    with open_run(Path(finished.file)) as opened:
        assert opened.rows == 3


def test_without_a_run_file_nothing_is_energised(make_bench: BenchMaker, tmp_path: Path) -> None:
    file = make_bench("single-device", emulation=QUIET)
    in_the_way, log = tmp_path / "runs", tmp_path / "wire.log"
    in_the_way.write_text("a file where the folder should be")
    experiment = get("potentiation-depression").from_assignments(SHORT)
    with (
        open_bench(file, emulate=True, wire_log=log) as bench,
        pytest.raises(RunFileError, match="runs: no run can be recorded here"),
    ):
        Runner(experiment, bench, in_the_way).run()
    assert_off(file)
    assert "OUTP1 ON" not in log.read_text()
    assert "source.output = 1" not in log.read_text()


@pytest.mark.parametrize(
    ("samples", "dt", "message"),
    [
        ([0.0, 11.0, 0.0], 1e-6, r"gate level of a waveform: 11 V is beyond the chip's limit of 10 V"),
        ([0.0, 1.0, 0.0], 1.0, r"gate waveform, from end to end: 3 s is beyond the chip's limit of 1 s"),
    ],
)
def test_a_waveform_beyond_the_chips_limits_is_refused(
    make_bench: BenchMaker, samples: list[float], dt: float, message: str
) -> None:
    with open_bench(make_bench("single-device"), emulate=True) as bench:
        assert isinstance(bench.gate, PulseGenerator)
        with pytest.raises(Refused, match=message):
            bench.gate.waveform(samples, dt)
