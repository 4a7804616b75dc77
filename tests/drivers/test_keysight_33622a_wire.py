"""The 33622A driver byte by byte, against a resource that plays the part of the settings it is sent."""

import math
import re

import pytest

from drivers.errors import InstrumentError, Refused
from drivers.generator import GeneratorChannel
from drivers.keysight_33600a import Keysight33622A
from tests.drivers.fake_resource import FakeResource

NONE = '+0,"No error"'
QUERIES = {
    ":SOUR1:FUNC?": "PULS",
    ":OUTP1:POL?": "NORM",
    ":SOUR1:BURS:MODE?": "TRIG",
    ":TRIG1:SOUR?": "BUS",
}


class Settings:
    """Answers queries of channel 1 with what was set; as many errors as `errors` holds come out of SYST:ERR?."""

    def __init__(self, **fixed: str) -> None:
        self.values = {"OUTP1": "0", "OUTP2": "0", "SOUR1:VOLT": "0.1", "SOUR1:VOLT:OFFS": "0"}
        self.fixed = {key.replace("_", ":"): value for key, value in fixed.items()}
        self.errors: list[str] = []

    def __call__(self, message: str) -> str | None:
        replies = [reply for unit in re.split(";:?", message) if (reply := self._unit(unit.lstrip(":"))) is not None]
        return ";".join(replies) or None

    def _unit(self, unit: str) -> str | None:
        if unit == "*IDN?":
            return "Agilent Technologies,33622A,MY001,A.02.03"
        if unit == "*OPC?":
            return "1"
        if unit == "SYST:ERR?":
            return self.errors.pop(0) if self.errors else NONE
        if unit.endswith("?"):
            return self.fixed.get(unit[:-1]) or self._query(unit[:-1])
        header, _, value = unit.partition(" ")
        self.values[header] = {"ON": "1", "OFF": "0", "INF": "9.9E+37"}.get(value, value)
        return None

    def _query(self, header: str) -> str:
        amplitude, offset = (float(self.values[name]) for name in ("SOUR1:VOLT", "SOUR1:VOLT:OFFS"))
        if header.endswith("VOLT:HIGH"):
            return f"{offset + amplitude / 2:+.15E}"
        if header.endswith("VOLT:LOW"):
            return f"{offset - amplitude / 2:+.15E}"
        return self.values.get(header, "+1.000000000000000E+00")


def opened(**fixed: str) -> tuple[Keysight33622A, FakeResource, Settings]:
    settings = Settings(**fixed)
    resource = FakeResource(settings)
    return Keysight33622A(resource.as_visa, name="pulser"), resource, settings


def ready(**fixed: str) -> tuple[GeneratorChannel, FakeResource, Settings]:
    """Channel 1 with a 0 → 4 V pulse of 1 ms on an open end, output on; nothing in the record."""
    instrument, resource, settings = opened(**fixed)
    channel = instrument.channel("1")
    channel.load(math.inf)
    channel.pulse(base=0.0, level=4.0, width=1e-3)
    channel.output(True)
    resource.sent.clear()
    return channel, resource, settings


def commands(message: str) -> list[str]:
    return [unit for unit in message.split(";") if not unit.endswith("?")]


def test_opening_changes_nothing() -> None:
    _, resource, _ = opened()
    assert resource.sent == ["*IDN?", ":OUTP1?;:OUTP2?"]


def test_a_pulse_needs_a_stated_load() -> None:
    instrument, resource, _ = opened()
    resource.sent.clear()
    with pytest.raises(Refused, match=r"load\(inf\) for a gate"):
        instrument.channel("1").pulse(base=0.0, level=1.0, width=1e-3)
    with pytest.raises(Refused, match="no pulse was set"):
        instrument.channel("1").output(True)
    assert resource.sent == []


@pytest.mark.parametrize(
    "change",
    [
        {"level": math.nan},
        {"level": math.inf},
        {"base": math.nan},
        {"level": 10.01},  # ±10 V at an open end
        {"base": -10.01},
        {"level": 0.0},  # no amplitude
        {"level": 0.0019},  # below 2 mV at an open end
        {"width": math.nan},
        {"width": 0.0},
        {"width": -1e-3},
        {"width": 4e-9},
        {"width": 1e-6, "rise": 1.25e-6},  # the width is at least 1.6 times the 10–90 % edge
        {"rise": 3.5e-9},  # 2.8 ns between 10 and 90 %
        {"fall": 1.3e-6},  # 1.04 µs between 10 and 90 %
        {"rise": math.nan},
        {"period": 1e-3},
        {"period": math.nan},
        {"period": 0.0},
        {"delay": -1.0},
        {"delay": math.nan},
    ],
)
def test_pulses_that_do_not_fit_send_nothing(change: dict[str, float]) -> None:
    channel, resource, _ = ready()
    with pytest.raises(Refused):
        channel.pulse(**{"base": 0.0, "level": 4.0, "width": 1e-3, **change})
    assert resource.sent == []


