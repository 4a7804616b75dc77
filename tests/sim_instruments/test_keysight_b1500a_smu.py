"""The SMUs of the simulated B1500A: sources, ranges, spot and swept measurements on a known resistor.

Expected behaviour: B1500A programming guide ed. 11 and user's guide; expected currents by Ohm's law.
"""

import pytest

from emulator import CurrentSource, Open, VoltageSource
from tests.sim_instruments.unit_b1500a import Analyser


def words(reply: str) -> list[tuple[str, str, float]]:
    """(status, kind, value) of each word of FMT 1 or 11."""
    return [(word[0], word[2], float(word[3:])) for word in reply.split(",")]


def values(reply: str) -> list[float]:
    return [value for _, _, value in words(reply)]


# Source ----------------------------------------------------------------------------------------------


def test_a_closed_switch_gives_zero_volts_with_a_small_limit() -> None:
    """Page 4-109: 0 V on the 20 V range, 100 µA."""
    analyser = Analyser()
    assert analyser.ask("*LRN? 1") == "CL1"
    assert isinstance(analyser.port("1").drive, Open)
    analyser.write("CN 1")
    assert analyser.ask("*LRN? 1") == "DV1,200,+00.0000E+00,+100.000E-06,0,0"  # as seen on a bench
    drive = analyser.port("1").drive
    assert isinstance(drive, VoltageSource)
    assert (drive.level, drive.current_limit) == (0.0, 100e-6)
    assert drive.resistance == 0.3  # user's guide, page 4-19


def test_a_source_keeps_its_limit_and_rounds_to_its_range() -> None:
    analyser = Analyser()
    analyser.write("CN 1", "DV 1,20,0.12347,2E-6", "DV 1,0,1.5")
    assert analyser.ask("*LRN? 1") == "DV1,20,+1.50000E+00,+02.0000E-06,0,0"
    analyser.write("DV 1,20,0.12347")
    assert analyser.voltage("1") == pytest.approx(0.1235, abs=1e-7)  # 2 V / 20000 = 0.1 mV


def test_another_source_function_needs_a_limit() -> None:
    analyser = Analyser()
    analyser.write("CN 1", "DI 1,0,1E-6")
    assert analyser.error() == 201
    analyser.write("DI 1,0,1E-6,0")
    assert analyser.error() == 120  # a limit of 0 is not allowed
    analyser.write("DI 1,0,1E-6,2")
    assert isinstance(analyser.port("1").drive, CurrentSource)
    assert analyser.voltage("1") == pytest.approx(1.0, rel=1e-6)


def test_zero_and_restore() -> None:
    analyser = Analyser()
    analyser.write("CN 1,2", "DV 1,20,1,1E-5", "RZ 1")
    assert analyser.error() == 205
    analyser.write("DZ")
    assert analyser.voltage("1") == 0.0
    analyser.write("RZ")
    assert analyser.voltage("1") == pytest.approx(1.0, rel=1e-6)
    analyser.write("DZ 1", "DV 1,20,0.5")
    assert analyser.voltage("1") == pytest.approx(0.5, rel=1e-6)


@pytest.mark.parametrize(
    ("command", "code"),
    [("DV 1,0,41,1E-5", 0), ("DV 1,0,43,1E-5", 202), ("DI 1,0,1E-6,50", 202), ("DV 1,0,101,1E-5", 120),
     ("DV 1,0,30,0.06", 120), ("DV 1,0,50,0.03", 120), ("DV 1,-20,3,1E-5", 120)],
)  # fmt: skip
def test_limits_of_the_module_and_of_the_open_interlock(command: str, code: int) -> None:
    analyser = Analyser({"1": 1e8}, interlock_closed=False)
    analyser.write("CN 1", command)
    assert analyser.error() == code
    assert analyser.voltage("1") == pytest.approx(41.0 if code == 0 else 0.0, abs=0.1)


