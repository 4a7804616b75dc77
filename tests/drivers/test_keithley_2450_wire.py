"""The 2450 driver byte by byte: what is refused sends nothing, what is done is one exchange."""

import math

import pytest

from drivers.errors import InstrumentError, Refused
from drivers.keithley_2450 import Channel2450, Keithley2450
from drivers.keithley_2450_lists import abilities_2450
from drivers.records import Flag
from drivers.registry import DRIVERS
from tests.drivers.fake_resource import Answer, FakeResource

NO_ERROR = '0,"No error;0;0 0"'
NAN_AND_INFINITIES = (math.nan, math.inf, -math.inf)
LIST = '"VoltCustomSweepList"'


def obeying(answers: dict[str, str | list[str]]) -> Answer:
    """Each query is answered from `answers`, or with what the last command with the same header set, or with 0."""
    state = {"*IDN": "KEITHLEY INSTRUMENTS,MODEL 2450,04400001,1.7.12b", "*LANG": "SCPI", ":SYST:LFR": "50"}

    def one(query: str) -> str:
        header = query.split("?")[0]
        reply = answers.get(query, answers.get(header + "?", state.get(header, "0")))
        if isinstance(reply, list):
            return reply.pop(0) if len(reply) > 1 else reply[0]
        return reply

    def answer(message: str) -> str | None:
        replies = []
        for part in message.split(";"):
            if "?" in part:
                replies.append(one(part))
            elif " " in part:
                header, value = part.split(" ", 1)
                state[header] = {"ON": "1", "OFF": "0"}.get(value, value)
        return ";".join(replies) if replies else None

    return answer


def opened() -> tuple[Keithley2450, FakeResource]:
    resource = FakeResource(obeying({}))
    return Keithley2450(resource.as_visa, name="smu"), resource


def ready() -> tuple[Channel2450, FakeResource]:
    """Sourcing 0 V, 1 µA limit, 2 V range, measuring on 1 µA, output on; nothing in the record."""
    instrument, resource = opened()
    smu = instrument.channel("1")
    smu.source_voltage(0.0, current_limit=1e-6, voltage_range=2.0)
    smu.measure_setup(aperture=20e-3, current_range=1e-6, autozero="once")
    smu.output(True)
    resource.sent.clear()
    return smu, resource


def test_opening_changes_nothing() -> None:
    _, resource = opened()
    assert resource.sent == ["*IDN?", "*LANG?", ":SYST:LFR?;:OUTP?"]


def test_another_command_set_is_an_error_with_its_remedy() -> None:
    resource = FakeResource(obeying({"*LANG?": "TSP"}))
    with pytest.raises(InstrumentError, match=r"command set is TSP.*send \*LANG SCPI"):
        Keithley2450(resource.as_visa, name="smu")
    assert not resource.is_open


@pytest.mark.parametrize("bad", [*NAN_AND_INFINITIES, 211.0, -211.0])
def test_bad_levels_send_nothing(bad: float) -> None:
    instrument, resource = opened()
    resource.sent.clear()
    with pytest.raises(Refused):
        instrument.channel("1").source_voltage(bad, current_limit=1e-6)
    assert resource.sent == []


@pytest.mark.parametrize("bad", [*NAN_AND_INFINITIES, 0.0, 0.9e-9, 1.06, -1e-6])
def test_bad_limits_send_nothing(bad: float) -> None:
    instrument, resource = opened()
    resource.sent.clear()
    with pytest.raises(Refused, match="current limit"):
        instrument.channel("1").source_voltage(0.0, current_limit=bad)
    with pytest.raises(Refused):
        instrument.channel("1").source_current(0.0, voltage_limit=bad if abs(bad) < 0.02 else math.nan)
    assert resource.sent == []


