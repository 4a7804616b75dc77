"""Headers, compound messages and parameters (SCPI-99 volume 1, chapters 6 and 7)."""

import pytest

from sim_instruments.scpi import ScpiError
from sim_instruments.scpi.parameters import boolean, number, quantity
from tests.sim_instruments.toy_instrument import Toy


def ask(toy: Toy, message: str) -> str | None:
    reply = toy.execute(message.encode("latin-1"))
    return None if reply is None else reply.decode("latin-1").removesuffix("\n")


def error(toy: Toy) -> int:
    reply = ask(toy, "SYST:ERR?")
    assert reply is not None
    return int(reply.split(",")[0])


@pytest.mark.parametrize(
    "header",
    [
        "VOLT", ":VOLT", "volt", "VOLTAGE", "Voltage:Level", "SOUR:VOLT", "SOURCE1:VOLT", ":sour:voltage:lev:imm:ampl",
        "SOUR2:VOLTage:AMPLitude", "  VOLT", "\tVOLT",
    ],
)  # fmt: skip
def test_all_legal_spellings_of_a_header(header: str) -> None:
    toy = Toy()
    assert ask(toy, f"{header} 1.5") is None
    assert (toy.level, error(toy)) == (1.5, 0)


@pytest.mark.parametrize(
    "header", ["VOLTA", "VOL", "SOURC:VOLT", "VOLT1", "VOLT:", "FOO", ":", "*FOO", "VOLT:LEVEL:LEVEL", "?"]
)
def test_anything_else_is_an_undefined_header(header: str) -> None:
    toy = Toy()
    assert ask(toy, f"{header} 1.5") is None
    assert (toy.level, error(toy)) == (0.0, -113)


def test_an_undefined_query_is_never_answered() -> None:
    toy = Toy()
    assert ask(toy, "FOO?") is None
    assert error(toy) == -113


@pytest.mark.parametrize("message", ["VOLT 1;FOO;VOLT 2", "VOLT 1;VOLT;VOLT 2", "VOLT 1;VOLT 5,6;VOLT 2"])
def test_a_message_sent_again_does_the_same_again(message: str) -> None:
    toy = Toy()
    for _ in range(3):
        toy.level = 0.0
        assert ask(toy, message) is None
        assert (toy.level, error(toy) < 0, error(toy)) == (2.0, True, 0)


def test_numeric_suffixes_on_any_node() -> None:
    toy = Toy()
    toy.execute(b"PULS2:WIDT3 1US")
    assert toy.seen == (2, 3, 1e-6)
    toy.execute(b"PULS:WIDTH 1MS")
    assert toy.seen == (1, 1, 1e-3)


def test_a_suffix_out_of_range_is_minus_114() -> None:
    toy = Toy()
    toy.execute(b"SOUR3:VOLT 1")
    assert error(toy) == -114


def test_a_header_without_colon_continues_the_path() -> None:
    toy = Toy()
    assert ask(toy, "SOUR:VOLT:LEV 2;LEV?") == "2"
    assert ask(toy, "SOUR:VOLT:LEV 3;*CLS;LEV?") == "3", "common commands leave the path alone"
    assert ask(toy, "SOUR:VOLT:LEV 4;:VOLT?;:OUTP?") == "4;0"
    assert ask(toy, "SOUR:VOLT:LEV 4;OUTP ON") is None
    assert (error(toy), toy.on) == (-113, False)


def test_replies_to_several_queries_form_one_response() -> None:
    assert ask(Toy(), "*IDN?;:VOLT?;;SYST:ERR?;") == 'ECRAMLAB,TOY,1,0.1;0;+0,"No error"'


def test_a_unit_with_an_error_does_not_stop_the_next() -> None:
    toy = Toy()
    assert ask(toy, "FOO 1;:VOLT 5;:VOLT?") == "5"
    assert error(toy) == -113


def test_a_colon_before_a_common_command_is_tolerated() -> None:
    toy = Toy()
    toy.execute(b":VOLT 3")
    toy.execute(b":*RST")
    assert (toy.level, error(toy)) == (0.0, 0)


