"""Settings of the simulated 33622A: defaults, number forms, limits and couplings of the Operating and Service Guide."""

import math

import pytest

from tests.sim_instruments.generator_unit import Generator


@pytest.fixture
def generator() -> Generator:
    return Generator()


DEFAULTS = {
    "OUTP?": "0", "FUNC?": "SIN", "FREQ?": "+1.000000000000000E+03", "VOLT?": "+1.000000000000000E-01",
    "VOLT:OFFS?": "+0.000000000000000E+00", "VOLT:UNIT?": "VPP", "OUTP:LOAD?": "+5.000000000000000E+01",
    "OUTP:POL?": "NORM", "BURS:STAT?": "0", "BURS:MODE?": "TRIG", "BURS:NCYC?": "+1.000000000000000E+00",
    "BURS:INT:PER?": "+1.000000000000000E-02", "TRIG:SOUR?": "IMM", "TRIG:DEL?": "+0.000000000000000E+00",
    "FUNC:PULS:WIDT?": "+1.000000000000000E-04", "FUNC:PULS:PER?": "+1.000000000000000E-03", "FUNC:PULS:HOLD?": "WIDT",
    "FUNC:PULS:TRAN:LEAD?": "+1.000000000000000E-08", "FUNC:SQU:DCYC?": "+5.000000000000000E+01",
    "FORM:BORD?": "NORM", "OUTP:SYNC?": "1", "OUTP:SYNC:SOUR?": "CH1", "SYST:ERR?": '+0,"No error"',
}  # fmt: skip


@pytest.mark.parametrize(("query", "reply"), DEFAULTS.items())
def test_defaults_after_power_on_and_reset(generator: Generator, query: str, reply: str) -> None:
    assert generator.ask(query) == reply
    generator.write(
        "FUNC PULS;VOLT 2;VOLT:OFFS 1;:OUTP:LOAD INF;POL INV;:OUTP ON;:BURS:NCYC 9;MODE GAT;:FORM:BORD SWAP"
    )
    generator.write("TRIG:SOUR BUS;DEL 1;:FUNC:PULS:PER 2;WIDT 1;TRAN 1E-6;HOLD DCYC;:OUTP:SYNC OFF", "*RST")
    assert generator.ask(query) == reply


def test_identity(generator: Generator) -> None:
    maker, model, serial, firmware = generator.ask("*IDN?").split(",")
    assert (maker, model) == ("Agilent Technologies", "33622A")
    assert serial
    assert firmware


def test_error_queue_of_twenty_ends_in_overflow(generator: Generator) -> None:
    for _ in range(25):
        generator.write("FOO")
    assert generator.errors() == [-113] * 19 + [-350]


def test_both_channels_are_independent(generator: Generator) -> None:
    generator.write("SOUR1:VOLT 1;:SOURCE2:VOLT 2;:OUTP2:LOAD INF;:SOUR2:FUNC SQU")
    assert (generator.number("VOLT?"), generator.number("SOUR2:VOLT?")) == (1.0, 4.0)
    assert generator.ask("SOUR1:FUNC?;:SOUR2:FUNC?") == "SIN;SQU"
    generator.write("SOUR3:VOLT 1;:OUTP3 ON;:TRIG3:SOUR BUS")
    assert generator.errors() == [-114] * 3


@pytest.mark.parametrize("function", ["SIN", "SQU", "TRI", "RAMP", "PULS", "PRBS", "NOIS", "ARB", "DC"])
def test_all_functions_can_be_selected(generator: Generator, function: str) -> None:
    generator.write(f"FUNC {function};:OUTP ON")
    assert generator.ask("FUNC?") == function
    generator.harness.advance(0.01)
    assert generator.errors() == []


# -- load ------------------------------------------------------------------------------------------------------


