"""Trigger model, digital lines and configuration lists of the 2450 (reference manual 2450-901-01, chapter 6)."""

from __future__ import annotations

import pytest

from tests.sim_instruments.unit_2450 import Unit2450


@pytest.fixture
def unit() -> Unit2450:
    unit = Unit2450(1e6)
    unit.write(':SENS:FUNC "CURR";:SENS:CURR:AZER OFF;NPLC 1;RANG 1E-5', ":SOUR:VOLT:READ:BACK OFF")
    unit.write(":SOUR:VOLT:RANG 20", ":SOUR:VOLT 2;:OUTP ON")
    return unit


class TestDigitalLines:
    def test_after_a_reset_all_lines_are_inputs_that_float_high(self, unit: Unit2450) -> None:
        assert unit.ask(":DIG:LINE3:MODE?") == "DIG,IN"
        assert unit.ask(":DIG:LINE3:STAT?") == "1"
        assert unit.ask(":DIG:READ?") == "63"

    def test_written_and_read_as_a_port(self, unit: Unit2450) -> None:
        """Page 6-21: 42 is lines 2, 4 and 6."""
        unit.write(*(f":DIG:LINE{line}:MODE DIG,OUT" for line in range(1, 7)), ":DIG:WRIT 42")
        assert [unit.ask(f":DIG:LINE{line}:STAT?") for line in range(1, 7)] == ["0", "1", "0", "1", "0", "1"]
        assert unit.ask(":DIG:READ?") == "42"

    def test_an_input_shows_what_pulls_it(self, unit: Unit2450) -> None:
        unit.unit.digital_port.lines[1].pull(True)
        assert unit.ask(":DIG:LINE2:STAT?") == "0"

    def test_an_open_drain_line_is_low_when_either_side_pulls(self, unit: Unit2450) -> None:
        unit.write(":DIG:LINE1:MODE DIG,OPEN", ":DIG:LINE1:STAT 1")
        assert unit.ask(":DIG:LINE1:STAT?") == "1"
        unit.unit.digital_port.lines[0].pull(True)
        assert unit.ask(":DIG:LINE1:STAT?") == "0"

    def test_what_cannot_be(self, unit: Unit2450) -> None:
        unit.write(":DIG:LINE1:STAT 0", ":DIG:LINE1:MODE DIG,MAST", ":DIG:LINE7:MODE DIG,IN", ":DIG:WRIT 64")
        assert unit.errors() == [-221, -221, -114, -222]
        unit.write(":DIG:LINE1:MODE TRIG,IN", ":DIG:WRIT 1")  # the port needs six digital lines
        assert unit.errors() == [-221]

    def test_settings_of_trigger_lines(self, unit: Unit2450) -> None:
        assert unit.ask(":TRIG:DIG1:IN:EDGE?;:TRIG:DIG1:OUT:LOG?;STIM?") == "FALL;NEG;NONE"
        assert unit.number(":TRIG:DIG1:OUT:PULS?") == 10e-6
        unit.write(":TRIG:DIG2:IN:EDGE RIS;:TRIG:DIG2:OUT:LOG POS;PULS 1E-3;STIM NOT2")
        assert unit.ask(":TRIG:DIG2:IN:EDGE?;:TRIG:DIG2:OUT:LOG?;STIM?") == "RIS;POS;NOT2"
        assert unit.number(":TRIG:DIG2:OUT:PULS?") == 1e-3

    def test_a_notify_block_makes_a_pulse_on_the_line_that_waits_for_it(self, unit: Unit2450) -> None:
        levels: list[bool] = []
        unit.surroundings.triggers.add_input("other.in", levels.append)
        unit.surroundings.triggers.connect("smu.digio1", "other.in")
        unit.write(":DIG:LINE1:MODE TRIG,OUT", ":TRIG:DIG1:OUT:STIM NOTify1", ":TRIG:BLOC:NOT 1, 1", ":INIT", "*WAI")
        assert levels == [True, False, True]  # at rest, then the pulse of negative logic
        assert unit.errors() == []

    def test_a_block_sets_lines(self, unit: Unit2450) -> None:
        unit.write(*(f":DIG:LINE{line}:MODE DIG,OUT" for line in range(1, 7)), ":TRIG:BLOC:DIG:IO 1, 20, 20", ":INIT")
        assert unit.ask(":DIG:READ?") == "20"

    def test_an_edge_releases_a_wait_block(self, unit: Unit2450) -> None:
        unit.write(":DIG:LINE5:MODE TRIG,IN", ":TRIG:BLOC:WAIT 1, DIG5", ":TRIG:BLOC:MEAS 2", ":INIT")
        assert unit.ask(":TRIG:STAT?") == "WAITING;WAITING;1"
        unit.unit.digital_port.lines[4].pull(True)
        unit.write("*WAI")
        assert unit.ask(":TRIG:STAT?") == "IDLE;IDLE;3"
        assert unit.ask(":TRAC:ACT?") == "1"