def test_an_interlock_that_opens_disconnects_what_is_above_42_volts() -> None:
    analyser = Analyser()
    analyser.write("CN 1,2", "DV 1,0,50,1E-4", "DV 2,0,5,1E-4")
    analyser.unit.interlock_closed = False
    assert analyser.ask("*LRN? 0") == "CN2"
    assert int(analyser.ask("*STB?")) & 8


def test_the_series_resistor_divides_the_voltage() -> None:
    analyser = Analyser()
    analyser.write("SSR 1,1", "CN 1", "DV 1,20,1,1E-5")
    assert analyser.voltage("1") == pytest.approx(0.5, rel=1e-5)


# Spot measurements -----------------------------------------------------------------------------------


def test_spot_words_of_current_and_voltage() -> None:
    analyser = Analyser()
    analyser.write("CN 1", "DV 1,20,0.5,1E-5")
    assert analyser.ask("TI 1,-14") == "NAI+5.00000E-07"
    assert analyser.ask("TV 1") == "NAV+5.00000E-01"
    analyser.write("FMT 21,1")
    assert analyser.ask("TI 1,0") == "000AI+5.000000E-07"


def test_the_guides_time_stamp_statements() -> None:
    """Page 1-20: TDV, TTV and TSQ return the time since TSR; page 4-194: TDV 1,0,20,1E-6,0,15."""
    analyser = Analyser({"1": 1e9})
    analyser.write("CN 1", "TSR")
    started = analyser.now
    (time,) = words(analyser.ask("TDV 1,0,20,1E-6,0,15"))
    assert (time[0], time[1]) == ("N", "T")
    assert time[2] == pytest.approx(analyser.now - started, abs=1e-4)
    kinds = [kind for _, kind, _ in words(analyser.ask("TTV 1,0"))]
    assert kinds == ["T", "V"]
    assert analyser.ask("TSQ").startswith("NZT")


def test_status_letters_of_both_units_in_compliance() -> None:
    analyser = Analyser({"1": 1e6, "2": 1e6})
    analyser.write("CN 1,2", "DV 1,20,1,1E-7", "DV 2,20,0.5,1E-5")
    assert analyser.ask("TI 1,-14").startswith("CAI+1.00000E-07")
    assert analyser.ask("TI 2,-14").startswith("TBI+5.00000E-07")
    analyser.write("FMT 21")
    assert analyser.ask("TI 1,-14").startswith("008A")
    assert analyser.ask("TI 2,-14").startswith("004B")


def test_ranges_go_up_above_115_percent_and_overflow_where_fixed() -> None:
    analyser = Analyser()
    analyser.write("CN 1", "DV 1,20,1.1,1E-5")
    assert values(analyser.ask("TI 1,-14")) == [1.1e-6]
    analyser.write("DV 1,20,1.2,1E-5")
    assert analyser.ask("TI 1,-14") == "VAI+199.999E+99"
    assert values(analyser.ask("TI 1,14")) == pytest.approx([1.2e-6], rel=1e-3)


def test_low_ranges_take_their_time_and_a_second_reading_does_not() -> None:
    analyser = Analyser({"1": 1e9})
    analyser.write("CN 1", "DV 1,20,0.5,1E-8")
    before = analyser.now
    assert values(analyser.ask("TI 1,-11")) == pytest.approx([0.5e-9], rel=5e-3)
    assert analyser.now - before > 20e-3
    before = analyser.now
    analyser.ask("TI 1,-11")
    assert analyser.now - before < 5e-3


@pytest.mark.parametrize(
    ("setting", "seconds"),
    [("AIT 0,2,2", 40e-3), ("AV -2", 40e-3), ("AIT 0,1,1000", 16e-3), ("AAD 1,1;AIT 1,2,5", 0.1),
     ("AAD 1,1;AIT 1,2,5;AZ 1", 0.2)],
)  # fmt: skip
def test_integration_times(setting: str, seconds: float) -> None:
    """Power line cycles of 20 ms; the automatic zero doubles the time of the slow converter."""
    analyser = Analyser()
    analyser.write("CN 1", setting)
    analyser.ask("TI 1,-14")
    before = analyser.now
    analyser.ask("TI 1,-14")
    assert analyser.now - before == pytest.approx(seconds + 3e-3, rel=1e-3)