def test_a_change_of_load_rescales_what_is_displayed_and_leaves_the_terminals_alone(generator: Generator) -> None:
    generator.write("FUNC DC;VOLT:OFFS 1;:OUTP ON")
    assert generator.level == pytest.approx(2.0, rel=1e-6), "50 ohms told, an open circuit connected: twice the voltage"
    generator.write("OUTP:LOAD INF")
    assert generator.ask("OUTP:LOAD?") == "+9.900000000000000E+37"
    assert generator.number("VOLT:OFFS?") == 2.0
    assert generator.level == pytest.approx(2.0, rel=1e-6)
    generator.write("OUTP:LOAD 150")
    assert generator.number("VOLT:OFFS?") == pytest.approx(1.5), "2 V behind 50 ohms, at 150 ohms"
    assert generator.errors() == []


def test_the_source_has_fifty_ohms() -> None:
    generator = Generator(load=200.0)
    generator.write("OUTP:LOAD INF;:FUNC DC;VOLT:OFFS 5;:OUTP ON")
    assert generator.level == pytest.approx(4.0, rel=1e-9)


def test_load_limits(generator: Generator) -> None:
    assert [generator.number(f"OUTP:LOAD? {word}") for word in ("MIN", "MAX", "DEF")] == [1.0, 10e3, 50.0]
    generator.write("OUTP:LOAD 0.5")
    assert (generator.number("OUTP:LOAD?"), generator.errors()) == (1.0, [-222])


# -- levels ----------------------------------------------------------------------------------------------------


def test_high_and_low_are_amplitude_and_offset(generator: Generator) -> None:
    generator.write("VOLT:HIGH 2;LOW -3")
    assert (generator.number("VOLT?"), generator.number("VOLT:OFFS?")) == (5.0, -0.5)
    generator.write("VOLT 1;VOLT:OFFS 0.25")
    assert (generator.number("VOLT:HIGH?"), generator.number("VOLT:LOW?")) == (0.75, -0.25)
    assert generator.errors() == []


@pytest.mark.parametrize(("load", "factor"), [("50", 1.0), ("INF", 2.0)])
def test_amplitude_limits_depend_on_the_load(generator: Generator, load: str, factor: float) -> None:
    generator.write(f"OUTP:LOAD {load};:VOLT {10 * factor}")
    assert (generator.number("VOLT?"), generator.errors()) == (10 * factor, [])
    generator.write(f"VOLT {11 * factor}")
    assert (generator.number("VOLT?"), generator.errors()) == (10 * factor, [-222])
    generator.write(f"VOLT {0.5e-3 * factor}")
    assert (generator.number("VOLT?"), generator.errors()) == (pytest.approx(1e-3 * factor), [-222])
    assert generator.number("VOLT? MIN") == pytest.approx(1e-3 * factor)


def test_offset_and_half_amplitude_stay_within_the_peak(generator: Generator) -> None:
    generator.write("VOLT 4;VOLT:OFFS 3.5")
    assert (generator.number("VOLT:OFFS?"), generator.errors()) == (3.0, [-222]), "5 V - 4 V / 2"
    generator.write("VOLT 6")
    assert (generator.number("VOLT?"), generator.errors()) == (4.0, [-222]), "2 (5 V - 3 V)"
    assert generator.number("VOLT:OFFS? MAX") == 3.0


def test_a_high_level_below_the_low_level_takes_it_along(generator: Generator) -> None:
    generator.write("VOLT:HIGH 1;LOW 0;HIGH -2")
    assert generator.number("VOLT:HIGH?") == pytest.approx(-2.0)
    assert generator.number("VOLT:LOW?") == pytest.approx(-2.001), "1 mV less than the high level"
    assert generator.errors() == [-221]


def test_a_low_level_above_the_high_level_takes_it_along(generator: Generator) -> None:
    generator.write("VOLT:HIGH 1;LOW 2")
    assert generator.number("VOLT:HIGH?") == pytest.approx(2.001)
    assert generator.errors() == [-221]


