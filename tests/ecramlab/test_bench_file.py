"""Bench files: the shipped ones load, and errors name line, key, what was given and what is allowed."""

from pathlib import Path

import pytest

from ecramlab import bench_file
from ecramlab.bench_file import BenchFileError

MINIMAL = """\
instruments:
  smu:
    driver: keithley_2636b
    resource: GPIB0::26::INSTR
wiring:
  smu.a: chip.G0
  smu.b: chip.D0
  ground: chip.S0
roles:
  gate: smu.a
  drain: smu.b
chip:
  limits:
    gate_voltage: 4 V
"""


def parse(text: str) -> bench_file.BenchFile:
    return bench_file.parse(text, Path("lab.yaml"))


def test_the_shipped_benches_load() -> None:
    shipped = bench_file.shipped()
    assert {"single-device", "crosspoint-8x8"} <= set(shipped)
    for path in shipped.values():
        assert bench_file.load(path).title


def test_the_array_is_wired_pad_by_pad() -> None:
    wiring = bench_file.load(bench_file.shipped()["crosspoint-8x8"]).cabling
    lines = {f"{line}{n}": wiring.line_of(f"chip.{line}{n}", "matrix") for line in "GSD" for n in range(8)}
    assert lines["G0"] == "101"
    assert lines["S4"] == "201"
    assert lines["D7"] == "212"
    assert len(set(lines.values())) == 24


def test_quantities_have_units() -> None:
    assert parse(MINIMAL).chip.limits.gate_voltage == 4.0


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "gate_voltage: 4 V",
            "gate_voltage: 4 A",
            "lab.yaml, line 14: chip.limits.gate_voltage: '4 A' is in A, but V is needed",
        ),
        (
            "gate_voltage: 4 V",
            "gate_voltage: 4 kV",
            "lab.yaml, line 14: chip.limits.gate_voltage: 4 kV given, allowed is less than or equal to 200 V",
        ),
        (
            "driver: keithley_2636b",
            "driver: keithley_2400",
            "lab.yaml, line 3: instruments.smu.driver: 'keithley_2400' given, known are",
        ),
        ("resource:", "resourse:", "lab.yaml, line 4: instruments.smu.resourse: unknown"),
        ("smu.b: chip.D0", "smu.c: chip.D0", "smu.c: a keithley_2636b has no terminal 'c'"),
        ("smu.b: chip.D0", "smu.b: chip.D1", "chip.D1: this chip has the pads G0 … D0"),
        ("gate: smu.a", "gate: pulser.1", "pulser.1: no instrument 'pulser'; known are smu, chip and ground"),
        ("  drain: smu.b\n", "", "lab.yaml, line 9: roles.drain: missing"),
        ("smu:\n", "chip:\n", "'chip' cannot name an instrument"),
    ],
)
def test_errors_name_line_key_given_and_allowed(old: str, new: str, words: str) -> None:
    assert old in MINIMAL
    with pytest.raises(BenchFileError) as caught:
        parse(MINIMAL.replace(old, new, 1))
    assert words in str(caught.value)


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "a: [1", "just words"])
def test_what_is_no_bench_file_is_refused(text: str) -> None:
    with pytest.raises(BenchFileError, match=r"lab\.yaml"):
        parse(text)


def test_a_missing_file_names_what_is_shipped() -> None:
    with pytest.raises(BenchFileError, match="single-device"):
        bench_file.find("no-such-bench")
