"""The command line as a new user meets it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ecramlab.cli import cli
from ecramlab.runs import open_run
from tests.ecramlab.conftest import QUIET, BenchMaker

SHORT = ["--set", "up=6", "--set", "down=6", "--set", "cycles=2", "--set", "pulse.width=1 µs"]


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["list", "experiments"], ["list", "devices"], ["list", "drivers"], ["run", "--help"]],
)
def test_help_and_lists_load_nothing_heavy(arguments: list[str]) -> None:
    heavy = ["numpy", "numba", "h5py", "pyvisa", "PySide6", "pyqtgraph", "matplotlib", "lupa"]
    script = (
        "import sys; from ecramlab.cli import cli; cli.main(sys.argv[1:], standalone_mode=False); "
        f"print('LOADED', [name for name in {heavy!r} if name in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, cwd=root, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "LOADED []"


def test_every_command_has_help() -> None:
    listed = invoke("--help")
    for name in ("demo", "run", "list", "show", "plot", "check", "off", "recover", "serve", "validate", "gui"):
        assert f"  {name} " in listed.output
        assert invoke(name, "--help").exit_code == 0


def test_lists() -> None:
    assert "potentiation-depression" in invoke("list", "experiments").output
    devices = invoke("list", "devices").output
    assert all(name in devices for name in ("kim2019", "tang2018", "onen2022"))
    drivers = invoke("list", "drivers").output
    assert all(name in drivers for name in ("keithley_2636b", "keysight_33622a", "keithley_707b"))
    assert "crosspoint-8x8" in invoke("list", "benches").output


def test_parameters_are_explained_with_units_and_defaults() -> None:
    text = " ".join(invoke("run", "potentiation-depression", "--help").output.split())
    assert "pulse.width width of the potentiating pulse between 50 % points [1 ms]" in text
    assert "read.voltage drain-source voltage of a read [100 mV]" in text


def test_run_show_plot(make_bench: BenchMaker, tmp_path: Path) -> None:
    bench, runs = make_bench("single-device", emulation=QUIET).path, tmp_path / "runs"
    log = tmp_path / "wire.log"
    done = invoke(
        "run", "potentiation-depression", "--bench", bench, "--emulate", "--runs", runs, "--wire-log", log, *SHORT
    )
    assert done.exit_code == 0, done.output
    assert "complete" in done.output
    assert "every output confirmed off" in done.output
    (file,) = runs.glob("*.h5")
    assert file.with_suffix(".png").stat().st_size > 10_000
    with open_run(file) as opened:
        assert opened.rows == 1 + 2 * 12
        assert opened.parameters["pulse"]["width"] == pytest.approx(1e-6)
        assert opened.instruments["smu"]["transport"] == "emulated"
        assert "settings_after" in opened.instruments["smu"]
    shown = invoke("show", "last", "--runs", runs)
    assert shown.exit_code == 0, shown.output
    assert "EMULATED" in shown.output
    assert "pulse.width" in shown.output
    picture = tmp_path / "curve.svg"
    assert invoke("plot", "last", "--runs", runs, "-o", picture).exit_code == 0
    assert picture.read_text(encoding="utf-8").lstrip().startswith("<?xml")
    wire = log.read_text(encoding="utf-8")
    assert "*IDN?" in wire
    assert "*TRG" in wire


def test_check_says_what_is_there_and_what_is_on(make_bench: BenchMaker) -> None:
    bench = make_bench("crosspoint-8x8", emulation=QUIET).path
    done = invoke("check", bench, "--emulate")
    assert done.exit_code == 0, done.output
    assert "every instrument answers as expected" in done.output


def test_events_are_json_lines(make_bench: BenchMaker, tmp_path: Path) -> None:
    bench = make_bench("single-device", emulation=QUIET).path
    done = invoke(
        "run", "potentiation-depression", "--bench", bench, "--emulate", "--runs", tmp_path, "--events", *SHORT
    )
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[0]["event"] == "started"
    assert events[-1]["event"] == "finished"
    assert events[-1]["status"] == "complete"
    rows = [value for event in events if event["event"] == "rows" for value in event["columns"]["pulse"]]
    assert len(rows) == 25


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "potentiation-depression", "--bench", "nowhere"], "nor a shipped bench"),
        (["run", "potentiation-depression", "--bench", "single-device", "--set", "up"], "write NAME=VALUE"),
        (["run", "potentiation-depression", "--bench", "single-device", "--emulate", "--set", "up=x"], "up: 'x' given"),
        (["run", "nothing"], "No such command"),
        (["show", "last"], "no runs in"),
    ],
)
def test_mistakes_end_with_a_sentence(
    arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECRAMLAB_RUNS", str(tmp_path / "none"))
    done = invoke(*arguments)
    assert done.exit_code != 0
    assert words in done.output
    assert "Traceback" not in done.output


def test_a_limit_is_refused_with_the_remedy(make_bench: BenchMaker, tmp_path: Path) -> None:
    bench = make_bench("single-device", emulation=QUIET).path
    done = invoke(
        "run",
        "potentiation-depression",
        "--bench",
        bench,
        "--emulate",
        "--runs",
        tmp_path,
        "--set",
        "pulse.amplitude=12V",
    )
    assert done.exit_code != 0
    assert "chip.limits.gate_voltage" in " ".join(done.output.split())


def test_devices_fit_a_terminal_of_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = invoke("list", "devices").output.splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.split()[:2] == ["fuller2019", "H"] and "-0.95/+1.2 V, 50 µs" in line for line in lines)
    assert not any("…" in line and " … " not in line for line in lines), "a cell was cut off"


def test_card_of_a_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = invoke("show", "device", "onen2022")
    assert done.exit_code == 0, done.output
    assert max(map(len, done.output.splitlines())) <= 80
    rows = {line[:17].strip(): line[17:].split() for line in done.output.splitlines()}
    assert rows["Conductance range"][:4] == ["11", "-", "230", "nS"]
    assert [float(rows["Conductance range"][k]) for k in (4, 6)] == pytest.approx([11.0, 230.0], rel=0.01)
    assert rows["Linearity"][:3] == ["0.7", "/", "0.1"]
    assert [float(rows["Linearity"][k]) for k in (3, 5)] == pytest.approx([0.7, 0.1], abs=0.02)
    assert rows["States"] == ["1000", "1000"]
    text = " ".join(done.output.split())
    assert "Measured on the emulated bench with 1000 pulses up and 1000 down: +10/-8.5 V, 5 ns" in text
    assert "retention_time" in text
    assert "called robust in the review" in text
    assert "the model uses -8.5 V" in text


def test_card_of_a_device_of_ones_own(tmp_path: Path) -> None:
    source = Path(__file__).parents[2] / "emulator" / "devices" / "tang2018.toml"
    path = tmp_path / "mine.toml"
    path.write_text(source.read_text("utf-8").replace("count = 1000", "count = 20"), "utf-8")
    done = invoke("show", "device", path)
    assert done.exit_code == 0, done.output
    assert done.output.startswith("mine: ")
    assert "Measured on the emulated bench with 20 pulses up" in " ".join(done.output.split())


def test_card_of_a_device_names_its_variants():
    words = " ".join(invoke("show", "device", "tang2018").output.split())
    assert "Variants" in words
    assert "tang2018:pulsed The pulses of the table, 1 mA for 5 ns" in words
    assert "tang2018:aihwkit" in words


def test_card_of_pulses_that_no_bench_gives():
    done = invoke("show", "device", "tang2018:pulsed")
    assert done.exit_code == 0
    assert "Not measured on the emulated bench: pulse width 5e-09 s" in " ".join(done.output.split())
    assert "Doubts" in done.output
    assert "Variants" not in done.output


def test_card_of_an_unknown_device_names_those_there_are() -> None:
    done = invoke("show", "device", "nothing")
    assert done.exit_code == 2
    assert "no device 'nothing'" in done.output
    assert "kim2019" in done.output
    assert "Traceback" not in done.output
