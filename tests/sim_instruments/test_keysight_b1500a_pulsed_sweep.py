"""Pulsed sweeps of the B1500A: PWV, PWI, MM 4 (programming guide ed. 11, "Pulsed Sweep Measurement")."""

from __future__ import annotations

import pytest

from tests.sim_instruments.unit_b1500a import Analyser

SETUP = ("CN 1", "MM 4,1", "RI 1,-15", "AIT 2,3,1E-3", "PT 0,0.01,0.02", "PWV 1,1,20,0.2,1,2,3,1E-4")


@pytest.fixture
def analyser() -> Analyser:
    """1 MΩ on the SMU in slot 1."""
    analyser = Analyser()
    analyser.write(*SETUP)
    return analyser


def values(reply: str) -> list[float]:
    return [float(datum[3:]) for datum in reply.split(",")]


def test_one_reading_at_the_end_of_each_pulse(analyser: Analyser) -> None:
    analyser.ask("XE")  # goes to the measurement range
    started = analyser.now
    assert values(analyser.ask("XE")) == pytest.approx([1e-6, 1.5e-6, 2e-6], rel=1e-3)
    assert analyser.now - started == pytest.approx(3 * 0.02 + 3e-3)  # periods, and the message
    assert analyser.voltage("1") == pytest.approx(0.2)  # the base
    assert analyser.error() == 0


def test_up_and_down_with_source_data(analyser: Analyser) -> None:
    analyser.write("PWV 1,3,20,0.2,1,2,2,1E-4", "FMT 1,1")
    words = analyser.ask("XE").split(",")
    assert [word[0] for word in words] == ["N", "W"] * 3 + ["N", "E"]
    assert [float(word[3:]) for word in words[1::2]] == pytest.approx([1, 2, 2, 1])


def test_logarithmic_pulses_of_current(analyser: Analyser) -> None:
    analyser.write("PWI 1,2,15,1E-8,1E-7,1E-6,3,5", "CMM 1,2")
    assert values(analyser.ask("XE")) == pytest.approx([0.1, 10**-0.5, 1.0], rel=1e-3)


def test_an_abort_at_the_limit_fills_up_with_dummies(analyser: Analyser) -> None:
    analyser.write("PWV 1,1,20,0.2,1,2,3,1.2E-6", "WM 2")
    words = analyser.ask("XE").split(",")
    assert [word[0] for word in words] == ["N", "C", "V"]
    assert words[2].endswith("E+99")


def test_the_settings_are_learned(analyser: Analyser) -> None:
    learned = analyser.ask("*LRN? 34")
    assert learned.endswith("PWV1,1,20,+2.00000E-01,+1.00000E+00,+2.00000E+00,3,+1.00000E-04")


@pytest.mark.parametrize(("messages", "code"), [
    (("*RST", "CN 1", "MM 4,1", "XE"), 220), (("CN 2", "MM 4,1,2", "XE"), 210), (("AIT 2,3,0.02", "XE"), 120),
    (("PWV 1,2,20,0,-1,1,3",), 120), (("PWV 1,1,20,0,1,2,3,0",), 120), (("PWV 1,1,20,0,1,2",), 102),
    (("PWV 1,1,20,0,1,300,3",), 120),
])  # fmt: skip
def test_what_cannot_be_set_up(analyser: Analyser, messages: tuple[str, ...], code: int) -> None:
    analyser.write(*messages)
    assert analyser.error() == code