@pytest.mark.parametrize(
    ("level", "limit", "voltage_range"),
    [(2.2, 1e-6, 2.0), (30.0, 0.2, None), (0.0, 0.2, 200.0), (0.0, 1e-6, 0.0), (0.0, 1e-6, 500.0)],
)
def test_levels_above_the_range_or_the_power_envelope_send_nothing(
    level: float, limit: float, voltage_range: float | None
) -> None:
    instrument, resource = opened()
    resource.sent.clear()
    with pytest.raises(Refused):
        instrument.channel("1").source_voltage(level, current_limit=limit, voltage_range=voltage_range)
    assert resource.sent == []


@pytest.mark.parametrize("bad", [*NAN_AND_INFINITIES, 0.0, 0.19e-3, 0.21])
def test_bad_apertures_send_nothing(bad: float) -> None:
    """0.01 … 10 cycles of 50 Hz are 0.2 … 200 ms."""
    instrument, resource = opened()
    resource.sent.clear()
    with pytest.raises(Refused, match="aperture"):
        instrument.channel("1").measure_setup(aperture=bad, current_range=1e-6)
    assert resource.sent == []


def test_setting_up_is_limit_then_range_then_level_and_one_exchange() -> None:
    instrument, resource = opened()
    smu = instrument.channel("1")
    smu.output_state  # noqa: B018 -- empties the log and sets the number format
    resource.sent.clear()
    setting = smu.source_voltage(0.5, current_limit=1e-6, voltage_range=1.5)
    (message,) = resource.sent
    commands = message.split(";")
    order = [":SOUR:VOLT 0", ":SOUR:VOLT:ILIM 1e-06", ":SOUR:VOLT:RANG 2", ":SOUR:VOLT 0.5"]
    assert [command for command in commands if command in order] == order
    assert commands[-1] == ":SYST:ERR:COUN?"
    assert (setting.function, setting.level, setting.limit, setting.range) == ("voltage", 0.5, 1e-6, 2.0)


def test_a_limit_that_does_not_read_back_is_an_error() -> None:
    instrument, resource = opened()
    resource.answer = obeying({":SOUR:FUNC?": "VOLT", ":SOUR:VOLT:ILIM?": "1.06E-04"})
    with pytest.raises(InstrumentError, match="in force is"):
        instrument.channel("1").source_voltage(0.0, current_limit=1e-6)


def test_a_measure_range_that_raises_the_limit_is_refused_and_one_that_did_is_an_error() -> None:
    smu, resource = ready()
    with pytest.raises(Refused, match=r"10\.6 %"):
        smu.measure_setup(aperture=20e-3, current_range=1e-5)
    assert resource.sent == []
    resource.answer = obeying({":SOUR:VOLT:ILIM?": "1.06E-05"})
    with pytest.raises(InstrumentError, match=r"asked for limit 1e-06, in force is 1\.06e-05"):
        smu.measure_setup(aperture=20e-3, current_range=1e-6)


def test_the_aperture_is_told_in_cycles_of_the_units_own_line_frequency() -> None:
    resource = FakeResource(obeying({":SYST:LFR?": "60"}))
    smu = Keithley2450(resource.as_visa, name="smu").channel("1")
    setting = smu.measure_setup(aperture=20e-3, current_range=0.7e-6, autozero="off")
    assert ":SENS:CURR:NPLC 1.2;:SENS:CURR:AZER 0;" in resource.sent[-1]
    assert setting.current_range == 1e-6


