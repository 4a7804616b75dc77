"""Settings of the simulated 2450: defaults, number forms, limits, couplings, event log (manual 2450-901-01)."""

import pytest

from emulator import CurrentSource, Open, VoltageSource
from tests.sim_instruments.unit_2450 import Unit2450


@pytest.fixture
def unit() -> Unit2450:
    return Unit2450()


DEFAULTS = {
    ":OUTP?": "0", ":SOUR:FUNC?": "VOLT", ":SOUR:VOLT?": "0", ":SOUR:CURR?": "0", ":SOUR:VOLT:RANG:AUTO?": "1",
    ":SOUR:VOLT:ILIM?": "1.050000E-04", ":SOUR:CURR:VLIM?": "21", ":SOUR:VOLT:PROT?": "NONE",
    ":SOUR:VOLT:READ:BACK?": "1", ":SOUR:VOLT:DEL:AUTO?": "1", ":SOUR:VOLT:HIGH:CAP?": "0", ":SENS:FUNC?": '"CURR:DC"',
    ":SENS:CURR:RANG?": "1.000000E-04", ":SENS:CURR:RANG:AUTO?": "1", ":SENS:CURR:RANG:AUTO:LLIM?": "1.000000E-08",
    ":SENS:CURR:NPLC?": "1", ":SENS:CURR:AZER?": "1", ":SENS:COUN?": "1", ":SENS:CURR:RSEN?": "0",
    ":SENS:CURR:AVER?": "0", ":SENS:CURR:AVER:COUN?": "10", ":SENS:CURR:AVER:TCON?": "REP", ":ROUT:TERM?": "FRON",
    ":OUTP:VOLT:SMOD?": "NORM", ":OUTP:CURR:SMOD?": "NORM", ":OUTP:INT:STAT?": "0", ":OUTP:INT:TRIP?": "1",
    ":FORM?": "ASC", ":FORM:ASC:PREC?": "0", ":FORM:BORD?": "SWAP", ":TRAC:ACT?": "0", ":TRAC:POIN?": "100000",
    ":TRIG:STAT?": "EMPTY;EMPTY;0", ":SYST:LFR?": "50", "*LANG?": "SCPI", ":SYST:ERR?": '0,"No error;0;0 0"',
}  # fmt: skip


@pytest.mark.parametrize(("query", "reply"), DEFAULTS.items())
def test_defaults_after_power_on_and_reset(unit: Unit2450, query: str, reply: str) -> None:
    assert unit.ask(query) == reply
    unit.write(
        ":SOUR:VOLT 1;:SOUR:VOLT:ILIM 1e-3;PROT PROT40;DEL 1;READ:BACK OFF;:OUTP:SMOD HIMP;:OUTP ON",
        ":SOUR:FUNC CURR;CURR:VLIM 5;:SENS:FUNC 'VOLT';:SENS:CURR:RANG 1e-3;NPLC 5;AZER 0;AVER ON;:SENS:COUN 3",
        ':ROUT:TERM REAR;:FORM REAL;:FORM:BORD NORM;ASC:PREC 9;:TRAC:POIN 50;:TRIG:LOAD "SimpleLoop",3',
        ":OUTP:INT:STAT ON",
        "*RST",
    )
    assert unit.ask(query) == reply
    assert unit.errors() == []


def test_identity_and_line_frequency() -> None:
    unit = Unit2450(serial="04412345", line_frequency=60)
    assert unit.ask("*IDN?") == "KEITHLEY INSTRUMENTS,MODEL 2450,04412345,1.7.12b"
    assert unit.ask(":SYST:LFR?") == "60"


@pytest.mark.parametrize(
    ("command", "query", "code"),
    [
        (":SOUR:VOLT 211", ":SOUR:VOLT?", -222),
        (":SOUR:CURR 1.06", ":SOUR:CURR?", -222),
        (":SOUR:VOLT:RANG 2;:SOUR:VOLT 2.2", ":SOUR:VOLT?", -222),
        (":SOUR:VOLT 5;:SOUR:VOLT:RANG 2", ":SOUR:VOLT:RANG:AUTO?", -221),
        (":SOUR:VOLT:ILIM 1.1", ":SOUR:VOLT:ILIM?", -222),
        (":SOUR:VOLT:ILIM 0.9e-9", ":SOUR:VOLT:ILIM?", -222),
        (":SOUR:CURR:VLIM 0.01", ":SOUR:CURR:VLIM?", -222),
        (":SENS:CURR:NPLC 11", ":SENS:CURR:NPLC?", -222),
        (":SENS:CURR:RANG 2", ":SENS:CURR:RANG?", -222),
        (":SOUR:VOLT:DEL 10001", ":SOUR:VOLT:DEL:AUTO?", -222),
        (":SOUR:FUNC RES", ":SOUR:FUNC?", -224),
        (":SENS:FUNC 'TEMP'", ":SENS:FUNC?", -224),
        (":SOUR2:VOLT 1", ":SOUR:VOLT?", -114),
        (":SOUR:VOLT:PROT PROT3", ":SOUR:VOLT:PROT?", -224),
        (":SOUR:VOLT:PROT PROT2;:SOUR:VOLT 3", ":SOUR:VOLT?", -222),
    ],
)  # fmt: skip
def test_refused_values_keep_the_old_one(unit: Unit2450, command: str, query: str, code: int) -> None:
    """What is refused changes nothing; the default level is 0 V."""
    default = unit.ask(query) if not command.startswith(":SOUR:VOLT 5") else "1"
    unit.write(command)
    assert unit.errors() == [code]
    assert unit.ask(query) == default


