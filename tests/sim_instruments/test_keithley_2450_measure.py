"""Readings, buffers, sweeps and the trigger model of the simulated 2450 (manual 2450-901-01)."""

import itertools
import logging
import math
import random
import struct

import pytest

from tests.sim_instruments.fuzzing import mutated
from tests.sim_instruments.unit_2450 import Unit2450

PLC = 0.02  # s, one power line cycle at 50 Hz


@pytest.fixture
def unit() -> Unit2450:
    unit = Unit2450()
    unit.write(":SOUR:VOLT:ILIM 1e-3;:SOUR:VOLT 0.5;:OUTP ON")
    return unit


def prompt() -> Unit2450:
    """Fixed ranges, no delay, no references, no read-back: a reading takes its aperture."""
    unit = Unit2450()
    unit.write(":SOUR:VOLT:ILIM 1e-4;RANG 2;DEL 0;READ:BACK 0;:SENS:CURR:RANG 1e-6;AZER 0")
    return unit


class TestReadings:
    def test_elements_in_the_order_asked_for(self, unit: Unit2450) -> None:
        assert unit.ask(":READ?") == "5.000000E-07"
        assert unit.numbers(':READ? "defbuffer1",SOUR,READ,SOURSTAT,STAT') == [0.5, 5e-7, 128 + 8, 256 + 8]
        assert unit.ask(':FETC? "defbuffer1",UNIT,SOURUNIT,READ') == "Amp DC,Volt DC,5.000000E-07"
        assert unit.ask(":MEAS:VOLT?") == "5.000000E-01"
        assert unit.number(":MEAS:RES?") == pytest.approx(1e6)

    def test_nothing_read_yet(self, unit: Unit2450) -> None:
        assert unit.unit.execute(b":FETC?") is None
        assert unit.errors() == [-230]

    def test_over_range_on_a_fixed_range(self, unit: Unit2450) -> None:
        unit.write(":SENS:CURR:RANG 1e-7")
        assert unit.number(":READ?") == 9.9e37
        unit.write(":SOUR:VOLT 0.104")
        assert unit.number(":READ?") == pytest.approx(1.04e-7)

    def test_the_limit_is_told_in_the_source_status_and_by_the_trip_query(self, unit: Unit2450) -> None:
        assert unit.ask(":SOUR:VOLT:ILIM:TRIP?") == "0"
        unit.write(":SOUR:VOLT:ILIM 1e-7")
        current, voltage, status = unit.numbers(':READ? "defbuffer1",READ,SOUR,SOURSTAT')
        assert (current, voltage) == pytest.approx((1e-7, 0.1))
        assert int(status) & 32
        assert unit.ask(":SOUR:VOLT:ILIM:TRIP?") == "1"

    def test_read_back_off_gives_the_programmed_level(self, unit: Unit2450) -> None:
        unit.write(":SOUR:VOLT:ILIM 1e-7;READ:BACK OFF")
        assert unit.numbers(':READ? "defbuffer1",SOUR') == [0.5]

    def test_digits_and_binary_blocks(self, unit: Unit2450) -> None:
        unit.write(":FORM:ASC:PREC 3")
        assert unit.ask(":READ?") == "5.00E-07"
        unit.write(":FORM REAL")
        block = unit.unit.execute(b':READ? "defbuffer1",READ,SOUR')
        assert block[:2] == b"#0"
        assert struct.unpack("<dd", block[2:-1]) == pytest.approx((5e-7, 0.5))
        unit.write(":FORM SRE;:FORM:BORD NORM")
        assert struct.unpack(">f", unit.unit.execute(b":FETC?")[2:-1]) == pytest.approx((5e-7,), rel=1e-6)

    def test_noise_and_errors_of_a_unit_stay_within_the_specification(self) -> None:
        """10 nA range: 0.1 % + 50 pA; the noise is 500 fA at one cycle, 158 fA at ten."""
        deviations = []
        for seed in range(20):
            unit = Unit2450(load=1e9, accuracy=True, noise=True, seed=seed)
            unit.write(":SOUR:VOLT 5;:OUTP ON;:SENS:CURR:NPLC 10;:SOUR:VOLT:READ:BACK ON")
            current, voltage = unit.numbers(':READ? "defbuffer1",READ,SOUR')
            deviations.append(current - voltage / 1e9)
        assert 1e-12 < max(map(abs, deviations)) < 5e-12 + 50e-12 + 2e-12
        unit = prompt()
        assert len({unit.ask(":READ?") for _ in range(3)}) == 1  # without noise
        noisy = Unit2450(noise=True)
        noisy.write(":OUTP ON")
        assert len({noisy.ask(":READ?") for _ in range(3)}) == 3

    def test_filters(self, unit: Unit2450) -> None:
        unit.write(":SENS:CURR:AZER 0;RANG 1e-6;AVER:COUN 4;:SENS:CURR:AVER ON;:SOUR:VOLT:READ:BACK 0")
        unit.ask(":READ?")
        assert unit.seconds(":READ?") == pytest.approx(4 * PLC)
        unit.write(":SENS:CURR:AVER:TCON MOV")
        assert unit.seconds(":READ?") == pytest.approx(PLC)


