"""Drivers of different packages meet at one chip: a QCoDeS matrix closes, a QCoDeS pulser fires, PyMeasure sees it."""

import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ecramlab import bench_file

pytestmark = [
    pytest.mark.interop,
    # What other packages do at import or on collection is theirs.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning"),
]

QUIET = ("device_spread", "cycle_noise", "read_noise", "instrument_noise", "instrument_accuracy")


@pytest.fixture
def file(tmp_path: Path) -> bench_file.BenchFile:
    """The shipped 8x8 bench without anything random."""
    document = yaml.safe_load(bench_file.shipped()["crosspoint-8x8"].read_text(encoding="utf-8"))
    document["emulation"] |= dict.fromkeys(QUIET, False)
    path = tmp_path / "crosspoint.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return bench_file.load(path)


@pytest.fixture
def instruments(file: bench_file.BenchFile) -> Iterator[tuple[Any, Any, Any]]:
    """QCoDeS matrix (a 3706A speaks the same commands as the 707B), QCoDeS generator, PyMeasure SMU."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pymeasure.instruments.keithley import Keithley2600
        from qcodes.instrument_drivers.Keithley import Keithley3706A
        from qcodes.instrument_drivers.Keysight import Keysight33622A
    library = f"{file.path}@ecramlab"
    address = {name: entry.resource for name, entry in file.instruments.items()}
    with (
        contextlib.closing(Keithley3706A("matrix", address["matrix"], visalib=library)) as matrix,
        contextlib.closing(Keysight33622A("pulser", address["pulser"], visalib=library)) as pulser,
    ):
        smu = Keithley2600(address["smu"], visa_library=library, read_termination="\n")
        yield matrix, pulser, smu
        smu.adapter.close()


def test_pulses_of_one_package_are_read_by_another(instruments: tuple[Any, Any, Any]) -> None:
    matrix, pulser, smu = instruments
    # Cell (0, 0): gate line 101 to the generator (A), source line 109 to ground (H), drain line 205 to channel b (C).
    matrix.write("channel.close('1A01,1H09,2C05')")
    smu.ChB.apply_voltage(compliance_current=1e-4)
    smu.ChB.source_voltage = 0.1
    smu.ChB.source_output = "ON"
    before = smu.ChB.current
    channel = pulser.ch1
    channel.output_polarity("NORM")
    pulser.write("OUTP1:LOAD INF")
    channel.function_type("PULS")
    pulser.write("SOUR1:VOLT:HIGH 4;LOW 0")
    channel.pulse_width(100e-9)
    channel.trigger_source("BUS")  # before the count: 100 cycles would not fit the internal burst period
    channel.burst_ncycles(100)
    channel.burst_state("ON")
    channel.output("ON")
    pulser.write("*TRG")
    pulser.ask("*OPC?")
    after = smu.ChB.current
    assert pulser.error() == (0, "No error")
    # Gmin of Kim 2019 at 0.1 V; the other lines float, so 7 x 7 cells add a sneak path of 1/(1/7 + 1/49 + 1/7) cells.
    assert before == pytest.approx(0.1 * 1.5e-6 * (1 + 49 / 15), rel=0.01)
    assert after > 1.05 * before

    matrix.write("channel.open('1A01')")  # the gate floats: pulses reach it no more
    matrix.write("channel.exclusiveclose('1H09,2C05')")
    pulser.write("*TRG")
    pulser.ask("*OPC?")
    assert smu.ChB.current == pytest.approx(after, rel=1e-3)