# Measurements by XE ----------------------------------------------------------------------------------


def test_an_unprepared_measurement_is_an_error() -> None:
    analyser = Analyser()
    analyser.write("XE")
    assert analyser.error() == 210
    analyser.write("MM 2,1", "XE")
    assert analyser.error() == 200
    analyser.write("CN 1", "XE")
    assert analyser.error() == 220
    analyser.write("MM 3,1", "XE")
    assert analyser.error() == 222


def test_a_staircase_with_source_data_there_and_back() -> None:
    analyser = Analyser()
    analyser.write("CN 1", "FMT 1,1", "MM 2,1", "RI 1,-14", "WT 0,0.01", "WM 1,1", "WV 1,3,20,0,1,3,1E-5")
    before = analyser.now
    found = words(analyser.ask("XE"))
    assert analyser.now - before == pytest.approx(6 * 10e-3, abs=5e-3)
    assert [value for _, kind, value in found if kind == "V"] == [0.0, 0.5, 1.0, 1.0, 0.5, 0.0]
    assert [value for _, kind, value in found if kind == "I"] == pytest.approx([0, 5e-7, 1e-6, 1e-6, 5e-7, 0], abs=1e-9)
    assert [status for status, kind, _ in found if kind == "V"] == ["W"] * 5 + ["E"]
    assert analyser.voltage("1") == 0.0


@pytest.mark.parametrize(("post", "volts"), [(1, 0.1), (2, 1.0)])
def test_a_logarithmic_sweep_and_where_it_ends(post: int, volts: float) -> None:
    analyser = Analyser()
    analyser.write("CN 1", "FMT 2,1", "MM 2,1", "RI 1,14", f"WM 1,{post}", "WV 1,2,20,0.1,1,3,1E-5")
    reply = [float(word) for word in analyser.ask("XE").split(",")]
    assert reply[1::2] == pytest.approx([0.1, 0.1 * 10**0.5, 1.0], abs=1e-4)
    assert analyser.voltage("1") == pytest.approx(volts, rel=1e-3)


def test_a_synchronous_source_follows_the_primary() -> None:
    analyser = Analyser({"1": 1e6, "2": 1e6})
    analyser.write("CN 1,2", "FMT 1,2", "MM 2,1,2", "RI 1,-14;RI 2,-14", "WV 1,1,20,0,1,3,1E-5", "WSV 2,20,1,0,1E-5")
    found = values(analyser.ask("XE"))
    assert found[2::4] == [0.0, 0.5, 1.0]
    assert found[3::4] == [1.0, 0.5, 0.0]
    assert found[1::4] == pytest.approx([1e-6, 5e-7, 0.0], abs=1e-9)


def test_the_automatic_abort_returns_to_the_start_and_fills_up_with_dummies() -> None:
    analyser = Analyser()
    analyser.write("CN 1", "FMT 1", "MM 2,1", "RI 1,-14", "WM 2,2", "WV 1,1,20,0,1,5,6E-7")
    found = words(analyser.ask("XE"))
    assert [status for status, _, _ in found] == ["N", "N", "N", "C", "V"]
    assert found[-1][2] == 199.999e99
    assert analyser.voltage("1") == 0.0


def test_time_stamps_stand_before_the_data() -> None:
    analyser = Analyser()
    analyser.write("CN 1", "FMT 11,1", "MM 2,1", "RI 1,-14", "WT 0.1,0.02", "WV 1,1,20,0,1,3,1E-5", "TSC 1;TSR")
    found = words(analyser.ask("XE"))
    assert [kind for _, kind, _ in found] == ["T", "I", "V"] * 3
    times = [value for _, kind, value in found if kind == "T"]
    assert times[1] - times[0] == pytest.approx(20e-3, abs=1e-3)


