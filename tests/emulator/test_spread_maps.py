"""Spread over an array: the widths asked for, how alike neighbours are, trends, and the same from the same seed."""

import math

import numpy as np
import pytest

from emulator import Array, DeviceModel, SpreadMap
from emulator import kernels as k
from emulator.spread_maps import normal_map

SIDE = 100
MODEL = DeviceModel(
    spread_rate=0.3,
    spread_v0=0.02,
    spread_conductance=0.1,
    spread_curvature=0.4,
    spread_selector=0.05,
    selector_threshold=0.4,
    curvature_up=1.0,
    curvature_down=0.5,
)
# Row of the devices, its spread, width, and nominal value; the curvature has no logarithm.
ROWS = {
    "rate_up": (k.RATE_UP, "rate", 0.3, 1.0),
    "rate_down": (k.RATE_DOWN, "rate", 0.3, 1.0),
    "v0": (k.V0, "v0", 0.02, 0.5),
    "conductance_min": (k.GMIN, "conductance", 0.1, 1e-6),
    "conductance_max": (k.GMAX, "conductance", 0.1, 1e-5),
    "curvature_up": (k.U_UP, "curvature", 0.4, 1.0),
    "curvature_down": (k.U_DOWN, "curvature", 0.4, 0.5),
    "selector_threshold": (k.V_ON, "selector", 0.05, 0.4),
}


def array(seed=1, side=SIDE, **maps):
    return Array(MODEL, side, side, seed=seed, spread_maps=maps)


def deviations(arrays, row, nominal):
    """What the spread was drawn in, (arrays, rows, columns)."""
    values = np.array([each.devices[row].reshape(each.rows, each.columns) for each in arrays])
    return values - nominal if row in (k.U_UP, k.U_DOWN) else np.log(values / nominal)


@pytest.mark.parametrize("name", ROWS)
def test_ten_thousand_devices_have_the_width_asked_for(name):
    row, _, sigma, nominal = ROWS[name]
    x = deviations([array()], row, nominal)
    assert x.std() == pytest.approx(sigma, rel=0.05)
    expected = 0.0 if row in (k.U_UP, k.U_DOWN) else -0.5 * sigma**2  # factors of mean 1
    assert x.mean() == pytest.approx(expected, abs=5 * sigma / SIDE)


@pytest.mark.parametrize("name", ROWS)
def test_alike_neighbours_leave_the_width(name):
    """Single devices at far ends of eight arrays: the marginal distribution, not the one within a patch."""
    row, spread, sigma, nominal = ROWS[name]
    arrays = [array(seed, **{spread: SpreadMap(length=2.0)}) for seed in range(8)]
    x = deviations(arrays, row, nominal)
    assert math.sqrt(x.var()) == pytest.approx(sigma, rel=0.05)


@pytest.mark.parametrize("length", [1.0, 3.0, 8.0])
def test_correlation_falls_as_stated(length):
    """exp(-d^2/(2 l^2)) at some distances along rows and columns, over forty maps."""
    maps = normal_map(1, 77, range(40), 60, 50, length).reshape(-1, 60, 50)
    for d in (1, 3, 8):
        expected = math.exp(-(d**2) / (2 * length**2))
        assert (maps[:, d:] * maps[:, :-d]).mean() == pytest.approx(expected, abs=0.015 * (1 + length))
        assert (maps[:, :, d:] * maps[:, :, :-d]).mean() == pytest.approx(expected, abs=0.015 * (1 + length))


def test_opposite_edges_know_nothing_of_each_other():
    maps = normal_map(1, 77, range(400), 20, 12, 5.0).reshape(-1, 20, 12)
    assert abs((maps[:, 0] * maps[:, -1]).mean()) < 0.1
    assert abs((maps[:, :, 0] * maps[:, :, -1]).mean() - math.exp(-(11**2) / 50)) < 0.1


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (7, 1), (5, 4)])
def test_maps_of_any_shape_have_unit_variance(shape):
    maps = normal_map(3, 77, range(4000), *shape, 3.0)
    assert maps.shape == (4000, shape[0] * shape[1])
    assert maps.std(axis=0) == pytest.approx(1.0, rel=0.06)


def test_both_parameters_of_a_spread_are_independent_maps():
    each = array(rate=SpreadMap(length=2.0))
    up, down = (deviations([each], row, 1.0).ravel() for row in (k.RATE_UP, k.RATE_DOWN))
    assert abs(np.corrcoef(up, down)[0, 1]) < 0.15
    assert np.array_equal(each.devices[k.GMIN], array().devices[k.GMIN])  # the other spreads stay


def test_a_gradient_runs_from_edge_to_edge():
    """The logarithm of the rates changes by what was asked for; the middle keeps the nominal value."""
    plain, tilted = array(side=51), array(side=51, rate=SpreadMap(row_gradient=0.4, column_gradient=-0.2))
    trend = np.log(tilted.devices[k.RATE_UP] / plain.devices[k.RATE_UP]).reshape(51, 51)
    expected = 0.4 * np.linspace(-0.5, 0.5, 51)[:, np.newaxis] - 0.2 * np.linspace(-0.5, 0.5, 51)
    assert trend == pytest.approx(expected, abs=1e-12)
    assert np.array_equal(Array(MODEL, 1, 1, seed=1).devices, array(side=1, rate=SpreadMap(row_gradient=9.0)).devices)


def test_the_seed_alone_makes_the_map():
    maps = {"rate": SpreadMap(length=3.0), "curvature": SpreadMap(length=1.5, row_gradient=0.1)}
    assert np.array_equal(array(4, **maps).devices, array(4, **maps).devices)
    assert not np.array_equal(array(4, **maps).devices, array(5, **maps).devices)


def test_no_spread_no_map():
    even = Array(MODEL, 9, 9, seed=1, device_spread=False, spread_maps={"rate": SpreadMap(row_gradient=1.0)})
    assert np.ptp(even.devices[k.RATE_UP]) == 0.0


def test_impossible_maps_are_refused():
    with pytest.raises(ValueError, match=r"length = 300\.0 cells is not allowed: give 0 to 256 cells"):
        SpreadMap(length=300.0)
    with pytest.raises(ValueError, match="row_gradient = nan is not allowed: give -10 to 10"):
        SpreadMap(row_gradient=math.nan)
    with pytest.raises(ValueError, match="spread map 'rates' is not known: choose from rate, v0, conductance, curv"):
        array(rates=SpreadMap())


def test_no_window_is_turned_round():
    """Ends of 1.0 and 1.1 µS, each spread by 10 %: a third of the drawn pairs would stand the wrong way round."""
    model = DeviceModel(conductance_min=1.0e-6, conductance_max=1.1e-6, spread_conductance=0.1)
    low, high = Array(model, 50, 50, seed=1).devices[[k.GMIN, k.GMAX]]
    assert (low < high).all()