class TestWaits:
    def test_all_events_that_are_asked_for(self, unit: Unit2450) -> None:
        for line in (1, 2):
            unit.write(f":DIG:LINE{line}:MODE TRIG,IN")
        unit.write(":TRIG:BLOC:WAIT 1, DIG1, NEV, AND, DIG2", ":TRIG:BLOC:MEAS 2", ":INIT")
        unit.unit.digital_port.lines[0].pull(True)
        assert unit.ask(":TRIG:STAT?").startswith("WAITING")
        unit.unit.digital_port.lines[1].pull(True)
        unit.write("*WAI")
        assert unit.ask(":TRIG:STAT?").startswith("IDLE")

    @pytest.mark.parametrize(("clear", "state"), [("NEV", "IDLE"), ("ENT", "WAITING")])
    def test_an_event_before_the_block_counts_unless_it_is_cleared(
        self, unit: Unit2450, clear: str, state: str
    ) -> None:
        unit.write(":DIG:LINE1:MODE TRIG,IN", ":TRIG:BLOC:DEL:CONS 1, 1", f":TRIG:BLOC:WAIT 2, DIG1, {clear}", ":INIT")
        unit.unit.digital_port.lines[0].pull(True)
        unit.harness.advance(1.0)
        assert unit.ask(":TRIG:STAT?").split(";")[0] == state

    def test_paused_and_resumed(self, unit: Unit2450) -> None:
        unit.write(":TRIG:BLOC:DEL:CONS 1, 1", ":TRIG:BLOC:MEAS 2", ":INIT", ":TRIG:PAUS")
        unit.harness.advance(5.0)
        assert unit.ask(":TRIG:STAT?").startswith("WAITING")
        assert unit.ask(":TRAC:ACT?") == "0"
        unit.write(":TRIG:RES")
        assert unit.ask(":TRAC:ACT?") == "1"
        unit.write(":TRIG:RES", ":TRIG:PAUS")
        assert unit.errors() == [-221, -221]


