"""State and spread of R x C devices of one technology, stored as a structure of arrays."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emulator import kernels as k
from emulator.model import CONDUCTANCE_MAPS, DeviceModel
from emulator.random_numbers import Words, normal_table, streams, uniforms
from emulator.snapshot import Snapshot, SnapshotError, arrays_of, put_back
from emulator.spread_maps import SpreadMap, normal_map

# What a stream of random numbers is for; part of its key.
_SPREAD, _CYCLES, _READS, _THRESHOLDS, _LIFETIMES = 1, 2, 3, 11, 12

Floats = NDArray[np.float64]

# Spreads of drawn parameters, with the rows of `_drawn`.
_PLACES = {"rate": (0, 1), "v0": (2,), "conductance": (3, 4), "curvature": (5, 6)}
SPREADS = (*_PLACES, "selector")  # those that may have a map
_EVEN = SpreadMap()


def _nothing() -> None:
    """An array that nobody else advances is always up to date."""


class Array:
    """R x C devices; device (i, j) has the index ``i * columns + j``.

    model: the technology. seed: any integer; the same seed gives the same devices and the same noise, bit for bit.
    device_spread, cycle_noise: False switches the spread between devices, or the noise of writing, off.
    initial_state: y and q of every device at the start, 0..1 of the calibration window.
    spread_maps: how the spread of "rate", "v0", "conductance", "curvature" or "selector" (thresholds) lies over the
    array; neighbours are independent and there is no trend where nothing is said, and without spread.
    Raises ValueError for an empty array, a state outside the hard limits of the model, or a map of an unknown spread.

    `devices` (kernels.N_ROWS, devices) and `integers` (kernels.N_INTEGERS, devices) are what the kernels work on.
    """

    def __init__(
        self,
        model: DeviceModel,
        rows: int,
        columns: int,
        *,
        seed: int,
        device_spread: bool = True,
        cycle_noise: bool = True,
        initial_state: float = 0.0,
        spread_maps: Mapping[str, SpreadMap] | None = None,
    ) -> None:
        if rows < 1 or columns < 1:
            raise ValueError(f"an array of {rows} x {columns} devices is not possible: give at least 1 x 1")
        if not model.y_low <= initial_state <= model.y_high:
            raise ValueError(f"initial_state = {initial_state!r} is outside {model.y_low!r} to {model.y_high!r}")
        self.spread_maps = dict(spread_maps or {})
        for name in self.spread_maps.keys() - set(SPREADS):
            raise ValueError(f"spread map {name!r} is not known: choose from {', '.join(SPREADS)}")
        self.model = model
        self.rows = rows
        self.columns = columns
        self.seed = seed
        self.cycle_noise = cycle_noise
        self.device_spread = device_spread
        count = rows * columns
        self.catch_up: Callable[[], None] = _nothing
        self._devices: Floats = np.zeros((k.N_ALL_ROWS if model.extended else k.N_ROWS, count))
        self._devices[k.Y] = self._devices[k.Q] = initial_state
        self._integers: NDArray[np.int64] = np.zeros((k.N_INTEGERS, count), dtype=np.int64)
        self._integers[k.STREAM] = streams(seed, _CYCLES, count).view(np.int64)
        self.read_streams: Words = streams(seed, _READS, count)
        self._drawn = self._draw(device_spread)
        if model.extended:
            self._draw_extension(device_spread)
        self.set_temperature(model.reference_temperature)

    def _draw(self, spread: bool) -> Floats:
        """Device parameters at the reference temperature: rows RATE_UP to U_DOWN of `devices`."""
        m = self.model
        nominal = (m.rate_up, m.rate_down, m.v0, m.conductance_min, m.conductance_max, m.curvature_up, m.curvature_down)
        drawn = np.tile(np.array(nominal)[:, np.newaxis], (1, self.rows * self.columns))
        if spread:
            sigmas = {"rate": m.spread_rate, "v0": m.spread_v0, "conductance": m.spread_conductance}
            for name, sigma in sigmas.items():
                places = list(_PLACES[name])
                drawn[places] *= np.exp(self._deviations(name, sigma, _SPREAD, places) - 0.5 * sigma**2)
            ends = list(_PLACES["conductance"])
            drawn[ends] = np.sort(drawn[ends], axis=0)  # no device whose window is turned round
            places = list(_PLACES["curvature"])
            drawn[places] += self._deviations("curvature", m.spread_curvature, _SPREAD, places)
        return drawn

    def _deviations(self, spread: str, sigma: float, purpose: int, numbers: list[int]) -> Floats:
        """By how much devices deviate from the nominal value, (numbers, devices)."""
        spread_map = self.spread_maps.get(spread, _EVEN)
        normal = normal_map(self.seed, purpose, numbers, self.rows, self.columns, spread_map.length)
        deviations: Floats = sigma * normal + spread_map.trend(self.rows, self.columns)
        return deviations

    def _draw_extension(self, spread: bool) -> None:
        """Thresholds of selectors and lifetimes: rows of `devices`."""
        m, count = self.model, self.rows * self.columns
        self.devices[k.V_ON] = m.selector_threshold
        if spread:
            deviation = self._deviations("selector", m.spread_selector, _THRESHOLDS, [0])[0]
            self.devices[k.V_ON] *= np.exp(deviation - 0.5 * m.spread_selector**2)
        failed = uniforms(streams(self.seed, _LIFETIMES, count))
        weibull = (-np.log1p(-failed)) ** (1.0 / m.lifetime_shape) if spread else 1.0
        self.devices[k.LIFETIME] = m.lifetime_cycles * weibull

    def scale_rates(self, devices: NDArray[np.integer[Any]], factor: float) -> None:
        """Let some devices, by number, write `factor` times as fast as before."""
        self.catch_up()
        self._drawn[:2, devices] *= factor
        self._devices[k.RATE_UP : k.RATE_DOWN + 1, devices] *= factor

    def set_temperature(self, temperature: float) -> None:
        """Apply a temperature [K] to all parameters."""
        m = self.model
        write = m.arrhenius(m.write_activation, temperature)
        self.devices[k.RATE_UP : k.U_DOWN + 1] = self._drawn
        self.devices[[k.RATE_UP, k.RATE_DOWN]] *= write
        self.devices[k.V0] *= temperature / m.reference_temperature
        self.shared = self._shared_parameters(write, temperature)

    def _shared_parameters(self, write: float, temperature: float) -> Floats:
        """Parameters common to all devices, (N_SHARED,)."""
        m = self.model
        retain = m.arrhenius(m.retention_activation, temperature)
        values: dict[int, float] = {
            k.POLARITY: m.polarity,
            k.CHARGE: m.charge,
            k.KAPPA: m.ocp_slope,
            k.VOC: m.ocp_offset - m.ocp_slope * m.ocp_center,
            k.TAU0: m.dispersion_onset,
            k.TAU_REC: m.dispersion_recovery,
            k.REST_DRIVE: m.rest_drive,
            k.NOISE: m.cycle_noise if self.cycle_noise else 0.0,
            k.Y_LOW: m.y_low,
            k.Y_HIGH: m.y_high,
            k.SURFACE: m.surface_fraction,
            k.TAU_SURFACE: m.surface_time / write,
            k.X_WEIGHT: m.surface_weight,
            k.X_BREAK: m.surface_breakdown,
            k.GAIN1: m.double_layer_gain_1,
            k.TAU1: m.double_layer_time_1,
            k.GAIN2: m.double_layer_gain_2,
            k.TAU2: m.double_layer_time_2,
            k.MAP: CONDUCTANCE_MAPS.index(m.conductance_map),
            k.THINNING: m.capacitive_thinning,
            k.R_UNGATED: m.ungated_resistance + m.contact_resistance,
            k.READ_FACTOR: m.arrhenius(m.read_activation, temperature),
            k.N_END: m.endurance_cycles,
            k.M_END: m.endurance_exponent,
            k.RETENTION_RATE: retain / m.retention_time,
            k.RETENTION_TARGET: m.retention_target,
            k.REDUCED: retain,
            k.DRIFT: m.drift_exponent,
            k.DRIFT_OFFSET: m.drift_offset,
            k.LEAK: m.gate_leakage,
            k.BROKEN_GATE: m.broken_gate_conductance,
            k.OXIDE_GAIN: m.memcapacitor_oxide_gain,
            k.DEPLETION: m.memcapacitor_depletion,
            k.DEPLETION_GAIN: m.memcapacitor_depletion_gain,
        }
        values |= self._extension_parameters() if m.extended else {}
        shared = np.zeros(k.N_SHARED)
        shared[list(values)] = list(values.values())
        return shared

    def _extension_parameters(self) -> dict[int, float]:
        m = self.model
        return {
            k.GATE_TIME: m.gate_time,
            k.LAYER: m.double_layer_capacitance,
            k.SERIES: m.series_resistance,
            k.RESERVOIR: m.reservoir_limit,
            k.SINH_LEAK: m.leakage_amplitude,
            k.SINH_VOLTAGE: m.leakage_voltage,
            k.BLOCKING: m.surface_blocks,
            k.MORTAL: m.lifetime_cycles < np.inf,
            k.SELECTOR: m.has_selector,
            k.OFF_CONDUCTANCE: m.selector_off_conductance,
            k.ON_RESISTANCE: m.selector_on_resistance,
            k.V_HOLD: m.selector_hold,
            k.ON_DELAY: m.selector_on_delay,
            k.OFF_DELAY: m.selector_off_delay,
        }

    @property
    def devices(self) -> Floats:
        """Floating-point values of the devices, rows of :mod:`emulator.laws.rows` (rows, devices); up to date.

        `catch_up` is called first: whoever lets time pass for this array may work it out only then.
        """
        self.catch_up()
        return self._devices

    @property
    def integers(self) -> NDArray[np.int64]:
        """Integers of the devices (rows, devices); up to date as `devices`."""
        self.catch_up()
        return self._integers

    def update_conductances(self) -> None:
        """Conductances of the present state and temperature, by a train without segments."""
        nobody, nothing = np.zeros(0, np.int64), np.zeros(0)
        k.run_train(
            self.devices,
            self.integers,
            self.shared,
            normal_table(),
            nobody,
            np.zeros(1, np.int64),
            nothing,
            np.zeros((0, 0)),
            np.zeros((0, 0, k.N_DRIVE)),
            0,
            nothing,
            np.zeros(0, np.bool_),
        )

    @property
    def y(self) -> Floats:
        """Conductance state of every device, (rows, columns); 0..1 of the calibration window."""
        return self._matrix(self.devices[k.Y])

    @property
    def energy(self) -> Floats:
        """Gate energy every device has taken up so far [J], (rows, columns)."""
        return self._matrix(self.devices[k.ENERGY])

    def _matrix(self, row: Floats) -> Floats:
        return row.reshape(self.rows, self.columns)

    @property
    def broken(self) -> NDArray[np.bool_]:
        """Which electrolytes have broken down, (rows, columns)."""
        broken: NDArray[np.bool_] = self.integers[k.FLAG].reshape(self.rows, self.columns) == k.BROKEN
        return broken

    def state(self) -> Snapshot:
        """Everything that this array is: what it was made of, its drawn devices, their state and their events."""
        self.catch_up()
        header = {
            "model": asdict(self.model),
            "rows": self.rows,
            "columns": self.columns,
            "seed": self.seed,
            "device_spread": self.device_spread,
            "cycle_noise": self.cycle_noise,
            "spread_maps": {name: asdict(spread_map) for name, spread_map in self.spread_maps.items()},
        }
        return Snapshot(header, arrays_of(self))

    @classmethod
    def restored(cls, snapshot: Snapshot) -> "Array":
        """The array that was in this state: it goes on with the same bits. Raises SnapshotError when it is no state."""
        try:
            values = dict(snapshot.header)
            values["model"] = DeviceModel(**values["model"])
            values["spread_maps"] = {name: SpreadMap(**items) for name, items in values["spread_maps"].items()}
            array = cls(**values)
        except (TypeError, KeyError, ValueError) as error:
            raise SnapshotError(f"this is not the state of an array: {error}") from error
        array.restore(snapshot)
        return array

    def restore(self, snapshot: Snapshot) -> None:
        """Take over the arrays of a state of this array; SnapshotError, and no change, when they do not fit."""
        self.catch_up()
        put_back(self, snapshot.arrays)
