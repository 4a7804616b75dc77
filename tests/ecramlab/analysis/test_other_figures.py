"""Figures of merit of pulse maps, retention and transfer curves, from rows that follow a known law."""

from typing import Any

import numpy as np
import pytest

from ecramlab.analysis import pulse_map, retention, transfer_curve
from ecramlab.analysis.figure import FigureSet


def value(figures: FigureSet, name: str) -> float | None:
    return figures[name].value


# ---------------------------------------------------------------------------------------------- pulse maps


def map_rows(amplitudes: Any, widths: Any, law: Any, pulses: int = 2) -> dict[str, np.ndarray]:
    rows = []
    for width in widths:
        for amplitude in amplitudes:
            rows.append((0, 1e-6, np.nan, amplitude, width))
            rows += [(1, 1e-6, law(amplitude, width) * (0.9 + 0.2 * k), amplitude, width) for k in range(pulses)]
    names = ("phase", "conductance", "change", "pulse_amplitude", "pulse_width")
    return {name: np.array(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}


def test_map_exponential_in_voltage_and_logarithmic_in_width() -> None:
    volts, widths = np.linspace(2.0, 4.0, 5), np.geomspace(1e-8, 1e-2, 7)
    columns = map_rows(volts, widths, lambda v, w: np.exp(v / 0.6) * (np.log10(w) + 9.0) * 1e-12)
    figures = pulse_map.figures_of_merit(columns, by_current=False)
    largest = np.exp(4.0 / 0.6) * 7e-12
    assert value(figures, "largest_change") == pytest.approx(largest)
    assert value(figures, "log_width") == pytest.approx(largest / 7.0)
    assert value(figures, "log_width_r2") == pytest.approx(1.0)
    assert value(figures, "voltage_scale") == pytest.approx(0.6)
    assert figures["linear"].unit == "S/V"


def test_map_linear_in_current_and_width() -> None:
    columns = map_rows([-1e-10, 1e-10, 2e-10, 5e-10], [0.1, 0.5, 2.0], lambda i, t: 240.0 * i * t)
    figures = pulse_map.figures_of_merit(columns, by_current=True)
    assert value(figures, "width_exponent") == pytest.approx(1.0)
    assert value(figures, "linear") == pytest.approx(480.0)
    assert figures["linear"].unit == "S/A"
    assert "voltage_scale" not in figures


def test_map_leaves_out_what_was_beyond_the_range_and_says_what_is_missing() -> None:
    columns = map_rows([1.0, 2.0], [1e-3], lambda v, _w: v * 1e-9)
    columns["status"] = np.zeros(len(columns["phase"]), dtype=np.uint32)
    columns["status"][columns["pulse_amplitude"] == 2.0] = 2
    figures = pulse_map.figures_of_merit(columns, by_current=False)
    assert value(figures, "largest_change") == pytest.approx(1e-9)
    assert figures["log_width"].value is None
    assert "three" in figures["voltage_scale"].reason
    columns["status"][:] = 2
    with pytest.raises(ValueError, match="no change"):
        pulse_map.figures_of_merit(columns, by_current=False)


# ---------------------------------------------------------------------------------------------- retention


def kept(law: Any, first: float = 0.1, last: float = 50400.0) -> dict[str, np.ndarray]:
    t = np.geomspace(first, last, 60)
    return {
        "phase": np.array([0, *[1] * 60]),
        "elapsed": np.array([np.nan, *t]),
        "conductance": np.array([1e-6, *law(t)]),
    }


def test_loss_of_an_exponential() -> None:
    figures = retention.figures_of_merit(kept(lambda t: 9e-6 * np.exp(-t / 9.079e5)))
    assert value(figures, "loss") == pytest.approx(5.40, abs=0.005)  # 14 h
    assert value(figures, "time_constant") == pytest.approx(9.079e5, rel=1e-6)
    assert value(figures, "elapsed_last") == pytest.approx(50400.0)


def test_exponent_of_a_power_law() -> None:
    figures = retention.figures_of_merit(kept(lambda t: 9e-6 * t**-0.00513))
    assert value(figures, "drift_exponent") == pytest.approx(0.00513)


def test_growth_has_no_loss_laws() -> None:
    figures = retention.figures_of_merit(kept(lambda t: 1e-6 * (1.0 + t / 1e5)))
    assert figures["time_constant"].value is None
    assert figures["drift_exponent"].reason == retention.FADING
    with pytest.raises(ValueError, match="fewer than two"):
        retention.figures_of_merit({name: column[:2] for name, column in kept(lambda t: 1e-6 * t).items()})


# ---------------------------------------------------------------------------------------------- transfer curves


def sweep(shift: float, levels: int = 301) -> dict[str, np.ndarray]:
    """Two branches of exponential shape, one a decade a volt, `shift` volts apart."""
    up = np.linspace(-1.5, 1.5, levels)
    level = np.concatenate([up, up[-2::-1]])
    phase = np.concatenate([np.zeros(levels), np.ones(levels - 1)]).astype(np.int32)
    return {
        "phase": phase,
        "cycle": np.zeros(len(phase), dtype=np.int32),
        "gate_level": level,
        "conductance": 1e-7 * 10.0 ** (level + shift * phase),
        "gate_current": 1e-12 * level,
    }


def test_window_of_two_shifted_branches() -> None:
    figures = transfer_curve.figures_of_merit(sweep(0.5))
    assert value(figures, "window_width") == pytest.approx(0.5, abs=1e-3)
    assert value(figures, "branch_ratio") == pytest.approx(10.0**0.5)
    assert value(figures, "gate_current_max") == pytest.approx(1.5e-12)
    assert value(figures, "conductance_min") == pytest.approx(1e-7 * 10**-1.5)
    assert value(figures, "change") == pytest.approx(100.0 * (10**3.49 - 1.0), rel=0.02)


def test_half_a_sweep_has_a_range_only() -> None:
    columns = {name: column[:100] for name, column in sweep(0.5).items()}
    figures = transfer_curve.figures_of_merit(columns)
    assert value(figures, "change") is not None
    for name in ("branch_ratio", "window_width"):
        assert transfer_curve.NO_BRANCH in figures[name].reason
    with pytest.raises(ValueError, match="no conductance"):
        transfer_curve.figures_of_merit({**columns, "conductance": np.full(100, np.nan)})
