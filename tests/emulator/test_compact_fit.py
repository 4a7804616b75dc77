"""The compact model, with parameters from pulses on the drift-diffusion model, follows it where both are valid."""

import math
from dataclasses import replace

import numpy as np
import pytest

from emulator.compact_fit import Protocol, compact_model
from emulator.drift_diffusion import ELEMENTARY_CHARGE, DriftDiffusion, Layer, Stack

BOLTZMANN_EV = 8.617333e-5
ELECTROLYTE, HOP, SOLUTION, BARRIER, QUICK = 10e-9, 0.3e-9, 0.2, 0.4, 0.25
FREQUENCY, DENSITY, CHANNEL, RESERVOIR = 1e13, 1e27, 20e-9, 40e-9
PULSES = Protocol(up_amplitude=4.0, down_amplitude=-4.0, width=10e-6, rest=10e-6, count=20)


def stack() -> Stack:
    room = math.exp(-SOLUTION / (BOLTZMANN_EV * 300.0))
    hops = {"hop_distance": HOP, "attempt_frequency": FREQUENCY}
    quick = hops | {"activation": QUICK, "conductivity": 1.0, "density": DENSITY}
    return Stack(
        channel=Layer(thickness=CHANNEL, mobility=1e-4, **quick),
        electrolyte=Layer(
            thickness=ELECTROLYTE,
            activation=BARRIER,
            solution_energy=SOLUTION,
            conductivity=1e-6,
            density=DENSITY * room,
            **hops,
        ),
        reservoir=Layer(thickness=RESERVOIR, **quick),
        width=10e-6,
        length=10e-6,
        charge_number=2,
    )


@pytest.fixture(scope="module")
def compact():
    return compact_model(stack(), PULSES, cells=24)


@pytest.fixture(scope="module")
def gained(compact):
    """By what part of itself the density in the channel rises across the window."""
    return compact.conductance_max / compact.conductance_min - 1.0


def test_voltage_scale_is_that_of_hopping(compact):
    assert compact.v0 == pytest.approx(2.0 * BOLTZMANN_EV * 300.0 * ELECTROLYTE / (2 * HOP), rel=0.005)


def test_rate_is_the_drift_velocity_over_what_the_window_holds(compact, gained):
    hops = 2.0 * HOP * FREQUENCY * math.exp(-(BARRIER + SOLUTION) / (BOLTZMANN_EV * 300.0))
    fresh = compact.rate_up * compact.curvature_up / -math.expm1(-compact.curvature_up)  # at y = 0
    assert fresh == pytest.approx(hops / (CHANNEL * gained), rel=0.02)
    full = compact.rate_down * compact.curvature_down / -math.expm1(-compact.curvature_down)  # at y = 1
    assert full == pytest.approx(hops * (1.0 + gained) / (CHANNEL * gained), rel=0.02)


def test_curvatures_say_how_the_sides_run_empty(compact, gained):
    assert compact.curvature_up == pytest.approx(-math.log(1.0 - gained * CHANNEL / RESERVOIR), rel=0.02)
    assert compact.curvature_down == pytest.approx(math.log(1.0 + gained), rel=0.02)


def test_charge_activation_and_surface_time(compact, gained):
    assert compact.charge == pytest.approx(2 * ELEMENTARY_CHARGE * 1e-10 * CHANNEL * DENSITY * gained, rel=1e-3)
    assert compact.write_activation == pytest.approx(BARRIER + SOLUTION, abs=0.005)
    diffusivity = HOP**2 * FREQUENCY * math.exp(-QUICK / (BOLTZMANN_EV * 300.0))
    assert compact.surface_time == pytest.approx(CHANNEL**2 / (math.pi**2 * diffusivity), rel=0.02)


def test_retention_is_diffusion_back_through_the_electrolyte(compact):
    velocity = HOP**2 * FREQUENCY * math.exp(-(BARRIER + SOLUTION) / (BOLTZMANN_EV * 300.0)) / ELECTROLYTE
    assert compact.retention_time == pytest.approx(1.0 / (velocity / CHANNEL + velocity / RESERVOIR), rel=0.01)
    assert compact.retention_target == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("up", "down", "width", "temperature", "tolerance"),
    [
        (4.0, -4.0, 10e-6, 300.0, 0.005),
        (3.5, -4.2, 15e-6, 300.0, 0.01),
        (3.0, -3.0, 40e-6, 300.0, 0.01),
        (3.6, -3.6, 4e-6, 330.0, 0.02),
    ],
)
def test_both_models_answer_pulses_alike(compact, Rig, up, down, width, temperature, tolerance):
    slow, quick = DriftDiffusion(stack(), temperature, cells=24), Rig(compact, state=0.0, temperature=temperature)
    ups = np.concatenate([np.ones(15), np.random.default_rng(3).integers(0, 2, 25)])
    apart, highest = 0.0, 0.0
    for volts in np.where(ups, up, down).tolist():
        slow.advance(volts, width)
        slow.advance(0.0, width)
        quick.pulse(volts, width, width)
        apart = max(apart, abs(slow.conductance - quick.conductance))
        highest = max(highest, quick.y)
    assert highest > 0.3  # a good part of the window was crossed
    assert apart < tolerance * (compact.conductance_max - compact.conductance_min)


def test_both_models_forget_alike(compact, Rig):
    slow, quick = DriftDiffusion(stack(), cells=24), Rig(compact, state=0.0)
    for _ in range(15):
        slow.advance(4.0, 10e-6)
        slow.advance(0.0, 10e-6)
        quick.pulse(4.0, 10e-6, 10e-6)
    written = quick.y
    for _ in range(4):
        slow.advance(0.0, 0.25 * compact.retention_time)
        quick.hold(0.0, 0.25 * compact.retention_time)
        y = (slow.conductance - compact.conductance_min) / (compact.conductance_max - compact.conductance_min)
        assert quick.y == pytest.approx(y, abs=0.01)
    assert quick.y < 0.4 * written


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"up_amplitude": -1.0}, "do not drive up and down"),
        ({"width": 0.0}, "must be more than 0 s"),
        ({"count": 7}, "count = 7 is not allowed"),
    ],
)
def test_impossible_protocols_are_refused(changed, message):
    given = {"up_amplitude": 4.0, "down_amplitude": -4.0, "width": 1e-5, "rest": 1e-5, "count": 20}
    with pytest.raises(ValueError, match=message):
        Protocol(**(given | changed))


@pytest.mark.parametrize(
    ("up", "down", "width", "message"),
    [
        (4.0, -0.05, 1e-5, "a branch saturates after 0.01.* of the window: choose amplitudes of more equal effect"),
        (1.0, -0.05, 0.1, "pulses of 0.1 s leave no excess at the surface of the channel: shorten them"),
    ],
)
def test_pulses_that_do_not_span_a_window_are_refused(up, down, width, message):
    unequal = Protocol(up_amplitude=up, down_amplitude=down, width=width, rest=width, count=10)
    with pytest.raises(ValueError, match=message):
        compact_model(stack(), unequal, cells=12)


def test_pulses_that_move_nothing_are_refused():
    feeble = Protocol(up_amplitude=1e-3, down_amplitude=-4.0, width=1e-9, rest=1e-3, count=4)
    with pytest.raises(ValueError, match="do not raise the conductance"):
        compact_model(replace(stack(), channel=replace(stack().channel, mobility=0.0)), feeble, cells=8)
