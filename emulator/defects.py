"""Yield: which devices and lines of a chip are defective or weak, drawn from the seed of its array."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from emulator.chip import Chip
from emulator.lines import LineFaultKind
from emulator.random_numbers import streams, uniforms
from emulator.spread_maps import normal_map, require_length

# What a stream of random numbers is for; part of its key.
_DEVICES, _KINDS, _LINES = 21, 22, 23

_FAULTS = ("stuck", "open_channel", "gate_short", "open_gate")
_KINDS_OF_DEVICES = (*_FAULTS, "weak")
_LINE_RATES: dict[LineFaultKind, str] = {"dead": "dead_lines", "leaky": "leaky_lines"}

Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Defects:
    """How often devices and lines are defective, as probabilities of each.

    stuck, open_channel, gate_short, open_gate: faults of :meth:`emulator.Chip.set_fault`. weak: devices that write
    `weak_rate` times as fast as their drawn rates say. A device has one defect at most. cluster_length l [cells]:
    defective devices stand together, where the normal map of that length (:class:`emulator.SpreadMap`) is below a
    level; 0 scatters them. dead_lines, leaky_lines: faults of :meth:`emulator.Chip.set_line_fault`, with `leak` [Ohm]
    to ground. Raises ValueError naming key, value and allowed range.
    """

    stuck: float = 0.0
    open_channel: float = 0.0
    gate_short: float = 0.0
    open_gate: float = 0.0
    weak: float = 0.0
    weak_rate: float = 0.1
    cluster_length: float = 0.0
    dead_lines: float = 0.0
    leaky_lines: float = 0.0
    leak: float = 1e6

    def __post_init__(self) -> None:
        for name in (*_KINDS_OF_DEVICES, *_LINE_RATES.values()):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"{name} = {getattr(self, name)!r} is not allowed: give a probability, 0 to 1")
        for names in (_KINDS_OF_DEVICES, tuple(_LINE_RATES.values())):
            total = sum(getattr(self, name) for name in names)
            if total > 1.0 + 1e-12:
                raise ValueError(
                    f"{' + '.join(names)} = {total:g} is not allowed: they exclude each other, give 1 at most"
                )
        if not 0.0 < self.weak_rate <= 1000.0:
            raise ValueError(f"weak_rate = {self.weak_rate!r} is not allowed: give more than 0 to 1000")
        if not 0.0 < self.leak < np.inf:
            raise ValueError(f"leak = {self.leak!r} Ohm is not allowed: give more than 0 Ohm, finite")
        require_length("cluster_length", self.cluster_length)

    def of_devices(self, seed: int, rows: int, columns: int) -> dict[str, Indices]:
        """Devices (row * columns + column) by the name of their defect: faults and "weak"."""
        rates = np.array([getattr(self, name) for name in _KINDS_OF_DEVICES])
        total = min(1.0, float(rates.sum()))
        if total == 0.0:
            return {name: np.zeros(0, dtype=np.intp) for name in _KINDS_OF_DEVICES}
        defective = np.flatnonzero(self._is_defective(total, seed, rows, columns))
        kind = _chosen(rates / rates.sum(), uniforms(streams(seed, _KINDS, rows * columns)[defective]))
        return {name: defective[kind == number] for number, name in enumerate(_KINDS_OF_DEVICES)}

    def _is_defective(self, total: float, seed: int, rows: int, columns: int) -> NDArray[np.bool_]:
        if self.cluster_length == 0.0 or total == 1.0:
            return uniforms(streams(seed, _DEVICES, rows * columns)) < total
        height = normal_map(seed, _DEVICES, [0], rows, columns, self.cluster_length)[0]
        defective: NDArray[np.bool_] = height < NormalDist().inv_cdf(total)
        return defective

    def of_lines(self, seed: int, lines: Sequence[str]) -> dict[str, LineFaultKind]:
        """Faults of the defective ones among some lines, by their names."""
        rates = np.array([getattr(self, name) for name in _LINE_RATES.values()])
        kind = _chosen(rates, uniforms(streams(seed, _LINES, len(lines))))
        kinds = tuple(_LINE_RATES)
        return {line: kinds[number] for line, number in zip(lines, kind.tolist(), strict=True) if number < len(kinds)}

    def apply(self, chip: Chip) -> None:
        """Give a chip its defects; once for each chip, for weakness adds up."""
        array = chip.array
        found = self.of_devices(array.seed, array.rows, array.columns)
        for fault in _FAULTS:
            chip.set_faults(found[fault], fault)
        array.scale_rates(found["weak"], self.weak_rate)
        for line, kind in self.of_lines(array.seed, chip.lines).items():
            chip.set_line_fault(line, kind, self.leak)


def _chosen(probabilities: NDArray[np.float64], uniform: NDArray[np.float64]) -> Indices:
    """Number of the chosen one of some exclusive events; their count where none is."""
    chosen: Indices = np.searchsorted(np.cumsum(probabilities), uniform, side="right")
    return chosen
