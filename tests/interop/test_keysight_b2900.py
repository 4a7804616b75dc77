"""Unmodified drivers of QCoDeS and PyMeasure on the simulated B2902B.

Neither package has a driver of this model; both have one of a sister with the same command set: the B2962A power source
(QCoDeS) and the source and trigger parts of the B2987 electrometer (PyMeasure).
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import pyvisa

from drivers import conformance, open_driver
from drivers.keysight_b2900 import KeysightB2902B
from emulator import Harness, VirtualClock
from sim_instruments import bench as benches
from sim_instruments.bench import EmulatedBench
from sim_instruments.instrument import Surroundings
from sim_instruments.registry import create

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pymeasure.instruments.agilent import AgilentB2987
    from qcodes.instrument_drivers.Keysight import KeysightB2962A

pytestmark = [
    pytest.mark.interop,
    # What other packages do at import or on collection is theirs.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning"),
]

ADDRESS = "TCPIP0::192.0.2.23::inst0::INSTR"
SOCKET = "TCPIP0::192.0.2.23::5025::SOCKET"


def build(path: Path) -> EmulatedBench:
    """A B2902B with 1 MΩ from each channel to ground."""
    harness = Harness(VirtualClock())
    unit = create("keysight_b2902b", Surroundings("smu", harness, noise=False, accuracy=False))
    for channel in "12":
        harness.add_resistor(f"smu.{channel}", "ground", 1e6)
    return EmulatedBench(harness, {"smu": unit}, {ADDRESS: "smu", SOCKET: "smu"})


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    import pyvisa_ecramlab  # noqa: F401  # sets its own builder, which this test replaces

    path = tmp_path / "bench.yaml"
    path.write_text("title: one B2902B\n", encoding="utf-8")
    monkeypatch.setattr(benches._registry, "builder", build)
    return f"{path}@ecramlab"


class TestQCoDeS:
    @pytest.fixture
    def smu(self, library: str) -> Iterator[Any]:
        with contextlib.closing(KeysightB2962A("smu", ADDRESS, visalib=library)) as smu:
            yield smu
            assert smu.ask(":SYST:ERR?") == '+0,"No error"'

    def test_identity(self, smu: Any) -> None:
        assert (smu.get_idn()["vendor"], smu.get_idn()["model"]) == ("Keysight Technologies", "B2902B")

    def test_a_voltage_and_its_current(self, smu: Any) -> None:
        smu.ch2.source_mode("voltage")
        smu.ch2.current_limit(1e-5)
        smu.ch2.source_voltage(0.5)
        smu.ch2.enable(True)
        assert smu.ch2.current() == pytest.approx(0.5e-6, rel=1e-3)
        assert smu.ch2.voltage() == pytest.approx(0.5, rel=1e-6)
        assert not smu.ch1.enable()
        smu.ch2.enable(False)
        assert not smu.ch2.enable()

    def test_a_current_and_its_voltage(self, smu: Any) -> None:
        smu.ch1.source_mode("current")
        smu.ch1.voltage_limit(5)
        smu.ch1.source_current(1e-6)
        smu.ch1.remote_sensing(True)
        smu.ch1.enable(True)
        assert smu.ch1.voltage() == pytest.approx(1.0, rel=1e-6)

    def test_every_parameter_can_be_read(self, smu: Any) -> None:
        parameters = smu.snapshot(update=True)["submodules"]["ch1"]["parameters"]
        assert parameters["current_limit"]["value"] == pytest.approx(100e-6)
        assert parameters["source_mode"]["value"] == "voltage"


class TestPyMeasure:
    @pytest.fixture
    def smu(self, library: str) -> Iterator[Any]:
        smu = AgilentB2987(ADDRESS, visa_library=library, read_termination="\n", write_termination="\n")
        yield smu
        assert smu.ask(":SYST:ERR?") == '+0,"No error"'
        smu.adapter.close()

    def test_triggered_readings(self, smu: Any) -> None:
        smu.source_voltage = 0.5
        smu.source_off_state = "ZERO"
        smu.source_enabled = True
        smu.arm_acquisition_count = 2
        smu.trigger_acquisition_source = "TIM"
        smu.trigger_acquisition_timer = 0.01
        smu.trigger_acquisition_count = 5
        smu.init_acquisition()
        assert smu.values(":FETC:ARR:CURR?") == pytest.approx([0.5e-6] * 10, rel=1e-3)
        assert smu.trigger_acquisition_is_idle
        assert smu.current == pytest.approx(0.5e-6, rel=1e-3)
        assert smu.interlock_enabled
        smu.abort()

    @pytest.mark.parametrize("action", ["acquisition", "transient"])
    @pytest.mark.parametrize("layer", ["arm", "trigger"])
    def test_every_setting_of_a_layer_reads_back(self, smu: Any, layer: str, action: str) -> None:
        values = {"count": 3, "delay": 0.25, "source": "BUS", "timer": 0.5, "output_signal": "EXT3",
                  "output_enabled": True}  # fmt: skip
        for name, value in values.items():
            setattr(smu, f"{layer}_{action}_{name}", value)
            assert getattr(smu, f"{layer}_{action}_{name}") == value, name
        setattr(smu, f"{layer}_all_count", 7)
        assert getattr(smu, f"{layer}_{action}_count") == 7


@pytest.mark.parametrize("address", [ADDRESS, SOCKET])
def test_our_driver_over_visa(library: str, address: str) -> None:
    """Blocks and text over a message link and over a raw socket."""
    manager = pyvisa.ResourceManager(library)
    driver = open_driver("keysight_b2902b", manager.open_resource(address), label="smu")  # type: ignore[arg-type]
    assert isinstance(driver, KeysightB2902B)
    findings = conformance.check_source_measure_unit(driver.channel("1"), resistance=1e6)
    assert [finding for finding in findings if not finding.passed] == []
    driver.close()
    manager.close()
