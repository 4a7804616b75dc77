"""Equal pulses to all devices of an array at once."""

from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emulator import kernels as k
from emulator.array import Array
from emulator.fast import eligibility
from emulator.fast.kernels import advance_all, advance_each
from emulator.fast.steps import Pulse, pulse_of, steps_of
from emulator.fast.threads import Threads, thread_count
from emulator.laws.window import STEEPEST
from emulator.random_numbers import normal_table
from emulator.waveform import Waveform

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_FEW = 8  # pulses that are stepped one by one where a closed form exists


class Pulses:
    """A session in which an array gets many equal pulses; use it in a ``with`` statement.

    up: the gate waveform [V] of one pulse that counts as positive; down: of one that counts as negative, if any.
    scale: factor on all levels, a number or one per device (rows, columns). threads: how many share a call; if not
    given the environment variable ECRAMLAB_THREADS, else 1. Small calls use one. Results do not depend on it.

    Inside the session the conductance state ``array.y`` is always up to date; charge, energy, number of events and
    conductances follow when it ends or at :meth:`settle`. The session keeps temperature and faults of its start, and
    nothing else may write to the array before it ends.

    Raises ValueError for a model whose rate depends on its state, for a waveform that repeats, and for a scale that
    does not fit the array.
    """

    def __init__(
        self,
        array: Array,
        up: Waveform,
        down: Waveform | None = None,
        *,
        scale: ArrayLike = 1.0,
        threads: int | None = None,
    ) -> None:
        eligibility.check(array.model)
        count = thread_count(threads)
        factor = _per_device(array, np.asarray(scale, np.float64), "scale")
        if not np.isfinite(factor).all():
            raise ValueError("scale must be finite for every device")
        self._array = array
        self._kinds = [pulse_of(array, wave, factor) for wave in (up, down) if wave is not None]
        self._steps = steps_of(array, self._kinds)
        self._given: Integers = np.zeros((2, array.rows * array.columns), np.int64)
        self._given_to_all = [0, 0]
        self._events: Integers = array.integers[k.EVENT].copy()
        self._position = array.integers[k.STREAM].view(np.uint64) + self._events.view(np.uint64)
        self._ended = False
        self._threads = Threads(count)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended = True
        self._threads.end()
        self.settle()

    def apply(self, counts: ArrayLike) -> None:
        """Give pulses: a whole number for all devices, or one per device (rows, columns); negative: pulses down.

        Raises ValueError for other shapes, for fractions, and for negative numbers without a pulse down; RuntimeError
        after the end of the session.
        """
        if self._ended:
            raise RuntimeError("the session has ended: begin another one to give more pulses")
        numbers = np.asarray(counts)
        if numbers.dtype.kind not in "iu":
            raise ValueError(f"counts of type {numbers.dtype} are not allowed: give whole numbers of pulses")
        if len(self._kinds) == 1 and numbers.min() < 0:
            raise ValueError(f"{numbers.min()} pulses are not possible without a pulse down: give `down`")
        if numbers.ndim == 0:
            self._apply_to_all(int(numbers))
        else:
            self._apply_to_each(_per_device(self._array, numbers, "counts").astype(np.int64, copy=False))

    def _apply_to_all(self, signed: int) -> None:
        if signed == 0:
            return
        kind, count = (0, signed) if signed > 0 else (1, -signed)
        self._given_to_all[kind] += count
        if count > _FEW and self._has_closed_form(kind):
            self._flow(self._kinds[kind], np.array([count]))
            return
        fade, push, noise = self._steps.fade[kind], self._steps.push[kind], self._steps.noise[kind]
        y, position, table = self._array.devices[k.Y], self._position, normal_table()
        low, high = self._bounds

        def run(first: int, last: int) -> None:
            advance_all(y, position, fade, push, noise, table, count, low, high, first, last)

        self._threads.share(run, y.size, count * fade.shape[0])

    def _apply_to_each(self, counts: Integers) -> None:
        kinds = range(len(self._kinds))
        if all(self._has_closed_form(kind) for kind in kinds) and np.abs(counts).max() > _FEW:
            for kind in kinds:
                number = np.maximum(counts if kind == 0 else -counts, 0)
                self._flow(self._kinds[kind], number)
                self._given[kind] += number
            return
        fade, push, noise = self._steps.fade, self._steps.push, self._steps.noise
        y, position, given, table = self._array.devices[k.Y], self._position, self._given, normal_table()
        low, high = self._bounds
        own = np.ascontiguousarray(counts)

        def run(first: int, last: int) -> None:
            advance_each(y, position, given, fade, push, noise, table, own, low, high, first, last)

        self._threads.share(run, y.size, fade.shape[1])

    @property
    def _bounds(self) -> tuple[float, float]:
        shared = self._array.shared
        return float(shared[k.Y_LOW]), float(shared[k.Y_HIGH])

    def _has_closed_form(self, kind: int) -> bool:
        """Without noise a one-way train is one flow of all its charge, and meets a bound at most once."""
        return self._array.shared[k.NOISE] == 0.0 and self._kinds[kind].one_way

    def _flow(self, pulse: Pulse, counts: Integers) -> None:
        """Flow of `counts` pulses, (devices) or (1)."""
        y, u = self._array.devices[k.Y], pulse.curvature
        straight = np.abs(u) < 1e-6
        curved = np.where(straight, 1.0, u)
        goal = -1.0 / np.expm1(-curved)
        goal = np.where(pulse.moved > 0.0, goal, 1.0 - goal)
        exponent = np.maximum(curved * counts * pulse.cycled, STEEPEST)
        flowed = np.where(straight, counts * pulse.moved, (goal - y) * -np.expm1(-exponent))
        np.clip(y + flowed, *self._bounds, out=y)

    def settle(self) -> None:
        """Book charge, energy, events and conductances of all pulses given so far.

        Raises RuntimeError if something else has written to the array since the session began.
        """
        array = self._array
        if not np.array_equal(array.integers[k.EVENT], self._events):
            raise RuntimeError(
                "the array was written to by something else during a session of pulses: its random numbers "
                "have been used twice; end the session first"
            )
        for kind, pulse in enumerate(self._kinds):
            number = self._given[kind] + self._given_to_all[kind]
            array.devices[k.Q] += number * pulse.moved
            array.devices[k.CYCLED] += number * pulse.cycled
            array.devices[k.ENERGY] += number * pulse.energy
        self._given[:] = 0
        self._given_to_all = [0, 0]
        self._events = (self._position - array.integers[k.STREAM].view(np.uint64)).view(np.int64)
        array.integers[k.EVENT] = self._events
        array.update_conductances()


