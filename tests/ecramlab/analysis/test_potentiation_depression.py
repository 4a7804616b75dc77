"""Figures of merit of made-up curves whose figures are known in closed form."""

import math
import random
from itertools import pairwise

import numpy as np
import pytest

from ecramlab.analysis import table_rows
from ecramlab.analysis.branches import split_branches
from ecramlab.analysis.potentiation_depression import figures_of_merit

LOW, HIGH = 2e-7, 2e-6  # S


def curve(up=50, down=50, cycles=3, u_up=1.6, u_down=1.0, step_noise=0.0, read_noise=0.0, every=1, seed=1, **extra):
    """Columns of a run on a device with dy/dx = u / (1 - exp(-u)) - u y, and the same downwards on 1 - y.

    `step_noise` is relative to a mean step, `read_noise` to the window.
    """
    generator = random.Random(seed)
    rows = []
    y = 0.0

    def row(phase, cycle, pulse):
        seen = y + read_noise * generator.gauss(0, 1)
        rows.append({"phase": phase, "cycle": cycle, "pulse": pulse, "conductance": LOW + (HIGH - LOW) * seen})

    row(0, 0, 0)
    for cycle in range(cycles):
        for phase, count, u in ((1, up, u_up), (2, down, u_down)):
            slope = u / -math.expm1(-u) if u else 1.0
            for pulse in range(1, count + 1):
                z = y if phase == 1 else 1 - y
                z += (slope / u - z) * -math.expm1(-u / count) if u else 1 / count
                z += step_noise / count * generator.gauss(0, 1)
                y = z if phase == 1 else 1 - z
                if pulse % every == 0 or pulse == count:
                    row(phase, cycle, pulse)
    columns = {name: np.array([line[name] for line in rows]) for name in rows[0]}
    return columns | {name: np.full(len(rows), value) for name, value in extra.items()}


def figures(columns, **keywords):
    return {name: figure["value"] for name, figure in figures_of_merit(columns, **keywords).as_dict().items()}


def reasons(columns, **keywords):
    found = figures_of_merit(columns, **keywords).as_dict()
    return {name: figure["reason"] for name, figure in found.items() if figure["value"] is None}


# Label and curvature of the NeuroSim framework, from its table of 900 entries, to the digits that are printed.
@pytest.mark.parametrize(("u", "label"), [(0.397, 0.5), (0.799, 1.0), (1.642, 2.0), (2.585, 3.0), (4.992, 4.88)])
@pytest.mark.parametrize("pulses", [30, 100])
def test_labels_are_those_of_the_framework(u, label, pulses):
    found = figures(curve(up=pulses, down=pulses, u_up=u, u_down=u))
    assert found["label_potentiation"] == pytest.approx(label, abs=2e-3)
    assert found["label_depression"] == pytest.approx(-label, abs=2e-3)


@pytest.mark.parametrize("u", [-3.0, -0.5, 0.0, 0.02, 0.7, 3.0, 12.0])
def test_labels_of_clean_curves_are_exact(u):
    found = figures(curve(u_up=u, u_down=-u))
    d = -math.expm1(-u)
    deviation = 1 / d - 1 / u - math.log(u / d) / u if u else 0.0
    assert found["curvature_potentiation"] == pytest.approx(u, abs=1e-6)
    assert found["curvature_depression"] == pytest.approx(-u, abs=1e-6)
    assert found["deviation_potentiation"] == pytest.approx(100 * deviation, abs=1e-5)
    assert found["label_potentiation"] == pytest.approx(deviation / (0.07 * math.sqrt(2)), abs=1e-6)
    assert found["label_depression"] == pytest.approx(deviation / (0.07 * math.sqrt(2)), abs=1e-6)


def test_labels_of_noisy_curves_are_unbiased():
    found = [figures(curve(cycles=10, step_noise=0.3, seed=seed)) for seed in range(30)]
    for name, expected in (("label_potentiation", 1.9519), ("label_depression", -1.2459)):
        labels = np.array([one[name] for one in found])
        assert labels.mean() == pytest.approx(expected, abs=4 * labels.std(ddof=1) / math.sqrt(len(labels)))


