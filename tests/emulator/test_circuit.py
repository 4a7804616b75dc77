"""Sources, resistors and nets without a chip."""

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator import Harness, VirtualClock, Waveform
from emulator.circuit import Circuit
from emulator.drives import CurrentSource, Drive, Ground, Open, Sample, VoltageSource


def measured(drive: Drive, ohms: float | None) -> Sample:
    harness = Harness(VirtualClock())
    port = harness.add_port("smu.a")
    if ohms is not None:
        harness.add_resistor("smu.a", "ground", ohms)
    port.drive = drive
    return harness.measure(port, 0.01)


@given(st.floats(-10, 10), st.floats(1e-3, 1e12), st.floats(0, 1e6))
def test_divider(level: float, load: float, resistance: float) -> None:
    sample = measured(VoltageSource(level, resistance), load)
    assert sample.current == pytest.approx(level / (load + resistance), rel=1e-9, abs=1e-300)
    assert sample.voltage == pytest.approx(level * load / (load + resistance), rel=1e-9, abs=1e-300)


@given(st.floats(-10, 10), st.floats(1e-3, 1e6), st.floats(1e-9, 1))
def test_current_limit(level: float, load: float, limit: float) -> None:
    sample = measured(VoltageSource(level, 0.0, limit), load)
    wanted = level / load
    expected = wanted if abs(wanted) <= limit else math.copysign(limit, level)
    assert sample.current == pytest.approx(expected, rel=1e-9, abs=1e-300)
    assert sample.voltage == pytest.approx(expected * load, rel=1e-9, abs=1e-300)
    if abs(abs(wanted) / limit - 1) > 1e-9:
        assert sample.limited is (abs(wanted) > limit)


@given(st.floats(-1, 1), st.floats(1e-3, 1e6), st.floats(1e-3, 100))
def test_voltage_limit(level: float, load: float, limit: float) -> None:
    sample = measured(CurrentSource(level, limit), load)
    wanted = level * load
    expected = wanted if abs(wanted) <= limit else math.copysign(limit, level)
    assert sample.voltage == pytest.approx(expected, rel=1e-9, abs=1e-300)
    assert sample.current == pytest.approx(expected / load, rel=1e-9, abs=1e-300)


def test_unconnected_ports() -> None:
    assert measured(VoltageSource(3.0, 50.0), None) == Sample(3.0, 0.0, False)
    assert measured(Open(), None) == Sample(0.0, 0.0, False)
    assert measured(Ground(), None) == Sample(0.0, 0.0, False)


def test_floating_nodes_follow_what_they_hang_on() -> None:
    """Two nodes behind resistors without load take the potential of the only source; a third floats at nothing."""
    harness = Harness(VirtualClock())
    source, meter, lost = (harness.add_port(f"unit.{n}") for n in "abc")
    harness.add_resistor("unit.a", "middle", 1e6)
    harness.add_resistor("middle", "unit.b", 1e6)
    source.drive = VoltageSource(1.5)
    samples = harness.measure_all([source, meter, lost], 1.0)
    assert samples[0].current == pytest.approx(0.0, abs=1e-20)
    assert samples[1] == Sample(pytest.approx(1.5), 0.0, False)
    assert samples[2].voltage == 0.0


def test_two_ideal_sources_in_conflict_limit_each_other() -> None:
    harness = Harness(VirtualClock())
    strong, weak = harness.add_port("unit.a"), harness.add_port("unit.b")
    harness.connect("unit.a", "unit.b")
    strong.drive, weak.drive = VoltageSource(1.0, 0.0, 1.0), VoltageSource(0.2, 0.0, 0.1)
    a, b = harness.measure_all([strong, weak], 1.0)
    assert (a.current, b.current) == (pytest.approx(0.1), pytest.approx(-0.1))
    assert a.voltage == pytest.approx(1.0, abs=1e-3)
    assert (a.limited, b.limited) == (False, True)


def test_the_smaller_of_two_limits_counts() -> None:
    """Both sources would exceed their limits; with the smaller one at its limit, the other is well inside its own."""
    harness = Harness(VirtualClock())
    strong, weak, meter = harness.add_port("unit.a"), harness.add_port("unit.b"), harness.add_port("unit.c")
    harness.add_resistor("unit.a", "unit.b", 1e3)
    harness.add_resistor("unit.b", "unit.c", 1e3)
    strong.drive, weak.drive = VoltageSource(0.0, 0.0, 1e-6), VoltageSource(1.0, 0.0, 1e-9)
    meter.drive = CurrentSource(0.0, 0.5)
    a, b, c = harness.measure_all([strong, weak, meter], 1.0)
    assert (a.current, b.current) == (pytest.approx(-1e-9), pytest.approx(1e-9))
    assert (a.limited, b.limited) == (False, True)
    assert c.voltage == pytest.approx(1e-6)


def test_a_current_source_at_its_limit_beside_an_ideal_voltage_source() -> None:
    harness = Harness(VirtualClock())
    a, b, far = harness.add_port("unit.a"), harness.add_port("unit.b"), harness.add_port("unit.c")
    harness.connect("unit.a", "unit.b")
    harness.add_resistor("unit.a", "unit.c", 1e3)
    a.drive, b.drive = CurrentSource(0.0, 0.1), VoltageSource(0.0, 0.0, 1e-6)
    far.drive = VoltageSource(1.0, 0.0, 1e-9)
    currents = [sample.current for sample in harness.measure_all([a, b, far], 1.0)]
    assert currents == pytest.approx([0.0, -1e-9, 1e-9], abs=1e-14)