@pytest.mark.parametrize(
    ("asked", "found"), [("0.02", 0.02), ("0.03", 0.2), ("2.1", 20.0), ("15", 20.0), ("210", 200.0)]
)
def test_source_ranges(unit: Unit2450, asked: str, found: float) -> None:
    unit.write(f":SOUR:VOLT:RANG {asked}")
    assert unit.number(":SOUR:VOLT:RANG?") == found
    assert unit.ask(":SOUR:VOLT:RANG:AUTO?") == "0"


def test_the_autorange_of_the_source_follows_the_level(unit: Unit2450) -> None:
    for level, used in ((0.0, 0.02), (0.021, 0.2), (-1.5, 2.0), (30.0, 200.0)):
        unit.write(f":SOUR:VOLT {level}")
        assert unit.number(":SOUR:VOLT:RANG?") == used


class TestLimitFloor:
    """On a fixed measure range the limit is at least 10.6 % of it (6-71)."""

    def test_a_lower_limit_is_raised_with_a_warning(self, unit: Unit2450) -> None:
        unit.write(":SENS:CURR:RANG 1e-3", ":SYST:CLE", ":SOUR:VOLT:ILIM 1e-6")
        assert unit.number(":SOUR:VOLT:ILIM?") == pytest.approx(106e-6)
        assert unit.ask(":SYST:ERR:COUN?") == "0"
        assert unit.ask(":SYST:EVEN:COUN? WARN") == "1"
        assert ";2;" in unit.ask(":SYST:EVEN:NEXT?")

    def test_a_higher_measure_range_raises_the_limit_of_a_live_output(self, unit: Unit2450) -> None:
        unit.write(":SOUR:VOLT:ILIM 1e-6;:OUTP ON;:SENS:CURR:RANG 1e-4")
        assert unit.number(":SOUR:VOLT:ILIM?") == pytest.approx(10.6e-6)
        assert isinstance(unit.port.drive, VoltageSource)
        assert unit.port.drive.current_limit == pytest.approx(10.6e-6)

    def test_the_autorange_sets_no_floor(self, unit: Unit2450) -> None:
        unit.write(":SENS:CURR:RANG 1e-3;:SENS:CURR:RANG:AUTO ON;:SOUR:VOLT:ILIM 1e-9")
        assert unit.number(":SOUR:VOLT:ILIM?") == 1e-9

    def test_a_voltage_limit_has_the_floor_of_its_measure_range(self, unit: Unit2450) -> None:
        unit.write(":SOUR:FUNC CURR;:SENS:FUNC 'VOLT';:SENS:VOLT:RANG 20;:SOUR:CURR:VLIM 1")
        assert unit.number(":SOUR:CURR:VLIM?") == pytest.approx(2.12)


