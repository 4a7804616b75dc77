"""Where one program message ends: LF, END, and IEEE 488.2 blocks that may hold any byte (IEEE 488.2, 7.7.6)."""

import re
from functools import lru_cache

LF = 0x0A
REMEMBERED_LENGTH = 200
"""Messages up to this many bytes are remembered: programs repeat short ones, long ones carry data."""
_NOTABLE = re.compile(rb"[\n\"'#]")
_LINE_END = re.compile(rb"\n")


def block_end(data: bytes | bytearray, start: int) -> int | None:
    """Index just past the definite-length block `#<n><len>…` that starts at `start`; None where there is none.

    The index lies past the end of the data when the block has not arrived completely.
    """
    digit = data[start + 1 : start + 2]
    if not b"1" <= digit <= b"9":
        return None
    length = data[start + 2 : start + 2 + int(digit)]
    if len(length) < int(digit) or not length.isdigit():
        return None
    return start + 2 + len(length) + int(length)


def is_indefinite_block(data: bytes | bytearray, start: int) -> bool:
    """Whether an indefinite-length block `#0…`, which only END terminates, starts at `start`."""
    return data[start + 1 : start + 2] == b"0"


def take_messages(buffer: bytearray, *, end: bool, stream: bool, blocks: bool) -> list[bytes]:
    """Cut the complete program messages off the front of `buffer` and return them without their terminators.

    end: END came with the last byte. It completes a message, even inside a block that is too short.
    stream: a transport without END (socket, serial line); only LF outside a definite-length block ends a message there.
    blocks: whether `#` may start a block; False for dialects in which it is an ordinary character.
    """
    if _is_one_message(buffer, end=end and not stream, blocks=blocks):
        only = bytes(buffer.removesuffix(b"\n"))
        buffer.clear()
        return [only] if only.strip() else []
    messages: list[bytes] = []
    start = 0
    while (stop := _message_end(buffer, start, stream=stream, blocks=blocks)) is not None:
        messages.append(bytes(buffer[start:stop]))
        start = stop + 1
    if end and not stream:
        rest = bytes(buffer[start:])
        messages.append(rest.removesuffix(b"\n") if _ends_in_indefinite_block(rest) else rest)
        start = len(buffer)
    del buffer[:start]
    return [message for message in messages if message.strip()]


@lru_cache(maxsize=1024)
def whole_messages(data: bytes, end: bool, stream: bool, blocks: bool) -> tuple[bytes, ...] | None:
    """`take_messages` of data of which nothing stays behind, else None; data seen before cost one look-up."""
    buffer = bytearray(data)
    messages = take_messages(buffer, end=end, stream=stream, blocks=blocks)
    return None if buffer else tuple(messages)


def _is_one_message(buffer: bytearray, *, end: bool, blocks: bool) -> bool:
    """Whether the buffer holds one whole message that needs no scanner, as it does nearly always."""
    return (end or buffer[-1:] == b"\n") and buffer.find(b"\n", 0, -1) < 0 and not (blocks and b"#" in buffer)


def _message_end(buffer: bytearray, start: int, *, stream: bool, blocks: bool) -> int | None:
    """Index of the LF that ends the message starting at `start`; None while it has not come."""
    notable = _NOTABLE if blocks else _LINE_END
    position, quote = start, 0
    while (found := notable.search(buffer, position)) is not None:
        position = found.end()
        byte = buffer[found.start()]
        if byte == LF:
            return found.start()
        if byte != ord("#"):
            quote = 0 if byte == quote else (quote or byte)
        elif not quote:
            if not stream and is_indefinite_block(buffer, found.start()):
                return None
            stop = block_end(buffer, found.start())
            if stop is not None:
                if stop > len(buffer):
                    return None
                position = stop
    return None


def _ends_in_indefinite_block(message: bytes) -> bool:
    """Whether a LF at the end may be a terminator beside END, and not the last byte of a definite-length block."""
    position = quote = 0
    while (found := _NOTABLE.search(message, position)) is not None:
        position = found.end()
        byte = message[found.start()]
        if byte != ord("#"):
            quote = 0 if byte == quote else (quote or byte)
        elif not quote:
            if is_indefinite_block(message, found.start()):
                return True
            position = block_end(message, found.start()) or position
    return False


def split_outside(data: bytes, separator: bytes) -> list[bytes]:
    """Split at a one-byte separator that stands outside quotes, parentheses and blocks."""
    if not any(special in data for special in (b"#", b'"', b"'", b"(")):
        return data.split(separator)
    notable = re.compile(rb"[#\"'()" + re.escape(separator) + rb"]")
    parts: list[bytes] = []
    start = position = depth = quote = 0
    while (found := notable.search(data, position)) is not None:
        position = found.end()
        byte = found.group()
        if quote:
            quote = 0 if byte[0] == quote else quote
        elif byte in b"\"'":
            quote = byte[0]
        elif byte == b"#":
            if is_indefinite_block(data, found.start()):
                break
            position = block_end(data, found.start()) or position
        elif byte in b"()":
            depth = max(0, depth + (1 if byte == b"(" else -1))
        elif depth == 0:
            parts.append(data[start : found.start()])
            start = position
    parts.append(data[start:])
    return parts
