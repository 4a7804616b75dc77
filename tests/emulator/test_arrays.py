"""Arrays behind a matrix, bias schemes, several waveforms at once."""

import math
from dataclasses import replace

import numpy as np
import pytest

from emulator import Array, Chip, DeviceModel, Harness, VirtualClock, Waveform
from emulator import kernels as k
from emulator.drives import CurrentSource, Ground, Open, VoltageSource

SINH = DeviceModel(charge=1e-12, v0=0.5, rate_up=1e-3, rate_down=1e-3, rest_drive=0.0, y_low=-1e9, y_high=1e9)
LINEAR = replace(SINH, v0=1e6, rate_up=1e3, rate_down=1e3)


def loom(model, rows, columns, layout="A", **options):
    chip = Chip(Array(model, rows, columns, seed=1, **options), layout=layout, read_noise=False)
    return chip, Harness(VirtualClock(), chip)


def lines(harness, chip, volts):
    """One port a pad, at the given voltages; None leaves a pad open."""
    for pad in chip.pads:
        port = harness.add_port(f"line.{pad}")
        harness.connect(port.name, f"chip.{pad}")
        port.drive = Open() if volts[pad] is None else VoltageSource(volts[pad])


def test_pads_and_layouts() -> None:
    for layout, pads in {
        "A": ("G0", "G1", "S0", "S1", "D0", "D1", "D2"),
        "B": ("G0", "G1", "S0", "S1", "S2", "D0", "D1"),
        "C": ("G0", "G1", "S0", "S1", "S2", "D0", "D1", "D2"),
        "D": ("G0", "G1", "G2", "S0", "S1", "D0", "D1", "D2"),
    }.items():
        assert loom(SINH, 2, 3, layout)[0].pads == pads
    with pytest.raises(ValueError, match=r"layout = 'E'.*A, B, C, D"):
        loom(SINH, 2, 3, "E")


def moved(model, volts):
    """Charge each device of a 2 x 2 array takes under line voltages for a short time."""
    chip, harness = loom(model, 2, 2)
    lines(harness, chip, volts)
    harness.advance(1e-3)
    return chip.array.devices[k.Q].reshape(2, 2)


HALF_BIAS = {"G0": 3.0, "G1": 0.0, "S0": 0.0, "S1": 0.0, "D0": -3.0, "D1": 0.0}


def test_half_bias_of_a_linear_gate_law() -> None:
    """Selected, gate-only, drain-only, unselected cells see 3/4, 1/2, 1/4 and 0 of 6 V."""
    q = moved(LINEAR, HALF_BIAS)
    expected = 1e3 * 6.0 / 1e6 * 1e-3 * np.array([[0.75, 0.5], [0.25, 0.0]])
    assert q == pytest.approx(expected, rel=1e-9, abs=1e-20)


def test_half_bias_of_a_sinh_gate_law() -> None:
    """Effective voltages 0.850, 0.500, 0.350 of 6 V at v0 = 0.5 V: the channel is distributed, selectivity 67."""
    q = moved(SINH, HALF_BIAS)
    effective = 0.5 * np.arcsinh(q / 1e-6) / 6.0
    assert effective[0] == pytest.approx([0.850, 0.500], abs=5e-4)
    assert effective[1] == pytest.approx([0.350, 0.0], abs=5e-4)
    assert q[0, 0] / q[0, 1] == pytest.approx(67, abs=0.5)


def test_open_gate_line_settles_at_the_mean_of_its_channels() -> None:
    """Unselected gates open, linear law: (1 - h)/4 and -h/4 of V with the share h = 1/2 of the row."""
    q = moved(LINEAR, HALF_BIAS | {"G1": None})
    assert q[1] / (1e3 * 6.0 / 1e6 * 1e-3) == pytest.approx([0.125, -0.125], rel=1e-6)


def test_source_lines_open_follow_their_columns() -> None:
    """Open source row: weighted mean of the drains, so v = (3 + f)/4, (2 + f)/4, (1 + f)/4, f/4 with f = 1/2."""
    q = moved(LINEAR, HALF_BIAS | {"S0": None, "S1": None})
    expected = 1e3 * 6.0 / 1e6 * 1e-3 * np.array([[3.5, 2.5], [1.5, 0.5]]) / 4
    assert q == pytest.approx(expected, rel=1e-6)


def test_one_gate_current_is_shared_by_a_row() -> None:
    """A current source on a row of equal cells divides evenly; of unequal ones as their rates."""
    chip, harness = loom(SINH, 1, 4)
    chip.array.devices[k.RATE_UP] = 1e-3 * np.array([1, 2, 3, 4])
    lines(harness, chip, dict.fromkeys(chip.pads, 0.0) | {"G0": None})
    gate = harness.add_port("gate.a")
    harness.connect("gate.a", "chip.G0")
    gate.drive = CurrentSource(1e-15, voltage_limit=10.0)
    sample = harness.measure(gate, 1.0)
    assert chip.array.devices[k.Q] == pytest.approx(1e-3 * np.array([0.1, 0.2, 0.3, 0.4]), rel=1e-9)
    assert sample.current == pytest.approx(1e-15, rel=1e-9)
    assert sample.voltage == pytest.approx(0.5 * math.asinh(1e-15 / (1e-12 * 1e-2)), rel=1e-9)


