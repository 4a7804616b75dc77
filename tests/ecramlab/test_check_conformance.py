"""`ecramlab check --conformance`: every instrument of a bench does what its role asks, and no chip is touched."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from drivers.errors import Refused
from drivers.registry import DRIVERS
from ecramlab import bench_file
from ecramlab.bench import open_bench
from ecramlab.bench_file import BenchFile
from ecramlab.cli import cli
from ecramlab.conformance import Checkup, check_bench
from ecramlab.emulation import twin
from tests.ecramlab.conftest import BenchMaker

GENERATORS = sorted(name for name, info in DRIVERS.items() if "generator" in info.roles)
UNITS = sorted(name for name, info in DRIVERS.items() if info.roles == ("smu",))
PAIRS = [(GENERATORS[n % len(GENERATORS)], UNITS[n % len(UNITS)]) for n in range(max(len(GENERATORS), len(UNITS)))]


def first_terminal(driver: str) -> str:
    """Of the usual names, the one that this model's generator or unit has."""
    usual = ("501", "a", "1")
    return next(name for name in usual if re.fullmatch(DRIVERS[driver].terminals, name))


def check(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["check", *map(str, arguments), "--emulate", "--conformance"])


def bench_of(gate: str, drain: str, folder: Path, **limits: str) -> BenchFile:
    document: dict[str, Any] = {
        "instruments": {
            "pulser": {"driver": gate, "resource": "GPIB0::10::INSTR"},
            "smu": {"driver": drain, "resource": "GPIB0::11::INSTR"},
        },
        "wiring": {},
        "roles": {"gate": f"pulser.{first_terminal(gate)}", "drain": f"smu.{first_terminal(drain)}"},
        "chip": {"rows": 1, "columns": 1, "limits": limits},
    }
    path = folder / "bench.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return bench_file.load(path)


def checkups(file: BenchFile, **options: Any) -> dict[str, Checkup]:
    with open_bench(file, emulate=True) as bench:
        return {checkup.terminal: checkup for checkup in check_bench(bench, **{"chip_is_off": False, **options})}


def test_a_chip_on_the_cables_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    log = tmp_path / "wire.log"
    done = check("single-device", "--wire-log", log)
    assert done.exit_code == 2
    assert "pulser.1, smu.a: cabled to the chip" in done.output
    assert "--yes-chip-is-off" in done.output
    assert not log.exists()
    file = bench_file.load(bench_file.find("single-device"))
    with open_bench(file, emulate=True) as bench, pytest.raises(Refused, match=r"pulser\.1, smu\.a: cabled to"):
        next(check_bench(bench, chip_is_off=False))


def test_an_unplugged_bench_passes_and_reads_its_dummies() -> None:
    done = check("single-device", "--yes-chip-is-off", "--dummy", "1MΩ")
    assert done.exit_code == 0, done.output
    passed, of = map(int, re.findall(r"(\d+) of (\d+) checks passed", done.output)[0])
    assert passed == of >= 17
    assert "smu.a (keithley_2636b): 1 MΩ to ground, at most 100 mV and 1 µA" in " ".join(done.output.split())
    assert "FAIL" not in done.output


def test_a_wrong_dummy_fails(make_bench: BenchMaker) -> None:
    done = check("single-device", "--yes-chip-is-off")
    assert done.exit_code == 0
    file = make_bench("single-device")
    with open_bench(file, emulate=True) as bench:  # the chip is there, although it was said to be off
        found = {one.terminal: one for one in check_bench(bench, chip_is_off=True)}
    assert not all(finding.passed for finding in found["smu.a"].findings)


def test_behind_a_matrix_the_sources_are_checked_and_the_matrix_when_the_chip_is_off() -> None:
    file = bench_file.load(bench_file.find("crosspoint-8x8"))
    found = checkups(file)
    assert set(found) == {"matrix", "pulser.1", "smu.a", "smu.b"}
    assert "lines carry the chip" in found["matrix"].left_out
    assert all(finding.passed for one in found.values() for finding in one.findings)
    gates = [port for name, port in twin(file.path).harness.ports.items() if name.startswith("smu")]
    assert all(port.level == 0.0 for port in gates)
    done = check("crosspoint-8x8", "--yes-chip-is-off")
    assert done.exit_code == 0, done.output
    assert "not checked" not in done.output


@pytest.mark.parametrize(("gate", "drain"), PAIRS)
def test_every_model_passes_within_its_abilities(gate: str, drain: str, tmp_path: Path) -> None:
    found = checkups(bench_of(gate, drain, tmp_path))
    assert len(found) == 2
    failed = [(name, finding) for name, one in found.items() for finding in one.findings if not finding.passed]
    assert failed == []
    assert not any(one.left_out for one in found.values())


def test_the_chips_limits_hold(tmp_path: Path) -> None:
    limits = {"gate_voltage": "0.2 V", "drain_voltage": "20 mV", "drain_current": "100 nA", "pulse_width": "10 µs"}
    found = checkups(bench_of("keysight_33622a", "keithley_2636b", tmp_path, **limits))
    assert found["pulser.1"].levels == "open end, pulses of 200 mV and 10 µs"
    assert found["smu.a"].levels == "open end, at most 20 mV and 100 nA"
    assert all(finding.passed for one in found.values() for finding in one.findings)


def test_what_the_chip_does_not_bear_is_left_out(tmp_path: Path) -> None:
    limits = {"gate_voltage": "50 mV", "drain_current": "100 pA"}
    found = checkups(bench_of("keysight_81160a", "keithley_2450", tmp_path, **limits))
    assert "smallest pulse (100 mV, 1.6 ns) is above the chip's limits" in found["pulser.1"].left_out
    assert "smallest limit of 1 nA is above the chip's 100 pA" in found["smu.1"].left_out
    assert not any(one.findings for one in found.values())
    assert check(tmp_path / "bench.yaml").exit_code == 1  # nothing checked is nothing proved


def test_a_dummy_that_would_take_the_limit_is_told(tmp_path: Path) -> None:
    found = checkups(bench_of("keysight_33622a", "keithley_2636b", tmp_path), chip_is_off=True, dummy=10e3)
    assert "10 kΩ is too small, 200 kΩ or more is needed" in found["smu.a"].left_out


@pytest.mark.parametrize("arguments", [["--dummy", "1 V"], ["--dummy", "0"], ["--dummy", "much"]])
def test_dummies_have_ohms(arguments: list[str]) -> None:
    done = check("single-device", "--yes-chip-is-off", *arguments)
    assert done.exit_code == 2
    assert "--dummy" in done.output


def test_options_of_the_checks_need_the_checks() -> None:
    done = CliRunner().invoke(cli, ["check", "single-device", "--emulate", "--yes-chip-is-off"])
    assert done.exit_code == 2
    assert "go with --conformance" in done.output