def test_range_and_states():
    found = figures(curve(up=64, down=64))
    assert found["conductance_min"] == pytest.approx(LOW, rel=1e-12)
    assert found["conductance_max"] == pytest.approx(HIGH, rel=1e-12)
    assert found["on_off_ratio"] == pytest.approx(10.0)
    assert found["states"] == pytest.approx(64.0)


def test_reading_every_fifth_pulse_changes_no_figure():
    dense, sparse = figures(curve()), figures(curve(every=5))
    for name in ("label_potentiation", "label_depression", "states", "conductance_max"):
        assert sparse[name] == pytest.approx(dense[name], abs=1e-9)


@pytest.mark.parametrize(("u_up", "u_down"), [(0.4, 0.317), (1.0577, 0.2695), (1.033, 1.73), (5.0, 20.0)])
def test_symmetry_point_in_closed_form(u_up, u_down):
    """Where (K_p - y) u_p = (K_d - 1 + y) u_d, with K = 1 / (1 - exp(-u))."""
    k_up, k_down = 1 / -math.expm1(-u_up), 1 / -math.expm1(-u_down)
    y = (u_up * k_up - u_down * (k_down - 1)) / (u_up + u_down)
    found = figures(curve(up=400, down=400, u_up=u_up, u_down=u_down))
    assert found["symmetry_point"] == pytest.approx(LOW + y * (HIGH - LOW), abs=0.003 * (HIGH - LOW))


def test_asymmetry_of_straight_branches_of_unequal_steps():
    """40 steps up and 60 down over one window: (1/40 - 1/60) / (1/40 + 1/60) = 1/5."""
    found = figures(curve(up=40, down=60, u_up=0.0, u_down=0.0))
    assert found["asymmetry"] == pytest.approx(0.2, abs=1e-9)
    assert found["symmetry_point"] is None


def test_mirrored_branches_are_symmetric_in_the_mean():
    found = figures(curve(u_up=2.0, u_down=2.0))
    assert found["asymmetry"] == pytest.approx(0.0, abs=1e-9)
    assert found["symmetry_point"] == pytest.approx((LOW + HIGH) / 2, rel=1e-6)


@pytest.mark.parametrize("noise", [0.03, 0.3])
def test_step_spread_is_the_noise_of_a_step(noise):
    found = figures(curve(up=100, down=100, cycles=20, step_noise=noise))
    assert found["step_spread"] == pytest.approx(100 * noise, rel=0.08)


def test_conductance_spread_is_the_noise_of_a_read():
    """Only the reads are noisy here: the conductance after n pulses is the same in every cycle."""
    found = figures(curve(up=100, down=100, cycles=20, read_noise=1e-3))
    assert found["conductance_spread"] == pytest.approx(0.1, rel=0.05)


def test_clean_curves_have_no_spread_and_no_drift():
    found = figures(curve())
    assert found["step_spread"] == pytest.approx(0.0, abs=1e-6)
    assert found["conductance_spread"] == pytest.approx(0.0, abs=1e-6)
    assert found["window_drift"] == pytest.approx(0.0, abs=1e-6)


def test_window_drift():
    """Windows of 100, 110 and 120 in three cycles: a slope of 10 on a mean of 110."""
    columns = curve(cycles=3, u_up=0.0, u_down=0.0, up=10, down=10)
    columns["conductance"] = 1e-6 + (columns["conductance"] - LOW) * (1.0 + 0.1 * columns["cycle"])
    assert figures(columns)["window_drift"] == pytest.approx(100 * 10 / 110)


def test_energy_per_conductance_change():
    """4 V x 1 nA x 1 ms = 4 pJ a pulse, for 1.8 µS in 50 pulses."""
    found = figures(curve(gate_voltage=-4.0, gate_current=1e-9, pulse_width=1e-3))
    assert found["energy_per_conductance"] == pytest.approx(4e-12 / (1.8e-6 / 50))


@pytest.mark.parametrize("extra", [{}, {"gate_voltage": 4.0, "gate_current": math.nan, "pulse_width": 1e-3}])
def test_unknown_gate_current_gives_no_energy(extra):
    assert reasons(curve(**extra))["energy_per_conductance"] == "gate current was not measured"


