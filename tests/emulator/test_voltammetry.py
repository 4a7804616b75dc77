"""Voltammetry of a film against the closed forms of electrochemistry."""

import math
from dataclasses import replace

import numpy as np
import pytest

from emulator.voltammetry import IRREVERSIBLE, REVERSIBLE, Film, FilmElectrode, Supply, cyclic_voltammogram

F, R, T = 96485.33212, 8.314462618, 300.0
f = F / (R * T)
AREA, HEIGHT, D, C0 = 1e-8, 2e-6, 1e-14, 2e4
FILM = FilmElectrode(area=AREA, thickness=HEIGHT, diffusivity=D, concentration=C0, rate_constant=1e-12)
FAST = replace(FILM, rate_constant=1e-3)
RATES = np.array([5e-3, 2e-2, 0.1])  # V/s; the film counts as endless


def peaks(electrode, start, turn, rates=RATES):
    """Voltage and current of the first peak at each rate."""
    found = []
    for rate in rates:
        volts, amperes = cyclic_voltammogram(electrode, start=start, turn=turn, rate=rate, points=400)
        top = int(np.argmax(amperes))
        found.append((volts[top], amperes[top]))
    return np.array(found).T


@pytest.mark.parametrize(("alpha", "turn"), [(0.5, 1.0), (0.3, 1.6)])
def test_a_slow_surface_gives_the_irreversible_peak(alpha, turn):
    volts, amperes = peaks(replace(FILM, transfer_coefficient=alpha), -0.3, turn)
    assert np.polyfit(np.log(RATES), np.log(amperes), 1)[0] == pytest.approx(0.5, abs=0.005)
    prefactor = amperes / (F**1.5 / math.sqrt(R * T) * AREA * C0 * np.sqrt(alpha * D * RATES))
    np.testing.assert_allclose(prefactor, 0.4958, rtol=0.005)
    expected = (0.780 + np.log(np.sqrt(alpha * f * D * RATES) / 1e-12)) / (alpha * f)  # Nicholson and Shain (1964)
    np.testing.assert_allclose(volts, expected, atol=0.01)


def test_a_fast_surface_gives_the_reversible_peak():
    volts, amperes = peaks(FAST, -0.4, 0.4)
    assert np.polyfit(np.log(RATES), np.log(amperes), 1)[0] == pytest.approx(0.5, abs=0.005)
    prefactor = amperes / (F**1.5 / math.sqrt(R * T) * AREA * C0 * np.sqrt(D * RATES))
    np.testing.assert_allclose(prefactor, 0.4463, rtol=0.005)
    np.testing.assert_allclose(volts, 1.109 / f, atol=0.003)


def test_peak_current_is_that_of_randles_and_sevcik():
    law = F**1.5 / math.sqrt(R * T) * AREA * C0 * math.sqrt(D * 0.01)
    assert FILM.peak_current(0.01, REVERSIBLE) == pytest.approx(0.4463 * law, rel=1e-9)
    assert FILM.peak_current(0.01, IRREVERSIBLE) == pytest.approx(0.4958 * math.sqrt(0.5) * law, rel=1e-9)


def test_slow_scans_empty_the_whole_film():
    rates = np.array([2e-6, 4e-6])
    _, amperes = peaks(FAST, -0.4, 0.4, rates)
    np.testing.assert_allclose(amperes, F * f * AREA * HEIGHT * C0 * rates / 4.0, rtol=0.01)
    _, currents = cyclic_voltammogram(FAST, start=-0.4, turn=0.4, rate=2e-6, points=400)
    seconds = 0.4 / 2e-6 * 2.0 / 400
    assert currents[:400].sum() * seconds == pytest.approx(F * AREA * HEIGHT * C0, rel=1e-4)
    assert currents.sum() * seconds == pytest.approx(0.0, abs=1e-5 * F * AREA * HEIGHT * C0)


def test_the_charge_is_what_the_film_loses():
    film = Film(FILM)
    charge = sum(film.advance(Supply(0.2 * k, end_voltage=0.3 * k), 1.0).charge for k in range(1, 5))
    assert film.filling < 0.99
    assert charge == pytest.approx((1.0 - film.filling) * F * AREA * HEIGHT * C0, rel=1e-9)


def test_a_voltage_step_draws_the_cottrell_charge():
    for seconds in (1.0, 10.0):
        drawn = Film(FAST).advance(Supply(0.6), seconds).charge
        assert drawn == pytest.approx(2.0 * F * AREA * C0 * math.sqrt(D * seconds / math.pi), rel=0.005)


def test_a_forced_current_lasts_for_sands_time():
    amperes = 5e-7
    sand = math.pi * D * (F * AREA * C0 / (2.0 * amperes)) ** 2
    film = Film(FAST)
    supply = Supply(2.0, low=-amperes, high=amperes)
    passed = film.advance(supply, 0.97 * sand)
    assert passed.limited
    assert passed.charge == pytest.approx(amperes * 0.97 * sand, rel=1e-9)
    assert passed.volt_seconds / (0.97 * sand) < 0.1
    passed = film.advance(supply, 0.06 * sand)
    assert not passed.limited
    assert passed.charge < amperes * 0.06 * sand


def test_a_resistance_takes_its_share_of_the_voltage():
    passed = Film(FAST).advance(Supply(0.3, resistance=1e6), 5.0)
    assert passed.volt_seconds + 1e6 * passed.charge == pytest.approx(0.3 * 5.0, rel=1e-7)
    assert passed.charge > 0.0
    assert passed.volt_seconds < 0.8 * 0.3 * 5.0


def test_an_open_film_shows_the_nernst_potential():
    film = Film(replace(FILM, filling=0.25, formal_potential=0.1))
    passed = film.advance(Supply(3.0, low=0.0, high=0.0), 10.0)
    assert passed.charge == 0.0
    assert passed.volt_seconds / 10.0 == pytest.approx(0.1 + math.log(3.0) / f, rel=1e-9)
    assert film.filling == pytest.approx(0.25, rel=1e-12)


def test_both_directions_are_alike_about_half_filling():
    half = replace(FAST, filling=0.5)
    there, back = (Film(half).advance(Supply(volts), 3.0).charge for volts in (0.05, -0.05))
    assert there == pytest.approx(-back, rel=1e-6)


def test_splitting_time_changes_next_to_nothing():
    whole, split = Film(FILM), Film(FILM)
    drawn = whole.advance(Supply(0.8), 5.0).charge
    assert sum(split.advance(Supply(0.8), 0.5).charge for _ in range(10)) == pytest.approx(drawn, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "value"), [("area", 0.0), ("transfer_coefficient", 1.0), ("filling", 1.5), ("formal_potential", 20.0)]
)
def test_impossible_films_are_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} = {value!r} of a film is not allowed"):
        replace(FILM, **{name: value})


def test_impossible_scans_and_times_are_refused():
    with pytest.raises(ValueError, match="must be positive, start and turn differ"):
        cyclic_voltammogram(FILM, start=0.1, turn=0.1, rate=0.1, points=10)
    with pytest.raises(ValueError, match="cannot advance by inf s"):
        Film(FILM).advance(Supply(0.1), math.inf)
