"""Linear circuit of nets, sources with limits, resistors and channels with ideal lines.

Modified nodal analysis: unknowns are the net voltages (ground left out) and the currents out of all ports. Gates are
no elements of it: ions and leakage enter as currents that the kernels report, and a gate net sees the rest of the
circuit as a voltage behind a resistance (Thevenin) or as a current.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emulator.drives import CurrentSource, Drive, Ground, Open, VoltageSource

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

WEAKEST_CHANNEL = 1e-15  # S; a channel that is cut off still has this much, and couples nothing
CONTACT_RESISTANCE = 1e-3  # Ohm, of each of several ideal sources that meet on one net
FLOATING_LEAK = 1e-15  # S, to ground, from nets that nothing ties to a potential
MOST_KEPT = 16  # ways in which nets hang together; channels that are cut off one after the other make a new one each

# What a port does: at its level, or at the upper or lower bound of its limit.
FREE, UPPER, LOWER = 0, 1, -1


@dataclass(frozen=True)
class Response:
    """Inverse of the circuit matrix for one set of limits in force, and how its nets hang together."""

    inverse: Floats
    coupling: "Coupling"


@dataclass(frozen=True)
class Coupling:
    """Nets coupled by conductors, for one set of limits in force.

    matrix: of the circuit, without channels; group (nets): number of the group of coupled nets; referenced (nets):
    tied to a potential; feeds_gate (nets): not so, but coupled with the gate of a device whose channel is.
    """

    matrix: Floats
    group: Integers
    referenced: NDArray[np.bool_]
    feeds_gate: NDArray[np.bool_]


@dataclass(frozen=True)
class Solution:
    """Voltages and currents of several sets of source levels.

    voltages (sets, nets) [V]; currents (sets, ports) [A], out of the port; limits (sets, ports): FREE, UPPER or LOWER;
    responses: one for each set.
    """

    voltages: Floats
    currents: Floats
    limits: NDArray[np.int8]
    responses: Sequence[Response]


class Circuit:
    """Circuit of one state of the relays.

    net_count: nets, 0 is ground; port_nets (ports); resistors: (net, net, ohms); terminals (3, devices): nets of the
    gates, sources and drains. `ports` is the place of the first port among the unknowns.
    """

    def __init__(
        self,
        net_count: int,
        port_nets: Sequence[int],
        resistors: Iterable[tuple[int, int, float]],
        terminals: Integers,
    ) -> None:
        self.net_count = net_count
        self.ports = net_count - 1
        self._gate_nets, self._source_nets = terminals[:2]
        channels = terminals[1:]
        self.port_nets = np.array(port_nets, dtype=np.int64)
        self._resistors = [(a, b, ohms) for a, b, ohms in resistors if a != b]
        self._size = net_count - 1 + len(port_nets)
        self._channels = channels
        self._stamps = self._channel_stamps(channels)
        self._wires = self._wire_matrix()
        self._couplings: dict[tuple[object, ...], Coupling] = {}
        self._last: tuple[tuple[object, ...], Floats, Response] | None = None

    def _channel_stamps(self, channels: Integers) -> tuple[Integers, Integers, Floats]:
        """Flat matrix positions, devices and signs by which channel conductances enter the matrix."""
        device = np.arange(channels.shape[1])
        source, drain = channels - 1  # -1 is ground
        rows = np.concatenate([source, drain, source, drain])
        columns = np.concatenate([source, drain, drain, source])
        signs = np.repeat([1.0, 1.0, -1.0, -1.0], device.size)
        kept = (rows >= 0) & (columns >= 0) & np.tile(source != drain, 4)
        return (rows * self._size + columns)[kept], np.tile(device, 4)[kept], signs[kept]

    def _wire_matrix(self) -> Floats:
        """Resistors, and the currents of the ports in the balance of their nets."""
        matrix = np.zeros((self._size, self._size))
        for a, b, ohms in self._resistors:
            for i, j, sign in ((a, a, 1.0), (b, b, 1.0), (a, b, -1.0), (b, a, -1.0)):
                if i and j:
                    matrix[i - 1, j - 1] += sign / ohms
        for port, net in enumerate(self.port_nets):
            if net:
                matrix[net - 1, self.ports + port] = -1.0
        return matrix

    def solve(self, drives: Sequence[Drive], levels: Floats, conductances: Floats) -> Solution:
        """Solve for several sets of levels at once.

        levels (sets, ports) [V or A] replace those of the drives; conductances (devices) [S]. Limits of sources are
        an active set: a source that exceeds its limit sits at the limit and gives up its level, and returns.
        """
        free = (FREE,) * len(drives)
        response = self._response(drives, free, conductances)
        solved = levels @ response.inverse[:, self.ports :].T
        limits = np.zeros(levels.shape, dtype=np.int8)
        responses = [response] * len(levels)
        bound = self._bounds(drives, response)
        observed = self._observed(drives, solved)
        for s in np.flatnonzero((np.abs(observed) > bound * (1.0 + 1e-12)).any(axis=1)):
            solved[s], limits[s], responses[s] = self._limited(drives, levels[s], conductances)
        voltages = np.zeros((len(levels), self.net_count))
        voltages[:, 1:] = solved[:, : self.ports]
        return Solution(voltages, solved[:, self.ports :], limits, responses)

    def _observed(self, drives: Sequence[Drive], solved: Floats) -> Floats:
        """What is limited: the current of a voltage source, the voltage of a current source."""
        observed = solved[:, self.ports :].copy()
        for port, drive in enumerate(drives):
            if isinstance(drive, CurrentSource):
                net = self.port_nets[port]
                observed[:, port] = solved[:, net - 1] if net else 0.0
        return observed

    def _bounds(self, drives: Sequence[Drive], response: Response) -> Floats:
        """Limit of each port. Without return path, a current source can only feed a gate: the kernels limit it."""
        bounds = np.full(len(drives), math.inf)
        for port, drive in enumerate(drives):
            if isinstance(drive, VoltageSource):
                bounds[port] = drive.current_limit
            elif isinstance(drive, CurrentSource) and not response.coupling.feeds_gate[self.port_nets[port]]:
                bounds[port] = drive.voltage_limit
        return bounds

    def _limited(
        self, drives: Sequence[Drive], levels: Floats, conductances: Floats
    ) -> tuple[Floats, NDArray[np.int8], Response]:
        for one_by_one, turns in ((False, 6), (True, 4 * len(drives))):  # all at once may swing for ever
            state = np.zeros(len(drives), dtype=np.int8)
            for _ in range(turns):
                response = self._response(drives, tuple(state.tolist()), conductances)
                bound = self._bounds(drives, response)
                if np.isinf(bound[state != FREE]).any():  # what it lacked in another state, it has now: a way back
                    state[np.isinf(bound)] = FREE
                    continue
                asked = np.where(state == FREE, levels, state * np.where(state == FREE, 0.0, bound))  # may be inf
                solved = response.inverse[:, self.ports :] @ asked
                changed = self._switched(drives, levels, bound, state, solved)
                if np.array_equal(changed, state):
                    return solved, state, response
                last, state = state, self._one_of(drives, bound, state, changed, solved) if one_by_one else changed
        return solved, last, response

    def _switched(
        self, drives: Sequence[Drive], levels: Floats, bound: Floats, state: NDArray[np.int8], solved: Floats
    ) -> NDArray[np.int8]:
        """Limits in force after looking at a solution."""
        observed = self._observed(drives, solved[np.newaxis])[0]
        new = state.copy()
        for port, drive in enumerate(drives):
            if state[port] == FREE:
                if abs(observed[port]) > bound[port] * (1.0 + 1e-12):
                    new[port] = UPPER if observed[port] > 0.0 else LOWER
                continue
            net, current = self.port_nets[port], solved[self.ports + port]
            if isinstance(drive, VoltageSource):
                there = (solved[net - 1] if net else 0.0) + self._resistance(drives, state.tolist(), port) * current
            else:
                there = current
            slack = 1e-12 * (abs(levels[port]) + abs(there))
            if state[port] * (there - levels[port]) > slack:
                new[port] = FREE
        return new

    def _one_of(
        self,
        drives: Sequence[Drive],
        bound: Floats,
        state: NDArray[np.int8],
        changed: NDArray[np.int8],
        solved: Floats,
    ) -> NDArray[np.int8]:
        """Of all changes, the most exceeded limit alone; without one, a return alone."""
        observed = np.abs(self._observed(drives, solved[np.newaxis])[0])
        excess = np.where((state == FREE) & (changed != FREE), observed / np.maximum(bound, 1e-300), 0.0)
        chosen = int(np.argmax(excess)) if excess.any() else int(np.flatnonzero(changed != state)[0])
        new = state.copy()
        new[chosen] = changed[chosen]
        return new

    def _resistance(self, drives: Sequence[Drive], limits: Sequence[int], port: int) -> float:
        """Series resistance of what fixes a voltage; a contact resistance where several ideal sources do."""
        drive, net = drives[port], self.port_nets[port]
        resistance = drive.resistance if isinstance(drive, VoltageSource) else 0.0
        if resistance > 0.0:
            return resistance
        rivals = sum(
            isinstance(other, Ground)
            or (isinstance(other, VoltageSource) and other.resistance == 0.0)
            or (isinstance(other, CurrentSource) and limit != FREE)
            for other, place, limit in zip(drives, self.port_nets, limits, strict=True)
            if place == net
        )
        return CONTACT_RESISTANCE if net == 0 or rivals > 1 else 0.0

    def _response(self, drives: Sequence[Drive], limits: tuple[int, ...], conductances: Floats) -> Response:
        conducting = conductances > WEAKEST_CHANNEL
        apart = b"" if conducting.all() else conducting.tobytes()
        key = (apart, limits, *((type(d), d.resistance if isinstance(d, VoltageSource) else 0.0) for d in drives))
        if self._last is not None and self._last[0] == key and np.array_equal(self._last[1], conductances):
            return self._last[2]
        if key not in self._couplings:
            if len(self._couplings) >= MOST_KEPT:
                self._couplings.clear()
            self._couplings[key] = self._coupled(drives, limits, conducting)
        matrix = self._couplings[key].matrix.copy()
        positions, devices, signs = self._stamps
        np.add.at(matrix.reshape(-1), positions, signs * np.maximum(conductances, WEAKEST_CHANNEL)[devices])
        inverse = np.linalg.inv(matrix).astype(np.float64, copy=False)
        response = Response(inverse, self._couplings[key])
        self._last = (key, conductances.copy(), response)
        return response

    def _coupled(self, drives: Sequence[Drive], limits: tuple[int, ...], conducting: NDArray[np.bool_]) -> Coupling:
        matrix = self._wires.copy()
        ties = [(a, b) for a, b, _ in self._resistors]
        ties += [(int(a), int(b)) for a, b in np.unique(self._channels[:, conducting], axis=1).T]
        for port, drive in enumerate(drives):
            row, net = self.ports + port, int(self.port_nets[port])
            fixes_current = isinstance(drive, CurrentSource | Open) == (limits[port] == FREE)
            if fixes_current:
                matrix[row, row] = 1.0
                continue
            ties.append((0, net))
            if net:
                matrix[row, net - 1] = 1.0
            matrix[row, row] = self._resistance(drives, limits, port)
        group = self._groups(ties)
        referenced = group == group[0]
        floating = np.flatnonzero(~referenced) - 1
        matrix[floating, floating] += FLOATING_LEAK
        fed = group[self._gate_nets[referenced[self._source_nets]]]
        return Coupling(matrix, group, referenced, ~referenced & np.isin(group, fed))

    def _groups(self, ties: Iterable[tuple[int, int]]) -> Integers:
        """Number of the group of each net; ties: pairs of nets that hang together."""
        parent = list(range(self.net_count))

        def root(net: int) -> int:
            while parent[net] != net:
                parent[net] = parent[parent[net]]
                net = parent[net]
            return net

        for a, b in ties:
            parent[root(a)] = root(b)
        return np.array([root(net) for net in range(self.net_count)], dtype=np.int64)
