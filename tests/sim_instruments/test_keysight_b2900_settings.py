"""Settings, limits, output and status of the simulated B2902B and B2912B (B2900 SCPI command reference, edition 2)."""

import pytest

from emulator import CurrentSource, Open, VoltageSource
from tests.sim_instruments.unit_b2900 import UnitB2900


@pytest.fixture
def unit() -> UnitB2900:
    return UnitB2900()


class TestReset:
    """Defaults that the command summary prints."""

    @pytest.mark.parametrize(
        ("query", "value"),
        [
            (":SOUR:VOLT?", 0.0), (":SENS:CURR:PROT?", 100e-6), (":SENS2:VOLT:PROT?", 2.0), (":OUTP?", 0.0),
            (":OUTP2:ON:AUTO?", 1.0), (":OUTP:PROT?", 0.0), (":OUTP:HCAP?", 0.0), (":SENS:CURR:APER?", 2e-3),
            (":SENS:VOLT:NPLC?", 0.1), (":SENS:CURR:RANG:AUTO?", 1.0), (":SENS:CURR:RANG:AUTO:LLIM?", 1e-6),
            (":SENS:VOLT:RANG:AUTO:LLIM?", 0.2), (":SENS:CURR:RANG:AUTO:THR?", 90.0), (":SENS:WAIT?", 1.0),
            (":SENS:WAIT:GAIN?", 1.0), (":SOUR:WAIT:OFFS?", 0.0), (":SENS:REM?", 0.0), (":VOLT:POIN?", 1.0),
            (":TRIG:ACQ:COUN?", 1.0), (":TRIG2:TRAN:DEL?", 0.0), (":SOUR:PULS:WIDT?", 50e-6),
        ],
    )  # fmt: skip
    def test_numbers(self, unit: UnitB2900, query: str, value: float) -> None:
        assert unit.number(query) == pytest.approx(value)
        assert unit.errors() == []

    @pytest.mark.parametrize(
        ("query", "word"),
        [
            (":SOUR:FUNC:MODE?", "VOLT"), (":SOUR2:FUNC:SHAP?", "DC"), (":FUNC?", "DC"), (":OUTP:OFF:MODE?", "NORM"),
            (":TRIG1:ACQ:SOUR?", "AINT"), (":FORM?", "ASC"), (":FORM:BORD?", "NORM"), (":SOUR:VOLT:MODE?", "FIX"),
            (":FORM:ELEM:SENS?", "VOLT,CURR,RES,TIME,STAT,SOUR"), (":SENS:CURR:RANG:AUTO:MODE?", "NORM"),
        ],
    )  # fmt: skip
    def test_words(self, unit: UnitB2900, query: str, word: str) -> None:
        assert unit.ask(query) == word

    def test_everything_returns(self, unit: UnitB2900) -> None:
        unit.write(":SOUR2:FUNC:MODE CURR;:SOUR2:CURR 1e-6;:SENS2:VOLT:PROT 5;:OUTP2 ON;:TRIG2:COUN 7;:FORM REAL,64")
        unit.write(":OUTP2:OFF:MODE ZERO;:SENS2:CURR:APER 1;:OUTP2:HCAP ON;:SOUR2:LIST:VOLT 1,2", "*RST")
        assert unit.port(2).drive == Open()
        assert unit.ask(":SOUR2:FUNC:MODE?;:FORM?;:OUTP2:OFF:MODE?;:TRIG2:ACQ:COUN?") == "VOLT;ASC;NORM;+1.000000E+00"
        assert unit.ask(":SOUR2:LIST:VOLT:POIN?;:OUTP2:HCAP?") == "1;0"


def test_identities() -> None:
    for model in ("B2902B", "B2912B"):
        unit = UnitB2900(model=f"keysight_{model.lower()}")
        assert unit.ask("*IDN?").split(",")[:2] == ["Keysight Technologies", model]


