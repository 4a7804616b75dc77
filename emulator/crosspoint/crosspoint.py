"""An array of devices behind lines with resistance: read, and written so that every device has its own voltages."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emulator import kernels as k
from emulator.array import Array
from emulator.crosspoint.bias import LineDrives
from emulator.crosspoint.gate_law import SinhGate
from emulator.crosspoint.lines import LineFamily
from emulator.crosspoint.read import ReadSolver
from emulator.crosspoint.write import WriteSolution, WriteSolver
from emulator.random_numbers import normal_table

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_ROUNDS = 30


class Crosspoint:
    """Devices at the crosspoints of gate, source and drain lines with resistance, in direct current.

    array: the devices; gate, source, drain: their lines. Ungated and contact resistances are part of the conductance of
    a device. Lines and drivers settle at once: segments shall last longer than the lines take to charge.

    A segment of a write has one set of node voltages, at which the *mean* currents of all devices through that segment
    balance. The network is solved with the gate law of the devices as the segment begins; then the devices go through
    it, and what they took on average instead is put into the network, until no node moves by more than a tolerance. So
    the gate current is what the devices' own law moved, whatever stands in their gate stack.

    Raises ValueError for lines that do not fit each other or the array.
    """

    def __init__(self, array: Array, gate: LineFamily, source: LineFamily, drain: LineFamily) -> None:
        self.array = array
        self._shape = (array.rows, array.columns)
        self._writer = WriteSolver(self._shape, gate, source, drain)
        channel = {family.along: family for family in (source, drain)}
        self._word, self._bit = channel.get("rows"), channel.get("columns")
        self._reader: ReadSolver | None = None
        self._last: WriteSolution | None = None
        self._advance(np.zeros((3, array.rows * array.columns)), 0.0)

    @property
    def conductances(self) -> Floats:
        """Present source-drain conductances [S], (rows, columns)."""
        present: Floats = self.array.devices[k.G_END].reshape(self._shape)
        return present

    def read(self, word_volts: ArrayLike) -> Floats:
        """Currents out of the channel lines along columns, at 0 V, for voltages on those along rows [A].

        word_volts [V]: (rows,), or (products, rows) for many products, which go through the port matrix; the state of
        the devices stays as it is. Gates are open. Raises ValueError for other shapes, and where source and drain lines
        run in parallel: their cells cannot be told apart.
        """
        if self._word is None or self._bit is None:
            raise ValueError("source and drain lines run in parallel: such an array cannot be read by products")
        if self._reader is None:
            self._reader = ReadSolver(self.conductances, self._word, self._bit)
        elif not np.array_equal(self._reader.conductance, self.conductances):
            self._reader.set_conductance(self.conductances)
        return self._reader.currents(word_volts)

    def write(self, drives: LineDrives, seconds: float, *, tolerance: float = 1e-6) -> WriteSolution:
        """Hold voltages at the ends of the lines for some time; -> voltages and mean currents of the array.

        tolerance [V]: of the voltages that the devices see. Raises ValueError for a duration that is not positive and
        finite or drives that do not fit, and ArithmeticError, the devices being as before, when voltages and currents
        do not agree after 30 rounds.
        """
        if not 0.0 < seconds < np.inf:
            raise ValueError(f"seconds = {seconds!r} s is not allowed: give more than 0 s, finite")
        before = self.array.devices.copy(), self.array.integers.copy()
        try:
            self._last = self._agreed(drives, seconds, tolerance, before)
        except BaseException:
            self.array.devices[:], self.array.integers[:] = before
            raise
        return self._last

    def _agreed(
        self, drives: LineDrives, seconds: float, tolerance: float, before: tuple[Floats, Integers]
    ) -> WriteSolution:
        """Voltages and mean currents that agree, the devices having gone through the segment."""
        volts = drives.gate, drives.source, drives.drain
        channel, gates = self.conductances.copy(), gate_law(self.array, seconds)
        solution = self._writer.solve(channel, gates, *volts, start=self._last)
        extra = np.zeros((3, *self._shape))
        for _ in range(_ROUNDS):
            self.array.devices[:], self.array.integers[:] = before
            self._advance(solution.voltages.reshape(3, -1), seconds)
            extra = self._mean_currents(solution.voltages, seconds) - (solution.into_cells - extra)
            new = self._writer.solve(channel, gates, *volts, extra=extra, start=solution)
            moved = float(np.abs(new.voltages - solution.voltages).max())
            solution = new
            if moved <= tolerance:
                return solution
        raise ArithmeticError(
            f"node voltages and currents of {seconds:g} s do not agree: they still move by {moved:.3g} V; "
            "give shorter segments where devices change much, longer ones where they charge a double layer"
        )

    def run(self, pieces: Iterable[tuple[LineDrives, float]]) -> WriteSolution | None:
        """Write piece by piece, drives and seconds; -> the last solution."""
        solution = None
        for drives, seconds in pieces:
            solution = self.write(drives, seconds)
        return solution

    def _advance(self, volts: Floats, seconds: float) -> None:
        """All devices through a segment at their own gate, source and drain voltages (3, devices) [V]."""
        count = volts.shape[1]
        numbers = np.arange(count + 1)
        self.array.integers[k.SOURCE_NET] = count + numbers[:-1]
        self.array.integers[k.DRAIN_NET] = 2 * count + numbers[:-1]
        self.array.devices[k.TO_SOURCE : k.CHANNEL_EXCESS + 1] = 0.0
        durations = np.full(1 if seconds > 0.0 else 0, seconds)
        drives = np.zeros((durations.size, count, k.N_DRIVE))
        drives[:, :, k.NET_KIND] = k.DRIVEN
        drives[:, :, k.NET_VOLTAGE] = volts[0]
        drives[:, :, k.NET_LOW], drives[:, :, k.NET_HIGH] = -np.inf, np.inf
        k.run_train(
            self.array.devices,
            self.array.integers,
            self.array.shared,
            normal_table(),
            numbers[:-1].copy(),
            numbers,
            durations,
            np.tile(volts.ravel(), (durations.size, 1)),
            drives,
            1,
            np.zeros(count),
            np.zeros(count, dtype=np.bool_),
        )

    def _mean_currents(self, voltages: Floats, seconds: float) -> Floats:
        """Mean currents of the last segment from gate, source and drain nodes into the devices [A]."""
        rows = self.array.devices[[k.TO_SOURCE, k.TO_DRAIN, k.CHANNEL_EXCESS]].reshape(3, *self._shape) / seconds
        to_source, to_drain, excess = rows
        start = self.array.devices[k.G_START].reshape(self._shape)
        through = start * (voltages[1] - voltages[2]) + excess
        return np.stack([to_source + to_drain, through - to_source, -through - to_drain])


def gate_law(array: Array, seconds: float) -> SinhGate:
    """Gate law of devices as they are, their dispersion averaged over a segment that starts now.

    Equations of :class:`emulator.model.DeviceModel`, without what stands in series with the ions.
    """
    shape, shared = (array.rows, array.columns), array.shared
    ions = array.integers[k.FLAG] == k.OK
    destroyed = np.isin(array.integers[k.FLAG], (k.BROKEN, k.GATE_SHORT))
    leakage = np.where(destroyed, shared[k.BROKEN_GATE], shared[k.LEAK])
    leakage[array.integers[k.FLAG] == k.OPEN_GATE] = 0.0
    rates = (
        np.where(ions, array.devices[rate] * shared[k.CHARGE] * _mobile_share(array, sign, seconds), 0.0)
        for rate, sign in ((k.RATE_UP, 1.0), (k.RATE_DOWN, -1.0))
    )
    up, down = (rate.reshape(shape) for rate in rates)
    return SinhGate(
        up=up,
        down=down,
        v0=array.devices[k.V0].reshape(shape),
        offset=(shared[k.VOC] + shared[k.KAPPA] * array.devices[k.Q]).reshape(shape),
        leakage=leakage.reshape(shape),
        polarity=int(shared[k.POLARITY]),
    )


def _mobile_share(array: Array, sign: float, seconds: float) -> Floats:
    """Operational time of a segment over its duration: the mean of tau0/(tau0 + age) while the age grows."""
    tau0, tau = float(array.shared[k.TAU0]), float(array.shared[k.TAU_REC])
    age = np.maximum(sign * array.devices[k.AGE], 0.0)
    if tau0 == 0.0:
        return np.ones_like(age)
    grown = (tau - age) * -np.expm1(-seconds / tau)
    share: Floats = tau0 / (tau0 + tau) * (1.0 + tau / seconds * np.log1p(grown / (tau0 + age)))
    return share
