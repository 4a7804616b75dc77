"""The 2636B driver byte by byte: what is refused sends nothing, what is done is one exchange."""

import math

import pytest

from drivers.errors import InstrumentError, Refused
from drivers.keithley_2600b import Channel2600B, Keithley2636B
from drivers.keithley_2600b_abilities import abilities_2600b
from drivers.records import Flag
from drivers.registry import DRIVERS
from tests.drivers.fake_resource import Answer, FakeResource, table

EMPTY = "0.00000e+00\tQueue Is Empty\t0.00000e+00\t0.00000e+00"
ANSWERS: dict[str, str | list[str]] = {
    "*IDN?": "Keithley Instruments Inc., Model 2636B, 4000001, 3.3.5",
    "print(localnode.linefreq": "5.00000e+01\t0.00000e+00\t0.00000e+00",
    "print(errorqueue.next())": EMPTY,
    "ecramlab.source_voltage(": "1\t0\t1e-06\t2\t0\t0",
    "ecramlab.source_current(": "0\t0\t1\t1e-06\t0\t0",
    "ecramlab.level(": "0.5\t0",
    "ecramlab.measure(": "1.5e-07\t0.1\tfalse\t12.5\t0",
    "ecramlab.pulse(": "1.5e-07\t0.1\tfalse\t12.5\t0",
    "smua.source.output = 1": "1\t0",
    "smua.source.output = 0": "0\t0",
    "smua.source.offmode = 2": "2\t0",
    "print(smua.source.output)": "0",
    "print(smub.source.output)": "0",
}
NAN_AND_INFINITIES = (math.nan, math.inf, -math.inf)


def opened(**answers: str | list[str]) -> tuple[Keithley2636B, FakeResource]:
    """`answers` replace what the loaded function of that name replies."""
    resource = FakeResource(obeying({**ANSWERS, **{f"ecramlab.{key}(": value for key, value in answers.items()}}))
    return Keithley2636B(resource.as_visa, name="smu"), resource


def obeying(answers: dict[str, str | list[str]]) -> Answer:
    """Answers from a table; a measure setup that is not in it reads back as asked, autoranges as some range."""
    listed = table(answers)

    def answer(message: str) -> str | None:
        if message.startswith("ecramlab.measure_setup(") and "ecramlab.measure_setup(" not in answers:
            nplc, current, lowest, voltage = message.split(", ")[1:5]
            return "\t".join((nplc, current.replace("nil", "1e-06"), lowest, voltage.replace("nil", "2"), "0"))
        return listed(message)

    return answer


def ready(**answers: str | list[str]) -> tuple[Channel2600B, FakeResource]:
    """Channel a sourcing 0 V, 1 µA limit, 2 V range, measuring on 1 µA, output on; nothing in the record."""
    instrument, resource = opened(**answers)
    smu = instrument.channel("a")
    smu.source_voltage(0.0, current_limit=1e-6, voltage_range=2.0)
    smu.measure_setup(aperture=20e-3, current_range=1e-6, autozero="once")
    smu.output(True)
    resource.sent.clear()
    return smu, resource


def test_opening_changes_nothing() -> None:
    _, resource = opened()
    assert resource.sent == ["*IDN?", "print(localnode.linefreq, smua.source.output, smub.source.output)"]


@pytest.mark.parametrize("bad", [*NAN_AND_INFINITIES, 203.0, -203.0])
def test_bad_levels_send_nothing(bad: float) -> None:
    instrument, resource = opened()
    resource.sent.clear()
    with pytest.raises(Refused):
        instrument.channel("a").source_voltage(bad, current_limit=1e-6)
    assert resource.sent == []


@pytest.mark.parametrize("bad", [*NAN_AND_INFINITIES, 0.0, 0.9e-10, 1.6, -1e-6])
def test_bad_limits_send_nothing(bad: float) -> None:
    instrument, resource = opened()
    resource.sent.clear()
    with pytest.raises(Refused, match="current limit"):
        instrument.channel("a").source_voltage(0.0, current_limit=bad)
    with pytest.raises(Refused):
        instrument.channel("b").source_current(0.0, voltage_limit=bad if abs(bad) < 0.02 else math.nan)
    assert resource.sent == []


@pytest.mark.parametrize(
    ("level", "limit", "voltage_range"),
    [(2.03, 1e-6, 2.0), (30.0, 0.2, None), (0.0, 0.2, 200.0), (0.0, 1e-6, 0.0), (0.0, 1e-6, 500.0)],
)
def test_levels_above_the_range_or_the_power_envelope_send_nothing(
    level: float, limit: float, voltage_range: float | None
) -> None:
    instrument, resource = opened()
    resource.sent.clear()
    with pytest.raises(Refused):
        instrument.channel("a").source_voltage(level, current_limit=limit, voltage_range=voltage_range)
    assert resource.sent == []


