"""Lines with resistance between instruments and devices, beside the solvers of crosspoint arrays."""

import numpy as np
import pytest

from emulator import Array, Chip, DeviceModel, Harness, VirtualClock
from emulator import kernels as k
from emulator.crosspoint import Crosspoint, LineDrives, LineFamily, ReadSolver
from emulator.drives import Open, VoltageSource
from emulator.resistive_lines import ResistiveLines, Wires

MODEL = DeviceModel(v0=0.5, rate_up=1e-3, rate_down=1e-3, charge=1e-12, conductance_min=1e-6, conductance_max=5e-5)
OHMS, DRIVER = {"gate": 50.0, "source": 100.0, "drain": 200.0}, 30.0
ALONG = {"A": ("rows", "rows", "columns"), "D": ("columns", "rows", "columns")}


def devices(rows, columns):
    array = Array(MODEL, rows, columns, seed=1, device_spread=False, cycle_noise=False)
    array.devices[k.Y] = array.devices[k.Q] = np.random.default_rng(0).uniform(0.1, 0.9, rows * columns)
    return array


def loom(rows, columns, layout="A", **options):
    chip = Chip(devices(rows, columns), layout=layout, read_noise=False, wires=Wires(**OHMS), **options)
    harness = Harness(VirtualClock(), chip)
    ports = {pad: harness.add_port(f"unit.{pad}") for pad in chip.pads}
    for pad, port in ports.items():
        harness.connect(port.name, f"chip.{pad}")
        port.drive = VoltageSource(0.0, resistance=DRIVER)
    return chip, harness, ports


def families(layout, far=np.inf):
    return [
        LineFamily(along=along, segment_resistance=ohms, near_resistance=DRIVER, far_resistance=far)
        for along, ohms in zip(ALONG[layout], OHMS.values(), strict=True)
    ]


def currents(harness, ports, names):
    return np.array([sample.current for sample in harness.measure_all([ports[name] for name in names], 1e-3)])


@pytest.mark.parametrize("layout", ["A", "D"])
def test_a_read_is_that_of_the_read_solver(layout):
    """Gates open, voltages on the source rows, currents at the drain columns."""
    chip, harness, ports = loom(5, 4, layout)
    volts = np.array([0.1, 0.0, -0.05, 0.2, 0.02])
    for row, volt in enumerate(volts):
        ports[f"S{row}"].drive = VoltageSource(volt, resistance=DRIVER)
    for pad in chip.pads:
        if pad.startswith("G"):
            ports[pad].drive = Open()
    _, source, drain = families(layout)
    conductance = chip.conductances.reshape(5, 4).copy()
    expected = ReadSolver(conductance, source, drain).solve(volts).bit_currents[0]
    assert currents(harness, ports, [f"D{n}" for n in range(4)]) == pytest.approx(expected, rel=1e-6)


def test_pads_at_both_ends_share_the_current():
    chip, harness, ports = loom(4, 3, ends="both")
    for end in ("S0", "Sfar0"):
        ports[end].drive = VoltageSource(0.1, resistance=DRIVER)
    source, drain = families("A", far=DRIVER)[1:]
    conductance = chip.conductances.reshape(4, 3).copy()
    solution = ReadSolver(conductance, source, drain).solve([0.1, 0.0, 0.0, 0.0])
    for end, expected in zip(("D{}", "Dfar{}"), solution.bit_currents, strict=True):
        measured = currents(harness, ports, [end.format(n) for n in range(3)])
        assert measured == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("layout", ["A", "D"])
def test_a_half_bias_write_is_that_of_the_write_solver(layout):
    """Every device moves by what its own voltages ask for; gate currents are too small to pull their lines."""
    chip, harness, ports = loom(4, 4, layout)
    point = Crosspoint(devices(4, 4), *families(layout))
    before = point.array.devices[k.Q].copy()
    volts = {"G0": 2.0, "G2": 2.0, "D1": -2.0}
    for pad, volt in volts.items():
        ports[pad].drive = VoltageSource(volt, resistance=DRIVER)
    drives = LineDrives(*([volts.get(f"{letter}{n}", 0.0) for n in range(4)] for letter in "GSD"))
    harness.advance(1e-3)
    point.write(drives, 1e-3, tolerance=1e-10)
    moved, expected = chip.array.devices[k.Q] - before, point.array.devices[k.Q] - before
    assert moved == pytest.approx(expected, rel=1e-4, abs=1e-12)  # channels change meanwhile
    ideal = Crosspoint(devices(4, 4), *(LineFamily(along=a, segment_resistance=1e-6, near_resistance=1e-6)
                                        for a in ALONG[layout]))  # fmt: skip
    ideal.write(drives, 1e-3)
    assert np.abs(expected - (ideal.array.devices[k.Q] - before)).max() > 1e-2 * np.abs(expected).max()


def test_a_dead_and_a_leaky_line():
    chip, harness, ports = loom(3, 3)
    chip.set_line_fault("S1", "dead")
    ports["S1"].drive = VoltageSource(1.0, resistance=DRIVER)
    ports["D2"].drive = VoltageSource(0.1, resistance=DRIVER)
    into_dead, before = currents(harness, ports, ["S1", "D2"])
    chip.set_line_fault("D2", "leaky", 1e5)
    (after,) = currents(harness, ports, ["D2"])
    assert into_dead == 0.0
    assert after - before == pytest.approx(0.1 / 1e5, rel=0.01)


def test_what_is_not_possible_is_refused():
    with pytest.raises(ValueError, match=r"wires of the drain lines = -1.0 Ohm are not allowed: give 0 Ohm or more"):
        Wires(drain=-1.0)
    with pytest.raises(ValueError, match=r"wires in a chip of 17 x 16 devices .* at most 256"):
        ResistiveLines(17, 16, "A", "near", Wires())
