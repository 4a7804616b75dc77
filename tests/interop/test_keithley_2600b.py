"""Unmodified drivers of QCoDeS, PyMeasure and the package keithley2600 on every simulated model of the Series 2600B."""

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

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import keithley2600.keithley_driver as package  # the package itself keeps instances
    import qcodes.instrument_drivers.Keithley
    from pymeasure.instruments import keithley as pymeasure_keithley
    from qcodes.dataset import LinSweep

pytestmark = [
    pytest.mark.interop,
    # What other packages do at import or on collection is theirs.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning"),
]

ADDRESS = "TCPIP0::192.0.2.26::inst0::INSTR"


@pytest.fixture(params=["2602B", "2612B", "2634B", "2636B"])
def model(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def library(model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A unit of that model with 1 MΩ on channel a and 1 kΩ on b; what waits on the wall waits on nothing."""
    import pyvisa_ecramlab  # noqa: F401  # sets its own builder, which this test replaces

    def build(_: Path) -> EmulatedBench:
        harness = Harness(VirtualClock())
        surroundings = Surroundings("smu", harness, noise=False, accuracy=False)
        instrument = create(f"keithley_{model.lower()}", surroundings)
        harness.add_resistor("smu.a", "ground", 1e6)
        harness.add_resistor("smu.b", "ground", 1e3)
        return EmulatedBench(harness, {"smu": instrument}, {ADDRESS: "smu"})

    monkeypatch.setattr(benches._registry, "builder", build)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    path = tmp_path / "bench.yaml"
    path.write_text(f"title: one {model}\n", encoding="utf-8")
    return f"{path}@ecramlab"


def errors_waiting(library: str) -> int:
    return len(visa.bench(library.removesuffix("@ecramlab")).instruments["smu"].errors)  # type: ignore[attr-defined]


class TestQCoDeS:
    @pytest.fixture
    def smu(self, model: str, library: str) -> Iterator[Any]:
        driver = getattr(qcodes.instrument_drivers.Keithley, "Keithley" + model)
        with contextlib.closing(driver("smu", ADDRESS, visalib=library)) as smu:
            yield smu

    def test_every_range_and_limit_of_its_own_tables_is_one_of_the_unit(
        self, smu: Any, model: str, library: str
    ) -> None:
        """An independent list of what each model has."""
        for volts in smu._vranges[model]:
            smu.smua.limiti(1e-3)
            smu.smua.sourcerange_v(volts)
            assert smu.smua.sourcerange_v() == volts
        smu.smua.limitv(1)
        for amperes in smu._iranges[model]:
            for parameter in (smu.smua.sourcerange_i, smu.smua.measurerange_i):
                parameter(amperes)
                assert parameter() == pytest.approx(amperes)
        for limit in (smu._vlimit_minmax[model][0], 1.0):
            smu.smub.limitv(limit)
            assert smu.smub.limitv() == pytest.approx(limit)
        smu.smub.limiti(smu._ilimit_minmax[model][0])
        assert smu.smub.limiti() == pytest.approx(smu._ilimit_minmax[model][0])
        assert errors_waiting(library) == 0

    def test_identity_and_snapshot(self, smu: Any, model: str, library: str) -> None:
        assert smu.get_idn()["model"] == model
        smu.snapshot(update=True)
        assert errors_waiting(library) == 0

    def test_source_measure_and_compliance(self, smu: Any) -> None:
        smu.smua.mode("voltage")
        smu.smua.limiti(1e-3)
        smu.smua.volt(0.5)
        smu.smua.output("on")
        assert smu.smua.curr() == pytest.approx(0.5e-6, rel=1e-3)
        assert smu.smua.res() == pytest.approx(1e6, rel=1e-3)
        smu.smub.limiti(1e-4)
        smu.smub.volt(1)
        smu.smub.output("on")
        assert smu.smub.curr() == pytest.approx(1e-4, rel=1e-3)
        assert smu.smub.curr.measurement_status.name == "CURRENT_COMPLIANCE_ERROR"

    def test_fast_sweep_and_time_trace(self, smu: Any, library: str) -> None:
        """The 2602B and the 2612B wait for no settling after a reset: 2 % of each step are still missing at 1 PLC."""
        smu.smua.setup_fastsweep(LinSweep(smu.smua.volt, 0.1, 1, 10), mode="IV")
        assert list(smu.smua.fastsweep()) == pytest.approx([k * 1e-7 for k in range(1, 11)], abs=3e-9)
        smu.smub.volt(0.1)
        smu.smub.output("on")
        smu.smub.curr()
        smu.smub.timetrace_npts(10)
        smu.smub.timetrace_dt(0.05)
        assert list(smu.smub.timetrace()) == pytest.approx([1e-4] * 10, rel=1e-3)
        assert errors_waiting(library) == 0


class TestPyMeasure:
    @pytest.fixture
    def smu(self, library: str) -> Iterator[Any]:
        smu = pymeasure_keithley.Keithley2600(ADDRESS, visa_library=library, read_termination="\n")
        yield smu
        smu.adapter.close()

    def test_voltage_ramp_and_shutdown(self, smu: Any, library: str) -> None:
        smu.ChA.apply_voltage(compliance_current=1e-3)
        smu.ChA.source_output = "ON"
        smu.ChA.ramp_to_voltage(0.5, steps=5, pause=0)
        assert smu.ChA.current == pytest.approx(0.5e-6, rel=1e-3)
        assert smu.ChA.voltage == pytest.approx(0.5, rel=1e-4)
        smu.ChA.shutdown()
        assert smu.ChA.source_output == "OFF"
        assert errors_waiting(library) == 0

    def test_current_source_and_autorange(self, smu: Any, library: str) -> None:
        smu.ChB.apply_current(compliance_voltage=5)
        smu.ChB.source_current = 1e-3
        smu.ChB.source_output = "ON"
        smu.ChB.auto_range_source()
        assert smu.ChB.voltage == pytest.approx(1.0, rel=1e-3)
        assert errors_waiting(library) == 0

    def test_settings_read_back(self, smu: Any) -> None:
        for name, value in (("compliance_current", 1e-4), ("current_range", 1e-3), ("wires_mode", "4")):
            setattr(smu.ChB, name, value)
            assert getattr(smu.ChB, name) == value


class TestKeithley2600Package:
    @pytest.fixture
    def smu(self, library: str) -> Iterator[Any]:
        smu = package.Keithley2600(ADDRESS, visa_library=library, raise_keithley_errors=True)
        assert smu.connected
        yield smu
        smu.disconnect()

    def test_sweeps_of_both_channels(self, smu: Any, model: str) -> None:
        assert smu.localnode.model.upper() == model
        levels = [0.05 * k for k in range(1, 11)]
        voltage, current = smu.voltage_sweep_single_smu(smu.smua, levels, t_int=0.01, delay=-1, pulsed=False)
        assert voltage == pytest.approx(levels, rel=1e-3)
        assert current == pytest.approx([level / 1e6 for level in levels], rel=1e-3)

    def test_output_curve(self, smu: Any) -> None:
        table = smu.output_measurement(
            smu.smua, smu.smub, vd_start=0, vd_stop=1, vd_step=0.5, vg_list=[0.1], t_int=0.01, delay=-1, pulsed=False
        )
        assert list(table.data[:, 0]) == pytest.approx([0, 0.5, 1, 1, 0.5, 0])

    def test_errors_are_raised(self, smu: Any) -> None:
        with pytest.raises(Exception, match="Parameter too big"):
            smu.smua.source.levelv = 1e6