class TestBranches:
    @pytest.mark.parametrize(("kind", "volts", "branches"), [
        ("OUTside", 0.1, True), ("OUTside", 0.5, False), ("INside", 0.5, True), ("ABOVe", 0.7, True),
        ("ABOVe", 0.5, False), ("BELow", 0.1, True), ("BELow", 0.5, False),
    ])  # fmt: skip
    def test_on_a_measurement_beyond_constant_limits(
        self, unit: Unit2450, kind: str, volts: float, branches: bool
    ) -> None:
        """The limits of page 6-133, 0.15 and 0.65, for a measured voltage."""
        unit.write(":SENS:FUNC 'VOLT'", f":SOUR:VOLT {volts}", ":TRIG:BLOC:NOP 1", ":TRIG:BLOC:MEAS 4")
        unit.write(f":TRIG:BLOC:BRAN:LIM:CONS 5, {kind}, 0.15, 0.65, 8, 4", ":TRIG:BLOC:MEAS 6", ":TRIG:BLOC:NOP 8")
        unit.write(":INIT", "*WAI")
        assert unit.ask(":TRAC:ACT?") == ("1" if branches else "2")
        assert unit.errors() == []

    def test_on_the_limits_of_a_limit_test(self, unit: Unit2450) -> None:
        unit.write(":CALC2:CURR:LIM1:LOW 1E-6;UPP 3E-6", ":TRIG:BLOC:MEAS 1", ":TRIG:BLOC:BRAN:LIM:DYN 2, IN, 1, 4")
        unit.write(":TRIG:BLOC:MEAS 3", ":TRIG:BLOC:NOP 4", ":INIT", "*WAI")
        assert unit.ask(":TRAC:ACT?") == "1"

    def test_limits_without_a_measurement_fail(self, unit: Unit2450) -> None:
        unit.write(":TRIG:BLOC:BRAN:LIM:CONS 1, IN, 0, 1, 0", ":INIT")
        assert unit.errors() == [-221]
        assert unit.ask(":TRIG:STAT?").startswith("FAILED")

    def test_on_two_measurements_that_hardly_differ(self, unit: Unit2450) -> None:
        """Steps of 1 V into 1 MΩ: earlier less later is -1 µA, below 0.5 µA, until the level is the limit's."""
        unit.write(':TRIG:BLOC:MEAS 1, "defbuffer1", 2', ":TRIG:BLOC:BRAN:DELT 2, 1E-9, 4", ":TRIG:BLOC:MEAS 3")
        unit.write(":TRIG:BLOC:NOP 4", ":INIT", "*WAI")
        assert unit.ask(":TRAC:ACT?") == "2"

    def test_once_and_all_but_once(self, unit: Unit2450) -> None:
        """The loop of three rounds passes block 2 each time; ONCE leaves the measurement out of the first round."""
        loop = (":TRIG:BLOC:MEAS 3", ":TRIG:BLOC:BRAN:COUN 4, 3, 2", ":INIT", "*WAI")
        unit.write(":TRIG:BLOC:NOP 1", ":TRIG:BLOC:BRAN:ONCE 2, 4", *loop)
        assert unit.ask(":TRAC:ACT?") == "2"
        unit.write(":TRAC:CLE", ":TRIG:BLOC:BRAN:ONCE:EXCL 2, 4", *loop)
        assert unit.ask(":TRAC:ACT?") == "1"

    def test_a_counter_is_told_and_reset(self, unit: Unit2450) -> None:
        """Five rounds; then the counter begins anew."""
        unit.write(":TRIG:BLOC:MEAS 1", ":TRIG:BLOC:BRAN:COUN 2, 5, 1", ":TRIG:BLOC:WAIT 3, COMM", ":INIT", "*TRG")
        assert unit.errors() == [-211]  # block 3 is not reached yet
        for _ in range(5):
            unit.harness.advance(0.1)
            unit.ask("*STB?")
        assert unit.ask(":TRAC:ACT?;:TRIG:BLOC:BRAN:COUN:COUN? 2") == "5;0"

    def test_a_text_in_the_event_log(self, unit: Unit2450) -> None:
        unit.write(':TRIG:BLOC:LOG:EVEN 1, INFO1, "half time"', ":INIT")
        assert unit.ask(":SYST:EVEN:COUN? INF") == "1"
        assert "half time;4;" in unit.ask(":SYST:EVEN:NEXT?")


class TestTemplates:
    def test_a_duration_loop_reads_as_long_as_it_is_told(self, unit: Unit2450) -> None:
        """Half a second of readings that take 20 ms each; the output goes on for it."""
        unit.write(":OUTP OFF", ':TRIG:LOAD "DurationLoop", 0.5, 0, "defbuffer1"', ":INIT", "*WAI")
        assert int(unit.ask(":TRAC:ACT?")) == pytest.approx(25, abs=1)
        assert unit.number(":TRAC:DATA? 2, 2") == pytest.approx(2e-6, rel=1e-4)
        assert unit.ask(":OUTP?") == "0"

    def test_lists_of_both_sides_are_stepped_together(self, unit: Unit2450) -> None:
        unit.write(':SENS:CONF:LIST:CRE "m"', ':SOUR:CONF:LIST:CRE "s"')
        for volts, function in ((1, "CURR"), (2, "VOLT"), (3, "CURR")):
            unit.write(f":SOUR:VOLT {volts};:SENS:FUNC '{function}'")
            unit.write(':SENS:CONF:LIST:STOR "m"', ':SOUR:CONF:LIST:STOR "s"')
        unit.write(':TRIG:LOAD "ConfigList", "m", "s", 0.01', ":INIT", "*WAI")
        assert unit.numbers(":TRAC:DATA? 1, 3") == pytest.approx([1e-6, 2.0, 3e-6], rel=1e-4)
        assert unit.errors() == []

    def test_a_template_that_is_not_there(self, unit: Unit2450) -> None:
        unit.write(':TRIG:LOAD "SortBinning", 1, 0')
        assert unit.errors() == [-224]