def test_a_pulse_lasts_its_width_and_the_period_is_kept() -> None:
    """E5270 guide, PT: without a period, 5 ms up to 3 ms of width, and width + 2 ms up to 100 ms."""
    analyser = Analyser()
    analyser.write("CN 1", "MM 3,1", "RI 1,-14", "AIT 2,3,1E-3", "PT 0,0.01", "PV 1,20,0.2,1,1E-5")
    analyser.ask("XE")  # goes to the measurement range
    before = analyser.now
    assert analyser.ask("XE") == "NAI+1.00000E-06"
    assert analyser.now - before == pytest.approx(12e-3 + 3e-3, abs=1e-6)
    assert analyser.voltage("1") == pytest.approx(0.2, rel=1e-4)
    analyser.write("PT 0,0.0004")
    assert analyser.error() == 120
    assert analyser.ask("*LRN? 34").startswith("PT0.00,0.0100,0.0120")


def test_samples_at_an_interval() -> None:
    analyser = Analyser()
    analyser.write("CN 1", "FMT 1,1", "MM 10,1", "RI 1,-14", "MV 1,20,0,0.5,1E-5", "MT 0.05,0.01,4", "MSC 1,1")
    before = analyser.now
    found = words(analyser.ask("XE"))
    assert [value for _, kind, value in found if kind == "X"] == [1, 2, 3, 4]
    assert [value for _, kind, value in found if kind == "I"] == pytest.approx([5e-7] * 4, rel=1e-3)
    assert analyser.now - before == pytest.approx(3e-3 + 50e-3 + 3 * 10e-3, abs=1e-3)
    assert analyser.voltage("1") == 0.0


# Mainframe -------------------------------------------------------------------------------------------


def test_the_unit_calibrates_itself_when_its_outputs_were_off_for_half_an_hour() -> None:
    analyser = Analyser()
    for command, expected in (("CM 1", 5.0), ("CM 0", 0.0), ("CM 1;CN 1", 0.0)):
        analyser.write("*RST", command)
        analyser.harness.advance(1801.0)
        before = analyser.now
        analyser.ask("*OPC?")
        assert analyser.now - before == pytest.approx(expected + 3e-3, abs=1e-6)


def test_reset_opens_everything_and_learn_tells_the_initial_settings() -> None:
    analyser = Analyser()
    analyser.write("CN 1,2,501", "DV 1,20,1,1E-5", "FMT 21,1", "AAD 1,1", "AV 10,1", "*RST")
    assert analyser.ask("*LRN? 0") == "CL"
    assert isinstance(analyser.port("1").drive, Open)
    assert isinstance(analyser.port("501").drive, Open)
    assert analyser.ask("*LRN? 31") == "TM1;AV1,0;CM1;FMT1,0"
    assert analyser.ask("*LRN? 32") == "RI1,0;RV1,0;RI2,0;RV2,0"
    assert analyser.ask("*LRN? 46") == "CMM1,0;CMM2,0"
    assert analyser.ask("*LRN? 54") == "RM1,1,50;RM2,1,50"
    assert analyser.ask("*LRN? 57") == "WAT1,1.0,0.0000;WAT2,1.0,0.0000"
    assert analyser.ask("*LRN? 60") == "TSC0"


def test_a_module_or_a_slot_that_there_is_not_is_named() -> None:
    with pytest.raises(ValueError, match=r"slots: 11: B1517A is not possible; slots are 1 to 10"):
        Analyser(slots={11: "B1517A"})
    with pytest.raises(ValueError, match=r"slots: 3: B1530A is not possible"):
        Analyser(slots={3: "B1530A"})


def test_the_mode_of_the_digital_port_is_kept() -> None:
    """The modes that PyMeasure names: 0 for general purposes, a bit for each accessory up to 32."""
    analyser = Analyser()
    assert analyser.ask("ERMOD?") == "0"
    analyser.write("ERMOD 1")
    assert analyser.ask("ERMOD?") == "1"
    analyser.write("ERMOD 64")
    assert analyser.error() != 0
    analyser.write("*RST")
    assert analyser.ask("ERMOD?") == "0"
