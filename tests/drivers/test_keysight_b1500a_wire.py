"""The B1500A driver byte by byte, against a resource that plays the part of the sources it is sent."""

import math
import re

import pytest

from drivers.errors import InstrumentError, Refused
from drivers.keysight_b1500a import KeysightB1500A
from drivers.keysight_b1500a_smu import ChannelB1517A
from drivers.keysight_b1500a_words import staircases, tolerant, words
from drivers.records import Flag
from tests.drivers.fake_resource import FakeResource

UNITS = "B1517A,0;B1517A,0;0,0;0,0;B1525A,0;0,0;0,0;0,0;0,0;0,0"
NONE = '+0,"No Error."'


class Mainframe:
    """Remembers DV and CN of slot 1; `errors` come out of ERRX?, `data` out of XE, TI, TTI and TV."""

    def __init__(self, modules: str = UNITS, identity: str = "Agilent Technologies,B1500A,0,A.04") -> None:
        self.modules, self.identity = modules, identity
        self.source = "CL1"
        self.errors: list[str] = []
        self.data: dict[str, str] = {}

    def __call__(self, message: str) -> str | bytes | None:
        assert message.endswith("\r")
        reply = None
        for unit in message[:-1].split(";"):
            assert reply is None, "only the last command of a message may answer"
            reply = self._unit(unit)
        return None if reply is None else f"{reply}\r\n".encode("ascii")

    def _unit(self, unit: str) -> str | None:
        match unit.split(" ")[0]:
            case "*IDN?":
                return self.identity
            case "*OPC?":
                return "1"
            case "UNT?":
                return self.modules
            case "ERRX?":
                return self.errors.pop(0) if self.errors else NONE
            case "*LRN?":
                return ("CL" if self.source == "CL1" else "CN1") if unit.endswith(" 0") else self.source
            case "DV":
                _, code, level, limit = unit.removeprefix("DV ").split(",")
                self.source = f"DV1,{code},{float(level):+.5E},{float(limit):+.5E},0,0"
            case "CL":
                self.source = "CL1"
            case "DZ":
                self.source = "DZ1"
            case word if word in self.data:
                return self.data[word]
        return None


def opened(mainframe: Mainframe | None = None) -> tuple[KeysightB1500A, FakeResource, Mainframe]:
    mainframe = mainframe or Mainframe()
    resource = FakeResource(mainframe)
    return KeysightB1500A(resource.as_visa, name="analyser"), resource, mainframe


def energised() -> tuple[ChannelB1517A, FakeResource, Mainframe]:
    driver, resource, mainframe = opened()
    smu = driver.channel("1")
    assert isinstance(smu, ChannelB1517A)
    smu.source_voltage(0.1, current_limit=1e-6, voltage_range=2.0)
    smu.measure_setup(aperture=20e-3, current_range=1e-6, autozero="off")
    smu.output(True)
    resource.sent.clear()
    return smu, resource, mainframe


def test_opening_only_asks() -> None:
    _, resource, _ = opened()
    assert resource.sent == ["*IDN?\r", "UNT? 0\r", "*LRN? 0\r"]
    assert resource.clears == 1


@pytest.mark.parametrize("identity", ["Keysight Technologies,B1500A,MY123,A.06", "AGILENT TECHNOLOGIES,B1500A,0,A.04"])
def test_both_makers_are_the_same_house(identity: str) -> None:
    assert opened(Mainframe(identity=identity))[0].identity.model == "B1500A"


def test_another_model_is_refused() -> None:
    with pytest.raises(InstrumentError, match=r"B1500A was expected.*B1505A"):
        opened(Mainframe(identity="Agilent Technologies,B1505A,0,A.04"))


def test_the_first_request_drops_old_errors_and_ends_the_automatic_calibration() -> None:
    driver, resource, mainframe = opened()
    mainframe.errors = ['+100,"Undefined GPIB command."']
    smu = driver.channel("1")
    assert isinstance(smu, ChannelB1517A)
    resource.sent.clear()
    smu.measure_setup(aperture=20e-3, current_range=1e-6, autozero="off")
    assert resource.sent == [
        "ERRX?\r", "ERRX?\r", "FMT 11,1;CM 0;WAT 1,1,0;WAT 2,1,0;ERRX?\r",
        "AAD 1,1;AIT 1,2,1;AZ 0;RI 1,-14;RV 1,0;ERRX?\r",
    ]  # fmt: skip


def test_the_switch_closes_before_the_limit_and_the_level_and_is_read_back() -> None:
    driver, resource, _ = opened()
    smu = driver.channel("1")
    assert isinstance(smu, ChannelB1517A)
    smu.source_voltage(0.1, current_limit=1e-6, voltage_range=2.0)
    assert smu.output(True)
    assert resource.sent[-1] == "CN 1;DV 1,20,0.1,1E-06;*LRN? 1\r"
    assert driver.outputs() == {"1": "voltage source at 0.1 V"}
    smu.output(False)
    assert resource.sent[-1] == "CL 1;*LRN? 1\r"


def test_a_source_that_does_not_follow_is_an_error_with_what_the_queue_says() -> None:
    smu, _, mainframe = energised()
    mainframe.errors = ['+120,"Incorrect parameter value."']
    mainframe.data["DV"] = ""
    mainframe._unit = lambda unit: (  # type: ignore[method-assign]
        "DV1,20,+0.10000E+00,+01.0000E-06,0,0" if unit.startswith("*LRN?") else
        (mainframe.errors.pop(0) if mainframe.errors else NONE) if unit == "ERRX?" else None
    )  # fmt: skip
    with pytest.raises(InstrumentError, match=r"\+120.*Incorrect parameter value"):
        smu.set_level(0.5)


