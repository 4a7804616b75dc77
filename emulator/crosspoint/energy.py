"""Where the power of a write goes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emulator.crosspoint.write import WriteSolution

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PowerSplit:
    """Power [W] that turns into heat or goes into the cells: gate to source, gate to drain, channel, wires, drivers.

    wires: with the leakage of lines to ground. drivers: in everything between the voltages and the lines. delivered: by
    the voltages; the sum of all others.
    """

    gate_source: float
    gate_drain: float
    channel: float
    wires: float
    drivers: float
    delivered: float

    @property
    def cells(self) -> float:
        """Power of the cells [W]: through gates and channels."""
        return self.gate_source + self.gate_drain + self.channel


def power_split(solution: WriteSolution, channel: Floats) -> PowerSplit:
    """Power of an array that is written; channel (rows, columns) [S]: as it was solved with.

    Of each cell: V_GS I_GS + V_GD I_GD + G V_SD^2.
    """
    gate, source, drain = solution.voltages
    across = source - drain
    through = channel * across
    to_source, to_drain = through - solution.into_cells[1], -through - solution.into_cells[2]
    pairs = tuple(zip(solution.lines, solution.drops, strict=True))
    return PowerSplit(
        gate_source=float(((gate - source) * to_source).sum()),
        gate_drain=float(((gate - drain) * to_drain).sum()),
        channel=float((through * across).sum()),
        wires=sum(lines.wire_power(drops) for lines, drops in pairs),
        drivers=sum(lines.driver_power(drops) for lines, drops in pairs),
        delivered=sum(lines.delivered(drops) for lines, drops in pairs),
    )
