"""The package easy-scpi, unmodified, which turns attributes into SCPI headers, on every simulated SCPI instrument."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import easy_scpi
import pytest

from emulator import Harness, VirtualClock
from sim_instruments import bench as benches
from sim_instruments import visa
from sim_instruments.bench import EmulatedBench
from sim_instruments.instrument import Surroundings
from sim_instruments.registry import create

pytestmark = [pytest.mark.interop, pytest.mark.filterwarnings("ignore::ResourceWarning")]

ADDRESS = "TCPIP0::192.0.2.40::inst0::INSTR"


def open_unit(model: str, file: Path, monkeypatch: pytest.MonkeyPatch, **options: Any) -> Any:
    """That model, with 1 MΩ from its first terminal to ground, through the package."""
    import pyvisa_ecramlab  # noqa: F401  # sets its own builder, which this test replaces

    def build(_: Path) -> EmulatedBench:
        harness = Harness(VirtualClock())
        unit = create(model, Surroundings("unit", harness, noise=False, accuracy=False), **options)
        harness.add_resistor("unit.1", "ground", 1e6)
        return EmulatedBench(harness, {"unit": unit}, {ADDRESS: "unit"})

    file.write_text("title: one instrument\n", encoding="utf-8")
    monkeypatch.setattr(benches._registry, "builder", build)
    instrument = easy_scpi.Instrument(
        ADDRESS, backend=f"{file}@ecramlab", port_match=False, read_termination="\n", write_termination="\n"
    )
    instrument.connect()
    return instrument


def sources(unit: Any) -> None:
    unit.source.voltage(0.5)
    unit.output("ON")
    assert float(unit.measure.current()) == pytest.approx(0.5e-6, rel=1e-3)
    assert float(unit.source.voltage()) == 0.5


def generates(unit: Any) -> None:
    unit.source1.function("SQU")
    unit.source1.frequency(1e4)
    unit.output1("ON")
    assert (unit.source1.function(), float(unit.source1.frequency()), unit.output1()) == ("SQU", 1e4, "1")


def generates_pulses(unit: Any) -> None:
    unit.func1("PULS")
    unit.freq1(1e4)
    assert (unit.func1(), float(unit.freq1())) == ("PULS", 1e4)


def switches(crosspoint: str) -> Callable[[Any], None]:
    def check(unit: Any) -> None:
        unit.route.close(crosspoint)
        assert unit.route.close(crosspoint, query=True) == "1"
        unit.route.open(crosspoint)
        assert unit.route.close(crosspoint, query=True) == "0"

    return check


CHECKS: dict[str, tuple[Callable[[Any], None], dict[str, Any]]] = {
    "keithley_2450": (sources, {}),
    "keysight_b2902b": (sources, {}),
    "keysight_b2912b": (sources, {}),
    "keysight_33512b": (generates, {}),
    "keysight_33522b": (generates, {}),
    "keysight_33622a": (generates, {}),
    "tektronix_afg3252c": (generates, {}),
    "keysight_81160a": (generates_pulses, {}),
    "keysight_34980a": (switches("(@1101)"), {"modules": {1: "8x64"}}),
    "keysight_b2200a": (switches("(@00101)"), {}),
    "keysight_b2201a": (switches("(@00101)"), {}),
}


@pytest.mark.parametrize("model", CHECKS)
def test_it_works_as_it_reads(model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check, options = CHECKS[model]
    unit = open_unit(model, tmp_path / "bench.yaml", monkeypatch, **options)
    visa.bench(tmp_path / "bench.yaml").ports["unit"].virtual_timeouts = True  # a silence fails at once
    assert unit.id == unit.query("*IDN?")
    check(unit)
    assert unit.system.error().lstrip("+").startswith('0,"No error')
    unit.disconnect()
