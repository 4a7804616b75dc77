"""docs/add-an-instrument.md, done as written: a package of its own brings a driver and its simulated instrument."""

import importlib
import shlex
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import pyvisa
import yaml
from click.testing import CliRunner

from drivers import registry
from drivers.errors import Refused
from ecramlab import bench_file
from ecramlab.cli import cli
from ecramlab.emulation import twin
from tests import docs_blocks

PAGE = docs_blocks.page("add-an-instrument.md")
FILES = docs_blocks.files(PAGE)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The package of the page as `pip install` leaves it: its files, and its entry points as metadata beside them."""
    for name, text in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    project = tomllib.loads(FILES["pyproject.toml"])["project"]
    metadata = tmp_path / f"acme_ecramlab-{project['version']}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Name: {project['name']}\nVersion: {project['version']}\n", encoding="utf-8")
    groups = [
        "\n".join([f"[{group}]", *(f"{name} = {value}" for name, value in points.items())])
        for group, points in project["entry-points"].items()
    ]
    (metadata / "entry_points.txt").write_text("\n".join(groups), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    importlib.invalidate_caches()
    yield tmp_path
    for name in [name for name in sys.modules if name.partition(".")[0] == "acme_ecramlab"]:
        del sys.modules[name]


def test_the_commands(installed: Path) -> None:
    outputs = {}
    install, *lines = docs_blocks.commands(PAGE)
    assert install == "pip install ."  # which the fixture stands for
    for line in lines:
        program, *arguments = shlex.split(line)
        assert program == "ecramlab"
        done = CliRunner().invoke(cli, arguments)
        assert done.exit_code == 0, f"{line}\n{done.output}"
        outputs[arguments[0]] = done.output
    assert "ACME RB12 relay box" in outputs["list"]
    assert "RB12, serial 0001" in outputs["check"]
    assert len(list(installed.glob("runs/*.h5"))) == 1


def test_the_package_brings_all_its_files() -> None:
    """Without being told, setuptools leaves YAML files out, and takes a folder ``runs`` for another package."""
    settings = tomllib.loads(FILES["pyproject.toml"])["tool"]["setuptools"]
    (package,) = settings["packages"]
    files = [Path(name) for name in FILES if Path(name).parent == Path(package)]
    patterns = ["*.py", *settings["package-data"][package]]
    assert len(files) == 4
    assert all(any(file.match(pattern) for pattern in patterns) for file in files)


def test_the_checks_of_the_role_pass(installed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (program,) = [block for block in docs_blocks.blocks(PAGE, "python") if "conformance" in block]
    exec(program, {})  # code of our own page
    assert "True connect closes exactly what it is asked for" in capsys.readouterr().out


def test_plain_pyvisa_sim_and_the_simulated_instrument_say_who_they_are_alike(installed: Path) -> None:
    bench = twin(installed / "relay-box.yaml")
    manager = pyvisa.ResourceManager(f"{installed / 'acme_ecramlab' / 'simulated.yaml'}@sim")
    resource = manager.open_resource("TCPIP0::192.0.2.40::5025::SOCKET", read_termination="\n", write_termination="\n")
    static = resource.query("*IDN?")  # type: ignore[attr-defined]
    resource.close()
    manager.close()
    assert bench.instruments["matrix"].execute(b"*IDN?") == f"{static}\n".encode()
    known = yaml.safe_load(FILES["acme_ecramlab/simulated.yaml"])["devices"]["acme_rb12"]["ecramlab"]["class"]
    assert type(bench.instruments["matrix"]).__name__ == known


def test_a_model_of_the_project_is_declared_as_the_page_says() -> None:
    (declaration,) = [block for block in docs_blocks.blocks(PAGE, "python") if "MODELS" in block]
    (info,) = registry.declared_models(declaration)
    assert (info.name, info.module, info.roles) == ("acme_rb12", "drivers.acme_rb12", ("matrix",))


def test_without_the_package_the_bench_file_names_the_drivers_there_are() -> None:
    with pytest.raises(bench_file.BenchFileError, match=r"no driver is called 'acme_rb12': there are keithley_2450"):
        bench_file.parse(FILES["relay-box.yaml"], Path("relay-box.yaml"))


def test_a_driver_without_a_simulated_instrument_has_no_twin(installed: Path) -> None:
    points = installed / "acme_ecramlab-1.0.dist-info" / "entry_points.txt"
    points.write_text(points.read_text(encoding="utf-8").partition("[ecramlab.sim_instruments]")[0], encoding="utf-8")
    importlib.invalidate_caches()
    done = CliRunner().invoke(cli, ["check", "relay-box.yaml", "--emulate"])
    assert done.exit_code != 0
    assert "no simulated instrument 'acme_rb12'" in done.output


def test_a_plug_in_that_does_not_load_hides_no_other_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    def one_broken(group: str) -> list[EntryPoint]:
        return [EntryPoint("broken", "no_such_package:X", group)]

    monkeypatch.setattr(registry, "entry_points", one_broken)
    listed = CliRunner().invoke(cli, ["list", "drivers"])
    assert listed.exit_code == 0
    assert "broken plug-in" in listed.output
    assert "keithley_707b" in listed.output
    with pytest.raises(Refused, match=r"'broken' \(no_such_package:X\) cannot be loaded: ModuleNotFoundError"):
        registry.find_driver("broken")
    with pytest.raises(Refused, match=r"'other': there are .*keysight_33622a.*, broken$"):
        registry.find_driver("other")
