"""The drivers over PyVISA on an emulated bench: timeouts, lost replies and lost links as a bus produces them."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from pathlib import Path

import pytest
import pyvisa

from drivers import InstrumentError, WireLog, conformance, open_driver
from drivers.keithley_2600b import Keithley2636B
from emulator import Harness, VirtualClock
from sim_instruments import visa
from sim_instruments.instrument import Surroundings
from sim_instruments.registry import create

RESOURCES = {
    "GPIB0::26::INSTR": "smu",
    "TCPIP0::192.0.2.26::5025::SOCKET": "smu",
    "USB0::0x0957::0x5707::MY001::INSTR": "pulser",
    "TCPIP0::192.0.2.16::inst0::INSTR": "matrix",
}
MODELS = {"smu": "keithley_2636b", "pulser": "keysight_33622a", "matrix": "keithley_707b"}


def build(_path: Path) -> visa.EmulatedBench:
    harness = Harness(VirtualClock())
    instruments = {
        name: create(model, Surroundings(name, harness, noise=False, accuracy=False)) for name, model in MODELS.items()
    }
    harness.add_resistor("smu.a", "ground", 1e6)
    return visa.EmulatedBench(harness, instruments, RESOURCES)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A bench of one unit of each model, with 1 MΩ on channel a of the source-measure unit."""
    from sim_instruments import bench

    file = tmp_path / "bench.yaml"
    file.write_text("drivers: test\n", encoding="utf-8")
    monkeypatch.setattr(bench._registry, "builder", build)
    yield file
    visa.reset(file)


@pytest.fixture
def manager(path: Path) -> Iterator[pyvisa.ResourceManager]:
    manager = pyvisa.ResourceManager(visa.EcramlabVisaLibrary(str(path)))
    yield manager
    manager.close()


def opened(manager: pyvisa.ResourceManager, resource: str, wire_log: WireLog | None = None) -> Keithley2636B:
    driver = open_driver("keithley_2636b", manager.open_resource(resource), label="drain", wire_log=wire_log)  # type: ignore[arg-type]
    assert isinstance(driver, Keithley2636B)
    return driver


def energise(driver: Keithley2636B) -> None:
    smu = driver.channel("a")
    smu.source_voltage(0.0, current_limit=1e-6, voltage_range=2.0)
    smu.measure_setup(aperture=20e-3, current_range=1e-6, autozero="once")
    smu.output(True)


@pytest.mark.parametrize("resource", [name for name, unit in RESOURCES.items() if unit == "smu"])
def test_the_source_measure_unit_conforms_on_every_link(manager: pyvisa.ResourceManager, resource: str) -> None:
    driver = opened(manager, resource)
    findings = conformance.check_source_measure_unit(driver.channel("a"), resistance=1e6)
    assert [finding for finding in findings if not finding.passed] == []
    driver.close()


def test_generator_and_matrix_conform(manager: pyvisa.ResourceManager) -> None:
    usb, lan = (next(name for name, unit in RESOURCES.items() if unit == kind) for kind in ("pulser", "matrix"))
    pulser = open_driver("keysight_33622a", manager.open_resource(usb), label="pulser")  # type: ignore[arg-type]
    matrix = open_driver("keithley_707b", manager.open_resource(lan), label="matrix")  # type: ignore[arg-type]
    findings = [
        *conformance.check_pulse_generator(pulser.channel("1")),  # type: ignore[arg-type]
        *conformance.check_switch_matrix(matrix),  # type: ignore[arg-type]
    ]
    assert [finding for finding in findings if not finding.passed] == []
    pulser.close()
    matrix.close()


def test_the_wrong_driver_is_refused_and_no_session_stays_open(manager: pyvisa.ResourceManager, path: Path) -> None:
    with pytest.raises(InstrumentError, match=r"33622A was expected.*2636B.*answers"):
        open_driver("keysight_33622a", manager.open_resource("GPIB0::26::INSTR"), label="gate")  # type: ignore[arg-type]
    assert visa.bench(path).session_count == 0


def test_long_pulses_sweeps_and_trains_outlast_the_plain_timeout(manager: pyvisa.ResourceManager) -> None:
    """Each takes a minute of virtual time; the timeouts of the links follow."""
    driver = opened(manager, "GPIB0::26::INSTR")
    energise(driver)
    smu = driver.channel("a")
    assert smu.pulse(0.5, 60.0).current == pytest.approx(0.5e-6, rel=1e-3)
    assert len(smu.sweep([0.1] * 60, dwell=1.0, aperture=20e-3)) == 60
    pulser = open_driver("keysight_33622a", manager.open_resource("USB0::0x0957::0x5707::MY001::INSTR"), label="p")  # type: ignore[arg-type]
    generator = pulser.channel("1")
    generator.load(math.inf)  # type: ignore[attr-defined]
    generator.pulse(base=0.0, level=1.0, width=1e-3, period=6.0)  # type: ignore[attr-defined]
    generator.count(10)  # type: ignore[attr-defined]
    generator.output(True)  # type: ignore[attr-defined]
    generator.fire()  # type: ignore[attr-defined]
    pulser.close()
    driver.close()


@pytest.mark.parametrize("message", range(8))
def test_a_reply_lost_at_any_point_ends_in_an_error_or_a_result_and_make_safe_confirms(
    manager: pyvisa.ResourceManager, path: Path, message: int
) -> None:
    driver = opened(manager, "GPIB0::26::INSTR")
    bench = visa.bench(path)
    bench.ports["smu"].drop_replies(after=message)
    with contextlib.suppress(InstrumentError):  # only some of the messages have a reply to lose
        energise(driver)
        for _ in range(3):
            driver.channel("a").pulse(0.5, 0.1)
    assert driver.make_safe() == []
    assert driver.outputs() == {}
    energise(driver)
    assert driver.channel("a").pulse(0.5, 0.1).current == pytest.approx(0.5e-6, rel=1e-3)
    driver.close()


def test_a_lost_link_is_an_error_and_make_safe_comes_back_over_a_new_session(
    manager: pyvisa.ResourceManager, path: Path, tmp_path: Path
) -> None:
    with WireLog(tmp_path / "wire.log") as log:
        driver = opened(manager, "GPIB0::26::INSTR", log)
        energise(driver)
        driver.channel("a").set_level(1.0)
        visa.bench(path).ports["smu"].lose_connection()
        with pytest.raises(InstrumentError):
            driver.channel("a").measure()
        assert driver.make_safe() == []
        assert driver.outputs() == {}
        driver.close()
    text = (tmp_path / "wire.log").read_text(encoding="utf-8")
    assert "drain ! new session" in text
    assert visa.bench(path).session_count == 0
