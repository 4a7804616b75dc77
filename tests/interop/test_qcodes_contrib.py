"""The unmodified AFG3252 of qcodes_contrib_drivers on the simulated AFG3252C: it asks for everything on opening."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from emulator import Harness, VirtualClock
from sim_instruments import bench as benches
from sim_instruments import visa
from sim_instruments.bench import EmulatedBench
from sim_instruments.instrument import Surroundings
from sim_instruments.registry import create

with warnings.catch_warnings():  # what other packages do at import is theirs
    warnings.simplefilter("ignore")
    from qcodes_contrib_drivers.drivers.Tektronix.AFG3000 import AFG3252

pytestmark = [
    pytest.mark.interop,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning"),
]

ADDRESS = "TCPIP0::192.0.2.30::inst0::INSTR"


def build(path: Path) -> EmulatedBench:
    """An AFG3252C with 1 GΩ from channel 1 to ground."""
    harness = Harness(VirtualClock())
    unit = create("tektronix_afg3252c", Surroundings("pulser", harness, noise=False, accuracy=False))
    harness.add_resistor("pulser.1", "ground", 1e9)
    return EmulatedBench(harness, {"pulser": unit}, {ADDRESS: "pulser"})


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    import pyvisa_ecramlab  # noqa: F401  # sets its own builder, which this test replaces

    path = tmp_path / "bench.yaml"
    path.write_text("title: one AFG3252C\n", encoding="utf-8")
    monkeypatch.setattr(benches._registry, "builder", build)
    return f"{path}@ecramlab"


@pytest.fixture
def twin(library: str) -> EmulatedBench:
    return visa.bench(library.removesuffix("@ecramlab"))


@pytest.fixture
def generator(library: str) -> Iterator[AFG3252]:
    with contextlib.closing(AFG3252("generator", ADDRESS, visalib=library)) as generator:
        yield generator
        assert generator.ask("SYST:ERR?") == '0,"No error"'


def test_every_parameter_has_been_read(generator: AFG3252) -> None:
    unread = {name for name, parameter in generator.parameters.items() if parameter.cache.get(False) is None}
    assert unread == set()


SETTINGS = {
    "impedance_output": 75, "polarity_output": "INV", "state_output": True, "am_depth": 60.0, "fm_deviation": 500.0,
    "pm_deviation": 45, "pwm_duty_deviation": 10.0, "burst_ncycles": 12, "burst_mode": "GAT", "burst_tdelay": 0.5,
    "freq_cw": 2e3, "freq_start": 1e3, "freq_stop": 9e3, "center_freq": 6e3, "freq_span": 2e3, "fsk_freq": 3e3,
    "fsk_internal_rate": 20.0, "fsk_source": "INT", "function_ramp_symmetry": 30.0, "pulse_delay": 1e-5,
    "pulse_hold": "WIDT", "pulse_period": 1e-3, "pulse_width": 1e-4, "pulse_trans_lead": 1e-6,
    "pulse_trans_trail": 2e-6, "pulse_duty_cycle": 20.0, "sweep_hold_time": 0.1, "sweep_mode": "MAN",
    "sweep_return_time": 0.2, "sweep_spacing": "LOG", "sweep_time": 0.5, "voltage_unit": "VPP",
    "voltage_amplitude": 1.5, "voltage_offset": 0.25, "voltage_high": 1.25, "voltage_low": -0.75,
    "voltage_limit_high": 2.0, "voltage_limit_low": -2.0, "combine": "", "function_shape": "PULS", "burst_state": True,
}  # fmt: skip
MODULATIONS = {"internal_freq": 20.0, "internal_function": "TRI"}


@pytest.mark.parametrize("channel", [1, 2])
def test_every_setting_of_a_channel_reads_back(generator: AFG3252, channel: int) -> None:
    values = SETTINGS | {f"{kind}_{name}": value for kind in ("am", "fm", "pm", "pwm") for name, value in
                         MODULATIONS.items()}  # fmt: skip
    # The driver takes no PULSe for a shape and sends `''` for nothing to combine without quotes.
    values.pop("combine")
    values["function_shape"] = "SIN"
    for name, value in values.items():
        parameter = generator.parameters[f"{name}{channel}"]
        parameter(value)
        assert parameter.get() == (pytest.approx(value) if isinstance(value, float) else value), name


def test_phase_is_told_in_degrees_and_answered_in_radians(generator: AFG3252) -> None:
    """By the command documentation a number without unit is in radians; the driver says degrees."""
    generator.phase1(90)
    assert generator.phase1.get() == pytest.approx(np.pi / 2)


def test_settings_of_the_box_and_their_memories(generator: AFG3252) -> None:
    values = {"trigger_mode": "SYNC", "trigger_slope": "NEG", "trigger_source": "EXT", "trigger_timer": 0.25,
              "ref_osc_source": "EXT", "noise_level3": 25, "noise_level4": 50}  # fmt: skip
    for name, value in values.items():
        generator.parameters[name](value)
        assert generator.parameters[name].get() == value, name
    generator.self_calibrate()
    generator.self_test()
    generator.write("*SAV 2")  # the driver's `save` sends the word *SAVE, which no instrument of this standard knows
    generator.reset()
    assert generator.trigger_source.get() == "TIM"
    generator.recall(2)
    assert generator.trigger_source.get() == "EXT"
    generator.synchronize_phase(1)
    generator.abort()


def test_an_uploaded_waveform_is_played(generator: AFG3252, twin: EmulatedBench) -> None:
    generator.upload_waveform([0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0], memory=3)
    generator.function_shape1("USER3")
    generator.freq_cw1(1e3)
    generator.voltage_low1(0.0)
    generator.voltage_high1(1.0)
    generator.state_output1(True)
    # Straight lines between the points: the area is 3 of 8 points; 50 ohms told and none there, so twice the level.
    assert twin.harness.measure(twin.harness.ports["pulser.1"], 10e-3).voltage == pytest.approx(2 * 3 / 8, rel=1e-3)