def test_a_pulse_is_one_exchange_and_an_equal_one_sends_no_list_again() -> None:
    smu, resource = ready()
    answers: dict[str, str | list[str]] = {":TRAC:DATA?": "1.5E-07,168,1704067212,5.0E-01", ":SOUR:VOLT?": "0"}
    resource.answer = obeying({**answers, ":SOUR:VOLT:ILIM?": "1E-06"})
    reading = smu.pulse(0.1, 0.03)
    fire = ':INIT;*WAI;:TRAC:DATA? 1,1,"defbuffer1",READ,SOURSTAT,SEC,FRAC;:SOUR:VOLT?;:SYST:ERR:COUN?'
    setup = (
        ":SOUR:VOLT:READ:BACK OFF;:SOUR:VOLT:DEL 0;:SOUR:LIST:VOLT 0.1,0"
        f';:TRIG:LOAD "Empty";:TRIG:BLOC:BUFF:CLE 1,"defbuffer1";:TRIG:BLOC:CONF:REC 2,{LIST},1'
        f';:TRIG:BLOC:DEL:CONS 3,0.01;:TRIG:BLOC:MEAS 4,"defbuffer1",1;:TRIG:BLOC:CONF:REC 5,{LIST},2'
    )
    assert resource.sent == [f"{setup};{fire}"]
    assert (reading.current, reading.time, reading.flags) == (1.5e-7, 1704067212.5, Flag.COMPLIANCE)
    assert math.isnan(reading.voltage)
    smu.pulse(0.1, 0.03)
    assert resource.sent[1:] == [fire]
    smu.measure_setup(aperture=20e-3, current_range=1e-7, autozero="once")
    smu.pulse(0.2, 0.03)
    assert resource.sent[-1].startswith(":SOUR:VOLT:READ:BACK OFF")


def test_a_pulse_after_a_failed_one_is_set_up_again() -> None:
    smu, resource = ready()
    resource.answer = obeying({":TRAC:DATA?": "1.5E-07,136,1704067212,5.0E-01", ":SOUR:VOLT?": "0.1"})
    with pytest.raises(InstrumentError, match=r"level is 0\.1 afterwards"):
        smu.pulse(0.1, 0.03)
    resource.answer = obeying({":TRAC:DATA?": "1.5E-07,136,1704067212,5.0E-01", ":SOUR:VOLT?": "0"})
    assert smu.pulse(0.1, 0.03).flags == Flag(0)
    assert resource.sent[-1].startswith(":SOUR:VOLT:READ:BACK OFF")


def test_a_reading_before_the_range_has_settled_is_flagged() -> None:
    """The 1 µA range settles in 3 ms; the reading takes the last 20 ms of the pulse."""
    smu, resource = ready()
    resource.answer = obeying({":TRAC:DATA?": "1.5E-07,136,1704067212,5.0E-01", ":SOUR:VOLT?": "0"})
    assert smu.pulse(0.1, 2.9e-3 + 20e-3).flags is Flag.UNSTABLE
    assert smu.pulse(0.1, 3e-3 + 20e-3).flags == Flag(0)


@pytest.mark.parametrize("width", [1.9e-3, 0.0, -1.0, math.nan, math.inf])
def test_pulses_the_unit_cannot_time_are_refused(width: float) -> None:
    smu, resource = ready()
    with pytest.raises(Refused, match="pulse width"):
        smu.pulse(0.1, width, measure=False)
    assert resource.sent == []


@pytest.mark.parametrize("separator", [",", ", "])
def test_a_reading_measures_both_quantities_and_takes_both_separators(separator: str) -> None:
    smu, resource = ready()
    reply = separator.join(("1.5E-07", "1.0E-01", "136", "1704067212", "5.0E-01"))
    resource.answer = obeying({":READ?": reply})
    reading = smu.measure()
    assert (reading.voltage, reading.current, reading.flags) == (0.1, 1.5e-7, Flag(0))
    assert len(resource.sent) == 1


def test_sentinels_become_nan_and_flags() -> None:
    smu, resource = ready()
    resource.answer = obeying({":READ?": "9.9E+37,1.0E-01,168,1704067212,0"})
    reading = smu.measure()
    assert math.isnan(reading.current)
    assert reading.flags == Flag.OVERFLOW | Flag.COMPLIANCE


@pytest.mark.parametrize(
    ("status", "flag"),
    [(128, Flag(0)), (132, Flag.COMPLIANCE), (144, Flag.OVER_TEMPERATURE), (160, Flag.COMPLIANCE), (192, Flag(0))],
)
def test_source_status_bits(status: int, flag: Flag) -> None:
    """Reference manual, reading buffers: 4 protection, 16 over-temperature, 32 limit, 64 four-wire, 128 on."""
    smu, resource = ready()
    resource.answer = obeying({":READ?": f"1.0E-07,1.0E-01,{status},1704067212,0"})
    assert smu.measure().flags == flag


