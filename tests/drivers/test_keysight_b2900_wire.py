"""The B2900 driver byte by byte: what is refused sends nothing, what is done is one exchange."""

import math
import struct

import pytest

from drivers.errors import InstrumentError, Refused
from drivers.keysight_b2900 import PREPARE, ChannelB2900, KeysightB2902B, KeysightB2912B
from drivers.keysight_b2900_lists import abilities_b2900
from drivers.records import Flag
from drivers.registry import DRIVERS
from tests.drivers.fake_resource import Answer, FakeResource

NAN_AND_INFINITIES = (math.nan, math.inf, -math.inf)
Answers = dict[str, "str | bytes | list[str]"]


def obeying(answers: Answers, model: str = "B2912B") -> Answer:
    """Each query is answered from `answers`, or with what the last command with the same header set, or with 0."""
    state = {"*IDN": f"Keysight Technologies,{model},MY51140001,5.0.2041.5920"}

    def one(query: str) -> str | bytes:
        reply = answers.get(query, state.get(query.split("?")[0], "0"))
        if isinstance(reply, list):
            return reply.pop(0) if len(reply) > 1 else reply[0]
        return reply

    def answer(message: str) -> str | bytes | None:
        replies: list[str] = []
        for part in message.split(";"):
            if "?" in part:
                reply = one(part)
                if isinstance(reply, bytes):
                    return reply
                replies.append(reply)
            elif " " in part:
                header, value = part.split(" ", 1)
                state[header] = value
        return ";".join(replies) if replies else None

    return answer


def opened(answers: Answers | None = None) -> tuple[KeysightB2912B, FakeResource]:
    resource = FakeResource(obeying(answers or {}))
    return KeysightB2912B(resource.as_visa, name="smu"), resource


def ready(terminal: str = "1") -> tuple[ChannelB2900, FakeResource]:
    """Sourcing 0 V, 1 µA limit, 2 V range, measuring on 1 µA, output on; nothing in the record."""
    instrument, resource = opened()
    smu = instrument.channel(terminal)
    smu.source_voltage(0.0, current_limit=1e-6, voltage_range=2.0)
    smu.measure_setup(aperture=1e-3, current_range=1e-6, autozero="once")
    smu.output(True)
    resource.sent.clear()
    return smu, resource


def block(*values: float) -> bytes:
    payload = struct.pack(f">{len(values)}d", *values)
    return b"#%d%d%b\n" % (len(str(len(payload))), len(payload), payload)


def test_opening_changes_nothing() -> None:
    _, resource = opened()
    assert resource.sent == ["*IDN?", ":OUTP1?;:OUTP2?"]


def test_the_other_model_is_refused() -> None:
    resource = FakeResource(obeying({}))
    with pytest.raises(InstrumentError, match="B2902B was expected"):
        KeysightB2902B(resource.as_visa, name="smu")
    assert not resource.is_open


def test_before_the_first_request_no_output_may_go_on_by_itself() -> None:
    instrument, resource = opened()
    assert instrument.channel("2").output_state is False
    assert resource.sent[-2:] == [PREPARE, ":OUTP2?;:SYST:ERR:COUN?"]
    assert ":OUTP1:ON:AUTO 0;:OUTP2:ON:AUTO 0" in PREPARE


@pytest.mark.parametrize("bad", [*NAN_AND_INFINITIES, 213.0, -213.0])
def test_bad_levels_send_nothing(bad: float) -> None:
    instrument, resource = opened()
    resource.sent.clear()
    with pytest.raises(Refused):
        instrument.channel("1").source_voltage(bad, current_limit=1e-6)
    assert resource.sent == []


@pytest.mark.parametrize("bad", [*NAN_AND_INFINITIES, 0.0, 0.9e-9, 3.1, -1e-6])
def test_bad_limits_send_nothing(bad: float) -> None:
    instrument, resource = opened()
    resource.sent.clear()
    with pytest.raises(Refused, match="current limit"):
        instrument.channel("1").source_voltage(0.0, current_limit=bad)
    with pytest.raises(Refused, match="voltage limit"):
        instrument.channel("1").source_current(0.0, voltage_limit=bad if abs(bad) < 0.02 else math.nan)
    assert resource.sent == []


