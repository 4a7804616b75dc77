"""How much a pulse writes: the laws of lithium and oxygen devices, and the energy that a change takes."""

import math

from ecramlab.analysis.potentiation_depression import figures_of_merit as curve_figures
from ecramlab.analysis.pulse_map import figures_of_merit, measured_map
from ecramlab.analysis.straight_line import fit_line
from ecramlab.validation.benches import bench_of
from ecramlab.validation.check import Check, Measured, around, at_least, close_to
from ecramlab.validation.measuring import measure
from emulator.linearity import curvature_from_label

TANG = "Tang et al. 2018 [54]"
KIM = "Kim et al. 2019 [56]"
BURGT = "van de Burgt et al. 2017 [71]"


def checks() -> list[Check]:
    """The laws of three devices."""
    return [
        Check(
            "tang2018-charge",
            "tang2018",
            TANG,
            "pulse-map, 10 … 500 pA and 0.1 … 2 s, opposite pulses lead back",
            (
                at_least("r_squared", "R² of ΔG against current × width", 0.9999),
                close_to("slope", "ΔG per charge (24 nS / 1000 / 100 pC, label 0.347)", _slope_at_start(), 0.01, "S/C"),
            ),
            charge_law,
        ),
        Check(
            "kim2019-width",
            "kim2019",
            KIM,
            "pulse-map, +4 V, 10 ns … 10 ms, 1 s rest",
            (at_least("r_squared", "R² of ΔG against the logarithm of the width", 0.999),),
            width_law,
        ),
        Check(
            "kim2019-voltage",
            "kim2019",
            KIM,
            "pulse-map, 2 … 4 V, 1 ms, 1 s rest",
            (close_to("scale", "Voltage V0 of ΔG ∝ exp(V/V0)", 0.6, 0.005, "V"),),
            voltage_law,
        ),
        Check(
            "kim2019-current",
            "kim2019",
            KIM,
            "pulse-map, 0.2 … 1 nA, 50 ms; energy: charge of these pulses at the 4 V of the publication",
            (
                at_least("r_squared", "R² of ΔG against the gate current", 0.9999),
                close_to("energy", "Write energy for a change of 1 nS", 100e-15, 0.05, "J"),
            ),
            current_law,
        ),
        Check(
            "vandeburgt2017-energy",
            "vandeburgt2017",
            BURGT,
            "potentiation-depression, ∓1 V, 50 ms, gate current measured; 1 of 500 steps, 0.001 mm² scaled to the area",
            (around("energy", "Energy of a step at 300 nm × 300 nm", 35e-18, 1.75e-18, "J"),),
            step_energy,
        ),
    ]


def _slope_at_start() -> float:
    """Change of conductance by charge at the lower end of the window [S/C], as published."""
    u = curvature_from_label(0.347)
    return (24e-9 - 24e-12) / (1000 * 100e-12) * u / (1.0 - math.exp(-u))


def charge_law() -> Measured:
    """R² and slope [S/C] of the one line on which the changes by all currents and widths lie."""
    settings = {
        "pulse.drive": "current",
        "pulse.first_amplitude": 10e-12,
        "pulse.last_amplitude": 500e-12,
        "pulse.amplitudes": 4,
        "pulse.both_signs": False,
        "pulse.first_width": 0.1,
        "pulse.last_width": 2.0,
        "pulse.widths": 3,
        "restart": "opposite",
        "max_restart": 1,
        "read.voltage": 0.5,
    }
    with bench_of("tang2018", "unit") as bench:
        found = measured_map(measure(bench, "pulse-map", settings))
    line = fit_line((found.amplitudes[:, None] * found.widths).ravel(), found.change.ravel())
    return {} if line is None else {"r_squared": line.r_squared, "slope": line.slope}


def width_law() -> Measured:
    """R² of the change against the logarithm of the width, a decade in three steps."""
    settings = {
        "rest": 1.0,
        "pulse.first_amplitude": 4.0,
        "pulse.amplitudes": 1,
        "pulse.both_signs": False,
        "pulse.first_width": 1e-8,
        "pulse.last_width": 1e-2,
        "pulse.widths": 19,
    }
    with bench_of("kim2019") as bench:
        figures = figures_of_merit(measure(bench, "pulse-map", settings), by_current=False)
    return {"r_squared": figures["log_width_r2"].value}


def voltage_law() -> Measured:
    """Voltage of the exponential [V]."""
    settings = {
        "rest": 1.0,
        "pulse.first_amplitude": 2.0,
        "pulse.last_amplitude": 4.0,
        "pulse.amplitudes": 9,
        "pulse.both_signs": False,
        "pulse.first_width": 1e-3,
        "pulse.widths": 1,
    }
    with bench_of("kim2019") as bench:
        figures = figures_of_merit(measure(bench, "pulse-map", settings), by_current=False)
    return {"scale": figures["voltage_scale"].value}


def current_law() -> Measured:
    """R² of the change against the current, and the energy of 1 nS [J]."""
    width = 0.05
    settings = {
        "pulse.drive": "current",
        "pulse.first_amplitude": 0.2e-9,
        "pulse.last_amplitude": 1e-9,
        "pulse.amplitudes": 5,
        "pulse.both_signs": False,
        "pulse.first_width": width,
        "pulse.widths": 1,
    }
    with bench_of("kim2019", "unit") as bench:
        found = measured_map(measure(bench, "pulse-map", settings))
    line = fit_line(found.amplitudes, found.change[:, 0])
    if line is None:
        return {}
    charge_of_siemens = width / line.slope
    return {"r_squared": line.r_squared, "energy": 4.0 * charge_of_siemens * 1e-9}


def step_energy() -> Measured:
    """Gate energy of one of 500 steps on 300 nm x 300 nm [J]; of a device of 0.001 mm2."""
    settings = {"pulse.amplitude": -1.0, "pulse.width": 0.05, "up": 60, "down": 60, "cycles": 1}
    with bench_of("vandeburgt2017", "unit") as bench:
        energy = curve_figures(measure(bench, "potentiation-depression", settings)).energy_per_conductance
    if energy.value is None:
        return {}
    step, area, small = (2e-3 - 0.6e-3) / 500, 1e-9, 9e-14
    return {"energy": energy.value * step * small / area}
