"""Time is worked out late: whether somebody looks in between makes no difference."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator import Array, Chip, DeviceModel, Harness, VirtualClock, Waveform
from emulator import kernels as k
from emulator.drives import Open, VoltageSource

# What goes on by itself and composes exactly, so that time that is lost, or passes twice, shows.
MODEL = DeviceModel(ocp_slope=0.3, double_layer_gain_1=0.01, dispersion_onset=1e-3, dispersion_recovery=0.5)
ACTIONS = st.sampled_from(
    ["wait", "short wait", "pulse", "read", "open gate", "drive gate", "relay", "heat", "stick", "stop"]
)


class Rig:
    """A 1 x 2 chip with a driven gate, a reading drain, and a relay at the second drain."""

    def __init__(self) -> None:
        self.array = Array(MODEL, 1, 2, seed=3, cycle_noise=False, initial_state=0.4)
        self.chip = Chip(self.array, read_noise=False)
        self.harness = Harness(VirtualClock(), self.chip)
        self.gate, self.drain = self.harness.add_port("u.g"), self.harness.add_port("u.d")
        for a, b in (("u.g", "chip.G0"), ("u.d", "chip.D0"), ("ground", "chip.S0")):
            self.harness.connect(a, b)
        self.harness.add_resistor("chip.D1", "ground", 1e6)
        self.gate.drive, self.drain.drive = VoltageSource(0.0), VoltageSource(0.05)
        self.seen: list[float] = []

    def act(self, action: str) -> None:
        match action:
            case "wait":
                self.harness.advance(0.7)
            case "short wait":
                self.harness.advance(3e-6)
            case "pulse":
                self.gate.drive = VoltageSource(0.0)
                pulse = Waveform.pulse(base=0.0, level=1.0, width=0.1, rise=1e-3, fall=1e-3, period=0.3, repeats=4)
                self.gate.start(pulse)
            case "read":
                self.seen.append(self.harness.measure(self.drain, 1e-3).current)
            case "open gate":
                self.gate.drive = Open()
            case "drive gate":
                self.gate.drive = VoltageSource(
                    -0.3
                )  # ideal: behind a resistance a cut segment has other mean currents
            case "relay":
                self.harness.close_relay("u.d", "chip.D1")
            case "heat":
                self.chip.temperature = 340.0
            case "stick":
                self.chip.set_fault(0, 1, "stuck")
            case "stop":
                self.gate.stop()

    def look(self) -> None:
        self.seen += [self.gate.remaining, self.gate.level]
        _ = self.chip.conductances


@settings(max_examples=60, deadline=None)
@given(st.lists(ACTIONS, max_size=14))
def test_looking_in_between_changes_nothing(actions: list[str]) -> None:
    left_alone, watched = Rig(), Rig()
    for action in actions:
        left_alone.act(action)
        watched.act(action)
        watched.look()
    for rig in (left_alone, watched):
        rig.seen.clear()
        rig.act("wait")
        rig.act("read")
        rig.look()
    assert left_alone.harness.clock.now == pytest.approx(watched.harness.clock.now, rel=1e-15)
    np.testing.assert_allclose(left_alone.seen, watched.seen, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(left_alone.array.devices[k.Y], watched.array.devices[k.Y], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("look", ["devices", "conductances", "temperature", "y"])
def test_nobody_sees_an_array_that_lags_behind(look: str) -> None:
    rig = Rig()
    rig.gate.drive = VoltageSource(0.8)
    before = rig.array.y[0, 0]
    rig.harness.advance(0.1)
    match look:
        case "devices":
            rig.harness.advance(0.0)
            after = rig.array.devices[k.Y, 0]
        case "conductances":
            assert rig.chip.conductances[0] > MODEL.conductance_min
            after = rig.array._devices[k.Y, 0]
        case "temperature":  # what has passed, passed at the old temperature
            rig.chip.temperature = 400.0
            after = rig.array._devices[k.Y, 0]
        case _:
            after = rig.array.y[0, 0]
    expected = Rig()
    expected.gate.drive = VoltageSource(0.8)
    expected.harness.measure(expected.drain, 0.1)
    assert after > before
    assert after == pytest.approx(float(expected.array.y[0, 0]), rel=1e-12)


def test_waiting_costs_one_segment_however_often_one_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    rig.harness.measure(rig.drain, 1e-3)
    runs: list[np.ndarray] = []
    original = rig.chip.run

    def counted(*arguments, **named):  # type: ignore[no-untyped-def]
        runs.append(arguments[1])
        return original(*arguments, **named)

    monkeypatch.setattr(rig.chip, "run", counted)
    for _ in range(500):
        rig.harness.advance(5e-4)
    assert not runs
    _ = rig.array.y
    assert [durations.tolist() for durations in runs] == [pytest.approx([0.25])]
