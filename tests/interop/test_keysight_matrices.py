"""Unmodified QCoDeS drivers on the simulated switch matrices of Keysight, and our own driver over PyVISA."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import pyvisa

from drivers import conformance, open_driver
from drivers.roles import SwitchMatrix
from emulator import Harness, Port, VirtualClock, VoltageSource
from sim_instruments import bench as benches
from sim_instruments.bench import EmulatedBench
from sim_instruments.instrument import Surroundings
from sim_instruments.registry import create

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from qcodes.instrument_drivers.Keysight import Keysight34980A, KeysightB2200

pytestmark = [
    pytest.mark.interop,
    # What other packages do at import or on collection is theirs.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning"),
]

B2200A = "GPIB0::22::INSTR"
K34980A = "TCPIP0::192.0.2.9::5025::SOCKET"


class Lab:
    """A B2200A whose input 1 carries 1 V and whose output 5 goes to ground through 1 kΩ; a 34980A with row 2 and
    column 5 of slot 1 likewise. Slot 3 holds a module without terminal block.
    """

    def __init__(self, path: Path) -> None:
        self.harness = Harness(VirtualClock())
        switch = create("keysight_b2200a", Surroundings("switch", self.harness))
        self.port = self._source("switch.1")
        self.harness.add_resistor("switch.005", "ground", 1e3)
        modules = {"modules": {1: "8x64", 3: "4x32"}, "without_terminal_block": [3]}
        mainframe = create("keysight_34980a", Surroundings("mainframe", self.harness), **modules)
        self.row = self._source("mainframe.R102")
        self.harness.add_resistor("mainframe.C1005", "ground", 900.0)
        units = {"switch": switch, "mainframe": mainframe}
        self.bench = EmulatedBench(self.harness, units, {B2200A: "switch", K34980A: "mainframe"})
        self.library = f"{path}@ecramlab"

    def _source(self, node: str) -> Port:
        port = self.harness.add_port(f"source_{node}")
        port.drive = VoltageSource(1.0, 0.0, 1.0)
        self.harness.connect(port.name, node)
        return port

    def current(self, port: Port) -> float:
        return float(self.harness.probe(port).current)


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    import pyvisa_ecramlab  # noqa: F401  # sets its own builder, which this test replaces

    path = tmp_path / "bench.yaml"
    path.write_text("title: two matrices\n", encoding="utf-8")
    lab = Lab(path)
    monkeypatch.setattr(benches._registry, "builder", lambda _: lab.bench)
    return lab


@pytest.mark.parametrize(("model", "address"), [("keysight_b2200a", B2200A), ("keysight_34980a", K34980A)])
def test_our_driver_over_visa(lab: Lab, model: str, address: str) -> None:
    manager = pyvisa.ResourceManager(lab.library)
    driver = open_driver(model, manager.open_resource(address), label="matrix")  # type: ignore[arg-type]
    assert isinstance(driver, SwitchMatrix)
    findings = conformance.check_switch_matrix(driver)
    assert [finding for finding in findings if not finding.passed] == []
    driver.close()
    manager.close()


class TestB2200A:
    @pytest.fixture
    def switch(self, lab: Lab) -> Iterator[Any]:
        with contextlib.closing(KeysightB2200("switch", B2200A, visalib=lab.library)) as switch:
            yield switch
            assert switch.get_error() == '+0,"No error"'

    def test_identity(self, switch: Any) -> None:
        assert (switch.get_idn()["vendor"], switch.get_idn()["model"]) == ("AGILENT", "B2200A")

    def test_a_path_carries_the_current(self, lab: Lab, switch: Any) -> None:
        switch.connect(1, 5)
        assert switch.connections() == {(1, 5)}
        assert lab.current(lab.port) == pytest.approx(1e-3)
        switch.connect_paths([(2, 48), (10, 12)])
        assert switch.connections() == {(1, 5), (2, 48), (10, 12)}
        switch.disconnect(1, 5)
        switch.disconnect_paths([(2, 48)])
        assert switch.connections() == {(10, 12)}
        switch.disconnect_all()
        assert switch.connections() == set()

    def test_every_setting_reads_back(self, switch: Any) -> None:
        values = {"connection_rule": "single", "connection_sequence": "mbb", "bias_input_port": 9, "gnd_input_port": 11,
                  "unused_inputs": [5, 6, 7], "couple_ports": [1, 3], "couple_mode": True}  # fmt: skip
        with pytest.warns(UserWarning, match="free"):
            switch.connection_rule("single")
        for name, value in values.items():
            switch.parameters[name](value)
            assert switch.parameters[name]() == value, name

    def test_bias_of_one_output(self, switch: Any) -> None:
        switch.bias_disable_all_outputs()
        switch.bias_enable_output(7)
        switch.bias_mode(True)
        assert switch.connections() == {(10, 7)}
        switch.bias_disable_output(7)
        assert switch.connections() == set()
        switch.bias_enable_all_outputs()
        assert len(switch.connections()) == 48

    def test_ground_of_one_output(self, switch: Any) -> None:
        switch.gnd_disable_all_outputs()
        switch.gnd_enable_output(7)
        switch.gnd_mode(True)
        assert switch.connections() == {(12, 7)}
        switch.gnd_disable_output(7)
        switch.gnd_mode(False)
        switch.gnd_enable_all_outputs()
        assert switch.connections() == set()
        switch.couple_port_autodetect()
        switch.reset()

    def test_a_mistake_is_seen_in_the_status(self, switch: Any) -> None:
        switch.bias_mode(True)
        with pytest.warns(UserWarning, match="STB was: 16"):
            switch.connect(10, 5)
        assert switch.get_error().startswith("-220")


class Test34980A:
    @pytest.fixture
    def mainframe(self, lab: Lab) -> Iterator[Any]:
        with contextlib.closing(Keysight34980A("mainframe", K34980A, visalib=lab.library)) as mainframe:
            yield mainframe
            assert mainframe.get_error() == '+0,"No error"'

    def test_modules_are_found(self, mainframe: Any) -> None:
        assert mainframe.get_idn()["model"] == "34980A"
        assert mainframe.system_slots_info[1]["model"] == "34934A-8x64"
        assert sorted(mainframe.system_slots_info) == [1, 3]
        assert (mainframe.module[1].row, mainframe.module[1].column) == (8, 64)
        assert (mainframe.module[3].row, mainframe.module[3].column) == (4, 32)

    def test_a_crosspoint_carries_the_current_through_its_protection(self, lab: Lab, mainframe: Any) -> None:
        module = mainframe.module[1]
        assert module.protection_mode() == "AUTO100"
        module.connect(2, 5)
        assert module.is_closed(2, 5)
        assert lab.current(lab.row) == pytest.approx(1e-3)
        module.protection_mode("AUTO0")
        assert lab.current(lab.row) == pytest.approx(1.0 / 900.0)
        module.disconnect(2, 5)
        assert module.is_open(2, 5)
        assert lab.current(lab.row) == pytest.approx(0.0, abs=1e-12)

    def test_paths(self, mainframe: Any) -> None:
        module = mainframe.module[1]
        module.connect_paths([(1, 1), (8, 64)])
        assert module.are_closed([(1, 1), (1, 2), (8, 64)]) == [True, False, True]
        module.disconnect_paths([(1, 1)])
        assert module.are_open([(1, 1), (8, 64)]) == [True, False]
        mainframe.disconnect_all(1)
        assert module.are_open([(8, 64)]) == [True]
        mainframe.disconnect_all()

    def test_without_terminal_block_nothing_closes(self, mainframe: Any) -> None:
        module = mainframe.module[3]
        channels = module.to_channel_list([(4, 21)], "M2H")
        with pytest.warns(UserWarning, match="STB was: 16"):
            module.write(f"ROUT:CLOS {channels}")
        assert mainframe.get_error().startswith("-221")
        assert mainframe.ask(f"ROUT:CLOS? {channels}") == "0"