class TestConfigurationLists:
    def test_settings_come_back(self, unit: Unit2450) -> None:
        unit.write(':SENS:CONF:LIST:CRE "m"', ":SENS:CURR:NPLC 5;RANG 1E-4", ':SENS:CONF:LIST:STOR "m"')
        unit.write(":SENS:CURR:NPLC 0.1;RANG 1E-6", ':SENS:CONF:LIST:REC "m", 1')
        assert unit.number(":SENS:CURR:NPLC?") == 5.0
        assert unit.number(":SENS:CURR:RANG?") == 1e-4
        unit.write(":SENS:CURR:NPLC 2")  # the list keeps what was stored
        unit.write(':SENS:CONF:LIST:REC "m"')
        assert unit.number(":SENS:CURR:NPLC?") == 5.0

    def test_names_come_one_by_one_in_alphabetical_order(self, unit: Unit2450) -> None:
        unit.write(':SENS:CONF:LIST:CRE "zeta"', ':SENS:CONF:LIST:CRE "alpha"', ':SOUR:CONF:LIST:CRE "beta"')
        assert [unit.ask(":SENS:CONF:LIST:CAT?") for _ in range(4)] == ["alpha", "zeta", '""', "alpha"]
        assert [unit.ask(":SOUR:CONF:LIST:CAT?") for _ in range(2)] == ["beta", '""']

    def test_entries_and_lists_are_deleted(self, unit: Unit2450) -> None:
        unit.write(':SOUR:CONF:LIST:CRE "s"', ':SOUR:CONF:LIST:STOR "s"', ":SOUR:VOLT 1", ':SOUR:CONF:LIST:STOR "s"')
        unit.write(':SOUR:CONF:LIST:DEL "s", 1')
        assert unit.ask(':SOUR:CONF:LIST:SIZE? "s"') == "1"
        unit.write(':SOUR:CONF:LIST:REC "s", 1', ':SOUR:CONF:LIST:DEL "s"', ':SOUR:CONF:LIST:REC "s"')
        assert unit.number(":SOUR:VOLT?") == 1.0
        assert unit.errors() == [-224]

    def test_a_list_holds_one_side(self, unit: Unit2450) -> None:
        unit.write(':SOUR:CONF:LIST:CRE "s"', ':SENS:CONF:LIST:STOR "s"', ':SENS:CONF:LIST:CRE "m"')
        unit.write(':SOUR:CONF:LIST:STOR "m"', ':SENS:CONF:LIST:STOR "m", 5')
        assert unit.errors() == [-224, -224, -222]


def test_a_logarithmic_sweep_towards_an_asymptote(unit: Unit2450) -> None:
    """Distances from 1 V: 1, 2, 4, 8 V."""
    unit.write(':SOUR:SWE:VOLT:LOG 2, 9, 4, 0, 1, BEST, OFF, OFF, "defbuffer1", 1', ":INIT", "*WAI")
    assert unit.numbers(':TRAC:DATA? 1, 4, "defbuffer1", SOUR') == pytest.approx([2, 3, 5, 9], rel=1e-6)
    unit.write(":SOUR:SWE:VOLT:LOG 0.5, 9, 4, 0, 1, BEST, OFF, OFF, 'defbuffer1', 1")
    assert unit.errors() == [-222]