def test_high_capacitance_raises_the_smallest_limit_to_a_microampere() -> None:
    instrument, _ = opened()
    with pytest.raises(Refused, match="1e-06 A"):
        instrument.channel("a").source_voltage(0.0, current_limit=1e-7, high_capacitance=True)


@pytest.mark.parametrize("bad", [*NAN_AND_INFINITIES, 0.0, 1e-6, 0.6])
def test_bad_apertures_send_nothing(bad: float) -> None:
    """0.001 … 25 cycles of 50 Hz are 20 µs … 0.5 s."""
    instrument, resource = opened()
    resource.sent.clear()
    with pytest.raises(Refused, match="aperture"):
        instrument.channel("a").measure_setup(aperture=bad, current_range=1e-6)
    assert resource.sent == []


def test_a_short_aperture_on_the_autorange_is_refused_with_the_settling_time() -> None:
    instrument, resource = opened()
    resource.sent.clear()
    smu = instrument.channel("a")
    with pytest.raises(Refused, match=r"0\.01 s is shorter than the 0\.45 s"):
        smu.measure_setup(aperture=0.01)
    with pytest.raises(Refused, match=r"0\.015 s that the 1e-07 A range"):
        smu.measure_setup(aperture=0.01, lowest_current_range=1e-7)
    assert resource.sent == []
    assert smu.measure_setup(aperture=0.02, lowest_current_range=1e-7).current_range is None


def test_output_on_needs_a_limit_set_since_the_last_reset() -> None:
    instrument, resource = opened()
    smu = instrument.channel("a")
    with pytest.raises(Refused, match="no limit was set"):
        smu.output(True)
    smu.source_voltage(0.0, current_limit=1e-6, voltage_range=2.0)
    smu.output(True)
    instrument.reset()
    resource.sent.clear()
    with pytest.raises(Refused, match="no limit was set"):
        smu.output(True)
    assert resource.sent == []


def test_an_output_found_on_at_opening_keeps_its_limits_until_it_is_off() -> None:
    resource = FakeResource(obeying({**ANSWERS, "print(localnode.linefreq": "5e1\t1\t0"}))
    smu = Keithley2636B(resource.as_visa, name="smu").channel("a")
    with pytest.raises(Refused, match="switch it off first"):
        smu.source_voltage(0.0, current_limit=1e-6)
    smu.output(False)
    smu.source_voltage(0.0, current_limit=1e-6, voltage_range=2.0)


def test_setting_up_is_limit_then_range_then_level_in_the_script_and_one_exchange_here() -> None:
    smu, resource = ready()
    smu.output(False)
    resource.sent.clear()
    setting = smu.source_voltage(0.0, current_limit=1e-6, voltage_range=1.5)
    assert resource.sent == ["ecramlab.source_voltage(smua, 0, 1e-06, 2, 0)"]
    assert (setting.function, setting.limit, setting.range) == ("voltage", 1e-6, 2.0)
    source = _lua_function("source_voltage")
    assert source.index("limiti =") < source.index("rangev =") < source.rindex("levelv =")


def _lua_function(name: str) -> str:
    from importlib import resources

    text = resources.files("drivers").joinpath("keithley_2600b.lua").read_text(encoding="ascii")
    return text.split(f"function ecramlab.{name}(")[1].split("\nend")[0]


def test_a_limit_that_does_not_read_back_is_an_error() -> None:
    with pytest.raises(InstrumentError, match="in force is"):
        ready(source_voltage="1\t0\t0.1\t2\t0\t0")


def test_the_aperture_is_told_in_cycles_of_the_units_own_line_frequency() -> None:
    resource = FakeResource(
        table(
            {**ANSWERS, "print(localnode.linefreq": "6.0e1\t0\t0", "ecramlab.measure_setup(": "1.2\t1e-6\t1e-10\t2\t0"}
        )
    )
    smu = Keithley2636B(resource.as_visa, name="smu").channel("b")
    setting = smu.measure_setup(aperture=20e-3, current_range=0.7e-6, autozero="off")
    assert resource.sent[-1] == "ecramlab.measure_setup(smub, 1.2, 1e-06, 1e-10, nil, 0)"
    assert setting.aperture == pytest.approx(20e-3)
    assert setting.current_range == 1e-6


def test_a_pulse_with_its_reading_is_one_exchange() -> None:
    smu, resource = ready()
    reading = smu.pulse(0.1, 0.03)
    assert resource.sent == ['ecramlab.pulse(smua, "levelv", 0.1, 0.01, 0, true)']
    assert (reading.current, reading.voltage, reading.time, reading.flags) == (1.5e-7, 0.1, 12.5, Flag(0))


