"""Readings, triggers, pulses, data formats of the simulated B2900 (B2900 SCPI command reference, edition 2)."""

import itertools
import logging
import math
import random
import struct

import pytest

from tests.sim_instruments.fuzzing import mutated
from tests.sim_instruments.unit_b2900 import UnitB2900

NOT_A_NUMBER = 9.91e37


@pytest.fixture
def unit() -> UnitB2900:
    return UnitB2900()


def prompt() -> UnitB2900:
    """Fixed ranges, no wait times, 1 ms integration: the triggers alone decide about time."""
    unit = UnitB2900()
    unit.write(":SOUR:VOLT:RANG 2;:SENS:CURR:RANG 1e-6;:SENS:WAIT OFF;:SOUR:WAIT OFF;:SENS:CURR:APER 1e-3;:OUTP ON")
    unit.write(":FORM:ELEM:SENS CURR,TIME")
    return unit


class TestReadings:
    def test_elements_come_in_one_order_however_asked(self, unit: UnitB2900) -> None:
        unit.write(":SOUR:VOLT 0.5")
        volts, amperes, ohms, _, status, source = unit.numbers(":MEAS?")
        assert (volts, amperes, source) == pytest.approx((0.5, 5e-7, 0.5), rel=1e-3)
        assert (ohms, status) == (NOT_A_NUMBER, 0)
        unit.write(":FORM:ELEM:SENS SOUR,CURR,VOLT")
        assert unit.numbers(":FETC?") == pytest.approx([0.5, 5e-7, 0.5], rel=1e-3)
        assert unit.ask(":FORM:ELEM:SENS?") == "VOLT,CURR,SOUR"

    def test_one_element_and_two_channels(self, unit: UnitB2900) -> None:
        unit.write(":SOUR1:VOLT 0.5;:SOUR2:VOLT 1")
        assert unit.numbers(":MEAS:VOLT? (@2,1)") == pytest.approx([0.5, 1.0])
        assert unit.number(":MEAS:CURR? (@2)") == pytest.approx(1e-6, rel=1e-3)

    def test_what_is_not_enabled_is_no_number(self, unit: UnitB2900) -> None:
        unit.write(':SENS:FUNC:OFF "VOLT"', ':SENS:FUNC "RES"', ":SOUR:VOLT 1", ":FORM:ELEM:SENS VOLT,CURR,RES")
        assert unit.ask(":SENS:FUNC?") == '"CURR","RES"'
        assert unit.numbers(":MEAS?")[2] == pytest.approx(1e6, rel=1e-3)
        unit.write(":SENS:FUNC:OFF:ALL", ":SENS:FUNC CURR")
        assert unit.numbers(":MEAS?") == [NOT_A_NUMBER] * 3
        assert unit.errors() == [-104]

    def test_no_data_is_no_number(self, unit: UnitB2900) -> None:
        assert unit.ask(":FETC:ARR:CURR?") == "+9.910000E+37"

    def test_above_the_range_is_infinite(self, unit: UnitB2900) -> None:
        """106 % of the 100 nA range."""
        unit.write(":SENS:CURR:RANG 1e-7;:SOUR:VOLT -0.107;:FORM:ELEM:SENS CURR,STAT")
        assert unit.numbers(":MEAS?") == [-9.9e37, 8192]
        unit.write(":SOUR:VOLT -0.105")
        assert unit.numbers(":MEAS?") == pytest.approx([-1.05e-7, 0], rel=1e-3)

    def test_the_limit_is_told_in_the_status_and_by_the_trip_query(self, unit: UnitB2900) -> None:
        unit.write(":SOUR:VOLT 1;:SENS:CURR:PROT 1e-7;:OUTP ON;:FORM:ELEM:SENS VOLT,CURR,STAT")
        volts, amperes, status = unit.numbers(":MEAS?")
        assert (volts, amperes) == pytest.approx((0.1, 1e-7), rel=1e-3)
        assert int(status) & 6
        assert unit.ask(":SENS:CURR:PROT:TRIP?;:SENS:VOLT:PROT:TRIP?") == "1;0"

    def test_no_range_above_the_limit_is_used(self) -> None:
        """Accuracy of the 1 µA range (500 pA), not of the 1 A range (1.5 mA)."""
        for seed in range(5):
            unit = UnitB2900(accuracy=True, seed=seed)
            unit.write(":SENS:CURR:PROT 1e-6;:SENS:CURR:RANG 1;:SOUR:VOLT 0.5;:OUTP ON")
            assert unit.number(":MEAS:CURR?") == pytest.approx(0.5e-6, abs=2e-9)

    def test_noise_and_errors_of_a_unit_stay_within_the_specification(self) -> None:
        """10 nA range: 0.1 % + 50 pA; what flows is known from the voltage, 20 V range: 0.015 % + 5 mV."""
        deviations = []
        for seed in range(20):
            unit = UnitB2900(load=1e9, accuracy=True, noise=True, seed=seed)
            unit.write(":SOUR:VOLT 5;:OUTP ON;:SENS:CURR:RANG 1e-8;:SENS:CURR:NPLC 10")
            volts, amperes = unit.numbers(":MEAS?")[:2]
            deviations.append(amperes - volts / 1e9)
        assert 5e-12 < max(map(abs, deviations)) < 5e-12 + 50e-12 + 10e-12 + 10e-12

    def test_binary_blocks_in_both_byte_orders(self, unit: UnitB2900) -> None:
        unit.write(":SOUR:VOLT 0.5;:FORM:ELEM:SENS VOLT,RES;:FORM REAL,64")
        block = unit.raw(":MEAS?")
        assert block[:4] == b"#216"
        volts, ohms = struct.unpack(">dd", block[4:])
        assert volts == pytest.approx(0.5)
        assert math.isnan(ohms)
        unit.write(":FORM REAL32;:FORM:BORD SWAP")
        block = unit.raw(":FETC:VOLT?")
        assert struct.unpack("<f", block.removeprefix(b"#14")) == pytest.approx((0.5,))
        assert unit.ask(":FORM?") == "REAL,32"

    @pytest.mark.parametrize("channels", ["(@3)", "(@1,3)", "1", "(@)", "(@1:2:1)"])
    def test_channel_lists_that_are_none(self, unit: UnitB2900, channels: str) -> None:
        assert unit.unit.execute(f":MEAS? {channels}".encode()) is None
        assert unit.errors() == [-224]


