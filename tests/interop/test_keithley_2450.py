"""Unmodified 2450 drivers of QCoDeS and PyMeasure on the simulated 2450: independent witnesses of the dialogue."""

from __future__ import annotations

import contextlib
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator import Harness, VirtualClock
from sim_instruments import bench as benches
from sim_instruments import visa
from sim_instruments.bench import EmulatedBench
from sim_instruments.instrument import Surroundings
from sim_instruments.registry import create

pytestmark = [
    pytest.mark.interop,
    # What other packages do at import or on collection is theirs.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning"),
]

ADDRESS = "TCPIP0::192.0.2.18::inst0::INSTR"
NO_ERROR = '0,"No error;0;0 0"'


def build(path: Path) -> EmulatedBench:
    """A 2450 with 1 MΩ to ground."""
    harness = Harness(VirtualClock())
    unit = create("keithley_2450", Surroundings("smu", harness, noise=False, accuracy=False))
    harness.add_resistor("smu.1", "ground", 1e6)
    return EmulatedBench(harness, {"smu": unit}, {ADDRESS: "smu"})


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    import pyvisa_ecramlab  # noqa: F401  # sets its own builder, which this test replaces

    path = tmp_path / "bench.yaml"
    path.write_text("title: one 2450\n", encoding="utf-8")
    monkeypatch.setattr(benches._registry, "builder", build)
    return f"{path}@ecramlab"


@pytest.fixture
def twin(library: str) -> EmulatedBench:
    return visa.bench(library.removesuffix("@ecramlab"))


class TestQCoDeS:
    @pytest.fixture
    def smu(self, library: str) -> Iterator[Any]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            drivers = pytest.importorskip("qcodes.instrument_drivers.Keithley")
        with contextlib.closing(drivers.Keithley2450("smu", ADDRESS, visalib=library)) as smu:
            yield smu
            assert smu.ask(":SYST:ERR?") == NO_ERROR

    def test_identity(self, smu: Any) -> None:
        assert (smu.get_idn()["vendor"], smu.get_idn()["model"]) == ("KEITHLEY INSTRUMENTS", "2450")

    def test_source_voltage_and_measure_current(self, smu: Any) -> None:
        smu.source_function("voltage")
        smu.sense_function("current")
        smu.source.range(2)
        smu.source.limit(1e-5)
        smu.source.voltage(0.5)
        with smu.output_enabled.set_to(True):
            assert smu.sense.current() == pytest.approx(0.5e-6, rel=1e-4)
            assert not smu.source.limit_tripped()
            smu.source.limit(1e-7)
            assert smu.source.limit_tripped()
        assert not smu.output_enabled()

    def test_source_current_and_measure_voltage(self, smu: Any) -> None:
        smu.source_function("current")
        smu.sense_function("voltage")
        smu.source.current(1e-6)
        with smu.output_enabled.set_to(True):
            assert smu.sense.voltage() == pytest.approx(1.0, rel=1e-4)

    def test_a_linear_sweep(self, smu: Any) -> None:
        smu.sense_function("current")
        smu.source_function("voltage")
        smu.source.sweep_setup(0, 1, 11)
        with smu.output_enabled.set_to(True):
            currents = smu.sense.sweep()
        assert list(currents) == pytest.approx([k * 1e-7 for k in range(11)], abs=1e-12)

    def test_settings_read_back(self, smu: Any) -> None:
        values = {"range": 20, "auto_range": True, "limit": 1e-3, "delay": 0.25, "auto_delay": False,
                  "read_back_enabled": False}  # fmt: skip
        for name, value in values.items():
            smu.source.parameters[name].set(value)
        found = {name: smu.source.parameters[name].get() for name in values}
        assert float(found.pop("delay")) == 0.25
        assert float(found.pop("range")) == 0.02  # the autorange at 0 V
        assert found == {name: value for name, value in values.items() if name not in ("delay", "range")}
        smu.source.user_number(3)
        smu.source.user_delay(0.5)
        assert smu.source.user_delay() == 0.5
        sense = {"range": 1e-3, "auto_range": False, "nplc": 0.1, "auto_zero_enabled": False,
                 "four_wire_measurement": True, "count": 5}  # fmt: skip
        for name, value in sense.items():
            smu.sense.parameters[name].set(value)
            found_value = smu.sense.parameters[name].get()
            assert (found_value if isinstance(value, bool) else float(found_value)) == value, name
        smu.sense.auto_zero_once()
        assert smu.line_frequency() == "50"
        smu.terminals("rear")
        assert smu.terminals() == "REAR"

    def test_a_buffer_of_its_own_with_elements(self, smu: Any) -> None:
        with smu.buffer("mine", 20) as buffer:
            buffer.elements(["time", "measurement", "source_value", "measurement_unit"])
            smu.source.voltage(1)
            with smu.output_enabled.set_to(True):
                buffer.trigger_start()
                buffer.trigger_start()
            assert (buffer.size(), buffer.number_of_readings()) == (20, 2)
            _, current, source, unit = buffer.get_last_reading().split(",")
            assert (float(current), float(source)) == pytest.approx((1e-6, 1.0), rel=1e-4)
            assert unit == "Amp DC"
            assert len(buffer.get_data(1, 2)) == 8
            assert buffer.get_data(1, 2, readings_only=True) == pytest.approx([1e-6, 1e-6], rel=1e-4)
            buffer.clear_buffer()
            assert buffer.number_of_readings() == 0

    def test_every_parameter_can_be_read(self, smu: Any) -> None:
        for part in smu.submodules.values():
            if "user_number" in part.parameters:
                part.user_number(1)  # the driver asks for "USERNone" otherwise, which has no reply
        snapshot = smu.snapshot(update=True)
        source = snapshot["submodules"]["_source_voltage"]["parameters"]
        assert source["limit"]["value"] == pytest.approx(105e-6)
        assert snapshot["submodules"]["_sense_voltage"]["parameters"]["nplc"]["value"] == "1"

    def test_reset_and_the_rest(self, smu: Any) -> None:
        smu.output_enabled(True)
        smu.abort()
        smu.wait()
        smu.clear_event_register()
        smu.clear_event_log()
        smu.reset()
        assert not smu.output_enabled()


