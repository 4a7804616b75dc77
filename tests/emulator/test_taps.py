"""Contacts on the channel: a four-wire measurement sees the gated stretch alone."""

import pytest

from emulator import Array, Chip, DeviceModel, Harness, VirtualClock
from emulator.drives import Ground, Open, VoltageSource

# The gated stretch changes from 1 MOhm to 100 kOhm, the ungated stretches are 2 x 150 kOhm.
HALL = DeviceModel(
    conductance_min=1e-6, conductance_max=1e-5, ungated_resistance=2.6e5, contact_resistance=4e4, rest_drive=1.0, v0=0.5
)


def bar(state, *, taps=True, temperature=300.0, model=HALL):
    chip = Chip(Array(model, 1, 1, seed=1, initial_state=state), read_noise=False, taps=taps, temperature=temperature)
    harness = Harness(VirtualClock(), chip)
    ports = {}
    for pad in chip.pads:
        ports[pad] = harness.add_port(f"unit.{pad}")
        harness.connect(f"unit.{pad}", f"chip.{pad}")
        ports[pad].drive = Open()
    ports["D0"].drive, ports["S0"].drive, ports["G0"].drive = VoltageSource(0.1), Ground(), Ground()
    return harness, ports


@pytest.mark.parametrize("state", [0.0, 1.0])
def test_four_wires_see_the_gated_part_alone(state):
    harness, ports = bar(state)
    drain, source_tap, drain_tap = harness.measure_all([ports["D0"], ports["T0"], ports["U0"]], 0.1)
    gated = 1e-6 + 9e-6 * state
    assert drain.current == pytest.approx(0.1 / (3e5 + 1 / gated), rel=1e-12)
    assert drain.current / (drain_tap.voltage - source_tap.voltage) == pytest.approx(gated, rel=1e-9)
    assert source_tap.voltage / drain.current == pytest.approx(1.5e5, rel=1e-9)
    assert (0.1 - drain_tap.voltage) / drain.current == pytest.approx(1.5e5, rel=1e-9)


def test_gated_and_ungated_change():
    """Pulses on the gate raise the gated conductance by more than 500 %; the ungated one stays within 2 %."""
    figures = []
    harness, ports = bar(0.0)
    for volts in (0.0, 3.0):
        ports["D0"].drive, ports["G0"].drive = Ground(), VoltageSource(volts)
        harness.advance(0.005)
        ports["D0"].drive, ports["G0"].drive = VoltageSource(0.1), Ground()
        drain, source_tap, drain_tap = harness.measure_all([ports["D0"], ports["T0"], ports["U0"]], 0.1)
        figures.append((drain.current / (drain_tap.voltage - source_tap.voltage), drain.current / source_tap.voltage))
    (gated, ungated), (written_gated, written_ungated) = figures
    assert written_gated / gated > 6.0
    assert written_ungated == pytest.approx(ungated, rel=1e-6)


def test_two_wires_see_what_a_device_without_taps_shows():
    for state in (0.0, 0.3, 1.0):
        currents = [h.measure(p["D0"], 0.1).current for h, p in (bar(state), bar(state, taps=False))]
        assert currents[0] == pytest.approx(currents[1], rel=1e-12)


def test_heat_leaves_the_ungated_stretches_alone():
    harness, ports = bar(0.5, temperature=350.0)
    drain, source_tap = harness.measure_all([ports["D0"], ports["T0"]], 0.1)
    assert source_tap.voltage / drain.current == pytest.approx(1.5e5, rel=1e-9)


def test_taps_of_an_array_and_of_a_device_without_ungated_stretches():
    model = DeviceModel()
    chip = Chip(Array(model, 2, 2, seed=1), taps=True)
    assert chip.pads[6:] == ("T0", "T1", "T2", "T3", "U0", "U1", "U2", "U3")
    harness, ports = bar(1.0, model=model)
    source_tap, drain_tap = harness.measure_all([ports["T0"], ports["U0"]], 0.1)
    assert (source_tap.voltage, drain_tap.voltage) == (0.0, pytest.approx(0.1))


def test_too_many_taps():
    with pytest.raises(ValueError, match=r"taps on 9 x 8 devices.*at most 64"):
        Chip(Array(HALL, 9, 8, seed=1), taps=True)
