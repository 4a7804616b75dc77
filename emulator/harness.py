"""The wiring loom: instrument ports, wires, relays, resistors and the pads of a chip, in virtual time."""

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from emulator.chip import Netlist
from emulator.clock import VirtualClock
from emulator.drives import CurrentSource, Drive, Open, Sample, VoltageSource
from emulator.engine import Engine
from emulator.schedule import Player, Schedule
from emulator.specimen import Specimen
from emulator.waveform import Waveform
from emulator.wiring import CHIP, GROUND, Wiring


class Port:
    """One instrument terminal; its other pole is ground. Made by :meth:`Harness.add_port`, open at first.

    catch_up: works out the time that has passed; called before anything here is looked at or changed.
    """

    def __init__(self, name: str, edge_step: float | None, catch_up: Callable[[], None]) -> None:
        self.name = name
        self.player: Player | None = None
        self._drive: Drive = Open()
        self._edge_step = edge_step
        self._catch_up = catch_up

    @property
    def drive(self) -> Drive:
        """What the terminal does. A running waveform goes on, in time also while the port is open or grounded.

        It ends when a voltage source becomes a current source or the other way round.
        """
        return self._drive

    @drive.setter
    def drive(self, drive: Drive) -> None:
        self._catch_up()
        self._drive = drive
        if self.player and isinstance(drive, VoltageSource | CurrentSource) and type(drive) is not self._kind:
            self.player = None

    @property
    def remaining(self) -> float:
        """Time until the running waveform ends [s]; 0 when idle, inf for an endless one."""
        self._catch_up()
        return self.player.remaining if self.player else 0.0

    @property
    def level(self) -> float:
        """Present level of the source [V or A]; on a ramp, where the ramp stands. 0 for Open and Ground."""
        if not isinstance(self.drive, VoltageSource | CurrentSource):
            return 0.0
        self._catch_up()
        return self.player.instantaneous_level if self.player else self.drive.level

    def start(self, waveform: Waveform) -> None:
        """Run a waveform from now on; it replaces the level of the source, not its resistance or limit.

        Afterwards the source returns to the level of its drive. Raises ValueError unless the drive is a source.
        """
        if not isinstance(self.drive, VoltageSource | CurrentSource):
            raise ValueError(
                f"port {self.name} is {type(self.drive).__name__}: "
                "set its drive to a VoltageSource before starting a waveform"
            )
        self._catch_up()
        step = self._edge_step
        if step is None or isinstance(self.drive, CurrentSource):
            step = (max(waveform.levels) - min(waveform.levels)) / 64.0 or math.inf
        self.player, self._kind = Player(waveform, step), type(self.drive)

    def stop(self) -> None:
        """End the waveform; the source returns to the level of its drive."""
        self._catch_up()
        self.player = None