def test_levels_beyond_the_output_are_clipped(generator: Generator) -> None:
    generator.write("VOLT:HIGH 6")
    assert (generator.number("VOLT:HIGH?"), generator.errors()) == (5.0, [-222])
    generator.write("VOLT:LOW -6")
    assert (generator.number("VOLT:LOW?"), generator.errors()) == (-5.0, [-222])


def test_voltage_limits_clip_with_a_settings_conflict(generator: Generator) -> None:
    generator.write("VOLT:HIGH 1;LOW 0;:VOLT:LIM:HIGH 2;LOW -1;STAT ON;:VOLT:HIGH 3")
    assert (generator.number("VOLT:HIGH?"), generator.errors()) == (2.0, [-221])
    generator.write("OUTP:LOAD INF")
    assert (generator.number("OUTP:LOAD?"), generator.errors()) == (50.0, [-221])
    generator.write("VOLT:LIM:HIGH 1.5")
    assert (generator.number("VOLT:LIM:HIGH?"), generator.errors()) == (2.0, [-221])
    generator.write("VOLT:LIM:STAT OFF;:VOLT:HIGH 3;:VOLT:LIM:STAT ON")
    assert (generator.ask("VOLT:LIM:STAT?"), generator.errors()) == ("0", [-221])


def test_dc_uses_the_whole_offset_range_and_gives_it_back(generator: Generator) -> None:
    generator.write("VOLT 2;FUNC DC;VOLT:OFFS 5")
    assert (generator.number("VOLT:OFFS?"), generator.errors()) == (5.0, [])
    generator.write("FUNC PULS")
    assert (generator.number("VOLT:OFFS?"), generator.errors()) == (4.0, [-221])


@pytest.mark.parametrize(
    ("function", "vrms"),
    [("SIN", 1.0 / (2 * math.sqrt(2))), ("SQU", 0.5), ("PULS", 0.5), ("RAMP", 1 / (2 * math.sqrt(3)))],
)
def test_units_of_the_amplitude(generator: Generator, function: str, vrms: float) -> None:
    generator.write(f"FUNC {function};VOLT 1;VOLT:UNIT VRMS")
    assert generator.number("VOLT?") == pytest.approx(vrms)
    generator.write("VOLT:UNIT DBM")
    assert generator.number("VOLT?") == pytest.approx(10 * math.log10(vrms**2 / 50 / 1e-3))
    generator.write("VOLT 0;VOLT:UNIT VRMS")
    assert generator.number("VOLT?") == pytest.approx(math.sqrt(50e-3)), "0 dBm is 1 mW"
    generator.write("VOLT 500 MVPP")
    assert generator.number("VOLT?") == pytest.approx(vrms / 2)


def test_dbm_needs_a_finite_load(generator: Generator) -> None:
    generator.write("VOLT:UNIT DBM;:OUTP:LOAD INF")
    assert generator.ask("VOLT:UNIT?") == "VPP"
    generator.write("VOLT:UNIT DBM", "VOLT 3 DBM")
    assert generator.errors() == [-221, -221]


# -- pulse -----------------------------------------------------------------------------------------------------


def test_a_pulse_that_fits_is_taken_as_it_is(generator: Generator) -> None:
    generator.write("FUNC PULS;FUNC:PULS:PER 1;WIDT 100 MS;TRAN:LEAD 20NS;TRA 1 US")
    assert generator.ask("FUNC:PULS:WIDT?;PER?;TRAN:LEAD?;TRA?") == (
        "+1.000000000000000E-01;+1.000000000000000E+00;+2.000000000000000E-08;+1.000000000000000E-06"
    )
    assert generator.errors() == []


def test_period_and_frequency_are_the_same_setting(generator: Generator) -> None:
    generator.write("FUNC PULS;FREQ 250")
    assert generator.number("FUNC:PULS:PER?") == 4e-3
    generator.write("FUNC:PULS:PER 10E-6;WIDT 1E-6")
    assert generator.number("FREQ?") == pytest.approx(1e5)