class TestTime:
    @pytest.mark.parametrize(("used", "settles"), [(1e-7, 10e-3), (1e-6, 500e-6), (1e-5, 250e-6), (1e-3, 80e-6)])
    def test_the_wait_time_follows_the_current_range_and_a_change_of_level(self, used: float, settles: float) -> None:
        unit = UnitB2900()
        unit.write(f":SENS:CURR:RANG {used};:SENS:CURR:PROT 1e-2;:SENS:CURR:APER 1e-3;:SOUR:VOLT:RANG 2;:OUTP ON")
        unit.write(":SOUR:VOLT 0.01;:SENS:WAIT:OFFS 0.05")
        assert unit.seconds(":MEAS?") == pytest.approx(0.05 + settles + 1e-3 - 1e-3)  # a message later
        assert unit.seconds(":MEAS?") == pytest.approx(1e-3)
        unit.write(":SENS:WAIT OFF;:SOUR:VOLT 0.02")
        assert unit.seconds(":MEAS?") == pytest.approx(1e-3)

    def test_a_current_settles_with_a_sixth_of_the_settling_time(self) -> None:
        """Mean of 1 - exp(-t/τ) over 100 µs, τ = 500 µs / 6, 1 ms after the step."""
        unit = prompt()
        unit.write(":SENS:CURR:APER 1e-4")
        unit.harness.advance(1.0)
        unit.write(":SOUR:VOLT 1")
        tau = 500e-6 / 6
        rest = math.exp(-1e-3 / tau) * (tau / 1e-4) * (1.0 - math.exp(-1e-4 / tau))
        assert unit.numbers(":MEAS?")[0] == pytest.approx(1e-6 * (1.0 - rest), rel=1e-6)

    def test_autorange_settles_on_every_range_on_its_way(self, unit: UnitB2900) -> None:
        """From 1 µA up to 100 µA (two of 250 µs) and down to its lower limit."""
        unit.write(
            ":SENS:CURR:PROT 1e-3;:SENS:WAIT OFF;:SENS:CURR:APER 1e-3;:SOUR:VOLT:RANG 200;:OUTP ON;:SOUR:VOLT 50"
        )
        assert unit.seconds(":MEAS?") == pytest.approx(1e-3 + 2 * 250e-6)
        assert unit.number(":SENS:CURR:RANG?") == 1e-4
        unit.write(":SOUR:VOLT 0.01")
        assert unit.seconds(":MEAS?") == pytest.approx(1e-3 + 250e-6 + 500e-6)
        assert unit.number(":SENS:CURR:RANG?") == 1e-6

    def test_the_time_stamp(self, unit: UnitB2900) -> None:
        unit.harness.advance(5.0)
        unit.write(":FORM:ELEM:SENS TIME")
        assert unit.number(":READ?") < 0.1  # it starts again at each initiation
        unit.write(":SYST:TIME:TIM:COUN:RES:AUTO OFF")
        unit.harness.advance(5.0)
        assert unit.number(":READ?") == pytest.approx(5.0, abs=0.1)