PROPERTIES = {
    "source_mode": "current", "current_range": 1e-4, "current_nplc": 0.5, "compliance_current": 1e-3,
    "source_current_range": 1e-3, "source_current": 1e-4, "source_current_delay": 0.1,
    "source_current_delay_auto": True, "voltage_range": 20, "voltage_nplc": 2, "compliance_voltage": 12,
    "source_voltage_range": 20, "source_voltage": 3, "source_voltage_delay": 0.1, "source_voltage_delay_auto": True,
    "resistance_range": 2e5, "resistance_nplc": 1, "wires": 4, "buffer_points": 50, "current_filter_type": "MOV",
    "current_filter_count": 4, "voltage_filter_type": "REP", "voltage_filter_count": 7,
    "current_output_off_state": "HIMP", "voltage_output_off_state": "ZERO",
}  # fmt: skip


class TestPyMeasure:
    @pytest.fixture
    def smu(self, library: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            keithley = pytest.importorskip("pymeasure.instruments.keithley")
        monkeypatch.setattr(time, "sleep", lambda _: None)
        smu = keithley.Keithley2450(ADDRESS, visa_library=library, read_termination="\n")
        yield smu
        smu.adapter.close()

    def test_current_of_a_voltage(self, smu: Any) -> None:
        smu.reset()
        smu.apply_voltage(voltage_range=2, compliance_current=1e-5)
        smu.measure_current(nplc=0.1, current=1e-6, auto_range=False)
        smu.source_voltage = 0.5
        smu.enable_source()
        assert smu.source_enabled
        assert smu.current == pytest.approx(0.5e-6, rel=1e-4)
        smu.ramp_to_voltage(1.0, steps=5)
        assert smu.current == pytest.approx(1e-6, rel=1e-4)
        assert smu.ask(":SYST:ERR?") == NO_ERROR

    def test_voltage_of_a_current_and_shutdown(self, smu: Any, twin: EmulatedBench) -> None:
        smu.apply_current(current_range=1e-5, compliance_voltage=5)
        smu.measure_voltage(voltage=20, auto_range=False)
        smu.source_current = 1e-6
        smu.enable_source()
        assert smu.voltage == pytest.approx(1.0, rel=1e-4)
        smu.measure_resistance()
        assert smu.resistance == pytest.approx(1e6, rel=1e-3)
        smu.shutdown()
        assert twin.harness.probe(twin.harness.ports["smu.1"]).voltage == 0.0

    def test_every_property_reads_back(self, smu: Any) -> None:
        for name, value in PROPERTIES.items():
            setattr(smu, name, value)
            found = getattr(smu, name)
            assert (pytest.approx(value) if isinstance(value, float) else value) == found, name
        smu.use_rear_terminals()
        smu.use_front_terminals()
        smu.beep(400, 0.5)
        assert smu.ask(":SYST:ERR?") == NO_ERROR

    def test_errors_are_read(self, smu: Any) -> None:
        smu.write(":SOUR:VOLT 500")
        code, text, *_ = smu.next_error
        assert int(code) == -222
        assert "Data out of range" in text

    def test_the_trace_buffer_of_the_2400_is_refused_as_the_native_command_set_does(self, smu: Any) -> None:
        smu.write(":TRAC:FEED SENSE;:TRAC:FEED:CONT NEXT;")
        assert smu.ask(":SYST:ERR?").startswith("-113,")
        assert smu.ask(":SYST:ERR?").startswith("-113,")
