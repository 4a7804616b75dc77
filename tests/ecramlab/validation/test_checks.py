"""Checks of devices: figures of the review come back through the bench, and what is off does not pass."""

import math
from pathlib import Path

import pytest

from ecramlab.validation import all_checks, chosen, perform
from ecramlab.validation.benches import bench_of
from ecramlab.validation.check import Check, around, at_least, at_most, between, close_to
from ecramlab.validation.measuring import conductance
from ecramlab.validation.windows import measured_figures, window_check

# Kwak et al. (2024), Tables 1-3: Gmin, Gmax [S], states, labels (None where none are printed).
PRINTED = {
    "lee2020wo3": (0.5e-6, 3.5e-6, 30, (0.60, -0.58)),
    "yang2018": (42e-9, 75e-9, 50, None),
    "nikam2019": (2.1e-9, 40.6e-9, 90, (1.33, -0.34)),
    "jeong2021": (0.05e-6, 5.6e-6, 100, (-0.09, 0.16)),
    "kwak2021": (1e-9, 679e-9, 100, (1.8, -0.3)),
    "fuller2019": (50e-9, 100e-9, 50, (3.1, -0.4)),
    "melianas2022": (0.2e-3, 0.85e-3, 100, (0.65, -1.59)),
}


@pytest.mark.parametrize("device", PRINTED)
def test_the_printed_window_comes_back(device: str) -> None:
    low, high, states, labels = PRINTED[device]
    values = measured_figures(device, reads=30)
    assert values["conductance_min"] == pytest.approx(low, rel=0.01)
    assert values["conductance_max"] == pytest.approx(high, rel=0.01)
    assert values["states"] == pytest.approx(states, abs=1)
    if labels is not None:
        assert (values["label_potentiation"], values["label_depression"]) == pytest.approx(labels, abs=0.02)


# Printed, or foretold from printed figures: Tang et al. 2018 (100 pA, 1 s, 1000 steps of 24 nS, label 0.347), Kim et
# al. 2019 (100 fJ/nS, 5.4 % in 14 h), Yang et al. 2018 (110 ms, 2624 ms), van de Burgt et al. 2017 (35 aJ).
FIGURES = {
    "tang2018-charge": {"slope": (0.274, 0.01), "r_squared": (1.0, 1e-4)},
    "kim2019-width": {"r_squared": (1.0, 1e-3)},
    "kim2019-voltage": {"scale": (0.6, 0.005)},
    "kim2019-current": {"energy": (100e-15, 0.05), "r_squared": (1.0, 1e-4)},
    "kim2019-retention": {"loss": (5.4, 0.0093)},
    "yang2018-relaxation": {"relaxation_1": (0.110, 0.01), "relaxation_2": (2.624, 0.01)},
    "vandeburgt2017-energy": {"energy": (35e-18, 0.05)},
    "li2020-heater": {"step": (2.8e-9, 0.03)},
}


@pytest.mark.parametrize("name", FIGURES)
def test_single_figures_come_back(name: str) -> None:
    (check,) = [check for check in all_checks() if check.name == name]
    result = perform(check)
    assert result.passed
    for figure, (expected, share) in FIGURES[name].items():
        assert result.values[figure] == pytest.approx(expected, rel=share)


@pytest.mark.parametrize(
    "name",
    [
        "kwak2021-hall-bar",
        "kim2019-channel-length",
        "film-voltammetry",
        "onen2022-breakdown",
        "yang2018-devices",
        "li2020-arrhenius",
    ],
)
def test_other_checks_hold(name: str) -> None:
    (check,) = chosen([name])
    assert perform(check).passed


def test_a_device_that_does_not_do_what_is_expected_fails() -> None:
    """Labels of another publication's fit: the window stays, the curve does not (Tang et al. 2018)."""
    values = measured_figures("nikam2021ysz:minus", reads=20)
    kept = {item.figure: item.holds(values[item.figure]) for item in window_check("nikam2021ysz").expectations}
    assert kept["conductance_max"]
    assert not kept["label_depression"]


def test_there_is_a_window_for_each_device_and_names_are_unique() -> None:
    checks = all_checks()
    assert sum(check.name.endswith("-window") for check in checks) == 27
    assert sum(len(check.expectations) == 5 for check in checks) == 19  # devices with printed labels
    assert len({check.name for check in checks}) == len(checks)
    for check in checks:
        assert all(item.low < item.high for item in check.expectations)


def test_checks_are_chosen_by_name_and_by_device() -> None:
    assert {check.name for check in chosen(["kim2019"])} > {"kim2019-window", "kim2019-width"}
    assert [check.name for check in chosen(["kim2019-width", "li2020-heater"])] == ["kim2019-width", "li2020-heater"]
    with pytest.raises(ValueError, match="no check or device 'kim'"):
        chosen(["kim"])


@pytest.mark.parametrize(
    ("expectation", "inside", "outside", "words"),
    [
        (around("x", "X", 5.4, 0.05, "%"), 5.449, 5.451, ("5.4 %", "±0.05 %")),
        (close_to("x", "X", -0.3, 0.1), -0.27, -0.26, ("-0.3", "±10 %")),
        (at_least("x", "X", 500.0, "%"), 72738.0, 499.0, ("> 500 %", "bound")),
        (at_most("x", "X", 0.711, "%"), 0.4, -0.1, ("< 0.711 %", "bound")),
        (between("x", "X", 850.0, 3400.0, "%"), 1533.0, 849.0, ("850 % … 3400 %", "range")),
        (close_to("x", "X", 1.5e-6, 0.01, "S"), 1.51e-6, 1.52e-6, ("1.5 µS", "±1 %")),
    ],
)
def test_expectations(expectation: object, inside: float, outside: float, words: tuple[str, str]) -> None:
    assert expectation.holds(inside)  # type: ignore[attr-defined]
    for value in (outside, None, math.nan):
        assert not expectation.holds(value)  # type: ignore[attr-defined]
    assert (expectation.expected, expectation.tolerance) == words  # type: ignore[attr-defined]


def test_a_figure_that_could_not_be_had_fails() -> None:
    check = Check("none", "kim2019", "nobody", "not at all", (at_least("x", "X", 0.0),), dict)
    assert not perform(check).passed


def test_a_bench_has_no_errors_of_instruments_and_the_device_by_path(tmp_path: Path) -> None:
    source = Path(__file__).parents[3] / "emulator" / "devices" / "onen2022.toml"
    own = tmp_path / "own.toml"
    own.write_text(source.read_text("utf-8"), "utf-8")
    read = []
    for device in ("onen2022", str(own), f"{own}:minus"):
        with bench_of(device) as bench:
            read.append(conductance(bench))
    assert read == pytest.approx([11e-9] * 3, rel=2e-3)  # a range settles to about 0.1 %
