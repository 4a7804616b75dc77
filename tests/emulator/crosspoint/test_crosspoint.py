"""Devices behind resistive lines: states, charges and currents that agree."""

import math

import numpy as np
import pytest

from emulator import Array, DeviceModel, literature
from emulator import kernels as k
from emulator.crosspoint.bias import LineDrives, SelectableLines, doubled_column, half_bias
from emulator.crosspoint.crosspoint import Crosspoint, gate_law
from emulator.crosspoint.lines import families
from emulator.crosspoint.read import ReadSolver

PLAIN = {"v0": 0.5, "rate_up": 1e-3, "rate_down": 2e-3, "charge": 1e-9, "y_high": 100.0, "y_low": -100.0}
QUIET = {"seed": 1, "device_spread": False, "cycle_noise": False, "initial_state": 0.5}


def crosspoint(rows=6, columns=5, layout="A", wires=None, options=None, **changes):
    array = Array(DeviceModel(**(PLAIN | changes)), rows, columns, **(QUIET | (options or {})))
    return Crosspoint(array, *families(layout, **(wires or {})))


def moved(point, before):
    return (point.array.devices[k.Q] - before).reshape(point.conductances.shape)


@pytest.mark.parametrize("layout", ["A", "B", "C", "D"])
def test_ideal_lines_write_by_the_closed_form(layout):
    """dq = r t sinh(m) sinh(h)/h, m the mean gate-channel voltage and h half the channel voltage, over v0."""
    ideal = {"segment_resistance": 1e-6, "driver_resistance": 1e-6}
    point = crosspoint(4, 4, layout, ideal)
    before = point.array.devices[k.Q].copy()
    point.write(half_bias(SelectableLines(layout, 4, 4), [0], [0], 4.0), 1e-2)
    change = moved(point, before)
    halves = (0.0, 0.0) if layout == "C" else (2.0, 2.0)
    selected, column_only = (4.0, 2.0) if layout == "C" else (3.0, 1.0)

    def closed(v, half, rate=1e-3):
        h = 0.5 * half / 0.5
        return rate * 1e-2 * math.sinh(v / 0.5) * (math.sinh(h) / h if h else 1.0)

    gate_only = change[1, 0] if layout == "D" else change[0, 1]
    column = change[0, 1] if layout == "D" else change[1, 0]
    assert change[0, 0] == pytest.approx(closed(selected, halves[0]), rel=1e-6)
    assert gate_only == pytest.approx(closed(2.0, 0.0), rel=1e-6)
    assert column == pytest.approx(closed(column_only, halves[1]), rel=1e-6)
    assert change[1, 1] == 0.0


MODELS = {
    "plain": {},
    "open-circuit potential": {"ocp_slope": 0.5, "ocp_offset": 0.1},
    "dispersion": {"dispersion_onset": 1e-5, "rate_up": 10.0, "rate_down": 10.0},
    "leak": {"gate_leakage": 1e-7},
    "negative": {"polarity": -1},
    "series resistance": {"series_resistance": 1e6},
    "filter": {"gate_time": 3e-3},
    "ungated stretch": {"ungated_resistance": 1e4, "contact_resistance": 1e3},
}


@pytest.mark.parametrize("model", list(MODELS))
def test_lines_carry_what_the_devices_took(model):
    """Long, resistive lines: the charge of each driver is that of the devices of its line, and all of them cancel."""
    point = crosspoint(12, 10, wires={"segment_resistance": 200.0, "driver_resistance": 1e3}, **MODELS[model])
    drives = half_bias(SelectableLines("A", 12, 10), range(6), range(5), 4.0)
    solution = point.write(drives, 1e-2, tolerance=1e-10)
    to_source, to_drain, excess = point.array.devices[[k.TO_SOURCE, k.TO_DRAIN, k.CHANNEL_EXCESS]].reshape(3, 12, 10)
    across = solution.voltages[1] - solution.voltages[2]
    channel = point.array.devices[k.G_START].reshape(12, 10) * across + excess / 1e-2
    gate, source, drain = (currents.sum(axis=0) for currents in solution.currents)
    largest = np.abs(drain).max()
    assert gate == pytest.approx((to_source + to_drain).sum(axis=1) / 1e-2, abs=1e-9 * largest)
    assert source == pytest.approx((channel - to_source / 1e-2).sum(axis=1), abs=1e-9 * largest)
    assert drain == pytest.approx((-channel - to_drain / 1e-2).sum(axis=0), abs=1e-9 * largest)
    assert np.abs(gate).max() > 1e-12
    v = solution.voltages[0] - 0.5 * (solution.voltages[1] + solution.voltages[2])
    assert v[0, 0] < 3.0 - 1e-3


def test_a_far_cell_is_written_less_than_a_near_one():
    point = crosspoint(32, 32, wires={"segment_resistance": 20.0})
    before = point.array.devices[k.Q].copy()
    point.write(half_bias(SelectableLines("A", 32, 32), range(32), range(32), 4.0), 1e-2)
    change = moved(point, before)
    assert (change[0] > change[-1]).all()  # row 0 is next to the drivers of the drain lines
    assert change[-1].min() > 0.0