@pytest.mark.parametrize(
    ("level", "limit", "voltage_range"),
    [(2.2, 1e-6, 2.0), (30.0, 0.2, None), (10.0, 1.6, None), (0.0, 1e-6, 0.0), (0.0, 1e-6, 500.0)],
)
def test_levels_above_the_range_or_the_power_envelope_send_nothing(
    level: float, limit: float, voltage_range: float | None
) -> None:
    instrument, resource = opened()
    resource.sent.clear()
    with pytest.raises(Refused):
        instrument.channel("1").source_voltage(level, current_limit=limit, voltage_range=voltage_range)
    assert resource.sent == []


@pytest.mark.parametrize("bad", [*NAN_AND_INFINITIES, 0.0, 7e-6, 2.1])
def test_bad_apertures_send_nothing(bad: float) -> None:
    instrument, resource = opened()
    resource.sent.clear()
    with pytest.raises(Refused, match="aperture"):
        instrument.channel("1").measure_setup(aperture=bad, current_range=1e-6)
    assert resource.sent == []


def test_setting_up_is_limit_then_range_then_level_and_one_exchange() -> None:
    instrument, resource = opened()
    smu = instrument.channel("2")
    smu.output_state  # noqa: B018 -- sets the number format
    resource.sent.clear()
    setting = smu.source_voltage(0.5, current_limit=1e-6, voltage_range=1.5)
    (message,) = resource.sent
    commands = message.split(";")
    order = [":SOUR2:VOLT 0", ":SENS2:CURR:PROT 1e-06", ":SOUR2:VOLT:RANG 2", ":SOUR2:VOLT 0.5"]
    assert [command for command in commands if command in order] == order
    assert commands[-1] == ":SYST:ERR:COUN?"
    assert (setting.function, setting.level, setting.limit, setting.range) == ("voltage", 0.5, 1e-6, 2.0)


@pytest.mark.parametrize("query", [":SENS1:CURR:PROT?", ":OUTP1:HCAP?", ":SOUR1:VOLT?", ":SOUR1:VOLT:RANG?"])
def test_what_does_not_read_back_is_an_error(query: str) -> None:
    instrument, _ = opened({query: "1.06E-04"})
    with pytest.raises(InstrumentError, match="in force is"):
        instrument.channel("1").source_voltage(0.5, current_limit=1e-6, voltage_range=2.0)


def test_a_pulse_is_one_exchange_and_an_equal_one_sends_no_set_up_again() -> None:
    smu, resource = ready()
    resource.answer = obeying({":FETC? (@1)": "+1.0E-01,+1.5E-07,+2.5E+00,+2.0E+00"})
    reading = smu.pulse(0.1, 3e-3)
    fire = ":INIT (@1);:FETC? (@1);:SOUR1:VOLT?;:SYST:ERR:COUN?"
    setup = (
        ":SOUR1:FUNC:SHAP PULS;:SOUR1:VOLT:MODE FIX;:SOUR1:VOLT 0;:SOUR1:VOLT:TRIG 0.1;:SOUR1:PULS:DEL 0"
        ";:SOUR1:PULS:WIDT 0.003;:SOUR1:WAIT 0;:SENS1:WAIT 0;:SENS1:CURR:APER 0.001"
        ";:ARM1:SOUR AINT;:ARM1:COUN 1;:ARM1:DEL 0"
        ";:TRIG1:SOUR AINT;:TRIG1:COUN 1;:TRIG1:TRAN:DEL 0;:TRIG1:ACQ:DEL 0.002"
    )
    assert resource.sent == [f"{setup};{fire}"]
    assert (reading.voltage, reading.current, reading.time, reading.flags) == (0.1, 1.5e-7, 2.5, Flag.COMPLIANCE)
    smu.pulse(0.1, 3e-3)
    assert resource.sent[1:] == [fire]
    for change in (lambda: smu.set_level(0.0), smu.measure):
        resource.answer = obeying({":FETC? (@1)": "0,0,0,0", ":MEAS? (@1)": "0,0,0,0"})
        change()
        smu.pulse(0.1, 3e-3)
        assert resource.sent[-1].startswith(":SOUR1:FUNC:SHAP PULS")