def test_short_to_ground_meets_the_limit() -> None:
    harness = Harness(VirtualClock())
    port = harness.add_port("unit.a")
    harness.connect("unit.a", "ground")
    port.drive = VoltageSource(5.0, 0.0, 0.02)
    sample = harness.measure(port, 1.0)
    assert (sample.current, sample.limited) == (pytest.approx(0.02), True)
    assert sample.voltage == 0.0


def test_relays_are_idempotent() -> None:
    harness = Harness(VirtualClock())
    port = harness.add_port("unit.a")
    harness.add_resistor("matrix.A", "ground", 100.0)
    port.drive = VoltageSource(1.0)
    for expected, act in (
        (0.01, harness.close_relay),
        (0.01, harness.close_relay),
        (0.0, harness.open_relay),
        (0.0, harness.open_relay),
    ):
        act("unit.a", "matrix.A")
        assert harness.measure(port, 0.1).current == pytest.approx(expected)


def test_mean_of_a_waveform_over_an_aperture() -> None:
    """A 0 to 1 V sawtooth of 1 s, measured from 0.25 s to 2.25 s: mean of two whole periods."""
    harness = Harness(VirtualClock())
    port = harness.add_port("unit.a")
    harness.add_resistor("unit.a", "ground", 10.0)
    port.drive = VoltageSource(0.0)
    port.start(Waveform((0, 1), (0, 1), repeats=3))
    harness.advance(0.25)
    assert harness.probe(port).voltage == pytest.approx(0.25)
    sample = harness.measure(port, 2.0)
    assert sample.voltage == pytest.approx(0.5)
    assert sample.current == pytest.approx(0.05)
    assert port.remaining == pytest.approx(0.75)
    harness.advance(1.0)
    assert port.remaining == 0
    assert harness.probe(port).voltage == 0.0


def test_stopping_and_endless_waveforms() -> None:
    harness = Harness(VirtualClock())
    port = harness.add_port("unit.a")
    port.drive = VoltageSource(0.5)
    port.start(Waveform((0, 1), (2, 2), math.inf))
    harness.advance(1e6)
    assert port.remaining == math.inf
    assert harness.probe(port).voltage == 2.0
    port.stop()
    assert (port.remaining, harness.probe(port).voltage) == (0.0, 0.5)


def test_waveform_keeps_limit_and_resistance() -> None:
    harness = Harness(VirtualClock())
    port = harness.add_port("unit.a")
    harness.add_resistor("unit.a", "ground", 50.0)
    port.drive = VoltageSource(0.0, 50.0, 0.01)
    port.start(Waveform((0, 1, 1, 2), (0.5, 0.5, 4, 4)))
    assert harness.measure(port, 1.0) == Sample(pytest.approx(0.25), pytest.approx(0.005), False)
    assert harness.measure(port, 1.0) == Sample(pytest.approx(0.5), pytest.approx(0.01), True)


def test_time_passes_only_here() -> None:
    clock = VirtualClock()
    harness = Harness(clock)
    port = harness.add_port("unit.a")
    harness.advance(5.0)
    harness.measure(port, 0.5)
    harness.probe(port)
    assert clock.now == 5.5


def test_refuses() -> None:
    harness = Harness(VirtualClock())
    port = harness.add_port("unit.a")
    with pytest.raises(ValueError, match="taken"):
        harness.add_port("unit.a")
    with pytest.raises(ValueError, match=r"chip\.G0.*no chip"):
        harness.connect("unit.a", "chip.G0")
    with pytest.raises(ValueError, match=r"aperture = 0"):
        harness.measure(port, 0.0)
    with pytest.raises(ValueError, match="cannot advance"):
        harness.advance(-1.0)
    with pytest.raises(ValueError, match="set its drive to a VoltageSource"):
        port.start(Waveform((0, 1), (0, 1)))
    with pytest.raises(ValueError, match="does not belong"):
        harness.measure(Harness(VirtualClock()).add_port("other.a"), 1.0)
    with pytest.raises(ValueError, match="resistance = 0"):
        harness.add_resistor("unit.a", "ground", 0.0)
    with pytest.raises(ValueError, match="resistance = -1"):
        VoltageSource(1.0, -1)
    with pytest.raises(ValueError, match="level = nan"):
        CurrentSource(math.nan)


def test_channels_that_are_cut_off_in_ever_other_ways_take_no_more_memory() -> None:
    """512 of them between two lines: the current is that of the channels that conduct."""
    terminals = np.array([np.arange(3, 515), np.ones(512, dtype=int), np.full(512, 2)])
    circuit = Circuit(515, [1, 2], [], terminals)
    tracemalloc.start()
    try:
        for cut_off in range(100):
            conductances = np.where(np.arange(512) == cut_off, 0.0, 1e-6)
            solution = circuit.solve([VoltageSource(0.5), Ground()], np.array([[0.5, 0.0]]), conductances)
            assert solution.currents[0, 0] == pytest.approx(0.5 * 511e-6, rel=1e-9)
        kept = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert kept < 30 * 517**2 * 8  # of a matrix each
