"""Tektronix's own package tm_devices, unmodified, on the simulated Series 2600B and AFG3252C."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from emulator import Harness, VirtualClock
from sim_instruments import bench as benches
from sim_instruments import visa
from sim_instruments.bench import EmulatedBench
from sim_instruments.instrument import Surroundings
from sim_instruments.registry import create

with warnings.catch_warnings():  # what other packages do at import is theirs
    warnings.simplefilter("ignore")
    from tm_devices import DeviceManager
    from tm_devices.drivers import AFG3KC, SMU2602B, SMU2612B, SMU2634B, SMU2636B
    from tm_devices.helpers.enums import SignalGeneratorFunctionsAFG as Shape
    from tm_devices.helpers.logging import configure_logging

pytestmark = [
    pytest.mark.interop,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning"),
]

SOURCE_METERS = {"2602B": SMU2602B, "2612B": SMU2612B, "2634B": SMU2634B, "2636B": SMU2636B}
HOST = "192.0.2.30"


def build(model: str) -> EmulatedBench:
    """One instrument with 1 MΩ from its first terminal to ground."""
    harness = Harness(VirtualClock())
    unit = create(model, Surroundings("unit", harness, noise=False, accuracy=False))
    harness.add_resistor("unit.1" if model.startswith("tektronix") else "unit.a", "ground", 1e6)
    return EmulatedBench(harness, {"unit": unit}, {f"TCPIP0::{HOST}::inst0::INSTR": "unit"})


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[DeviceManager]:
    """It resets every instrument when it opens and closes it, and takes any error for a failure."""
    configure_logging(log_console_level="NONE", log_file_level="NONE")
    path = tmp_path / "bench.yaml"
    path.write_text("title: one instrument of Tektronix\n", encoding="utf-8")
    with DeviceManager(verbose=False) as manager:
        manager.visa_library = f"{path}@ecramlab"
        manager.setup_cleanup_enabled = manager.teardown_cleanup_enabled = True
        yield manager


@pytest.fixture
def twin(manager: DeviceManager, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], EmulatedBench]:
    """The bench that the manager finds: an instrument of that model."""
    import pyvisa_ecramlab  # noqa: F401  # sets its own builder, which this test replaces

    def of(model: str) -> EmulatedBench:
        monkeypatch.setattr(benches._registry, "builder", lambda _: build(model))
        return visa.bench(manager.visa_library.removesuffix("@ecramlab"))

    return of


class TestSeries2600B:
    @pytest.fixture
    def smu(self, manager: DeviceManager, twin: Callable[[str], EmulatedBench]) -> SMU2636B:
        twin("keithley_2636b")
        smu = manager.add_smu(HOST)
        assert isinstance(smu, SMU2636B)
        return smu

    @pytest.mark.parametrize("model", SOURCE_METERS)
    def test_each_model_gets_its_driver(
        self, manager: DeviceManager, twin: Callable[[str], EmulatedBench], model: str
    ) -> None:
        twin(f"keithley_{model.lower()}")
        smu = manager.add_smu(HOST)
        assert type(smu) is SOURCE_METERS[model]
        assert smu.all_channel_names_list == ("a", "b")
        smu.reset()
        smu.expect_esr(0)

    def test_source_and_measure(self, smu: SMU2636B) -> None:
        channel = smu.commands.smu["a"]
        channel.source.func = channel.OUTPUT_DCVOLTS
        channel.source.levelv = 0.5
        channel.source.limiti = 1e-3
        channel.source.output = channel.OUTPUT_ON
        assert float(channel.measure.i()) == pytest.approx(0.5e-6, rel=1e-3)
        assert float(channel.source.levelv) == 0.5
        smu.set_and_check("smua.source.levelv", 0.25, tolerance=1e-6)
        channel.reset()
        assert float(channel.source.output) == 0
        smu.expect_esr(0)

    def test_buffers(self, smu: SMU2636B, tmp_path: Path) -> None:
        channel, buffer = smu.commands.smu["a"], smu.commands.buffer_var["smua.nvbuffer1"]
        buffer.clear()
        buffer.appendmode = 1
        buffer.collectsourcevalues = 1
        channel.source.levelv = 1.0
        channel.source.output = 1
        channel.measure.count = 3
        channel.measure.i("smua.nvbuffer1")
        assert float(buffer.n) == 3
        read = smu.get_buffers("smua.nvbuffer1", "smua.nvbuffer1.sourcevalues", "smub.nvbuffer1")
        assert read["smua.nvbuffer1"] == pytest.approx([1e-6] * 3, rel=1e-3)
        assert read["smua.nvbuffer1.sourcevalues"] == [1.0] * 3
        assert read["smub.nvbuffer1"] == []
        smu.export_buffers(tmp_path / "buffer.csv", "smua.nvbuffer1")
        assert len((tmp_path / "buffer.csv").read_text(encoding="utf-8").split()) == 4
        smu.expect_esr(0)

    def test_scripts(self, smu: SMU2636B) -> None:
        smu.load_script("level", script_body="smub.source.levelv = 0.125\nprint(smub.source.levelv)")
        smu.run_script("level")
        assert float(smu.read()) == 0.125
        smu.expect_esr(0)

    def test_common_commands(self, smu: SMU2636B) -> None:
        common = smu.ieee_cmds
        assert (common.tst(), common.opc(), common.idn().split(", ")[1]) == ("0", "1", "Model 2636B")
        assert float(common.ese(8)) == 8
        assert float(common.sre(32)) == 32
        common.wai()
        common.cls()

    def test_a_mistake_is_seen(self, smu: SMU2636B) -> None:
        smu.write("smua.source.levelv = 1e6")
        code, messages = smu.get_errors()
        assert code == 8, "an error of the device"
        assert "Parameter too big" in messages[0]


SHAPES = [shape for shape in Shape if shape.name != "ARBITRARY"]  # `ARB` is a word of the AFG31000, not of this series


class TestAFG3252C:
    @pytest.fixture
    def bench(self, twin: Callable[[str], EmulatedBench]) -> EmulatedBench:
        return twin("tektronix_afg3252c")

    @pytest.fixture
    def generator(self, manager: DeviceManager, bench: EmulatedBench) -> Iterator[AFG3KC]:
        generator = manager.add_afg(HOST)
        assert isinstance(generator, AFG3KC)
        yield generator
        generator.expect_esr(0)

    def test_every_shape(self, generator: AFG3KC) -> None:
        for shape in SHAPES:
            generator.generate_function(function=shape, frequency=1e3, amplitude=0.5, offset=0.1, channel="SOURCE1")
            assert generator.query("SOUR1:FUNC?") == shape.value

    def test_a_burst_of_pulses(self, generator: AFG3KC, bench: EmulatedBench) -> None:
        generator.setup_burst(
            function=Shape.PULSE, frequency=1.0, amplitude=1.0, offset=0.5, burst_count=4, channel="SOURCE1",
            duty_cycle=25.0, termination="HIGHZ",
        )  # fmt: skip
        generator.generate_burst()  # it asks for errors while the first pulse lasts
        assert bench.harness.measure(bench.harness.ports["unit.1"], 4.0).voltage == pytest.approx(0.25, rel=1e-2)
        assert bench.harness.measure(bench.harness.ports["unit.1"], 1.0).voltage == pytest.approx(0.0, abs=1e-6)

    def test_every_setting_of_a_channel(self, generator: AFG3KC) -> None:
        channel = generator.source_channel["SOURCE2"]
        values = {
            "impedance": 75.0, "amplitude": 1.0, "offset": 0.2, "frequency": 2e3, "polarity": "INVERTED",
            "pulse_duty_cycle": 20.0, "ramp_symmetry": 30.0, "burst_state": 1, "burst_mode": "GATED",
            "burst_count": 5, "state": 1,
        }  # fmt: skip
        for name, value in values.items():
            getattr(channel, "set_" + name)(value)  # reads back what it has set, and raises what differs
        channel.initiate_phase_sync()

    def test_the_limits_that_it_knows_are_those_of_the_unit(self, generator: AFG3KC) -> None:
        bounds = generator.get_waveform_constraints(Shape.SIN, frequency=1e3)
        assert bounds.frequency_range is not None
        assert bounds.amplitude_range is not None
        generator.write("OUTP1:IMP INF;:SOUR1:FUNC SIN")
        generator.set_and_check("SOUR1:FREQ", bounds.frequency_range.upper, tolerance=1.0)
        generator.write("SOUR1:FREQ 1E3")
        for volts in (bounds.amplitude_range.lower, bounds.amplitude_range.upper):
            generator.set_and_check("SOUR1:VOLT", volts, tolerance=1e-6)
        generator.expect_esr(0)
        generator.write(f"SOUR1:VOLT {1.01 * bounds.amplitude_range.upper}")
        assert int(generator.query("*ESR?")) == 16
        assert generator.query("SYST:ERR?").startswith("-222,")
