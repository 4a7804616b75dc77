"""A chip: an array, its lines and pads, its temperature, and the noise of reading it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emulator import kernels as k
from emulator.array import Array
from emulator.heater import PADS as HEATER_PADS
from emulator.heater import Heater, sensitivity
from emulator.lines import Draft, Ends, IdealLines, LineFault, LineFaultKind, Lines
from emulator.random_numbers import normal_table
from emulator.read_noise import ReadNoise
from emulator.resistive_lines import ResistiveLines, Wires
from emulator.snapshot import Snapshot, SnapshotError
from emulator.telegraph_noise import TelegraphNoise
from emulator.wiring import CHIP

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FAULTS = {
    "none": k.OK,
    "stuck": k.STUCK,
    "open_channel": k.OPEN_CHANNEL,
    "gate_short": k.GATE_SHORT,
    "open_gate": k.OPEN_GATE,
}
TAPPED_DEVICES = 64  # two nets more for each device: as many as the dense circuit bears


@dataclass(frozen=True, eq=False)
class Netlist:
    """The inside of a chip: ideal wires, resistors [Ohm], and the nodes of the devices' terminals.

    nodes: names; terminals (3, devices): places in `nodes` of gate, source and drain.
    """

    nodes: tuple[str, ...]
    wires: tuple[tuple[str, str], ...]
    resistors: tuple[tuple[str, str, float], ...]
    terminals: Integers


class Chip:
    """An array, its lines and their pads, and, where there is one, a heater.

    layout, ends: of the lines (:class:`emulator.lines.IdealLines`). temperature [K] of the surroundings, e.g. of a hot
    plate. read_noise: False switches thermal, 1/f and telegraph noise of the channels off. heater: one resistor below
    all devices, between the pads "H+" and "H-". taps: contacts on the channel of device n = row * columns + column,
    "T<n>" and "U<n>", at the source and drain ends of its gated stretch (Hall bar, Kwak et al., review of ECRAM (2024),
    reference 63); half of the ungated and contact resistance lies on each side. wires: resistance of the lines, none by
    default. Raises ValueError for an unknown layout or ends, for taps on more than 64 and for wires between more than
    256 devices.
    """

    def __init__(
        self,
        array: Array,
        *,
        layout: str = "A",
        temperature: float = 300.0,
        read_noise: bool = True,
        ends: Ends = "near",
        heater: bool = False,
        taps: bool = False,
        wires: Wires | None = None,
    ) -> None:
        devices = array.rows * array.columns
        if taps and devices > TAPPED_DEVICES:
            raise ValueError(
                f"taps on {array.rows} x {array.columns} devices are not possible: "
                f"leave them out or use at most {TAPPED_DEVICES} devices"
            )
        self.array = array
        self._options: dict[str, Any] = {
            "layout": layout,
            "ends": ends,
            "heater": heater,
            "taps": taps,
            "read_noise": read_noise,
        }
        self._options["wires"] = asdict(wires) if wires else None
        self.layout = layout
        self.heater = Heater.of(array.model) if heater else None
        self.noise = _noise(array) if read_noise else None
        self._lines: Lines = _lines(array, layout, ends, wires)
        self._tapped = taps
        self._taps = tuple(f"{letter}{n}" for letter in "TU" for n in range(devices)) if taps else ()
        self._line_faults: dict[str, LineFault] = {}
        self._netlist: Netlist | None = None
        self._drawn_gates: NDArray[np.bool_] = self._open_gates  # as they are in the netlist
        self._applied = 0.0
        self.temperature = temperature

    @property
    def pads(self) -> tuple[str, ...]:
        """Names of the pads: of the lines (G0, G1, ..., S0, ..., D0, ...), of the taps, and of the heater."""
        return self._lines.pads + self._taps + (HEATER_PADS if self.heater else ())

    @property
    def lines(self) -> tuple[str, ...]:
        """Names of the lines: G0, G1, ..., S0, ..., D0, ..."""
        return self._lines.names

    @property
    def netlist(self) -> Netlist:
        """The inside of the chip; the same object as long as no fault changes."""
        if self._netlist is None or not np.array_equal(self._drawn_gates, self._open_gates):
            self._netlist, self._drawn_gates = self._drawn(), self._open_gates
        return self._netlist

    @property
    def _open_gates(self) -> NDArray[np.bool_]:
        is_open: NDArray[np.bool_] = self.array.integers[k.FLAG] == k.OPEN_GATE
        return is_open

    def _drawn(self) -> Netlist:
        draft = Draft(self.array.rows * self.array.columns)
        self._lines.draw(draft, self._line_faults)
        for device in np.flatnonzero(self._open_gates):
            draft.terminals[0, device] = draft.node(f"{CHIP}gate:{device}")
        if self._tapped:
            self._draw_taps(draft)
        if self.heater:
            draft.resistor(CHIP + HEATER_PADS[0], CHIP + HEATER_PADS[1], self.heater.resistance)
        return Netlist(tuple(draft.numbers), tuple(draft.wires), tuple(draft.resistors), draft.terminals)

    def _draw_taps(self, draft: Draft) -> None:
        names = tuple(draft.numbers)
        outside = 0.5 * (self.array.model.ungated_resistance + self.array.model.contact_resistance)
        for letter, terminal in (("T", 1), ("U", 2)):
            for device in range(draft.terminals.shape[1]):
                tap, line = f"{CHIP}{letter}{device}", names[draft.terminals[terminal, device]]
                draft.resistor(line, tap, outside)
                draft.terminals[terminal, device] = draft.node(tap)

    @property
    def temperature(self) -> float:
        """Temperature of the surroundings [K]; ValueError outside 1 K to 2000 K or above what the devices bear."""
        return self._temperature

    @temperature.setter
    def temperature(self, kelvin: float) -> None:
        if not 1.0 <= kelvin <= 2000.0:
            raise ValueError(f"temperature = {kelvin!r} K is not allowed: give 1 K to 2000 K")
        if kelvin > self.array.model.max_temperature:
            raise ValueError(
                f"temperature = {kelvin!r} K is not allowed: "
                f"these devices bear {self.array.model.max_temperature!r} K at most"
            )
        self.array.catch_up()
        self._temperature = kelvin
        self.warm()

    @property
    def device_temperature(self) -> float:
        """Temperature of the devices [K]: that of the surroundings and what the heater adds."""
        self.array.catch_up()
        return self._temperature + (self.heater.excess if self.heater else 0.0)

    def warm(self, excess: float | None = None) -> None:
        """Apply a temperature excess [K] to the devices, or the present one of the heater.

        Devices that get hotter than they bear stay as they are from then on: their ions do not move any more.
        """
        kelvin = self.device_temperature if excess is None else self._temperature + excess
        if kelvin == self._applied:
            return
        self._applied = kelvin
        if kelvin > self.array.model.max_temperature:
            flags = self.array.integers[k.FLAG]
            flags[flags == k.OK] = k.STUCK
        self.array.set_temperature(kelvin)
        if self._tapped:  # the circuit has the ungated stretches
            self.array.shared[k.R_UNGATED] = 0.0
        self.array.update_conductances()

    def set_fault(self, row: int, column: int, fault: str) -> None:
        """Give one device a fault; ValueError for an unknown fault or a device that is not there.

        fault: "none"; "stuck": conductance frozen; "open_channel": no conductance; "gate_short": conductance frozen and
        the gate conducts with `broken_gate_conductance`; "open_gate": the gate is cut from its line, so that the device
        is never written.
        """
        rows, columns = self.array.rows, self.array.columns
        if not (0 <= row < rows and 0 <= column < columns):
            raise ValueError(f"device ({row}, {column}) does not exist: the array has {rows} x {columns} devices")
        self.set_faults(np.array([row * columns + column]), fault)

    def set_faults(self, devices: NDArray[np.integer[Any]], fault: str) -> None:
        """Give several devices, by number row * columns + column, a fault of `set_fault`; ValueError as there."""
        if fault not in FAULTS:
            raise ValueError(f"fault = {fault!r} is not allowed: choose one of {', '.join(FAULTS)}")
        self.array.integers[k.FLAG, devices] = FAULTS[fault]
        self.array.update_conductances()

    def set_line_fault(self, line: str, kind: LineFaultKind, ohms: float = np.inf) -> None:
        """Give a line ("G3") a fault; ValueError for an unknown line or kind, or a leak without a resistance.

        kind: "none"; "dead": cut from its pads, while its devices stay joined; "leaky": `ohms` [Ohm] to ground.
        """
        names = self._lines.names
        if line not in names:
            raise ValueError(f"line {line!r} does not exist: the lines are {names[0]} ... {names[-1]}")
        fault = LineFault(kind, ohms)
        self.array.catch_up()
        self._line_faults.pop(line, None)
        if kind != "none":
            self._line_faults[line] = fault
        self._netlist = None

    @property
    def line_faults(self) -> dict[str, LineFault]:
        """Faults of the lines that have one, by line."""
        return dict(self._line_faults)

    @property
    def conductances(self) -> Floats:
        """Present source-drain conductance of every device [S], (devices,)."""
        present: Floats = self.array.devices[k.G_END]
        return present

    @property
    def edge_step(self) -> float:
        """Largest level difference within one piece of an edge [V]: half of v0."""
        return 0.5 * self.array.model.v0

    def run(
        self, gates: "GateNets", durations: Floats, volts: Floats, drives: Floats, repeats: int = 1
    ) -> tuple[Floats, NDArray[np.bool_]]:
        """Advance all devices through `repeats` periods of segments -> (gate volt-seconds, at the current limit).

        durations (segments) [s]; volts (segments, nets) [V]; drives (segments, gate nets, kernels.N_DRIVE); results
        (gate nets). Charges since `clear_charges` add up in the devices.
        """
        volt_seconds = np.zeros(gates.count)
        in_current_mode = np.zeros(gates.count, dtype=np.bool_)
        k.run_train(
            self.array.devices,
            self.array.integers,
            self.array.shared,
            normal_table(),
            gates.members,
            gates.first,
            durations,
            volts,
            drives,
            repeats,
            volt_seconds,
            in_current_mode,
        )
        return volt_seconds, in_current_mode

    def attach(self, source_nets: Integers, drain_nets: Integers) -> None:
        """Tell the devices on which nets their sources and drains are, (devices,)."""
        self.array.integers[k.SOURCE_NET] = source_nets
        self.array.integers[k.DRAIN_NET] = drain_nets

    def watch(self, catch_up: Callable[[], None]) -> None:
        """Call `catch_up` before the state of the devices is looked at or changed."""
        self.array.catch_up = catch_up

    @property
    def channel_nets(self) -> Integers:
        """Nets of the sources and the drains, (2, devices)."""
        return self.array.integers[k.SOURCE_NET : k.DRAIN_NET + 1]

    @property
    def charges(self) -> Floats:
        """Charges since `clear_charges` [C], (3, devices): see :class:`emulator.specimen.Specimen`."""
        return self.array.devices[k.TO_SOURCE : k.CHANNEL_EXCESS + 1]

    def sensitivity(self, temperature: float, volts: float) -> float:
        """Largest relative change of a rate per kelvin [1/K]; see :func:`emulator.heater.sensitivity`."""
        return sensitivity(self.array.model, temperature, volts)

    @contextmanager
    def trial(self) -> Iterator[None]:
        """Inside, there is no noise; afterwards the devices are as they were."""
        array, noise = self.array, self.noise
        kept = array.devices.copy(), array.integers.copy(), array.shared.copy()
        array.shared[k.NOISE], self.noise = 0.0, None
        try:
            yield
        finally:
            array.devices[:], array.integers[:], array.shared[:] = kept
            self.noise = noise

    def clear_charges(self) -> None:
        """Start a new sum of the charges through the terminals."""
        self.array.devices[k.TO_SOURCE : k.CHANNEL_EXCESS + 1] = 0.0

    def state(self) -> Snapshot:
        """Everything that this chip is: array, lines, faults, temperatures, and what earlier reads left behind."""
        self.array.catch_up()
        header = {
            "options": self._options,
            "temperature": self._temperature,
            "heater_excess": self.heater.excess if self.heater else 0.0,
            "line_faults": {line: [fault.kind, fault.ohms] for line, fault in self._line_faults.items()},
        }
        state = Snapshot(header).with_part("array", self.array.state())
        return state.with_part("noise", self.noise.state()) if self.noise else state

    @classmethod
    def restored(cls, snapshot: Snapshot) -> "Chip":
        """The chip that was in this state: it goes on with the same bits. Raises SnapshotError when it is no state."""
        header, array = snapshot.header, Array.restored(snapshot.part("array"))
        try:
            options = dict(header["options"])
            if options["wires"] is not None:
                options["wires"] = Wires(**options["wires"])
            chip = cls(array, temperature=header["temperature"], **options)
            if chip.heater:
                chip.heater.excess = header["heater_excess"]
                chip.warm()
            for line, (kind, ohms) in header["line_faults"].items():
                chip.set_line_fault(line, kind, ohms)
            if chip.noise:
                chip.noise.restore(snapshot.part("noise"))
        except (TypeError, KeyError) as error:
            raise SnapshotError(f"this is not the state of a chip: {error}") from error
        array.restore(snapshot.part("array"))  # the chip has worked out conductances in between
        return chip

    def noise_currents(self, conductance: Floats, voltage: Floats, start: float, aperture: float) -> Floats | None:
        """Mean noise current of every channel over an aperture [A], source to drain; None when switched off."""
        if self.noise is None:
            return None
        return self.noise.channel_currents(conductance, voltage, self.device_temperature, start, aperture)


def _lines(array: Array, layout: str, ends: Ends, wires: Wires | None) -> Lines:
    if wires is None:
        return IdealLines(array.rows, array.columns, layout, ends)
    return ResistiveLines(array.rows, array.columns, layout, ends, wires)


def _noise(array: Array) -> ReadNoise:
    """The noise of reading an array: traps differ from device to device only where devices do."""
    traps = TelegraphNoise.of(array.model, array.read_streams, array.device_spread) if array.model.trap_count else None
    return ReadNoise(array.read_streams, array.model.flicker, traps)


class GateNets:
    """Devices grouped by the net of their gate; devices set apart are groups of their own.

    net_of_device (devices); apart (devices): set apart, none by default. nets (groups): net numbers; members: device
    numbers in the order of the groups; first (groups + 1): where each group begins in members; apart (groups).
    """

    def __init__(self, net_of_device: Integers, apart: NDArray[np.bool_] | None = None) -> None:
        self.net_of_device = net_of_device
        devices = np.arange(net_of_device.size)
        alone = np.zeros(devices.size, dtype=np.bool_) if apart is None else apart
        group = np.where(alone, net_of_device.max(initial=0) + 1 + devices, net_of_device)
        self.members: Integers = np.argsort(group, kind="stable").astype(np.int64)
        _, starts = np.unique(group[self.members], return_index=True)
        self.nets: Integers = net_of_device[self.members[starts]]
        self.apart: NDArray[np.bool_] = alone[self.members[starts]]
        self.first: Integers = np.append(starts, devices.size).astype(np.int64)
        self.count = self.nets.size
