"""Symmetry point of a model, curvature of a branch, and the compiled laws."""

import math

import numpy as np
import pytest

from emulator import DeviceModel, Waveform, kernels
from emulator.calibration import calibrated, symmetry_point
from emulator.drives import VoltageSource
from emulator.laws import jit
from emulator.linearity import branch, curvature_from_label, fit_curvature

SHAPE = {"width": 1e-6, "edge": 0.0, "period": 2e-6}


@pytest.mark.parametrize(("labels", "point"), [((0.5, -0.4), 0.507), ((1.33, -0.34), 0.565), ((1.3, -2.1), 0.446)])
@pytest.mark.parametrize("stack", [{}, {"series_resistance": 1e3, "charge": 1e-10}])
def test_symmetry_point_of_equal_steps(labels, point, stack):
    """y* = [u_p K_p - u_d (K_d - 1)]/(u_p + u_d)."""
    curvatures = {"curvature_up": curvature_from_label(labels[0]), "curvature_down": -curvature_from_label(labels[1])}
    model = DeviceModel(v0=0.3, **curvatures, **stack)
    model = calibrated(model, up_amplitude=2.0, down_amplitude=-2.0, count=100, **SHAPE)
    found = symmetry_point(model, up_amplitude=2.0, down_amplitude=-2.0, **SHAPE)
    assert found == pytest.approx(point, abs=6e-4)


@pytest.mark.parametrize("down", [-1.9, -2.0, -2.1])
@pytest.mark.parametrize("gate_time", [0.0, 5e-8])
def test_alternating_pulses_lead_to_the_symmetry_point(Rig, down, gate_time):
    model = DeviceModel(v0=0.3, curvature_up=1.5, curvature_down=0.8, y_low=-5.0, y_high=5.0, gate_time=gate_time)
    model = calibrated(model, up_amplitude=2.0, down_amplitude=-2.0, count=1000, **SHAPE)
    rig = Rig(model, state=0.1)
    rig.gate.drive = VoltageSource(0.0)
    up = Waveform((0, 1e-6, 1e-6, 2e-6, 2e-6, 3e-6, 3e-6, 4e-6), (2, 2, 0, 0, down, down, 0, 0), repeats=10_000)
    rig.gate.start(up)
    rig.harness.advance(rig.gate.remaining)
    expected = symmetry_point(model, up_amplitude=2.0, down_amplitude=down, **SHAPE)
    assert rig.y == pytest.approx(expected, abs=2e-3)
    assert abs(expected - 0.5) > 0.02


def test_symmetry_point_of_straight_branches():
    with pytest.raises(ValueError, match="no single symmetry point"):
        symmetry_point(DeviceModel(), up_amplitude=2.0, down_amplitude=-2.0, **SHAPE)
    with pytest.raises(ValueError, match="check their signs"):
        symmetry_point(DeviceModel(curvature_up=1.0), up_amplitude=-2.0, down_amplitude=2.0, **SHAPE)


@pytest.mark.parametrize("u", [-3.0, -1e-5, 0.0, 0.4, 2.0, 20.0])
def test_fitted_curvature(u):
    x = np.linspace(0.0, 1.0, 60)
    curve = x if u == 0.0 else np.expm1(-u * x) / math.expm1(-u)
    assert fit_curvature(list(1e-6 + 3e-6 * curve)) == pytest.approx(u, abs=1e-6)
    assert fit_curvature(list(4e-6 - 3e-6 * curve)) == pytest.approx(u, abs=1e-6)
    assert branch(u, 0.3) == pytest.approx(np.interp(0.3, x, curve), abs=2e-3)


def test_fitted_curvature_of_a_noisy_branch_is_the_least_squares_one(label):
    rng = np.random.default_rng(1)
    curve = np.expm1(-1.2 * np.linspace(0, 1, 100)) / math.expm1(-1.2) + 0.02 * rng.standard_normal(100)
    found = fit_curvature(list(curve))
    assert curvature_from_label(label(curve)) == pytest.approx(found, abs=1e-5)


def test_a_branch_needs_points():
    with pytest.raises(ValueError, match="three conductances"):
        fit_curvature([1.0, 2.0])
    with pytest.raises(ValueError, match="different end points"):
        fit_curvature([1.0, 2.0, 1.0])


def test_compiled_code_is_filed_under_the_revision_of_all_laws(monkeypatch, tmp_path):
    """Numba looks at the file of the entry point alone: the key of the binary holds the checksum of the laws."""
    entry = kernels._plain.py_func
    assert jit.revision() in [cell.cell_contents for cell in entry.__closure__]
    (tmp_path / "one.py").write_text("a = 1")
    monkeypatch.setattr(jit, "__file__", str(tmp_path / "jit.py"))
    first = jit.revision()
    (tmp_path / "one.py").write_text("a = 2")
    assert jit.revision() != first