def test_limits_are_those_of_the_terminals_at_the_stated_load() -> None:
    """A 50 Ω load takes half of the 10 V that the source has behind its own 50 Ω."""
    instrument, _, _ = opened()
    channel = instrument.channel("1")
    channel.load(50.0)
    with pytest.raises(Refused, match=r"-5 V … 5 V.*load of 50 ohm"):
        channel.pulse(base=0.0, level=5.01, width=1e-3)
    assert channel.pulse(base=0.0, level=5.0, width=1e-3).level == 5.0
    with pytest.raises(Refused, match=r"smallest amplitude 0\.001 V"):
        channel.pulse(base=0.0, level=0.0009, width=1e-3)


@pytest.mark.parametrize("ohm", [math.nan, 0.0, -50.0, 2e4, -math.inf])
def test_impossible_loads_send_nothing(ohm: float) -> None:
    instrument, resource, _ = opened()
    resource.sent.clear()
    with pytest.raises(Refused, match="load"):
        instrument.channel("1").load(ohm)
    assert resource.sent == []


@pytest.mark.parametrize("ohm", [math.inf, 75.0])
def test_a_load_that_does_not_read_back_is_an_error_and_stays_unstated(ohm: float) -> None:
    instrument, _, _ = opened(OUTP1_LOAD="+5.0E+01")
    channel = instrument.channel("1")
    with pytest.raises(InstrumentError, match="asked for load"):
        channel.load(ohm)
    with pytest.raises(Refused, match="state the load"):
        channel.pulse(base=0.0, level=1.0, width=1e-3)


def test_a_new_load_forgets_the_pulse_and_is_refused_while_on() -> None:
    channel, resource, _ = ready()
    with pytest.raises(Refused, match="output is on"):
        channel.load(50.0)
    assert resource.sent == []
    channel.output(False)
    channel.load(50.0)
    with pytest.raises(Refused, match="no pulse was set"):
        channel.output(True)


def test_the_first_pulse_is_one_exchange_with_everything_read_back_and_the_output_off() -> None:
    instrument, resource, _ = opened()
    channel = instrument.channel("1")
    channel.load(math.inf)
    resource.sent.clear()
    shape = channel.pulse(base=0.0, level=4.0, width=1e-3, rise=1e-6, fall=1.25e-6)
    assert len(resource.sent) == 1
    sent = commands(resource.sent[0])
    assert sent[0] == ":OUTP1 OFF"
    assert ":OUTP1 ON" not in sent
    assert ":SOUR1:FUNC:PULS:TRAN:LEAD 8e-07" in sent  # 10–90 % of a 1 µs ramp
    assert ":SOUR1:FUNC:PULS:TRAN:TRA 1e-06" in sent
    assert sent.index(":SOUR1:VOLT 0.002") < sent.index(":SOUR1:VOLT:OFFS 2") < sent.index(":SOUR1:VOLT 4")
    assert ":SOUR1:BURS:STAT ON" in sent
    assert ":TRIG1:SOUR BUS" in sent
    assert resource.sent[0].endswith(";:SYST:ERR?")
    assert (shape.base, shape.level, shape.width, shape.rise, shape.fall) == pytest.approx((0, 4, 1e-3, 1e-6, 1.25e-6))


def test_a_downward_pulse_is_the_inverted_output_resting_at_high() -> None:
    channel, resource, settings = ready()
    shape = channel.pulse(base=0.0, level=-4.0, width=1e-3)
    assert settings.values["OUTP1:POL"] == "INV"
    assert (settings.values["SOUR1:VOLT"], settings.values["SOUR1:VOLT:OFFS"]) == ("4", "-2")
    assert (shape.base, shape.level) == (0.0, -4.0)
    assert len(resource.sent) == 1


def test_a_new_level_is_set_with_the_relay_open_and_nothing_else_is_sent() -> None:
    channel, resource, _ = ready()
    channel.polarity(-1)
    sent = commands(resource.sent[0])
    assert len(resource.sent) == 1
    assert (sent[0], sent[-1]) == (":OUTP1 OFF", ":OUTP1 ON")
    assert not any("PULS" in command or "BURS" in command for command in sent)


def test_new_times_alone_leave_the_output_on_and_the_levels_alone() -> None:
    channel, resource, _ = ready()
    channel.pulse(base=0.0, level=4.0, width=2e-3)
    sent = commands(resource.sent[0])
    assert not any(command.startswith((":OUTP1", ":SOUR1:VOLT")) for command in sent)
    periods, widths = ([command for command in sent if f"PULS:{name} " in command] for name in ("PER", "WIDT"))
    assert sent.index(widths[0]) < sent.index(periods[0]) < sent.index(widths[1])