def test_a_pulse_after_a_failed_one_is_set_up_again() -> None:
    smu, resource = ready()
    resource.answer = obeying({":FETC? (@1)": "0,0,0,0", ":SOUR1:VOLT?": "0.1"})
    with pytest.raises(InstrumentError, match=r"level is 0\.1 afterwards"):
        smu.pulse(0.1, 3e-3)
    resource.answer = obeying({":FETC? (@1)": "0,0,0,0"})
    assert smu.pulse(0.1, 3e-3).flags == Flag(0)
    assert resource.sent[-1].startswith(":SOUR1:FUNC:SHAP PULS")


def test_a_reading_is_one_exchange_and_an_equal_one_sends_no_set_up_again() -> None:
    smu, resource = ready("2")
    resource.answer = obeying({":MEAS? (@2)": "+1.0E-01,+1.5E-07,+2.5E+00,+0.0E+00"})
    assert smu.measure().current == 1.5e-7
    assert smu.measure().voltage == 0.1
    fire = ":MEAS? (@2);:SYST:ERR:COUN?"
    assert resource.sent == [f":SENS2:CURR:APER 0.001;:SENS2:WAIT 1;{fire}", fire]


@pytest.mark.parametrize("width", [49e-6, 0.0, -1.0, math.nan, math.inf])
def test_pulses_the_unit_cannot_time_are_refused(width: float) -> None:
    smu, resource = ready()
    with pytest.raises(Refused, match="pulse width"):
        smu.pulse(0.1, width, measure=False)
    assert resource.sent == []


@pytest.mark.parametrize("number", ["+9.900000E+37", "-9.900000E+37", "+9.910000E+37"])
def test_sentinels_become_nan_and_flags(number: str) -> None:
    smu, resource = ready()
    resource.answer = obeying({":MEAS? (@1)": f"+1.0E-01,{number},+0.0E+00,+8.194000E+03"})
    reading = smu.measure()
    assert math.isnan(reading.current)
    assert reading.flags == Flag.OVERFLOW | Flag.COMPLIANCE


@pytest.mark.parametrize(
    ("status", "flag"), [(1, Flag(0)), (4, Flag.COMPLIANCE), (6, Flag.COMPLIANCE), (8, Flag.UNKNOWN),
                         (16, Flag.UNKNOWN), (32, Flag.OVER_TEMPERATURE), (8192, Flag.OVERFLOW), (16384, Flag(0))]
)  # fmt: skip
def test_status_bits(status: int, flag: Flag) -> None:
    """Table 1-2 of the command reference."""
    smu, resource = ready()
    resource.answer = obeying({":MEAS? (@1)": f"0,0,0,{status}"})
    assert smu.measure().flags == flag


def test_a_sweep_is_one_list_and_one_block() -> None:
    smu, resource = ready()
    values = [part for k in range(3) for part in (k / 10, k * 1e-7, 5.0 + k * 0.02, 0.0)]
    resource.answer = obeying({":FETC:ARR? (@1)": block(*values)})
    readings = smu.sweep([0.0, 0.1, 0.2], dwell=0.01, aperture=9.9e-3)
    sweep, after = resource.sent
    assert sweep.startswith(":FORM REAL,64;:SOUR1:FUNC:SHAP DC;:SOUR1:VOLT:MODE LIST;:SOUR1:LIST:VOLT 0,0.1,0.2,0;")
    assert ":TRIG1:SOUR TIM;:TRIG1:TIM 0.02;:TRIG1:TRAN:COUN 4;:TRIG1:ACQ:COUN 3;" in sweep
    assert sweep.endswith(":TRIG1:ACQ:DEL 0.01;:INIT (@1);:FETC:ARR? (@1)")
    assert after == ":FORM ASC;:SYST:ERR:COUN?"
    assert readings.currents == pytest.approx([0.0, 1e-7, 2e-7])
    assert readings.times == pytest.approx([0.0, 0.02, 0.04])