@pytest.mark.parametrize(("message", "code"), [("VOLT", -109), ("VOLT 1,2", -108), ("*RST 1", -108), ("DATA x", -109)])
def test_argument_counts(message: str, code: int) -> None:
    toy = Toy()
    toy.execute(message.encode())
    assert error(toy) == code


def test_out_of_range_keeps_the_old_value() -> None:
    toy = Toy()
    toy.execute(b"VOLT 5;:VOLT 20.001")
    assert (toy.level, error(toy)) == (5.0, -222)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5.0), (".5", 0.5), ("+3.", 3.0), ("-1E-3", -1e-3), ("1 e-3", 1e-3), ("1e+2", 100.0), ("#HFF", 255.0),
        ("#Q17", 15.0), ("#b101", 5.0), ("100MV", 0.1), ("100 mV", 0.1), ("2KV", 2000.0), ("3uV", 3e-6), ("1MAV", 1e6),
        ("MAX", 20.0), ("minimum", -20.0), ("def", 0.0),
    ],
)  # fmt: skip
def test_numbers(text: str, value: float) -> None:
    words = {"MINimum": -20.0, "MAXimum": 20.0, "DEFault": 0.0}
    assert number(text.encode(), ("V",), words) == pytest.approx(value, rel=1e-15)


def test_m_is_milli_except_for_megahertz_and_megohm() -> None:
    assert quantity(b"1 MHZ", ("HZ",)) == (1e6, "HZ")
    assert quantity(b"1 MOHM", ("OHM",)) == (1e6, "OHM")
    assert quantity(b"1 MS", ("S",)) == (1e-3, "S")
    assert quantity(b"3 dBm", ("VPP", "VRMS", "DBM", "V")) == (3.0, "DBM")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("abc", -104), ("", -104), ("1.2.3", -104), ("1e", -131), ("nan", -104), ("INF", -104), ("-inf", -104),
            ("#HXY", -104),
        ("1 A", -131), ("1 XV", -131), ("1E999", -222), ("0x10", -104), ("１", -104),
    ],
)  # fmt: skip
def test_what_is_no_number(text: str, code: int) -> None:
    with pytest.raises(ScpiError) as caught:
        number(text.encode("utf-8"), ("V",))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "value"),
    [("ON", True), ("off", False), ("1", True), ("0", False), ("0.4", False), ("0.5", True), ("-7", True)],
)
def test_booleans_round_numbers(text: str, value: bool) -> None:
    assert boolean(text.encode()) is value


@pytest.mark.parametrize(("text", "seen"), [("SIN", "SIN"), ("sinusoid", "SIN"), ("Square", "SQU")])
def test_keywords_have_short_and_long_forms(text: str, seen: str) -> None:
    toy = Toy()
    toy.execute(f"SHAP {text}".encode())
    assert toy.seen == seen


def test_other_keywords_are_illegal_parameter_values() -> None:
    toy = Toy()
    toy.execute(b"SHAP SINU")
    assert (toy.seen, error(toy)) == (None, -224)


def test_strings_keep_separators_and_doubled_quotes() -> None:
    toy = Toy()
    toy.execute(b"TEXT 'a;b,''c'''")
    assert toy.seen == "a;b,'c'"
    toy.execute(b"TEXT bare")
    assert error(toy) == -104


@pytest.mark.parametrize("payload", [b"\n;,\"'(", b"ends with blanks \n \r", b"", bytes(range(256))])
def test_blocks_keep_every_byte(payload: bytes) -> None:
    toy = Toy()
    length = str(len(payload)).encode()
    toy.execute(b"DATA  name , #%d%b%b" % (len(length), length, payload))
    assert toy.seen == (b"name", payload)
    toy.execute(b"DATA name,#0" + payload)
    assert toy.seen == (b"name", payload)


def test_a_damaged_block_is_minus_161() -> None:
    toy = Toy()
    toy.execute(b"DATA name,#19abc")
    assert error(toy) == -161