def test_only_what_differs_is_sent_again() -> None:
    smu, resource, mainframe = energised()
    mainframe.data["XE"] = "NAT+1.000000E+00,NAI+5.000000E-07"
    smu.pulse(0.5, 0.1)
    first = list(resource.sent)
    resource.sent.clear()
    smu.pulse(0.5, 0.1)
    smu.pulse(0.6, 0.1)
    assert first[-2:] == [
        "MM 3,1;CMM 1,0;AAD 1,2;AIT 2,3,0.02;TSC 1;PT 0,0.1;PV 1,20,0,0.5,1E-06;ERRX?\r",
        "XE\r",
    ]
    assert resource.sent == ["XE\r", "PV 1,20,0,0.6,1E-06;ERRX?\r", "XE\r"]


def test_after_an_error_the_settings_are_sent_again() -> None:
    smu, resource, mainframe = energised()
    mainframe.data["XE"] = "NAT+1.000000E+00,NAI+5.000000E-07"
    mainframe.errors = ['+120,"Incorrect parameter value."']
    with pytest.raises(InstrumentError, match=r"\+120"):
        smu.pulse(0.5, 0.1)
    resource.sent.clear()
    smu.pulse(0.5, 0.1)
    assert "PV 1,20,0,0.5,1E-06" in resource.sent[0]


@pytest.mark.parametrize(
    ("word", "flags"),
    [("NAI+5.000000E-07", Flag(0)), ("TAI+5.000000E-07", Flag(0)), ("CAI+5.000000E-07", Flag.COMPLIANCE),
     ("XAI+5.000000E-07", Flag.UNSTABLE), ("VAI+199.9999E+99", Flag.OVERFLOW), ("GAI+5.000000E-07", Flag.UNKNOWN)],
)  # fmt: skip
def test_status_letters_become_flags(word: str, flags: Flag) -> None:
    smu, _, mainframe = energised()
    mainframe.data.update({"TTI": f"NAT+1.500000E+00,{word}", "TV": "NAV+1.000000E-01"})
    reading = smu.measure()
    assert reading.flags == flags
    assert (reading.voltage, reading.time) == (0.1, 1.5)
    assert math.isnan(reading.current) == (flags == Flag.OVERFLOW)


@pytest.mark.parametrize("reply", ["", "NAI", "NAI+5.0", "0,0,0,0", "NAT+1.000000E+00"])
def test_what_is_no_reading_is_an_error(reply: str) -> None:
    smu, _, mainframe = energised()
    mainframe.data["TTI"] = reply
    with pytest.raises(InstrumentError, match="2 measured values were expected"):
        smu.measure()


def test_apertures_become_cycles_of_the_slow_or_samples_of_the_fast_converter() -> None:
    smu, resource, _ = energised()
    for aperture, command, in_force in (
        (0.1, "AIT 1,2,5", 0.1),
        (1.6e-3, "AIT 0,1,100", 1.6e-3),
        (16e-6, "AIT 0,1,1", 16e-6),
    ):
        setting = smu.measure_setup(aperture=aperture, current_range=1e-6, autozero="off")
        assert re.search(f"{command}[;\r]", resource.sent[-1])
        assert setting.aperture == pytest.approx(in_force)


def test_refusals_send_nothing() -> None:
    smu, resource, _ = energised()
    for request in (
        lambda: smu.set_level(2.5),
        lambda: smu.source_voltage(1.0, current_limit=1e-6),
        lambda: smu.pulse(0.5, 0.1e-3),
        lambda: smu.pulse(0.5, 2.5),
        lambda: smu.pulse(0.5, 10e-3),  # shorter than the aperture
        lambda: smu.sweep([0.0, 2.5], dwell=0.0, aperture=20e-3),
        lambda: smu.off_state("normal"),
        lambda: smu.measure_setup(aperture=3.0, current_range=1e-6),
    ):
        with pytest.raises(Refused):
            request()
    assert resource.sent == []


def test_make_safe_goes_to_zero_first_and_reports_what_does_not_answer() -> None:
    smu, resource, mainframe = energised()
    assert smu.make_safe() == []
    assert resource.sent == ["DZ 1\r", "CL 1\r", "*LRN? 1\r"]
    mainframe.source = "DV1,20,+0.10000E+00,+01.0000E-06,0,0"
    mainframe._unit = lambda unit: mainframe.source if unit.startswith("*LRN?") else None  # type: ignore[method-assign]
    (problem,) = smu.make_safe()
    assert "still reads on" in problem


# Words -----------------------------------------------------------------------------------------------


def test_numbers_with_a_second_sign_are_read() -> None:
    """Units were seen to send -0.-1 for -0.1."""
    assert tolerant("-0.-1") == -0.1
    assert tolerant("+100.000E-06") == 1e-4


def test_words_are_taken_apart() -> None:
    found = words("CAI-1.234500E-09,NZT+1.000000E+01")
    assert found is not None
    assert [(word.status, word.kind, word.value) for word in found] == [("C", "I", -1.2345e-9), ("N", "T", 10.0)]
    assert words("+0,No Error") is None


@pytest.mark.parametrize(
    ("levels", "lengths"),
    [
        ([0.0], [1]),
        ([0.0, 0.1, 0.2], [3]),
        ([0.0, 0.1, 0.3], [2, 1]),
        ([0.0, 0.1, 0.2, 0.1, 0.0], [3, 2]),
        ([0.1] * 5, [5]),
        ([k * 1e-3 for k in range(2500)], [1001, 1001, 498]),
    ],
)
def test_lists_are_cut_into_staircases(levels: list[float], lengths: list[int]) -> None:
    pieces = staircases(levels, 1e-6)
    assert [len(piece) for piece in pieces] == lengths
    assert [level for piece in pieces for level in piece] == levels
