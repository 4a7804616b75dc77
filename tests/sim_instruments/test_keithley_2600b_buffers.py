"""Reading buffers as clients get them: whole columns in one reply, words, statistics (Series 2600B manual)."""

import struct

import pytest

from tests.sim_instruments.tsp_unit import Unit, prompt_smu

READINGS = [1e-7, 2e-7, 3e-7, 4e-7]


@pytest.fixture
def unit() -> Unit:
    """Four readings of 0.1 … 0.4 V on 1 MΩ, 0.1 s apart, with source values, in nvbuffer1 (I) and nvbuffer2 (V)."""
    unit = prompt_smu()
    unit.tell(
        "for k = 1, 2 do b = smua['nvbuffer' .. k] b.appendmode = 1 b.collectsourcevalues = 1 end "
        "smua.measure.rangei = 1e-6 smua.source.output = 1"
    )
    unit.tell(
        "for k = 1, 4 do smua.source.levelv = k / 10 delay(0.08) smua.measure.iv(smua.nvbuffer1, smua.nvbuffer2) end"
    )
    return unit


def binary(unit: Unit, message: str) -> bytes:
    reply = unit.instrument.execute(message.encode())
    assert reply.startswith(b"#0")
    assert reply.endswith(b"\n")
    return bytes(reply[2:-1])


@pytest.mark.parametrize(("data", "order", "layout"), [("REAL32", 1, "<4f"), ("REAL64", 0, ">4d")])
def test_a_column_in_binary(unit: Unit, data: str, order: int, layout: str) -> None:
    unit.tell(f"format.data = format.{data} format.byteorder = {order}")
    for column in ("smua.nvbuffer1", "smua.nvbuffer1.readings"):
        values = struct.unpack(layout, binary(unit, f"printbuffer(1, 4, {column})"))
        assert values == pytest.approx(READINGS, rel=1e-3)


def test_columns_are_interleaved(unit: Unit) -> None:
    columns = "smua.nvbuffer1, smua.nvbuffer2, smua.nvbuffer1.sourcevalues, smua.nvbuffer1.timestamps"
    values = unit.values(f"printbuffer(2, 3, {columns})")
    assert values == pytest.approx([2e-7, 0.2, 0.2, 0.1, 3e-7, 0.3, 0.3, 0.2], rel=1e-3)
    unit.tell("format.data = format.REAL64")
    block = binary(unit, f"printbuffer(2, 3, {columns})")
    assert struct.unpack("<8d", block) == pytest.approx(values, rel=1e-5)


def test_a_column_beside_a_table_of_the_script(unit: Unit) -> None:
    assert unit.values("printbuffer(1, 2, smua.nvbuffer1.sourcevalues, {7, 8})") == [0.1, 7, 0.2, 8]


def test_words_of_function_and_output(unit: Unit) -> None:
    assert unit.ask("printbuffer(1, 2, smua.nvbuffer1.measurefunctions)") == "Current, Current"
    assert unit.ask("printbuffer(4, 4, smua.nvbuffer2.measurefunctions)") == "Voltage"
    assert unit.ask("print(smua.nvbuffer1.sourcefunctions[1], smua.nvbuffer1.sourceoutputstates[1])") == "Voltage\tOn"
    unit.tell("smua.source.output = 0 smua.source.func = smua.OUTPUT_DCAMPS smua.measure.r(smua.nvbuffer1)")
    assert unit.ask("printbuffer(5, 5, smua.nvbuffer1.sourcefunctions, smua.nvbuffer1.sourceoutputstates)") == (
        "Current, Off"
    )
    assert unit.ask("printbuffer(5, 5, smua.nvbuffer1.statuses, smua.nvbuffer1.measurefunctions)").endswith(", Ohms")


def test_words_stay_words_in_a_binary_format(unit: Unit) -> None:
    unit.tell("format.data = format.REAL32")
    assert unit.ask("printbuffer(1, 2, smua.nvbuffer1.sourceoutputstates)") == "On, On"


@pytest.mark.parametrize(
    ("indices", "code"), [("1, 5", 4900), ("0, 2", 4900), ("-3, 2", 4900), ("5, 5", 4900), ("1, 1e300", 4900)]
)
def test_what_is_not_there_gives_an_error_and_no_reply(unit: Unit, indices: str, code: int) -> None:
    unit.tell(f"printbuffer({indices}, smua.nvbuffer1)")
    assert unit.errors() == [code]


def test_a_column_that_was_not_kept_gives_an_error() -> None:
    unit = prompt_smu()
    unit.tell("smua.measure.i(smua.nvbuffer1)")
    unit.tell("printbuffer(1, 1, smua.nvbuffer1.sourcevalues)")
    assert unit.errors() == [4900]


def test_single_items_are_those_of_the_block(unit: Unit) -> None:
    unit.tell("format.asciiprecision = 12")
    block = unit.values("printbuffer(1, smua.nvbuffer1.n, smua.nvbuffer1)")
    assert block == [unit.value(f"smua.nvbuffer1[{k}]") for k in range(1, 5)]
    assert unit.ask("print(smua.nvbuffer1[0], smua.nvbuffer1[5], smua.nvbuffer1.readings[-1])") == "nil\tnil\tnil"


def test_an_overflow_survives_real32() -> None:
    unit = prompt_smu(load_a=1e3)
    unit.tell("smua.source.levelv = 1 smua.source.output = 1 smua.measure.i(smua.nvbuffer1)")
    unit.tell("format.data = format.REAL32")
    assert struct.unpack("<f", binary(unit, "printbuffer(1, 1, smua.nvbuffer1)"))[0] == pytest.approx(9.91e37)
    (largest,) = struct.unpack("<f", binary(unit, "printnumber(1e200)"))
    assert largest == pytest.approx(3.4028e38, rel=1e-4)  # the largest there is


def test_statistics(unit: Unit) -> None:
    """Mean, sample standard deviation and extremes of 0.1, 0.2, 0.3, 0.4 V."""
    unit.tell("s = smua.buffer.getstats(smua.nvbuffer2)")
    assert unit.values("print(s.n, s.mean, s.stddev)") == pytest.approx([4, 0.25, 0.1290994], rel=1e-4)
    assert unit.values("print(s.min.reading, s.max.reading, s.max.sourcevalue)") == pytest.approx([0.1, 0.4, 0.4])
    assert unit.value("s.max.timestamp") == pytest.approx(0.3)


def test_statistics_leave_out_overflows_and_are_nil_without_readings() -> None:
    unit = prompt_smu(load_a=1e3)
    assert unit.ask("print(smua.buffer.getstats(smua.nvbuffer1))") == "nil"
    unit.tell("smua.nvbuffer1.appendmode = 1 smua.measure.i(smua.nvbuffer1)")
    unit.tell("smua.source.levelv = 1 smua.source.output = 1 delay(1) smua.measure.i(smua.nvbuffer1)")
    assert unit.value("smua.buffer.getstats(smua.nvbuffer1).n") == 1


def test_clearing_starts_a_new_time_axis(unit: Unit) -> None:
    unit.tell("smua.nvbuffer1.clear() delay(5) smua.measure.i(smua.nvbuffer1)")
    assert unit.values("print(smua.nvbuffer1.n, smua.nvbuffer1.timestamps[1])") == [1, 0]
    assert unit.value("smua.nvbuffer1.basetimestamp") > 5
