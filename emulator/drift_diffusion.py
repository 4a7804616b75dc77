"""Slow reference model of one device: ions drift and diffuse through channel, electrolyte and reservoir.

One dimension across the stack, after Baldo and Ielmini, "Modeling of oxide-based ECRAM programming by drift-diffusion
ion transport", IEEE International Memory Workshop (2021) (reference 97 of Kwak et al., review of ECRAM (2024)). Meant
for understanding and for the parameters of the compact model (:mod:`emulator.compact_fit`), not for arrays.
"""

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from emulator.finite_volumes import eliminate, graded_edges, integrate, substitute
from emulator.model import BOLTZMANN, BOLTZMANN_EV

Floats = NDArray[np.float64]

ELEMENTARY_CHARGE = 1.602176634e-19  # C

_TOLERANCE = 0.02  # first-order error of a time step over the change in it; the extrapolated one is far smaller
_LEAST = {"activation": "0 or more", "density": "0 or more", "mobility": "0 or more", "solution_energy": "any number"}
_FLOOR = 1e-9  # of the mean ion density: changes that need no resolution


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer of the stack. SI units, activation energy in eV.

    Ions hop over `hop_distance` a with the frequency ``nu = attempt_frequency exp(-activation/kT)``: they diffuse with
    ``D = a^2 nu`` and drift with ``w = 2 a nu sinh(z e a E/2kT)`` in a field E, which is D z e E/kT when it is small.
    `conductivity` [S/m] shares the gate voltage out among the layers; `density` [1/m^3] of mobile ions at the start;
    `mobility` [m^2/Vs] of the electrons that each ion gives to the channel, 0 where none conduct. `solution_energy`
    [eV] of an ion in this layer: in equilibrium, densities are as ``exp(-solution_energy/kT)``. Raises ValueError for a
    value that is not finite, not positive, or, where 0 is allowed, negative.
    """

    thickness: float
    hop_distance: float
    attempt_frequency: float
    activation: float
    conductivity: float
    density: float
    mobility: float = 0.0
    solution_energy: float = 0.0

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            least = _LEAST.get(name, "more than 0")
            inside = {"more than 0": value > 0.0, "0 or more": value >= 0.0}.get(least, True)
            if not (math.isfinite(value) and inside):
                raise ValueError(f"{name} = {value!r} of a layer is not allowed: give {least}, in SI units")

    def frequency(self, temperature: float) -> float:
        """Hopping frequency [1/s] at a temperature [K]."""
        return self.attempt_frequency * math.exp(-self.activation / (BOLTZMANN_EV * temperature))

    def diffusivity(self, temperature: float) -> float:
        """Diffusion coefficient of the ions [m^2/s] at a temperature [K]."""
        return self.hop_distance**2 * self.frequency(temperature)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A gate stack and the channel below it. SI units.

    `width` and `length` of the gated channel; `charge_number` of the ions, which are donors: more ions, more
    conductance. Raises ValueError for a size that is not positive.
    """

    channel: Layer
    electrolyte: Layer
    reservoir: Layer
    width: float
    length: float
    charge_number: int = 1

    def __post_init__(self) -> None:
        for name in ("width", "length", "charge_number"):
            if not 0.0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} = {getattr(self, name)!r} of a stack is not allowed: give more than 0")

    @property
    def layers(self) -> tuple[Layer, Layer, Layer]:
        """From the bottom of the channel to the gate."""
        return self.channel, self.electrolyte, self.reservoir

    def fields(self, gate_voltage: float) -> tuple[float, ...]:
        """Field in each layer [V/m] that drives ions towards the channel: the same current crosses all layers."""
        total = sum(layer.thickness / layer.conductivity for layer in self.layers)
        return tuple(gate_voltage / (layer.conductivity * total) for layer in self.layers)