def matrix(model):
    """An 8 x 8 chip whose pads hang on the columns of a relay matrix; gate and read units on rows A to C."""
    chip, harness = loom(model, 8, 8)
    for number, pad in enumerate(chip.pads):
        harness.connect(f"matrix.{number}", f"chip.{pad}")
    ports = [harness.add_port(f"unit.{name}") for name in "gsd"]
    for port, row in zip(ports, "ABC", strict=True):
        harness.connect(port.name, f"matrix.{row}")
    harness.connect("ground", "matrix.H")
    return chip, harness, ports


def select(chip, harness, row, column):
    """Route one cell to rows A, B, C and every other pad to ground."""
    chosen = {f"G{row}": "A", f"S{row}": "B", f"D{column}": "C"}
    for number, pad in enumerate(chip.pads):
        for line in "ABCH":
            harness.open_relay(f"matrix.{line}", f"matrix.{number}")
        harness.close_relay(f"matrix.{chosen.get(pad, 'H')}", f"matrix.{number}")


def test_matrix_selects_one_cell() -> None:
    chip, harness, (gate, source, drain) = matrix(DeviceModel(v0=0.3, charge=1e-12, rest_drive=0.5))
    gate.drive = source.drive = Ground()
    for row, column in ((2, 5), (7, 0)):
        select(chip, harness, row, column)
        before = chip.array.y.copy()
        gate.drive = VoltageSource(1.0)
        harness.advance(1e-3)
        gate.drive = Ground()
        changed = chip.array.y - before
        assert (changed[row] > 0).all()  # the gate line writes its whole row
        assert np.count_nonzero(changed) == 8
        drain.drive = VoltageSource(0.1)
        i_drain, i_source = (s.current for s in harness.measure_all([drain, source], 1e-3))
        here = chip.conductances.reshape(8, 8)
        assert i_source == pytest.approx(-0.1 * here[row, column], rel=1e-6)  # the selected cell alone
        assert i_drain == pytest.approx(0.1 * here[:, column].sum(), rel=1e-6)  # the whole column
        drain.drive = VoltageSource(0.0)


def test_everything_open_stays_as_it_is() -> None:
    chip, harness, (_, _, drain) = matrix(DeviceModel(v0=0.3))
    drain.drive = VoltageSource(1.0)
    assert harness.measure(drain, 1.0).current == 0.0
    assert not chip.array.y.any()


def test_read_currents_of_an_array_are_products() -> None:
    chip, harness = loom(DeviceModel(spread_conductance=0.3), 5, 7)
    rng = np.random.default_rng(1)
    volts = rng.uniform(-0.02, 0.02, 5)
    levels = {f"S{i}": v for i, v in enumerate(volts)} | {f"D{j}": 0.0 for j in range(7)}
    lines(harness, chip, levels | {f"G{i}": None for i in range(5)})
    ports = list(harness._ports.values())[-7:]
    currents = [s.current for s in harness.measure_all(ports, 1e-3)]
    assert currents == pytest.approx(-volts @ chip.conductances.reshape(5, 7), rel=1e-12)


def rig_with_waveforms(Rig, oxygen):
    rig = Rig(oxygen(charge=1e-12, y_high=9.0), state=0.2)
    rig.gate.drive = rig.drain.drive = VoltageSource(0.0)
    return rig


def test_overlapping_waveforms_equal_their_segments(Rig, oxygen):
    """Gate 4 V from 1 to 5 us, drain 1 V from 3 to 9 us: three different drives one after the other."""
    both, apart = rig_with_waveforms(Rig, oxygen), rig_with_waveforms(Rig, oxygen)
    both.gate.start(Waveform.pulse(base=0, level=4, width=4e-6, rise=0, fall=0, period=10e-6, delay=1e-6))
    both.drain.start(Waveform.pulse(base=0, level=1, width=6e-6, rise=0, fall=0, period=12e-6, delay=3e-6))
    both.harness.advance(12e-6)
    for gate, drain, seconds in ((0, 0, 1e-6), (4, 0, 2e-6), (4, 1, 2e-6), (0, 1, 4e-6), (0, 0, 3e-6)):
        apart.gate.drive, apart.drain.drive = VoltageSource(gate), VoltageSource(drain)
        apart.harness.advance(seconds)
    assert both.state() == pytest.approx(apart.state(), rel=1e-11)