class TestSweeps:
    def test_the_manuals_staircase_sweep(self, unit: UnitB2900) -> None:
        """The order of commands that the manual's examples and most programs use; the fetch waits for the end."""
        unit.write(
            "*RST", ":sour:func:mode volt", ":sour:volt:mode swe", ":sour:volt:star 0", ":sour:volt:stop 1",
            ":sour:volt:poin 11", ':sens:func "curr"', ":sens:curr:nplc 0.1", ":sens:curr:prot 0.1",
            ":trig:sour aint", ":trig:coun 11", ":outp on", ":init (@1)",
        )  # fmt: skip
        assert unit.numbers(":fetc:arr:curr? (@1)") == pytest.approx([k * 1e-7 for k in range(11)], abs=1e-9)
        assert unit.numbers(":fetc:arr:volt? (@1)") == pytest.approx([k / 10 for k in range(11)], abs=1e-9)
        assert unit.errors() == []
        assert unit.voltage() == 0.0  # back at the immediate level

    def test_the_manuals_pulsed_sweep(self) -> None:
        """Pulses at 4 ms intervals, each read within its width."""
        unit = UnitB2900()
        unit.write(
            "*RST", ":sour:func:mode volt", ":sour:func:shap puls", ":sour:puls:del 1e-3", ":sour:puls:widt 1e-3",
            ":sour:volt:mode swe", ":sour:volt:star 0.2", ":sour:volt:stop 1", ":sour:volt:poin 5",
            ":sens:curr:rang:auto off", ":sens:curr:rang 1e-6", ":sens:curr:aper 1e-4", ":sens:curr:prot 0.1",
            ":sens:wait off", ":trig:tran:del 1e-3", ":trig:acq:del 2.8e-3", ":trig:sour tim", ":trig:tim 4e-3",
            ":trig:coun 5", ":outp on", ":init (@1)",
        )  # fmt: skip
        unit.write(":form:elem:sens volt,curr,time,sour")
        rows = list(zip(*[iter(unit.numbers(":fetc:arr?"))] * 4, strict=True))
        assert [row[0] for row in rows] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0], rel=1e-3)
        assert [row[1] for row in rows] == pytest.approx([2e-7, 4e-7, 6e-7, 8e-7, 1e-6], rel=1e-3)
        assert [row[3] for row in rows] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
        assert [late[2] - early[2] for early, late in itertools.pairwise(rows)] == pytest.approx([4e-3] * 4)
        assert unit.errors() == []

    @pytest.mark.parametrize(
        ("commands", "levels"),
        [
            (":SWE:DIR DOWN", [1, 0.1, 0.01]),
            (":SWE:STA DOUB", [0.01, 0.1, 1, 1, 0.1, 0.01]),
            (":SWE:SPAC LIN", [0.01, 0.505, 1]),
            (":VOLT:MODE LIST;:LIST:VOLT 0.3,-0.2", [0.3, -0.2, 0.3]),
            (":VOLT:MODE FIX;:VOLT:TRIG 0.7", [0.7, 0.7]),
        ],
    )
    def test_directions_spacings_and_lists(self, unit: UnitB2900, commands: str, levels: list[float]) -> None:
        unit.write(":VOLT:MODE SWE;STAR 0.01;STOP 1;POIN 3;:SWE:SPAC LOG", commands, f":TRIG:COUN {len(levels)}")
        assert unit.numbers(":READ:ARR:SOUR?") == pytest.approx(levels)
        assert unit.errors() == []

    def test_two_channels_interleaved_and_filled_up(self, unit: UnitB2900) -> None:
        unit.write(":SOUR1:VOLT 0.5;:SOUR2:VOLT 1;:TRIG1:COUN 3;:TRIG2:COUN 1;:FORM:ELEM:SENS VOLT")
        values = unit.numbers(":READ:ARR? (@1,2)")
        assert values == pytest.approx([0.5, 1.0, 0.5, NOT_A_NUMBER, 0.5, NOT_A_NUMBER])

    def test_an_output_that_goes_on_as_it_is(self, unit: UnitB2900) -> None:
        unit.write(":FUNC:TRIG:CONT ON;:VOLT:MODE LIST;:LIST:VOLT 0.3,0.6;:TRIG:COUN 2", ":INIT;*WAI")
        assert unit.voltage() == 0.6

    def test_what_cannot_be_swept(self, unit: UnitB2900) -> None:
        unit.write(
            ":VOLT:MODE SWE;STAR -1;STOP 1;POIN 3;:SWE:SPAC LOG", ":INIT", ":SWE:SPAC LIN;:VOLT:RANG 0.2", ":INIT"
        )
        assert unit.errors() == [-221, -222]
        assert unit.ask(":IDLE?") == "1"


