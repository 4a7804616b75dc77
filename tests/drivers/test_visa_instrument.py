"""The link itself, on a resource that records bytes."""

import struct
from pathlib import Path

import pytest

from drivers.errors import InstrumentError
from drivers.visa_instrument import Identity, VisaInstrument, same_maker
from drivers.wire_log import WireLog
from tests.drivers.fake_resource import LOST, NO_CLEAR, TIMEOUT, FakeResource, table

IDN = "Agilent Technologies,33622A,MY001,1.0"


class Box(VisaInstrument):
    maker = "Keysight Technologies"
    model = "33622A"

    def _opened(self) -> None: ...

    def channel(self, terminal: str) -> object:
        return terminal

    def check_errors(self) -> None: ...

    def outputs(self) -> dict[str, str]:
        return {}

    def settings(self) -> dict[str, float | str | bool]:
        return {}

    def reset(self) -> None: ...

    def _make_safe(self, problems: list[str]) -> None:
        self.guarded_step(problems, "off", lambda: self.write("OFF"))
        self.guarded_step(problems, "read back", lambda: self.exchange("OFF?"))


def box(answers: dict[str, str | list[str]] | None = None) -> tuple[Box, FakeResource]:
    resource = FakeResource(table({"*IDN?": IDN, **(answers or {})}))
    return Box(resource.as_visa, name="gate"), resource


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Agilent Technologies", "Keysight Technologies"),
        ("KEYSIGHT", "Agilent  Technologies"),
        ("KEITHLEY INSTRUMENTS INC.", "Keithley Instruments"),
        ("Keithley Instruments Inc.", "Keithley Instruments"),
        ("TEKTRONIX", "Tektronix"),
    ],
)
def test_makers_are_compared_loosely(one: str, other: str) -> None:
    assert same_maker(one, other)


def test_different_makers_differ() -> None:
    assert not same_maker("Keithley Instruments", "Keysight Technologies")


def test_identity_drops_the_word_model() -> None:
    assert Identity.parse("KEITHLEY INSTRUMENTS INC.,MODEL 707B,00000170,01.10h") == Identity(
        "KEITHLEY INSTRUMENTS INC.", "707B", "00000170", "01.10h"
    )


@pytest.mark.parametrize("idn", ["Agilent Technologies,33522B,MY001,1.0", "Keithley,33622A,MY001,1.0", "ERROR"])
def test_the_wrong_instrument_is_named_and_its_link_closed(idn: str) -> None:
    resource = FakeResource(table({"*IDN?": idn}))
    with pytest.raises(InstrumentError) as error:
        Box(resource.as_visa, name="gate")
    assert "gate (33622A at GPIB0::26::INSTR)" in str(error.value)
    assert idn in str(error.value)
    assert not resource.is_open


def test_the_serial_is_compared_if_asked_for() -> None:
    answers = table({"*IDN?": IDN})
    assert Box(FakeResource(answers).as_visa, name="gate", serial="MY001").identity.serial == "MY001"
    with pytest.raises(InstrumentError, match=r"serial MY002 was expected, .* serial MY001 answers"):
        Box(FakeResource(answers).as_visa, name="gate", serial="MY002")


def test_opening_sends_nothing_but_a_clear_and_the_identity_query() -> None:
    _, resource = box()
    assert resource.sent == ["*IDN?"]
    assert resource.clears == 1


def test_a_timeout_names_message_time_and_remedy_and_is_followed_by_a_device_clear() -> None:
    instrument, resource = box({"READ?": "1"})
    with pytest.raises(InstrumentError) as error:
        instrument.exchange("*QQQ?", seconds_expected=2.0)
    assert error.value.sent == "*QQQ?"
    for part in ("no complete reply within 7 s", "line feed", "gate"):
        assert part in str(error.value)
    clears = resource.clears
    assert instrument.exchange("READ?") == "1"
    assert resource.clears == clears + 1
    assert instrument.exchange("READ?") == "1"
    assert resource.clears == clears + 1  # once is enough


def test_long_answers_get_a_longer_timeout_for_that_exchange_only() -> None:
    instrument, resource = box({"READ?": "1"})
    instrument.exchange("READ?", seconds_expected=60.0)
    assert resource.timeout == 65_000
    instrument.exchange("READ?")
    assert resource.timeout == 5_000