class TestTime:
    def test_a_reading_takes_its_aperture(self) -> None:
        unit = prompt()
        for cycles in (0.01, 1, 10):
            unit.write(f":SENS:CURR:NPLC {cycles}")
            assert unit.seconds(":READ?") == pytest.approx(cycles * PLC)

    def test_autozero_costs_two_and_read_back_one_aperture_more(self) -> None:
        unit = prompt()
        unit.write(":SENS:CURR:AZER ON")
        assert unit.seconds(":READ?") == pytest.approx(3 * PLC)
        unit.write(":SOUR:VOLT:READ:BACK ON")
        assert unit.seconds(":READ?") == pytest.approx(4 * PLC)
        assert unit.seconds(":SENS:AZER:ONCE") == pytest.approx(2 * PLC)
        unit.write(":SENS:COUN 5")
        assert unit.seconds(":READ?") == pytest.approx(20 * PLC)

    @pytest.mark.parametrize(("used", "delay"), [(1e-7, 50e-3), (1e-6, 3e-3), (1e-5, 2e-3), (1e-3, 1e-3)])
    def test_the_automatic_delay_follows_the_current_range_and_a_change_of_level(
        self, used: float, delay: float
    ) -> None:
        unit = prompt()
        unit.write(f":SENS:CURR:RANG {used};:SOUR:VOLT:ILIM 1e-3;DEL:AUTO ON;:OUTP ON;:SOUR:VOLT 0.01")
        assert unit.seconds(":READ?") == pytest.approx(delay + PLC)
        assert unit.seconds(":READ?") == pytest.approx(PLC)
        unit.write(":SOUR:VOLT:DEL 0.25;:SOUR:VOLT 0.02")
        assert unit.seconds(":READ?") == pytest.approx(0.25 + PLC)

    def test_autorange_settles_on_every_range_on_its_way(self) -> None:
        """From 100 µA down to 1 µA: 10 µA 2 ms, 1 µA 3 ms."""
        unit = prompt()
        unit.write(":SENS:CURR:RANG 1e-4;:SENS:CURR:RANG:AUTO ON;:SOUR:VOLT 0.5;:OUTP ON")
        assert unit.seconds(":READ?") == pytest.approx(5e-3 + PLC)
        assert unit.number(":SENS:CURR:RANG?") == 1e-6

    def test_a_current_settles_with_a_sixth_of_the_settling_time(self) -> None:
        """Mean of 1 - exp(-t/τ) over an aperture of 200 µs right after a step; τ = 3 ms / 6."""
        unit = prompt()
        unit.write(":SENS:CURR:NPLC 0.01;:OUTP ON")
        unit.harness.advance(1.0)
        unit.write(":SOUR:VOLT 1")
        measured = unit.number(":READ?")
        passed, tau = 1e-3, 0.5e-3  # the message of the reading comes first
        rest = math.exp(-passed / tau) * (tau / 2e-4) * (1.0 - math.exp(-2e-4 / tau))
        assert measured == pytest.approx(1e-6 * (1.0 - rest), rel=1e-6)


