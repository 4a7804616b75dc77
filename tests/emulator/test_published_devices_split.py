"""However a drive is cut into segments, a published device ends in the same state."""

import random

import numpy as np
import pytest
from numpy.typing import NDArray

from emulator import Array, Chip, Harness, VirtualClock, literature
from emulator import kernels as k
from emulator.drives import CurrentSource, VoltageSource
from emulator.literature import LiteratureDevice

STATE = [*range(k.ENERGY + 1), *range(k.V_GATE, k.SWITCHING + 1)]


def written(device: LiteratureDevice, drive: list[tuple[float, float]], cuts: list[list[float]]) -> NDArray[np.float64]:
    """All of the state after levels held for some seconds, looked at at every cut."""
    model = device.model
    array = Array(model, 1, 1, seed=1, cycle_noise=False, device_spread=False, initial_state=0.5)
    chip = Chip(array, read_noise=False, temperature=device.protocol.temperature)
    harness = Harness(VirtualClock(), chip)
    gate = harness.add_port("unit.gate")
    for node, pad in (("unit.gate", "G0"), ("ground", "S0"), ("ground", "D0")):
        harness.connect(node, f"chip.{pad}")
    for (level, seconds), shares in zip(drive, cuts, strict=True):
        by_current = device.protocol.drive == "current" and level != 0.0
        gate.drive = CurrentSource(level, 5.0) if by_current else VoltageSource(level)
        for before, after in zip([0.0, *shares], [*shares, 1.0], strict=True):
            harness.advance((after - before) * seconds)
            assert chip.conductances.size == 1  # looks, so that the time is worked out
    rows = [row for row in STATE if row < len(array.devices)]
    state: NDArray[np.float64] = array.devices[rows, 0].copy()
    return state


@pytest.mark.parametrize("name", literature.names())
def test_cuts_change_nothing(name: str) -> None:
    device, draw = literature.load(name), random.Random(name)
    pulses = device.protocol
    levels = [draw.choice((pulses.up_amplitude, pulses.down_amplitude, 0.0)) for _ in range(8)]
    drive = [(level, pulses.width * draw.choice((1, 3, 10) if level else (1, 100, 10_000))) for level in levels]
    cuts = [sorted(draw.random() for _ in range(6)) for _ in drive]
    whole, cut = written(device, drive, [[] for _ in drive]), written(device, drive, cuts)
    assert cut == pytest.approx(whole, rel=1e-9, abs=1e-15)
    assert whole[k.Y] != 0.5
