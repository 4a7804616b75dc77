"""Unmodified drivers of other projects on the simulated Keithley instruments: independent witnesses of the dialogue."""

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

SMU = "TCPIP0::192.0.2.26::inst0::INSTR"
SMU_SOCKET = "TCPIP0::192.0.2.26::5025::SOCKET"
MATRIX = "GPIB0::16::INSTR"


def build(path: Path) -> EmulatedBench:
    """A 2636B (1 MΩ on a, 1 kΩ on b) and a 707B whose column 1 of slot 1 goes to channel a."""
    harness = Harness(VirtualClock())
    around = {name: Surroundings(name, harness, noise=False, accuracy=False) for name in ("smu", "matrix")}
    instruments = {
        "smu": create("keithley_2636b", around["smu"]),
        "matrix": create("keithley_707b", around["matrix"], cards={1: "7072", 2: "7174A"}),
    }
    harness.add_resistor("smu.a", "ground", 1e6)
    harness.add_resistor("smu.b", "ground", 1e3)
    harness.connect("smu.a", "matrix.101")
    harness.add_resistor("matrix.205", "ground", 1e6)
    return EmulatedBench(harness, instruments, {SMU: "smu", SMU_SOCKET: "smu", MATRIX: "matrix"})


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    import pyvisa_ecramlab  # noqa: F401  # sets its own builder, which this test replaces

    path = tmp_path / "bench.yaml"
    path.write_text("title: two Keithleys\n", encoding="utf-8")
    monkeypatch.setattr(benches._registry, "builder", build)
    return f"{path}@ecramlab"


@pytest.fixture
def twin(library: str) -> EmulatedBench:
    return visa.bench(library.removesuffix("@ecramlab"))


