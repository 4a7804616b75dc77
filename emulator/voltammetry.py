"""Cyclic voltammetry of a film: ions diffuse to its surface and leave there by Butler-Volmer kinetics.

The lumped model of a device has no diffusion peak; this one-dimensional one has. Kwak et al., review of ECRAM (2024),
reference 95: the peak current tells the diffusivity of the ions from the Randles-Sevcik law.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from emulator.finite_volumes import eliminate, graded_edges, integrate, substitute

Floats = NDArray[np.float64]

FARADAY = 96485.33212  # C/mol
GAS_CONSTANT = 8.314462618  # J/(mol K)
IRREVERSIBLE, REVERSIBLE = 0.4958, 0.4463  # Nicholson and Shain, Analytical Chemistry 36 (1964) 706

_CELLS = 120
_TOLERANCE = 0.02  # first-order error of a time step over the change in it; the extrapolated one is far smaller
_FLOOR = 1e-5  # of the concentration of the full film: changes that need no resolution
_FARTHEST = 10.0  # V; further from the formal potential, nothing changes any more
_UNREACHED = 1e4  # V; in the place of an endless voltage


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmElectrode:
    """A film that takes up monovalent ions. SI units.

    `area` A and `thickness` h; `diffusivity` D of the ions; `concentration` c0 [mol/m^3] of the full film; `filling`
    at the start, 0..1; at the surface, k [m/s] the `rate_constant`, a the `transfer_coefficient`, of extraction,
    f = F/RT and E0 the `formal_potential` [V],
    ``i = F A k [exp(a f (E - E0)) c - exp(-(1 - a) f (E - E0)) (c0 - c)]``: a positive current takes ions out.
    Raises ValueError naming parameter, value and allowed range.
    """

    area: float
    thickness: float
    diffusivity: float
    concentration: float
    rate_constant: float
    transfer_coefficient: float = 0.5
    formal_potential: float = 0.0
    filling: float = 1.0

    def __post_init__(self) -> None:
        for name in ("area", "thickness", "diffusivity", "concentration", "rate_constant"):
            self._require(name, 0.0 < getattr(self, name) < math.inf, "a finite number above 0")
        self._require("transfer_coefficient", 0.0 < self.transfer_coefficient < 1.0, "a number between 0 and 1")
        self._require("formal_potential", abs(self.formal_potential) <= _FARTHEST, f"-{_FARTHEST} V to {_FARTHEST} V")
        self._require("filling", 0.0 <= self.filling <= 1.0, "0 to 1")

    def _require(self, name: str, fine: bool, allowed: str) -> None:
        if not fine:
            raise ValueError(f"{name} = {getattr(self, name)!r} of a film is not allowed: give {allowed}")

    def peak_current(self, rate: float, prefactor: float, temperature: float = 300.0) -> float:
        """Peak current [A] of a fresh, thick film at a scan rate [V/s]: the Randles-Sevcik law.

        ``prefactor F A c0 sqrt(b F D rate/RT)``: REVERSIBLE with b = 1 for a fast surface, IRREVERSIBLE with b the
        transfer coefficient for a slow one. Thick: h far above sqrt(D RT/(F rate)).
        """
        f = FARADAY / (GAS_CONSTANT * temperature)
        b = self.transfer_coefficient if prefactor == IRREVERSIBLE else 1.0
        return prefactor * FARADAY * self.area * self.concentration * math.sqrt(b * f * self.diffusivity * rate)


@dataclass(frozen=True, slots=True)
class Supply:
    """What drives a film: a voltage [V] behind a resistance [Ohm], a linear ramp if it ends elsewhere.

    The current stays between `low` and `high` [A], whatever voltage that needs; 0 for both leaves the film open.
    """

    voltage: float
    resistance: float = 0.0
    low: float = -math.inf
    high: float = math.inf
    end_voltage: float | None = None

    def at(self, share: float) -> float:
        """Voltage [V] when this share of the time has passed."""
        end = self.voltage if self.end_voltage is None else self.end_voltage
        return self.voltage + share * (end - self.voltage) if end != self.voltage else self.voltage


@dataclass(frozen=True, slots=True)
class Passed:
    """What passed meanwhile: charge [C], volt-seconds across the film [V s]; was a current limit met at the end?"""

    charge: float
    volt_seconds: float
    limited: bool


class Film:
    """Ions in a film as they change. temperature [K].

    Finite volumes, small ones at the surface; implicit steps of adapted length, whose charge is what the film loses.
    """

    def __init__(self, electrode: FilmElectrode, temperature: float = 300.0) -> None:
        self.electrode = electrode
        self.temperature = temperature
        self._widths = np.diff(graded_edges(electrode.thickness, _CELLS))
        self._velocity = electrode.diffusivity / (0.5 * (self._widths[1:] + self._widths[:-1]))
        self.concentration: Floats = np.full(_CELLS, electrode.filling * electrode.concentration)

    @property
    def filling(self) -> float:
        """Share of the ions of a full film that are in it."""
        inside = float(self.concentration @ self._widths)
        return inside / (self.electrode.concentration * self.electrode.thickness)

    def advance(self, supply: Supply, seconds: float) -> Passed:
        """Let time pass [s] under a supply; ValueError unless it is finite and not negative."""
        if not 0.0 <= seconds < math.inf:
            raise ValueError(f"cannot advance by {seconds!r} s: give a finite time of at least 0 s")
        limited = False

        def step(state: Floats, begin: float, length: float) -> Floats:
            nonlocal limited
            stepped, limited = self._implicit_step(state, supply, (begin + length) / seconds, length)
            return stepped

        start = np.concatenate([self.concentration, [0.0, 0.0]])
        end = integrate(
            step,
            start,
            seconds,
            judged=_CELLS,
            tolerance=_TOLERANCE,
            floor=_FLOOR * self.electrode.concentration,
        )
        self.concentration = end[:_CELLS].copy()
        return Passed(float(end[_CELLS]), float(end[_CELLS + 1]), limited)

    def _implicit_step(self, state: Floats, supply: Supply, share: float, seconds: float) -> tuple[Floats, bool]:
        exchange = seconds * self._velocity
        pivots, sums = eliminate(self._widths, exchange, exchange, state[:_CELLS] * self._widths)
        pivot, total = float(pivots[-1]), float(sums[-1])
        scale = FARADAY * self.electrode.area

        def current(volts: float) -> float:
            conductance, resting = self._surface(volts)
            return scale * conductance * (total - pivot * resting) / (pivot + conductance * seconds)

        volts, amperes, limited = _operating_point(
            current, lambda: self._open_circuit(total / pivot), supply, supply.at(share)
        )
        last = (total - amperes / scale * seconds) / pivot
        stepped = np.empty_like(state)
        stepped[:_CELLS] = substitute(pivots, sums, exchange, last)
        stepped[_CELLS] = state[_CELLS] + amperes * seconds
        stepped[_CELLS + 1] = state[_CELLS + 1] + volts * seconds
        return stepped, limited

    def _surface(self, volts: float) -> tuple[float, float]:
        """Velocity [m/s] between the last cell and the electrolyte, and the concentration that would rest there."""
        electrode = self.electrode
        f = FARADAY / (GAS_CONSTANT * self.temperature)
        over = f * min(max(volts - electrode.formal_potential, -_FARTHEST), _FARTHEST)
        out = electrode.rate_constant * math.exp(electrode.transfer_coefficient * over)
        back = electrode.rate_constant * math.exp((electrode.transfer_coefficient - 1.0) * over)
        through_half_cell = 2.0 * electrode.diffusivity / float(self._widths[-1])
        conductance = 1.0 / (1.0 / through_half_cell + 1.0 / (out + back))
        return conductance, electrode.concentration * back / (out + back)

    def _open_circuit(self, concentration: float) -> float:
        """Voltage [V] at which no current flows."""
        full = self.electrode.concentration
        inside = min(max(concentration / full, 1e-300), 1.0)
        f = FARADAY / (GAS_CONSTANT * self.temperature)
        volts = math.log(max(1.0 - inside, 1e-16) / inside) / f
        return self.electrode.formal_potential + min(max(volts, -_FARTHEST), _FARTHEST)


def _operating_point(
    current: Callable[[float], float], open_circuit: Callable[[], float], supply: Supply, voltage: float
) -> tuple[float, float, bool]:
    """Voltage across a film [V], its current [A], which rises with it, and whether a current limit holds it."""
    if supply.low == supply.high == 0.0:
        return open_circuit(), 0.0, False
    volts = min(max(voltage, -_UNREACHED), _UNREACHED)
    if supply.resistance > 0.0:
        ohms, start = supply.resistance, volts
        volts = _root(lambda v: current(v) - (start - v) / ohms, open_circuit(), start)
    flowing = current(volts)
    if supply.low <= flowing <= supply.high:
        return volts, flowing, False
    bound = supply.high if flowing > supply.high else supply.low
    return _root(lambda v: current(v) - bound, open_circuit(), volts), bound, True


def _root(rising: Callable[[float], float], one: float, other: float) -> float:
    """Where a rising function crosses zero between two places; the nearer one if it does not."""
    low, high = min(one, other), max(one, other)
    at_low, at_high = rising(low), rising(high)
    if at_low >= 0.0:
        return low
    if at_high <= 0.0:
        return high
    for turn in range(100):  # Illinois steps, every third one a bisection
        halve = turn % 3 == 2
        middle = 0.5 * (low + high) if halve else low - at_low * (high - low) / (at_high - at_low)
        if not low < middle < high:
            break
        there = rising(middle)
        if there < 0.0:
            low, at_low, at_high = middle, there, at_high if halve else 0.5 * at_high
        else:
            high, at_high, at_low = middle, there, at_low if halve else 0.5 * at_low
        if high - low < 1e-12:
            break
    return 0.5 * (low + high)


def cyclic_voltammogram(
    electrode: FilmElectrode, *, start: float, turn: float, rate: float, points: int, temperature: float = 300.0
) -> tuple[Floats, Floats]:
    """Voltages [V] and mean currents [A] of one linear sweep from start to turn and back, (2 points) each.

    start, turn [V], different; rate [V/s], positive; each point is the mean over one of `points` equal parts of a
    sweep, and its middle. Raises ValueError otherwise.
    """
    if not (rate > 0.0 and points >= 1 and start != turn):
        raise ValueError(f"rate {rate!r} V/s and points {points!r} must be positive, start and turn differ")
    there = np.linspace(start, turn, points + 1)
    corners = np.concatenate([there, there[-2::-1]])
    film, seconds = Film(electrode, temperature), abs(turn - start) / rate / points
    currents = [
        film.advance(Supply(float(begin), end_voltage=float(end)), seconds).charge / seconds
        for begin, end in pairwise(corners)
    ]
    return 0.5 * (corners[:-1] + corners[1:]), np.array(currents)
