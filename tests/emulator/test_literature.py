"""Published devices: files, and what their pulses do through the ports of a harness."""

import math
import subprocess
import sys
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest

from emulator import DeviceModel, Waveform, literature
from emulator import kernels as k
from emulator.calibration import calibrated
from emulator.drives import CurrentSource, Open, VoltageSource
from emulator.linearity import curvature_from_label

IDEAL = VoltageSource(0.0)

# Printed: Gmin, Gmax [S] (Tang: Gmax / 10^3 for the printed 0), labels, states.
TABLE = {
    "tang2018": (2.4e-11, 2.4e-8, 0.347, -0.268, 1000),
    "kim2019": (1.5e-6, 1.6e-5, 0.0, 0.0, 1000),
    "onen2022": (1.1e-8, 2.3e-7, 0.7, 0.1, 1000),
}


def test_names() -> None:
    assert set(literature.names()) == set(TABLE)


def test_needs_no_numpy() -> None:
    code = (
        "import sys, emulator; [emulator.literature.load(n) for n in emulator.literature.names()]; "
        "sys.exit(bool({'numpy', 'numba'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


@pytest.mark.parametrize("name", TABLE)
def test_files_say_where_everything_comes_from(name: str) -> None:
    device = literature.load(name)
    assert device.doubts
    assert "Kwak" in device.source
    assert device.printed["states"] == "1000"
    assert all(device.why.values())
    assert device.labels == TABLE[name][2:4]
    assert device.model.y_high > 1.0


def pulsed_branch(rig, protocol, amplitude, source=IDEAL):
    """Conductance before the first and after each pulse; between pulses the gate is at 0 V, or open."""
    trace = [rig.conductance]
    for _ in range(protocol.count):
        if protocol.drive == "voltage":
            rig.gate.drive = source
            rig.gate.start(protocol.waveform(amplitude))
            rig.harness.advance(protocol.period)
        else:
            rig.push(amplitude, protocol.width)
            rig.rest(protocol.period - protocol.width)
        trace.append(rig.conductance)
    return np.array(trace)


@pytest.mark.parametrize("name", TABLE)
def test_window_and_labels_through_the_ports(Rig, label, name):
    """Retention off and an ideal source, so that the window is exact and the labels are those of the curvatures."""
    device = literature.load(name)
    gmin, gmax, up_label, down_label, count = TABLE[name]
    model, protocol = replace(device.model, retention_time=math.inf), device.protocol
    if protocol.drive == "voltage":
        shape = {key: getattr(protocol, key) for key in ("up_amplitude", "down_amplitude", "width", "edge", "period")}
        model = calibrated(model, **shape, count=count)
    rig = Rig(model, state=0.0)
    up = pulsed_branch(rig, protocol, protocol.up_amplitude)
    down = pulsed_branch(rig, protocol, protocol.down_amplitude)
    assert len(up) == count + 1
    assert up[0] == pytest.approx(gmin, rel=1e-6)
    assert up[-1] == pytest.approx(gmax, rel=1e-6)
    assert down[-1] == pytest.approx(gmin, rel=1e-6)
    assert label(up) == pytest.approx(up_label, abs=1e-6)
    assert -label(down) == pytest.approx(down_label, abs=1e-6)


@pytest.mark.parametrize("name", ["kim2019", "onen2022"])
def test_calibration_makes_up_for_source_resistance_and_retention(Rig, name):
    device = literature.load(name)
    gmin, gmax, *_ = TABLE[name]
    source = VoltageSource(0.0, resistance=device.protocol.source_resistance)
    rig = Rig(device.model, state=0.0)
    up = pulsed_branch(rig, device.protocol, device.protocol.up_amplitude, source)
    down = pulsed_branch(rig, device.protocol, device.protocol.down_amplitude, source)
    assert up[-1] == pytest.approx(gmax, rel=1e-4)  # read one period after the last pulse
    assert down[-1] == pytest.approx(gmin, rel=1e-3)


@pytest.mark.parametrize("name", ["kim2019", "onen2022"])
def test_train_in_one_go_ends_where_single_pulses_do(Rig, name):
    device = literature.load(name)
    rig = Rig(device.model, state=0.0)
    rig.gate.drive = VoltageSource(0.0, resistance=device.protocol.source_resistance)
    rig.gate.start(device.protocol.waveform(device.protocol.up_amplitude, device.protocol.count))
    rig.harness.advance(rig.gate.remaining)
    assert rig.gate.remaining == 0
    assert rig.conductance == pytest.approx(TABLE[name][1], rel=1e-4)


@pytest.mark.parametrize("name", ["kim2019", "onen2022"])
def test_reading_next_to_a_grounded_gate_writes_nothing(Rig, name):
    rig = Rig(literature.load(name).model)
    rig.drain.drive = VoltageSource(0.1)
    rig.harness.advance(1.0)
    assert rig.value(k.CYCLED) == 0.0


def test_kim_loses_what_was_printed_in_fourteen_hours(Rig):
    rig = Rig(literature.load("kim2019").model, state=0.9)
    rig.drain.drive = VoltageSource(0.1)
    before = rig.harness.measure(rig.drain, 0.02).current
    rig.gate.drive = Open()
    rig.harness.advance(14 * 3600.0)
    assert 1 - rig.harness.measure(rig.drain, 0.02).current / before == pytest.approx(0.054, abs=1e-6)


def test_kim_takes_100_fj_per_ns(Rig):
    device = literature.load("kim2019")
    rig = Rig(device.model)
    before = rig.conductance
    rig.gate.drive = VoltageSource(0.0)
    rig.gate.start(device.protocol.waveform(4.0, 10))
    rig.harness.advance(10.0)
    energy = rig.chip.array.energy[0, 0]
    assert energy / (rig.conductance - before) == pytest.approx(100e-15 / 1e-9, rel=0.05)


def test_onen_breaks_under_long_pulses_only(Rig):
    device = literature.load("onen2022")
    for width, broken in ((5e-9, False), (1e-6, True)):
        rig = Rig(device.model, state=0.0)
        rig.pulse(10.0, width, 1e-3)
        assert bool(rig.chip.array.broken[0, 0]) is broken


def test_tang_stays_below_three_volts(Rig):
    rig = Rig(literature.load("tang2018").model)
    rig.gate.drive = CurrentSource(1e-6, voltage_limit=3.0)
    sample = rig.harness.measure(rig.gate, 1e-6)
    assert (sample.limited, sample.voltage < 3.0) == (False, True)


# The 19 rows of the review's tables that print both labels.
LABELS = [
    (0.347, -0.268), (0.96, -0.11), (1.33, -0.34), (0.6, -0.58), (0.58, -0.86), (1.6, 0.25), (-0.09, 0.16), (1.8, -0.3),
    (1.1, -0.9), (1.3, -2.1), (1.3, -1.4), (4.5, -3.6), (3.1, -0.4), (1.2, 0.3), (4.8, -1.7), (0.5, 0.1), (0.9, 0.9),
    (0.65, -1.59), (0.7, 0.1),
]  # fmt: skip


@pytest.mark.parametrize(("up", "down"), LABELS)
def test_every_printed_label_can_be_reproduced(Rig, label, up, down):
    model = literature.load("tang2018").model
    model = replace(model, curvature_up=curvature_from_label(up), curvature_down=-curvature_from_label(down))
    rig = Rig(model, state=0.0)
    branches = []
    for sign in (1, -1):
        trace = [rig.conductance]
        for _ in range(40):
            rig.push(sign * 1e-10, 25.0)
            trace.append(rig.conductance)
        branches.append(np.array(trace))
    assert (label(branches[0]), -label(branches[1])) == (pytest.approx(up, abs=1e-7), pytest.approx(down, abs=1e-7))
    assert branches[0][-1] == pytest.approx(2.4e-8, rel=1e-8)


def edited(tmp_path, old, new):
    text = (files("emulator") / "devices" / "kim2019.toml").read_text("utf-8")
    assert old in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new), "utf-8")
    return path


