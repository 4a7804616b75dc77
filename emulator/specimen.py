"""What may sit between the pads: the contract between a harness with its engine and an emulated specimen."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from emulator.chip import GateNets, Netlist
from emulator.heater import Heater

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Specimen(Protocol):
    """Devices of three terminals with a state that the gate changes: :class:`emulator.chip.Chip` is one.

    The channels are conductors of the circuit between source and drain. The gates are not: the engine shows each gate
    net the rest of the circuit, the specimen answers with the charges that pass meanwhile. Something of two terminals
    is a device whose source and drain are one node (:class:`emulator.film_cell.FilmCell`).
    """

    @property
    def temperature(self) -> float:
        """Temperature of the surroundings [K]."""

    @property
    def pads(self) -> tuple[str, ...]:
        """Names of the pads."""

    @property
    def netlist(self) -> Netlist:
        """The inside; the same object as long as it stays as it is."""

    @property
    def heater(self) -> Heater | None:
        """The heater, if there is one."""

    @property
    def edge_step(self) -> float:
        """Largest level difference within one piece of an edge [V]."""

    @property
    def conductances(self) -> Floats:
        """Present conductance of every channel [S], (devices,)."""

    @property
    def channel_nets(self) -> Integers:
        """Nets of the sources and the drains, (2, devices)."""

    @property
    def charges(self) -> Floats:
        """Charges since `clear_charges` [C], (3, devices).

        From the gate out of the source, from the gate out of the drain, and through the channel from source to drain
        beyond that of the conductance at the start.
        """

    def watch(self, catch_up: Callable[[], None]) -> None:
        """Call `catch_up` before the state is looked at or changed from outside."""

    def attach(self, source_nets: Integers, drain_nets: Integers) -> None:
        """Tell on which nets sources and drains are, (devices,)."""

    def warm(self, excess: float | None = None) -> None:
        """Apply a temperature excess [K], or the present one of the heater."""

    def sensitivity(self, temperature: float, volts: float) -> float:
        """Largest relative change of a rate per kelvin [1/K], at a temperature [K] and a gate voltage [V]."""

    def clear_charges(self) -> None:
        """Start a new sum of charges."""

    def run(
        self, gates: GateNets, durations: Floats, volts: Floats, drives: Floats, repeats: int = 1
    ) -> tuple[Floats, NDArray[np.bool_]]:
        """Advance through `repeats` periods of segments -> (gate volt-seconds, at the current limit), (gate nets).

        durations (segments) [s]; volts (segments, nets) [V]; drives (segments, gate nets, kernels.N_DRIVE).
        """

    def noise_currents(self, conductance: Floats, voltage: Floats, start: float, aperture: float) -> Floats | None:
        """Mean noise current of every channel over an aperture [A]; None without noise."""

    def trial(self) -> AbstractContextManager[None]:
        """Inside, there is no noise; what happens there is undone afterwards."""