class TestOutput:
    @pytest.mark.parametrize(
        ("mode", "function", "drive"),
        [
            ("NORM", "VOLT", VoltageSource(0.0, 0.0, 1e-5)),  # 10 % of the 100 µA range
            ("NORM", "CURR", VoltageSource(0.0, 0.0, 1e-9)),  # 10 % of the 10 nA range that 0 A is sourced on
            ("ZERO", "VOLT", VoltageSource(0.0, 0.0, 105e-6)),
            ("HIMP", "VOLT", Open()),
            ("HIMP", "CURR", Open()),
            ("GUAR", "CURR", CurrentSource(0.0, 0.2)),  # 10 % of the 2 V range
        ],
    )
    def test_off_states(self, unit: Unit2450, mode: str, function: str, drive: object) -> None:
        unit.write(f":SOUR:FUNC {function};:OUTP:{function}:SMOD {mode};:OUTP ON", ":OUTP OFF")
        assert unit.port.drive == drive

    def test_the_off_state_belongs_to_the_source_function(self, unit: Unit2450) -> None:
        unit.write(":OUTP:VOLT:SMOD HIMP")
        assert unit.ask(":OUTP:CURR:SMOD?") == "NORM"
        unit.write(":SOUR:FUNC CURR")
        assert not isinstance(unit.port.drive, Open)

    def test_off_with_zero_the_current_source_keeps_its_current_as_limit(self, unit: Unit2450) -> None:
        unit.write(":SOUR:FUNC CURR;:SOUR:CURR 5e-4;:OUTP:CURR:SMOD ZERO")
        assert unit.port.drive == VoltageSource(0.0, 0.0, 5e-4)

    @pytest.mark.parametrize("command", [":SENS:CURR:RSEN ON", ":ROUT:TERM REAR", ":SOUR:FUNC CURR", "*RST"])
    def test_it_goes_off_by_itself(self, unit: Unit2450, command: str) -> None:
        unit.write(":SOUR:VOLT 1;:OUTP ON", command)
        assert unit.ask(":OUTP?") == "0"
        assert unit.voltage == 0.0

    def test_the_sense_of_another_function_leaves_it_on(self, unit: Unit2450) -> None:
        unit.write(":OUTP ON;:SENS:VOLT:RSEN ON")
        assert unit.ask(":OUTP?;:SENS:VOLT:RSEN?;:SENS:CURR:RSEN?") == "1;1;0"

    def test_without_interlock_it_stays_off_above_21_v(self) -> None:
        unit = Unit2450(interlock_closed=False)
        assert unit.ask(":OUTP:INT:TRIP?") == "0"
        unit.write(":SOUR:VOLT 21;:OUTP ON")
        assert unit.ask(":OUTP?") == "1"
        unit.write(":OUTP OFF;:SOUR:VOLT 21.1;:OUTP ON")
        assert unit.ask(":OUTP?") == "0"
        assert unit.errors() == [5074]
        unit.unit.source.interlock_closed = True
        unit.write(":OUTP ON")
        assert unit.ask(":OUTP?") == "1"
        unit.unit.source.interlock_closed = False
        assert unit.ask(":OUTP?") == "0"
        assert unit.voltage == 0.0

    def test_a_required_interlock_keeps_it_off_at_any_level(self) -> None:
        unit = Unit2450(interlock_closed=False)
        unit.write(":OUTP:INT:STAT ON;:OUTP ON")
        assert unit.ask(":OUTP?") == "0"

    def test_the_range_change_overshoots_by_250_mv(self) -> None:
        seen: list[float] = []
        unit = Unit2450()
        advance = unit.harness.advance
        unit.write(":SOUR:VOLT 0.1;:OUTP ON")
        unit.harness.advance = lambda seconds: (seen.append(unit.voltage), advance(seconds))[1]  # type: ignore[method-assign]
        unit.write(":SOUR:VOLT 0.5")
        assert max(seen) == pytest.approx(0.75)
        assert unit.voltage == pytest.approx(0.5)

    def test_overvoltage_protection_bounds_a_current_source(self, unit: Unit2450) -> None:
        unit.write(":SOUR:FUNC CURR;:SOUR:CURR:PROT PROT2;:SOUR:CURR 5e-6;:OUTP ON")
        assert unit.voltage == pytest.approx(2.0)
        assert unit.ask(":SOUR:CURR:PROT:TRIP?") == "1"


class TestEventLog:
    def test_entries_are_text_type_and_time(self, unit: Unit2450) -> None:
        unit.write("FOO")
        code, text = unit.ask(":SYST:ERR?").split(",", 1)
        wording, kind, when = text.strip('"').split(";")
        assert (code, kind) == ("-113", "1")
        assert wording.startswith("Undefined header")
        assert when == "2024/01/01 00:00:00.001"

    def test_errors_set_their_bits_and_cls_empties_the_log(self, unit: Unit2450) -> None:
        unit.write("*CLS", "*ESE 255", "FOO;:SOUR:VOLT 500")
        assert int(unit.ask("*ESR?")) == 0x20 | 0x10
        assert int(unit.ask("*STB?")) & 4
        unit.write("*CLS")
        assert unit.ask(":SYST:ERR?") == '0,"No error;0;0 0"'

    def test_a_reset_keeps_it(self, unit: Unit2450) -> None:
        unit.write("FOO", "*RST")
        assert unit.errors() == [-113]

    def test_what_other_drivers_send_is_tolerated(self, unit: Unit2450) -> None:
        unit.write("*RST;:stat:pres;:*CLS;", ":SENS:FUNC 'CURR';:SENS:CURR:NPLC 1.000000;",
                   ":SENS:CURR:RANG:AUTO 0;:SENS:CURR:RANG 1e-06", ":TRACe:MAKE 'name', 100, FULL",
                   ":SYST:BEEP 400, 0.5")  # fmt: skip
        assert unit.ask("OUTPUT?") == "0"
        assert unit.errors() == []
