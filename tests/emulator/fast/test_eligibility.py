"""Which models the fast tier takes, and what it says about the others."""

import math
from dataclasses import fields

import pytest

from emulator import DeviceModel
from emulator.fast import unsupported

# What makes the rate depend on the state or on the past, or what needs more books than the fast tier keeps.
REFUSED = {
    "ocp_offset": 0.1,
    "ocp_slope": 0.1,
    "dispersion_onset": 1e-8,
    "surface_fraction": 0.5,
    "reservoir_limit": 1.0,
    "double_layer_gain_1": 0.1,
    "double_layer_gain_2": 0.1,
    "series_resistance": 1e6,
    "gate_time": 1e-6,
    "double_layer_capacitance": 1e-12,
    "selector_threshold": 0.5,
    "lifetime_cycles": 1e6,
    "retention_time": 1e5,
    "drift_exponent": 0.01,
    "leakage_amplitude": 1e-9,
}


def test_the_plain_model_is_fit():
    assert unsupported(DeviceModel()) == ()


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_name(name):
    assert unsupported(DeviceModel(**{name: REFUSED[name]})) == (name,)


def test_a_mechanism_brings_its_parameters_along():
    model = DeviceModel(dispersion_onset=1e-8, dispersion_recovery=1.0)
    assert unsupported(model) == ("dispersion_onset", "dispersion_recovery")


def test_other_polarity_and_map():
    assert unsupported(DeviceModel(polarity=-1, conductance_map="exponential")) == ()


def changed(item):
    """A value off the default that the model allows."""
    special = REFUSED | {"y_low": -1.0, "y_high": 2.0, "conductance_min": 1e-7}
    return special.get(item.name, 1.1 * item.default + 0.01 if item.default < math.inf else 1e6)


@pytest.mark.parametrize("item", [item for item in fields(DeviceModel) if item.metadata], ids=lambda item: item.name)
def test_every_number_by_itself(item):
    assert bool(unsupported(DeviceModel(**{item.name: changed(item)}))) == (item.name in REFUSED)
