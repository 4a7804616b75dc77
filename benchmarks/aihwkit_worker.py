"""Answers `pulses.py` from an environment that holds aihwkit: updates of a tile of its Li-ECRAM preset, timed.

Reads lines ``rows pulses`` and answers each with the seconds of one update that gives every cell that many pulses, and
with the mean change of the weights in steps; the first line of output names the versions. The direction alternates, so
that weights stay off their bounds.
"""

import sys
import time

import aihwkit
import torch
from aihwkit.simulator.configs import SingleRPUConfig
from aihwkit.simulator.parameters.enums import PulseType
from aihwkit.simulator.parameters.training import UpdateParameters
from aihwkit.simulator.presets.devices import EcRamPresetDevice
from aihwkit.simulator.tiles import AnalogTile


class Tile:
    """A tile that is updated with rows and columns at 1, so that every pulse of the trains meets another."""

    def __init__(self, rows: int, pulses: int) -> None:
        exact = UpdateParameters(
            desired_bl=pulses,
            update_management=False,
            update_bl_management=False,
            pulse_type=PulseType.STOCHASTIC_COMPRESSED,
        )
        device = EcRamPresetDevice()
        self.tile = AnalogTile(rows, rows, SingleRPUConfig(device=device, update=exact))
        self.tile.set_learning_rate(pulses * device.dw_min)
        self.step = device.dw_min
        self.rows, self.errors = torch.ones(1, rows), -torch.ones(1, rows)

    def update(self) -> tuple[float, float]:
        """Seconds of one update, and the mean change of the weights in steps."""
        before = self.tile.get_weights()[0].mean().item()
        started = time.perf_counter()
        self.tile.update(self.rows, self.errors)
        seconds = time.perf_counter() - started
        self.errors = -self.errors
        return seconds, (self.tile.get_weights()[0].mean().item() - before) / self.step


def main() -> None:
    torch.set_num_threads(int(sys.argv[1]))
    print(f"aihwkit {aihwkit.__version__}, torch {torch.__version__}", flush=True)
    tiles: dict[tuple[int, int], Tile] = {}
    for line in sys.stdin:
        rows, pulses = (int(word) for word in line.split())
        if (rows, pulses) not in tiles:
            tiles[rows, pulses] = Tile(rows, pulses)
        print(*tiles[rows, pulses].update(), flush=True)


if __name__ == "__main__":
    main()