def test_a_reply_without_terminator_is_an_error_not_a_value() -> None:
    instrument, resource = box()
    resource.answer = lambda _: b"1.25E-0"
    with pytest.raises(InstrumentError, match="cut off"):
        instrument.exchange("READ?")


def test_an_interrupted_exchange_leaves_no_stale_reply() -> None:
    instrument, resource = box({"READ?": "stale", "NEW?": "new"})
    resource.fail["read"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        instrument.exchange("READ?")
    del resource.fail["read"]
    clears = resource.clears
    assert instrument.exchange("NEW?") == "new"
    assert resource.clears == clears + 1


def test_links_without_device_clear_get_a_new_session() -> None:
    resource = FakeResource(table({"*IDN?": IDN, "READ?": "1"}))
    resource.fail["clear"] = NO_CLEAR
    instrument = Box(resource.as_visa, name="gate")
    assert instrument.exchange("READ?") == "1"
    assert resource.opened == 1


@pytest.mark.parametrize(
    ("block", "datatype", "big_endian"),
    [
        (b"#0" + struct.pack("<2d", 1.5, -10.0) + b"\n", "d", False),
        (b"#0" + struct.pack(">2d", 1.5, -10.0) + b"\n", "d", True),
        (b"#18" + struct.pack(">2f", 1.5, -10.0) + b"\n", "f", True),
        (b"#216" + struct.pack("<2d", 1.5, -10.0) + b"\n", "d", False),
    ],
)
def test_binary_blocks(block: bytes, datatype: str, big_endian: bool) -> None:
    instrument, resource = box({"READ?": "1"})
    resource.answer = lambda _: block
    assert instrument.query_values("DATA?", datatype, big_endian=big_endian) == [1.5, -10.0]  # type: ignore[arg-type]
    resource.answer = table({"READ?": "1"})
    clears = resource.clears
    assert instrument.exchange("READ?") == "1"  # the block was read to its end
    assert (resource.clears, resource.read_termination) == (clears, "\n")


@pytest.mark.parametrize("block", [b"1.5,-10\n", b"#0abc\n", b"#14abcd\n"])
def test_what_is_no_block_of_numbers_is_an_error(block: bytes) -> None:
    instrument, resource = box()
    resource.answer = lambda _: block
    with pytest.raises(InstrumentError):
        instrument.query_values("DATA?", "d")


def test_make_safe_goes_on_after_a_failing_step_and_returns_what_went_wrong() -> None:
    instrument, resource = box({})
    problems = instrument.make_safe()
    assert len(problems) == 1
    assert "read back failed" in problems[0]
    assert "front panel" in problems[0]
    assert resource.sent.count("OFF") == 1
    assert resource.sent.count("OFF?") == 2  # tried again after a device clear


def test_make_safe_opens_a_new_session_when_the_connection_was_lost() -> None:
    instrument, resource = box({"OFF?": "0"})
    for operation in ("write", "read", "clear"):
        resource.fail[operation] = LOST
    assert instrument.make_safe() == []
    assert resource.opened == 1
    assert resource.sent[-2:] == ["OFF", "OFF?"]


def test_make_safe_never_raises_even_with_a_dead_link() -> None:
    instrument, resource = box()
    for operation in ("write", "read", "clear"):
        resource.fail[operation] = TIMEOUT
    assert len(instrument.make_safe()) == 2


def test_after_close_every_exchange_is_an_error() -> None:
    instrument, _ = box()
    instrument.close()
    instrument.close()
    with pytest.raises(InstrumentError, match="link is closed"):
        instrument.exchange("*IDN?")


def test_the_wire_log_holds_both_directions_and_the_events_of_the_link(tmp_path: Path) -> None:
    path = tmp_path / "wire.log"
    with WireLog(path) as log:
        instrument = Box(FakeResource(table({"*IDN?": IDN})).as_visa, name="gate", wire_log=log)
        with pytest.raises(InstrumentError):
            instrument.exchange("READ?")
    lines = [line.split(" ", 1)[1] for line in path.read_text(encoding="utf-8").splitlines()]
    assert lines == [
        "gate ! device clear",
        r"gate > *IDN?\n",
        rf"gate < {IDN}\n",
        r"gate > READ?\n",
        "gate ! nothing within 5 s",
    ]
