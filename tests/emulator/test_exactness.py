"""A segment may be cut anywhere: the closed forms compose."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator import DeviceModel
from emulator.linearity import curvature_from_label

VARIANTS = {
    "plain": {},
    "dispersion": {"dispersion_onset": 1e-8, "dispersion_recovery": 1e-3},
    "ocp": {"ocp_slope": 0.5, "ocp_offset": 0.1},
    "both": {"dispersion_onset": 1e-8, "dispersion_recovery": 1e-3, "ocp_slope": 0.5, "ocp_offset": 0.1},
    "double_layer": {"double_layer_gain_1": 0.05, "double_layer_gain_2": 0.02},
    "surface": {"surface_fraction": 0.5, "surface_time": 1e-5},
    "drift": {"drift_exponent": 0.01},
}


def written(Rig, rectangular, changes, temperature=300.0):
    curvature = {"curvature_up": curvature_from_label(1.3), "curvature_down": curvature_from_label(0.4)}
    neutral = dict.fromkeys(("ocp_slope", "ocp_offset"), 0.0)
    base = {"v0": 0.3, "y_low": -10.0, "y_high": 10.0, **curvature, **changes}
    calibrated = rectangular(DeviceModel(**(base | neutral)), 2.0, -2.0, 1e-6, 50)
    model = DeviceModel(**base, rate_up=calibrated.rate_up, rate_down=calibrated.rate_down)
    rig = Rig(model, temperature=temperature)
    rig.hold(2.0, 1e-6)
    rig.hold(0.0, 1e-5)
    rig.hold(-1.4, 2e-6)
    return rig


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("level", [2.0, -2.0, 0.3, 0.0])
@pytest.mark.parametrize("temperature", [300.0, 360.0])
def test_ten_random_pieces(Rig, rectangular, name, level, temperature):
    rng = np.random.default_rng(0)
    whole, split = (written(Rig, rectangular, VARIANTS[name], temperature) for _ in range(2))
    ends = np.concatenate([[0], np.sort(rng.uniform(0, 1, 9)), [1]])
    whole.hold(level, 1e-4)
    for part in np.diff(ends) * 1e-4:
        split.hold(level, part)
    scale = np.maximum(1.0, np.abs(whole.state()))
    assert np.abs((whole.state() - split.state()) / scale).max() < 2e-12


@settings(max_examples=30, deadline=None)
@given(level=st.floats(-3, 3), cut=st.floats(1e-6, 1 - 1e-6), name=st.sampled_from(sorted(VARIANTS)))
def test_any_cut(Rig, rectangular, level, cut, name):
    whole, split = (written(Rig, rectangular, VARIANTS[name]) for _ in range(2))
    whole.hold(level, 1e-5)
    split.hold(level, cut * 1e-5)
    split.hold(level, (1 - cut) * 1e-5)
    scale = np.maximum(1.0, np.abs(whole.state()))
    assert np.abs((whole.state() - split.state()) / scale).max() < 1e-11


def test_duration_does_not_matter(Rig, oxygen):
    """A nanosecond and a thousand seconds both are one segment; charge follows the operational time."""
    tau0, tau = 5e-9, 0.05
    for seconds in (1e-9, 1e3):
        rig = Rig(oxygen(y_high=1e9), state=0.0)
        rig.hold(4.0, seconds)
        grown = tau * -np.expm1(-seconds / tau)
        theta = tau0 / (tau0 + tau) * (seconds + tau * np.log1p(grown / tau0))
        assert rig.y == pytest.approx(rig.chip.array.model.rate_up * np.sinh(4.0 / 0.6) * theta, rel=1e-12)