class TestTriggers:
    def test_a_timer_counts_from_the_start(self) -> None:
        unit = prompt()
        unit.write(":TRIG:SOUR TIM;:TRIG:TIM 5e-3;:TRIG:COUN 4;:TRIG:ACQ:DEL 1e-3", ":INIT")
        assert unit.seconds("*OPC?") == pytest.approx(3 * 5e-3 + 1e-3 + 1e-3 - 1e-3, abs=1e-6)  # it ran on meanwhile
        times = unit.numbers(":FETC:ARR:TIME?")
        assert times == pytest.approx([1e-3 + 5e-3 * k for k in range(4)])

    def test_actions_with_counts_of_their_own(self) -> None:
        """Three levels 6 ms each, read every 2 ms: the waveform and the samples of one channel."""
        unit = prompt()
        unit.write(":VOLT:MODE LIST;:LIST:VOLT 0.1,0.2,0.3;:TRIG:SOUR TIM;:TRIG:TRAN:TIM 6e-3;:TRIG:TRAN:COUN 3")
        unit.write(":TRIG:ACQ:TIM 2e-3;:TRIG:ACQ:COUN 9;:TRIG:ACQ:DEL 0.5e-3", ":INIT")
        assert unit.numbers(":FETC:ARR:SOUR?") == pytest.approx([0.1] * 3 + [0.2] * 3 + [0.3] * 3)

    def test_an_automatic_action_does_not_wait_for_one_with_a_timer(self) -> None:
        unit = prompt()
        unit.write(":VOLT:MODE LIST;:LIST:VOLT 0.5;:TRIG:ACQ:SOUR TIM;:TRIG:ACQ:TIM 5e-3;:TRIG:ACQ:COUN 3", ":INIT")
        assert unit.voltage() == 0.5
        assert unit.numbers(":FETC:ARR:SOUR?") == [0.5] * 3

    def test_arm_count_and_delay(self) -> None:
        unit = prompt()
        unit.write(":ARM:COUN 2;:ARM:ACQ:DEL 0.1;:TRIG:ACQ:COUN 3", ":INIT:ACQ")
        times = unit.numbers(":FETC:ARR:TIME?")
        assert times == pytest.approx([0.1, 0.101, 0.102, 0.203, 0.204, 0.205])

    def test_acquire_alone_leaves_the_source(self) -> None:
        unit = prompt()
        unit.write(":SOUR:VOLT 0.4;:VOLT:MODE LIST;:LIST:VOLT 1", ":INIT:ACQ (@1)")
        assert unit.numbers(":FETC:ARR:SOUR?") == [0.4]

    def test_it_waits_for_the_bus_and_tells_of_a_trigger_that_came_too_soon(self, unit: UnitB2900) -> None:
        unit.write("*TRG")
        assert unit.errors() == [-211]
        unit.write(":TRIG:SOUR BUS;:TRIG:COUN 2", ":INIT")
        assert unit.unit.execute(b"*OPC?") is None  # never completes
        unit.unit.clear()
        unit.write("*TRG")
        unit.harness.advance(1.0)
        unit.write(":TRIG (@1)")
        assert len(unit.numbers(":FETC:ARR:CURR?")) == 2
        assert unit.errors() == []

    def test_external_edges(self, unit: UnitB2900) -> None:
        unit.write(":TRIG:ACQ:SOUR EXT3;:TRIG:ACQ:COUN 1", ":INIT:ACQ")
        unit.unit.external_trigger(2)
        assert int(unit.ask(":STAT:OPER:COND?")) & 16 == 0
        unit.unit.external_trigger(3)
        assert len(unit.numbers(":FETC:ARR:CURR?")) == 1

    def test_abort_and_a_second_start(self, unit: UnitB2900) -> None:
        unit.write(":VOLT:MODE LIST;:LIST:VOLT 1;:TRIG:SOUR TIM;:TRIG:TIM 10;:TRIG:COUN 5", ":INIT", ":INIT")
        assert unit.errors() == [-213]
        assert unit.voltage() == 1.0
        unit.write(":ABOR")
        assert unit.voltage() == 0.0
        assert unit.ask(":IDLE?") == "1"
        assert unit.now < 1.0

    def test_endless_counts(self, unit: UnitB2900) -> None:
        unit.write(":TRIG:ACQ:COUN INF", ":INIT:ACQ")
        assert unit.number(":TRIG:ACQ:COUN?") == 9.9e37
        assert unit.unit.execute(b"*WAI") is None
        unit.unit.clear()
        unit.write(":ABOR")
        assert unit.ask(":IDLE:ACQ?") == "1"

    def test_opc_tells_of_the_end_to_who_polls(self, unit: UnitB2900) -> None:
        unit.write("*CLS;*ESE 1;*SRE 32", ":TRIG:SOUR TIM;:TRIG:TIM 0.5;:TRIG:COUN 10", ":INIT (@1)", "*OPC")
        assert int(unit.ask("*STB?")) & 32 == 0
        assert unit.unit.status_byte(serial_poll=True) & 32
        assert unit.now == pytest.approx(4.5, abs=0.1)

    def test_both_channels_read_at_once(self, unit: UnitB2900) -> None:
        unit.write(":SENS1:CURR:APER 0.1;:SENS2:CURR:APER 0.1;:SENS1:WAIT 0;:SENS2:WAIT 0")
        assert unit.seconds(":READ? (@1,2)") == pytest.approx(0.1, rel=1e-2)
        assert unit.seconds(":MEAS? (@1,2)") == pytest.approx(0.1, rel=1e-2)


