"""A film electrode between pads: what a gate pad and a counter electrode see in cyclic voltammetry."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from emulator import kernels as k
from emulator.chip import GateNets, Netlist
from emulator.heater import Heater
from emulator.voltammetry import FARADAY, GAS_CONSTANT, Film, FilmElectrode, Supply
from emulator.wiring import CHIP

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_PADS = ("G0", "S0", "D0")
_EDGE = 0.02  # of RT/F: a ramp is a staircase, and every stair of a coarser one would show in the current


class FilmCell:
    """A specimen (:mod:`emulator.specimen`) of two terminals: "G0" is the film, "S0" and "D0" the counter electrode.

    Voltages are those of the film over the counter electrode, which does not polarise; a positive current into G0 takes
    ions out of the film. temperature [K]; ValueError outside 1 K to 2000 K.
    """

    def __init__(self, electrode: FilmElectrode, *, temperature: float = 300.0) -> None:
        if not 1.0 <= temperature <= 2000.0:
            raise ValueError(f"temperature = {temperature!r} K is not allowed: give 1 K to 2000 K")
        self._temperature = temperature
        self._film = Film(electrode, temperature)
        self._catch_up: Callable[[], None] = lambda: None
        self._charge = 0.0
        self._nets: Integers = np.zeros((2, 1), dtype=np.int64)
        nodes = tuple(CHIP + pad for pad in _PADS)
        self._netlist = Netlist(nodes, ((nodes[1], nodes[2]),), (), np.array([[0], [1], [2]], dtype=np.int64))

    @property
    def film(self) -> Film:
        """The film, up to date."""
        self._catch_up()
        return self._film

    @property
    def pads(self) -> tuple[str, ...]:
        """Names of the pads."""
        return _PADS

    @property
    def netlist(self) -> Netlist:
        """Three nodes, two of them joined."""
        return self._netlist

    @property
    def temperature(self) -> float:
        """Temperature of the surroundings [K]."""
        return self._temperature

    @property
    def heater(self) -> Heater | None:
        """There is none."""
        return None

    @property
    def edge_step(self) -> float:
        """Largest level difference within one piece of an edge [V]."""
        return _EDGE * GAS_CONSTANT * self._temperature / FARADAY

    @property
    def conductances(self) -> Floats:
        """There is no channel: 0 S."""
        return np.zeros(1)

    @property
    def channel_nets(self) -> Integers:
        """Net of the counter electrode, twice, (2, 1)."""
        return self._nets

    @property
    def charges(self) -> Floats:
        """Charges since `clear_charges` [C], (3, 1): all leaves by the counter electrode."""
        return np.array([[self._charge], [0.0], [0.0]])

    def watch(self, catch_up: Callable[[], None]) -> None:
        """Call `catch_up` before the film is looked at."""
        self._catch_up = catch_up

    def attach(self, source_nets: Integers, drain_nets: Integers) -> None:
        """Tell on which net the counter electrode is."""
        self._nets = np.array([source_nets, drain_nets])

    def warm(self, excess: float | None = None) -> None:
        """Apply a temperature excess [K]."""
        self._film.temperature = self._temperature + (excess or 0.0)

    def sensitivity(self, temperature: float, volts: float) -> float:
        """Largest relative change of a rate per kelvin [1/K]: of ``exp(F V/RT)``."""
        return FARADAY * abs(volts) / (GAS_CONSTANT * temperature**2)

    def clear_charges(self) -> None:
        """Start a new sum of charges."""
        self._charge = 0.0

    def run(
        self, gates: GateNets, durations: Floats, volts: Floats, drives: Floats, repeats: int = 1
    ) -> tuple[Floats, NDArray[np.bool_]]:
        """Advance through `repeats` periods of segments; see :class:`emulator.specimen.Specimen`."""
        area, limited = np.zeros(gates.count), np.zeros(gates.count, dtype=np.bool_)
        counter = volts[:, self._nets[0, 0]]
        for _ in range(repeats):
            for seconds, reference, drive in zip(durations.tolist(), counter.tolist(), drives[:, 0], strict=True):
                passed = self._film.advance(_supply(drive, reference), seconds)
                self._charge += passed.charge
                area[0] += passed.volt_seconds + reference * seconds
                limited[0] = passed.limited
        return area, limited

    def noise_currents(self, *_: object) -> Floats | None:
        """The cell has no noise of its own."""
        return None

    @contextmanager
    def trial(self) -> Iterator[None]:
        """Inside, the film may be advanced; afterwards it is as it was."""
        kept = self._film.concentration, self._charge
        try:
            yield
        finally:
            self._film.concentration, self._charge = kept


def _supply(drive: Floats, reference: float) -> Supply:
    """What drives the film, over the counter electrode [V]."""
    if drive[k.NET_KIND] == k.FLOATING:
        return Supply(0.0, low=0.0, high=0.0)
    voltage, resistance = float(drive[k.NET_VOLTAGE]) - reference, float(drive[k.NET_RESISTANCE])
    return Supply(voltage, resistance, low=float(drive[k.NET_LOW]), high=float(drive[k.NET_HIGH]))
