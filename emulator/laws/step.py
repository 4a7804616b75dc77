"""One device through one segment in which a known charge moves."""

# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False

import math

from emulator.laws.failure import fails
from emulator.laws.gate_stack import lag, layer_charge, leak_conductance, mean_drive, settle_gate
from emulator.laws.jit import law
from emulator.laws.read import conductance
from emulator.laws.rows import (
    AGE,
    BROKEN,
    CHANNEL_EXCESS,
    CHARGE,
    CYCLED,
    DRAIN_NET,
    DRIFT,
    DRIFT_OFFSET,
    E1,
    E2,
    ENERGY,
    FLAG,
    G_START,
    GAIN1,
    GAIN2,
    OK,
    OPEN_GATE,
    POLARITY,
    REDUCED,
    REST,
    RETENTION_RATE,
    RETENTION_TARGET,
    SOURCE_NET,
    SURFACE,
    TAU0,
    TAU1,
    TAU2,
    TAU_REC,
    TO_DRAIN,
    TO_SOURCE,
    V0,
    Y_HIGH,
    Y_LOW,
    X,
    Y,
)
from emulator.laws.window import faded, forgets_while_moving, move_ions
from emulator.laws.write import drain_excess, grown_age, one_minus_exp, open_circuit


@law
def _advance_age(direction, resting, seconds, D, i, shared):
    if shared[TAU0] == 0.0:
        return
    if resting:
        D[AGE, i] *= math.exp(-seconds / shared[TAU_REC])
    elif direction != 0.0:  # a reversal starts fresh
        sign = 1.0 if direction > 0.0 else -1.0
        D[AGE, i] = sign * grown_age(seconds, max(sign * D[AGE, i], 0.0), shared)


@law
def _relax(v, resting, charge, surface, seconds, D, i, shared, stack):
    """Everything that is linear in the drive or goes on by itself during a segment."""
    if shared[SURFACE] > 0.0:
        D[X, i] = faded(D[X, i], seconds, shared) + shared[SURFACE] * surface
    if shared[GAIN1] != 0.0 or shared[GAIN2] != 0.0:
        for row, gain, time in ((E1, shared[GAIN1], shared[TAU1]), (E2, shared[GAIN2], shared[TAU2])):
            D[row, i] += gain * lag(v, time, seconds, i, shared, stack) - D[row, i] * one_minus_exp(seconds / time)
    if shared[RETENTION_RATE] > 0.0 and not forgets_while_moving(charge, shared, stack):
        D[Y, i] += (shared[RETENTION_TARGET] - D[Y, i]) * one_minus_exp(seconds * shared[RETENTION_RATE])
    if not resting:
        D[REST, i] = 0.0
    elif shared[DRIFT] > 0.0:
        reduced = seconds * shared[REDUCED]
        D[Y, i] *= math.exp(-shared[DRIFT] * math.log1p(reduced / (D[REST, i] + shared[DRIFT_OFFSET])))
        D[REST, i] += reduced


@law
def step(vg, volts, charge, surface, resting, floating, seconds, D, N, i, shared, table, stack):
    """One device through one segment in which `charge` (window, potentiation-positive) moves; vg [V] at the terminal.

    surface: what of it is still at the surface in the end. floating: the gate terminal carries nothing; ions and
    electrons cancel inside.
    """
    vs, vd = volts[N[SOURCE_NET, i]], volts[N[DRAIN_NET, i]]
    polarity = shared[POLARITY]
    v = polarity * (vg - 0.5 * (vs + vd))
    g_before = conductance(D, N, i, shared) if vs != vd else 0.0
    leak = leak_conductance(v, N, i, shared, stack)
    if N[FLAG, i] in (OK, OPEN_GATE):
        drive = mean_drive(v, seconds, i, shared, stack)
        layer = layer_charge(v, seconds, D, N, i, shared, stack, True)
        if not floating:
            excess = 0.0
            if vs != vd and not resting:
                spread = polarity * 0.5 * (vs - vd) / D[V0, i]
                excess = drain_excess(drive, spread, charge, seconds, D, i, shared)
            scale = 0.5 * shared[CHARGE] * polarity
            D[TO_SOURCE, i] += scale * (charge - excess) + 0.5 * polarity * layer
            D[TO_DRAIN, i] += scale * (charge + excess) + 0.5 * polarity * layer
            D[ENERGY, i] += abs(v * layer)
        _advance_age(drive - open_circuit(D, i, shared), resting, seconds, D, i, shared)
        if charge != 0.0:
            move_ions(charge, seconds, D, N, i, shared, table, stack)
        _relax(v, resting, charge, surface, seconds, D, i, shared, stack)
        settle_gate(v, seconds, i, shared, stack)
        D[Y, i] = min(max(D[Y, i], shared[Y_LOW]), shared[Y_HIGH])
        if fails(D[X, i], D[CYCLED, i], i, shared, stack):
            N[FLAG, i] = BROKEN
    D[ENERGY, i] += abs(v * charge) * shared[CHARGE]
    if leak > 0.0 and not floating:
        D[TO_SOURCE, i] += 0.5 * leak * (vg - vs) * seconds
        D[TO_DRAIN, i] += 0.5 * leak * (vg - vd) * seconds
        D[ENERGY, i] += v * v * leak * seconds
    if vs != vd:
        g = 0.5 * (g_before + conductance(D, N, i, shared))
        D[CHANNEL_EXCESS, i] += (g - D[G_START, i]) * (vs - vd) * seconds