@dataclass
class DriftDiffusion:
    """Ion density across a stack as it changes: ``dn/dt = d/dz(D dn/dz - w n)``, no flux at bottom and gate.

    z runs from the bottom of the channel (0) to the gate. Finite volumes, Scharfetter-Gummel fluxes (exact between two
    cells whatever the field; the interface of two layers lies between its neighbours as one more point without volume),
    implicit steps of adapted length: ions are conserved to rounding. At an interface the electrochemical potential is
    continuous. cells: of each layer. temperature [K].
    """

    stack: Stack
    temperature: float = 300.0
    cells: int = 48
    density: Floats = field(init=False)  # (3 cells) [1/m^3]

    def __post_init__(self) -> None:
        layers = self.stack.layers
        self._widths = np.concatenate([np.diff(graded_edges(layer.thickness, self.cells)) for layer in layers])
        self.density = self._of_layers([layer.density for layer in layers])
        self._mobility = self._of_layers([layer.mobility for layer in layers])
        self._diffusivity = self._of_layers([layer.diffusivity(self.temperature) for layer in layers])
        thermal = BOLTZMANN_EV * self.temperature
        self._affinity = self._of_layers([math.exp(-layer.solution_energy / thermal) for layer in layers])
        self._mean = float(self.density @ self._widths / self._widths.sum())

    def _of_layers(self, values: list[float]) -> Floats:
        return np.repeat(np.array(values), self.cells)

    def copy(self) -> "DriftDiffusion":
        """The same device in the same state, to go another way from here."""
        other = replace(self)
        other.density = self.density.copy()
        return other

    @property
    def positions(self) -> Floats:
        """Middle of each cell over the bottom of the channel [m]."""
        middle: Floats = np.cumsum(self._widths) - 0.5 * self._widths
        return middle

    @property
    def ions(self) -> float:
        """Ions in the whole stack [1/m^2]."""
        return float(self.density @ self._widths)

    @property
    def channel_ions(self) -> float:
        """Ions in the channel [1/m^2]."""
        return float(self.density[: self.cells] @ self._widths[: self.cells])

    @property
    def conductance(self) -> float:
        """Conductance of the channel [S]: ``(W/L) int e mobility n dz``."""
        sheet = ELEMENTARY_CHARGE * float((self._mobility * self.density) @ self._widths)
        return self.stack.width / self.stack.length * sheet

    def settle(self) -> None:
        """Spread the ions as they are after an endless rest at 0 V."""
        self.density = self._affinity * (self.ions / float(self._affinity @ self._widths))

    def advance(self, gate_voltage: float, seconds: float, *, end_voltage: float | None = None) -> None:
        """Let time pass [s] at a gate voltage [V], or on a linear ramp from it to `end_voltage` [V].

        Raises ValueError unless the time is finite and not negative.
        """
        if not 0.0 <= seconds < math.inf:
            raise ValueError(f"cannot advance by {seconds!r} s: give a finite time of at least 0 s")
        slope = (end_voltage - gate_voltage) / seconds if end_voltage is not None and seconds > 0.0 else 0.0

        def step(density: Floats, begin: float, length: float) -> Floats:
            return self._implicit_step(density, gate_voltage + slope * (begin + length), length)

        self.density = integrate(
            step,
            self.density,
            seconds,
            judged=self.density.size,
            tolerance=_TOLERANCE,
            floor=_FLOOR * self._mean,
        )

    def _implicit_step(self, density: Floats, gate_voltage: float, seconds: float) -> Floats:
        rightward, leftward = (seconds * velocity for velocity in self._exchange(gate_voltage))
        pivots, sums = eliminate(self._widths, rightward, leftward, density * self._widths)
        stepped: Floats = substitute(pivots, sums, leftward, sums[-1] / pivots[-1])
        return stepped

    def _exchange(self, gate_voltage: float) -> tuple[Floats, Floats]:
        """Velocities r, l [m/s] of the flux ``r n_i - l n_(i+1)`` between neighbouring cells, (3 cells - 1) each."""
        half = 0.5 * self._widths
        peclet = self._of_layers(self._drift(gate_voltage)) * half / self._diffusivity
        out, back = (self._diffusivity / half * _bernoulli(sign * peclet) for sign in (-1.0, 1.0))
        # Two half cells in series; the potential at the face between them is the one that gives both the same flux.
        ahead, behind = out[1:] * self._affinity[1:], back[:-1] * self._affinity[:-1]
        return out[:-1] * ahead / (behind + ahead), back[1:] * behind / (behind + ahead)

    def _drift(self, gate_voltage: float) -> list[float]:
        """Drift velocity in each layer [m/s], positive towards the gate."""
        thermal = 2.0 * BOLTZMANN * self.temperature
        velocities = []
        for layer, strength in zip(self.stack.layers, self.stack.fields(gate_voltage), strict=True):
            argument = self.stack.charge_number * ELEMENTARY_CHARGE * layer.hop_distance * strength / thermal
            velocities.append(-2.0 * layer.hop_distance * layer.frequency(self.temperature) * math.sinh(argument))
        return velocities


def _bernoulli(x: Floats) -> Floats:
    """``x / (exp(x) - 1)``, 1 at 0."""
    small = np.abs(x) < 1e-9
    safe = np.clip(np.where(small, 1.0, x), -700.0, 700.0)
    value: Floats = np.where(small, 1.0 - 0.5 * x, np.where(x < -700.0, -x, safe / np.expm1(safe)))
    return value
