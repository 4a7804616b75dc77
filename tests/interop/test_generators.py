"""Unmodified generator drivers of QCoDeS and PyMeasure, and dialogues of further projects, on the simulated 33622A."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import pyvisa
from pymeasure.instruments.agilent import Agilent33500
from qcodes.instrument_drivers.Keysight import Keysight33512B, Keysight33622A
from qcodes.instrument_drivers.Keysight.KeysightAgilent_33XXX import Keysight33xxxOutputChannel

import pyvisa_ecramlab  # noqa: F401 -- its import sets the usual builder, which the fixture replaces
from ecramlab.emulation import build_bench
from emulator import Harness, VirtualClock
from sim_instruments import Surroundings, create, visa
from sim_instruments.visa import EmulatedBench

pytestmark = pytest.mark.interop

ADDRESS = "TCPIP0::192.0.2.10::inst0::INSTR"


def build(path: Path) -> EmulatedBench:
    harness = Harness(VirtualClock())
    unit = create("keysight_33622a", Surroundings("pulser", harness, accuracy=False))
    harness.add_resistor("pulser.1", "ground", 1e9)
    return EmulatedBench(harness, {"pulser": unit}, {ADDRESS: "pulser"})


@pytest.fixture
def library(tmp_path: Path) -> Iterator[str]:
    file = tmp_path / "bench.yaml"
    file.write_text("instruments: {}\n")
    visa.set_builder(build)
    yield f"{file}@ecramlab"
    visa.set_builder(build_bench)


@pytest.fixture
def qcodes_generator(library: str) -> Iterator[Keysight33622A]:
    driver = Keysight33622A("generator", ADDRESS, visalib=library)
    yield driver
    assert driver.error() == (0, "No error")
    driver.close()


@pytest.fixture
def pymeasure_generator(library: str) -> Iterator[Agilent33500]:
    driver = Agilent33500(ADDRESS, visa_library=library, read_termination="\n")
    yield driver
    assert driver.ask("SYST:ERR?") == '+0,"No error"'
    driver.adapter.close()


# -- QCoDeS ------------------------------------------------------------------------------------------------------


def test_qcodes_reads_the_identity(qcodes_generator: Keysight33622A) -> None:
    identity = qcodes_generator.get_idn()
    assert (identity["vendor"], identity["model"]) == ("Agilent Technologies", "33622A")


SETTINGS = {
    "function_type": "PULS", "frequency": 250.0, "amplitude": 1.5, "offset": -0.25, "phase": 90.0,
    "amplitude_unit": "VPP",
    "ramp_symmetry": 30.0, "pulse_width": 1e-3, "trigger_source": "BUS", "trigger_slope": "NEG", "trigger_count": 5,
    "trigger_delay": 1e-3, "trigger_timer": 0.3, "output_polarity": "INV", "burst_mode": "Gated", "burst_ncycles": 7,
    "burst_phase": -45.0, "burst_polarity": "INV", "burst_int_period": 0.5, "frequency_mode": "CW", "output": "ON",
    "burst_state": "ON",
}  # fmt: skip


@pytest.mark.parametrize("channel", ["ch1", "ch2"])
def test_every_parameter_of_qcodes_reads_back(qcodes_generator: Keysight33622A, channel: str) -> None:
    output = getattr(qcodes_generator, channel)
    assert isinstance(output, Keysight33xxxOutputChannel)
    for name, value in SETTINGS.items():
        output.parameters[name].set(value)
    assert {name: pytest.approx(output.parameters[name].get()) for name in SETTINGS} == SETTINGS
    assert set(output.parameters) == set(SETTINGS), "no parameter of the driver is left out here"


def test_qcodes_infinite_bursts(qcodes_generator: Keysight33622A) -> None:
    qcodes_generator.ch1.burst_ncycles("INF")
    assert qcodes_generator.ch1.burst_ncycles() == float("inf")


def test_qcodes_sync_trigger_and_snapshot(qcodes_generator: Keysight33622A) -> None:
    qcodes_generator.sync.output("OFF")
    qcodes_generator.sync.source(2)
    assert (qcodes_generator.sync.output(), qcodes_generator.sync.source()) == ("OFF", 2)
    qcodes_generator.sync_channel_phases()
    qcodes_generator.ch1.trigger_source("BUS")
    qcodes_generator.ch1.burst_state("ON")
    qcodes_generator.force_trigger()
    snapshot = qcodes_generator.snapshot(update=True)
    assert snapshot["submodules"]["ch1"]["parameters"]["burst_state"]["value"] == "ON"


def test_qcodes_close_does_not_reset_the_instrument(library: str) -> None:
    first = Keysight33622A("first", ADDRESS, visalib=library)
    first.ch1.amplitude(3.0)
    first.close()
    second = Keysight33622A("second", ADDRESS, visalib=library)
    assert second.ch1.amplitude() == 3.0
    second.close()


def test_qcodes_driver_of_a_sister_model_works_and_warns(library: str, caplog: pytest.LogCaptureFixture) -> None:
    driver = Keysight33512B("sister", ADDRESS, visalib=library)
    driver.ch2.function_type("SQU")
    assert driver.ch2.function_type() == "SQU"
    assert "does not match" in caplog.text
    driver.close()


# -- PyMeasure -----------------------------------------------------------------------------------------------------

PROPERTIES = {
    "shape": "PULS", "frequency": 500.0, "amplitude": 2.0, "offset": 0.5, "voltage_high": 2.5, "voltage_low": -0.5,
    "phase": 45.0, "square_dutycycle": 25.0, "ramp_symmetry": 40.0, "pulse_period": 10e-3, "pulse_hold": "DCYC",
    "pulse_width": 1e-3, "pulse_dutycycle": 20.0, "pulse_transition": 50e-9, "output": True, "burst_mode": "TRIG",
    "burst_period": 2.0, "burst_ncycles": 12, "burst_state": True, "arb_advance": "TRIG", "arb_filter": "NORM",
    "arb_srate": 1e6, "amplitude_unit": "VRMS",
}  # fmt: skip


@pytest.mark.parametrize("where", ["box", "ch_1", "ch_2"])
def test_every_property_of_pymeasure_reads_back(pymeasure_generator: Agilent33500, where: str) -> None:
    target = pymeasure_generator if where == "box" else getattr(pymeasure_generator, where)
    read = {}
    for name, value in PROPERTIES.items():
        setattr(target, name, value)
        read[name] = pytest.approx(getattr(target, name))
    assert read == PROPERTIES


def test_pymeasure_load(pymeasure_generator: Agilent33500) -> None:
    pymeasure_generator.output_load = "INF"
    assert pymeasure_generator.output_load == 9.9e37
    pymeasure_generator.output_load = 75
    assert pymeasure_generator.output_load == 75.0


def test_pymeasure_fires_a_burst_and_waits(pymeasure_generator: Agilent33500, library: str) -> None:
    bench = visa.bench(library.removesuffix("@ecramlab"))
    pymeasure_generator.shape = "PULS"
    pymeasure_generator.burst_ncycles = 1000
    pymeasure_generator.trigger_source = "BUS"
    pymeasure_generator.burst_state = True
    pymeasure_generator.output = True
    before = bench.clock.now
    pymeasure_generator.trigger()
    pymeasure_generator.wait_for_trigger()
    assert bench.clock.now - before == pytest.approx(1.0, abs=5e-3)


@pytest.mark.parametrize(("data_format", "full_scale"), [("DAC", 32767), ("float", 1.0)])
def test_pymeasure_loads_an_arbitrary_waveform(
    pymeasure_generator: Agilent33500, data_format: str, full_scale: float
) -> None:
    channel = pymeasure_generator.ch_1
    channel.data_volatile_clear()
    channel.data_arb("test", [0, full_scale, -full_scale, 0] * 4, data_format=data_format)
    channel.arb_file = "test"
    channel.shape = "ARB"
    channel.arb_srate = 1e3
    assert channel.frequency == pytest.approx(1e3 / 16)


def test_pymeasure_front_panel(pymeasure_generator: Agilent33500) -> None:
    pymeasure_generator.beep()
    pymeasure_generator.display = "running"
    pymeasure_generator.clear_display()
    pymeasure_generator.phase_sync()
    pymeasure_generator.ext_trig_out = True
    assert pymeasure_generator.ext_trig_out is True
    assert pymeasure_generator.id.startswith("Agilent Technologies,33622A")
    assert pymeasure_generator.check_errors() == []


# -- what programs of further projects send ------------------------------------------------------------------------

DIALOGUES = {
    "single shots by a channel trigger, polarity by level": [
        ":SOURce1:FUNCtion PULSe", ":SOURce1:FUNCtion:PULSe:PERiod 0.5", ":SOURce1:FUNCtion:PULSe:WIDTh 0.05",
        ":SOURce1:FUNCtion:PULSe:TRANsition:BOTH 1000 ns", ":SOURce1:BURSt:STATe ON", "*OPC", ":TRIGger1:SOURce BUS",
        ":SOURce1:VOLTage 5.0", ":SOURce1:VOLTage:OFFSet 2.5", ":OUTPut1:POLarity NORMal", "*OPC", ":OUTPut1 1",
        ":TRIGger1",
    ],
    "square wave with limits, phase in seconds, display lock": [
        "*ESR?", "syst:lock:req?", "sour1:volt:lim:stat off", "sour1:func SQU", "sour1:freq 4.000000000000000e+04",
        "sour1:volt:high 1.000000", "sour1:volt:low 0.000000", "sour1:volt:lim:high 2.000000",
        "sour1:volt:lim:low -1.000000",
        "sour1:volt:lim:stat on", "sour1:func:squ:dcyc 25.0000", "sour1:phas 1.000000000000000e-06 sec", "sour1:phas?",
        "trig1:del 0.000000000000000e+00", "OUTP1 ON", "OUTP1?", "syst:lock:rel",
    ],
    "pulses on an external clock": [
        "OUTP:LOAD INF", "FUNC PULS", "FREQ 1000", "FUNC:PULS:HOLD WIDT", "FUNC:PULS:WIDT 1e-06",
        "FUNC:PULS:TRAN 1e-08",
        "VOLT:LOW 0", "VOLT:HIGH 3.3", "BURS:MODE TRIG", "BURS:NCYC 1", "TRIG:SOUR EXT", "TRIG:SLOP POS",
        "BURS:STAT ON",
        "ROSC:SOUR EXT", "INIT:CONT OFF", "OUTP ON",
    ],
    "one pulse per second": [
        "SOUR1:FUNC PULS", "SOUR1:FUNC:PULS:TRAN:LEAD 2.9E-9", "SOUR1:FUNC:PULS:TRAN:TRA 2.9E-9",
        "SOUR1:FUNC:PULS:WIDT 1E-5 s", "SOUR1:FREQ 50 kHz",
    ],
    "burst example of the manual": [
        "APPLy:SIN 1e5,3 VPP,0", "BURS:MODE TRIG", "BURS:NCYC 3", "BURS:INT:PER 4.4e-5", "BURS:PHAS 0", "TRIG:SOUR IMM",
        "BURS:STAT ON", "OUTPut ON",
    ],
    "several triggers in one message, as in the manual": ["BURS:STAT ON", "TRIG:SOUR BUS;*TRG;*WAI;*TRG;*WAI"],
}  # fmt: skip


PERIOD_GROWS = "single shots by a channel trigger, polarity by level"
"""The burst is on before the trigger source changes, so the burst period of 10 ms must grow: -221 by the manual."""


@pytest.mark.parametrize("title", DIALOGUES)
def test_dialogues_of_further_projects_are_understood(library: str, title: str) -> None:
    manager = pyvisa.ResourceManager(library)
    generator = manager.open_resource(ADDRESS, read_termination="\n", write_termination="\n")
    for message in DIALOGUES[title]:
        if message.endswith("?"):
            assert generator.query(message)  # type: ignore[attr-defined]
        else:
            generator.write(message)  # type: ignore[attr-defined]
    if title == PERIOD_GROWS:
        assert generator.query("SYST:ERR?").startswith("-221")  # type: ignore[attr-defined]
    assert generator.query("SYST:ERR?") == '+0,"No error"'  # type: ignore[attr-defined]
    manager.close()