def test_a_pulse_without_reading_has_no_numbers_but_tells_compliance() -> None:
    smu, resource = ready(pulse="nil\tnil\ttrue\t12.5\t0")
    reading = smu.pulse(0.1, 0.03, measure=False)
    assert resource.sent == ['ecramlab.pulse(smua, "levelv", 0.1, 0.03, 0, false)']
    assert math.isnan(reading.current)
    assert math.isnan(reading.voltage)
    assert reading.flags is Flag.COMPLIANCE


def test_a_reading_before_the_range_has_settled_is_flagged() -> None:
    """The 1 µA range settles in 2.5 ms; the reading takes the last 20 ms of the pulse."""
    smu, _ = ready()
    assert smu.pulse(0.1, 2.4e-3 + 20e-3).flags is Flag.UNSTABLE
    assert smu.pulse(0.1, 2.5e-3 + 20e-3).flags == Flag(0)
    assert smu.pulse(0.1, 20e-3).flags is Flag.UNSTABLE  # exactly the aperture still fits


def test_current_pulses_use_the_current_level() -> None:
    instrument, resource = opened()
    smu = instrument.channel("a")
    smu.source_current(0.0, voltage_limit=1.0, current_range=1e-6)
    smu.output(True)
    smu.pulse(-1e-7, 0.01, measure=False)
    assert resource.sent[-1] == 'ecramlab.pulse(smua, "leveli", -1e-07, 0.01, 0, false)'


@pytest.mark.parametrize("width", [0.5e-3, 0.0, -1.0, math.nan, math.inf])
def test_pulses_the_unit_cannot_time_are_refused(width: float) -> None:
    smu, resource = ready()
    with pytest.raises(Refused, match="pulse width"):
        smu.pulse(0.1, width, measure=False)
    assert resource.sent == []


def test_sentinels_become_nan_and_flags() -> None:
    smu, _ = ready(measure="9.91000e+37\t9.91000e+37\ttrue\t1\t0")
    reading = smu.measure()
    assert math.isnan(reading.current)
    assert math.isnan(reading.voltage)
    assert reading.flags == Flag.OVERFLOW | Flag.COMPLIANCE


def test_a_current_far_above_the_limit_is_an_error() -> None:
    smu, _ = ready(measure="5e-06\t9.91e37\ttrue\t1\t0")
    with pytest.raises(InstrumentError, match=r"5e-06 A was read with a limit of 1e-06 A.*route"):
        smu.measure()


def test_a_sweep_is_one_exchange_and_its_levels_are_spread_over_lines() -> None:
    points = ";".join(f"{k}e-08,{k / 10},{k * 0.04},{64 if k == 2 else 0}" for k in range(25))
    instrument, resource = opened()
    answer = obeying({**ANSWERS, "loadandrunscript\necramlab.prepare": f"{points}\t0"})
    resource.answer = answer
    smu = instrument.channel("a")
    smu.source_voltage(0.0, current_limit=1e-6, voltage_range=2.0)
    smu.measure_setup(aperture=20e-3, current_range=1e-6, autozero="auto")
    smu.output(True)
    resource.sent.clear()
    readings = smu.sweep([k / 100 for k in range(25)], dwell=0.01, aperture=20e-3, hold=1.0)
    assert len(resource.sent) == 1
    lines = resource.sent[0].split("\n")
    assert lines[0] == "loadandrunscript"
    assert lines[1] == "ecramlab.prepare_sweep(smua, 1)"
    assert lines[2] == 'ecramlab.sweep(smua, "levelv", {'
    assert len(lines[3].rstrip(",").split(",")) == 20
    assert lines[-2:] == ["}, 1, 0.01, 0, 2)", "endscript"]
    assert readings.currents[3] == 3e-8
    assert readings.times[24] == pytest.approx(0.96)
    assert [k for k, flags in enumerate(readings.flags) if flags is Flag.COMPLIANCE] == [2]
    assert readings.chunks == 1


def test_a_sweep_longer_than_the_list_is_split_and_says_so() -> None:
    blocks = [";".join(["1e-8,0.1,0.5,0"] * n) + "\t0" for n in (1000, 200)]
    smu, resource = ready()
    resource.answer = obeying({**ANSWERS, "loadandrunscript\necramlab": blocks})
    readings = smu.sweep([0.1] * 1200, dwell=0.003, aperture=0.02)
    assert (len(readings), readings.chunks, len(resource.sent)) == (1200, 2, 2)
    assert "prepare_sweep" not in resource.sent[1]