def test_a_sweep_loads_its_list_by_hundreds_and_reads_one_block() -> None:
    smu, resource = ready()
    block = ",".join(f"{k}E-09,136,1704067200,{k * 1e-3}" for k in range(150))
    resource.answer = obeying({":TRAC:DATA?": block, ":SOUR:VOLT?": "0"})
    readings = smu.sweep([k / 100 for k in range(150)], dwell=0.01, aperture=20e-3)
    assert len(resource.sent) == 2
    assert resource.sent[0].startswith(":SOUR:VOLT:READ:BACK OFF;:SOUR:VOLT:DEL 0;:SOUR:LIST:VOLT 0,0.01,")
    assert resource.sent[0].count(",") == 99
    assert ":SOUR:LIST:VOLT:APP 1," in resource.sent[1]
    assert f"BRAN:COUN 8,150,5;:TRIG:BLOC:CONF:NEXT 9,{LIST};:INIT;*WAI;:TRAC:DATA? 1,150," in resource.sent[1]
    assert readings.currents[3] == 3e-9
    assert readings.times[149] == pytest.approx(0.149)


def test_a_short_block_is_an_error_not_a_short_sweep() -> None:
    smu, resource = ready()
    resource.answer = obeying({":TRAC:DATA?": "1E-9,136,1704067200,0", ":SOUR:VOLT?": "0"})
    with pytest.raises(InstrumentError, match="8 numbers were expected, not 4"):
        smu.sweep([0.1, 0.2], dwell=0.003, aperture=0.02)


def test_errors_in_the_log_surface_at_the_call_with_their_remedy() -> None:
    smu, resource = ready()
    smu.output(False)
    entry = '5074,"The source output is blocked by the interlock;1;2024/01/01 00:00:00.000"'
    resource.answer = obeying({":SYST:ERR:COUN?": "1", ":SYST:ERR?": [entry, NO_ERROR]})
    with pytest.raises(InstrumentError, match=r"5074.*close the safety interlock"):
        smu.output(True)


def test_make_safe_is_level_first_then_output_then_read_back() -> None:
    smu, resource = ready()
    assert smu.make_safe() == []
    assert resource.sent == [":ABOR", ":SOUR:VOLT 0", ":SOUR:CURR 0", ":OUTP OFF", ":OUTP?"]
    resource.sent.clear()
    with pytest.raises(Refused, match="make-safe"):
        smu.output(True)
    assert resource.sent == []


def test_make_safe_reports_an_output_that_stays_on() -> None:
    smu, resource = ready()
    resource.answer = obeying({":OUTP?": "1"})
    (problem,) = smu.make_safe()
    assert "still reads on" in problem
    assert resource.sent.count(":OUTP OFF") >= 2


def test_off_states_read_back_and_unknown_ones_are_refused() -> None:
    smu, resource = ready()
    assert smu.off_state("open") == "open"
    resource.answer = obeying({":OUTP:CURR:SMOD?": "NORM"})
    with pytest.raises(InstrumentError, match="off state 'zero'"):
        smu.off_state("zero")
    resource.sent.clear()
    with pytest.raises(Refused, match="'normal' or 'zero' or 'open' or 'guard'"):
        smu.off_state("floating")
    assert resource.sent == []


def test_abilities_follow_the_line_frequency_and_every_range_has_a_settling_time() -> None:
    can = abilities_2450(60.0)
    assert can.apertures == pytest.approx((0.01 / 60, 10 / 60))
    assert (can.settling(1e-8), can.settling(0.9e-6)) == (0.05, 3e-3)
    assert len(can.current_settling) == len(can.measure_current_ranges) == 9


def test_the_terminal_is_that_of_the_registry() -> None:
    instrument, _ = opened()
    assert DRIVERS["keithley_2450"].terminals == "1"
    with pytest.raises(Refused, match="'1'"):
        instrument.channel("a")
