"""A chip: an array, its lines and pads, its temperature, and the noise of reading it."""

import numpy as np
from numpy.typing import NDArray

from emulator import kernels as k
from emulator.array import Array
from emulator.random_numbers import normal_table
from emulator.read_noise import ReadNoise

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Along what each line family runs: gate, source, drain.
LAYOUTS = {
    "A": ("rows", "rows", "columns"),
    "B": ("rows", "columns", "rows"),
    "C": ("rows", "columns", "columns"),
    "D": ("columns", "rows", "columns"),
}

FAULTS = {"none": k.OK, "stuck": k.STUCK, "open_channel": k.OPEN_CHANNEL, "gate_short": k.GATE_SHORT}


class Chip:
    """An array whose gates, sources and drains are joined by ideal lines, one pad per line.

    layout: "A" gate and source rows, drain columns; "B" gate and drain rows, source columns; "C" gate rows, source and
    drain columns; "D" gate and drain columns, source rows. temperature [K] of the whole chip. read_noise: False
    switches thermal and 1/f noise of the channels off. Raises ValueError for an unknown layout.
    """

    def __init__(self, array: Array, *, layout: str = "A", temperature: float = 300.0, read_noise: bool = True) -> None:
        if layout not in LAYOUTS:
            raise ValueError(f"layout = {layout!r} is not allowed: choose one of {', '.join(LAYOUTS)}")
        self.array = array
        self.layout = layout
        self.noise = ReadNoise(array.read_streams, array.model.flicker) if read_noise else None
        row, column = np.divmod(np.arange(array.rows * array.columns), array.columns)
        counts = {"rows": array.rows, "columns": array.columns}
        numbers = {"rows": row, "columns": column}
        self._pads: list[str] = []
        lines = []
        for letter, along in zip("GSD", LAYOUTS[layout], strict=True):
            lines.append(len(self._pads) + numbers[along])
            self._pads += [f"{letter}{line}" for line in range(counts[along])]
        self.lines: Integers = np.array(lines)
        self.temperature = temperature

    @property
    def pads(self) -> tuple[str, ...]:
        """Names of the pads: G0, G1, ..., S0, ..., D0, ..."""
        return tuple(self._pads)

    @property
    def temperature(self) -> float:
        """Temperature of the chip [K]; ValueError outside 1 K to 2000 K."""
        return self._temperature

    @temperature.setter
    def temperature(self, kelvin: float) -> None:
        if not 1.0 <= kelvin <= 2000.0:
            raise ValueError(f"temperature = {kelvin!r} K is not allowed: give 1 K to 2000 K")
        self._temperature = kelvin
        self.array.set_temperature(kelvin)
        self._update_conductances()

    def set_fault(self, row: int, column: int, fault: str) -> None:
        """Give one device a fault; ValueError for an unknown fault or a device that is not there.

        fault: "none"; "stuck": conductance frozen; "open_channel": no conductance; "gate_short": conductance frozen and
        the gate conducts with `broken_gate_conductance`.
        """
        if fault not in FAULTS:
            raise ValueError(f"fault = {fault!r} is not allowed: choose one of {', '.join(FAULTS)}")
        rows, columns = self.array.rows, self.array.columns
        if not (0 <= row < rows and 0 <= column < columns):
            raise ValueError(f"device ({row}, {column}) does not exist: the array has {rows} x {columns} devices")
        self.array.integers[k.FLAG, row * columns + column] = FAULTS[fault]
        self._update_conductances()

    def _update_conductances(self) -> None:
        nothing = np.zeros(0)
        self.run(GateNets(np.zeros(0, np.int64)), nothing, np.zeros((0, 0)), np.zeros((0, 0, k.N_DRIVE)))

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

    def attach(self, nets: Integers) -> None:
        """Tell the devices to which net each pad belongs (pads,)."""
        self.array.integers[k.SOURCE_NET] = nets[self.lines[1]]
        self.array.integers[k.DRAIN_NET] = nets[self.lines[2]]

    def clear_charges(self) -> None:
        """Start a new sum of the charges through the terminals."""
        self.array.devices[k.TO_SOURCE : k.CHANNEL_EXCESS + 1] = 0.0

    def noise_currents(self, conductance: Floats, voltage: Floats, start: float, aperture: float) -> Floats | None:
        """Mean noise current of every channel over an aperture [A], source to drain; None when switched off."""
        if self.noise is None:
            return None
        return self.noise.channel_currents(conductance, voltage, self.temperature, start, aperture)


class GateNets:
    """Devices grouped by the net of their gate line.

    nets (gate nets): net numbers; members: device numbers in the order of their nets; first (gate nets + 1): where
    each group begins in members.
    """

    def __init__(self, net_of_device: Integers) -> None:
        self.net_of_device = net_of_device
        self.members: Integers = np.argsort(net_of_device, kind="stable").astype(np.int64)
        self.nets, starts = np.unique(net_of_device[self.members], return_index=True)
        self.first: Integers = np.append(starts, net_of_device.size).astype(np.int64)
        self.count = self.nets.size