def test_a_file_of_ones_own(tmp_path):
    device = literature.load(edited(tmp_path, "count = 1000", "count = 100"))
    assert device.name == "mine"
    ratio = device.model.rate_up / literature.load("kim2019").model.rate_up
    assert 10.0 < ratio < 10.5  # ten times the step, and ten times the drop across the source


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("v0 = { value = 0.6,", "v0 = { value = -0.6,", r"mine\.toml.*v0 = -0\.6 V.*above 0"),
        ("width = 1e-8", "width = 1e-9", r"width = 1e-09 s is shorter"),
        ("width = 1e-8", 'width = "10 ns"', r"protocol\.width = '10 ns'.*finite number"),
        ("polarity = {", "polarty = {", r"model\.polarty is not a parameter.*polarity"),
        ("polarity = { value = 1,", "polarity = { value = -1,", "check its sign"),
        ('drive = "voltage"', 'drive = "heat"', r"protocol\.drive = 'heat'.*voltage or current"),
        ("count = 1000", "count = 0", r"protocol\.count = 0.*from 1"),
        ("potentiation = 0.0", "potentiation = 12.0", r"label = 12\.0.*at most"),
        ("depression = 0.0", "", r"linearity\.depression is missing"),
        ('ion = "O"', 'ion = "O"\ncolour = "blue"', "colour is not allowed"),
        ("count = 1000", "count = ", "mine.toml"),
    ],
)
def test_refuses(tmp_path, old, new, message):
    with pytest.raises(ValueError, match=message):
        literature.load(edited(tmp_path, old, new))


def test_unknown_name():
    with pytest.raises(FileNotFoundError, match="kim2019, onen2022, tang2018"):
        literature.load("kim2020")


def test_kim_change_is_logarithmic_in_the_width(Rig):
    """+4 V, 100 ns to 10 ms, edges of a real generator, one pulse a second."""
    widths = np.logspace(-7, -2, 16)
    changes = []
    for width in widths:
        rig = Rig(literature.load("kim2019").model, state=0.3)
        before = rig.conductance
        rig.gate.drive = VoltageSource(0.0)
        rig.gate.start(Waveform.pulse(base=0, level=4, width=width, rise=3.6e-9, fall=3.6e-9, period=1.0))
        rig.harness.advance(1.0)
        changes.append(rig.conductance - before)
    r = np.corrcoef(np.log10(widths), changes)[0, 1]
    assert r * r > 0.999


def test_symmetry_point_is_reached_by_alternating_pulses(Rig, rectangular):
    """Labels 1.33/-0.34: up and down steps cancel at y = 0.565."""
    curvature = {"curvature_up": curvature_from_label(1.33), "curvature_down": curvature_from_label(0.34)}
    rig = Rig(rectangular(DeviceModel(v0=0.3, **curvature), 2.0, -2.0, 1e-6, 1000), state=0.1)
    rig.gate.drive = VoltageSource(0.0)
    rig.gate.start(Waveform((0, 1e-6, 1e-6, 2e-6), (2, 2, -2, -2), repeats=20_000))
    rig.harness.advance(rig.gate.remaining)
    assert rig.y == pytest.approx(0.565, abs=2e-3)