def pulse_all(
    array: Array, waveform: Waveform, count: int = 1, *, scale: ArrayLike = 1.0, threads: int | None = None
) -> None:
    """Give every device of an array `count` pulses; one period of `waveform` [V] is one pulse.

    scale: factor on the levels, a number or one per device (rows, columns). threads: as of :class:`Pulses`, which saves
    the preparation where many calls follow each other. Raises ValueError as :class:`Pulses`.
    """
    with Pulses(array, waveform, scale=scale, threads=threads) as pulses:
        pulses.apply(count)


def pulse(array: Array, up: Waveform, down: Waveform, counts: ArrayLike, *, threads: int | None = None) -> None:
    """Give each device its own number of pulses: counts (rows, columns), positive for `up`, negative for `down` [V].

    threads: as of :class:`Pulses`, which saves the preparation where many calls follow each other. Raises ValueError as
    :class:`Pulses`.
    """
    with Pulses(array, up, down, threads=threads) as pulses:
        pulses.apply(counts)


def _per_device(array: Array, values: NDArray[Any], name: str) -> NDArray[Any]:
    """Values (1,) or (devices,); ValueError for another shape than () or (rows, columns)."""
    if values.ndim and values.shape != (array.rows, array.columns):
        raise ValueError(f"{name} of shape {values.shape} does not fit: the array has {array.rows} x {array.columns}")
    return values.reshape(-1)