class TestProgramsOfLaboratories:
    """Command sequences as programs found in the wild send them."""

    def test_a_waveform_on_one_channel_while_the_other_one_reads(self, unit: UnitB2900) -> None:
        unit.write(
            ":sour1:volt:lev:imm 1.000E-01", ":outp1 on", ":outp2 on", ":sour1:func:mode volt", ":sour1:volt:mode list",
            ":sour1:volt:rang 2", ":sour1:list:volt 1.0E-01,2.0E-01,3.0E-01", ":sour2:curr:lev:imm 0",
            ':sens1:func "curr"',
            ":sens1:wait off", ":sour1:wait off", ":sens2:wait off", ":trig1:sour tim", "trig1:tim 1.0E-03",
            "trig1:acq:coun 3.0", ":trig1:acq:del def", "trig1:tran:coun 3.0", ":trig1:tran:del def", ":trig2:sour tim",
            "trig2:tim 1.0E-03", "trig2:acq:coun 3", "trig2:tran:coun 3", ":sens1:curr:aper 5.0E-04",
            ":sens2:volt:aper 5.0E-04", ":form:elem:sens volt,curr,time", ":init (@1,2)",
        )  # fmt: skip
        assert unit.numbers(":fetc:arr:volt? (@1)") == pytest.approx([0.1, 0.2, 0.3], rel=1e-3)
        assert unit.numbers(":fetc:arr:time? (@2)") == pytest.approx([0.0, 1e-3, 2e-3], abs=1e-6)
        assert unit.errors() == []

    def test_current_samples_at_a_constant_voltage(self, unit: UnitB2900) -> None:
        """No triggered level was given: the voltage stays."""
        unit.write(
            "*RST", ":SOUR:FUNC:MODE VOLT", ":SOUR:VOLT:MODE FIX", ":SOUR:VOLT 1", ':SENS:FUNC "CURR"',
            ":SENS:CURR:RANG:AUTO OFF", ":SENS:CURR:RANG 0.0001", ":SENS:CURR:PROT 0.0001", ":SENS:REM OFF",
            ":TRIG:ACQ:DEL 0", ":TRIG:SOUR TIM", ":TRIG:TIM 0.001", ":TRIG:COUN 100", ":INIT (@1)",
        )  # fmt: skip
        assert unit.numbers(":FETCH:ARR:CURR? (@1)") == pytest.approx([1e-6] * 100, rel=1e-2)
        assert unit.errors() == []

    def test_who_waits_by_a_serial_poll(self, unit: UnitB2900) -> None:
        unit.write(
            ":SOUR1:VOLT:MODE SWE", ":SOUR1:VOLT:STAR 0.0", ":SOUR1:VOLT:STOP 1.0", ":SOUR1:SWE:POIN 11",
            ":TRIG1:ALL:COUN 11", ":TRIG1:ALL:DEL 0", ":TRIG1:ALL:TIM 0.5", ":TRIG1:ALL:SOUR TIM",
            ":FORM:ELEM:SENS VOLT,CURR", "*CLS", "*ESE 1", ":INIT (@1)", "*OPC",
        )  # fmt: skip
        assert unit.unit.status_byte(serial_poll=True) & 0x20
        assert unit.numbers(":FETC:ARR? (@1)")[::2] == pytest.approx([k / 10 for k in range(11)], abs=1e-9)


