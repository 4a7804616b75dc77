"""Nonlinear solution of an array that is written: gate, source and drain lines, a channel and a gate in every cell."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emulator.crosspoint.gate_law import SinhGate, linearise
from emulator.crosspoint.lines import DrivenLines, Ladder, LineFamily
from emulator.crosspoint.network import Network
from emulator.crosspoint.read import checked_conductance

Floats = NDArray[np.float64]

FAMILIES = ("gate", "source", "drain")
_STEPS, _HALVINGS = 200, 40
_FORCING = 1e-7  # accuracy of the linear solution within a Newton step: each gains up to 7 digits


@dataclass(frozen=True, eq=False)
class WriteSolution:
    """An array that is written.

    voltages (3, rows, columns) [V]: of gates, sources and drains; drops (3, rows, columns) [V]: the same over the
    nominal potentials of their lines. into_cells (3, rows, columns) [A]: currents from these nodes into the cells. left
    [A]: largest current that goes nowhere. steps: of Newton; iterations: of the conjugate gradients in all.
    """

    lines: tuple[DrivenLines, DrivenLines, DrivenLines]
    voltages: Floats
    drops: Floats
    into_cells: Floats
    left: float
    steps: int
    iterations: int

    @property
    def currents(self) -> tuple[Floats, Floats, Floats]:
        """Currents from the drivers into gate, source and drain lines [A], each (2, lines): near ends, far ends."""
        gate, source, drain = (family.currents(drops) for family, drops in zip(self.lines, self.drops, strict=True))
        return gate, source, drain


@dataclass(eq=False)
class _State:
    """Where the Newton iteration is."""

    drops: Floats
    voltages: Floats
    into_cells: Floats
    couplings: Floats
    left: Floats


class _Equations:
    """Kirchhoff's current law for every node of an array with given drives."""

    def __init__(self, lines: tuple[DrivenLines, ...], channel: Floats, gates: SinhGate, extra: Floats | None) -> None:
        self.lines, self._channel, self._extra = lines, channel, extra
        self._parameters, self._polarity = gates.parameters((channel.shape[0], channel.shape[1])), gates.polarity

    def at(self, drops: Floats) -> _State:
        voltages = np.stack([family.voltages(d) for family, d in zip(self.lines, drops, strict=True)])
        into, couplings = np.empty_like(voltages), np.empty_like(voltages)
        linearise(self._parameters, self._polarity, self._channel, voltages, into, couplings)
        if self._extra is not None:
            into += self._extra
        left = -into
        for family, into_nodes, of_family in zip(self.lines, left, drops, strict=True):
            family.inject(into_nodes)
            family.drain(into_nodes, of_family)
        return _State(drops, voltages, into, couplings, left)


class WriteSolver:
    """Gate, source and drain lines with resistance over an array of cells, in direct current.

    gate, source, drain: two of the families run in parallel and are crossed by the third, as in the layouts A to D.
    Newton's method on the gate law; every step is a network of conductances, as the law is the derivative of a
    potential: two parallel families are eliminated exactly, conjugate gradients solve for the third. A step that
    overshoots is halved. Raises ValueError for families that do not fit each other.
    """

    def __init__(self, shape: tuple[int, int], gate: LineFamily, source: LineFamily, drain: LineFamily) -> None:
        self.shape = shape
        self._ladders = tuple(
            Ladder(family, shape, name) for family, name in zip((gate, source, drain), FAMILIES, strict=True)
        )
        along = [ladder.along_rows for ladder in self._ladders]
        if len(set(along)) == 1:
            raise ValueError(
                f"gate, source and drain lines all run along {gate.along}: one family must cross the two others"
            )
        self._crossing = along.index(sum(along) == 1)
        self._bundle = [place for place in range(3) if place != self._crossing]

    def solve(
        self,
        channel: ArrayLike,
        gates: SinhGate,
        gate_volts: ArrayLike,
        source_volts: ArrayLike,
        drain_volts: ArrayLike,
        *,
        extra: Floats | None = None,
        start: WriteSolution | None = None,
        tolerance: float = 1e-10,
    ) -> WriteSolution:
        """Voltages and currents for voltages at the ends of the lines.

        channel (rows, columns) [S], not negative; gates: their law. Volts [V]: one, one for each line, or (2, lines)
        for near and far ends; NaN leaves an end open. extra (3, rows, columns) [A]: constant currents from gate, source
        and drain nodes into the cells, on top of those of channel and law. start: an earlier solution. tolerance [V]:
        of all node voltages. Raises ValueError for what does not fit or a line that nothing holds at any voltage, and
        ArithmeticError when Newton's method does not converge.
        """
        conductances = checked_conductance(channel)
        if conductances.shape != self.shape:
            raise ValueError(f"conductances have the shape {conductances.shape}: give {self.shape}")
        gate, source, drain = (
            ladder.driven(volts)
            for ladder, volts in zip(self._ladders, (gate_volts, source_volts, drain_volts), strict=True)
        )
        equations = _Equations((gate, source, drain), conductances, gates, extra)
        state = equations.at(np.zeros((3, *self.shape)) if start is None else start.drops)
        network = Network(tuple(equations.lines[k] for k in self._bundle), equations.lines[self._crossing])
        iterations, before = 0, 0.0
        for step in range(1, _STEPS + 1):
            change, used = self._newton_step(network, state)
            iterations += used
            state, share = _search(equations, state, change)
            moved = share * float(np.abs(change).max())
            if share == 1.0 and moved * (min(1.0, moved / before) if before else 1.0) <= tolerance:
                return WriteSolution(
                    (gate, source, drain),
                    state.voltages,
                    state.drops,
                    state.into_cells,
                    float(np.abs(state.left).max()),
                    step,
                    iterations,
                )
            before = moved
        raise ArithmeticError(f"node voltages still move by {moved:.3g} V after {_STEPS} steps of Newton's method")

    def _newton_step(self, network: Network, state: _State) -> tuple[Floats, int]:
        """Change of the drops that would leave no current, if the law were linear -> (change, iterations)."""
        gate_source, gate_drain, source_drain = state.couplings
        between = {(0, 1): gate_source, (0, 2): gate_drain, (1, 2): source_drain}
        first, second = self._bundle
        cross = np.stack([between[min(k, self._crossing), max(k, self._crossing)] for k in self._bundle])
        network.factorise(cross, between[first, second])
        change = np.empty_like(state.drops)
        left = state.left[self._bundle], state.left[self._crossing].copy()
        change[self._bundle], change[self._crossing], _ = network.solve(*left, _FORCING)
        return change, network.iterations


def _search(equations: _Equations, state: _State, change: Floats) -> tuple[_State, float]:
    """Go along a Newton step, or a half, a quarter, ... of it -> (new state, share of the step).

    The currents that are left are the negative gradient of a convex function; a step is too far where the function
    rises again as steeply as it fell at first.
    """
    slope = float((state.left * change).sum())
    share = 1.0
    for _ in range(_HALVINGS):
        new = equations.at(state.drops + share * change)
        if -float((new.left * change).sum()) <= 0.9 * abs(slope) or share * np.abs(change).max() < 1e-12:
            return new, share
        share *= 0.5
    raise ArithmeticError("no step of Newton's method brings the currents closer to balance")
