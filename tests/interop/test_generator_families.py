"""Unmodified drivers of QCoDeS and PyMeasure on the simulated 33512B, 33522B, 81160A and AFG3252C."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pymeasure.instruments.agilent import Agilent33500, Agilent33521A
from pymeasure.instruments.keysight import Keysight81160A
from pymeasure.instruments.tektronix import AFG3152C
from qcodes.instrument_drivers.Keysight import Keysight33512B, Keysight33522B

import pyvisa_ecramlab  # noqa: F401 -- its import sets the usual builder, which the fixture replaces
from ecramlab.emulation import build_bench
from emulator import Harness, VirtualClock
from sim_instruments import Surroundings, create, visa
from sim_instruments.visa import EmulatedBench

pytestmark = [
    pytest.mark.interop,
    pytest.mark.filterwarnings("ignore::FutureWarning"),  # a driver says that it does not know its instrument well
]

ADDRESS = "TCPIP0::192.0.2.10::inst0::INSTR"
Bench = tuple[str, EmulatedBench]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Callable[[str], Bench]]:
    """A bench of one generator of that model, loaded by 1 GΩ; its library string and the bench itself."""
    file = tmp_path / "bench.yaml"
    file.write_text("instruments: {}\n")

    def of(model: str) -> Bench:
        def build(path: Path) -> EmulatedBench:
            harness = Harness(VirtualClock())
            unit = create(model, Surroundings("pulser", harness, accuracy=False, noise=False))
            harness.add_resistor("pulser.1", "ground", 1e9)
            return EmulatedBench(harness, {"pulser": unit}, {ADDRESS: "pulser"})

        visa.set_builder(build)
        return f"{file}@ecramlab", visa.bench(str(file))

    yield of
    visa.set_builder(build_bench)


def mean(bench: EmulatedBench, seconds: float) -> float:
    return bench.harness.measure(bench.harness.ports["pulser.1"], seconds).voltage


# -- 33500B --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("driver", "model"), [(Keysight33512B, "33512B"), (Keysight33522B, "33522B")])
def test_qcodes_fires_pulses(
    bench: Callable[[str], Bench], driver: type[Any], model: str, caplog: pytest.LogCaptureFixture
) -> None:
    library, twin = bench(f"keysight_{model.lower()}")
    generator = driver("generator", ADDRESS, visalib=library)
    assert "does not match" not in caplog.text
    assert generator.get_idn()["model"] == model
    channel = generator.ch1
    channel.function_type("PULS")
    channel.frequency(1e3)
    channel.pulse_width(250e-6)
    channel.trigger_source("BUS")
    channel.burst_ncycles(4)
    channel.burst_state("ON")
    channel.amplitude(2.0)
    channel.offset(1.0)
    channel.output("ON")
    generator.force_trigger()
    assert mean(twin, 4e-3) == pytest.approx(1.0, rel=1e-3), "0 to 4 V at a quarter, 50 ohms told"
    generator.snapshot(update=True)
    assert generator.error() == (0, "No error")
    generator.close()


@pytest.mark.parametrize("driver", [Agilent33500, Agilent33521A])
def test_pymeasure_on_a_33500b(bench: Callable[[str], Bench], driver: type[Any]) -> None:
    library, twin = bench("keysight_33522b")
    generator = driver(ADDRESS, visa_library=library, read_termination="\n")
    generator.ch_1.data_arb("steps", [-32767, 0, 32767, 0] * 2, data_format="DAC")
    generator.ch_1.arb_file = "steps"
    generator.ch_1.shape = "ARB"
    generator.ch_1.arb_srate = 1e3
    generator.ch_1.arb_filter = "OFF"
    generator.ch_1.amplitude = 2
    generator.ch_1.output = True
    assert mean(twin, 1.0) == pytest.approx(0.0, abs=1e-3)
    generator.frequency = 30e6
    assert generator.ask("SYST:ERR?") == '+0,"No error"'
    generator.adapter.close()


# -- 81160A --------------------------------------------------------------------------------------------------------


@pytest.fixture
def pulse_generator(bench: Callable[[str], Bench]) -> Iterator[tuple[Keysight81160A, EmulatedBench]]:
    library, twin = bench("keysight_81160a")
    driver = Keysight81160A(ADDRESS, visa_library=library, read_termination="\n")
    yield driver, twin
    driver.adapter.close()


PROPERTIES = {
    "shape": "PULS", "frequency": 500.0, "amplitude": 2.0, "offset": 0.5, "voltage_high": 2.5, "voltage_low": -0.5,
    "square_dutycycle": 25.0, "ramp_symmetry": 40.0, "pulse_period": 10e-3, "pulse_hold": "DCYC",
    "pulse_width": 1e-3, "pulse_dutycycle": 20.0, "pulse_transition": 50e-9, "output": True, "output_load": 75.0,
    "burst_mode": "TRIG", "burst_period": 2.0, "burst_ncycles": 12, "trigger_mode": "MAN", "trigger_count": 3,
    "limit_high": 3.0, "limit_low": -1.0, "limit_state_enabled": True, "amplitude_unit": "VRMS",
    "coupling_enabled": False,
}  # fmt: skip


@pytest.mark.parametrize("number", [1, 2])
def test_every_property_of_the_81160a_reads_back(
    pulse_generator: tuple[Keysight81160A, EmulatedBench], number: int
) -> None:
    driver, _ = pulse_generator
    channel = driver.channels[number]
    for name, value in PROPERTIES.items():
        setattr(channel, name, value)
        expected = value if isinstance(value, (str, bool)) else pytest.approx(value)
        assert getattr(channel, name) == expected, name
    assert driver.ask("SYST:ERR?") == '+0,"No error"'


def test_a_mistake_of_the_client_is_not_bent_to(pulse_generator: tuple[Keysight81160A, EmulatedBench]) -> None:
    """PyMeasure 0.16 maps [True, False] to 0 and 1: it sends ``:BURS1:STAT 0`` for True, and that is off."""
    driver, _ = pulse_generator
    driver.ch_1.burst_state = True
    assert driver.ask(":BURS1:STAT?") == "0"
    driver.write(":BURS1:STAT 1")
    assert driver.ask(":BURS1:STAT?") == "1"


def test_pulses_of_the_81160a(pulse_generator: tuple[Keysight81160A, EmulatedBench]) -> None:
    driver, twin = pulse_generator
    channel = driver.ch_1
    channel.apply_pulse(1e3, 2.0, 1.0)
    channel.pulse_width = 250e-6
    assert mean(twin, 10e-3) == pytest.approx(1.0, rel=1e-3), "0 to 4 V at a quarter, 50 ohms told"
    channel.trigger_mode = "MAN"
    channel.trigger_count = 2000
    before = twin.clock.now
    driver.trigger()
    driver.wait_for_trigger()
    assert twin.clock.now - before == pytest.approx(2.0, abs=5e-3)
    assert driver.ask("SYST:ERR?") == '+0,"No error"'


def test_waveforms_of_the_81160a(pulse_generator: tuple[Keysight81160A, EmulatedBench]) -> None:
    driver, twin = pulse_generator
    channel = driver.ch_1
    channel.waveform_volatile = [0.0, 2.0, 2.0, 0.0]
    assert channel.free_memory_slots == 4
    channel.save_waveform(np.array([-2.0, -1.5, 0.0, 1.5, 2.0]), "test")
    assert channel.waveforms == "TEST"
    driver.write(":FUNC1:USER TEST")
    channel.shape = "USER"
    channel.apply_user_waveform(1e3, 2.0, 1.0)
    assert driver.arb_file == "TEST"
    channel.shape = "SIN"
    channel.delete_waveform("test")
    assert channel.free_memory_slots == 4
    channel.apply_dc(1.5)
    assert mean(twin, 1e-3) == pytest.approx(3.0, rel=1e-6), "an open end gets twice what is told for 50 ohms"
    for apply in (channel.apply_sin, channel.apply_square):
        apply(1e6, 1.0, 0.0)
    channel.apply_noise(1.0, 0.0)
    assert driver.ask("SYST:ERR?") == '+0,"No error"'


# -- AFG3252C ------------------------------------------------------------------------------------------------------


def test_pymeasure_on_the_afg3252c(bench: Callable[[str], Bench]) -> None:
    library, twin = bench("tektronix_afg3252c")
    generator = AFG3152C(ADDRESS, visa_library=library, read_termination="\n")
    channel = generator.ch1
    channel.shape = "pulse"
    channel.frequency = 1e3
    channel.duty = 25
    channel.unit = "VPP"
    channel.amp_vpp = 2
    channel.offset = 1
    assert (channel.shape, channel.unit) == ("pulse", "VPP")
    assert (channel.frequency, channel.duty, channel.amp_vpp, channel.offset) == pytest.approx((1e3, 25, 2, 1))
    generator.write("output1:state on")  # PyMeasure 0.16 cannot: its `enable` asks the channel for a name it lacks
    assert mean(twin, 10e-3) == pytest.approx(1.0, rel=1e-3), "0 to 4 V at a quarter, 50 ohms told"
    generator.write("output1:state off")
    assert mean(twin, 1e-3) == pytest.approx(0.0, abs=1e-9)
    channel.amp_vrms = 0.5
    channel.amp_dbm = 3
    generator.ch2.waveform("RAMP", 1e4, "VPP", 1.5, 0.25)
    generator.beep()
    assert generator.opc() == 1
    assert generator.ask("SYST:ERR?") == '0,"No error"'
    channel.impedance = 50  # sent as ``source1:output:impedance``, which the command documentation does not have
    assert generator.ask("SYST:ERR?").startswith("-113")
    generator.adapter.close()


@pytest.mark.parametrize("shape", ["sinusoidal", "square", "ramp", "prnoise", "dc", "sinc", "gaussian", "haversine"])
def test_shapes_of_pymeasure_on_the_afg3252c(bench: Callable[[str], Bench], shape: str) -> None:
    library, _ = bench("tektronix_afg3252c")
    generator = AFG3152C(ADDRESS, visa_library=library, read_termination="\n")
    generator.ch2.frequency = 1e5
    generator.ch2.shape = shape
    assert generator.ch2.shape == shape
    assert generator.ask("SYST:ERR?") == '0,"No error"'
    generator.adapter.close()
