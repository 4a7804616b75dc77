"""Advances a specimen within its circuit, and works out what the ports saw meanwhile.

A channel that hangs on nothing but its gate follows the gate: no ions move, whatever drives the gate. What devices of
such channels exchange with each other through different gates is left out.
"""

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from emulator import kernels as k
from emulator.chip import GateNets
from emulator.circuit import FREE, MOST_KEPT, Circuit, Response, Solution
from emulator.drives import CurrentSource, Drive, Open, Sample, VoltageSource
from emulator.heater import PADS as HEATER_PADS
from emulator.heater import Heater, Stretch
from emulator.schedule import Train
from emulator.specimen import Specimen
from emulator.wiring import CHIP, Nets

Floats = NDArray[np.float64]

_IDEAL = 1e-9  # Ohm; what is below comes from rounding
_INSTANT = 1e-15  # s; short against every time constant of a device


@dataclass(frozen=True)
class _Layout:
    """Circuit of one state of the relays, with the gates on it."""

    circuit: Circuit
    gates: dict[bytes, GateNets]  # by the mask of the devices that stand apart
    terminals: NDArray[np.int64]  # (3, devices): nets of gates, sources, drains
    heater: tuple[int, int]  # nets of its ends; both ground without one


class Engine:
    """Use: `attach` to the present wiring and drives, `begin` a stretch of time, `run` its trains, then `means`."""

    def __init__(self, chip: Specimen | None) -> None:
        self._chip = chip
        self._layouts: WeakKeyDictionary[Nets, _Layout] = WeakKeyDictionary()

    def attach(self, nets: Nets, ports: Sequence[str], drives: Sequence[Drive]) -> None:
        """Use this wiring and these drives from now on."""
        layout = self._layouts.get(nets)
        if layout is None:
            layout = self._layouts[nets] = self._laid_out(nets, ports)
        self._circuit = layout.circuit
        if self._chip:
            self._known_gates = layout.gates
            self._gate_nets = layout.terminals[0]
            self._chip.attach(*layout.terminals[1:])
            self._heater_nets = layout.heater
        self._drives = drives
        self._is_source = np.array([isinstance(drive, VoltageSource | CurrentSource) for drive in drives], dtype=bool)

    def _laid_out(self, nets: Nets, ports: Sequence[str]) -> _Layout:
        port_nets = [nets.number_of[name] for name in ports]
        if self._chip is None:
            none = np.zeros((3, 0), dtype=np.int64)
            return _Layout(Circuit(nets.count, port_nets, nets.resistors, none), {}, none, (0, 0))
        netlist = self._chip.netlist
        terminals = np.array([nets.number_of[node] for node in netlist.nodes], dtype=np.int64)[netlist.terminals]
        circuit = Circuit(nets.count, port_nets, nets.resistors, terminals)
        plus, minus = (nets.number_of[CHIP + pad] for pad in HEATER_PADS) if self._chip.heater else (0, 0)
        return _Layout(circuit, {}, terminals, (plus, minus))

    def begin(self, start: float, seconds: float) -> None:
        """Start to sum over a stretch of `seconds` [s] that begins at `start` [s]."""
        self._start, self._seconds = start, seconds
        self._voltages = np.zeros(self._circuit.net_count)
        self._currents = np.zeros(len(self._drives))
        self._levels = np.zeros(len(self._drives))
        if self._chip:
            self._chip.clear_charges()
            self._gate_area = np.zeros(self._circuit.net_count)
            self._in_current_mode = np.zeros(self._circuit.net_count, dtype=np.bool_)
            self._first_conductance = self._chip.conductances.copy()

    def run(self, train: Train) -> None:
        """Advance by a train of segments."""
        if self._chip and self._chip.heater:
            self._run_heated(train, self._chip, self._chip.heater)
        else:
            self._run(train)

    def _run_heated(self, train: Train, chip: Specimen, heater: Heater) -> None:
        """Run a train in stretches of about constant temperature; see :mod:`emulator.heater`."""
        left = train.repeats
        while left > 0:
            settled, sensitive = self._heating(train, chip, heater)
            periods = heater.periods(train.durations, settled, left, sensitive)
            if periods:
                self._run_stretch(Train(train.durations, train.levels, periods.repeats), periods, float(settled[-1]))
                left -= periods.repeats
                continue
            for seconds, target, levels in zip(train.durations.tolist(), settled.tolist(), train.levels, strict=True):
                for piece in heater.pieces(seconds, target, sensitive):
                    self._run_stretch(Train(np.array([piece.seconds]), levels[np.newaxis]), piece, target)
            left -= 1
        chip.warm()

    def _heating(self, train: Train, chip: Specimen, heater: Heater) -> tuple[Floats, float]:
        """Excess temperature [K] at which each segment would settle, and the sensitivity of the devices [1/K]."""
        levels = train.levels * self._is_source
        voltages = self._circuit.solve(self._drives, levels, self._channel_conductances()).voltages
        plus, minus = self._heater_nets
        settled = heater.target(voltages[:, plus] - voltages[:, minus])
        coldest = chip.temperature + min(heater.excess, float(settled.min()))
        source, drain = chip.channel_nets
        reach = float(np.abs(voltages[:, self._gate_nets]).max() + np.abs(voltages[:, (*source, *drain)]).max())
        return settled, chip.sensitivity(coldest, reach)

    def _run_stretch(self, train: Train, stretch: Stretch, target: float) -> None:
        assert self._chip is not None
        assert self._chip.heater is not None
        self._chip.warm(stretch.mean)
        self._run(train)
        self._chip.heater.settle(stretch.end, target)

    def _run(self, train: Train) -> None:
        """Advance by a train at the present temperature."""
        levels = train.levels * self._is_source
        done = 0
        while done < train.repeats:
            solution = self._circuit.solve(self._drives, levels, self._channel_conductances())
            count = train.repeats - done
            if count > 1 and self._varies(solution):
                count = 1
            if self._chip:
                gates = self._gates = self._grouped(solution)
                drives = self._gate_drives(solution, levels)
                area, in_current_mode = self._chip.run(gates, train.durations, solution.voltages, drives, count)
                self._gate_area[gates.nets[~gates.apart]] += area[~gates.apart]
                self._in_current_mode[gates.nets] = in_current_mode
            weight = train.durations * count
            self._voltages += weight @ solution.voltages
            self._currents += weight @ solution.currents
            self._levels += weight @ levels
            self._last, self._last_levels = solution, levels[-1]
            done += count

    def _channel_conductances(self) -> Floats:
        return np.zeros(0) if self._chip is None else self._chip.conductances

    def _grouped(self, solution: Solution) -> GateNets:
        """Devices by gate net; those whose channel hangs on nothing stand apart, for nothing closes their loop."""
        assert self._chip is not None
        source = self._chip.channel_nets[0]
        apart = ~solution.responses[0].coupling.referenced[source]
        for response in solution.responses[1:]:
            if response is not solution.responses[0]:
                apart &= ~response.coupling.referenced[source]
        key = apart.tobytes() if apart.any() else b""
        if key not in self._known_gates:
            if len(self._known_gates) >= MOST_KEPT:
                self._known_gates.clear()
            self._known_gates[key] = GateNets(self._gate_nets, apart)
        return self._known_gates[key]

    def _varies(self, solution: Solution) -> bool:
        """Whether channel currents shape the node voltages, so that these move as the devices are written."""
        if self._chip is None:
            return False
        source, drain = self._chip.channel_nets
        if not np.any(solution.voltages[:, source] != solution.voltages[:, drain]):
            return False
        inner = np.concatenate([source, drain])
        inner = inner[inner > 0] - 1
        return bool(np.any(np.abs(solution.responses[0].inverse[inner, inner]) > _IDEAL))

    def _gate_drives(self, solution: Solution, levels: Floats) -> Floats:
        """How the gate nets are driven in each segment, (segments, gate nets, kernels.N_DRIVE)."""
        drives = np.zeros((len(levels), self._gates.count, k.N_DRIVE))
        drives[..., k.NET_LOW], drives[..., k.NET_HIGH] = -np.inf, np.inf
        drives[..., k.NET_VOLTAGE] = solution.voltages[:, self._gates.nets]
        responses = solution.responses
        first = responses[0]
        if all(response is first for response in responses):
            self._see_circuit(first, drives, solution.currents, levels)
        else:
            for s, response in enumerate(responses):
                self._see_circuit(response, drives[s : s + 1], solution.currents[s : s + 1], levels[s : s + 1])
        return drives

    def _see_circuit(self, response: Response, drives: Floats, currents: Floats, levels: Floats) -> None:
        """Resistances and current limits that the circuit shows to the gate nets; fills `drives`."""
        nets = self._gates.nets
        referenced = response.coupling.referenced[nets]
        resistance = np.where(referenced & (nets > 0), response.inverse[nets - 1, nets - 1], 0.0)
        drives[..., k.NET_RESISTANCE] = np.where(resistance > _IDEAL, resistance, 0.0)
        drives[..., k.NET_KIND] = np.where(referenced & ~self._gates.apart, k.DRIVEN, k.FLOATING)
        for port, drive in enumerate(self._drives):
            if isinstance(drive, VoltageSource) and drive.current_limit < np.inf:
                share = np.where(referenced & (nets > 0), -response.inverse[self._circuit.ports + port, nets - 1], 0.0)
                on = share > 1e-9
                own = currents[:, port, np.newaxis]
                room = drives[:, on, k.NET_LOW], drives[:, on, k.NET_HIGH]
                drives[:, on, k.NET_LOW] = np.maximum(room[0], (-drive.current_limit - own) / share[on])
                drives[:, on, k.NET_HIGH] = np.minimum(room[1], (drive.current_limit - own) / share[on])
        if not referenced.all():
            self._see_current_sources(response, drives, levels)

    def _see_current_sources(self, response: Response, drives: Floats, levels: Floats) -> None:
        """Gate nets without a potential of their own, fed by current sources; fills `drives`."""
        group = response.coupling.group
        fed_groups = {int(group[net]) for net in self._circuit.port_nets[self._current_sources()]}
        for gate, net in enumerate(self._gates.nets):
            if response.coupling.referenced[net] or self._gates.apart[gate] or int(group[net]) not in fed_groups:
                continue
            total, limit = np.zeros(len(levels)), np.inf
            for port in self._current_ports(response, int(net)):
                drive = self._drives[port]
                total += levels[:, port]
                limit = min(limit, drive.voltage_limit) if isinstance(drive, CurrentSource) else limit
            total /= np.count_nonzero(group[self._gates.nets[~self._gates.apart]] == group[net])
            fed = total != 0.0
            drives[fed, gate, k.NET_KIND] = k.DRIVEN
            drives[fed, gate, k.NET_VOLTAGE] = np.copysign(limit, total[fed])
            drives[fed, gate, k.NET_LOW] = -np.abs(total[fed])
            drives[fed, gate, k.NET_HIGH] = np.abs(total[fed])

    def _current_sources(self) -> list[int]:
        return [port for port, drive in enumerate(self._drives) if isinstance(drive, CurrentSource)]

    def _current_ports(self, response: Response, net: int) -> list[int]:
        """Current sources in the same group of coupled nets."""
        groups = response.coupling.group[self._circuit.port_nets]
        return [port for port in self._current_sources() if groups[port] == response.coupling.group[net]]

    def means(self, ports: Iterable[int]) -> list[Sample]:
        """Mean voltages and currents of some ports since `begin`, with the noise of the channels."""
        response = self._last.responses[-1]
        voltages = self._voltages / self._seconds
        currents = self._currents / self._seconds
        self._noise = np.zeros(voltages.size)
        if self._chip:
            flow, noise = self._injected(voltages)
            impedance = response.inverse[: self._circuit.ports, : self._circuit.ports]
            self._noise[1:] = impedance @ noise[1:]
            voltages[1:] += impedance @ flow[1:] + self._noise[1:]
            currents += response.inverse[self._circuit.ports :, : self._circuit.ports] @ (flow + noise)[1:]
        return [self._sample(port, response, voltages, currents) for port in ports]

    def _injected(self, voltages: Floats) -> tuple[Floats, Floats]:
        """Mean currents into the nets that the linear circuit does not know: ions, leakage and drift; noise."""
        assert self._chip is not None
        source, drain = self._chip.channel_nets
        to_source, to_drain, channel = self._chip.charges / self._seconds
        referenced = self._last.responses[-1].coupling.referenced
        adrift = ~referenced[drain]  # behind a channel that was cut off: nothing takes what flows there
        to_source, to_drain = np.where(adrift, to_source + to_drain, to_source), np.where(adrift, 0.0, to_drain)
        channel = np.where(adrift == ~referenced[source], channel, 0.0)
        flow, noise = np.zeros(self._circuit.net_count), np.zeros(self._circuit.net_count)
        np.subtract.at(flow, self._gate_nets, to_source + to_drain)
        np.add.at(flow, source, to_source - channel)
        np.add.at(flow, drain, to_drain + channel)
        currents = self._chip.noise_currents(
            0.5 * (self._first_conductance + self._chip.conductances),
            voltages[source] - voltages[drain],
            self._start,
            self._seconds,
        )
        if currents is not None:
            np.subtract.at(noise, source, currents)
            np.add.at(noise, drain, currents)
        return flow, noise

    def _sample(self, port: int, response: Response, voltages: Floats, currents: Floats) -> Sample:
        net = int(self._circuit.port_nets[port])
        drive = self._drives[port]
        limited = bool(self._last.limits[-1, port] != FREE)
        voltage, current = float(voltages[net]), float(currents[port])
        near = self._gates_near(response, net)
        if near.size:
            voltage, current, at_limit = self._beside_gate(port, net, near, response, voltages, current)
            limited = limited or at_limit
        if isinstance(drive, Open):
            current = 0.0
        return Sample(voltage, current, limited)

    def _gates_near(self, response: Response, net: int) -> NDArray[np.int64]:
        """Nets of gates whose ions a port can be limited by, or whose potential it shares."""
        if self._chip is None:
            return np.zeros(0, dtype=np.int64)
        nets: NDArray[np.int64] = self._gates.nets[~self._gates.apart]
        if response.coupling.referenced[net]:
            near = nets == net
        else:
            near = response.coupling.group[nets] == response.coupling.group[net]
        found: NDArray[np.int64] = nets[near]
        return found

    def _beside_gate(
        self, port: int, net: int, near: NDArray[np.int64], response: Response, voltages: Floats, current: float
    ) -> tuple[float, float, bool]:
        """Voltage, current and limit of a port that drives a gate: what the kernels found at the gate counts.

        They do not know the noise of channels that hang on the same net.
        """
        drive = self._drives[port]
        gate = int(near[0])
        at_gate = float(self._gate_area[gate]) / self._seconds
        in_current_mode = bool(self._in_current_mode[gate])
        if response.coupling.referenced[net]:
            bounded = isinstance(drive, VoltageSource) and drive.current_limit < np.inf
            return at_gate + float(self._noise[gate]), current, bounded and in_current_mode
        voltage = at_gate + float(voltages[net] - voltages[gate])
        asked = sum(float(self._levels[other]) for other in self._current_ports(response, net))
        if not isinstance(drive, CurrentSource) or asked == 0.0:
            return voltage, 0.0, False
        assert self._chip is not None
        devices = np.isin(self._gate_nets, near)
        charge = self._chip.charges[:2, devices].sum()
        share = float(self._levels[port]) / asked
        return voltage, share * float(charge) / self._seconds, self._last_levels[port] != 0.0 and not in_current_mode

    def instant(self, levels: Floats, port: int) -> Sample:
        """Present voltage and current of a port, without noise; the devices stay as they are.

        The current of ions that leave through a drain or source port is left out: a measurement shows it.
        """
        solution = self._circuit.solve(self._drives, levels[np.newaxis], self._channel_conductances())
        net = int(self._circuit.port_nets[port])
        if self._chip:
            self._gates = self._grouped(solution)
        if not self._gates_near(solution.responses[0], net).size:
            current = 0.0 if isinstance(self._drives[port], Open) else float(solution.currents[0, port])
            return Sample(float(solution.voltages[0, net]), current, bool(solution.limits[0, port] != FREE))
        with self._chip.trial() if self._chip else nullcontext():
            self.begin(0.0, _INSTANT)
            self._run(Train(np.array([_INSTANT]), levels[np.newaxis]))
            return self.means([port])[0]
