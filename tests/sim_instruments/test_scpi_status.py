"""Error queue, status registers, synchronisation (IEEE 488.2 chapters 11 and 12, SCPI-99 volume 1 chapter 9)."""

import logging

import pytest

from tests.sim_instruments.toy_instrument import Toy


def ask(toy: Toy, message: str) -> str:
    reply = toy.execute(message.encode())
    assert reply is not None
    return reply.decode().strip()


def test_the_queue_is_first_in_first_out() -> None:
    toy = Toy()
    toy.execute(b"FOO;:VOLT")
    assert ask(toy, "SYST:ERR:COUN?") == "+2"
    assert ask(toy, "SYST:ERR?").startswith('-113,"Undefined header')
    assert ask(toy, "SYST:ERR:NEXT?").startswith('-109,"Missing parameter')
    assert ask(toy, "SYST:ERR?") == '+0,"No error"'


def test_a_full_queue_ends_in_overflow_and_loses_newer_errors() -> None:
    toy = Toy()
    toy.execute(b"FOO1;FOO2;FOO3;FOO4;FOO5;FOO6")
    codes = [int(ask(toy, "SYST:ERR?").split(",")[0]) for _ in range(5)]
    assert codes == [-113, -113, -113, -350, 0]


def test_cls_empties_the_queue_and_rst_does_not() -> None:
    toy = Toy()
    toy.execute(b"FOO")
    toy.execute(b"*RST")
    assert ask(toy, "SYST:ERR:COUN?") == "+1"
    toy.execute(b"*CLS")
    assert ask(toy, "SYST:ERR:COUN?") == "+0"


@pytest.mark.parametrize(("code", "bit"), [(-113, 32), (-222, 16), (-310, 8), (786, 8), (-410, 4)])
def test_the_class_of_an_error_sets_its_event_bit(code: int, bit: int) -> None:
    toy = Toy()
    assert ask(toy, "*ESR?") == "+128", "power on, once"
    toy.report(code)
    assert ask(toy, "*ESR?") == f"+{bit}"
    assert ask(toy, "*ESR?") == "+0"


def test_status_byte_summaries() -> None:
    toy = Toy()
    toy.execute(b"*CLS;*ESE 32;*SRE 32;FOO")
    assert ask(toy, "*STB?") == "+100", "error queue 4, event summary 32, master summary 64"
    assert toy.status_byte(message_available=True) == 100 + 16
    assert ask(toy, "*STB?") == "+100", "*STB? clears nothing"
    assert ask(toy, "*ESE?;*SRE?") == "+32;+32"


def test_a_serial_poll_reports_the_request_once() -> None:
    toy = Toy()
    toy.execute(b"*CLS;*SRE 4;FOO")
    assert toy.status_byte(serial_poll=True) == 4 + 64
    assert toy.status_byte(serial_poll=True) == 4
    toy.execute(b"*CLS")
    assert toy.status_byte(serial_poll=True) == 0
    toy.execute(b"FOO")
    assert toy.status_byte(serial_poll=True) == 4 + 64


def test_event_registers_latch_and_are_enabled() -> None:
    toy = Toy()
    toy.execute(b"*CLS;STAT:QUES:ENAB 512;:STAT:OPER:ENAB 16")
    toy.status.questionable.update(512)
    toy.status.questionable.update(0)
    assert toy.status_byte() & 0x08
    assert ask(toy, "STAT:QUES:COND?;EVEN?;EVEN?;ENAB?") == "+0;+512;+0;+512"
    toy.execute(b"STAT:PRES")
    assert ask(toy, "STAT:OPER:ENAB?") == "+0"


def test_opc_query_lets_the_operation_end() -> None:
    toy = Toy()
    assert ask(toy, "STAR 3;*OPC?") == "1"
    assert toy.harness.clock.now == pytest.approx(3.0, abs=1e-2)


def test_opc_sets_its_bit_when_the_operation_has_ended() -> None:
    toy = Toy()
    toy.execute(b"*CLS;STAR 3;*OPC")
    assert ask(toy, "*ESR?") == "+0"
    toy.harness.advance(3.0)
    assert ask(toy, "*ESR?") == "+1"


def test_a_serial_poll_waits_for_what_opc_announced() -> None:
    toy = Toy()
    toy.execute(b"*CLS;*ESE 1;STAR 1000;*OPC")
    assert toy.status_byte(serial_poll=True) & 0x20
    assert toy.harness.clock.now == pytest.approx(1000.0, abs=1e-2)


def test_waiting_without_end_holds_everything_until_device_clear() -> None:
    toy = Toy()
    assert toy.execute(b"STAR INF;*OPC?") is None
    assert toy.execute(b"*IDN?") is None
    toy.clear()
    assert ask(toy, "*IDN?") == "ECRAMLAB,TOY,1,0.1"


def test_a_fault_of_the_model_is_logged_and_reported(caplog: pytest.LogCaptureFixture) -> None:
    toy = Toy()
    with caplog.at_level(logging.ERROR):
        assert toy.execute(b"BUG") is None
    assert "internal fault" in caplog.text
    assert ask(toy, "SYST:ERR?") == '-310,"System error"'
