"""The gate waveform of one cycle, drawn to be read: few pulses, widths not to scale, limits of the chip beside them."""

from dataclasses import dataclass
from typing import Any

from ecramlab.experiment import Experiment
from ecramlab.limits import Limits
from ecramlab.parameters import format_quantity
from ecramlab.sequences.gate_pulses import GatePulse

SHOWN = 3  # pulses of a branch that are drawn: the first two and the last
_START, _END = 0.25, 0.65  # of a slot
PAUSE = (_START + 1 - _END) / 2 - _START  # from the end of a slot back to the middle between two pulses


@dataclass(frozen=True)
class Branch:
    """A train of equal pulses: number, amplitude [V or A], and that in words."""

    first_slot: int
    slots: int
    level: float
    count: int
    text: str

    def corners(self) -> tuple[list[float], list[float]]:
        """The drawn pulses, from rest to rest."""
        x, y = [float(self.first_slot)], [0.0]
        for slot in range(self.first_slot, self.first_slot + self.slots):
            x += [slot + _START, slot + _START, slot + _END, slot + _END]
            y += [0.0, self.level, self.level, 0.0]
        return [*x, float(self.first_slot + self.slots)], [*y, 0.0]


@dataclass(frozen=True)
class Preview:
    """One cycle: its branches, the chip's limit [V or A, as `unit` says], and how many cycles there are."""

    unit: str
    branches: tuple[Branch, ...]
    limit: float
    cycles: int

    @property
    def within_limits(self) -> bool:
        """False when a pulse is beyond the chip's limit."""
        return all(abs(branch.level) <= self.limit * (1 + 1e-9) for branch in self.branches)


def gate_preview(experiment: Experiment[Any], limits: Limits) -> Preview | None:
    """Preview of an experiment whose parameters say how it pulses (`pulse`, `up`, `down`); None for any other."""
    parameters: Any = experiment.parameters
    if not all(hasattr(parameters, name) for name in ("pulse", "up", "down", "cycles")):
        return None
    trains = ((parameters.pulse.potentiating(), parameters.up), (parameters.pulse.depressing(), parameters.down))
    current = trains[0][0].by_current
    unit, limit = ("A", limits.gate_current) if current else ("V", limits.gate_voltage)
    branches: list[Branch] = []
    for pulse, count in trains:
        first = branches[-1].first_slot + branches[-1].slots if branches else 0
        branches.append(Branch(first, min(count, SHOWN), pulse.amplitude, count, _text(pulse, count, unit)))
    return Preview(unit, tuple(branches), limit, int(parameters.cycles))


def _text(pulse: GatePulse, count: int, unit: str) -> str:
    sign = "+" if pulse.amplitude > 0 else ""
    return f"{count} × {sign}{format_quantity(pulse.amplitude, unit)}, {format_quantity(pulse.width, 's')}"