def test_merged_trains_equal_single_steps(Rig, oxygen):
    """Two trains of one period and different phase, run at once, in odd pieces, and measured meanwhile."""
    states, charges = [], []
    for pieces in (1, 7, 40):
        rig = rig_with_waveforms(Rig, oxygen)
        rig.gate.start(Waveform.pulse(base=0, level=4, width=1e-6, rise=2e-7, fall=3e-7, period=5e-6, repeats=30))
        rig.harness.advance(1.3e-6)
        rig.drain.start(Waveform.pulse(base=0.1, level=0.5, width=2e-6, rise=0, fall=0, period=5e-6, repeats=20))
        charge = 0.0
        for _ in range(pieces):
            sample = rig.harness.measure(rig.gate, 2e-4 / pieces)
            charge += sample.current * 2e-4 / pieces
        assert rig.gate.remaining == rig.drain.remaining == 0
        states.append(rig.state())
        charges.append(charge)
    assert states[1] == pytest.approx(states[0], rel=1e-9)
    assert states[2] == pytest.approx(states[0], rel=1e-9)
    assert charges[1:] == pytest.approx([charges[0]] * 2, rel=1e-9)


def test_drain_current_is_averaged_while_the_gate_writes(Rig):
    """G rises linearly under current drive; its mean over the aperture is the one half-way."""
    rig = Rig(DeviceModel(conductance_min=1e-6, conductance_max=11e-6, charge=1e-9, v0=0.1, y_high=2.0), state=0.0)
    rig.drain.drive = VoltageSource(0.01)
    rig.gate.drive = CurrentSource(1e-10, voltage_limit=3.0)
    gate, drain, source = rig.harness.measure_all([rig.gate, rig.drain, rig.source], 10.0)
    assert drain.current + source.current == pytest.approx(-1e-10, rel=1e-9)
    assert 0.5 * (drain.current - source.current) == pytest.approx(0.01 * 6e-6, rel=1e-3)
    assert gate.current == pytest.approx(1e-10, rel=1e-12)


def test_writing_through_a_resistive_channel_follows_its_conductance(Rig, oxygen):
    """With a resistor in the drain lead the channel potential moves with G: a train must not freeze it."""
    states = []
    for calls in (1, 20):
        rig = rig_with_waveforms(Rig, oxygen)
        rig.drain.drive = VoltageSource(2.0, resistance=1e5)
        shape = Waveform.pulse(base=0, level=4, width=1e-3, rise=0, fall=0, period=1.0, repeats=20 // calls)
        for _ in range(calls):
            rig.gate.start(shape)
            rig.harness.advance(rig.gate.remaining)
        states.append(rig.y)
    assert states[0] == pytest.approx(states[1], rel=1e-12)


@pytest.mark.parametrize("temperature", [0.0, math.nan, 1e4])
def test_impossible_temperatures(temperature: float) -> None:
    chip, _ = loom(SINH, 1, 1)
    with pytest.raises(ValueError, match="temperature ="):
        chip.temperature = temperature


def test_heat_changes_the_read_conductance() -> None:
    chip, _ = loom(DeviceModel(read_activation=0.1), 1, 1)
    cold = chip.conductances[0]
    chip.temperature = 350.0
    assert chip.conductances[0] / cold == pytest.approx(math.exp(0.1 / 8.617333e-5 / 2100), rel=1e-6)


@pytest.mark.parametrize(
    ("fault", "conductance", "gate_current"),
    [("none", 1e-6, None), ("stuck", 1e-6, 0.0), ("open_channel", 0.0, 0.0), ("gate_short", 1e-6, 1e-6)],
)
def test_faults(fault, conductance, gate_current) -> None:
    """At 1 V: a frozen device takes no gate current, a shorted gate 1 uS x 1 V."""
    chip, harness = loom(DeviceModel(v0=0.3, charge=1e-9), 2, 2)
    lines(harness, chip, dict.fromkeys(chip.pads, 0.0) | {"G1": 1.0})
    chip.set_fault(1, 0, "stuck")
    chip.set_fault(1, 1, fault)
    assert chip.conductances[3] == pytest.approx(conductance)
    sample = harness.measure(harness._ports["line.G1"], 1e-3)
    if gate_current is None:
        assert chip.array.y[1, 1] > 0
        assert sample.current > 1e-9
    else:
        assert chip.array.y[1, 1] == 0.0
        assert sample.current == pytest.approx(gate_current)


def test_impossible_faults() -> None:
    chip, _ = loom(SINH, 2, 2)
    with pytest.raises(ValueError, match=r"fault = 'wet'.*stuck"):
        chip.set_fault(0, 0, "wet")
    with pytest.raises(ValueError, match=r"device \(2, 0\).*2 x 2"):
        chip.set_fault(2, 0, "stuck")


def test_waveform_pauses_for_nothing_but_a_change_of_source() -> None:
    _chip, harness = loom(SINH, 1, 1)
    port = harness.add_port("unit.a")
    port.drive = VoltageSource(0.0)
    port.start(Waveform((0, 1), (2, 2), repeats=3))
    harness.advance(0.5)
    port.drive = Open()
    harness.advance(1.0)
    assert port.remaining == pytest.approx(1.5)
    assert harness.probe(port).voltage == 0.0
    port.drive = VoltageSource(0.0, 50.0)
    assert harness.probe(port).voltage == 2.0
    port.drive = CurrentSource(0.0)
    assert port.remaining == 0