class TestPulses:
    def test_the_peak_is_held_while_other_instruments_let_time_pass(self) -> None:
        unit = prompt()
        unit.write(":FUNC:SHAP PULS;:VOLT:TRIG 1;:PULS:WIDT 0.5", ":INIT:TRAN")
        voltages = [unit.harness.measure(unit.port(), 0.01).voltage for _ in range(60)]
        assert voltages[0] == pytest.approx(1.0, abs=1e-2)
        assert sum(voltages) * 0.01 == pytest.approx(0.5, rel=1e-6)
        assert voltages[-1] == 0.0

    def test_a_reading_in_the_pulse(self) -> None:
        unit = prompt()
        unit.write(":FUNC:SHAP PULS;:VOLT:TRIG 1;:PULS:WIDT 10e-3;:TRIG:ACQ:DEL 9e-3;:FORM:ELEM:SENS VOLT,CURR,SOUR")
        assert unit.numbers(":READ?") == pytest.approx([1.0, 1e-6, 1.0], rel=1e-3)
        unit.write(":TRIG:ACQ:DEL 15e-3")
        assert unit.numbers(":READ?") == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)

    def test_an_output_that_goes_off_cuts_the_pulse(self) -> None:
        unit = prompt()
        unit.write(":FUNC:SHAP PULS;:VOLT:TRIG 1;:PULS:WIDT 10", ":INIT:TRAN", ":OUTP OFF")
        assert unit.voltage() == 0.0
        unit.write(":ABOR;:OUTP ON")
        assert unit.voltage() == 0.0


class TestBuffers:
    def test_sense_data_by_offset(self, unit: UnitB2900) -> None:
        unit.write(":SOUR:VOLT:MODE LIST;:LIST:VOLT 0.1,0.2,0.3,0.4;:TRIG:COUN 4;:FORM:ELEM:SENS SOUR", ":INIT;*WAI")
        assert unit.numbers(":SENS:DATA?") == pytest.approx([0.1, 0.2, 0.3, 0.4])
        assert unit.numbers(":SENS:DATA? 1,2") == pytest.approx([0.2, 0.3])
        assert unit.numbers(":SENS:DATA? CURR") == pytest.approx([0.4])
        assert unit.number(":SENS:DATA:LAT?") == pytest.approx(0.4)
        unit.write(":SENS:DATA:CLE")
        assert unit.number(":SENS:DATA?") == NOT_A_NUMBER

    def test_the_trace_buffer_keeps_readings_and_their_statistics(self, unit: UnitB2900) -> None:
        unit.write(":TRAC:POIN 3;FEED SENS;FEED:CONT NEXT;:FORM:ELEM:SENS VOLT;:SOUR:VOLT 0.1")
        unit.ask(":READ?")
        unit.write(":SOUR:VOLT 0.2")
        unit.ask(":READ?")
        assert unit.ask(":TRAC:POIN:ACT?;:TRAC:FEED:CONT?") == "2;NEXT"
        unit.write(":TRAC:CLE")
        assert unit.errors() == [-221]
        unit.write(":SOUR:VOLT 0.6")
        unit.ask(":READ?")
        unit.ask(":READ?")  # the buffer is full
        assert unit.numbers(":TRAC:DATA?") == pytest.approx([0.1, 0.2, 0.6])
        assert unit.number(":TRAC:STAT:DATA?") == pytest.approx(0.3)
        for name, value in (("PKPK", 0.5), ("MIN", 0.1), ("MAX", 0.6), ("SDEV", math.sqrt(0.14 / 3))):
            unit.write(f":TRAC:STAT:FORM {name}")
            assert unit.number(":TRAC:STAT:DATA?") == pytest.approx(value)
        unit.write(":TRAC:CLE")
        assert unit.number(":TRAC:DATA?") == NOT_A_NUMBER