class TestBuffers:
    def test_make_fill_read_and_delete(self, unit: Unit2450) -> None:
        unit.write(":TRAC:MAKE 'mine', 10", ":SENS:COUN 12", ":TRAC:TRIG 'mine'")
        assert unit.ask(":TRAC:ACT? 'mine';:TRAC:POIN? 'mine';:TRAC:ACT? \"defbuffer1\"") == "10;10;0"
        times = unit.numbers(":TRAC:DATA? 1,10,'mine',REL")
        assert [late - early for early, late in itertools.pairwise(times)] == pytest.approx([4 * PLC] * 9)
        assert unit.number(":TRAC:STAT:AVER? 'mine'") == pytest.approx(5e-7)
        assert unit.number(":TRAC:STAT:STDD? 'mine'") == pytest.approx(0.0, abs=1e-15)
        unit.write(":TRAC:DEL 'mine'", ":TRAC:CLE 'mine'")
        assert unit.errors() == [-224]

    @pytest.mark.parametrize("request_", [":TRAC:DATA? 1,2", ":TRAC:DATA? 0,1", ":TRAC:STAT:AVER?", ":READ? 'none'"])
    def test_what_is_not_there_is_an_error(self, unit: Unit2450, request_: str) -> None:
        assert unit.unit.execute(request_.encode()) is None
        assert unit.errors()[0] in (-222, -224, -230)


