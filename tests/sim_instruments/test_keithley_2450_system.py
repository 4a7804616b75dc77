"""Display, system and status commands of the 2450 (reference manual 2450-901-01, chapter 6)."""

from __future__ import annotations

import pytest

from tests.sim_instruments.unit_2450 import Unit2450


@pytest.fixture
def unit() -> Unit2450:
    return Unit2450()


def test_the_front_panel_takes_and_remembers_settings(unit: Unit2450) -> None:
    unit.write(":DISP:LIGH:STAT ON25", ":DISP:READ:FORM EXP", ":DISP:VOLT:DIG 6", ":DISP:SCR USER", ":DISP:CLE")
    assert unit.ask(":DISP:LIGH:STAT?;:DISP:READ:FORM?;:DISP:VOLT:DIG?;:DISP:CURR:DIG?") == "ON25;EXP;6;5"
    unit.write(":DISP:DIG 4")
    assert [unit.ask(f":DISP:{name}:DIG?") for name in ("CURR", "VOLT", "RES")] == ["4"] * 3
    unit.write("*RST")
    assert unit.ask(":DISP:LIGH:STAT?;:DISP:READ:FORM?;:DISP:VOLT:DIG?") == "ON50;PREF;5"


def test_lines_of_the_user_display_are_shortened(unit: Unit2450) -> None:
    """Page 6-27: 20 characters above, 32 below, an error for more."""
    unit.write('DISP:USER1:TEXT "Batch A122"', "DISP:USER2:TEXT:DATA 'Test running'")
    assert unit.errors() == []
    unit.write(f'DISP:USER1:TEXT "{"x" * 21}"', 'DISP:USER3:TEXT "none"')
    assert unit.errors() == [-223, -114]
    assert unit.unit.system.panel.lines == {1: "x" * 20, 2: "Test running"}


def test_interfaces_are_remembered_beyond_a_reset(unit: Unit2450) -> None:
    unit.write(":SYST:GPIB:ADDR 21", ":SYST:ACC EXCL", ":SYST:POS SAV1", "*RST")
    assert unit.ask(":SYST:GPIB:ADDR?;:SYST:ACC?;:SYST:POS?") == "21;EXCL;SAV1"
    unit.write(":SYST:GPIB:ADDR 31")
    assert unit.errors() == [-222]


def test_the_clock_runs_with_the_bench(unit: Unit2450) -> None:
    before = unit.number(":SYST:TIME?")
    unit.harness.advance(3600.0)
    assert unit.number(":SYST:TIME?") - before == 3600.0
    assert unit.ask(":SYST:TIME? 1").startswith("Mon Jan 01 01:00:00")  # the clock starts with 2024


def test_status_bits_follow_the_events_they_are_mapped_to(unit: Unit2450) -> None:
    """Bit 0 while a trigger model runs: event 2731 sets it, event 2732 clears it."""
    unit.write(":STAT:OPER:MAP 0, 2731, 2732", ":STAT:OPER:ENAB 1", "*SRE 128", ':TRIG:LOAD "SimpleLoop", 10, 1')
    assert unit.ask(":STAT:OPER:MAP? 0") == "2731,2732"
    assert unit.ask(":STAT:OPER:COND?") == "+0"
    unit.write(":INIT")
    assert unit.ask(":STAT:OPER:COND?") == "+1"
    assert int(unit.ask("*STB?")) & 128
    unit.write("*WAI")
    assert unit.ask(":STAT:OPER:COND?") == "+0"


def test_without_a_map_the_registers_stay_empty(unit: Unit2450) -> None:
    unit.write(':TRIG:LOAD "SimpleLoop", 10, 1', ":INIT")
    assert unit.ask(":STAT:OPER:COND?;:STAT:OPER?;:STAT:QUES?") == "+0;+0;+0"


def test_an_unknown_header_reads_as_in_the_manual(unit: Unit2450) -> None:
    unit.write(":TRAC:FEED SENS")  # of the 2400
    assert unit.ask(":SYST:ERR?") == '-113,"Undefined header;1;2024/01/01 00:00:00.001"'


def test_a_text_is_posted_to_the_event_log(unit: Unit2450) -> None:
    unit.write(':SYST:EVEN:POST "my text", WARN')
    assert unit.ask(":SYST:EVEN:COUN? WARN") == "1"
    assert unit.ask(":SYST:ERR:COUN?") == "0"
    assert "my text;2;" in unit.ask(":SYST:EVEN:NEXT?")


def test_nothing_is_saved_without_a_flash_drive(unit: Unit2450) -> None:
    unit.write(':SYST:EVEN:SAVE "log"', ':TRAC:SAVE "/usb1/data.csv", "defbuffer1"')
    assert unit.errors() == [-241, -241]


def test_the_off_state_of_the_present_source_function(unit: Unit2450) -> None:
    unit.write(":OUTP:CURR:SMOD HIMP", ":OUTP:VOLT:SMOD ZERO")
    assert unit.ask(":OUTP:SMOD?") == "ZERO"
    unit.write(":SOUR:FUNC CURR")
    assert unit.ask(":OUTP:SMOD?") == "HIMP"
