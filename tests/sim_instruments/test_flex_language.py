"""FLEX: syntax, errors, status, data words. Expected words are the examples of the B1500A programming guide, ed. 11."""

import math

import pytest

from sim_instruments.bus import BusPort
from sim_instruments.flex import Datum, Status, encode
from tests.sim_instruments.unit_b1500a import Analyser


def bits(data: bytes) -> str:
    return "".join(f"{byte:08b}" for byte in data)


def test_a_header_may_be_followed_by_blanks_or_not_and_case_does_not_matter() -> None:
    analyser = Analyser()
    analyser.write("cn1", "Dv 1 , 20,0.5,1E-6", "DV1,20,+.25")
    assert analyser.ask("*lrn? 1").startswith("DV1,20,+0.25000E+00")
    assert analyser.error() == 0


def test_semicolons_join_commands_and_an_error_does_not_stop_the_rest() -> None:
    analyser = Analyser()
    analyser.write("CN 1;QQ;DV 1,0,9999;DV 1,20,0.5,1E-6;")
    assert [analyser.error() for _ in range(3)] == [100, 120, 0]
    assert analyser.voltage("1") == pytest.approx(0.5, abs=1e-4)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("*CLS", 100), ("XYZ", 100), ("DV", 102), ("DV 1,2", 102), ("DV 1,,2", 102), ("DV 1,2,three", 102),
        ("DV 1,2,3,4,5,6,7", 102), ("DV 3,0,1", 153), ("DV 12,0,1", 121), ("DV 501,0,1", 151), ("SPV 1,1,0,1", 151),
        ("DV 1,0,1E999", 120), ("AIT 0,1,1024", 120), ("AIT 1,3,1E-3", 120), ("FMT 6", 120), ("CN 1,1", 122),
        ("MM 9,1", 120), ("TI 1,20", 124), ("*LRN? 199", 120), ("PA -1", 120), ("PA", 102), ("SRE 1.5", 100),
    ],
)  # fmt: skip
def test_mistakes_and_their_codes(message: str, code: int) -> None:
    analyser = Analyser()
    analyser.write(message)
    assert analyser.error() == code
    assert analyser.error() == 0


def test_the_replies_to_error_queries() -> None:
    analyser = Analyser()
    assert analyser.ask("ERRX?") == '+0,"No Error."'
    assert analyser.ask("ERR?") == "0,0,0,0"
    analyser.write("*CLS", "DV 1,0,1")
    assert analyser.ask("ERR?") == "100,200,0,0"
    assert analyser.ask("ERR?") == "0,0,0,0"
    analyser.write("*CLS")
    assert analyser.ask("ERRX?") == '+100,"Undefined GPIB command."'
    assert analyser.ask("EMG? 100") == "Undefined GPIB command."


def test_the_queue_holds_thirty_errors_and_survives_a_reset() -> None:
    analyser = Analyser()
    analyser.write(*["QQ"] * 40, "*RST")
    codes = [analyser.error() for _ in range(31)]
    assert codes == [100] * 30 + [0]


def test_the_status_byte() -> None:
    analyser = Analyser()
    assert analyser.ask("*STB?") == "16"
    analyser.write("*SRE 32", "QQ")
    assert analyser.ask("*STB?") == str(16 + 32 + 64)
    assert analyser.unit.status_byte(serial_poll=True) == 112
    assert analyser.unit.status_byte(serial_poll=True) == 48


# Data ------------------------------------------------------------------------------------------------


def test_a_four_byte_word_is_that_of_the_guide() -> None:
    """Page 1-43: 100 pA on the 1 nA range of SMU1."""
    datum = Datum("I", 100e-12, 1, Status(0), 1e-9, 11)
    assert bits(encode([datum], 4)) == "11010110000100111000100000000001"


def test_a_time_word_is_that_of_the_guide() -> None:
    """Page 1-53: 0.1 s on SMU1."""
    expected = "0000001100000000000000000000000000000001100001101010000000000001"
    assert bits(encode([Datum("T", 0.1, 1)], 14)) == expected