class TestSweeps:
    def test_a_linear_sweep_turns_the_output_on_and_off_and_clears_the_buffer(self) -> None:
        unit = Unit2450()
        unit.ask(":READ?")
        unit.write(":SOUR:SWE:volt:LIN 0,1,11,0,1,AUTO,ON,OFF,'defbuffer1'", ":INIT")
        assert unit.ask(":TRIG:STAT?").startswith("RUNNING;RUNNING;")
        assert unit.ask(":OUTP?") == "1"
        unit.write("*WAI")
        assert unit.numbers(":TRAC:DATA? 1,11,'defbuffer1'") == pytest.approx([k * 1e-7 for k in range(11)], abs=1e-12)
        assert unit.ask(":TRAC:ACT?;:OUTP?") == "11;0"
        assert unit.ask(":TRIG:STAT?").startswith("IDLE;IDLE;")

    def test_the_manuals_list_sweep(self) -> None:
        """The example of page 6-78: 1 V and 5 V in turn, 200 ms each."""
        unit = Unit2450()
        unit.write(
            "*RST", 'SENS:FUNC "CURR"', "SENS:CURR:RANG:AUTO ON", "SENS:CURR:RSEN OFF", "SOUR:FUNC VOLT",
            "SOUR:VOLT:RANG 20", "SOUR:VOLT:ILIM 1", "SOUR:LIST:VOLT 1, 5, 1, 5, 1, 5", "SOUR:SWE:VOLT:LIST 1, 0.2",
            "INIT", "*WAI",
        )  # fmt: skip
        values = unit.numbers('TRAC:DATA? 1, 6, "defbuffer1", SOUR, READ')
        assert values == pytest.approx([1, 1e-6, 5, 5e-6] * 3, rel=1e-6)
        assert unit.errors() == []

    def test_lists_take_a_hundred_levels_and_append_more(self) -> None:
        unit = Unit2450()
        hundred = ",".join(["0.1"] * 100)
        unit.write(f":SOUR:LIST:VOLT {hundred},0.1")
        assert unit.errors() == [-223]
        unit.write(f":SOUR:LIST:VOLT {hundred}", f":SOUR:LIST:VOLT:APP {hundred}", ":SOUR:LIST:VOLT:APP 0.2,0.3")
        assert unit.ask(":SOUR:LIST:VOLT:POIN?") == "202"
        unit.write(":SENS:CURR:NPLC 0.01;:SOUR:SWE:VOLT:LIST 200", ":INIT;*WAI")
        assert unit.numbers(":TRAC:DATA? 1,3,'defbuffer1',SOUR") == pytest.approx([0.1, 0.2, 0.3])
        unit.write(*[f":SOUR:LIST:VOLT:APP {hundred}"] * 23)
        assert unit.ask(":SOUR:LIST:VOLT:POIN?") == "2402"  # 2500 at most
        assert unit.errors() == [-223]

    def test_steps_logarithms_and_both_ways(self) -> None:
        unit = Unit2450()
        for command, levels in (
            (":SOUR:SWE:VOLT:LIN:STEP 0,0.3,0.1", [0, 0.1, 0.2, 0.3]),
            (":SOUR:SWE:VOLT:LOG 0.01,1,3", [0.01, 0.1, 1]),
            (":SOUR:SWE:VOLT:LIN 0,0.2,3,0,1,BEST,ON,ON", [0, 0.1, 0.2, 0.2, 0.1, 0]),
            (":SOUR:SWE:VOLT:LIN 0.1,0.2,2,0,2", [0.1, 0.2, 0.1, 0.2]),
        ):
            unit.write(command, ":INIT;*WAI")
            found = unit.numbers(f":TRAC:DATA? 1,{len(levels)},'defbuffer1',SOUR")
            assert found == pytest.approx(levels), command
            assert unit.number(":TRAC:ACT?") == len(levels)

    def test_it_ends_at_the_limit_where_asked_to(self) -> None:
        unit = Unit2450()
        for fail, points in (("ON", 4), ("OFF", 11)):
            unit.write(f":SOUR:VOLT:ILIM 2.5e-7;:SOUR:SWE:VOLT:LIN 0,1,11,0,1,BEST,{fail}", ":INIT;*WAI")
            assert unit.number(":TRAC:ACT?") == points

    @pytest.mark.parametrize(
        "command", [":SOUR:SWE:VOLT:LIN 0,500,3", ":SOUR:SWE:VOLT:LIN 0,1,1", ":SOUR:SWE:VOLT:LIN 0,1,3,1e-5",
                    ":SOUR:SWE:VOLT:LOG -1,1,3", ":SOUR:SWE:VOLT:LIST 1",
                    ":SOUR:SWE:VOLT:LIN 0,1,3,0,1,AUTO,ON,OFF,'no'"]
    )  # fmt: skip
    def test_what_cannot_be_swept(self, command: str) -> None:
        unit = Unit2450()
        unit.write(command, ":INIT")
        assert unit.errors()[0] in (-222, -224)
        assert unit.ask(":TRIG:STAT?") == "EMPTY;EMPTY;0"


