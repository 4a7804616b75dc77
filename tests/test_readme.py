"""Every example of the README works as written."""

import re
import shlex
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from ecramlab import bench_file
from ecramlab.cli import cli

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with the shipped benches in it, as a user would have them."""
    (tmp_path / "benches").mkdir()
    for path in bench_file.shipped().values():
        (tmp_path / "benches" / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_commands(workplace: Path) -> None:
    (commands,) = [block for block in blocks("sh") if "ecramlab --help" in block]
    lines = [line.partition(" #")[0].strip() for line in commands.splitlines()]
    assert len(lines) >= 6
    for line in lines:
        program, *arguments = shlex.split(line)
        assert program == "ecramlab"
        if arguments == ["gui"]:  # opens a window: tests/gui does that
            arguments.append("--help")
        done = CliRunner().invoke(cli, arguments)
        assert done.exit_code == 0, f"{line}\n{done.output}"
    assert (workplace / "curve.svg").exists()


def test_the_pyvisa_example(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (program,) = [block for block in blocks("python") if "pyvisa" in block]
    names: dict[str, object] = {}
    exec(program, names)  # README code is ours
    assert "Model 2636B" in capsys.readouterr().out
    names["bench"].close()  # type: ignore[attr-defined]


def test_the_chip_example(workplace: Path) -> None:
    (program,) = [block for block in blocks("python") if "save_chip" in block]
    names: dict[str, object] = {}
    exec(program, names)  # README code is ours
    assert (workplace / "chip.h5").exists()
    assert names["chip"].array.rows == 8  # type: ignore[attr-defined]


def test_the_xarray_example(workplace: Path) -> None:
    run = [
        "run",
        "potentiation-depression",
        "--bench",
        "single-device",
        "--emulate",
        "--set",
        "up=3",
        "--set",
        "down=3",
    ]
    assert CliRunner().invoke(cli, run).exit_code == 0
    (file,) = workplace.glob("runs/*.h5")
    (program,) = [block for block in blocks("python") if "xarray" in block]
    names: dict[str, object] = {}
    exec(program.replace("runs/….h5", str(file)), names)
    assert names["rows"].conductance.sizes == {"time": 19}  # type: ignore[attr-defined]
    names["rows"].close()  # type: ignore[attr-defined]


def test_the_bench_file_example() -> None:
    (text,) = blocks("yaml")
    assert bench_file.parse(text, Path("example.yaml")).chip.limits.gate_voltage == 10.0
    assert yaml.safe_load(text)["roles"]["gate"] == "pulser.1"
