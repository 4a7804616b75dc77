"""The pulse generators of the simulated B1500A: what they put on their terminals, and when.

Expected behaviour: B1500A programming guide ed. 11, "SPGU Module"; levels and times by the shape of a trapezoid.
"""

import pytest

from emulator import Open
from tests.sim_instruments.unit_b1500a import Analyser

OPEN = {"501": 1e9, "502": 1e9}


def train(analyser: Analyser, *, base: float = 0.0, peak: float = 2.0, count: int = 5) -> None:
    analyser.write(
        "SIM 0", "SPPER 1E-3", f"SPRM 1,{count}", "CN 501", "SER 501,1E6", "SPM 501,1", "SPT 501,1,0,2E-4,2E-8",
        f"SPV 501,1,{base},{peak}",
    )  # fmt: skip


def test_settings_act_only_after_the_update() -> None:
    analyser = Analyser(OPEN)
    train(analyser, base=0.5)
    assert analyser.voltage("501") == 0.0
    analyser.write("SPUPD 501")
    assert analyser.voltage("501") == pytest.approx(0.5, abs=1e-3)
    analyser.write("SPV 501,1,1,2")
    assert analyser.voltage("501") == pytest.approx(0.5, abs=1e-3)
    assert analyser.error() == 0


def test_a_train_runs_its_count_and_ends_at_the_base() -> None:
    analyser = Analyser(OPEN)
    train(analyser, base=0.5)
    analyser.write("SPUPD 501", "SRP")
    assert analyser.ask("SPST?") == "1"
    mean = analyser.harness.measure(analyser.port("501"), 1e-3).voltage
    assert mean == pytest.approx(0.5 + 1.5 * 0.2, rel=1e-3)
    analyser.write("PA 0.01")
    assert analyser.ask("SPST?") == "0"
    assert analyser.voltage("501") == pytest.approx(0.5, abs=1e-3)


def test_a_free_run_lasts_until_it_is_stopped() -> None:
    analyser = Analyser(OPEN)
    train(analyser)
    analyser.write("SPRM 0", "SPUPD 501", "SRP", "PA 50")
    assert analyser.ask("SPST?") == "1"
    analyser.write("SPP")
    assert analyser.ask("SPST?") == "0"
    assert analyser.voltage("501") == 0.0


def test_a_duration_is_filled_with_periods() -> None:
    analyser = Analyser(OPEN)
    train(analyser)
    analyser.write("SPRM 2,0.02", "SPUPD 501", "SRP", "PA 0.01")
    assert analyser.ask("SPST?") == "1"
    analyser.write("PA 0.01")
    assert analyser.ask("SPST?") == "0"


@pytest.mark.parametrize(("told", "volts"), [(50.0, 4.0), (1e6, 2.0)])
def test_an_open_end_gets_twice_the_voltage_of_50_ohm(told: float, volts: float) -> None:
    analyser = Analyser(OPEN)
    train(analyser, base=2.0, peak=3.0)
    analyser.write(f"SER 501,{told}", "SPUPD 501")
    assert analyser.voltage("501") == pytest.approx(volts, abs=2e-3)


def test_a_50_ohm_load_divides() -> None:
    analyser = Analyser({"501": 50.0})
    train(analyser, base=2.0, peak=3.0)
    analyser.write("SER 501,50", "SPUPD 501")
    assert analyser.voltage("501") == pytest.approx(2.0, abs=2e-3)


def test_three_levels_of_two_pulse_sources() -> None:
    """From 0 V up by 2 V for 200 µs, then down by 1 V for 200 µs: the mean is (2 - 1) · 0.2 V."""
    analyser = Analyser(OPEN)
    train(analyser)
    analyser.write("SPM 501,3", "SPV 501,2,0,-1", "SPT 501,2,5E-4,2E-4,2E-8", "SPUPD 501", "SRP")
    assert analyser.harness.measure(analyser.port("501"), 1e-3).voltage == pytest.approx(0.2, rel=1e-2)


def test_a_dc_output() -> None:
    analyser = Analyser(OPEN)
    train(analyser)
    analyser.write("SPM 501,0", "SPV 501,0,1.5", "SPUPD 501", "SRP")
    assert analyser.voltage("501") == pytest.approx(1.5, abs=1e-3)
    assert analyser.ask("SPST?") == "0"


@pytest.mark.parametrize(
    "command",
    ["SPPER 1E-8", "SPPER 11", "SPRM 1,0", "SPRM 1,2000000", "SPRM 1", "SPRM 2,1E-7", "SPM 501,4", "SPV 501,3,0,1",
     "SPV 501,1,0,41", "SER 501,0.05", "SPT 501,1,0,5E-9,2E-8", "SPT 501,1,0,1E-4,5E-9", "SPT 501,0,0,1E-4,2E-8",
     "SPPER 1E-4;SPUPD 501"],
)  # fmt: skip
def test_what_the_generator_cannot_do_is_an_error(command: str) -> None:
    analyser = Analyser(OPEN)
    train(analyser)
    analyser.write(command)
    assert analyser.error() == 120


def test_an_update_needs_a_closed_switch() -> None:
    analyser = Analyser(OPEN)
    analyser.write("SPUPD 502")
    assert analyser.error() == 200
    assert isinstance(analyser.port("502").drive, Open)


def test_settings_read_back() -> None:
    analyser = Analyser(OPEN)
    train(analyser, base=-0.5)
    queries = ("SIM?", "SPRM?", "SPPER?", "SPM? 501", "SPV? 501,1", "SPT? 501,1", "SER? 501")
    expected = ("0", "1,5", "0.001", "1", "-0.5,2", "0,0.0002,2E-08,2E-08", "1000000")
    assert tuple(analyser.ask(query) for query in queries) == expected


def test_gain_and_offset_of_a_unit_stay_within_the_specification() -> None:
    """Data sheet, page 19: 0.5 % + 50 mV."""
    analyser = Analyser(OPEN)
    analyser.surroundings.accuracy = True
    unit = type(analyser.unit)(analyser.surroundings)
    for command in (b"CN 501;SER 501,1E6;SPV 501,1,10,0;SPUPD 501",):
        unit.execute(command)
    assert 0.0 < abs(analyser.voltage("501") - 10.0) <= 0.005 * 10.0 + 50e-3
