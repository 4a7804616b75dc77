"""Compiled propagator: devices advance through segments of constant drive in closed form.

A segment costs the same whether it lasts a nanosecond or a night. The equations are those of
:class:`emulator.model.DeviceModel`, the laws stand in :mod:`emulator.laws`. One entry point, :func:`run_train`, is
compiled for one signature and stored on disk.
"""

# Numba infers the types of compiled functions, from the signature of the entry point.
# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False, disallow-untyped-decorators=False

from collections.abc import Callable
from functools import cache
from typing import Any

from numba import njit

from emulator.laws.gate_nets import advance_net
from emulator.laws.jit import law, revision
from emulator.laws.read import conductance
from emulator.laws.rows import *  # noqa: F403 - the rows are part of this interface, and have one home
from emulator.laws.rows import G_END, G_START, N_ROWS

_SIGNATURE = (
    "void(f8[:,::1], i8[:,::1], f8[::1], f8[::1], i8[::1], i8[::1], "
    "f8[::1], f8[:,::1], f8[:,:,::1], i8, f8[::1], b1[::1])"
)


def run_train(D: Any, *others: Any) -> None:
    """Advance all devices through `repeats` periods of segments.

    Arguments: D, N, shared, table, members, first_member, durations, volts, drives, repeats, volt_seconds,
    in_current_mode. D (N_ROWS, devices), or (N_ALL_ROWS, devices) for a model that needs the optional rows; N
    (N_INTEGERS, devices): devices, changed in place; charges are added to. shared (N_SHARED). table: normal quantiles.
    members, first_member: devices ordered by gate net. durations (segments) [s]; volts (segments, nets) [V]; drives
    (segments, gate nets, N_DRIVE). Out: volt_seconds (gate nets) [V s], added to; in_current_mode (gate nets), as the
    last segment ends.
    """
    (_plain if D.shape[0] == N_ROWS else _with_gate_stack())(D, *others)


@law
def _run(D, N, shared, table, members, first, durations, volts, drives, repeats, volt_seconds, in_current_mode, stack):
    for i in range(D.shape[1]):
        D[G_START, i] = conductance(D, N, i, shared)
    for _ in range(repeats):
        for k in range(durations.size):
            for n in range(volt_seconds.size):
                group = members[first[n] : first[n + 1]]
                area, limited = advance_net(group, drives[k, n], volts[k], durations[k], D, N, shared, table, stack)
                volt_seconds[n] += area
                in_current_mode[n] = limited
    for i in range(D.shape[1]):
        D[G_END, i] = conductance(D, N, i, shared)


_entry = njit(_SIGNATURE, cache=True, error_model="numpy")


# The entry points are closures over the revision of the laws: Numba files a binary under the closure, and compiles
# anew when it changes.
def _compiled_plain(of_revision: int) -> Callable[..., None]:
    def run_plain(D, N, shared, table, members, first, durations, volts, drives, repeats, volt_seconds, in_current):
        _ = of_revision
        _run(D, N, shared, table, members, first, durations, volts, drives, repeats, volt_seconds, in_current, None)

    return _entry(run_plain)


def _compiled_with_gate_stack(of_revision: int) -> Callable[..., None]:
    def run_stack(D, N, shared, table, members, first, durations, volts, drives, repeats, volt_seconds, in_current):
        _ = of_revision
        _run(D, N, shared, table, members, first, durations, volts, drives, repeats, volt_seconds, in_current, D)

    return _entry(run_stack)


_plain = _compiled_plain(revision())


@cache
def _with_gate_stack() -> Callable[..., None]:
    """Compiled when a model needs it first."""
    return _compiled_with_gate_stack(revision())