class Harness:
    """Ports joined with each other and with the pads of one chip or another specimen; all time passes here.

    Nodes are named: a port by its name ("<instrument>.<terminal>"), a pad "chip.G0", a matrix line "matrix.A" or
    "matrix.105", and "ground". Wires, relays and lines are ideal; the chip's ions, channels and heater, series
    resistances, limits and resistors are not.

    Time that passes is worked out when something changes or is looked at, here, at a port or in the array: most
    messages of an instrument take their time and leave the circuit as it is, and one long segment costs no more than a
    short one.
    """

    def __init__(self, clock: VirtualClock, chip: Specimen | None = None) -> None:
        self.clock = clock
        self.chip = chip
        self._wiring = Wiring()
        self._inside: Netlist | None = None
        self._ports: dict[str, Port] = {}
        for pad in chip.pads if chip else ():
            self._wiring.add_node(CHIP + pad)
        self._engine = Engine(chip)
        self._since, self._passed = 0.0, 0.0  # when the time began that is not worked out yet, and how much it is
        if chip:
            chip.watch(self._catch_up)

    def add_port(self, name: str) -> Port:
        """A new instrument terminal; ValueError when the name is taken."""
        if name in self._ports or name == GROUND or name.startswith(CHIP):
            raise ValueError(f"port name {name!r} is taken: give every terminal its own name")
        self._catch_up()
        self._wiring.add_node(name)
        self._ports[name] = Port(name, self.chip.edge_step if self.chip else None, self._catch_up)
        return self._ports[name]

    @property
    def ports(self) -> Mapping[str, Port]:
        """All terminals by name."""
        return MappingProxyType(self._ports)

    def connect(self, a: str, b: str) -> None:
        """Join two nodes by a permanent wire; ValueError for a pad that the chip does not have."""
        self._check(a, b)
        self._wiring.connect(a, b)

    def close_relay(self, a: str, b: str) -> None:
        """Join two nodes by a relay; closing a closed one does nothing."""
        self._check(a, b)
        self._wiring.close_relay(a, b)

    def open_relay(self, a: str, b: str) -> None:
        """Open the relay between two nodes; opening an open one does nothing."""
        self._check(a, b)
        self._wiring.open_relay(a, b)

    def add_resistor(self, a: str, b: str, ohms: float) -> None:
        """Put a resistor between two nodes, e.g. a dummy load; ValueError unless 0 < ohms < inf."""
        self._check(a, b)
        self._wiring.add_resistor(a, b, ohms)

    def _check(self, *nodes: str) -> None:
        """Before the wiring changes: the nodes exist, and time has passed with the old one."""
        self._catch_up()
        pads = self.chip.pads if self.chip else ()
        for node in nodes:
            if node.startswith(CHIP) and node.removeprefix(CHIP) not in pads:
                there = f"its pads are {pads[0]} ... {pads[-1]}" if pads else "there is no chip"
                raise ValueError(f"node {node!r} does not exist: {there}")

    def advance(self, seconds: float) -> None:
        """Let time pass [s] for the chip and all waveforms; ValueError unless finite and not negative."""
        start = self.clock.now
        self.clock.advance(seconds)
        if not self._passed:
            self._since = start
        self._passed += seconds

    def _catch_up(self) -> None:
        if self._passed:
            seconds, self._passed = self._passed, 0.0
            self._evolve(self._since, seconds)

    def measure(self, port: Port, aperture: float) -> Sample:
        """Mean voltage and current of a port over the next `aperture` [s], which pass meanwhile."""
        return self.measure_all([port], aperture)[0]

    def measure_all(self, ports: Sequence[Port], aperture: float) -> list[Sample]:
        """Mean voltages and currents of several ports over the same next `aperture` [s].

        Raises ValueError unless the aperture is finite and longer than 0 s, and for a port of another harness.
        """
        if not 0.0 < aperture < math.inf:
            raise ValueError(f"aperture = {aperture!r} s is not allowed: give a finite time above 0 s")
        numbers = [self._number(port) for port in ports]
        self._catch_up()
        start = self.clock.now
        self.clock.advance(aperture)
        self._evolve(start, aperture)
        return self._engine.means(numbers)

    def probe(self, port: Port) -> Sample:
        """Voltage and current of a port at this moment, without noise; no time passes."""
        number = self._number(port)
        self._catch_up()
        self._attach()
        levels = np.array([other.level for other in self._ports.values()])
        return self._engine.instant(levels, number)

    def _number(self, port: Port) -> int:
        for number, own in enumerate(self._ports.values()):
            if own is port:
                return number
        raise ValueError(f"port {port.name!r} does not belong to this harness")

    def _attach(self) -> None:
        if self.chip and self.chip.netlist is not self._inside:
            self._inside = self.chip.netlist
            self._wiring.set_inside(self._inside.nodes, self._inside.wires, self._inside.resistors)
        drives = [port.drive for port in self._ports.values()]
        self._engine.attach(self._wiring.nets(), list(self._ports), drives)

    def _evolve(self, start: float, seconds: float) -> None:
        self._attach()
        ports = list(self._ports.values())
        players = {number: port.player for number, port in enumerate(ports) if port.player}
        base = np.array(
            [port.drive.level if isinstance(port.drive, VoltageSource | CurrentSource) else 0.0 for port in ports]
        )
        self._engine.begin(start, seconds)
        for train in Schedule(players, base, seconds):
            self._engine.run(train)
        for number, player in players.items():
            player.settle()
            if not player.left:
                ports[number].player = None
