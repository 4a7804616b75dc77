"""What the requests to pulse generators are checked with, whatever the instrument. Pure functions."""

from __future__ import annotations

import math

from drivers.checks import quantity, within
from drivers.errors import Refused
from drivers.records import PulseGeneratorAbilities


def terminal_share(can: PulseGeneratorAbilities, load: float) -> float:
    """Terminal voltage over open-circuit voltage at a load in Ω (inf = open)."""
    return 1.0 if load == math.inf else load / (load + can.source_resistance)


def check_levels(can: PulseGeneratorAbilities, base: float, level: float, load: float) -> None:
    """Refuse levels that the terminals cannot reach at `load` (Ω), and amplitudes below the smallest."""
    share = terminal_share(can, load)
    highest = can.highest_open * share
    for name, value in (("base", base), ("level", level)):
        within(name, value, "V", -highest, highest, f"that is all the output gives at a load of {load:g} ohm")
    amplitude, smallest = abs(level - base), can.smallest_amplitude_open * share
    if amplitude < smallest:
        raise Refused(
            f"a pulse of {quantity(amplitude, 'V')} is below the smallest amplitude {quantity(smallest, 'V')}"
        )


def whole_count(n: int | None, most: int) -> int:
    """Pulses of a train from 1 to `most`; `Refused` for others and for an endless train."""
    if n is None:
        raise Refused(f"endless trains are not offered: state a count up to {most}")
    if int(within("count", n, "", 1, most)) != n:
        raise Refused(f"count {n} must be a whole number")
    return int(n)