def test_selectors_keep_half_selected_cells():
    """Thresholds between the 2 V of half-selected and the 3 V of selected cells."""
    switch = {"selector_threshold": 2.5, "selector_hold": 0.2, "selector_off_conductance": 0.0}
    point = crosspoint(4, 4, **switch)
    before = point.array.devices[k.Q].copy()
    point.write(half_bias(SelectableLines("A", 4, 4), [1], [2], 4.0), 1e-2)
    assert np.array_equal(np.argwhere(moved(point, before)), [[1, 2]])


def test_cells_that_cannot_be_written_stay():
    point = crosspoint(2, 3)
    point.array.integers[k.FLAG] = [k.OK, k.STUCK, k.OPEN_GATE, k.GATE_SHORT, k.BROKEN, k.OPEN_CHANNEL]
    law = gate_law(point.array, 1.0)
    assert np.flatnonzero(law.up).tolist() == [0]
    assert np.flatnonzero(law.leakage).tolist() == [3, 4]
    before = point.array.devices[k.Y].copy()
    point.write(LineDrives(2.0), 1e-2)
    assert np.flatnonzero(point.array.devices[k.Y] != before).tolist() == [0]


def test_pieces_follow_each_other():
    one, many = crosspoint(), crosspoint()
    lines = SelectableLines("A", 6, 5)
    pulse, rest = half_bias(lines, [0], [0], 4.0), LineDrives()
    for drives in (pulse, rest, pulse):
        one.write(drives, 1e-3)
    last = many.run([(pulse, 1e-3), (rest, 1e-3), (pulse, 1e-3)])
    assert np.array_equal(one.array.devices, many.array.devices)
    assert last is not None
    assert last.voltages[0, 0, 0] > 1.9


def test_repeated_with_the_same_seed_it_is_the_same():
    spread = {"spread_rate": 0.3, "spread_v0": 0.01, "cycle_noise": 0.01}
    points = [crosspoint(options={"device_spread": True, "cycle_noise": True}, **spread) for _ in range(2)]
    for point in points:
        point.write(half_bias(SelectableLines("A", 6, 5), range(3), range(2), 4.0), 1e-2)
    assert np.array_equal(points[0].array.devices, points[1].array.devices)
    assert np.ptp(points[0].array.y[:3, :2]) > 0.0


def test_reading_follows_writing():
    point = crosspoint(8, 8)
    _, source, drain = families("A")
    volts = np.full(8, 0.1)
    before = point.read(volts)
    assert before == pytest.approx(-ReadSolver(point.conductances, source, drain).solve(volts).bit_currents[0])
    many = point.read(np.tile(volts, (20, 1)))
    assert many == pytest.approx(np.tile(before, (20, 1)), rel=1e-9)
    point.write(half_bias(SelectableLines("A", 8, 8), range(8), range(8), 4.0), 1e-2)
    after = point.read(volts)
    assert (after > before).all()
    assert after == pytest.approx(-ReadSolver(point.conductances, source, drain).solve(volts).bit_currents[0])


def test_a_layout_that_cannot_tell_rows_apart_is_not_read():
    with pytest.raises(ValueError, match="source and drain lines run in parallel"):
        crosspoint(layout="C").read(np.zeros(6))


@pytest.mark.parametrize("seconds", [0.0, -1.0, math.inf, math.nan])
def test_impossible_durations_change_nothing(seconds):
    point = crosspoint()
    before = point.array.devices.copy()
    with pytest.raises(ValueError, match=r"seconds = .* s is not allowed"):
        point.write(LineDrives(1.0), seconds)
    assert np.array_equal(point.array.devices, before)


def test_drives_that_do_not_fit_change_nothing():
    point = crosspoint()
    before = point.array.devices.copy()
    with pytest.raises(ValueError, match=r"voltages of the gate lines have the shape \(7,\)"):
        point.write(LineDrives(np.zeros(7)), 1.0)
    assert np.array_equal(point.array.devices, before)


def test_disagreement_is_reported_and_changes_nothing():
    """A double layer that charges much faster than its lines allow has no constant voltage."""
    point = crosspoint(wires={"driver_resistance": 1e6}, double_layer_capacitance=1e-6, conductance_max=1e-3)
    before = point.array.devices.copy()
    with pytest.raises(ArithmeticError, match=r"do not agree: they still move by .* longer ones where they charge"):
        point.write(LineDrives(1.0), 1e-6, tolerance=1e-9)
    assert np.array_equal(point.array.devices, before)


@pytest.mark.parametrize("name", literature.names())
def test_every_published_device_is_written_through_wires(name):
    """A pulse of the publication: selected cells move most, and no current goes astray."""
    device = literature.load(name)
    array = Array(device.model, 3, 3, **QUIET)
    array.set_temperature(device.protocol.temperature)
    point = Crosspoint(array, *families("A"))
    volts = device.protocol.up_amplitude if abs(device.protocol.up_amplitude) > 1e-3 else 0.5  # a current, in amperes
    before = array.y.copy()
    solution = point.write(doubled_column(SelectableLines("A", 3, 3), [0], [0], volts), device.protocol.width)
    moved = np.abs(array.y - before)
    assert moved[0, 0] > 1.05 * max(moved[0, 1], moved[1, 0])
    assert moved[1, 1] < 0.1 * moved[0, 0]
    largest = max(np.abs(currents).max() for currents in solution.currents)
    assert sum(currents.sum() for currents in solution.currents) == pytest.approx(0.0, abs=1e-10 * largest)