def test_a_width_longer_than_the_period_is_cut_with_data_out_of_range(generator: Generator) -> None:
    generator.write("FUNC PULS;FUNC:PULS:WIDT 2 MS")
    width = generator.number("FUNC:PULS:WIDT?")
    assert 0.9e-3 < width < 1e-3
    assert width + generator.number("FUNC:PULS:TRAN:LEAD?") < 1e-3
    assert generator.errors()[0] == -222


def test_a_period_shorter_than_the_width_cuts_the_width_with_a_settings_conflict(generator: Generator) -> None:
    generator.write("FUNC PULS;FUNC:PULS:PER 50 US")
    assert generator.number("FUNC:PULS:PER?") == pytest.approx(50e-6)
    assert generator.number("FUNC:PULS:WIDT?") < 50e-6
    assert -221 in generator.errors()


def test_edges_give_way_before_the_width(generator: Generator) -> None:
    generator.write("FUNC PULS;FUNC:PULS:TRAN 1 US;WIDT 100 NS")
    assert generator.number("FUNC:PULS:WIDT?") == pytest.approx(100e-9)
    assert generator.number("FUNC:PULS:TRAN?") <= 0.625 * 100e-9 * (1 + 1e-9), "33220A and 33250A guides: 0.625 x width"
    assert generator.errors() == [-221]


def test_edges_that_do_not_fit_are_cut(generator: Generator) -> None:
    generator.write("FUNC PULS;FUNC:PULS:WIDT 100 NS;TRAN 500 NS")
    assert generator.number("FUNC:PULS:TRAN:TRA?") <= 0.625 * 100e-9 * (1 + 1e-9)
    assert generator.errors() == [-222]


@pytest.mark.parametrize(("edge", "kept"), [(1e-9, 2.9e-9), (2e-6, 1e-6)])
def test_edge_limits(generator: Generator, edge: float, kept: float) -> None:
    generator.write(f"FUNC PULS;FUNC:PULS:TRAN:BOTH {edge}")
    assert (generator.number("FUNC:PULS:TRAN?"), generator.errors()) == (kept, [-222])


def test_the_shortest_pulse(generator: Generator) -> None:
    generator.write("FUNC PULS;FUNC:PULS:TRAN 2.9 NS;WIDT 5 NS;PER 10 NS")
    assert generator.ask("FUNC:PULS:WIDT?;PER?;TRAN?") == (
        "+5.000000000000000E-09;+1.000000000000000E-08;+2.900000000000000E-09"
    )
    assert generator.errors() == []
    generator.write("FUNC:PULS:WIDT 1 NS")
    assert (generator.number("FUNC:PULS:WIDT?"), generator.errors()) == (5e-9, [-222])


def test_duty_cycle_and_hold(generator: Generator) -> None:
    generator.write("FUNC PULS;FUNC:PULS:DCYC 25")
    assert generator.number("FUNC:PULS:WIDT?") == pytest.approx(250e-6)
    generator.write("FUNC:PULS:PER 2 MS")
    assert generator.number("FUNC:PULS:DCYC?") == pytest.approx(12.5)
    generator.write("FUNC:PULS:HOLD DCYC;PER 4 MS")
    assert generator.number("FUNC:PULS:WIDT?") == pytest.approx(500e-6)
    assert generator.errors() == []


def test_a_frequency_too_high_for_the_function_is_reduced(generator: Generator) -> None:
    generator.write("FREQ 120 MHZ;FUNC RAMP")
    assert (generator.number("FREQ?"), generator.errors()) == (800e3, [-221])
    generator.write("FREQ 1 MHZ")
    assert (generator.number("FREQ?"), generator.errors()) == (800e3, [-222])