def test_firing_is_one_exchange_and_gets_the_time_of_the_train() -> None:
    channel, resource, _ = ready()
    channel.pulse(base=0.0, level=4.0, width=1e-3, period=2.0)
    channel.count(10)
    resource.sent.clear()
    channel.fire()
    assert resource.sent == ["*TRG;*OPC?;:SYST:ERR?"]
    assert resource.timeout == pytest.approx(25_000)


def test_a_missed_trigger_is_an_error_with_all_entries() -> None:
    channel, _, settings = ready()
    settings.errors = ['-211,"Trigger ignored"', '-222,"Data out of range"']
    with pytest.raises(InstrumentError, match=r"-211,.*-222,"):
        channel.fire()


def test_firing_needs_the_output_on() -> None:
    channel, resource, _ = ready()
    channel.output(False)
    resource.sent.clear()
    with pytest.raises(Refused, match="output is off"):
        channel.fire()
    assert resource.sent == []


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("SOUR1_FUNC_PULS_WIDT", "+9.0E-04"),
        ("SOUR1_FUNC_PULS_PER", "+9.0E-03"),
        ("SOUR1_FUNC_PULS_TRAN_LEAD", "+8.4E-09"),
        ("SOUR1_VOLT_HIGH", "+3.9E+00"),
        ("OUTP1_POL", "INV"),
        ("SOUR1_FUNC", "SIN"),
        ("SOUR1_BURS_STAT", "0"),
    ],
)
def test_what_the_instrument_changed_silently_is_an_error_and_leaves_no_pulse(setting: str, value: str) -> None:
    instrument, _, _ = opened(**{setting: value})
    channel = instrument.channel("1")
    channel.load(math.inf)
    with pytest.raises(InstrumentError, match="in force is"):
        channel.pulse(base=0.0, level=4.0, width=1e-3)
    with pytest.raises(Refused, match="no pulse was set"):
        channel.output(True)


@pytest.mark.parametrize("n", [0, -1, 2.5, 10**9, math.nan, math.inf, None])
def test_counts_the_unit_cannot_do_send_nothing(n: float | None) -> None:
    channel, resource, _ = ready()
    with pytest.raises(Refused):
        channel.count(n)  # type: ignore[arg-type]
    assert resource.sent == []


def test_arbitrary_waveforms_other_triggers_and_polarities_are_refused() -> None:
    channel, resource, _ = ready()
    for request in (
        lambda: channel.waveform([0.0, 1.0], 1e-6),
        lambda: channel.trigger("internal"),
        lambda: channel.trigger("external", edge="both"),
        lambda: channel.polarity(0),
        lambda: channel.wait(math.nan),
    ):
        with pytest.raises(Refused):
            request()
    assert resource.sent == []


def test_appl_is_never_sent_and_errors_before_us_are_not_ours() -> None:
    instrument, resource, settings = opened()
    channel = instrument.channel("1")
    channel.load(math.inf)
    channel.pulse(base=0.0, level=4.0, width=1e-3)
    assert resource.sent[2] == "*CLS"
    assert not any("APPL" in message for message in resource.sent)
    assert settings.values["OUTP1"] == "0"


def test_make_safe_opens_both_relays_and_reads_back() -> None:
    instrument, resource, settings = opened()
    settings.values |= {"OUTP1": "1", "OUTP2": "1"}
    resource.sent.clear()
    assert instrument.make_safe() == []
    assert resource.sent == [":OUTP1 OFF", ":OUTP1?", ":OUTP2 OFF", ":OUTP2?"]
    assert (settings.values["OUTP1"], settings.values["OUTP2"]) == ("0", "0")


def test_after_a_make_safe_the_load_must_be_stated_again() -> None:
    channel, resource, _ = ready()
    channel.make_safe()
    resource.sent.clear()
    with pytest.raises(Refused, match="no pulse was set"):
        channel.output(True)
    with pytest.raises(Refused, match="state the load"):
        channel.pulse(base=0.0, level=1.0, width=1e-3)
    assert resource.sent == []


def test_make_safe_reports_a_relay_that_stays_closed() -> None:
    channel, _, settings = ready()
    settings.fixed["OUTP1"] = "1"
    (problem,) = channel.make_safe()
    assert "still reads on" in problem


def test_settings_are_plain_values_for_a_run_file() -> None:
    instrument, _, settings = opened()
    settings.values |= {"OUTP1:LOAD": "9.9E+37"}
    settings.fixed |= {query[1:-1]: word for query, word in QUERIES.items()}
    record = instrument.settings()
    assert record["1.load"] == "inf"
    assert record["1.polarity"] == "NORM"
    assert all(isinstance(value, (float, str, bool)) for value in record.values())