def test_a_short_block_is_an_error_not_a_short_sweep_and_the_format_is_set_again() -> None:
    smu, resource = ready()
    resource.answer = obeying({":FETC:ARR? (@1)": block(0.0, 0.0, 0.0, 0.0)})
    with pytest.raises(InstrumentError, match="8 numbers were expected, not 4"):
        smu.sweep([0.1, 0.2], dwell=0.003, aperture=0.02)
    resource.answer = obeying({":FETC:ARR? (@1)": "no block"})
    with pytest.raises(InstrumentError):
        smu.sweep([0.1, 0.2], dwell=0.003, aperture=0.02)
    resource.sent.clear()
    resource.answer = obeying({":OUTP1?": "1"})
    assert smu.output_state
    assert resource.sent[0] == PREPARE


def test_errors_surface_at_the_call_with_their_remedy() -> None:
    smu, resource = ready()
    smu.output(False)
    entry = '-221,"Settings conflict;the interlock is open"'
    resource.answer = obeying({":SYST:ERR:COUN?": "+1", ":SYST:ERR?": [entry, '+0,"No error"']})
    with pytest.raises(InstrumentError, match=r"-221.*close the safety interlock"):
        smu.output(True)


def test_make_safe_is_level_first_then_output_then_read_back_on_both_channels() -> None:
    instrument, resource = opened()
    resource.sent.clear()
    assert instrument.make_safe() == []
    one = [":ABOR (@1)", ":SOUR1:VOLT 0", ":SOUR1:CURR 0", ":OUTP1 0", ":OUTP1?"]
    assert resource.sent == one + [message.replace("1", "2") for message in one]
    with pytest.raises(Refused, match="make-safe"):
        instrument.channel("1").output(True)


def test_make_safe_reports_an_output_that_stays_on() -> None:
    smu, resource = ready()
    resource.answer = obeying({":OUTP1?": "1"})
    (problem,) = smu.make_safe()
    assert "still reads on" in problem
    assert resource.sent.count(":OUTP1 0") >= 2


def test_off_states_read_back_and_unknown_ones_are_refused() -> None:
    smu, resource = ready()
    assert smu.off_state("open") == "open"
    assert resource.sent[-1].startswith(":OUTP1:OFF:MODE HIZ;")
    resource.answer = obeying({":OUTP1:OFF:MODE?": "NORM"})
    with pytest.raises(InstrumentError, match="off state 'zero'"):
        smu.off_state("zero")
    with pytest.raises(Refused, match="'normal' or 'zero' or 'open'"):
        smu.off_state("guard")


def test_abilities_of_the_models_and_every_range_has_a_settling_time() -> None:
    large, small = abilities_b2900(1e-7), abilities_b2900(1e-8)
    assert (large.measure_current_ranges[0], small.measure_current_ranges[0]) == (1e-7, 1e-8)
    for can in (large, small):
        assert len(can.current_settling) == len(can.measure_current_ranges)
        assert (can.settling(1e-7), can.settling(0.9e-6), can.settling(1e-3)) == (10e-3, 500e-6, 80e-6)


def test_terminals_are_those_of_the_registry() -> None:
    instrument, _ = opened()
    assert DRIVERS["keysight_b2902b"].terminals == DRIVERS["keysight_b2912b"].terminals == "1|2"
    with pytest.raises(Refused, match="'1' or '2'"):
        instrument.channel("a")