class TestRanges:
    @pytest.mark.parametrize(("model", "lowest"), [("keysight_b2902b", 1e-7), ("keysight_b2912b", 1e-8)])
    def test_only_one_model_has_the_lowest_current_range(self, model: str, lowest: float) -> None:
        unit = UnitB2900(model=model)
        unit.write(":SENS:CURR:RANG 1e-9")
        assert unit.number(":SENS:CURR:RANG?") == lowest
        assert unit.number(":SENS:CURR:RANG:AUTO?") == 0

    @pytest.mark.parametrize(("asked", "used"), [(0.15, 0.2), (2.0, 2.0), (2.05, 2.0), (2.2, 20.0), (210, 200.0)])
    def test_a_source_range_holds_its_over_range(self, unit: UnitB2900, asked: float, used: float) -> None:
        unit.write(f":SOUR:VOLT:RANG {asked}")
        assert (unit.number(":SOUR:VOLT:RANG?"), unit.ask(":SOUR:VOLT:RANG:AUTO?")) == (used, "0")

    def test_a_fixed_range_refuses_a_level_above_it(self, unit: UnitB2900) -> None:
        unit.write(":SOUR:VOLT:RANG 2", ":SOUR:VOLT 2.2")
        assert unit.errors() == [-222]
        unit.write(":SOUR:VOLT:RANG:AUTO ON", ":SOUR:VOLT 2.2", ":SOUR:VOLT:RANG 2")
        assert unit.errors() == [-221]
        assert unit.number(":SOUR:VOLT?") == 2.2

    @pytest.mark.parametrize(
        "command", [":SOUR:VOLT 211", ":SOUR:CURR 3.1", ":SENS:CURR:PROT 0", ":SENS:CURR:RANG 4", ":SENS:VOLT:PROT 300",
                    ":SOUR:PULS:WIDT 10e-6", ":TRIG:TIM 1e-6", ":TRIG:COUN 0", ":SOUR:VOLT:POIN 2501"]
    )  # fmt: skip
    def test_out_of_range(self, unit: UnitB2900, command: str) -> None:
        unit.write(command)
        assert unit.errors() == [-222]

    @pytest.mark.parametrize(
        ("level", "limit", "code"), [(5, 3, []), (10, 1.5, []), (10, 2, [-221]), (100, 0.1, []), (100, 0.2, [-221])]
    )
    def test_the_direct_current_envelope(self, unit: UnitB2900, level: float, limit: float, code: list[int]) -> None:
        unit.write(f":SENS:CURR:PROT {limit}", f":SOUR:VOLT {level}")
        assert unit.errors() == code

    def test_words_are_no_ranges(self, unit: UnitB2900) -> None:
        unit.write(":SENS1:CURR:RANG AUTO", ":SENS3:CURR:RANG 1", ":SOUR:FUNC:MODE AMPS", ":NO:SUCH 1")
        assert unit.errors() == [-104, -114, -224, -113]

    def test_integration_times_are_fitted_silently(self, unit: UnitB2900) -> None:
        unit.write(":SENS:CURR:APER 1e-9")
        assert unit.number(":SENS:VOLT:APER?") == 8e-6  # common to all functions
        unit.write(":SENS:VOLT:NPLC 1000")
        assert (unit.number(":SENS:CURR:APER?"), unit.errors()) == (2.0, [])
        unit.write(":SYST:LFR 60;:SENS:CURR:NPLC 1")
        assert unit.number(":SENS:CURR:APER?") == pytest.approx(1 / 60, rel=1e-5)
        assert unit.number(":SENS:CURR:NPLC? MAX") == 120.0

    def test_sweep_ends_center_span_and_step(self, unit: UnitB2900) -> None:
        unit.write(":SOUR:VOLT:STAR 0;STOP 1;STEP 0.1")
        assert unit.number(":SOUR:VOLT:POIN?") == 11
        unit.write(":SOUR:VOLT:CENT 2")
        assert unit.ask(":SOUR:VOLT:STAR?;STOP?") == "+1.500000E+00;+2.500000E+00"
        unit.write(":SOUR:VOLT:SPAN 4")
        assert unit.number(":SOUR:VOLT:STAR?") == 0.0
        assert unit.number(":SOUR:VOLT:STEP?") == pytest.approx(0.4)
        unit.write(":SOUR:SWE:POIN 5")
        assert unit.number(":SOUR:VOLT:STEP?") == pytest.approx(1.0)

    def test_lists(self, unit: UnitB2900) -> None:
        unit.write(":LIST:VOLT 0.1,0.2,0.3", ":LIST:VOLT:APP 1.1,1.2")
        assert unit.numbers(":SOUR:LIST:VOLT?") == [0.1, 0.2, 0.3, 1.1, 1.2]
        unit.write(":LIST:VOLT " + ",".join(["0"] * 2500), ":LIST:VOLT:APP 1")
        assert (unit.ask(":LIST:VOLT:POIN?"), unit.errors()) == ("2500", [-223])


