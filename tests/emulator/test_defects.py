"""Yield: as many defects as asked for, the same from the same seed, together where asked for, and felt by the chip."""

import math

import numpy as np
import pytest

from emulator import Array, Chip, Defects, DeviceModel, Harness, VirtualClock
from emulator import kernels as k
from emulator.drives import VoltageSource

SIDE = 200
RATES = {"stuck": 0.01, "open_channel": 0.02, "gate_short": 0.005, "open_gate": 0.03, "weak": 0.04}


@pytest.mark.parametrize("cluster_length", [0.0, 2.0])
def test_as_many_as_asked_for(cluster_length):
    """Over four arrays of 40 000 devices; clusters make the count less certain."""
    defects = Defects(**RATES, cluster_length=cluster_length)
    found = [defects.of_devices(seed, SIDE, SIDE) for seed in range(4)]
    for name, rate in RATES.items():
        count = sum(each[name].size for each in found) / len(found)
        spread = math.sqrt(rate * SIDE**2 / len(found)) * (1.0 + 2.0 * cluster_length)
        assert count == pytest.approx(rate * SIDE**2, abs=4 * spread)
    every = np.concatenate(list(found[0].values()))
    assert np.unique(every).size == every.size  # one defect a device


def test_rare_defects_are_as_rare_as_asked_for():
    """Far below the resolution of a table of normal numbers."""
    assert Defects(stuck=4e-6).of_devices(1, 1000, 1000)["stuck"].size in range(13)


def neighbours(defects):
    """How often the right neighbour of a defective device is defective, too."""
    bad = np.zeros(SIDE * SIDE, dtype=bool)
    for devices in defects.of_devices(2, SIDE, SIDE).values():
        bad[devices] = True
    bad = bad.reshape(SIDE, SIDE)
    return (bad[:, 1:] & bad[:, :-1]).sum() / bad[:, :-1].sum()


def test_defects_scatter_or_stand_together():
    assert neighbours(Defects(**RATES)) == pytest.approx(sum(RATES.values()), abs=0.03)
    assert neighbours(Defects(**RATES, cluster_length=3.0)) > 0.6


def test_the_seed_alone_decides():
    defects = Defects(**RATES)
    first, again, other = (defects.of_devices(seed, 50, 50) for seed in (1, 1, 2))
    assert all(np.array_equal(first[name], again[name]) for name in RATES)
    assert not np.array_equal(first["weak"], other["weak"])
    assert all(devices.size == 0 for devices in Defects().of_devices(1, 50, 50).values())
    assert Defects(stuck=1.0).of_devices(1, 3, 3)["stuck"].tolist() == list(range(9))


def test_lines():
    lines = [f"G{n}" for n in range(10_000)]
    found = Defects(dead_lines=0.02, leaky_lines=0.1).of_lines(1, lines)
    kinds = list(found.values())
    assert kinds.count("dead") == pytest.approx(200, abs=60)
    assert kinds.count("leaky") == pytest.approx(1000, abs=130)
    assert Defects(dead_lines=1.0).of_lines(1, ["G0", "S0"]) == {"G0": "dead", "S0": "dead"}
    assert not Defects().of_lines(1, lines)


MODEL = DeviceModel(v0=0.3, rate_up=10.0, y_high=5.0)


def test_a_chip_gets_its_defects():
    defects = Defects(**dict.fromkeys(RATES, 0.1), weak_rate=0.25, leaky_lines=0.5, leak=3e6)
    chip, whole = (Chip(Array(MODEL, 10, 12, seed=3, initial_state=0.5), read_noise=False) for _ in range(2))
    defects.apply(chip)
    found = defects.of_devices(3, 10, 12)
    flags = chip.array.integers[k.FLAG]
    for name, flag in (("stuck", k.STUCK), ("open_channel", k.OPEN_CHANNEL), ("gate_short", k.GATE_SHORT)):
        assert np.flatnonzero(flags == flag).tolist() == found[name].tolist()
        assert found[name].size
    assert chip.conductances[found["open_channel"]].max() == 0.0
    faults = chip.line_faults
    assert {line: fault.kind for line, fault in faults.items()} == defects.of_lines(3, chip.lines)
    assert {fault.ohms for fault in faults.values()} == {3e6}

    changes = []
    for each in (chip, whole):
        harness = Harness(VirtualClock(), each)
        gate = harness.add_port("unit.g")
        for pad in each.pads:
            harness.connect("unit.g" if pad.startswith("G") else "ground", f"chip.{pad}")
        gate.drive = VoltageSource(1.0)
        harness.advance(1e-4)
        changes.append(each.array.y.ravel() - 0.5)
    ratio = changes[0] / changes[1]
    expected = np.ones(120)
    expected[found["weak"]] = 0.25
    for name in ("stuck", "gate_short", "open_gate"):
        expected[found[name]] = 0.0
    healthy = flags != k.OPEN_CHANNEL  # whether ions move below a cut channel, nobody can see
    assert ratio[healthy] == pytest.approx(expected[healthy], abs=1e-9)


def test_weak_devices_stay_weak_when_it_gets_hot():
    chip, whole = (Chip(Array(MODEL, 10, 10, seed=3)) for _ in range(2))
    Defects(weak=0.3, weak_rate=0.5).apply(chip)
    for each in (chip, whole):
        each.temperature = 350.0
    weak = Defects(weak=0.3).of_devices(3, 10, 10)["weak"]
    expected = np.ones(100)
    expected[weak] = 0.5
    for row in (k.RATE_UP, k.RATE_DOWN):
        assert chip.array.devices[row] / whole.array.devices[row] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"stuck": 1.5}, r"stuck = 1\.5 is not allowed: give a probability"),
        ({"weak": math.nan}, r"weak = nan is not allowed: give a probability"),
        ({"stuck": 0.6, "weak": 0.6}, r"stuck \+ open_channel .* = 1\.2 is not allowed: they exclude each other"),
        ({"dead_lines": 0.6, "leaky_lines": 0.6}, r"dead_lines \+ leaky_lines = 1\.2 is not allowed"),
        ({"weak_rate": 0.0}, r"weak_rate = 0\.0 is not allowed: give more than 0"),
        ({"leak": math.inf}, r"leak = inf Ohm is not allowed: give more than 0 Ohm"),
        ({"cluster_length": -1.0}, r"cluster_length = -1\.0 cells is not allowed: give 0 to 256"),
    ],
)
def test_impossible_rates_are_refused(values, words):
    with pytest.raises(ValueError, match=words):
        Defects(**values)