@pytest.mark.parametrize("value", [0.5e-6, -0.25e-6])
def test_words_of_eight_bytes_count_in_a_millionth_of_the_range(value: float) -> None:
    """Page 1-37: range / 1000000; the count takes bytes 3 to 6, two's complement."""
    word = encode([Datum("I", value, 2, Status.OWN_COMPLIANCE, 1e-6, 14, slow=True)], 13)
    assert word[-2:] == b"\r\n"
    assert int.from_bytes(word[2:6], "big", signed=True) * 1e-6 / 1e6 == pytest.approx(value)
    assert (word[0], word[1], word[6], word[7]) == (0x81, 14, 8, 0x22)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (1, b"CAI+1.23450E-09\r\n"), (2, b"+1.23450E-09\r\n"), (5, b"CAI+1.23450E-09,"),
        (11, b"CAI+1.234500E-09\r\n"), (12, b"+1.234500E-09\r\n"), (15, b"CAI+1.234500E-09,"),
        (21, b"008AI+1.234500E-09\r\n"), (22, b"+1.234500E-09\r\n"), (25, b"008AI+1.234500E-09,"),
    ],
)  # fmt: skip
def test_words_of_twelve_and_thirteen_digits(form: int, expected: bytes) -> None:
    assert encode([Datum("I", 1.2345e-9, 1, Status.OWN_COMPLIANCE)], form) == expected


def test_letters_of_source_data_other_limits_and_no_number() -> None:
    data = [
        Datum("V", 1.0, 2, source=True),
        Datum("V", 1.0, 2, source=True, last=True),
        Datum("I", 1.0, 10, Status.OTHER_COMPLIANCE),
        Datum("I", math.inf, 1, Status.OVERFLOW | Status.OWN_COMPLIANCE),
        Datum("I", 1.0, 1, Status.OSCILLATION | Status.OWN_COMPLIANCE),
    ]
    assert encode(data, 1) == (b"WBV+1.00000E+00,EBV+1.00000E+00,TJI+1.00000E+00,VAI+199.999E+99,XAI+1.00000E+00\r\n")


# The output buffer -----------------------------------------------------------------------------------


def read(port: BusPort) -> bytes:
    return port.read(1, 10_000, 1.0, stop_at=b"\n").data


def test_unread_replies_wait_and_can_be_counted_and_cleared() -> None:
    analyser = Analyser()
    port = BusPort(analyser.unit, analyser.harness)
    port.virtual_timeouts = True
    port.attach(1)
    for message in (b"CN 1", b"TV 1", b"TTV 1", b"NUB?"):
        port.write(1, message + b"\r\n", end=True, stream=False)
    assert read(port) == b"3\r\n"
    assert read(port).startswith(b"NAV")
    assert read(port).startswith(b"NAT")
    port.write(1, b"TV 1\r\n", end=True, stream=False)
    port.write(1, b"BC\r\n", end=True, stream=False)
    assert port.bytes_waiting == 0
    port.write(1, b"ERRX?\r\n", end=True, stream=False)
    assert read(port) == b'+0,"No Error."\r\n'


def test_replies_are_read_before_data_and_a_query_replaces_the_unread_reply_of_another() -> None:
    analyser = Analyser()
    port = BusPort(analyser.unit, analyser.harness)
    port.virtual_timeouts = True
    port.attach(1)
    for message in (b"CN 1", b"TV 1", b"TTV 1", b"ERR?", b"ERRX?"):
        port.write(1, message + b"\r\n", end=True, stream=False)
    assert [read(port)[:3] for _ in range(3)] == [b"+0,", b"NAV", b"NAT"]
    assert port.bytes_waiting == 0


def test_an_unread_reply_does_not_stand_before_newer_data() -> None:
    analyser = Analyser()
    port = BusPort(analyser.unit, analyser.harness)
    port.attach(1)
    port.write(1, b"CN 1;ERR?\r\n", end=True, stream=False)
    port.write(1, b"TV 1\r\n", end=True, stream=False)
    assert read(port).startswith(b"NAV")
    assert port.bytes_waiting == 0


def test_a_line_end_that_was_not_read_does_not_answer_the_next_query() -> None:
    """Clients that read a known number of characters leave it behind."""
    analyser = Analyser()
    port = BusPort(analyser.unit, analyser.harness)
    port.attach(1)
    port.write(1, b"CN 1;TV 1\r\n", end=True, stream=False)
    assert port.read(1, 16, 1.0).data == b"NAV+0.00000E+00\r"
    port.write(1, b"*OPC?\r\n", end=True, stream=False)
    assert read(port) == b"1\r\n"