class TestOutput:
    def test_a_voltage_source_with_its_limit(self, unit: UnitB2900) -> None:
        unit.write(":SOUR2:VOLT 1;:SENS2:CURR:PROT 1e-5;:OUTP2 ON")
        assert unit.port(2).drive == VoltageSource(1.0, 0.0, 1e-5)
        assert unit.port(1).drive == Open()

    def test_a_current_source_with_its_limit(self, unit: UnitB2900) -> None:
        unit.write(":SOUR:FUNC:MODE CURR;:SOUR:CURR 1e-6;:SENS:VOLT:PROT 5;:OUTP ON")
        assert unit.port().drive == CurrentSource(1e-6, 5.0)

    def test_a_new_function_switches_off(self, unit: UnitB2900) -> None:
        unit.write(":OUTP ON", ":SOUR:FUNC:MODE CURR")
        assert unit.ask(":OUTP?") == "0"

    def test_limits_of_one_polarity(self, unit: UnitB2900) -> None:
        unit.write(":SENS:CURR:PROT:POS 1e-5;NEG -2e-5;:SOUR:VOLT -1;:OUTP ON")
        assert unit.port().drive == VoltageSource(-1.0, 0.0, 2e-5)
        unit.write(":SOUR:VOLT 1")
        assert unit.port().drive == VoltageSource(1.0, 0.0, 1e-5)

    def test_only_zero_keeps_the_relay_closed_when_off(self, unit: UnitB2900) -> None:
        """User's guide, table 6-1."""
        for mode, drive in (("HIZ", Open()), ("NORM", Open()), ("ZERO", VoltageSource(0.0, 0.0, 100e-6))):
            unit.write(f":OUTP:OFF:MODE {mode};:SOUR:VOLT 1;:OUTP ON", ":OUTP OFF")
            assert unit.port().drive == drive

    @pytest.mark.parametrize("message", [":INIT", ":READ?", ":MEAS?"])
    def test_it_goes_on_by_itself_unless_told_not_to(self, unit: UnitB2900, message: str) -> None:
        unit.unit.execute(message.encode())
        assert unit.ask(":OUTP?;:OUTP2?") == "1;0"
        unit.write("*RST;:OUTP:ON:AUTO OFF")
        unit.unit.execute(message.encode())
        assert unit.ask(":OUTP?") == "0"

    def test_it_goes_off_by_itself_where_asked_to(self, unit: UnitB2900) -> None:
        unit.write(":OUTP:OFF:AUTO ON")
        unit.ask(":READ?")
        assert unit.ask(":OUTP?") == "0"

    def test_protection_switches_off_at_the_limit(self, unit: UnitB2900) -> None:
        unit.write(":OUTP:PROT ON;:SENS:CURR:PROT 1e-7;:SOUR:VOLT 0.05;:OUTP ON")
        assert unit.ask(":OUTP?") == "1"
        unit.write(":TRIG:COUN 2;:SOUR:VOLT:MODE LIST;:LIST:VOLT 0.05,0.5", ":INIT;*WAI")
        assert unit.ask(":OUTP?;:STAT:QUES:COND?") == "0;+4"
        unit.write(":OUTP:PROT OFF;:OUTP ON")
        assert unit.ask(":STAT:QUES:COND?") == "+0"

    def test_high_capacitance_raises_the_limit(self, unit: UnitB2900) -> None:
        unit.write(":SENS:CURR:PROT 1e-7;:OUTP:HCAP ON")
        assert unit.number(":SENS:CURR:PROT?") == 1e-6
        unit.write(":SENS:CURR:PROT 5e-7")
        assert unit.number(":SENS:CURR:PROT?") == 1e-6

    def test_the_interlock(self) -> None:
        unit = UnitB2900(interlock_closed=False)
        unit.write(":SOUR:VOLT 43", ":OUTP ON")
        assert (unit.errors(), unit.ask(":OUTP?")) == ([-221], "0")
        assert int(unit.ask(":STAT:QUES:COND?")) == 1024
        unit.unit.interlock_closed = True
        unit.write(":OUTP ON")
        assert unit.ask(":OUTP?") == "1"
        unit.unit.interlock_closed = False
        assert unit.ask(":OUTP?") == "0"
        unit.write(":SOUR:VOLT 42", ":OUTP ON")
        assert unit.ask(":OUTP?") == "1"

    @pytest.mark.parametrize(("overshoot", "highest"), [(True, 1.25), (False, 1.0)])
    def test_a_range_change_overshoots_by_a_quarter_volt(self, overshoot: bool, highest: float) -> None:
        unit = UnitB2900(range_overshoot=overshoot)
        unit.write(":SOUR:VOLT 0.1;:OUTP ON")
        seen: list[float] = []
        advance = unit.harness.advance

        def watched(seconds: float) -> None:
            seen.append(unit.voltage())
            advance(seconds)

        unit.harness.advance = watched  # type: ignore[method-assign]
        unit.write(":SOUR:VOLT 1")
        assert max(*seen, unit.voltage()) == pytest.approx(highest)
        assert unit.voltage() == pytest.approx(1.0)