def test_burst_and_trigger_settings_with_limits(generator: Generator) -> None:
    generator.write("BURS:NCYC 1E8;:TRIG:SOUR EXT;TIM 0.3;:BURS:MODE GATED")
    assert generator.ask("BURS:NCYC?;:TRIG:SOUR?;TIM?;:BURS:MODE?") == (
        "+1.000000000000000E+08;EXT;+3.000000000000000E-01;GAT"
    )
    generator.write("BURS:NCYC INF")
    assert generator.number("BURS:NCYC?") == 9.9e37
    generator.write("BURS:NCYC 2E8;:TRIG:DEL 1001")
    assert (generator.number("BURS:NCYC?"), generator.number("TRIG:DEL?")) == (1e8, 1000.0)
    assert generator.errors() == [-222, -222]


def test_a_burst_period_that_is_too_short_grows(generator: Generator) -> None:
    generator.write("BURS:NCYC 100;STAT ON")
    assert generator.number("BURS:INT:PER?") > 0.1
    assert generator.errors() == [-221]


def test_burst_of_dc_is_a_settings_conflict(generator: Generator) -> None:
    generator.write("FUNC DC;BURS:STAT ON")
    assert (generator.ask("BURS:STAT?"), generator.errors()) == ("0", [-221])


def test_apply_sets_everything_and_turns_the_output_on(generator: Generator) -> None:
    generator.write("BURS:STAT ON;:TRIG:SOUR BUS", "APPL:PULS 2 KHZ, 3.0 VPP, -0.5 V")
    assert generator.ask("OUTP?;:BURS:STAT?;:TRIG:SOUR?") == "1;0;IMM"
    assert generator.ask("APPL?") == '"PULS +2.000000000000000E+03,+3.000000000000000E+00,-5.000000000000000E-01"'
    generator.write("APPL:SIN", "APPL:SQU DEF,MAX")
    assert generator.ask("APPL?") == '"SQU +1.000000000000000E+03,+1.000000000000000E+01,+0.000000000000000E+00"'
    generator.write("SOUR2:APPL:DC DEF,DEF,2")
    assert generator.ask("OUTP2?;:SOUR2:VOLT:OFFS?") == "1;+2.000000000000000E+00"
    assert generator.errors() == []


def test_phase_in_three_units(generator: Generator) -> None:
    generator.write("PHAS 90")
    generator.write("UNIT:ANGL RAD")
    assert generator.number("PHAS?") == pytest.approx(math.pi / 2)
    generator.write("SOUR1:PHAS 0.25E-3 SEC;:UNIT:ANGL SEC")
    assert generator.number("PHAS?") == pytest.approx(0.25e-3)
    generator.write("UNIT:ANGL DEG;:PHAS:SYNC")
    assert generator.number("PHAS?") == pytest.approx(90.0)


def test_accuracy_belongs_to_the_unit_and_can_be_switched_off() -> None:
    levels = []
    for seed in (1, 1, 2):
        generator = Generator(accuracy=True, seed=seed)
        generator.write("OUTP:LOAD INF;:FUNC DC;VOLT:OFFS 4;:OUTP ON")
        levels.append(generator.level)
    assert levels[0] == levels[1] != levels[2]
    for level in levels:
        assert 0.0 < abs(level - 4.0) <= 0.01 * 4.0 + 4e-3


def test_the_clock_and_its_lock(generator: Generator) -> None:
    """Both headers belong to SOURce in a driver that was generated from the maker's list of commands (QuLab-IT)."""
    generator.write("SOUR:ROSC:SOUR EXT", "SOUR2:PHAS:UNL:ERR:STAT ON")
    assert (generator.ask("ROSC:SOUR?"), generator.ask("SOUR:ROSC:SOUR:AUTO?")) == ("EXT", "0")
    assert (generator.ask("PHAS:UNL:ERR?"), generator.ask("SOUR2:PHAS:UNL:ERR:STAT?")) == ("0", "1")
    assert generator.errors() == []