MESSAGES = [
    b":SOUR1:VOLT 1;:OUTP1 ON", b":READ? (@1,2)", b":SOUR:LIST:VOLT 1,2,3;:SOUR:VOLT:MODE LIST", b":MEAS:CURR? (@2)",
    b":INIT (@1,2);*WAI", b":FETC:ARR? (@1)", b":TRIG1:SOUR TIM;:TRIG1:TIM 1e-3;:TRIG:COUN 3", b":TRIG:ACQ:SOUR BUS",
    b":FORM REAL,64", b":FORM:ELEM:SENS CURR,TIME", b":SENS1:CURR:RANG 1e-6;APER 1e-4", b":SENS:FUNC 'RES','CURR'",
    b":SOUR2:FUNC:MODE CURR;:SOUR2:CURR 1e-6", b"*OPC;*STB?", b":ABOR", b":OUTP:PROT ON;:OUTP:OFF:MODE HIZ", b"*TRG",
    b":SOUR:FUNC:SHAP PULS;:SOUR:PULS:WIDT 1e-4;:SOUR:VOLT:TRIG 0.5", b":TRAC:FEED:CONT NEXT;:TRAC:STAT:DATA?",
    b":SENS:CURR:PROT 1e-5;:SENS:VOLT:PROT:NEG 3", b":STAT:OPER:COND?;:STAT:MEAS?", b":SENS:DATA? 0,5", b":IDLE?",
    b":SOUR:SWE:SPAC LOG;STA DOUB;:VOLT:MODE SWE;STAR 1;STOP 2;POIN 4", b":ARM:COUN INF;DEL 1", b":SYST:ERR:ALL?",
    b":CALC:MATH:NAME 'R';EXPR (VOLT/CURR);STAT ON;DATA?", b":CALC:LIM2:UPP 1;LOW -1;STAT ON;:CALC:CLIM:STAT ON",
    b":CALC:OFFS:ACQ;STAT ON", b":DIG:EXT3:FUNC DIO;:DIG:DATA 7", b":DISP:TEXT:DATA 'a'", b":STAT:OPER:NTR 16;PTR 0",
]  # fmt: skip


def test_a_serial_poll_of_an_action_without_end_reports_and_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim_instruments.timeline.STEP_BUDGET", 50)
    unit = UnitB2900()
    unit.write(":OUTP ON;:SOUR:VOLT:MODE LIST;:SOUR:LIST:VOLT 15,16;:TRIG:SOUR TIM;TIM 1e-3;COUN 1000;:INIT;*OPC")
    unit.unit.status_byte(serial_poll=True)
    assert -223 in unit.errors()
    assert unit.ask("*IDN?").startswith("Keysight")


def test_mutated_messages(
    fuzz_messages: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim_instruments.timeline.STEP_BUDGET", 500)
    unit, source = UnitB2900(), random.Random(2900)
    with caplog.at_level(logging.ERROR):
        for k in range(fuzz_messages):
            unit.unit.execute(mutated(source, MESSAGES))
            unit.unit.status_byte(serial_poll=True)
            if k % 50 == 0:
                unit.unit.clear()
                unit.write("*RST", "*CLS")
                assert unit.ask("*IDN?").startswith("Keysight")
    assert caplog.text == ""
