"""Cyclic voltammetry of a film: the peak current goes with the root of the scan rate (Randles and Sevcik)."""

import math

import numpy as np

from drivers.roles import SourceMeasureUnit
from ecramlab.analysis.straight_line import fit_line
from ecramlab.validation.benches import bench_of
from ecramlab.validation.check import Check, Measured, around, close_to

FARADAY, GAS_CONSTANT, TEMPERATURE = 96485.33212, 8.314462618, 300.0
AREA, DIFFUSIVITY, CONCENTRATION, TRANSFER = 1e-8, 1e-14, 2e4, 0.5
FILM = {
    "area": AREA,
    "thickness": 2e-6,
    "diffusivity": DIFFUSIVITY,
    "concentration": CONCENTRATION,
    "rate_constant": 1e-12,
}
STEP, TURN = 1.5e-3, 0.72  # V
APERTURES = (0.16, 0.04, 0.02)  # s; of a step, and with it the scan rate


def checks() -> list[Check]:
    """One film with a slow surface."""
    return [
        Check(
            "film-voltammetry",
            "film",
            "Li1−xCoO2 [95]",
            "gate sweep of 1.5 mV steps on a film electrode (2 µm, 10⁻¹⁴ m²/s, slow surface), three scan rates",
            (
                around("exponent", "Peak current against the scan rate, exponent", 0.5, 0.005),
                close_to("prefactor", "Prefactor of Randles and Sevcik, irreversible", 0.4958, 0.005),
            ),
            peak_law,
        )
    ]


def peak_law() -> Measured:
    """Exponent of the scan rate, and prefactor of ``(F n)^1.5 (R T)^-0.5 A c0 (a D v)^0.5`` for n = 1."""
    rates, peaks = np.array([_peak(aperture) for aperture in APERTURES]).T
    line = fit_line(np.log(rates), np.log(peaks))
    root = np.sqrt(TRANSFER * DIFFUSIVITY * rates)
    unit = FARADAY**1.5 / math.sqrt(GAS_CONSTANT * TEMPERATURE) * AREA * CONCENTRATION * root
    return {"exponent": None if line is None else line.slope, "prefactor": float(np.mean(peaks / unit))}


def _peak(aperture: float) -> tuple[float, float]:
    """Scan rate [V/s] by the clock of the instrument, and largest current [A] on the way up."""
    levels = [STEP * number for number in range(round(TURN / STEP))]
    with bench_of("kim2019", shipped="film-voltammetry", emulation={"film": FILM}) as bench:
        gate = bench.gate
        assert isinstance(gate, SourceMeasureUnit)
        gate.source_voltage(0.0, current_limit=1e-5, voltage_range=2.0)
        gate.measure_setup(aperture=aperture, current_range=1e-5)
        gate.output(True)
        swept = gate.sweep(levels, dwell=0.0, aperture=aperture)
    rate = (swept.levels[-1] - swept.levels[0]) / (swept.times[-1] - swept.times[0])
    return rate, max(swept.currents)