def test_a_short_block_is_an_error_not_a_short_sweep() -> None:
    smu, resource = ready()
    resource.answer = obeying({**ANSWERS, "loadandrunscript": "1e-8,0.1,0.5,0\t0"})
    with pytest.raises(InstrumentError, match="2 readings were expected"):
        smu.sweep([0.1, 0.2], dwell=0.003, aperture=0.02)


def test_errors_in_the_queue_surface_at_the_call_with_their_remedy() -> None:
    smu, resource = ready()
    resource.answer = obeying(
        {
            **ANSWERS,
            "smua.source.output = 1": "0\t1",
            "print(errorqueue.next())": ["8.02000e+02\tOUTPUT blocked by interlock\t2.00000e+01\t1.00000e+00", EMPTY],
        }
    )
    smu.output(False)
    with pytest.raises(InstrumentError, match=r"802 OUTPUT blocked by interlock.*close the safety interlock"):
        smu.output(True)


def test_no_error_waiting_means_no_query_of_the_queue() -> None:
    smu, resource = ready()
    for _ in range(3):
        smu.measure()
    assert resource.sent == ["ecramlab.measure(smua)"] * 3


def test_off_states_read_back_and_unknown_ones_are_refused() -> None:
    smu, resource = ready()
    assert smu.off_state("open") == "open"
    assert resource.sent == ["smua.source.offmode = 2 print(smua.source.offmode, errorqueue.count)"]
    resource.answer = obeying({**ANSWERS, "smua.source.offmode = 1": "0\t0"})
    with pytest.raises(InstrumentError, match="off state 'zero'"):
        smu.off_state("zero")
    resource.sent.clear()
    with pytest.raises(Refused, match="'normal' or 'zero' or 'open'"):
        smu.off_state("guard")
    assert resource.sent == []


def test_make_safe_uses_plain_commands_level_first_then_output_then_reads_back() -> None:
    smu, resource = ready()
    assert smu.make_safe() == []
    assert resource.sent == [
        "smua.abort()",
        "smua.source.levelv = 0",
        "smua.source.leveli = 0",
        "smua.source.output = 0",
        "print(smua.source.output)",
    ]


def test_make_safe_reports_an_output_that_stays_on() -> None:
    smu, resource = ready()
    resource.answer = obeying({**ANSWERS, "print(smua.source.output)": "1"})
    (problem,) = smu.make_safe()
    assert "still reads on" in problem
    assert resource.sent.count("smua.source.output = 0") >= 2


def test_after_a_make_safe_the_functions_are_loaded_again() -> None:
    smu, resource = ready()
    smu.make_safe()
    smu.source_voltage(0.0, current_limit=1e-6, voltage_range=2.0)
    assert any(
        message.startswith("loadandrunscript\n") and message.endswith("\nendscript") for message in resource.sent
    )


def test_after_a_make_safe_the_limit_must_be_set_again() -> None:
    smu, resource = ready()
    smu.make_safe()
    resource.sent.clear()
    with pytest.raises(Refused, match="make-safe"):
        smu.output(True)
    assert resource.sent == []


def test_a_range_that_does_not_read_back_is_an_error() -> None:
    with pytest.raises(InstrumentError, match="current range 1e-06, in force is 1e-05"):
        ready(measure_setup="1.0\t1e-05\t1e-10\t2\t0")


def test_the_aperture_of_a_sweep_stays_for_later_pulses() -> None:
    smu, resource = ready()
    resource.answer = obeying({**ANSWERS, "loadandrunscript": "1e-8,0.1,0.5,0\t0"})
    smu.sweep([0.1], dwell=0.003, aperture=0.1)
    resource.sent.clear()
    smu.pulse(0.1, 0.35)
    assert resource.sent == ['ecramlab.pulse(smua, "levelv", 0.1, 0.25, 0, true)']


def test_outputs_names_what_is_on() -> None:
    instrument, resource = opened()
    resource.answer = obeying({"print(smua": "1\t1\t0.5\t0", "print(smub": "0\t0\t0\t0"})
    assert instrument.outputs() == {"a": "voltage source at 0.5 V"}


def test_abilities_follow_the_line_frequency_and_every_range_has_a_settling_time() -> None:
    can = abilities_2600b("2636B", 60.0)
    assert can.apertures == pytest.approx((1 / 60_000, 25 / 60))
    assert can.settling(1e-9) == 0.36
    assert can.settling(0.9e-6) == 2.5e-3
    assert len(can.current_settling) == len(can.measure_current_ranges) == 12


def test_terminals_are_those_of_the_registry() -> None:
    instrument, _ = opened()
    assert DRIVERS["keithley_2636b"].terminals.split("|") == list(instrument._channels)
    with pytest.raises(Refused, match="'a' or 'b'"):
        instrument.channel("c")