def instant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients that wait on the wall wait on nothing here: the emulated time is that of the bench."""
    monkeypatch.setattr(time, "sleep", lambda _: None)


class TestQCoDeS:
    @pytest.fixture
    def smu(self, library: str) -> Iterator[Any]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            drivers = pytest.importorskip("qcodes.instrument_drivers.Keithley")
        with contextlib.closing(drivers.Keithley2636B("smu", SMU, visalib=library)) as smu:
            yield smu

    def test_identity(self, smu: Any) -> None:
        assert smu.model == "2636B"
        assert smu.get_idn()["model"] == "2636B"

    def test_source_and_measure(self, smu: Any) -> None:
        smu.smua.mode("voltage")
        smu.smua.volt(0.5)
        smu.smua.output("on")
        assert smu.smua.curr() == pytest.approx(0.5e-6, rel=1e-3)
        assert smu.smua.volt() == pytest.approx(0.5, rel=1e-4)
        assert smu.smua.res() == pytest.approx(1e6, rel=1e-3)
        assert smu.smua.curr.measurement_status.name == "NORMAL"

    def test_compliance_is_seen(self, smu: Any) -> None:
        smu.smub.limiti(1e-4)
        smu.smub.volt(1)
        smu.smub.output("on")
        assert smu.smub.curr() == pytest.approx(1e-4, rel=1e-3)
        assert smu.smub.curr.measurement_status.name == "CURRENT_COMPLIANCE_ERROR"

    def test_every_parameter_can_be_read(self, smu: Any, twin: EmulatedBench) -> None:
        snapshot = smu.snapshot(update=True)
        values = snapshot["submodules"]["smua"]["parameters"]
        assert values["limitv"]["value"] == 20
        assert values["sourcerange_v"]["value"] == 0.2
        assert len(twin.instruments["smu"].errors) == 0  # type: ignore[attr-defined]

    def test_fast_sweep(self, smu: Any) -> None:
        from qcodes.dataset import LinSweep

        smu.smua.nplc(0.05)
        smu.smua.setup_fastsweep(LinSweep(smu.smua.volt, 0.1, 1, 10), mode="IV")
        assert list(smu.smua.fastsweep()) == pytest.approx([k * 1e-7 for k in range(1, 11)], rel=1e-2)

    def test_time_trace(self, smu: Any) -> None:
        smu.smua.volt(1)
        smu.smua.output("on")
        smu.smua.curr()
        smu.smua.timetrace_npts(20)
        smu.smua.timetrace_dt(0.05)
        assert list(smu.smua.timetrace()) == pytest.approx([1e-6] * 20, rel=1e-3)

    def test_reset(self, smu: Any) -> None:
        smu.smua.output("on")
        smu.reset()
        assert not smu.smua.output()

    def test_a_matrix_of_the_same_command_set(self, library: str, smu: Any) -> None:
        """The 3706A driver sends what a 707B understands; the channel that it closes changes the current of the SMU."""
        drivers = pytest.importorskip("qcodes.instrument_drivers.Keithley")
        smu.smua.volt(1)
        smu.smua.output("on")
        with contextlib.closing(drivers.Keithley3706A("matrix", MATRIX, visalib=library)) as matrix:
            assert matrix.ask("channel.getclose('allslots')") == "nil"
            before = smu.smua.curr()
            matrix.write("channel.close('1A01,2A05')")
            assert matrix.ask("channel.getclose('allslots')") == "1A01;2A05"
            assert matrix.channel_connect_rule() == "BREAK_BEFORE_MAKE"
            assert [card["slot_no"] for card in matrix.get_switch_cards()] == ["1", "2"]
            assert {state["state"][:7] for state in matrix.get_interlock_state()} == {"No card"}
            assert smu.smua.curr() == pytest.approx(2 * before, rel=1e-3)


class TestPyMeasure:
    @pytest.fixture
    def smu(self, library: str) -> Iterator[Any]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            keithley = pytest.importorskip("pymeasure.instruments.keithley")
        smu = keithley.Keithley2600(SMU, visa_library=library, read_termination="\n")
        yield smu
        smu.adapter.close()

    def test_source_and_measure(self, smu: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        instant(monkeypatch)
        smu.ChA.apply_voltage(compliance_current=1e-3)
        smu.ChA.source_voltage = 0.5
        smu.ChA.source_output = "ON"
        assert smu.ChA.current == pytest.approx(0.5e-6, rel=1e-3)
        assert smu.ChA.voltage == pytest.approx(0.5, rel=1e-4)
        assert smu.ChA.resistance == pytest.approx(1e6, rel=1e-3)
        smu.ChA.ramp_to_voltage(1.0, steps=5, pause=0)
        assert smu.ChA.source_voltage == pytest.approx(1)
        smu.ChA.shutdown()
        assert smu.ChA.source_output == "OFF"

    def test_settings_read_back(self, smu: Any) -> None:
        channel = smu.ChB
        for name, value in (("compliance_current", 1e-4), ("source_voltage_range", 2.0),
                            ("current_range", 1e-3), ("wires_mode", "4")):  # fmt: skip
            setattr(channel, name, value)
            assert getattr(channel, name) == value

    def test_errors_are_read(self, smu: Any) -> None:
        smu.write("smua.source.levelv=1e6")
        assert smu.next_error[:2] == (1101, "Parameter too big")
        assert smu.next_error[0] == 0


class TestKeithley2600Package:
    """keithley2600 walks the command tree through `next` and `getmetatable` and runs sweeps on the trigger model."""

    @pytest.fixture
    def smu(self, library: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            package = pytest.importorskip("keithley2600.keithley_driver")  # the package itself keeps instances
        instant(monkeypatch)
        smu = package.Keithley2600(SMU, visa_library=library, raise_keithley_errors=True)
        assert smu.connected
        yield smu
        smu.disconnect()

    def test_walks_the_tree(self, smu: Any) -> None:
        assert {"source", "measure", "trigger", "nvbuffer1", "reset", "OUTPUT_DCVOLTS"} <= set(dir(smu.smua))
        assert smu.localnode.model in ("2636B", "2636b")
        with pytest.raises(AttributeError):
            smu.smua.source.levelw  # noqa: B018
        with pytest.raises(AttributeError, match="read-only"):
            smu.smua.source.compliance = True

    def test_apply_and_measure(self, smu: Any) -> None:
        smu.apply_voltage(smu.smua, 0.5)
        assert smu.measure_current(smu.smua) == pytest.approx(0.5e-6, rel=1e-3)
        assert smu.measure_voltage(smu.smua) == pytest.approx(0.5, rel=1e-4)
        smu.ramp_to_voltage(smu.smua, 1.0, delay=0, step_size=0.25)
        assert smu.smua.source.levelv == 1
        smu.apply_current(smu.smub, 1e-3)
        assert smu.measure_voltage(smu.smub) == pytest.approx(1, rel=1e-3)

    def test_errors_are_raised(self, smu: Any) -> None:
        with pytest.raises(Exception, match="Parameter too big"):
            smu.smua.source.levelv = 1e6

    def test_sweep_of_one_channel(self, smu: Any) -> None:
        levels = [0.1 * k for k in range(1, 11)]
        voltage, current = smu.voltage_sweep_single_smu(smu.smua, levels, t_int=0.01, delay=-1, pulsed=False)
        assert voltage == pytest.approx(levels, rel=1e-4)
        assert current == pytest.approx([level / 1e6 for level in levels], rel=1e-3)

    def test_a_long_list_goes_over_in_pieces(self, smu: Any) -> None:
        levels = [0.01 * k for k in range(1, 61)]
        voltage, _ = smu.voltage_sweep_single_smu(smu.smua, levels, t_int=0.001, delay=-1, pulsed=True)
        assert voltage == pytest.approx(levels, rel=1e-3)

    def test_transfer_curve(self, smu: Any) -> None:
        table = smu.transfer_measurement(
            smu.smua, smu.smub, vg_start=0, vg_stop=1, vg_step=0.25, vd_list=[0.5], t_int=0.01, delay=-1, pulsed=False
        )
        gate = table.data[:, 0]
        drain = table.data[:, 2]  # source, drain, gate current
        leak = table.data[:, 3]
        assert list(gate) == pytest.approx([0, 0.25, 0.5, 0.75, 1, 1, 0.75, 0.5, 0.25, 0])
        assert list(drain) == pytest.approx([0.5e-3] * 10, rel=1e-3)
        assert list(leak) == pytest.approx([v / 1e6 for v in gate], rel=1e-2, abs=1e-9)


def test_binary_blocks_over_a_stream(library: str) -> None:
    """A socket knows no END: the client reads the length it expects."""
    import pyvisa

    with (
        contextlib.closing(pyvisa.ResourceManager(library)) as manager,
        contextlib.closing(manager.open_resource(SMU_SOCKET, read_termination="\n")) as raw,
    ):
        smu: Any = raw
        smu.write("format.data = format.REAL64 printbuffer(1, 3, {1, 2.5, -4})")
        assert smu.read_bytes(2 + 24 + 1)[:2] == b"#0"
        smu.write("format.data = format.ASCII")
        assert smu.query("print(1)") == "1.00000e+00"
