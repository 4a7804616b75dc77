"""The drift-diffusion model against closed forms: conservation, equilibrium, diffusion, drift."""

import math
from dataclasses import replace

import numpy as np
import pytest

from emulator.drift_diffusion import ELEMENTARY_CHARGE, DriftDiffusion, Layer, Stack

BOLTZMANN = 1.380649e-23
MATERIAL = Layer(
    thickness=10e-9,
    hop_distance=0.3e-9,
    attempt_frequency=1e13,
    activation=0.5,
    conductivity=1e-3,
    density=1e27,
    mobility=1e-4,
)
DIFFUSIVITY = 0.3e-9**2 * 1e13 * math.exp(-0.5 * ELEMENTARY_CHARGE / (BOLTZMANN * 300.0))


def stack(**densities: float) -> Stack:
    """Three layers of one material; densities [1/m^3] by layer."""
    layers = dict.fromkeys(("channel", "electrolyte", "reservoir"), MATERIAL)
    changed = {name: replace(layer, density=densities.get(name, layer.density)) for name, layer in layers.items()}
    return Stack(**changed, width=2e-6, length=1e-6)


def device(tight: float = 0.3) -> DriftDiffusion:
    """A slow electrolyte of few ions between a channel and a reservoir that are quick and conduct."""
    room = math.exp(-0.2 * ELEMENTARY_CHARGE / (BOLTZMANN * 300.0))
    quick = replace(MATERIAL, thickness=20e-9, activation=tight, conductivity=1.0)
    slow = replace(MATERIAL, activation=0.4, solution_energy=0.2, conductivity=1e-6, density=1e27 * room, mobility=0.0)
    return DriftDiffusion(
        Stack(channel=quick, electrolyte=slow, reservoir=replace(quick, mobility=0.0), width=1e-5, length=1e-5)
    )


def test_conductance_is_the_charge_of_the_electrons_that_the_ions_give():
    layer = replace(MATERIAL, mobility=0.0)
    model = DriftDiffusion(Stack(channel=MATERIAL, electrolyte=layer, reservoir=layer, width=2e-6, length=1e-6))
    assert model.conductance == pytest.approx(2.0 * 1.602176634e-19 * 1e-4 * 1e27 * 10e-9, rel=1e-12)


def test_no_ion_is_lost_in_pulses_ramps_and_rests():
    model = device()
    before = model.ions
    for volts in (4.0, 5.0, -4.0, -5.0):
        for _ in range(5):
            model.advance(0.0, 1e-7, end_voltage=volts)
            model.advance(volts, 2e-6)
            model.advance(0.0, 5e-6)
    model.advance(0.0, 1e4)
    assert abs(model.ions / before - 1.0) < 1e-10
    assert model.density.min() > 0.0


def test_equal_densities_of_one_material_stay_at_rest():
    model = DriftDiffusion(stack())
    model.advance(0.0, 1.0)
    np.testing.assert_allclose(model.density, 1e27, rtol=1e-12)


def test_an_excess_spreads_as_the_fourier_series_says():
    model = DriftDiffusion(stack(electrolyte=0.0, reservoir=0.0))
    height, share = 30e-9, 1.0 / 3.0
    for seconds in (0.02, 0.05, 0.2):
        fresh = model.copy()
        fresh.advance(0.0, seconds * height**2 / DIFFUSIVITY)
        n = np.arange(1, 400)
        waves = 2.0 * (np.sin(n * np.pi * share) / (n * np.pi)) ** 2 * np.exp(-((n * np.pi) ** 2) * seconds)
        assert fresh.channel_ions / (1e27 * height) == pytest.approx(share**2 + waves.sum(), rel=2e-3)


def test_a_held_voltage_ends_in_the_barometric_profile():
    model = DriftDiffusion(stack())
    model.advance(0.3, 1e3)
    hop = ELEMENTARY_CHARGE * 0.3e-9 * (0.3 / 30e-9) / (2.0 * BOLTZMANN * 300.0)
    steepness = 2.0 * math.sinh(hop) / 0.3e-9  # w/D: of the hopping law, not its small-field limit
    profile = np.exp(-steepness * model.positions)
    inner = slice(5, -5)  # where the cells are small, their means are their middles
    expected = 1e27 * 30e-9 * steepness / -math.expm1(-steepness * 30e-9) * profile
    np.testing.assert_allclose(model.density[inner], expected[inner], rtol=3e-3)


def test_ions_share_themselves_out_by_their_solution_energies():
    model = device()
    model.advance(5.0, 2e-5)
    model.advance(0.0, 1e5)
    channel, electrolyte, reservoir = (model.density[k * model.cells + 7] for k in range(3))
    assert channel == pytest.approx(reservoir, rel=1e-6)
    assert electrolyte / channel == pytest.approx(math.exp(-0.2 / 8.617333e-5 / 300.0), rel=1e-6)
    settled = model.copy()
    settled.settle()
    np.testing.assert_allclose(model.density, settled.density, rtol=1e-6)


@pytest.mark.parametrize("volts", [2.0, 3.0, 5.0])
def test_ions_cross_the_electrolyte_by_hopping(volts):
    model = device(tight=0.2)
    before = model.channel_ions
    velocity = 2.0 * 0.3e-9 * 1e13 * math.exp(-0.4 / (8.617333e-5 * 300.0))
    velocity *= math.sinh(ELEMENTARY_CHARGE * 0.3e-9 * volts / 10e-9 / (2.0 * BOLTZMANN * 300.0))
    density = 1e27 * math.exp(-0.2 / (8.617333e-5 * 300.0))
    seconds = 0.005 * before / (density * velocity)  # the reservoir loses one part in 200
    model.advance(volts, seconds)
    assert model.channel_ions / before - 1.0 == pytest.approx(0.005, rel=0.01)


def test_a_ramp_is_many_small_steps():
    ramped, stepped = device(), device()
    ramped.advance(4.0, 2e-5, end_voltage=9.0)
    for k in range(100):
        stepped.advance(4.0 + 5.0 * (k + 0.5) / 100, 2e-7)
    moved = stepped.conductance - device().conductance
    assert abs(moved) > 0.01 * stepped.conductance
    assert ramped.conductance - device().conductance == pytest.approx(moved, rel=2e-3)


def test_splitting_a_pulse_changes_next_to_nothing():
    whole, split = device(), device()
    whole.advance(5.0, 1e-5)
    for _ in range(10):
        split.advance(5.0, 1e-6)
    assert split.conductance == pytest.approx(whole.conductance, rel=1e-5)


def test_the_number_of_cells_hardly_matters():
    coarse, fine = DriftDiffusion(device().stack, cells=32), DriftDiffusion(device().stack, cells=96)
    for model in (coarse, fine):
        model.advance(5.0, 1e-5)
    moved = fine.conductance - device().conductance
    assert coarse.conductance - device().conductance == pytest.approx(moved, rel=1e-3)


def test_time_runs_forward():
    with pytest.raises(ValueError, match="cannot advance by -1"):
        device().advance(1.0, -1.0)
    model = device()
    model.advance(5.0, 0.0)
    np.testing.assert_array_equal(model.density, device().density)


@pytest.mark.parametrize(("name", "value"), [("thickness", 0.0), ("mobility", -1.0), ("density", math.nan)])
def test_impossible_layers_are_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} = {value!r} of a layer is not allowed"):
        replace(MATERIAL, **{name: value})


def test_impossible_stacks_are_refused():
    with pytest.raises(ValueError, match=r"width = 0\.0 of a stack is not allowed"):
        replace(stack(), width=0.0)