class TestStatus:
    def test_the_error_queue(self, unit: UnitB2900) -> None:
        assert unit.ask(":SYST:ERR?;:SYST:ERR:COUN?") == '+0,"No error";+0'
        unit.write("NONSENSE", ":SOUR:VOLT 500")
        assert unit.ask(":SYST:ERR:ALL?") == '-113,"Undefined header;:NONSENSE",-222,"Data out of range;500"'
        unit.write(*[":SOUR:VOLT 500"] * 120, "*RST")
        assert unit.ask(":SYST:ERR:COUN?") == "+100"
        assert unit.ask(":SYST:ERR:CODE:ALL?").endswith(",-350")
        unit.write("NONSENSE", "*CLS")
        assert unit.errors() == []

    def test_idle_bits(self, unit: UnitB2900) -> None:
        """Both actions of channel 1 are bits 1 and 4, of channel 2 bits 7 and 10."""
        assert int(unit.ask(":STAT:OPER:COND?")) == 2 + 16 + 128 + 1024
        unit.write(":TRIG:SOUR BUS", ":INIT (@1)")
        assert int(unit.ask(":STAT:OPER:COND?")) == 4 + 32 + 128 + 1024
        unit.write("*TRG")
        while int(unit.ask(":STAT:OPER:COND?")) & 18 != 18:
            assert unit.now < 1.0

    def test_measurement_bits_and_their_summary(self, unit: UnitB2900) -> None:
        unit.write(":STAT:MEAS:ENAB 128;:SENS2:CURR:RANG 1e-8;:SOUR2:VOLT 1")
        assert int(unit.ask("*STB?")) & 1 == 0
        unit.ask(":MEAS? (@2)")
        assert int(unit.ask(":STAT:MEAS:COND?")) == 128 + 256  # available and above the range
        assert int(unit.ask("*STB?")) & 1
        assert int(unit.ask(":STAT:MEAS?")) == 128 + 256
        assert int(unit.ask(":STAT:MEAS?")) == 0