class TestTriggerModel:
    def test_a_simple_loop(self, unit: Unit2450) -> None:
        unit.write(':TRIG:LOAD "SimpleLoop",5,0.1', ":INIT", "*WAI")
        times = unit.numbers(":TRAC:DATA? 1,5,'defbuffer1',REL")
        assert times[-1] == pytest.approx(4 * (0.1 + 4 * PLC))
        assert unit.ask(":OUTP?") == "1"

    def test_blocks_run_at_their_time_while_other_instruments_let_time_pass(self, unit: Unit2450) -> None:
        unit.write(":SOUR:VOLT:RANG 2;:SOUR:LIST:VOLT 1,0")
        unit.write(':TRIG:BLOC:CONF:REC 1,"VoltCustomSweepList"', ":TRIG:BLOC:DEL:CONS 2,1",
                   ':TRIG:BLOC:CONF:NEXT 3,"VoltCustomSweepList"', ":INIT")  # fmt: skip
        assert unit.voltage == 1.0
        unit.harness.advance(0.9)
        assert unit.ask(":TRIG:STAT?").startswith("RUNNING")
        unit.harness.advance(0.2)
        assert unit.ask(":TRIG:STAT?").startswith("IDLE")
        assert unit.voltage == 0.0

    def test_abort_and_a_second_start(self, unit: Unit2450) -> None:
        unit.write(":TRIG:BLOC:DEL:CONS 1,100", ":INIT", ":INIT")
        assert unit.errors() == [-213]
        unit.write(":ABOR")
        assert unit.ask(":TRIG:STAT?").startswith("ABORTED")
        assert unit.now < 1.0
        unit.write('*RST;:TRIG:LOAD "Empty";:INIT')
        assert unit.errors() == [-221]

    def test_opc_tells_of_its_end(self, unit: Unit2450) -> None:
        unit.write("*CLS;*ESE 1;*SRE 32", ":TRIG:BLOC:DEL:CONS 1,10", ":INIT;*OPC")
        assert int(unit.ask("*STB?")) & 32 == 0
        unit.harness.advance(10.0)
        unit.write(":SYST:CLE")
        assert int(unit.ask("*STB?")) & 32

    def test_it_waits_for_a_command_trigger(self, unit: Unit2450) -> None:
        unit.write(":TRIG:BLOC:WAIT 1,COMM", ":TRIG:BLOC:SOUR:STAT 2,OFF", ":INIT")
        assert unit.ask(":TRIG:STAT?").startswith("WAITING")
        assert unit.unit.execute(b"*OPC?") is None  # never completes
        unit.unit.clear()
        unit.write("*TRG", "*WAI")
        assert unit.ask(":OUTP?") == "0"
        unit.write("*TRG")
        assert unit.errors() == [-211]

    def test_a_loop_without_time_does_not_hang(self, unit: Unit2450, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sim_instruments.keithley_2450.trigger.STEP_BUDGET", 1000)
        unit.write(":TRIG:BLOC:BRAN:ALW 1,1", ":INIT")
        assert unit.errors() == [-223]
        assert unit.ask(":TRIG:STAT?").startswith("ABORTED")


MESSAGES = [
    b":SOUR:VOLT 1;:OUTP ON", b':READ? "defbuffer1",READ,SOUR', b":SOUR:LIST:VOLT 1,2,3", b":SOUR:SWE:VOLT:LIN 0,1,3",
    b":INIT;*WAI", b":TRAC:DATA? 1,2,'defbuffer1',READ", b":TRAC:MAKE 'x',20", b":TRIG:BLOC:DEL:CONS 1,0.1",
    b":TRIG:BLOC:MEAS 2,'defbuffer1',2", b":TRIG:BLOC:BRAN:COUN 3,2,1", b":TRIG:LOAD 'Empty'", b":FORM REAL",
    b":SENS:CURR:RANG 1e-6;NPLC 0.1", b":SENS:FUNC 'RES'", b":SOUR:FUNC CURR;CURR 1e-6", b"*OPC;*STB?", b":ABOR",
    b":SOUR:CONF:LIST:CRE 'l';:SOUR:CONF:LIST:STOR 'l';REC 'l',1", b":OUTP:SMOD GUAR", b":SYST:EVEN:NEXT?",
    b":CALC:CURR:MATH:FORM PERC;STAT ON;PERC 1e-6", b":CALC2:CURR:LIM1:UPP 1e-7;STAT ON;FAIL?", b":SENS:CURR:REL:ACQ",
    b":DIG:LINE3:MODE DIG,OUT;:DIG:LINE3:STAT 1", b":TRIG:BLOC:WAIT 4,COMM", b":TRIG:PAUS;:TRIG:RES",
    b":INIT;:TRIG:STAT?",
    b":TRIG:LOAD 'DurationLoop',1,0.1", b":DISP:USER1:TEXT 'a'", b":STAT:OPER:MAP 0,4917,4918",
]  # fmt: skip


def test_mutated_messages(
    fuzz_messages: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim_instruments.keithley_2450.trigger.STEP_BUDGET", 200)
    unit, source = Unit2450(), random.Random(2450)
    with caplog.at_level(logging.ERROR):
        for k in range(fuzz_messages):
            unit.unit.execute(mutated(source, MESSAGES))
            unit.unit.status_byte(serial_poll=True)
            if k % 50 == 0:
                unit.unit.clear()
                unit.write("*RST", "*CLS")
                assert unit.ask("*IDN?").startswith("KEITHLEY")
    assert caplog.text == ""
