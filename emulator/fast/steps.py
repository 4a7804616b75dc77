"""What pulses do to every device of an array: window charges and the affine steps that follow from them."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emulator import kernels as k
from emulator.array import Array
from emulator.laws.window import STEEPEST
from emulator.waveform import Waveform

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pulse:
    """What one pulse of one kind does.

    charges (driven pieces, devices): window charge, potentiation-positive. moved, cycled (devices): their sums with and
    without sign. energy (devices): gate energy [J]. curvature (devices): of the window, in the direction of `moved`.
    one_way: no device is driven both ways.
    """

    charges: Floats
    moved: Floats
    cycled: Floats
    energy: Floats
    curvature: Floats
    one_way: bool


def pulse_of(array: Array, waveform: Waveform, scale: Floats) -> Pulse:
    """One period of a waveform [V] on the gates, times `scale` (devices,) or (1,), at the present temperature.

    What counts as rest, and the pieces of an edge where all devices have the same scale, are those of the full tier.
    Raises ValueError for a waveform that repeats.
    """
    if waveform.repeats != 1:
        raise ValueError(f"repeats = {waveform.repeats!r} is not allowed: a pulse is one period; ask for more pulses")
    largest = float(np.abs(scale).max())
    stairs = waveform.staircase(0.5 * array.model.v0 / largest if largest else math.inf)
    ends, levels = np.array(stairs).T
    seconds = np.diff(ends, prepend=0.0)[levels != 0.0, np.newaxis]
    volts = array.model.polarity * levels[levels != 0.0, np.newaxis] * scale
    charges = _window_charges(array, volts, seconds)
    energy = array.shared[k.CHARGE] * np.abs(volts * charges).sum(axis=0) + _leaked_energy(array, volts, seconds)
    charges = charges[charges.any(axis=1)]
    moved, cycled = charges.sum(axis=0), np.abs(charges).sum(axis=0)
    curvature = np.where(moved > 0.0, array.devices[k.U_UP], array.devices[k.U_DOWN])
    return Pulse(charges, moved, cycled, energy, curvature, bool((np.abs(moved) == cycled).all()))


def _window_charges(array: Array, volts: Floats, seconds: Floats) -> Floats:
    """Potentiation-positive window charge of each piece, (pieces, devices); 0 at rest and in faulty devices."""
    v0 = array.devices[k.V0]
    rate = np.where(volts > 0.0, array.devices[k.RATE_UP], array.devices[k.RATE_DOWN])
    charges = rate * seconds * np.sinh(np.clip(volts / v0, -k.MAX_DRIVE, k.MAX_DRIVE))
    works = array.integers[k.FLAG] == k.OK
    driven = (np.abs(volts) > array.shared[k.REST_DRIVE] * v0) & works
    return np.where(driven, charges, 0.0)


def _leaked_energy(array: Array, volts: Floats, seconds: Floats) -> Floats:
    """Energy that a pulse loses in the electronic conductance of each gate [J]."""
    flag, shared = array.integers[k.FLAG], array.shared
    conducts = np.where((flag == k.BROKEN) | (flag == k.GATE_SHORT), shared[k.BROKEN_GATE], shared[k.LEAK])
    conducts = np.where(flag == k.OPEN_GATE, 0.0, conducts)
    energy: Floats = conducts * (volts * volts * seconds).sum(axis=0)
    return energy


@dataclass(frozen=True, slots=True)
class Steps:
    """Affine steps of some kinds of pulses, (kinds, pieces, devices): ``y <- y + push - fade y + noise xi``.

    Where a kind has fewer pieces than another, steps that change nothing follow.
    """

    fade: Floats
    push: Floats
    noise: Floats


def steps_of(array: Array, pulses: list[Pulse]) -> Steps:
    """Exact flow of the window, and noise of the charge, of every piece."""
    pieces = max(pulse.charges.shape[0] for pulse in pulses)
    charges = np.zeros((len(pulses), pieces, array.rows * array.columns))
    for kind, pulse in enumerate(pulses):
        charges[kind, : pulse.charges.shape[0]] = pulse.charges
    up, size = charges > 0.0, np.abs(charges)
    u = np.where(up, array.devices[k.U_UP], array.devices[k.U_DOWN])
    straight = np.abs(u) < 1e-6
    curved = np.where(straight, 1.0, u)
    fade = np.where(straight, 0.0, -np.expm1(-np.maximum(curved * size, STEEPEST)))
    goal = -1.0 / np.expm1(-curved)
    push = np.where(straight, charges, np.where(up, goal, 1.0 - goal) * fade)
    return Steps(fade, push, array.shared[k.NOISE] * np.sqrt(_variance(u, size)))


def _variance(u: Floats, size: Floats) -> Floats:
    """Variance of the state after a window charge, over the square of the cycle noise."""
    spread = np.maximum(2.0 * u * size, STEEPEST)
    small = np.abs(spread) < 1e-9
    variance: Floats = np.where(small, size, -np.expm1(-spread) / (2.0 * np.where(small, 1.0, u)))
    return variance
