"""Faults of lines and gates, and pads at both ends of lines."""

import numpy as np
import pytest

from emulator import Array, Chip, DeviceModel, Harness, VirtualClock
from emulator import kernels as k
from emulator.drives import CurrentSource, Ground, Open, VoltageSource

MODEL = DeviceModel(v0=0.3, charge=1e-12, rest_drive=0.5)
LEAKY_GATE = DeviceModel(v0=0.3, charge=1e-9, gate_leakage=1e-9)


def array(rows=2, columns=2, model=MODEL, **options):
    chip = Chip(Array(model, rows, columns, seed=1, initial_state=0.5), read_noise=False, **options)
    harness = Harness(VirtualClock(), chip)
    ports = {}
    for pad in chip.pads:
        ports[pad] = harness.add_port(f"unit.{pad}")
        harness.connect(f"unit.{pad}", f"chip.{pad}")
        ports[pad].drive = Ground()
    return chip, harness, ports


def test_an_open_gate_is_never_written_and_takes_no_current():
    chip, harness, ports = array(model=LEAKY_GATE)
    chip.set_fault(0, 1, "open_gate")
    ports["G0"].drive = VoltageSource(1.0)
    harness.advance(1e-3)
    assert chip.array.y[0, 0] > 0.5
    assert chip.array.y[0, 1] == 0.5
    chip.set_fault(0, 0, "open_gate")
    assert harness.measure(ports["G0"], 1e-3).current == 0.0
    ports["D1"].drive = VoltageSource(0.1)
    assert harness.measure(ports["D1"], 1e-3).current == pytest.approx(2 * 0.1 * chip.conductances[1], rel=1e-3)


def test_an_open_gate_can_be_mended():
    chip, harness, ports = array()
    chip.set_fault(0, 0, "open_gate")
    harness.advance(1e-3)
    chip.set_fault(0, 0, "none")
    ports["G0"].drive = VoltageSource(1.0)
    harness.advance(1e-3)
    assert chip.array.y[0, 0] > 0.5


def test_an_open_gate_keeps_its_retention():
    chip, harness, _ = array(model=DeviceModel(retention_time=100.0))
    chip.set_fault(0, 0, "open_gate")
    harness.advance(100.0)
    assert chip.array.y.ravel() == pytest.approx([0.5 * np.exp(-1.0)] * 4, rel=1e-12)


def test_a_dead_gate_line_writes_nothing():
    chip, harness, ports = array(3, 2)
    chip.set_line_fault("G1", "dead")
    ports["G1"].drive = VoltageSource(1.0)
    sample = harness.measure(ports["G1"], 1e-3)
    assert (sample.voltage, sample.current) == (1.0, 0.0)
    assert (chip.array.y == 0.5).all()
    chip.set_line_fault("G1", "none")
    harness.advance(1e-3)
    assert (chip.array.y[1] > 0.5).all()
    assert (chip.array.y[[0, 2]] == 0.5).all()


def test_cells_of_a_dead_line_keep_each_others_company():
    """Gates of a dead line share a potential: cells on unequal channels exchange ions and conserve charge."""
    chip, harness, ports = array(1, 2, model=DeviceModel(v0=0.3, charge=1e-12, rest_drive=0.0))
    chip.set_line_fault("G0", "dead")
    ports["S0"].drive = Open()
    ports["D0"].drive, ports["D1"].drive = VoltageSource(1.0), VoltageSource(0.0)
    harness.advance(1e-3)
    moved = chip.array.devices[k.Q] - 0.5
    assert moved[0] < 0.0 < moved[1]
    assert moved.sum() == pytest.approx(0.0, abs=1e-9 * moved[1])


def test_a_dead_drain_line_carries_current_from_row_to_row():
    chip, harness, ports = array()
    chip.set_line_fault("D0", "dead")
    chip.set_line_fault("D1", "dead")
    ports["S0"].drive = VoltageSource(0.1)
    current = harness.measure(ports["S0"], 1e-3).current
    assert current == pytest.approx(
        0.1 * 2 * chip.conductances[0] / 2, rel=1e-9
    )  # two columns, each two cells in series
    assert harness.measure(ports["D0"], 1e-3).current == 0.0


def test_a_leaky_line_takes_its_current_to_ground():
    chip, harness, ports = array()
    chip.set_line_fault("G1", "leaky", 1e6)
    ports["G1"].drive = VoltageSource(0.1)  # too little to write
    assert harness.measure(ports["G1"], 1e-3).current == pytest.approx(1e-7, rel=1e-12)
    chip.set_line_fault("G1", "dead")
    assert harness.measure(ports["G1"], 1e-3).current == 0.0
    assert chip.line_faults["G1"].kind == "dead"


@pytest.mark.parametrize(
    ("line", "kind", "ohms", "words"),
    [
        ("G2", "dead", 1.0, r"line 'G2' does not exist.*G0 ... D1"),
        ("G0", "wet", 1.0, r"line fault = 'wet'.*none, dead, leaky"),
        ("G0", "leaky", 0.0, r"ohms = 0.0 Ohm"),
        ("G0", "leaky", np.inf, r"ohms = inf Ohm"),
    ],
)
def test_impossible_line_faults(line, kind, ohms, words):
    chip, _, _ = array()
    with pytest.raises(ValueError, match=words):
        chip.set_line_fault(line, kind, ohms)
    assert not chip.line_faults


def test_both_ends_of_an_ideal_line_are_one_net():
    chip, harness, ports = array(2, 3, ends="both")
    assert chip.pads[:3] == ("G0", "G1", "S0")
    assert chip.pads[7:] == ("Gfar0", "Gfar1", "Sfar0", "Sfar1", "Dfar0", "Dfar1", "Dfar2")
    for port in ports.values():
        port.drive = Open()
    ports["Dfar1"].drive, ports["S0"].drive = VoltageSource(0.1), Ground()
    near, far = harness.measure_all([ports["D1"], ports["Dfar1"]], 1e-3)
    assert near.voltage == pytest.approx(0.1)
    assert far.current > 0.0


def test_a_dead_line_is_cut_from_both_its_pads():
    chip, harness, ports = array(ends="both")
    chip.set_line_fault("G0", "dead")
    ports["Gfar0"].drive, ports["G0"].drive = VoltageSource(1.0), Open()
    harness.advance(1e-3)
    assert (chip.array.y == 0.5).all()
    assert harness.measure(ports["G0"], 1e-3).voltage == 0.0


def test_unknown_ends():
    with pytest.raises(ValueError, match=r"ends = 'middle'.*near, both"):
        array(ends="middle")


@pytest.mark.parametrize("drive", [VoltageSource(4.0), CurrentSource(1e-9, 4.0)])
def test_a_driven_gate_over_a_channel_that_hangs_on_nothing_writes_nothing(drive):
    """Nothing closes the loop: the channel follows the gate. Once its source is at ground, the device is written."""
    chip, harness, ports = array(1, 1)
    ports["S0"].drive = ports["D0"].drive = Open()
    ports["G0"].drive = drive
    sample = harness.measure(ports["G0"], 1e-3)
    assert (chip.array.y == 0.5).all()
    assert sample.voltage == pytest.approx(4.0)
    assert sample.current == pytest.approx(0.0, abs=1e-14)
    ports["S0"].drive = Ground()
    harness.advance(1e-3)
    assert chip.array.y[0, 0] > 0.5
