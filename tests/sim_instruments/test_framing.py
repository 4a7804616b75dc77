"""Where messages end (IEEE 488.2, 7.5 and 7.7.6)."""

import pytest

from sim_instruments.framing import split_outside, take_messages, whole_messages


def cut(data: bytes, *, end: bool = True, stream: bool = False, blocks: bool = True) -> tuple[list[bytes], bytes]:
    buffer = bytearray(data)
    return take_messages(buffer, end=end, stream=stream, blocks=blocks), bytes(buffer)


@pytest.mark.parametrize(
    ("data", "messages"),
    [
        (b"*IDN?\n", [b"*IDN?"]),
        (b"*IDN?\r\n", [b"*IDN?\r"]),  # the carriage return is white space for the parser
        (b"*IDN?", [b"*IDN?"]),
        (b"A\nB\n", [b"A", b"B"]),
        (b"A\nB", [b"A", b"B"]),
        (b"\n\r\n  \n", []),
        (b"DATA x,#15a\nb;c\n", [b"DATA x,#15a\nb;c"]),
        (b"DATA x,#13a\nb", [b"DATA x,#13a\nb"]),
        (b"DATA x,#0a\nb;c\n", [b"DATA x,#0a\nb;c"]),
        (b"DATA x,#15abcd\n", [b"DATA x,#15abcd\n"]),  # the block is complete: its last byte is no terminator
        (b"DATA x,#19ab", [b"DATA x,#19ab"]),  # END completes even a block that is too short
        (b'TEXT "#15"\nB\n', [b'TEXT "#15"', b"B"]),
        (b"FREQ #HFF\nB\n", [b"FREQ #HFF", b"B"]),
    ],
)
def test_end_and_line_feed_end_messages(data: bytes, messages: list[bytes]) -> None:
    assert cut(data) == (messages, b"")


@pytest.mark.parametrize(
    ("data", "messages", "rest"),
    [
        (b"*ID", [], b"*ID"),
        (b"A\nB", [b"A"], b"B"),
        (b"DATA x,#15a\nb", [], b"DATA x,#15a\nb"),
        (b"DATA x,#15a\nb;c\nB\n", [b"DATA x,#15a\nb;c", b"B"], b""),
        (b"DATA x,#0ab\nB\n", [b"DATA x,#0ab", b"B"], b""),
    ],
)
def test_on_a_stream_only_line_feed_ends_messages(data: bytes, messages: list[bytes], rest: bytes) -> None:
    assert cut(data, stream=True) == (messages, rest)


def test_partial_writes_without_end_accumulate() -> None:
    buffer = bytearray(b"*ID")
    assert take_messages(buffer, end=False, stream=False, blocks=True) == []
    buffer += b"N?"
    assert take_messages(buffer, end=True, stream=False, blocks=True) == [b"*IDN?"]


@pytest.mark.parametrize(
    ("data", "end", "stream", "messages"),
    [
        (b"A\nB", True, False, (b"A", b"B")),
        (b"\n", True, False, ()),
        (b"A\nB\n", False, True, (b"A", b"B")),
        (b"A\nB", False, True, None),  # B may go on
        (b"DATA #15a\nb", False, True, None),
    ],
)
def test_data_are_whole_messages_when_nothing_stays_behind(
    data: bytes, end: bool, stream: bool, messages: tuple[bytes, ...] | None
) -> None:
    for _ in range(2):
        assert whole_messages(data, end, stream, True) == messages


def test_in_a_dialect_without_blocks_a_hash_is_an_ordinary_character() -> None:
    assert cut(b"print(#19)\nx\n", blocks=False) == ([b"print(#19)", b"x"], b"")


def test_a_large_block_may_arrive_in_any_pieces() -> None:
    payload = bytes(range(256)) * 40
    message = b"DATA x,#5%d" % len(payload) + payload
    buffer, found = bytearray(), []
    for start in range(0, len(message) + 1, 777):
        buffer += (message + b"\n")[start : start + 777]
        found += take_messages(buffer, end=False, stream=True, blocks=True)
    assert found == [message]


@pytest.mark.parametrize(
    ("data", "parts"),
    [
        (b"a;b;;c", [b"a", b"b", b"", b"c"]),
        (b"a 'x;y';b", [b"a 'x;y'", b"b"]),
        (b'a "x\';";b', [b'a "x\';"', b"b"]),
        (b"a (@1;2);b", [b"a (@1;2)", b"b"]),
        (b"a #14;;;;;b", [b"a #14;;;;", b"b"]),
        (b"a #0x;y", [b"a #0x;y"]),
        (b"a 'open;b", [b"a 'open;b"]),
        (b"a);b", [b"a)", b"b"]),
    ],
)
def test_separators_inside_quotes_lists_and_blocks_do_not_count(data: bytes, parts: list[bytes]) -> None:
    assert split_outside(data, b";") == parts