def test_one_cycle_has_no_cycle_to_cycle_figures():
    missing = reasons(curve(cycles=1))
    assert {name for name, reason in missing.items() if reason == "needs two complete cycles"} == {
        "step_spread",
        "conductance_spread",
        "window_drift",
    }


@pytest.mark.parametrize("counts", [(50, 50), (None, None)])
def test_an_aborted_branch_counts_for_the_range_only(counts):
    whole = curve(cycles=1)
    columns = {name: np.concatenate([values, values[:31]]) for name, values in whole.items()}
    columns["cycle"][101:] = 1
    columns["phase"][101:] = 1
    columns["pulse"][101:] = np.arange(1, 32)
    columns["conductance"][131] = 9e-6
    found, before = figures(columns, counts=counts), figures(whole)
    assert found["conductance_max"] == 9e-6
    for name in ("label_potentiation", "label_depression", "curvature_potentiation", "asymmetry"):
        assert found[name] == before[name]


@pytest.mark.parametrize("rows", [1, 2, 20])
def test_a_run_aborted_in_its_first_branch_still_has_a_range(rows):
    columns = {name: values[:rows] for name, values in curve().items()}
    found = figures(columns, counts=(50, 50))
    assert found["conductance_min"] == pytest.approx(LOW)
    assert found["label_potentiation"] is None
    assert "no complete branch" in reasons(columns, counts=(50, 50))["label_potentiation"]


def test_no_conductance_at_all_is_one_sentence():
    columns = {name: values[:3] for name, values in curve().items()}
    columns["conductance"] = np.full(3, np.nan)
    with pytest.raises(ValueError, match="no conductance was measured in 3 rows"):
        figures(columns)
    with pytest.raises(ValueError, match="no conductance was measured in 0 rows"):
        figures({name: values[:0] for name, values in columns.items()})


def test_over_range_readings_are_left_out():
    columns = curve()
    columns["status"] = np.zeros(len(columns["phase"]), "u4")
    columns["conductance"][10] = 9.9e37
    columns["status"][10] = 2 | 4
    found = figures(columns)
    assert found["conductance_max"] == pytest.approx(HIGH)
    assert found["curvature_potentiation"] == pytest.approx(1.6, abs=1e-6)


def test_compliance_alone_leaves_a_reading_in():
    columns = curve()
    columns["status"] = np.ones(len(columns["phase"]), "u4")
    assert figures(columns)["states"] == pytest.approx(50)


def test_a_constant_conductance_has_reasons_instead_of_numbers():
    columns = curve()
    columns["conductance"] = np.full(len(columns["phase"]), 1e-6)
    missing = reasons(columns)
    assert missing["label_potentiation"] == missing["states"] == "the conductance did not change"
    assert figures(columns)["on_off_ratio"] == 1.0


def test_a_conductance_of_zero_has_no_ratio():
    columns = curve()
    columns["conductance"] = columns["conductance"] - LOW
    columns["conductance"][0] = 0.0
    assert "not above 0" in reasons(columns)["on_off_ratio"]


def test_branches_start_where_the_one_before_ended():
    branches = split_branches(curve(up=4, down=3, cycles=2))
    assert [(branch.phase, branch.cycle, len(branch.pulses)) for branch in branches] == [
        (1, 0, 5),
        (2, 0, 4),
        (1, 1, 5),
        (2, 1, 4),
    ]
    for before, after in pairwise(branches):
        assert after.conductance[0] == before.conductance[-1]
        assert after.pulses[0] == 0
    assert all(branch.complete for branch in branches)


def test_table_has_prefixes_and_reasons():
    rows = dict(table_rows(figures_of_merit(curve(cycles=1)).as_dict()))
    assert rows["Lowest conductance"] == "200 nS"
    assert rows["Highest conductance"] == "2 µS"
    assert rows["On/off ratio"] == "10"
    assert rows["Drift of the window per cycle"] == "– (needs two complete cycles)"
    assert rows["Largest deviation from straight, depression"] == "12.3 %"


def test_figures_are_plain_numbers_for_json():
    import json

    found = figures_of_merit(curve()).as_dict()
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert all(set(figure) >= {"value", "unit", "label"} for figure in found.values())
