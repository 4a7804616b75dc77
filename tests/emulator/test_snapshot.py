"""A chip that is put back into a state goes on with the same bits as the one that never stopped."""

import inspect
import json
import math

import numpy as np
import pytest

from emulator import Array, Chip, DeviceModel, Harness, VirtualClock, Waveform
from emulator import kernels as k
from emulator.drives import VoltageSource
from emulator.resistive_lines import Wires
from emulator.snapshot import Snapshot, SnapshotError
from emulator.spread_maps import SpreadMap

MODEL = DeviceModel(
    v0=0.3,
    rate_up=30.0,
    rate_down=20.0,
    cycle_noise=0.02,
    flicker=1e-6,
    trap_count=2.0,
    spread_rate=0.2,
    spread_conductance=0.1,
    spread_selector=0.05,
    curvature_up=1.0,
    dispersion_onset=1e-6,
    drift_exponent=0.01,
    series_resistance=1e6,
    selector_threshold=0.4,
    double_layer_capacitance=1e-13,
    heater_thermal_resistance=1e4,
    y_low=-0.2,
    y_high=1.5,
)


class Bench:
    """A 2 x 3 chip with a gate pulser, a heater supply and a meter at two drains."""

    def __init__(self, chip, clock):
        self.chip = chip
        self.harness = Harness(clock, chip)
        self.gate, self.heater, self.drain, self.other = (self.harness.add_port(f"unit.{n}") for n in range(4))
        wires = {"G0": "unit.0", "G1": "unit.0", "H+": "unit.1", "H-": "ground", "D0": "unit.2", "D2": "unit.3"}
        for pad, node in (wires | {"S0": "ground", "S1": "ground"}).items():
            self.harness.connect(node, f"chip.{pad}")
        self.drain.drive = self.other.drive = VoltageSource(0.1)

    def work(self, rounds):
        seen = []
        for _ in range(rounds):
            self.gate.drive = VoltageSource(0.0)
            self.heater.drive = VoltageSource(0.5)
            pulse = Waveform.pulse(base=0, level=1.5, width=1e-5, rise=0, fall=0, period=3e-5, repeats=5)
            self.gate.start(pulse)
            self.harness.advance(self.gate.remaining)
            self.heater.drive = VoltageSource(0.1)
            samples = self.harness.measure_all([self.drain, self.other], 0.02)
            seen += [value for sample in samples for value in (sample.voltage, sample.current)]
        return seen


def chip(model=MODEL, **options):
    array = Array(model, 2, 3, seed=5, initial_state=0.3, spread_maps={"rate": SpreadMap(length=2.0)})
    return Chip(array, temperature=320.0, **({"heater": True} | options))


def same(a, b):
    assert a.header == b.header
    assert a.arrays.keys() == b.arrays.keys()
    return all(np.array_equal(a.arrays[name].view(np.uint8), b.arrays[name].view(np.uint8)) for name in a.arrays)


def test_a_restored_chip_goes_on_with_the_same_bits():
    bench = Bench(chip(), VirtualClock())
    bench.work(2)
    bench.chip.set_fault(1, 2, "stuck")
    bench.chip.set_line_fault("D1", "leaky", 1e6)
    state, parts = bench.chip.state(), bench.harness.clock.parts
    twin = Bench(Chip.restored(state), VirtualClock(*parts))
    assert same(twin.chip.state(), state)
    assert twin.chip.line_faults == bench.chip.line_faults
    assert twin.chip.device_temperature == bench.chip.device_temperature > 320.0
    seen = bench.work(3)
    assert twin.work(3) == seen
    assert len(set(seen)) > 6  # noise, writing
    assert same(twin.chip.state(), bench.chip.state())


OPTIONS = [
    {"read_noise": False},
    {"layout": "C", "ends": "both"},
    {"taps": True},
    {"wires": Wires(gate=2.0, drain=7.0)},
    {"heater": False},
]


@pytest.mark.parametrize("options", OPTIONS)
def test_options_of_a_chip_are_kept(options):
    first = chip(DeviceModel(contact_resistance=1e4), **options)
    second = Chip.restored(first.state())
    assert (second.pads, second.layout, second.noise is None) == (first.pads, first.layout, first.noise is None)
    assert second.netlist.resistors == first.netlist.resistors
    assert same(second.state(), first.state())


def test_no_option_of_a_chip_is_forgotten():
    asked = inspect.signature(Chip).parameters.keys() - {"array", "temperature"}
    assert chip().state().header["options"].keys() == asked


def test_no_option_of_an_array_is_forgotten():
    asked = inspect.signature(Array).parameters.keys() - {"initial_state"}
    assert chip().array.state().header.keys() == asked


def test_the_header_is_plain_and_the_arrays_are_copies():
    array = chip().array
    state = array.state()
    assert json.loads(json.dumps(state.header)) == state.header
    assert state.header["model"]["lifetime_cycles"] == math.inf
    array.devices[k.Y] = 0.9
    assert state.arrays["_devices"][k.Y].tolist() == [0.3] * 6
    assert Array.restored(state).model == MODEL


def test_a_state_of_another_size_is_refused_and_changes_nothing():
    array = Array(MODEL, 2, 2, seed=1)
    before = array.state()
    with pytest.raises(SnapshotError, match=r"'_devices' is float64 \(\d+, 6\), but float64 \(\d+, 4\) is needed"):
        array.restore(chip().array.state())
    assert same(array.state(), before)


@pytest.mark.parametrize("broken", ["header", "array", "part", "value"])
def test_what_is_no_state_is_refused(broken):
    state = chip().state()
    if broken == "header":
        del state.header["options"]
    elif broken == "array":
        del state.arrays["array/_integers"]
    elif broken == "part":
        state = Snapshot({name: value for name, value in state.header.items() if name != "array"}, state.arrays)
    else:
        state.header["array"]["model"]["v0"] = -1.0
    with pytest.raises(SnapshotError, match=r"options|_integers|no part 'array'|v0 = -1.0 V"):
        Chip.restored(state)


def test_a_clock_goes_on():
    clock = VirtualClock()
    for _ in range(1000):
        clock.advance(1e-9)
    clock.advance(5e4)
    twin = VirtualClock(*clock.parts)
    for each in (clock, twin):
        each.advance(1e-9)
    assert twin.now == clock.now
    assert twin.parts == clock.parts
